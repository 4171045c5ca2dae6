// {"nftables": [{"metainfo": {...}}, {"table": {"family": "inet", "name": "filter", "handle": 1}}, {"chain": {...}},
//  {"rule": {"family": "inet", "table": "filter", "chain": "input", "handle": 4, "expr": [{"match": {...}}, {"drop": null}]}}]}
import type { FilterChain, FilterRule, Hook, Ruleset } from '../model/ruleset.ts';
import type { ResetFamilies } from './nft-debug.ts';
import { type Named, stepsOf } from './nft-expression.ts';
import { withFamily } from './nft-reject.ts';
import { ruleText } from './nft-text.ts';

/** More objects than any rule set that a person can read has. */
const MAX_OBJECTS = 50_000;

const FAMILIES: Record<string, FilterChain['families']> = {
  ip: [4],
  ip6: [6],
  inet: [4, 6],
  netdev: [4, 6],
};
const HOOKS: readonly string[] = ['ingress', 'prerouting', 'input', 'forward', 'output', 'postrouting'];

type Json = Record<string, unknown>;

/**
 * `nft -j list ruleset` (libnftables-json(5)). Null where the text is no such document. Of a bridge's tables nothing is
 * taken: they see frames between the ports of a bridge. `resets`: what the listing leaves out (nft-debug.ts); without it a
 * reset that may be for one family alone stays unsure.
 */
export function parseNftRuleset(text: string, resets: ResetFamilies = new Map()): Ruleset | null {
  const objects = objectsOf(text);
  if (objects === null) return null;
  const chains = new Map<string, FilterChain>();
  const named = new Map<string, Named>();
  for (const { set, map } of objects) {
    const one = asObject(set ?? map);
    if (one === null) continue;
    named.set(keyOf(one, one.name), {
      elements: Array.isArray(one.elem) ? one.elem : [],
      // The packets themselves change it.
      changes: asTexts(one.flags).includes('dynamic'),
    });
  }
  for (const { chain } of objects) {
    const one = asObject(chain);
    const families = FAMILIES[String(one?.family)];
    if (one !== null && families !== undefined && typeof one.name === 'string')
      chains.set(keyOf(one, one.name), chainOf(one, one.name, families));
  }
  for (const { rule } of objects) {
    const one = asObject(rule);
    const chain = one === null ? undefined : chains.get(keyOf(one, one.chain));
    if (one === null || chain === undefined) continue;
    const found = ruleOf(one, chain.rules.length + 1, (name) => named.get(keyOf(one, name)));
    const reset = resets.get(`${keyOf(one, one.chain)} ${found.handle}`);
    chain.rules.push({ ...found, steps: withFamily(found.steps, String(one.family), reset) });
  }
  return { chains: [...chains.values()] };
}

function objectsOf(text: string): Json[] | null {
  try {
    const document = asObject(JSON.parse(text));
    if (!Array.isArray(document?.nftables)) return null;
    return document.nftables.slice(0, MAX_OBJECTS).filter((one) => asObject(one) !== null);
  } catch {
    // Cut short or no JSON at all: the rules stay unknown.
    return null;
  }
}

const asObject = (value: unknown): Json | null =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Json) : null;
const asTexts = (value: unknown): string[] =>
  (Array.isArray(value) ? value : [value]).filter((one) => typeof one === 'string');
const keyOf = (of: Json, name: unknown): string => `${of.family} ${of.table} ${name}`;

function chainOf(one: Json, name: string, families: FilterChain['families']): FilterChain {
  const hook = HOOKS.includes(String(one.hook)) ? (one.hook as Hook) : null;
  const devices = asTexts(one.dev);
  return {
    tool: 'nftables',
    families,
    table: `${one.family} ${one.table}`,
    name,
    base:
      hook === null
        ? null
        : {
            hook,
            kind: one.type === 'nat' ? 'nat' : 'filter',
            priority: Number(one.prio) || 0,
            policy: one.policy === 'drop' ? 'drop' : 'accept',
          },
    ...(devices.length > 0 ? { devices } : {}),
    rules: [],
  };
}

function ruleOf(one: Json, line: number, named: (name: string) => Named | undefined): FilterRule {
  const statements = (Array.isArray(one.expr) ? one.expr : []).map(asObject).filter((part) => part !== null);
  const counter = statements.map(({ counter }) => asObject(counter)).find((part) => part !== null);
  return {
    handle: typeof one.handle === 'number' ? one.handle : null,
    line,
    text: ruleText(statements, typeof one.comment === 'string' ? one.comment : null),
    packets: typeof counter?.packets === 'number' ? counter.packets : null,
    steps: statements.flatMap((statement) => stepsOf(statement, named)),
  };
}
