import type { Report } from '../model/report.ts';
import { thereWords } from './both-sides-words.ts';
import { type Page, PROSE, pageOf, type Style, type TerminalOptions } from './page.ts';
import { pictureLine } from './picture/line.ts';
import { picturesOf } from './picture/picture.ts';
import { elsewhereLines } from './sight-page.ts';
import { atOnce, leadOf } from './tasks.ts';
import { widthOf } from './width.ts';
import { causeLine, isFaulty, outcomeLine, ownersOf, rivalLine, rivals } from './wording.ts';

/** What a terminal of 24 rows shows above a menu. */
export const MOST_LINES = 12;

const OUTCOME_SIGN = {
  reachable: ['✓', '+', 'green'],
  impaired: ['!', '!', 'yellow'],
  unreachable: ['✗', 'x', 'red'],
  undetermined: ['?', '?', 'yellow'],
} as const satisfies Record<Report['outcome'], [string, string, Style]>;

/** The first two lines of every report: what was seen, and the cause. They stand alone. */
export function outcomeAndCause(page: Page, report: Report): void {
  const [fancy, simple, style] = OUTCOME_SIGN[isFaulty(report) ? 'impaired' : report.outcome];
  const room = Math.min(page.width, PROSE) - 2;
  const fits = (text: string): boolean => widthOf(page.plain(text)) <= room;
  page.say(`${page.sign(fancy, simple)} `, outcomeLine(report, fits), 'bold', style);
  page.say('  ', causeLine(report, fits));
}

/** The ways to the addresses of the target, a line each: `you ── 192.168.1.1 ─╳─ db.example.com`. */
export function pathLines(page: Page, report: Report): void {
  const pictures = picturesOf(report);
  for (const picture of pictures) {
    const host = pictures.length > 1 ? picture.address : report.target.host;
    const line = pictureLine(picture, { host, unicode: page.unicode, width: page.width - 3 });
    if (line !== null) page.raw(`  ${line}`);
  }
}

/** The way goes on into the host, where the other end was asked: `there  arrived 6 of 6, answered 0: rule 12 of ...`. */
export function insideLines(page: Page, { otherEnds = [], views = [] }: Report): void {
  for (const sides of otherEnds) page.say('  There ', thereWords(sides), null, 'dim');
  for (const { kind, ok, by, reason } of views)
    if (!ok && kind !== 'vantage')
      page.say('  There ', `${by ?? 'the other end'} could not be asked: ${reason ?? ''}`, null, 'dim');
}

/**
 * The first screen: outcome, cause, the way in one line, who acts and what comes next, in MOST_LINES lines at 80 columns.
 * What does not fit goes in this order: what else may be, empty lines, where more is told, the other addresses' ways.
 */
export function verdict(report: Report, options: TerminalOptions): string {
  const part = (fill: (page: Page) => void): string[] => {
    const page = pageOf(options);
    fill(page);
    return [...page.lines()];
  };
  const cause = leadOf(report);
  const head = part((page) => outcomeAndCause(page, report));
  const also = part((page) => {
    for (const other of rivals(report)) page.say('  ', rivalLine(other, report.causes[0]));
  });
  // A healthy run is two lines.
  const ways = cause === null ? [] : part((page) => pathLines(page, report));
  const inside = cause === null ? [] : part((page) => insideLines(page, report));
  const who = cause === null ? [] : part((page) => page.say('  Who   ', ownersOf(report), null, 'dim'));
  const from = part((page) => elsewhereLines(page, report));
  const next = part((page) => nextStep(page, report));
  const more = cause === null || options.menu === true ? [] : part((page) => page.say('  ', MORE, 'dim'));
  const blank = ways.length > 0 ? [''] : [];
  const room = MOST_LINES - head.length - who.length - next.length - Math.min(1, ways.length);
  const kept = fitting([from, inside, ways.slice(1), more, blank, also, blank], room);
  const [elsewhere = [], there = [], others = [], told = [], above = [], rival = [], below = []] = kept;
  const lines = [
    ...head,
    ...rival,
    ...above,
    ...ways.slice(0, 1),
    ...others,
    ...there,
    ...elsewhere,
    ...below,
    ...who,
    ...next,
    ...told,
  ];
  return `${lines.map((line) => line.trimEnd()).join('\n')}\n`;
}

const MORE = 'More: -v shows the evidence, --report FILE.md writes it for whoever is asked.';

/** Each block whole or not at all, while there is room. */
function fitting(blocks: readonly string[][], room: number): string[][] {
  let left = room;
  return blocks.map((block) => {
    if (block.length > left) return [];
    left -= block.length;
    return block;
  });
}

/** What the reader does now: the first thing asked of whoever owns the cause. */
function nextStep(page: Page, report: Report): void {
  const cause = leadOf(report);
  if (cause === null) {
    openQuestions(page, report);
    return;
  }
  const fixes = atOnce(cause.fixes);
  const fix = fixes.find(({ who }) => who === cause.owner) ?? fixes[0];
  const task = fix ?? cause.verify[0];
  if (task === undefined) return;
  page.say('  Next  ', task.do, null, 'dim');
  if (task.run !== null && !task.run.includes('\n')) page.command('        ', task.run);
}

/** What a run without a finding leaves open: a proxy that is set, a protocol that only the port suggests. */
function openQuestions(page: Page, { cannotTell }: Report): void {
  for (const { text, decidedBy } of cannotTell) {
    page.say(`  ${page.sign('?', '?')} `, text);
    page.say('    To find out: ', decidedBy, null, 'dim');
  }
}
