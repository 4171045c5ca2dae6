//  2:  10.0.12.2                                             0.022ms
//  3:  10.0.2.2                                              0.017ms reached

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

/** iputils tracepath prints the errno, not the ICMP code: `!H` is host-unreachable, but also filtered and prohibited (3/1, 3/10, 3/13). */
const V6: Record<string, number> = { N: 0, A: 1, H: 3 };

/** Output of `tracepath -n` (UDP). `reached` is printed for a port-unreachable, whoever sent it. */
export function parseTracepath(text: string, context: TraceContext): ParsedTrace {
  const hops = new Map<number, TtlReply>();
  let localError: LocalError | null = null;
  for (const line of linesOf(text, context.complete)) {
    const error = localErrorOf(line);
    if (error !== null) {
      localError ??= error;
      continue;
    }
    // `1?:` is this machine telling the MTU of its own interface.
    const hop = /^ {0,2}(\d{1,3}):\s+(\S+)(.*)$/.exec(line);
    if (!hop) continue;
    const ttl = Number(hop[1]);
    const [, , name = '', after = ''] = hop;
    // Without -n names stand here, with -b the address behind them.
    const inside = /^ \(([^() ]{1,80})\)/.exec(after)?.[1];
    const from = inside !== undefined && isAddress(inside) ? inside : name;
    const rest = after;
    const known = hops.get(ttl);
    if (from === 'no' && /^ reply/.test(rest)) {
      if (known === undefined) hops.set(ttl, ttlReply(ttl, 'silence'));
      continue;
    }
    if (!isAddress(from)) continue;
    // The first hop is asked twice, and a hop that lowers the MTU again.
    const sent = (known?.sent ?? 0) + 1;
    const rtt = /(\d{1,9}(?:[.,]\d{1,6})?)ms/.exec(rest);
    const rttMs = rtt ? Number(rtt[1]!.replace(',', '.')) : null;
    hops.set(ttl, { ...replyOf(ttl, from, rest, context), rttMs, sent });
  }
  return parsedTrace(hops, localError, notPermitted(text));
}

function replyOf(ttl: number, from: string, rest: string, { address }: TraceContext): TtlReply {
  if (/\breached\b/.test(rest)) {
    const answer = sameAddress(from, address) ? 'reply' : 'unreachable';
    return ttlReply(ttl, answer, { from, icmp: portUnreachable(address) });
  }
  const letter = /!([A-Z])/.exec(rest)?.[1];
  if (letter === undefined) return ttlReply(ttl, 'time-exceeded', { from, icmp: timeExceeded(address) });
  const code = familyOf(address) === 6 ? V6[letter] : undefined;
  const icmp: Icmp = code === undefined ? v4(letter, address) : [1, code];
  return ttlReply(ttl, 'unreachable', { from, icmp });
}

/** ENETUNREACH is 3/0 nearly always; EHOSTUNREACH stands for host-off and for firewalls alike, so its code is unknown. */
const v4 = (letter: string, address: string): Icmp =>
  letter === 'N' && familyOf(address) === 4 ? [3, 0] : someUnreachable(address);
