import { describe, expect, it } from 'vitest';
import { outcomeOf } from '../../src/judge/outcome.ts';
import type { Facts } from '../../src/model/facts.ts';
import {
  attempt,
  connect,
  facts,
  factsAt,
  HOST,
  resolved,
  trace,
  udpArrives,
  type Wish,
} from '../evidence.ts';

const known = (more: Facts): Facts => ({ ...facts({}), ...more });

describe('the outcome', () => {
  it.each<[string, Facts[], string]>([
    ['open', [known({ 'tcp.outcome': 'open' })], 'reachable'],
    [
      'open and the service is well',
      [known({ 'tcp.outcome': 'open', 'service.healthy': true })],
      'reachable',
    ],
    [
      'open and nothing is known of the service',
      [known({ 'tcp.outcome': 'open', 'service.healthy': null })],
      'reachable',
    ],
    [
      'open and the service is not well',
      [known({ 'tcp.outcome': 'open', 'service.healthy': false })],
      'impaired',
    ],
    ['open now and then', [known({ 'tcp.outcome': 'open', 'tcp.mixed': true })], 'impaired'],
    [
      'accepted by something nearer, and the service answers as it should',
      [known({ 'tcp.outcome': 'open', 'path.acceptedNearer': true, 'service.healthy': true })],
      'reachable',
    ],
    [
      'accepted by something nearer',
      [known({ 'tcp.outcome': 'open', 'path.acceptedNearer': true })],
      'impaired',
    ],
    ['refused', [known({ 'tcp.outcome': 'refused' })], 'unreachable'],
    [
      'refused, and accepted a moment later',
      [known({ 'tcp.outcome': 'refused', 'tcp.acceptedSince': true })],
      'impaired',
    ],
    ['unreachable', [known({ 'tcp.outcome': 'unreachable' })], 'unreachable'],
    ['timeout', [known({ 'tcp.outcome': 'timeout' })], 'unreachable'],
    [
      'no route here',
      [known({ 'tcp.outcome': 'local-error', 'local.connectError': 'ENETUNREACH' })],
      'unreachable',
    ],
    [
      'no sockets here',
      [known({ 'tcp.outcome': 'local-error', 'local.resourceError': 'EMFILE' })],
      'undetermined',
    ],
    ['stopped while the first attempt waited', [known({ 'tcp.outcome': 'pending' })], 'undetermined'],
    ['nothing was tried', [known({})], 'undetermined'],
    ['the name led to nothing', [known({ 'dns.unresolved': true })], 'unreachable'],
    ['it is not known what the name leads to', [known({ 'dns.unresolved': null })], 'undetermined'],
    ['no view at all', [], 'undetermined'],
    [
      'one address has no sockets, the other one is refused',
      [
        known({ 'tcp.outcome': 'local-error', 'local.resourceError': 'EMFILE' }),
        known({ 'tcp.outcome': 'refused' }),
      ],
      'unreachable',
    ],
  ])('%s: %3$s', (_, views, outcome) => {
    expect(outcomeOf(views)).toBe(outcome);
  });
});

describe('with several addresses', () => {
  const NAME: Wish = { target: { host: 'db.example.com' } };
  const V6 = '2001:db8::7';
  const of = (first: ReturnType<typeof connect>, second: ReturnType<typeof connect>) =>
    outcomeOf([V6, HOST].map((address) => factsAt(address, NAME, resolved(V6, HOST), first, second)));
  const v6 = (outcome: Parameters<typeof connect>[0], more = {}) =>
    connect(outcome, { address: V6, ...more });
  const v4 = (outcome: Parameters<typeof connect>[0]) => connect(outcome, { id: 'tcp-2' });

  it('all open is reachable, some open is impaired, none open is unreachable', () => {
    expect(of(v6('open'), v4('open'))).toBe('reachable');
    expect(of(v6('timeout'), v4('open'))).toBe('impaired');
    expect(of(v6('open'), v4('refused'))).toBe('impaired');
    expect(of(v6('timeout'), v4('refused'))).toBe('unreachable');
  });

  it('a family that this machine has no route for takes nothing away', () => {
    const noRoute = v6('local-error', { attempts: [attempt('local-error', { code: 'ENETUNREACH' })] });
    expect(of(noRoute, v4('open'))).toBe('reachable');
  });

  it('one that was cut short while it waited takes nothing away either', () => {
    expect(of(v6('pending'), v4('open'))).toBe('reachable');
  });
});

it('an interceptor is told by evidence, too', () => {
  const seen = [
    connect('open'),
    trace('target', ['10.0.0.1', 'syn-ack']),
    trace('other-protocol', ['10.0.0.1', '10.0.1.1', '10.0.2.1', udpArrives()]),
  ];
  expect(outcomeOf([facts({}, ...seen)])).toBe('impaired');
});

it('SYNs that had to be sent again three times, or large packets that get lost, are told by evidence, too', () => {
  const of = (...late: number[]) =>
    outcomeOf([
      facts(
        {},
        connect('open', {
          role: 'sample',
          attempts: [12, 12, ...late].map((elapsedMs, i) =>
            attempt('open', { startMs: 1000 * i, elapsedMs }),
          ),
        }),
        connect('open'),
      ),
    ]);
  expect([of(1020, 2040), of(1020, 2040, 1010)]).toEqual(['reachable', 'impaired']);
  expect(outcomeOf([{ ...facts({}, connect('open')), 'host.losesLargePings': true }])).toBe('impaired');
});

it('who sees it hang, and has large packets vanish on the way, is told so', () => {
  const of = (symptom: string | null, blackhole: boolean) =>
    outcomeOf([{ ...facts({}, connect('open')), symptom, 'mtu.blackhole': blackhole }]);
  expect([of('hangs', true), of('hangs', false), of(null, true)]).toEqual([
    'impaired',
    'reachable',
    'reachable',
  ]);
});
