//     gateway: 192.168.1.1
//   interface: en0

import { isAddress } from '../ground/address.ts';
import type { Route } from '../model/measured.ts';
import { unknownRoute } from './ip-route.ts';

/**
 * Output of `route -n get [-inet6] ADDRESS` of macOS and BSD, stdout followed by stderr. `flags:` has BLACKHOLE or REJECT
 * where the table forbids it. Written from manual pages, not run.
 */
export function parseBsdRoute(text: string): Route {
  if (/not in table/i.test(text)) return { ...unknownRoute, kind: 'none' };
  const value = (name: string) => new RegExp(`^\\s*${name}:\\s*(\\S+)`, 'm').exec(text)?.[1] ?? null;
  const device = value('interface');
  const flags = value('flags') ?? '';
  if (/\bBLACKHOLE\b/.test(flags)) return { ...unknownRoute, kind: 'blackhole' };
  if (/\bREJECT\b/.test(flags)) return { ...unknownRoute, kind: 'unreachable' };
  if (device === null) return unknownRoute;
  const gateway = value('gateway');
  const isGateway = gateway !== null && isAddress(gateway);
  const source = value('if address');
  return {
    kind: /\bLOCAL\b/.test(flags) || /^lo\d*$/.test(device) ? 'local' : 'unicast',
    device,
    gateway: isGateway ? gateway : null,
    source: source !== null && isAddress(source) ? source : null,
    onLink: !isGateway,
  };
}

/** Output of `arp -n ADDRESS` (`? (192.168.1.1) at 8:0:27:1:2:3 on en0 ...`): COMPLETE, INCOMPLETE, or null without an entry. */
export function parseBsdArp(text: string, address: string): { address: string; state: string } | null {
  for (const line of text.split('\n').slice(0, 100)) {
    const entry = /\(([0-9.]+)\) at (\S+)/.exec(line);
    if (entry?.[1] === address)
      return {
        address,
        state: /^[0-9a-f]{1,2}(:[0-9a-f]{1,2}){5}$/i.test(entry[2]!) ? 'COMPLETE' : 'INCOMPLETE',
      };
  }
  return null;
}
