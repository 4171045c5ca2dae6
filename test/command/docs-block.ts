import { readFile, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';

const DOCS = fileURLToPath(new URL('../../docs/', import.meta.url));

/** Puts text between `<!-- NAME:start -->` and `<!-- NAME:end -->` of a page of docs/. Throws where the markers are not there. */
export async function putIntoDocs(page: string, name: string, text: string): Promise<void> {
  const file = `${DOCS}${page}`;
  const before = await readFile(file, 'utf8');
  const [start, end] = [`<!-- ${name}:start -->`, `<!-- ${name}:end -->`];
  const from = before.indexOf(start);
  const to = before.indexOf(end);
  if (from < 0 || to < from) throw new Error(`docs/${page} has no ${start} ... ${end}`);
  await writeFile(file, `${before.slice(0, from + start.length)}\n${text.trim()}\n${before.slice(to)}`);
}

/** `| a | b |` lines; what could end a cell or start HTML is escaped. */
export function markdownTable(head: string[], rows: string[][]): string {
  const line = (cells: string[]) => `| ${cells.join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n');
}

/** A cell of words; newlines and bars would end it. */
export const cell = (text: string): string =>
  text.replace(/\s+/g, ' ').replace(/[\\|<>*_`[\]]/g, (sign) => (sign === '<' ? '&lt;' : `\\${sign}`));
