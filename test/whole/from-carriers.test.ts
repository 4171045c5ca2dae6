/** Carriers that hang, die and babble: told as such, never counted, and nothing of them is left when the report is there. */
import { type ChildProcess, spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { chmodSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Report } from '../../src/model/report.ts';

const cli = fileURLToPath(new URL('../../dist/cli.js', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'from-carriers-'));
afterAll(() => rmSync(folder, { recursive: true }));

const program = (name: string, body: string): string => {
  const file = join(folder, name);
  writeFileSync(file, `#!/bin/sh\n${body}\n`);
  chmodSync(file, 0o755);
  return `cmd:${file}`;
};
/** With a child of its own, which would outlive it; one that hears no SIGTERM; one that leaves its session. */
const HANGS = program('hangs', 'sleep 1000 & sleep 1000');
const DEAF = program('deaf', 'trap "" TERM; while :; do sleep 1000; done');
const LEAVES = program('leaves', 'setsid sleep 1000 & sleep 1000');
const DIES = program('dies', 'sleep 1000 & head -c 200 >/dev/null; kill -9 $$');
const BABBLES = program('babbles', 'sleep 1000 & while :; do echo "Welcome to nowhere"; done');
const WORKS = 'cmd:sh -s';

let port = 0;
beforeAll(async () => {
  const server = createServer().listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  port = (server.address() as { port: number }).port;
  await new Promise((resolve) => server.close(resolve));
});

/** Runs to its end, or until it is told to stop; whatever it started has its mark in the environment. */
async function run(from: string[], stop: (child: ChildProcess, mark: string) => Promise<void>) {
  const mark = `FROM_TEST=${randomUUID()}`;
  const places = from.flatMap((one) => ['--from', one]);
  const child = spawn(
    process.execPath,
    [cli, '--diagnose', `127.0.0.1:${port}`, '--json', '--quiet', ...places],
    {
      env: { ...process.env, FROM_TEST: mark.slice('FROM_TEST='.length) },
      stdio: ['ignore', 'pipe', 'ignore'],
    },
  );
  let text = '';
  child.stdout?.setEncoding('utf8').on('data', (some: string) => {
    text += some;
  });
  const ended = new Promise<void>((resolve) => child.once('close', () => resolve()));
  await Promise.all([stop(child, mark), ended]);
  return { report: JSON.parse(text) as Report, left: processesWith(mark) };
}

function processesWith(entry: string): { pid: number; command: string }[] {
  return readdirSync('/proc').flatMap((pid) => {
    if (!/^\d+$/.test(pid)) return [];
    try {
      if (!readFileSync(`/proc/${pid}/environ`, 'latin1').split('\0').includes(entry)) return [];
      return [
        { pid: Number(pid), command: readFileSync(`/proc/${pid}/cmdline`, 'latin1').replaceAll('\0', ' ') },
      ];
    } catch {
      return [];
    }
  });
}

const untilItHangs = async (child: ChildProcess, mark: string): Promise<void> => {
  while (child.exitCode === null && !processesWith(mark).some(({ command }) => command.startsWith('sleep')))
    await new Promise((resolve) => setTimeout(resolve, 50));
  child.kill('SIGINT');
};
const notAtAll = async (): Promise<void> => {};

const failed = ({ views = [] }: Report) => views.filter(({ ok }) => !ok).map(({ by }) => by);

describe.skipIf(process.platform !== 'linux')('carriers that do not do their work', () => {
  it.each([1, 2, 3, 4, 5, 6, 7, 8, 9])(
    'run %i, ended by Ctrl-C, leaves no process',
    { timeout: 120_000 },
    async () => {
      const { report, left } = await run([HANGS, DEAF, LEAVES, DIES, BABBLES], untilItHangs);
      expect(left).toEqual([]);
      expect(failed(report)).toHaveLength(5);
      expect(report.observations.filter(({ view }) => view !== undefined)).toEqual([]);
    },
  );

  it('run 10, to the deadline, leaves no process, and the place that works counts', {
    timeout: 120_000,
  }, async () => {
    const { report, left } = await run([HANGS, DEAF, LEAVES, DIES, BABBLES, WORKS], notAtAll);
    expect(left).toEqual([]);
    expect(failed(report)).toEqual([HANGS, DEAF, LEAVES, DIES, BABBLES]);
    const reasons = report.views?.map(({ reason }) => reason) ?? [];
    expect(reasons.filter((one) => one?.includes('did not end within'))).toHaveLength(3);
    expect(reasons.some((one) => one?.includes('ended by a signal'))).toBe(true);
    expect(reasons.some((one) => one?.includes('more than any answer'))).toBe(true);
    expect(report.sights?.map(({ view }) => view)).toEqual(['here', 'from-6']);
  });
});
