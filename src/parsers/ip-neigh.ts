// [{"dst":"10.0.1.1","dev":"eth0","lladdr":"76:6a:d5:31:f6:37","state":["REACHABLE"]}]
// [{"dst":"10.0.1.99","dev":"eth0","state":["FAILED"]}]
import { isAddress, sameAddress } from '../ground/address.ts';
import { objectsOf, textOf } from './ip-json.ts';
import { neighboursInText } from './ip-text.ts';

/**
 * Output of `ip neigh show to ADDRESS`, with -j or without: the state of that neighbour on that device, in the kernel's words (REACHABLE,
 * STALE, DELAY, PROBE, PERMANENT, NOARP, INCOMPLETE, FAILED). Null where the kernel has no entry: nobody asked for it yet.
 */
export function parseIpNeigh(
  text: string,
  address: string,
  device: string | null,
): { address: string; state: string } | null {
  for (const entry of objectsOf(text) ?? neighboursInText(text)) {
    const found = textOf(entry.dst);
    if (found === null || !isAddress(found) || !sameAddress(found, address)) continue;
    const dev = textOf(entry.dev);
    if (device !== null && dev !== null && dev !== device) continue;
    const state = Array.isArray(entry.state) ? textOf(entry.state[0]) : null;
    if (state !== null) return { address: found, state };
  }
  return null;
}
