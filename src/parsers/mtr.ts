// {"report": {"mtr": {"dst": "10.0.2.2", ...}, "hubs": [
//   {"count": 2, "host": "10.0.12.2", "Loss%": 0.0, "Snt": 1, "Last": 0.663, "Avg": 0.663, ...}, {"count": 3, "host": "???", ...}

import { isAddress, sameAddress } from '../ground/address.ts';
import type { TtlReply } from '../model/measured.ts';
import { type LocalError, localErrorOf, notPermitted } from './local-error.ts';
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
 * Output of `mtr --json -n`. It knows no ICMP code and prints a hop that rejects like one that answers. What betrays it:
 * mtr stops asking beyond a hop that says unreachable, or (for port-unreachable) the same router answers every TTL to the end.
 * Hops that stay silent at the end are one `???`; a path silent from the first hop is an empty list.
 */
export function parseMtr(text: string, context: TraceContext): ParsedTrace {
  const replies = new Map<number, TtlReply>();
  const start = text.indexOf('{');
  const end = text.lastIndexOf('}');
  const hubs = start < 0 || end < start ? null : hubsOf(text.slice(start, end + 1));
  if (hubs === null) {
    let localError: LocalError | null = null;
    for (const line of text.slice(0, 4000).split('\n')) localError ??= localErrorOf(line);
    return parsedTrace(replies, localError, notPermitted(text));
  }
  if (hubs.length === 0)
    for (let ttl = 1; ttl <= MAX_UNKNOWN; ttl++) replies.set(ttl, ttlReply(ttl, 'silence'));
  const last = hubs.at(-1);
  for (const [index, { ttl, host, rttMs, sent }] of hubs.entries()) {
    if (host === null) {
      replies.set(ttl, ttlReply(ttl, 'silence', { sent }));
      continue;
    }
    const hop = { from: host, rttMs, sent };
    if (sameAddress(host, context.address) && ttl === last?.ttl) {
      replies.set(ttl, ttlReply(ttl, 'reply', hop));
      break;
    }
    const previous = hubs[index - 1]?.host ?? null;
    const isRepeated = previous !== null && hubs.slice(index - 1).every((other) => other.host === host);
    const endedHere = ttl === last?.ttl && ttl < context.maxTtl;
    if (isRepeated || endedHere) {
      replies.set(ttl, ttlReply(ttl, 'unreachable', { ...hop, icmp: someUnreachable(context.address) }));
      break;
    }
    replies.set(ttl, ttlReply(ttl, 'time-exceeded', { ...hop, icmp: timeExceeded(context.address) }));
  }
  return parsedTrace(replies, null, null);
}

interface Hub {
  ttl: number;
  host: string | null;
  rttMs: number | null;
  sent: number;
}

function hubsOf(text: string): Hub[] | null {
  let document: unknown;
  try {
    document = JSON.parse(text);
  } catch {
    // Cut off or no JSON: what mtr saw is unknown.
    return null;
  }
  const hubs = field(field(document, 'report'), 'hubs');
  if (!Array.isArray(hubs)) return null;
  return hubs.slice(0, 64).flatMap((hub) => {
    // mtr < 0.93 printed numbers as strings.
    const [ttl, sent, avg] = [field(hub, 'count'), field(hub, 'Snt'), field(hub, 'Avg')].map(Number);
    const host = field(hub, 'host');
    if (ttl === undefined || !Number.isInteger(ttl) || ttl < 1 || typeof host !== 'string') return [];
    const address = isAddress(host) ? host : null;
    const rttMs = address !== null && avg !== undefined && Number.isFinite(avg) ? avg : null;
    return [
      {
        ttl,
        host: address,
        rttMs,
        sent: sent !== undefined && Number.isInteger(sent) && sent > 0 ? sent : 1,
      },
    ];
  });
}

function field(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>)[name] : undefined;
}
