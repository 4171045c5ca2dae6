import { familyOf } from '../../ground/address.ts';
import { icmpMeaning } from '../../ground/icmp.ts';
import { readingsOf } from '../../judge/readings/index.ts';
import { phasesOf } from '../../judge/readings/times.ts';
import type { Evidence } from '../../model/evidence.ts';
import type { Expectation, ManyCause, PhaseSeconds, State, TargetResult, Verdict } from '../../model/many.ts';
import type { ObservationOf } from '../../model/probes.ts';
import type { Cause, Outcome, Report } from '../../model/report.ts';
import { leadingCause, linesFor } from '../../report/many/administrator.ts';
import type { Entry } from './target-list.ts';

const NO_PHASES: PhaseSeconds = { name: null, connection: null, tls: null, answer: null };

/** A target that was not tested, or not to its end. */
export function notTested(n: number, { target, expected }: Entry): TargetResult {
  return {
    n,
    target: target.input,
    host: target.host,
    port: target.port,
    service: target.service,
    expected,
    verdict: 'not-tested',
    missed: null,
    outcome: null,
    state: null,
    headline: null,
    cause: null,
    depth: null,
    phases: NO_PHASES,
    startedAt: null,
    durationMs: 0,
    syns: 0,
    text: [],
  };
}

/**
 * What the outputs need of a finished diagnosis; the rest of it can be let go. `evidence` null = we failed ourselves.
 * `presumed` = what others in its place were stopped by, where this one was not diagnosed as a whole.
 */
export function resultOf(
  n: number,
  entry: Entry,
  report: Report,
  evidence: Evidence | null,
  presumed: { cause: ManyCause; swept: boolean } | null,
): TargetResult {
  const isPresumed =
    presumed !== null && report.outcome === 'unreachable' && (presumed.swept || isSilent(report));
  const isElsewhere = entry.expected.from !== null;
  const phases = evidence === null || isElsewhere ? NO_PHASES : secondsOf(evidence);
  const state = isElsewhere ? stateElsewhere(report) : stateOf(report);
  const outcome = isElsewhere ? outcomeOf(state) : report.outcome;
  // What stops this machine is not what a place elsewhere was stopped by, unless it is stopped as well.
  const cause =
    isElsewhere && outcome !== 'unreachable' ? null : isPresumed ? presumed.cause : leadingCause(report);
  const ids = isPresumed ? [presumed.cause.id] : leadingIds(report.causes);
  const held = judged(entry.expected, outcome, state, ids, phases);
  const { headline, text } = linesFor(report, isPresumed ? presumed : null);
  return {
    ...notTested(n, entry),
    ...held,
    outcome,
    state,
    headline: isElsewhere ? null : headline,
    cause,
    depth: !isPresumed ? 'whole' : presumed.swept ? 'sweep' : 'connections',
    phases,
    startedAt: report.startedAt,
    durationMs: report.durationMs,
    syns: evidence === null ? 0 : synsOf(evidence),
    text,
  };
}

/** No address answered. */
const isSilent = ({ target }: Report): boolean =>
  target.addresses.every(
    ({ outcome }) => outcome === 'timeout' || outcome === 'pending' || outcome === 'not-tried',
  );

const leadingIds = (causes: readonly Cause[]): string[] =>
  causes.filter(({ tie }, i) => i === 0 || (tie === true && causes[0]?.tie === true)).map(({ id }) => id);

/** What the connections came to, in one word; null where they say nothing of the target, or not one thing. */
export function stateOf(report: Report): State | null {
  if (report.outcome === 'reachable') return 'reachable';
  if (report.outcome !== 'unreachable') return null;
  const tried = report.target.addresses.filter(({ outcome }) => outcome !== 'not-tried');
  if (tried.length > 0 && tried.every(({ outcome }) => outcome === 'local-error')) return null;
  // A packet filter's rejection is no refusal, even where connect() calls it one.
  if (tried.length > 0 && (isSilent(report) || isRejected(report))) return 'filtered';
  if (tried.length > 0 && tried.every(({ outcome }) => outcome === 'refused')) return 'refused';
  return 'unreachable';
}

/** What the place that the list names saw; null where it could not look, or nothing that it saw proves anything. */
function stateElsewhere({ sights = [], views = [] }: Report): State | null {
  const places = new Set(views.flatMap(({ kind, ok, name }) => (kind === 'vantage' && ok ? [name] : [])));
  const seen = sights.flatMap(({ view, target, proves }) =>
    target !== null &&
    target.outcome !== 'local-error' &&
    places.has(view) &&
    (proves || target.outcome === 'open')
      ? [target.outcome]
      : [],
  );
  if (seen.length === 0) return null;
  if (seen.includes('open')) return 'reachable';
  if (seen.every((outcome) => outcome === 'refused')) return 'refused';
  // What is `pending` was not connected, and nobody could tell silence from a refusal.
  return seen.every((outcome) => outcome === 'timeout') ? 'filtered' : 'unreachable';
}

const outcomeOf = (state: State | null): Outcome =>
  state === null ? 'undetermined' : state === 'reachable' ? 'reachable' : 'unreachable';

/** An ICMP error of a packet filter answered the port: prohibited, or port unreachable, which TCP itself never says. */
function isRejected({ observations, target }: Report): boolean {
  const meanings = observations.flatMap((o) => {
    if (o.probe === 'tcp-connect' && (o as ObservationOf<'tcp-connect'>).input.role === 'target') {
      const { input, data } = o as ObservationOf<'tcp-connect'>;
      return (data?.attempts ?? []).map(({ told }) =>
        told == null ? null : icmpMeaning(familyOf(input.address), told.icmpType, told.icmpCode),
      );
    }
    if (o.probe === 'trace-syn' && o.data?.port === target.port) {
      const { address, replies } = o.data;
      return replies.map(({ answer, icmpType, icmpCode }) =>
        answer === 'unreachable' ? icmpMeaning(familyOf(address), icmpType, icmpCode) : null,
      );
    }
    return [];
  });
  return meanings.some((meaning) => meaning === 'prohibited' || meaning === 'port-unreachable');
}

function judged(
  expected: Expectation,
  outcome: Outcome,
  state: State | null,
  causes: readonly string[],
  phases: PhaseSeconds,
): { verdict: Verdict; missed: TargetResult['missed'] } {
  if (outcome === 'undetermined') return { verdict: 'unknown', missed: null };
  // This machine could not send: whether anything else stands in the way is not known.
  if (outcome === 'unreachable' && state === null && expected.state !== 'reachable')
    return { verdict: 'unknown', missed: null };
  const isState = expected.state === 'unreachable' ? outcome === 'unreachable' : state === expected.state;
  if (!isState) return { verdict: 'failed', missed: 'state' };
  if (expected.cause !== null && !causes.includes(expected.cause))
    return { verdict: 'failed', missed: 'cause' };
  const seconds = Object.values(phases).reduce((sum: number, one) => sum + (one ?? 0), 0);
  if (expected.withinMs !== null && seconds * 1000 > expected.withinMs)
    return { verdict: 'failed', missed: 'within' };
  return { verdict: 'held', missed: null };
}

/** Of the first address that accepts connections. */
function secondsOf(evidence: Evidence): PhaseSeconds {
  const { perAddress } = readingsOf(evidence);
  const { host } = evidence.request.target;
  const phases =
    perAddress.map((readings) => phasesOf({ ...readings, host })).find(({ length }) => length > 0) ?? [];
  const found = phases.map(({ phase, ms }) => [phase, Math.round(ms) / 1000]);
  return { ...NO_PHASES, ...Object.fromEntries(found) };
}

/** Connections and the SYNs of sweeps to the target's own addresses. */
function synsOf({ observations }: Evidence): number {
  let syns = 0;
  for (const o of observations) {
    if (o.probe === 'tcp-connect') syns += o.data?.attempts.length ?? 0;
    else if (o.probe === 'alternate-ports') syns += o.data?.ports.length ?? 0;
    else if (o.probe === 'trace-syn' && o.data?.protocol === 'tcp')
      for (const { sent } of o.data.replies) syns += sent;
  }
  return syns;
}
