/** Arithmetic on address texts, without node:net: facts are computed from data alone. */

/** 4 or 16 octets; an IPv4-mapped address (`::ffff:192.0.2.7`) counts as IPv4. Null for what is no address. Zones are dropped. */
export function octetsOf(address: string): number[] | null {
  const bare = address.replace(/%.*$/s, '');
  if (!bare.includes(':')) return v4(bare);
  let text = bare;
  let tail: number[] = [];
  const dotted = /^(.*:)(\d+\.\d+\.\d+\.\d+)$/.exec(bare);
  if (dotted) {
    const last = v4(dotted[2] ?? '');
    if (last === null) return null;
    tail = last;
    // Two groups stand for the dotted part, so that the count of groups stays 8.
    text = `${dotted[1]}0:0`;
  }
  const halves = text.split('::');
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
  const mapped =
    octets.slice(0, 10).every((octet) => octet === 0) && octets[10] === 0xff && octets[11] === 0xff;
  return mapped ? octets.slice(12) : octets;
}

function v4(text: string): number[] | null {
  if (!/^\d{1,3}(\.\d{1,3}){3}$/.test(text)) return null;
  const octets = text.split('.').map(Number);
  return octets.every((octet) => octet <= 255) ? octets : null;
}

/** One spelling for one address, to compare and collect by; never to print. */
export const addressKey = (address: string): string => octetsOf(address)?.join('.') ?? address.toLowerCase();

export const sameAddress = (a: string, b: string): boolean => addressKey(a) === addressKey(b);

export const includesAddress = (list: readonly string[], address: string): boolean =>
  list.some((one) => sameAddress(one, address));

/** `nowhere` = leads to no other machine (0.0.0.0/8, ::, loopback); `private` = not routed on the internet (RFC 1918, 6598, 3927, 4193, 4291). */
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
export function areNeighbours(a: string, b: string): boolean {
  const [left, right] = [octetsOf(a), octetsOf(b)];
  if (left === null || right === null || left.length !== right.length) return false;
  const length = left.length === 4 ? 3 : 6;
  return left.slice(0, length).every((octet, index) => octet === right[index]);
}
