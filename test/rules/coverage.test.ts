import { expect, test } from 'vitest';
import { coverageOf, coverageTable, isCovered } from './coverage.ts';

const lead = { name: 'x', facts: {}, expect: { first: 'host-down' } };
const miss = { name: 'y', facts: {}, expect: { not: ['host-down'] } };

test('a rule is covered by scenarios, a case where it leads and a near miss', () => {
  const rows = (truths: string[][], cases: (typeof lead | typeof miss)[]) =>
    coverageOf(['host-down'], truths, [{ id: 'host-down', cases }]).filter((row) => row.id === 'host-down');
  expect(rows([['host-down', 'return-path']], [lead, miss])).toEqual([
    { id: 'host-down', rule: true, scenarios: 1, leads: 1, nearMisses: 1 },
  ]);
  expect(rows([['host-down']], [lead, miss]).every(isCovered)).toBe(true);
  expect(rows([['return-path']], [lead, miss]).every(isCovered)).toBe(false);
  expect(rows([['host-down']], [lead]).every(isCovered)).toBe(false);
  expect(rows([['host-down']], [miss]).every(isCovered)).toBe(false);
});

test('what is named without a rule behind it is told, and fails', () => {
  const rows = coverageOf(['my-own'], [['gone']], []);
  expect(coverageTable(rows)).toMatch(/^gone +1 +- +- +NO RULE$/m);
  expect(coverageTable(rows)).toMatch(/^my-own +- +- +- +NOT COVERED$/m);
  expect(rows.filter((row) => !isCovered(row)).map((row) => row.id)).toEqual(['my-own', 'gone']);
});
