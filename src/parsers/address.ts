/** True for an IPv4 or IPv6 literal, without brackets; a zone (`fe80::1%eth0`) is allowed. */
export function isAddress(text: string): boolean {
  return groupsOf(text) !== null;
}

/** Compares spellings: `FD00:0:0::1` is `fd00::1`. Zones are ignored, since tools print them or not. */
export function sameAddress(a: string, b: string): boolean {
  const groups = groupsOf(a);
  return groups !== null && groups.join() === groupsOf(b)?.join();
}

export const familyOfAddress = (address: string): 4 | 6 => (address.includes(':') ? 6 : 4);

/** 4 octets or 8 groups; null for what is no address. */
export function groupsOf(text: string): number[] | null {
  if (text.length > 80) return null;
  const bare = text.replace(/%[\w.-]{1,32}$/, '');
  if (!bare.includes(':')) return octetsOf(bare);
  const dotted = /^(.*:)(\d+\.\d+\.\d+\.\d+)$/.exec(bare);
  if (dotted) {
    const octets = octetsOf(dotted[2] ?? '');
    if (octets === null) return null;
    const [a = 0, b = 0, c = 0, d = 0] = octets;
    return groupsOf(`${dotted[1]}${((a << 8) | b).toString(16)}:${((c << 8) | d).toString(16)}`);
  }
  const halves = bare.split('::');
  if (halves.length > 2) return null;
  const [left = [], right = []] = halves.map((half) => (half === '' ? [] : half.split(':')));
  const missing = 8 - left.length - right.length;
  if (halves.length === 2 ? missing < 1 : missing !== 0) return null;
  const groups = [...left, ...Array<string>(missing).fill('0'), ...right];
  return groups.every((group) => /^[0-9a-f]{1,4}$/i.test(group))
    ? groups.map((group) => Number.parseInt(group, 16))
    : null;
}

function octetsOf(text: string): number[] | null {
  if (!/^\d{1,3}(\.\d{1,3}){3}$/.test(text)) return null;
  const octets = text.split('.').map(Number);
  return octets.every((octet) => octet <= 255) ? octets : null;
}
