import { describe, expect, it } from 'vitest';
import {
  countersBetween,
  parseDevices,
  parseListedCounters,
  parsePairedCounters,
  parseRouteStatistics,
} from '../../src/parsers/kernel-counters.ts';

const start = new Map([
  ['Ip.InReceives', 100],
  ['Ip.InDelivers', 100],
  ['Ip.ForwDatagrams', 0],
  ['Ip.ReasmReqds', 0],
  ['Ip.ReasmOKs', 0],
  ['Ip.FragOKs', 0],
  ['Ip.FragCreates', 0],
  ['Ip.OutRequests', 200],
  ['Ip.OutTransmits', 200],
  ['TcpExt.TCPRetransFail', 3],
  ['Ip6InReceives', 10],
  ['Ip6InDelivers', 10],
  ['Ip6InMcastPkts', 0],
  ['Icmp6InNeighborSolicits', 0],
  ['Ip6OutRequests', 20],
  ['Ip6OutTransmits', 20],
]);
const later = (changes: Record<string, number>) =>
  new Map([...start].map(([name, value]) => [name, value + (changes[name] ?? 0)]));

describe('kernel counters', () => {
  it('are read from pairs of lines', () => {
    const text =
      'Ip: Forwarding InReceives OutTransmits\nIp: 2 6387 3549\nTcp: RtoMin MaxConn\nTcp: 200 -1\n';
    expect(Object.fromEntries(parsePairedCounters(text))).toEqual({
      'Ip.Forwarding': 2,
      'Ip.InReceives': 6387,
      'Ip.OutTransmits': 3549,
      'Tcp.RtoMin': 200,
      'Tcp.MaxConn': -1,
    });
  });

  it('are read from a list', () => {
    const text = 'Ip6InReceives                   \t1\nIp6InHdrErrors                  \t0\n\n';
    expect(Object.fromEntries(parseListedCounters(text))).toEqual({ Ip6InReceives: 1, Ip6InHdrErrors: 0 });
  });

  it('of interfaces are those of the loopback alone: others may count late', () => {
    const text = [
      'Inter-|   Receive                                                |  Transmit',
      ' face |bytes    packets errs drop fifo frame compressed multicast|bytes    packets errs drop fifo colls carrier compressed',
      '  eth0:    5000      40    0    0    0     0          0         0     2200      21    0    0    0     0       0          0',
      '    lo:    1296      18    0    0    0     0          0         0     1296      18    0    0    0     0       0          0',
    ].join('\n');
    expect(Object.fromEntries(parseDevices(text))).toEqual({ 'Loopback.Sent': 18 });
    expect(parseDevices('what is this').size).toBe(0);
  });

  it('of the routing cache are summed over the processors, in hexadecimal', () => {
    const text = [
      'entries  in_hit   in_slow_tot in_slow_mc in_no_route in_brd   in_martian_dst in_martian_src out_hit',
      '0000000b 00000000 0000384e    00000000   000009a7    00000011 00000000       00000205       00000000',
      '0000000b 00000000 000038ac    00000000   00000a2a    00000071 00000000       000001e9       00000000',
    ].join('\n');
    expect(Object.fromEntries(parseRouteStatistics(text))).toEqual({
      'Route.MartianSources': 0x205 + 0x1e9,
    });
    expect(parseRouteStatistics('').size).toBe(0);
    expect(parseRouteStatistics('entries in_martian_src\n').size).toBe(0);
    expect(parseRouteStatistics('entries in_martian_src\n1 zz\n').size).toBe(0);
    expect(parseRouteStatistics('entries in_hit\n1 1\n').size).toBe(0);
  });

  it('of a text that is neither are none', () => {
    expect(parsePairedCounters('what\nis this\n').size).toBe(0);
    expect(parsePairedCounters('Ip: InReceives\nTcp: 1\n').size).toBe(0);
    expect(parseListedCounters('').size).toBe(0);
  });
});

describe('the difference', () => {
  it('is zero when every packet went out and every answer was delivered', () => {
    const healthy = later({
      'Ip.OutRequests': 9,
      'Ip.OutTransmits': 9,
      'Ip.InReceives': 7,
      'Ip.InDelivers': 7,
    });
    expect(countersBetween(start, healthy, 4)).toMatchObject({
      unsent: 0,
      retransmitsFailed: 0,
      undelivered: 0,
    });
  });

  it('shows packets that were made and not sent', () => {
    const filtered = later({ 'Ip.OutRequests': 12, 'TcpExt.TCPRetransFail': 6 });
    expect(countersBetween(start, filtered, 4)).toMatchObject({
      unsent: 12,
      retransmitsFailed: 6,
      undelivered: 0,
    });
  });

  it('shows packets that came and were not delivered, in both families', () => {
    expect(countersBetween(start, later({ 'Ip.InReceives': 5, 'Ip.InDelivers': 2 }), 4).undelivered).toBe(3);
    expect(countersBetween(start, later({ Ip6InReceives: 5, Ip6InDelivers: 2 }), 6).undelivered).toBe(3);
  });

  it('does not take a router at work for a filter', () => {
    const routing = later({ 'Ip.InReceives': 50, 'Ip.ForwDatagrams': 50, 'Ip.OutTransmits': 50 });
    expect(countersBetween(start, routing, 4)).toMatchObject({ unsent: 0, undelivered: 0 });
  });

  it('does not take fragments for a filter', () => {
    const fragments = later({
      'Ip.OutRequests': 1,
      'Ip.FragOKs': 1,
      'Ip.FragCreates': 3,
      'Ip.OutTransmits': 3,
      'Ip.InReceives': 3,
      'Ip.ReasmReqds': 3,
      'Ip.ReasmOKs': 1,
      'Ip.InDelivers': 1,
    });
    expect(countersBetween(start, fragments, 4)).toMatchObject({ unsent: 0, undelivered: 0 });
  });

  it('tells martians, and leaves out those of the reverse-path filter', () => {
    const counted = new Map([...start, ['Route.MartianSources', 40], ['TcpExt.IPReversePathFilter', 2]]);
    const both = new Map([...start, ['Route.MartianSources', 47], ['TcpExt.IPReversePathFilter', 5]]);
    expect(countersBetween(counted, both, 4)).toMatchObject({ reversePath: 3, martians: 4 });
    expect(countersBetween(start, start, 4).martians).toBeNull();
    expect(countersBetween(counted, both, 6).martians).toBeNull();
  });

  it('leaves out IPv6 multicast that nobody joined and keeps what was delivered', () => {
    const neighbours = { Ip6InReceives: 6, Ip6InMcastPkts: 6, Ip6InDelivers: 2, Icmp6InNeighborSolicits: 2 };
    expect(countersBetween(start, later(neighbours), 6).undelivered).toBe(0);
  });

  it('is unknown, not zero, where the kernel does not count', () => {
    const old = new Map([...start].filter(([name]) => !name.includes('OutTransmits')));
    expect(countersBetween(old, old, 4)).toMatchObject({ unsent: null, undelivered: 0 });
    expect(countersBetween(new Map(), new Map(), 6)).toMatchObject({
      unsent: null,
      retransmitsFailed: null,
      undelivered: null,
    });
  });
});

describe('what arrives damaged', () => {
  it('is counted for TCP of both families, and delivered as far as IP knows', () => {
    const before = new Map([...start, ['Tcp.InCsumErrors', 7]]);
    const after = new Map([
      ...before,
      ['Tcp.InCsumErrors', 12],
      ['Ip.InReceives', 105],
      ['Ip.InDelivers', 105],
    ]);
    expect(countersBetween(before, after, 4)).toMatchObject({ badChecksums: 5, undelivered: 0 });
    expect(countersBetween(before, after, 6)).toMatchObject({ badChecksums: 5 });
    expect(countersBetween(start, start, 4).badChecksums).toBeNull();
  });
});
