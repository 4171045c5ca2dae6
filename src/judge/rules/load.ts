import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { readWhole } from '../../doors/read-text.ts';
import { IS_SOURCE, PACKAGE_ROOT } from '../../ground/package-root.ts';
import type { FactTable } from '../../model/facts.ts';
import type { Rule, RuleBook, Shared } from '../../model/rule.ts';
import { OLD_NAMES, type OldNames } from './old-names.ts';
import { compareIds } from './rank.ts';
import { readRule } from './rule-reader.ts';
import { NOTHING_SHARED, readShared, SHARED_FILE } from './shared-reader.ts';
import { notKnown, type RuleProblem, readYaml } from './yaml-reader.ts';
import type { Context } from './yaml-shapes.ts';

export { problemText, type RuleProblem } from './yaml-reader.ts';

/** A parsed file: its rule where it could be made, and the ids it names, with the place of each for messages. */
export interface ParsedRule {
  rule: Rule | null;
  problems: RuleProblem[];
  notices: RuleProblem[];
  /** Where other causes are named; checked once every id is known. */
  references: { id: string; problem: (known: Iterable<string>) => RuleProblem }[];
}

interface ParseOptions {
  /** Causes that the rule names must be among them; without it they are not checked. */
  knownIds?: Iterable<string>;
  shared?: Shared;
  oldNames?: OldNames;
}

/**
 * One rule from YAML text. `file` names it in messages and must end in `ID.yaml`. Problems come as data, every one of
 * the file at once.
 */
export async function parseRule(
  text: string,
  file: string,
  table: FactTable,
  { knownIds, shared = NOTHING_SHARED, oldNames = OLD_NAMES }: ParseOptions = {},
): Promise<ParsedRule> {
  const { root, reader } = await readYaml(text, file);
  const { problems, notices } = reader;
  const references: ParsedRule['references'] = [];
  if (problems.length > 0) return { rule: null, problems, notices, references };
  const context: Context = {
    reader,
    table,
    named: [],
    oldNames,
    conditionNamed: (name) => (Object.hasOwn(shared.conditions, name) ? shared.conditions[name]! : null),
    conditionNames: Object.keys(shared.conditions),
    proofs: shared.proofs,
  };
  const rule = readRule(root, file, context);
  for (const { id, node } of context.named) {
    const problem = (known: Iterable<string>): RuleProblem => {
      const before = problems.length;
      reader.wrong(node, `unknown cause ${notKnown(id, known)}`);
      return problems.splice(before)[0]!;
    };
    references.push({ id, problem });
  }
  const parsed = { rule: problems.length > 0 ? null : rule, problems, notices, references };
  if (knownIds !== undefined) problems.push(...unknownReferences([parsed], [...knownIds, rule.id]));
  return parsed;
}

function unknownReferences(parsed: readonly ParsedRule[], knownIds: Iterable<string>): RuleProblem[] {
  const known = new Set(knownIds);
  return parsed.flatMap(({ references }) =>
    references.filter(({ id }) => !known.has(id)).map(({ problem }) => problem(known)),
  );
}

/** The conditions and proofs of a conditions.yaml, added to those that are known already. */
export async function parseShared(
  text: string,
  file: string,
  table: FactTable,
  { shared = NOTHING_SHARED, oldNames = OLD_NAMES }: Omit<ParseOptions, 'knownIds'> = {},
): Promise<{ shared: Shared; problems: RuleProblem[]; notices: RuleProblem[] }> {
  const { root, reader } = await readYaml(text, file);
  const { problems, notices } = reader;
  if (problems.length > 0) return { shared, problems, notices };
  return { shared: readShared(root, shared, { reader, table, named: [], oldNames }), problems, notices };
}

export interface LoadedRules extends RuleBook {
  problems: RuleProblem[];
  /** What still works and is called otherwise now. */
  notices: RuleProblem[];
}

const MAX_FILES = 1000;
const MAX_FOLDER_DEPTH = 6;
const NO_RULES: RuleBook = { rules: [], shared: NOTHING_SHARED };

/**
 * Every `*.yaml` below the folder, rules sorted by id; those of files with problems are left out. A conditions.yaml in
 * the folder itself holds what its rules share; those of `builtIn` may be used as well. Never throws on what is in
 * there: what could not be read is a problem with a sentence.
 */
export async function loadRules(
  dir: string,
  table: FactTable,
  builtIn: RuleBook = NO_RULES,
): Promise<LoadedRules> {
  const problems: RuleProblem[] = [];
  const notices: RuleProblem[] = [];
  const found = await ruleFiles(dir, '', 0, problems);
  if (found.length > MAX_FILES) {
    problems.push(aboutFile(dir, `more than ${MAX_FILES} rule files`));
    found.length = MAX_FILES;
  }
  let { shared } = builtIn;
  if (found.includes(SHARED_FILE)) {
    const path = join(dir, SHARED_FILE);
    const text = await textOf(path, problems);
    const read = await parseShared(text ?? '{}', path, table, { shared });
    shared = read.shared;
    problems.push(...read.problems);
    notices.push(...read.notices);
  }
  const parsed: ParsedRule[] = [];
  for (const file of found.filter((name) => name !== SHARED_FILE)) {
    const path = join(dir, file);
    const text = await textOf(path, problems);
    if (text === null) continue;
    const one = await parseRule(text, path, table, { shared });
    problems.push(...one.problems);
    notices.push(...one.notices);
    parsed.push(one);
  }
  const rules = new Map<string, Rule>();
  for (const { rule } of parsed) {
    if (rule === null) continue;
    const twin = rules.get(rule.id);
    if (twin === undefined) rules.set(rule.id, rule);
    else problems.push(aboutFile(rule.file ?? dir, `the cause "${rule.id}" is already in ${twin.file}`));
  }
  problems.push(...unknownReferences(parsed, [...builtIn.rules.map((rule) => rule.id), ...rules.keys()]));
  return { rules: sorted([...rules.values()]), shared, problems, notices };
}

/** The built-in rules with the user's added; a user's rule replaces the built-in one of the same id. */
export function mergeRules(builtIn: readonly Rule[], own: readonly Rule[]): Rule[] {
  return sorted([...new Map([...builtIn, ...own].map((rule) => [rule.id, rule])).values()]);
}

/**
 * What ships with the package: `dist/rules.json`, made by compile.ts, so that no YAML is read at run time.
 * In a source checkout (tsx, vitest) there is none, and the YAML files are read.
 */
export async function builtInBook(table: FactTable): Promise<RuleBook> {
  const compiled = IS_SOURCE
    ? null
    : await readFile(join(PACKAGE_ROOT, 'dist/rules.json'), 'utf8').catch(() => null);
  if (compiled !== null) return JSON.parse(compiled) as RuleBook;
  const read = inSource.get(table) ?? loadRules(join(PACKAGE_ROOT, 'rules'), table);
  inSource.set(table, read);
  return structuredClone(await read);
}
/** A quarter of a second of YAML: once a process is enough. */
const inSource = new WeakMap<FactTable, Promise<RuleBook>>();

export const builtInRules = async (table: FactTable): Promise<Rule[]> => (await builtInBook(table)).rules;

const sorted = (rules: Rule[]): Rule[] => rules.sort((a, b) => compareIds(a.id, b.id));

const aboutFile = (file: string, message: string): RuleProblem => ({ file, line: 0, column: 0, message });

/** Paths of rule files below `dir`, relative to it, sorted. */
async function ruleFiles(
  dir: string,
  below: string,
  depth: number,
  problems: RuleProblem[],
): Promise<string[]> {
  const folder = join(dir, below);
  if (depth > MAX_FOLDER_DEPTH) {
    problems.push(aboutFile(folder, 'this folder is too deep for rules'));
    return [];
  }
  const entries = await readdir(folder, { withFileTypes: true }).catch((error: NodeJS.ErrnoException) => {
    // Which rules are in there is unknown; the run must not go on as if there were none.
    problems.push(aboutFile(folder, `cannot read this folder of rules (${error.code ?? error.message})`));
    return [];
  });
  const files: string[] = [];
  for (const entry of entries.sort((a, b) => compareIds(a.name, b.name))) {
    const path = join(below, entry.name);
    // Links to folders are not followed: they may lead in circles.
    if (entry.isDirectory()) files.push(...(await ruleFiles(dir, path, depth + 1, problems)));
    else if (entry.name.endsWith('.yaml')) files.push(path);
    else if (entry.name.endsWith('.yml')) {
      problems.push(aboutFile(join(dir, path), 'rule files end in .yaml, so this one would be ignored'));
    }
  }
  return files;
}

async function textOf(path: string, problems: RuleProblem[]): Promise<string | null> {
  const read = await readWhole(path, 256 * 1024);
  if ('text' in read) return read.text;
  // What the rule says is unknown; the caller stops on problems.
  const why = {
    'too-large': 'the file is larger than 256 KiB',
    'not-regular': 'this is a device, a pipe or a socket, and no file',
  };
  problems.push(aboutFile(path, why[read.kind as keyof typeof why] ?? `cannot be read (${read.code})`));
  return null;
}
