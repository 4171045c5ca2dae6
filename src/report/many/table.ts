import type { ManyReport, TargetResult, Verdict } from '../../model/many.ts';
import { type Page, pageOf, type Style, type TerminalOptions } from '../page.ts';
import { cutMiddle, cutTo, widthOf } from '../width.ts';
import { administratorLines, causeWords, countsSentence, resultWords, sharedSentences } from './words.ts';

const SIGN = {
  held: ['✓', '+', 'green'],
  failed: ['✗', 'x', 'red'],
  unknown: ['?', '?', 'yellow'],
  'not-tested': ['-', '-', 'dim'],
} as const satisfies Record<Verdict, [string, string, Style]>;

const NO_BORDER = Object.fromEntries(
  [
    ...['top', 'top-mid', 'top-left', 'top-right', 'bottom', 'bottom-mid', 'bottom-left', 'bottom-right'],
    ...['left', 'left-mid', 'mid', 'mid-mid', 'right', 'right-mid', 'middle'],
  ].map((part) => [part, '']),
);
/** Sign, and the gaps between the columns. */
const GAPS = 2 + 2 + 2;

/** What is shared comes first, then a line a target in the order of the list; with `verbose` what is said to whoever must act. */
export async function renderTable(report: ManyReport, options: TerminalOptions): Promise<string> {
  const page = pageOf(options);
  const { counts, targets, shared } = report;
  const worst: Verdict =
    counts.failed > 0
      ? 'failed'
      : counts['not-tested'] > 0
        ? 'not-tested'
        : counts.unknown > 0
          ? 'unknown'
          : 'held';
  const [fancy, simple, style] = SIGN[worst];
  page.say(`${page.sign(fancy, simple)} `, countsSentence(report), 'bold', style);
  shared.forEach((one, i) => {
    page.say(`  ${i + 1}  `, sharedSentences(one, report));
  });
  page.blank();

  const groupOf = new Map(
    shared.flatMap(({ targets: members }, i) => members.map((n) => [n, i + 1] as const)),
  );
  const causeOf = (one: TargetResult): string => {
    const group = groupOf.get(one.n);
    return group === undefined
      ? causeWords(one)
      : `see ${group}${one.depth === 'connections' ? ', not traced' : ''}`;
  };
  const ellipsis = page.sign('…', '...');
  const widest = (texts: string[]): number => Math.max(6, ...texts.map((text) => widthOf(page.plain(text))));
  const room = page.width - GAPS;
  const resultWidth = Math.min(widest(targets.map(resultWords)), Math.floor(room * 0.35));
  const targetWidth = Math.min(
    widest(targets.map(({ target }) => target)),
    Math.floor((room - resultWidth) * 0.55),
  );
  const causeWidth = room - resultWidth - targetWidth;
  // Only here: the other formats do not pay for it.
  const { default: Table } = await import('cli-table3');
  const grid = new Table({
    chars: NO_BORDER,
    style: { head: [], border: [], compact: true, 'padding-left': 0, 'padding-right': 0 },
  });
  const row = (cells: readonly [string, string, string, string]): void => {
    const [sign, target, result, cause] = cells;
    grid.push([`${sign} `, `${target}  `, `${result}  `, cause]);
  };
  row([
    ' ',
    ...(['Target', 'Result', 'Cause'].map((head) => page.paint('dim', head)) as [string, string, string]),
  ]);
  for (const one of targets) {
    const [unicodeSign, asciiSign, signStyle] = SIGN[one.verdict];
    row([
      page.paint(signStyle, page.sign(unicodeSign, asciiSign)),
      cutMiddle(page.plain(one.target), targetWidth, ellipsis),
      cutTo(page.plain(resultWords(one)), resultWidth, ellipsis),
      cutTo(page.plain(causeOf(one)), causeWidth, ellipsis),
    ]);
  }
  for (const line of grid.toString().split('\n')) page.raw(line);
  if (options.verbose) for (const one of targets) details(page, one);
  return page.text();
}

function details(page: Page, result: TargetResult): void {
  if (result.verdict !== 'failed' && result.verdict !== 'unknown') return;
  page.heading(result.target);
  for (const line of administratorLines(result)) page.say('  ', line);
}
