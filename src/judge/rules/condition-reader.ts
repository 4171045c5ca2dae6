import type { Node, Scalar } from 'yaml';
import type { FactDefinition, FactValue } from '../../model/facts.ts';
import type { Comparison, Condition } from '../../model/rule.ts';
import { notKnown, quoted } from './yaml-reader.ts';
import {
  type Context,
  canonical,
  currentName,
  type Keys,
  kindOf,
  listOf,
  pairsOf,
  plainText,
} from './yaml-shapes.ts';

const MAX_CONDITION_DEPTH = 8;
const GROUPS: readonly string[] = ['all', 'any', 'none'];
/** The key under which a condition of conditions.yaml is used by its name. */
const BY_NAME = 'is';
const NUMBER_TESTS = ['above', 'below', 'atLeast', 'atMost'] as const;
const FACT_TESTS = ['equals', 'moreThan', 'lessThan'] as const;
const VALUE_TESTS = ['not', 'notKnownToBe'] as const;
const TESTS = [...VALUE_TESTS, 'in', 'measured', ...NUMBER_TESTS, ...FACT_TESTS];

export function condition(node: Node | null | undefined, context: Context, depth = 0): Condition {
  const { reader, table } = context;
  if (node === undefined || node === null) return {};
  if (depth > MAX_CONDITION_DEPTH) {
    reader.wrong(node, 'this condition is too deeply nested');
    return {};
  }
  if (!reader.yaml.isMap(node)) {
    reader.wrong(
      node,
      `a condition is a map (\`fact: value\`, all, any, none, is), not ${kindOf(node, reader)}`,
    );
    return {};
  }
  const pairs = pairsOf(node, reader);
  if (pairs.length === 0) reader.wrong(node, 'an empty condition would always be true');
  const named: Condition[] = [];
  const tests = pairs.flatMap(({ name, key, value }): [string, FactValue | Comparison | Condition[]][] => {
    if (name === BY_NAME) {
      named.push(...namedConditions(value, context));
      return [];
    }
    if (GROUPS.includes(name)) {
      const parts = listOf(value, context, (part) => condition(part, context, depth + 1));
      if (reader.yaml.isSeq(value) && parts.length === 0) reader.wrong(value, `"${name}" of nothing`);
      return [[name, parts]];
    }
    const fact = currentName(name, key, context);
    if (fact !== null) return [[fact, factTest(fact, table[fact]!, value, context)]];
    reader.wrong(key, `unknown fact ${notKnown(name, [...Object.keys(table), ...GROUPS, BY_NAME])}`);
    return [];
  });
  refuseRepeats(tests, node, context);
  return withNamed(Object.fromEntries(tests), named);
}

/** `is: name` or `is: [name, other]`: all of them must hold. */
function namedConditions(node: Node, context: Context): Condition[] {
  const one = (at: Node): Condition => {
    const name = plainText(at, context);
    const found = name === '' ? {} : context.conditionNamed(name, at);
    if (found !== null) return found;
    context.reader.wrong(at, `unknown condition ${notKnown(name, context.conditionNames)}`);
    return {};
  };
  return context.reader.yaml.isSeq(node) ? listOf(node, context, one) : [one(node)];
}

/** A named condition alone is that condition; beside other tests it is one more that must hold. */
function withNamed(tests: Condition, named: readonly Condition[]): Condition {
  if (named.length === 0) return tests;
  if (named.length === 1 && Object.keys(tests).length === 0) return named[0]!;
  const all = (tests.all ?? []) as Condition[];
  return { ...tests, all: [...all, ...named] };
}

/** `{ a: 1, all: [{ a: 1 }] }`: what must hold already, once more. */
function refuseRepeats(
  tests: readonly [string, FactValue | Comparison | Condition[]][],
  node: Node,
  { reader }: Context,
): void {
  const beside = new Set(tests.map(([name, test]) => canonical({ [name]: test })));
  const all = tests.find(([name]) => name === 'all')?.[1] as Condition[] | undefined;
  const twice = all?.find((part) => Object.keys(part).length === 1 && beside.has(canonical(part)));
  if (twice !== undefined) {
    reader.wrong(node, `"${Object.keys(twice)[0]}" is asked twice: beside "all" and in it`);
  }
}

export function optionalIf(keys: Keys, context: Context): { if?: Condition } {
  return keys.has('if') ? { if: condition(keys.get('if'), context) } : {};
}

function factTest(
  fact: string,
  definition: FactDefinition,
  node: Node,
  context: Context,
): FactValue | Comparison {
  const { reader } = context;
  if (!reader.yaml.isMap(node)) return factValue(fact, definition, node, context);
  const test: Comparison = {};
  const pairs = pairsOf(node, reader);
  if (pairs.length === 0) reader.wrong(node, 'an empty comparison would always be true');
  for (const { name, key, value } of pairs) {
    const number = NUMBER_TESTS.find((word) => word === name);
    const other = FACT_TESTS.find((word) => word === name);
    if (name === 'measured') {
      if (reader.yaml.isScalar(value) && typeof value.value === 'boolean') test.measured = value.value;
      else reader.wrong(value, `"measured" is true or false, not ${kindOf(value, reader)}`);
    } else if (name === 'not' || name === 'notKnownToBe') {
      test[name] = factValue(fact, definition, value, context);
    } else if (name === 'in') {
      test.in = listOf(value, context, (item) => factValue(fact, definition, item, context));
      if (test.in.length === 0 && reader.yaml.isSeq(value))
        reader.wrong(value, '"in" an empty list is never true');
    } else if (number !== undefined) {
      if (definition.type !== 'number')
        reader.wrong(key, `"${name}" compares numbers, and ${fact} is a ${definition.type}`);
      else if (reader.yaml.isScalar(value) && Number.isFinite(value.value))
        test[number] = value.value as number;
      else reader.wrong(value, `"${name}" needs a number, not ${kindOf(value, reader)}`);
    } else if (other !== undefined) {
      test[other] = otherFact(fact, definition, other, value, context);
    } else {
      reader.wrong(key, `unknown comparison ${notKnown(name, TESTS)} (one of ${TESTS.join(', ')})`);
    }
  }
  return test;
}

function otherFact(
  fact: string,
  definition: FactDefinition,
  word: (typeof FACT_TESTS)[number],
  node: Node,
  context: Context,
): string {
  const { reader, table } = context;
  const written = plainText(node, context);
  const name = currentName(written, node, context) ?? written;
  const other = Object.hasOwn(table, name) ? table[name]! : null;
  if (other === null) {
    reader.wrong(
      node,
      `"${word}" needs the name of a fact; unknown fact ${notKnown(name, Object.keys(table))}`,
    );
  } else if (other.type !== definition.type) {
    reader.wrong(
      node,
      `${fact} is a ${definition.type} and ${name} is a ${other.type}: they are never equal`,
    );
  } else if (word !== 'equals' && definition.type !== 'number') {
    reader.wrong(node, `"${word}" compares numbers, and ${fact} is a ${definition.type}`);
  }
  return name;
}

function factValue(fact: string, definition: FactDefinition, node: Node, { reader }: Context): FactValue {
  if (!reader.yaml.isScalar(node)) {
    reader.wrong(node, `${fact} is a ${definition.type}, not ${kindOf(node, reader)}`);
    return null;
  }
  const { value } = node;
  if (value === null) {
    reader.wrong(node, `nothing equals "not measured": write \`${fact}: { measured: false }\``);
    return null;
  }
  if (typeof value !== definition.type) {
    const hint =
      definition.type === 'string' ? `: write ${quoted((node as Scalar).source ?? String(value))}` : '';
    reader.wrong(node, `${fact} is a ${definition.type}, not ${kindOf(node, reader)}${hint}`);
    return null;
  }
  if (definition.values !== undefined && !definition.values.includes(value as string)) {
    const words = definition.values.join(', ');
    reader.wrong(node, `${fact} is never ${notKnown(value as string, definition.values)} (one of ${words})`);
  }
  return value as FactValue;
}
