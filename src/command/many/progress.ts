import { manyProgress } from '../../report/many/progress-words.ts';
import { createScreen } from '../watch/screen.ts';

/** A line so often where nothing can be drawn over. */
const SELDOM_MS = 10_000;

export interface ManyProgress {
  started(n: number): void;
  /** `held` false = it is not as expected. */
  ended(n: number, held: boolean): void;
  clear(): Promise<void>;
}

/**
 * How far a run with many targets is, on standard error: one line that is drawn over on a terminal, else a line every ten
 * seconds. `name` = what the n-th target is called.
 */
export function manyProgressOn(
  write: (text: string) => Promise<void>,
  given: {
    total: number;
    name(n: number): string;
    live: boolean;
    columns(): number;
    unicode: boolean;
    elapsed(): number;
  },
): ManyProgress {
  const screen = createScreen(write, given.columns);
  const atWork = new Set<number>();
  let done = 0;
  let failed = 0;
  let toldMs = given.elapsed();
  const tell = (): void => {
    const state = { done, total: given.total, failed, atWork: [...atWork].map(given.name) };
    if (given.live) void screen.draw([manyProgress(state, Math.max(20, given.columns() - 1), given.unicode)]);
    else if (given.elapsed() - toldMs >= SELDOM_MS) {
      toldMs = given.elapsed();
      void write(`${manyProgress(state, 200, given.unicode)}\n`);
    }
  };
  return {
    started: (n) => {
      atWork.add(n);
      tell();
    },
    ended: (n, held) => {
      atWork.delete(n);
      done++;
      if (!held) failed++;
      tell();
    },
    clear: () => screen.clear(),
  };
}
