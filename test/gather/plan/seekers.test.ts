import { describe, expect, it } from 'vitest';
import { searchesOverMs, seekersOf } from '../../../src/gather/plan/seekers.ts';
import { readingsOf } from '../../../src/judge/readings/index.ts';
import type { Observation } from '../../../src/model/probes.ts';
import {
  connect,
  evidence,
  HOST,
  localNetwork,
  QUIET,
  rejects,
  type replies,
  trace,
  udpArrives,
} from '../../evidence.ts';

const R1 = '10.0.0.1';
const R2 = '10.0.1.1';
const R3 = '10.0.2.1';
const stopped = trace('target', [R1, R2, '*', '*', '*']);
const seekersIn = (isOver: boolean, ...seen: Observation[]) =>
  seekersOf(readingsOf(evidence({}, connect('pending'), ...seen)).perAddress[0]!, isOver);
const seekers = (...seen: Observation[]) => seekersIn(false, ...seen);
const onLink = (neighbour: string): Observation =>
  localNetwork({ neighbour, route: { onLink: true, gateway: null } });

describe('who may still say that somebody is not there', () => {
  it('the last router, or the host, where nothing was heard beyond the stop', () => {
    expect(seekers(stopped)).toEqual([R2, HOST]);
    expect(seekers(stopped, trace('reference', [R1, R2, '*', '*', '*']))).toEqual([R2, HOST]);
  });

  it('nobody, where a router beyond the stop answered other traffic', () => {
    expect(seekers(stopped, trace('other-protocol', [R1, R2, R3, udpArrives()]))).toEqual([]);
  });

  it('nobody, where the host answered other traffic and tells of no TTL of this port that ends at it', () => {
    expect(seekers(stopped, trace('reference', [R1, R2, 'rst']))).toEqual([]);
    expect(seekers(stopped, trace('other-protocol', [R1, R2, udpArrives()]))).toEqual([]);
  });

  it('the host, where it was asked with that TTL once only, or not at all', () => {
    const asked = (sent: number) => {
      const data = stopped.data as { replies: ReturnType<typeof replies> };
      const once = data.replies.map((one) => (one.ttl === 3 ? { ...one, sent } : one));
      return seekers({ ...stopped, data: { ...data, replies: once } } as Observation, reference);
    };
    const reference = trace('reference', [R1, R2, 'syn-ack']);
    expect([asked(1), asked(2)]).toEqual([[HOST], []]);
    expect(seekers(trace('target', [R1, R2, '-', '*']), reference)).toEqual([HOST]);
  });

  it('the host, where it tells of TTLs that end at it: it hands the port on', () => {
    expect(
      seekers(trace('target', [R1, R2, HOST, '*', '*']), trace('reference', [R1, R2, 'syn-ack'])),
    ).toEqual([HOST]);
  });

  it('anybody, where the port meets another router than other traffic does', () => {
    expect(seekers(stopped, trace('reference', [R1, R3, 'rst']))).toBeNull();
    expect(seekers(stopped, trace('other-protocol', [R1, '10.9.9.9', R3, udpArrives()]))).toBeNull();
  });

  it('nobody, where packets do not leave this machine, or answers are dropped here', () => {
    const counters = { ...QUIET, unsent: 5, launched: 5 };
    expect(seekers(trace('target', ['*', '*', '*', '*', '*'], { counters }))).toEqual([]);
  });

  it('anybody, where no router was heard, no trace was made, or it did not end in silence', () => {
    expect(seekers(trace('target', ['*', '*', '*', '*']))).toBeNull();
    expect(seekers()).toBeNull();
    expect(seekers(trace('target', [R1, R2, 'syn-ack']))).toBeNull();
  });

  it('on the same link: nobody, once this machine has found the host, which hands nothing on', () => {
    const silent = trace('target', ['*', '*', '*']);
    expect(seekers(silent, onLink('REACHABLE'))).toEqual([]);
    expect(seekers(trace('target', [HOST, '*', '*']), onLink('REACHABLE'))).toEqual([HOST]);
    expect(seekers(silent, onLink('STALE'))).toBeNull();
    expect(seekers(silent, onLink('INCOMPLETE'))).toBeNull();
  });

  it('nobody at all once every search that the SYNs began has had its three seconds', () => {
    expect(searchesOverMs(500, 40)).toBe(3750);
    expect(seekersIn(true, stopped)).toEqual([]);
  });

  it('anybody all the same, where the sweep of the port was told that somebody is not there', () => {
    expect(seekersIn(true, trace('target', [R1, R2, rejects(R2, 1, 3060)]))).toBeNull();
  });
});
