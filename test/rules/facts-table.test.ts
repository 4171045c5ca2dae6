import { expect, test } from 'vitest';
import { FACT_TABLE } from '../../src/judge/facts/index.ts';
import { readReadme, withFacts } from './facts-table.ts';

test('rules/README.md lists every fact as it is (npm run rules:facts rewrites it)', async () => {
  const readme = await readReadme();
  expect(readme).toBe(withFacts(readme, FACT_TABLE));
});

test('every fact has a sentence, and none is named like a group of conditions', () => {
  for (const [name, fact] of Object.entries(FACT_TABLE)) {
    expect(fact.meaning, name).toMatch(/^[A-Za-z0-9`].*\.$/s);
    expect(['all', 'any', 'none'], name).not.toContain(name);
    expect(name).toMatch(/^[a-z][A-Za-z0-9]*(\.[a-z][A-Za-z0-9]*)*$/);
  }
});
