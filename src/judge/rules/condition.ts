import type { Facts, FactValue } from '../../model/facts.ts';
import type { Comparison, Condition } from '../../model/rule.ts';

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

/** Whether the condition holds, by Kleene's logic: a fact that was not measured satisfies nothing and refutes nothing. */
export function judgeCondition(condition: Condition, facts: Facts): Judged {
  return every(
    Object.entries(condition).map(([name, test]) => {
      if (!isGroup(test)) {
        return { truth: judgeTest(valueIn(facts, name), test, facts), used: [name, ...otherFacts(test)] };
      }
      const parts = test.map((part) => judgeCondition(part, facts));
      if (name === 'all') return every(parts);
      if (name === 'none') return every(parts.map(not));
      return not(every(parts.map(not)));
    }),
  );
}

type Test = FactValue | Comparison | Condition[];
const isGroup = (test: Test): test is Condition[] => Array.isArray(test);
const isComparison = (test: FactValue | Comparison): test is Comparison =>
  typeof test === 'object' && test !== null;

export const isTrue = (condition: Condition, facts: Facts): boolean =>
  judgeCondition(condition, facts).truth === true;

/** Every fact that the condition names. */
export function factsNamedIn(condition: Condition): string[] {
  return unique(
    Object.entries(condition).flatMap(([name, test]) =>
      isGroup(test) ? test.flatMap(factsNamedIn) : [name, ...otherFacts(test)],
    ),
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
  if (test.notKnownToBe !== undefined) answers.push(value !== test.notKnownToBe);
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
