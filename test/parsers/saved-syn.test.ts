import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseSavedSyn } from '../../src/parsers/saved-syn.ts';

/** What Linux keeps of a SYN with MSS 1237: IPv4 (20 octets), TCP (20), mss, sackOK, TS, nop, wscale (20). */
const V4 = Buffer.from(
  '4500003c1c4640003d06b1e60a0100320a020050' +
    'd6d82 0fb00000001 00000000 a002 faf0 0000 0000'.replaceAll(' ', '') +
    '020404d50402080a0001869f0000000001030307',
  'hex',
);
const V6 = Buffer.concat([Buffer.from('6000000000280639', 'hex'), Buffer.alloc(32, 1), V4.subarray(20)]);

describe('a saved SYN', () => {
  it('tells TTL, MSS, window and options in their order', () => {
    expect(parseSavedSyn(V4)).toEqual({
      ttl: 0x3d,
      window: 0xfaf0,
      mss: 1237,
      windowScale: 7,
      timestamp: 99_999,
      options: ['mss', 'sackOK', 'TS', 'nop', 'wscale'],
    });
    expect(parseSavedSyn(V6)).toMatchObject({ ttl: 0x39, mss: 1237, timestamp: 99_999 });
  });
  it('without options has none of their values', () => {
    const bare = Buffer.from(V4.subarray(0, 40));
    bare[32] = 0x50;
    expect(parseSavedSyn(bare)).toMatchObject({ mss: null, timestamp: null, windowScale: null, options: [] });
  });
  it('of another protocol, or too short, is none', () => {
    const udp = Buffer.from(V4);
    udp[9] = 17;
    expect(parseSavedSyn(udp)).toBeNull();
    expect(parseSavedSyn(V4.subarray(0, 39))).toBeNull();
    expect(parseSavedSyn(Buffer.alloc(0))).toBeNull();
  });
  it('whatever the octets are, it ends and throws nothing', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 130 }), fc.boolean(), (octets, isLike) => {
        const buffer = Buffer.from(octets);
        if (isLike && buffer.length > 40) V4.copy(buffer, 0, 0, 34);
        expect(parseSavedSyn(buffer)?.options.length ?? 0).toBeLessThanOrEqual(40);
      }),
    );
  });
});
