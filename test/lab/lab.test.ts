import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Lab, prepareLab, runScenario } from './laboratory.ts';
import { allScenarios } from './scenarios.ts';

const quick = (await allScenarios()).filter((scenario) => scenario.quick);
const prepared = await prepareLab();
const impossible = 'impossible' in prepared ? prepared.impossible : null;
if (impossible) console.warn(`The network lab is skipped: ${impossible}`);

describe.skipIf(impossible !== null)(
  `the network lab${impossible ? ` (skipped: ${impossible})` : ''}`,
  () => {
    let lab: Lab;
    beforeAll(() => {
      if (!('impossible' in prepared)) lab = prepared;
    });
    afterAll(async () => {
      await lab?.close();
    });

    test('has a quick dozen and more', () => {
      expect(quick.length).toBeGreaterThanOrEqual(12);
    });

    test.concurrent.each(quick)('$name', { timeout: 60_000 }, async (scenario) => {
      const result = await runScenario(lab, scenario, {
        hide: scenario.hide ?? [],
        as: scenario.as ?? 'user',
        keepIn: null,
      });
      expect(result.complaints).toEqual([]);
    });
  },
);
