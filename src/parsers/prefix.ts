import { familyOfAddress, groupsOf } from './address.ts';

/** Length of the prefix when `network` (`10.0.2.0/24`, `fd00::/64`, or one address) contains the address; null otherwise. */
export function covers(network: string, address: string): number | null {
  const [base = '', length] = network.split('/');
  const a = groupsOf(base);
  const b = groupsOf(address);
  if (a === null || b === null || a.length !== b.length) return null;
  const width = familyOfAddress(base) === 4 ? 8 : 16;
  const bits = length === undefined ? a.length * width : Number(length);
  if (!Number.isInteger(bits) || bits < 0 || bits > a.length * width) return null;
  for (const [index, group] of a.entries()) {
    const ignored = Math.min(width, Math.max(0, (index + 1) * width - bits));
    if (group >> ignored !== b[index]! >> ignored) return null;
  }
  return bits;
}
