// 64 bytes from 10.0.2.2: icmp_seq=1 ttl=62 time=0.295 ms
// From 10.0.12.2 icmp_seq=1 Packet filtered

import { familyOf, isAddress } from '../ground/address.ts';
import type { PingError } from '../model/measured.ts';
import { type LocalError, localErrorOf, notPermitted } from './local-error.ts';

export interface ParsedPing {
  /** From the tool's summary; null where it was ended before it printed one. */
  sent: number | null;
  /** Echo replies, each sequence number once. Not Windows's own count, which takes an unreachable for a reply. */
  received: number;
  minMs: number | null;
  avgMs: number | null;
  maxMs: number | null;
  replyTtl: number | null;
  /** ICMP errors, at most 20. */
  errors: PingError[];
  sendRefused: boolean;
  localError: LocalError | null;
  /** The tool's words when it may not open its socket. */
  notPermitted: string | null;
}

const MAX_ERRORS = 20;

/** iputils `pr_icmph()`, BSD and macOS `pr_icmph()`, Windows in English: type 3 of ICMP, by the words that begin the message. */
const V4: readonly [RegExp, number, number][] = [
  [/^Destination Net Unreachable for Type of Service/i, 3, 11],
  [/^Destination Host Unreachable for Type of Service/i, 3, 12],
  [/^Destination Net(work)? Unreachable/i, 3, 0],
  [/^Destination Host Unreachable/i, 3, 1],
  [/^Destination Protocol Unreachable/i, 3, 2],
  [/^Destination Port Unreachable/i, 3, 3],
  [/^Frag needed and DF set/i, 3, 4],
  [/^Packet needs to be fragmented/i, 3, 4],
  [/^Source Route Failed/i, 3, 5],
  [/^Destination Net Unknown/i, 3, 6],
  [/^Destination Host Unknown/i, 3, 7],
  [/^Source Host Isolated/i, 3, 8],
  [/^Destination Net Prohibited/i, 3, 9],
  [/^Destination Host Prohibited/i, 3, 10],
  [/^(Packet filtered|Communication prohibited by filter)/i, 3, 13],
  [/^(Precedence Violation|Host Precedence Violation)/i, 3, 14],
  [/^Precedence Cutoff/i, 3, 15],
  [/^(Time to live exceeded|TTL expired in transit)/i, 11, 0],
  [/^(Frag reassembly time exceeded|TTL expired during reassembly)/i, 11, 1],
];
const V6: readonly [RegExp, number, number][] = [
  [/^(Destination unreachable: No route|No Route to Destination|Destination net unreachable)/i, 1, 0],
  [/^(Destination unreachable: Administratively prohibited|Destination Administratively Unreachable)/i, 1, 1],
  [/^(Destination unreachable: Beyond scope|Beyond scope)/i, 1, 2],
  [/^(Destination unreachable: Address unreachable|Destination Host Unreachable)/i, 1, 3],
  [/^(Destination unreachable: Port unreachable|Destination Port Unreachable)/i, 1, 4],
  [/^Destination unreachable: Source address failed/i, 1, 5],
  [/^Destination unreachable: Reject route/i, 1, 6],
  [/^Packet too big/i, 2, 0],
  [/^(Time exceeded: Hop limit|Time to live exceeded|TTL expired in transit)/i, 3, 0],
  [/^Time exceeded: Defragmentation/i, 3, 1],
];

/**
 * Output of ping, stdout followed by stderr: iputils, BusyBox, macOS and Windows (in any language, by structure: a line with
 * an address and a time or TTL is a reply, a line with an address, a colon and words is an ICMP error).
 * `address` is what was pinged.
 */
export function parsePing(text: string, address: string): ParsedPing {
  const family = familyOf(address);
  const seen = new Set<string>();
  const times: number[] = [];
  const errors: PingError[] = [];
  let replyTtl: number | null = null;
  let received = 0;
  let sent: number | null = null;
  let summary: { received: number | null; times: number[] } = { received: null, times: [] };
  let localError: LocalError | null = null;
  let isStatistics = false;

  const refuse = (from: string | null, words: string) => {
    if (errors.length === MAX_ERRORS) return;
    const known = (family === 4 ? V4 : V6).find(([pattern]) => pattern.test(words));
    errors.push({
      from,
      icmpType: known?.[1] ?? null,
      icmpCode: known?.[2] ?? null,
      text: words.slice(0, 200),
    });
  };

  for (const line of text.split(/\r?\n/)) {
    if (line.length > 500) continue;
    const unix =
      /\b(?:icmp_seq|seq)[= ](\d+)(?:.*?\b(?:ttl|hlim)=(\d+))?(?:.*?\btime[=<] ?(\d+(?:\.\d+)?) ?ms)?/.exec(
        line,
      );
    if (unix && /^\d+ bytes from /.test(line) && (unix[2] !== undefined || unix[3] !== undefined)) {
      if (seen.has(unix[1]!)) continue;
      seen.add(unix[1]!);
      received++;
      replyTtl ??= unix[2] === undefined ? null : Number(unix[2]);
      if (unix[3] !== undefined) times.push(Number(unix[3]));
      continue;
    }
    const from = /^From (?:\S+ \()?([0-9a-fA-F.:]+(?:%[\w.-]+)?)\)?:? (?:icmp_seq=\d+ )?(.+)$/.exec(line);
    if (from && isAddress(trimColon(from[1]!))) {
      // A redirect is advice about a better router, not a failure.
      if (!/^Redirect/i.test(from[2]!)) refuse(trimColon(from[1]!), from[2]!.trim());
      continue;
    }
    const bsd = /^\d+ bytes from (?:\S+ \()?([0-9a-fA-F.:]+?(?:%[\w.-]+)?)\)?: (\D.*)$/.exec(line);
    if (bsd && isAddress(bsd[1]!)) {
      if (!/^Redirect/i.test(bsd[2]!)) refuse(bsd[1]!, bsd[2]!.trim());
      continue;
    }
    const busybox = /^ping6?: warning: got ICMP (\d+) \((.+)\)/.exec(line);
    if (busybox) {
      if (errors.length < MAX_ERRORS) {
        errors.push({
          from: null,
          icmpType: Number(busybox[1]),
          icmpCode: null,
          text: busybox[2]!.slice(0, 200),
        });
      }
      continue;
    }
    const count = /^(\d+) packets transmitted, (\d+) (?:packets )?received/.exec(line);
    if (count) {
      sent = Number(count[1]);
      summary = { ...summary, received: Number(count[2]) };
      continue;
    }
    const round = /^(?:rtt|round-trip) min\/avg\/max(?:\/\w+)? = ([\d.]+)\/([\d.]+)\/([\d.]+)/.exec(line);
    if (round) {
      summary = { ...summary, times: round.slice(1, 4).map(Number) };
      continue;
    }
    const local = localErrorOf(line);
    if (local !== null) {
      localError ??= local;
      continue;
    }
    if (/^(ping6?:|PING )/.test(line)) continue;
    const windows = windowsLine(line);
    if (windows === null) continue;
    if (windows.kind === 'statistics') {
      isStatistics = true;
      if (windows.sent !== undefined) sent = windows.sent;
    } else if (isStatistics) continue;
    else if (windows.kind === 'reply') {
      received++;
      replyTtl ??= windows.ttl;
      if (windows.ms !== null) times.push(windows.ms);
    } else refuse(windows.from, windows.words);
  }

  const [minMs = null, avgMs = null, maxMs = null] = times.length > 0 ? spread(times) : summary.times;
  return {
    sent,
    received: received > 0 || summary.received === null ? received : summary.received,
    minMs,
    avgMs,
    maxMs,
    replyTtl,
    errors,
    sendRefused: localError?.errno === 'EPERM',
    localError,
    notPermitted: received > 0 || errors.length > 0 ? null : notPermitted(text),
  };
}

const trimColon = (text: string): string => text.replace(/:$/, '');

function spread(times: number[]): number[] {
  const round = (ms: number) => Math.round(ms * 1000) / 1000;
  return [Math.min(...times), round(times.reduce((a, b) => a + b, 0) / times.length), Math.max(...times)];
}

type WindowsLine =
  | { kind: 'reply'; ttl: number | null; ms: number | null }
  | { kind: 'error'; from: string; words: string }
  | { kind: 'statistics'; sent?: number };

/** `Antwort von 1.1.1.1: Bytes=32 Zeit=11ms TTL=57`, `Reply from 192.168.1.1: Destination host unreachable.` */
function windowsLine(line: string): WindowsLine | null {
  const counts = /^[^=]*=\s*(\d+)\s*[,，;][^=]*=\s*\d+\s*[,，;][^=]*=\s*\d+/u.exec(line);
  if (counts) return { kind: 'statistics', sent: Number(counts[1]) };
  const from = line
    .match(/[0-9a-fA-F:.]+(?:%\w+)?/g)
    ?.map(trimColon)
    .find(isAddress);
  if (from === undefined) return null;
  const rest = line.slice(line.indexOf(from) + from.length);
  const time = /[=<]\s?(\d+)\s?(?:ms|мс|мсек|msec|msn)(?![\p{L}])/iu.exec(rest);
  const ttl = /\bTTL\s?=\s?(\d{1,3})\b/i.exec(rest);
  if (time || ttl)
    return { kind: 'reply', ttl: ttl ? Number(ttl[1]) : null, ms: time ? Number(time[1]) : null };
  const colon = rest.search(/[:：]/);
  // A header or "Ping statistics for ADDRESS:" ends at its colon.
  const words = colon < 0 ? '' : rest.slice(colon + 1).trim();
  if (words === '')
    return colon < 0 || !/[:：]\s*$/.test(line) || /\d/.test(rest) ? null : { kind: 'statistics' };
  return /\d\s*$|=/.test(words) ? null : { kind: 'error', from, words };
}
