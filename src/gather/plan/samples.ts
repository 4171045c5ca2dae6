import type { ConnectAttempt } from '../../model/measured.ts';
import type { Step } from '../../model/probes.ts';
import { type Context, roundTripOf } from './steps.ts';

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
export function sampleSteps(context: Context): Step[] {
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

const isUnanswered = ({ outcome }: ConnectAttempt): boolean => outcome === 'timeout';
/** After the first attempt's start. */
const endedMs = ({ startMs, elapsedMs }: ConnectAttempt): number => Math.ceil(startMs + elapsedMs);
