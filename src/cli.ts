#!/usr/bin/env node
import { closeSync, fstatSync, readFileSync } from 'node:fs';

/** The only file that touches `process`. `--version` is answered before anything else is loaded. */
const version = String(JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')).version);
const argv = process.argv.slice(2);

/** 128 + the signal's number, as a shell would say it. */
const EXIT_CODES = { SIGHUP: 129, SIGINT: 130, SIGTERM: 143 } as const;

if (argv.length === 1 && (argv[0] === '--version' || argv[0] === '-V')) {
  process.stdout.write(`${version}\n`);
} else {
  await start();
}

async function start(): Promise<void> {
  const interrupt = new AbortController();
  let handedTo: ((signal: keyof typeof EXIT_CODES) => boolean) | null = null;
  // A terminal or an ssh session that goes away is SIGHUP: what was gathered is still reported.
  for (const signal of Object.keys(EXIT_CODES) as (keyof typeof EXIT_CODES)[]) {
    process.on(signal, () => {
      if (handedTo?.(signal) === true) return;
      if (!interrupt.signal.aborted) interrupt.abort(signal);
      // The second one ends everything at once; of a terminal that goes away the kernel may tell twice.
      else if (signal !== 'SIGHUP') void leave(EXIT_CODES[signal]);
    });
  }
  // Whoever reads us has had enough (`| head`) or is gone (EIO of a closed terminal): the files are still written and
  // the exit code still counts. Anything else (a full disk) means that the caller has no result.
  let lost: string | null = null;
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE' && error.code !== 'EIO') lost = error.code ?? error.message;
  });
  process.stderr.on('error', () => {
    // There is nowhere left to complain to.
  });

  process.on('uncaughtException', (bug) => {
    // An event of a socket or child that could not be made: the probe that wanted it says so in the report.
    if (!isShortage(bug)) void leaveBroken(bug);
  });

  if (mayOpenFew()) await loadOneByOne(new URL(import.meta.url)).catch(() => {});
  if (willProbe(argv)) {
    try {
      // Before all else is loaded: the child starts meanwhile.
      (await import('./doors/native/client.ts')).native.warm();
    } catch {
      // What could not be loaded ahead is told by the probe that needs it.
    }
  }
  const io = {
    stdin: process.stdin,
    stdout: process.stdout,
    stderr: process.stderr,
    env: process.env,
    platform: process.platform,
    version,
    userId: process.geteuid?.() ?? null,
    interrupt: interrupt.signal,
    started: { node: process.execPath, nodeArguments: process.execArgv, script: process.argv[1] ?? '' },
    handOver: (to: typeof handedTo) => {
      handedTo = to;
    },
  };
  const isRoot = process.getuid?.() === 0;
  let exitCode: number;
  try {
    const [{ main }, { realParts }] = await Promise.all([
      import('./command/main.ts'),
      import('./command/real-engine.ts'),
    ]);
    exitCode = await main(argv, io, realParts({ version, env: process.env, isRoot }));
  } catch (bug) {
    return leaveBroken(bug);
  }
  if (lost !== null && !interrupt.signal.aborted) {
    process.stderr.write(
      `reachdoctor: standard output could not be written (${lost}): use --report to write a file.\n`,
    );
    exitCode = 3;
  }
  await leave(exitCode);
}

/**
 * Ends the process when nothing that it started is left, nor waits to be reaped by somebody else. A probe that would
 * not end (a lookup in libuv's pool) must not hold the result back.
 */
async function leave(exitCode: number): Promise<void> {
  if (process.stderr.isTTY) process.stderr.write('\x1b[?25h');
  try {
    const { endChildren } = await import('./doors/children.ts');
    await endChildren();
  } catch {
    // No descriptor was left to load it: then there is no child either, since each takes several.
  }
  await letGoOfTerminals();
  process.exit(exitCode);
}

/** At its end node puts terminals back as they were, and aborts, dumping core, where one is gone (EIO of tcsetattr). */
async function letGoOfTerminals(): Promise<void> {
  const { isatty } = await import('node:tty');
  for (const descriptor of [0, 1, 2])
    try {
      if (fstatSync(descriptor).isCharacterDevice() && !isatty(descriptor)) closeSync(descriptor);
    } catch {
      // Closed already.
    }
}

/** A guess, made before anything is parsed, whether a native child will be wanted: its start-up is the longest wait. */
function willProbe(words: readonly string[]): boolean {
  const others = [
    '--help',
    '-h',
    '--replay',
    '--explain',
    '--list-causes',
    '--no-ttl-probe',
    '--show-config',
  ];
  // Nobody knows when these will diagnose: a child that waits for it would wait for long.
  const isLater = (word: string) =>
    /^--(wait-until|watch|compare|completions|man|targets|format|jobs)(=|$)/.test(word);
  const isFar = (word: string) => !/^(-|localhost|127\.|\[?::1)/.test(word);
  // Many targets have one child of their own in common.
  const areMany =
    words.filter((word, at) => /^[^-].*:/.test(word) && !/^--?[a-z]/.test(words[at - 1] ?? '')).length > 1;
  return !areMany && words.some(isFar) && !words.some((word) => others.includes(word) || isLater(word));
}

/** Linux tells the limit; elsewhere it is taken to be enough. */
function mayOpenFew(): boolean {
  try {
    const limit = /^Max open files\s+(\d+)/m.exec(readFileSync('/proc/self/limits', 'utf8'))?.[1];
    return limit !== undefined && Number(limit) < 100;
  } catch {
    return false;
  }
}

/**
 * Loads what a built module needs, each after its own needs: node would open the files of all of them at once, and remembers
 * one that could not be opened as broken. The native child is a program of its own.
 */
async function loadOneByOne(module: URL, seen = new Set<string>()): Promise<void> {
  if (seen.has(module.href)) return;
  seen.add(module.href);
  const needs = readFileSync(module, 'utf8').matchAll(/(?:from |import\()"(\.{1,2}\/[^"]+\.js)"/g);
  for (const [, path = ''] of needs)
    if (!path.includes('native/child')) await loadOneByOne(new URL(path, module), seen);
  if (module.href !== import.meta.url) await import(module.href);
}

function isShortage(bug: unknown): boolean {
  return /^(EMFILE|ENFILE)$/.test(String((bug as { code?: unknown } | null)?.code));
}

/** Exit code 3: nothing is known about the target. */
function leaveBroken(bug: unknown): Promise<void> {
  process.stderr.write(
    isShortage(bug)
      ? 'reachdoctor: this process may open too few files to load the program: raise the limit (ulimit -n 1024) and run it again.\n'
      : `reachdoctor failed, which is a bug in it: ${bug instanceof Error ? bug.stack : String(bug)}\n`,
  );
  return leave(3);
}
