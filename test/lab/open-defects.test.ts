import { expect, it } from 'vitest';
import { openDefects } from './open-defects.ts';
import { allScenarios } from './scenarios.ts';

it('every open defect is a scenario of the lab', async () => {
  const names = new Set((await allScenarios()).map(({ name }) => name));
  expect([...(await openDefects())].filter((name) => !names.has(name))).toEqual([]);
});
