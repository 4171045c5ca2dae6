import type { Carrier } from '../../doors/carriers/carrier.ts';
import { runScript } from '../../doors/carriers/run-script.ts';
import type { Doors } from '../../doors/types.ts';
import type { Case } from '../../model/case.ts';
import type { Evidence } from '../../model/evidence.ts';
import { carrierFailure } from '../carrier-failure.ts';
import { kitFor } from './kit.ts';
import { knock } from './knock.ts';
import { withAnswer, withFailedView } from './merge.ts';

/** The other end watches for so long; the client knocks inside of it. */
const WATCH_S = 4;
const KNOCK_MS = 3200;
/** From the carrier's start to its answer: connecting, looking about, watching. */
const DEADLINE_MS = 20_000;
/** A carrier that does not pass on what the script says on standard error gets this much time to start. */
const START_MS = 9000;

/**
 * Both halves at once: the script runs there, this client knocks meanwhile, and the answer is merged. A carrier that
 * fails is told as such; what the client saw alone stays as it was.
 */
export async function lookThere(
  evidence: Evidence,
  of: Case,
  carrier: Carrier,
  how: { traceRules: boolean; doors: Doors; signal: AbortSignal },
): Promise<Evidence> {
  const { text } = await kitFor(of, 'sh', { seconds: WATCH_S, traceRules: how.traceRules });
  let started = (): void => {};
  const watching = new Promise<void>((resolve) => {
    started = resolve;
  });
  const ended = new AbortController();
  const running = runScript(carrier, text, {
    deadlineMs: DEADLINE_MS,
    signal: how.signal,
    onMessage: (message) => {
      if (message.includes('Watching TCP')) started();
    },
  }).finally(() => ended.abort());
  const early = AbortSignal.any([how.signal, ended.signal]);
  await Promise.race([watching, how.doors.clock.sleep(START_MS, early)]);
  const attempts = ended.signal.aborted ? [] : await knock(of, KNOCK_MS, how.doors, early);
  const knocked: Case = {
    ...of,
    window: { ...of.window, to: attempts.at(-1)?.sentAt ?? of.window.to },
    attempts: [...of.attempts, ...attempts],
  };
  const result = await running;
  const whole = { ...evidence, case: knocked };
  if (result.status !== 'done')
    return withFailedView(whole, carrier.name, carrierFailure(carrier, result, DEADLINE_MS));
  const merged = await withAnswer(whole, knocked, result.stdout, carrier.name);
  return 'refused' in merged
    ? withFailedView(whole, carrier.name, `what came back ${merged.refused}`)
    : merged.evidence;
}
