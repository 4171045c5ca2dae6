import xterm from '@xterm/headless';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Observation, Step } from '../../src/model/probes.ts';
import { createProgress, type ProgressOptions } from '../../src/report/progress.ts';
import { routerDrop } from './samples.ts';

/** A real terminal (without a screen) that the progress draws on. */
function screen(cols: number, rows = 24) {
  const terminal = new xterm.Terminal({ cols, rows, allowProposedApi: true, convertEol: true });
  const written: string[] = [];
  return {
    terminal,
    written,
    stream: {
      write(text: string): void {
        written.push(text);
        terminal.write(text);
      },
    },
    async lines(): Promise<string[]> {
      await new Promise<void>((resolve) => terminal.write('', resolve));
      const { active } = terminal.buffer;
      const all = Array.from(
        { length: active.length },
        (_, row) => active.getLine(row)?.translateToString(true) ?? '',
      );
      while (all.at(-1) === '') all.pop();
      return all;
    },
  };
}

const step = (id: string, host: string): Step => ({
  id,
  purpose: 'hosts-file',
  probe: 'hosts-file',
  input: { host },
});
const observation = (index: number, change: Partial<Observation> = {}): Observation =>
  ({ ...routerDrop.observations[index], ...change }) as Observation;
const options = (cols: number, change: Partial<ProgressOptions> = {}): ProgressOptions => ({
  color: false,
  unicode: true,
  columns: () => cols,
  ...change,
});

describe('the progress display', () => {
  beforeEach(() => vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] }));
  afterEach(() => vi.useRealTimers());

  it('shows what runs and what for, then what was found', async () => {
    const { stream, lines } = screen(80);
    const progress = createProgress(stream, options(80));
    progress.onEvent({ kind: 'started', step: step('tcp-1', 'a.example') });
    expect(await lines()).toEqual(['⠋ whether the hosts file overrides a.example']);
    progress.onEvent({ kind: 'started', step: step('hosts-2', 'b.example') });
    progress.onEvent({ kind: 'observed', observation: observation(1) });
    expect(await lines()).toEqual([
      '· TCP 5432 on 192.0.2.7: no answer in 3.5 s',
      '⠋ whether the hosts file overrides b.example',
    ]);
    progress.stop();
  });

  it('leaves nothing behind but what was there before, and shows the cursor', async () => {
    const { stream, lines, written } = screen(80);
    stream.write('$ reachdoctor\n');
    const progress = createProgress(stream, options(80));
    for (let index = 0; index < 5; index += 1)
      progress.onEvent({ kind: 'observed', observation: observation(index) });
    vi.advanceTimersByTime(1000);
    progress.stop();
    progress.stop();
    progress.onEvent({ kind: 'observed', observation: observation(0) });
    expect(await lines()).toEqual(['$ reachdoctor']);
    expect(written.join('').match(/\u001b\[\?25l/g)).toHaveLength(1);
    expect(written.at(-1)?.endsWith('\u001b[?25h')).toBe(true);
    expect(vi.getTimerCount()).toBe(0);
  });

  it.each([1, 2, 5, 10, 21, 40])('keeps every line to itself on a terminal of %i columns', async (cols) => {
    const { stream, lines } = screen(Math.max(2, cols), 40);
    stream.write('$\n');
    const progress = createProgress(stream, options(Math.max(2, cols)));
    for (let index = 0; index < 5; index += 1) {
      progress.onEvent({
        kind: 'started',
        step: step(`s-${index}`, 'a-name-that-is.longer-than.the.line.example'),
      });
      progress.onEvent({ kind: 'observed', observation: observation(index) });
    }
    expect(await lines()).toHaveLength(1 + 10);
    progress.stop();
    expect(await lines()).toEqual(['$']);
  });

  it('clears all of its lines after the terminal became narrower', async () => {
    const { stream, lines, terminal } = screen(80, 40);
    let cols = 80;
    stream.write('$\n');
    const progress = createProgress(stream, options(80, { columns: () => cols }));
    for (let index = 0; index < 4; index += 1)
      progress.onEvent({ kind: 'observed', observation: observation(index) });
    await lines();
    cols = 30;
    terminal.resize(30, 40);
    progress.stop();
    expect(await lines()).toEqual(['$']);
  });

  it('draws no more lines than it may', async () => {
    const { stream, lines } = screen(80);
    const progress = createProgress(stream, options(80, { rows: 4 }));
    for (let index = 0; index < 9; index += 1)
      progress.onEvent({ kind: 'started', step: step(`s-${index}`, `step ${index}`) });
    for (let index = 0; index < 5; index += 1)
      progress.onEvent({ kind: 'observed', observation: observation(index) });
    expect((await lines()).length).toBeLessThanOrEqual(4);
    progress.stop();
  });

  it('makes hostile words harmless and speaks ASCII where Unicode is off', async () => {
    const { stream, written } = screen(80);
    const progress = createProgress(stream, options(80, { unicode: false }));
    progress.onEvent({ kind: 'started', step: step('s', 'évil \u001b]0;owned\u0007\u202e') });
    progress.stop();
    const own = /\u001b\[(\d+A|J|\?25[lh])|\r/g;
    expect(written.join('').replace(own, '')).toMatch(/^[\x20-\x7e\n]*$/);
  });

  it('writes nothing where it is not live', () => {
    const { stream, written } = screen(80);
    const progress = createProgress(stream, options(80, { live: false }));
    progress.onEvent({ kind: 'started', step: step('s', 'x') });
    progress.stop();
    expect(written).toEqual([]);
  });
});
