// *filter
// :INPUT DROP [12:720]
// [3:180] -A INPUT -s 10.0.0.0/8 -p tcp -m tcp --dport 22 -m comment --comment "office" -j ACCEPT

import type { Family } from '../model/request.ts';
import type { FilterChain, Hook, Ruleset } from '../model/ruleset.ts';
import { stepsOfRule, wordsOf } from './iptables-rule.ts';

const MAX_LINES = 50_000;

/** The tables of iptables: hook priorities as in <linux/netfilter_ipv4.h>. */
const PRIORITIES: Record<string, number> = { raw: -300, mangle: -150, nat: -100, filter: 0, security: 50 };
const HOOKS: Record<string, Hook> = {
  PREROUTING: 'prerouting',
  INPUT: 'input',
  FORWARD: 'forward',
  OUTPUT: 'output',
  POSTROUTING: 'postrouting',
};

/** `iptables-save [-c]` or `ip6tables-save [-c]`, legacy and nft alike. Null where the text holds no table. */
export function parseIptablesSave(text: string, family: Family): Ruleset | null {
  const chains = new Map<string, FilterChain>();
  let table: string | null = null;
  for (const line of text.split('\n', MAX_LINES)) {
    const [first = ''] = line;
    if (first === '*') table = line.slice(1).trim();
    else if (table === null) continue;
    else if (first === ':') {
      const chain = chainOf(line, table, family);
      if (chain !== null) chains.set(`${table} ${chain.name}`, chain);
    } else {
      const rule = /^(?:\[(\d+):\d+\] )?(-A (\S+) ?(.*))$/.exec(line.trim());
      const chain = rule === null ? undefined : chains.get(`${table} ${rule[3]}`);
      if (rule === null || chain === undefined) continue;
      chain.rules.push({
        handle: null,
        line: chain.rules.length + 1,
        text: rule[2] ?? '',
        packets: rule[1] === undefined ? null : Number(rule[1]),
        steps: stepsOfRule(wordsOf(rule[4] ?? '')),
      });
    }
  }
  return chains.size === 0 ? null : { chains: [...chains.values()] };
}

function chainOf(line: string, table: string, family: Family): FilterChain | null {
  const [, name, policy] = /^:(\S+) (\S+)/.exec(line) ?? [];
  if (name === undefined) return null;
  const hook = policy === '-' ? undefined : HOOKS[name];
  const isSource = hook === 'postrouting' || hook === 'input';
  return {
    tool: family === 6 ? 'ip6tables' : 'iptables',
    families: [family],
    table,
    name,
    base:
      hook === undefined
        ? null
        : {
            hook,
            kind: table === 'nat' ? 'nat' : 'filter',
            priority: table === 'nat' && isSource ? 100 : (PRIORITIES[table] ?? 0),
            policy: policy === 'DROP' ? 'drop' : 'accept',
          },
    rules: [],
  };
}
