import { GLOBALPING_HOST } from '../../model/views.ts';
import { shown, type UsageError, usageError as usage } from '../usage-error.ts';
import type { GlobalpingService, SourceKind } from './source.ts';

const GLOBALPING_URL = `https://${GLOBALPING_HOST}`;
/** Places of one --from at most: each measurement is so many tests of the hourly quota. */
export const MOST_PROBES = 10;

const EXAMPLE = 'globalping:DE,2';
/** Country, city, network, AS number, cloud region, several joined by +: what the service calls `magic`. */
const LOCATION = /^[\p{L}\p{N}][\p{L}\p{M}\p{N} .+&'()_-]{0,99}$/u;

/** The public network of probes, in places that its users offer. */
export const GLOBALPING: SourceKind = {
  forms: [EXAMPLE],
  parse(text) {
    const [, location, count] = /^globalping:(.*?)(?:,(\d{1,9}))?$/is.exec(text) ?? [];
    if (location === undefined) return null;
    if (!LOCATION.test(location))
      return usage(
        `--from ${shown(text)} names no place: write a country, a city or a network and how many probes, as in --from ${EXAMPLE}.`,
      );
    const probes = count === undefined ? 1 : Number(count);
    if (probes < 1 || probes > MOST_PROBES)
      return usage(
        `--from ${shown(text)} wants ${probes} probes: give 1 to ${MOST_PROBES}, as in --from ${EXAMPLE}.`,
      );
    return {
      by: text,
      look: async (errand, how) =>
        (await import('./globalping/look.ts')).lookFromProbes({ by: text, location, probes }, errand, how),
    };
  },
};

/** --globalping-url: where a service speaks the same API. Plain HTTP stays on this machine. */
export function globalpingUrlOf(given: string): string | UsageError {
  const example = 'write it as in --globalping-url https://globalping.example.com';
  const url = URL.canParse(given) ? new URL(given) : null;
  if (url === null || !/^https?:$/.test(url.protocol))
    return usage(`--globalping-url ${shown(given)} is no https URL: ${example}.`);
  if (url.username !== '' || url.password !== '' || url.search !== '' || url.hash !== '')
    return usage(`--globalping-url takes no password and nothing after the path: ${example}.`);
  const isHere = /^(localhost|127(\.\d{1,3}){3}|\[::1\])$/.test(url.hostname);
  if (url.protocol === 'http:' && !isHere)
    return usage(
      `--globalping-url ${shown(given)} would send the target in the clear: ${example}, or http only to this machine.`,
    );
  return url.href.replace(/\/+$/, '');
}

/** The token is the public service's: no other gets it. */
export function globalpingServiceOf(
  url: string | null,
  env: Record<string, string | undefined>,
): GlobalpingService {
  const token = /^[\x21-\x7e]{1,1024}$/.exec((env.GLOBALPING_TOKEN ?? '').trim())?.[0] ?? null;
  return { url: url ?? GLOBALPING_URL, token: url === null || url === GLOBALPING_URL ? token : null };
}
