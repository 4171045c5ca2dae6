import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, afterEach, describe, expect, it } from 'vitest';
import { closedPort } from '../command/silent-port.ts';

const CLI = fileURLToPath(new URL('../../dist/cli.js', import.meta.url));
const dir = mkdtempSync(join(tmpdir(), 'reachdoctor-wait-'));
afterAll(() => rmSync(dir, { recursive: true, force: true }));

const running: ChildProcess[] = [];
afterEach(() => {
  for (const child of running.splice(0)) child.kill('SIGKILL');
});

/** The built program, with what it prints as it comes. */
function program(...args: string[]) {
  const child = spawn(process.execPath, [CLI, ...args], { stdio: ['ignore', 'pipe', 'pipe'] });
  running.push(child);
  let out = '';
  let err = '';
  child.stdout.on('data', (chunk) => {
    out += chunk;
  });
  child.stderr.on('data', (chunk) => {
    err += chunk;
  });
  const exit = once(child, 'close').then(([code, signal]) => ({ code, signal, out, err }));
  return {
    exit,
    kill: (signal: NodeJS.Signals) => child.kill(signal),
    async says(words: string) {
      while (!`${out}${err}`.includes(words)) {
        if (child.exitCode !== null) throw new Error(`ended with ${child.exitCode}: ${out}${err}`);
        await new Promise((resolve) => setTimeout(resolve, 20));
      }
    },
  };
}

async function listening(port = 0) {
  const server = createServer((socket) => socket.destroy());
  server.listen(port, '127.0.0.1');
  await once(server, 'listening');
  return { port: (server.address() as { port: number }).port, close: () => void server.close() };
}

describe('--wait-until, with real processes', () => {
  it('a service that comes up later: lines, the command without a shell, its exit code', async () => {
    const port = await closedPort();
    const waits = program(
      '--wait-until',
      'reachable',
      `127.0.0.1:${port}`,
      '--',
      'sh',
      '-c',
      'echo "$0"; exit 7',
      '$HOME;',
    );
    await waits.says('refused by 127.0.0.1');
    const server = await listening(port);
    try {
      const { code, out, err } = await waits.exit;
      expect({ code, out }).toEqual({ code: 7, out: '$HOME;\n' });
      expect(err.split('\n').map((line) => line.replace(/^\d\d:\d\d:\d\d /, ''))).toEqual([
        `Waiting until 127.0.0.1:${port} is reachable, for at most 1 min.`,
        'refused by 127.0.0.1: it seems that nothing listens',
        expect.stringMatching(/^reachable: accepted by 127\.0\.0\.1 in .* m?s$/),
        '',
      ]);
    } finally {
      server.close();
    }
  });

  it('at the deadline a whole diagnosis, exit code 1, and the command is not run', async () => {
    const port = await closedPort();
    const { code, out, err } = await program(
      ...['--wait-until', 'reachable', `127.0.0.1:${port}`, '--for', '1s', '--', 'echo', 'it ran'],
    ).exit;
    expect(code).toBe(1);
    expect(out).toContain('cannot be reached: the connection was refused');
    expect(out).not.toContain('it ran');
    expect(err).toContain('is not reachable: diagnosing.');
  });

  it('what stays reachable is not what was waited for: exit code 1', async () => {
    const server = await listening();
    try {
      const args = ['--wait-until', 'unreachable', `127.0.0.1:${server.port}`, '--for', '1s', '--json'];
      const { code, out } = await program(...args).exit;
      expect({ code, met: JSON.parse(out).met }).toEqual({ code: 1, met: false });
    } finally {
      server.close();
    }
  });

  it('--json is one document with every change', async () => {
    const server = await listening();
    try {
      const { code, out } = await program('--wait-until', 'reachable', `127.0.0.1:${server.port}`, '--json')
        .exit;
      expect(code).toBe(0);
      expect(JSON.parse(out)).toMatchObject({
        schema: 'reachdoctor.wait/1',
        met: true,
        stopped: false,
        looks: 1,
        changes: [{ kind: 'open', address: '127.0.0.1' }],
        report: null,
      });
    } finally {
      server.close();
    }
  });

  it.each([
    ['missing', [join(dir, 'not-there')], 127, 'was not found'],
    ['not to be run', [join(dir, 'plain.txt')], 126, 'may not be run'],
    ['killed by a signal', ['sh', '-c', 'kill -KILL $$'], 137, ''],
  ] as [string, string[], number, string][])('a command that is %s', async (_, command, code, words) => {
    writeFileSync(join(dir, 'plain.txt'), 'no program');
    chmodSync(join(dir, 'plain.txt'), 0o600);
    const server = await listening();
    try {
      const ended = await program(
        ...['--quiet', '--wait-until', 'reachable', `127.0.0.1:${server.port}`, '--', ...command],
      ).exit;
      expect(ended.code).toBe(code);
      expect(ended.err).toContain(words);
    } finally {
      server.close();
    }
  });

  it.each([
    ['SIGINT', 130],
    ['SIGTERM', 143],
    ['SIGHUP', 129],
  ] as [NodeJS.Signals, number][])('%s while it waits ends it with exit code %i', async (signal, code) => {
    const waits = program(
      '--wait-until',
      'reachable',
      `127.0.0.1:${await closedPort()}`,
      '--',
      'echo',
      'it ran',
    );
    await waits.says('refused by');
    waits.kill(signal);
    const ended = await waits.exit;
    expect(ended.code).toBe(code);
    expect(ended.out).toBe('');
    expect(ended.err).toContain('Stopped after');
  });

  it.each(['SIGINT', 'SIGTERM', 'SIGHUP'] as const)(
    '%s while the command runs goes to the command, which decides',
    async (signal) => {
      const server = await listening();
      const script = `trap 'echo got it; exit 42' INT TERM HUP; echo running; while :; do sleep 0.05; done`;
      try {
        const waits = program(
          ...['--wait-until', 'reachable', `127.0.0.1:${server.port}`, '--', 'sh', '-c', script],
        );
        await waits.says('running');
        waits.kill(signal);
        const { code, out } = await waits.exit;
        expect({ code, out }).toEqual({ code: 42, out: 'running\ngot it\n' });
      } finally {
        server.close();
      }
    },
  );

  it('two signals do not kill a command that takes its time to end', async () => {
    const server = await listening();
    const script = `n=0; trap 'n=$((n+1)); echo caught $n' TERM; echo running; while [ $n -lt 2 ]; do sleep 0.05; done; exit 5`;
    try {
      const waits = program(
        ...['--wait-until', 'reachable', `127.0.0.1:${server.port}`, '--', 'sh', '-c', script],
      );
      await waits.says('running');
      waits.kill('SIGTERM');
      await waits.says('caught 1');
      waits.kill('SIGTERM');
      expect((await waits.exit).code).toBe(5);
    } finally {
      server.close();
    }
  });
});
