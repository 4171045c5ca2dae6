import type { View } from '../../model/facts.ts';
import type { ObservationOf } from '../../model/probes.ts';
import { observedHere } from './observed.ts';

type Counted = NonNullable<ObservationOf<'counted-connect'>['data']>;

const countedHere = (view: View): Counted | null =>
  observedHere(view, 'counted-connect').at(-1)?.data ?? null;

const silentOnes = ({ results }: Counted): number =>
  results.filter(({ outcome }) => outcome === 'timeout').length;
const refusedOnes = ({ results }: Counted): number =>
  results.filter(({ outcome }) => outcome === 'refused').length;
const isEach = ({ results }: Counted, count: number): boolean =>
  results.length > 0 && count === results.length;

const isRefused = (view: View): boolean =>
  observedHere(view, 'tcp-connect').some(
    (o) => o.input.role === 'target' && o.data.attempts.some(({ outcome }) => outcome === 'refused'),
  );

/**
 * ECONNREFUSED is a reset or an ICMP port-unreachable. As many ICMP unreachables as connections were made: these; none
 * at all: resets. A few fewer, or one of somebody else's, leaves it open. A plain IPv6 connect() hears an ICMP error a
 * second later than the kernel counts it, so a connection that still waits is no contradiction there.
 */
export function countedRefusal(view: View): 'rst' | 'icmp' | null {
  const counted = countedHere(view);
  const unreachables = counted?.whole.unreachables ?? null;
  if (counted === null || unreachables === null || !isRefused(view)) return null;
  const refused = refusedOnes(counted);
  const waiting = view.address?.includes(':') ? silentOnes(counted) : 0;
  if (!isEach(counted, refused + waiting)) return null;
  if (unreachables >= counted.results.length) return 'icmp';
  return unreachables === 0 && waiting === 0 ? 'rst' : null;
}

/** Made and not sent, every one of them, in the moment in which they were made. */
export function countedDrop(view: View): boolean | null {
  const counted = countedHere(view);
  const unsent = counted?.sending.unsent ?? null;
  if (counted === null || unsent === null || !isEach(counted, silentOnes(counted))) return null;
  if (countedRefusal(view) !== null) return null;
  return unsent >= counted.results.length ? true : unsent === 0 ? false : null;
}

/** Some ICMP came in: this machine does not throw all of it away. */
const hearsIcmp = (view: View): boolean =>
  observedHere(view, 'ping').some(({ data }) => data.received > 0 || data.errors.length > 0) ||
  observedHere(view, 'trace-command').some(({ data }) =>
    data.replies.some(({ from, icmpType }) => from !== null && icmpType !== null),
  );

/**
 * Something arrived for every SYN that nobody was told about; one packet in between may be anybody's. Ping and traces ask
 * at the same time: where nothing of theirs is heard either, it may be their answers that are thrown away.
 */
export function countedLoss(view: View): boolean | null {
  const counted = countedHere(view);
  const undelivered = counted?.whole.undelivered ?? null;
  if (counted === null || undelivered === null || !isEach(counted, silentOnes(counted))) return null;
  if (undelivered === 0) return false;
  // A neighbour that looks for printers, other programs' traffic that is filtered: seen before anything was sent, too.
  if (counted.quiet.undelivered !== 0) return null;
  return undelivered >= counted.results.length && hearsIcmp(view) ? true : null;
}

/**
 * Answered, although the SYNs did not leave: this machine's own filter answered. Its reset goes through the loopback
 * interface in the moment of sending; the one that an IPv6 filter makes is sent without having been requested and hides
 * the SYN in `unsent`.
 */
export function countedRejection(view: View): boolean | null {
  const counted = countedHere(view);
  const route = observedHere(view, 'local-network')[0]?.data.route.kind ?? null;
  // What this machine sends to itself never is on the wire.
  if (counted === null || route === null || route === 'local' || route === 'unknown') return null;
  const answered = counted.results.filter(
    ({ outcome }) => outcome === 'refused' || outcome === 'unreachable',
  ).length;
  const heard = countedRefusal(view) === 'icmp' ? counted.results.length : answered;
  if (!isEach(counted, heard)) return null;
  const made = counted.results.length;
  const { unsent } = counted.sending;
  if (unsent !== null && unsent >= made) return true;
  const { onLoopback } = counted.sending;
  if (onLoopback !== null && onLoopback >= made) return true;
  return unsent === 0 && onLoopback === 0 ? false : null;
}
