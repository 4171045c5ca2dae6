import { describe, expect, it } from 'vitest';
import {
  canonicalAddress,
  decodeSocketAddress,
  encodeSocketAddress,
  errnoName,
  parseErrorQueue,
  parseTcpInfo,
} from '../../../src/doors/native/layout.ts';

/** Recorded on Linux 6.18 x64 in a network of namespaces: client 10.0.1.1 - 10.0.1.2 r1 - 10.0.2.2 r2 - server 10.0.3.2. */
const RECORDED = {
  timeExceededV4:
    '3000000000000000000000000b00000071000000020b00000000000000000000020000000a0001020000000000000000',
  prohibitedV4:
    '3000000000000000000000000b0000007100000002030d000000000000000000020000000a0002020000000000000000',
  timeExceededV6:
    '3c000000000000002900000019000000710000000303000000000000000000000a00000000000000fd0000010000000000000000000000020000000000000000',
  prohibitedV6:
    '3c0000000000000029000000190000000d0000000301010000000000000000000a00000000000000fd0000020000000000000000000000020000000000000000',
  tcpInfoConnected:
    '010000000007aa01e01c030000000000a805000018020000000000000000000000000000000000000000000000000000000000000000000000000000dc05000058fa00004400000022000000ffffff7f0a000000a80500000300000000000000903800000000000082cc452400000000',
};
const octets = (hex: string): Buffer => Buffer.from(hex, 'hex');

describe('the error queue', () => {
  it('names the router that sent an IPv4 time-exceeded', () => {
    expect(parseErrorQueue(octets(RECORDED.timeExceededV4))).toEqual([
      { errno: 'EHOSTUNREACH', origin: 'icmp', icmpType: 11, icmpCode: 0, from: '10.0.1.2' },
    ]);
  });

  it('keeps the code of a prohibition, in both families', () => {
    expect(parseErrorQueue(octets(RECORDED.prohibitedV4))).toEqual([
      { errno: 'EHOSTUNREACH', origin: 'icmp', icmpType: 3, icmpCode: 13, from: '10.0.2.2' },
    ]);
    expect(parseErrorQueue(octets(RECORDED.prohibitedV6))).toEqual([
      { errno: 'EACCES', origin: 'icmp', icmpType: 1, icmpCode: 1, from: 'fd00:2::2' },
    ]);
  });

  it('reads several control messages, each from its 8-aligned start', () => {
    const both = Buffer.concat([octets(RECORDED.timeExceededV6), octets(RECORDED.prohibitedV4)]);
    expect(parseErrorQueue(both).map(({ from }) => from)).toEqual(['fd00:1::2', '10.0.2.2']);
  });

  it('says null for a sender that the kernel does not know', () => {
    const unknown = octets(RECORDED.timeExceededV4);
    unknown.writeUInt16LE(0, 32);
    expect(parseErrorQueue(unknown)[0]?.from).toBeNull();
  });

  it('never reads past the end, wherever the octets are cut', () => {
    const whole = octets(RECORDED.timeExceededV6);
    for (let length = 0; length < whole.length; length++) {
      const errors = parseErrorQueue(whole.subarray(0, length));
      // The last 4 octets are padding to the next 8-aligned message; all before them are announced in cmsg_len.
      expect(errors.length).toBe(length >= 60 ? 1 : 0);
    }
  });

  it('stops at a length that leads nowhere', () => {
    for (const length of [0n, 15n, 49n, 2n ** 63n]) {
      const damaged = octets(RECORDED.timeExceededV4);
      damaged.writeBigUInt64LE(length, 0);
      expect(parseErrorQueue(damaged)).toEqual([]);
    }
  });

  it('skips control messages of other kinds', () => {
    const other = octets(RECORDED.timeExceededV4);
    other.writeInt32LE(8, 12);
    expect(parseErrorQueue(other)).toEqual([]);
  });
});

describe('socket addresses', () => {
  it.each([
    '10.0.3.2',
    '255.255.255.255',
    '::',
    '::1',
    'fe80::1',
    '2001:db8::8:800:200c:417a',
    '1:2:3:4:5:6:7:8',
  ])('%s comes back as it went in', (address) => {
    expect(decodeSocketAddress(encodeSocketAddress(address, 443))).toBe(address);
  });

  it('puts port and zone where the kernel looks for them', () => {
    const encoded = encodeSocketAddress('fe80::1%eth0', 443, 7);
    expect(encoded.readUInt16BE(2)).toBe(443);
    expect(encoded.readUInt32LE(24)).toBe(7);
  });

  it('knows dotted quads at the end of IPv6 text', () => {
    expect(decodeSocketAddress(encodeSocketAddress('::ffff:192.0.2.1', 1))).toBe('::ffff:192.0.2.1');
  });

  it('has one text for all spellings of an IPv6 address', () => {
    expect(canonicalAddress('2001:DB8:0:0:0:0:0:1%eth0')).toBe('2001:db8::1');
  });

  it('refuses what is no IP literal', () => {
    expect(() => encodeSocketAddress('example.net', 1)).toThrow('not an IP literal');
  });

  it('is null for an unknown family and for too few octets', () => {
    expect(decodeSocketAddress(Buffer.alloc(28))).toBeNull();
    expect(decodeSocketAddress(encodeSocketAddress('::1', 1).subarray(0, 20))).toBeNull();
  });
});

describe('tcp_info', () => {
  it('tells the segment sizes of a connection', () => {
    expect(parseTcpInfo(octets(RECORDED.tcpInfoConnected))).toEqual({
      sendMss: 1448,
      receiveMss: 536,
      unacked: 0,
      retransmits: 0,
    });
  });

  it('is null where an old kernel gives less', () => {
    expect(parseTcpInfo(Buffer.alloc(103))).toBeNull();
  });
});

it('errno numbers have their names', () => {
  expect([1, 13, 111, 112, 113].map(errnoName)).toEqual([
    'EPERM',
    'EACCES',
    'ECONNREFUSED',
    'EHOSTDOWN',
    'EHOSTUNREACH',
  ]);
  expect(errnoName(0)).toBe('errno 0');
});
