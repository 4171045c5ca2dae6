import { FACT_TABLE } from '../judge/facts/index.ts';
import { readingsOf } from '../judge/readings/index.ts';
import { reportOf, viewsOf } from '../judge/report-of.ts';
import { factsNamedIn, judgeCondition } from '../judge/rules/condition.ts';
import type { Evidence } from '../model/evidence.ts';
import type { Facts } from '../model/facts.ts';
import { ANSWERS, type Effect, type Inquiry } from '../model/inquiry.ts';
import type { Step } from '../model/probes.ts';
import type { Cause, Report } from '../model/report.ts';
import type { Answers } from '../model/request.ts';
import type { Rule } from '../model/rule.ts';
import { withAnswers } from './answers.ts';
import { nextSteps } from './plan/index.ts';

/** A question that is expected to move less than this is not worth the user's time. */
const LEAST_WORTH = 0.02;
const RUN = { version: '', durationMs: 0 };

/**
 * What is worth asking the user, the most telling first: each question that is open is answered in every way, the
 * evidence is judged again with it, and the plan is asked what it would measure. Pure, and the same for the same evidence.
 */
export function inquiriesOf(evidence: Evidence, rules: readonly Rule[]): Inquiry[] {
  const now = reportOf(evidence, rules, RUN);
  const planned = new Set(plannedFor(evidence).map(({ id }) => id));
  const factsNow = viewsOf(evidence).map(({ facts }) => facts);
  const questions = Object.keys(ANSWERS) as (keyof Answers)[];
  return questions
    .filter((question) => evidence.request.answers[question] === undefined)
    .map((question): Inquiry => {
      const effects = ANSWERS[question].map((value) =>
        effectOf({ [question]: value }, { evidence, rules, now, planned, factsNow }),
      );
      const worths = effects.map(({ change, promise }) => Math.max(change, promise));
      return { question, worth: worths.reduce((sum, one) => sum + one, 0) / worths.length, effects };
    })
    .filter(({ worth }) => worth >= LEAST_WORTH)
    .sort((a, b) => b.worth - a.worth);
}

interface Now {
  evidence: Evidence;
  rules: readonly Rule[];
  now: Report;
  planned: ReadonlySet<string>;
  factsNow: readonly Facts[];
}

function effectOf(answer: Answers, { evidence, rules, now, planned, factsNow }: Now): Effect {
  const told = withAnswers(evidence, answer);
  const { causes } = reportOf(told, rules, RUN);
  const [lead] = causes;
  const more = plannedFor(told).filter((step) => !planned.has(step.id));
  return {
    value: String(Object.values(answer)[0]),
    change: changeBetween(now.causes, causes),
    lead:
      lead === undefined
        ? null
        : { id: lead.id, title: lead.title, before: shareOf(lead.id, now.causes), after: lead.confidence },
    leadIsNew: lead !== undefined && lead.id !== now.causes[0]?.id,
    measures: more.map(({ id }) => id),
    promise: more.length === 0 ? 0 : openShare(now.causes) * waitingFor(more, rules, factsNow),
  };
}

function plannedFor(evidence: Evidence): Step[] {
  const made = new Set(evidence.observations.map(({ id }) => id));
  return nextSteps(readingsOf(evidence)).filter(({ id, probe }) => probe !== 'answer' && !made.has(id));
}

/** The part of the rules that are not out of the question which wait for a fact that one of the steps would bring. */
function waitingFor(steps: readonly Step[], rules: readonly Rule[], views: readonly Facts[]): number {
  const sources = new Set<string>(
    steps.flatMap(({ probe, input }) => [probe, `${probe}:${(input as { role?: string }).role}`]),
  );
  const brought = new Set(
    Object.keys(FACT_TABLE).filter((name) => FACT_TABLE[name]!.from.some((source) => sources.has(source))),
  );
  const parts = views.map((facts) => {
    const possible = rules.filter(({ when }) => judgeCondition(when, facts).truth !== false);
    const waiting = possible.filter(({ when, evidence, ruledOut }) =>
      [when, ...[...evidence, ...ruledOut].map((one) => one.if)]
        .flatMap(factsNamedIn)
        .some((name) => (facts[name] ?? null) === null && brought.has(name)),
    );
    return possible.length === 0 ? 0 : waiting.length / possible.length;
  });
  return Math.max(0, ...parts);
}

/** What no cause explains yet: all of it where none was found, nothing where one was read. */
const openShare = ([lead]: readonly Cause[]): number =>
  lead === undefined ? 1 : lead.observed === true ? 0 : 1 - lead.confidence;

const shareOf = (id: string, causes: readonly Cause[]): number =>
  causes.find((cause) => cause.id === id)?.confidence ?? 0;

/** The part of the whole that stands elsewhere than before: total variation, with what is not in the catalogue. */
export function changeBetween(before: readonly Cause[], after: readonly Cause[]): number {
  const inferred = (causes: readonly Cause[]) => causes.filter(({ observed }) => observed !== true);
  const [a, b] = [inferred(before), inferred(after)];
  const ids = new Set([...a, ...b].map(({ id }) => id));
  const rest = (causes: readonly Cause[]) => 1 - causes.reduce((sum, { confidence }) => sum + confidence, 0);
  const moved = [...ids].reduce((sum, id) => sum + Math.abs(shareOf(id, a) - shareOf(id, b)), 0);
  return (moved + Math.abs(rest(a) - rest(b))) / 2;
}
