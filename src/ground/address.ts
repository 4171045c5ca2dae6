/** Arithmetic on address texts, without node:net: what computes does so from data alone. */

export type Family = 4 | 6;

/** True for an IPv4 or IPv6 literal, without brackets; a zone (`fe80::1%eth0`) is allowed. */
export const isAddress = (text: string): boolean => text.length <= 80 && octetsOf(text) !== null;

/** The family that a literal is written in: `::ffff:192.0.2.7` is spoken to over IPv6. */
export const familyOf = (address: string): Family => (address.includes(':') ? 6 : 4);

/** 4 or 16 octets; an IPv4-mapped address (`::ffff:192.0.2.7`) counts as IPv4. Null for what is no address. Zones are dropped. */
export function octetsOf(text: string): number[] | null {
  const bare = text.replace(/%[\w.-]{1,32}$/, '');
  if (!bare.includes(':')) return octetsOf4(bare);
  const octets = octetsOf6(bare);
  if (octets === null) return null;
  const isMapped =
    octets.slice(0, 10).every((octet) => octet === 0) && octets[10] === 0xff && octets[11] === 0xff;
  return isMapped ? octets.slice(12) : octets;
}

function octetsOf6(text: string): number[] | null {
  const dotted = /^(.*:)(\d+\.\d+\.\d+\.\d+)$/.exec(text);
  const tail = dotted === null ? [] : octetsOf4(dotted[2] ?? '');
  if (tail === null) return null;
  // Two groups stand for the dotted part, so that the count of groups stays 8.
  const halves = (dotted === null ? text : `${dotted[1]}0:0`).split('::');
  if (halves.length > 2) return null;
  const [left = [], right = []] = halves.map((half) => (half === '' ? [] : half.split(':')));
  const missing = 8 - left.length - right.length;
  if (halves.length === 2 ? missing < 1 : missing !== 0) return null;
  const groups = [...left, ...Array<string>(missing).fill('0'), ...right];
  if (!groups.every((group) => /^[0-9a-f]{1,4}$/i.test(group))) return null;
  const octets = groups.flatMap((group) => {
    const value = Number.parseInt(group, 16);
    return [value >> 8, value & 0xff];
  });
  octets.splice(16 - tail.length, tail.length, ...tail);
  return octets;
}

function octetsOf4(text: string): number[] | null {
  if (!/^\d{1,3}(\.\d{1,3}){3}$/.test(text)) return null;
  const octets = text.split('.').map(Number);
  return octets.every((octet) => octet <= 255) ? octets : null;
}

/** One spelling for one address, to compare and collect by; never to print. Zones are ignored, since tools print them or not. */
export const addressKey = (address: string): string => octetsOf(address)?.join('.') ?? address.toLowerCase();

/** Compares spellings: `FD00:0:0::1` is `fd00::1`, `::ffff:192.0.2.7` is `192.0.2.7`. */
export const sameAddress = (a: string, b: string): boolean => addressKey(a) === addressKey(b);

export const includesAddress = (list: readonly string[], address: string): boolean =>
  list.some((one) => sameAddress(one, address));

/** As in a URL: IPv6 literals stand in brackets. */
export const bracketed = (host: string): string => (host.includes(':') ? `[${host}]` : host);

/** `192.0.2.7:443`, `[2001:db8::7]:443`, `db.example.com:443`. */
export const endpoint = (host: string, port: number): string => `${bracketed(host)}:${port}`;

/**
 * `nowhere` = leads to no other machine (0.0.0.0/8, ::, loopback); `private` = not routed on the internet
 * (RFC 1918, 6598, 3927, 4193, 4291).
 */
export function reachOf(address: string): 'nowhere' | 'private' | 'public' | null {
  const octets = octetsOf(address);
  if (octets === null) return null;
  const [a = 0, b = 0] = octets;
  if (octets.length === 4) {
    if (a === 0 || a === 127) return 'nowhere';
    const isPrivate =
      a === 10 ||
      (a === 172 && b >= 16 && b <= 31) ||
      (a === 192 && b === 168) ||
      (a === 169 && b === 254) ||
      (a === 100 && b >= 64 && b <= 127);
    return isPrivate ? 'private' : 'public';
  }
  if (octets.slice(0, 15).every((octet) => octet === 0) && (octets[15] ?? 0) <= 1) return 'nowhere';
  return (a & 0xfe) === 0xfc || (a === 0xfe && b >= 0x80) ? 'private' : 'public';
}

/** In one /24 (IPv4) or /48 (IPv6): most likely machines of one operator. */
export const areNeighbours = (a: string, b: string): boolean =>
  samePrefix(a, b, octetsOf(a)?.length === 4 ? 24 : 48);

/** Both addresses are of one family, and their first `bits` bits are the same. */
export function samePrefix(a: string, b: string, bits: number): boolean {
  const [left, right] = [octetsOf(a), octetsOf(b)];
  if (left === null || right === null || left.length !== right.length) return false;
  return left.every((octet, index) => {
    const ignored = Math.min(8, Math.max(0, (index + 1) * 8 - bits));
    return octet >> ignored === (right[index] ?? 0) >> ignored;
  });
}

/** Length of the prefix when `network` (`10.0.2.0/24`, `fd00::/64`, or one address) contains the address; null otherwise. */
export function covers(network: string, address: string): number | null {
  const [base = '', length] = network.split('/');
  const width = octetsOf(base)?.length;
  if (width === undefined) return null;
  const bits = length === undefined ? width * 8 : Number(length);
  if (!Number.isInteger(bits) || bits < 0 || bits > width * 8) return null;
  return samePrefix(base, address, bits) ? bits : null;
}

/** 8 or 32 hexadecimal digits, which compare as texts like the addresses as numbers; null for what is no address. */
export function hexOf(address: string): string | null {
  const octets = octetsOf(address);
  return octets === null ? null : octets.map((octet) => octet.toString(16).padStart(2, '0')).join('');
}

/** First and last address (`hexOf`) of a prefix: `10.0.0.0/8`, or of one address; null for what is neither. */
export function rangeOf(network: string): [first: string, last: string] | null {
  const [base = '', length] = network.split('/');
  const octets = octetsOf(base);
  if (octets === null) return null;
  const bits = length === undefined ? octets.length * 8 : Number(length);
  if (length === '' || !Number.isInteger(bits) || bits < 0 || bits > octets.length * 8) return null;
  const ends = [0, 0xff].map((fill) =>
    octets
      .map((octet, index) => {
        const ignored = Math.min(8, Math.max(0, (index + 1) * 8 - bits));
        const mask = (0xff << ignored) & 0xff;
        return ((octet & mask) | (fill & ~mask & 0xff)).toString(16).padStart(2, '0');
      })
      .join(''),
  );
  return [ends[0] ?? '', ends[1] ?? ''];
}

/** RFC 6761, 6.3: these lead to this machine everywhere. */
export const isLocalhost = (host: string): boolean => /(^|\.)localhost\.?$/i.test(host);

/** A domain is served with and without it as a rule. */
export const withoutWww = (host: string): string => host.replace(/^www\./i, '').toLowerCase();
