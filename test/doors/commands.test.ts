import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { runCommand } from '../../src/doors/commands.ts';

let dir = '';
beforeAll(() => {
  dir = mkdtempSync(join(tmpdir(), 'reachdoctor-'));
});
afterAll(() => rmSync(dir, { recursive: true }));

const run = (file: string, args: string[], more: { timeoutMs?: number; signal?: AbortSignal } = {}) =>
  runCommand({ file, args, timeoutMs: 10_000, signal: new AbortController().signal, ...more });

/** Starts at once, also on a busy machine, where node needs a second. */
const sh = (script: string, more: { timeoutMs?: number; signal?: AbortSignal } = {}) =>
  run('sh', ['-c', script], more);

const node = (script: string, more: { timeoutMs?: number; signal?: AbortSignal } = {}) =>
  run(process.execPath, ['-e', script], more);

/** The process group and the children of a process are gone or zombies. */
function alive(pid: number): boolean {
  try {
    return !/^State:\s+[ZX]/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'));
  } catch {
    return false;
  }
}

async function gone(pid: number): Promise<boolean> {
  for (let tries = 0; tries < 50 && alive(pid); tries++)
    await new Promise((resolve) => setTimeout(resolve, 20));
  return !alive(pid);
}

describe.concurrent('run-command', () => {
  test('gives both streams and the exit code of a tool that failed', async () => {
    const result = await node('console.log("out"); console.error("err"); process.exitCode = 3');
    expect(result).toMatchObject({ status: 'done', exitCode: 3, stdout: 'out\n', stderr: 'err\n' });
  });

  test('a tool that is not installed is missing, not an exception', async () => {
    expect(await run('reachdoctor-no-such-tool', [])).toMatchObject({
      status: 'missing',
      exitCode: null,
      stdout: '',
    });
  });

  test('a file that may not be executed is denied', async () => {
    const file = join(dir, 'not-executable');
    writeFileSync(file, '#!/bin/sh\n');
    chmodSync(file, 0o644);
    expect(await run(file, [])).toMatchObject({ status: 'denied', exitCode: null });
  });

  test('a NUL in an argument is refused with its reason', async () => {
    const result = await run('echo', ['a\0b']);
    expect(result).toMatchObject({ status: 'failed', stdout: '' });
    expect(result.stderr).toContain('NUL');
  });

  test('what looks like shell syntax stays one argument', async () => {
    const hostile = '$(touch pwned); `id` | cat > x';
    const result = await run(process.execPath, ['-e', 'process.stdout.write(process.argv[1])', hostile]);
    expect(result.stdout).toBe(hostile);
  });

  test('the command line is shown as a person would type it', async () => {
    expect((await run('reachdoctor-no-such-tool', ['-n', "it's", '10.0.0.1'])).commandLine).toBe(
      "reachdoctor-no-such-tool -n 'it'\\''s' 10.0.0.1",
    );
  });

  test('tools speak English in UTC, read nothing, and are found in sbin', async () => {
    const script = `
      const { LC_ALL, LANGUAGE, TZ, PATH } = process.env;
      console.log(JSON.stringify({ LC_ALL, LANGUAGE, TZ, PATH, stdin: require('fs').readFileSync(0, 'utf8') }))`;
    const seen = JSON.parse((await node(script)).stdout);
    expect(seen).toMatchObject({ LC_ALL: 'C', LANGUAGE: '', TZ: 'UTC', stdin: '' });
    expect(seen.PATH.split(':').slice(-2)).toEqual(['/usr/sbin', '/sbin']);
  });

  test('at the deadline what was printed is kept, also by a tool that ignores every polite signal', async () => {
    const result = await sh('trap "" INT TERM; echo $$; while :; do sleep 1; done', { timeoutMs: 1000 });
    expect(result).toMatchObject({ status: 'timed-out', exitCode: null });
    expect(await gone(Number(result.stdout))).toBe(true);
  });

  test('at the deadline a tool may still print its summary', async () => {
    const script = 'trap "echo summary; exit 0" INT; echo line; while :; do sleep 0.01; done';
    const result = await sh(script, { timeoutMs: 1000 });
    expect(result).toMatchObject({ status: 'timed-out', stdout: 'line\nsummary\n' });
  });

  test('cancelling ends the child and keeps what was printed', async () => {
    const abort = new AbortController();
    const mark = join(dir, 'printed');
    const running = sh(`echo $$; : > ${mark}; exec sleep 60`, { signal: abort.signal });
    await vi.waitUntil(() => existsSync(mark), { timeout: 60_000 });
    abort.abort();
    const result = await running;
    expect(result.status).toBe('cancelled');
    expect(Number(result.stdout)).toBeGreaterThan(1);
    expect(await gone(Number(result.stdout))).toBe(true);
  });

  test('an aborted signal starts nothing', async () => {
    const mark = join(dir, 'started');
    const result = await run('touch', [mark], { signal: AbortSignal.abort() });
    expect(result.status).toBe('cancelled');
    expect(() => readFileSync(mark)).toThrow();
  });

  test('a grandchild that holds the streams ends with its tool, after its exit and at the deadline', async () => {
    const finished = await sh('sleep 60 & echo $!');
    const late = await sh('sleep 60 & echo $!; wait', { timeoutMs: 1500 });
    for (const result of [finished, late]) expect(await gone(Number(result.stdout))).toBe(true);
    expect(finished).toMatchObject({ status: 'done', exitCode: 0 });
    expect(late.status).toBe('timed-out');
  });

  test('a tool that prints without end is stopped, and a bounded part is kept', async () => {
    const result = await run('yes', ['no end']);
    expect(result.status).toBe('failed');
    expect(result.stdout).toHaveLength(256 * 1024);
  });

  test('characters split between two writes and invalid UTF-8 survive as text', async () => {
    const result = await node(
      `process.stdout.write(Buffer.from([0xc3])); setTimeout(() => process.stdout.write(Buffer.from([0xa9, 0xff])), 50)`,
    );
    expect(result.stdout).toBe('é\ufffd');
  });
});
