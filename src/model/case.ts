import type { Ruleset } from './ruleset.ts';

/** One question that two sides look at: what the client tried, so that the other end can find it among what arrives. */
export interface Case {
  /** 128 random bits, 32 hexadecimal digits. It prevents mix-ups, not forgery. */
  id: string;
  target: { address: string; port: number };
  /** Another port of the same host that answers; where the target's own does, one that need not. Null where none is known. */
  reference: { address: string; port: number } | null;
  client: { address: string | null; translated: 'yes' | 'no' | 'unknown'; seenAs: string | null };
  /** ISO 8601; `to` is when the client last tried. */
  window: { from: string; to: string; timeZone: string };
  attempts: Attempt[];
}

/** One SYN of ours; a mark that could not be set or read is null. */
export interface Attempt {
  n: number;
  /** ISO 8601, with milliseconds, by the client's clock. */
  sentAt: string;
  sourcePort: number | null;
  /** TCP_MAXSEG, as it stands in the SYN's MSS option: 1200 to 1263. */
  mss: number | null;
  /** The SYN's own timestamp (TSval), within a tick. */
  tsval: number | null;
  to: 'target' | 'reference';
  result: 'open' | 'refused' | 'unreachable' | 'timeout' | 'local-error';
}

/** A SYN, SYN-ACK, reset or ICMP error, as the other end's capture saw it. */
export interface SeenPacket {
  /** Seconds since 1970 by the other end's clock. */
  time: number;
  way: 'in' | 'out' | null;
  device: string | null;
  from: string;
  fromPort: number | null;
  to: string;
  toPort: number | null;
  kind: 'syn' | 'syn-ack' | 'rst' | 'icmp';
  ttl: number | null;
  mss: number | null;
  tsval: number | null;
}

/** A rule whose counter grew: nftables by handle, iptables by number (0 = the policy). */
export interface GrownRule {
  tool: string;
  table: string;
  chain: string;
  rule: number;
  packets: number;
}

/** What the other end's half says. All of it is the word of whoever ran it; null = not looked at. */
export interface OtherEnd {
  by: string;
  privileges: 'root' | 'user';
  /** What captured: tcpdump, python3, perl; null = nothing did. */
  capture: string | null;
  /** Seconds since 1970 by its own clock. */
  from: number;
  to: number;
  system: string | null;
  listens: { address: string; port: number; queued: number | null; limit: number | null }[];
  /** Clients whose SYN was answered and who did not complete the handshake. */
  halfOpen: string[];
  addresses: { address: string; device: string }[] | null;
  /** The route to the client; null where it was not asked for. */
  routeBack: { kind: 'unicast' | 'none' | 'unknown'; device: string | null } | null;
  forwards: boolean | null;
  /** Interface -> 0 off, 1 strict, 2 loose. */
  reversePathFilter: Record<string, number>;
  conntrack: { count: number; most: number } | null;
  /** Growth of the kernel's counters while it watched, and in one second before. */
  counters: Record<string, number>;
  quiet: Record<string, number>;
  packets: SeenPacket[] | null;
  /** Rules whose counters grew. */
  grew: GrownRule[];
  /** Lines of `nft monitor trace`. */
  trace: string[];
  ruleset: Ruleset | null;
  notChecked: string[];
}
