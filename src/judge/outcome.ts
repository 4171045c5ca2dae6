import type { Facts } from '../model/facts.ts';
import type { Outcome } from '../model/report.ts';

/**
 * What the target's own probes came to; rules explain it and cannot change it. One record of facts for each address
 * that was tried, or the facts without an address where the name led to none.
 */
export function outcomeOf(views: readonly Facts[]): Outcome {
  const first = views[0];
  if (first === undefined) return 'undetermined';
  const measured = views.filter((f) => f['tcp.outcome'] !== null && f['tcp.outcome'] !== 'pending');
  // Refused once and accepted once: some of the servers behind the address work.
  const open = measured.filter((f) => f['tcp.outcome'] === 'open' || f['tcp.acceptedSince'] === true);
  if (open.length > 0) {
    const addressFails = (first['addresses.failed'] as number | null) ?? 0;
    return addressFails > 0 || open.some(isWrong) ? 'impaired' : 'reachable';
  }
  // Sockets that could not even be made say nothing about the target.
  const told = measured.filter((f) => f['local.resourceError'] === null);
  if (told.length > 0) return 'unreachable';
  if (measured.length > 0) return 'undetermined';
  return first['dns.unresolved'] === true ? 'unreachable' : 'undetermined';
}

/** Once or twice in a run is chance. */
const OFTEN = 3;

function isWrong(facts: Facts): boolean {
  // A device that accepts in the host's place and through which the service answers as it should does no harm.
  const acceptedForNothing = facts['path.acceptedNearer'] === true && facts['service.healthy'] !== true;
  return (
    facts['tcp.mixed'] === true ||
    facts['tcp.acceptedSince'] === true ||
    // Again and again a SYN had to be sent twice, or large packets get lost: it works, and not well.
    (((facts['tcp.late'] as number | null) ?? 0) >= OFTEN && facts['tcp.lateAlways'] === false) ||
    facts['host.losesLargePings'] === true ||
    (facts.symptom === 'hangs' && facts['mtu.blackhole'] === true) ||
    ((facts['tcp.refusedToo'] as number | null) ?? 0) > 0 ||
    facts['service.healthy'] === false ||
    acceptedForNothing
  );
}
