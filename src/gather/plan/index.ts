import { addressesOf } from '../../judge/readings/addresses.ts';
import type { Evidence } from '../../model/evidence.ts';
import type { Step } from '../../model/probes.ts';
import type { Request } from '../../model/request.ts';
import { controlHostSteps } from './control-host.ts';
import { addressesInDepth, failureSteps, otherAnswerSteps } from './failing.ts';
import { nameSteps, nonsenseSteps } from './name.ts';
import { openSteps } from './open.ts';
import { contextOf, ofStep } from './steps.ts';

export { isWanted } from './enough.ts';

/** ARP and ND give up 3.06 s after the first packet (techniques.md); the last attempt outlives that by itself. */
const TARGET_STARTS_MS = [0, 250, 500];
const TARGET_END_MS = 4000;

/**
 * What is worth asking, given what is known: a pure function of the evidence, called again whenever an observation
 * arrives. Returns every step that is wanted so far; the engine starts those that it has not started yet.
 */
export function nextSteps(evidence: Evidence): Step[] {
  const { request } = evidence;
  return [
    ...answerSteps(request),
    ...nameSteps(evidence),
    ...addressSteps(evidence),
    ...controlHostSteps(evidence),
  ];
}

function answerSteps(request: Request): Step[] {
  return (Object.keys(request.answers) as (keyof Request['answers'])[])
    .filter((question) => request.answers[question] !== undefined)
    .map((question) => ({
      id: `answer-${question}`,
      probe: 'answer',
      input: { question, value: String(request.answers[question]) },
      purpose: 'what the user says',
    }));
}

function addressSteps(evidence: Evidence): Step[] {
  const { request } = evidence;
  const addresses = addressesOf(evidence);
  const inDepth = addressesInDepth(evidence);
  return addresses.flatMap(({ address }, i) => {
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
      purpose: `whether ${address} accepts TCP ${request.target.port}`,
    };
    const tcp = ofStep(evidence, connect.id);
    if (tcp === undefined || tcp.data === null) return [connect];
    const context = contextOf(evidence, address, n);
    if (context.facts['tcp.outcome'] === 'open') return [connect, ...openSteps(context)];
    return [
      connect,
      ...nonsenseSteps(context),
      ...otherAnswerSteps(context),
      ...(inDepth.has(address) ? failureSteps(context) : []),
    ];
  });
}
