import type { Report } from '../model/report.ts';
import type { Page } from './page.ts';
import { railsOf } from './picture/rails.ts';
import { railLines } from './picture/rails-text.ts';
import { elsewhereLine, sightNotes, sightTable } from './sight-words.ts';
import { padTo, widthOf } from './width.ts';

/** One line for the first screen; none where nobody looked from elsewhere. */
export function elsewhereLines(page: Page, report: Report): void {
  const line = elsewhereLine(report);
  if (line !== null) page.say('  From  ', line, null, 'dim');
}

/** All of it: the rails, the table view x (target, reference), what could not be told, what was handed to whom. */
export function seenFromElsewhere(page: Page, report: Report): void {
  const table = sightTable(report);
  const notes = sightNotes(report);
  if (table === null && notes.length === 0) return;
  page.heading('Seen from elsewhere');
  const rails = railsOf(report);
  if (rails !== null) {
    for (const line of railLines(rails, { unicode: page.unicode, width: page.width - 3 }))
      page.raw(`  ${line}`);
    page.blank();
  }
  if (table !== null) tableLines(page, table);
  for (const note of notes) page.say(`  ${page.sign('·', '-')} `, note);
}

/** In columns where they fit, else a paragraph a row. */
function tableLines(page: Page, { head, rows }: { head: string[]; rows: string[][] }): void {
  const cells = rows.map((row) => row.map(page.plain));
  const widths = head.map((title, i) =>
    Math.max(widthOf(title), ...cells.map((row) => widthOf(row[i] ?? ''))),
  );
  const whole = widths.reduce((sum, width) => sum + width + 2, 0);
  if (whole > page.width) {
    for (const row of cells) {
      const [place = '', ...rest] = row;
      const said = rest.flatMap((cell, i) => (cell === '' ? [] : [`${head[i + 1] ?? ''} ${cell}`.trim()]));
      page.say('  ', `${place}: ${said.join('; ')}`);
    }
    return;
  }
  const line = (row: readonly string[]): string =>
    `  ${row.map((cell, i) => padTo(cell, widths[i] ?? 0)).join('  ')}`.trimEnd();
  page.raw(page.paint('dim', line(head)));
  for (const row of cells) page.raw(line(row));
}
