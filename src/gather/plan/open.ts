import type { ObservationOf, Step, StepOf } from '../../model/probes.ts';
import { certificateSteps } from './certificate.ts';
import { besideSamples, pingsOverTime, RESENT_MS, sampleSteps } from './samples.ts';
import { serviceSteps } from './service.ts';
import {
  alternatePorts,
  type Context,
  FULL_TTL,
  gatewayWeb,
  isLoopback,
  localNetwork,
  namesOfHops,
  ofStep,
  ping,
  REASK_HOLD_MS,
  referenceTrace,
  roundTripOf,
  traceSteps,
  udpTrace,
} from './steps.ts';

export function openSteps(context: Context): Step[] {
  const { facts, n, address, request } = context;
  const samples = sampleSteps(context);
  // One conversation with a service that answers well is all that it gets.
  const asked = serviceSteps(context.readings, address, n);
  const steps: Step[] = [
    ...samples,
    ...pingsOverTime(context),
    ...asked,
    ...certificateSteps(context.readings, { address, n, asked }),
    ...(request.answers.symptom === 'slow' ? timingSteps(context) : []),
    ...largePackets(context),
    // Whether packets leave through the tunnel that the user speaks of.
    ...(request.answers['vpn-or-proxy'] === 'yes' ? localNetwork(context) : []),
    // A login page elsewhere may be an application's own.
    ...(facts['http.captivePortal'] === true ? [...localNetwork(context), ...gatewayWeb(context)] : []),
  ];
  const wavers = facts['tcp.mixed'] === true || facts['tcp.slowOpen'] === true;
  if (wavers || samples.some(({ id }) => sampleWavers(context, id))) steps.push(...wavering(context));
  else if (request.traceAlways)
    steps.push(
      ...localNetwork(context),
      ...traceSteps(context, { holdMs: REASK_HOLD_MS, silentLimit: FULL_TTL }),
      ...udpTrace(context, REASK_HOLD_MS),
      ...namesOfHops(context, 300),
    );
  else if (
    facts['service.authenticated'] !== true &&
    (facts['service.pending'] !== true || facts['service.ended'] === 'stalled')
  )
    steps.push(...interceptSteps(context));
  return steps;
}

function sampleWavers(context: Context, id: string): boolean {
  const sample = ofStep(context.readings, id) as ObservationOf<'tcp-connect'> | undefined;
  return sample?.data?.attempts.some(({ outcome }) => outcome !== 'open') ?? false;
}

const MTU_MS = 4000;

/** What is asked of the service is small, and so may be what it says: who sees it hang may send more. */
function largePackets({ facts, request, address, n, readings }: Context): Step[] {
  if (request.answers.symptom !== 'hangs' || facts['service.healthy'] !== true || isLoopback(address))
    return [];
  const roundTripMs = roundTripOf(readings);
  return [
    {
      id: `path-mtu-${n}`,
      probe: 'path-mtu',
      input: { address, timeoutMs: MTU_MS + 3 * roundTripMs, roundTripMs },
      purpose: 'large-packets',
    },
  ];
}

/** What the phases of an answer are compared with: the quickest that anything at the host answers. */
function timingSteps(context: Context): Step[] {
  return [
    ping(context, TIMING_PINGS, 1500 + roundTripOf(context.readings)),
    alternatePorts(context, 1500 + roundTripOf(context.readings)),
    ...localNetwork(context),
  ];
}
const TIMING_PINGS = 5;

/** Some SYNs are answered and some are not: loss, a rate limit or a full accept queue. */
function wavering(context: Context): Step[] {
  const { address, n, request } = context;
  const rttMs = roundTripOf(context.readings);
  const more: StepOf<'tcp-connect'> = {
    id: `tcp-more-${n}`,
    probe: 'tcp-connect',
    input: {
      address,
      port: request.target.port,
      role: 'sample',
      startsMs: [0, 250, 500, 750, 1000, 1250, 1500, 1750],
      endMs: 1750 + RESENT_MS + rttMs,
      stopAtFirstAnswer: false,
    },
    purpose: 'port-more-samples',
  };
  const ofPort = (): Step[] => {
    const found = ofStep(context.readings, alternates.id) as ObservationOf<'alternate-ports'> | undefined;
    const ports = found?.data?.ports ?? [];
    // A refusal makes no connection.
    const answered =
      ports.find(({ outcome }) => outcome === 'refused') ?? ports.find(({ outcome }) => outcome === 'open');
    if (answered === undefined) return [];
    const startsMs = besideSamples(context, more.input.startsMs.slice(0, 6));
    return [
      {
        ...more,
        id: `tcp-reference-${n}`,
        input: {
          ...more.input,
          port: answered.port,
          role: 'reference-port',
          startsMs,
          endMs: Math.max(more.input.endMs, startsMs.at(-1)! + RESENT_MS + rttMs),
        },
        purpose: 'reference-samples',
      },
    ];
  };
  const alternates = alternatePorts(context, Math.max(1500, RESENT_MS + rttMs));
  const isSampled = sampleSteps(context).length > 0;
  return [
    // Whoever was sampled for long needs no more of the same.
    ...(isSampled ? [] : [more]),
    ...sameFlows(context),
    ...(isSampled ? [] : [{ ...ping(context, 10, 3200 + rttMs), id: `ping-more-${n}` }]),
    ...localNetwork(context),
    alternates,
    ...ofPort(),
    ...udpTrace(context, REASK_HOLD_MS),
    ...referenceTrace(context, alternates.id, { holdMs: REASK_HOLD_MS, evenIfSilent: false }),
    ...namesOfHops(context, 300),
  ];
}

/** So many source ports of either fate are asked again, */
const MOST_FLOWS = 3;
/** and with fewer chance would make them fare alike too often. */
const LEAST_FLOWS = 2;
const FLOWS_APART_MS = 150;

/**
 * Chance does not look at source ports; one of several parallel ways, or of several servers behind a balancer, does. Some
 * that were answered and some that were not are asked again, in turns. A limit that we met is left alone.
 */
function sameFlows({ facts, readings, address, n, request }: Context): Step[] {
  const { opened, silent } = readings.connects.flows;
  if (facts['tcp.openedThenSilent'] !== false || Math.min(opened.length, silent.length) < LEAST_FLOWS)
    return [];
  const many = Math.min(opened.length, silent.length, MOST_FLOWS);
  const sourcePorts = Array.from({ length: many }, (_, i) => [silent[i]!, opened[i]!]).flat();
  const startsMs = sourcePorts.map((_, i) => i * FLOWS_APART_MS);
  return [
    {
      id: `tcp-same-flow-${n}`,
      probe: 'tcp-connect',
      input: {
        address,
        port: request.target.port,
        role: 'same-flow',
        startsMs,
        sourcePorts,
        endMs: startsMs.at(-1)! + RESENT_MS + roundTripOf(readings),
        stopAtFirstAnswer: false,
      },
      purpose: 'port-same-flow',
    },
  ];
}

/**
 * Did the host itself accept, or something nearer? UDP tells how far the host is without a connection; then SYNs that
 * must die before it are sent, so that an honest server sees none of them.
 */
function interceptSteps(context: Context): Step[] {
  const { facts, address, n, request, readings } = context;
  if (!request.ttlProbe || isLoopback(address)) return [];
  const rtt = Math.round(
    typeof facts['tcp.answerMs'] === 'number' ? Math.min(facts['tcp.answerMs'], 500) : 0,
  );
  const distance = udpTrace(context, 120 + 2 * rtt);
  const seen = readings.traces.others[0];
  if (seen === undefined) return distance;
  const safe = seen.summary.answeredAt !== null ? seen.summary.answeredAt - 1 : seen.summary.lastHop;
  if (safe < 1) return distance;
  return [
    ...distance,
    {
      id: `trace-syn-target-${n}`,
      probe: 'trace-syn',
      input: {
        address,
        port: request.target.port,
        protocol: 'tcp',
        role: 'target',
        holdMs: 120 + 2 * rtt,
        maxTtl: safe,
        silentLimit: FULL_TTL,
      },
      purpose: 'nearer-end',
    },
  ];
}
