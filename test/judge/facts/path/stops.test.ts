import { describe, expect, it } from 'vitest';
import type { Observation } from '../../../../src/model/probes.ts';
import {
  attempt,
  connect,
  facts,
  factsAt,
  GATEWAY,
  HOST,
  type Hop,
  localNetwork,
  rejects,
  trace,
} from '../../../evidence.ts';

/** Where packets end, go in circles or stay unseen: the smallest cases that decide, and their neighbours. */
const [R1, R2, R3, R4] = ['10.0.0.1', '10.0.1.1', '10.0.2.1', '10.0.3.1'] as const;
const seen = (...observations: Observation[]) => facts({}, ...observations);

describe('silence at a TTL says nothing', () => {
  const SILENT: Hop[] = ['*', '*', '*'];
  const mute = (target: Hop[], reference: Hop[] | null, tool = false) =>
    seen(trace('target', target, { tool }), ...(reference === null ? [] : [trace('reference', reference)]));
  it.each<[string, Hop[], Hop[] | null, boolean, boolean | null]>([
    [
      'where another port is answered from beyond, and no router told',
      SILENT,
      ['*', '*', 'rst'],
      false,
      true,
    ],
    ['not where one router told of the other port', SILENT, [R1, '*', 'rst'], false, false],
    ['not where one router told of the port', [R1, '*', '*'], ['*', '*', 'rst'], false, false],
    ['not where the other port is silent, too', SILENT, SILENT, false, false],
    ['not known of the port alone', SILENT, null, false, null],
    ["of a tool's trace of the port alone", SILENT, null, true, true],
    ['not known where one router told a tool', [R1, '*', '*'], null, true, null],
    ['at the very TTL after the last router', SILENT, ['*', '-', 'rst'], false, true],
    ['not where the other port was not asked there', SILENT, ['-', '*', 'rst'], false, false],
  ])('%s', (_, target, reference, tool, expected) => {
    expect(mute(target, reference, tool)['path.muteBeyond']).toBe(expected);
  });
  it.each<[string, Hop[], boolean | null]>([
    ['before the host', ['-', '*', 'rst'], null],
    ['and not elsewhere', ['*', '-', 'rst'], true],
  ])('so that the port is not said to stop next to the host: %s', (_, reference, expected) => {
    expect(mute(SILENT, reference)['path.stopNextToHost']).toBe(expected);
  });
});

describe('other packets went further', () => {
  it.each<[string, Hop[], boolean]>([
    ['rejected at the hop after the stop', [R1, R2, rejects(R3)], false],
    ['rejected one hop later', [R1, R2, '*', rejects(R3)], true],
    ['told of at the hop after the stop', [R1, R2, R3], true],
    ['silent after the same hop', [R1, R2, '*'], false],
  ])('%s: %s', (_, other, further) => {
    const target = trace('target', [R1, R2, '*', '*']);
    expect(seen(target, trace('other-protocol', other))['path.otherGoesFurther']).toBe(further);
  });
});

describe('hops of which nothing is heard', () => {
  it.each<[Hop[], number | null]>([
    [[R1, 'syn-ack'], null],
    [[R1, '*', 'syn-ack'], 1],
    [[R1, '*', '*', 'syn-ack'], 2],
  ])('after hop 1, where the other port shows %j: %s', (reference, many) => {
    expect(
      seen(trace('target', [R1, '*', '*', '*', '*']), trace('reference', reference))['stop.silentBetween'],
    ).toBe(many);
  });
});

describe('a packet with the full TTL ran out of it', () => {
  const V6 = { address: '2001:db8:1::7', routers: ['fd00::1', '2001:db8:2::1', '2001:db8:2::2'] } as const;
  const V4 = { address: HOST, routers: [R1, R2, R3] } as const;
  it.each([
    ['IPv4', V4, 11, true],
    ['IPv4', V4, 3, false],
    ['IPv6', V6, 3, true],
    ['IPv6', V6, 1, false],
    ['IPv6', V6, 11, false],
  ] as const)('%s, ICMP type %s says so: %s', (_, { address, routers: [a, b, c] }, icmpType, loops) => {
    const told = { from: b, icmpType, icmpCode: 0 };
    const failed = attempt('unreachable', { code: 'EHOSTUNREACH', told });
    const twice = trace('target', [a, b, c, '*', '*', b, c, '*', '*'], { address });
    const known = factsAt(address, {}, connect('unreachable', { address, attempts: [failed] }), twice);
    expect(known['path.loops']).toBe(loops);
  });
  it('and no router came again: that is no loop yet', () => {
    const told = { from: R2, icmpType: 11, icmpCode: 0 };
    const failed = connect('unreachable', { attempts: [attempt('unreachable', { told })] });
    expect(seen(failed, trace('target', [R1, R2, '*', '*']))['path.loops']).toBe(false);
  });
});

describe('the routers of a loop', () => {
  const circle = (...other: Hop[]) =>
    seen(trace('target', [R1, R2, R3, R2, R3, R2]), trace('other-protocol', other))['path.loopAddresses'];
  it.each<[string, Hop[], string]>([
    ['those of the trace that shows it', ['*', '*'], `${R2} and ${R3}`],
    ['one that came twice in another trace', [R1, R4, '*', R4], `${R2}, ${R3} and ${R4}`],
    ['not one that answered two TTLs next to each other', [R1, R4, R4, '*'], `${R2} and ${R3}`],
    ['not one before the loop', [R4, '*', R4, '*'], `${R2} and ${R3}`],
  ])('%s', (_, other, addresses) => {
    expect(circle(...other)).toBe(addresses);
  });
});

describe('one router at one TTL after the other', () => {
  it.each<[Hop[], string | null, number | null]>([
    [[R1, R1, R1, '*'], R1, 1],
    [[R1, R1, '*', '*'], null, null],
    [[R1, R2, R2, R2, '*'], R2, 2],
    [[R1, R2, R2, '*', R2], null, null],
    [[R1, R2, R2, R2, R3], null, null],
  ])('%j: %s from hop %s', (hops, repeater, from) => {
    expect(seen(connect('unreachable'), trace('target', hops))).toMatchObject({
      'path.repeater': repeater,
      'path.repeatsFrom': from,
    });
  });
});

describe('beyond the first router', () => {
  const passes = (...hops: Hop[]) =>
    seen(localNetwork(), trace('gateway', hops, { address: '192.0.2.1' }))['gateway.passesOthers'];
  it.each<[Hop[], boolean | null]>([
    [[GATEWAY], null],
    [[GATEWAY, '*'], false],
    [[GATEWAY, '*', '*'], false],
    [[GATEWAY, R2], true],
    [[GATEWAY, GATEWAY], null],
    [['*', R2], null],
  ])('of the TTLs from 1 on are heard %j: packets to others pass is %s', (hops, expected) => {
    expect(passes(...hops)).toBe(expected);
  });
});
