import { describe, expect, it } from 'vitest';
import { placeOf } from '../../src/judge/rules/place.ts';
import { isLikelier } from '../../src/judge/rules/rank.ts';
import type { Facts } from '../../src/model/facts.ts';
import type { Place } from '../../src/model/rule.ts';
import { rule } from './small.ts';

/** Where a cause of each kind is, from the facts. */
const HERE = '10.0.0.5';
const HOST = '192.0.2.7';
const KNOWN: Facts = { 'vantage.address': HERE, 'target.address': HOST, 'local.gateway': '10.0.0.1' };
const at = (place: Place, facts: Facts = {}) => placeOf(place, { ...KNOWN, ...facts });
const between = (
  hop: number | null,
  address: string | null,
  nextHop: number | null,
  next: string | null,
) => ({
  kind: 'between',
  hop,
  address,
  next: { hop: nextHop, address: next },
});

describe('where a port falls silent', () => {
  const R2: Facts = { 'path.target.lastHop': 2, 'path.target.lastAddress': '10.0.1.1' };
  const NONE: Facts = { 'path.target.lastHop': 0 };
  it.each<[string, Facts, object | null]>([
    ['nothing was traced', {}, null],
    ['behind the last that answered', R2, between(2, '10.0.1.1', 3, null)],
    [
      'and the next is known',
      { ...R2, 'path.nextHop': 3, 'path.nextAddress': '10.0.2.1' },
      between(2, '10.0.1.1', 3, '10.0.2.1'),
    ],
    [
      'and one farther is known',
      { ...R2, 'path.nextHop': 4, 'path.nextAddress': '10.0.2.1' },
      between(2, '10.0.1.1', 3, null),
    ],
    [
      'next to the host',
      { ...R2, 'path.nextHop': 3, 'path.stopNextToHost': true },
      between(2, '10.0.1.1', 3, HOST),
    ],
    [
      'not next to the host',
      { ...R2, 'path.nextHop': 3, 'path.stopNextToHost': false },
      between(2, '10.0.1.1', 3, null),
    ],
    [
      'the routers beyond are mute',
      { ...R2, 'path.muteBeyond': true, 'path.nextHop': 5, 'path.nextAddress': '10.0.4.1' },
      between(2, '10.0.1.1', 5, '10.0.4.1'),
    ],
    ['the routers beyond are mute to the end', { ...R2, 'path.muteBeyond': true }, null],
    [
      'mute from the first on',
      { ...NONE, 'path.muteBeyond': true, 'path.nextHop': 2, 'path.nextAddress': '10.0.1.1' },
      between(0, HERE, 2, '10.0.1.1'),
    ],
    ['a neighbour', { ...NONE, 'local.onLink': true }, between(0, HERE, 1, HOST)],
    [
      'a neighbour behind a router after all',
      { ...R2, 'local.onLink': true },
      between(2, '10.0.1.1', 3, null),
    ],
    ['before the first router, which never speaks', { ...NONE, 'local.onLink': false }, null],
    [
      'before the first router, which answers others',
      { ...NONE, 'gateway.answersOthers': true },
      between(0, HERE, 1, '10.0.0.1'),
    ],
    [
      'before the first router, which another trace shows',
      { ...NONE, 'path.nextHop': 1, 'path.nextAddress': '10.0.0.9' },
      between(0, HERE, 1, '10.0.0.9'),
    ],
    [
      'a single hop',
      { 'path.target.lastHop': 1, 'path.target.lastAddress': '10.0.0.1' },
      between(1, '10.0.0.1', 2, null),
    ],
  ])('%s', (_, facts, where) => {
    expect(at('stop', facts)).toEqual(where);
  });
});

describe('who refuses', () => {
  const rst = (facts: Facts): Facts => ({ 'refusal.kind': 'rst', ...facts });
  const icmp = (from: string | null, facts: Facts = {}): Facts => ({
    'refusal.kind': 'icmp',
    'refusal.from': from,
    'refusal.address': '10.0.1.1',
    ...facts,
  });
  it.each<[string, Facts, object | null]>([
    ['a reset of the host', rst({ 'refusal.nearer': false }), { kind: 'target', address: HOST }],
    ['a reset, nobody knows from where', rst({ 'refusal.nearer': null }), { kind: 'target', address: HOST }],
    [
      'a reset from nearer',
      rst({
        'refusal.nearer': true,
        'refusal.firstTtl': 3,
        'refusal.previousAddress': '10.0.1.1',
        'refusal.hereAddress': '10.0.2.1',
      }),
      between(2, '10.0.1.1', 3, '10.0.2.1'),
    ],
    [
      'a reset from before the first router',
      rst({ 'refusal.nearer': true, 'refusal.firstTtl': 1, 'refusal.previousAddress': null }),
      between(0, HERE, 1, null),
    ],
    ['a reset from nearer, nobody knows how near', rst({ 'refusal.nearer': true }), null],
    ['this machine', icmp('self'), { kind: 'this-machine' }],
    ['the host', icmp('target'), { kind: 'target', address: '10.0.1.1' }],
    ['a router', icmp('router', { 'refusal.hop': 2 }), { kind: 'hop', hop: 2, address: '10.0.1.1' }],
    ['nobody knows', icmp(null), null],
  ])('%s', (_, facts, where) => {
    expect(at('refuser', facts)).toEqual(where);
  });
});

describe('before a host that is off', () => {
  it.each<[string, Facts, object | null]>([
    [
      'behind the address that was asked',
      { 'refusal.behindTarget': true, 'refusal.address': HOST },
      { kind: 'target', address: HOST },
    ],
    [
      'a router looked for it',
      { 'refusal.from': 'router', 'refusal.hop': 2, 'refusal.address': '10.0.1.1' },
      between(2, '10.0.1.1', 3, null),
    ],
    [
      'a router somewhere looked for it',
      { 'refusal.from': 'router', 'refusal.address': '10.0.1.1' },
      between(null, '10.0.1.1', null, null),
    ],
    [
      'this machine looked for it',
      { 'refusal.from': 'self', 'local.onLink': true },
      between(0, HERE, 1, HOST),
    ],
    [
      'this machine looked for its router',
      { 'refusal.from': 'self', 'local.onLink': false },
      between(0, HERE, 1, '10.0.0.1'),
    ],
    ['its router was not found', { 'local.nextHopFailed': true }, between(0, HERE, 1, '10.0.0.1')],
    [
      'nobody told: where it falls silent',
      { 'path.target.lastHop': 1, 'path.target.lastAddress': '10.0.0.1' },
      between(1, '10.0.0.1', 2, null),
    ],
  ])('%s', (_, facts, where) => {
    expect(at('before-host', facts)).toEqual(where);
  });
});

it.each<[Place, Facts, object | null]>([
  ['this-machine', {}, { kind: 'this-machine' }],
  ['resolver', { 'dns.resolver': '10.0.0.53' }, { kind: 'resolver', address: '10.0.0.53' }],
  ['target', {}, { kind: 'target', address: HOST }],
  [
    'acceptor',
    { 'path.acceptedAt': 2, 'path.acceptedAddress': '10.0.1.1' },
    { kind: 'hop', hop: 2, address: '10.0.1.1' },
  ],
  ['acceptor', {}, null],
  [
    'loop',
    { 'path.loopHop': 2, 'path.loopFirstAddress': '10.0.1.1' },
    { kind: 'hop', hop: 2, address: '10.0.1.1' },
  ],
  ['loop', {}, null],
  ['mtu', { 'mtu.lastHop': 2, 'mtu.lastAddress': '10.0.1.1' }, between(2, '10.0.1.1', 3, null)],
  ['mtu', {}, null],
  ['cut', { 'stall.lastHop': 2, 'stall.lastAddress': '10.0.1.1' }, between(2, '10.0.1.1', 3, null)],
  ['cut', {}, null],
  ['nowhere', {}, null],
])('%s, %j', (place, facts, where) => {
  expect(at(place, facts)).toEqual(where);
});

describe('which is the likelier', () => {
  const ranked = (observed: boolean, share: number, logOdds: number) =>
    ({ rule: rule({ id: 'a', observed }), share, logOdds }) as never;
  it.each<[string, boolean, boolean]>([
    ['of two inferred the larger share', isLikelier(ranked(false, 0.6, 1), ranked(false, 0.4, 9)), true],
    ['not the smaller', isLikelier(ranked(false, 0.4, 9), ranked(false, 0.6, 1)), false],
    ['not one as large', isLikelier(ranked(false, 0.4, 9), ranked(false, 0.4, 1)), false],
    ['of two that were read the heavier', isLikelier(ranked(true, 0.4, 9), ranked(true, 0.6, 1)), true],
    ['not the lighter', isLikelier(ranked(true, 0.6, 1), ranked(true, 0.4, 9)), false],
    ['of one of each the heavier', isLikelier(ranked(true, 0.4, 9), ranked(false, 0.6, 1)), true],
    ['of one of each not the lighter', isLikelier(ranked(false, 0.6, 1), ranked(true, 0.4, 9)), false],
  ])('%s', (_, likelier, expected) => {
    expect(likelier).toBe(expected);
  });
});
