import type { Doors } from '../../doors/types.ts';
import type { Attempt, Case } from '../../model/case.ts';

/** Uneven on purpose: a rhythm that nobody else has, where marks do not survive. */
const GAPS_MS = [0, 430, 620, 310, 880, 540, 710, 390];
const WAIT_MS = 950;
/** Marks: TCP_MAXSEG from 1200 on, six bits of them. */
const FIRST_MSS = 1200;
const MARKS = 64;
/** Every third knock goes to the reference port. */
const REFERENCE_EVERY = 3;
const MOST_KNOCKS = 60;

interface Planned {
  port: number;
  to: Attempt['to'];
  mss: number;
  atMs: number;
}

/** When to knock where for `forMs`; the first marks follow those that the case has used. */
export function plannedKnocks(of: Case, forMs: number): Planned[] {
  const planned: Planned[] = [];
  let atMs = 0;
  for (let i = 0; i < MOST_KNOCKS; i++) {
    atMs += GAPS_MS[i % GAPS_MS.length] ?? 500;
    if (atMs > Math.max(0, forMs - WAIT_MS)) break;
    const isReference = of.reference !== null && i % REFERENCE_EVERY === REFERENCE_EVERY - 1;
    planned.push({
      port: isReference ? of.reference!.port : of.target.port,
      to: isReference ? 'reference' : 'target',
      mss: FIRST_MSS + ((of.attempts.length + i) % MARKS),
      atMs,
    });
  }
  return planned;
}

/** Knocks with marks, or without the native child in the same rhythm without. */
export async function knock(of: Case, forMs: number, doors: Doors, signal: AbortSignal): Promise<Attempt[]> {
  const planned = plannedKnocks(of, forMs);
  const { address, port } = of.target;
  const first = of.attempts.length + 1;
  const result = await doors.native(
    {
      job: 'knock',
      address,
      port,
      knocks: planned.map(({ port, mss, atMs }) => ({ port, mss, atMs })),
      waitMs: WAIT_MS,
    },
    signal,
  );
  if (result.status === 'knocked') {
    return result.knocked.map((one, i) => ({
      n: first + i,
      sentAt: new Date(one.sentAt).toISOString(),
      sourcePort: one.sourcePort,
      mss: one.mss,
      tsval: one.tsval,
      to: planned[i]?.to ?? 'target',
      result: one.outcome,
    }));
  }
  return Promise.all(
    planned.map(async ({ port, to, atMs }, i): Promise<Attempt> => {
      await doors.clock.sleep(atMs, signal);
      const sentAt = new Date(doors.clock.now()).toISOString();
      const { outcome } = await doors.connectTcp(address, port, { timeoutMs: WAIT_MS, signal });
      return {
        n: first + i,
        sentAt,
        sourcePort: null,
        mss: null,
        tsval: null,
        to,
        result: outcome === 'cancelled' ? 'timeout' : outcome,
      };
    }),
  );
}
