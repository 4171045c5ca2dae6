import type { Node, ParsedNode } from 'yaml';
import type { Condition, Shared } from '../../model/rule.ts';
import { condition } from './condition-reader.ts';
import { quoted } from './yaml-reader.ts';
import { type Context, type Keys, kindOf, mapOf, pairsOf, template } from './yaml-shapes.ts';

export const SHARED_FILE = 'conditions.yaml';
export const NOTHING_SHARED: Shared = { conditions: {}, proofs: {} };

const NAME = /^[a-z][a-z0-9]*(-[a-z0-9]+)*$/;
/** Conditions that stand on others grow; this many tests in one are no longer a condition that anybody understands. */
const MOST_TESTS = 200;

/**
 * The named conditions and proofs of a conditions.yaml. They may stand on each other, and on those of `known`, which
 * one of the same name replaces.
 */
export function readShared(
  root: ParsedNode | null,
  known: Shared,
  about: Omit<Context, 'conditionNamed' | 'conditionNames' | 'proofs'>,
): Shared {
  const { reader } = about;
  const context: Context = {
    ...about,
    conditionNamed: find,
    conditionNames: Object.keys(known.conditions),
    proofs: {},
  };
  const keys = mapOf(root, SHARED_FILE, [], ['conditions', 'proofs'], context);
  const written = entriesOf(keys, 'conditions', context);
  context.conditionNames = [...new Set([...context.conditionNames, ...written.keys()])];

  const read = new Map<string, Condition>();
  const open: string[] = [];
  function find(name: string, at: Node): Condition | null {
    const done = read.get(name);
    if (done !== undefined) return done;
    const node = written.get(name);
    if (node === undefined) return Object.hasOwn(known.conditions, name) ? known.conditions[name]! : null;
    if (open.includes(name)) {
      const circle = [...open.slice(open.indexOf(name)), name].join(' -> ');
      reader.wrong(at, `the condition "${name}" stands on itself: ${circle}`);
      return {};
    }
    open.push(name);
    const made = condition(node, context);
    open.pop();
    if (testsIn(made) > MOST_TESTS) {
      reader.wrong(node, `the condition "${name}" is too large: more than ${MOST_TESTS} tests`);
      read.set(name, {});
    } else {
      read.set(name, made);
    }
    return read.get(name)!;
  }
  for (const [name, node] of written) find(name, node);

  const proofs = Object.fromEntries(
    [...entriesOf(keys, 'proofs', context)].map(([name, node]) => {
      const parts = mapOf(node, 'a proof', ['if', 'say'], [], context);
      return [name, { if: condition(parts.get('if'), context), say: template(parts.get('say'), context) }];
    }),
  );
  return {
    conditions: { ...known.conditions, ...Object.fromEntries(read) },
    proofs: { ...known.proofs, ...proofs },
  };
}

function entriesOf(keys: Keys, key: string, { reader }: Context): Map<string, Node> {
  const node = keys.get(key);
  if (node === undefined) return new Map();
  if (!reader.yaml.isMap(node)) {
    reader.wrong(node, `"${key}" is a map of names, not ${kindOf(node, reader)}`);
    return new Map();
  }
  const entries = pairsOf(node, reader);
  for (const { name, key: at } of entries) {
    if (!NAME.test(name)) {
      reader.wrong(at, `a name is lower-case words with hyphens, not ${quoted(name)}`);
    }
  }
  return new Map(entries.filter(({ name }) => NAME.test(name)).map(({ name, value }) => [name, value]));
}

function testsIn(made: Condition): number {
  return Object.values(made).reduce<number>(
    (sum, test) => sum + (Array.isArray(test) ? test.reduce((all, part) => all + testsIn(part), 0) : 1),
    0,
  );
}
