import { networkInterfaces } from 'node:os';
import type { NetworkInterface } from '../model/measured.ts';

/** Interfaces that are up and have an address: all that Node tells, on every platform. */
export function interfaces(): NetworkInterface[] {
  return Object.entries(networkInterfaces()).map(([name, addresses = []]) => ({
    name,
    up: true,
    addresses: addresses.map(({ address, family, cidr, netmask }) => ({
      address,
      prefix: Number(cidr?.split('/')[1] ?? (netmask === '255.255.255.255' ? 32 : 0)),
      family: family === 'IPv6' ? 6 : 4,
    })),
  }));
}
