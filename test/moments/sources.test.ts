import { writeFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { FACT_TABLE, factsOf } from '../../src/judge/facts/index.ts';
import { readingsAt, readingsOf } from '../../src/judge/readings/index.ts';
import type { Evidence } from '../../src/model/evidence.ts';
import type { Facts } from '../../src/model/facts.ts';
import type { Observation } from '../../src/model/probes.ts';
import { evidenceOf, HERE, linesOf, type Moment, momentOf } from './moments.ts';

/**
 * A fact is made from nothing but what its `from` and `scaledBy` name, and from all of that: at the moments of sources.txt a fact changes
 * without the one source or the other. `RECORD=1 npx vitest run test/moments/sources` looks for such moments anew.
 */
const sourcesOf = ({ probe, input }: Observation): string[] => {
  const { role, question } = input as { role?: string; question?: string };
  return [probe, `${probe}:${role ?? question}`];
};
const only = (evidence: Evidence, isKept: (sources: string[]) => boolean): Evidence => ({
  ...evidence,
  observations: evidence.observations.filter((o) => isKept(sourcesOf(o))),
});
const perAddress = (evidence: Evidence, addresses: (string | null)[]): Facts[] =>
  addresses.map((address) => factsOf(readingsAt(evidence, address)));
const addressesOf = (evidence: Evidence): (string | null)[] =>
  readingsOf(evidence).perAddress.map(({ address }) => address);

/** Facts by their sources: those that have the same are looked at together. */
const groups = new Map<string, string[]>();
const sourcesNamed = (name: string): string[] => {
  const { from, scaledBy = [] } = FACT_TABLE[name]!;
  return [...new Set([...from, ...scaledBy])];
};
for (const name of Object.keys(FACT_TABLE)) {
  const sources = sourcesNamed(name).sort().join(', ');
  groups.set(sources, [...(groups.get(sources) ?? []), name]);
}

/** For each fact some moments, so that together they show of every source that it is needed, where any moment does. */
function findMoments(all: readonly Moment[]): string {
  const shown = new Map<string, Map<string, Set<string>>>([...groups.keys()].map((key) => [key, new Map()]));
  for (const moment of all) {
    const evidence = evidenceOf(moment);
    const addresses = addressesOf(evidence);
    const whole = perAddress(evidence, addresses);
    for (const source of new Set(evidence.observations.flatMap(sourcesOf))) {
      const without = perAddress(
        only(evidence, (some) => !some.includes(source)),
        addresses,
      );
      for (const [sources, names] of groups) {
        const isNeeded = names.some((name) => whole.some((facts, i) => facts[name] !== without[i]?.[name]));
        if (!isNeeded || !sources.split(', ').includes(source)) continue;
        const seen = shown.get(sources)!;
        seen.set(moment.id, (seen.get(moment.id) ?? new Set()).add(source));
      }
    }
  }
  return [...groups]
    .flatMap(([sources, names]) => {
      const chosen = covering(shown.get(sources)!);
      return chosen.length === 0 ? [] : names.map((name) => `${name}: ${chosen.join(' ')}\n`);
    })
    .sort()
    .join('');
}

/** Few moments, and three where there are so many, that together show all. */
function covering(byMoment: Map<string, Set<string>>): string[] {
  const missing = new Set([...byMoment.values()].flatMap((some) => [...some]));
  const chosen: string[] = [];
  while (missing.size > 0 || chosen.length < Math.min(3, byMoment.size)) {
    const news = ([id, some]: [string, Set<string>]): number =>
      chosen.includes(id) ? -1 : [...some].filter((one) => missing.has(one)).length;
    const [best] = [...byMoment].sort((a, b) => news(b) - news(a));
    chosen.push(best![0]);
    for (const one of best![1]) missing.delete(one);
  }
  return chosen;
}

const moments = linesOf('moments.txt').map(momentOf);
if (process.env.RECORD !== undefined) writeFileSync(`${HERE}sources.txt`, findMoments(moments));

/** Facts that have the same sources, at the moments of any of them. */
const cases = new Map<string, { names: string[]; id: string }>();
for (const line of linesOf('sources.txt')) {
  const [name, ids] = line.split(': ') as [string, string];
  const sources = [...groups].find(([, names]) => names.includes(name))?.[0] ?? `${name} is no fact any more`;
  for (const id of ids.split(' ')) {
    const key = `${sources}: moment ${id}`;
    cases.set(key, { id, names: [...(cases.get(key)?.names ?? []), name] });
  }
}

describe('facts are made from what they name, and from nothing else', () => {
  it.each([...cases])('%s', (_, { names, id }) => {
    const evidence = evidenceOf(moments.find((one) => one.id === id)!);
    const addresses = addressesOf(evidence);
    const whole = perAddress(evidence, addresses);
    const from = new Set(names.flatMap(sourcesNamed));
    const alone = perAddress(
      only(evidence, (some) => some.some((one) => from.has(one))),
      addresses,
    );
    for (const name of names)
      expect([name, alone.map((facts) => facts[name])]).toEqual([name, whole.map((facts) => facts[name])]);
  });
});
