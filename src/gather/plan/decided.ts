import { factsOf } from '../../judge/facts/index.ts';
import type { RunReadings } from '../../judge/readings/index.ts';
import type { Evidence } from '../../model/evidence.ts';
import type { Facts } from '../../model/facts.ts';
import type { Trace, TtlReply } from '../../model/measured.ts';
import type { Observation, ObservationOf, Step, StepOf } from '../../model/probes.ts';
import type { Report } from '../../model/report.ts';
import { ofStep } from './steps.ts';

/** The kernel sends the SYN again after 1 s (and after 0.25 s more for each further attempt); its answer takes a while. */
const ASKED_AGAIN_MS = 1600;
/** A lead that moves by less than this has not changed. */
const SAME_CONFIDENCE = 0.05;
const LATE_MS = 3060;

/**
 * No outcome that is still possible of what is at work would change lead, place or confidence: every one of them is put
 * into the evidence and judged by the rules. Where it is not known what a step may still bring, there is no telling.
 */
export function isDecided(
  wanted: readonly Step[],
  seen: RunReadings,
  evidence: Evidence,
  judge: (evidence: Evidence) => Pick<Report, 'causes' | 'outcome'>,
): boolean {
  // Who says that it comes and goes wants it watched for as long as the time allows.
  if (seen.request.answers.symptom === 'intermittent') return false;
  if (!wanted.some(({ probe }) => probe === 'tcp-connect')) return false;
  const ends = wanted.map((step) => possibleEnds(step, seen, evidence));
  if (!ends.every((one): one is [Observation, ...Observation[]] => one !== null && one.length > 0))
    return false;
  const base = ends.map(([first]) => first);
  const verdict = verdictOf(judge(withThese(evidence, base)));
  if (verdict === null) return false;
  return ends.every((possible, i) =>
    possible.slice(1).every((other) => {
      const otherwise = verdictOf(judge(withThese(evidence, base.with(i, other))));
      return otherwise !== null && isSame(verdict, otherwise);
    }),
  );
}

interface Verdict {
  outcome: string;
  lead: string;
  where: string;
  confidence: number;
}

function verdictOf({ causes, outcome }: Pick<Report, 'causes' | 'outcome'>): Verdict | null {
  const [lead] = causes;
  if (lead === undefined) return null;
  return { outcome, lead: lead.id, where: JSON.stringify(lead.where), confidence: lead.confidence };
}

const isSame = (a: Verdict, b: Verdict): boolean =>
  a.outcome === b.outcome &&
  a.lead === b.lead &&
  a.where === b.where &&
  Math.abs(a.confidence - b.confidence) <= SAME_CONFIDENCE;

function withThese(evidence: Evidence, ends: readonly Observation[]): Evidence {
  const byId = new Map(ends.map((one) => [one.id, one]));
  const known = evidence.observations.map((o) => byId.get(o.id) ?? o);
  const fresh = ends.filter(({ id }) => !evidence.observations.some((o) => o.id === id));
  return { ...evidence, observations: [...known, ...fresh] };
}

/** What a step that is at work may still bring, the likeliest first; null = anything. */
function possibleEnds(step: Step, seen: RunReadings, evidence: Evidence): Observation[] | null {
  const soFar = ofStep(seen, step.id);
  switch (step.probe) {
    case 'tcp-connect':
      return step.input.role === 'target' ? endsOfSilence(step, seen, evidence) : null;
    // Every TTL was asked twice when it told what it has.
    case 'trace-syn':
      if (soFar?.data != null) return [{ ...soFar, final: true } as Observation];
      return endsOfTrace(step, seen, evidence);
    case 'ping':
      return [0, step.input.count].map((received) =>
        ended(step, evidence, {
          outcome: received > 0 ? 'replies' : 'no-reply',
          data: { ...NO_REPLY, sent: step.input.count, received },
        }),
      );
    case 'local-network':
      return endsOfLookup(step, seen, evidence);
    case 'reverse-names':
      return [ended(step, evidence, { outcome: 'unnamed', data: { names: {} } })];
    default:
      return null;
  }
}

/** Time since the start of an observation, by the latest that was heard of anything. */
const waitedMs = ({ startedAt }: Observation, { observations }: Evidence): number =>
  Math.max(...observations.map((o) => Date.parse(o.startedAt) + o.durationMs)) - Date.parse(startedAt);

/**
 * A port that is silent although it was asked again: nothing, or the late word of a router that looked for the next on the
 * way. A router beyond the stop that answered other traffic has shown that the next on the way is there.
 */
function endsOfSilence(
  step: StepOf<'tcp-connect'>,
  seen: RunReadings,
  evidence: Evidence,
): Observation[] | null {
  const readings = seen.perAddress.find(({ address }) => address === step.input.address);
  const soFar = ofStep(seen, step.id) as ObservationOf<'tcp-connect'> | undefined;
  if (readings === undefined || soFar?.data == null || soFar.outcome !== 'pending') return null;
  const waited = waitedMs(soFar, evidence);
  if (waited < ASKED_AGAIN_MS + (readings.connects.roundTripMs ?? 0)) return null;
  const facts = factsOf(readings);
  const attempts = soFar.data.attempts;
  const silent: Observation = {
    ...soFar,
    final: true,
    outcome: 'timeout',
    data: { attempts: attempts.map((a) => ({ ...a, outcome: 'timeout', elapsedMs: waited - a.startMs })) },
  };
  // Packets that never left, answers that are dropped here, and a host that is there: nobody looks for the next hop.
  if (
    facts['path.routerBeyondStop'] === true ||
    facts['local.dropsOutgoing'] === true ||
    facts['local.dropsIncoming'] === true ||
    (isThere(facts) && facts['local.dropsIncoming'] === false)
  )
    return [silent];
  const lastRouter = facts['path.target.lastAddress'];
  if (facts['path.target.stopped'] !== true || typeof lastRouter !== 'string') return null;
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
              elapsedMs: LATE_MS,
              told: { from, icmpType: isV6 ? 1 : 3, icmpCode: isV6 ? 3 : 1 },
            },
      ),
    },
  });
  return [silent, late(lastRouter), late(step.input.address)];
}

/** The host itself has answered; a refusal may be this machine's own, or a router's. */
const isThere = (facts: Facts): boolean =>
  facts['host.answersPing'] === true || typeof facts['host.openPort'] === 'number';

/** Of what is asked beside the port: nothing, or what tells the most of the other end. */
function endsOfTrace(step: StepOf<'trace-syn'>, seen: RunReadings, evidence: Evidence): Observation[] | null {
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
function endsOfLookup(
  step: StepOf<'local-network'>,
  seen: RunReadings,
  evidence: Evidence,
): Observation[] | null {
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
