import type { ChildProcess } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';

/**
 * Every program that this process starts, from its start until it is reaped. Each leads a process group of its own
 * (its session, away from our terminal), so that what it starts itself ends with it.
 */
const living = new Set<Child>();

/** In the environment of whatever was started here, so that it is found again where it has left its group (setsid). */
const MARK = 'REACHDOCTOR_CHILD_OF';
const MARK_VALUE = `${process.pid}-${Math.random().toString(36).slice(2)}`;
let hasMarked = false;

/** An environment for a child, with our mark in it. */
export function marked<E extends Record<string, string | undefined>>(environment: E): E {
  hasMarked = true;
  return { ...environment, [MARK]: MARK_VALUE };
}

type Child = Pick<ChildProcess, 'pid' | 'exitCode' | 'signalCode' | 'kill' | 'once'>;

/**
 * Windows has no process groups; a console of its own would open a window there. Elsewhere a tool runs in `/`: our own
 * directory may be gone, and a core dump would be left in it.
 */
export const OWN_GROUP = {
  detached: process.platform !== 'win32',
  windowsHide: true,
  ...(process.platform === 'win32' ? {} : { cwd: '/' }),
} as const;

/** Those that were started in our own group, for the sake of the terminal: what they leave running is the user's. */
const ofOurGroup = new WeakSet<Child>();

/** Remembers a child that was just started. It is forgotten when it is reaped, or could not be started. */
export function adopt<C extends Child>(child: C, group: 'own' | 'ours' = 'own'): C {
  if (child.pid === undefined) return child;
  if (group === 'ours') ofOurGroup.add(child);
  if (living.size === 0) process.once('exit', killAll);
  living.add(child);
  const forget = () => {
    living.delete(child);
    if (living.size === 0) process.off('exit', killAll);
  };
  child.once('exit', () => {
    // Whatever it has started and left running: what it printed so far is in the pipe, and no more is wanted.
    if (OWN_GROUP.detached && group === 'own') signalGroup(child, 'SIGKILL');
    forget();
  });
  child.once('error', () => {
    if (child.exitCode !== null || child.signalCode !== null) forget();
  });
  return child;
}

/** A signal for the child and everything that it started and that stayed in its group. */
export function signalGroup(child: Child, signal: NodeJS.Signals): void {
  if (child.pid === undefined) return;
  try {
    if (OWN_GROUP.detached && !ofOurGroup.has(child)) process.kill(-child.pid, signal);
    else child.kill(signal);
  } catch {
    // Nobody is left in the group, or it belongs to another user; then only the child itself can be tried.
    child.kill(signal);
  }
}

function killAll(): void {
  for (const child of living) signalGroup(child, 'SIGKILL');
}

/** One that was killed needs a moment to go, and one may have had a child while we looked. */
const MOST_LOOKS = 50;
const LOOK_AGAIN_MS = 10;

/**
 * Kills what left its group, found by the mark in its environment (proc(5); Linux alone), until none is found. Another
 * user's process cannot be looked at, nor is one found that has thrown its environment away.
 */
async function endStrays(): Promise<void> {
  if (!hasMarked || process.platform !== 'linux') return;
  for (let looks = 0; looks < MOST_LOOKS && strays().filter(isKilled).length > 0; looks++)
    await new Promise((resolve) => setTimeout(resolve, LOOK_AGAIN_MS));
}

function strays(): number[] {
  const entry = `${MARK}=${MARK_VALUE}`;
  try {
    return readdirSync('/proc')
      .filter((name) => /^\d+$/.test(name) && environmentOf(name).split('\0').includes(entry))
      .map(Number);
  } catch {
    // No /proc: whether somebody left its group is unknown.
    return [];
  }
}

function environmentOf(pid: string): string {
  try {
    return readFileSync(`/proc/${pid}/environ`, 'latin1');
  } catch {
    // Gone, or another user's.
    return '';
  }
}

function isKilled(pid: number): boolean {
  try {
    process.kill(pid, 'SIGKILL');
    return true;
  } catch {
    return false;
  }
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
  await endStrays();
}
