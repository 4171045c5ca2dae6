//   2     9 ms     8 ms     9 ms  10.0.12.2
//   3     *        *        *     Request timed out.

import { familyOf, sameAddress } from '../ground/address.ts';
import type { TtlReply } from '../model/measured.ts';
import { type LocalError, localErrorOf } from './local-error.ts';
import { addressesIn } from './ping-windows.ts';
import {
  type Icmp,
  linesOf,
  type ParsedTrace,
  parsedTrace,
  someUnreachable,
  type TraceContext,
  timeExceeded,
  ttlReply,
} from './trace.ts';
import { icmpOfMeaning, windowsMeaning } from './windows-words.ts';

/** A star or a time; `<1 мс`, `<1 毫秒` in languages that translate the unit. */
const COLUMN = /\s*(?:(\*)(?=\s|$)|<?\s?(\d{1,6})\s?(?:ms|мс|毫秒|ミリ秒|밀리초|msec|msn)(?!\p{L}))/uy;

/**
 * Output of Windows `tracert` (ICMP echo), in any language: three columns of stars or times, then an address, which stands
 * in brackets where it has a name, or words. `ADDRESS  reports: Destination host unreachable.` is a rejection whatever its
 * words; the words tell the code in the languages of windows-words.ts. Written from documentation and other projects'
 * fixtures, not run.
 */
export function parseTracert(text: string, context: TraceContext): ParsedTrace {
  const replies = new Map<number, TtlReply>();
  let localError: LocalError | null = null;
  for (const line of linesOf(text, context.complete)) {
    const hop = /^\s{0,3}(\d{1,3})\s+(\S.*)$/.exec(line);
    const meaning = windowsMeaning(line);
    if (meaning === 'general-failure') localError ??= { errno: 'UNKNOWN', text: line.trim().slice(0, 200) };
    localError ??= localErrorOf(line);
    if (!hop || meaning === 'general-failure') continue;
    const ttl = Number(hop[1]);
    if (ttl < 1 || ttl > context.maxTtl) continue;
    const { stars, times, tail } = columnsOf(hop[2]!);
    const [from] = addressesIn(tail).slice(-1);
    const sent = Math.max(1, stars + times.length);
    const more = { from: from ?? null, rttMs: times[0] ?? null, sent };
    // Neither a time nor words: no hop line of ours.
    if (stars + times.length === 0 && from === undefined) continue;
    const reported = from === undefined ? '' : tail.slice(tail.lastIndexOf(from) + from.length);
    if (from === undefined) {
      // A time without an address is a name that nobody here can look up: the line stays unread.
      if (stars > 0 && times.length === 0) replies.set(ttl, ttlReply(ttl, 'silence', { sent }));
    } else if (/[:：]\s*\S/.test(reported)) {
      replies.set(ttl, ttlReply(ttl, 'unreachable', { ...more, icmp: codeOf(reported, context.address) }));
    } else if (times.length > 0 && sameAddress(from, context.address)) {
      replies.set(ttl, ttlReply(ttl, 'reply', more));
    } else if (times.length > 0)
      replies.set(ttl, ttlReply(ttl, 'time-exceeded', { ...more, icmp: timeExceeded(context.address) }));
  }
  return parsedTrace(replies, localError, null);
}

function columnsOf(rest: string): { stars: number; times: number[]; tail: string } {
  const times: number[] = [];
  let stars = 0;
  let end = 0;
  COLUMN.lastIndex = 0;
  for (let column = 0; column < 3; column++) {
    const found = COLUMN.exec(rest);
    if (!found) break;
    end = COLUMN.lastIndex;
    if (found[1] !== undefined) stars++;
    else times.push(Number(found[2]));
  }
  return { stars, times, tail: rest.slice(end) };
}

const codeOf = (words: string, address: string): Icmp =>
  icmpOfMeaning(windowsMeaning(words), familyOf(address)) ?? someUnreachable(address);
