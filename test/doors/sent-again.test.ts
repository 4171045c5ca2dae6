import { describe, expect, it } from 'vitest';
import { synsSentAgain, timedByKernel } from '../../src/doors/sent-again.ts';
import type { ConnectResult } from '../../src/doors/types.ts';

const told = (count: number) => () =>
  `TcpExt: SyncookiesSent TCPSynRetrans TCPOrigDataSent\nTcpExt: 0 ${count} 7\nIpExt: InNoRoutes\nIpExt: 3\n`;
const unreadable = () => {
  throw new Error('EACCES');
};
const result = (outcome: ConnectResult['outcome'], elapsedMs: number): ConnectResult => ({
  outcome,
  elapsedMs,
  code: null,
  local: false,
});

it.each([
  [told(42), 42],
  [() => 'TcpExt: SyncookiesSent\nTcpExt: 1\n', null],
  [() => '', null],
  [unreadable, null],
])('SYNs that the kernel sent again: %#', (read, count) => {
  expect(synsSentAgain(read)).toBe(count);
});

describe('an answer that took long', () => {
  it.each(['open', 'refused'] as const)(
    '%s, and no SYN was sent again: this process was kept from looking',
    (outcome) => {
      expect(timedByKernel(result(outcome, 2626), 42, told(42)).timed).toBe(false);
    },
  );
  it('is late where one was sent again, or nobody counted', () => {
    expect(timedByKernel(result('open', 2626), 42, told(43))).not.toHaveProperty('resent');
    expect(timedByKernel(result('open', 2626), null, told(43))).not.toHaveProperty('resent');
    expect(timedByKernel(result('open', 2626), 42, unreadable)).not.toHaveProperty('resent');
  });
  it.each([
    [699, undefined, undefined],
    [700, false, undefined],
    [1099, false, undefined],
    [1100, false, false],
  ])('after %i ms nothing was lost: %s; its time is not known: %s', (elapsedMs, resent, timed) => {
    expect(timedByKernel(result('open', elapsedMs), 42, told(42))).toEqual({
      ...result('open', elapsedMs),
      ...(resent === undefined ? {} : { resent }),
      ...(timed === undefined ? {} : { timed }),
    });
  });
  it('silence is silence', () => {
    expect(timedByKernel(result('timeout', 4000), 42, told(42))).not.toHaveProperty('resent');
  });
});
