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

  if (willProbe(argv)) void import('./system/native.ts').then(({ native }) => native.warm());
  const [{ main }, { realParts }] = await Promise.all([import('./main.ts'), import('./parts-real.ts')]);
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
    process.exitCode = await main(argv, io, realParts({ version, env: process.env, isRoot }));
  } catch (bug) {
    process.stderr.write(
      `reachdoctor failed, which is a bug in it: ${bug instanceof Error ? bug.stack : String(bug)}\n`,
    );
    process.exitCode = 3;
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

function leaveNow(code: number): never {
  if (process.stderr.isTTY) process.stderr.write('\x1b[?25h\n');
  process.exit(code);
}
