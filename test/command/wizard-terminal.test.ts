import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { spawn } from '@lydell/node-pty';
import xterm from '@xterm/headless';
import { afterAll, afterEach, describe, expect, it } from 'vitest';
import { closedPort, silentPort } from './silent-port.ts';

const CLI = fileURLToPath(new URL('../../dist/cli.js', import.meta.url));
const dir = mkdtempSync(join(tmpdir(), 'reachdoctor-terminal-'));
afterAll(() => rmSync(dir, { recursive: true, force: true }));

const ENTER = '\r';
const DOWN = '\u001b[B';
const CTRL_C = '\u0003';
const open: { kill(): void }[] = [];
afterEach(() => {
  for (const one of open.splice(0)) one.kill();
});

/** The built program in a real terminal of 80 columns, and what stands on its screen. */
function terminal(args: string[], columns = 80) {
  const { CI: _, NO_COLOR: __, ...env } = process.env;
  const pty = spawn(process.execPath, [CLI, ...args], {
    cols: columns,
    rows: 60,
    cwd: dir,
    env: { ...env, TERM: 'xterm-256color', LANG: 'C.UTF-8', LC_ALL: 'C.UTF-8' },
  });
  const term = new xterm.Terminal({ cols: columns, rows: 60, scrollback: 1000, allowProposedApi: true });
  let raw = '';
  let ended = false;
  const exit = new Promise<number>((resolve) =>
    pty.onExit(({ exitCode }) => {
      ended = true;
      resolve(exitCode);
    }),
  );
  pty.onData((data) => {
    raw += data;
    term.write(data);
  });
  open.push({ kill: () => !ended && pty.kill('SIGKILL') });
  const screen = () => {
    const { active } = term.buffer;
    return Array.from({ length: active.length }, (_, y) => active.getLine(y)?.translateToString(true) ?? '')
      .join('\n')
      .trimEnd();
  };
  return {
    exit,
    screen,
    raw: () => raw,
    kill: (signal: string) => pty.kill(signal),
    types: (...keys: string[]) => pty.write(keys.join('')),
    async sees(words: string) {
      for (let tries = 0; tries < 1000 && !screen().includes(words); tries++) {
        if (ended) await new Promise((resolve) => term.write('', () => resolve(null)));
        await new Promise((resolve) => setTimeout(resolve, 20));
      }
      expect(screen()).toContain(words);
    },
  };
}

const cursorShown = (raw: string) => raw.lastIndexOf('\u001b[?25h') >= raw.lastIndexOf('\u001b[?25l');
const ANSWERED = ['symptom', 'worked-before', 'others-can-reach', 'vpn-or-proxy'].flatMap((q) => [
  '--answer',
  `${q}=unknown`,
]);

describe('the wizard in a terminal', () => {
  it('diagnoses a closed port of this machine, saves a report, and says how to repeat it', async () => {
    const port = await closedPort();
    const user = terminal([]);
    await user.sees('What can you not reach?');
    user.types('127.0.0.1', ENTER);
    await user.sees('Which port or service?');
    user.types(String(port), ENTER);
    for (const question of [
      'What do you see?',
      'Did it ever work',
      'Can others reach it',
      'VPN or a proxy',
    ]) {
      await user.sees(question);
      user.types(ENTER);
    }
    await user.sees('What next?');
    expect(user.screen()).toContain('refused');
    user.types(ENTER);
    await user.sees('Which format?');
    user.types(ENTER);
    await user.sees('Where to?');
    user.types(ENTER);
    await user.sees(`Written: reachdoctor-127.0.0.1-${port}.md`);
    await user.sees('What next?');
    user.types(DOWN.repeat(4), ENTER);
    await user.sees(`reachdoctor --diagnose 127.0.0.1:${port}`);
    expect(await user.exit).toBe(1);
    expect(cursorShown(user.raw())).toBe(true);
    expect(readFileSync(join(dir, `reachdoctor-127.0.0.1-${port}.md`), 'utf8')).toContain(
      'Nothing listens on TCP',
    );
  });

  it('Ctrl-C at a prompt ends with 130 and a visible cursor', async () => {
    const user = terminal([]);
    await user.sees('What can you not reach?');
    user.types(CTRL_C);
    expect(await user.exit).toBe(130);
    expect(cursorShown(user.raw())).toBe(true);
  });

  it('SIGTERM at a prompt ends with 143 and a visible cursor', async () => {
    const user = terminal([]);
    await user.sees('What can you not reach?');
    user.kill('SIGTERM');
    expect(await user.exit).toBe(143);
    expect(cursorShown(user.raw())).toBe(true);
  });

  it('Ctrl-C during the run stops it, shows what was gathered, and ends with 130', async () => {
    const { port, close } = await silentPort();
    try {
      const user = terminal(ANSWERED);
      await user.sees('What can you not reach?');
      user.types(`127.0.0.1:${port}`, ENTER);
      await user.sees('TCP'); // progress
      user.types(CTRL_C);
      await user.sees('The same again');
      expect(await user.exit).toBe(130);
      expect(user.screen()).not.toContain('What next?');
      expect(cursorShown(user.raw())).toBe(true);
    } finally {
      close();
    }
  });
});
