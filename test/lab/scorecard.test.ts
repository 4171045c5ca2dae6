import { describe, expect, test } from 'vitest';
import { halfOf } from './halves.ts';
import { isHealthy } from './judge.ts';
import type { Result } from './laboratory.ts';
import { halfCards, isOverclaim, unstableOf } from './scorecard.ts';

const result = (name: string, more: Partial<Result> = {}): Result => ({
  name,
  family: 'routing-loop',
  healthy: false,
  open: false,
  outcome: 'unreachable',
  complaints: [],
  outcomeRight: true,
  causeRight: true,
  whereRight: true,
  overclaimed: null,
  claim: { id: 'routing-loop', confidence: 0.9 },
  forecast: null,
  wallMs: 1000,
  pace: 'silent',
  again: null,
  ...more,
});

describe('the halves', () => {
  test('a family is in one half for ever', () => {
    // The first octets of their SHA-256: whoever changes the rule moves what may be looked at.
    expect(['routing-loop', 'healthy', 'database-full', 'host-down', 'nxdomain'].map(halfOf)).toEqual([
      'exam',
      'exam',
      'exam',
      'exam',
      'practice',
    ]);
  });

  test('count over-claims, false alarms and silent times of their own families alone', () => {
    const other =
      ['a', 'b', 'c', 'd', 'e', 'f'].find((name) => halfOf(name) !== halfOf('routing-loop')) ?? '';
    const cards = halfCards(
      [
        result('one'),
        result('two', { causeRight: false, complaints: ['wrong'], wallMs: 3000 }),
        result('three', { healthy: true, outcomeRight: false, pace: 'reachable', claim: null, wallMs: 9000 }),
        result('four', { family: other, healthy: true }),
      ],
      [],
    );
    const mine = cards.find(({ half }) => half === halfOf('routing-loop'));
    expect(mine).toMatchObject({
      runs: 3,
      failed: 1,
      overclaims: 1,
      healthy: 1,
      falseAlarms: 1,
      unstable: null,
      silent: { count: 2, medianMs: 1000, p95Ms: 3000 },
    });
    expect(cards.find(({ half }) => half === halfOf(other))).toMatchObject({ healthy: 1, falseAlarms: 0 });
  });
});

describe('an over-claim', () => {
  test('is a claim above the limit, or a wrong one of 0.8 and more', () => {
    expect(isOverclaim(result('x'))).toBe(false);
    expect(isOverclaim(result('x', { overclaimed: 0.75 }))).toBe(true);
    expect(isOverclaim(result('x', { causeRight: false, claim: { id: 'y', confidence: 0.8 } }))).toBe(true);
    expect(isOverclaim(result('x', { causeRight: false, claim: { id: 'y', confidence: 0.79 } }))).toBe(false);
    expect(isOverclaim(result('x', { causeRight: false, claim: null }))).toBe(false);
  });
});

describe('an unstable top', () => {
  test('is another cause or another outcome, not another confidence', () => {
    const again = (id: string, confidence: number, more: Partial<Result> = {}): Result =>
      result('same', { claim: { id, confidence }, ...more });
    expect(unstableOf([again('a', 0.9), again('a', 0.5)])).toEqual([]);
    expect(unstableOf([again('a', 0.9), again('b', 0.9), again('a', 0.9)])).toMatchObject([
      { name: 'same', open: false, tops: { 'unreachable: a': 2, 'unreachable: b': 1 } },
    ]);
    expect(unstableOf([again('a', 0.9), again('a', 0.9, { outcome: 'impaired' })])).toHaveLength(1);
  });

  test('is counted apart where the truth itself is open', () => {
    const runs = [result('x', { open: true }), result('x', { open: true, claim: null })];
    const [card] = halfCards(runs, unstableOf(runs));
    expect(unstableOf(runs)).toHaveLength(1);
    expect(card?.unstable).toBe(0);
  });
});

describe('a healthy scenario', () => {
  test('may be called slow, and has no truth that is not reachable', () => {
    expect(isHealthy({ outcome: 'reachable', causes: [] })).toBe(true);
    expect(
      isHealthy([
        { outcome: 'reachable', causes: [] },
        { outcome: 'reachable', causes: ['service-slow'] },
      ]),
    ).toBe(true);
    expect(
      isHealthy([
        { outcome: 'reachable', causes: [] },
        { outcome: 'impaired', causes: ['path-loss'] },
      ]),
    ).toBe(false);
    expect(isHealthy({ outcome: 'reachable', causes: ['http-error'] })).toBe(false);
  });
});
