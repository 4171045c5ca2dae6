import { writeFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import type { RunReadings } from '../../src/judge/readings/index.ts';
import { goldenOf, HERE, linesOf, momentOf, readAt, readGolden } from './moments.ts';

/**
 * Moments of runs in the lab, chosen so that together they show every fact, every step and every turn of the code that reads
 * them. `RECORD=1 npx vitest run test/moments` writes what is concluded in each of them anew.
 */
export function holdsAtEveryMoment(file: string, conclude: (seen: RunReadings) => string[]): void {
  const moments = linesOf('moments.txt').map((words) => [words, momentOf(words)] as const);
  if (process.env.RECORD !== undefined)
    writeFileSync(HERE + file, goldenOf(moments.map(([, moment]) => [moment.id, conclude(readAt(moment))])));
  const golden = readGolden(file);
  it.each(moments)('%s', (_, moment) => {
    expect(conclude(readAt(moment)).sort()).toEqual((golden.get(moment.id) ?? []).sort());
  });
}
