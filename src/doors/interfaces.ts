import { networkInterfaces } from 'node:os';
import type { NetworkInterface } from '../model/measured.ts';

/** Interfaces that are up and have an address: all that Node tells, on every platform. None where it may not ask. */
export function interfaces(told: typeof networkInterfaces = networkInterfaces): NetworkInterface[] {
  let found: ReturnType<typeof networkInterfaces>;
  try {
    found = told();
  } catch {
    // A sandbox without netlink: which interfaces there are is unknown.
    return [];
  }
  return Object.entries(found).map(([name, addresses = []]) => ({
    name,
    up: true,
    addresses: addresses.map(({ address, family, cidr, netmask }) => ({
      address,
      prefix: Number(cidr?.split('/')[1] ?? (netmask === '255.255.255.255' ? 32 : 0)),
      family: family === 'IPv6' ? 6 : 4,
    })),
  }));
}
