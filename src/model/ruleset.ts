import type { Family } from './request.ts';

/**
 * The packet filter of one machine, from whatever tool lists it (parsers/nft-ruleset.ts, parsers/iptables-save.ts). What a
 * parser does not know stays in it as `unknown`: a guess would be worse.
 */
export interface Ruleset {
  chains: FilterChain[];
}

export type Hook = 'ingress' | 'prerouting' | 'input' | 'forward' | 'output' | 'postrouting';

export interface FilterChain {
  /** Who shows it: the same words find it again (`nft list`, `iptables -L`). */
  tool: 'nftables' | 'iptables' | 'ip6tables';
  /** IPv4, IPv6, or both (`inet`); frames before the IP layer are both, too. */
  families: Family[];
  /** `inet filter`, `ip nat`; for iptables `filter`. */
  table: string;
  name: string;
  /** Null for a chain that is only jumped to. */
  base: { hook: Hook; kind: 'filter' | 'nat'; priority: number; policy: 'accept' | 'drop' } | null;
  /** Of an ingress chain: the interfaces that it sees; absent = all. */
  devices?: string[];
  rules: FilterRule[];
}

export interface FilterRule {
  /** nftables' handle; null for iptables. */
  handle: number | null;
  /** Number of the rule in its chain, from 1: what `iptables -L --line-numbers` prints. */
  line: number;
  /** As its tool prints it, without counter and handle. */
  text: string;
  /** Its counter; null where it has none. */
  packets: number | null;
  /** In the order of the rule: what a packet must pass before the step after it is taken. */
  steps: RuleStep[];
}

export type RuleStep = { match: Match } | { effect: Effect };

/** What of a packet is looked at. */
export type Field =
  | 'family'
  | 'protocol'
  | 'iif'
  | 'oif'
  | 'source'
  | 'destination'
  | 'sourcePort'
  | 'destinationPort'
  | 'sourceType'
  | 'destinationType'
  | 'state'
  | 'status'
  | 'originalDestination'
  | 'originalPort'
  | 'mark'
  | 'tcpFlags'
  | 'mss';

export type Test =
  | { kind: 'numbers'; ranges: [number, number][] }
  /** Hexadecimal digits, 8 or 32 of them: they compare as texts. */
  | { kind: 'addresses'; ranges: [string, string][] }
  /** One that ends in `*` stands for all that begin so. */
  | { kind: 'names'; names: string[] }
  /** (value & mask) === bits */
  | { kind: 'bits'; mask: number; bits: number };

export type Match =
  | { field: Field; test: Test; not: boolean }
  | { anyOf: Match[][]; not: boolean }
  /** Not known to us: it may match or not. */
  | { unknown: string };

export type Effect =
  | { do: 'accept' | 'drop' | 'return' | 'continue' | 'notrack' | 'snat' }
  | { do: 'reject'; how: string }
  | { do: 'jump' | 'goto'; chain: string }
  /** A null address or port stays as it is; `unsure`: one of several that we cannot tell. */
  | { do: 'dnat'; address: string | null; port: number | null; unsure: boolean }
  /** To this machine itself. */
  | { do: 'redirect'; port: number | null; unsure: boolean }
  /** mark = (mark & keep) ^ xor; null = to something that we cannot tell. */
  | { do: 'mark'; to: { keep: number; xor: number } | null }
  /** A verdict map: the first case that matches. */
  | { do: 'choose'; cases: { when: Match[]; effect: Effect }[] }
  /** Not known to us: it may end the packet's way or not. */
  | { do: 'unknown'; text: string };
