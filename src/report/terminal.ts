import type { Cause, Report } from '../model/report.ts';
import { tried } from './answers.ts';
import { sideRows, toldBy, WORD_OF_THE_OTHER_END } from './both-sides-words.ts';
import { OWNER, OWNER_HEADING, TRIED } from './names.ts';
import { observationWords } from './observation-words.ts';
import { type Page, PROSE, pageOf, type Style, type TerminalOptions } from './page.ts';
import { type PathTable, pathTables } from './paths.ts';
import { asciiDeep, safeDeep } from './sanitize.ts';
import { elsewhereLines, seenFromElsewhere } from './sight-page.ts';
import { atOnce, byOwner, leadOf, onlyFor, outcomeRows, taskWords, toMend } from './tasks.ts';
import { asTyped } from './typed-name.ts';
import { asSentence, duration } from './units.ts';
import { insideLines, outcomeAndCause, pathLines, verdict } from './verdict.ts';
import { cutMiddle, padTo, widthOf, wrap } from './width.ts';
import { likely, ownersOf, rivalLine, rivals, ruledOutTexts, shortWhere, whereWords } from './wording.ts';

const SHARE_WORTH_A_LINE = 0.1;
const RULED_OUT_SHOWN = 4;

/**
 * The report for people, as lines with a trailing newline: the verdict on one screen; with `verbose` all of it. The first
 * two lines stand alone.
 */
export async function renderTerminal(report: Report, options: TerminalOptions): Promise<string> {
  const shown = options.unicode ? safeDeep(asTyped(report)) : asciiDeep(safeDeep(asTyped(report)));
  if (!options.verbose) return verdict(shown, options);
  const page = pageOf(options);
  head(page, shown);
  await body(page, shown, options);
  return page.text();
}

function head(page: Page, report: Report): void {
  outcomeAndCause(page, report);
  const cause = leadOf(report);
  if (cause === null) return;
  for (const other of rivals(report)) page.say('  ', rivalLine(other, report.causes[0]));
  page.blank();
  pathLines(page, report);
  insideLines(page, report);
  elsewhereLines(page, report);
  page.blank();
  if (cause.where !== null) page.say('  Where  ', whereWords(cause.where), null, 'dim');
  if (cause.address !== null && report.target.addresses.length > 1)
    page.say('  For    ', cause.address, null, 'dim');
  page.say('  Who    ', ownersOf(report), null, 'dim');
  page.say('  Cause  ', `${cause.id} (reachdoctor --explain ${cause.id})`, null, 'dim');
}

async function body(page: Page, report: Report, options: TerminalOptions): Promise<void> {
  const lead = leadOf(report);
  const others = lead === null ? report.causes : report.causes.slice(1);
  if (lead !== null) evidenceOf(page, lead);
  sideBySide(page, report);
  bothSides(page, report);
  seenFromElsewhere(page, report);
  for (const table of pathTables(report)) await path(page, table);
  whatToDo(page, toMend(report));
  otherCauses(page, report, others, options);
  cannotTell(page, report);
  if (report.outcome !== 'reachable') ruledOut(page, report, options);
  notChecked(page, report);
  if (options.verbose) observations(page, report);
}

function evidenceOf(page: Page, cause: Cause): void {
  if (cause.because.length > 0) page.heading('Why this cause');
  for (const { text } of cause.because) page.say(`  ${page.sign('+', '+')} `, text, null, 'green');
  if (cause.against.length > 0) page.heading('What speaks against it');
  for (const { text } of cause.against) page.say(`  ${page.sign('−', '-')} `, text, null, 'yellow');
}

function sideBySide(page: Page, report: Report): void {
  const { answers, fails } = tried(report);
  if (answers.length === 0 && fails.length === 0) return;
  const columns: [string, string[], Style][] = [
    [TRIED.answers, answers, 'green'],
    [TRIED.fails, fails, 'red'],
  ];
  const gap = 2;
  const half = Math.floor((Math.min(page.width, PROSE) - 2 - gap) / 2);
  if (answers.length === 0 || fails.length === 0 || half < 30) {
    for (const [title, items] of columns) {
      if (items.length === 0) continue;
      page.heading(answers.length === 0 || fails.length === 0 ? 'What was tried' : title);
      for (const line of items) page.say('  ', line);
    }
    return;
  }
  const [left, right] = columns.map(([, items]) =>
    items.flatMap((item) =>
      wrap(page.plain(item), half - 2).map((line, index) => (index === 0 ? line : `  ${line}`)),
    ),
  ) as [string[], string[]];
  page.blank();
  page.raw(page.paint('bold', `${padTo(columns[0]?.[0] ?? '', half + gap + 2)}${columns[1]?.[0] ?? ''}`));
  for (let row = 0; row < Math.max(left.length, right.length); row += 1) {
    page.raw(`  ${padTo(left[row] ?? '', half)}${' '.repeat(gap)}${right[row] ?? ''}`);
  }
}

function bothSides(page: Page, { otherEnds = [] }: Report): void {
  for (const sides of otherEnds) {
    page.heading(`What the other end saw (${toldBy(sides)})`);
    for (const [what, here, there] of sideRows(sides))
      page.say('  ', `${what}: ${here === '' ? '' : `here ${here}; there `}${there}`);
    page.say('  ', WORD_OF_THE_OTHER_END, 'dim');
  }
}

const BORDER = {
  top: '-',
  'top-mid': '',
  'top-left': '',
  'top-right': '',
  bottom: '-',
  'bottom-mid': '',
  'bottom-left': '',
  'bottom-right': '',
  left: '',
  'left-mid': '',
  mid: '',
  'mid-mid': '',
  right: '',
  'right-mid': '',
  middle: '',
};

function cellStyle(cell: PathTable['rows'][number]['cells'][number]): Style | null {
  if (cell === null) return null;
  if (cell.answer === 'syn-ack' || cell.answer === 'reply') return 'green';
  if (cell.answer === 'unreachable' || cell.answer === 'rst') return 'red';
  return cell.answer === 'silence' ? 'yellow' : null;
}

interface Layout {
  labels: string[];
  cells: string[][];
  placeWidth: number;
  /** 0 = the name stands under the address. */
  nameWidth: number;
}

/** Column widths that fit, or null where even the addresses alone do not: then hops are a list. */
function layoutOf(page: Page, table: PathTable): Layout | null {
  const most = (items: string[]): number => Math.max(0, ...items.map(widthOf));
  const labels = table.columns.map(({ label }) => page.plain(label));
  const cells = table.rows.map((row) => row.cells.map((cell) => page.plain(cell?.text ?? '')));
  const hop = most(['Hop', ...table.rows.map((row) => row.hop)]);
  const place = most(['Address', ...table.rows.map((row) => row.address ?? '')]);
  const name = most(table.rows.map((row) => page.plain(row.name ?? '')));
  const columns = labels.map((label, index) => most([label, ...cells.map((row) => row[index] ?? '')]));
  // One column of margin, two of padding a cell.
  const room = page.width - 1 - [hop, ...columns].reduce((sum, each) => sum + each + 2, 0) - 2;
  if (place > room) return null;
  const beside = room - place - 2;
  if (name === 0) return { labels, cells, placeWidth: place, nameWidth: 0 };
  return beside >= Math.min(name, 12)
    ? { labels, cells, placeWidth: place, nameWidth: Math.min(name, beside) }
    : { labels, cells, placeWidth: Math.min(room, Math.max(place, name)), nameWidth: 0 };
}

async function path(page: Page, table: PathTable): Promise<void> {
  page.heading(`Path to ${table.address}`);
  const layout = layoutOf(page, table);
  if (layout === null) pathAsList(page, table);
  else await pathAsTable(page, table, layout);
}

function partLine(page: Page, table: PathTable): string {
  const rule = page.sign('╌', '-').repeat(2);
  const text = cutMiddle(page.plain(table.partText ?? ''), page.width - 10, page.sign('…', '...'));
  return page.paint('red', `${rule} ${text} ${rule}`);
}

async function pathAsTable(page: Page, table: PathTable, layout: Layout): Promise<void> {
  const { labels, cells, placeWidth, nameWidth } = layout;
  const ellipsis = page.sign('…', '...');
  // Only here: healthy runs and JSON do not pay for it.
  const { default: Table } = await import('cli-table3');
  const border = page.unicode
    ? Object.fromEntries(Object.entries(BORDER).map(([part, char]) => [part, char === '-' ? '─' : char]))
    : BORDER;
  const grid = new Table({
    style: { head: [], border: [], compact: true, 'padding-left': 1, 'padding-right': 1 },
    chars: border,
  });
  const head = ['Hop', 'Address', ...(nameWidth > 0 ? ['Name'] : []), ...labels];
  const part = (): void => {
    if (table.partText !== null) grid.push([{ colSpan: head.length, content: partLine(page, table) }]);
  };
  grid.push(head.map((title) => page.paint('dim', title)));
  table.rows.forEach((row, index) => {
    if (index === table.partBefore) part();
    const address = row.address ?? page.sign('·', '*');
    const name = page.plain(row.name ?? '');
    const under = nameWidth === 0 && name !== '';
    const place = under ? `${address}\n${page.paint('dim', cutMiddle(name, placeWidth, ellipsis))}` : address;
    grid.push([
      row.hop,
      place,
      ...(nameWidth > 0 ? [cutMiddle(name, nameWidth, ellipsis)] : []),
      ...row.cells.map((cell, column) => page.paint(cellStyle(cell), cells[index]?.[column] ?? '')),
    ]);
  });
  if (table.partBefore === table.rows.length) part();
  for (const line of grid.toString().split('\n')) page.raw(` ${line}`);
}

function pathAsList(page: Page, table: PathTable): void {
  const part = (): void => {
    if (table.partText !== null) page.say(`  ${page.sign('╌╌', '--')} `, table.partText, 'red', 'red');
  };
  table.rows.forEach((row, index) => {
    if (index === table.partBefore) part();
    page.say(`  ${padTo(row.hop, 4)}`, [row.address ?? page.sign('·', '*'), row.name ?? ''].join(' ').trim());
    row.cells.forEach((cell, column) => {
      if (cell !== null)
        page.say('        ', `${table.columns[column]?.label}: ${cell.text}`, cellStyle(cell));
    });
  });
  if (table.partBefore === table.rows.length && table.partText !== null)
    page.raw(`  ${partLine(page, table)}`);
}

function whatToDo(page: Page, [cause, ...also]: readonly Cause[]): void {
  if (cause === undefined) return;
  const fixes = [cause, ...also].flatMap((one) => atOnce(one.fixes));
  if (fixes.length > 0) page.heading('What to do');
  for (const [owner, tasks] of byOwner(fixes)) {
    page.say('  ', `${OWNER_HEADING[owner]}:`);
    for (const task of tasks) {
      page.say('    ', taskWords(task));
      if (task.run !== null) page.command('      ', task.run);
    }
  }
  const checks = atOnce(cause.verify);
  if (checks.length > 0) page.heading('What to run, and how to read it');
  for (const [owner, tasks] of byOwner(checks)) {
    page.say('  ', `${OWNER_HEADING[owner]}:`);
    for (const task of tasks) {
      page.say('    ', taskWords(task));
      if (task.run !== null) page.command('      ', task.run);
      const rows = outcomeRows(task);
      for (const { see, means } of rows)
        page.say(`      ${page.sign('→', '-')} `, `${see}: ${means}`, null, 'dim');
      if (rows.length === 0) page.say('      Expect: ', task.expect, null, 'dim');
    }
  }
  const more = onlyFor([...cause.fixes, ...cause.verify]).length;
  if (more > 0) page.say('  ', 'Commands for single systems are in the report (--report FILE.md).', 'dim');
}

const item = (page: Page): string => `  ${page.sign('·', '-')} `;

function otherCauses(
  page: Page,
  report: Report,
  others: readonly Cause[],
  { verbose }: TerminalOptions,
): void {
  const close = new Set(rivals(report));
  const shown = others.filter(
    (cause) => verbose || (cause.confidence >= SHARE_WORTH_A_LINE && !close.has(cause)),
  );
  if (shown.length > 0) page.heading(verbose ? 'Other causes' : 'Less likely');
  for (const cause of shown) {
    const place = shortWhere(cause.where);
    page.say(
      item(page),
      `${cause.observed === true ? 'Seen' : likely(cause)}: ${cause.title.replace(/\.$/, '')}${place === null ? '' : `, ${place}`} (${OWNER[cause.owner]})`,
    );
    if (!verbose) continue;
    for (const { text } of cause.because) page.say('    + ', text, null, 'green');
    for (const { text } of cause.against) page.say(`    ${page.sign('−', '-')} `, text, null, 'yellow');
  }
}

function cannotTell(page: Page, report: Report): void {
  if (report.cannotTell.length > 0) page.heading('What cannot be told from here');
  for (const { text, decidedBy } of report.cannotTell) {
    page.say(`  ${page.sign('?', '?')} `, text);
    page.say('    To find out: ', decidedBy, null, 'dim');
  }
}

function ruledOut(page: Page, report: Report, { verbose }: TerminalOptions): void {
  const texts = ruledOutTexts(report);
  const shown = verbose ? texts : texts.slice(0, RULED_OUT_SHOWN);
  if (shown.length > 0) page.heading('Ruled out');
  for (const text of shown) page.say('  ', text);
  const more = texts.length - shown.length;
  if (more > 0) page.say('  ', `and ${more} more, with -v`, 'dim');
}

function notChecked(page: Page, report: Report): void {
  if (report.notChecked.length > 0) page.heading('Not checked');
  for (const { probe, reason, enable } of report.notChecked) {
    page.say('  ', `${probe}: ${asSentence(reason)}`);
    if (enable !== null) page.say('    To enable it: ', enable, null, 'dim');
  }
}

function observations(page: Page, report: Report): void {
  if (report.observations.length > 0) page.heading('Observations');
  for (const observation of report.observations) {
    page.say(
      item(page),
      `${observation.id}: ${observationWords(observation)} [${duration(observation.durationMs)}]`,
    );
  }
  page.blank();
  page.say(
    '',
    `reachdoctor ${report.tool.version}, ${report.startedAt}, ${duration(report.durationMs)} in all`,
    'dim',
  );
}
