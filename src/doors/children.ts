import type { ChildProcess } from 'node:child_process';

/**
 * Every program that this process starts, from its start until it is reaped. Each leads a process group of its own
 * (its session, away from our terminal), so that what it starts itself ends with it.
 */
const living = new Set<Child>();

type Child = Pick<ChildProcess, 'pid' | 'exitCode' | 'signalCode' | 'kill' | 'once'>;

/** Windows has no process groups; a console of its own would open a window there. */
export const OWN_GROUP = { detached: process.platform !== 'win32', windowsHide: true } as const;

/** Remembers a child that was just started. It is forgotten when it is reaped, or could not be started. */
export function adopt<C extends Child>(child: C): C {
  if (child.pid === undefined) return child;
  if (living.size === 0) process.once('exit', killAll);
  living.add(child);
  const forget = () => {
    living.delete(child);
    if (living.size === 0) process.off('exit', killAll);
  };
  child.once('exit', forget);
  child.once('error', () => {
    if (child.exitCode !== null || child.signalCode !== null) forget();
  });
  return child;
}

/** A signal for the child and everything that it started and that stayed in its group. */
export function signalGroup(child: Child, signal: NodeJS.Signals): void {
  if (child.pid === undefined) return;
  try {
    if (OWN_GROUP.detached) process.kill(-child.pid, signal);
    else child.kill(signal);
  } catch {
    // Nobody is left in the group, or it belongs to another user; then only the child itself can be tried.
    child.kill(signal);
  }
}

function killAll(): void {
  for (const child of living) signalGroup(child, 'SIGKILL');
}

/** Kills whatever still runs, and resolves when all of it is reaped, or after `patienceMs` (a child of another user). */
export async function endChildren(patienceMs = 5000): Promise<void> {
  killAll();
  const all = [...living].map((child) => new Promise<void>((resolve) => child.once('exit', () => resolve())));
  let timer: NodeJS.Timeout | undefined;
  const patience = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, patienceMs);
  });
  await Promise.race([Promise.all(all), patience]);
  clearTimeout(timer);
}
