import { writeFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { GOLDENS, goldenOf, HERE, linesOf, momentOf, readAt, readGolden } from './moments.ts';

/**
 * Moments of runs in the lab, chosen so that together they show every fact, every step and every turn of the code that reads
 * them: what is known then, and what is asked next. `RECORD=1 npx vitest run test/moments` writes the goldens anew.
 */
const moments = linesOf('moments.txt').map((words) => [words, momentOf(words)] as const);
const isRecording = process.env.RECORD !== undefined;

describe.each(Object.entries(GOLDENS))('%s', (file, conclude) => {
  if (isRecording)
    writeFileSync(HERE + file, goldenOf(moments.map(([, moment]) => [moment.id, conclude(readAt(moment))])));
  const golden = readGolden(file);

  it.each(moments)('%s', (_, moment) => {
    expect(conclude(readAt(moment)).sort()).toEqual((golden.get(moment.id) ?? []).sort());
  });
});
