import { FACT_TABLE } from '../../src/judge/facts/index.ts';
import { reportOf } from '../../src/judge/report-of.ts';
import { builtInRules } from '../../src/judge/rules/load.ts';
import type { Evidence } from '../../src/model/evidence.ts';
import { truthFor } from './judge.ts';
import type { Truth } from './scenario.ts';

/** Both ends together say 0.99. A reset from the host's own distance is a closed port in 95 cases of 100, and a rule in five. */
const CERTAIN = 0.97;

/**
 * A pair is worth having where the client alone cannot tell. One complaint where the same evidence without the other end's
 * half names the right cause with certainty, none where it does not.
 */
export async function complaintsAlone(evidence: Evidence, truths: Truth | Truth[]): Promise<string[]> {
  const { views: _, ...rest } = evidence;
  const alone: Evidence = {
    ...rest,
    observations: evidence.observations.filter(({ probe }) => probe !== 'other-end'),
  };
  const report = reportOf(alone, await builtInRules(FACT_TABLE), { version: 'lab', durationMs: 0 });
  const truth = truthFor(report, truths);
  const [first] = report.causes;
  const isCertain = first !== undefined && truth.causes.includes(first.id) && first.confidence >= CERTAIN;
  return isCertain ? [`this client alone says ${first.id} (${first.confidence.toFixed(2)}): no pair`] : [];
}
