import type { Report } from '../model/report.ts';
import type { PathTable } from './paths.ts';
import { railLines } from './picture/rails-text.ts';
import { type Block, type Line, spansOf } from './request/document.ts';
import { requestOf } from './request/request.ts';
import { escapeCell, escapeMarkdown, markdownCode, markdownFence, safeDeep } from './sanitize.ts';
import { asTyped } from './typed-name.ts';

/** The report for whoever must act, as Markdown that reads in GitHub, GitLab and Jira. */
export const renderMarkdown = (report: Report): string =>
  `${requestOf(safeDeep(asTyped(report)))
    .flatMap(blockText)
    .join('\n\n')}\n`;

const lineText = (line: Line): string =>
  spansOf(line)
    .map((span) =>
      typeof span === 'string'
        ? escaped(span)
        : 'code' in span
          ? markdownCode(span.code)
          : `**${escapeMarkdown(span.strong)}**`,
    )
    .join('');

/** With the spaces at its ends, which part it from the code beside it. */
function escaped(text: string): string {
  const trimmed = text.trim();
  if (trimmed === '') return text === '' ? '' : ' ';
  return `${/^\s/.test(text) ? ' ' : ''}${escapeMarkdown(trimmed)}${/\s$/.test(text) ? ' ' : ''}`;
}

function blockText(block: Block): string[] {
  switch (block.kind) {
    case 'heading':
      return [`${'#'.repeat(block.level)} ${lineText(block.text)}`];
    case 'paragraph':
      return [lineText(block.text)];
    case 'pairs':
      return [
        table(
          ['', ''],
          block.rows.map(([name, value]) => [`**${escapeMarkdown(name)}**`, lineText(value)]),
        ),
      ];
    case 'quote':
      return [block.lines.map((line) => `> ${escapeMarkdown(line)}`).join('\n')];
    case 'list':
      return [
        block.items
          .map((item, index) => `${block.numbered ? `${index + 1}.` : '-'} ${lineText(item)}`)
          .join('\n'),
      ];
    case 'table':
      return [
        table(
          block.head,
          block.rows.map((row) => row.map(lineText)),
        ),
      ];
    case 'path':
      return [pathTable(block.table)];
    case 'command':
      return [markdownFence(block.run, 'sh')];
    case 'raw':
      return [markdownFence(block.text)];
    case 'folded':
      return [
        `<details><summary>${escapeMarkdown(block.title)}</summary>`,
        ...block.blocks.flatMap(blockText),
        '</details>',
      ];
    case 'rails':
      return [markdownFence(railLines(block.rails, { unicode: true, width: 100 }).join('\n'))];
    case 'picture':
      return [];
  }
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string => `| ${cells.map(escapeCell).join(' | ')} |`;
  return [line(head), `|${head.map(() => ' --- ').join('|')}|`, ...rows.map(line)].join('\n');
}

function pathTable({ columns, rows, partBefore, partText }: PathTable): string {
  const named = rows.some(({ name }) => name !== null);
  const body = rows.map((row) => [
    row.hop,
    row.address === null ? '' : markdownCode(row.address),
    ...(named ? [row.name === null ? '' : markdownCode(row.name)] : []),
    ...row.cells.map((cell) => escapeMarkdown(cell?.text ?? '')),
  ]);
  if (partBefore !== null && partText !== null) {
    const filler = Array.from({ length: columns.length + (named ? 1 : 0) }, () => '');
    body.splice(partBefore, 0, ['—', `**${escapeMarkdown(partText)}**`, ...filler]);
  }
  return table(
    ['Hop', 'Address', ...(named ? ['Name'] : []), ...columns.map(({ label }) => escapeMarkdown(label))],
    body,
  );
}
