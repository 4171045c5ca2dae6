import { readdir, readFile } from 'node:fs/promises';
import { parse } from 'yaml';
import { type Judgement, judge } from '../../src/judge/rules/judge.ts';
import { notKnown } from '../../src/judge/rules/yaml-reader.ts';
import type { Facts, FactTable, FactValue } from '../../src/model/facts.ts';
import type { Rule } from '../../src/model/rule.ts';

/** A rule judged on literal facts. The format is in rules/README.md, "Cases". */
export interface RuleCase {
  name: string;
  facts: Facts;
  expect: {
    first?: string | null;
    not?: string[];
    absent?: string;
    ruledOut?: string;
    notRuledOut?: string;
    explains?: string;
    where?: string | null;
    says?: string[];
    saysNot?: string[];
  };
  confidence?: { atLeast?: number; atMost?: number };
}

export interface CaseFile {
  /** The cause whose cases these are: the file's name. */
  id: string;
  cases: RuleCase[];
}

const KEYS = ['name', 'facts', 'expect', 'confidence'];
const EXPECTATIONS = [
  'first',
  'not',
  'absent',
  'ruledOut',
  'notRuledOut',
  'explains',
  'where',
  'says',
  'saysNot',
];
const FOLDER = new URL('./cases/', import.meta.url);

export async function readCases(): Promise<CaseFile[]> {
  const names = await readdir(FOLDER).catch(() => [] as string[]);
  return Promise.all(
    names
      .filter((name) => name.endsWith('.yaml'))
      .sort()
      .map(async (name) => {
        const cases: unknown = parse(await readFile(new URL(name, FOLDER), 'utf8'));
        if (!Array.isArray(cases)) throw new Error(`${name}: expected a list of cases`);
        return { id: name.replace(/\.yaml$/, ''), cases: cases as RuleCase[] };
      }),
  );
}

/** What is wrong with a case itself, before anything is judged: a case that asks nothing must not pass. */
export function mistakesIn(one: RuleCase, table: FactTable, ids: readonly string[]): string[] {
  const mistakes: string[] = [];
  for (const key of Object.keys(one))
    if (!KEYS.includes(key)) mistakes.push(`unknown key ${notKnown(key, KEYS)}`);
  for (const [name, value] of Object.entries(one.facts ?? {})) {
    const fact = Object.hasOwn(table, name) ? table[name] : undefined;
    if (fact === undefined) mistakes.push(`unknown fact ${notKnown(name, Object.keys(table))}`);
    else if (value !== null && typeof value !== fact.type) {
      mistakes.push(`${name} is a ${fact.type}, not ${JSON.stringify(value)}`);
    } else if (value !== null && fact.values !== undefined && !fact.values.includes(value as string)) {
      mistakes.push(`${name} is never ${notKnown(value as string, fact.values)}`);
    }
  }
  const asked = Object.entries(one.expect ?? {});
  if (asked.length === 0) mistakes.push('expects nothing');
  for (const [key] of asked) {
    if (!EXPECTATIONS.includes(key)) mistakes.push(`unknown expectation ${notKnown(key, EXPECTATIONS)}`);
  }
  const { first, not = [], absent, ruledOut, notRuledOut, explains } = one.expect ?? {};
  if (!Array.isArray(not)) mistakes.push('"not" is a list of ids');
  else {
    for (const id of [first, ...not, absent, ruledOut, notRuledOut, explains]) {
      if (typeof id === 'string' && !ids.includes(id)) mistakes.push(`unknown cause ${notKnown(id, ids)}`);
    }
  }
  return mistakes;
}

/** The case's facts as one address, all others null. */
export function judgeCase(one: RuleCase, rules: readonly Rule[], table: FactTable): Judgement {
  const facts: Record<string, FactValue> = Object.fromEntries(Object.keys(table).map((name) => [name, null]));
  Object.assign(facts, one.facts);
  const address = typeof facts['target.address'] === 'string' ? facts['target.address'] : null;
  return judge(rules, [{ address, facts, observations: [] }], table);
}

/** Sentences about what came out otherwise than expected; none = the case holds. */
export function failuresOf(one: RuleCase, { causes, ruledOut }: Judgement): string[] {
  const {
    first,
    not = [],
    absent,
    ruledOut: out,
    notRuledOut,
    explains,
    where,
    says = [],
    saysNot = [],
  } = one.expect;
  const lead = causes[0];
  const ranking = causes.map((c) => `${c.id} ${c.confidence}`).join(', ') || 'no cause';
  const failures: string[] = [];
  if (first !== undefined && (lead?.id ?? null) !== first) failures.push(`first is not ${first}: ${ranking}`);
  if (lead !== undefined && not.includes(lead.id)) failures.push(`${lead.id} must not be first: ${ranking}`);
  if (absent !== undefined && causes.some((c) => c.id === absent))
    failures.push(`${absent} is there: ${ranking}`);
  if (out !== undefined && !ruledOut.some((r) => r.id === out)) {
    failures.push(`${out} is not ruled out: ${ruledOut.map((r) => r.id).join(', ') || 'nothing is'}`);
  }
  const wrongly = ruledOut.find(({ id }) => id === notRuledOut);
  if (wrongly !== undefined) failures.push(`${wrongly.id} is ruled out: ${wrongly.text}`);
  if (explains !== undefined && !lead?.explains.some((e) => e.id === explains)) {
    failures.push(`${lead?.id} does not explain ${explains}: ${ranking}`);
  }
  if (where !== undefined && (lead?.where?.kind ?? null) !== where) {
    failures.push(`is at ${JSON.stringify(lead?.where ?? null)}, not at ${where}`);
  }
  const told = JSON.stringify(lead ?? null);
  for (const words of says) if (!told.includes(words)) failures.push(`does not say "${words}": ${told}`);
  for (const words of saysNot) if (told.includes(words)) failures.push(`says "${words}"`);
  const { atLeast = 0, atMost = 1 } = one.confidence ?? {};
  if (one.confidence !== undefined && !(lead && lead.confidence >= atLeast && lead.confidence <= atMost)) {
    failures.push(`confidence is not within ${atLeast} and ${atMost}: ${ranking}`);
  }
  return failures;
}

/** True where the case shows that its cause leads. */
export const showsLead = (id: string, one: RuleCase): boolean => one.expect.first === id;
/** True where the case shows that its cause does not lead. */
export const isNearMiss = (id: string, { expect }: RuleCase): boolean =>
  (expect.first !== undefined && expect.first !== id) ||
  (expect.not ?? []).includes(id) ||
  expect.absent === id ||
  expect.ruledOut === id;
