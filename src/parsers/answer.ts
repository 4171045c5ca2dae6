// -----BEGIN REACHDOCTOR ANSWER-----
// > {"schema":"reachdoctor.answer/1","case":"0123...","packets":["1795788039.547140,In,eth0,10.9.0.2,52636,10.9.0.1,80,S,64,64800,
// > 1200,436565075"], ...}
// -----END REACHDOCTOR ANSWER 1451322089-2184-----
import { covers, isAddress } from '../ground/address.ts';
import type { OtherEnd, SeenPacket } from '../model/case.ts';
import { type ResetFamilies, resetFamilies } from './nft-debug.ts';

/** Why a text is no answer that can be used; the words for people stand where it is told. */
export type Refusal =
  | 'no-answer'
  | 'cut'
  | 'altered'
  | 'too-long'
  | 'not-json'
  | 'other-schema'
  | 'malformed';

export interface Answer {
  caseId: string;
  target: string;
  port: number;
  otherEnd: Omit<OtherEnd, 'ruleset'>;
  /** As they were packed: base64 of gzip, or empty. */
  rules: { nft: string; iptables: string; ip6tables: string };
  /** What nft leaves out of its listing (nft-debug.ts). */
  resets: ResetFamilies;
}

const MAX_TEXT = 1024 * 1024;
const MAX_ANSWER = 16 * 1024;
const BEGIN = /-----BEGIN REACHDOCTOR ANSWER-----/g;
const END = /-----END REACHDOCTOR ANSWER (\d+)-(\d+)-----/;

/**
 * The answer in a text of any kind: a whole mail, quoted and wrapped. The document holds no blank, so whatever stands
 * between the marker lines is put together without blanks and quotation marks of mail programs. The check sum (cksum(1))
 * tells a cut or an altered answer from a whole one; it proves nothing about who wrote it.
 */
export function parseAnswer(text: string): { answer: Answer } | { refused: Refusal } {
  if (text.length > MAX_TEXT) return { refused: 'too-long' };
  const begins = [...text.matchAll(BEGIN)];
  const begin = begins[0];
  if (begin === undefined) return { refused: 'no-answer' };
  const rest = text.slice(begin.index + begin[0].length);
  const end = END.exec(rest);
  if (end === null) return { refused: 'cut' };
  // A reply may quote the answer again; only the first is read when it is whole.
  if (begins.length > 1 && (begins[1]?.index ?? 0) < begin.index + begin[0].length + end.index)
    return { refused: 'cut' };
  const body = rest
    .slice(0, end.index)
    .split(/\r\n|\n|\r/)
    .map((line) => line.replace(/^(?:\s*[>|])+/, ''))
    .join('')
    .replace(/\s+/g, '');
  if (body.length > MAX_ANSWER) return { refused: 'too-long' };
  const [, sum, size] = end;
  if (!/^[\x21-\x7e]*$/.test(body)) return { refused: 'altered' };
  if (body.length < Number(size)) return { refused: 'cut' };
  if (body.length !== Number(size) || cksum(body) !== Number(sum)) return { refused: 'altered' };
  return documentOf(body);
}

/** cksum(1): CRC-32 of POSIX over the octets and their number. */
export function cksum(text: string): number {
  let crc = 0;
  const step = (octet: number): void => {
    crc ^= octet << 24;
    for (let bit = 0; bit < 8; bit++) crc = crc & 0x8000_0000 ? (crc << 1) ^ 0x04c1_1db7 : crc << 1;
  };
  for (let i = 0; i < text.length; i++) step(text.charCodeAt(i) & 0xff);
  for (let size = text.length; size > 0; size = Math.floor(size / 256)) step(size & 0xff);
  return ~crc >>> 0;
}

type Json = Record<string, unknown>;

function documentOf(body: string): { answer: Answer } | { refused: Refusal } {
  let value: unknown;
  try {
    value = JSON.parse(body);
  } catch {
    // The check sum fits, so this is what was written: by nothing of ours.
    return { refused: 'not-json' };
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return { refused: 'malformed' };
  const json = value as Json;
  if (json.schema !== 'reachdoctor.answer/1') return { refused: 'other-schema' };
  const { from, to, target, port } = json;
  const whole =
    typeof json.case === 'string' &&
    /^[0-9a-f]{32}$/.test(json.case) &&
    typeof target === 'string' &&
    isAddress(target) &&
    isWithin(port, 1, 65_535) &&
    isWithin(from, 0, 1e11) &&
    isWithin(to, 0, 1e11) &&
    (json.privileges === 'root' || json.privileges === 'user') &&
    LISTS.every((name) => Array.isArray(json[name]));
  if (!whole) return { refused: 'malformed' };
  const rules = (typeof json.rules === 'object' && json.rules !== null ? json.rules : {}) as Json;
  const packed = (name: string): string =>
    typeof rules[name] === 'string' && /^[A-Za-z0-9+/=]*$/.test(rules[name]) ? rules[name] : '';
  const isCaptured = ['tcpdump', 'python3', 'perl', 'packets'].includes(String(json.capture));
  return {
    answer: {
      caseId: String(json.case),
      target: String(target),
      port: Number(port),
      otherEnd: {
        by: plain(json.by) ?? 'unknown',
        privileges: json.privileges === 'root' ? 'root' : 'user',
        capture: isCaptured ? String(json.capture) : null,
        from: Number(from),
        to: Number(to),
        system: textsOf(json.system)[0] ?? null,
        listens: textsOf(json.listens).flatMap(listenOf),
        halfOpen: textsOf(json.halfOpen).flatMap((peer) => hostOf(peer) ?? []),
        addresses: addressesOf(textsOf(json.addresses)),
        routeBack: routeOf(textsOf(json.route)),
        ...settingsOf(textsOf(json.settings)),
        counters: countersOf(textsOf(json.counters)),
        quiet: countersOf(textsOf(json.quiet)),
        packets: isCaptured ? textsOf(json.packets).flatMap(packetOf) : null,
        grew: textsOf(json.grew).flatMap(grownOf),
        trace: textsOf(json.trace).slice(0, 8),
        notChecked: textsOf(json.notChecked).slice(0, 16),
      },
      rules: { nft: packed('nft'), iptables: packed('iptables'), ip6tables: packed('ip6tables') },
      resets: resetFamilies(textsOf(json.resets)),
    },
  };
}

const LISTS = [
  'system',
  'listens',
  'halfOpen',
  'addresses',
  'route',
  'settings',
  'counters',
  'quiet',
  'packets',
  'grew',
  'trace',
  'notChecked',
];

const isWithin = (value: unknown, least: number, most: number): boolean =>
  typeof value === 'number' && Number.isFinite(value) && value >= least && value <= most;
const plain = (value: unknown): string | null =>
  typeof value === 'string' && /^[\w.-]{1,40}$/.test(value) ? value : null;
/** Printable, bounded: whoever prints it sanitises it all the same. */
const textsOf = (value: unknown): string[] =>
  (Array.isArray(value) ? value : [])
    .slice(0, 200)
    .flatMap((one) =>
      typeof one === 'string'
        ? one
            .replace(/[^\x20-\x7e]/g, '')
            .slice(0, 240)
            .trim()
        : [],
    )
    .filter((one) => one !== '');

const numberOf = (text: string | undefined): number | null =>
  text !== undefined && /^\d{1,10}$/.test(text) ? Number(text) : null;
const nameOf = (text: string | undefined): string | null =>
  text !== undefined && /^[\w.:#@-]{1,32}$/.test(text) && text !== '-' ? text : null;

/** `10.0.0.2:443`, `[fd00::2]:443`, and of /proc/net/tcp `hex:0100007F:0016`. */
function hostOf(endpoint: string): string | null {
  const hex = /^hex:([0-9A-F]{8}|[0-9A-F]{32}):[0-9A-F]{4}$/.exec(endpoint)?.[1];
  if (hex !== undefined) return addressOfHex(hex);
  const host = endpoint
    .replace(/:\d+$/, '')
    .replace(/^\[(.*)\]$/, '$1')
    .replace(/%[\w.-]+$/, '');
  return isAddress(host) ? host : null;
}

/** Words of 32 bits in the order of a little-endian machine. */
function addressOfHex(hex: string): string {
  const octets = (hex.match(/.{8}/g) ?? []).flatMap((word) => (word.match(/../g) ?? []).reverse());
  if (octets.length === 4) return octets.map((octet) => Number.parseInt(octet, 16)).join('.');
  return (octets.join('').match(/.{4}/g) ?? [])
    .map((group) => Number.parseInt(group, 16).toString(16))
    .join(':');
}

function listenOf(line: string): OtherEnd['listens'] {
  const [endpoint = '', queued, limit] = line.split(' ');
  // ss(8) writes a socket that takes both families as `*`, and one of IPv6 alone as `[::]`.
  const isBoth = endpoint.startsWith('*:');
  const addresses = isBoth ? ['0.0.0.0', '::'] : [hostOf(endpoint)].filter((one) => one !== null);
  const port = endpoint.startsWith('hex:')
    ? Number.parseInt(endpoint.slice(-4), 16)
    : Number(/:(\d{1,5})$/.exec(endpoint)?.[1]);
  if (!Number.isInteger(port)) return [];
  return addresses.map((address) => ({ address, port, queued: numberOf(queued), limit: numberOf(limit) }));
}

function addressesOf(lines: string[]): OtherEnd['addresses'] {
  if (lines.length === 0) return null;
  return lines.flatMap((line) => {
    const [network = '', device] = line.split(' ');
    const [address = ''] = network.split('/');
    return covers(network, address) === null ? [] : [{ address, device: nameOf(device) ?? '-' }];
  });
}

/** First line of `ip route get`, or its error. */
function routeOf(lines: string[]): OtherEnd['routeBack'] {
  const text = lines.join(' ');
  if (text === '') return null;
  if (/unreachable|No route|prohibited|Invalid argument|Permission denied/i.test(text))
    return { kind: 'none', device: null };
  const device = nameOf(/\bdev (\S+)/.exec(text)?.[1]);
  return { kind: device === null ? 'unknown' : 'unicast', device };
}

function settingsOf(lines: string[]): Pick<OtherEnd, 'forwards' | 'reversePathFilter' | 'conntrack'> {
  const values = new Map(lines.map((line) => line.split(' ') as [string, string | undefined]));
  const forwards = values.get('ipv4/ip_forward') ?? values.get('ipv6/conf/all/forwarding');
  const count = numberOf(values.get('netfilter/nf_conntrack_count'));
  const most = numberOf(values.get('netfilter/nf_conntrack_max'));
  const filters = [...values].flatMap(([name, value]): [string, number][] => {
    const device = nameOf(/^ipv4\/conf\/([^/]+)\/rp_filter$/.exec(name)?.[1]);
    const mode = numberOf(value);
    return device === null || mode === null ? [] : [[device, mode]];
  });
  return {
    forwards: forwards === undefined ? null : forwards !== '0',
    reversePathFilter: Object.fromEntries(filters),
    conntrack: count === null || most === null ? null : { count, most },
  };
}

function countersOf(lines: string[]): Record<string, number> {
  const pairs = lines.flatMap((line): [string, number][] => {
    const [name = '', value] = line.split(',');
    const number = numberOf(value);
    return /^[A-Z][A-Za-z0-9.]{2,40}$/.test(name) && number !== null ? [[name, number]] : [];
  });
  return Object.fromEntries(pairs);
}

function grownOf(line: string): OtherEnd['grew'] {
  const parts = line.split(',');
  const [tool, ...rest] = parts;
  const packets = numberOf(rest.pop());
  const rule = numberOf(rest.pop());
  const chain = nameOf(rest.pop());
  const table = rest.join(' ');
  if (!/^(nft|iptables|ip6tables)$/.test(tool ?? '') || !/^[\w -]{1,80}$/.test(table)) return [];
  if (chain === null || rule === null || packets === null) return [];
  return [{ tool: tool === 'nft' ? 'nftables' : (tool ?? ''), table, chain, rule, packets }];
}

/** time,direction,interface,from,port,to,port,flags,ttl,window,mss,timestamp */
function packetOf(line: string): SeenPacket[] {
  const [time, way, device, from = '', fromPort, to = '', toPort, flags = '', ttl, , mss, tsval] =
    line.split(',');
  const at = Number(time);
  if (!Number.isFinite(at) || at <= 0 || !isAddress(from) || !isAddress(to)) return [];
  const kind = flags.startsWith('icmp')
    ? 'icmp'
    : flags.includes('R')
      ? 'rst'
      : flags.includes('S')
        ? flags.includes('.')
          ? 'syn-ack'
          : 'syn'
        : null;
  if (kind === null) return [];
  return [
    {
      time: at,
      way: way === 'In' ? 'in' : way === 'Out' ? 'out' : null,
      device: nameOf(device),
      from,
      fromPort: numberOf(fromPort),
      to,
      toPort: numberOf(toPort),
      kind,
      ttl: numberOf(ttl),
      mss: numberOf(mss),
      tsval: numberOf(tsval),
    },
  ];
}
