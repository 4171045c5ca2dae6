import type { Report } from '../model/report.ts';
import type { PathTable } from './paths.ts';
import { pictureLine } from './picture/line.ts';
import { picturesOf } from './picture/picture.ts';
import { railLines } from './picture/rails-text.ts';
import { type Block, type Line, spansOf } from './request/document.ts';
import { requestOf } from './request/request.ts';
import { safeDeep } from './sanitize.ts';
import { asTyped } from './typed-name.ts';
import { padTo, widthOf, wrap } from './width.ts';

/** Columns of a mail that is quoted once and still not wrapped. */
const WIDTH = 72;

/** The report for whoever must act, as plain text for a mail. Commands are never wrapped: they must survive copying. */
export function renderText(report: Report): string {
  const shown = safeDeep(asTyped(report));
  const lines = requestOf(shown).flatMap((block) => ['', ...blockLines(block, shown)]);
  return `${lines
    .join('\n')
    .trimStart()
    .replaceAll(/[ \t]+$/gm, '')
    .replaceAll(/\n{3,}/g, '\n\n')}\n`;
}

const plain = (line: Line): string =>
  spansOf(line)
    .map((span) => (typeof span === 'string' ? span : 'code' in span ? span.code : span.strong))
    .join('');

const hanging = (first: string, text: string): string[] => {
  const indent = widthOf(first);
  return wrap(text, WIDTH - indent).map((line, index) => (index === 0 ? first : ' '.repeat(indent)) + line);
};

function blockLines(block: Block, report: Report): string[] {
  switch (block.kind) {
    case 'heading':
      return underlined(plain(block.text), block.level);
    case 'paragraph':
      return wrap(plain(block.text), WIDTH);
    case 'pairs': {
      const room = Math.max(...block.rows.map(([name]) => widthOf(name))) + 3;
      return block.rows.flatMap(([name, value]) => hanging(padTo(`${name}:`, room), plain(value)));
    }
    case 'quote':
      return block.lines.flatMap((line) => hanging('  ', line));
    case 'list':
      return block.items.flatMap((item, index) =>
        hanging(block.numbered ? `${index + 1}. ` : '- ', plain(item)),
      );
    case 'table':
      return tableLines(
        block.head,
        block.rows.map((row) => row.map(plain)),
      );
    case 'path':
      return pathLines(block.table);
    case 'command':
      return block.run.split('\n').map((line) => `    ${line}`);
    case 'raw':
      return block.text.split('\n').map((line) => `    ${line}`);
    case 'folded':
      return block.blocks.flatMap((inner) => ['', ...blockLines(inner, report)]);
    case 'rails':
      return railLines(block.rails, { unicode: true, width: WIDTH });
    case 'picture':
      return picturesOf(report).flatMap((picture) => {
        const line = pictureLine(picture, { host: report.target.host, unicode: true, width: WIDTH });
        return line === null ? [] : [line];
      });
  }
}

function underlined(text: string, level: 1 | 2 | 3): string[] {
  const lines = wrap(text, WIDTH);
  if (level === 3) return lines;
  return [...lines, (level === 1 ? '=' : '-').repeat(Math.max(...lines.map(widthOf)))];
}

const GAP = '  ';

/** In columns where it fits, else a block for each row: the head's words before its cells. */
function tableLines(head: readonly string[], rows: readonly (readonly string[])[]): string[] {
  const widths = head.map((title, column) =>
    Math.max(widthOf(title), ...rows.map((row) => widthOf(row[column] ?? ''))),
  );
  const whole = widths.reduce((sum, width) => sum + width, 0) + GAP.length * (widths.length - 1);
  if (whole <= WIDTH) {
    const line = (cells: readonly string[]): string =>
      cells.map((cell, column) => padTo(cell, widths[column] ?? 0)).join(GAP);
    return [line(head), widths.map((width) => '-'.repeat(width)).join(GAP), ...rows.map(line)];
  }
  return rows.flatMap((row) =>
    row.flatMap((cell, column) => {
      if (cell === '') return [];
      const title = head[column] ?? '';
      return hanging(column === 0 ? '- ' : title === '' ? '  ' : `  ${title}: `, cell);
    }),
  );
}

function pathLines({ columns, rows, partBefore, partText }: PathTable): string[] {
  const head = ['Hop', 'Address', ...columns.map(({ label }) => label)];
  const body = rows.map((row) => [row.hop, row.address ?? '·', ...row.cells.map((cell) => cell?.text ?? '')]);
  const lines = tableLines(head, body);
  const fits = lines.length === body.length + 2;
  if (partBefore !== null && partText !== null && fits)
    lines.splice(partBefore + 2, 0, `--- ${partText} ---`);
  return fits || partText === null ? lines : [...lines, `--- ${partText} ---`];
}
