import { includesAddress } from '../../../ground/address.ts';
import type { FactsOf, FactTable } from '../../../model/facts.ts';
import { DIFFERENCES } from '../../readings/difference.ts';
import type { Readings } from '../../readings/index.ts';
import type { Names, Naming } from '../../readings/names.ts';
import type { Verdict } from '../../readings/verdicts.ts';
import { listed } from './listed.ts';
import { anyOpen } from './tried.ts';

/** Where the hosts file decides there is nothing to compare. */
const NAMES = ['dns', 'system-resolve', 'hosts-file'] as const;

/** What other resolvers say. */
export const DIFFERENCE_FACTS = {
  'dns.resolversDisagree': {
    type: 'boolean',
    meaning:
      'Another resolver says something incompatible with what the system uses. Sets that overlap, and one family against the other, are no disagreement. Null where fewer than two can be compared, or the hosts file decides.',
    from: NAMES,
  },
  'dns.differKind': {
    type: 'string',
    values: DIFFERENCES,
    meaning:
      "missing-here: only the other resolver has addresses; not-taken: the resolver has addresses, and this machine's own lookup ends with none; missing-there: only ours has; scope: one has private addresses or such that lead nowhere, the other public ones; network, neighbours: other addresses, far or in the same /24 (/48).",
    from: NAMES,
  },
  'dns.differBetween': {
    type: 'string',
    values: ['Resolvers', 'This machine and its resolver'],
    meaning: 'Who disagrees.',
    from: NAMES,
  },
  'dns.otherResolver': { type: 'string', meaning: 'The resolver that says otherwise.', from: NAMES },
  'dns.otherConfigured': { type: 'boolean', meaning: 'It is one of the configured resolvers.', from: NAMES },
  'dns.otherSays': { type: 'string', meaning: 'What it says: addresses, or the response code.', from: NAMES },
  'dns.hereSays': {
    type: 'string',
    meaning: 'What the system uses: addresses, or the response code of dns.answeredBy.',
    from: NAMES,
  },
  'dns.sameAlias': {
    type: 'boolean',
    meaning:
      'Both lead through the same CNAME: the difference is most likely made on purpose (geographic DNS).',
    from: NAMES,
  },
  'dns.otherAddressOpen': {
    type: 'boolean',
    meaning:
      'An address that only the other resolver gives accepts connections to the port; false when those that were tried do not.',
    from: [...NAMES, 'tcp-connect'],
  },
} as const satisfies FactTable;

export function differenceFacts(
  readings: Readings,
  { deciding, systemAddresses }: Names,
  { difference }: Naming,
): Partial<FactsOf<typeof DIFFERENCE_FACTS>> {
  if (difference === null) return {};
  if (!difference.disagree) return { 'dns.resolversDisagree': false };
  const { kind, other } = difference;
  const here = systemAddresses.length > 0 ? systemAddresses : (deciding?.addresses ?? []);
  const only = other.addresses.filter((address) => !includesAddress(here, address));
  return {
    'dns.resolversDisagree': true,
    'dns.differKind': kind,
    'dns.differBetween': kind === 'not-taken' ? 'This machine and its resolver' : 'Resolvers',
    'dns.otherResolver': other.resolver,
    'dns.otherConfigured': other.configured,
    'dns.otherSays': listed(other.addresses) ?? wordsFor(other),
    'dns.hereSays':
      kind === 'not-taken' ? 'no address' : (listed(here) ?? (deciding === null ? null : wordsFor(deciding))),
    'dns.sameAlias':
      deciding !== null &&
      other.cnames.length > 0 &&
      other.cnames.some((alias) => deciding.cnames.includes(alias)),
    'dns.otherAddressOpen': anyOpen(readings, only),
  };
}

const wordsFor = ({ kind, rcode }: Verdict): string =>
  kind === 'no-address' ? 'no address (NOERROR)' : (rcode ?? 'nothing');
