import { sameAddress } from '../ground/address.ts';
import type { Cause, Check, Report, Task } from '../model/report.ts';
import type { Owner } from '../model/rule.ts';
import { systemName } from '../model/systems.ts';

/** Tasks for whoever they are for, in the order in which they stand. */
export function byOwner<T extends Task>(tasks: readonly T[]): [Owner, T[]][] {
  return [...new Set(tasks.map(({ who }) => who))].map((owner) => [
    owner,
    tasks.filter(({ who }) => who === owner),
  ]);
}

/** What is told at once: what holds for every system, and on the reader's own side what is for theirs. */
export const atOnce = <T extends Task>(tasks: readonly T[]): T[] => {
  const shown = tasks.filter(({ system, who }) => system === undefined || who === 'you');
  return shown.length > 0 ? shown : [...tasks];
};

/** What is for single systems of the far side, and goes into an appendix. */
export const onlyFor = <T extends Task>(tasks: readonly T[]): T[] => {
  const shown = new Set(atOnce(tasks));
  return tasks.filter((task) => !shown.has(task));
};

/** A task of one system, with the system's name before it where others stand beside it. */
export const taskWords = ({ system, do: words }: Task): string =>
  system === undefined ? words : `${systemName(system)}: ${words}`;

/** Who acts: the owner of the cause, or where nothing is asked of the owner and something of the reader, whoever is asked first. */
export const actorOf = ({ owner, fixes }: Cause): Owner =>
  fixes.some(({ who }) => who === owner) || !fixes.some(({ who }) => who === 'you')
    ? owner
    : (fixes[0]?.who ?? owner);

/** Below this a cause is no answer. */
const LEAST_ANSWER = 0.2;

export const isUnclear = ({ confidence }: Cause): boolean => confidence < LEAST_ANSWER;

/** Where the target is reachable, a cause that is no answer is a remark beside it: nobody is asked for anything. */
export const isRemark = ({ outcome, causes: [lead] }: Pick<Report, 'outcome' | 'causes'>): boolean =>
  outcome === 'reachable' && lead !== undefined && isUnclear(lead);

/** The leading cause, with whoever acts as its owner: nobody is written to who has nothing to do. */
export function leadOf(report: Pick<Report, 'outcome' | 'causes'>): Cause | null {
  const [lead] = report.causes;
  return lead === undefined || isRemark(report) ? null : { ...lead, owner: actorOf(lead) };
}

/** What may be seen, a row each; none where the check says it in one sentence. */
export const outcomeRows = ({ outcomes = [] }: Check): { see: string; means: string }[] => outcomes;

/** Of two causes of two addresses both are true: neither stands in for the other. */
export const isElsewhere = (lead: Cause, { address }: Cause): boolean =>
  lead.address !== null && address !== null && !sameAddress(lead.address, address);

/** From this on an inferred cause is a fault of its own beside one that was read. */
export const CERTAIN = 0.8;

/** Below this a cause of another address is a guess that nobody should act upon. */
const LEAST_TO_MEND = 0.2;

/** The leading cause, every other one that was read, and that of another address: each has to be mended. */
export const toMend = (report: Report): Cause[] => {
  const [lead, ...others] = report.causes;
  return lead === undefined || isRemark(report)
    ? []
    : [
        lead,
        ...others.filter(
          (other) =>
            other.observed === true ||
            (lead.observed === true && other.confidence >= CERTAIN) ||
            (isElsewhere(lead, other) && other.confidence >= LEAST_TO_MEND),
        ),
      ];
};
