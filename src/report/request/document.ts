import type { PathTable } from '../paths.ts';
import type { Rails } from '../picture/rails.ts';

/** A report file as a list of blocks: what is said is decided once, each format only draws it. */
export type Span = string | { code: string } | { strong: string };
export type Line = Span | readonly Span[];

export type Block =
  | { kind: 'heading'; level: 1 | 2 | 3; text: Line }
  | { kind: 'paragraph'; text: Line }
  /** Name and value, a row each. */
  | { kind: 'pairs'; rows: (readonly [string, Line])[] }
  /** To be copied into a ticket as it stands. */
  | { kind: 'quote'; lines: readonly string[] }
  | { kind: 'list'; numbered: boolean; items: readonly Line[] }
  | { kind: 'table'; head: readonly string[]; rows: readonly (readonly Line[])[] }
  | { kind: 'path'; table: PathTable }
  | { kind: 'command'; run: string }
  | { kind: 'raw'; text: string }
  /** Shown when it is asked for, where the format can do that. */
  | { kind: 'folded'; title: string; blocks: readonly Block[] }
  /** One rail a place, converging on the target. */
  | { kind: 'rails'; rails: Rails }
  /** A place where a format that can draw shows the picture of the path. */
  | { kind: 'picture' };

export const spansOf = (line: Line): readonly Span[] =>
  typeof line === 'string' || 'code' in line || 'strong' in line ? [line as Span] : (line as readonly Span[]);

export const heading = (text: Line, level: 1 | 2 | 3 = 2): Block => ({ kind: 'heading', level, text });
export const paragraph = (text: Line): Block => ({ kind: 'paragraph', text });
export const list = (items: readonly Line[], numbered = false): Block => ({ kind: 'list', numbered, items });
export const command = (run: string): Block => ({ kind: 'command', run });
