import type { Trace, TraceRole, TtlReply, View } from '../model.ts';
import { observed } from './observed.ts';
import { summarizeTrace, type TraceSummary } from './trace-summary.ts';

export interface SeenTrace {
  trace: Trace;
  summary: TraceSummary;
}

/** Answers win over silence: a hop that was silent in one sweep and answered in the next is not silent. */
function merge(traces: Trace[]): Trace | null {
  const first = traces[0];
  if (first === undefined) return null;
  const byTtl = new Map<number, TtlReply>();
  for (const reply of traces.flatMap(({ replies }) => replies)) {
    const known = byTtl.get(reply.ttl);
    if (known === undefined || (known.answer === 'silence' && reply.answer !== 'silence')) byTtl.set(reply.ttl, reply);
  }
  return { ...first, replies: [...byTtl.values()].sort((a, b) => a.ttl - b.ttl) };
}

/**
 * The trace of one role as far as it concerns the address (for `control-host`: whatever address it had). Our own sweeps
 * come before tools; TCP roles take TCP traces only.
 */
export function traceOf(view: View, role: TraceRole): SeenTrace | null {
  const ofRole = [...observed(view, 'trace-syn'), ...observed(view, 'trace-command')].filter(
    (o) => o.input.role === role && (role === 'control-host' || o.input.address === view.address) && o.data.replies.length > 0,
  );
  const tcp = role !== 'other-protocol';
  const fitting = ofRole.filter((o) => (o.data.protocol === 'tcp') === tcp);
  const own = fitting.filter((o) => o.probe === 'trace-syn');
  const trace = merge((own.length > 0 ? own : fitting.slice(0, 1)).map((o) => o.data));
  return trace === null ? null : { trace, summary: summarizeTrace(trace) };
}

/** Every trace by another protocol (UDP, ICMP), the one that got farthest first. */
export function otherProtocolTraces(view: View): SeenTrace[] {
  return [...observed(view, 'trace-syn'), ...observed(view, 'trace-command')]
    .filter((o) => o.input.role !== 'control-host' && o.input.address === view.address && o.data.protocol !== 'tcp' && o.data.replies.length > 0)
    .map((o) => ({ trace: o.data, summary: summarizeTrace(o.data) }))
    .sort((a, b) => Number(b.summary.reached) - Number(a.summary.reached) || b.summary.lastHop - a.summary.lastHop);
}

/**
 * The end answered at a TTL at which, or beyond which, a router answers another trace: whoever answered stands before
 * that router and speaks in the host's place.
 */
export function isBeforeARouter(seen: SeenTrace, all: readonly SeenTrace[]): boolean {
  const { answeredAt } = seen.summary;
  if (answeredAt === null) return false;
  return all.some(
    ({ trace, summary }) =>
      summary.lastHop >= answeredAt ||
      (summary.rejection !== null && summary.rejection.address !== trace.address && summary.rejection.ttl > answeredAt),
  );
}
