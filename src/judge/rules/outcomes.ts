import type { RuleVerify } from '../../model/rule.ts';

type Outcomes = NonNullable<RuleVerify['outcomes']>;

/** `One thing: its meaning. Another: its.` */
const NEXT = /(?<=[.!?]["']?) (?=[^.!?:]{1,90}: )/;
const ROW = /^([^:]{1,90}): (.+)$/s;

/**
 * What may be seen and what it means, a row each: as the rule lists it, else taken from an `expect` that is written
 * that way. Of the template, so that no value from the network makes a row.
 */
export function outcomesOf({ outcomes, expect }: RuleVerify): Outcomes | null {
  if (outcomes !== undefined) return outcomes;
  const rows = expect.split(NEXT).map((part) => ROW.exec(part));
  if (rows.length < 2) return null;
  const found = rows.flatMap((row) =>
    row === null ? [] : [{ see: row[1]!, means: row[2]!.replace(/\.$/, '') }],
  );
  return found.length === rows.length ? found : null;
}
