import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { spawn } from '@lydell/node-pty';
import xterm from '@xterm/headless';
import { afterAll, describe, expect, it } from 'vitest';
import { completionScript } from '../../src/command/habits/completions.ts';
import { longOf, shortOf } from '../../src/command/habits/option-entry.ts';
import { OPTIONS, SHELLS } from '../../src/command/habits/options.ts';

const dir = mkdtempSync(join(tmpdir(), 'reachdoctor-completions-'));
afterAll(() => rmSync(dir, { recursive: true, force: true }));
writeFileSync(join(dir, 'report of today.md'), '');
mkdirSync(join(dir, 'rules'));

const scripts = Object.fromEntries(
  SHELLS.map((shell) => {
    const file = join(dir, `reachdoctor.${shell}`);
    writeFileSync(file, completionScript(shell, ['port-closed', 'host-down', 'a; touch x']));
    return [shell, file];
  }),
);
/** A shell that this machine has; zsh and fish may be elsewhere: ZSH=/path/zsh, FISH=/path/fish. */
const has = (file: string) => spawnSync(file, ['--version'], { timeout: 10_000 }).status === 0;
const ZSH = process.env.ZSH ?? 'zsh';
const FISH = process.env.FISH ?? 'fish';

const TYPED: [typed: string, becomes: string][] = [
  ['reachdoctor --wai', 'reachdoctor --wait-until'],
  ['reachdoctor --wait-until unr', 'reachdoctor --wait-until unreachable'],
  ['reachdoctor --port postg', 'reachdoctor --port postgres'],
  ['reachdoctor --port=postg', 'reachdoctor --port=postgres'],
  ['reachdoctor --answer worked-before=y', 'reachdoctor --answer worked-before=yes'],
  ['reachdoctor --report rep', 'reachdoctor --report report\\ of\\ today.md'],
  ['reachdoctor --explain port', 'reachdoctor --explain port-closed'],
  ['reachdoctor --rules ru', 'reachdoctor --rules rules'],
  ['reachdoctor -v --qui', 'reachdoctor -v --quiet'],
  ['reachdoctor --help a', 'reachdoctor --help all'],
  ['reachdoctor --wait-until reachable a:1 -- gunz', 'reachdoctor --wait-until reachable a:1 -- gunzip'],
];

/** Types into an interactive shell, presses Tab, and looks at the screen until the line is there; what never was. */
async function typing(file: string, args: string[], setup: string): Promise<string[]> {
  const { BASH_ENV: _, ...env } = process.env;
  const size = { cols: 200, rows: 50 };
  const pty = spawn(file, args, { ...size, cwd: dir, env: { ...env, TERM: 'xterm', LANG: 'C.UTF-8' } });
  const term = new xterm.Terminal({ ...size, allowProposedApi: true });
  pty.onData((data) => term.write(data));
  const screen = () => {
    const { active } = term.buffer;
    return Array.from({ length: active.length }, (_, y) => active.getLine(y)?.translateToString(true) ?? '');
  };
  const until = async (words: string) => {
    for (let tries = 0; tries < 250 && !screen().some((line) => line.includes(words)); tries++)
      await new Promise((resolve) => setTimeout(resolve, 20));
    return screen().some((line) => line.includes(words));
  };
  const missing: string[] = [];
  try {
    pty.write(`${setup}; clear; echo re''ady\r`);
    if (!(await until('ready'))) return [`the shell is not ready: ${screen().join('\n').trim()}`];
    for (const [typed, becomes] of TYPED) {
      pty.write(`${typed}\t`);
      if (!(await until(becomes))) missing.push(`${becomes}, but ${screen().filter(Boolean).at(-1)}`);
      pty.write('\u0015');
    }
  } finally {
    pty.kill('SIGKILL');
  }
  return missing;
}

describe('completions', () => {
  it.each(SHELLS)('%s: every option is in it, and nothing that a shell would run', (shell) => {
    const script = completionScript(shell, ['port-closed', 'a; touch x', '$(touch x)', "b'c"]);
    for (const entry of OPTIONS) {
      expect(script).toContain(shell === 'fish' ? `-l ${longOf(entry).slice(2)}` : longOf(entry));
      const short = shortOf(entry);
      if (short !== null) expect(script).toContain(shell === 'fish' ? `-s ${short.slice(1)}` : short);
    }
    expect(script).toContain('port-closed');
    expect(script).not.toMatch(/touch x|b'c/);
  });

  const bash = has('bash');
  it.skipIf(!bash)(`bash completes them at a prompt${bash ? '' : ' (not installed)'}`, async () => {
    expect(execFileSync('bash', ['-n', scripts.bash ?? ''], { encoding: 'utf8' })).toBe('');
    const missing = await typing('bash', ['--norc', '--noprofile', '-i'], `source ${scripts.bash}`);
    expect(missing).toEqual([]);
  });

  const zsh = has(ZSH);
  it.skipIf(!zsh)(
    `zsh completes them at a prompt${zsh ? '' : ' (not installed; ZSH=/path/zsh)'}`,
    async () => {
      const setup = `${process.env.ZSH_SETUP ?? ':'}; autoload -Uz compinit; compinit -u -D; source ${scripts.zsh}`;
      expect(await typing(ZSH, ['-f', '-i'], setup)).toEqual([]);
    },
  );

  const fish = has(FISH);
  it.skipIf(!fish)(`fish completes them${fish ? '' : ' (not installed; FISH=/path/fish)'}`, () => {
    const asked = TYPED.filter(([typed]) => !typed.includes('=postg'));
    const lines = asked
      .map(([typed]) => `complete -C '${typed}' | head -1 | string split -f1 \\t`)
      .join('\n');
    const script = `${process.env.FISH_SETUP ?? ''}\nsource ${scripts.fish}\n${lines}\n`;
    const { stdout } = spawnSync(FISH, ['--no-config', '-c', script], { encoding: 'utf8', cwd: dir });
    expect(stdout.trimEnd().split('\n')).toEqual(
      asked.map(([, becomes]) =>
        becomes
          .split(' ')
          .slice(becomes.includes('\\') ? -3 : -1)
          .join(' ')
          .replaceAll('\\', '')
          .replace(/^rules$/, 'rules/'),
      ),
    );
  });
});
