// {"match": {"op": "==", "left": {"payload": {"protocol": "tcp", "field": "dport"}}, "right": {"set": [22, {"range": [80, 90]}]}}}
// {"vmap": {"key": {"ct": {"key": "state"}}, "data": {"set": [["established", {"accept": null}]]}}}
import { hexOf, rangeOf } from '../ground/address.ts';
import type { Effect, Field, Match, RuleStep, Test } from '../model/ruleset.ts';
import { words } from './nft-text.ts';

/** A set or a map that rules name with `@`. */
export interface Named {
  elements: readonly unknown[];
  /** Its elements come and go with the packets, so that what it holds now proves nothing. */
  changes: boolean;
}
type Find = (name: string) => Named | undefined;
type Json = Record<string, unknown>;

const asObject = (value: unknown): Json | null =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Json) : null;
const keyOf = (value: Json): string => Object.keys(value)[0] ?? '';

/** What packets do not notice. */
const SILENT = new Set([
  'counter',
  'log',
  'set',
  'last',
  'ct helper',
  'ct timeout',
  'ct expectation',
  'dup',
  'flow',
  'secmark',
]);

/** One statement of a rule as steps (libnftables-json(5), STATEMENTS). */
export function stepsOf(statement: Json, find: Find): RuleStep[] {
  const name = keyOf(statement);
  if (SILENT.has(name)) return [];
  if (name === 'match') return matchOf(asObject(statement.match) ?? {}, find).map((match) => ({ match }));
  if (name === 'vmap') return verdictMap(asObject(statement.vmap) ?? {}, find);
  if (name === 'limit' || name === 'quota' || name === 'ct count' || name === 'meter')
    return [{ match: { unknown: words(statement) } }];
  if (name === 'mangle') return mangle(asObject(statement.mangle) ?? {});
  const effect = effectOf(statement);
  // Of a table for both families: nat to an address of one leaves the other's packets alone.
  const family =
    name === 'dnat' || name === 'snat' ? FAMILY_OF[String(asObject(statement[name])?.family)] : undefined;
  return [
    ...(family === undefined ? [] : [{ match: isFamily(family) }]),
    { effect: effect ?? { do: 'unknown', text: words(statement) } },
  ];
}

function effectOf(statement: Json): Effect | null {
  const name = keyOf(statement);
  const given = asObject(statement[name]);
  switch (name) {
    case 'accept':
    case 'drop':
    case 'return':
    case 'continue':
    case 'notrack':
      return { do: name };
    case 'masquerade':
    case 'snat':
      return { do: 'snat' };
    case 'jump':
    case 'goto':
      return { do: name, chain: String(given?.target ?? '') };
    case 'reject':
      return {
        do: 'reject',
        how: [
          given?.type ?? 'icmpx',
          given?.type === 'tcp reset' ? null : (given?.expr ?? 'port-unreachable'),
        ]
          .filter((word) => word !== null)
          .join(' '),
      };
    case 'redirect':
      return { do: 'redirect', ...portOf(given?.port) };
    case 'dnat': {
      const { port, unsure } = portOf(given?.port);
      const address = given?.addr ?? null;
      const isKnown = address === null || (typeof address === 'string' && hexOf(address) !== null);
      return {
        do: 'dnat',
        address: isKnown ? (address as string | null) : null,
        port,
        unsure: unsure || !isKnown,
      };
    }
    default:
      return null;
  }
}

function portOf(port: unknown): { port: number | null; unsure: boolean } {
  if (typeof port === 'number') return { port, unsure: false };
  return { port: null, unsure: port !== undefined && port !== null };
}

/** `meta mark set`; other fields that are written (a TTL, an MSS, a priority) change nothing that is looked at here. */
function mangle({ key, value }: Json): RuleStep[] {
  const meta = asObject(asObject(key)?.meta);
  if (meta?.key === 'mark') {
    if (typeof value === 'number') return [{ effect: { do: 'mark', to: { keep: 0, xor: value } } }];
    return [{ effect: { do: 'mark', to: null } }];
  }
  const payload = asObject(asObject(key)?.payload);
  if (payload !== null && !['ttl', 'hoplimit', 'dscp', 'ecn'].includes(String(payload.field)))
    return [{ effect: { do: 'unknown', text: words({ mangle: { key, value } }) } }];
  return [];
}

function verdictMap({ key, data }: Json, find: Find): RuleStep[] {
  const unknown: RuleStep = { effect: { do: 'unknown', text: words({ vmap: { key, data } }) } };
  const map = typeof data === 'string' ? find(data.slice(1)) : undefined;
  const elements = map?.elements ?? asObject(data)?.set;
  if (map?.changes || !Array.isArray(elements)) return [unknown];
  const cases = elements.map((one) => {
    const [value, verdict] = Array.isArray(one) ? one : [];
    const bare = asObject(asObject(value)?.elem)?.val ?? value;
    const effect = effectOf(asObject(verdict) ?? {});
    return effect === null ? null : { when: equals(key, bare, find), effect };
  });
  return cases.includes(null)
    ? [unknown]
    : [{ effect: { do: 'choose', cases: cases.filter((one) => one !== null) } }];
}

// ---------------------------------------------------------------- matches

function matchOf({ op, left, right }: Json, find: Find): Match[] {
  const unknown: Match[] = [{ unknown: words({ match: { op, left, right } }) }];
  if (op === '==' || op === 'in') return equals(left, right, find, op === 'in');
  const subject = subjectOf(left);
  if (subject === null) return op === '!=' ? not(left, right, find) : unknown;
  if (op === '!=') return not(left, right, find);
  if (op === '!' && subject.mask === null) return noneOf(subject, right, unknown);
  if (typeof right !== 'number') return unknown;
  const most = 0xffff_ffff;
  const range: [number, number] | null =
    op === '<'
      ? [0, right - 1]
      : op === '<='
        ? [0, right]
        : op === '>'
          ? [right + 1, most]
          : op === '>='
            ? [right, most]
            : null;
  if (range === null || subject.mask !== null) return unknown;
  return [...subject.first, { field: subject.field, test: { kind: 'numbers', ranges: [range] }, not: false }];
}

/** All but the last are what must be so for the value to exist at all (`ip saddr != X` is no match for IPv6). */
function not(left: unknown, right: unknown, find: Find): Match[] {
  const matches = equals(left, right, find);
  const subjects = concatenated(left).map(subjectOf);
  const first = subjects.flatMap((subject) => subject?.first ?? []);
  const rest = matches.slice(subjects.length === 1 ? first.length : 0);
  if (rest.some((match) => 'unknown' in match)) return [...first, ...rest];
  return [...first, { anyOf: [rest], not: true }];
}

/** `tcp flags ! syn`: none of these flags. */
function noneOf(subject: Subject, right: unknown, unknown: Match[]): Match[] {
  const mask = subject.field === 'tcpFlags' ? flagsOf(right) : null;
  if (mask === null) return unknown;
  return [...subject.first, { field: subject.field, test: { kind: 'bits', mask, bits: 0 }, not: false }];
}

const concatenated = (left: unknown): unknown[] => {
  const parts = asObject(left)?.concat;
  return Array.isArray(parts) ? parts : [left];
};

/** True of packets whose `left` is `right`: a value, a prefix, a range, one of a set, one of a list of flags. */
function equals(left: unknown, right: unknown, find: Find, isAnyFlag = false): Match[] {
  const unknown: Match[] = [{ unknown: words({ match: { op: '==', left, right } }) }];
  const parts = concatenated(left);
  const subjects = parts.map(subjectOf);
  if (subjects.some((one) => one === null)) return unknown;
  const first = subjects.flatMap((subject) => subject?.first ?? []);
  const alternatives = alternativesOf(right, find);
  if (alternatives === null) return unknown;

  if (subjects.length === 1) {
    const subject = subjects[0]!;
    const test =
      subject.mask === null ? testOf(subject.field, alternatives, isAnyFlag) : bitsOf(subject, alternatives);
    return test === null ? unknown : [...first, { field: subject.field, test, not: false }];
  }
  const anyOf = alternatives.map((alternative) => {
    const values = asObject(alternative)?.concat;
    if (!Array.isArray(values) || values.length !== subjects.length) return null;
    const tuple = subjects.map((subject, i) => {
      const test = subject!.mask === null ? testOf(subject!.field, [values[i]], false) : null;
      return test === null ? null : { field: subject!.field, test, not: false };
    });
    return tuple.includes(null) ? null : tuple.filter((one) => one !== null);
  });
  if (anyOf.includes(null)) return unknown;
  return [...first, { anyOf: anyOf.filter((one) => one !== null), not: false }];
}

/** Null where it is not known what stands there. */
function alternativesOf(right: unknown, find: Find): unknown[] | null {
  if (typeof right === 'string' && right.startsWith('@')) {
    const set = find(right.slice(1));
    return set === undefined || set.changes ? null : set.elements.map(bare);
  }
  const set = asObject(right)?.set;
  if (Array.isArray(set)) return set.map(bare);
  return Array.isArray(right) ? right : [right];
}
/** Elements with a comment, a counter or a timeout of their own. */
const bare = (element: unknown): unknown => asObject(asObject(element)?.elem)?.val ?? element;

interface Subject {
  field: Field;
  mask: number | null;
  /** What must be so for it to exist. */
  first: Match[];
}

const FAMILY_OF: Record<string, number> = { ip: 4, ip6: 6 };
const isFamily = (family: number): Match => ({
  field: 'family',
  test: { kind: 'numbers', ranges: [[family, family]] },
  not: false,
});
const isProtocol = (name: string): Match => ({
  field: 'protocol',
  test: { kind: 'names', names: [name] },
  not: false,
});

const META: Record<string, Field> = {
  iif: 'iif',
  iifname: 'iif',
  oif: 'oif',
  oifname: 'oif',
  l4proto: 'protocol',
  nfproto: 'family',
  protocol: 'family',
  mark: 'mark',
};

function subjectOf(left: unknown): Subject | null {
  const object = asObject(left);
  if (object === null) return null;
  if (Array.isArray(object['&'])) {
    const [inner, mask] = object['&'];
    const subject = subjectOf(inner);
    const number = typeof mask === 'number' ? mask : flagsOf(mask);
    return subject === null || number === null || subject.mask !== null ? null : { ...subject, mask: number };
  }
  const plain = (field: Field, first: Match[] = []): Subject => ({ field, mask: null, first });
  const meta = asObject(object.meta);
  if (meta !== null) {
    const field = META[String(meta.key)];
    return field === undefined ? null : plain(field);
  }
  const payload = asObject(object.payload);
  if (payload !== null) return payloadSubject(String(payload.protocol), String(payload.field), plain);
  const ct = asObject(object.ct);
  if (ct !== null) {
    const key = String(ct.key);
    if (key === 'state' || key === 'status') return plain(key);
    if (ct.dir !== 'original') return null;
    if (key === 'ip daddr' || key === 'ip6 daddr') return plain('originalDestination');
    return key === 'proto-dst' ? plain('originalPort') : null;
  }
  const fib = asObject(object.fib);
  if (fib !== null && fib.result === 'type') {
    const flags = Array.isArray(fib.flags) ? fib.flags.join() : fib.flags;
    if (flags === 'daddr') return plain('destinationType');
    return flags === 'saddr' ? plain('sourceType') : null;
  }
  const option = asObject(object['tcp option']);
  return option?.name === 'maxseg' && option.field === 'size' ? plain('mss') : null;
}

function payloadSubject(
  protocol: string,
  field: string,
  plain: (field: Field, first: Match[]) => Subject,
): Subject | null {
  const family = FAMILY_OF[protocol];
  if (family !== undefined) {
    const first = [isFamily(family)];
    if (field === 'saddr') return plain('source', first);
    if (field === 'daddr') return plain('destination', first);
    // IPv6 extension headers make the next header another thing than the protocol; a SYN of ours has none.
    return field === 'protocol' || field === 'nexthdr' ? plain('protocol', first) : null;
  }
  const first = protocol === 'th' ? [] : [isProtocol(protocol)];
  if (field === 'sport') return plain('sourcePort', first);
  if (field === 'dport') return plain('destinationPort', first);
  if (protocol === 'tcp') return field === 'flags' ? plain('tcpFlags', first) : null;
  // A field of another protocol: it is never reached, whatever it is compared with.
  return /^(udp|udplite|sctp|dccp|icmp|icmpv6|igmp|esp|ah|comp)$/.test(protocol)
    ? plain('protocol', first)
    : null;
}

const FLAGS = ['fin', 'syn', 'rst', 'psh', 'ack', 'urg', 'ecn', 'cwr'];

/** TCP flags by name, also as `["fin", "syn"]` or `{"|": ["fin", "syn"]}`. */
function flagsOf(value: unknown): number | null {
  if (typeof value === 'number') return value;
  if (typeof value === 'string') {
    const at = FLAGS.indexOf(value);
    return at < 0 ? null : 1 << at;
  }
  const list = Array.isArray(value) ? value : asObject(value)?.['|'];
  if (!Array.isArray(list)) return null;
  const bits = list.map(flagsOf);
  return bits.includes(null) ? null : bits.reduce<number>((sum, bit) => sum | (bit ?? 0), 0);
}

function bitsOf({ mask }: Subject, alternatives: readonly unknown[]): Test | null {
  if (mask === null) return null;
  // A list of flags is their sum here.
  const bits = flagsOf(alternatives.length === 1 ? alternatives[0] : alternatives);
  return bits === null ? null : { kind: 'bits', mask, bits };
}

const FAMILY_WORDS: Record<string, number> = { ipv4: 4, ip: 4, ipv6: 6, ip6: 6 };
const PROTOCOL_NUMBERS: Record<number, string> = {
  1: 'icmp',
  6: 'tcp',
  17: 'udp',
  58: 'ipv6-icmp',
  132: 'sctp',
};

function testOf(field: Field, alternatives: readonly unknown[], isAnyFlag: boolean): Test | null {
  switch (field) {
    case 'source':
    case 'destination':
    case 'originalDestination': {
      const ranges = alternatives.map(addressRange);
      return ranges.includes(null)
        ? null
        : { kind: 'addresses', ranges: ranges.filter((range) => range !== null) };
    }
    case 'tcpFlags': {
      if (alternatives.length !== 1 && !isAnyFlag) return null;
      const bits = flagsOf(alternatives.length === 1 ? alternatives[0] : alternatives);
      if (bits === null) return null;
      // Any of these flags: of a SYN one alone is set.
      return isAnyFlag
        ? {
            kind: 'numbers',
            ranges: FLAGS.flatMap((_, i) => ((bits >> i) & 1 ? [[1 << i, 1 << i] as [number, number]] : [])),
          }
        : { kind: 'numbers', ranges: [[bits, bits]] };
    }
    case 'family': {
      const ranges = alternatives.map((one) => numberRange(FAMILY_WORDS[String(one)] ?? 0));
      return { kind: 'numbers', ranges: ranges.filter((range) => range !== null) };
    }
    case 'sourcePort':
    case 'destinationPort':
    case 'originalPort':
    case 'mark':
    case 'mss': {
      const ranges = alternatives.map(numberRange);
      return ranges.includes(null)
        ? null
        : { kind: 'numbers', ranges: ranges.filter((range) => range !== null) };
    }
    default: {
      const names = alternatives.map((one) =>
        typeof one === 'number' && field === 'protocol' ? (PROTOCOL_NUMBERS[one] ?? String(one)) : one,
      );
      return names.every((name) => typeof name === 'string') ? { kind: 'names', names } : null;
    }
  }
}

function numberRange(value: unknown): [number, number] | null {
  if (typeof value === 'number') return [value, value];
  const range = asObject(value)?.range;
  if (!Array.isArray(range)) return null;
  const [from, to] = range;
  return typeof from === 'number' && typeof to === 'number' ? [from, to] : null;
}

function addressRange(value: unknown): [string, string] | null {
  if (typeof value === 'string') return rangeOf(value);
  const object = asObject(value);
  const prefix = asObject(object?.prefix);
  if (prefix !== null) return rangeOf(`${prefix.addr}/${prefix.len}`);
  const [from, to] = Array.isArray(object?.range) ? object.range : [];
  const ends = [from, to].map((end) => (typeof end === 'string' ? hexOf(end) : null));
  return ends[0] && ends[1] ? [ends[0], ends[1]] : null;
}
