import { networkInterfaces, platform } from 'node:os';
import type { Vantage } from '../model/evidence.ts';
import { resolverConfig } from './resolver-config.ts';
import type { Doors } from './types.ts';

const PROXY_VARIABLES = ['HTTP_PROXY', 'HTTPS_PROXY', 'ALL_PROXY', 'NO_PROXY', 'FTP_PROXY', 'SOCKS_PROXY'];

/** Where this machine stands; no packet is sent. `isRoot` is false where the platform has no such thing. */
export async function readVantage(
  doors: Pick<Doors, 'platform' | 'readText' | 'isNoFile'>,
  env: Record<string, string | undefined>,
  isRoot: boolean,
): Promise<Vantage> {
  const { nameservers, searchDomains, ndots } = await resolverConfig(doors);
  return {
    os: platform(),
    addresses: ownAddresses(),
    // One on another port (systemd stubs, tests) would be asked on 53 and look dead: it is left out.
    resolvers: nameservers.filter(({ port }) => port === 53).map(({ address }) => address),
    searchDomains,
    ndots,
    privileges: isRoot ? 'root' : 'user',
    proxyVariables: proxyVariablesIn(env),
  };
}

/** Names as they are set, upper or lower case. Values hold passwords and are never read. */
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
