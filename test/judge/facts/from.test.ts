import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { FACT_TABLE, factsOf } from '../../../src/judge/facts/index.ts';
import { readingsAt, readingsOf } from '../../../src/judge/readings/index.ts';
import type { Evidence } from '../../../src/model/evidence.ts';
import type { Observation } from '../../../src/model/probes.ts';
import { isVantage } from '../../../src/model/views.ts';

/** Conclusions quote a fact's `from`: whatever it does not name must not have had a part in the fact. */
const SAVED = fileURLToPath(new URL('../../scenarios/', import.meta.url));
/** Runs that other places looked at as well; `test/moments/sources.test.ts` proves the rest at moments of the lab. */
const runs = readdirSync(SAVED)
  .filter((name) => existsSync(`${SAVED}${name}/evidence.json`))
  .map(
    (name) => [name, JSON.parse(readFileSync(`${SAVED}${name}/evidence.json`, 'utf8')) as Evidence] as const,
  )
  .filter(([, { views = [] }]) => views.some(({ kind }) => kind === 'vantage'));

const sourcesOf = (observation: Observation): string[] => {
  const { probe, input } = observation;
  if (isVantage(observation)) return ['vantage'];
  const { role, question } = input as { role?: string; question?: string };
  return [probe, `${probe}:${role ?? question}`];
};

/** Facts by their sources: those that have the same are computed together. */
const groups = new Map<string, [string, (typeof FACT_TABLE)[string]][]>();
for (const entry of Object.entries(FACT_TABLE)) {
  const sources = [...entry[1].from].sort().join();
  groups.set(sources, [...(groups.get(sources) ?? []), entry]);
}

function changedWithoutTheRest(evidence: Evidence): string[] {
  return readingsOf(evidence).perAddress.flatMap((readings) => {
    const whole = factsOf(readings);
    return [...groups.values()].flatMap((facts) => {
      const from = new Set<string>(facts[0]![1].from);
      const observations = evidence.observations.filter((o) => sourcesOf(o).some((one) => from.has(one)));
      const alone = factsOf(readingsAt({ ...evidence, observations }, readings.address));
      return facts
        .map(([name]) => name)
        .filter((name) => alone[name] !== whole[name])
        .map((name) => `${name}: ${whole[name]}, and from its sources alone ${alone[name]}`);
    });
  });
}

describe('a fact is made from nothing but what its `from` names', () => {
  test('there are such runs', () => {
    expect(runs.length).toBeGreaterThan(2);
  });

  test.each(runs)('%s', (_, evidence) => {
    expect(changedWithoutTheRest(evidence)).toEqual([]);
  });
});
