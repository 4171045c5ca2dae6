import { expect, test } from 'vitest';
import { FACT_TABLE } from '../../src/judge/facts/index.ts';
import { builtInRules } from '../../src/judge/rules/load.ts';
import { typicalFacts, wordsOf } from './words.ts';

const rules = await builtInRules(FACT_TABLE);
const facts = typicalFacts();

test.each(rules)('$id reads as whole sentences', (rule) => {
  for (const line of wordsOf(rule, facts)) {
    expect(line).not.toMatch(
      /\bunknown\b(?! (address|issuer|hop|TLS|service|authority))|undefined|null|NaN| {2,}\S.* {2}/,
    );
    // A sentence of ours ends, and does not end twice.
    if (!/^ +\$|->/.test(line)) expect(line).not.toMatch(/\.\.(?!\.)|\s[,.;]/);
  }
});
