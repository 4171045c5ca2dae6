import type { Evidence } from './evidence.ts';

export type FactValue = string | number | boolean | null;
/** Flat, named; null = not measured. The tables in src/judge/facts/*.ts name them all. */
export type Facts = Readonly<Record<string, FactValue>>;

export interface FactDefinition {
  type: 'boolean' | 'number' | 'string';
  /** The closed set of a string fact, where it has one. */
  values?: readonly string[];
  /** One sentence: what it means, and null when. Goes into rules/README.md. */
  meaning: string;
  /** Where it comes from: `probe` or `probe:role` (`trace-syn:control`). Conclusions quote those observations. Empty for what the user typed. */
  from: readonly string[];
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

/** What a layer's facts are computed from: the evidence, seen from one address of the target (null before one is known). */
export interface View {
  evidence: Evidence;
  address: string | null;
}
