import { describe, expect, it } from 'vitest';
import { evaluate } from '../../../src/judge/ruleset/evaluate.ts';
import type { Packet } from '../../../src/judge/ruleset/packet.ts';
import type { FilterChain, Hook, Match } from '../../../src/model/ruleset.ts';

/** Where the name of an interface ends, and where connection tracking begins. */
const SYN: Packet = {
  family: 4,
  source: '10.9.0.2',
  destination: '10.9.0.1',
  sourcePort: 40_000,
  destinationPort: 80,
  iif: 'eth0',
  oif: null,
  state: 'new',
  tcpFlags: 0x02,
  mss: 1460,
};
const dropping = (hook: Hook, priority: number, ...matches: Match[]): FilterChain => ({
  tool: 'nftables',
  families: [4, 6],
  table: 'inet filter',
  name: hook,
  base: { hook, kind: 'filter', priority, policy: 'accept' },
  rules: [
    {
      handle: 7,
      line: 1,
      text: 'a rule',
      packets: null,
      steps: [...matches.map((match) => ({ match })), { effect: { do: 'drop' } }],
    },
  ],
});
const named = (field: 'iif' | 'state', name: string): Match => ({
  field,
  test: { kind: 'names', names: [name] },
  not: false,
});
const arriving = (chain: FilterChain, iif = 'eth0') =>
  evaluate({ chains: [chain] }, { ...SYN, iif }, 'arriving', { addresses: ['10.9.0.1'] }).verdict;

describe('an interface by its beginning', () => {
  it.each([
    ['eth0', 'dropped'],
    ['eth', 'dropped'],
    ['etx0', 'delivered'],
    ['et', 'delivered'],
  ])('eth* is %s: %s', (device, verdict) => {
    expect(arriving(dropping('input', 0, named('iif', 'eth*')), device)).toBe(verdict);
  });
});

describe('the state of a connection', () => {
  it.each([
    [-201, 'may'],
    [-200, 'may'],
    [-199, 'dropped'],
  ])('is known to a chain behind priority -200: at %i the packet is %s', (priority, verdict) => {
    expect(arriving(dropping('prerouting', priority, named('state', 'new')))).toBe(verdict);
  });
});
