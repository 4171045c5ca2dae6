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
  ['unreachable', 'SIGHUP', 129],
] as const)('%s, stopped by %s, ends with %i', (outcome, stoppedBy, code) => {
  expect(exitCodeOf(outcome, { stoppedBy, allWritten: true })).toBe(code);
});

it('a file that was asked for and could not be written shows, unless a signal ended the run', () => {
  expect(exitCodeOf('reachable', { stoppedBy: null, allWritten: false })).toBe(4);
  expect(exitCodeOf('unreachable', { stoppedBy: null, allWritten: false })).toBe(4);
  expect(exitCodeOf('unreachable', { stoppedBy: 'SIGHUP', allWritten: false })).toBe(129);
});
