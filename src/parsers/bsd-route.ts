//     gateway: 192.168.1.1
//   interface: en0

import { isAddress } from '../ground/address.ts';
import type { Route } from '../model/measured.ts';
import { unknownRoute } from './ip-route.ts';

/**
 * Output of `route -n get [-inet6] ADDRESS` of macOS, FreeBSD and OpenBSD, stdout followed by stderr. `flags:` has BLACKHOLE
 * or REJECT where the table forbids it. Written from manual pages, not run.
 */
export function parseBsdRoute(text: string): Route {
  const values = new Map<string, string>();
  for (const line of text.split('\n', 100)) {
    if (line.length > 300) continue;
    if (/^route: .*(not in table|No such process|has not been found)/i.test(line)) {
      return { ...unknownRoute, kind: 'none' };
    }
    const [, name, value] = /^ {0,12}([a-z][a-z ]{0,20}): {1,4}(\S+)/i.exec(line) ?? [];
    if (name !== undefined && value !== undefined && !values.has(name)) values.set(name, value);
  }
  const device = values.get('interface') ?? null;
  const flags = values.get('flags') ?? '';
  if (/\bBLACKHOLE\b/.test(flags)) return { ...unknownRoute, kind: 'blackhole' };
  if (/\bREJECT\b/.test(flags)) return { ...unknownRoute, kind: 'unreachable' };
  if (device === null) return unknownRoute;
  const gateway = values.get('gateway') ?? null;
  const isLocal = /\bLOCAL\b/.test(flags) || /^lo\d*$/.test(device);
  // A host of the own network has its link or its hardware address here.
  const isGateway = gateway !== null && isAddress(gateway) && !isLocal;
  const source = values.get('if address');
  return {
    kind: isLocal ? 'local' : 'unicast',
    device,
    gateway: isGateway ? gateway : null,
    source: source !== undefined && isAddress(source) ? source : null,
    onLink: !isGateway,
  };
}
