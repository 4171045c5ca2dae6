import { readFileSync } from 'node:fs';
import type { Family } from '../model.ts';

/** Counters by name: `Ip.InReceives`, `TcpExt.TCPRetransFail`, `Ip6InReceives`. */
export type KernelCounters = ReadonlyMap<string, number>;

/**
 * /proc/net/snmp and /proc/net/netstat: pairs of lines, names and values.
 *   Ip: Forwarding DefaultTTL InReceives ...
 *   Ip: 2 64 6387 ...
 */
export function parsePairedCounters(text: string): Map<string, number> {
  const counters = new Map<string, number>();
  const lines = text.split('\n');
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
  for (const line of text.split('\n')) {
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
  const line = text.split('\n').find((one) => one.split(':')[0]?.trim() === 'lo');
  const packets = Number(line?.split(':')[1]?.trim().split(/\s+/)[9] ?? Number.NaN);
  return new Map(Number.isFinite(packets) ? [['Loopback.Sent', packets]] : []);
}

const FILES = {
  snmp: { path: '/proc/net/snmp', parse: parsePairedCounters },
  netstat: { path: '/proc/net/netstat', parse: parsePairedCounters },
  snmp6: { path: '/proc/net/snmp6', parse: parseListedCounters },
  dev: { path: '/proc/net/dev', parse: parseDevices },
};

function read(names: (keyof typeof FILES)[]): KernelCounters {
  const all = new Map<string, number>();
  for (const name of names) {
    const { path, parse } = FILES[name];
    try {
      for (const [counter, value] of parse(readFileSync(path, 'latin1'))) all.set(counter, value);
    } catch {
      // Unknown from here on: every counter of this file, and with it the differences that need it (null).
    }
  }
  return all;
}

/** Counters of this network namespace now (an ordinary user may read them). A file that cannot be read leaves its counters out. */
export const readKernelCounters = (): KernelCounters => read(['snmp', 'netstat', 'snmp6']);

/** What `undelivered` of one family needs, and no more: cheap enough to be asked every few milliseconds. */
export const readIpCounters = (family: Family): KernelCounters =>
  read(family === 6 ? ['snmp6'] : ['snmp', 'netstat']);

/** What the sending of one packet of the family may change at once. */
export const readSendCounters = (family: Family): KernelCounters =>
  read([family === 6 ? 'snmp6' : 'snmp', 'dev']);

/** TCPMinTTLDrop alone, cheap enough to be asked every millisecond; null where it cannot be read. */
export function readMinTtlDrops(): number | null {
  try {
    return (
      parsePairedCounters(readFileSync('/proc/net/netstat', 'latin1')).get('TcpExt.TCPMinTTLDrop') ?? null
    );
  } catch {
    // Unknown: whether the kernel dropped an answer for its TTL.
    return null;
  }
}

export interface CounterChange {
  unsent: number | null;
  retransmitsFailed: number | null;
  undelivered: number | null;
  onLoopback: number | null;
}

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

/** Packets that were delivered nowhere: they came after `fromMs`, the look before, and had come at `atMs`. */
export interface Arrival {
  fromMs: number;
  atMs: number;
  count: number;
}

/** Round trips longer than this are not looked for. */
const LONGEST_RTT_MS = 1500;
/** The kernel sends a SYN again after 1 s, timers being a little late. */
const RESENT_MS = 1000;
const TIMER_MS = 150;
/** The steps in which arrivals are looked for. */
export const STEP_MS = 10;

/**
 * How many of the packets sent were followed, all after about the same time, by one that was not delivered: the answers
 * to them, thrown away here. Noise comes when it comes; what it may have brought by chance (its mean and two standard
 * deviations) is taken off. The repetition one second later must bring as many where it falls into the time watched.
 */
export function arrivalsInStep(
  sentMs: readonly number[],
  arrivals: readonly Arrival[],
  watchedMs: number,
): number {
  const first = Math.min(...sentMs);
  const last = Math.max(...sentMs);
  const total = arrivals.reduce((sum, { count }) => sum + count, 0);
  const between = (from: number, to: number): number =>
    arrivals
      .filter(({ fromMs, atMs }) => atMs >= from && fromMs <= to)
      .reduce((sum, { count }) => sum + count, 0);
  const trips = sentMs.flatMap((sent) =>
    arrivals.flatMap(({ fromMs, atMs }) => [fromMs - sent, atMs - sent]),
  );
  let best = 0;
  for (const rtt of trips) {
    if (rtt < 0 || rtt > LONGEST_RTT_MS) continue;
    const { followed, spanMs } = matched(sentMs, arrivals, rtt);
    const again = [first + rtt + RESENT_MS - 20, last + rtt + RESENT_MS + TIMER_MS] as const;
    const isAgainWatched = again[1] <= watchedMs;
    const repeated = between(...again);
    if (isAgainWatched && repeated < followed) continue;
    const widthMs = Math.max(last - first + 2 * slackOf(rtt), spanMs);
    const othersMs = watchedMs - widthMs - (isAgainWatched ? again[1] - again[0] : 0);
    const others = total - followed - (isAgainWatched ? repeated : 0);
    const chance = othersMs > 0 ? (Math.max(0, others) * widthMs) / othersMs : 0;
    best = Math.max(best, Math.round(followed - chance - 2 * Math.sqrt(chance)));
  }
  return best;
}

const slackOf = (rttMs: number): number => STEP_MS + rttMs / 50;

function matched(
  sentMs: readonly number[],
  arrivals: readonly Arrival[],
  rttMs: number,
): { followed: number; spanMs: number } {
  const left = arrivals.map(({ count }) => count);
  const slack = slackOf(rttMs);
  const used: Arrival[] = [];
  for (const sent of sentMs) {
    const due = sent + rttMs;
    const i = arrivals.findIndex(
      ({ fromMs, atMs }, at) => (left[at] ?? 0) > 0 && due >= fromMs - slack && due <= atMs + slack,
    );
    if (i < 0) continue;
    left[i] = (left[i] ?? 0) - 1;
    used.push(arrivals[i]!);
  }
  const spanMs =
    used.length === 0
      ? 0
      : Math.max(...used.map(({ atMs }) => atMs)) - Math.min(...used.map(({ fromMs }) => fromMs));
  return { followed: used.length, spanMs };
}
