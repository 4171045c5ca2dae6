// [{"dst":"10.0.2.2","gateway":"10.0.1.1","dev":"eth0","prefsrc":"10.0.1.2","flags":[],"uid":0,"cache":[]}]
// RTNETLINK answers: Network is unreachable

import { covers, isAddress } from '../ground/address.ts';
import type { Route } from '../model/measured.ts';
import { objectsOf, textOf } from './ip-json.ts';
import { routesInText } from './ip-text.ts';

export const unknownRoute: Route = {
  kind: 'unknown',
  device: null,
  gateway: null,
  source: null,
  onLink: null,
};

const without = (kind: Route['kind']): Route => ({ ...unknownRoute, kind });

/**
 * What the kernel says when no packet may go there (iproute2 prints the errno; the same for IPv4 and IPv6, tried on 6.18).
 * The kinds are those of route types and of policy rules alike.
 */
const ERRORS: readonly [RegExp, Route['kind']][] = [
  [/RTNETLINK answers: Network is unreachable/, 'none'],
  [/RTNETLINK answers: No route to host/, 'unreachable'],
  [/RTNETLINK answers: Permission denied/, 'prohibit'],
  [/RTNETLINK answers: Invalid argument/, 'blackhole'],
];

const KINDS: Record<string, Route['kind']> = {
  local: 'local',
  blackhole: 'blackhole',
  unreachable: 'unreachable',
  prohibit: 'prohibit',
  broadcast: 'broadcast',
  multicast: 'broadcast',
  throw: 'none',
};

/**
 * Output of `ip route get ADDRESS`, with -j or without (BusyBox knows no -j), stdout followed by stderr; kind `unknown` where
 * it says neither route nor reason.
 */
export function parseIpRouteGet(text: string): Route {
  const entry = objectsOf(text)?.[0] ?? routesInText(text)[0];
  if (entry !== undefined) return routeOf(entry);
  const kind = ERRORS.find(([pattern]) => pattern.test(text))?.[1];
  return kind === undefined ? unknownRoute : without(kind);
}

/**
 * Output of `ip -j route show table all match ADDRESS`: the kind of the most specific entry when it forbids or drops
 * (blackhole, unreachable, prohibit, throw), else null. Confirms an error of `route get`, whose EINVAL has other reasons too.
 */
export function parseIpRouteShow(text: string, address: string): Route['kind'] | null {
  let best: { prefix: number; kind: Route['kind'] | null } | null = null;
  for (const entry of objectsOf(text) ?? routesInText(text)) {
    const destination = textOf(entry.dst);
    if (destination === null) continue;
    const prefix = destination === 'default' ? 0 : covers(destination, address);
    if (prefix === null || (best !== null && prefix <= best.prefix)) continue;
    const type = textOf(entry.type);
    best = { prefix, kind: type === null || type === 'local' ? null : (KINDS[type] ?? null) };
  }
  return best?.kind ?? null;
}

function routeOf(entry: Record<string, unknown>): Route {
  const type = textOf(entry.type);
  const kind = type === null ? 'unicast' : (KINDS[type] ?? 'unicast');
  if (kind !== 'unicast' && kind !== 'local') return without(kind);
  const via =
    typeof entry.via === 'object' && entry.via !== null
      ? textOf((entry.via as { host?: unknown }).host)
      : null;
  const gateway = addressOf(entry.gateway) ?? (via !== null && isAddress(via) ? via : null);
  return {
    kind,
    device: textOf(entry.dev),
    gateway,
    source: addressOf(entry.prefsrc),
    onLink: kind === 'local' ? null : gateway === null,
  };
}

function addressOf(value: unknown): string | null {
  const text = textOf(value);
  return text !== null && isAddress(text) ? text : null;
}
