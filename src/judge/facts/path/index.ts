import type { FactsOf, FactTable } from '../../../model/facts.ts';
import type { Readings } from '../../readings/index.ts';
import { PATH_FACTS as OF_PATH, pathFacts as ofPath } from './path.ts';
import { REFUSAL_FACTS, refusalFacts } from './refusal.ts';

/** How far packets get, and who refuses them. */
export const PATH_FACTS = { ...OF_PATH, ...REFUSAL_FACTS } as const satisfies FactTable;

export const pathFacts = (readings: Readings): FactsOf<typeof PATH_FACTS> => ({
  ...ofPath(readings),
  ...refusalFacts(readings),
});
