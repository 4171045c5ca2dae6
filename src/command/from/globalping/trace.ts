import { sameAddress } from '../../../ground/address.ts';
import { summarizeTrace } from '../../../judge/readings/trace-summary.ts';
import type { ConnectOutcome, Trace, TtlReply } from '../../../model/measured.ts';
import { someUnreachable, timeExceeded, ttlReply } from '../../../parsers/trace.ts';
import { parseTraceroute } from '../../../parsers/traceroute.ts';
import type { Traceroute } from './answers.ts';

/** What a probe runs: traceroute -m 20 -q 2. */
const MAX_TTL = 20;
const PACKETS = 2;
/** Fewer silent TTLs before the last one may be routers that do not speak, on a way that is longer. */
const LEAST_SILENT = 3;

/** Null where it is about another address, holds nothing, or ended because the way is longer than it looks. */
export function traceOf(found: Traceroute, address: string, port: number): Trace | null {
  if (found.resolvedAddress !== null && !sameAddress(found.resolvedAddress, address)) return null;
  const replies = repliesOf(found, address);
  const trace: Trace = { method: 'globalping', protocol: 'tcp', port, address, replies, counters: null };
  const { reached, rejection, lastHop } = summarizeTrace(trace);
  const isCut = !reached && rejection === null && lastHop > MAX_TTL - LEAST_SILENT;
  return replies.length === 0 || isCut ? null : trace;
}

/**
 * The fields say who answered and not with what. The words of traceroute do (`!X`), and are believed where they show the
 * very same hops; they are not promised, so without them everything else is still read.
 */
function repliesOf({ hops, rawOutput }: Traceroute, address: string): TtlReply[] {
  const said = parseTraceroute(rawOutput, 'butskoy', {
    address,
    protocol: 'tcp',
    maxTtl: MAX_TTL,
    complete: true,
    tcpFlags: false,
  }).replies;
  const isSame =
    said.length === hops.length &&
    said.every(({ from }, i) => (from === null) === (hops[i]?.resolvedAddress == null));
  if (isSame) return said;
  return hops.map(({ resolvedAddress: from, timings }, i) => {
    const ttl = i + 1;
    const heard = { from, rttMs: timings[0]?.rtt ?? null, sent: PACKETS };
    if (from === null) return ttlReply(ttl, 'silence', { sent: PACKETS });
    const isLast = i === hops.length - 1;
    if (isLast && sameAddress(from, address)) return ttlReply(ttl, 'reply', heard);
    // Nothing but an answer of the target or a rejection ends it before its time.
    return isLast && ttl < MAX_TTL
      ? ttlReply(ttl, 'unreachable', { ...heard, icmp: someUnreachable(address) })
      : ttlReply(ttl, 'time-exceeded', { ...heard, icmp: timeExceeded(address) });
  });
}

/**
 * TCP ping says "no reply" for a refusal as for silence. SYNs of the same probe tell: they were answered at the address
 * (then it is a refusal), rejected by a router, or neither.
 */
export function silenceMeans(trace: Trace | null): ConnectOutcome {
  if (trace === null) return 'pending';
  const { answer, rejection } = summarizeTrace(trace);
  if (answer === 'reply') return 'refused';
  return rejection === null ? 'timeout' : 'unreachable';
}
