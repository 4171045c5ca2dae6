import type { Outcome, Where } from '../../src/model/report.ts';
import type { Addresses, Topology } from './topology.ts';

/** Commands by host name; each line is run by `sh -ec` in that host's namespace, `$DIR` is the scenario's scratch directory. */
export type Commands = Record<string, string[]>;

export type Tool = 'koffi' | 'mtr' | 'tcptraceroute' | 'traceroute' | 'tracepath' | 'ping' | 'ip';

/** How a resolver host behaves. `off` = nothing listens on port 53. */
export interface Resolver {
  mode: 'normal' | 'silent' | 'servfail' | 'refused' | 'off';
  /** Fully qualified name -> its records; other names are NXDOMAIN. An empty record answers NOERROR without data. */
  records?: Record<string, { a?: string[]; aaaa?: string[]; cname?: string }>;
  delayMs?: number;
  /** Not in resolv.conf: for `--resolver`. */
  outside?: boolean;
  /** Extended DNS Error (RFC 8914) put into every answer. */
  extendedError?: { code: number; text: string };
}

/** Part of a Where: what is left out is not compared. */
export type WherePattern = {
  kind: Where['kind'];
  hop?: number | null;
  address?: string | null;
  next?: { hop?: number | null; address?: string | null };
} | null;

export interface Truth {
  outcome: Outcome | Outcome[];
  /** Acceptable first causes. More than one where the evidence cannot tell them apart. Empty = no finding may be raised. */
  causes: string[];
  /** Acceptable places of the first cause; absent = not judged (no cause, or no place is defined for it). */
  where?: WherePattern[];
  /** The highest confidence that an expert with this evidence would put on the first cause. */
  maxConfidence?: number;
  /** What both ends together must claim at the least. */
  minConfidence?: number;
  /** Part of the packet filter's rule that the first cause must quote. */
  rule?: { firewall: string; text: string };
  /** What each place of --from must be told to have seen, by its name in the report; `failed` = it could not be looked. */
  places?: Record<string, 'open' | 'fails' | 'proves-nothing' | 'failed'>;
  /** Ids that must not be first even where the cause is judged otherwise leniently. */
  mustNotClaim?: string[];
  /** Ids that must be somewhere in the report's causes, hidden ones included. */
  alsoFinds?: string[];
}

export interface Scenario {
  /** English, unique, says the fault and the topology. */
  name: string;
  /** Family of faults: the unit of cross-validation. */
  family: string;
  topology: Topology;
  /** Ports on which the server listens: 22 says an SSH banner, 80/8080 speak HTTP, 5432, 6379, 25 their protocol, others accept and wait. */
  listen?: number[];
  /** Ports on which other hosts listen. */
  listenOn?: Record<string, number[]>;
  /** Resolvers on the client's network, in resolv.conf's order. */
  resolvers?: Resolver[] | ((at: Addresses) => Resolver[]);
  /** Lines after 127.0.0.1 localhost. */
  hostsFile?: (at: Addresses) => string[];
  /** Long-running programs of hosts, started before the fault; `waitFor` names ports that must listen before it goes on. */
  services?: (at: Addresses) => Commands;
  waitFor?: Record<string, number[]>;
  /** Lines of shell before anything else, in `$DIR` (openssl req ... > cert.pem). */
  prepare?: (at: Addresses) => string[];
  /** Additional files in `$DIR` (path -> text), made before anything runs. */
  files?: (at: Addresses) => Record<string, string>;
  fault: (at: Addresses) => Commands;
  /** Lines of shell run right before and right after the client; what they print is kept (before.txt, after.txt). */
  measure?: (at: Addresses) => Commands;
  /** Lines of shell that the client's own process goes through before the tool starts (ulimit ...). */
  clientShell?: string[];
  env?: (at: Addresses) => Record<string, string>;
  /** HOST:PORT as typed. */
  target: (at: Addresses) => string;
  flags?: (at: Addresses) => string[];
  as?: 'user' | 'root';
  hide?: Tool[];
  /** One truth, or alternatives where chance decides which one happens (the one whose outcome fits is judged). */
  truth: (at: Addresses) => Truth | Truth[];
  /** In the quick dozen. */
  quick?: boolean;
}

/** Makes one scenario a variant (a topology, a port, an address family). */
export function family<V>(
  name: string,
  variants: V[],
  make: (variant: V) => Omit<Scenario, 'family'>,
): Scenario[] {
  return variants.map((variant) => ({ family: name, ...make(variant) }));
}

/** `[2001:db8::7]:443` or `192.0.2.7:443`. */
export const hostPort = (address: string, port: number) =>
  address.includes(':') ? `[${address}]:${port}` : `${address}:${port}`;

// ---------------------------------------------------------------- faults in words

const filter = (hook: string, priority: string) => (rule: string) =>
  `nft 'add table inet ${hook}_lab; add chain inet ${hook}_lab c { type filter hook ${hook} priority ${priority}; }; add rule inet ${hook}_lab c ${rule}'`;
/** In transit, after routing and the TTL check. */
/**
 * A router that chooses among ways side by side by addresses and ports, as routers do (RFC 2992). Policy 1 of Linux would
 * take the hash that the sender's kernel has put beside the packet within one machine, and that changes with each SYN.
 */
export const HASH_BY_PORTS = [
  'echo 3 > /proc/sys/net/ipv4/fib_multipath_hash_policy',
  'echo 55 > /proc/sys/net/ipv4/fib_multipath_hash_fields',
];
export const forward = filter('forward', '0');
/** On arrival, before routing and the TTL check. */
export const prerouting = filter('prerouting', '-300');
export const input = filter('input', '0');
export const output = filter('output', '0');

/** `ip daddr X` or `ip6 daddr X`. */
export const to = (address: string) => `${address.includes(':') ? 'ip6' : 'ip'} daddr ${address}`;
export const from = (address: string) => `${address.includes(':') ? 'ip6' : 'ip'} saddr ${address}`;
/** `ip route add KIND ADDRESS`, in the right family. */
export const route = (words: string, address: string) =>
  `ip ${address.includes(':') ? '-6 ' : ''}route ${words.replace('ADDRESS', address)}`;
/** This router never tells that a TTL ran out (its own packets only). */
export const noTimeExceeded =
  output('meta l4proto icmp icmp type time-exceeded drop') +
  '; ' +
  output('meta l4proto icmpv6 icmpv6 type time-exceeded drop');
/** This host tells one ICMP error a second, of any kind and to anybody. */
export const tellsOnceASecond =
  'echo 1000 > /proc/sys/net/ipv4/icmp_ratelimit; echo 6168 > /proc/sys/net/ipv4/icmp_ratemask; echo 1 > /proc/sys/net/ipv4/icmp_msgs_per_sec; echo 1 > /proc/sys/net/ipv4/icmp_msgs_burst';
export const noEcho = (hook: (rule: string) => string) =>
  `${hook('meta l4proto icmp icmp type echo-request drop')}; ${hook('meta l4proto icmpv6 icmpv6 type echo-request drop')}`;

// ---------------------------------------------------------------- what cannot be told apart

/** A drop in the last router's forward stage and one in the host's input stage look the same from here. */
export const DROPPED_AT_THE_END = {
  causes: ['host-firewall-drop', 'network-firewall-drop'],
  maxConfidence: 0.75,
};
/**
 * Every port and protocol silent after hop k. Whether k is the last router, whether packets arrive and answers do not,
 * whether a filter or a route swallows them: the same packets for all five.
 */
export const SILENT_ON_EVERYTHING = {
  causes: ['host-firewall-drop', 'host-down', 'return-path', 'routing-blackhole', 'network-firewall-drop'],
  maxConfidence: 0.7,
};
/** "Host unreachable" three seconds late from router k: the host behind it is off, or (rarely: routing would notice) its next hop. */
export const LATE_UNREACHABLE_LIMIT = 0.97;
/** An RST from the host's own distance: nothing listens, or (rarely) its firewall answers so. */
export const RESET_BY_HOST_LIMIT = 0.95;

// ---------------------------------------------------------------- places in words

export const thisMachine: WherePattern = { kind: 'this-machine' };
/** A device that told its name: router n. */
export const atHop = (at: Addresses, n: number): WherePattern => ({
  kind: 'hop',
  hop: n,
  address: at.hop(n),
});
/** Last heard at router n, gone before n + 1. */
export const after = (at: Addresses, n: number): WherePattern => ({
  kind: 'between',
  hop: n,
  address: at.hop(n),
  next: { hop: n + 1 },
});
/** Last heard at router n; what comes next has no name (a silent router stands there). */
export const somewhereAfter = (at: Addresses, n: number): WherePattern => ({
  kind: 'between',
  hop: n,
  address: at.hop(n),
});
export const atTarget = (address: string): WherePattern => ({ kind: 'target', address });
/** No router was heard for this port: no place, or an interval that starts at this machine. */
export const beforeAnyHop: WherePattern[] = [
  null,
  { kind: 'between', hop: null },
  { kind: 'between', hop: 0 },
];
/** A loop is at either of the routers that pass the packet to and fro. */
export const loopBetween = (...hops: number[]): WherePattern[] =>
  hops.flatMap((hop): WherePattern[] => [
    { kind: 'hop', hop },
    { kind: 'between', hop },
  ]);
