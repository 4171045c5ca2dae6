import type { Family } from '../model/request.ts';
import type { Match, RuleStep } from '../model/ruleset.ts';

const isFamily = (family: Family): RuleStep => ({
  match: { field: 'family', test: { kind: 'numbers', ranges: [[family, family]] }, not: false },
});
const namesFamily = (match: Match): boolean => 'field' in match && match.field === 'family' && !match.not;

/**
 * Steps of a rule with the family that its `reject` is for. In a table for both families nft adds the family to
 * `reject with icmp ...` when it is loaded and leaves it out when it is listed; of `reject with tcp reset` the listing does not
 * tell whether there was one (`reset`: null = none, absent = not known).
 */
export function withFamily(
  steps: readonly RuleStep[],
  table: string,
  reset: Family | null | undefined,
): RuleStep[] {
  if (table !== 'inet' && table !== 'netdev') return [...steps];
  const isNamed = steps.some((step) => 'match' in step && namesFamily(step.match));
  return steps.flatMap((step): RuleStep[] => {
    if (!('effect' in step) || step.effect.do !== 'reject') return [step];
    const { how } = step.effect;
    if (how.startsWith('icmp ')) return [isFamily(4), step];
    if (how.startsWith('icmpv6 ')) return [isFamily(6), step];
    if (how !== 'tcp reset' || isNamed || reset === null) return [step];
    return [
      reset === undefined ? { match: { unknown: 'a family that nft does not list' } } : isFamily(reset),
      step,
    ];
  });
}
