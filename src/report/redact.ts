import type { Evidence } from '../model/evidence.ts';
import type { Observation } from '../model/probes.ts';
import type { Path, Report } from '../model/report.ts';

/**
 * For sharing outside: this machine's addresses, names and resolvers, and every private address and name on the
 * path, become placeholders. The same value becomes the same placeholder everywhere; the target stays.
 */
export interface RedactOptions {
  /** Names of this machine, as os.hostname() gives them. */
  hostNames?: readonly string[];
}

const IPV4 = /(?<![\d.])(?:\d{1,3}\.){3}\d{1,3}(?![\d]|\.\d)/g;
/** At least two colons; a zone (%eth0) goes with it. What is no address after all is left as it is. */
const IPV6 =
  /(?<![0-9a-z:.])(?:[0-9a-f]{0,4}:){2,7}(?:(?:\d{1,3}\.){3}\d{1,3}|[0-9a-f]{1,4})?(?:%[\w.-]+)?(?![0-9a-z:])/gi;
const MAC = /(?<![0-9a-z:])(?:[0-9a-f]{2}:){5}[0-9a-f]{2}(?![0-9a-z:])/gi;

/** Eight groups without leading zeros, so that two spellings of an address are one. Null = not an IPv6 address. */
function canonical6(text: string): string | null {
  const bare = (text.split('%')[0] ?? '').toLowerCase();
  const dotted = /^(.*:)(\d+)\.(\d+)\.(\d+)\.(\d+)$/.exec(bare);
  const hex = dotted
    ? `${dotted[1]}${[2, 4]
        .map((at) => (Number(dotted[at]) * 256 + Number(dotted[at + 1])).toString(16))
        .join(':')}`
    : bare;
  const halves = hex.split('::');
  if (halves.length > 2) return null;
  const [head = [], tail = []] = halves.map((half) => (half === '' ? [] : half.split(':')));
  const missing = 8 - head.length - tail.length;
  if (halves.length === 2 ? missing < 1 : missing !== 0) return null;
  const groups = [...head, ...Array<string>(Math.max(0, missing)).fill('0'), ...tail];
  if (!groups.every((group) => /^[0-9a-f]{1,4}$/.test(group))) return null;
  return groups.map((group) => Number.parseInt(group, 16).toString(16)).join(':');
}

function canonical4(text: string): string | null {
  const parts = text.split('.').map(Number);
  return parts.length === 4 && parts.every((part) => part <= 255) ? parts.join('.') : null;
}

const canonical = (text: string): string | null => (text.includes(':') ? canonical6(text) : canonical4(text));

/** RFC 1918, 6598, 3927; RFC 4193, 4291 link-local. Loopback tells nothing about anybody. */
function isPrivate(address: string): boolean {
  if (!address.includes(':')) {
    const [a = 0, b = 0] = address.split('.').map(Number);
    return (
      a === 10 ||
      (a === 172 && b >= 16 && b <= 31) ||
      (a === 192 && b === 168) ||
      (a === 169 && b === 254) ||
      (a === 100 && b >= 64 && b <= 127)
    );
  }
  const groups = address.split(':').map((group) => Number.parseInt(group, 16));
  const first = groups[0] ?? 0;
  if ((first & 0xfe00) === 0xfc00 || (first & 0xffc0) === 0xfe80) return true;
  const mapped = groups.slice(0, 5).every((group) => group === 0) && groups[5] === 0xffff;
  if (!mapped) return false;
  const [high = 0, low = 0] = groups.slice(6);
  return isPrivate(`${high >> 8}.${high & 255}.${low >> 8}.${low & 255}`);
}

/** What has to be known before anything can be hidden. */
interface Known {
  host: string;
  targetAddresses: readonly string[];
  clientAddresses: readonly string[];
  resolvers: readonly string[];
  hostNames: readonly string[];
  searchDomains: readonly string[];
  paths: readonly Path[];
  observations: readonly Observation[];
}

/** A report that can be shown to strangers. Idempotent; the input is not changed. */
export function redactReport(report: Report, { hostNames = [] }: RedactOptions = {}): Report {
  const { target, vantage, paths, observations, schema, tool, startedAt } = report;
  const hidden = hiding({
    host: target.host,
    targetAddresses: target.addresses.map(({ address }) => address),
    clientAddresses: [...vantage.addresses, ...(vantage.seenAs === undefined ? [] : [vantage.seenAs])],
    resolvers: vantage.resolvers,
    hostNames,
    searchDomains: [],
    paths,
    observations,
  })(report);
  return {
    ...hidden,
    schema,
    tool,
    startedAt,
    target: { ...hidden.target, input: target.input, host: target.host },
  };
}

/** Evidence that can be attached to a public bug report. Placeholders are no addresses: what a replay says of families may differ. */
export function redactEvidence(evidence: Evidence, { hostNames = [] }: RedactOptions = {}): Evidence {
  const { request, vantage, observations, startedAt } = evidence;
  const { target } = request;
  const targetAddresses = observations.flatMap((observation) => {
    if (observation.probe === 'tcp-connect' && observation.input.role === 'target')
      return [observation.input.address];
    if (observation.probe === 'system-resolve')
      return (observation.data?.addresses ?? []).map(({ address }) => address);
    return [];
  });
  const hidden = hiding({
    host: target.host,
    targetAddresses,
    clientAddresses: [...vantage.addresses, ...(request.seenAs == null ? [] : [request.seenAs])],
    resolvers: vantage.resolvers,
    hostNames,
    searchDomains: vantage.searchDomains ?? [],
    paths: [],
    observations,
  })(evidence);
  return { ...hidden, startedAt, request: { ...hidden.request, target, caPem: null } };
}

/** Finds out what to hide, and returns the function that hides it in any value. */
function hiding(known: Known): <T>(value: T) => T {
  const kept = new Set(
    [known.host, ...known.targetAddresses].map(canonical).filter((address) => address !== null),
  );
  const placeholders = new Map<string, string>();
  const counts = new Map<string, number>();
  const placeholder = (kind: string, value: string): string => {
    const key = `${kind} ${value}`;
    const given = placeholders.get(key);
    if (given !== undefined) return given;
    const number = (counts.get(kind) ?? 0) + 1;
    counts.set(kind, number);
    placeholders.set(key, `${kind}-${number}`);
    return `${kind}-${number}`;
  };

  const own = new Map<string, string>();
  for (const [list, kind] of [
    [known.clientAddresses, 'client-address'],
    [known.resolvers, 'resolver-address'],
  ] as const) {
    for (const address of list.map(canonical)) {
      if (address !== null && !kept.has(address) && !own.has(address) && !isLoopback(address)) {
        own.set(address, placeholder(kind, address));
      }
    }
  }
  const addressIn = (text: string): string => {
    const address = canonical(text);
    if (address === null || kept.has(address)) return text;
    return own.get(address) ?? (isPrivate(address) ? placeholder('private-address', address) : text);
  };

  const names = [...namesToHide(known).entries()]
    .sort(([a], [b]) => b.length - a.length)
    .map(([name, kind]): [RegExp, string] => [
      new RegExp(`(?<![a-z0-9_-])${name.replace(/[^a-z0-9]/gi, '\\$&')}(?![a-z0-9_-])`, 'gi'),
      placeholder(kind, name),
    ]);

  const hidden = (value: string): string =>
    names
      .reduce((text, [pattern, word]) => text.replace(pattern, word), value)
      .replace(MAC, (mac) => placeholder('mac-address', mac.toLowerCase()))
      .replace(IPV6, addressIn)
      .replace(IPV4, addressIn);
  const deep = <T>(value: T): T => {
    if (typeof value === 'string') return hidden(value) as T;
    if (Array.isArray(value)) return value.map(deep) as T;
    if (value === null || typeof value !== 'object') return value;
    return Object.fromEntries(Object.entries(value).map(([key, inner]) => [hidden(key), deep(inner)])) as T;
  };
  return deep;
}

const isLoopback = (address: string): boolean => address.startsWith('127.') || address === '0:0:0:0:0:0:0:1';

/** This machine's names, names of private hops, and search domains. */
function namesToHide({
  host,
  hostNames,
  searchDomains,
  clientAddresses,
  resolvers,
  paths,
  observations,
}: Known): Map<string, string> {
  const names = new Map<string, string>();
  const hide = (name: string, kind: string): void => {
    const bare = name.toLowerCase().replace(/\.$/, '');
    // A name that is part of the target's own would hide the target.
    if (bare.length < 2 || bare === 'localhost' || host === bare || host.endsWith(`.${bare}`)) return;
    if (!names.has(bare)) names.set(bare, kind);
  };
  for (const name of hostNames) {
    hide(name, 'client-name');
    hide(name.split('.')[0] ?? '', 'client-name');
  }
  for (const domain of searchDomains) hide(domain, 'search-domain');
  const own = new Set([...clientAddresses, ...resolvers].map(canonical));
  const ofHop = (address: string, name: string): void => {
    const known = canonical(address);
    if (known !== null && (own.has(known) || isPrivate(known))) hide(name, 'private-name');
  };
  for (const { address, name } of paths.flatMap(({ hops }) => hops)) {
    if (address !== null && name !== null) ofHop(address, name);
  }
  for (const observation of observations) {
    if (observation.probe === 'reverse-names') {
      for (const [address, name] of Object.entries(observation.data?.names ?? {})) ofHop(address, name);
    }
    if (observation.probe === 'dns') {
      for (const domain of observation.input.searchDomains ?? []) hide(domain, 'search-domain');
      for (const { name } of observation.data?.answers ?? []) {
        const bare = name.toLowerCase().replace(/\.$/, '');
        if (bare.startsWith(`${host}.`)) hide(bare.slice(host.length + 1), 'search-domain');
      }
    }
  }
  return names;
}
