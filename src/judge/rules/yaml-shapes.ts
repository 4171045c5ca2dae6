import type { Node, Scalar, YAMLMap } from 'yaml';
import type { FactTable } from '../../model/facts.ts';
import type { Condition, Shared } from '../../model/rule.ts';
import type { OldNames } from './old-names.ts';
import { compareIds } from './rank.ts';
import { placeholdersOf } from './template.ts';
import { notKnown, quoted, type YamlReader } from './yaml-reader.ts';

/** A cause that a rule names, and where: checked when all ids are known. */
export interface NamedCause {
  id: string;
  node: Node;
}

/** What the text of a rule is read with. Problems and notices go to `reader`. */
export interface Context {
  reader: YamlReader;
  table: FactTable;
  named: NamedCause[];
  oldNames: OldNames;
  /** The shared condition of this name; null where there is none. May report at `at` what is wrong with it. */
  conditionNamed(name: string, at: Node): Condition | null;
  /** The names of the shared conditions, for messages. */
  conditionNames: readonly string[];
  proofs: Shared['proofs'];
}

export type Keys = Map<string, Node>;

export function mapOf(
  node: Node | null | undefined,
  what: string,
  required: readonly string[],
  optional: readonly string[],
  { reader }: Context,
): Keys {
  const keys: Keys = new Map();
  if (!reader.yaml.isMap(node)) {
    const names = [...required, ...optional].join(', ');
    // A text in a rule's place is anybody's, and not quoted.
    const kind = kindOf(node, reader).replace(/^the (\w+) .*$/s, 'a $1');
    reader.wrong(node ?? 0, `${what} is a map of keys (${names}), not ${kind}`);
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

export function pairsOf(
  map: YAMLMap,
  { yaml, wrong }: YamlReader,
): { name: string; key: Node; value: Node }[] {
  return map.items.flatMap(({ key, value }) => {
    if (!yaml.isScalar(key)) {
      wrong(yaml.isNode(key) ? key : map, 'a key must be a word');
      return [];
    }
    if (!yaml.isNode(value)) {
      wrong(key, `${quoted(String(key.value))} has no value`);
      return [];
    }
    return [{ name: String(key.value), key, value }];
  });
}

/**
 * Items of a list; none where the key is absent. What stands in it twice is refused: it would count twice, or say
 * the same in two places. `same` names what makes two items the same one; without it, all of them.
 */
export function listOf<T>(
  node: Node | null | undefined,
  { reader }: Context,
  item: (node: Node) => T,
  same: (item: T) => unknown = (whole) => whole,
): T[] {
  if (node === null || node === undefined) return [];
  if (!reader.yaml.isSeq(node)) {
    reader.wrong(node, `expected a list (lines that begin with "- "), not ${kindOf(node, reader)}`);
    return [];
  }
  const seen = new Map<string, Node>();
  return node.items.filter(reader.yaml.isNode).map((child) => {
    const before = reader.problems.length;
    const read = item(child);
    const words = canonical(same(read));
    const first = seen.get(words);
    // Of what could not be read nobody knows whether it is the same.
    if (first !== undefined && reader.problems.length === before) {
      reader.wrong(child, `this stands here twice, first in line ${reader.lineOf(first)}`);
    }
    if (first === undefined) seen.set(words, child);
    return read;
  });
}

/** The same text for the same meaning: the order of keys says nothing. */
export function canonical(value: unknown): string {
  return JSON.stringify(value, (_, part: unknown) =>
    typeof part === 'object' && part !== null && !Array.isArray(part)
      ? Object.fromEntries(Object.entries(part).sort(([a], [b]) => compareIds(a, b)))
      : part,
  );
}

export function kindOf(node: Node | null | undefined, { yaml }: YamlReader): string {
  if (node === null || node === undefined) return 'nothing';
  if (yaml.isMap(node)) return 'a map';
  if (yaml.isSeq(node)) return 'a list';
  const { value } = node as Scalar;
  if (value === null) return 'nothing';
  return `the ${typeof value} ${typeof value === 'string' ? quoted(value) : value}`;
}

export function plainText(node: Node | null | undefined, { reader }: Context): string {
  if (node === null || node === undefined) return '';
  if (!reader.yaml.isScalar(node) || typeof node.value !== 'string') {
    reader.wrong(node, `expected a text, not ${kindOf(node, reader)}`);
    return '';
  }
  const text = node.value.trim();
  if (text === '') reader.wrong(node, 'this text is empty');
  return text;
}

export function template(node: Node | null | undefined, context: Context): string {
  let text = plainText(node, context);
  for (const name of new Set(placeholdersOf(text).map((one) => one.name))) {
    if (Object.hasOwn(context.table, name)) continue;
    const [start, end] = node?.range ?? [0, 0];
    const pattern = new RegExp(`\\{${name.replaceAll('.', '\\.')}(?=[|}])`, 'g');
    const inSource = context.reader.text.slice(start, end).search(pattern);
    const at = start + Math.max(inSource, 0);
    const now = currentName(name, at, context);
    if (now === null) {
      context.reader.wrong(at, `unknown placeholder ${notKnown(name, Object.keys(context.table))}`);
    } else {
      text = text.replace(pattern, `{${now}`);
    }
  }
  return text;
}

/** The name that a fact has now: its own, or with a notice the one that an old name stands for; null = never heard of. */
export function currentName(name: string, at: Node | number, context: Context): string | null {
  if (Object.hasOwn(context.table, name)) return name;
  const now = Object.hasOwn(context.oldNames.facts, name) ? context.oldNames.facts[name]! : null;
  if (now === null || !Object.hasOwn(context.table, now)) return null;
  context.reader.notice(at, renamed(name, now));
  return now;
}

const renamed = (old: string, now: string): string =>
  `"${old}" is called "${now}" now; the old name works in this release for the last time`;

export function optionalText<K extends string>(
  keys: Keys,
  key: K,
  read: (node: Node | undefined, context: Context) => string,
  context: Context,
): { [key in K]?: string } {
  return keys.has(key) ? ({ [key]: read(keys.get(key), context) } as { [key in K]?: string }) : {};
}

export function truthOf(node: Node | null, context: Context): boolean {
  const value = (node as Scalar | null)?.value;
  if (typeof value !== 'boolean') context.reader.wrong(node, 'expected true or false');
  return value === true;
}

export function oneOf<T extends string>(
  node: Node | null | undefined,
  words: readonly T[],
  what: string,
  context: Context,
): T {
  const text = plainText(node, context);
  const now = Object.hasOwn(context.oldNames.words, text) ? context.oldNames.words[text]! : text;
  if (now !== text && node && (words as readonly string[]).includes(now)) {
    context.reader.notice(node, renamed(text, now));
    return now as T;
  }
  if (text !== '' && !(words as readonly string[]).includes(text)) {
    context.reader.wrong(
      node ?? null,
      `unknown ${what} ${notKnown(text, words)} (one of ${words.join(', ')})`,
    );
  }
  return text as T;
}
