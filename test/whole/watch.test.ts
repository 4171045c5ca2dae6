import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { fileURLToPath } from 'node:url';
import { spawn as ptySpawn } from '@lydell/node-pty';
import xterm from '@xterm/headless';
import { describe, expect, it } from 'vitest';
import { closedPort } from '../command/silent-port.ts';

const CLI = fileURLToPath(new URL('../../dist/cli.js', import.meta.url));

describe('--watch in a pipe', () => {
  it('one JSON object a line: a listener that goes away and comes back', async () => {
    const port = await closedPort();
    const open = async () => {
      const server = createServer((socket) => socket.on('error', () => {}).end('hello\r\n')).listen(
        port,
        '127.0.0.1',
      );
      await once(server, 'listening');
      return server;
    };
    let server = await open();
    const child = spawn(process.execPath, [CLI, '--watch', '1', `127.0.0.1:${port}`], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const exit = once(child, 'close');
    let text = '';
    child.stdout.on('data', (chunk) => {
      text += chunk;
    });
    const has = async (event: string) => {
      while (!text.includes(`"event":"${event}"`)) {
        if (child.exitCode !== null) throw new Error(`ended: ${text}`);
        await new Promise((resolve) => setTimeout(resolve, 20));
      }
    };
    try {
      await has('started');
      await new Promise((resolve) => setTimeout(resolve, 1500));
      server.close();
      await has('diagnosed');
      server = await open();
      await has('recovered');
      child.kill('SIGINT');
      expect(await exit).toEqual([130, null]);
    } finally {
      server.close();
      child.kill('SIGKILL');
    }
    const events = text
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(events.map(({ event }) => event)).toEqual(['started', 'onset', 'diagnosed', 'recovered', 'ended']);
    const [started, onset, diagnosed, recovered, ended] = events;
    expect(started).toMatchObject({
      schema: 'reachdoctor.watch/1',
      report: { schema: 'reachdoctor.report/1' },
    });
    expect(onset).toMatchObject({ n: 1, before: { last: { kind: 'open' } }, look: { kind: 'refused' } });
    expect(diagnosed.report).toMatchObject({ outcome: 'unreachable' });
    expect(diagnosed.changes).toContainEqual({
      about: 'addresses',
      address: '127.0.0.1',
      before: 'open',
      after: 'refused',
    });
    expect(recovered).toMatchObject({ n: 1, look: { kind: 'open' }, kinds: ['refused'] });
    expect(ended).toMatchObject({ ended: 'stopped', up: true, incidents: 1 });
  });

  it('ends where nobody reads any more', async () => {
    const port = await closedPort();
    const child = spawn(process.execPath, [CLI, '--watch', '1', `127.0.0.1:${port}`], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const exit = once(child, 'close');
    await once(child.stdout, 'data');
    child.stdout.destroy();
    expect(await exit).toEqual([1, null]);
  });
});

describe('--watch on a terminal', () => {
  it.each([60, 80, 120])(
    'one screen of %i columns that redraws itself, and at the end what changed',
    async (cols) => {
      const port = await closedPort();
      const server = createServer((socket) => socket.on('error', () => {}).end('hello\r\n')).listen(
        port,
        '127.0.0.1',
      );
      await once(server, 'listening');
      const { CI: _, NO_COLOR: __, ...env } = process.env;
      const pty = ptySpawn(process.execPath, [CLI, '--watch', '1', `127.0.0.1:${port}`], {
        cols,
        rows: 24,
        env: { ...env, TERM: 'xterm-256color', LANG: 'C.UTF-8', LC_ALL: 'C.UTF-8' },
      });
      const term = new xterm.Terminal({ cols, rows: 24, scrollback: 1000, allowProposedApi: true });
      const exit = new Promise<number>((resolve) => pty.onExit(({ exitCode }) => resolve(exitCode)));
      pty.onData((data) => term.write(data));
      const screen = () => {
        const { active } = term.buffer;
        return Array.from(
          { length: active.length },
          (_, y) => active.getLine(y)?.translateToString(true) ?? '',
        )
          .join('\n')
          .trimEnd();
      };
      const sees = async (words: RegExp) => {
        for (let tries = 0; tries < 2000 && !words.test(screen()); tries++)
          await new Promise((resolve) => setTimeout(resolve, 20));
        expect(screen()).toMatch(words);
      };
      try {
        await sees(/✓ reachable: accepted by 127\.0\.0\.1/);
        await sees(/Ctrl-C ends it\.$/);
        server.close();
        await sees(/1\. \d\d:\d\d:\d\d and goes on: refused/);
        await sees(/cannot be reached: the connection was re/);
        // One screen: nothing of the earlier ones is left.
        expect(screen().match(/Ctrl-C ends it/g)).toHaveLength(1);
        pty.write('\u0003');
        expect(await exit).toBe(130);
        await sees(/was watched for/);
        expect(screen()).not.toContain('Ctrl-C ends it');
        expect(screen().replaceAll(/\s+/g, ' ')).toContain(
          `127.0.0.1: accepts connections before, refused now.`,
        );
      } finally {
        server.close();
        pty.kill('SIGKILL');
      }
    },
  );
});
