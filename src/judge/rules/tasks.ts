import type { Facts } from '../../model/facts.ts';
import type { Check, Task } from '../../model/report.ts';
import type { Owner, Rule } from '../../model/rule.ts';
import { runsOn } from '../../model/systems.ts';
import { isTrue } from './condition.ts';
import { outcomesOf } from './outcomes.ts';
import { commandLine, sentence } from './template.ts';

/** A check of a rule, with what is known put in. */
export function checkIn(check: Rule['verify'][number], facts: Facts): Check {
  const outcomes = outcomesOf(check);
  return {
    ...taskIn(check, facts),
    expect: sentence(check.expect, facts),
    ...(outcomes === null
      ? {}
      : {
          outcomes: outcomes.map(({ see, means, cause = null }) => ({
            see: sentence(see, facts),
            means: sentence(means, facts),
            cause,
          })),
        }),
  };
}

export function taskIn(task: Rule['fix'][number], facts: Facts): Task {
  return {
    who: hereOwner(task.who, facts),
    ...(task.system === undefined ? {} : { system: task.system }),
    do: sentence(task.do, facts),
    run: task.run === undefined ? null : commandLine(task.run, facts),
  };
}

/** On the reader's own machine nobody else administers anything. */
export const hereOwner = (owner: Owner, facts: Facts): Owner =>
  facts['local.route'] === 'local' ? 'you' : owner;

/** Its condition holds, and where it is for the reader's own machine it is for that machine's system. */
export function isForHere(
  { if: asked, who, system }: Pick<Rule['fix'][number], 'if' | 'who' | 'system'>,
  facts: Facts,
): boolean {
  if (asked !== undefined && !isTrue(asked, facts)) return false;
  const os = facts['vantage.os'];
  if (system === undefined || hereOwner(who, facts) !== 'you' || typeof os !== 'string') return true;
  return runsOn(system, os);
}
