import type { Comparison, Condition, Facts, FactValue } from '../model.ts';

/** Kleene's three values; null = unknown. */
export type Truth = boolean | null;

export interface Judged {
  truth: Truth;
  /**
   * The facts that decided: of a true `any` only what is true in it, of a false `all` only what is false, of an
   * unknown condition only what is unknown. Without repeats, in the order of the condition.
   */
  used: string[];
}

type FactTests = { [fact: string]: FactValue | Comparison };
// A fact test is never a list, so a list tells a group of conditions from a fact.
const holdsList = (condition: Condition, key: string): boolean =>
  Array.isArray((condition as Record<string, unknown>)[key]);
export const isAll = (c: Condition): c is { all: Condition[] } => holdsList(c, 'all');
export const isAny = (c: Condition): c is { any: Condition[] } => holdsList(c, 'any');
export const isNone = (c: Condition): c is { none: Condition[] } => holdsList(c, 'none');
export const isComparison = (test: FactValue | Comparison): test is Comparison =>
  typeof test === 'object' && test !== null;

/** Whether the condition holds, by Kleene's logic: a fact that was not measured satisfies nothing and refutes nothing. */
export function judgeCondition(condition: Condition, facts: Facts): Judged {
  if (isAll(condition)) {
    return every(condition.all.map((c) => judgeCondition(c, facts)));
  }
  if (isAny(condition)) {
    return not(every(condition.any.map((c) => not(judgeCondition(c, facts)))));
  }
  if (isNone(condition)) {
    return every(condition.none.map((c) => not(judgeCondition(c, facts))));
  }
  return every(
    Object.entries(condition as FactTests).map(([fact, test]) => ({
      truth: judgeTest(valueIn(facts, fact), test, facts),
      used: [fact, ...otherFacts(test)],
    })),
  );
}

export const isTrue = (condition: Condition, facts: Facts): boolean =>
  judgeCondition(condition, facts).truth === true;

/** Every fact that the condition names. */
export function factsNamedIn(condition: Condition): string[] {
  if (isAll(condition)) return unique(condition.all.flatMap(factsNamedIn));
  if (isAny(condition)) return unique(condition.any.flatMap(factsNamedIn));
  if (isNone(condition)) return unique(condition.none.flatMap(factsNamedIn));
  return unique(
    Object.entries(condition as FactTests).flatMap(([fact, test]) => [fact, ...otherFacts(test)]),
  );
}

function every(parts: Judged[]): Judged {
  const truth: Truth = parts.some((p) => p.truth === false)
    ? false
    : parts.some((p) => p.truth === null)
      ? null
      : true;
  return { truth, used: unique(parts.filter((p) => p.truth === truth).flatMap((p) => p.used)) };
}

const not = ({ truth, used }: Judged): Judged => ({ truth: truth === null ? null : !truth, used });

function judgeTest(value: FactValue, test: FactValue | Comparison, facts: Facts): Truth {
  if (!isComparison(test)) return test === null || value === null ? null : value === test;
  const answers: Truth[] = [];
  if (test.measured !== undefined) answers.push((value !== null) === test.measured);
  if (test.not !== undefined) answers.push(test.not === null || value === null ? null : value !== test.not);
  if (test.in !== undefined) answers.push(value === null ? null : test.in.includes(value));
  if (test.above !== undefined) answers.push(compare(value, test.above, (a, b) => a > b));
  if (test.below !== undefined) answers.push(compare(value, test.below, (a, b) => a < b));
  if (test.atLeast !== undefined) answers.push(compare(value, test.atLeast, (a, b) => a >= b));
  if (test.atMost !== undefined) answers.push(compare(value, test.atMost, (a, b) => a <= b));
  if (test.moreThan !== undefined) {
    answers.push(compare(value, valueIn(facts, test.moreThan), (a, b) => a > b));
  }
  if (test.lessThan !== undefined) {
    answers.push(compare(value, valueIn(facts, test.lessThan), (a, b) => a < b));
  }
  if (test.equals !== undefined) {
    const other = valueIn(facts, test.equals);
    answers.push(value === null || other === null ? null : value === other);
  }
  return every(answers.map((truth) => ({ truth, used: [] }))).truth;
}

function compare(a: FactValue, b: FactValue, holds: (a: number, b: number) => boolean): Truth {
  return typeof a === 'number' && typeof b === 'number' ? holds(a, b) : null;
}

const valueIn = (facts: Facts, name: string): FactValue =>
  Object.hasOwn(facts, name) ? (facts[name] ?? null) : null;

function otherFacts(test: FactValue | Comparison): string[] {
  if (!isComparison(test)) return [];
  return [test.equals, test.moreThan, test.lessThan].filter((name) => name !== undefined);
}

const unique = (names: string[]): string[] => [...new Set(names)];
