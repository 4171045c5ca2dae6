import { EVERY_TRACE } from '../../../model/fact-sources.ts';
import type { FactsOf, FactTable } from '../../../model/facts.ts';
import type { Readings } from '../../readings/index.ts';
import type { SeenTrace } from '../../readings/traces.ts';
import type { PATH_FACTS } from './path.ts';

export const REPEAT_FACTS = {
  'path.repeater': {
    type: 'string',
    meaning:
      'The router that tells of every TTL from path.repeatsFrom on, at least three one after the other, where no other is heard beyond: a loop of two shows two addresses in turn. A device before it sets the TTL to 1, or several routers answer with one address. Null otherwise.',
    from: EVERY_TRACE,
  },
  'path.repeatsFrom': { type: 'number', meaning: 'The first hop of path.repeater.', from: EVERY_TRACE },
  'path.repeatsAfter': {
    type: 'string',
    meaning: 'The router one hop before path.repeatsFrom.',
    from: EVERY_TRACE,
  },
  'path.loopKind': {
    type: 'string',
    meaning: 'What a repetition may be besides a loop, in words; null where it is none but a loop.',
    from: EVERY_TRACE,
  },
  'path.loopWords': {
    type: 'string',
    meaning: 'What was seen to repeat, in words: "go in circles past 192.0.2.1 and 192.0.2.9".',
    from: [...EVERY_TRACE, 'tcp-connect:target'],
  },
} as const satisfies FactTable;

/** A device that hands an expired packet on shows its neighbour twice; three are no such device. */
const LEAST = 3;

/** One and the same address at TTLs next to each other, up to the last that was heard in any trace. */
export function repeaterIn(every: readonly SeenTrace[]): { address: string; hop: number } | null {
  if (every.some(({ summary }) => summary.reached)) return null;
  const heard = new Map<number, Set<string>>();
  for (const { summary } of every)
    for (const [ttl, address] of summary.routers) heard.set(ttl, (heard.get(ttl) ?? new Set()).add(address));
  const ttls = [...heard.keys()].sort((a, b) => b - a);
  const [address] = heard.get(ttls[0] ?? 0) ?? [];
  if (address === undefined) return null;
  const other = ttls.find((ttl) => [...(heard.get(ttl) ?? [])].some((one) => one !== address)) ?? 0;
  const own = ttls.filter((ttl) => ttl > other);
  const isRun = own.some((ttl) =>
    Array.from({ length: LEAST }, (_, i) => ttl - i).every((one) => own.includes(one)),
  );
  return isRun ? { address, hop: Math.min(...own) } : null;
}

export function repeatFacts(
  path: FactsOf<typeof PATH_FACTS>,
  { traces }: Readings,
): FactsOf<typeof REPEAT_FACTS> {
  const repeater = repeaterIn(traces.every);
  const before =
    repeater === null
      ? []
      : traces.every.flatMap(({ summary }) => summary.routers.get(repeater.hop - 1) ?? []);
  return {
    'path.repeater': repeater?.address ?? null,
    'path.repeatsFrom': repeater?.hop ?? null,
    'path.repeatsAfter': before[0] ?? null,
    'path.loopKind': repeater === null ? null : 'Routing loop, or a TTL that is set on the way',
    'path.loopWords':
      repeater !== null
        ? `run out of it at ${repeater.address}, whatever it was`
        : path['path.loopAddresses'] === null
          ? null
          : `go in circles past ${path['path.loopAddresses']}`,
  };
}
