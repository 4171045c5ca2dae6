import { areNeighbours, isAddress, sameAddress } from '../../ground/address.ts';

/** Between the first packets to two ports of one host, and to two hosts of one /24 or /48. */
export const SAME_HOST_MS = 300;
export const SAME_NETWORK_MS = 20;

interface Begun {
  host: string;
  atMs: number;
}

/** When what has begun allows the next target to begin: milliseconds from now, 0 = at once. Of a name the network is not known yet. */
export function restMs(host: string, begun: readonly Begun[], nowMs: number): number {
  let rest = 0;
  for (const one of begun) {
    const isSame =
      one.host === host || (isAddress(host) && isAddress(one.host) && sameAddress(one.host, host));
    const apart = isSame
      ? SAME_HOST_MS
      : isAddress(host) && isAddress(one.host) && areNeighbours(one.host, host)
        ? SAME_NETWORK_MS
        : 0;
    rest = Math.max(rest, one.atMs + apart - nowMs);
  }
  return rest;
}

/** The place in `hosts` of the first that may begin now, else how long none may. `begun` may hold what is long past. */
export function nextOf(
  hosts: readonly string[],
  begun: readonly Begun[],
  nowMs: number,
): { at: number } | { restMs: number } {
  const recent = begun.filter(({ atMs }) => nowMs - atMs < SAME_HOST_MS);
  let least = Number.POSITIVE_INFINITY;
  for (const [at, host] of hosts.entries()) {
    const rest = restMs(host, recent, nowMs);
    if (rest <= 0) return { at };
    least = Math.min(least, rest);
  }
  return { restMs: least };
}
