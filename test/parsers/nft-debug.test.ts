import { describe, expect, it } from 'vitest';
import { parseNftDebug, resetFamilies } from '../../src/parsers/nft-debug.ts';
import { parseNftRuleset } from '../../src/parsers/nft-ruleset.ts';

/** nft 1.0.6, `nft --debug=netlink list ruleset`, of four rules that end in a reset. */
const PRINTED = `inet f i 2
  [ meta load nfproto => reg 1 ]
  [ cmp eq reg 1 0x0000000a ]
  [ meta load l4proto => reg 1 ]
  [ cmp eq reg 1 0x00000006 ]
  [ reject type 1 code 0 ]

inet f i 3 2
  [ meta load l4proto => reg 1 ]
  [ cmp eq reg 1 0x00000006 ]
  [ reject type 1 code 0 ]

inet f i 4 3
  [ meta load nfproto => reg 1 ]
  [ cmp eq reg 1 0x00000002 ]
  [ reject type 1 code 0 ]

inet f i 5 4
  [ meta load nfproto => reg 1 ]
  [ cmp neq reg 1 0x00000002 ]
  [ reject type 1 code 0 ]

table inet f {
`;

describe('what nft leaves out of its listing', () => {
  it('is the family of a reset; one that is not a plain comparison stays unknown', () => {
    expect([...parseNftDebug(PRINTED)]).toEqual([
      ['inet f i 2', 6],
      ['inet f i 3', null],
      ['inet f i 4', 4],
    ]);
  });
  it('comes from the kit as lines of its own, and others are not taken', () => {
    expect([...resetFamilies(['inet,f,i,2,6', 'inet,f,i,3,-', 'ip,f,i,4,6', 'inet,f,i,5', ''])]).toEqual([
      ['inet f i 2', 6],
      ['inet f i 3', null],
    ]);
  });
});

const rule = (family: string, ...expr: unknown[]) =>
  JSON.stringify({
    nftables: [
      { chain: { family, table: 'f', name: 'i', hook: 'input', type: 'filter', prio: 0 } },
      { rule: { family, table: 'f', chain: 'i', handle: 2, expr } },
    ],
  });
const steps = (text: string, resets?: Parameters<typeof parseNftRuleset>[1]) =>
  parseNftRuleset(text, resets)!.chains[0]!.rules[0]!.steps;
const only = (family: number) => ({
  match: { field: 'family', test: { kind: 'numbers', ranges: [[family, family]] }, not: false },
});
const RESET = { reject: { type: 'tcp reset' } };

describe('a rule that rejects, in a table for both families', () => {
  it('with an ICMP error is for that family alone, whether nft lists it or not', () => {
    expect(steps(rule('inet', { reject: { type: 'icmp', expr: 'host-unreachable' } }))[0]).toEqual(only(4));
    expect(steps(rule('inet', { reject: { type: 'icmpv6', expr: 'no-route' } }))[0]).toEqual(only(6));
    expect(steps(rule('inet', { reject: { type: 'icmpx', expr: 'no-route' } }))).toHaveLength(1);
    expect(steps(rule('inet', { reject: null }))).toHaveLength(1);
  });
  it('with a reset is for the family that the kernel holds, and may be for either where that was not read', () => {
    expect(steps(rule('inet', RESET))[0]).toHaveProperty('match.unknown');
    expect(steps(rule('inet', RESET), new Map([['inet f i 2', 6]]))[0]).toEqual(only(6));
    expect(steps(rule('inet', RESET), new Map([['inet f i 2', null]]))).toHaveLength(1);
  });
  it('with a reset stays sure where the listing names a family, or the table has one alone', () => {
    const from = {
      match: { op: '==', left: { payload: { protocol: 'ip', field: 'saddr' } }, right: '10.0.0.1' },
    };
    expect(steps(rule('inet', from, RESET)).some((step) => 'match' in step && 'unknown' in step.match)).toBe(
      false,
    );
    expect(steps(rule('ip6', RESET))).toHaveLength(1);
  });
});
