// {"NextHop":"192.168.1.1","InterfaceAlias":"Ethernet","IPAddress":"192.168.1.20","State":"Reachable"}

import { isAddress, sameAddress } from '../ground/address.ts';
import type { Route } from '../model/measured.ts';
import { objectsOf, textOf } from './ip-json.ts';
import { unknownRoute } from './ip-route.ts';

/**
 * Output of our `Find-NetRoute -RemoteIPAddress ADDRESS | Select ... | ConvertTo-Json`: an object with the source address and
 * one with the route. Property names are not localised. Written from documentation, not run.
 */
export function parseFindNetRoute(text: string): Route {
  const entries = objectsOf(/^\s*\[/.test(text) ? text.trim() : `[${text.trim()}]`) ?? [];
  if (entries.length === 0) return unknownRoute;
  const find = (name: string) =>
    entries.map((entry) => textOf(entry[name])).find((value) => value !== null && value !== '') ?? null;
  const device = find('InterfaceAlias');
  const nextHop = find('NextHop');
  if (device === null || nextHop === null || !isAddress(nextHop)) return unknownRoute;
  const isOnLink = sameAddress(nextHop, '0.0.0.0') || sameAddress(nextHop, '::');
  const source = find('IPAddress');
  return {
    kind: /loopback/i.test(device) ? 'local' : 'unicast',
    device,
    gateway: isOnLink ? null : nextHop,
    source: source !== null && isAddress(source) ? source : null,
    onLink: isOnLink,
  };
}
