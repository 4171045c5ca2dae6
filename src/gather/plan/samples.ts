import type { ConnectAttempt } from '../../model/measured.ts';
import type { ObservationOf, Step, StepOf } from '../../model/probes.ts';
import { type Context, ofStep, ping, roundTripOf } from './steps.ts';

/** A lost SYN is sent again after 1 s; on a long path its answer takes its time. */
export const RESENT_MS = 1250;
/** So far apart that no limit of a polite service minds, */
const LEAST_APART_MS = 1000;
/** and no more of them than this, however long the user allows. */
const MOST_SAMPLES = 60;
/** Of the time of a run this much is for what comes before, beside silence, and after. */
const KEPT_MS = 5000;
const SHORTEST_MS = 2000;

/**
 * Who says that it comes and goes: one connection after the other, for as long as --max-time allows. Where the port
 * answers and where it does not, since either may change.
 */
export function sampleSteps(context: Context): StepOf<'tcp-connect'>[] {
  const { address, n, request, readings } = context;
  if (request.answers.symptom !== 'intermittent') return [];
  const waitedMs = Math.max(0, ...readings.connects.attempts.filter(isUnanswered).map(endedMs));
  const lastMs = Math.max(SHORTEST_MS, request.maxTimeMs - KEPT_MS - waitedMs);
  const apartMs = Math.max(LEAST_APART_MS, Math.ceil(lastMs / (MOST_SAMPLES - 1)));
  const startsMs = Array.from({ length: Math.floor(lastMs / apartMs) + 1 }, (_, i) => i * apartMs);
  return [
    {
      id: `tcp-sample-${n}`,
      probe: 'tcp-connect',
      input: {
        address,
        port: request.target.port,
        role: 'sample',
        startsMs,
        endMs: startsMs.at(-1)! + Math.max(1500, RESENT_MS + roundTripOf(readings)),
        stopAtFirstAnswer: false,
      },
      purpose: 'port-samples',
    },
  ];
}

/** So many of either size: of what a fifth of is lost, two are lost nine times in ten. */
const PINGS = 10;
/** Large enough for a bad cable or a duplex that does not fit, and small enough to fit everywhere in IPv6. */
const LARGE_PING = 1200;
const SLOW_APART_MS = 300;
const LAST_PING_MS = 2000;

/**
 * Small and large pings beside the samples, over the same time: who watches for less of it cannot say that the way was well,
 * and what loses large packets lets every SYN pass. Who says that it is slow waits for no sample; there they go at once.
 */
export function pingsOverTime(context: Context): Step[] {
  const [sample] = sampleSteps(context);
  if (sample === undefined && context.request.answers.symptom !== 'slow') return [];
  const apartMs = Math.floor((sample?.input.startsMs.at(-1) ?? SLOW_APART_MS * PINGS) / PINGS);
  const timeoutMs = apartMs * (PINGS - 1) + LAST_PING_MS + roundTripOf(context.readings);
  const small = ping(context, PINGS, timeoutMs);
  const input = { ...small.input, intervalMs: apartMs };
  return [
    { ...small, id: `ping-over-time-${context.n}`, input, purpose: 'echo-over-time' },
    { ...small, id: `ping-large-${context.n}`, input: { ...input, size: LARGE_PING }, purpose: 'echo-large' },
  ];
}

/** When another port is asked, to be compared with the samples: for as long as these still go on. */
export function besideSamples(context: Context, usual: readonly number[]): number[] {
  const [sample] = sampleSteps(context);
  if (sample === undefined) return [...usual];
  const seen = ofStep(context.readings, sample.id) as ObservationOf<'tcp-connect'> | undefined;
  if (seen?.final === true) return [...usual];
  const since = seen === undefined ? 0 : LEAST_APART_MS;
  const left = sample.input.startsMs.filter((ms) => ms <= sample.input.startsMs.at(-1)! - since);
  return left.length < usual.length ? [...usual] : left;
}

const isUnanswered = ({ outcome }: ConnectAttempt): boolean => outcome === 'timeout';
/** After the first attempt's start. */
const endedMs = ({ startMs, elapsedMs }: ConnectAttempt): number => Math.ceil(startMs + elapsedMs);
