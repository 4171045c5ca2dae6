import type { HttpData } from '../../model/measured.ts';
import type { Heard, Measured } from './measured.ts';
import { handshakesAgain, isBad, isTlsWell, type Talks } from './talk.ts';

/** How one of several equal questions was answered. */
export interface AnswerAgain {
  /** Null where no status came. */
  status: number | null;
  /** An error of the server, or its end of the connection or silence in the place of an answer. */
  failed: boolean;
}

/** A page is let go unanswered where it was waited for so long, and so many times longer than another one took. */
export const HANGS_MS = 1500;
export const HANGS_TIMES = 20;

const failed = ({ status, ended }: HttpData): boolean =>
  status === null ? ended === 'closed' || ended === 'reset' : status >= 500;

/** How the same question asked again was answered; one that did not get that far, or was let go too soon, tells nothing. */
export function pagesAgain({ exchange }: Talks, here: Measured): AnswerAgain[] {
  if (exchange === null) return [];
  const samples = [...here.http, ...here.tls].filter(
    ({ input, outcome }) => input.role === 'sample' && outcome !== 'cancelled',
  );
  const answers = [exchange, ...samples.flatMap(({ data }) => data.http ?? [])];
  const usualMs = Math.min(...answers.flatMap(({ firstByteMs }) => firstByteMs ?? []));
  return samples.flatMap((one): AnswerAgain[] => {
    const { http } = one.data;
    if (http === null) return [];
    const isSilent = http.status === null && http.ended === 'stalled';
    if (isSilent && waitedMs(one) < Math.max(HANGS_MS, HANGS_TIMES * usualMs)) return [];
    return [{ status: http.status, failed: isSilent || failed(http) }];
  });
}

const waitedMs = ({ durationMs, input }: Heard<'http'> | Heard<'tls'>): number =>
  durationMs - (input.startMs ?? 0);

/** The first answer, beside those of the same question again. */
export const firstAnswer = ({ exchange }: Talks): AnswerAgain | null =>
  exchange === null ? null : { status: exchange.status, failed: failed(exchange) };

/** Whether the same question is answered well at one time and not at another; null where it was asked once. */
export function wavers(talks: Talks, here: Measured): boolean | null {
  const first = firstAnswer(talks);
  const again = pagesAgain(talks, here);
  if (first === null || again.length === 0) return null;
  return new Set([first, ...again].map((one) => one.failed)).size > 1;
}

/** How often another certificate was shown that is bad, of so many handshakes more; null where there were none. */
export function certificatesAgain({ tls }: Talks, here: Measured): { asked: number; bad: number } | null {
  const again = handshakesAgain(here);
  if (tls === null || tls.data.tls.ended !== null || again.length === 0) return null;
  return { asked: again.length, bad: isTlsWell(tls.data.tls) ? again.filter(isBad).length : 0 };
}
