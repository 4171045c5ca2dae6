import type { Family } from './address.ts';

/** What an ICMP error says about the packet, one word for both families (RFC 792, 1812, 4443). */
export const ICMP_MEANINGS = [
  'no-route',
  'host-unreachable',
  'protocol-unreachable',
  'port-unreachable',
  'prohibited',
  'beyond-scope',
  'time-exceeded',
  'too-big',
  'other',
] as const;
export type IcmpMeaning = (typeof ICMP_MEANINGS)[number];

const V4_UNREACHABLE: Record<number, IcmpMeaning> = {
  0: 'no-route',
  1: 'host-unreachable',
  2: 'protocol-unreachable',
  3: 'port-unreachable',
  4: 'too-big',
  6: 'no-route',
  7: 'host-unreachable',
  9: 'prohibited',
  10: 'prohibited',
  11: 'no-route',
  12: 'host-unreachable',
  13: 'prohibited',
  14: 'prohibited',
  15: 'prohibited',
};
const V6_UNREACHABLE: Record<number, IcmpMeaning> = {
  0: 'no-route',
  1: 'prohibited',
  // RFC 4443, 3.1: the source address has a smaller scope than the destination.
  2: 'beyond-scope',
  3: 'host-unreachable',
  4: 'port-unreachable',
  5: 'prohibited',
  6: 'prohibited',
};

export function icmpMeaning(family: Family, type: number | null, code: number | null): IcmpMeaning | null {
  if (type === null) return null;
  if (family === 4) {
    if (type === 11) return 'time-exceeded';
    if (type === 3) return (code !== null ? V4_UNREACHABLE[code] : undefined) ?? 'other';
    return 'other';
  }
  if (type === 3) return 'time-exceeded';
  if (type === 2) return 'too-big';
  if (type === 1) return (code !== null ? V6_UNREACHABLE[code] : undefined) ?? 'other';
  return 'other';
}

/** The errno with which connect() on Linux reports an ICMP error; null where it reports none. */
export function errnoOf(family: Family, type: number | null, code: number | null): string | null {
  if (type === null) return null;
  if (family === 4) {
    if (type === 11) return 'EHOSTUNREACH';
    if (type !== 3 || code === null) return null;
    if ([0, 6, 9, 11].includes(code)) return 'ENETUNREACH';
    if (code === 3) return 'ECONNREFUSED';
    if (code === 2) return 'ENOPROTOOPT';
    return [1, 7, 10, 12, 13, 14, 15].includes(code) ? 'EHOSTUNREACH' : null;
  }
  if (type === 3) return 'EHOSTUNREACH';
  if (type !== 1 || code === null) return null;
  return (
    (
      {
        0: 'ENETUNREACH',
        1: 'EACCES',
        3: 'EHOSTUNREACH',
        4: 'ECONNREFUSED',
        5: 'EACCES',
        6: 'EACCES',
      } as Record<number, string>
    )[code] ?? null
  );
}
