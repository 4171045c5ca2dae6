/**
 * Entry of the native child process: lines of JSON, a job each, on standard input; on standard output a line when it is
 * ready, and one of JSON for each job. It works synchronously, one job after the other: whoever started it stops it with SIGKILL, or by closing its
 * input. With `shared` it makes many sweeps side by side (shared-sweeps.ts).
 */
import { readSync } from 'node:fs';
import { because } from '../../model/reasons.ts';
import type { NativeJob, NativeResult, SweepNews } from '../types.ts';
import { firstConnect, handOver } from './first-connect.ts';
import { parseJob } from './job.ts';
import { type Libc, loadLibc } from './libc.ts';
import { loadMac } from './macos/library.ts';
import { macSweep } from './macos/sweep.ts';
import { runJob } from './run-job.ts';
import { SHARED, shareSweeps } from './shared-sweeps.ts';
import { loadWindows } from './windows/library.ts';
import { windowsNetwork } from './windows/network.ts';
import { windowsSweep } from './windows/sweep.ts';

const PR_SET_PDEATHSIG = 1;
const SIGKILL = 9;
const MAX_LINE = 256 * 1024;

const reasonOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

/** The SYN of a `connect` has left. */
const BEGUN = `${JSON.stringify({ status: 'begun' })}\n`;

/** The library is loaded: a job that comes now is begun at once. */
const READY = `${JSON.stringify({ status: 'ready' })}\n`;

/** Told while a sweep goes on. */
const NEWS: SweepNews = {
  hop: (hop) => process.stdout.write(`${JSON.stringify({ status: 'hop', ...hop })}\n`),
  soFar: (trace) => process.stdout.write(`${JSON.stringify({ status: 'so-far', trace })}\n`),
};

/** null = the result goes another way, and no further job is taken. */
type Worker = (job: NativeJob) => NativeResult | null;

const elapsed = (): number => performance.now();
const onlyLinux: NativeResult = {
  status: 'unavailable',
  reason: because('linux-only'),
  enable: null,
};

function linuxLibc(): Libc {
  const libc = loadLibc();
  // A parent that is killed cannot kill: the kernel does it then.
  libc.prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
  return libc;
}

/** What this system can be asked, with its library loaded. Throws when koffi is not installed or fits not. */
function workerOf(platform: NodeJS.Platform): Worker {
  if (platform === 'win32') {
    const library = loadWindows();
    return (job) =>
      job.job === 'sweep'
        ? windowsSweep(library, job, elapsed)
        : job.job === 'network'
          ? windowsNetwork(library, job)
          : onlyLinux;
  }
  if (platform === 'darwin') {
    const library = loadMac();
    return (job) => (job.job === 'sweep' ? macSweep(library, job, elapsed) : onlyLinux);
  }
  const libc = linuxLibc();
  return (job) => {
    if (job.job !== 'connect') return runJob(libc, job, NEWS);
    const { result, fd } = firstConnect(libc, job, () => process.stdout.write(BEGUN));
    if (fd === null) return result;
    handOver(fd, result);
    return null;
  };
}

/** The library is loaded before the first job is read: a child can be started ahead of the question. */
function load<T>(of: () => T): T | Extract<NativeResult, { status: 'unavailable' }> {
  try {
    return of();
  } catch (error) {
    return {
      status: 'unavailable',
      reason: because('koffi-not-loaded', reasonOf(error).split('\n')[0] ?? ''),
      enable: 'npm install koffi',
    };
  }
}

function* lines(): Generator<string> {
  const chunk = Buffer.alloc(64 * 1024);
  let text = '';
  for (;;) {
    const end = text.indexOf('\n');
    if (end >= 0) {
      yield text.slice(0, end);
      text = text.slice(end + 1);
      continue;
    }
    const size = readSync(0, chunk, 0, chunk.length, null);
    if (size === 0 || text.length > MAX_LINE) return;
    text += chunk.toString('utf8', 0, size);
  }
}

function resultOf(worker: Worker | NativeResult, line: string): NativeResult | null {
  if ('status' in worker) return worker;
  try {
    return worker(parseJob(line));
  } catch (error) {
    return { status: 'failed', reason: because('fault', reasonOf(error)) };
  }
}

if (process.argv[2] === SHARED) {
  const tell = (value: object) => void process.stdout.write(`${JSON.stringify(value)}\n`);
  const libc = load(linuxLibc);
  if ('status' in libc) tell(libc);
  else shareSweeps(libc, tell);
} else {
  const worker = load(() => workerOf(process.platform));
  process.stdout.write(READY);
  for (const line of lines()) {
    const result = resultOf(worker, line);
    if (result === null) break;
    process.stdout.write(`${JSON.stringify(result)}\n`);
  }
}
