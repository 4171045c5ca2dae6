import { isAddress } from '../ground/address.ts';
import { type DomainResolver, parseResolvectl, parseScutilDns } from '../parsers/domain-resolvers.ts';
import type { ResolverConfig } from './resolver-config.ts';
import type { Doors } from './types.ts';

/** The question is to this machine; a slow answer is no answer. */
const TIMEOUT_MS = 1500;
/** systemd-resolved's own address: what is asked there it takes to the right resolver itself. */
const STUBS: ReadonlySet<string> = new Set(['127.0.0.53', '127.0.0.54']);
/** There while systemd-resolved runs; its client would start it otherwise. */
const RESOLVED_RUNS = '/run/systemd/resolve/resolv.conf';

const COMMANDS: Partial<Record<NodeJS.Platform, { file: string; args: string[] }>> = {
  darwin: { file: 'scutil', args: ['--dns'] },
  linux: { file: 'resolvectl', args: ['--no-pager', 'status'] },
};
/** What is run to learn it on this system, as a person would type it; null = nothing. */
export function splitCommand(platform: NodeJS.Platform): string | null {
  const command = COMMANDS[platform];
  return command === undefined ? null : [command.file, ...command.args].join(' ');
}

/**
 * Whom this system asks about `host`: where a VPN has resolvers of its own for some domains (split DNS), those of the most
 * specific domain; else those of `config`. On Windows those of the adapters. What cannot be learnt leaves `config` as it is.
 */
export async function resolversFor(
  host: string,
  config: ResolverConfig,
  doors: Pick<Doors, 'platform' | 'readText' | 'runCommand' | 'native'>,
): Promise<ResolverConfig> {
  if (isAddress(host)) return config;
  if (doors.platform === 'win32') {
    // The address is nobody's (RFC 5737): the adapter of the default route comes first.
    const job = { job: 'network', address: '192.0.2.1', port: 0 } as const;
    const asked = await doors.native(job, AbortSignal.timeout(TIMEOUT_MS));
    if (asked.status !== 'network' || asked.resolvers.length === 0) return config;
    return { ...config, nameservers: asked.resolvers.slice(0, 3).map((address) => ({ address, port: 53 })) };
  }
  const list = await splitResolvers(config, doors);
  const chosen = chosenFor(host, list, config.searchDomains);
  const others = config.nameservers.length > 0 ? null : list.find(({ domain }) => domain === null);
  const nameservers = chosen ?? others?.nameservers ?? config.nameservers;
  return { ...config, nameservers: nameservers.slice(0, 3) };
}

async function splitResolvers(
  { nameservers }: ResolverConfig,
  doors: Pick<Doors, 'platform' | 'readText' | 'runCommand'>,
): Promise<DomainResolver[]> {
  const command = COMMANDS[doors.platform];
  if (command === undefined) return [];
  if (doors.platform === 'linux') {
    const isStub = nameservers.some(({ address }) => STUBS.has(address));
    if (isStub || (await doors.readText(RESOLVED_RUNS)) === null) return [];
  }
  const signal = AbortSignal.timeout(TIMEOUT_MS + 500);
  const said = await doors.runCommand({ ...command, timeoutMs: TIMEOUT_MS, signal });
  if (said.status !== 'done') return [];
  return doors.platform === 'darwin' ? parseScutilDns(said.stdout) : parseResolvectl(said.stdout);
}

/** The servers of the longest domain that the name lies in; a name without a dot is looked for in each search domain. */
function chosenFor(
  host: string,
  list: readonly DomainResolver[],
  searchDomains: readonly string[],
): ResolverConfig['nameservers'] | null {
  const bare = host.toLowerCase().replace(/\.$/, '');
  const names = bare.includes('.')
    ? [bare]
    : searchDomains.map((domain) => `${bare}.${domain.replace(/\.$/, '')}`);
  for (const name of names) {
    const fitting = list.filter(
      ({ domain }) => domain !== null && (name === domain || name.endsWith(`.${domain}`)),
    );
    const longest = Math.max(...fitting.map(({ domain }) => domain!.length));
    const servers = fitting
      .filter(({ domain }) => domain!.length === longest)
      .flatMap((one) => one.nameservers);
    if (servers.length > 0) return servers;
  }
  return null;
}
