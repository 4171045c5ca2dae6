import { expect, it } from 'vitest';
import { plannedKnocks } from '../../../src/command/there/knock.ts';
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
