import type { RunReadings } from '../../judge/readings/index.ts';
import type { Step, StepOf } from '../../model/probes.ts';
import { sampleSteps } from './samples.ts';
import {
  alternatePorts,
  type Context,
  countedConnect,
  echoTrace,
  FULL_TTL,
  failed,
  gatewayTrace,
  isWithoutSweep,
  latePing,
  localNetwork,
  localNetworkAgain,
  namesOfHops,
  ofStep,
  otherToolTraces,
  ownRules,
  ping,
  REASK_HOLD_MS,
  referenceTrace,
  replyTtl,
  toolTrace,
  traceSteps,
  udpTrace,
} from './steps.ts';

/** From 0.7 s on: past the moment (3.06 s) at which ARP and neighbour discovery give up. */
export const SILENT_HOLD_MS = 2900;
/** 24 silent TTLs of a tool that asks eight at once. */
const OTHER_TRACE_MS = 3500;

/** Where the hosts file or another resolver gives another address: whether that one would work. */
export function otherAnswerSteps({ readings, n, request }: Context): Step[] {
  const address = readings.naming?.otherAnswer ?? null;
  if (address === null) return [];
  return [
    {
      id: `tcp-other-answer-${n}`,
      probe: 'tcp-connect',
      input: {
        address,
        port: request.target.port,
        role: 'sample',
        startsMs: [0, 300],
        endMs: 2000,
        stopAtFirstAnswer: true,
      },
      purpose: 'other-answer',
    },
  ];
}

/** One failing address a family is looked at closely: more would be many packets for the same answer. */
export function addressesInDepth(seen: RunReadings): Set<string> {
  const failing = seen.addresses.filter(({ address }) => failed(seen, address));
  return new Set(
    ([4, 6] as const).flatMap((family) => failing.find((a) => a.family === family)?.address ?? []),
  );
}

export function failureSteps(context: Context): Step[] {
  const { facts } = context;
  const here = localNetwork(context);
  // Nothing left this machine, so nothing beyond it can be learned.
  if (facts['tcp.outcome'] === 'local-error') return here;
  const silent = facts['tcp.outcome'] === 'pending' || facts['tcp.outcome'] === 'timeout';
  const steps = silent ? silenceSteps(context) : refusalSteps(context);
  return [...here, ...ownRules(context), ...steps, ...(isAnswered(context) ? sampleSteps(context) : [])];
}

/** The first attempts are over: what is sampled now is another time, and disturbs no trace of a refusal. */
const isAnswered = ({ facts, readings, n }: Context): boolean =>
  facts['tcp.outcome'] !== 'pending' && ofStep(readings, `alternate-ports-${n}`)?.final === true;

/** Silence takes seconds whatever is done, so everything is asked at once. */
function silenceSteps(context: Context): Step[] {
  const { facts } = context;
  const alternates = alternatePorts(context, 1500);
  const traces = traceSteps(context, { holdMs: SILENT_HOLD_MS, silentLimit: 6 });
  const steps = [
    ping(context, 3, 1500),
    alternates,
    ...traces,
    ...udpTrace(context, REASK_HOLD_MS),
    ...echoTrace(context),
    ...gatewayTrace(context),
    ...referenceTrace(context, alternates.id, { holdMs: REASK_HOLD_MS, evenIfSilent: true }),
    ...secondSweep(context, traces),
    ...(isWithoutSweep(context, traces)
      ? [
          countedConnect(context, { connections: 3, timeoutMs: 700, quietMs: 150 }),
          toolTrace(context),
          ...otherToolTraces(context, 5000),
        ]
      : []),
    ...namesOfHops(context, 700),
    ...(facts['tcp.outcome'] === 'timeout' || facts['tcp.outcome'] === 'unreachable'
      ? localNetworkAgain(context)
      : []),
  ];
  return [...steps, ...quietCount(context, steps)];
}

/**
 * Nothing was heard of anybody, and packets arrive that this machine delivers to nobody: whether they are its answers is
 * counted once all that was sent is over.
 */
function quietCount(context: Context, others: readonly Step[]): Step[] {
  const { facts, readings } = context;
  const step = countedConnect(context, { connections: 3, timeoutMs: 400, quietMs: 150 });
  if (ofStep(readings, step.id) !== undefined) return [step];
  const isDeaf = facts['path.anyRouterAnswers'] !== true && facts['host.alive'] !== true;
  const isUnsure =
    facts['local.dropsIncoming'] === null && (readings.traces.target?.trace.counters?.undelivered ?? 0) > 0;
  const isOver =
    facts['tcp.outcome'] === 'timeout' && others.every(({ id }) => ofStep(readings, id)?.final === true);
  return isDeaf && isUnsure && isOver ? [step] : [];
}

/**
 * A refusal comes within a round trip, and so do the answers to "who refused?". The trace goes first and alone, ours or a
 * tool's: a router that rejects sends about six ICMP errors and then one a second, and those six belong to the very port.
 */
function refusalSteps(context: Context): Step[] {
  const { facts, readings, n } = context;
  const rtt = typeof facts['tcp.answerMs'] === 'number' ? facts['tcp.answerMs'] : 0;
  const late = rtt >= 900;
  const holdMs = late ? SILENT_HOLD_MS : Math.round(300 + 4 * rtt);
  const traces = traceSteps(context, { holdMs, silentLimit: FULL_TTL });
  const first = traces.map(({ id }) => ofStep(readings, id));
  const traced = traces.length === 0 || first.every((o) => o?.final === true);
  if (!traced) return traces;
  const steps: Step[] = [...traces];
  const withoutSweep = isWithoutSweep(context, traces);
  if (withoutSweep) {
    const instead = standInSteps(context, { late, holdMs });
    steps.push(...instead.steps);
    if (instead.first) return steps;
  }
  if (traces.length > 0 && !withoutSweep && !late && isUnfinished(context)) {
    // The answer that connect() got did not come again: the router has spent its ICMP errors (Linux: two for a missing
    // route, six for others, then one every second or two).
    const again: Step = {
      ...(traces[0] as StepOf<'trace-syn'>),
      id: `trace-syn-again-${n}`,
      purpose: 'path-again',
    };
    again.input = { ...again.input, holdMs: SILENT_HOLD_MS, silentLimit: 8 };
    steps.push(again);
    if (ofStep(readings, again.id)?.final !== true) return steps;
  }
  steps.push(ping(context, 1, 1000));
  const alternates = alternatePorts(context, late ? 1500 : Math.round(350 + 4 * rtt));
  steps.push(
    alternates,
    ...udpTrace(context, holdMs),
    ...referenceTrace(context, alternates.id, { holdMs, evenIfSilent: late }),
  );
  if (facts['refusal.kind'] === 'rst' && facts['local.route'] !== 'local' && facts['local.onLink'] !== true) {
    steps.push(replyTtl(context, context.request.target.port, `reply-ttl-${n}`));
    const reference = readings.traces.reference?.trace.port ?? null;
    if (reference !== null && facts['path.reference.reached'] === true)
      steps.push(replyTtl(context, reference, `reply-ttl-reference-${n}`));
  }
  steps.push(...otherServers(context));
  steps.push(...namesOfHops(context, 200));
  if (late) steps.push(...localNetworkAgain(context));
  return steps;
}

/**
 * What stands in for our own sweep after a refusal. `first` while the other ports have to wait for it: a router's few ICMP
 * errors, and the quiet in which the kernel counts, are for these steps.
 */
function standInSteps(
  context: Context,
  { late, holdMs }: { late: boolean; holdMs: number },
): { steps: Step[]; first: boolean } {
  const { facts, readings } = context;
  const waitsFor = (...some: Step[]) => some.some(({ id }) => ofStep(readings, id)?.final !== true);
  const refused = facts['tcp.outcome'] === 'refused';
  // Two connections more leave a router that rejects enough of its six errors for the trace.
  const counted = countedConnect(context, { connections: 2, timeoutMs: late ? 600 : holdMs, quietMs: 0 });
  const trace = toolTrace(context);
  const others = otherToolTraces(context, OTHER_TRACE_MS);
  const echo = ping(context, 1, 1000);
  if (refused && waitsFor(counted)) return { steps: [counted], first: true };
  // Resets are not limited, so nothing has to wait for them.
  if (facts['refusal.kind'] === 'rst') return { steps: [counted, trace, ...others], first: false };
  const soFar = refused ? [counted, trace] : [trace];
  if (waitsFor(trace)) return { steps: soFar, first: true };
  const rest = [...soFar, ...others, ...(refused || late ? [] : [counted])];
  if (late) {
    // Where this machine's own search failed, it was this machine that said so.
    const isTold = refused || facts['refusal.from'] !== null || facts['local.nextHopFailed'] === true;
    return { steps: isTold ? rest : [...rest, latePing(context)], first: false };
  }
  if (facts['path.target.traced'] === true) return { steps: rest, first: false };
  // Without a trace to the port only what happens to other packets may name the router.
  if (waitsFor(echo)) return { steps: [...soFar, echo], first: true };
  if (!refused && waitsFor(...others)) return { steps: [...soFar, ...others], first: true };
  return { steps: rest, first: false };
}

/**
 * Two routers at the same distance: load is shared over several paths, and the port may have met the broken one. Other
 * source ports take other paths; where one of them goes on, the stop is not the port's.
 */
function secondSweep({ readings, n }: Context, traces: Step[]): Step[] {
  const [first] = traces;
  const target = readings.traces.target?.summary;
  const reference = readings.traces.reference?.summary;
  if (first?.probe !== 'trace-syn' || target === undefined || reference === undefined) return [];
  if (ofStep(readings, first.id)?.final !== true || target.reached) return [];
  const parts = [...target.routers].some(
    ([hop, router]) => (reference.routers.get(hop) ?? router) !== router,
  );
  if (!parts) return [];
  return [
    {
      ...first,
      id: `trace-syn-second-${n}`,
      input: { ...first.input, holdMs: REASK_HOLD_MS },
      purpose: 'path-from-other-ports',
    },
  ];
}

/**
 * A time-exceeded that comes from the very address that was asked is one whose source was translated back: the port is
 * forwarded. Where several servers take turns behind it, others of a few connections meet another one.
 */
function otherServers({ readings, request, address, n, facts }: Context): Step[] {
  const routers = readings.traces.target?.summary.routers;
  if (facts['tcp.outcome'] !== 'refused' || routers === undefined) return [];
  if (![...routers.values()].includes(address)) return [];
  return [
    {
      id: `tcp-again-${n}`,
      probe: 'tcp-connect',
      input: {
        address,
        port: request.target.port,
        role: 'sample',
        startsMs: [0, 60, 120, 180],
        endMs: 1000,
        stopAtFirstAnswer: false,
      },
      purpose: 'port-other-servers',
    },
  ];
}

/** The port was answered, and the trace to it ends in silence. */
function isUnfinished({ readings, facts }: Context): boolean {
  const target = readings.traces.target?.summary;
  return (
    target !== undefined &&
    // Who says that a packet ran out of its TTL says nothing of where it went in circles.
    (facts['refusal.byPing'] !== false || facts['refusal.meaning'] === 'time-exceeded') &&
    !target.reached &&
    target.rejection === null &&
    target.loopHop === null
  );
}
