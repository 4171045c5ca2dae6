#!/usr/bin/env node
import { readFileSync } from 'node:fs';

/** The only file that touches `process`. `--version` is answered before anything else is loaded. */
const version = String(JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')).version);
const argv = process.argv.slice(2);

if (argv.length === 1 && (argv[0] === '--version' || argv[0] === '-V')) {
  process.stdout.write(`${version}\n`);
} else {
  await start();
}

async function start(): Promise<void> {
  const interrupt = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.on(signal, () => {
      // The second one ends everything at once; children end with us.
      if (interrupt.signal.aborted) leaveNow(signal === 'SIGINT' ? 130 : 143);
      interrupt.abort(signal);
    });
  }
  // Whoever reads us has had enough (`| head`): the files are still written and the exit code still counts.
  // Anything else (a full disk) means that the caller has no result.
  let lost: string | null = null;
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') lost = error.code ?? error.message;
  });
  process.stderr.on('error', () => {
    // There is nowhere left to complain to.
  });

  process.on('uncaughtException', (bug) => {
    // An event of a socket or child that could not be made: the probe that wanted it says so in the report.
    if (!isShortage(bug)) leaveBroken(bug);
  });

  // What could not be loaded ahead is told by the probe that needs it.
  if (willProbe(argv)) import('./doors/native/client.ts').then(({ native }) => native.warm()).catch(() => {});
  const io = {
    stdin: process.stdin,
    stdout: process.stdout,
    stderr: process.stderr,
    env: process.env,
    platform: process.platform,
    version,
    interrupt: interrupt.signal,
  };
  const isRoot = process.getuid?.() === 0;
  try {
    const [{ main }, { realParts }] = await Promise.all([
      import('./command/main.ts'),
      import('./command/real-engine.ts'),
    ]);
    process.exitCode = await main(argv, io, realParts({ version, env: process.env, isRoot }));
  } catch (bug) {
    leaveBroken(bug);
  }
  if (lost !== null) {
    process.stderr.write(
      `reachdoctor: standard output could not be written (${lost}): use --report to write a file.\n`,
    );
    process.exitCode = 3;
  }
  // A probe that would not end (a lookup in libuv's pool) must not hold the result back.
  process.exit();
}

/** A guess, made before anything is parsed, whether a native child will be wanted: its start-up is the longest wait. */
function willProbe(words: readonly string[]): boolean {
  const others = ['--help', '-h', '--replay', '--explain', '--list-causes', '--no-ttl-probe'];
  const isFar = (word: string) => !/^(-|localhost|127\.|\[?::1)/.test(word);
  return words.some(isFar) && !words.some((word) => others.includes(word));
}

function isShortage(bug: unknown): boolean {
  return /^(EMFILE|ENFILE)$/.test(String((bug as { code?: unknown } | null)?.code));
}

/** Exit code 3: nothing is known about the target. */
function leaveBroken(bug: unknown): never {
  process.stderr.write(
    isShortage(bug)
      ? 'reachdoctor: this process may open too few files to load the program: raise the limit (ulimit -n 1024) and run it again.\n'
      : `reachdoctor failed, which is a bug in it: ${bug instanceof Error ? bug.stack : String(bug)}\n`,
  );
  process.exit(3);
}

function leaveNow(code: number): never {
  if (process.stderr.isTTY) process.stderr.write('\x1b[?25h\n');
  process.exit(code);
}
