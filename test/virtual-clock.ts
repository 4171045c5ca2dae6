import type { Clock } from '../src/doors/types.ts';

interface Sleeper {
  wakesAt: number;
  wake: () => void;
}

/**
 * A clock whose time passes only where everybody sleeps: it jumps to the next awakening once nothing else can run. Twenty
 * seconds of silence take no time, and a busy machine cannot make anything late. For fakes only: real I/O would be outrun.
 */
export function virtualClock(): Clock {
  const epoch = Date.UTC(2026, 0, 1);
  let time = 0;
  let isTurning = false;
  const sleepers = new Set<Sleeper>();

  const turn = (): void => {
    if (isTurning || sleepers.size === 0) return;
    isTurning = true;
    // After an immediate every promise that could be settled without time has been.
    setImmediate(() => {
      isTurning = false;
      const next = [...sleepers].reduce<Sleeper | null>(
        (first, one) => (first === null || one.wakesAt < first.wakesAt ? one : first),
        null,
      );
      if (next !== null) {
        time = Math.max(time, next.wakesAt);
        next.wake();
      }
      turn();
    });
  };

  return {
    now: () => epoch + time,
    elapsed: () => time,
    sleep: (ms, signal) =>
      new Promise((resolve) => {
        if (signal?.aborted) return resolve();
        const sleeper: Sleeper = {
          wakesAt: time + Math.max(0, ms),
          wake: () => {
            sleepers.delete(sleeper);
            signal?.removeEventListener('abort', sleeper.wake);
            resolve();
          },
        };
        sleepers.add(sleeper);
        signal?.addEventListener('abort', sleeper.wake, { once: true });
        turn();
      }),
  };
}
