import { expect, it } from 'vitest';
import { connect, counted, facts, QUIET, trace } from '../../evidence.ts';

const swept = (badChecksums: number | null) =>
  trace('target', ['10.0.0.1', '*', '*', '*'], { counters: { ...QUIET, badChecksums } });

it('answers that arrive with a wrong checksum while the port is asked', () => {
  const of = (...seen: Parameters<typeof facts>[1][]) => facts({}, ...seen)['local.badChecksums'];
  expect([
    of(connect('timeout'), swept(5)),
    of(connect('timeout'), swept(null)),
    of(connect('timeout')),
  ]).toEqual([5, null, null]);
  expect(of(connect('timeout'), counted(['timeout'], { whole: { badChecksums: 3 } }))).toBe(3);
  expect(of(connect('open'), swept(5))).toBeNull();
});
