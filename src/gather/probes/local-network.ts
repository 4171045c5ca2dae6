import type { CommandResult, Doors } from '../../doors/types.ts';
import { familyOf, isAddress, reachOf } from '../../ground/address.ts';
import { isTunnelName } from '../../ground/tunnel.ts';
import type { NetworkInterface, Route } from '../../model/measured.ts';
import type { FindingOf, ProbeCatalogue } from '../../model/probes.ts';
import { because } from '../../model/reasons.ts';
import { parseBsdRoute } from '../../parsers/bsd-route.ts';
import { parseIfconfig } from '../../parsers/ifconfig.ts';
import { parseIpAddr } from '../../parsers/ip-addr.ts';
import { parseIpNeigh } from '../../parsers/ip-neigh.ts';
import { parseIpRouteGet, parseIpRouteShow, unknownRoute } from '../../parsers/ip-route.ts';
import { parseNeighbours } from '../../parsers/neighbours.ts';
import { parseProcArp, parseProcRoute, parseProcTcp } from '../../parsers/proc-net.ts';
import { parseFindNetRoute } from '../../parsers/windows-route.ts';
import { RAW_LIMIT } from './ping.ts';
import type { Probe } from './probe.ts';

type Data = ProbeCatalogue['local-network']['data'];
type Neighbour = Data['neighbour'];

/** Every question is one to the own kernel; a slow answer is no answer. */
const TIMEOUT_MS = 2000;

const DEVICE = /^[A-Za-z0-9][\w.-]{0,14}$/;

type Run = (file: string, ...args: string[]) => Promise<CommandResult>;

/** `fe80::1%eth0` as `ip` wants it: the address, and the device apart. A zone that is no device name is refused. */
export function destinationOf(address: string): { bare: string; device: string | null } | null {
  const [bare = '', zone] = address.split('%');
  if (!isAddress(bare)) return null;
  if (zone === undefined) return { bare, device: null };
  return DEVICE.test(zone) ? { bare, device: zone } : null;
}

/** `port`: routing rules may look at it (ip-rule(8): ipproto, dport). */
export function routeCommand(bare: string, device: string | null, port?: number): string[] {
  return [
    '-j',
    'route',
    'get',
    bare,
    ...(device === null ? [] : ['oif', device]),
    ...(port === undefined ? [] : ['ipproto', 'tcp', 'dport', String(port)]),
  ];
}

/**
 * The route that this machine takes to the address, its interfaces, and the state of the next hop (gateway, or the address
 * itself on the same link) at this moment. Nothing is sent. The neighbour is null where the kernel has no entry for it.
 */
export const localNetwork: Probe<'local-network'> = async ({ address, port }, { doors, signal }) => {
  const destination = destinationOf(address);
  if (destination === null) return { outcome: 'unknown', reason: because('needs-address'), data: null };
  const said: string[] = [];
  const run: Run = async (file, ...args) => {
    const result = await doors.runCommand({ file, args, timeoutMs: TIMEOUT_MS, signal });
    if (result.status === 'done')
      said.push(`$ ${result.commandLine}`, result.stdout.trim(), result.stderr.trim());
    return result;
  };
  const { bare, device } = destination;
  const read =
    doors.platform === 'linux'
      ? await onLinux({ address: bare, device, port }, run, doors)
      : doors.platform === 'win32'
        ? await onWindows(bare, device, run, doors, signal)
        : await onBsd(bare, run, doors);
  if (doors.platform === 'linux') Object.assign(read, await toldByKernel(bare, port, read.route, doors));
  if (signal.aborted) return { outcome: 'cancelled', reason: null, data: null };
  return findingOf(
    read,
    said
      .filter((line) => line !== '')
      .join('\n')
      .slice(0, RAW_LIMIT),
  );
};

interface Read extends Data {
  command: string | null;
}

function findingOf({ command, ...data }: Read, raw: string): FindingOf<'local-network'> {
  const isRouteKnown = data.route.kind !== 'unknown';
  const outcome =
    isRouteKnown && data.interfaces.length > 0
      ? 'measured'
      : isRouteKnown || data.interfaces.length > 0
        ? 'partly-measured'
        : 'unknown';
  const reason = isRouteKnown ? null : because('route-not-told');
  return { outcome, reason, data, command, raw: raw === '' ? null : raw };
}

type Told = Pick<Data, 'listeners' | 'container' | 'defaultTtl' | 'defaultGateway'>;
/** RFC 5737 and RFC 3849: nobody's, so only a default route leads there. */
const NOBODY = { 4: '192.0.2.1', 6: '2001:db8::1' } as const;

/** What /proc tells every user; what it does not tell is absent. */
async function toldByKernel(
  address: string,
  port: number | undefined,
  { kind, device }: Route,
  doors: Doors,
): Promise<Told> {
  const told: Told = {};
  if (kind === 'local' && port !== undefined) {
    const tables = await Promise.all(['/proc/net/tcp', '/proc/net/tcp6'].map((path) => doors.readText(path)));
    if (tables[0] !== null) told.listeners = tables.flatMap((text) => parseProcTcp(text ?? '', port));
  }
  if (reachOf(address) === 'nowhere') {
    const inside = await containerHere(doors);
    if (inside !== null) told.container = inside;
  }
  const family = familyOf(address);
  for (const path of ttlPaths(family, device)) {
    const ttl = await doors.readText(path);
    if (ttl !== null && /^\d{1,3}\s*$/.test(ttl)) told.defaultTtl ??= Number(ttl);
  }
  const table = await doors.readText(family === 4 ? '/proc/net/route' : '/proc/net/ipv6_route');
  const gateway = table === null ? null : parseProcRoute(table, NOBODY[family]).gateway;
  if (gateway !== null) told.defaultGateway = gateway;
  return told;
}

/** A packet of IPv6 takes that of its device, which routers may advertise (RFC 4861, 4.2), and without one that of all. */
function ttlPaths(family: 4 | 6, device: string | null): string[] {
  if (family === 4) return ['/proc/sys/net/ipv4/ip_default_ttl'];
  const names = device !== null && DEVICE.test(device) ? [device, 'all'] : ['all'];
  return names.map((name) => `/proc/sys/net/ipv6/conf/${name}/hop_limit`);
}

/** The marks that the runtimes themselves leave; null where there is none. */
async function containerHere(doors: Doors): Promise<NonNullable<Told['container']> | null> {
  const [docker, podman, token, release] = await Promise.all(
    [
      '/.dockerenv',
      '/run/.containerenv',
      '/var/run/secrets/kubernetes.io/serviceaccount/namespace',
      '/proc/sys/kernel/osrelease',
    ].map((path) => doors.readText(path)),
  );
  if (token != null) return 'kubernetes';
  if (docker != null) return 'docker';
  if (podman != null) return 'podman';
  return /microsoft/i.test(release ?? '') ? 'wsl' : null;
}

const nextHopOf = (route: Route, address: string): string | null =>
  route.kind !== 'unicast' ? null : (route.gateway ?? (route.onLink === true ? address : null));

async function onLinux(
  to: { address: string; device: string | null; port: number | undefined },
  run: Run,
  doors: Doors,
): Promise<Read> {
  const { address, device, port } = to;
  const [first, listed] = await Promise.all([
    run('ip', ...routeCommand(address, device, port)),
    run('ip', '-j', 'addr', 'show'),
  ]);
  // iproute2 before 4.18 (2018) cannot be asked about a port.
  const isTooOld = port !== undefined && first.status === 'done' && first.stderr.includes('ipproto');
  const got = isTooOld ? await run('ip', ...routeCommand(address, device)) : first;
  const interfaces = (listed.status === 'done' ? parseIpAddr(listed.stdout) : null) ?? ownInterfaces(doors);
  // BusyBox's ip knows no -j; its answer is as good as none.
  const asked = got.status === 'done' ? parseIpRouteGet(`${got.stdout}\n${got.stderr}`) : unknownRoute;
  if (asked.kind === 'unknown') return fromProc(address, interfaces, doors);
  const route = await confirmed(asked, address, run);
  const hop = nextHopOf(route, address);
  const shown = hop === null ? null : await run('ip', '-j', 'neigh', 'show', 'to', hop);
  const neighbour =
    hop === null || shown?.status !== 'done' ? null : parseIpNeigh(shown.stdout, hop, route.device);
  return { route, neighbour, interfaces, command: got.commandLine };
}

/** An errno has several reasons; the table names the one. Policy rules are not in the table, so the errno stands where it is silent. */
async function confirmed(route: Route, address: string, run: Run): Promise<Route> {
  if (!['blackhole', 'unreachable', 'prohibit'].includes(route.kind)) return route;
  const family = familyOf(address) === 6 ? '-6' : '-4';
  const table = await run('ip', '-j', family, 'route', 'show', 'table', 'all', 'match', address);
  const kind = table.status === 'done' ? parseIpRouteShow(table.stdout, address) : null;
  return kind === null ? route : { ...route, kind };
}

async function fromProc(address: string, interfaces: NetworkInterface[], doors: Doors): Promise<Read> {
  const isV4 = familyOf(address) === 4;
  const own = interfaces.some(({ addresses }) => addresses.some((one) => one.address === address));
  const table = await doors.readText(isV4 ? '/proc/net/route' : '/proc/net/ipv6_route');
  // The table of the own addresses is not in /proc/net/route.
  const isLocal = own || (isV4 && address.startsWith('127.'));
  const route: Route = isLocal
    ? { ...unknownRoute, kind: 'local' }
    : table === null
      ? unknownRoute
      : parseProcRoute(table, address);
  const hop = nextHopOf(route, address);
  const arp = hop === null || !isV4 ? null : await doors.readText('/proc/net/arp');
  const neighbour: Neighbour = hop === null || arp === null ? null : parseProcArp(arp, hop);
  return { route, neighbour, interfaces, command: null };
}

/** macOS and BSD: from manual pages, not run. */
async function onBsd(address: string, run: Run, doors: Doors): Promise<Read> {
  const isV6 = familyOf(address) === 6;
  const got = await run('route', '-n', 'get', ...(isV6 ? ['-inet6'] : []), address);
  const route = got.status === 'done' ? parseBsdRoute(`${got.stdout}\n${got.stderr}`) : unknownRoute;
  const listed = await run('ifconfig', '-a');
  const interfaces = (listed.status === 'done' ? parseIfconfig(listed.stdout) : null) ?? ownInterfaces(doors);
  const hop = nextHopOf(route, address);
  const arp = hop === null || isV6 ? null : await run('arp', '-n', hop);
  const neighbour = hop === null || arp?.status !== 'done' ? null : parseNeighbours(arp.stdout, hop);
  return { route, neighbour, interfaces, command: got.commandLine };
}

/** Windows: by iphlpapi, and where that does not tell by PowerShell, which takes a second to start, and arp. */
async function onWindows(
  address: string,
  device: string | null,
  run: Run,
  doors: Doors,
  signal: AbortSignal,
): Promise<Read> {
  const zoned = device === null ? address : `${address}%${device}`;
  const asked = await doors.native({ job: 'network', address: zoned, port: 0 }, signal);
  const known = asked.status === 'network' ? asked : null;
  if (known !== null && known.route.kind !== 'unknown') {
    const { route, neighbour, interfaces } = known;
    return { route, neighbour, interfaces, command: null };
  }
  const script = `Find-NetRoute -RemoteIPAddress '${address}' | Select-Object NextHop,InterfaceAlias,IPAddress | ConvertTo-Json`;
  const got = await run('powershell.exe', '-NoProfile', '-NonInteractive', '-Command', script);
  const route = got.status === 'done' ? parseFindNetRoute(got.stdout) : unknownRoute;
  const hop = nextHopOf(route, address);
  // arp's words are translated, its addresses are not.
  const arp = hop === null || familyOf(address) === 6 ? null : await run('arp', '-a');
  const neighbour = hop === null || arp?.status !== 'done' ? null : parseNeighbours(arp.stdout, hop);
  const interfaces = known?.interfaces ?? ownInterfaces(doors);
  return { route, neighbour, interfaces, command: got.commandLine };
}

/** Node tells addresses and no flags: a tunnel is known by its name alone. */
const ownInterfaces = (doors: Doors): NetworkInterface[] =>
  (doors.interfaces?.() ?? []).map((one) => (isTunnelName(one.name) ? { ...one, pointToPoint: true } : one));
