import { describe, expect, it } from 'vitest';
import { factsOf } from '../../../src/judge/facts/index.ts';
import { readingsAt } from '../../../src/judge/readings/index.ts';
import { bothEndsAt, grownBy } from '../../../src/judge/readings/other-end.ts';
import type { Attempt, OtherEnd, SeenPacket } from '../../../src/model/case.ts';
import type { Evidence } from '../../../src/model/evidence.ts';
import { evidence, HOST, observation, PORT } from '../../evidence.ts';

/** What of the other end's half belongs to our attempts, to the millisecond. */
const CLIENT = '198.51.100.7';
const START = Date.parse('2026-11-27T14:00:00.000Z');
const AT_S = START / 1000;
const attempt = (sentAtMs: number, more: Partial<Attempt> = {}): Attempt => ({
  n: 1,
  sentAt: new Date(START + sentAtMs).toISOString(),
  sourcePort: 40_000,
  mss: 1200,
  tsval: 1_000_000,
  to: 'target',
  result: 'timeout',
  ...more,
});
const SYN: SeenPacket = {
  time: AT_S,
  way: 'in',
  device: 'eth0',
  from: CLIENT,
  fromPort: 40_000,
  to: HOST,
  toPort: PORT,
  kind: 'syn',
  ttl: 60,
  mss: 1200,
  tsval: 1_000_001,
};
const answer = (kind: SeenPacket['kind'], afterMs: number): SeenPacket => ({
  ...SYN,
  kind,
  way: 'out',
  from: HOST,
  fromPort: PORT,
  to: CLIENT,
  toPort: 40_000,
  time: (START + afterMs) / 1000,
});
const half = (told: Partial<OtherEnd>) =>
  ({
    from: AT_S,
    to: AT_S + 10,
    halfOpen: [],
    counters: {},
    quiet: {},
    packets: null,
    trace: [],
    grew: [],
    listens: [],
    addresses: null,
    ruleset: null,
    routeBack: null,
    conntrack: null,
    ...told,
  }) as unknown as OtherEnd;
function evidenceOf(told: Partial<OtherEnd>, attempts: Attempt[]): Evidence {
  const looked = observation('other-end', 'other-end-1', { address: HOST } as never, 'looked', half(told));
  return {
    ...evidence({}, looked),
    case: {
      target: { address: HOST, port: PORT },
      reference: { address: HOST, port: 22 },
      client: { address: CLIENT },
      attempts,
    } as never,
  };
}
const both = (told: Partial<OtherEnd>, attempts: Attempt[]) => bothEndsAt(evidenceOf(told, attempts), HOST)!;

describe('an answer belongs to a SYN', () => {
  const answers = (kind: SeenPacket['kind'], afterMs: number) => {
    const { synAcks, resets, icmps } = both({ packets: [SYN, answer(kind, afterMs)] }, [attempt(0)]);
    return { 'syn-ack': synAcks.length, rst: resets, icmp: icmps, syn: null }[kind];
  };
  it.each([
    ['syn-ack', -10.5, 0],
    ['syn-ack', -9.5, 1],
    ['syn-ack', 7999, 1],
    ['syn-ack', 8001, 0],
    ['rst', 7999, 1],
    ['rst', 8001, 0],
    ['icmp', -10.5, 0],
    ['icmp', -9.5, 1],
    ['icmp', 1499, 1],
    ['icmp', 1501, 0],
  ] as const)('%s that left %d ms after it: %i', (kind, afterMs, many) => {
    expect(answers(kind, afterMs)).toBe(many);
  });
});

describe('an attempt was made while it watched', () => {
  it.each([
    [-1000, 1],
    [-1001, null],
    [11_000, 1],
    [11_001, null],
  ])('%i ms after its first look, which was ten seconds before its last: %s', (ms, many) => {
    expect(both({}, [attempt(ms)]).sent?.length ?? null).toBe(many);
  });
  it('by the clock of the other end, where a packet tells it', () => {
    const packets = [{ ...SYN, time: AT_S + 100 }];
    const watched = (fromMs: number) =>
      both({ packets, from: (START + fromMs) / 1000, to: AT_S + 200 }, [attempt(0)]).sent?.length;
    expect([watched(101_000), watched(101_001)]).toEqual([1, 0]);
  });
});

describe('what its counters grew by', () => {
  it.each([
    [0.5, 8],
    [1, 8],
    [1.5, 7],
    [4, 2],
  ])('in %d s, with two in a quiet second: %d of ten', (lastedS, grown) => {
    const counted = half({
      to: AT_S + lastedS,
      counters: { 'Tcp.OutRsts': 10 },
      quiet: { 'Tcp.OutRsts': 2 },
    });
    expect(grownBy(counted, 'Tcp.OutRsts')).toBe(grown);
  });
  it.each([
    [1, null],
    [2, 2],
  ])('tell of arrivals from two attempts on: of %i', (many, arrived) => {
    const counters = { 'Tcp.OutRsts': 9 };
    expect(
      both(
        { counters },
        Array.from({ length: many }, (_, i) => attempt(i)),
      ).arrived,
    ).toBe(arrived);
  });
});

it('one SYN that arrived is an arrival, and one packet more than the reference makes is chance', () => {
  expect(both({ packets: [SYN] }, [attempt(0)]).arrived).toBe(1);
  const reference = attempt(5, { to: 'reference', result: 'refused' });
  const received = (many: number) =>
    both({ counters: { 'Ip.InReceives': many, 'Ip.InDelivers': many } }, [attempt(0), attempt(1), reference])
      .arrived;
  expect([received(0), received(1), received(2), received(3)]).toEqual([null, 0, 0, null]);
});

it('a single packet is an arrival, a reset, an ICMP error', () => {
  const told = (...more: SeenPacket[]) =>
    factsOf(readingsAt(evidenceOf({ packets: [SYN, ...more] }, [attempt(0)]), HOST));
  expect(told()).toMatchObject({ 'there.reaches': true, 'there.answers': 'nothing' });
  expect(told(answer('rst', 1))['there.answers']).toBe('reset');
  expect(told(answer('rst', 1), answer('icmp', 1))['there.answers']).toBe('icmp');
});
