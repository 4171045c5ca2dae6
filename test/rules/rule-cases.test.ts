import { describe, expect, test } from 'vitest';
import { failuresOf, judgeCase, mistakesIn, type RuleCase } from './rule-cases.ts';
import { rule, TABLE } from './small.ts';

const rules = [
  rule({ id: 'dropped', evidence: [{ if: { 'ping.replies': true }, weight: 3, say: 'Ping works.' }] }),
  rule({
    id: 'refusing',
    when: { 'tcp.outcome': 'refused' },
    ruledOut: [{ if: { 'tcp.outcome': 'timeout' }, say: 'Silence.' }],
  }),
];
const one = (part: Partial<RuleCase>): RuleCase => ({
  name: 'x',
  facts: {},
  expect: { first: 'dropped' },
  ...part,
});
const failures = (part: Partial<RuleCase>) => failuresOf(one(part), judgeCase(one(part), rules, TABLE));
const facts = { 'tcp.outcome': 'timeout', 'ping.replies': true };

describe('the runner of cases', () => {
  test('passes what holds', () => {
    const expected = {
      first: 'dropped',
      not: ['refusing'],
      absent: 'refusing',
      ruledOut: 'refusing',
      where: null,
    };
    expect(failures({ facts, expect: expected, confidence: { atLeast: 0.9 } })).toEqual([]);
    expect(failures({ expect: { first: null } })).toEqual([]);
  });
  test('fails what does not', () => {
    expect(failures({ facts, expect: { first: 'refusing' } })).toEqual([
      'first is not refusing: dropped 0.952',
    ]);
    expect(failures({ facts, expect: { first: null } })).toHaveLength(1);
    expect(failures({ facts, expect: { not: ['dropped'] } })).toHaveLength(1);
    expect(failures({ facts, expect: { absent: 'dropped' } })).toHaveLength(1);
    expect(failures({ facts, expect: { ruledOut: 'dropped' } })).toHaveLength(1);
    expect(failures({ facts, expect: { explains: 'refusing' } })).toHaveLength(1);
    expect(failures({ facts, expect: { where: 'hop' } })).toHaveLength(1);
    expect(failures({ facts, confidence: { atMost: 0.9 } })).toHaveLength(1);
    expect(failures({ facts: {}, confidence: { atMost: 0.9 } })).toHaveLength(2);
  });
  test('refuses cases that ask nothing or name what is not there', () => {
    const mistakes = (part: object) =>
      mistakesIn({ ...one({}), ...part } as RuleCase, TABLE, ['dropped', 'refusing']);
    expect(mistakes({})).toEqual([]);
    expect(mistakes({ expect: {} })).toEqual(['expects nothing']);
    expect(mistakes({ expect: { frist: 'dropped' } })).toEqual([
      'unknown expectation "frist"; the nearest known is "first"',
    ]);
    expect(mistakes({ expect: { not: 'dropped' } })).toEqual(['"not" is a list of ids']);
    expect(mistakes({ expect: { first: 'droped' } })).toEqual([
      'unknown cause "droped"; the nearest known is "dropped"',
    ]);
    expect(mistakes({ fatcs: {} })).toEqual(['unknown key "fatcs"; the nearest known is "facts"']);
    expect(mistakes({ facts: { 'ping.reply': true } })).toEqual([
      'unknown fact "ping.reply"; the nearest known is "ping.replies"',
    ]);
    expect(mistakes({ facts: { port: '443' } })).toEqual(['port is a number, not "443"']);
    expect(mistakes({ facts: { 'tcp.outcome': 'closed' } })).toEqual(['tcp.outcome is never "closed"']);
  });
});
