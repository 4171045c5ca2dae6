import { randomBytes } from 'node:crypto';
import { addressesOf } from '../../judge/readings/addresses.ts';
import type { Evidence } from '../../model/evidence.ts';
import type { Observation } from '../../model/probes.ts';
import { isFromHere, type View } from '../../model/views.ts';
import { viewsOf } from '../here-view.ts';
import { isUsageError } from '../usage-error.ts';
import type { Errand, HowToLook, Look, Sighted } from './source.ts';
import { sourcesOf } from './sources.ts';

/** More would be many connections to one service. */
const MOST_ADDRESSES = 4;
/** More than any look is. */
const MOST_OBSERVATIONS = 60;

/**
 * Every source looks, side by side; what they bring is added with views of their own, in the order in which they were
 * named. One that fails is listed with its reason. Evidence that was looked at from elsewhere before stays as it is.
 */
export async function lookFromElsewhere(
  evidence: Evidence,
  from: readonly string[],
  how: HowToLook & { tell(by: string, isOver: boolean): void },
): Promise<Evidence> {
  const sources = sourcesOf(from);
  if (isUsageError(sources) || evidence.views?.some(({ kind }) => kind === 'vantage')) return evidence;
  const errand = errandOf(evidence);
  const looks = await Promise.all(
    sources.map(async (source) => {
      how.tell(source.by, false);
      const found = await source.look(errand, how).catch(
        // Our own fault, and no reason to lose what this client saw.
        (error: unknown): Look[] => [{ ok: false, reason: `it failed here (${messageOf(error)})` }],
      );
      how.tell(source.by, true);
      return found.map((look) => ({ look, by: look.by ?? source.by }));
    }),
  );
  const views = viewsOf(evidence);
  const observations = [...evidence.observations];
  looks.flat().forEach(({ look, by }, i) => {
    const name = `from-${i + 1}`;
    views.push(viewOf(look, name, by));
    if (look.ok)
      observations.push(...look.observations.slice(0, MOST_OBSERVATIONS).map((o, n) => named(o, name, n)));
  });
  return { ...evidence, observations, views };
}

/** What this client looked at, as far as others can look at it, too. */
export function errandOf(evidence: Evidence): Errand {
  const { target, controlHost, family, ttlProbe } = evidence.request;
  const ours = evidence.observations.filter(isFromHere);
  const addresses = addressesOf({ request: evidence.request, observations: ours })
    .map(({ address }) => address)
    // A zone (fe80::1%eth0) means something on this machine alone.
    .filter((address) => !address.includes('%'))
    .slice(0, MOST_ADDRESSES);
  const control = ours.find((o) => o.probe === 'tcp-connect' && o.input.role === 'reference-host');
  return {
    caseId: randomBytes(16).toString('hex'),
    host: addresses.includes(target.host) || target.host.includes('%') ? null : target.host,
    addresses,
    port: target.port,
    reference: evidence.case?.reference?.port ?? null,
    control:
      controlHost === null || control?.probe !== 'tcp-connect'
        ? null
        : { host: controlHost, address: control.input.address },
    family,
    ttlProbe,
  };
}

function viewOf(look: Look, name: string, by: string): View {
  const common = { name, kind: 'vantage', by } as const;
  if (!look.ok)
    return {
      ...common,
      ok: false,
      reason: look.reason,
      clockOffsetMs: null,
      privileges: null,
      ...(look.given === undefined ? {} : { given: look.given }),
    };
  const { observations, ok, by: _, ...view } = look;
  return { ...common, ok, reason: null, ...view };
}

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

const named = (sighted: Sighted, view: string, n: number): Observation =>
  ({
    reason: null,
    command: null,
    raw: null,
    enable: null,
    final: true,
    ...sighted,
    id: `${view}-${sighted.probe}-${n + 1}`,
    view,
  }) as Observation;
