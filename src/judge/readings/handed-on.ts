import type { Readings } from './index.ts';

/**
 * The largest TTL that ran out at the target's own address before a larger one drew the reset; null where there was none.
 * A host tells of a TTL that ran out only for a packet that it forwards; what is for itself it takes with any.
 */
export function handedOnAt({ traces, address }: Pick<Readings, 'traces' | 'address'>): number | null {
  const summary = traces.target?.summary ?? null;
  if (summary === null || summary.answer !== 'rst') return null;
  const expired = [...summary.routers].flatMap(([ttl, router]) =>
    router === address && ttl < summary.answeredAt! ? [ttl] : [],
  );
  return expired.length > 0 ? Math.max(...expired) : null;
}
