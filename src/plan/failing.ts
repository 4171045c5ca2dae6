import { addressesOf, isAddressLiteral } from '../facts/addresses.ts';
import { traceOf } from '../facts/traces.ts';
import type { Evidence, Step, StepOf } from '../model.ts';
import {
  alternatePorts,
  type Context,
  controlTrace,
  echoTrace,
  FULL_TTL,
  gatewayTrace,
  localNetwork,
  localNetworkAgain,
  namesOfHops,
  ofStep,
  ping,
  REASK_HOLD_MS,
  replyTtl,
  tracerouteCommand,
  traceSteps,
  udpTrace,
} from './steps.ts';

/** From 0.7 s on: past the moment (3.06 s) at which ARP and neighbour discovery give up. */
const SILENT_HOLD_MS = 2900;

/** Where the hosts file or another resolver gives another address: whether that one would work. */
export function otherAnswerSteps({ facts, n, request }: Context): Step[] {
  const words = [facts['dns.realAddresses'], facts['dns.otherSays']].filter(
    (w): w is string => typeof w === 'string',
  );
  const address = words.flatMap((list) => list.split(', ')).find(isAddressLiteral);
  if (address === undefined) return [];
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
      purpose: `whether ${address}, which DNS gives, would accept TCP ${request.target.port}`,
    },
  ];
}

/** One failing address a family is looked at closely: more would be many packets for the same answer. */
export function addressesInDepth(evidence: Evidence): Set<string> {
  const failing = addressesOf(evidence).filter(({ address }) => {
    const o = evidence.observations.find(
      (c) => c.probe === 'tcp-connect' && c.input.address === address && c.input.role === 'target',
    );
    return o !== undefined && o.data !== null && o.outcome !== 'open';
  });
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
  return silent ? [...here, ...silenceSteps(context)] : [...here, ...refusalSteps(context)];
}

/** Silence takes seconds whatever is done, so everything is asked at once. */
function silenceSteps(context: Context): Step[] {
  const { facts } = context;
  const alternates = alternatePorts(context, 1500);
  const traces = traceSteps(context, { holdMs: SILENT_HOLD_MS, silentLimit: 6 });
  return [
    ping(context, 3, 1500),
    alternates,
    ...traces,
    ...udpTrace(context, REASK_HOLD_MS),
    ...echoTrace(context),
    ...gatewayTrace(context),
    ...controlTrace(context, alternates.id, { holdMs: REASK_HOLD_MS, evenIfSilent: true }),
    ...secondSweep(context, traces),
    ...tracerouteCommand(context, traces),
    ...namesOfHops(context, 700),
    ...(facts['tcp.outcome'] === 'timeout' || facts['tcp.outcome'] === 'unreachable'
      ? localNetworkAgain(context)
      : []),
  ];
}

/**
 * A refusal comes within a round trip, and so do the answers to "who refused?". The trace goes first and alone: a
 * router that rejects sends about six ICMP errors and then one a second, and those six belong to the very port.
 */
function refusalSteps(context: Context): Step[] {
  const { facts, evidence, n } = context;
  const rtt = typeof facts['tcp.answerMs'] === 'number' ? Math.min(facts['tcp.answerMs'], 1000) : 0;
  const late = rtt >= 900;
  const holdMs = late ? SILENT_HOLD_MS : Math.round(300 + 4 * rtt);
  const traces = traceSteps(context, { holdMs, silentLimit: FULL_TTL });
  const first = traces.map(({ id }) => ofStep(evidence, id));
  const traced = traces.length === 0 || first.every((o) => o?.final === true);
  if (!traced) return traces;
  const steps: Step[] = [...traces];
  if (traces.length > 0 && !late && isUnfinished(context)) {
    // The answer that connect() got did not come again: the router has spent its ICMP errors (Linux: two for a missing
    // route, six for others, then one every second or two).
    const again: Step = {
      ...(traces[0] as StepOf<'trace-syn'>),
      id: `trace-syn-again-${n}`,
      purpose: 'the same once more: the router may limit its answers',
    };
    again.input = { ...again.input, holdMs: SILENT_HOLD_MS, silentLimit: 8 };
    steps.push(again);
    if (ofStep(evidence, again.id)?.final !== true) return steps;
  }
  steps.push(ping(context, 1, 1000));
  const alternates = alternatePorts(context, late ? 1500 : Math.round(350 + 4 * rtt));
  steps.push(
    alternates,
    ...udpTrace(context, holdMs),
    ...controlTrace(context, alternates.id, { holdMs, evenIfSilent: late }),
  );
  if (facts['refusal.kind'] === 'rst' && facts['local.route'] !== 'local' && facts['local.onLink'] !== true) {
    steps.push(replyTtl(context, context.request.target.port, `reply-ttl-${n}`));
    const control = traceOf(context.view, 'control')?.trace.port ?? null;
    if (control !== null && facts['path.control.reached'] === true)
      steps.push(replyTtl(context, control, `reply-ttl-control-${n}`));
  }
  steps.push(...tracerouteCommand(context, traces), ...namesOfHops(context, 200));
  if (late) steps.push(...localNetworkAgain(context));
  return steps;
}

/**
 * Two routers at the same distance: load is shared over several paths, and the port may have met the broken one. Other
 * source ports take other paths; where one of them goes on, the stop is not the port's.
 */
function secondSweep({ view, evidence, n }: Context, traces: Step[]): Step[] {
  const [first] = traces;
  const target = traceOf(view, 'target')?.summary;
  const control = traceOf(view, 'control')?.summary;
  if (first?.probe !== 'trace-syn' || target === undefined || control === undefined) return [];
  if (ofStep(evidence, first.id)?.final !== true || target.reached) return [];
  const parts = [...target.routers].some(([hop, router]) => (control.routers.get(hop) ?? router) !== router);
  if (!parts) return [];
  return [
    {
      ...first,
      id: `trace-syn-second-${n}`,
      input: { ...first.input, holdMs: REASK_HOLD_MS },
      purpose: 'the same from other source ports: the paths differ',
    },
  ];
}

/** The port was answered, and the trace to it ends in silence. */
function isUnfinished({ view, facts }: Context): boolean {
  const target = traceOf(view, 'target')?.summary;
  return (
    target !== undefined &&
    facts['refusal.byPing'] !== false &&
    !target.reached &&
    target.rejection === null &&
    target.loopHop === null
  );
}
