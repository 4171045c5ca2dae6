import { delimiter } from 'node:path';
import { adopt, marked, OWN_GROUP, signalGroup } from '../children.ts';
import { searchPath } from '../tool-environment.ts';
import type { Carrier } from './carrier.ts';

/** More than any answer is; who sends more is ended. */
const MAX_OUTPUT = 256 * 1024;
const GRACE_MS = 1000;

export interface ScriptResult {
  status: 'done' | 'missing' | 'failed' | 'timed-out' | 'flooded' | 'cancelled';
  exitCode: number | null;
  stdout: string;
  /** The end of it, at most 4 KiB. */
  stderr: string;
}

/**
 * Runs a script over a carrier: no shell of this machine, everything through standard input. At the deadline, on abort
 * and when it floods, the program gets SIGTERM, so that what runs on the other side can clean up, and a second later SIGKILL. Never rejects.
 */
export async function runScript(
  { file, args }: Carrier,
  script: string,
  run: {
    deadlineMs: number;
    signal: AbortSignal;
    onMessage?: (text: string) => void;
    /** `own`: nothing that it starts outlives it, and it has no terminal to ask on. */
    group?: 'own' | 'ours';
  },
): Promise<ScriptResult> {
  const { execa } = await import('execa');
  const PATH = [...searchPath(process.env.PATH), '/usr/sbin', '/sbin'].join(delimiter);
  let stopped: 'timed-out' | 'flooded' | 'cancelled' | null = run.signal.aborted ? 'cancelled' : null;
  if (stopped !== null) return { status: stopped, exitCode: null, stdout: '', stderr: '' };
  const child = execa(file, args, {
    input: script,
    reject: false,
    buffer: false,
    stdout: 'pipe',
    stderr: 'pipe',
    forceKillAfterDelay: GRACE_MS,
    // The user's own way there needs the user's own environment (SSH_AUTH_SOCK, KUBECONFIG) and terminal (sudo), so by
    // default it has no group of its own; and what the script leaves to clean up behind it lives on.
    env: run.group === 'own' ? marked({ PATH }) : { PATH },
    detached: run.group === 'own' && OWN_GROUP.detached,
    windowsHide: true,
  });
  adopt(child, run.group ?? 'ours');
  let stdout = '';
  let stderr = '';
  // A grandchild may hold the streams after the program itself is gone.
  let letGo = (): void => {};
  const gone = new Promise<null>((resolve) => {
    letGo = () => resolve(null);
  });
  let late: NodeJS.Timeout | undefined;
  const stop = (why: typeof stopped): void => {
    if (stopped !== null) return;
    stopped = why;
    signalGroup(child, 'SIGTERM');
    late = setTimeout(() => {
      signalGroup(child, 'SIGKILL');
      late = setTimeout(letGo, GRACE_MS);
    }, GRACE_MS);
  };
  child.stdout?.setEncoding('utf8').on('data', (text: string) => {
    stdout = (stdout + text).slice(0, MAX_OUTPUT);
    if (stdout.length === MAX_OUTPUT) stop('flooded');
  });
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    stderr = (stderr + text).slice(-4096);
    run.onMessage?.(stderr);
  });
  const cancel = (): void => stop('cancelled');
  run.signal.addEventListener('abort', cancel, { once: true });
  const timer = setTimeout(() => stop('timed-out'), run.deadlineMs);
  const result = await Promise.race([child, gone]);
  for (const one of [timer, late]) clearTimeout(one);
  run.signal.removeEventListener('abort', cancel);
  child.stdout?.destroy();
  child.stderr?.destroy();
  const exitCode = result?.exitCode ?? null;
  const isMissing = result?.code === 'ENOENT' || result?.code === 'EACCES';
  const status = stopped ?? (isMissing ? 'missing' : exitCode === 0 ? 'done' : 'failed');
  return { status, exitCode: isMissing ? null : exitCode, stdout, stderr };
}
