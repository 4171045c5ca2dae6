/**
 * A person at a terminal in the lab: starts the wizard in a pseudo-terminal, reads what stands on the screen, and types.
 * `node person.js COLUMNS ROWS TARGET`; prints every screen as JSON. Its packages are the tool's own.
 */
import { createRequire } from 'node:module';

const APP = '/run/lab/app';
const need = createRequire(`${APP}/package.json`);
const { spawn } = need('@lydell/node-pty') as typeof import('@lydell/node-pty');
const { Terminal } = need('@xterm/headless') as typeof import('@xterm/headless');

const [columns = 80, rows = 24] = process.argv.slice(2, 4).map(Number);
const target = process.argv[4] ?? '';
const ENTER = '\r';
const ESC = '\u001b';
const DOWN = '\u001b[B';
const UP = '\u001b[A';
/** So long nothing changes on a screen that is done. */
const STILL_MS = 400;
const LIMIT_MS = 40_000;

const pty = spawn(process.execPath, [`${APP}/dist/cli.js`], {
  cols: columns,
  rows,
  env: { ...process.env, TERM: 'xterm-256color', LC_ALL: 'C.UTF-8', NO_COLOR: '1' } as Record<string, string>,
});
const term = new Terminal({ cols: columns, rows, scrollback: 1000, allowProposedApi: true });
let exit: number | null = null;
let changedAt = performance.now();
pty.onData((data) => {
  changedAt = performance.now();
  term.write(data);
});
pty.onExit(({ exitCode }) => {
  exit = exitCode;
});

function screen(): string {
  const { active } = term.buffer;
  const lines = Array.from(
    { length: rows },
    (_, y) =>
      active
        .getLine(active.baseY + y)
        ?.translateToString(true)
        .trimEnd() ?? '',
  );
  return lines.join('\n').trimEnd();
}
const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

const screens: { name: string; text: string }[] = [];
/** Until one of `words` stands there and nothing moves any more. */
async function sees(...words: string[]): Promise<string> {
  const begun = performance.now();
  for (;;) {
    const text = screen();
    const isStill = performance.now() - changedAt > STILL_MS;
    if (isStill && words.some((word) => text.includes(word))) return text;
    if (performance.now() - begun > LIMIT_MS || (exit !== null && isStill))
      throw new Error(`never saw ${words}`);
    await pause(50);
  }
}
function keep(name: string, text: string): void {
  screens.push({ name, text });
}

try {
  keep('target', await sees('Target:'));
  pty.write(`${target}${ENTER}`);
  // A run may be over before it stands still.
  keep('measuring', await sees('Testing', 'What next?', 'One question'));
  for (let i = 1; i <= 4; i++) {
    const text = await sees('What next?', 'One question');
    if (text.includes('What next?')) break;
    keep(`question ${i}`, text);
    // The first answer; what is seen is not known, since the first of those changes the diagnosis.
    pty.write(text.includes('What do you see?') ? ENTER : `${UP.repeat(6)}${ENTER}`);
    await pause(1500);
  }
  const menu = await sees('What next?');
  keep('menu', menu);
  pty.write(ENTER);
  keep('details', await sees('Enter:'));
  pty.write(ESC);
  await sees('What next?');
  pty.write(`${DOWN}${ENTER}`);
  keep('report', await sees('What? (space'));
  pty.write(ESC);
  await sees('What next?');
  const entries = (menu.split('What next?')[1] ?? '')
    .split('\n')
    .filter((line) => /^(❯| ) [A-Z]/.test(line) && !line.includes('?'));
  const explain = entries.findIndex((line) => line.includes('Explain'));
  if (explain >= 0) {
    pty.write(`${DOWN.repeat(explain)}${ENTER}`);
    await sees('Which one?');
    pty.write(ENTER);
    keep('explained', await sees('Enter:'));
    pty.write(ESC);
    await sees('What next?');
  }
  pty.write(`${UP.repeat(12)}${DOWN.repeat(12)}${ENTER}`);
  keep('end', await sees('The same again'));
} catch (error) {
  keep(`stuck: ${(error as Error).message}`, screen());
  pty.kill('SIGKILL');
}
for (let i = 0; i < 60 && exit === null; i++) await pause(50);
process.stdout.write(`${JSON.stringify({ exit, screens })}\n`);
process.exit(0);
