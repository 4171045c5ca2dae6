import { describe, expect, it } from 'vitest';
import { findLoop, summarizeTrace, wasSilentAt } from '../../../src/judge/readings/trace-summary.ts';
import { HOST, rejects, replies, traceData, udpArrives } from '../../evidence.ts';

const summary = (...args: Parameters<typeof traceData>) => summarizeTrace(traceData(...args));

describe('the end of a trace', () => {
  it('is the smallest TTL that the port answered, not the last', () => {
    expect(summary(['10.0.0.1', 'rst', 'rst', 'rst'])).toMatchObject({
      answeredAt: 2,
      answer: 'rst',
      reached: true,
      lastHop: 1,
    });
  });

  it('is reached by a SYN-ACK, a reset or an echo reply alike', () => {
    for (const answer of ['syn-ack', 'rst', 'reply'])
      expect(summary(['10.0.0.1', answer]).reached).toBe(true);
  });

  it('is reached where the host itself says that its UDP port is closed: no rejection', () => {
    expect(summary(['10.0.0.1', udpArrives()], { protocol: 'udp' })).toMatchObject({
      reached: true,
      answer: 'unreachable',
      rejection: null,
    });
  });

  it('of TCP that the host itself rejects with ICMP is both reached and rejected', () => {
    expect(summary(['10.0.0.1', rejects(HOST, 3)])).toMatchObject({
      reached: true,
      answeredAt: 2,
      rejection: { address: HOST, meaning: 'port-unreachable', ttl: 2 },
    });
  });

  it('is a rejection where a router sends it, at the smallest TTL that brought it', () => {
    expect(
      summary(['10.0.0.1', '10.0.1.1', rejects('10.0.1.1', 13, 7), rejects('10.0.1.1', 13, 9)]),
    ).toMatchObject({
      reached: false,
      lastHop: 2,
      rejection: { address: '10.0.1.1', meaning: 'prohibited', type: 3, code: 13, ttl: 3, rttMs: 7 },
    });
  });

  it('is not a "packet too big": that one is about size', () => {
    const tooBig = { ...(rejects('2001:db8::1') as object), icmpType: 2, icmpCode: 0 };
    expect(summary(['2001:db8::1', tooBig], { address: '2001:db8::7' }).rejection).toBeNull();
  });
});

describe('silence', () => {
  it('after hop 2 leaves hop 2 as the last', () => {
    expect(summary(['10.0.0.1', '10.0.1.1', '*', '*'])).toMatchObject({
      lastHop: 2,
      lastAddress: '10.0.1.1',
      reached: false,
      silentFromFirst: false,
      asked: 4,
    });
  });

  it('in the middle is a hole, and the last hop lies beyond it', () => {
    expect(summary(['10.0.0.1', '*', '*', '10.0.3.1', '*'])).toMatchObject({
      lastHop: 4,
      lastAddress: '10.0.3.1',
    });
  });

  it('from the first TTL on is said as such, and not where nothing was asked', () => {
    expect(summary(['*', '*', '*'])).toMatchObject({ silentFromFirst: true, lastHop: 0, lastAddress: null });
    expect(summary([]).silentFromFirst).toBe(false);
  });

  it('is not claimed where this machine could not send', () => {
    expect(summary([{ answer: 'local-error', errno: 'EPERM' }])).toMatchObject({
      localError: 'EPERM',
      silentFromFirst: false,
    });
  });

  it('counts only where it was asked for', () => {
    const trace = traceData(['10.0.0.1', '-', '*']);
    expect([1, 2, 3].map((ttl) => wasSilentAt(trace, ttl))).toEqual([false, false, true]);
  });

  it('a time-exceeded without a sender names no router', () => {
    expect(summary([{ answer: 'time-exceeded' }, '*'])).toMatchObject({ lastHop: 0, lastAddress: null });
  });
});

describe('loops', () => {
  it('two routers that send it to each other', () => {
    expect(summary(['10.0.0.1', '10.0.1.1', '10.0.2.1', '10.0.1.1', '10.0.2.1', '10.0.1.1'])).toMatchObject({
      loopHop: 2,
      loopAddresses: ['10.0.1.1', '10.0.2.1'],
    });
  });

  it('a circle of three', () => {
    const circle = ['10.0.0.1', '10.0.1.1', '10.0.2.1'];
    expect(summary([...circle, ...circle, ...circle])).toMatchObject({ loopHop: 1, loopAddresses: circle });
  });

  it('are seen with holes in them', () => {
    expect(summary(['10.0.0.1', '10.0.1.1', '10.0.0.1', '*', '10.0.0.1', '10.0.1.1', '*']).loopHop).toBe(1);
  });

  it('are none where NAT makes all hops beyond it look like itself', () => {
    expect(summary(['10.0.0.1', '10.0.1.1', '10.0.1.1', '10.0.1.1', '*']).loopHop).toBeNull();
  });

  it('are none where an address comes again once and the path goes on', () => {
    expect(
      summary(['10.0.0.1', '10.0.1.1', '10.0.0.1', '10.0.3.1', '10.0.4.1', 'syn-ack']).loopHop,
    ).toBeNull();
  });
});

it.each<[string[], boolean, number | null]>([
  [['a', 'b', 'c'], true, null],
  [['a', 'b', 'a'], false, null],
  [['a', 'b', 'a'], true, 1],
  [['a', 'b', 'a', 'b', 'a'], false, 1],
  [['a', 'b', 'a', 'c'], true, null],
])('routers %j, where a packet ran out of its full TTL (%s): a loop from hop %s', (hops, isKnown, hop) => {
  const routers = new Map(hops.map((one, i) => [i + 1, one]));
  expect(findLoop(routers, isKnown)?.hop ?? null).toBe(hop);
});

it('nothing was asked of a trace without replies', () => {
  expect([summary([]).asked, summary(['*']).asked, summary(['*', '*']).asked]).toEqual([0, 1, 2]);
});

it('replies may come in any order', () => {
  const trace = traceData([]);
  const shuffled = [...replies(HOST, ['10.0.0.1', '10.0.1.1', 'rst', 'rst'])].reverse();
  expect(summarizeTrace({ ...trace, replies: shuffled })).toMatchObject({ answeredAt: 3, lastHop: 2 });
});
