import { styleText } from 'node:util';
import { ascii } from './sanitize.ts';
import { widthOf, wrap } from './width.ts';

export interface TerminalOptions {
  color: boolean;
  unicode: boolean;
  /** Columns; lines are never longer, except commands, which must survive copying. */
  width: number;
  verbose: boolean;
  /** A menu follows that offers what the last line would tell of. */
  menu?: boolean;
}

export type Style = 'bold' | 'dim' | 'red' | 'green' | 'yellow' | 'cyan';

const NARROWEST = 30;
/** Prose is hard to read in longer lines; tables and commands may use what there is. */
export const PROSE = 100;

/** Lines under construction: wraps, indents, colours; knows the signs for both character sets. */
export function pageOf({ color, unicode, width: columns }: TerminalOptions) {
  const width = Math.max(NARROWEST, columns);
  const prose = Math.min(width, PROSE);
  const lines: string[] = [];
  const plain = (text: string): string => (unicode ? text : ascii(text));
  const paint = (style: Style | null, text: string): string =>
    color && style !== null && text !== '' ? styleText(style, text, { validateStream: false }) : text;
  return {
    width,
    unicode,
    plain,
    paint,
    sign: (fancy: string, simple: string): string => (unicode ? fancy : simple),
    raw(line: string): void {
      lines.push(line);
    },
    blank(): void {
      if (lines.length > 0 && lines.at(-1) !== '') lines.push('');
    },
    /** A paragraph after `first`, its other lines indented as far. */
    say(first: string, text: string, style: Style | null = null, firstStyle: Style | null = null): void {
      const indent = widthOf(first);
      wrap(plain(text), prose - indent).forEach((line, index) => {
        lines.push((index === 0 ? paint(firstStyle, first) : ' '.repeat(indent)) + paint(style, line));
      });
    },
    heading(text: string): void {
      if (lines.length > 0 && lines.at(-1) !== '') lines.push('');
      wrap(plain(text), prose).forEach((line) => {
        lines.push(paint('bold', line));
      });
    },
    /** Never wrapped: a command must survive copying. */
    command(indent: string, run: string): void {
      run.split('\n').forEach((line, index) => {
        lines.push(`${indent}${paint('dim', index === 0 ? '$ ' : '  ')}${paint('cyan', plain(line))}`);
      });
    },
    lines: (): readonly string[] => lines,
    text: (): string => `${lines.map((line) => line.trimEnd()).join('\n')}\n`,
  };
}
export type Page = ReturnType<typeof pageOf>;
