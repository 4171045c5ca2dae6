// [1594978465.914536] 1408 bytes from host.example (192.0.2.7): icmp_seq=1 ttl=59 time=31.4 ms
// 92 bytes from 192.168.1.1: Destination Host Unreachable

import { type Family, isAddress } from '../ground/address.ts';
import type { PingError } from '../model/measured.ts';

export type UnixLine =
  | { kind: 'reply'; sequence: number; ttl: number | null; ms: number | null }
  | { kind: 'error'; error: PingError }
  | { kind: 'counts'; sent: number; received: number }
  | { kind: 'times'; times: number[] }
  /** A line of a Unix ping that says nothing about the path: the header, a wait, a redirect. */
  | { kind: 'other' };

/** iputils, BSD, macOS and inetutils: ICMP type and code by the words that begin the message. */
const V4: readonly [RegExp, number, number][] = [
  [/^Destination (Net(work)?) Unreachable (for Type of Service|At This TOS)/i, 3, 11],
  [/^Destination Host Unreachable (for Type of Service|At This TOS)/i, 3, 12],
  [/^Destination Net(work)? Unreachable/i, 3, 0],
  [/^Destination Host Unreachable/i, 3, 1],
  [/^Destination Protocol Unreachable/i, 3, 2],
  [/^Destination Port Unreachable/i, 3, 3],
  [/^(Frag needed and DF set|Fragmentation needed and DF set)/i, 3, 4],
  [/^Source Route Failed/i, 3, 5],
  [/^(Destination Net|Network) Unknown/i, 3, 6],
  [/^(Destination )?Host Unknown/i, 3, 7],
  [/^(Source )?Host Isolated/i, 3, 8],
  [/^(Destination )?Net(work)? (Administratively )?Prohibited/i, 3, 9],
  [/^(Destination )?Host (Administratively )?Prohibited/i, 3, 10],
  [/^(Packet filtered|Communication (Administratively )?prohibited)/i, 3, 13],
  [/^(Precedence Violation|Host Precedence Violation)/i, 3, 14],
  [/^Precedence Cutoff/i, 3, 15],
  [/^Time to live exceeded/i, 11, 0],
  [/^Frag(ment)? reassembly time exceeded/i, 11, 1],
];
const V6: readonly [RegExp, number, number][] = [
  [/^(Destination unreachable: No route|No Route to Destination)/i, 1, 0],
  [/^(Destination unreachable: Administratively prohibited|Destination Administratively)/i, 1, 1],
  [/^(Destination unreachable: Beyond scope|(Destination Unreachable )?Beyond scope)/i, 1, 2],
  [/^(Destination unreachable: Address unreachable|Destination Host Unreachable|Address unreachable)/i, 1, 3],
  [/^(Destination unreachable: Port unreachable|(Destination )?Port Unreachable)/i, 1, 4],
  [/^Destination unreachable: (Source address failed|Failed policy)/i, 1, 5],
  [/^Destination unreachable: Reject route/i, 1, 6],
  [/^Packet too big/i, 2, 0],
  [/^(Time exceeded: Hop limit|Time to live exceeded|Hop limit exceeded)/i, 3, 0],
  [/^(Time exceeded: Defragmentation|Frag reassembly time exceeded)/i, 3, 1],
];
const SOME_ERROR = /unreach|exceed|prohibit|filter|problem|too big|frag needed/i;

/** One line of a Unix ping; null where it is none. */
export function unixLine(whole: string, family: Family): UnixLine | null {
  const line = whole.replace(/^(?:\[\d{1,12}(?:[.,]\d{1,9})?\]|\d\d:\d\d:\d\d(?:\.\d{1,9})?) /, '');
  const bytes = /^\d{1,6} bytes from (\S{1,255}?)(?: \(([^() ]{1,80})\))?[:,] (\S.*)$/.exec(line);
  if (bytes) {
    const [, name = '', inside, rest = ''] = bytes;
    return replyOf(rest) ?? errorOf(addressIn(name, inside), rest, family) ?? { kind: 'other' };
  }
  // iputils in the language of its user: what it translates stands in letters, what is read here does not.
  const translated =
    /^\d{1,6} \p{L}{2,12} \p{L}{1,8} (\S{1,255}?)(?: \([^() ]{1,80}\))? ?: (icmp_seq=\d.*\bttl=\d.*)$/u.exec(
      line,
    );
  if (translated) return replyOf(translated[2]!);
  const from = /^From (\S{1,255}?)(?: \(([^() ]{1,80})\))?:? (icmp_(?:seq|req)=\d{1,10} )?(\S.*)$/.exec(line);
  if (from) {
    const [, name = '', inside, sequence, words = ''] = from;
    const error = errorOf(addressIn(name, inside), words.trim(), family);
    return error ?? (sequence === undefined ? null : { kind: 'other' });
  }
  const busybox = /^ping6?: warning: got ICMP (\d{1,3}) \(([^)]+)\)/.exec(line);
  if (busybox) {
    const [, type, text = ''] = busybox;
    return { kind: 'error', error: { from: null, icmpType: Number(type), icmpCode: null, text } };
  }
  const count = /^(\d{1,9}) packets transmitted, (\d{1,9}) (?:packets )?received/.exec(line);
  if (count) return { kind: 'counts', sent: Number(count[1]), received: Number(count[2]) };
  const translatedCount =
    /^(\d{1,9}) \p{L}{3,14} \p{L}{4,16}, (\d{1,9}) \p{L}{4,16}, .{0,60}\d% .{1,40}\d ?ms$/u.exec(line);
  if (translatedCount)
    return { kind: 'counts', sent: Number(translatedCount[1]), received: Number(translatedCount[2]) };
  const round =
    /^(?:rtt|round-trip) min\/avg\/max(?:\/[\w-]{1,10})? = (\d[\d.,]{0,15})\/(\d[\d.,]{0,15})\/(\d[\d.,]{0,15})/.exec(
      line,
    );
  if (round) return { kind: 'times', times: round.slice(1, 4).map(millisecondsOf) };
  // Toybox writes `Ping HOST (ADDRESS): 56(84) bytes.`; Windows writes `Ping HOST [ADDRESS] ...` in some languages.
  const isOther =
    /^(PING6? ?[\w([]|PING6\(|PATTERN: |Ping \S{1,255} \([^()]{1,80}\): \d|Request timeout for icmp_seq|no answer yet for icmp_seq|--- \S)/.test(
      line,
    );
  return isOther && !/^PING: /.test(line) ? { kind: 'other' } : null;
}

function replyOf(rest: string): UnixLine | null {
  const sequence = /^(?:icmp_seq|icmp_req|seq)[= ](\d{1,10})\b/.exec(rest);
  if (!sequence) return null;
  const ttl = /\b(?:ttl|hlim)=(\d{1,3})\b/i.exec(rest);
  const time = /(?<!\p{L})\p{L}{3,10}[=<] ?(\d{1,9}(?:[.,]\d{1,6})?) ?ms\b/u.exec(rest);
  // An error may carry its number too; a reply shows at least one of these.
  if (!ttl && !time) return null;
  return {
    kind: 'reply',
    sequence: Number(sequence[1]),
    ttl: ttl ? Number(ttl[1]) : null,
    ms: time ? millisecondsOf(time[1]!) : null,
  };
}

/** Null for what is no ICMP error: a redirect is advice about a better router, an echo request is our own on its way. */
function errorOf(from: string | null, all: string, family: Family): UnixLine | null {
  const words = all.replace(/^(?:icmp_seq|icmp_req|seq)[= ]\d{1,10},? /, '');
  const numbered = /^(?:Dest(?:ination)? Unreachable|Time exceeded),? (?:Bad|Unknown) Code:? (\d{1,3})/i.exec(
    words,
  );
  if (numbered) {
    const isTime = /^Time/i.test(words);
    const icmpType = family === 4 ? (isTime ? 11 : 3) : isTime ? 3 : 1;
    return { kind: 'error', error: { from, icmpType, icmpCode: Number(numbered[1]), text: words } };
  }
  const known = (family === 4 ? V4 : V6).find(([pattern]) => pattern.test(words));
  if (known === undefined && (!SOME_ERROR.test(words) || /^Redirect/i.test(words))) return null;
  const [, icmpType = null, icmpCode = null] = known ?? [];
  return { kind: 'error', error: { from, icmpType, icmpCode, text: words } };
}

const addressIn = (name: string, inside: string | undefined): string | null =>
  [inside ?? '', name, name.replace(/:$/, '')].find(isAddress) ?? null;

const millisecondsOf = (text: string): number => Number(text.replace(',', '.'));
