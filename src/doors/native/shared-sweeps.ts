import { readSync } from 'node:fs';
import { because } from '../../model/reasons.ts';
import type { NativeResult, SweepJob } from '../types.ts';
import { parseJob } from './job.ts';
import * as linux from './layout.ts';
import type { Libc } from './libc.ts';
import { type SweepWait, sweepTurns } from './sweep.ts';

/** The child's argument for it. */
export const SHARED = 'shared';
/** At work side by side; others wait for their turn. Each polls 64 descriptors at the most. */
const MOST_SWEEPS = 24;
const MOST_POLLED = MOST_SWEEPS * 64 + 1;
const STDIN = 0;
const IDLE_MS = 60_000;
const MAX_LINE = 256 * 1024;

/** A line there: a sweep by its number, or one that is no longer wanted. A line back: its result, or its news. */
export type SharedLine = { id: number; job: SweepJob } | { cancel: number };

interface Running {
  turns: ReturnType<typeof sweepTurns>;
  wait: SweepWait;
  /** performance.now() when its wait is over. */
  untilMs: number;
}

/**
 * Many sweeps in one process: each is stopped where it waits, and one poll() waits for all of them and for standard
 * input. Ends when that is closed.
 */
export function shareSweeps(libc: Libc, tell: (value: object) => void): void {
  const running = new Map<number, Running>();
  const waiting: { id: number; job: SweepJob }[] = [];
  const polled = Buffer.alloc(MOST_POLLED * 8);
  const say = (id: number, value: object): void => tell({ id, ...value });

  /** One turn of a sweep. Our own bug costs this sweep alone. */
  const advance = (id: number, turns: Running['turns'], woken: ReadonlyMap<number, number>): void => {
    try {
      const turn = turns.next(woken);
      if (turn.done === true) {
        running.delete(id);
        say(id, turn.value);
      } else running.set(id, { turns, wait: turn.value, untilMs: performance.now() + turn.value.waitMs });
    } catch (error) {
      running.delete(id);
      const reason = because('fault', error instanceof Error ? error.message : String(error));
      say(id, { status: 'failed', reason } satisfies NativeResult);
    }
  };
  const begin = (): void => {
    while (running.size < MOST_SWEEPS) {
      const next = waiting.shift();
      if (next === undefined) return;
      const { id, job } = next;
      const news = {
        hop: (hop: object) => say(id, { status: 'hop', ...hop }),
        soFar: (trace: object) => say(id, { status: 'so-far', trace }),
      };
      advance(id, sweepTurns(libc, job, news), new Map());
    }
  };
  const take = (line: string): void => {
    const asked = JSON.parse(line) as SharedLine;
    if ('cancel' in asked) {
      running.get(asked.cancel)?.turns.return({ status: 'cancelled' });
      running.delete(asked.cancel);
      const at = waiting.findIndex(({ id }) => id === asked.cancel);
      if (at >= 0) waiting.splice(at, 1);
      return;
    }
    const job = parseJob(JSON.stringify(asked.job));
    if (job.job === 'sweep') waiting.push({ id: asked.id, job });
  };

  const chunk = Buffer.alloc(64 * 1024);
  let text = '';
  for (;;) {
    begin();
    const entries = [...running].flatMap(([id, { wait }]) =>
      wait.fds.map((fd) => ({ id, fd, events: wait.events })),
    );
    const all = [{ id: 0, fd: STDIN, events: linux.POLLIN }, ...entries];
    all.forEach(({ fd, events }, i) => {
      polled.writeInt32LE(fd, i * 8);
      polled.writeInt16LE(events, i * 8 + 4);
      polled.writeInt16LE(0, i * 8 + 6);
    });
    const now = performance.now();
    const waitMs = Math.min(IDLE_MS, ...[...running.values()].map(({ untilMs }) => untilMs - now));
    const count = libc.poll(polled, all.length, Math.max(0, Math.ceil(waitMs)));
    const happened = (i: number): number => (count > 0 ? polled.readInt16LE(i * 8 + 6) : 0);

    const woken = new Map<number, Map<number, number>>();
    entries.forEach(({ id, fd }, i) => {
      const revents = happened(i + 1);
      if (revents !== 0) woken.set(id, (woken.get(id) ?? new Map()).set(fd, revents));
    });
    const after = performance.now();
    for (const [id, { turns, untilMs }] of [...running])
      if (woken.has(id) || after >= untilMs) advance(id, turns, woken.get(id) ?? new Map());

    if (happened(0) === 0) continue;
    const size = readSync(STDIN, chunk, 0, chunk.length, null);
    text += chunk.toString('utf8', 0, size);
    if (size === 0 || text.length > MAX_LINE) break;
    const lines = text.split('\n');
    text = lines.pop() ?? '';
    for (const line of lines) take(line);
  }
  for (const { turns } of running.values()) turns.return({ status: 'cancelled' });
}
