// ? (192.168.1.1) at 8:0:27:1:2:3 on en0 ifscope [ethernet]
// 192.168.1.99                     (incomplete)                              eth0
//   192.168.1.1           00-50-56-c0-00-08     dynamic

import { addressKey, isAddress } from '../ground/address.ts';

const HARDWARE = /^[0-9a-f]{1,2}([:-][0-9a-f]{1,2}){5}$/i;

/**
 * The entry that `arp -a`, `arp -n` (macOS, BSD, Linux's net-tools, BusyBox, Windows) or `ndp -an` has for the address:
 * COMPLETE, INCOMPLETE, or null without an entry. Of several interfaces one that knows the neighbour is taken.
 */
export function parseNeighbours(text: string, address: string): { address: string; state: string } | null {
  let state: string | null = null;
  const wanted = addressKey(address);
  for (const line of text.split('\n', 3000)) {
    if (line.length > 300 || /^\s*(Interface|Schnittstelle)\b/.test(line)) continue;
    const words = line.trim().split(/\s+/);
    // The address is the first word, or the second in brackets; one later in the line is an interface's own.
    const shown = words.slice(0, 2).map((word) => word.replace(/^\((.*)\)$/, '$1'));
    const found = shown.find(isAddress);
    if (found === undefined || addressKey(found) !== wanted) continue;
    if (words.slice(1).some((word) => HARDWARE.test(word))) state = 'COMPLETE';
    else if (/[(<]incomplete[)>]/i.test(line)) state ??= 'INCOMPLETE';
  }
  return state === null ? null : { address, state };
}
