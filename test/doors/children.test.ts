import { execFileSync, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { adopt, endChildren, marked, OWN_GROUP } from '../../src/doors/children.ts';

let dir = '';
beforeAll(() => {
  dir = mkdtempSync(join(tmpdir(), 'reachdoctor-children-'));
});
afterAll(() => rmSync(dir, { recursive: true }));

const isAlive = (pid: number): boolean => {
  try {
    return !/^State:\s+[ZX]/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'));
  } catch {
    return false;
  }
};

let count = 0;
/** Runs a shell script whose last word is the file into which it writes the process number of what it leaves. */
async function leftBy(script: string): Promise<{ pid: number; ended: Promise<unknown> }> {
  const file = join(dir, `pid-${count++}`);
  const child = adopt(
    spawn('sh', ['-c', script, 'sh', file], {
      ...OWN_GROUP,
      env: marked({ PATH: process.env.PATH }),
      stdio: 'ignore',
    }),
  );
  const ended = new Promise((resolve) => child.once('exit', resolve));
  await vi.waitUntil(() => existsSync(file) && readFileSync(file, 'utf8').endsWith('\n'), {
    timeout: 60_000,
  });
  return { pid: Number(readFileSync(file, 'utf8')), ended };
}

describe.skipIf(process.platform === 'win32')('what a tool has started', () => {
  it('ends with it, also where the tool ended by itself and all was well', async () => {
    const { pid, ended } = await leftBy('sleep 600 & echo $! > "$1"');
    await ended;
    await vi.waitUntil(() => !isAlive(pid), { timeout: 60_000 });
  });

  it.skipIf(process.platform !== 'linux')('is found at the end where it has left the group', async () => {
    const { pid, ended } = await leftBy(
      `setsid sh -c 'trap "" TERM HUP INT; echo $$ > "$1"; while :; do sleep 600; done' sh "$1" & until [ -s "$1" ]; do sleep 0.01; done`,
    );
    await ended;
    expect(isAlive(pid)).toBe(true);
    await endChildren();
    expect(isAlive(pid)).toBe(false);
  });

  it.skipIf(process.platform !== 'linux')('is left alone where it is not ours', async () => {
    const other = spawn('sleep', ['600'], { env: { REACHDOCTOR_CHILD_OF: '1-0' }, stdio: 'ignore' });
    await leftBy('sleep 600 & echo $! > "$1"');
    await endChildren();
    expect(isAlive(other.pid ?? 0)).toBe(true);
    other.kill('SIGKILL');
  });

  it("is the user's where the program was run in our place", async () => {
    const file = join(dir, 'of-the-user');
    const child = adopt(
      spawn('sh', ['-c', 'setsid sleep 600 & echo $! > "$1"', 'sh', file], { stdio: 'ignore' }),
      'ours',
    );
    await new Promise((resolve) => child.once('exit', resolve));
    const pid = Number(readFileSync(file, 'utf8'));
    await endChildren();
    expect(isAlive(pid)).toBe(true);
    process.kill(pid, 'SIGKILL');
  });

  it('is ended with the tool that hangs', async () => {
    const { pid, ended } = await leftBy(`trap '' TERM INT HUP; sleep 600 & echo $! > "$1"; wait`);
    await endChildren();
    await ended;
    await vi.waitUntil(() => !isAlive(pid), { timeout: 60_000 });
    expect(execFileSync('ps', ['-e', '-o', 'args='], { encoding: 'utf8' })).not.toContain(dir);
  });
});
