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

  const connect: Step = {
    id: 'tcp-1',
    probe: 'tcp-connect',
    purpose: 'port',
    input: {
      address: '203.0.113.80',
      port: 5432,
      role: 'target',
      startsMs: [0, 250, 500],
      endMs: 4000,
      stopAtFirstAnswer: true,
    },
  };
  const trace: Step = {
    id: 'trace-syn-target-1',
    probe: 'trace-syn',
    purpose: 'path',
    input: {
      address: '203.0.113.80',
      port: 5432,
      protocol: 'tcp',
      role: 'target',
      maxTtl: 30,
      holdMs: 2900,
      silentLimit: 6,
    },
  };

  it('says what is waited for, how long, and how long at most', async () => {
    const { stream, lines } = screen(80);
    let now = 0;
    const progress = createProgress(stream, options(80, { now: () => now }));
    progress.onEvent({ kind: 'started', step: connect });
    expect(await lines()).toEqual(['⠋ waiting for 203.0.113.80:5432']);
    now = 2430;
    vi.advanceTimersByTime(120);
    expect(await lines()).toEqual(['⠙ waiting for 203.0.113.80:5432, 2.4 of at most 4 s']);
    progress.stop();
  });

  it('the path grows hop by hop, and results say what they rule out', async () => {
    const { stream, lines } = screen(80);
    const progress = createProgress(stream, options(80, { now: () => 0 }));
    progress.onEvent({ kind: 'started', step: connect });
    progress.onEvent({ kind: 'started', step: trace });
    progress.onEvent({
      kind: 'progress',
      step: trace,
      progress: { kind: 'hop', ttl: 1, from: '192.168.1.1' },
    });
    progress.onEvent({ kind: 'progress', step: trace, progress: { kind: 'hop', ttl: 3, from: '10.20.0.1' } });
    const ping = routerDrop.observations.find(({ probe }) => probe === 'ping')!;
    progress.onEvent({
      kind: 'observed',
      observation: { ...ping, outcome: 'replies', final: true } as Observation,
    });
    expect(await lines()).toEqual([
      expect.stringMatching(/^· ping: .*: the host is up$/),
      '→ you ── 192.168.1.1 ── · ── 10.20.0.1 ── ...',
      '⠋ waiting for 203.0.113.80:5432',
      '⠋ where SYNs to TCP 5432 end',
    ]);
    progress.stop();
  });

  it('connections that are sampled are counted', async () => {
    const { stream, lines } = screen(80);
    const sample = {
      ...connect,
      purpose: 'port-samples',
      input: { ...connect.input, role: 'sample', startsMs: [0, 1, 2] },
    } as Step;
    const progress = createProgress(stream, options(80, { now: () => 0 }));
    progress.onEvent({ kind: 'started', step: sample });
    progress.onEvent({ kind: 'progress', step: sample, progress: { kind: 'attempt', made: 2, opened: 1 } });
    expect(await lines()).toEqual(['⠋ connection 2 of 3 to 203.0.113.80:5432, 1 accepted']);
    progress.stop();
  });

  it('what could not be measured is left to the report, and no probe is called by its name', async () => {
    const { stream, lines } = screen(80);
    const progress = createProgress(stream, options(80, { now: () => 0 }));
    progress.onEvent({ kind: 'started', step: trace });
    const none = { ...routerDrop.observations[0], id: trace.id, probe: 'trace-syn', data: null };
    progress.onEvent({
      kind: 'observed',
      observation: { ...none, outcome: 'not-available', final: true } as Observation,
    });
    expect((await lines()).join('')).not.toContain('trace-syn');
    progress.stop();
  });

  it('more than three waits are counted', async () => {
    const { stream, lines } = screen(80);
    const progress = createProgress(stream, options(80, { now: () => 0 }));
    for (let i = 0; i < 6; i++) progress.onEvent({ kind: 'started', step: step(`s-${i}`, `host-${i}`) });
    expect(await lines()).toHaveLength(4);
    expect((await lines()).at(-1)).toBe('⠋ and 3 more');
    progress.stop();
  });

  it('a terminal that says 0 columns is taken to have 80', async () => {
    const { stream, lines } = screen(80);
    const progress = createProgress(stream, options(0, { now: () => 0 }));
    progress.onEvent({ kind: 'started', step: connect });
    expect(await lines()).toEqual(['⠋ waiting for 203.0.113.80:5432']);
    progress.stop();
  });

  it('--plain: a line for each result, nothing drawn over; and now and then what is waited for', () => {
    const { stream, written } = screen(80);
    const progress = createProgress(stream, options(80, { style: 'plain', now: () => 5000 }));
    progress.onEvent({ kind: 'started', step: connect });
    progress.onEvent({ kind: 'observed', observation: observation(1, { id: 'other', final: true }) });
    vi.advanceTimersByTime(5000);
    progress.stop();
    expect(written).toEqual([
      'TCP 5432 on 192.0.2.7: no answer in 3.5 s\n',
      'waiting for 203.0.113.80:5432\n',
    ]);
  });

  it('where standard error is no terminal: a line now and then, and none in a short run', () => {
    const { stream, written } = screen(80);
    let now = 0;
    const progress = createProgress(stream, options(80, { style: 'seldom', now: () => now }));
    progress.onEvent({ kind: 'started', step: connect });
    progress.onEvent({ kind: 'observed', observation: observation(1, { id: 'other' }) });
    vi.advanceTimersByTime(7000);
    expect(written).toEqual([]);
    now = 8000;
    vi.advanceTimersByTime(1000);
    progress.stop();
    expect(written).toEqual(['waiting for 203.0.113.80:5432, 4 of at most 4 s\n']);
    expect(vi.getTimerCount()).toBe(0);
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
    expect((await lines()).length).toBeGreaterThan(2);
    for (const line of await lines()) expect(line.length).toBeLessThanOrEqual(Math.max(2, cols));
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

  it('says where it looks from, once the diagnosis itself is over', async () => {
    const { stream, lines } = screen(60);
    let clock = 0;
    const progress = createProgress(stream, options(60, { now: () => clock }));
    progress.onEvent({ kind: 'started', step: step('late', 'db.example.com') });
    progress.onEvent({ kind: 'elsewhere', by: 'ssh:db1', isOver: false });
    progress.onEvent({ kind: 'elsewhere', by: 'netns:blue', isOver: false });
    clock = 2500;
    progress.onEvent({ kind: 'elsewhere', by: 'netns:blue', isOver: true });
    expect((await lines()).join('\n')).toContain('looking from ssh:db1, 2.5 s');
    expect((await lines()).join('\n')).not.toMatch(/netns:blue|db\.example\.com/);
    progress.stop();
    expect(await lines()).toEqual([]);
  });
});
