import type { FactsOf, FactTable } from '../../../model/facts.ts';
import type { Readings } from '../../readings/index.ts';
import { ANSWER_FACTS, answerFacts } from './answers.ts';
import { DIFFERENCE_FACTS, differenceFacts } from './differences.ts';
import { GIVEN_ADDRESS_FACTS, givenAddressFacts } from './given-address.ts';
import { HOSTS_FILE_FACTS, hostsFileFacts } from './hosts-file.ts';
import { SILENCE_FACTS, silenceFacts } from './silence.ts';

/** Names: what they lead to, and who says so. */
export const DNS_FACTS = {
  ...ANSWER_FACTS,
  ...SILENCE_FACTS,
  ...GIVEN_ADDRESS_FACTS,
  ...DIFFERENCE_FACTS,
  ...HOSTS_FILE_FACTS,
} as const satisfies FactTable;

type DnsFacts = FactsOf<typeof DNS_FACTS>;

const NOTHING = Object.fromEntries(Object.keys(DNS_FACTS).map((name) => [name, null])) as unknown as DnsFacts;

/** What is known about the name, seen from one address that it leads to (or from none). */
export function dnsFacts(readings: Readings): DnsFacts {
  const { names, naming } = readings;
  if (names === null || naming === null) return { ...NOTHING, 'dns.asked': false };
  return {
    ...NOTHING,
    ...answerFacts(names, naming),
    ...silenceFacts(names),
    ...givenAddressFacts(readings, names, naming),
    ...differenceFacts(readings, names, naming),
    ...hostsFileFacts(readings, names, naming),
  };
}
