import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { createRequire } from 'node:module';
import { fileURLToPath, pathToFileURL } from 'node:url';
import type { NativeDoor, NativeJob, NativeResult } from './doors.ts';

const MAX_OUTPUT = 512 * 1024;
const MAX_ERRORS = 4 * 1024;
/** Start of the child on a busy machine, beside the time of its job. */
const START_MS = 4000;
const STATUSES = new Set(['unavailable', 'failed', 'swept', 'exchanged', 'reply-ttl']);

/** Children started ahead of their jobs in one run, at the most. */
const MOST_AHEAD = 3;

/** What the door depends on, to be replaced in tests. */
export interface NativeSetting {
  platform: string;
  arch: string;
  environment: NodeJS.ProcessEnv;
  /** Program and arguments of the child. */
  command: [string, ...string[]];
  /** Added to the time that the job itself may take. */
  startMs: number;
}

/** The built child, or under tsx and vitest the source through tsx. */
function childCommand(): [string, ...string[]] {
  const ownExtension = import.meta.url.endsWith('.ts') ? 'ts' : 'js';
  const child = fileURLToPath(new URL(`../native/child.${ownExtension}`, import.meta.url));
  if (ownExtension === 'js') return [process.execPath, child];
  const tsx = createRequire(import.meta.url).resolve('tsx');
  return [process.execPath, '--import', pathToFileURL(tsx).href, child];
}

/** The longest that a job may work, ms. */
export function jobTimeMs(job: NativeJob): number {
  if (job.job === 'sweep') return Math.max(job.holdMs, 1500) + 2000;
  return job.job === 'reply-ttl' ? 3000 : job.timeoutMs + 1000;
}

/** NODE_OPTIONS and the like stay behind: the child is to be a plain node. */
function childEnvironment(environment: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const kept = ['PATH', 'HOME', 'TMPDIR', 'LD_LIBRARY_PATH'];
  return Object.fromEntries(
    kept.flatMap((name) => (environment[name] === undefined ? [] : [[name, environment[name]]])),
  );
}

function parseResult(line: string): NativeResult | null {
  try {
    const value = JSON.parse(line) as NativeResult | null;
    return value !== null && typeof value === 'object' && STATUSES.has(value.status) ? value : null;
  } catch {
    // Unknown what the child found: what it printed is no result (cut short by a crash, most likely).
    return null;
  }
}

/**
 * Runs one job in a child process of its own, because an abort inside a native library must cost one probe and not the
 * report. The child is killed (SIGKILL; it holds nothing but sockets) on abort, at the deadline, and when it says too much;
 * the promise settles after it is gone.
 */
export function createNativeDoor(given: Partial<NativeSetting> = {}): NativeDoor & { warm(): void } {
  const platform = given.platform ?? process.platform;
  const arch = given.arch ?? process.arch;
  const environment = given.environment ?? process.env;
  const spares: ChildProcessWithoutNullStreams[] = [];
  let started = 0;

  const start = (): ChildProcessWithoutNullStreams => {
    const [file, ...args] = given.command ?? childCommand();
    started++;
    return spawn(file, args, { env: childEnvironment(environment), stdio: 'pipe' });
  };
  /** One more child that waits for its job; it ends by itself when this process closes its input. */
  const warm = (): void => {
    if (unavailable() !== null || started >= MOST_AHEAD) return;
    const child = start();
    // A spare that cannot be run is found out when it is used.
    child.on('error', () => {});
    for (const handle of handlesOf(child)) handle.unref?.();
    spares.push(child);
  };
  const take = (): ChildProcessWithoutNullStreams => {
    const spare = spares.shift();
    if (
      spare === undefined ||
      spare.exitCode !== null ||
      spare.signalCode !== null ||
      spare.pid === undefined
    )
      return start();
    for (const handle of handlesOf(spare)) handle.ref?.();
    warm();
    return spare;
  };
  const unavailable = (): NativeResult | null => {
    if (environment.REACHDOCTOR_NO_NATIVE === '1')
      return {
        status: 'unavailable',
        reason: 'switched off by REACHDOCTOR_NO_NATIVE',
        enable: 'unset REACHDOCTOR_NO_NATIVE',
      };
    if (platform !== 'linux' || (arch !== 'x64' && arch !== 'arm64'))
      return {
        status: 'unavailable',
        reason: `only made for Linux on x64 and arm64, this is ${platform} on ${arch}`,
        enable: null,
      };
    return null;
  };

  const door: NativeDoor = async (job, signal) => {
    const closed = unavailable();
    if (closed !== null) return closed;
    if (signal.aborted) return { status: 'cancelled' };

    const deadlineMs = jobTimeMs(job) + (given.startMs ?? START_MS);
    return await new Promise<NativeResult>((resolve) => {
      const child = take();
      let output = '';
      let errors = '';
      let ended: NativeResult | null = null;
      const stop = (why: NativeResult) => {
        ended ??= why;
        child.kill('SIGKILL');
      };
      const onAbort = () => stop({ status: 'cancelled' });
      const timer = setTimeout(() => {
        stop({ status: 'failed', reason: `the native child did not end within ${deadlineMs} ms` });
      }, deadlineMs);
      signal.addEventListener('abort', onAbort, { once: true });
      const settle = (result: NativeResult) => {
        clearTimeout(timer);
        signal.removeEventListener('abort', onAbort);
        child.stdout.destroy();
        child.stderr.destroy();
        resolve(ended ?? result);
      };
      child.stdout.setEncoding('utf8').on('data', (text: string) => {
        output += text;
        if (output.length > MAX_OUTPUT)
          stop({ status: 'failed', reason: 'the native child printed too much' });
      });
      child.stderr.setEncoding('utf8').on('data', (text: string) => {
        errors = (errors + text).slice(-MAX_ERRORS);
      });
      // A child that died before it read its job: its exit tells more than this EPIPE.
      child.stdin.on('error', () => {});
      child.stdin.end(JSON.stringify(job));
      child.on('error', (error) =>
        settle({ status: 'failed', reason: `the native child could not be run: ${error.message}` }),
      );
      child.on('close', (code, killedBy) => {
        const how = killedBy === null ? `exit code ${code}` : killedBy;
        const said = errors.trim().split('\n').at(-1) ?? '';
        settle(
          parseResult(output) ?? {
            status: 'failed',
            reason: `the native child ended without a result (${how}) ${said}`.trim(),
          },
        );
      });
    });
  };
  return Object.assign(door, { warm });
}

type Handle = { ref?(): void; unref?(): void };
const handlesOf = (child: ChildProcessWithoutNullStreams): Handle[] => [
  child,
  ...([child.stdin, child.stdout, child.stderr] as Handle[]),
];

export const native = createNativeDoor();
