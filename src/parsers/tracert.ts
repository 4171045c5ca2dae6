//   2     9 ms     8 ms     9 ms  10.0.12.2
//   3     *        *        *     Request timed out.

import { familyOf, isAddress, sameAddress } from '../ground/address.ts';
import type { TtlReply } from '../model/measured.ts';
import { type LocalError, localErrorOf } from './local-error.ts';
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

/**
 * Output of Windows `tracert -d` (ICMP echo), in any language: three columns of stars or times, then an address, or words
 * that are not needed. `ADDRESS  reports: Destination host unreachable.` is a rejection whatever its words; the words tell
 * the code in English only. Written from documentation and other projects' fixtures, not run.
 */
export function parseTracert(text: string, context: TraceContext): ParsedTrace {
  const replies = new Map<number, TtlReply>();
  let localError: LocalError | null = null;
  for (const line of linesOf(text, context.complete)) {
    if (/transmit error: code \d+|general failure/i.test(line))
      localError ??= { errno: 'UNKNOWN', text: line.trim() };
    localError ??= localErrorOf(line);
    const hop = /^\s{0,3}(\d{1,3})\s+(\S.*)$/.exec(line);
    if (!hop) continue;
    const ttl = Number(hop[1]);
    if (ttl < 1 || ttl > context.maxTtl) continue;
    const rest = hop[2]!;
    const stars = rest.match(/(?<=^|\s)\*(?=\s|$)/g)?.length ?? 0;
    const times = [...rest.matchAll(/<?(\d+) (?:ms|мс)(?!\p{L})/gu)].map((match) => Number(match[1]));
    const from = rest
      .split(/\s+/)
      .map((word) => word.replace(/^\[|\]?[.:]?$/g, ''))
      .find(isAddress);
    const sent = Math.max(1, stars + times.length);
    const more = { from: from ?? null, rttMs: times[0] ?? null, sent };
    if (from === undefined) {
      if (stars > 0) replies.set(ttl, ttlReply(ttl, 'silence', { sent }));
    } else if (times.length === 0) {
      replies.set(ttl, ttlReply(ttl, 'unreachable', { ...more, icmp: codeOf(rest, context.address) }));
    } else if (sameAddress(from, context.address)) replies.set(ttl, ttlReply(ttl, 'reply', more));
    else replies.set(ttl, ttlReply(ttl, 'time-exceeded', { ...more, icmp: timeExceeded(context.address) }));
  }
  return parsedTrace(replies, localError, null);
}

function codeOf(words: string, address: string): Icmp {
  const isV4 = familyOf(address) === 4;
  if (/destination host unreachable/i.test(words)) return isV4 ? [3, 1] : [1, 3];
  if (/destination net(work)? unreachable/i.test(words)) return isV4 ? [3, 0] : [1, 0];
  if (/destination port unreachable/i.test(words)) return isV4 ? [3, 3] : [1, 4];
  return someUnreachable(address);
}
