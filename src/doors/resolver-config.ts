import { isIP } from 'node:net';
import type { Doors } from './types.ts';

/** How this machine asks: resolvers in the order in which they are asked, search list, ndots. */
export interface ResolverConfig {
  /** IP literals with their ports (53 unless the system says otherwise). */
  nameservers: { address: string; port: number }[];
  searchDomains: string[];
  ndots: number;
}

const RESOLV_CONF = '/etc/resolv.conf';
/** glibc reads no more than this many (MAXNS), and other systems ask little more. */
const MAX_NAMESERVERS = 3;
const MAX_SEARCH = 32;

/** Loading node:dns reads resolv.conf, and would wait for the writer of a pipe in its place: not where we read it ourselves. */
const serversOfNode = async (): Promise<string[]> => (await import('node:dns')).getServers();

/**
 * From /etc/resolv.conf on every Unix that has it; elsewhere (Windows, no such file) from what node reads through
 * c-ares, without a search list, which the system then does not tell. No nameserver where nobody knows whom it asks.
 */
export async function resolverConfig(
  doors: Pick<Doors, 'platform' | 'readText' | 'isNoFile'>,
  servers: () => string[] | Promise<string[]> = serversOfNode,
): Promise<ResolverConfig> {
  const text = doors.platform === 'win32' ? null : await doors.readText(RESOLV_CONF);
  // A pipe in its place, or more than we read: whom the system asks is not known.
  if (doors.platform === 'linux' && text === null && (await doors.isNoFile?.(RESOLV_CONF)) === false)
    return { nameservers: [], searchDomains: [], ndots: 1 };
  // resolv.conf(5): without the file, as without a nameserver line, the resolver asks this machine.
  const config = text !== null || doors.platform === 'linux' ? parseResolvConf(text ?? '') : null;
  // macOS keeps a resolv.conf for old programs, sometimes without servers; its real list comes through c-ares.
  if (config !== null && (config.nameservers.length > 0 || doors.platform === 'linux')) {
    if (config.nameservers.length === 0) config.nameservers.push({ address: '127.0.0.1', port: 53 });
    return config;
  }
  const found = await servers();
  // c-ares names this machine where it found nobody.
  const nameservers = (found.length === 1 && found[0] === '127.0.0.1' ? [] : found)
    .map(serverOf)
    .filter((server) => server !== null)
    .slice(0, MAX_NAMESERVERS);
  return { nameservers, searchDomains: config?.searchDomains ?? [], ndots: config?.ndots ?? 1 };
}

/**
 * resolv.conf(5), read as glibc does (tried with 2.36):
 *
 *   search corp.example.com example.com
 *   nameserver 192.0.2.53
 *
 * The last `search` or `domain` line counts. Keywords start in the first column and end with a space or a tab; `;` and
 * `#` in the first column start a comment, and nowhere else. Words are parted by spaces and tabs alone: the CR of a
 * Windows line end belongs to the last word, so that such a nameserver is none and such a search domain finds nothing.
 */
export function parseResolvConf(text: string): ResolverConfig {
  const config: ResolverConfig = { nameservers: [], searchDomains: [], ndots: 1 };
  for (const line of text.split('\n')) {
    const [keyword, ...words] = line.replace(/[ \t]+$/, '').split(/[ \t]+/);
    const [word] = words;
    if (word === undefined) continue;
    if (keyword === 'nameserver') {
      if (isIP(word) !== 0 && config.nameservers.length < MAX_NAMESERVERS)
        config.nameservers.push({ address: word, port: 53 });
    } else if (keyword === 'search') {
      config.searchDomains = words.filter((domain) => domain !== '.').slice(0, MAX_SEARCH);
    } else if (keyword === 'domain') {
      config.searchDomains = [word];
    } else if (keyword === 'options') {
      const ndots = words
        .map((option) => /^ndots:(\d+)/.exec(option)?.[1])
        .findLast((found) => found !== undefined);
      if (ndots !== undefined) config.ndots = Math.min(15, Number(ndots));
    }
  }
  return config;
}

/** node writes `192.0.2.53`, `192.0.2.53:5353`, `2001:db8::53`, `[2001:db8::53]:5353`. */
function serverOf(text: string): { address: string; port: number } | null {
  if (isIP(text) !== 0) return { address: text, port: 53 };
  const parts = /^\[(.+)\]:(\d+)$/.exec(text) ?? /^([\d.]+):(\d+)$/.exec(text);
  const [, address, port] = parts ?? [];
  return address !== undefined && isIP(address) !== 0 ? { address, port: Number(port) } : null;
}
