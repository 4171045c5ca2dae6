// utun3: flags=8051<UP,POINTOPOINT,RUNNING,MULTICAST> mtu 1380
// 	inet 10.8.0.2 --> 10.8.0.1 netmask 0xffffff00

import { isAddress } from '../ground/address.ts';
import { isTunnelName } from '../ground/tunnel.ts';
import type { NetworkInterface } from '../model/measured.ts';
import { prefixOf } from './route-table.ts';

/**
 * Output of `ifconfig` or `ifconfig -a` of macOS, FreeBSD, OpenBSD, Linux's net-tools (old and new) and BusyBox; null where
 * it is none. Up = switched on and running, and not `status: inactive` or `no carrier`.
 */
export function parseIfconfig(text: string): NetworkInterface[] | null {
  const found: NetworkInterface[] = [];
  for (const line of text.split(/\r?\n/, 3000)) {
    if (line.length > 500) continue;
    const current = found.at(-1);
    const head =
      /^([A-Za-z][\w.@-]{0,40})(?:: flags=[0-9a-f]{1,8}<([\w,]{0,300})>|:? {1,12}Link encap:(.*)$)/.exec(
        line,
      );
    if (head) {
      if (found.length === 200) break;
      const [, name = '', flags = '', encapsulation = ''] = head;
      const isPointToPoint =
        /POINTOPOINT|NOARP/.test(flags) ||
        /^(Point-to-Point|UNSPEC|IPv6-in-IPv4)/.test(encapsulation) ||
        isTunnelName(name);
      const isLoopback = /LOOPBACK/.test(flags) || /^Local Loopback/.test(encapsulation);
      const up = /\bUP\b/.test(flags) && /\bRUNNING\b/.test(flags);
      found.push({
        name,
        up,
        ...(isPointToPoint && !isLoopback ? { pointToPoint: true } : {}),
        addresses: [],
      });
      continue;
    }
    if (current === undefined || !/^\s/.test(line)) continue;
    if (/^\s+status: (inactive|no carrier|no network)/.test(line)) current.up = false;
    // Linux's older net-tools and BusyBox print the flags in a line of their own.
    if (/^\s+(?:[A-Z]+ +){1,20}MTU:\d/.test(line)) {
      current.up = /\bUP\b/.test(line) && /\bRUNNING\b/.test(line);
      if (/POINTOPOINT|NOARP/.test(line)) current.pointToPoint = true;
    }
    const one = addressIn(line);
    if (one !== null && current.addresses.length < 100) current.addresses.push(one);
  }
  return found.length === 0 ? null : found;
}

function addressIn(line: string): NetworkInterface['addresses'][number] | null {
  const words = line.trim().split(/\s+/);
  const [kind, first = ''] = words;
  if (kind !== 'inet' && kind !== 'inet6') return null;
  const family = kind === 'inet' ? 4 : 6;
  const shown = first === 'addr:' ? (words[2] ?? '') : first.replace(/^addr:/, '');
  const [address = '', length] = shown.replace(/%[\w.]{1,16}/, '').split('/');
  if (!isAddress(address)) return null;
  const after = (name: string) => words[words.indexOf(name) + 1 || words.length];
  const mask = after('netmask') ?? words.find((word) => word.startsWith('Mask:'))?.slice(5);
  const prefix = Number(
    length ?? (family === 6 ? after('prefixlen') : maskBits(mask)) ?? (family === 4 ? 32 : 128),
  );
  return Number.isInteger(prefix) ? { address, prefix, family } : null;
}

/** `255.255.255.0` and BSD's `0xffffff00`. */
function maskBits(mask: string | undefined): number | undefined {
  const hex = /^0x([0-9a-f]{8})$/i.exec(mask ?? '')?.[1];
  const dotted =
    hex === undefined ? mask : (hex.match(/../g) ?? []).map((pair) => Number.parseInt(pair, 16)).join('.');
  return dotted === undefined ? undefined : (prefixOf(dotted) ?? undefined);
}
