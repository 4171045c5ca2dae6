import { expect, it } from 'vitest';
import { exitCodeOf } from '../../src/command/exit-code.ts';

it.each([
  ['reachable', null, 0],
  ['impaired', null, 1],
  ['unreachable', null, 1],
  ['undetermined', null, 3],
  ['unreachable', 'SIGINT', 130],
  ['reachable', 'SIGINT', 130],
  ['undetermined', 'SIGTERM', 143],
] as const)('%s, stopped by %s, ends with %i', (outcome, signal, code) => {
  expect(exitCodeOf(outcome, signal)).toBe(code);
});
