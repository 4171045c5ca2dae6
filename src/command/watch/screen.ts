import { stripVTControlCharacters } from 'node:util';
import { widthOf } from '../../report/width.ts';

const CLEAR_BELOW = '\u001b[J';

/** Lines drawn over themselves, with the cursor on the empty line below them, where others may write and clear. */
export interface Screen {
  draw(lines: readonly string[]): Promise<void>;
  clear(): Promise<void>;
}

/** @param columns asked before every drawing: after a resize the lines are counted anew at the new width. */
export function createScreen(write: (text: string) => Promise<void>, columns: () => number): Screen {
  let drawn: number[] = [];
  const back = (): string => {
    const across = Math.max(1, columns());
    const height = drawn.reduce((sum, width) => sum + Math.max(1, Math.ceil(width / across)), 0);
    return height === 0 ? '' : `\r\u001b[${height}A${CLEAR_BELOW}`;
  };
  return {
    draw: async (lines) => {
      const text = `${back()}${lines.map((line) => `${line}\n`).join('')}`;
      drawn = lines.map((line) => widthOf(stripVTControlCharacters(line)));
      await write(text);
    },
    clear: async () => {
      const text = back();
      drawn = [];
      if (text !== '') await write(text);
    },
  };
}
