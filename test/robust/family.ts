import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** One kind of trouble. `survived` = as it should be, for as many as were `tried`; each complaint is one that was not. */
export interface Result {
  tried: number;
  complaints: string[];
  /** Why some or all of it was not tried, in a few words. */
  skipped: string[];
}

export interface Family {
  name: string;
  /** What is done to the program, and what counts as surviving: a row of docs/robustness.md. */
  what: string;
  run(seed: number): Promise<Result>;
}

export const CLI = fileURLToPath(new URL('../../dist/cli.js', import.meta.url));
export const ROOT = fileURLToPath(new URL('../..', import.meta.url));
export const IS_ROOT = process.geteuid?.() === 0;

export interface Ran {
  code: number | null;
  signal: NodeJS.Signals | null;
  stdout: string;
  stderr: string;
  /** It did not end by itself in `patienceMs`. */
  hung: boolean;
}

export interface RunOptions {
  /** Program and arguments that end in the program to be run: `nsenter -t 7 -n`, `prlimit --nofile=30`. */
  within?: string[];
  env?: Record<string, string>;
  cwd?: string;
  node?: string;
  patienceMs?: number;
  onStart?(child: ChildProcess): void;
}

/** Runs the built program to its end, or kills it after `patienceMs`. */
export function runCli(args: string[], options: RunOptions = {}): Promise<Ran> {
  const { within = [], env = {}, node = process.execPath, patienceMs = 45_000 } = options;
  const [file = '', ...rest] = [...within, node, CLI, ...args];
  return new Promise((resolve) => {
    const child = spawn(file, rest, {
      cwd: options.cwd ?? ROOT,
      env: { PATH: process.env.PATH ?? '/usr/bin:/bin', HOME: '/root', LANG: 'C.UTF-8', ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
      // A group for what it is run within and itself; what it starts has others.
      detached: true,
    });
    let stdout = '';
    let stderr = '';
    let hung = false;
    child.stdout.setEncoding('utf8').on('data', (text) => {
      stdout += text;
    });
    child.stderr.setEncoding('utf8').on('data', (text) => {
      stderr += text;
    });
    const timer = setTimeout(() => {
      hung = true;
      if (child.pid !== undefined) process.kill(-child.pid, 'SIGKILL');
    }, patienceMs);
    child.on('error', (error) => {
      clearTimeout(timer);
      resolve({ code: null, signal: null, stdout, stderr: String(error), hung });
    });
    // `exit`, not `close`: whoever is left behind and holds the pipe must be found, and not be waited for.
    child.on('exit', (code, signal) => {
      clearTimeout(timer);
      setTimeout(() => {
        child.stdout.destroy();
        child.stderr.destroy();
        resolve({ code, signal, stdout, stderr, hung });
      }, 50);
    });
    options.onStart?.(child);
  });
}

interface Document {
  outcome: string;
  headline: string;
  causes: { id: string; confidence: number; because: { evidence: string[] }[] }[];
  observations: {
    id: string;
    probe: string;
    outcome: string;
    reason: string | null;
    command: string | null;
  }[];
}

/** The JSON document, or null where standard output is none. */
export function documentOf({ stdout }: Ran): Document | null {
  try {
    return JSON.parse(stdout) as Document;
  } catch {
    return null;
  }
}

/** What is wrong with a run that was to end with a report: null = nothing. Our own bugs show as stack traces and `failed`. */
export function wrongWithReport(ran: Ran, codes: readonly number[] = [0, 1, 3]): string | null {
  if (ran.hung) return 'did not end';
  if (/\n\s+at .*:\d+:\d+|which is a bug in it/.test(ran.stderr))
    return `a bug of ours: ${ran.stderr.slice(0, 200)}`;
  if (ran.code === null || !codes.includes(ran.code))
    return `ended with ${ran.code ?? ran.signal}: ${ran.stderr.slice(0, 200)}`;
  const document = documentOf(ran);
  if (document === null) return `no JSON document: ${ran.stdout.slice(0, 100)}`;
  const failed = document.observations.find((one) =>
    /^fault\b|\b(Type|Range|Reference|Syntax)Error/.test(one.reason ?? ''),
  );
  return failed === undefined ? null : `${failed.id} failed: ${failed.reason}`;
}

/** One sentence on standard error, nothing on standard output. */
export function wrongWithSentence(ran: Ran, code: number): string | null {
  if (ran.hung) return 'did not end';
  if (ran.code !== code)
    return `ended with ${ran.code ?? ran.signal} instead of ${code}: ${ran.stderr.slice(0, 200)}`;
  return /^reachdoctor: [^\n]+\n$/.test(ran.stderr) && ran.stdout === ''
    ? null
    : `not one sentence: ${ran.stderr.slice(0, 200)}`;
}

/** `at` tasks at a time; each gives what is wrong, or null. */
export async function many<T>(
  cases: readonly T[],
  at: number,
  one: (item: T, worker: number) => Promise<string | null>,
): Promise<Result> {
  const complaints: string[] = [];
  const queue = [...cases];
  await Promise.all(
    Array.from({ length: at }, async (_, worker) => {
      for (let item = queue.shift(); item !== undefined; item = queue.shift()) {
        const wrong = await one(item, worker);
        if (wrong !== null) complaints.push(wrong);
      }
    }),
  );
  return { tried: cases.length, complaints, skipped: [] };
}

export const together = (...results: Result[]): Result => ({
  tried: results.reduce((sum, { tried }) => sum + tried, 0),
  complaints: results.flatMap(({ complaints }) => complaints),
  skipped: results.flatMap(({ skipped }) => skipped),
});

export const skipped = (why: string): Result => ({ tried: 0, complaints: [], skipped: [why] });

export const has = (program: string): boolean =>
  ['/usr/local/bin', '/usr/bin', '/bin', '/usr/sbin', '/sbin'].some((folder) =>
    existsSync(`${folder}/${program}`),
  );

/** Whether the program can be run `within` (as another user): a checkout in root's home cannot. */
export const mayReadProgram = ([file = '', ...args]: string[]): boolean =>
  spawnSync(file, [...args, 'test', '-r', CLI]).status === 0;

/** Small, seeded, and the same everywhere (mulberry32). */
export function randomOf(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

export const textOf = (file: string): string => readFileSync(file, 'utf8');
