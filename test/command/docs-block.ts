import { readFile, writeFile } from 'node:fs/promises';

/** Puts text between `<!-- NAME:start -->` and `<!-- NAME:end -->` of a file. Throws where the markers are not there. */
export async function putIntoDocs(file: string, name: string, text: string): Promise<void> {
  const readme = await readFile(file, 'utf8');
  const [start, end] = [`<!-- ${name}:start -->`, `<!-- ${name}:end -->`];
  const from = readme.indexOf(start);
  const to = readme.indexOf(end);
  if (from < 0 || to < from) throw new Error(`${file} has no ${start} ... ${end}`);
  await writeFile(file, `${readme.slice(0, from + start.length)}\n${text.trim()}\n${readme.slice(to)}`);
}

/** `| a | b |` lines; what could end a cell or start HTML is escaped. */
export function markdownTable(head: string[], rows: string[][]): string {
  const line = (cells: string[]) => `| ${cells.join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n');
}

/** A cell of words; newlines and bars would end it. */
export const cell = (text: string): string =>
  text.replace(/\s+/g, ' ').replace(/[\\|<>*_`[\]]/g, (sign) => (sign === '<' ? '&lt;' : `\\${sign}`));
