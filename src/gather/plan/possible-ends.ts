import type { Readings, RunReadings } from '../../judge/readings/index.ts';
import type { Evidence } from '../../model/evidence.ts';
import type { ConnectAttempt, PortResult, Trace, TtlReply } from '../../model/measured.ts';
import type { Observation, ObservationOf, Step, StepOf } from '../../model/probes.ts';
import { SEARCH_MS, searchesOverMs, seekersOf } from './seekers.ts';
import { ofStep } from './steps.ts';

/** The kernel sends a SYN again after 1 s; its answer takes a while. */
const ASKED_AGAIN_MS = 1100;
/** A router that was asked again before it answered: as long as the first asking was waited for. */
const AMBIGUOUS_MS = 1000;

/** A run at one moment. */
export interface Moment {
  seen: RunReadings;
  evidence: Evidence;
  /** By the clock of `startedAt`. */
  nowMs: number;
}

type Port = StepOf<'tcp-connect'>;
export const isOfPort = (step: Step): step is Port =>
  step.probe === 'tcp-connect' && step.input.role === 'target';

/** What a step that is at work may still bring, the likeliest first; null = anything. */
export function possibleEnds(step: Step, moment: Moment): Observation[] | null {
  const { seen, evidence } = moment;
  const soFar = ofStep(seen, step.id);
  switch (step.probe) {
    case 'tcp-connect':
      return isOfPort(step) ? endsOfSilence(step, moment) : null;
    case 'trace-syn':
      return soFar?.probe === 'trace-syn' && soFar.data !== null
        ? endsOfHalf(soFar, soFar.data)
        : endsOfTrace(step, moment);
    case 'alternate-ports':
      return soFar?.probe === 'alternate-ports' ? endsOfPorts(soFar) : null;
    case 'ping':
      return [0, step.input.count].map((received) =>
        ended(step, evidence, {
          outcome: received > 0 ? 'replies' : 'no-reply',
          data: { ...NO_REPLY, sent: step.input.count, received },
        }),
      );
    case 'local-network':
      return endsOfLookup(step, moment);
    case 'reverse-names':
      return [ended(step, evidence, { outcome: 'unnamed', data: { names: {} } })];
    default:
      return null;
  }
}

/** What a step leaves behind when the run ends now; null = nothing. */
export function nowOf(step: Step, moment: Moment): Observation | null {
  if (isOfPort(step)) return silentPort(step, moment)?.silent ?? null;
  const soFar = ofStep(moment.seen, step.id);
  return soFar === undefined ? null : { ...soFar, final: true };
}

/** When to look again although nothing has arrived: as soon as a port has been silent for long enough to exclude more. */
export function nextLookMs(step: Step, moment: Moment): number | null {
  const port = isOfPort(step) ? silentPort(step, moment) : null;
  if (port === null) return null;
  const later = [port.askedAgainMs, port.searchesOverMs].filter((at) => at > port.waitedMs);
  return later.length === 0 ? null : Math.min(...later) - port.waitedMs;
}

interface SilentPort {
  readings: Readings;
  soFar: ObservationOf<'tcp-connect'>;
  attempts: readonly ConnectAttempt[];
  waitedMs: number;
  /** From then on every SYN, and the one that is sent in its place, has had time to be answered. */
  askedAgainMs: number;
  searchesOverMs: number;
  silent: Observation;
}

function silentPort(step: Port, { seen, nowMs }: Moment): SilentPort | null {
  const readings = seen.perAddress.find(({ address }) => address === step.input.address);
  const soFar = ofStep(seen, step.id) as ObservationOf<'tcp-connect'> | undefined;
  if (readings === undefined || soFar?.data == null || soFar.outcome !== 'pending') return null;
  const { attempts } = soFar.data;
  const waitedMs = nowMs - Date.parse(soFar.startedAt);
  const roundTripMs = longestRoundTrip(readings);
  // Those that had not begun when it told of itself keep their distance from the first.
  const lastStartMs = (attempts[0]?.startMs ?? 0) + Math.max(...step.input.startsMs);
  return {
    readings,
    soFar,
    attempts,
    waitedMs,
    askedAgainMs: lastStartMs + ASKED_AGAIN_MS + roundTripMs,
    searchesOverMs: searchesOverMs(lastStartMs, roundTripMs),
    silent: {
      ...soFar,
      final: true,
      outcome: 'timeout',
      data: {
        attempts: attempts.map((a) => ({ ...a, outcome: 'timeout', elapsedMs: waitedMs - a.startMs })),
      },
    },
  };
}

/** To the host, or to the router on the way that takes longest to tell. */
function longestRoundTrip({ connects, traces }: Readings): number {
  const told = traces.every.flatMap(({ trace }) =>
    trace.replies.filter(({ answer }) => answer === 'time-exceeded'),
  );
  const known = [connects.roundTripMs, ...told.map(({ rttMs }) => rttMs)].filter((ms) => ms !== null);
  return known.length > 0 ? Math.max(...known) : told.length > 0 ? AMBIGUOUS_MS : 0;
}

/**
 * A port that is silent although it was asked again: nothing, or the late word of somebody who looks for the next on the
 * way. What answers at once - SYN-ACK, reset, a filter's rejection, a missing route - would have answered one of six SYNs.
 */
function endsOfSilence(step: Port, moment: Moment): Observation[] | null {
  const port = silentPort(step, moment);
  if (port === null || port.waitedMs < port.askedAgainMs) return null;
  const { soFar, attempts, silent } = port;
  const seekers = seekersOf(port.readings, port.waitedMs >= port.searchesOverMs);
  if (seekers === null) return null;
  const isV6 = step.input.address.includes(':');
  const late = (from: string): Observation => ({
    ...soFar,
    final: true,
    outcome: 'unreachable',
    data: {
      attempts: attempts.map((a, i) =>
        i > 0
          ? a
          : {
              ...a,
              outcome: 'unreachable',
              code: 'EHOSTUNREACH',
              elapsedMs: SEARCH_MS,
              told: { from, icmpType: isV6 ? 1 : 3, icmpCode: isV6 ? 3 : 1 },
            },
      ),
    },
  });
  return [silent, ...seekers.map(late)];
}

/** Where other ports have answered, the rest of them: silent as before, or all refused. */
function endsOfPorts(soFar: ObservationOf<'alternate-ports'>): Observation[] | null {
  if (soFar.data === null || soFar.outcome !== 'some-answered') return null;
  const { ports } = soFar.data;
  return (['timeout', 'refused', 'open'] as const).map((outcome) => ({
    ...soFar,
    final: true,
    data: {
      ports: ports.map(
        (one): PortResult => (one.outcome === 'pending' ? { ...one, outcome, elapsedMs: AMBIGUOUS_MS } : one),
      ),
    },
  }));
}

/**
 * Every TTL was asked twice when a sweep told what it has. Packets that arrived until then and were delivered to nobody may
 * turn out to be its answers, which this machine drops.
 */
function endsOfHalf(soFar: ObservationOf<'trace-syn'>, trace: Trace): Observation[] {
  const half: Observation = { ...soFar, final: true };
  const { counters, replies } = trace;
  if (counters === null || (counters.undelivered ?? 0) === 0) return [half];
  const undeliveredInStep = replies.filter(({ answer }) => answer === 'silence').length;
  return [half, { ...half, data: { ...trace, counters: { ...counters, undeliveredInStep } } }];
}

/** Of what is asked beside the port: nothing, or what tells the most of the other end. */
function endsOfTrace(step: StepOf<'trace-syn'>, { seen, evidence }: Moment): Observation[] | null {
  const { role, protocol, port, address } = step.input;
  if (role === 'target' || role === 'reference' || role === 'reference-host') return null;
  const readings = seen.perAddress.find((one) => one.address === address) ?? seen.perAddress[0];
  if (readings === undefined) return null;
  const trace = (replies: TtlReply[]): Trace => ({
    method: protocol === 'tcp' ? 'tcp-syn' : protocol,
    protocol,
    port: protocol === 'icmp' ? null : port,
    address,
    replies,
    counters: null,
  });
  const end = (outcome: string, replies: TtlReply[]): Observation =>
    ended(step, evidence, { outcome, data: trace(replies) });
  if (role === 'gateway') {
    const router = readings.local.gateway;
    const silent = [1, 2].slice(0, step.input.maxTtl).map((ttl) => replyAt(ttl, 'silence', null));
    const first = replyAt(1, 'time-exceeded', router);
    return protocol === 'tcp'
      ? [end('stopped', silent), end('reached', [replyAt(1, 'syn-ack', null)])]
      : [
          end('stopped', silent),
          end('stopped', [first, replyAt(2, 'silence', null)]),
          end('stopped', [first, replyAt(2, 'time-exceeded', ELSEWHERE)]),
        ];
  }
  const farthest = readings.traces.companions.find(({ summary }) => summary.reached)?.trace;
  if (farthest === undefined) return null;
  const reached = farthest.replies.map((one) =>
    one.answer === 'time-exceeded' || one.answer === 'silence' ? one : replyAt(one.ttl, 'reply', address),
  );
  return [
    end('reached', reached),
    end(
      'stopped',
      reached.map(({ ttl }) => replyAt(ttl, 'silence', null)),
    ),
  ];
}

/** A router that is not the first. */
const ELSEWHERE = '192.0.2.254';

const replyAt = (ttl: number, answer: TtlReply['answer'], from: string | null): TtlReply => ({
  ttl,
  answer,
  from,
  icmpType: null,
  icmpCode: null,
  errno: null,
  rttMs: null,
  sent: 2,
});

const NO_REPLY = { minMs: null, avgMs: null, maxMs: null, replyTtl: null, errors: [], sendRefused: false };

/** The next hop is found again, or it is not. */
function endsOfLookup(step: StepOf<'local-network'>, { seen, evidence }: Moment): Observation[] | null {
  const before = seen.all['local-network'].find(({ input }) => input.address === step.input.address);
  if (before === undefined) return null;
  return ['REACHABLE', 'FAILED'].map((state) =>
    ended(step, evidence, {
      outcome: before.outcome,
      data: { ...before.data, neighbour: before.data.neighbour && { ...before.data.neighbour, state } },
    }),
  );
}

function ended<P extends Step>(
  step: P,
  { startedAt }: Evidence,
  found: { outcome: string; data: unknown },
): Observation {
  return {
    id: step.id,
    probe: step.probe,
    input: step.input,
    reason: null,
    startedAt,
    durationMs: 0,
    command: null,
    raw: null,
    enable: null,
    final: true,
    ...found,
  } as Observation;
}
