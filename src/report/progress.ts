import { styleText } from 'node:util';
import type { Observation, Step } from '../model/probes.ts';
import { observationWords } from './observation-words.ts';
import { ascii, safe } from './sanitize.ts';
import { stepWords } from './step-words.ts';
import { cutTo, widthOf } from './width.ts';

export type ProgressEvent = { kind: 'started'; step: Step } | { kind: 'observed'; observation: Observation };

/** What is needed of standard error. */
export interface ProgressStream {
  write(text: string): unknown;
}

export interface ProgressOptions {
  color: boolean;
  unicode: boolean;
  /** Asked before every drawing: a terminal may be resized. */
  columns(): number;
  /** False = not a terminal: nothing is written. */
  live?: boolean;
  /** Lines drawn at most. */
  rows?: number;
}

export interface Progress {
  onEvent(event: ProgressEvent): void;
  /** Clears its lines and shows the cursor again. Nothing is written after it; may be called twice. */
  stop(): void;
}

const FRAMES = { fancy: ['⠋', '⠙', '⠹', '⠸', '⠼', '⠴', '⠦', '⠧', '⠇', '⠏'], simple: ['|', '/', '-', '\\'] };
const FRAME_MS = 120;
const HIDE_CURSOR = '\u001b[?25l';
const SHOW_CURSOR = '\u001b[?25h';
const CLEAR_BELOW = '\u001b[J';

/**
 * What runs, what for, and what was found, drawn over itself while the diagnosis works.
 * Lines are cut one column before the edge, so that a terminal never wraps one; after a resize the lines that
 * were drawn are counted anew at the new width before the cursor goes back over them.
 */
export function createProgress(stream: ProgressStream, options: ProgressOptions): Progress {
  const { color, unicode, columns, live = true, rows = 12 } = options;
  const running = new Map<string, Step>();
  const found = new Map<string, Observation>();
  let drawn: number[] = [];
  let frame = 0;
  let timer: NodeJS.Timeout | null = null;
  let stopped = false;

  const plain = (text: string): string => (unicode ? safe(text) : ascii(safe(text)));
  const paint = (style: 'cyan' | 'green' | 'dim', text: string): string =>
    color ? styleText(style, text, { validateStream: false }) : text;
  const width = (): number => Math.max(2, columns() - 1);

  const lineOf = (
    sign: string,
    style: 'cyan' | 'green' | 'dim',
    text: string,
  ): { text: string; width: number } => {
    const room = width();
    if (room < 8) {
      const short = cutTo(plain(text), room, '');
      return { text: short, width: widthOf(short) };
    }
    const rest = cutTo(plain(text), room - 2, unicode ? '…' : '...');
    return { text: `${paint(style, sign)} ${rest}`, width: 2 + widthOf(rest) };
  };

  const lines = (): { text: string; width: number }[] => {
    const frames = unicode ? FRAMES.fancy : FRAMES.simple;
    const spinner = frames[frame % frames.length] ?? '';
    const done = [...found.values()].filter(({ final, outcome }) => final && outcome !== 'cancelled');
    const busy = [...running.values()];
    const shownBusy = busy.slice(-Math.max(1, rows - 1));
    const shownDone = done.slice(-Math.max(0, rows - shownBusy.length));
    return [
      ...shownDone.map((observation) => lineOf(unicode ? '·' : '-', 'dim', observationWords(observation))),
      ...shownBusy.map((step) => {
        const partial = found.get(step.id);
        const news = partial === undefined ? '' : ` (${observationWords(partial)})`;
        return lineOf(spinner, 'cyan', `${stepWords(step)}${news}`);
      }),
    ];
  };

  /** Back to the first of the lines drawn, at the width of now. */
  const rewind = (): string => {
    const across = Math.max(1, columns());
    const height = drawn.reduce((sum, each) => sum + Math.max(1, Math.ceil(each / across)), 0);
    return `\r${height > 1 ? `\u001b[${height - 1}A` : ''}${CLEAR_BELOW}`;
  };

  const draw = (): void => {
    if (stopped) return;
    const now = lines();
    const hide = timer === null ? HIDE_CURSOR : '';
    stream.write(hide + rewind() + now.map(({ text }) => text).join('\n'));
    drawn = now.map((line) => line.width);
    if (timer === null) {
      timer = setInterval(() => {
        frame += 1;
        draw();
      }, FRAME_MS);
      // A spinner keeps no process alive.
      timer.unref();
    }
  };

  return {
    onEvent(event) {
      if (event.kind === 'started') running.set(event.step.id, event.step);
      else {
        found.set(event.observation.id, event.observation);
        if (event.observation.final) running.delete(event.observation.id);
      }
      if (live) draw();
    },
    stop() {
      if (stopped) return;
      stopped = true;
      if (timer === null) return;
      clearInterval(timer);
      stream.write(rewind() + SHOW_CURSOR);
    },
  };
}
