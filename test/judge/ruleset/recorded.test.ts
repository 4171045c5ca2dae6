import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { fits, judged, PROBES } from './kernel.ts';
import { RECORDED, type Recording, resultOf, verdictsOf } from './recorded.ts';

/** What whole/ruleset-beside-the-kernel.test.ts asks the kernel anew, with its answers as recorded: in no time, and for every rule set the same. */
describe.each(readdirSync(RECORDED))('%s', (file) => {
  const recordings = readFileSync(`${RECORDED}${file}`, 'utf8')
    .trim()
    .split('\n')
    .map((line, i) => [i + 1, JSON.parse(line) as Recording] as const);

  it.each(recordings)(
    'rule set %i: no verdict contradicts the kernel, and none is less certain than it was',
    (_, { listed, happened, verdicts }) => {
      const whole = judged(listed, true);
      const listing = judged(listed, false);
      const wrong = [whole, listing].flatMap((all) =>
        all.flatMap((verdict, i) =>
          fits(verdict, resultOf(happened[i]!)) ? [] : [{ packet: PROBES[i], verdict, was: happened[i] }],
        ),
      );
      expect(wrong).toEqual([]);
      expect(verdictsOf(whole, listing)).toEqual(verdicts);
    },
  );
});
