import { setFlagsFromString } from 'node:v8';

/**
 * From now on memory is given back early, at the price of some CPU: a run with many targets makes little that lasts and
 * much that does not, and V8 would let three times as much pile up before it clears away.
 */
export function keepHeapSmall(): void {
  for (const flag of ['--semi-space-growth-factor=1', '--max-semi-space-size=1', '--optimize-for-size'])
    setFlagsFromString(flag);
}
