//  2  10.0.12.2  0.648 ms
//  3  10.0.12.2  0.497 ms !X

import { familyOf, isAddress, sameAddress } from '../ground/address.ts';
import type { TtlReply } from '../model/measured.ts';
import { type LocalError, localErrorOf, notPermitted } from './local-error.ts';
import {
  type Icmp,
  linesOf,
  type ParsedTrace,
  parsedTrace,
  portUnreachable,
  someUnreachable,
  type TraceContext,
  timeExceeded,
  ttlReply,
} from './trace.ts';

/** Which implementation wrote the letters; the same letter means other codes elsewhere. */
export type Dialect = 'butskoy' | 'bsd' | 'busybox' | 'tcptraceroute';

/**
 * Letters after a time. Where a letter stands for several codes of one meaning (Linux `!X` is 3/9, 3/10 and 3/13) the most
 * common one stands for all; where the meanings differ (BusyBox `!U`) the code is null.
 * Sources: Butskoy `traceroute.c` parse_icmp_res, network_cmds `traceroute.c` and `traceroute6.c`, BusyBox
 * `networking/traceroute.c`; tcptraceroute as measured.
 */
const V4: Record<Dialect, Record<string, number | null>> = {
  butskoy: { N: 0, H: 1, P: 2, F: 4, S: 5, X: 13, V: 14, C: 15 },
  bsd: {
    N: 0,
    H: 1,
    P: 2,
    '': 3,
    F: 4,
    S: 5,
    U: 6,
    W: 7,
    I: 8,
    A: 9,
    Z: 10,
    Q: 11,
    T: 12,
    X: 13,
    V: 14,
    C: 15,
  },
  busybox: { N: 0, H: 1, P: 2, '': 3, F: 4, S: 5, U: null, I: 8, A: 13, C: 10, T: null, V: 14 },
  tcptraceroute: { N: 0, H: 1, P: 2, p: 3, F: 4, S: 5, U: null, I: 8, A: 13, C: 10, T: null },
};
const V6: Record<Dialect, Record<string, number | null>> = {
  butskoy: { N: 0, X: 1, H: 3 },
  bsd: { N: 0, P: 1, S: 2, A: 3, '': 4 },
  busybox: { N: 0, S: 1, H: 3, '': 4 },
  tcptraceroute: {},
};

interface Hop {
  ttl: number;
  /** The first address, replaced by one that rejected or is the target. */
  from: string | null;
  icmp: Icmp | null;
  tcp: 'syn-ack' | 'rst' | null;
  rttMs: number | null;
  sent: number;
}

/**
 * Output of traceroute (Linux, BSD and macOS, BusyBox) and tcptraceroute, stdout followed by stderr.
 * With `tcpFlags` (Linux `-T -O info`) every TCP answer shows its flags, so one without them is a port-unreachable.
 */
export function parseTraceroute(
  text: string,
  dialect: Dialect,
  context: TraceContext & { tcpFlags: boolean },
): ParsedTrace {
  const hops = new Map<number, Hop>();
  let current: Hop | null = null;
  let localError: LocalError | null = null;
  for (const whole of linesOf(text, context.complete)) {
    // BSD writes its own messages into the middle of a hop line: ` 1 traceroute: wrote ADDRESS 52 chars, ret=-1`.
    const said = /\b(?:tcp)?traceroute6?: .*$/.exec(whole);
    const line = said === null ? whole : whole.slice(0, said.index);
    const error = localErrorOf(said === null ? whole : said[0]);
    if (error !== null) {
      if (localError === null || (localError.errno === 'UNKNOWN' && error.errno !== 'UNKNOWN'))
        localError = error;
      if (said === null) continue;
    }
    if (said !== null && line.trim() === '') continue;
    const start = /^ {0,3}(\d{1,3})\s+(?=\S)(.*)$/.exec(line);
    // A hop that answered from several addresses goes on in lines that begin with at least four blanks.
    const rest = start ? start[2]! : current !== null && /^\s{4,}[^\sM]/.test(line) ? line : null;
    if (rest === null) {
      current = null;
      continue;
    }
    const words = readWords(rest);
    if (words === null) continue;
    if (start) {
      const ttl = Number(start[1]);
      current = hops.get(ttl) ?? { ttl, from: null, icmp: null, tcp: null, rttMs: null, sent: 0 };
      if (ttl >= 1 && ttl <= context.maxTtl) hops.set(ttl, current);
    }
    if (current !== null) addWords(current, words, dialect, context.address);
  }
  const last = Math.max(0, ...hops.keys());
  const replies = [...hops.values()].map(
    (hop) => [hop.ttl, replyOf(hop, hop.ttl === last, context)] as const,
  );
  return parsedTrace(new Map(replies), localError, notPermitted(text));
}

interface Words {
  addresses: { address: string; rttMs: number | null; marks: string[] }[];
  stars: number;
  times: number;
}

/**
 * Null where the line is no hop line: it must begin with a star or an address, and what stands in it must be what a hop
 * line is made of. A sentence that mentions an address is none.
 */
function readWords(rest: string): Words | null {
  const words: Words = { addresses: [], stars: 0, times: 0 };
  const tokens = rest.split(/\s+/, 200).filter((token) => token !== '');
  for (let index = 0; index < tokens.length; index++) {
    const token = tokens[index]!;
    const next = tokens[index + 1] ?? '';
    const last = words.addresses.at(-1);
    const inside = /^\(([^()]{1,80})\)$/.exec(next)?.[1];
    const time = /^(\d{1,9}(?:[.,]\d{1,6})?)(ms)?$/.exec(token);
    if (token === '*') words.stars++;
    else if (isAddress(token)) {
      words.addresses.push({ address: token, rttMs: null, marks: [] });
      // `10.0.2.2 (10.0.2.2)` is a host without a name, one answer and not two.
      if (inside !== undefined && isAddress(inside)) index++;
    } else if (time && (time[2] === 'ms' || /^ms\b/.test(next))) {
      words.times++;
      if (last !== undefined) last.rttMs ??= Number(time[1]!.replace(',', '.'));
      if (time[2] === undefined && next === 'ms') index++;
    } else if (/^(!|<[a-z,]+>$|\[(open|closed)[\],])/.test(token)) last?.marks.push(token);
    else if (inside !== undefined && isAddress(inside)) {
      words.addresses.push({ address: inside, rttMs: null, marks: [] });
      index++;
    } else if (/^\d+$/.test(token) && next === 'bytes' && tokens[index + 2] === 'to') index += 3;
    else if (/^\(\d{1,3}%$/.test(token) && next === 'loss)') index++;
    else if (!IN_A_HOP_LINE.test(token)) return null;
  }
  return words.addresses.length + words.stars > 0 ? words : null;
}

/** AS numbers, MPLS labels and header fields, hops back, TTLs and ECN: they say nothing that is asked here. */
const IN_A_HOP_LINE =
  /^(\[[^\]]{0,60}\],?|<[^>]{0,80}>|'-?\d{1,3}'|\([\w=%.-]{1,40}\)|[+/]|\d{1,3}|ms[,;]?)$/;

function addWords(hop: Hop, words: Words, dialect: Dialect, target: string): void {
  hop.sent += Math.max(1, words.stars + words.times);
  for (const { address, rttMs, marks } of words.addresses) {
    const icmp = marks.map((mark) => icmpOf(mark, dialect, target)).find((found) => found !== null) ?? null;
    const tcp = marks.map(tcpOf).find((found) => found !== null) ?? null;
    const isEnd = icmp !== null || tcp !== null || sameAddress(address, target);
    if (hop.from !== null && (!isEnd || hop.icmp !== null || hop.tcp !== null)) continue;
    hop.from = address;
    hop.rttMs = rttMs;
    hop.icmp = icmp;
    hop.tcp = tcp;
  }
}

function icmpOf(mark: string, dialect: Dialect, target: string): Icmp | null {
  if (!mark.startsWith('!')) return null;
  const letters = mark.slice(1);
  const typed = /^<(\d{1,3})-(\d{1,3})>$/.exec(letters);
  if (typed) return [Number(typed[1]), Number(typed[2])];
  const isV4 = familyOf(target) === 4;
  const numbered = /^<?(\d{1,3})>?$/.exec(letters);
  if (numbered) return [isV4 ? 3 : 1, Number(numbered[1]) <= 255 ? Number(numbered[1]) : null];
  if (/^F-?\d*$/.test(letters)) return isV4 ? [3, 4] : [2, 0];
  const code = (isV4 ? V4 : V6)[dialect][letters];
  return code === undefined ? someUnreachable(target) : [isV4 ? 3 : 1, code];
}

/** `<syn,ack>` of Linux `-O info`, `[open]` of tcptraceroute. */
function tcpOf(mark: string): 'syn-ack' | 'rst' | null {
  if (/^(<(.*,)?rst\b|\[closed)/.test(mark)) return 'rst';
  return /^(<syn,ack\b|\[open)/.test(mark) ? 'syn-ack' : null;
}

function replyOf(hop: Hop, isLast: boolean, context: TraceContext & { tcpFlags: boolean }): TtlReply {
  const { ttl, from, rttMs, sent } = hop;
  if (from === null) return ttlReply(ttl, 'silence', { sent });
  if (hop.tcp !== null) return ttlReply(ttl, hop.tcp, { from, rttMs, sent });
  if (hop.icmp !== null) return ttlReply(ttl, 'unreachable', { from, icmp: hop.icmp, rttMs, sent });
  const exceeded = ttlReply(ttl, 'time-exceeded', { from, icmp: timeExceeded(context.address), rttMs, sent });
  // Only an end ends a trace: what another line follows has expired, also where NAT lends it the target's address.
  if (!isLast) return exceeded;
  const rejected = ttlReply(ttl, 'unreachable', {
    from,
    icmp: portUnreachable(context.address),
    rttMs,
    sent,
  });
  if (sameAddress(from, context.address)) {
    if (context.protocol === 'tcp')
      return context.tcpFlags ? rejected : ttlReply(ttl, 'reply', { from, rttMs, sent });
    const icmp = context.protocol === 'udp' ? portUnreachable(context.address) : null;
    return ttlReply(ttl, 'reply', { from, icmp, rttMs, sent });
  }
  // A port-unreachable has no letter: a router that ends the trace before its time has sent one.
  return context.complete && ttl < context.maxTtl ? rejected : exceeded;
}
