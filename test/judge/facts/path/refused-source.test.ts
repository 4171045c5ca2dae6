import { describe, expect, it } from 'vitest';
import { connect, factsAt, HOST, rejects, trace } from '../../../evidence.ts';

const R2 = '10.0.1.1';
const [HOST6, R6] = ['2001:db8:1::7', '2001:db8:2::1'];

describe('an ICMP error is about the source address', () => {
  const of = (icmpType: number, icmpCode: number, address = HOST6, from = R6) =>
    factsAt(
      address,
      {},
      connect('unreachable', { address }),
      trace('target', ['*', { ...(rejects(from, icmpCode) as object), icmpType }], { address }),
    )['refusal.ofSource'];
  it.each([
    [1, 5, true],
    [1, 4, false],
    [1, 6, false],
    [4, 5, false],
  ])('by ICMPv6 type %i, code %i: %s', (type, code, expected) => {
    expect(of(type, code)).toBe(expected);
  });
  it('never by IPv4', () => {
    expect(of(1, 5, HOST, R2)).toBe(false);
  });
});
