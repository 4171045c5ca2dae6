import { networkInterfaces, platform } from 'node:os';
import { covers, isAddress, sameAddress } from '../ground/address.ts';
import type { ProxyAddress, Vantage } from '../model/evidence.ts';
import { resolverConfig } from './resolver-config.ts';
import { resolversFor } from './split-resolvers.ts';
import type { Doors } from './types.ts';

const PROXY_VARIABLES = ['HTTP_PROXY', 'HTTPS_PROXY', 'ALL_PROXY', 'NO_PROXY', 'FTP_PROXY', 'SOCKS_PROXY'];

/**
 * Where this machine stands; no packet is sent. `isRoot` is false where the platform has no such thing. The resolvers are
 * those that this system asks about `host`.
 */
export async function readVantage(
  doors: Pick<Doors, 'platform' | 'readText' | 'isNoFile' | 'runCommand' | 'native'>,
  env: Record<string, string | undefined>,
  isRoot: boolean,
  host: string,
): Promise<Vantage> {
  const config = await resolverConfig(doors);
  const { nameservers, searchDomains, ndots } = await resolversFor(host, config, doors);
  return {
    os: platform(),
    addresses: ownAddresses(),
    // One on another port (systemd stubs, tests) would be asked on 53 and look dead: it is left out.
    resolvers: nameservers.filter(({ port }) => port === 53).map(({ address }) => address),
    searchDomains,
    ndots,
    privileges: isRoot ? 'root' : 'user',
    ...proxiesFor(host, env),
  };
}

/** A proxy that no_proxy keeps programs from is known all the same: it may be the only way. */
export function proxiesFor(
  host: string,
  env: Record<string, string | undefined>,
): Pick<Vantage, 'proxyVariables' | 'proxy'> {
  const proxy = proxyIn(env);
  if (!isExempt(host, env.no_proxy ?? env.NO_PROXY ?? ''))
    return { proxyVariables: proxyVariablesIn(env), proxy };
  return { proxyVariables: [], proxy: proxy === null ? null : { ...proxy, exempt: true } };
}

/** Those that curl looks at for a tunnel, in its order; HTTP_PROXY in capitals may come from a CGI request's header. */
const TUNNEL_VARIABLES = ['https_proxy', 'HTTPS_PROXY', 'all_proxy', 'ALL_PROXY', 'http_proxy'];
/** Curl's default for a proxy without a port. */
const PROXY_PORT = 1080;

/** The first plain HTTP proxy that is set. Of its URL only host and port are kept: the rest may be a password. */
export function proxyIn(env: Record<string, string | undefined>): ProxyAddress | null {
  for (const variable of TUNNEL_VARIABLES) {
    const value = env[variable]?.trim();
    if (!value) continue;
    const written = /^[a-z][a-z0-9+.-]*:\/\//i.test(value) ? value : `http://${value}`;
    if (!URL.canParse(written)) continue;
    const url = new URL(written);
    // SOCKS, and TLS to the proxy itself, are other protocols: not asked.
    if (url.protocol !== 'http:' || url.hostname === '') continue;
    const host = url.hostname.replace(/^\[|\]$/g, '');
    // A URL drops the port that is its scheme's own.
    const port = url.port || (/:80\/?$/.test(value) ? 80 : PROXY_PORT);
    return { variable, host, port: Number(port) };
  }
  return null;
}

/**
 * Whether no_proxy takes this host out, as curl reads it: `*`, names with everything below them (a leading dot or not),
 * addresses and networks, parted by commas or blanks.
 */
export function isExempt(host: string, noProxy: string): boolean {
  const name = host.toLowerCase().replace(/\.$/, '');
  return noProxy
    .toLowerCase()
    .split(/[\s,]+/, MOST_EXEMPT)
    .some((entry) => {
      if (entry === '*') return true;
      const bare = entry.replace(/^\[|\]$/g, '');
      if (isAddress(name))
        return bare.includes('/') ? covers(bare, name) !== null : isAddress(bare) && sameAddress(bare, name);
      const suffix = entry.replace(/^\./, '').replace(/\.$/, '');
      return suffix !== '' && (name === suffix || name.endsWith(`.${suffix}`));
    });
}
const MOST_EXEMPT = 1000;

/** Names as they are set, upper or lower case. */
function proxyVariablesIn(env: Record<string, string | undefined>): string[] {
  const names = new Set([...PROXY_VARIABLES, ...PROXY_VARIABLES.map((name) => name.toLowerCase())]);
  return Object.keys(env)
    .filter((name) => names.has(name) && env[name] !== '')
    .sort();
}

/** Addresses of the interfaces that lead somewhere, IPv4 first; link-local ones only where there is nothing else. */
function ownAddresses(): string[] {
  let all: { address: string; family: string; internal: boolean }[];
  try {
    all = Object.values(networkInterfaces()).flatMap((one) => one ?? []);
  } catch {
    // Sandboxes without netlink: which addresses this machine has is unknown, and the list stays empty.
    return [];
  }
  const outside = all.filter((one) => !one.internal);
  const isLinkLocal = (address: string) => /^(fe[89ab]|169\.254\.)/i.test(address);
  const wide = outside.filter((one) => !isLinkLocal(one.address));
  const shown = wide.length > 0 ? wide : outside;
  return [...new Set(shown.sort((a, b) => a.family.localeCompare(b.family)).map((one) => one.address))];
}
