import { describe, expect, it } from 'vitest';
import { outcomeOf } from '../../../src/judge/outcome.ts';
import type { ConnectOutcome, NetworkInterface, PacketCounters } from '../../../src/model/measured.ts';
import type { Observation } from '../../../src/model/probes.ts';
import {
  attempt,
  attempts,
  connect,
  facts,
  factsAt,
  HOST,
  type Hop,
  localNetwork,
  QUIET,
  trace,
} from '../../evidence.ts';

/** Networks, attempts and counters: the least that decides, and one less. */
const R1 = '10.0.0.1';
const V6 = '2001:db8::7';
const seen = (...observations: Observation[]) => facts({}, ...observations);
const familyOf = (address: string) => (address.includes(':') ? (6 as const) : (4 as const));

describe('a neighbour in a network that is unusually wide, and not in this machine’s own part of it', () => {
  const unlikely = (own: string, prefix: number, address: string) =>
    factsAt(
      address,
      {},
      localNetwork({
        address,
        route: { onLink: true, gateway: null },
        interfaces: [
          { name: 'eth0', up: true, addresses: [{ address: own, prefix, family: familyOf(own) }] },
        ],
      }),
    )['local.unlikelyOnLink'];
  it.each([
    ['10.0.0.5', 21, '10.0.1.7', true],
    ['10.0.0.5', 22, '10.0.1.7', false],
    ['10.0.0.5', 21, '10.0.0.200', false],
    ['2001:db8::5', 63, '2001:db8:0:1::7', true],
    ['2001:db8::5', 64, '2001:db8::7', false],
    ['2001:db8::5', 60, '2001:db8:0:1::7', true],
    ['2001:db8::5', 56, '2001:db8:0:1::7', true],
    ['2001:db8::5', 56, '2001:db8::8000:0:0:7', false],
  ])('%s/%i and %s: %s', (own, prefix, address, expected) => {
    expect(unlikely(own, prefix, address)).toBe(expected);
  });
});

describe('a reference host is of the network of the target', () => {
  it.each([
    ['192.0.2.200', HOST, true],
    ['192.0.3.7', HOST, false],
    ['2001:db8::8000:0:0:7', V6, true],
    ['2001:db8:0:1::7', V6, false],
  ])('%s and %s: %s', (other, address, same) => {
    const reference = connect('open', { role: 'reference-host', address: other });
    expect(factsAt(address, {}, reference)['referenceHost.sameNetwork']).toBe(same);
  });
});

it.each([
  ['fd00:1:2:ff00::5', true],
  ['fd00:1:3::5', null],
  ['fd00:1:1ff::5', null],
])('fd00:1:2::7 and %s are of one range of 48 bits: %s', (source, same) => {
  const address = 'fd00:1:2::7';
  const from = localNetwork({ address, route: { source } });
  expect(factsAt(address, { target: { host: address } }, from)['target.ownRange']).toBe(same);
});

it.each([
  [1279, 'eth0'],
  [1280, null],
])('an interface of %i octets is too narrow for IPv6: %s', (mtu, device) => {
  const eth0: NetworkInterface = {
    name: 'eth0',
    up: true,
    mtu,
    addresses: [{ address: '10.0.0.5', prefix: 24, family: 4 }],
  };
  const known = factsAt(V6, {}, localNetwork({ address: V6, interfaces: [eth0] }));
  expect(known).toMatchObject({ 'local.narrowDevice': device, 'local.narrowMtu': device && mtu });
});

describe('counters of packets', () => {
  const counted = (hops: Hop[], more: Partial<PacketCounters>) =>
    seen(localNetwork(), trace('target', hops, { counters: { ...QUIET, ...more } }));
  it.each<[string, Hop[], boolean | null]>([
    ['nothing was silent', [R1, 'syn-ack'], false],
    ['one was silent', [R1, '*'], null],
  ])('that were not kept say nothing of a drop here, where %s: %s', (_, hops, drops) => {
    const nothing = { unsent: null, retransmitsFailed: null };
    expect(counted(hops, nothing)['local.dropsOutgoing']).toBe(drops);
  });
  it.each([
    [undefined, null],
    [0, null],
    [1, false],
  ])(
    'of answers from here say something beside those of what was sent, which was %s: %s',
    (launched, own) => {
      const none = { answeredHere: 0, ...(launched === undefined ? {} : { launched }) };
      expect(counted(['rst'], none)['local.rejectsOutgoing']).toBe(own);
      expect(counted(['syn-ack'], none)['local.acceptsOutgoing']).toBe(own);
    },
  );
});

describe('a port that wavers', () => {
  const wavers = (...outcomes: ConnectOutcome[]) =>
    seen(
      connect('open', {
        role: 'reference-port',
        attempts: outcomes.map((one) => attempt(one, { elapsedMs: one === 'open' ? 3 : 1500 })),
      }),
    )['host.referencePortWavers'];
  it.each<[ConnectOutcome[], boolean | null]>([
    [['open', 'timeout'], true],
    [['timeout', 'timeout'], null],
    [['open', 'open'], null],
  ])('answered %j: %s', (outcomes, expected) => {
    expect(wavers(...outcomes)).toBe(expected);
  });
});

describe('refusals beside an accepted connection', () => {
  const sample = (outcomes: ConnectOutcome[], startsMs: number[]): Observation => {
    const made = connect(outcomes[0]!, {
      id: 'tcp-sample-1',
      role: 'sample',
      attempts: outcomes.map((one, i) => attempt(one, { startMs: startsMs[i]! })),
    });
    return { ...made, input: { ...made.input, startsMs, stopAtFirstAnswer: false } } as Observation;
  };
  const target = attempts(attempt('refused'), attempt('open', { startMs: 250 }));
  it.each<[string, Observation[], number]>([
    ['of the first attempts', [target], 1],
    ['of two samples, which count alone', [target, sample(['refused', 'refused'], [0, 1000])], 2],
    ['of the first of two samples', [target, sample(['refused'], [0, 1000])], 1],
    ['of a sample that stands alone', [target, sample(['refused'], [0])], 2],
    ['of samples at one moment', [target, sample(['refused', 'refused'], [0, 0])], 3],
  ])('%s: %i', (_, observations, many) => {
    expect(seen(...observations)['tcp.refusedToo']).toBe(many);
  });
  it('one of each is enough: it is one of the servers behind the address, and not all is well', () => {
    const known = seen(target);
    expect(known['tcp.refuser']).toBe(`one of the servers behind ${HOST}`);
    expect(outcomeOf([known])).toBe('impaired');
    const open = seen(attempts(attempt('open')));
    expect([open['tcp.refuser'], outcomeOf([open])]).toEqual([HOST, 'reachable']);
  });
  it('a socket that could not be made says nothing of the target, even of a name that leads nowhere', () => {
    const full = attempts(attempt('local-error', { code: 'EMFILE' }));
    const unresolved = { ...seen(full), 'dns.unresolved': true };
    expect(outcomeOf([unresolved])).toBe('undetermined');
    expect(outcomeOf([{ ...unresolved, 'tcp.outcome': null }])).toBe('unreachable');
  });
});

describe('a connection was slow to open', () => {
  it.each<[string, number[], boolean]>([
    ['none', [10, 899], false],
    ['one', [10, 910], true],
    ['the only one, whose way may be as long', [910], false],
  ])('%s', (_, times, slow) => {
    const made = attempts(...times.map((elapsedMs) => attempt('open', { elapsedMs })));
    expect(seen(made)['tcp.slowOpen']).toBe(slow);
  });
  it('or silent beside one that was accepted', () => {
    const beside = (elapsedMs: number) =>
      seen(attempts(attempt('open', { elapsedMs: 10 }), attempt('pending', { elapsedMs })))['tcp.slowOpen'];
    expect([beside(209), beside(210)]).toEqual([false, true]);
  });
});
