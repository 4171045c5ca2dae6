import { describe, expect, it } from 'vitest';
import { parseNftRuleset } from '../../src/parsers/nft-ruleset.ts';

const rule = (...expr: unknown[]) =>
  parseNftRuleset(
    JSON.stringify({
      nftables: [
        {
          set: {
            family: 'inet',
            table: 'f',
            name: 'banned',
            elem: [{ elem: { val: '10.0.0.7', timeout: 60 } }],
          },
        },
        { set: { family: 'inet', table: 'f', name: 'seen', flags: ['dynamic'], elem: ['10.0.0.7'] } },
        {
          chain: {
            family: 'inet',
            table: 'f',
            name: 'in',
            hook: 'input',
            type: 'filter',
            prio: 0,
            policy: 'drop',
          },
        },
        { rule: { family: 'inet', table: 'f', chain: 'in', handle: 7, comment: 'why', expr } },
      ],
    }),
  )!.chains[0]!.rules[0]!;
const tcp = (field: string) => ({ payload: { protocol: 'tcp', field } });
const match = (left: unknown, right: unknown, op = '==') => ({ match: { op, left, right } });

describe('rules of nftables', () => {
  it('keeps handle, counter and the words that nft prints', () => {
    const one = rule(
      match(tcp('dport'), { set: [22, { range: [80, 90] }] }),
      { counter: { packets: 3, bytes: 1 } },
      { drop: null },
    );
    expect(one).toMatchObject({
      handle: 7,
      line: 1,
      packets: 3,
      text: 'tcp dport { 22, 80-90 } drop comment "why"',
    });
  });
  it('knows what is in a set, and not what is in one that packets change', () => {
    const from = { payload: { protocol: 'ip', field: 'saddr' } };
    expect(rule(match(from, '@banned'), { drop: null }).steps).toContainEqual({
      match: { field: 'source', test: { kind: 'addresses', ranges: [['0a000007', '0a000007']] }, not: false },
    });
    expect(rule(match(from, '@seen'), { drop: null }).steps[0]).toEqual({
      match: { unknown: 'ip saddr @seen' },
    });
  });
  it('an expression that it does not know is unknown, never left out', () => {
    expect(rule(match({ osf: { key: 'name' } }, 'Linux'), { accept: null }).steps[0]).toHaveProperty(
      'match.unknown',
    );
    expect(rule({ teleport: { to: 'mars' } }).steps).toEqual([
      { effect: { do: 'unknown', text: '{"teleport":{"to":"mars"}}' } },
    ]);
  });
  it.each([
    '',
    '{',
    '[]',
    '{"nftables": 3}',
    'null',
    '{"nftables":[null,3,{"rule":null},{"chain":{"name":3}}]}',
  ])('damage is null or empty, and never thrown: %s', (text) => {
    expect(parseNftRuleset(text)?.chains ?? []).toEqual([]);
  });
});
