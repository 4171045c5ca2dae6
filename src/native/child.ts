/**
 * Entry of the native child process: one JSON job on standard input, one line of JSON on standard output.
 * It works synchronously: whoever started it stops it with SIGKILL.
 */
import { readFileSync } from 'node:fs';
import type { NativeResult } from '../system/doors.ts';
import { parseJob } from './job.ts';
import { type Libc, loadLibc } from './libc.ts';
import { runJob } from './run-job.ts';

const PR_SET_PDEATHSIG = 1;
const SIGKILL = 9;

/** The library is loaded before the job is read: a child can be started ahead of the question. */
function run(): NativeResult {
  let libc: Libc;
  try {
    libc = loadLibc();
  } catch (error) {
    const reason = error instanceof Error ? (error.message.split('\n')[0] ?? '') : String(error);
    return {
      status: 'unavailable',
      reason: `koffi could not be loaded: ${reason}`,
      enable: 'npm install koffi',
    };
  }
  // A parent that is killed cannot kill: the kernel does it then.
  libc.prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
  const job = parseJob(readFileSync(0, 'utf8'));
  return runJob(libc, job);
}

function result(): NativeResult {
  try {
    return run();
  } catch (error) {
    return { status: 'failed', reason: error instanceof Error ? error.message : String(error) };
  }
}

process.stdout.write(`${JSON.stringify(result())}\n`);
