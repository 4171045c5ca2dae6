import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type * as v from 'valibot';
import { describe, expect, it } from 'vitest';
import { type EVIDENCE_SCHEMA, wrongPlace } from '../../src/command/evidence-schema.ts';
import type { Evidence } from '../../src/model/evidence.ts';
import type { Observation, ProbeName } from '../../src/model/probes.ts';

type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;
/** Optional and `| undefined` are one thing in JSON. */
type Plain<T> = T extends readonly (infer E)[]
  ? Plain<E>[]
  : T extends object
    ? { [K in keyof T]: Plain<Exclude<T[K], undefined>> }
    : T;
type Described = v.InferOutput<typeof EVIDENCE_SCHEMA>;
type Part<P, K> = K extends keyof P ? P[K] : never;
type OfProbe<O, P> = Extract<O, { probe: P }>;
type Differing = {
  [P in ProbeName]: Same<
    Plain<Part<OfProbe<Described['observations'][number], P>, 'input' | 'outcome' | 'data'>>,
    Plain<Part<OfProbe<Observation, P>, 'input' | 'outcome' | 'data'>>
  > extends true
    ? never
    : P;
}[ProbeName];

/** A type error here: the model has changed and the schema of saved evidence has not. */
const CHANGED: Record<Differing, never> = {};
const SAME_FRAME: Same<Plain<Omit<Described, 'observations'>>, Plain<Omit<Evidence, 'observations'>>> = true;

const SCENARIOS = fileURLToPath(new URL('../scenarios/', import.meta.url));
const saved = readdirSync(SCENARIOS, { withFileTypes: true })
  .filter((entry) => entry.isDirectory())
  .map((entry): [string, unknown] => [
    entry.name,
    JSON.parse(readFileSync(join(SCENARIOS, entry.name, 'evidence.json'), 'utf8')),
  ]);
const [, sample] = saved[0] as [string, Evidence];

describe('what can be replayed', () => {
  it('is what the model says', () => {
    expect(CHANGED).toEqual({});
    expect(SAME_FRAME).toBe(true);
  });

  it.each(saved)('%s, which was recorded', (_, evidence) => {
    expect(wrongPlace(evidence)).toBeNull();
  });

  it('may hold more than this version knows', () => {
    expect(wrongPlace({ ...sample, more: [{ name: 'later' }] })).toBeNull();
  });

  it.each<[string, (evidence: Evidence) => unknown]>([
    ['the whole', () => null],
    ['the whole', () => 'text'],
    ['startedAt', (one) => ({ ...one, startedAt: '2026-99-99T99:99:99.999Z' })],
    [
      'request.target.port',
      (one) => ({ ...one, request: { ...one.request, target: { ...one.request.target, port: 0 } } }),
    ],
    ['vantage.searchDomains', (one) => ({ ...one, vantage: { ...one.vantage, searchDomains: 'corp' } })],
    [
      'observations.0.durationMs',
      (one) => ({ ...one, observations: [{ ...one.observations[0], durationMs: Number.POSITIVE_INFINITY }] }),
    ],
    [
      'observations.0.probe',
      (one) => ({ ...one, observations: [{ ...one.observations[0], probe: 'constructor' }] }),
    ],
    ['observations.0.input', (one) => ({ ...one, observations: [{ ...one.observations[0], input: null }] })],
  ])('has its first wrong place named: %s', (place, change) => {
    expect(wrongPlace(change(structuredClone(sample)))).toBe(place);
  });
});
