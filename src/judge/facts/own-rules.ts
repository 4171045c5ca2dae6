import type { FactsOf, FactTable } from '../../model/facts.ts';
import type { Readings } from '../readings/index.ts';
import { placeOf } from '../ruleset/found-rule.ts';
import { decidedHere } from '../ruleset/own-rules.ts';

const FROM = ['own-rules', 'local-network'] as const;

export const OWN_RULES_FACTS = {
  'local.ruleVerdict': {
    type: 'string',
    values: ['sent', 'dropped', 'rejected', 'answer-dropped', 'may'],
    meaning:
      "What this machine's own rules do with a SYN to the port and with its answer, by the rules themselves; null where they could not be read.",
    from: FROM,
  },
  'local.rule': { type: 'string', meaning: 'The rule that decides, in its own words.', from: FROM },
  'local.rulePlace': {
    type: 'string',
    meaning: 'Where it stands: rule 3 of chain output in table inet filter.',
    from: FROM,
  },
  'local.ruleBy': {
    type: 'string',
    meaning: 'Who made it: nftables, iptables, ufw, firewalld zone public ...',
    from: FROM,
  },
  'local.ruleCounted': {
    type: 'boolean',
    meaning: 'Its counter grew by a connection to the port; null where it has none.',
    from: FROM,
  },
} as const satisfies FactTable;

export function ownRulesFacts(readings: Readings): FactsOf<typeof OWN_RULES_FACTS> {
  const decided = decidedHere(readings);
  const rule = decided?.rule ?? null;
  return {
    'local.ruleVerdict': decided?.verdict ?? null,
    'local.rule': rule?.text ?? null,
    'local.rulePlace': rule === null ? null : placeOf(rule),
    'local.ruleBy': rule?.firewall ?? null,
    'local.ruleCounted': rule?.counted ?? null,
  };
}
