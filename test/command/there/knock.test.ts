import { expect, it } from 'vitest';
import { beacon, knock, plannedKnocks } from '../../../src/command/there/knock.ts';
import type { Doors, KnockJob } from '../../../src/doors/types.ts';
import type { Case } from '../../../src/model/case.ts';

const of = (more: Partial<Case> = {}): Case => ({
  id: '0'.repeat(32),
  target: { address: '192.0.2.7', port: 8080 },
  reference: { address: '192.0.2.7', port: 22 },
  client: { address: null, translated: 'unknown', seenAs: null },
  window: { from: '', to: '', timeZone: 'UTC' },
  attempts: [],
  ...more,
});

it('knocks in time, every third one at the reference port, each with a mark of its own', () => {
  const planned = plannedKnocks(of(), 8000);
  expect(planned.every(({ atMs }) => atMs <= 8000 - 950)).toBe(true);
  expect(planned.filter(({ to }) => to === 'reference').map(({ port }) => port)).toEqual(
    planned.flatMap((_, i) => (i % 3 === 2 ? [22] : [])),
  );
  expect(new Set(planned.map(({ mss }) => mss)).size).toBe(planned.length);
  expect(new Set(planned.slice(1).map(({ atMs }, i) => atMs - planned[i]!.atMs)).size).toBeGreaterThan(4);
});
it('marks stay within 1200 to 1263 however often it knocks, and no run is a flood', () => {
  const attempts = Array.from({ length: 100 }, () => ({}) as Case['attempts'][number]);
  const planned = plannedKnocks(of({ attempts }), 600_000);
  expect(planned.length).toBeLessThanOrEqual(60);
  expect(planned.every(({ mss }) => mss >= 1200 && mss <= 1263)).toBe(true);
});
it('without a reference port all go to the target', () => {
  expect(plannedKnocks(of({ reference: null }), 8000).every(({ to }) => to === 'target')).toBe(true);
});

/** A native child that answers at once, and a clock that jumps: `opensAt` = the knock that is accepted. */
function doorsThat(opensAt: number | null, then: () => void = () => {}) {
  let now = 0;
  let knocks = 0;
  const jobs: KnockJob[] = [];
  const doors = {
    clock: {
      now: () => now,
      sleep: async (ms: number) => {
        now += ms;
      },
    },
    native: async (job: KnockJob) => {
      jobs.push(job);
      then();
      now += 950;
      return {
        status: 'knocked',
        knocked: job.knocks.map(({ port, mss }) => ({
          ...{ port, mss, sentAt: now, sourcePort: 40_000, tsval: 7, errno: null },
          outcome: port === 8080 && ++knocks === opensAt ? 'open' : 'timeout',
        })),
      };
    },
  } as unknown as Doors;
  return { doors, jobs };
}
const never = new AbortController().signal;

it('for minutes it knocks every 5 s, at the reference port every 30 s, and at most 150 times', async () => {
  const { doors } = doorsThat(null);
  const attempts = await beacon(of(), 600_000, doors, never);
  expect(attempts.filter(({ to }) => to === 'target')).toHaveLength(120);
  expect(attempts.filter(({ to }) => to === 'reference')).toHaveLength(20);
  expect(attempts.map(({ n }) => n)).toEqual(attempts.map((_, i) => i + 1));
  expect((await beacon(of(), 6_000_000, doorsThat(null).doors, never)).length).toBeLessThanOrEqual(150);
});
it('until the port opens', async () => {
  const { doors } = doorsThat(4);
  const attempts = await beacon(of(), 600_000, doors, never);
  expect(attempts.filter(({ to }) => to === 'target').map(({ result }) => result)).toEqual([
    'timeout',
    'timeout',
    'timeout',
    'open',
  ]);
});
it('or until it is stopped, with what was sent so far', async () => {
  const stop = new AbortController();
  let turns = 0;
  const { doors } = doorsThat(null, () => {
    if (++turns === 3) stop.abort();
  });
  expect((await beacon(of({ reference: null }), 600_000, doors, stop.signal)).length).toBe(3);
});
it('one that was stopped is no attempt: what did not leave cannot be missed there', async () => {
  const stopped = { native: async () => ({ status: 'cancelled' }) } as unknown as Doors;
  expect(await knock(of(), 8000, stopped, never)).toEqual([]);
});
