import type { ObservationOf, Step, StepOf } from '../../model/probes.ts';
import { serviceSteps } from './service.ts';
import {
  alternatePorts,
  type Context,
  FULL_TTL,
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

/** A lost SYN is sent again after 1 s; on a long path its answer takes its time. */
const RESENT_MS = 1250;

/** Who says that it comes and goes is worth a few connections more, so far apart that no limit of a polite service minds. */
const SAMPLES_MS = [0, 600, 1200, 1800, 2400];

export function openSteps(context: Context): Step[] {
  const { facts, n, address, request } = context;
  const sample: Step = {
    id: `tcp-sample-${n}`,
    probe: 'tcp-connect',
    input: {
      address,
      port: request.target.port,
      role: 'sample',
      startsMs: SAMPLES_MS,
      endMs: SAMPLES_MS.at(-1)! + Math.max(1500, RESENT_MS + roundTripOf(context.readings)),
      stopAtFirstAnswer: false,
    },
    purpose: 'port-samples',
  };
  // One conversation with a service that answers well is all that it gets.
  const isIntermittent = request.answers.symptom === 'intermittent';
  const steps: Step[] = [...(isIntermittent ? [sample] : []), ...serviceSteps(context.readings, address, n)];
  if (facts['tcp.mixed'] === true || facts['tcp.slowOpen'] === true || sampleWavers(context, sample.id))
    steps.push(...wavering(context));
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
    return [
      {
        ...more,
        id: `tcp-reference-${n}`,
        input: {
          ...more.input,
          port: answered.port,
          role: 'reference-port',
          startsMs: more.input.startsMs.slice(0, 6),
        },
        purpose: 'reference-samples',
      },
    ];
  };
  const alternates = alternatePorts(context, Math.max(1500, RESENT_MS + rttMs));
  return [
    more,
    { ...ping(context, 10, 3200 + rttMs), id: `ping-more-${n}` },
    ...localNetwork(context),
    alternates,
    ...ofPort(),
    ...udpTrace(context, REASK_HOLD_MS),
    ...referenceTrace(context, alternates.id, { holdMs: REASK_HOLD_MS, evenIfSilent: false }),
    ...namesOfHops(context, 300),
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
