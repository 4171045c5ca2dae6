import type { Evidence } from '../../model/evidence.ts';
import { isAbout, type Measured, measuredIn } from './measured.ts';
import { type BothEnds, bothEndsAt } from './other-end.ts';
import { type Talks, talksOf } from './talk.ts';

/** Everything that facts are made from, read once for one address of the target (or for none, while none is known). */
export interface Readings {
  evidence: Evidence;
  address: string | null;
  /** What was measured at this address. */
  here: Measured;
  /** What was measured anywhere: names, the other addresses, other hosts that were asked for comparison. */
  all: Measured;
  talks: Talks;
  /** The other end's half of the case; null where nobody looked there. */
  otherEnd: BothEnds | null;
}

/** The readings of one address. */
export function readingsAt(evidence: Evidence, address: string | null): Readings {
  const about = evidence.observations.filter((o) => isAbout(o, address));
  const here = measuredIn(about);
  return {
    evidence,
    address,
    here,
    all: measuredIn(evidence.observations),
    otherEnd: bothEndsAt(evidence, address),
    talks: talksOf(evidence.request.target, here, about),
  };
}
