import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { FACT_TABLE } from '../../src/judge/facts/index.ts';
import { loadRules, problemText } from '../../src/judge/rules/load.ts';
import { failuresOf, isNearMiss, judgeCase, mistakesIn, readCases, showsLead } from './rule-cases.ts';

const { rules, problems } = await loadRules(
  fileURLToPath(new URL('../../rules', import.meta.url)),
  FACT_TABLE,
);
const files = await readCases();
const ids = rules.map((rule) => rule.id);

test('every rule file loads', () => {
  expect(problems.map(problemText)).toEqual([]);
});

describe.each(files)('$id', ({ id, cases }) => {
  test('is a rule', () => {
    expect(ids).toContain(id);
  });
  test.each(cases)('$name', (one) => {
    expect(mistakesIn(one, FACT_TABLE, ids)).toEqual([]);
    expect(failuresOf(one, judgeCase(one, rules, FACT_TABLE))).toEqual([]);
  });
});

test.each(rules)('$id has a case where it comes first and a near miss where it does not', ({ id }) => {
  const cases = files.find((file) => file.id === id)?.cases ?? [];
  expect({
    first: cases.some((one) => showsLead(id, one)),
    nearMiss: cases.some((one) => isNearMiss(id, one)),
  }).toEqual({ first: true, nearMiss: true });
});
