import type { Doors } from '../../doors/types.ts';
import type { FindingOf, ProbeCatalogue, ProbeName } from '../../model/probes.ts';
import type { RunProgress } from '../../model/progress.ts';

export interface ProbeContext<P extends ProbeName> {
  doors: Doors;
  /** Aborts on Ctrl-C, on the run's deadline, and when the answer is no longer wanted. */
  signal: AbortSignal;
  /** Tells what is known so far; the plan may act on it. The returned finding replaces it. */
  partial(finding: FindingOf<P>): void;
  /** Tells people how far it is; no evidence, and nobody has to listen. */
  progress?(news: RunProgress): void;
}

/** A probe measures and never throws on what the network does; a throw is our own bug and becomes `failed`. */
export type Probe<P extends ProbeName> = (
  input: ProbeCatalogue[P]['input'],
  context: ProbeContext<P>,
) => Promise<FindingOf<P>>;

/** The reason with which `signal` aborts when no answer that may still come would change the diagnosis. */
export const DECIDED = 'decided';
