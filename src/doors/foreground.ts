import { spawn } from 'node:child_process';
import { constants } from 'node:os';
import { adopt } from './children.ts';

export type ForegroundSignal = 'SIGHUP' | 'SIGINT' | 'SIGTERM';

export interface Foreground {
  /** Passes a signal on, while it runs. */
  send(signal: ForegroundSignal): void;
  /** Its exit code, 128 + the number of the signal that ended it, or why it could not be started. */
  ended: Promise<{ exitCode: number } | { notStarted: 'missing' | 'denied' | 'failed'; code: string }>;
}

/**
 * A program in our place: our own standard streams, environment and process group, so that it may ask the terminal and
 * hears its Ctrl-C. No shell. It is killed with this process where that ends first.
 */
export function runInForeground([file, ...args]: readonly [string, ...string[]]): Foreground {
  let started: ReturnType<typeof spawn>;
  try {
    started = spawn(file, args, { stdio: 'inherit', shell: false });
  } catch (error) {
    // Node throws where an argument cannot be passed at all (EINVAL, E2BIG).
    const code = (error as NodeJS.ErrnoException).code ?? 'UNKNOWN';
    return { send: () => {}, ended: Promise.resolve({ notStarted: 'failed', code }) };
  }
  const child = adopt(started, 'ours');
  const ended = new Promise<Awaited<Foreground['ended']>>((resolve) => {
    child.once('error', (error: NodeJS.ErrnoException) => {
      // A signal that could not be sent is an error, too; then it runs on and ends by itself.
      if (child.pid !== undefined) return;
      const code = error.code ?? 'UNKNOWN';
      resolve({ notStarted: whyNot(code), code });
    });
    child.once('exit', (exitCode, signal) =>
      resolve({ exitCode: exitCode ?? 128 + (constants.signals[signal ?? 'SIGKILL'] ?? 9) }),
    );
  });
  return { send: (signal) => void child.kill(signal), ended };
}

function whyNot(code: string): 'missing' | 'denied' | 'failed' {
  if (code === 'ENOENT' || code === 'ENOTDIR') return 'missing';
  return code === 'EACCES' || code === 'EPERM' ? 'denied' : 'failed';
}
