// resolver #2
//   domain   : corp.example.com
//   nameserver[0] : 10.0.0.53

import { isAddress } from '../ground/address.ts';

/** Resolvers that are asked for some names only: how a VPN's split DNS looks. */
export interface DomainResolver {
  /** Names below it go here; null = every other name. */
  domain: string | null;
  nameservers: { address: string; port: number }[];
  searchDomains: string[];
  /** The interface whose sockets alone use it, or that it belongs to; null where it serves all. */
  device: string | null;
}

const MAX_RESOLVERS = 64;

/**
 * Output of macOS `scutil --dns`. The second part repeats the resolvers, scoped to interfaces: they serve only sockets that
 * are bound to one, so they are left out. Resolvers without a server (mdns, unreachable) are left out, too.
 */
export function parseScutilDns(text: string): DomainResolver[] {
  const found: DomainResolver[] = [];
  let current: DomainResolver | null = null;
  for (const line of text.split(/\r?\n/, 5000)) {
    if (line.length > 300) continue;
    if (/^DNS configuration \(for scoped queries\)/.test(line)) break;
    if (/^resolver #\d{1,4}/.test(line)) {
      current = { domain: null, nameservers: [], searchDomains: [], device: null };
      if (found.length < MAX_RESOLVERS) found.push(current);
      continue;
    }
    const [, key = '', value = ''] =
      /^\s{1,8}([a-z_]{1,20}(?: domain)?)(?:\[\d{1,3}\])?\s{0,12}: (\S.*)$/.exec(line) ?? [];
    if (current === null || key === '') continue;
    if (key === 'domain') current.domain = bare(value);
    else if (key === 'search domain') current.searchDomains.push(bare(value));
    else if (key === 'nameserver' && isAddress(value.trim()))
      current.nameservers.push({ address: value.trim(), port: 53 });
    else if (key === 'port')
      for (const one of current.nameservers) one.port = Number.parseInt(value, 10) || 53;
    else if (key === 'if_index') current.device = /\(([\w.]{1,16})\)/.exec(value)?.[1] ?? null;
  }
  return found.filter(({ nameservers }) => nameservers.length > 0);
}

/**
 * Output of `resolvectl` (`resolvectl status`, older `systemd-resolve --status`) of systemd-resolved: a resolver for each
 * routing domain (`~corp.example.com`, or a search domain) of a link that has servers, and one without a domain for a
 * link that takes every other name: the global one, one with `~.` or a default route, or one without any domain.
 */
export function parseResolvectl(text: string): DomainResolver[] {
  interface Link {
    device: string | null;
    servers: { address: string; port: number }[];
    domains: string[];
    takesDefault: boolean;
  }
  const links: Link[] = [];
  let list: 'servers' | 'domains' | null = null;
  for (const line of text.split(/\r?\n/, 5000)) {
    if (line.length > 500) continue;
    const head = /^(Global|Link \d{1,6} \(([\w.@-]{1,40})\))/.exec(line);
    if (head) {
      links.push({ device: head[2] ?? null, servers: [], domains: [], takesDefault: head[2] === undefined });
      list = null;
      continue;
    }
    const link = links.at(-1);
    if (link === undefined || links.length > MAX_RESOLVERS) continue;
    const entry = /^\s{0,30}([A-Za-z][A-Za-z .]{1,28}): ?(.*)$/.exec(line);
    const key = entry?.[1]?.trim();
    if (key !== undefined) list = key === 'DNS Servers' ? 'servers' : key === 'DNS Domain' ? 'domains' : null;
    if (key === 'DefaultRoute setting' && /\byes\b/.test(line)) link.takesDefault = true;
    if (key === 'Protocols' && /\+DefaultRoute\b/.test(line)) link.takesDefault = true;
    if (key !== undefined && list === null) continue;
    const words = (entry === null || list === null ? line : entry[2]!)
      .trim()
      .split(/\s+/)
      .filter((word) => word !== '');
    if (list === 'servers') link.servers.push(...words.flatMap((word) => serverOf(word) ?? []));
    else if (list === 'domains') link.domains.push(...words);
  }
  return links
    .filter(({ servers }) => servers.length > 0)
    .flatMap(({ device, servers, domains, takesDefault }) => {
      const search = domains.filter((domain) => !domain.startsWith('~'));
      const routed = domains
        .map((domain) => bare(domain.replace(/^~/, '')))
        .filter((domain) => domain !== '');
      const takesAll = takesDefault || domains.includes('~.') || domains.length === 0;
      const base = { nameservers: servers.slice(0, 8), searchDomains: search.map(bare), device };
      return [
        ...(takesAll ? [{ ...base, domain: null }] : []),
        ...routed.map((domain) => ({ ...base, domain })),
      ].slice(0, MAX_RESOLVERS);
    });
}

const bare = (domain: string): string => domain.trim().replace(/\.$/, '').toLowerCase().slice(0, 253);

/** `10.0.0.53`, `10.0.0.53:5353`, `fe80::1%3`, `1.1.1.1#cloudflare-dns.com`. */
function serverOf(word: string): { address: string; port: number } | null {
  const plain = word.replace(/#.*$/, '');
  if (isAddress(plain)) return { address: plain, port: 53 };
  const parts = /^\[([^\]]{2,60})\]:(\d{1,5})$/.exec(plain) ?? /^([\d.]{7,15}):(\d{1,5})$/.exec(plain);
  return parts && isAddress(parts[1]!) ? { address: parts[1]!, port: Number(parts[2]) } : null;
}
