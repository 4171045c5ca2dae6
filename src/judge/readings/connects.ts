import type { ConnectAttempt, ConnectOutcome } from '../../model/measured.ts';
import type { ObservationOf } from '../../model/probes.ts';
import type { TargetAddress } from './addresses.ts';
import { type Heard, type Measured, type Place, targetConnect } from './measured.ts';

/** An attempt that waited this long without an answer counts as silent, whatever ended the wait, */
export const SILENT_AFTER_MS = 1000;
/** and on a long path this much longer than its round trip: a lost SYN is sent again after 1 s. */
export const RESENT_AFTER_MS = 800;
/** A path is taken to be at least this long, so that a busy machine is not taken for loss. */
export const LEAST_ROUND_TRIP_MS = 100;
/** Attempts start so far apart: one that is silent so much longer than a round trip stands beside one that was answered. */
export const BESIDE_MS = 200;

/** What connecting to one address came to. */
export interface AddressOutcome {
  address: string;
  outcome: ConnectOutcome | 'not-tried';
  /** This machine has no route for that family: says nothing about the target. */
  noRoute: boolean;
}

/** Connections to the port, at one address. */
export interface Connects {
  target: Heard<'tcp-connect'> | null;
  /** What connecting came to, `open` where nothing but a later sample was accepted; null where no attempt was made. */
  outcome: ConnectOutcome | null;
  /** The attempts of `target`, and the first of them that an answer ended in failure. */
  attempts: readonly ConnectAttempt[];
  failed: ConnectAttempt | null;
  /** The shortest time in which anything at the address answered. Null where nothing did. */
  roundTripMs: number | null;
  /** An attempt that came late, or stayed silent beside one that was accepted. */
  losesPackets: boolean;
  /** Source ports of finished samples: those that were accepted at once, and those that nothing answered. */
  flows: { opened: number[]; silent: number[] };
}

export function connectsOf(place: Place): Connects {
  const target = targetConnect(place) ?? null;
  const attempts = target?.data.attempts ?? [];
  const rttMs = roundTripOf(place);
  return {
    target,
    outcome: withSamples(connectOutcome(target), place.here, place.address),
    attempts,
    failed: attempts.find(({ outcome }) => outcome === 'unreachable' || outcome === 'refused') ?? null,
    roundTripMs: rttMs,
    losesPackets: place.here['tcp-connect']
      .filter(isOfPort)
      .some(({ data }) => hasLoss(data.attempts, rttMs)),
    flows: flowsOf(place, rttMs),
  };
}

function flowsOf({ here }: Place, rttMs: number | null): Connects['flows'] {
  const attempts = here['tcp-connect']
    .filter((o) => o.final && o.input.role === 'sample')
    .flatMap(({ data }) => data.attempts);
  const portsOf = (some: readonly ConnectAttempt[]): number[] => [
    ...new Set(some.flatMap(({ sourcePort }) => sourcePort ?? [])),
  ];
  return {
    opened: portsOf(attempts.filter((a) => a.outcome === 'open' && !isLateAnswer(a, rttMs))),
    silent: portsOf(attempts.filter((a) => isSilent(a, rttMs))),
  };
}

/** What connecting came to; `pending` where it was stopped before an answer, null where no attempt was made. */
export function connectOutcome(o: ObservationOf<'tcp-connect'> | null | undefined): ConnectOutcome | null {
  if (o == null || o.data === null || o.data.attempts.length === 0) return null;
  return o.outcome === 'cancelled' || o.outcome === 'failed' || o.outcome === 'not-available'
    ? 'pending'
    : o.outcome;
}

/** Silence at first, and a sample that was accepted afterwards: the port can be reached, at times. */
function withSamples(
  outcome: ConnectOutcome | null,
  { 'tcp-connect': connects }: Pick<Measured, 'tcp-connect'>,
  address: string | null,
): ConnectOutcome | null {
  if (outcome !== 'timeout' && outcome !== 'pending') return outcome;
  const isAccepted = connects.some(
    ({ input, data }) =>
      input.role === 'sample' &&
      input.address === address &&
      data.attempts.some((attempt) => attempt.outcome === 'open'),
  );
  return isAccepted ? 'open' : outcome;
}

export function addressOutcomes(addresses: readonly TargetAddress[], all: Measured): AddressOutcome[] {
  return addresses.map(({ address }) => {
    const o = all['tcp-connect'].find(({ input }) => input.role === 'target' && input.address === address);
    const attempts = o?.data.attempts ?? [];
    return {
      address,
      outcome: withSamples(connectOutcome(o), all, address) ?? 'not-tried',
      noRoute: attempts.length > 0 && attempts.every(({ local, code }) => local && NO_ROUTE.has(code ?? '')),
    };
  });
}

const NO_ROUTE = new Set(['ENETUNREACH', 'EADDRNOTAVAIL', 'EAFNOSUPPORT']);

/** Attempts whose results count for the port. */
export const isOfPort = ({ input }: ObservationOf<'tcp-connect'>): boolean =>
  input.role === 'target' || input.role === 'sample';

function roundTripOf({ here, address }: Place): number | null {
  const times = [
    ...here['tcp-connect']
      .flatMap((o) => o.data.attempts)
      .filter(
        ({ outcome, local, timed }) =>
          timed !== false && !local && (outcome === 'open' || outcome === 'refused'),
      )
      .map(({ elapsedMs }) => elapsedMs),
    ...here['alternate-ports']
      .flatMap((o) => o.data.ports)
      .filter(({ outcome, timed }) => timed !== false && (outcome === 'open' || outcome === 'refused'))
      .map(({ elapsedMs }) => elapsedMs),
    ...here.ping.flatMap((o) => o.data.minMs ?? o.data.avgMs ?? []),
    ...here['trace-syn']
      .flatMap((o) => o.data.replies)
      .filter(({ answer, from }) =>
        answer !== 'unreachable' && answer !== 'time-exceeded' ? true : from === address,
      )
      .flatMap(({ rttMs }) => rttMs ?? []),
  ];
  return times.length > 0 ? Math.min(...times) : null;
}

/** How long an attempt took; null where nobody measured it. */
export const timeOf = ({ elapsedMs, timed }: Pick<ConnectAttempt, 'elapsedMs' | 'timed'>): number | null =>
  timed === false ? null : elapsedMs;

/** Answered so late that the first SYN, or its answer, was lost. */
export const isLateAnswer = (
  { elapsedMs, timed, resent }: Pick<ConnectAttempt, 'elapsedMs' | 'timed' | 'resent'>,
  rttMs: number | null,
): boolean =>
  timed !== false &&
  resent !== false &&
  elapsedMs >= RESENT_AFTER_MS + Math.max(rttMs ?? 0, LEAST_ROUND_TRIP_MS);

/** Unanswered for so long that the SYN, or its answer, was lost. */
export const isSilent = (
  { outcome, elapsedMs, timed }: Pick<ConnectAttempt, 'outcome' | 'elapsedMs' | 'timed'>,
  rttMs: number | null,
): boolean =>
  (outcome === 'timeout' || outcome === 'pending') &&
  // A program that gave up had waited longer than a packet takes.
  (timed === false ||
    elapsedMs >=
      (rttMs === null && outcome === 'timeout'
        ? 0
        : Math.max(SILENT_AFTER_MS, RESENT_AFTER_MS + (rttMs ?? 0))));

/** Sockets that waited beside one that was accepted, and were closed for that: their silence is our own doing. */
export const isGivenUp = (
  { outcome }: Pick<ConnectAttempt, 'outcome'>,
  { input, data }: Heard<'tcp-connect'>,
): boolean =>
  outcome === 'pending' && input.stopAtFirstAnswer && data.attempts.some((one) => one.outcome === 'open');

function hasLoss(attempts: readonly ConnectAttempt[], rttMs: number | null): boolean {
  const isOpen = attempts.some(({ outcome }) => outcome === 'open');
  return attempts.some((one) =>
    one.outcome === 'open'
      ? isLateAnswer(one, rttMs)
      : isOpen && one.outcome === 'pending' && one.elapsedMs >= BESIDE_MS + (rttMs ?? 0),
  );
}
