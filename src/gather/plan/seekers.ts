import { factsOf } from '../../judge/facts/index.ts';
import type { Readings } from '../../judge/readings/index.ts';
import type { SeenTrace } from '../../judge/readings/traces.ts';

/** ARP and neighbour discovery give up so long after the first packet (techniques.md). */
export const SEARCH_MS = 3060;
/** A busy machine hears of it so much later. */
const BUSY_MS = 150;

/** From then on no search that the port's packets began can still be under way. */
export const searchesOverMs = (lastStartMs: number, roundTripMs: number): number =>
  lastStartMs + SEARCH_MS + BUSY_MS + roundTripMs;

/**
 * Who may still be looking for the next on the way of the port's packets, and say three seconds after the first of them
 * that it is not there: a router, or the host, which may forward the port. Left out is who was seen to have found it, and
 * whom no such packet reaches. Null = the word may come from anywhere.
 *
 * - Packets that never left, and answers that are dropped here, make nobody search.
 * - A router beyond the stop that answered other traffic tells of TTLs, and was asked with the port's: none came to it, so
 *   none came to the host either, and whoever stands before it has found it.
 * - Where the host answered other traffic the routers have found it. If it forwarded the port, the packet whose TTL ends
 *   at the host would have been told of, as routers tell, which is a packet that was asked twice here.
 *
 * - Where every search that the port's packets can have begun is over (`isOver`) nobody is left.
 *
 * The rest is true of one way only: where the port's packets met another router than others at the same distance, nothing is left out.
 */
export function seekersOf(readings: Readings, isOver: boolean): string[] | null {
  const { address, distance, local } = readings;
  const { target, companions } = readings.traces;
  const facts = factsOf(readings);
  if (facts['local.dropsOutgoing'] === true || facts['local.dropsIncoming'] === true) return [];
  // Where the sweep of the port was told something, connect() is about to be.
  if (address === null || target === null || facts['path.target.stopped'] !== true) return null;
  if (isOver) return [];
  if (companions.some((other) => partsFrom(target, other))) return null;
  if (facts['path.routerBeyondStop'] === true) return [];
  const isSilentAtHost = (ttl: number): boolean =>
    target.trace.replies.some((one) => one.ttl === ttl && one.answer === 'silence' && one.sent >= 2);
  if (local.route?.onLink === true)
    return local.neighbourStates.at(-1) !== 'REACHABLE' ? null : isSilentAtHost(1) ? [] : [address];
  const lastRouter = facts['path.target.lastAddress'];
  if (typeof lastRouter !== 'string') return null;
  if (facts['path.stopNextToHost'] !== true || distance === null) return [...new Set([lastRouter, address])];
  return isSilentAtHost(distance) ? [] : [address];
}

/** At one distance two routers were met. */
const partsFrom = ({ summary }: SeenTrace, other: SeenTrace): boolean =>
  [...summary.routers].some(([ttl, router]) => (other.summary.routers.get(ttl) ?? router) !== router);
