import { basename } from 'node:path';
import type { Node, ParsedNode, Scalar, YAMLMap } from 'yaml';
import type { FactDefinition, FactTable, FactValue } from '../../model/facts.ts';
import type { Comparison, Condition, Layer, Owner, Place, Rule } from '../../model/rule.ts';
import { placeholdersOf } from './template.ts';
import { notKnown, type YamlReader } from './yaml-reader.ts';

const LAYERS: readonly Layer[] = ['local', 'dns', 'path', 'host', 'service'];
const OWNERS: readonly Owner[] = ['you', 'network-admin', 'server-admin', 'dns-admin', 'service-owner'];
const SCOPES = ['address', 'target'] as const;
const PLACES = Object.keys({
  'this-machine': true,
  resolver: true,
  target: true,
  stop: true,
  refuser: true,
  'before-host': true,
  acceptor: true,
  loop: true,
  mtu: true,
  cut: true,
  nowhere: true,
} satisfies Record<Place, true>) as Place[];

const ID = /^[a-z][a-z0-9]*(-[a-z0-9]+)*$/;
/** e^10 is 22026 to 1: nothing that a client measures is worth more. */
const MOST_LOG_ODDS = 10;
const MAX_CONDITION_DEPTH = 8;
const FEWEST_KEYS = 4;
const GROUPS: readonly string[] = ['all', 'any', 'none'];
const NUMBER_TESTS = ['above', 'below', 'atLeast', 'atMost'] as const;
const FACT_TESTS = ['equals', 'moreThan', 'lessThan'] as const;
const TESTS = ['not', 'in', 'measured', ...NUMBER_TESTS, ...FACT_TESTS];

/** A cause that the rule names, and where: checked when all ids are known. */
export interface NamedCause {
  id: string;
  node: Node;
}

interface Context {
  reader: YamlReader;
  table: FactTable;
  named: NamedCause[];
}

/**
 * The rule of a YAML root. Every problem goes to `reader.wrong`; the rule is only fit for use when there was none.
 */
export function readRule(
  root: ParsedNode | null,
  file: string,
  reader: YamlReader,
  table: FactTable,
): { rule: Rule; named: NamedCause[] } {
  const context: Context = { reader, table, named: [] };
  const keys = mapOf(
    root,
    'a rule',
    [
      'id',
      'title',
      'layer',
      'owner',
      'about',
      'when',
      'prior',
      'priorReason',
      'place',
      'evidence',
      'fix',
      'verify',
    ],
    ['scope', 'lesser', 'ruledOut', 'confusedWith', 'supersedes'],
    context,
  );
  // With so few of a rule's keys it is somebody else's file: none of its values is looked at, so none is quoted.
  if (keys.size < FEWEST_KEYS) keys.clear();
  const get = (key: string): Node | null => keys.get(key) ?? null;
  const id = idOf(get('id'), context);
  const expected = basename(file).replace(/\.yaml$/, '');
  if (id !== '' && id !== expected) {
    reader.wrong(get('id'), `the file is named "${basename(file)}", so the id must be "${expected}"`);
  }
  const scope = get('scope');
  const rule: Rule = {
    id,
    title: template(get('title'), context),
    layer: oneOf(get('layer'), LAYERS, 'layer', context),
    ...(scope === null ? {} : { scope: oneOf(scope, SCOPES, 'scope', context) }),
    ...(get('lesser') === null ? {} : { lesser: truthOf(get('lesser'), context) }),
    owner: oneOf(get('owner'), OWNERS, 'owner', context),
    about: plainText(get('about'), context),
    when: condition(get('when'), 0, context),
    prior: logOdds(get('prior'), context),
    priorReason: plainText(get('priorReason'), context),
    place: listOf(get('place'), context, (item) => {
      const keys = mapOf(item, 'a place', ['at'], ['if'], context);
      return { ...optionalIf(keys, context), at: oneOf(keys.get('at'), PLACES, 'place', context) };
    }),
    evidence: listOf(get('evidence'), context, (item) => {
      const keys = mapOf(item, 'evidence', ['if', 'weight', 'say'], ['reason'], context);
      return {
        if: condition(keys.get('if'), 0, context),
        weight: weight(keys.get('weight'), context),
        say: template(keys.get('say'), context),
        ...optionalText(keys, 'reason', plainText, context),
      };
    }),
    fix: listOf(get('fix'), context, (item) => {
      const keys = mapOf(item, 'a fix', ['who', 'do'], ['if', 'system', 'run'], context);
      return {
        ...optionalIf(keys, context),
        who: oneOf(keys.get('who'), OWNERS, 'owner', context),
        ...optionalText(keys, 'system', plainText, context),
        do: template(keys.get('do'), context),
        ...optionalText(keys, 'run', template, context),
      };
    }),
    verify: listOf(get('verify'), context, (item) => {
      const keys = mapOf(item, 'a check', ['who', 'do', 'expect'], ['run', 'splits'], context);
      return {
        who: oneOf(keys.get('who'), OWNERS, 'owner', context),
        do: template(keys.get('do'), context),
        ...optionalText(keys, 'run', template, context),
        expect: template(keys.get('expect'), context),
        ...(keys.has('splits')
          ? { splits: listOf(keys.get('splits'), context, (n) => cause(n, context)) }
          : {}),
      };
    }),
    ruledOut: listOf(get('ruledOut'), context, (item) => {
      const keys = mapOf(item, 'ruledOut', ['if', 'say'], [], context);
      return { if: condition(keys.get('if'), 0, context), say: template(keys.get('say'), context) };
    }),
    confusedWith: listOf(get('confusedWith'), context, (item) => {
      const keys = mapOf(item, 'confusedWith', ['id', 'say', 'decidedBy'], ['if'], context);
      return {
        id: cause(keys.get('id'), context),
        ...optionalIf(keys, context),
        say: template(keys.get('say'), context),
        decidedBy: template(keys.get('decidedBy'), context),
      };
    }),
    supersedes: listOf(get('supersedes'), context, (item) => cause(item, context)),
    file,
  };
  for (const { id: other, node } of context.named) {
    if (other === id) reader.wrong(node, 'a cause cannot name itself here');
  }
  return { rule, named: context.named };
}

// ---------------------------------------------------------------- shapes

type Keys = Map<string, Node>;

function mapOf(
  node: Node | null | undefined,
  what: string,
  required: readonly string[],
  optional: readonly string[],
  { reader }: Context,
): Keys {
  const keys: Keys = new Map();
  if (!reader.yaml.isMap(node)) {
    const names = [...required, ...optional].join(', ');
    reader.wrong(
      node ?? 0,
      `${what} is a map of keys (${names}), not ${kindOf(node, reader).replace(/^the (\w+) .*$/s, 'a $1')}`,
    );
    return keys;
  }
  for (const { name, key, value } of pairsOf(node, reader)) {
    if (!required.includes(name) && !optional.includes(name)) {
      reader.wrong(key, `${what} has no key ${notKnown(name, [...required, ...optional])}`);
    } else {
      keys.set(name, value);
    }
  }
  const missing = required.filter((name) => !keys.has(name));
  if (missing.length > 0)
    reader.wrong(node, `${what} lacks ${missing.map((name) => `"${name}"`).join(', ')}`);
  return keys;
}

function pairsOf(map: YAMLMap, { yaml, wrong }: YamlReader): { name: string; key: Node; value: Node }[] {
  return map.items.flatMap(({ key, value }) => {
    if (!yaml.isScalar(key)) {
      wrong(yaml.isNode(key) ? key : map, 'a key must be a word');
      return [];
    }
    if (!yaml.isNode(value)) {
      wrong(key, `"${key.value}" has no value`);
      return [];
    }
    return [{ name: String(key.value), key, value }];
  });
}

/** Items of a list; none where the key is absent. */
function listOf<T>(node: Node | null | undefined, { reader }: Context, item: (node: Node) => T): T[] {
  if (node === null || node === undefined) return [];
  if (!reader.yaml.isSeq(node)) {
    reader.wrong(node, `expected a list (lines that begin with "- "), not ${kindOf(node, reader)}`);
    return [];
  }
  return node.items.filter(reader.yaml.isNode).map(item);
}

function kindOf(node: Node | null | undefined, { yaml }: YamlReader): string {
  if (node === null || node === undefined) return 'nothing';
  if (yaml.isMap(node)) return 'a map';
  if (yaml.isSeq(node)) return 'a list';
  const { value } = node as Scalar;
  if (value === null) return 'nothing';
  return `the ${typeof value} ${typeof value === 'string' ? JSON.stringify(value) : value}`;
}

function plainText(node: Node | null | undefined, { reader }: Context): string {
  if (node === null || node === undefined) return '';
  if (!reader.yaml.isScalar(node) || typeof node.value !== 'string') {
    reader.wrong(node, `expected a text, not ${kindOf(node, reader)}`);
    return '';
  }
  const text = node.value.trim();
  if (text === '') reader.wrong(node, 'this text is empty');
  return text;
}

function template(node: Node | null | undefined, context: Context): string {
  const text = plainText(node, context);
  for (const { name } of placeholdersOf(text)) {
    if (Object.hasOwn(context.table, name)) continue;
    const [start, end] = node?.range ?? [0, 0];
    const inSource = context.reader.text
      .slice(start, end)
      .search(new RegExp(`\\{${name.replaceAll('.', '\\.')}[|}]`));
    context.reader.wrong(
      start + Math.max(inSource, 0),
      `unknown placeholder ${notKnown(name, Object.keys(context.table))}`,
    );
  }
  return text;
}

function optionalText<K extends string>(
  keys: Keys,
  key: K,
  read: (node: Node | undefined, context: Context) => string,
  context: Context,
): { [key in K]?: string } {
  return keys.has(key) ? ({ [key]: read(keys.get(key), context) } as { [key in K]?: string }) : {};
}

function optionalIf(keys: Keys, context: Context): { if?: Condition } {
  return keys.has('if') ? { if: condition(keys.get('if'), 0, context) } : {};
}

function truthOf(node: Node | null, context: Context): boolean {
  const value = (node as Scalar | null)?.value;
  if (typeof value !== 'boolean') context.reader.wrong(node, 'expected true or false');
  return value === true;
}

function oneOf<T extends string>(
  node: Node | null | undefined,
  words: readonly T[],
  what: string,
  context: Context,
): T {
  const text = plainText(node, context);
  if (text !== '' && !(words as readonly string[]).includes(text)) {
    context.reader.wrong(
      node ?? null,
      `unknown ${what} ${notKnown(text, words)} (one of ${words.join(', ')})`,
    );
  }
  return text as T;
}

function idOf(node: Node | null | undefined, context: Context): string {
  const id = plainText(node, context);
  if (id !== '' && (!ID.test(id) || id.length > 64)) {
    context.reader.wrong(node ?? null, `an id is lower-case words with hyphens, not ${JSON.stringify(id)}`);
  }
  return id;
}

function cause(node: Node | null | undefined, context: Context): string {
  const id = plainText(node, context);
  if (node && id !== '') context.named.push({ id, node });
  return id;
}

function logOdds(node: Node | null | undefined, { reader }: Context): number {
  if (node === null || node === undefined) return 0;
  const value = reader.yaml.isScalar(node) ? node.value : null;
  if (typeof value !== 'number' || !(Math.abs(value) <= MOST_LOG_ODDS)) {
    reader.wrong(
      node,
      `expected log-odds between -${MOST_LOG_ODDS} and ${MOST_LOG_ODDS}, not ${kindOf(node, reader)}`,
    );
    return 0;
  }
  return value;
}

function weight(node: Node | null | undefined, context: Context): number {
  if (context.reader.yaml.isScalar(node) && node.value === 0) {
    context.reader.wrong(node, 'a weight of 0 says nothing: leave this evidence out, or weigh it');
  }
  return logOdds(node, context);
}

// ---------------------------------------------------------------- conditions

function condition(node: Node | null | undefined, depth: number, context: Context): Condition {
  const { reader, table } = context;
  if (node === undefined || node === null) return {};
  if (depth > MAX_CONDITION_DEPTH) {
    reader.wrong(node, 'this condition is too deeply nested');
    return {};
  }
  if (!reader.yaml.isMap(node)) {
    reader.wrong(node, `a condition is a map (\`fact: value\`, all, any, none), not ${kindOf(node, reader)}`);
    return {};
  }
  const pairs = pairsOf(node, reader);
  if (pairs.length === 0) reader.wrong(node, 'an empty condition would always be true');
  const tests = pairs.flatMap(({ name, key, value }): [string, FactValue | Comparison | Condition[]][] => {
    if (GROUPS.includes(name)) {
      const parts = listOf(value, context, (part) => condition(part, depth + 1, context));
      if (reader.yaml.isSeq(value) && parts.length === 0) reader.wrong(value, `"${name}" of nothing`);
      return [[name, parts]];
    }
    if (Object.hasOwn(table, name)) return [[name, factTest(name, table[name]!, value, context)]];
    reader.wrong(key, `unknown fact ${notKnown(name, [...Object.keys(table), ...GROUPS])}`);
    return [];
  });
  return Object.fromEntries(tests);
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
    } else if (name === 'not') {
      test.not = factValue(fact, definition, value, context);
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
  const name = plainText(node, context);
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
    const hint = definition.type === 'string' ? `: write "${(node as Scalar).source ?? value}"` : '';
    reader.wrong(node, `${fact} is a ${definition.type}, not ${kindOf(node, reader)}${hint}`);
    return null;
  }
  if (definition.values !== undefined && !definition.values.includes(value as string)) {
    const words = definition.values.join(', ');
    reader.wrong(node, `${fact} is never ${notKnown(value as string, definition.values)} (one of ${words})`);
  }
  return value as FactValue;
}
