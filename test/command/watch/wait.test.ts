import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, afterEach, describe, expect, it } from 'vitest';
import { parseArgv } from '../../../src/command/flags.ts';
import type { Goal } from '../../../src/command/watch/options.ts';
import { isMet, waitUntil } from '../../../src/command/watch/wait.ts';
import type { Look, LookKind } from '../../../src/model/look.ts';
import { virtualClock } from '../../virtual-clock.ts';
import { closedPort } from '../silent-port.ts';

const CLI = fileURLToPath(new URL('../../../dist/cli.js', import.meta.url));
const dir = mkdtempSync(join(tmpdir(), 'reachdoctor-wait-'));
afterAll(() => rmSync(dir, { recursive: true, force: true }));

const look = (kind: LookKind, more: Partial<Look> = {}): Look => ({
  at: '2026-11-27T12:00:00.000Z',
  kind,
  code: null,
  address: '192.0.2.7',
  ms: null,
  ...more,
});

/** Waits in a world that looks like this, one after another; the last one stays. */
async function waiting(kinds: LookKind[], given: { goal?: Goal; forMs?: number; takesMs?: number } = {}) {
  const clock = virtualClock();
  const said: string[] = [];
  let index = 0;
  const begun: number[] = [];
  const waited = await waitUntil(
    async () => {
      begun.push(clock.elapsed());
      await clock.sleep(given.takesMs ?? 0);
      const kind = kinds[Math.min(index++, kinds.length - 1)] ?? 'unknown';
      return look(kind);
    },
    {
      goal: given.goal ?? 'reachable',
      forMs: given.forMs ?? 60_000,
      everyMs: 1000,
      clock,
      signal: new AbortController().signal,
      onChange: ({ kind }) => said.push(kind),
    },
  );
  return { ...waited, said, begun };
}

describe('waiting', () => {
  it('ends at the first look that is right, and says a line where the cause changes', async () => {
    expect(await waiting(['name', 'name', 'refused', 'refused', 'open'])).toMatchObject({
      ended: 'met',
      looks: 5,
      waitedMs: 4000,
      said: ['name', 'refused', 'open'],
    });
  });

  it('is over at the deadline, and no look begins after it', async () => {
    const { ended, looks, begun } = await waiting(['refused'], { forMs: 3000 });
    expect({ ended, looks, begun }).toEqual({ ended: 'too-late', looks: 3, begun: [0, 1000, 2000] });
  });

  it('keeps its beat where looks take long, and never looks twice at once', async () => {
    const { begun } = await waiting(['silent'], { forMs: 10_000, takesMs: 2500 });
    expect(begun).toEqual([0, 2500, 5000, 7500]);
    expect((await waiting(['refused'], { forMs: 3000, takesMs: 400 })).begun).toEqual([0, 1000, 2000]);
  });

  it.each([
    ['reachable', 'open', null, true],
    ['reachable', 'refused', null, false],
    ['reachable', 'unknown', null, false],
    ['unreachable', 'open', null, false],
    ['unreachable', 'refused', 'open', true],
    ['unreachable', 'name', 'open', true],
    ['unreachable', 'not-sent', 'open', true],
    ['unreachable', 'silent', 'open', false],
    ['unreachable', 'silent', null, false],
    ['unreachable', 'silent', 'silent', true],
    ['unreachable', 'silent', 'unknown', false],
    ['unreachable', 'unknown', 'unknown', false],
  ] as [Goal, LookKind, LookKind | null, boolean][])('for %s, %s after %s: %s', (goal, now, before, met) => {
    expect(isMet(goal, look(now), before === null ? null : look(before))).toBe(met);
  });
});

describe('the command line', () => {
  const job = (...argv: string[]) => {
    const invocation = parseArgv(argv, '0.1.0');
    if (invocation.kind === 'bad') return invocation.error;
    return invocation.kind === 'until' ? invocation.job : invocation.kind;
  };

  it('a minute and a second where nothing is said', () => {
    expect(job('--wait-until', 'reachable', 'db.example.com:5432')).toMatchObject({
      kind: 'wait',
      goal: 'reachable',
      forMs: 60_000,
      everyMs: 1000,
      command: null,
    });
  });

  it('all after -- is the command, with every flag that is in it', () => {
    const argv =
      '--for 2m --every 5s --wait-until=unreachable db.example.com:5432 -- sh -c true --json --'.split(' ');
    expect(job(...argv)).toMatchObject({
      goal: 'unreachable',
      forMs: 120_000,
      everyMs: 5000,
      command: ['sh', '-c', 'true', '--json', '--'],
    });
  });

  it('-- without something to wait for ends the flags, as ever', () => {
    expect(job('--', 'db.example.com:5432')).toBe('diagnose');
    expect(job('--', 'db.example.com:5432', '--wait-until')).toContain('cannot begin with "-"');
  });

  it.each([
    ['--wait-until'],
    ['--wait-until reachabel db.example.com:5432'],
    ['--wait-until reachable'],
    ['--wait-until reachable db.example.com:5432 --'],
    ['--wait-until reachable db.example.com:5432 other.example.com:5432'],
    ['--wait-until reachable db.example.com:5432 --json -- true'],
    ['--wait-until reachable db.example.com:5432 --for 0s'],
    ['--wait-until reachable db.example.com:5432 --for 25h'],
    ['--wait-until reachable db.example.com:5432 --every 0.2s'],
    ['--wait-until reachable db.example.com:5432 --watch'],
    ['--wait-until reachable db.example.com:5432 --compare old.json'],
    ['--wait-until reachable db.example.com:5432 --replay run.json'],
    ['--every 2s db.example.com:5432'],
    ['--watch 1 db.example.com:5432'],
    ['--watch 10 --every 20s db.example.com:5432'],
    ['--watch'],
    ['--watch soon'],
    ['--compare'],
    ['--compare a.json b.json c.json'],
    ['--compare -'],
    ['--compare a.json b.json --diagnose db.example.com:5432'],
  ])('%s is one sentence', (line) => {
    const said = job(...line.split(' '));
    expect(said).toEqual(expect.stringMatching(/^\S.*\.$/));
    expect(said).not.toContain('\n');
  });

  it('the value of --watch may be left out before a target', () => {
    expect(job('--watch', 'db.example.com:5432')).toMatchObject({
      kind: 'watch',
      everyMs: 10_000,
      forMs: null,
    });
    expect(job('--watch', '192.0.2.7:5432')).toMatchObject({ target: { host: '192.0.2.7' } });
    expect(job('db.example.com:5432', '--watch')).toMatchObject({ target: { host: 'db.example.com' } });
    expect(job('--watch', '30', 'db.example.com:5432', '--for', '8h')).toMatchObject({
      everyMs: 30_000,
      forMs: 8 * 3_600_000,
    });
    expect(job('--watch', '1', 'localhost:5432')).toMatchObject({ everyMs: 1000 });
  });
});

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

describe('with real processes', () => {
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
