import type { RunReadings } from '../../judge/readings/index.ts';
import type { Step } from '../../model/probes.ts';
import type { Request } from '../../model/request.ts';
import { addressesInDepth, failureSteps, otherAnswerSteps } from './failing.ts';
import { nameSteps, nonsenseSteps } from './name.ts';
import { openSteps } from './open.ts';
import { proxySteps } from './proxy.ts';
import { referenceHostSteps } from './reference-host.ts';
import { contextOf, ofStep } from './steps.ts';

export { isDecided, lookAgainMs } from './decided.ts';
export { isWanted } from './enough.ts';

/** ARP and ND give up 3.06 s after the first packet (techniques.md); the last attempt outlives that by itself. */
export const TARGET_STARTS_MS = [0, 250, 500];
export const TARGET_END_MS = 4000;

/**
 * What is worth asking, given what is known: a pure function of what the evidence says, called again whenever an
 * observation arrives. Returns every step that is wanted so far; the engine starts those that it has not started yet.
 */
export function nextSteps(seen: RunReadings): Step[] {
  return [
    ...answerSteps(seen.request),
    ...nameSteps(seen),
    ...addressSteps(seen),
    ...referenceHostSteps(seen),
    ...proxySteps(seen),
  ];
}

function answerSteps(request: Request): Step[] {
  return (Object.keys(request.answers) as (keyof Request['answers'])[])
    .filter((question) => request.answers[question] !== undefined)
    .map((question) => ({
      id: `answer-${question}`,
      probe: 'answer',
      input: { question, value: String(request.answers[question]) },
      purpose: 'told',
    }));
}

function addressSteps(seen: RunReadings): Step[] {
  const { request } = seen;
  const inDepth = addressesInDepth(seen);
  return seen.perAddress.flatMap((readings, i) => {
    const { address } = readings;
    if (address === null) return [];
    const n = i + 1;
    const connect: Step = {
      id: `tcp-${n}`,
      probe: 'tcp-connect',
      input: {
        address,
        port: request.target.port,
        role: 'target',
        startsMs: TARGET_STARTS_MS,
        endMs: TARGET_END_MS,
        stopAtFirstAnswer: true,
      },
      purpose: 'port',
    };
    const tcp = ofStep(seen, connect.id);
    if (tcp === undefined || tcp.data === null) return [connect];
    const context = contextOf(readings, address, n);
    if (context.facts['tcp.outcome'] === 'open') return [connect, ...openSteps(context)];
    return [
      connect,
      ...nonsenseSteps(context),
      ...otherAnswerSteps(context),
      ...(inDepth.has(address) ? failureSteps(context) : []),
    ];
  });
}
