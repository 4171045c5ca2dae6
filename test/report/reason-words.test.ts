import { expect, it } from 'vitest';
import { because } from '../../src/model/reasons.ts';
import { reasonWords } from '../../src/report/reason-words.ts';

it.each([
  [because('no-counters'), 'this system does not tell its packet counters'],
  [because('not-installed', 'ping'), 'ping is not installed'],
  [because('fault', 'TypeError: x is\n  no function'), 'TypeError: x is no function'],
  [because('fault', 'a; b: c'), 'a; b: c'],
  [
    [because('needs-privileges', 'traceroute by TCP'), because('not-installed', 'mtr')].join('; '),
    'traceroute by TCP needs more privileges; mtr is not installed',
  ],
  // Of evidence that was saved before there were codes, and of tools.
  ['koffi is not installed', 'koffi is not installed'],
  ['ping: connect: Network is unreachable', 'ping: connect: Network is unreachable'],
  ['constructor: x', 'constructor: x'],
])('%j is said as %j', (reason, words) => {
  expect(reasonWords(reason)).toBe(words);
});
