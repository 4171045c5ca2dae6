import { describe, expect, it } from 'vitest';
import type { Observation } from '../../../src/model/probes.ts';
import {
  attempt,
  connect,
  facts,
  HOST,
  localNetwork,
  observation,
  otherPorts,
  ping,
  rejects,
  replyTtl,
  trace,
  udpArrives,
} from '../../evidence.ts';

const R1 = '10.0.0.1';
const R2 = '10.0.1.1';
const R3 = '10.0.2.1';
const seen = (...observations: Observation[]) => facts({}, ...observations);

describe('whether the host is alive', () => {
  it.each([
    ['ping', ping('replies'), 'it answers ping'],
    ['an open port', otherPorts({ 22: 'open', 80: 'timeout' }), 'TCP 22 is open'],
    ['a refused port', otherPorts({ 80: 'refused' }), 'TCP 80 refuses at once'],
    ['another protocol', trace('other-protocol', [R1, udpArrives()]), 'it answers another trace'],
  ])('%s proves it', (_, proof, how) => {
    expect(seen(proof)).toMatchObject({ 'host.alive': true, 'host.aliveHow': how });
  });

  it('silence proves nothing: never false', () => {
    expect(seen(connect('timeout'), ping('no-reply'), otherPorts({ 22: 'timeout' }))).toMatchObject({
      'host.alive': null,
      'host.aliveHow': null,
      'host.answersPing': false,
    });
  });

  it('an ICMP error about another port is no sign of life', () => {
    expect(seen(otherPorts({ 22: 'unreachable' }))).toMatchObject({
      'host.alive': null,
      'host.rejectedPort': 22,
    });
  });

  it('a refusal by a box before a router that others reach is none of the host', () => {
    const forged = [
      otherPorts({ 22: 'refused' }),
      trace('reference', [R1, 'rst']),
      trace('other-protocol', [R1, R2, R3, '*']),
    ];
    expect(seen(...forged)).toMatchObject({ 'host.alive': null, 'host.aliveHow': null });
  });

  it('a refusal although the gateway does not answer ARP is made on this machine', () => {
    const gateway = localNetwork({ neighbour: 'FAILED' });
    expect(seen(otherPorts({ 22: 'refused' }), gateway)['host.alive']).toBeNull();
    expect(seen(otherPorts({ 22: 'refused' }), ping('replies'), gateway)['host.aliveHow']).toBe(
      'it answers ping',
    );
  });

  it('nor does one that is still looked for, time after time', () => {
    const alive = (...states: string[]) =>
      seen(
        otherPorts({ 22: 'refused' }),
        ...states.map((neighbour, i) => localNetwork({ id: `local-network-${i}`, neighbour })),
      )['host.alive'];
    expect(alive('INCOMPLETE', 'INCOMPLETE')).toBeNull();
    // Once only is a gateway that has not been needed for a while.
    expect(alive('INCOMPLETE')).toBe(true);
    expect(alive('INCOMPLETE', 'REACHABLE')).toBe(true);
  });
});

describe('silence on everything', () => {
  const silentPorts = otherPorts({ 22: 'timeout', 80: 'timeout' });

  it('needs the port, other ports and ping', () => {
    expect(seen(connect('timeout'), ping('no-reply'), silentPorts)['host.silentOnEverything']).toBe(true);
    expect(seen(connect('timeout'), ping('no-reply'))['host.silentOnEverything']).toBeNull();
    expect(seen(connect('timeout'), ping('replies'), silentPorts)['host.silentOnEverything']).toBe(false);
  });

  it('is unknown while the port is still being tried', () => {
    expect(seen(connect('pending'), silentPorts)['host.silentOnEverything']).toBeNull();
  });
});

describe('other ports', () => {
  it('one that is still being tried counts for nothing yet', () => {
    expect(seen(otherPorts({ 22: 'pending', 80: 'timeout' }, { final: false }))).toMatchObject({
      'host.otherPortsTried': 1,
      'host.otherPortsSilent': true,
      'host.silentPort': 80,
    });
    expect(seen(otherPorts({ 22: 'pending' }, { final: false }))).toMatchObject({
      'host.otherPortsTried': 0,
      'host.otherPortsSilent': null,
    });
    expect(seen()['host.otherPortsTried']).toBeNull();
  });
});

describe('how far away the host is', () => {
  it('is the smallest TTL that reaches it by another port or protocol', () => {
    expect(seen(trace('reference', [R1, R2, 'rst', 'rst']))['host.distance']).toBe(3);
    expect(seen(trace('other-protocol', [R1, udpArrives()]))['host.distance']).toBe(2);
  });

  it('is the largest where several disagree: who answers in its place is nearer', () => {
    expect(
      seen(trace('reference', [R1, 'rst']), trace('other-protocol', [R1, R2, R3, udpArrives()]))[
        'host.distance'
      ],
    ).toBe(4);
  });

  it('is never measured with the port in question', () => {
    expect(seen(trace('target', [R1, R2, 'rst']))['host.distance']).toBeNull();
  });

  it('is unknown where a reference is answered before a router that the port reaches', () => {
    expect(
      seen(trace('target', [R1, R2, R3, '*']), trace('reference', [R1, 'rst']))['host.distance'],
    ).toBeNull();
  });

  it("is unknown where a router rejects the other trace's packets", () => {
    expect(seen(trace('other-protocol', [R1, rejects(R2)]))['host.distance']).toBeNull();
  });
});

describe('ping', () => {
  it('with losses tells their share; without any reply it is no loss', () => {
    expect(seen(ping('replies', { sent: 10, received: 7 }))['host.pingLossShare']).toBeCloseTo(0.3);
    expect(seen(ping('no-reply'))['host.pingLossShare']).toBeNull();
  });

  it('that this machine could not send says nothing about the host', () => {
    expect(seen(ping('local-error'))['host.answersPing']).toBeNull();
  });
});

it("the reply TTL of another port comes before ping's, and the port's own is none", () => {
  expect(seen(ping('replies', { replyTtl: 61 }))['host.replyTtl']).toBe(61);
  expect(seen(ping('replies', { replyTtl: 61 }), replyTtl(22, 60))['host.replyTtl']).toBe(60);
  expect(seen(replyTtl(5432, 62))['host.replyTtl']).toBeNull();
});

describe('the reference host', () => {
  const wish = { controlHost: '198.51.100.9' };
  const reference = connect('open', {
    id: 'tcp-reference-host',
    address: '198.51.100.9',
    role: 'reference-host',
  });
  const beyond = (hops: string[]) => trace('reference-host', hops, { address: '198.51.100.9', port: 5432 });

  it('is told apart from "not named" and "not tried"', () => {
    expect(facts({})).toMatchObject({ 'referenceHost.given': false, 'referenceHost.outcome': null });
    expect(facts(wish)).toMatchObject({ 'referenceHost.given': true, 'referenceHost.outcome': null });
    expect(facts(wish, reference)['referenceHost.outcome']).toBe('open');
  });

  it('whose packets end after the same hop suffers from the same device', () => {
    const target = trace('target', [R1, R2, '*']);
    expect(facts(wish, target, beyond([R1, R2, '*']))['referenceHost.stoppedAtSameHop']).toBe(true);
    expect(facts(wish, target, beyond([R1, '*', '*']))['referenceHost.stoppedAtSameHop']).toBe(false);
    expect(facts(wish, target, beyond([R1, R2, 'syn-ack']))['referenceHost.stoppedAtSameHop']).toBeNull();
    expect(facts(wish, target)['referenceHost.stoppedAtSameHop']).toBeNull();
  });

  it('of the same network is no witness of the way out', () => {
    const at = (address: string) =>
      facts(wish, connect('timeout', { id: 'tcp-reference-host', address, role: 'reference-host' }))[
        'referenceHost.sameNetwork'
      ];
    expect([at(HOST.replace(/\d+$/, '254')), at('198.51.101.9')]).toEqual([true, false]);
    expect(facts(wish)['referenceHost.sameNetwork']).toBeNull();
  });

  it('to which the first router told nothing, though it told of the target, was not traced', () => {
    const silent = ['*', '*', '*'];
    const target = trace('target', [R1, '*', '*']);
    expect(facts(wish, target, beyond(silent))['referenceHost.stoppedAtSameHop']).toBeNull();
    expect(facts(wish, trace('target', silent), beyond(silent))['referenceHost.stoppedAtSameHop']).toBe(true);
  });
});

describe('what watches for a moment cannot speak for the rest', () => {
  const sample = (lastMs: number) =>
    connect('open', {
      id: 'tcp-sample-1',
      role: 'sample',
      attempts: [attempt('open'), attempt('open', { startMs: lastMs })],
    });
  const beside = (lastMs: number) =>
    connect('refused', {
      id: 'tcp-reference-1',
      port: 22,
      role: 'reference-port',
      attempts: [attempt('refused'), attempt('refused', { startMs: lastMs })],
    });
  const pings = (count: number, intervalMs?: number) =>
    observation(
      'ping',
      'ping-2',
      { address: HOST, count, timeoutMs: 9000, ...(intervalMs === undefined ? {} : { intervalMs }) },
      'replies',
      { ...pingData, sent: count, received: count },
    );
  const pingData = { minMs: 1, avgMs: 1, maxMs: 1, replyTtl: null, errors: [], sendRefused: false };
  it.each([
    [15_000, 1250, true],
    [15_000, 7500, false],
    [5000, 2499, true],
    [4999, 1250, null],
  ])('samples for %d ms, another port for %d ms: %s', (sampledMs, watchedMs, brief) => {
    expect(seen(sample(sampledMs), beside(watchedMs))['host.referencePortBrief']).toBe(brief);
  });
  it('pings as well', () => {
    expect(seen(sample(15_000), pings(10))['host.pingBrief']).toBe(true);
    expect(seen(sample(15_000), pings(10, 1500))['host.pingBrief']).toBe(false);
    expect(seen(sample(1750), pings(10))['host.pingBrief']).toBeNull();
    expect(seen(sample(15_000))['host.pingBrief']).toBeNull();
  });

  const large = (received: number, sent = 10) =>
    observation(
      'ping',
      'ping-large-1',
      { address: HOST, count: sent, timeoutMs: 9000, size: 1200 },
      received > 0 ? 'replies' : 'no-reply',
      { ...pingData, sent, received },
    );
  it('large packets that get lost where small ones do not', () => {
    const loses = (...more: Observation[]) => seen(...more)['host.losesLargePings'];
    expect([loses(pings(10), large(8)), loses(pings(10), large(9)), loses(pings(8), large(10))]).toEqual([
      true,
      false,
      false,
    ]);
    expect(loses(ping('replies', { sent: 10, received: 9 }), large(4))).toBe(false);
    // All of them are a filter, or a path that is too narrow; of few small ones it is no wonder.
    expect([loses(pings(10), large(0)), loses(pings(7), large(4)), loses(large(4))]).toEqual([
      null,
      null,
      null,
    ]);
    expect(seen(pings(10), large(4))).toMatchObject({
      'host.pingLossShare': 0,
      'host.largePings': 10,
      'host.largePingsLost': 6,
      'host.largePingSize': 1200,
    });
  });
  it('lost large ones do not mean that the host answers no ping', () => {
    expect(seen(large(0))['host.answersPing']).toBeNull();
  });
});
