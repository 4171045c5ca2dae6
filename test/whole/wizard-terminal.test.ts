import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { spawn } from '@lydell/node-pty';
import xterm from '@xterm/headless';
import { afterAll, afterEach, describe, expect, it } from 'vitest';
import { closedPort, silentPort } from '../command/silent-port.ts';

const CLI = fileURLToPath(new URL('../../dist/cli.js', import.meta.url));
const dir = mkdtempSync(join(tmpdir(), 'reachdoctor-terminal-'));
afterAll(() => rmSync(dir, { recursive: true, force: true }));

const ENTER = '\r';
const DOWN = '\u001b[B';
const CTRL_C = '\u0003';
const ESC = '\u001b';
const open: { kill(): void }[] = [];
afterEach(() => {
  for (const one of open.splice(0)) one.kill();
});

/** The built program in a real terminal of 80 columns, and what stands on its screen. */
function terminal(args: string[], columns = 80, rows = 24) {
  const { CI: _, NO_COLOR: __, ...env } = process.env;
  const pty = spawn(process.execPath, [CLI, ...args], {
    cols: columns,
    rows,
    cwd: dir,
    env: { ...env, TERM: 'xterm-256color', LANG: 'C.UTF-8', LC_ALL: 'C.UTF-8' },
  });
  const term = new xterm.Terminal({ cols: columns, rows, scrollback: 1000, allowProposedApi: true });
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
  /** What stands on the screen, not what was scrolled out of it. */
  const screen = () => {
    const { active } = term.buffer;
    return Array.from(
      { length: rows },
      (_, y) => active.getLine(active.baseY + y)?.translateToString(true) ?? '',
    )
      .join('\n')
      .trimEnd();
  };
  return {
    exit,
    screen,
    raw: () => raw,
    kill: (signal: string) => pty.kill(signal),
    types: (...keys: string[]) => pty.write(keys.join('')),
    async changes(from: string) {
      for (let tries = 0; tries < 1000 && screen() === from; tries++)
        await new Promise((resolve) => setTimeout(resolve, 20));
      expect(screen()).not.toBe(from);
    },
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
/** Whatever is asked is left by Esc, until the menu stands there. */
async function leaveQuestions(user: ReturnType<typeof terminal>): Promise<void> {
  for (let tries = 0; tries < 6; tries++) {
    await user.sees('step 3 of 3');
    await user.sees('navigate');
    if (user.screen().includes('What next?')) return;
    const before = user.screen();
    user.types(ESC);
    await user.changes(before);
  }
}

describe('the wizard in a terminal', () => {
  it.each([
    [80, 24],
    [60, 24],
    [120, 40],
  ])(
    'diagnoses a closed port, saves a report, and says how to repeat it, in %i columns',
    async (columns, rows) => {
      const port = await closedPort();
      const user = terminal([], columns, rows);
      await user.sees('Target:');
      user.types(`127.0.0.1 ${port}`, ENTER);
      await leaveQuestions(user);
      // The verdict and the next step stand above the menu, on one screen.
      for (const words of [
        'step 3 of 3',
        'cannot be reached',
        'refused',
        'Who ',
        'Next ',
        'What next?',
        'Details',
      ])
        expect(user.screen()).toContain(words);
      expect(user.screen().split('\n').length).toBeLessThanOrEqual(rows);
      user.types(DOWN, ENTER);
      await user.sees('What? (space');
      user.types(ENTER);
      await user.sees('Where to?');
      user.types(`wide-${columns}.md`, ENTER);
      await user.sees(`Written: `);
      expect(user.screen().replace(/\n/g, '')).toContain(`wide-${columns}.md`);
      await user.sees('What next?');
      user.types(CTRL_C);
      await user.sees('Target:');
      user.types(CTRL_C);
      expect(await user.exit).toBe(130);
      await user.sees('The same again, without questions:');
      const [, command = ''] = /questions:\n {2}(.*)/s.exec(user.screen()) ?? [];
      expect(command.replace(/\n/g, '')).toMatch(/^node .*dist\/cli\.js --diagnose.*127\.0\.0\.1/);
      expect(cursorShown(user.raw())).toBe(true);
      expect(readFileSync(join(dir, `wide-${columns}.md`), 'utf8')).toContain(String(port));
    },
  );

  it('Ctrl-C at a prompt ends with 130 and a visible cursor', async () => {
    const user = terminal([]);
    await user.sees('Target:');
    user.types(CTRL_C);
    expect(await user.exit).toBe(130);
    expect(cursorShown(user.raw())).toBe(true);
  });

  it('SIGTERM at a prompt ends with 143 and a visible cursor', async () => {
    const user = terminal([]);
    await user.sees('Target:');
    user.kill('SIGTERM');
    expect(await user.exit).toBe(143);
    expect(cursorShown(user.raw())).toBe(true);
  });

  it('Ctrl-C during the run ends it early, and once more is the end', async () => {
    const { port, close } = await silentPort();
    try {
      const user = terminal([]);
      await user.sees('Target:');
      user.types(`127.0.0.1:${port}`, ENTER);
      await user.sees('Testing TCP');
      user.types(CTRL_C);
      await user.sees('Stopped early');
      user.types(CTRL_C);
      await user.sees('The same again');
      expect(await user.exit).toBe(130);
      expect(cursorShown(user.raw())).toBe(true);
    } finally {
      close();
    }
  });

  it('SIGINT from elsewhere during the run shows what was gathered, and ends with 130', async () => {
    const { port, close } = await silentPort();
    try {
      const user = terminal([]);
      await user.sees('Target:');
      user.types(`127.0.0.1:${port}`, ENTER);
      await user.sees('Testing TCP');
      user.kill('SIGINT');
      await user.sees('The same again');
      expect(await user.exit).toBe(130);
      expect(user.screen()).not.toContain('What next?');
      expect(cursorShown(user.raw())).toBe(true);
    } finally {
      close();
    }
  });
});
