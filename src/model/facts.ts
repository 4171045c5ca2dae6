import type { ProbeCatalogue, ProbeName } from './probes.ts';

export type FactValue = string | number | boolean | null;
/** Flat, named; null = not measured. The tables in src/judge/facts/*.ts name them all. */
export type Facts = Readonly<Record<string, FactValue>>;

type RoleOf<Input> = Input extends { role: infer R extends string }
  ? R
  : Input extends { question: infer Q extends string }
    ? Q
    : never;
/**
 * A probe of this client, or one role of it: `ping`, `trace-syn:reference`, `answer:symptom`. `vantage` = whatever was
 * observed from elsewhere.
 */
export type FactSource =
  | 'vantage'
  | {
      [P in ProbeName]: P | `${P}:${RoleOf<ProbeCatalogue[P]['input']>}`;
    }[ProbeName];

export interface FactDefinition {
  type: 'boolean' | 'number' | 'string';
  /** The closed set of a string fact, where it has one. */
  values?: readonly string[];
  /** One sentence: what it means, and null when. Goes into rules/README.md. */
  meaning: string;
  /**
   * With `scaledBy` everything that it is made from: without any other observation it is the same (a test drops them). Conclusions quote
   * those observations. Empty for what the user typed.
   */
  from: readonly FactSource[];
  /**
   * What tells how large a number in it has to be (how long a packet takes, before an attempt counts as silent). It is made from
   * that as well, and conclusions do not quote it.
   */
  scaledBy?: readonly FactSource[];
}
export type FactTable = Readonly<Record<string, FactDefinition>>;
type ValueOf<D extends FactDefinition> = D['type'] extends 'boolean'
  ? boolean
  : D['type'] extends 'number'
    ? number
    : D extends { values: readonly (infer V)[] }
      ? V
      : string;
/** The record a layer's fact function must return: every fact of its table, null where not measured. */
export type FactsOf<T extends FactTable> = { [K in keyof T]: ValueOf<T[K]> | null };
