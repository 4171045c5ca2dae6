import { describe, expect, it } from 'vitest';
import { parseIptablesSave } from '../../src/parsers/iptables-save.ts';

const saved = (...lines: string[]) =>
  parseIptablesSave(
    ['*filter', ':INPUT DROP [1:60]', ':mine - [0:0]', ...lines, 'COMMIT', ''].join('\n'),
    4,
  )!;
const steps = (line: string) => saved(line).chains[0]!.rules[0]!.steps;

describe('rules of iptables', () => {
  it('keeps number, counter and text', () => {
    const [input] = saved(
      '[3:180] -A INPUT -p tcp -m tcp --dport 22 -m comment --comment "a \\"b\\" -j x" -j DROP',
    ).chains;
    expect(input!.base).toEqual({ hook: 'input', kind: 'filter', priority: 0, policy: 'drop' });
    expect(input!.rules[0]).toMatchObject({
      line: 1,
      packets: 3,
      text: '-A INPUT -p tcp -m tcp --dport 22 -m comment --comment "a \\"b\\" -j x" -j DROP',
    });
    expect(input!.rules[0]!.steps.at(-1)).toEqual({ effect: { do: 'drop' } });
    expect(input!.rules[0]!.steps).toHaveLength(3);
  });
  it.each([
    ['172.17.0.2:80', { address: '172.17.0.2', port: 80, unsure: false }],
    ['172.17.0.2', { address: '172.17.0.2', port: null, unsure: false }],
    [':8080', { address: null, port: 8080, unsure: false }],
    ['[fd00::2]:80', { address: 'fd00::2', port: 80, unsure: false }],
    ['fd00::2', { address: 'fd00::2', port: null, unsure: false }],
    ['10.0.0.2-10.0.0.9', { address: null, port: null, unsure: true }],
    ['10.0.0.2:80-90', { address: null, port: null, unsure: true }],
  ])('DNAT to %s', (to, expected) => {
    expect(steps(`-A INPUT -j DNAT --to-destination ${to}`)).toEqual([
      { effect: { do: 'dnat', ...expected } },
    ]);
  });
  it('a module that it does not know may match or not, options and all', () => {
    expect(
      steps('-A INPUT -m recent --update --seconds 30 --name x -m tcp -p tcp --dport 22 -j DROP')[0],
    ).toEqual({
      match: { unknown: '-m recent --update --seconds 30 --name x' },
    });
  });
  it('a mask with holes, and connmark, are not known', () => {
    expect(steps('-A INPUT -s 10.0.0.0/255.0.255.0 -j DROP')[0]).toHaveProperty('match.unknown');
    expect(steps('-A INPUT -m connmark --mark 0x1 -j DROP')[0]).toHaveProperty('match.unknown');
  });
  it.each(['', 'nonsense', '*filter\nCOMMIT', '-A INPUT -j DROP'])('no table: %s', (text) => {
    expect(parseIptablesSave(text, 4)).toBeNull();
  });
});
