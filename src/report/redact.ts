import type { Report } from '../model.ts';

/**
 * For sharing outside: this machine's addresses, names and resolvers, and every private address and name on the
 * path, become placeholders. The same value becomes the same placeholder everywhere; the target stays.
 */
export interface RedactOptions {
  /** Names of this machine, as os.hostname() gives them. */
  hostNames: readonly string[];
}

const IPV4 = /(?<![\d.])(?:\d{1,3}\.){3}\d{1,3}(?![\d]|\.\d)/g;
/** At least two colons; a zone (%eth0) goes with it. What is no address after all is left as it is. */
const IPV6 =
  /(?<![0-9a-z:.])(?:[0-9a-f]{0,4}:){2,7}(?:[0-9a-f]{1,4}|(?:\d{1,3}\.){3}\d{1,3})?(?:%[\w.-]+)?(?![0-9a-z:])/gi;
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

/** A report that can be shown to strangers. Idempotent; the input is not changed. */
export function redact(report: Report, { hostNames }: RedactOptions): Report {
  const kept = new Set(
    [report.target.host, ...report.target.addresses.map(({ address }) => address)]
      .map(canonical)
      .filter((address) => address !== null),
  );
  const placeholders = new Map<string, string>();
  const counts = new Map<string, number>();
  const placeholder = (kind: string, value: string): string => {
    const known = placeholders.get(`${kind} ${value}`);
    if (known !== undefined) return known;
    const number = (counts.get(kind) ?? 0) + 1;
    counts.set(kind, number);
    placeholders.set(`${kind} ${value}`, `${kind}-${number}`);
    return `${kind}-${number}`;
  };

  const named = new Map<string, string>();
  const own = (list: readonly string[], kind: string): void => {
    for (const address of list.map(canonical)) {
      if (address !== null && !kept.has(address) && !named.has(address))
        named.set(address, placeholder(kind, address));
    }
  };
  own(report.vantage.addresses, 'client-address');
  own(report.vantage.resolvers, 'resolver-address');

  const addressIn = (text: string): string => {
    const address = canonical(text);
    if (address === null || kept.has(address)) return text;
    const known = named.get(address);
    if (known !== undefined) return known;
    return isPrivate(address) ? placeholder('private-address', address) : text;
  };

  const names = namesToHide(report, hostNames);
  const namePatterns = [...names.entries()]
    .filter(([name]) => name.length > 1)
    .sort(([a], [b]) => b.length - a.length)
    .map(([name, kind]): [RegExp, string] => [
      new RegExp(`(?<![a-z0-9_-])${name.replace(/[^a-z0-9]/gi, '\\$&')}(?![a-z0-9_-])`, 'gi'),
      placeholder(kind, name),
    ]);

  const text = (value: string): string => {
    const without = namePatterns.reduce((now, [pattern, word]) => now.replace(pattern, word), value);
    return without
      .replace(MAC, (mac) => placeholder('mac-address', mac.toLowerCase()))
      .replace(IPV6, addressIn)
      .replace(IPV4, addressIn);
  };
  const deep = <T>(value: T): T => {
    if (typeof value === 'string') return text(value) as T;
    if (Array.isArray(value)) return value.map(deep) as T;
    if (value === null || typeof value !== 'object') return value;
    return Object.fromEntries(Object.entries(value).map(([key, inner]) => [text(key), deep(inner)])) as T;
  };
  const { schema, tool, startedAt } = report;
  return {
    ...deep(report),
    schema,
    tool,
    startedAt,
    target: { ...deep(report.target), ...targetOf(report) },
  };
}

function targetOf({ target }: Report): Pick<Report['target'], 'input' | 'host'> {
  return { input: target.input, host: target.host };
}

/** This machine's names, names of private hops, and search domains that were appended to the target's name. */
function namesToHide(report: Report, hostNames: readonly string[]): Map<string, string> {
  const { host } = report.target;
  const names = new Map<string, string>();
  const hide = (name: string, kind: string): void => {
    const bare = name.toLowerCase().replace(/\.$/, '');
    // A name that is part of the target's own would hide the target.
    if (bare === '' || bare === 'localhost' || host === bare || host.endsWith(`.${bare}`)) return;
    if (!names.has(bare)) names.set(bare, kind);
  };
  for (const name of hostNames) {
    hide(name, 'client-name');
    const [short = ''] = name.split('.');
    if (short !== name) hide(short, 'client-name');
  }
  const hidden = new Set([...report.vantage.addresses, ...report.vantage.resolvers].map(canonical));
  const isHidden = (address: string): boolean => {
    const known = canonical(address);
    return known !== null && (hidden.has(known) || isPrivate(known));
  };
  for (const { hops } of report.paths) {
    for (const { address, name } of hops) {
      if (address !== null && name !== null && isHidden(address)) hide(name, 'private-name');
    }
  }
  for (const observation of report.observations) {
    if (observation.probe === 'reverse-names') {
      for (const [address, name] of Object.entries(observation.data?.names ?? {})) {
        if (isHidden(address)) hide(name, 'private-name');
      }
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
