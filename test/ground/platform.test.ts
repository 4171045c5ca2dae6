import { describe, expect, it } from 'vitest';
import { platformOf } from '../../src/ground/platform.ts';

describe('what a kernel tells', () => {
  it('Linux ends connect() with the errno of every unreachable', () => {
    expect(platformOf('linux').errnoOf(4, 3, 13)).toBe('EHOSTUNREACH');
    expect(platformOf('linux').errnoOf(4, 3, 0)).toBe('ENETUNREACH');
    expect(platformOf('linux').errnoOf(6, 1, 1)).toBe('EACCES');
  });

  it('macOS tells a prohibition as a refusal, and keeps net and host unreachable to itself', () => {
    const { errnoOf, refusedIsNotProhibited, silenceMayBeRejection } = platformOf('darwin');
    expect(errnoOf(4, 3, 13)).toBe('ECONNREFUSED');
    expect(errnoOf(4, 3, 3)).toBe('ECONNREFUSED');
    expect(errnoOf(4, 3, 0)).toBeNull();
    expect(errnoOf(4, 3, 1)).toBeNull();
    expect(errnoOf(4, 11, 0)).toBe('EHOSTUNREACH');
    expect([refusedIsNotProhibited, silenceMayBeRejection]).toEqual([false, true]);
  });

  it('Windows ends no connect() on ICMP, and needs two seconds to believe a refusal', () => {
    const windows = platformOf('win32');
    expect(windows.errnoOf(4, 3, 3)).toBeNull();
    expect(windows.errnoOf(6, 1, 4)).toBeNull();
    expect(windows.refusalAfterMs).toBe(2000);
  });

  it('about three seconds means a neighbour that does not answer on Linux alone', () => {
    expect(['linux', 'darwin', 'win32', 'plan9'].map((os) => platformOf(os).neighbourGivenUpMs)).toEqual([
      3060,
      null,
      null,
      null,
    ]);
  });

  it('a system that nobody knows promises nothing', () => {
    expect(platformOf('constructor')).toBe(platformOf('unknown'));
    expect(platformOf('unknown').errnoOf(4, 3, 3)).toBeNull();
  });
});
