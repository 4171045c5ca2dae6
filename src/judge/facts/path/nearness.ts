import type { Readings } from '../../readings/index.ts';
import { isForged, type SeenTrace } from '../../readings/traces.ts';

/** Whether a reset comes from nearer than the host, and what shows it. */
export interface Nearness {
  'refusal.nearer': boolean | null;
  'refusal.nearerBy': 'ttl-sweep' | 'reply-ttl' | null;
}

/** TTL with which the answers of the port itself arrive. */
export function replyTtlOf({ request, here }: Readings): number | null {
  const { port } = request.target;
  return here['reply-ttl'].find((o) => o.input.port === port)?.data.ttl ?? null;
}

/** With which systems send: the smallest usual one that is not below what arrived. */
const initialTtl = (ttl: number): number => (ttl <= 64 ? 64 : ttl <= 128 ? 128 : 255);

export function nearness(readings: Readings, target: SeenTrace): Nearness {
  const { here, request } = readings;
  const { route } = readings.local;
  const { answeredAt } = target.summary;
  const reply = replyTtlOf(readings);
  if (isForged(target, readings.traces.every))
    return { 'refusal.nearer': true, 'refusal.nearerBy': 'ttl-sweep' };
  if (route?.kind === 'local' || (answeredAt === 1 && route?.onLink === true))
    return { 'refusal.nearer': false, 'refusal.nearerBy': null };
  if (reply === null) return { 'refusal.nearer': null, 'refusal.nearerBy': null };
  const references = [
    ...here['reply-ttl'].filter((o) => o.input.port !== request.target.port).map((o) => o.data.ttl),
    ...here.ping.map((o) => (o.outcome === 'replies' ? o.data.replyTtl : null)),
  ].filter((ttl): ttl is number => ttl !== null && initialTtl(ttl) === initialTtl(reply));
  if (references.some((ttl) => reply > ttl))
    return { 'refusal.nearer': true, 'refusal.nearerBy': 'reply-ttl' };
  if (references.length > 0) return { 'refusal.nearer': false, 'refusal.nearerBy': null };
  // Nothing to compare with: hops of the way back, from a usual initial TTL, against those of the way there.
  const hopsBack = initialTtl(reply) - reply + 1;
  if (answeredAt !== null && hopsBack < answeredAt)
    return { 'refusal.nearer': true, 'refusal.nearerBy': 'reply-ttl' };
  return { 'refusal.nearer': null, 'refusal.nearerBy': null };
}
