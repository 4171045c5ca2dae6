//           0.0.0.0          0.0.0.0      192.168.1.1     192.168.1.20     25        (route print)
// default            192.168.1.1        UGScg                 en0                    (netstat -rn)
// 0.0.0.0         192.168.1.1     0.0.0.0         UG        0 0          0 eth0     (route -n)

import { covers, familyOf, isAddress, octetsOf } from '../ground/address.ts';
import type { Route } from '../model/measured.ts';
import { unknownRoute } from './ip-route.ts';

interface Entry {
  /** `10.0.0.0/8`. */
  network: string;
  metric: number;
  gateway: string | null;
  device: string | null;
  source: string | null;
  kind: 'unicast' | 'local' | 'unreachable' | 'blackhole';
}

/**
 * The route that a printed routing table has for the address: Windows's `route print` and `netstat -rn` in any language,
 * Linux's `route -n` and `netstat -rn`, macOS, FreeBSD and OpenBSD. Longest prefix, then smallest metric. Kind `none` where
 * a table of the address's family was read and has no route, `unknown` where none was read. Windows names no interface
 * here; its address is the source.
 */
export function parseRouteTable(text: string, address: string): Route {
  const family = familyOf(address);
  const lines = text.split(/\r?\n/, 3000).filter((line) => line.length <= 300);
  const entries = lines.flatMap((line, index) => {
    const words = line.trim().split(/\s+/);
    return windowsV4(words) ?? windowsV6(words, lines[index + 1] ?? '') ?? linux(words) ?? bsd(words) ?? [];
  });
  const ofFamily = entries.filter(({ network }) => familyOf(network) === family);
  const best = ofFamily
    .flatMap((entry) => {
      const prefix = covers(entry.network, address);
      return prefix === null ? [] : [{ prefix, entry }];
    })
    .sort((a, b) => b.prefix - a.prefix || a.entry.metric - b.entry.metric)[0]?.entry;
  if (best === undefined) return ofFamily.length > 0 ? { ...unknownRoute, kind: 'none' } : unknownRoute;
  const { kind, gateway, device, source } = best;
  if (kind === 'unreachable' || kind === 'blackhole') return { ...unknownRoute, kind };
  return { kind, device, gateway, source, onLink: kind === 'local' ? null : gateway === null };
}

const isV4 = (word: string | undefined): word is string =>
  word !== undefined && octetsOf(word)?.length === 4 && !word.includes(':');

/** Network destination, netmask, gateway or words for on-link, interface, metric. */
function windowsV4(words: string[]): Entry[] | null {
  const [network, mask] = words;
  const metric = words.at(-1) ?? '';
  const source = words.at(-2);
  if (words.length < 5 || !isV4(network) || !isV4(mask) || !isV4(source) || !/^\d{1,5}$/.test(metric))
    return null;
  const prefix = prefixOf(mask);
  if (prefix === null) return null;
  const gateway = isV4(words[2]) && words.length === 5 ? words[2] : null;
  const isLocal = source.startsWith('127.') || (prefix === 32 && network === source);
  const found = { network: `${network}/${prefix}`, metric: Number(metric), device: null };
  // Windows before Vista wrote the interface's own address as the gateway of its network.
  const isOwn = gateway === source || gateway === '127.0.0.1';
  return [
    {
      ...found,
      gateway: isOwn ? null : gateway,
      source: isLocal ? null : source,
      kind: isLocal || gateway === '127.0.0.1' ? 'local' : 'unicast',
    },
  ];
}

/** Interface number, metric, network, gateway or words for on-link; a long network pushes the gateway to the next line. */
function windowsV6(words: string[], next: string): Entry[] | null {
  const [index, metric, network] = words;
  if (!/^\d{1,4}$/.test(index ?? '') || !/^\d{1,5}$/.test(metric ?? '') || network === undefined) return null;
  const [base = '', length] = network.split('/');
  if (!base.includes(':') || !isAddress(base) || !/^\d{1,3}$/.test(length ?? '')) return null;
  const shown = words[3] ?? next.trim().split(/\s+/)[0] ?? '';
  const isLocal = base === '::1';
  return [
    {
      network,
      metric: Number(metric),
      gateway: isAddress(shown) ? shown : null,
      device: null,
      source: null,
      kind: isLocal ? 'local' : 'unicast',
    },
  ];
}

/** Destination, gateway, genmask, flags, three numbers, interface; for IPv6 the mask is part of the destination. */
function linux(words: string[]): Entry[] | null {
  const [destination = '', gateway = '', third = ''] = words;
  const flags = words[3] ?? '';
  const device = words.at(-1) ?? '';
  if (isV4(destination) && isV4(third) && words.length >= 7 && /^[U!][A-Z!]*$/.test(flags)) {
    const prefix = prefixOf(third);
    if (prefix === null) return null;
    return [linuxEntry(`${destination}/${prefix}`, gateway, flags, device, Number(words[4]))];
  }
  const v6 = /^(\[::\]|[0-9a-fA-F:]{2,45})\/(\d{1,3})$/.exec(destination);
  if (!v6 || !/^[U!][A-Za-z!]*$/.test(third) || words.length < 6) return null;
  const base = v6[1] === '[::]' ? '::' : v6[1]!;
  return isAddress(base) ? [linuxEntry(`${base}/${v6[2]}`, gateway, third, device, Number(words[3]))] : null;
}

function linuxEntry(network: string, gateway: string, flags: string, device: string, metric: number): Entry {
  const isRefused = flags.includes('!');
  return {
    network,
    metric: Number.isFinite(metric) ? metric : 0,
    gateway: flags.includes('G') && isAddress(gateway) ? gateway : null,
    device: isRefused ? null : device,
    source: null,
    kind: isRefused ? 'unreachable' : device === 'lo' ? 'local' : 'unicast',
  };
}

/** Destination (abbreviated: `10`, `192.168.1`, `172.16/12`), gateway, flags, and an interface among what follows. */
function bsd(words: string[]): Entry[] | null {
  const [destination = '', gateway = '', flags = ''] = words;
  if (words.length < 4 || !/^U?[A-Za-z0-9]{1,15}$/.test(flags) || !/[UH]/.test(flags)) return null;
  const device = words.slice(3).find((word) => /^[a-z]{1,12}\d{1,4}$/.test(word));
  if (device === undefined) return null;
  const isV6 = gateway.includes(':') && isAddress(gateway);
  const network = bsdNetwork(destination, isV6);
  if (network === null) return null;
  const isLocal = /^lo\d/.test(device);
  const kind = flags.includes('B')
    ? 'blackhole'
    : flags.includes('R')
      ? 'unreachable'
      : isLocal
        ? 'local'
        : 'unicast';
  return [
    {
      network,
      // Scoped routes (I) serve sockets that are bound to an interface.
      metric: flags.includes('I') ? 1 : 0,
      gateway: flags.includes('G') && isAddress(gateway) ? gateway : null,
      device,
      source: null,
      kind,
    },
  ];
}

function bsdNetwork(shown: string, isV6: boolean): string | null {
  if (shown === 'default') return isV6 ? '::/0' : '0.0.0.0/0';
  const [base = '', length] = shown.replace(/%[\w.]{1,16}/, '').split('/');
  if (base.includes(':')) return isAddress(base) ? `${base}/${length ?? 128}` : null;
  const parts = base.split('.');
  if (parts.length > 4 || !parts.every((part) => /^\d{1,3}$/.test(part) && Number(part) <= 255)) return null;
  const full = [...parts, '0', '0', '0'].slice(0, 4).join('.');
  return `${full}/${length ?? parts.length * 8}`;
}

/** 255.255.255.0 -> 24; null for what is no netmask. */
export function prefixOf(mask: string): number | null {
  const octets = octetsOf(mask);
  if (octets?.length !== 4) return null;
  const bits = octets.map((octet) => octet.toString(2).padStart(8, '0')).join('');
  return /^1*0*$/.test(bits) ? bits.lastIndexOf('1') + 1 : null;
}
