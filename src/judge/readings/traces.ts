import type { Trace, TraceRole, TtlReply } from '../../model/measured.ts';
import type { Counted } from './counted.ts';
import { type Place, targetConnect } from './measured.ts';
import { summarizeTrace, type TraceSummary } from './trace-summary.ts';

export interface SeenTrace {
  trace: Trace;
  summary: TraceSummary;
}

/** Every path that was seen, of each role as far as it concerns one address. */
export interface Traces {
  target: SeenTrace | null;
  reference: SeenTrace | null;
  /** Whatever address the other host has. */
  referenceHost: SeenTrace | null;
  /** By another protocol (UDP, ICMP), the one that got farthest first. */
  others: readonly SeenTrace[];
  /** All towards the address but the one to the port: `reference` and `others`. */
  companions: readonly SeenTrace[];
  /** `target` and its companions. */
  every: readonly SeenTrace[];
}

export function tracesOf(place: Place, counted: Counted): Traces {
  const target = traceOf(place, 'target', counted.refusal);
  const reference = traceOf(place, 'reference', counted.refusal);
  const others = otherProtocolTraces(place);
  const companions = [...(reference === null ? [] : [reference]), ...others];
  return {
    target,
    reference,
    referenceHost: traceOf(place, 'reference-host', counted.refusal),
    others,
    companions,
    every: [...(target === null ? [] : [target]), ...companions],
  };
}

/** Answers win over silence: a hop that was silent in one sweep and answered in the next is not silent. */
function merge(traces: Trace[]): Trace | null {
  const first = traces[0];
  if (first === undefined) return null;
  const byTtl = new Map<number, TtlReply>();
  for (const reply of traces.flatMap(({ replies }) => replies)) {
    const known = byTtl.get(reply.ttl);
    if (known === undefined || (known.answer === 'silence' && reply.answer !== 'silence'))
      byTtl.set(reply.ttl, reply);
  }
  return { ...first, replies: [...byTtl.values()].sort((a, b) => a.ttl - b.ttl) };
}

/** Our own sweeps ask every TTL twice and side by side; a tool asks one after the other, once. */
export const isOwnSweep = ({ trace }: SeenTrace): boolean =>
  trace.method === 'tcp-syn' || trace.method === 'udp' || trace.method === 'icmp';

/**
 * The trace of one role as far as it concerns the address (for `reference-host`: whatever address it had). Our own sweeps
 * come before tools; TCP roles take TCP traces only.
 */
function traceOf(place: Place, role: TraceRole, refusal: Counted['refusal']): SeenTrace | null {
  const ofRole = [...place.all['trace-syn'], ...place.all['trace-command']].filter(
    (o) =>
      o.input.role === role &&
      (role === 'reference-host' || o.input.address === place.address) &&
      o.data.replies.length > 0,
  );
  const tcp = role !== 'other-protocol';
  const fitting = ofRole.filter((o) => (o.data.protocol === 'tcp') === tcp);
  const own = fitting.filter((o) => o.probe === 'trace-syn');
  const trace = merge((own.length > 0 ? own : fitting.slice(0, 1)).map((o) => o.data));
  if (trace === null) return null;
  const read = role === 'target' && own.length === 0 ? withEndNamed(trace, place, refusal) : trace;
  return { trace: read, summary: summarizeTrace(read) };
}

/**
 * mtr names addresses and not what they sent. How connect() to the same port failed tells: an errno of an ICMP error was
 * caused by one, ECONNREFUSED by one or by a reset, and the kernel's counters may know by which. So an end of the path sent
 * just that. And where an ICMP error came and the trace has no end, the router that answers TTLs beyond its own sent it, as
 * often as its rate limit let it.
 */
function withEndNamed(trace: Trace, place: Place, refusal: Counted['refusal']): Trace {
  const failed = targetConnect(place)?.data.attempts.find(
    (a) => a.outcome === 'unreachable' || a.outcome === 'refused',
  );
  const kind = failed?.outcome === 'unreachable' ? 'icmp' : failed === undefined ? null : refusal;
  if (kind === null || trace.method !== 'mtr') return trace;
  const icmpType = trace.address.includes(':') ? 1 : 3;
  const isEnd = ({ answer, from }: TtlReply) => answer === 'reply' && from === trace.address;
  const rejected = (reply: TtlReply): TtlReply => ({
    ...reply,
    answer: 'unreachable',
    icmpType,
    icmpCode: null,
  });
  if (trace.replies.some(isEnd))
    return {
      ...trace,
      replies: trace.replies.map((reply) =>
        !isEnd(reply) ? reply : kind === 'icmp' ? rejected(reply) : { ...reply, answer: 'rst' },
      ),
    };
  const heard = trace.replies.filter(({ from }) => from !== null);
  const last = heard.at(-1)?.from ?? null;
  const own = heard.find(({ from }) => from === last)?.ttl ?? 0;
  // Twice is a device that hands expired packets on, or counts no hop; more often is none.
  const beyond = heard.filter(({ ttl }) => ttl > own);
  const isRejecting = beyond.length >= 2 && beyond.every(({ from }) => from === last);
  if (kind !== 'icmp' || !isRejecting) return trace;
  return {
    ...trace,
    replies: trace.replies.map((reply) => (beyond.includes(reply) ? rejected(reply) : reply)),
  };
}

function otherProtocolTraces(place: Place): SeenTrace[] {
  return [...place.all['trace-syn'], ...place.all['trace-command']]
    .filter(
      (o) =>
        o.input.role !== 'reference-host' &&
        o.input.address === place.address &&
        o.data.protocol !== 'tcp' &&
        o.data.replies.length > 0,
    )
    .map((o) => ({ trace: o.data, summary: summarizeTrace(o.data) }))
    .sort(
      (a, b) =>
        Number(b.summary.reached) - Number(a.summary.reached) || b.summary.lastHop - a.summary.lastHop,
    );
}

/**
 * Packets of other traces that were to end at this TTL did not end at the host: a router answered them there or beyond,
 * or (weaker, and worth nothing on a path that loses packets) two TTLs from there on stayed silent although each was
 * asked twice, before the host answered.
 */
export function isBeforeTheHost(ttl: number, others: readonly SeenTrace[], isLossy = false): boolean {
  return others.some(({ trace, summary }) => {
    if (summary.lastHop >= ttl) return true;
    if (
      summary.rejection !== null &&
      summary.rejection.address !== trace.address &&
      summary.rejection.ttl > ttl
    )
      return true;
    const { answeredAt } = summary;
    if (isLossy || answeredAt === null || answeredAt < ttl + 2) return false;
    const between = trace.replies.filter((reply) => reply.ttl >= ttl && reply.ttl < answeredAt);
    return (
      between.length === answeredAt - ttl &&
      between.every(({ answer, sent }) => answer === 'silence' && sent >= 2)
    );
  });
}

/** The end of this trace answered before the host: whoever answered speaks in the host's place. */
export function isForged(seen: SeenTrace, all: readonly SeenTrace[]): boolean {
  const { answeredAt } = seen.summary;
  return (
    answeredAt !== null &&
    isBeforeTheHost(
      answeredAt,
      all.filter((other) => other !== seen),
    )
  );
}

/** The router that the first of these traces shows at that TTL. */
export const routerAt = (ttl: number, traces: readonly SeenTrace[]): string | null =>
  traces.flatMap(({ summary }) => summary.routers.get(ttl) ?? [])[0] ?? null;

/**
 * Smallest TTL that reaches the host, by what is not the port in question. A trace whose last router is next to the end
 * counts before one with a hole there (the smallest answer may have been lost). Where several disagree the largest
 * wins: a middlebox that answers in the host's place can only be nearer than the host.
 */
export function hostDistance({ companions, every }: Traces): number | null {
  const reached = companions.filter((one) => one.summary.answeredAt !== null && !isForged(one, every));
  const exact = reached.filter(
    ({ summary }) => summary.answeredAt === 1 || summary.routers.has(summary.answeredAt! - 1),
  );
  const distances = (exact.length > 0 ? exact : reached).map(({ summary }) => summary.answeredAt!);
  return distances.length > 0 ? Math.max(...distances) : null;
}
