//   Ip: Forwarding DefaultTTL InReceives ...                                            (/proc/net/snmp)
//   Ip: 2 64 6387 ...
import type { CounterChange } from '../model/measured.ts';
import type { Family } from '../model/request.ts';

/** Counters by name: `Ip.InReceives`, `TcpExt.TCPRetransFail`, `Ip6InReceives`. */
export type KernelCounters = ReadonlyMap<string, number>;

/**
 * /proc/net/snmp and /proc/net/netstat: pairs of lines, names and values.
 *   Ip: Forwarding DefaultTTL InReceives ...
 *   Ip: 2 64 6387 ...
 */
export function parsePairedCounters(text: string): Map<string, number> {
  const counters = new Map<string, number>();
  const lines = text.split('\n', 2000);
  for (let i = 0; i + 1 < lines.length; i += 2) {
    const [group, ...names] = lines[i]!.trim().split(/\s+/);
    const [sameGroup, ...values] = lines[i + 1]!.trim().split(/\s+/);
    if (!group?.endsWith(':') || group !== sameGroup) break;
    names.forEach((name, column) => {
      const value = Number(values[column]);
      if (values[column] !== undefined && Number.isFinite(value))
        counters.set(`${group.slice(0, -1)}.${name}`, value);
    });
  }
  return counters;
}

/**
 * /proc/net/snmp6: one counter a line.
 *   Ip6InReceives                   	1
 *   Ip6InHdrErrors                  	0
 */
export function parseListedCounters(text: string): Map<string, number> {
  const counters = new Map<string, number>();
  for (const line of text.split('\n', 2000)) {
    const [name, digits] = line.trim().split(/\s+/);
    if (name && digits !== undefined && Number.isFinite(Number(digits))) counters.set(name, Number(digits));
  }
  return counters;
}

/**
 * /proc/net/dev: packets that went through the loopback interface, as `Loopback.Sent`. Of the others nothing is taken:
 * many network cards count by themselves and tell seconds later.
 *   Inter-|   Receive                                                |  Transmit
 *    face |bytes    packets errs drop fifo frame compressed multicast|bytes    packets errs ...
 *       lo:    1296      18    0    0    0     0          0         0     1296      18    0    0 ...
 */
export function parseDevices(text: string): Map<string, number> {
  const line = text.split('\n', 2000).find((one) => one.split(':')[0]?.trim() === 'lo');
  const packets = Number(line?.split(':')[1]?.trim().split(/\s+/)[9] ?? Number.NaN);
  return new Map(Number.isFinite(packets) ? [['Loopback.Sent', packets]] : []);
}

/**
 * /proc/net/stat/rt_cache: a line for each processor, in hexadecimal; their sum as `Route.MartianSources` (a wrong sender: the
 * reverse-path filter's, and this machine's own address that comes in from outside). Unlike the others it is counted for the
 * whole machine.
 *   entries  in_hit   in_slow_tot in_slow_mc ... in_martian_dst in_martian_src out_hit ...
 *   00000005 00000000 0000384e    00000000   ... 00000000       00000205       00000000 ...
 */
export function parseRouteStatistics(text: string): Map<string, number> {
  const [head = '', ...lines] = text.trim().split('\n', 2000);
  const column = head.trim().split(/\s+/).indexOf('in_martian_src');
  const values = lines.map((line) => Number.parseInt(line.trim().split(/\s+/)[column] ?? '', 16));
  const isTold = column >= 0 && values.length > 0 && values.every(Number.isFinite);
  return new Map(isTold ? [['Route.MartianSources', values.reduce((sum, one) => sum + one, 0)]] : []);
}

/** Files that an ordinary user may read, and what is in them; together the counters of this network namespace. */
export const KERNEL_COUNTER_FILES = {
  snmp: { path: '/proc/net/snmp', parse: parsePairedCounters },
  netstat: { path: '/proc/net/netstat', parse: parsePairedCounters },
  snmp6: { path: '/proc/net/snmp6', parse: parseListedCounters },
  dev: { path: '/proc/net/dev', parse: parseDevices },
  routes: { path: '/proc/net/stat/rt_cache', parse: parseRouteStatistics },
} as const;

/**
 * What the kernel counted between two readings, for one family.
 *
 * unsent. OutRequests is counted before the output hook, OutTransmits (kernels >= 6.9) where the packet goes to the
 * neighbour layer: the difference is what the output and postrouting hooks, cgroup egress filters and IPsec policies
 * took away. Forwarded packets and fragments are transmitted without having been requested one by one.
 *
 * undelivered. InReceives is counted before the prerouting hook, InDelivers after the transport layer took the packet
 * (a TCP segment that TCP itself throws away counts as delivered). Taken out of the difference: damaged, misaddressed
 * and unroutable packets, unknown protocols, forwarding, fragments that were put together, and for IPv6 the multicast
 * that nobody here subscribed to. What remains: the input and prerouting hooks, reverse-path filtering, martians.
 *
 * martians. Alone among these it is counted for all namespaces together: what it tells holds where undelivered grows with it.
 *
 * badChecksums. TCP of both families together: segments that arrived with a wrong checksum and were thrown away. They count as
 * delivered, so that undelivered knows nothing of them.
 *
 * Noise. All is counted for the whole namespace, and the files are not read in one instant: a packet that passes just
 * then counts as one, more on a busy machine. IPv4 multicast to groups not joined (neighbours that look for printers),
 * and filters that drop forwarded or scanning traffic, count as undelivered; filters that drop other programs' packets
 * count as unsent. So a difference over seconds proves nothing: take unsent over the moment of one send, and undelivered in
 * step with what was sent (arrivalsInStep). The resets that a local IPv6 `reject` makes are transmitted without a request
 * and hide as many (such a sweep shows RST at TTL 1 instead).
 */
export function countersBetween(
  before: KernelCounters,
  after: KernelCounters,
  family: Family,
): CounterChange {
  const change = (name: string): number | null => {
    const [from, to] = [before.get(name), after.get(name)];
    return from === undefined || to === undefined ? null : to - from;
  };
  const prefix = family === 6 ? 'Ip6' : 'Ip.';
  const ip = (name: string): number | null => change(prefix + name);
  /** A counter that this kernel does not have has counted nothing. */
  const sum = (...names: string[]): number => names.reduce((total, name) => total + (ip(name) ?? 0), 0);
  const atLeastZero = (value: number): number => Math.max(0, value);

  const requests = ip('OutRequests');
  const transmits = ip('OutTransmits');
  const forwarded = ip(family === 6 ? 'OutForwDatagrams' : 'ForwDatagrams') ?? 0;
  const unsent =
    requests === null || transmits === null
      ? null
      : atLeastZero(requests + forwarded + sum('FragCreates') - sum('FragOKs') - transmits);

  // IPv6 has no such filter in the kernel itself.
  const reversePath = family === 6 ? null : change('TcpExt.IPReversePathFilter');
  const martians = family === 6 ? null : change('Route.MartianSources');
  const receives = ip('InReceives');
  const delivers = ip('InDelivers');
  let undelivered: number | null = null;
  if (receives !== null && delivers !== null) {
    const errors = sum('InHdrErrors', 'InAddrErrors', 'InUnknownProtos', 'InDiscards');
    const absorbed = sum('ReasmReqds') - sum('ReasmOKs');
    const elsewhere =
      family === 6
        ? sum('InNoRoutes', 'InTooBigErrors', 'InTruncatedPkts') + unsubscribedMulticast(change)
        : (change('IpExt.InNoRoutes') ?? 0) + (change('IpExt.InTruncatedPkts') ?? 0);
    undelivered = atLeastZero(receives - delivers - errors - absorbed - forwarded - elsewhere);
  }
  return {
    unsent,
    retransmitsFailed: change('TcpExt.TCPRetransFail'),
    undelivered,
    onLoopback: change('Loopback.Sent'),
    reversePath,
    martians: martians === null ? null : atLeastZero(martians - (reversePath ?? 0)),
    badChecksums: change('Tcp.InCsumErrors'),
    unreachables: change(family === 6 ? 'Icmp6InDestUnreachs' : 'Icmp.InDestUnreachs'),
  };
}

/**
 * Ip6InMcastPkts counts multicast before the kernel looks whether anybody here joined the group (MLD reports of the
 * neighbours come all the time). At most as many were delivered as there are messages that come by multicast.
 */
function unsubscribedMulticast(change: (name: string) => number | null): number {
  const delivered = [
    'Icmp6InNeighborSolicits',
    'Icmp6InNeighborAdvertisements',
    'Icmp6InRouterAdvertisements',
    'Icmp6InRouterSolicits',
    'Icmp6InGroupMembQueries',
    'Icmp6InGroupMembReductions',
    'Udp6InDatagrams',
    'Udp6NoPorts',
  ].reduce((total, name) => total + (change(name) ?? 0), 0);
  return Math.max(0, (change('Ip6InMcastPkts') ?? 0) - delivered);
}
