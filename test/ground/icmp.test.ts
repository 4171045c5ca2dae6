import { describe, expect, it } from 'vitest';
import { familyOf } from '../../src/ground/address.ts';
import { errnoOf, icmpMeaning } from '../../src/ground/icmp.ts';

describe('what an ICMP error means', () => {
  it.each([
    [4, 3, 0, 'no-route', 'ENETUNREACH'],
    [4, 3, 1, 'host-unreachable', 'EHOSTUNREACH'],
    [4, 3, 2, 'protocol-unreachable', 'ENOPROTOOPT'],
    [4, 3, 3, 'port-unreachable', 'ECONNREFUSED'],
    [4, 3, 4, 'too-big', null],
    [4, 3, 9, 'prohibited', 'ENETUNREACH'],
    [4, 3, 10, 'prohibited', 'EHOSTUNREACH'],
    [4, 3, 13, 'prohibited', 'EHOSTUNREACH'],
    [4, 11, 0, 'time-exceeded', 'EHOSTUNREACH'],
    [6, 1, 0, 'no-route', 'ENETUNREACH'],
    [6, 1, 1, 'prohibited', 'EACCES'],
    [6, 1, 2, 'beyond-scope', null],
    [6, 1, 3, 'host-unreachable', 'EHOSTUNREACH'],
    [6, 1, 4, 'port-unreachable', 'ECONNREFUSED'],
    [6, 1, 5, 'prohibited', 'EACCES'],
    [6, 2, 0, 'too-big', null],
    [6, 3, 0, 'time-exceeded', 'EHOSTUNREACH'],
  ] as const)('IPv%i type %i code %i: %s, and connect() says %s', (family, type, code, meaning, errno) => {
    expect(icmpMeaning(family, type, code)).toBe(meaning);
    expect(errnoOf(family, type, code)).toBe(errno);
  });

  it('a code that nobody has assigned is "other", and without a type nothing is known', () => {
    expect(icmpMeaning(4, 3, 99)).toBe('other');
    expect(icmpMeaning(4, 3, null)).toBe('other');
    expect(icmpMeaning(6, 1, 99)).toBe('other');
    expect(icmpMeaning(4, null, null)).toBeNull();
    expect(errnoOf(6, null, null)).toBeNull();
  });

  it('the same type is another thing in the other family', () => {
    expect(icmpMeaning(4, 3, 0)).toBe('no-route');
    expect(icmpMeaning(6, 3, 0)).toBe('time-exceeded');
  });
});

it('an address with a colon is IPv6', () => {
  expect([familyOf('192.0.2.7'), familyOf('::1'), familyOf('fe80::1%eth0')]).toEqual([4, 6, 6]);
});
