import { TARGET_TRACES } from '../../../model/fact-sources.ts';
import type { FactsOf, FactTable } from '../../../model/facts.ts';
import { handedOnAt } from '../../readings/handed-on.ts';
import type { Readings } from '../../readings/index.ts';

export const HANDED_ON_FACTS = {
  'refusal.handedOn': {
    type: 'boolean',
    meaning:
      "A SYN to the port ran out of its TTL at the target's own address, and only a larger TTL drew the reset: the host hands the port on (a published port of a container, a virtual machine, a forward) instead of answering itself. Null where no reset was seen.",
    from: TARGET_TRACES,
  },
  'refusal.handedOnAt': {
    type: 'number',
    meaning: "Where refusal.handedOn: the largest TTL that ran out at the target's own address.",
    from: TARGET_TRACES,
  },
} as const satisfies FactTable;

export function handedOnFacts(readings: Readings): FactsOf<typeof HANDED_ON_FACTS> {
  const at = handedOnAt(readings);
  return {
    'refusal.handedOn': readings.traces.target?.summary.answer === 'rst' ? at !== null : null,
    'refusal.handedOnAt': at,
  };
}
