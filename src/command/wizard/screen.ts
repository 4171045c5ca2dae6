import type { Writable } from 'node:stream';
import { cutTo, widthOf, wrap } from '../../report/width.ts';
import { print } from '../deliver.ts';

/** What is asked with stays readable on a terminal of this size, and is scrolled on a smaller one. */
const LEAST = { columns: 40, rows: 12 };
const USUAL = { columns: 80, rows: 24 };
/** Below the text: the question, its help line and the row that the cursor may need. */
const ROWS_OF_A_PROMPT = 3;
const LEAST_CHOICES = 3;
const MOST_CHOICES = 9;

export interface Screen {
  columns(): number;
  rows(): number;
  /**
   * A fresh screen: a line that says where one is, then `text`, cut so that a question fits below it. Returns how many
   * rows are left for choices.
   */
  draw(title: string, text: string, rowsOfPrompt?: number): Promise<number>;
  /** Below what stands there. */
  add(text: string): Promise<void>;
}

/** Terminals without a size say 0. */
const or = (size: number | undefined, usual: number): number =>
  size === undefined || size <= 0 ? usual : size;

/** `plain` = nothing is ever cleared, for screen readers and for terminals that cannot. */
export function createScreen(
  stream: Writable & { columns?: number; rows?: number },
  { plain }: { plain: boolean },
): Screen {
  let isFirst = true;
  const columns = () => Math.max(LEAST.columns, or(stream.columns, USUAL.columns));
  const rows = () => Math.max(LEAST.rows, or(stream.rows, USUAL.rows));

  return {
    columns,
    rows,
    async draw(title, text, rowsOfPrompt = ROWS_OF_A_PROMPT + LEAST_CHOICES) {
      const width = columns();
      // What stood there before the program goes up into the terminal's memory, once.
      const clear = plain ? '\n' : `${isFirst ? '\n'.repeat(rows() - 1) : ''}\u001b[H\u001b[J`;
      isFirst = false;
      const most = rows() - 2 - rowsOfPrompt;
      const lines = text
        .replace(/\n+$/, '')
        .split('\n')
        // What is painted was wrapped by whoever painted it; commands are copied as they are.
        .flatMap((line) =>
          widthOf(line) < width || /\u001b|^ {2}/.test(line) ? line : wrap(line, Math.min(width - 1, WIDEST)),
        );
      const kept = plain || lines.length <= most ? lines : [...lines.slice(0, most - 1), '...'];
      const spare = rows() - 1 - kept.length - ROWS_OF_A_PROMPT;
      // Room to breathe, where all choices fit all the same.
      const air = spare > MOST_CHOICES && kept.at(-1) !== '' ? 1 : 0;
      await print(stream, `${clear}${headLine(title, width)}\n${kept.join('\n')}\n${'\n'.repeat(air)}`);
      return Math.max(LEAST_CHOICES, spare - air);
    },
    add: (text) => print(stream, text),
  };
}

/** The longest that fits. */
const KEYS = ['Esc: back, Ctrl-C twice: end', 'Esc: back', ''];

function headLine(title: string, width: number): string {
  const left = cutTo(`reachdoctor: ${title}`, width - 1, '...');
  const room = width - 1 - widthOf(left);
  const keys = KEYS.find((text) => widthOf(text) + 2 <= room) ?? '';
  return keys === '' ? left : `${left}${' '.repeat(room - widthOf(keys))}${keys}`;
}

/** Prose in lines of the screen. */
export const prose = (text: string, width: number): string =>
  wrap(text, Math.min(width - 1, WIDEST)).join('\n');
const WIDEST = 100;
