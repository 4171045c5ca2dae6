import type { Clock } from '../../../doors/types.ts';

/**
 * Waits for `talk` to the end, and says once that it has been quiet for `quietMs`: what else could be tried may be tried
 * meanwhile, while the first conversation stays open.
 */
export async function patiently<T>(
  talk: Promise<T>,
  quietMs: number,
  clock: Clock,
  onQuiet: () => void,
): Promise<T> {
  const over = new AbortController();
  const quiet = clock.sleep(quietMs, over.signal).then(() => {
    if (!over.signal.aborted) onQuiet();
  });
  try {
    return await talk;
  } finally {
    over.abort();
    await quiet;
  }
}
