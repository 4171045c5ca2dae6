// [{"ifindex":2,"ifname":"eth0","flags":["BROADCAST","MULTICAST","UP","LOWER_UP"],"mtu":1500,"operstate":"UP",
//   "addr_info":[{"family":"inet","local":"10.0.1.2","prefixlen":24,"scope":"global"}]}]

import { isAddress } from '../ground/address.ts';
import { isTunnelName } from '../ground/tunnel.ts';
import type { NetworkInterface } from '../model/measured.ts';
import { objectsOf, textOf } from './ip-json.ts';
import { linksInText } from './ip-text.ts';

/**
 * Output of `ip addr show`, with -j or without; null where it is none. Up = switched on and with carrier (LOWER_UP): an interface that is on
 * and has no cable is not up.
 */
export function parseIpAddr(text: string): NetworkInterface[] | null {
  const entries = objectsOf(text) ?? linksInText(text);
  if (entries.length === 0 && objectsOf(text) === null) return null;
  return entries.slice(0, 200).flatMap((entry) => {
    const name = textOf(entry.ifname);
    if (name === null) return [];
    const flags = Array.isArray(entry.flags) ? entry.flags : [];
    const info = Array.isArray(entry.addr_info) ? entry.addr_info.slice(0, 100) : [];
    const addresses = info.flatMap((one: Record<string, unknown> | null) => {
      const address = textOf(one?.local);
      const prefix = one?.prefixlen;
      if (address === null || !isAddress(address) || typeof prefix !== 'number') return [];
      return [{ address, prefix, family: one?.family === 'inet6' ? (6 as const) : (4 as const) }];
    });
    const pointToPoint = flags.includes('POINTOPOINT') || flags.includes('NOARP') || isTunnelName(name);
    const up = flags.includes('UP') && flags.includes('LOWER_UP');
    const mtu = typeof entry.mtu === 'number' && entry.mtu > 0 ? entry.mtu : null;
    return [
      {
        name,
        up,
        ...(pointToPoint && !flags.includes('LOOPBACK') ? { pointToPoint } : {}),
        ...(mtu === null ? {} : { mtu }),
        addresses,
      },
    ];
  });
}
