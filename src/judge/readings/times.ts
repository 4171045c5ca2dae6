import type { Connects } from './connects.ts';
import type { Measured } from './measured.ts';
import type { Talks } from './talk.ts';

export const PHASES = ['name', 'connection', 'tls', 'answer'] as const;
export type PhaseName = (typeof PHASES)[number];

/** A part of getting an answer, and what it would take where nothing is slow. Milliseconds. */
export interface Phase {
  phase: PhaseName;
  ms: number;
  /** Null where nothing was measured to compare it with. */
  referenceMs: number | null;
}

/** So much longer than its reference is slow: people notice a quarter of a second, and a busy machine makes less. */
export const SLOW_BY_MS = 250;
/** Round trips of a TLS handshake of version 1.2; 1.3 needs one. */
const TLS_ROUND_TRIPS = 2;

interface Seen {
  host: string;
  here: Measured;
  all: Measured;
  connects: Connects;
  talks: Talks;
}

/** Every phase that was measured, in the order in which they happen; empty where the port was not accepted. */
export function phasesOf({ host, here, all, connects, talks }: Seen): Phase[] {
  const opened = connects.attempts.filter(({ outcome, timed }) => outcome === 'open' && timed !== false);
  if (opened.length === 0) return [];
  const lookup = all['system-resolve'].find((o) => o.input.host === host && o.outcome === 'resolved');
  const otherLookup = all['system-resolve'].find((o) => o.input.host !== host && o.outcome === 'resolved');
  const rtt = connects.roundTripMs ?? 0;
  const tlsMs = talks.handshake?.data.handshakeMs ?? null;
  const answerMs = talks.first?.firstByteMs ?? null;
  const phases: (Phase | null)[] = [
    lookup === undefined
      ? null
      : { phase: 'name', ms: lookup.durationMs, referenceMs: otherLookup?.durationMs ?? null },
    {
      phase: 'connection',
      ms: Math.min(...opened.map(({ elapsedMs }) => elapsedMs)),
      referenceMs: connectionReference({ here, all }),
    },
    tlsMs === null ? null : { phase: 'tls', ms: tlsMs, referenceMs: TLS_ROUND_TRIPS * rtt },
    answerMs === null ? null : { phase: 'answer', ms: answerMs, referenceMs: rtt },
  ];
  return phases.filter((phase) => phase !== null);
}

/** The reference host's port where one was asked; else the quickest answer of anything else at the address. */
function connectionReference({ here, all }: Pick<Seen, 'here' | 'all'>): number | null {
  const elsewhere = all['tcp-connect']
    .filter(({ input }) => input.role === 'reference-host')
    .flatMap(({ data }) => data.attempts.filter(({ outcome }) => outcome === 'open'));
  if (elsewhere.length > 0) return Math.min(...elsewhere.map(({ elapsedMs }) => elapsedMs));
  const times = [
    ...here['alternate-ports']
      .flatMap(({ data }) => data.ports)
      .filter(({ outcome, timed }) => timed !== false && (outcome === 'open' || outcome === 'refused'))
      .map(({ elapsedMs }) => elapsedMs),
    ...here.ping.flatMap(({ data }) => data.minMs ?? []),
  ];
  return times.length === 0 ? null : Math.min(...times);
}

/** The phase that takes the longest beyond its reference; null where none takes so much longer that anybody minds. */
export function slowestOf(phases: readonly Phase[]): Phase | null {
  const excess = ({ phase, ms, referenceMs }: Phase): number =>
    // A connection that takes long and has nothing to be compared with may have a long way.
    phase === 'connection' && referenceMs === null ? 0 : ms - (referenceMs ?? 0);
  const slow = phases.filter((phase) => excess(phase) >= SLOW_BY_MS);
  return slow.reduce<Phase | null>(
    (worst, one) => (worst === null || excess(one) > excess(worst) ? one : worst),
    null,
  );
}
