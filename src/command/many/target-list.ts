import { nearest } from '../../ground/nearest.ts';
import { type Expectation, STATES } from '../../model/many.ts';
import type { Target } from '../../model/request.ts';
import { parseCsv } from '../../parsers/csv.ts';
import { counted } from '../../report/units.ts';
import { sourcesOf } from '../from/sources.ts';
import { isHostOnly, parseTyped } from '../typed.ts';
import { isUsageError, shown, type UsageError, usageError as usage } from '../usage-error.ts';
import { timeOf } from '../watch/flags.ts';

/** One target of a list, and what it is to be. */
export interface Entry {
  target: Target;
  expected: Expectation;
}

export const EXPECT_REACHABLE: Expectation = { state: 'reachable', cause: null, withinMs: null, from: null };

const FIELDS = ['target', 'expect', 'cause', 'from', 'within'] as const;
type Field = (typeof FIELDS)[number];
/** A target as it stands in a list; `line` from 1. */
interface Row {
  line: number;
  fields: Partial<Record<Field, string>>;
}
interface Problem {
  line: number;
  /** Without a capital at its beginning: it follows `targets.txt:3: `. */
  says: string;
}

const MOST_TARGETS = 10_000;
/** A list of which every line is wrong is another kind of file. */
const MOST_PROBLEMS = 20;
const SECOND = 1000;

interface Given {
  port?: string | undefined;
  service?: string | undefined;
  /** Ids of all causes. */
  causes: ReadonlySet<string>;
}

/**
 * The text of `--targets` -> its targets in their order, or one sentence for every line that is wrong. Lines with a target
 * and `name=value` words, CSV with a head, or YAML: a list, or a map with `targets`. `file` is named in the sentences.
 */
export async function readTargetList(
  text: string,
  file: string,
  given: Given,
): Promise<Entry[] | UsageError> {
  const kind = kindOf(text, file);
  const { rows, problems } =
    kind === 'yaml' ? await yamlRows(text) : kind === 'csv' ? csvRows(text) : lineRows(text);
  const entries: Entry[] = [];
  for (const row of rows) {
    const entry = entryOf(row, given);
    if (isUsageError(entry)) problems.push({ line: row.line, says: entry.error });
    else entries.push(entry);
  }
  const name = shown(file).slice(1, -1);
  if (problems.length > 0) return usage(sentences(problems, name));
  if (entries.length > MOST_TARGETS)
    return usage(
      `${name} has ${entries.length} targets, and ${MOST_TARGETS} are tested in one run at most: split the list.`,
    );
  return entries.length > 0
    ? entries
    : usage(`${name} has no target in it: write one a line, as in example.com:443.`);
}

function sentences(problems: Problem[], name: string): string {
  const sorted = problems.sort((a, b) => a.line - b.line);
  const lines = sorted.slice(0, MOST_PROBLEMS).map(({ line, says }) => `${name}:${line}: ${says}`);
  const more = sorted.length - lines.length;
  return [...lines, ...(more > 0 ? [`${name}: ${more} more lines are wrong.`] : [])].join('\n');
}

/** By the file's ending; where that says nothing, by the first line that is no comment. */
function kindOf(text: string, file: string): 'lines' | 'csv' | 'yaml' {
  const ending = /\.([a-z]+)$/i.exec(file)?.[1]?.toLowerCase();
  if (ending === 'yaml' || ending === 'yml') return 'yaml';
  if (ending === 'csv') return 'csv';
  const first = text.split(/\r\n|\r|\n/).find((line) => line.trim() !== '' && !/^\s*#/.test(line)) ?? '';
  if (/^(---|%YAML|targets:|- |-$|\[\s*\{)/.test(first)) return 'yaml';
  return /^"?target"?\s*[,;]/i.test(first.trim()) ? 'csv' : 'lines';
}

// ---------------------------------------------------------------- the three forms

function lineRows(text: string): { rows: Row[]; problems: Problem[] } {
  const rows: Row[] = [];
  const problems: Problem[] = [];
  for (const [i, whole] of text.split(/\r\n|\r|\n/).entries()) {
    const line = i + 1;
    const words = whole.replace(/(^|\s)#.*$/, '').trim();
    if (words === '') continue;
    const start = /\s[a-z]+=/i.exec(words)?.index ?? words.length;
    const fields: Row['fields'] = { target: words.slice(0, start) };
    const wrong = words
      .slice(start)
      .split(/\s+/)
      .filter(Boolean)
      .flatMap((word) => {
        const [, name = '', value = ''] = /^([a-z]+)=(.*)$/i.exec(word) ?? [];
        return put(fields, name, value, word) ?? [];
      });
    problems.push(...wrong.map((says) => ({ line, says })));
    if (wrong.length === 0) rows.push({ line, fields });
  }
  return { rows, problems };
}

function csvRows(text: string): { rows: Row[]; problems: Problem[] } {
  const head = text.split(/\r\n|\r|\n/).find((line) => line.trim() !== '' && !line.startsWith('#')) ?? '';
  const separator = head.includes(',') || !head.includes(';') ? ',' : ';';
  const { rows: all, unclosed } = parseCsv(text, separator);
  const problems: Problem[] = [];
  if (unclosed !== null)
    problems.push({ line: unclosed, says: 'a quotation mark is opened and never closed: close it.' });
  const [first, ...others] = all;
  if (first === undefined) return { rows: [], problems };
  const names = first.cells.map((cell) => cell.toLowerCase());
  if (!names.includes('target'))
    return {
      rows: [],
      problems: [
        {
          line: first.line,
          says: `the first line names no column "target": write it as in ${FIELDS.join(',')}.`,
        },
      ],
    };
  for (const name of names)
    if (!isField(name)) problems.push({ line: first.line, says: unknownField(name, 'column') });
  const rows = others.flatMap(({ line, cells }): Row[] => {
    if (cells.length > names.length) {
      const says = `it has ${cells.length} cells and the head names ${counted(names.length, 'column')}: put a cell with a comma into quotation marks.`;
      problems.push({ line, says });
      return [];
    }
    const fields: Row['fields'] = {};
    cells.forEach((cell, i) => {
      const name = names[i] ?? '';
      if (isField(name) && cell !== '') fields[name] = cell;
    });
    return [{ line, fields }];
  });
  return { rows, problems };
}

const TOO_DEEP = 'it is nested too deeply: write - target: example.com:443 for each target.';

async function yamlRows(text: string): Promise<{ rows: Row[]; problems: Problem[] }> {
  const { isMap, isScalar, isSeq, LineCounter, parseDocument } = await import('yaml');
  const counter = new LineCounter();
  const lineOf = (node: unknown): number => {
    const at = (node as { range?: [number, number, number] | null } | null)?.range?.[0] ?? 0;
    return counter.linePos(at).line;
  };
  let document: ReturnType<typeof parseDocument>;
  try {
    document = parseDocument(text, { lineCounter: counter, prettyErrors: false });
  } catch {
    // The parser recurses: what overflows its stack is no list.
    return { rows: [], problems: [{ line: 1, says: TOO_DEEP }] };
  }
  const said = document.errors.map(({ pos, message }) => ({
    line: counter.linePos(pos[0]).line,
    says: message.startsWith('Maximum call stack')
      ? TOO_DEEP
      : // What follows is quoted from the file, which may hold a password.
        `it is no YAML (${message.replace(/(:| %)[\s\S]*$/, '')}): see the lines before it, too.`,
  }));
  const problems: Problem[] = said.filter(
    (one, at) => said.findIndex(({ line, says }) => line === one.line && says === one.says) === at,
  );
  if (problems.length > 0) return { rows: [], problems };
  const whole = document.contents;
  const list = isMap(whole) ? whole.get('targets', true) : whole;
  if (!isSeq(list))
    return {
      rows: [],
      problems: [
        { line: lineOf(whole), says: 'it is no list: write - target: example.com:443 for each target.' },
      ],
    };
  const rows: Row[] = [];
  for (const item of list.items) {
    const line = lineOf(item);
    if (isScalar(item)) {
      rows.push({ line, fields: { target: String(item.value ?? '') } });
      continue;
    }
    if (!isMap(item)) {
      problems.push({ line, says: 'it is no target: write - target: example.com:443.' });
      continue;
    }
    const fields: Row['fields'] = {};
    const wrong = item.items.flatMap(({ key, value }): Problem[] => {
      const name = isScalar(key) ? String(key.value) : '';
      const at = lineOf(key);
      if (!isScalar(value))
        return [{ line: at, says: `${shown(name)} takes one value: write it as in ${name}: VALUE.` }];
      const says = put(fields, name, String(value.value ?? ''), name);
      return says === null ? [] : [{ line: at, says }];
    });
    if (wrong.length > 0) problems.push(...wrong);
    else rows.push({ line, fields });
  }
  return { rows, problems };
}

const isField = (name: string): name is Field => FIELDS.some((field) => field === name.toLowerCase());

/** Null when it is put there, otherwise the sentence that says why not. */
function put(fields: Row['fields'], given: string, value: string, word: string): string | null {
  const name = given.toLowerCase();
  if (!isField(name)) return unknownField(given === '' ? word : given, 'field');
  if (fields[name] !== undefined) return `${name} is given twice: give it once.`;
  fields[name] = value;
  return null;
}

const unknownField = (name: string, what: string): string =>
  `there is no ${what} ${shown(name)}: write ${nearest(name.toLowerCase(), FIELDS) ?? 'expect'} (of ${FIELDS.join(', ')}).`;

// ---------------------------------------------------------------- one target

/** What was typed as a target; host and port may stand apart. */
export function targetOf(typed: string, given: Pick<Given, 'port' | 'service'>): Target | UsageError {
  const target = parseTyped(typed, given);
  if (isUsageError(target) || !isHostOnly(target)) return target;
  return usage(`${shown(typed)} has no port: write ${target.input}:443, or add --port 443.`);
}

function entryOf({ fields }: Row, given: Given): Entry | UsageError {
  if ((fields.target ?? '') === '')
    return usage('it has no target: write a host and a port, as in example.com:443.');
  const target = targetOf(fields.target ?? '', given);
  if (isUsageError(target)) return target;
  const word = fields.expect ?? 'reachable';
  const state = STATES.find((one) => one === word.toLowerCase());
  if (state === undefined)
    return usage(
      `expect ${shown(word)} is not known: write ${nearest(word, STATES) ?? 'reachable'} (of ${STATES.join(', ')}).`,
    );
  const cause = fields.cause === undefined || fields.cause === '' ? null : fields.cause;
  if (cause !== null && !given.causes.has(cause))
    return usage(
      `there is no cause ${shown(cause)}: write ${nearest(cause, [...given.causes]) ?? 'one of them'} (--list-causes names them all).`,
    );
  if (cause !== null && state === 'reachable')
    return usage('a cause belongs to what is not reachable: add expect, as in expect=filtered.');
  const from = (fields.from ?? '') === '' ? null : fields.from!;
  const sources = from === null ? [] : sourcesOf([from]);
  if (isUsageError(sources)) return sources;
  const withinMs =
    fields.within === undefined || fields.within === ''
      ? null
      : timeOf(fields.within, 'within', { least: 0.001 * SECOND, most: 600 * SECOND, example: '2s' });
  if (isUsageError(withinMs)) return withinMs;
  if (withinMs !== null && state !== 'reachable')
    return usage('within belongs to what is reachable: leave it out, or expect=reachable.');
  if (from !== null && (cause !== null || withinMs !== null))
    return usage('cause and within are of what is seen from here: leave them out beside from.');
  return { target, expected: { state, cause, withinMs, from } };
}
