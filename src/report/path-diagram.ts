import { html, type Markup } from './html-tag.ts';
import type { PathTable } from './paths.ts';
import { cutMiddle } from './width.ts';

const ROW = 46;
const TOP = 52;
const LANE = 26;
const WIDTH = 420;
/** Characters of the monospaced address line and of the smaller name line that fit beside the lanes. */
const ADDRESS_ROOM = 40;
const NAME_ROOM = 46;

/**
 * A lane for each path, from this machine at the top to the target at the bottom; the target's own lane ends in a
 * cross where its packets end. Narrow and tall, so that it is read on a phone as it is.
 */
export function pathDiagram(table: PathTable): Markup {
  const { columns, rows, partBefore, partText } = table;
  const textX = 22 + columns.length * LANE;
  const partGap = partBefore === null ? 0 : 30;
  const y = (row: number): number =>
    TOP + (row + 1) * ROW + (partBefore !== null && row >= partBefore ? partGap : 0);
  const end = y(rows.length - 1);
  const height = end + 30 + (partBefore === rows.length ? partGap : 0);
  const x = (lane: number): number => 18 + lane * LANE;
  const partY = partBefore === null ? 0 : y(partBefore - 1) + 32;

  const lanes = columns.map((column, lane) => {
    const cut = lane === 0 && partBefore !== null;
    const last = lastRow(table, lane);
    const stop = cut ? partY : y(last);
    const kind = column.target ? (column.reached ? 'lane target' : 'lane target stopped') : 'lane';
    const dots = rows.map((row, index) => {
      const cell = row.cells[lane];
      if (cell == null || cell.answer === 'silence' || cell.answer === 'local-error') return null;
      return html`<circle class="dot ${cell.answer}" cx="${x(lane)}" cy="${y(index)}" r="${cell.answer === 'time-exceeded' ? 4 : 6}"/>`;
    });
    return html`<g class="${kind}"><line x1="${x(lane)}" y1="${TOP}" x2="${x(lane)}" y2="${stop}"/>${dots}</g>`;
  });

  const share = WIDTH / Math.max(2, columns.length);
  const key = columns.map(
    ({ label, target }, lane) =>
      html`<g class="${target ? 'key target' : 'key'}"><rect x="${12 + lane * share}" y="8" width="12" height="12" rx="3"/><text x="${30 + lane * share}" y="18">${cutMiddle(label, Math.floor((share - 34) / 7), '…')}</text></g>`,
  );

  const labels = rows.map((row, index) => {
    const answered = row.cells.some((cell) => cell != null && cell.answer !== 'silence');
    const address = row.address ?? (answered ? 'not identified' : 'no answer');
    const second =
      row.name === null
        ? null
        : html`<text class="name" x="${textX}" y="${y(index) + 18}">${cutMiddle(row.name, NAME_ROOM, '…')}</text>`;
    return html`<text x="${textX}" y="${y(index) + 4}"><tspan class="hop">${row.hop}</tspan> <tspan class="${row.address === null ? 'nobody' : 'address'}">${cutMiddle(address, ADDRESS_ROOM, '…')}</tspan></text>${second}`;
  });

  const parting =
    partBefore === null
      ? null
      : html`<g class="parting"><line x1="4" y1="${partY}" x2="${WIDTH - 4}" y2="${partY}"/><path d="M${x(0) - 6} ${partY - 6}l12 12m0 -12l-12 12"/><text x="${textX}" y="${partY + 16}">${partText}</text></g>`;

  const what = columns.map(({ label }) => label).join(' beside ');
  return html`<svg class="diagram" viewBox="0 0 ${WIDTH} ${height}" role="img" aria-label="Path to ${table.address}: ${what}. ${partText}">
<text class="from" x="${textX}" y="${TOP + 4}">this machine</text>
${lanes}${columns.map((_, lane) => html`<circle class="start" cx="${x(lane)}" cy="${TOP}" r="5"/>`)}
${key}
${labels}
${parting}
</svg>`;
}

function lastRow({ rows }: PathTable, lane: number): number {
  return rows.findLastIndex((row) => {
    const cell = row.cells[lane];
    return cell != null && cell.answer !== 'silence' && cell.answer !== 'local-error';
  });
}
