// {"report": {"mtr": {"dst": "10.0.2.2", ...}, "hubs": [
//   {"count": 2, "host": "10.0.12.2", "Loss%": 0.0, "Snt": 1, "Last": 0.663, "Avg": 0.663, ...}, {"count": 3, "host": "???", ...}

import { sameAddress } from '../ground/address.ts';
import type { TtlReply } from '../model/measured.ts';
import { type LocalError, localErrorOf, notPermitted } from './local-error.ts';
import { hubsOf } from './mtr-hubs.ts';
import {
  type ParsedTrace,
  parsedTrace,
  someUnreachable,
  type TraceContext,
  timeExceeded,
  ttlReply,
} from './trace.ts';

/** mtr gives up after so many silent hops in a row (-U, its default). */
const MAX_UNKNOWN = 5;

/**
 * Output of `mtr` in any of its forms (--json, --csv, --report, --raw, --xml, or its screen, copied). It knows no ICMP code
 * and prints a hop that rejects like one that answers. What betrays it: mtr stops asking beyond a hop that says
 * unreachable, or (for port-unreachable) the same router answers every TTL to the end. Hops that stay silent at the end are
 * one `???`; a path silent from the first hop is an empty list. A hop that is shown by its name alone is left out, and so
 * is what the end of such a path means.
 */
export function parseMtr(text: string, context: TraceContext): ParsedTrace {
  const replies = new Map<number, TtlReply>();
  const read = hubsOf(text);
  if (read === null) {
    let localError: LocalError | null = null;
    for (const line of text.slice(0, 4000).split('\n')) localError ??= localErrorOf(line);
    return parsedTrace(replies, localError, notPermitted(text));
  }
  const hubs = read.filter(({ ttl }) => ttl <= 64);
  if (hubs.length === 0)
    for (let ttl = 1; ttl <= MAX_UNKNOWN; ttl++) replies.set(ttl, ttlReply(ttl, 'silence'));
  const last = hubs.at(-1);
  for (const [index, { ttl, host, isNamed, rttMs, sent }] of hubs.entries()) {
    if (host === null) {
      if (!isNamed) replies.set(ttl, ttlReply(ttl, 'silence', { sent }));
      continue;
    }
    const hop = { from: host, rttMs, sent };
    if (sameAddress(host, context.address) && ttl === last?.ttl) {
      replies.set(ttl, ttlReply(ttl, 'reply', hop));
      break;
    }
    const previous = hubs[index - 1]?.host ?? null;
    const isRepeated = previous !== null && hubs.slice(index - 1).every((other) => other.host === host);
    // A screen that was copied, or a raw stream, may have been cut while mtr was still asking.
    const endedHere = context.complete && ttl === last?.ttl && ttl < context.maxTtl;
    if (isRepeated || endedHere) {
      replies.set(ttl, ttlReply(ttl, 'unreachable', { ...hop, icmp: someUnreachable(context.address) }));
      break;
    }
    replies.set(ttl, ttlReply(ttl, 'time-exceeded', { ...hop, icmp: timeExceeded(context.address) }));
  }
  return parsedTrace(replies, null, null);
}
