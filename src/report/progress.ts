import { styleText } from 'node:util';
import type { Observation, Step } from '../model/probes.ts';
import type { RunProgress } from '../model/progress.ts';
import { clockWords, pathWords, resultWords, waitingWords } from './progress-words.ts';
import { ascii, safe } from './sanitize.ts';
import { cutTo, widthOf } from './width.ts';

export type ProgressEvent =
  | { kind: 'started'; step: Step }
  | { kind: 'observed'; observation: Observation }
  | { kind: 'progress'; step: Step; progress: RunProgress }
  /** Another place looks, or has looked. */
  | { kind: 'elsewhere'; by: string; isOver: boolean };

/** What is needed of standard error. */
export interface ProgressStream {
  write(text: string): unknown;
}

/**
 * How it is shown. `live`: drawn over itself. `plain`: a line for each result, and what is waited for now and then.
 * `seldom`: only what is waited for, where a run is long.
 */
export type ProgressStyle = 'live' | 'plain' | 'seldom';

export interface ProgressOptions {
  color: boolean;
  unicode: boolean;
  /** Asked before every drawing: a terminal may be resized. 0 = it does not know. */
  columns(): number;
  style?: ProgressStyle;
  /** Lines drawn at most. */
  rows?: number;
  /** Milliseconds of a clock that never goes back. */
  now?(): number;
}

export interface Progress {
  onEvent(event: ProgressEvent): void;
  /** Clears its lines and shows the cursor again. Nothing is written after it; may be called twice. */
  stop(): void;
}

const FRAMES = { fancy: ['⠋', '⠙', '⠹', '⠸', '⠼', '⠴', '⠦', '⠧', '⠇', '⠏'], simple: ['|', '/', '-', '\\'] };
const FRAME_MS = 120;
/** Where nothing is drawn over, what is waited for is told so often. */
const EVERY_MS = { plain: 5000, seldom: 8000 };
/** Where a terminal does not know its size. */
const USUAL_COLUMNS = 80;
const HIDE_CURSOR = '\u001b[?25l';
const SHOW_CURSOR = '\u001b[?25h';
const CLEAR_BELOW = '\u001b[J';
/** What waits the longest is what people want to know of; the others are counted. */
const BUSY_SHOWN = 3;

/**
 * What is waited for, how the path grows, and what was found, while the diagnosis works. Drawn over itself on a terminal:
 * lines are cut one column before the edge, so that a terminal never wraps one; after a resize the lines that were drawn
 * are counted anew at the new width before the cursor goes back over them.
 */
export function createProgress(stream: ProgressStream, options: ProgressOptions): Progress {
  const { color, unicode, style = 'live', rows = 12, now = () => performance.now() } = options;
  const columns = (): number => options.columns() || USUAL_COLUMNS;
  const running = new Map<string, { step: Step; since: number; news: RunProgress | null }>();
  const found = new Map<string, string>();
  const hops = new Map<number, string>();
  const places = new Map<string, number>();
  let drawn: number[] = [];
  let frame = 0;
  let timer: NodeJS.Timeout | null = null;
  let stopped = false;

  const plain = (text: string): string => (unicode ? safe(text) : ascii(safe(text)));
  const paint = (how: 'cyan' | 'dim', text: string): string =>
    color ? styleText(how, text, { validateStream: false }) : text;
  const width = (): number => Math.max(2, columns() - 1);

  const lineOf = (sign: string, how: 'cyan' | 'dim', text: string): { text: string; width: number } => {
    const room = width();
    if (room < 8) {
      const short = cutTo(plain(text), room, '');
      return { text: short, width: widthOf(short) };
    }
    const rest = cutTo(plain(text), room - 2, unicode ? '…' : '...');
    return { text: `${paint(how, sign)} ${rest}`, width: 2 + widthOf(rest) };
  };

  const waiting = (): string[] => [
    ...[...running.values()]
      .sort((a, b) => Number(isTarget(b.step)) - Number(isTarget(a.step)))
      .map(({ step, since, news }) => waitingWords(step, now() - since, news)),
    ...[...places].map(([by, since]) => `looking from ${by}${clockWords(now() - since, null)}`),
  ];

  const lines = (): { text: string; width: number }[] => {
    const frames = unicode ? FRAMES.fancy : FRAMES.simple;
    const spinner = frames[frame % frames.length] ?? '';
    const all = waiting();
    const most = Math.max(1, Math.min(BUSY_SHOWN, rows - 1));
    const busy = all.length > most ? [...all.slice(0, most), `and ${all.length - most} more`] : all;
    const path = hops.size === 0 || rows < 4 ? [] : [pathWords(hops, unicode)];
    const kept = Math.max(0, rows - Math.min(busy.length, rows) - path.length);
    const results = kept === 0 ? [] : [...found.values()].slice(-kept);
    return [
      ...results.map((text) => lineOf(unicode ? '·' : '-', 'dim', text)),
      ...path.map((text) => lineOf(unicode ? '→' : '>', 'dim', text)),
      ...busy.slice(0, rows).map((text) => lineOf(spinner, 'cyan', text)),
    ];
  };

  /** Back to the first of the lines drawn, at the width of now. */
  const rewind = (): string => {
    const across = Math.max(1, columns());
    const height = drawn.reduce((sum, each) => sum + Math.max(1, Math.ceil(each / across)), 0);
    return `\r${height > 0 ? `\u001b[${height}A` : ''}${CLEAR_BELOW}`;
  };

  const tick = (everyMs: number, work: () => void): void => {
    if (timer !== null) return;
    timer = setInterval(work, everyMs);
    // A spinner keeps no process alive.
    timer.unref();
  };

  const draw = (): void => {
    if (stopped) return;
    const next = lines();
    const hide = timer === null ? HIDE_CURSOR : '';
    // The cursor waits on an empty line: terminals do not agree on how the line that it is on wraps after a resize.
    stream.write(hide + rewind() + next.map(({ text }) => `${text}\n`).join(''));
    drawn = next.map((line) => line.width);
    tick(FRAME_MS, () => {
      frame += 1;
      draw();
    });
  };

  const tellWaiting = (): void => {
    const [first] = waiting();
    if (!stopped && first !== undefined) stream.write(`${plain(first)}\n`);
  };

  return {
    onEvent(event) {
      if (stopped) return;
      if (event.kind === 'started')
        running.set(event.step.id, { step: event.step, since: now(), news: null });
      else if (event.kind === 'elsewhere') {
        // What is still at work here is no longer waited for.
        running.clear();
        if (event.isOver) places.delete(event.by);
        else places.set(event.by, now());
      } else if (event.kind === 'progress') {
        const at = running.get(event.step.id);
        if (at !== undefined) at.news = event.progress;
        if (
          event.progress.kind === 'hop' &&
          event.step.probe === 'trace-syn' &&
          event.step.input.role === 'target'
        )
          hops.set(event.progress.ttl, event.progress.from);
      } else if (event.observation.final) {
        const { observation } = event;
        running.delete(observation.id);
        const words = observation.outcome === 'cancelled' ? null : resultWords(observation);
        if (words !== null) found.set(observation.id, words);
        if (words !== null && style === 'plain') stream.write(`${plain(words)}\n`);
      }
      if (style === 'live') draw();
      else tick(EVERY_MS[style], tellWaiting);
    },
    stop() {
      if (stopped) return;
      stopped = true;
      if (timer === null) return;
      clearInterval(timer);
      if (style === 'live') stream.write(rewind() + SHOW_CURSOR);
    },
  };
}

const isTarget = ({ probe, input }: Step): boolean =>
  probe === 'tcp-connect' && (input.role === 'target' || input.role === 'sample');
