import type { Route } from '../../model/measured.ts';
import type { Heard, Place } from './measured.ts';

type Counts = Heard<'counted-connect'>['data'];

/** What the kernel's counters around a few connections tell; each null where that cannot be told. */
export interface Counted {
  refusal: 'rst' | 'icmp' | null;
  drop: boolean | null;
  loss: boolean | null;
  rejection: boolean | null;
}

export function countedOf(place: Place, route: Route | null): Counted {
  const counts = place.here['counted-connect'].at(-1)?.data ?? null;
  if (counts === null) return { refusal: null, drop: null, loss: null, rejection: null };
  const refusal = refusalIn(counts, place);
  return {
    refusal,
    drop: refusal === null ? dropIn(counts) : null,
    loss: lossIn(counts, place),
    rejection: rejectionIn(counts, refusal, route?.kind ?? null),
  };
}

const silentOnes = ({ results }: Counts): number =>
  results.filter(({ outcome }) => outcome === 'timeout').length;
const refusedOnes = ({ results }: Counts): number =>
  results.filter(({ outcome }) => outcome === 'refused').length;
const isEach = ({ results }: Counts, count: number): boolean =>
  results.length > 0 && count === results.length;

const isRefused = ({ here }: Place): boolean =>
  here['tcp-connect'].some(
    (o) => o.input.role === 'target' && o.data.attempts.some(({ outcome }) => outcome === 'refused'),
  );

/**
 * ECONNREFUSED is a reset or an ICMP port-unreachable. As many ICMP unreachables as connections were made: these; none
 * at all: resets. A few fewer, or one of somebody else's, leaves it open. A plain IPv6 connect() hears an ICMP error a
 * second later than the kernel counts it, so a connection that still waits is no contradiction there.
 */
function refusalIn(counted: Counts, place: Place): Counted['refusal'] {
  const { unreachables } = counted.whole;
  if (unreachables === null || !isRefused(place)) return null;
  const refused = refusedOnes(counted);
  const waiting = place.address?.includes(':') ? silentOnes(counted) : 0;
  if (!isEach(counted, refused + waiting)) return null;
  if (unreachables >= counted.results.length) return 'icmp';
  return unreachables === 0 && waiting === 0 ? 'rst' : null;
}

/** Made and not sent, every one of them, in the moment in which they were made. */
function dropIn(counted: Counts): boolean | null {
  const { unsent } = counted.sending;
  if (unsent === null || !isEach(counted, silentOnes(counted))) return null;
  return unsent >= counted.results.length ? true : unsent === 0 ? false : null;
}

/** Some ICMP came in: this machine does not throw all of it away. */
const hearsIcmp = ({ here }: Place): boolean =>
  here.ping.some(({ data }) => data.received > 0 || data.errors.length > 0) ||
  here['trace-command'].some(({ data }) =>
    data.replies.some(({ from, icmpType }) => from !== null && icmpType !== null),
  );

/** Everything else that was sent to the host was over when these connections were made. */
function isAlone({ here }: Place): boolean {
  const startedAt = Date.parse(here['counted-connect'].at(-1)?.startedAt ?? '');
  const others = [...here.ping, ...here['trace-syn'], ...here['alternate-ports'], ...here['tcp-connect']];
  return others.every((o) => o.final && Date.parse(o.startedAt) + o.durationMs <= startedAt);
}

/**
 * Something arrived for every SYN that nobody was told about; one packet in between may be anybody's. Ping and traces ask
 * at the same time: where nothing of theirs is heard either, it may be their answers that are thrown away.
 */
function lossIn(counted: Counts, place: Place): boolean | null {
  const { undelivered, martians } = counted.whole;
  if (undelivered === null || !isEach(counted, silentOnes(counted))) return null;
  if (undelivered === 0) return false;
  // A neighbour that looks for printers, other programs' traffic that is filtered: seen before anything was sent, too.
  if (counted.quiet.undelivered !== 0) return null;
  const own = undelivered - Math.min(undelivered, martians ?? 0);
  return own >= counted.results.length && (hearsIcmp(place) || isAlone(place)) ? true : null;
}

/**
 * Answered, although the SYNs did not leave: this machine's own filter answered. Its reset goes through the loopback
 * interface in the moment of sending; the one that an IPv6 filter makes is sent without having been requested and hides
 * the SYN in `unsent`.
 */
function rejectionIn(
  counted: Counts,
  refusal: Counted['refusal'],
  route: Route['kind'] | null,
): boolean | null {
  // What this machine sends to itself never is on the wire.
  if (route === null || route === 'local' || route === 'unknown') return null;
  const answered = counted.results.filter(
    ({ outcome }) => outcome === 'refused' || outcome === 'unreachable',
  ).length;
  const heard = refusal === 'icmp' ? counted.results.length : answered;
  if (!isEach(counted, heard)) return null;
  const made = counted.results.length;
  const { unsent } = counted.sending;
  if (unsent !== null && unsent >= made) return true;
  const { onLoopback } = counted.sending;
  if (onLoopback !== null && onLoopback >= made) return true;
  return unsent === 0 && onLoopback === 0 ? false : null;
}
