import { describe, expect, test } from 'vitest';
import { likelihoodOf, MOST_SHARE, rank, sharesOf } from '../../src/judge/rules/rank.ts';
import { rule } from './small.ts';

const match = (id: string, logOdds: number) => ({
  rule: rule({ id }),
  logOdds,
  because: [],
  against: [],
  facts: [],
  hasReason: true,
});

describe('shares', () => {
  test('a cause of log-odds 0 is as likely as something that is not in the catalogue', () => {
    expect(sharesOf([0])).toEqual([0.5]);
  });
  test('a single cause has the probability of its log-odds', () => {
    expect(sharesOf([2])[0]).toBeCloseTo(1 / (1 + Math.exp(-2)), 12);
  });
  test('two equal causes share', () => {
    const [a, b] = sharesOf([5, 5]);
    expect(a).toBe(b);
    expect(a).toBeCloseTo(0.498, 3);
  });
  test('nothing is claimed beyond what a lab can show', () => {
    expect(sharesOf([40])).toEqual([MOST_SHARE]);
  });
  test('large numbers do not overflow', () => {
    expect(sharesOf([2000, -2000])).toEqual([MOST_SHARE, 0]);
  });
});

test('equal causes come in the order of their ids, however they were given', () => {
  const ids = (matches: ReturnType<typeof match>[]) => rank(matches).map((r) => r.rule.id);
  expect(ids([match('b', 1), match('a', 1), match('c', 2)])).toEqual(['c', 'a', 'b']);
  expect(ids([match('a', 1), match('c', 2), match('b', 1)])).toEqual(['c', 'a', 'b']);
});

test.each([
  [0.8, 'very likely'],
  [0.799, 'likely'],
  [0.5, 'likely'],
  [0.499, 'possible'],
])('%d is %s', (confidence, word) => {
  expect(likelihoodOf(confidence)).toBe(word);
});
