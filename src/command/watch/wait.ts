import type { Clock } from '../../doors/types.ts';
import type { Look } from '../../model/look.ts';
import type { Looker } from './look.ts';
import type { Goal } from './options.ts';

export interface WaitOptions {
  goal: Goal;
  forMs: number;
  everyMs: number;
  clock: Clock;
  signal: AbortSignal;
  /** Called where a look differs from the one before in its kind, code or address. */
  onChange(look: Look): void;
}

export interface Waited {
  ended: 'met' | 'too-late' | 'stopped';
  /** Null = stopped before the first look ended. */
  last: Look | null;
  looks: number;
  waitedMs: number;
}

/** One light look a tick, from the start of one to the start of the next, until the goal is met or the time is up. */
export async function waitUntil(look: Looker, options: WaitOptions): Promise<Waited> {
  const { goal, forMs, everyMs, clock, signal } = options;
  const zero = clock.elapsed();
  let last: Look | null = null;
  let looks = 0;
  const ended = (how: Waited['ended']): Waited => ({
    ended: how,
    last,
    looks,
    waitedMs: Math.round(clock.elapsed() - zero),
  });
  for (;;) {
    const begun = clock.elapsed();
    const now = await look(signal);
    if (signal.aborted) return ended('stopped');
    looks += 1;
    const before: Look | null = last;
    last = now;
    if (before === null || differs(before, now)) options.onChange(now);
    if (isMet(goal, now, before)) return ended('met');
    const rest = forMs - (clock.elapsed() - zero);
    const pause = Math.max(0, everyMs - (clock.elapsed() - begun));
    // No look would begin before the end.
    if (rest <= 0) return ended('too-late');
    await clock.sleep(Math.min(pause, rest), signal);
    if (signal.aborted) return ended('stopped');
    if (clock.elapsed() - zero >= forMs) return ended('too-late');
  }
}

const differs = (one: Look, other: Look): boolean =>
  one.kind !== other.kind || one.code !== other.code || one.address !== other.address;

/** One silence may be one lost packet: it counts as unreachable where the next look is silent too. */
export function isMet(goal: Goal, now: Look, before: Look | null): boolean {
  if (now.kind === 'unknown') return false;
  if (goal === 'reachable') return now.kind === 'open';
  if (now.kind === 'silent' || now.kind === 'name-late')
    return before !== null && before.kind !== 'open' && before.kind !== 'unknown';
  return now.kind !== 'open';
}
