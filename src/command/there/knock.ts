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

/** Longer than this it knocks now and then: nobody can say to the second when the other end looks. */
export const BURST_MS = 29_000;
const BEACON_MS = 5000;
/** Every sixth time, that is every 30 s, one goes to the reference port as well. */
const BEACON_REFERENCE_EVERY = 6;
const MOST_BEACON_PACKETS = 150;

/**
 * One marked SYN every 5 s to the port and one every 30 s to the reference port, at most 150, until the time is over, the
 * port accepts, or it is stopped. What was sent so far is returned either way.
 */
export async function beacon(of: Case, forMs: number, doors: Doors, signal: AbortSignal): Promise<Attempt[]> {
  const { clock } = doors;
  const until = clock.now() + forMs;
  const sent: Attempt[] = [];
  for (let turn = 0; !signal.aborted && clock.now() < until; turn++) {
    const withReference = of.reference !== null && turn % BEACON_REFERENCE_EVERY === 0;
    if (sent.length + (withReference ? 2 : 1) > MOST_BEACON_PACKETS) break;
    const begun = clock.now();
    const planned = [of.target, ...(withReference && of.reference !== null ? [of.reference] : [])].map(
      ({ port }, i): Planned => ({
        port,
        to: i === 0 ? 'target' : 'reference',
        mss: FIRST_MSS + ((of.attempts.length + sent.length + i) % MARKS),
        atMs: i * 100,
      }),
    );
    const attempts = [...of.attempts, ...sent];
    sent.push(...(await knockAsPlanned({ ...of, attempts }, planned, doors, signal)));
    if (sent.some(({ to, result }) => to === 'target' && result === 'open')) break;
    const left = Math.min(until, begun + BEACON_MS) - clock.now();
    if (left > 0 && !signal.aborted) await clock.sleep(left, signal).catch(() => {});
  }
  return sent;
}

/** Knocks with marks, or without the native child in the same rhythm without. */
export const knock = (of: Case, forMs: number, doors: Doors, signal: AbortSignal): Promise<Attempt[]> =>
  knockAsPlanned(of, plannedKnocks(of, forMs), doors, signal);

/** Of one that was stopped nothing is known to have left, so nothing of it is told. */
async function knockAsPlanned(
  of: Case,
  planned: readonly Planned[],
  doors: Doors,
  signal: AbortSignal,
): Promise<Attempt[]> {
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
  if (result.status === 'cancelled') return [];
  const attempts = await Promise.all(
    planned.map(async ({ port, to, atMs }, i): Promise<Attempt | null> => {
      await doors.clock.sleep(atMs, signal).catch(() => {});
      if (signal.aborted) return null;
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
  return attempts.filter((one) => one !== null);
}
