import type { Document, LineCounter, Node, ParsedNode } from 'yaml';
import { nearest } from '../../ground/nearest.ts';

/** What is wrong with a rule file, and where. Line and column count from 1; 0 where there is no place. */
export interface RuleProblem {
  file: string;
  line: number;
  column: number;
  message: string;
}

export const problemText = ({ file, line, column, message }: RuleProblem): string =>
  line === 0 ? `${file}: ${message}` : `${file}:${line}:${column}: ${message}`;

/** A text a few levels deep is a rule; a thousand levels deep is an attack on the stack. */
const MAX_DEPTH = 32;
const MAX_CHARACTERS = 256 * 1024;

export interface YamlReader {
  yaml: typeof import('yaml');
  text: string;
  problems: RuleProblem[];
  /** What is right for now and should be changed. */
  notices: RuleProblem[];
  /** Reports at a node, or at an offset of the text. */
  wrong(at: Node | number | null, message: string): void;
  notice(at: Node | number | null, message: string): void;
  lineOf(at: Node): number;
}

/** The root of a YAML text, or null with the problems. Anchors, aliases and tags are refused: data has no need of them. */
export async function readYaml(
  text: string,
  file: string,
): Promise<{ root: ParsedNode | null; reader: YamlReader }> {
  const yaml = await import('yaml');
  const problems: RuleProblem[] = [];
  const notices: RuleProblem[] = [];
  const lines = new yaml.LineCounter();
  const reader: YamlReader = {
    yaml,
    text,
    problems,
    notices,
    wrong(at, message) {
      problems.push({ file, ...placeOfNode(at, lines), message });
    },
    notice(at, message) {
      notices.push({ file, ...placeOfNode(at, lines), message });
    },
    lineOf: (at) => placeOfNode(at, lines).line,
  };
  if (text.length > MAX_CHARACTERS) {
    reader.wrong(null, 'the file is larger than 256 KiB');
    return { root: null, reader };
  }
  let document: Document.Parsed;
  try {
    document = yaml.parseDocument(text, { lineCounter: lines, prettyErrors: false, uniqueKeys: true });
  } catch (error) {
    // The parser recurses: what overflows its stack is too deep, and anything else that it throws may quote the file.
    reader.wrong(null, error instanceof RangeError ? 'too deeply nested' : 'not readable as YAML');
    return { root: null, reader };
  }
  for (const problem of [...document.errors, ...document.warnings]) {
    reader.wrong(problem.pos[0], sentenceOf(problem.message, problem.code));
  }
  if (problems.length > 0) return { root: null, reader };
  const root = document.contents;
  if (root !== null) refuseCleverness(root, 0, reader);
  return { root: problems.length > 0 ? null : root, reader };
}

function sentenceOf(message: string, code: string): string {
  if (code === 'DUPLICATE_KEY') return 'this key is there twice';
  if (code === 'MULTIPLE_DOCS') return 'one rule a file: a second document starts here';
  if (message.startsWith('Maximum call stack')) return 'too deeply nested';
  // What follows is quoted from the file, which may be anybody's.
  return message.replace(/(:| %)[\s\S]*$/, '');
}

function refuseCleverness(node: Node | null, depth: number, reader: YamlReader): void {
  const { isAlias, isMap, isSeq, isNode } = reader.yaml;
  if (node === null) return;
  if (depth > MAX_DEPTH) {
    reader.wrong(node, 'too deeply nested');
    return;
  }
  if (isAlias(node)) {
    reader.wrong(node, 'aliases (*name) are not allowed in rules');
    return;
  }
  if ('anchor' in node && node.anchor !== undefined) {
    reader.wrong(node, 'anchors (&name) are not allowed in rules');
  }
  const children = isMap(node) ? node.items.flatMap((p) => [p.key, p.value]) : isSeq(node) ? node.items : [];
  for (const child of children) if (isNode(child)) refuseCleverness(child, depth + 1, reader);
}

function placeOfNode(at: Node | number | null, lines: LineCounter): { line: number; column: number } {
  const offset = typeof at === 'number' ? at : at?.range?.[0];
  if (offset === undefined) return { line: 0, column: 0 };
  const { line, col } = lines.linePos(offset);
  return { line, column: Math.max(col, 1) };
}

/** A word of the file as it may be shown. What is no word may be a line of anybody's file (a password, a key). */
export const quoted = (text: string): string => (/^[\w.-]{1,64}$/.test(text) ? `"${text}"` : '"…"');

/** `"tpc.outcome"; the nearest known is "tcp.outcome"` */
export function notKnown(word: string, known: Iterable<string>): string {
  const names = [...known];
  // "lastHop" is more likely meant to be "path.target.lastHop" than a word with as many letters.
  const near =
    names.find((name) => name.toLowerCase().endsWith(`.${word.toLowerCase()}`)) ?? nearest(word, names);
  return near === null ? quoted(word) : `${quoted(word)}; the nearest known is "${near}"`;
}
