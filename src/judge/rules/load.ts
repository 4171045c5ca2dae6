import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { readWhole } from '../../doors/read-text.ts';
import { IS_SOURCE, PACKAGE_ROOT } from '../../ground/package-root.ts';
import type { FactTable } from '../../model/facts.ts';
import type { Rule } from '../../model/rule.ts';
import { CATALOGUE } from './catalogue.ts';
import { readRule } from './rule-reader.ts';
import { notKnown, type RuleProblem, readYaml } from './yaml-reader.ts';

export { problemText, type RuleProblem } from './yaml-reader.ts';

/** A parsed file: its rule where it could be made, and the ids it names, with the place of each for messages. */
export interface ParsedRule {
  rule: Rule | null;
  problems: RuleProblem[];
  /** Where other causes are named; checked once every id is known. */
  references: { id: string; problem: (known: Iterable<string>) => RuleProblem }[];
}

/**
 * One rule from YAML text. `file` names it in messages and must end in `ID.yaml`. Problems come as data, every one of
 * the file at once. With `knownIds`, causes that the rule names must be among them (or in the catalogue).
 */
export async function parseRule(
  text: string,
  file: string,
  table: FactTable,
  knownIds?: Iterable<string>,
): Promise<ParsedRule> {
  const { root, reader } = await readYaml(text, file);
  const references: ParsedRule['references'] = [];
  if (reader.problems.length > 0) return { rule: null, problems: reader.problems, references };
  const { rule, named } = readRule(root, file, reader, table);
  for (const { id, node } of named) {
    const problem = (known: Iterable<string>): RuleProblem => {
      const before = reader.problems.length;
      reader.wrong(node, `unknown cause ${notKnown(id, known)}`);
      return reader.problems.splice(before)[0]!;
    };
    references.push({ id, problem });
  }
  const parsed = { rule: reader.problems.length > 0 ? null : rule, problems: reader.problems, references };
  if (knownIds !== undefined) parsed.problems.push(...unknownReferences([parsed], [...knownIds, rule.id]));
  return parsed;
}

function unknownReferences(parsed: readonly ParsedRule[], knownIds: Iterable<string>): RuleProblem[] {
  const known = new Set([...CATALOGUE, ...knownIds]);
  return parsed.flatMap(({ references }) =>
    references.filter(({ id }) => !known.has(id)).map(({ problem }) => problem(known)),
  );
}

export interface LoadedRules {
  /** Sorted by id. Rules of files with problems are left out. */
  rules: Rule[];
  problems: RuleProblem[];
}

const MAX_FILES = 1000;
const MAX_FOLDER_DEPTH = 6;

/** Every `*.yaml` below the folder. Never throws on what is in there: what could not be read is a problem with a sentence. */
export async function loadRules(
  dir: string,
  table: FactTable,
  builtIn: readonly Rule[] = [],
): Promise<LoadedRules> {
  const problems: RuleProblem[] = [];
  const files = await ruleFiles(dir, '', 0, problems);
  if (files.length > MAX_FILES) {
    problems.push(aboutFile(dir, `more than ${MAX_FILES} rule files`));
    files.length = MAX_FILES;
  }
  const parsed: ParsedRule[] = [];
  for (const file of files) {
    const path = join(dir, file);
    const text = await textOf(path, problems);
    if (text === null) continue;
    const one = await parseRule(text, path, table);
    problems.push(...one.problems);
    parsed.push(one);
  }
  const rules = new Map<string, Rule>();
  for (const { rule } of parsed) {
    if (rule === null) continue;
    const twin = rules.get(rule.id);
    if (twin === undefined) rules.set(rule.id, rule);
    else problems.push(aboutFile(rule.file ?? dir, `the cause "${rule.id}" is already in ${twin.file}`));
  }
  problems.push(...unknownReferences(parsed, [...builtIn.map((rule) => rule.id), ...rules.keys()]));
  return { rules: sorted([...rules.values()]), problems };
}

/** The built-in rules with the user's added; a user's rule replaces the built-in one of the same id. */
export function mergeRules(builtIn: readonly Rule[], own: readonly Rule[]): Rule[] {
  return sorted([...new Map([...builtIn, ...own].map((rule) => [rule.id, rule])).values()]);
}

/**
 * The rules that ship with the package: `dist/rules.json`, made by compile.ts, so that no YAML is read at run time.
 * In a source checkout (tsx, vitest) there is none, and the YAML files are read.
 */
export async function builtInRules(table: FactTable): Promise<Rule[]> {
  const compiled = IS_SOURCE
    ? null
    : await readFile(join(PACKAGE_ROOT, 'dist/rules.json'), 'utf8').catch(() => null);
  if (compiled !== null) return JSON.parse(compiled) as Rule[];
  return (await loadRules(join(PACKAGE_ROOT, 'rules'), table)).rules;
}

const sorted = (rules: Rule[]): Rule[] => rules.sort((a, b) => (a.id < b.id ? -1 : a.id > b.id ? 1 : 0));

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
  for (const entry of entries.sort((a, b) => (a.name < b.name ? -1 : 1))) {
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
