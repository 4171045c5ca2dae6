//   1  router.home [192.168.1.1]
//   1    1ms     0/ 100 =  0%     0/ 100 =  0%  router.home [192.168.1.1]

import { sameAddress } from '../ground/address.ts';
import type { TtlReply } from '../model/measured.ts';
import { type LocalError, localErrorOf } from './local-error.ts';
import { addressesIn } from './ping-windows.ts';
import {
  linesOf,
  type ParsedTrace,
  parsedTrace,
  type TraceContext,
  timeExceeded,
  ttlReply,
} from './trace.ts';
import { windowsMeaning } from './windows-words.ts';

/**
 * Output of Windows `pathping` (ICMP echo), in any language: first a list of hops, hop 0 being this machine, then a table
 * of losses with the same hops. A row of stars ends the list. Written from documentation, not run.
 */
export function parsePathping(text: string, context: TraceContext): ParsedTrace {
  const replies = new Map<number, TtlReply>();
  let localError: LocalError | null = null;
  for (const line of linesOf(text, true)) {
    if (windowsMeaning(line) === 'general-failure') {
      localError ??= { errno: 'UNKNOWN', text: line.trim().slice(0, 200) };
    }
    localError ??= localErrorOf(line);
    const hop = /^\s{0,3}(\d{1,3})\s+(\S.*)$/.exec(line);
    if (!hop) continue;
    const ttl = Number(hop[1]);
    const rest = hop[2]!;
    if (ttl < 1 || ttl > context.maxTtl) continue;
    if (/^\*(\s+\*){0,2}\D*$/.test(rest)) {
      if (!replies.has(ttl)) replies.set(ttl, ttlReply(ttl, 'silence', { sent: 3 }));
      continue;
    }
    const [from] = addressesIn(rest).slice(-1);
    if (from === undefined) continue;
    const table = /^(\d{1,6})\s?(?:ms|мс|毫秒)\s+(?:\d{1,6}\s*\/\s*(\d{1,6}))?/.exec(rest);
    const known = replies.get(ttl);
    const more = {
      from,
      rttMs: table ? Number(table[1]) : (known?.rttMs ?? null),
      sent: table?.[2] === undefined ? (known?.sent ?? 1) : Number(table[2]),
    };
    const isTarget = sameAddress(from, context.address);
    replies.set(
      ttl,
      isTarget
        ? ttlReply(ttl, 'reply', more)
        : ttlReply(ttl, 'time-exceeded', { ...more, icmp: timeExceeded(context.address) }),
    );
  }
  return parsedTrace(replies, localError, null);
}
