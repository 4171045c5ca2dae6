// eth0	00000000	0101000A	0003	0	0	0	00000000	0	0	0                              (/proc/net/route)
// fd000002000000000000000000000000 40 00... 00 fd000001000000000000000000000001 00000400 00000003 00000000 00000003 eth0

import { covers, familyOf, sameAddress } from '../ground/address.ts';
import type { Listener, Route } from '../model/measured.ts';
import { unknownRoute } from './ip-route.ts';

/** include/uapi/linux/route.h */
const UP = 0x1;
const GATEWAY = 0x2;
const REJECT = 0x200;

interface Entry {
  prefix: number;
  metric: number;
  flags: number;
  device: string;
  gateway: string;
}

/**
 * The route that /proc/net/route or /proc/net/ipv6_route has for the address, where `ip` is not installed: longest prefix,
 * then smallest metric, main table only, so policy routing is not seen. A rejecting entry does not say whether it is
 * unreachable or prohibit (or, in IPv6, blackhole); `unreachable` stands for all. The source address is not told.
 */
export function parseProcRoute(text: string, address: string): Route {
  const isV4 = familyOf(address) === 4;
  const entries = text
    .split('\n', 5000)
    .flatMap((line) => (isV4 ? v4Entry(line, address) : v6Entry(line, address)));
  const best = entries.sort((a, b) => b.prefix - a.prefix || a.metric - b.metric)[0];
  if (best === undefined)
    return text.trim() === '' && isV4 ? unknownRoute : { ...unknownRoute, kind: 'none' };
  if ((best.flags & REJECT) !== 0) {
    // The kernel's own last entry of an IPv6 table says "no route".
    return {
      ...unknownRoute,
      kind: best.prefix === 0 && best.metric === 0xffffffff ? 'none' : 'unreachable',
    };
  }
  // IPv4 blackholes are listed without a device and without the flag.
  if (best.device === '*') return { ...unknownRoute, kind: 'blackhole' };
  if (best.device === 'lo') return { ...unknownRoute, kind: 'local', device: 'lo' };
  const gateway = (best.flags & GATEWAY) !== 0 ? best.gateway : null;
  return { kind: 'unicast', device: best.device, gateway, source: null, onLink: gateway === null };
}

function v4Entry(line: string, address: string): Entry[] {
  const [device, destination, gateway, flags, , , metric, mask] = line.trim().split(/\s+/);
  if (device === undefined || ![destination, gateway, mask].every((hex) => /^[0-9A-F]{8}$/i.test(hex ?? '')))
    return [];
  const bits = [...Number.parseInt(mask!, 16).toString(2)].filter((bit) => bit === '1').length;
  const prefix = covers(`${littleEndian(destination!)}/${bits}`, address);
  const value = Number.parseInt(flags ?? '', 16);
  if (prefix === null || (value & (UP | REJECT)) === 0) return [];
  return [{ prefix, metric: Number(metric), flags: value, device, gateway: littleEndian(gateway!) }];
}

/** Octets of /proc/net/route stand in the order of the machine, little-endian on all that Node runs on but s390x. */
function littleEndian(hex: string): string {
  return (hex.match(/../g) ?? [])
    .reverse()
    .map((octet) => Number.parseInt(octet, 16))
    .join('.');
}

function v6Entry(line: string, address: string): Entry[] {
  const [destination, length, , , gateway, metric, , , flags, device] = line.trim().split(/\s+/);
  if (device === undefined || ![destination, gateway].every((hex) => /^[0-9a-f]{32}$/i.test(hex ?? '')))
    return [];
  const prefix = covers(`${colons(destination!)}/${Number.parseInt(length ?? '', 16)}`, address);
  const value = Number.parseInt(flags ?? '', 16);
  if (prefix === null || (value & (UP | REJECT)) === 0) return [];
  return [
    { prefix, metric: Number.parseInt(metric ?? '', 16), flags: value, device, gateway: colons(gateway!) },
  ];
}

/** 32 hexadecimal digits as an address; the first longest run of zero groups is shortened (RFC 5952). */
function colons(hex: string): string {
  const groups = (hex.match(/.{4}/g) ?? []).map((group) => Number.parseInt(group, 16).toString(16));
  for (let length = 8; length >= 2; length--) {
    const start = groups.findIndex(
      (_, index) =>
        index + length <= 8 && groups.slice(index, index + length).every((group) => group === '0'),
    );
    if (start >= 0) return `${groups.slice(0, start).join(':')}::${groups.slice(start + length).join(':')}`;
  }
  return groups.join(':');
}

/**
 * State of a neighbour in /proc/net/arp (IPv4 only): COMPLETE = its hardware address is known (reachable or stale),
 * INCOMPLETE = asked and not answered. Null where there is no entry.
 */
export function parseProcArp(text: string, address: string): { address: string; state: string } | null {
  for (const line of text.split('\n', 5000)) {
    const [found, , flags] = line.trim().split(/\s+/);
    if (found === undefined || flags === undefined || !sameAddress(found, address)) continue;
    return { address: found, state: (Number(flags) & 0x2) !== 0 ? 'COMPLETE' : 'INCOMPLETE' };
  }
  return null;
}

/** st of a listening socket, include/net/tcp_states.h */
const LISTEN = '0A';

/**
 * Sockets that listen on the port, from /proc/net/tcp or /proc/net/tcp6 (readable for every user). `waiting` is the
 * length of the accept queue: connections that the kernel has accepted and the program has not.
 */
export function parseProcTcp(text: string, port: number): Listener[] {
  return text
    .split('\n')
    .slice(0, 20_000)
    .flatMap((line) => {
      const [, local, , state, queues] = line.trim().split(/\s+/);
      const [hex = '', portHex = ''] = (local ?? '').split(':');
      if (state !== LISTEN || Number.parseInt(portHex, 16) !== port) return [];
      const address = /^[0-9A-F]{8}$/i.test(hex)
        ? littleEndian(hex)
        : /^[0-9A-F]{32}$/i.test(hex)
          ? colons((hex.match(/.{8}/g) ?? []).map(swapped).join(''))
          : null;
      const waiting = Number.parseInt(queues?.split(':')[1] ?? '', 16);
      return address === null || Number.isNaN(waiting) ? [] : [{ address, waiting }];
    });
}

/**
 * Octets of one established connection that the far end has not acknowledged, from /proc/net/tcp or /proc/net/tcp6
 * (`tx_queue`). Null where no such connection stands there.
 *
 *   4: 3202A8C0:D2F0 500071CB:1F90 01 00000025:00000000 01:00000014 00000000     0        0 41234 2 ...
 */
export function parseSendQueue(text: string, localPort: number, remotePort: number): number | null {
  const portOf = (end: string | undefined): number => Number.parseInt(end?.split(':')[1] ?? '', 16);
  for (const line of text.split('\n', 20_000)) {
    const [, local, remote, state, queues] = line.trim().split(/\s+/);
    if (state !== ESTABLISHED || portOf(local) !== localPort || portOf(remote) !== remotePort) continue;
    const sending = Number.parseInt(queues?.split(':')[0] ?? '', 16);
    return Number.isNaN(sending) ? null : sending;
  }
  return null;
}
const ESTABLISHED = '01';

/** A word of 32 bits stands in the order of the machine. */
const swapped = (word: string): string => (word.match(/../g) ?? []).reverse().join('');
