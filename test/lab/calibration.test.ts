import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { FACT_TABLE } from '../../src/judge/facts/index.ts';
import { builtInRules } from '../../src/judge/rules/load.ts';
import type { Evidence } from '../../src/model/evidence.ts';
import { type Case, crossValidate, judgeAll, movesOf } from './calibration.ts';
import type { Truth } from './scenario.ts';
import { reliabilityOf } from './scorecard.ts';

const rules = await builtInRules(FACT_TABLE);
const saved = (folder: string): Evidence =>
  JSON.parse(readFileSync(new URL(`../scenarios/${folder}/evidence.json`, import.meta.url), 'utf8'));
const one = (folder: string, family: string, truth: Truth): Case => ({
  name: folder,
  family,
  evidence: saved(folder),
  truths: truth,
});

const shared = ['host-firewall-drop', 'network-firewall-drop'];
/** The claim of a run that the tool gets right, under a limit that no expert would set. */
const limited = one('host-or-last-router-drops-the-port', 'strict', {
  outcome: 'unreachable',
  causes: shared,
  maxConfidence: 0.3,
});
const sameElsewhere: Case = { ...limited, family: 'strict as well' };
const other = one('healthy', 'healthy', { outcome: 'reachable', causes: [] });
const claimOf = (judged: ReturnType<typeof judgeAll>, family: string) =>
  judged.find((run) => run.family === family)?.verdict.claim?.confidence ?? Number.NaN;

test('the fit lowers what claims too much', () => {
  const before = claimOf(judgeAll(rules, [limited]), 'strict');
  const { fitted, moves } = movesOf(rules, [limited, other]);
  expect(claimOf(judgeAll(fitted, [limited]), 'strict')).toBeLessThan(before - 0.05);
  expect(shared).toContain(moves[0]?.id);
});

test('a family has no part in the weights that it is judged with', () => {
  const before = claimOf(judgeAll(rules, [limited]), 'strict');
  expect(claimOf(crossValidate(rules, [limited, other]), 'strict')).toBe(before);
  expect(claimOf(crossValidate(rules, [limited, sameElsewhere]), 'strict')).toBeLessThan(before - 0.05);
});

test('what is right and claimed stays', () => {
  const { moves } = movesOf(rules, [other]);
  expect(moves[0]?.to).toBe(moves[0]?.from);
});

test('reliability: claimed against right, in bins; what claims nothing is in none', () => {
  const bins = reliabilityOf([
    { probability: 0.92, right: true },
    { probability: 0.94, right: false },
    { probability: 0.99, right: true },
    null,
  ]);
  expect(bins.map(({ count }) => count).reduce((a, b) => a + b)).toBe(3);
  expect(bins.find(({ from }) => from === 0.9)).toMatchObject({ count: 2, right: 0.5 });
});
