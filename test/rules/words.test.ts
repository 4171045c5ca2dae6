import { expect, test } from 'vitest';
import { FACT_TABLE } from '../../src/judge/facts/index.ts';
import { builtInRules } from '../../src/judge/rules/load.ts';
import { typicalFacts, wordsOf } from './words.ts';

const rules = await builtInRules(FACT_TABLE);
const facts = typicalFacts();

test.each(rules)('$id reads as whole sentences', (rule) => {
  for (const line of wordsOf(rule, facts)) {
    if (/^ +\$/.test(line)) continue;
    expect(line).not.toMatch(/\bunknown\b|undefined|NaN|\S {2,}\S/);
    expect(line).not.toMatch(/(?<!\.)\.\.(?!\.)|\s[,;]|\s\.(?![.\w])/);
  }
});
