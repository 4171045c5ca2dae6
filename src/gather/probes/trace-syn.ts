import type { Trace } from '../../model/measured.ts';
import type { ProbeCatalogue } from '../../model/probes.ts';
import { withoutResult } from './native-result.ts';
import type { Probe } from './probe.ts';

type Outcome = ProbeCatalogue['trace-syn']['outcome'];

/** The path of one port by TTL-limited packets of its own protocol, without privileges (Linux, through the native child). */
export const traceSyn: Probe<'trace-syn'> = async (input, { doors, signal, partial, progress }) => {
  const { address, port, protocol, maxTtl, silentLimit, holdMs } = input;
  const job = { job: 'sweep', address, port, protocol, maxTtl, silentLimit, holdMs } as const;
  const found = (trace: Trace) => ({ outcome: sweepOutcome(trace), reason: null, data: trace });
  let halfway: Trace | null = null;
  const result = await doors.native(job, signal, {
    hop: (hop) => progress?.({ kind: 'hop', ...hop }),
    soFar: (trace) => {
      halfway = trace;
      partial(found(trace));
    },
  });
  // What was known when it was no longer waited for stays known.
  if (result.status === 'cancelled' && halfway !== null) return found(halfway);
  if (result.status !== 'swept') return withoutResult(result);
  return found(result.trace);
};

/**
 * The smallest TTL that brought an end decides. A UDP port-unreachable of the target itself is an arrival: that is how
 * a closed UDP port answers. Without an end: a loop, or silence.
 */
export function sweepOutcome({ replies, protocol, address }: Trace): Outcome {
  for (const { answer, from } of [...replies].sort((a, b) => a.ttl - b.ttl)) {
    if (answer === 'syn-ack' || answer === 'rst' || answer === 'reply') return 'reached';
    if (answer === 'unreachable') return protocol === 'udp' && from === address ? 'reached' : 'rejected';
    if (answer === 'local-error') return 'local-error';
  }
  return loops(replies) ? 'looping' : 'stopped';
}

/** A router comes again after another one. The same router at neighbouring TTLs is no loop (NAT, expired packets forwarded). */
function loops(replies: Trace['replies']): boolean {
  const routers = replies.flatMap(({ answer, from }) =>
    answer === 'time-exceeded' && from !== null ? [from] : [],
  );
  const visits = routers.filter((router, i) => router !== routers[i - 1]);
  return visits.length - new Set(visits).size >= 2;
}
