import { areNeighbours, includesAddress, octetsOf, reachOf } from '../../ground/address.ts';
import type { Verdict } from './verdicts.ts';

/** In the order of what they tell, the most telling first. */
export const DIFFERENCES = [
  'missing-here',
  'not-taken',
  'scope',
  'network',
  'neighbours',
  'missing-there',
] as const;

export type Difference =
  | { disagree: false }
  | { disagree: true; kind: (typeof DIFFERENCES)[number]; other: Verdict };

/** Resolvers that rotate one address at a time do so with answers that live no longer than this. */
const ROTATION_TTL_SECONDS = 60;

/**
 * The most telling difference between what the system uses and what another resolver says; null where there is nothing
 * to compare. Silence and failures are no opinion.
 */
export function differenceFrom({
  verdicts,
  deciding,
  systemAddresses,
  unresolved,
  systemMissed,
  address,
}: {
  verdicts: readonly Verdict[];
  deciding: Verdict | null;
  systemAddresses: readonly string[];
  unresolved: boolean | null;
  /** The system's lookup ended with nothing, and nothing that is known of the resolvers or of this machine says why. */
  systemMissed: boolean;
  address: string | null;
}): Difference | null {
  const opinions = verdicts.filter(
    ({ kind }) => kind === 'addresses' || kind === 'not-found' || kind === 'no-address',
  );
  if (unresolved === null) return null;
  const differences: Difference[] = [];
  if (unresolved) {
    // Without a word of its own the system has nothing that another could contradict.
    if (deciding === null || !opinions.includes(deciding)) return null;
    if (deciding.kind === 'addresses')
      return systemMissed ? { disagree: true, kind: 'not-taken', other: deciding } : null;
    const others = opinions.filter((other) => other !== deciding);
    if (others.length === 0) return null;
    for (const other of others)
      if (other.kind === 'addresses') differences.push({ disagree: true, kind: 'missing-here', other });
  } else {
    const here = systemAddresses.length > 0 ? systemAddresses : (deciding?.addresses ?? []);
    const backed = opinions.some(({ addresses }) => addresses.some((one) => includesAddress(here, one)));
    const others = opinions.filter((other) => !other.addresses.some((one) => includesAddress(here, one)));
    if (opinions.length === 0 || (opinions.length === 1 && backed)) return null;
    for (const other of others) {
      if (other.kind !== 'addresses') {
        // What mDNS, a VPN or a cache knows and no resolver does is not in dispute.
        if (backed) differences.push({ disagree: true, kind: 'missing-there', other });
        continue;
      }
      const kind = kindOf(here, other, address);
      const rotates = other.configured && !backed && (other.ttlSeconds ?? 0) <= ROTATION_TTL_SECONDS;
      if (kind !== null && !rotates) differences.push({ disagree: true, kind, other });
    }
  }
  for (const kind of DIFFERENCES) {
    const found = differences.find((difference) => difference.disagree && difference.kind === kind);
    if (found) return found;
  }
  return { disagree: false };
}

/** Compared within one family: that of the address in question, else any that both have. Null where they have none in common. */
function kindOf(
  here: readonly string[],
  other: Verdict,
  address: string | null,
): 'scope' | 'network' | 'neighbours' | null {
  const size = (one: string) => octetsOf(one)?.length ?? 0;
  const families = address === null ? [4, 16] : [size(address)];
  for (const family of families) {
    const ours = here.filter((one) => size(one) === family);
    const theirs = other.addresses.filter((one) => size(one) === family);
    if (ours.length === 0 || theirs.length === 0) continue;
    if (!theirs.some((one) => reachOf(one) === reachOf(ours[0] ?? ''))) return 'scope';
    return theirs.some((one) => ours.some((own) => areNeighbours(one, own))) ? 'neighbours' : 'network';
  }
  return null;
}
