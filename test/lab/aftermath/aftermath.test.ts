import { describe, expect, test } from 'vitest';
import { type Measured, worseThan } from './aftermath.ts';
import { aftermathTable } from './table.ts';

const measured = (more: Record<string, number>, served = true): Measured => ({
  more,
  connections: 10,
  served,
});

describe('what diagnoses leave behind', () => {
  test('is compared with careful connections, count by count', () => {
    expect(worseThan(measured({ 'log lines': 20 }), measured({ 'log lines': 20 }))).toEqual([]);
    expect(
      worseThan(measured({ 'log lines': 20, errors: 3 }), measured({ 'log lines': 21, errors: 0 })),
    ).toEqual(['log lines: 21, ten careful connections leave 20']);
  });

  test('a lock-out is worse, unless careful connections are locked out as well', () => {
    expect(worseThan(measured({}), measured({}, false))).toEqual(['the client is locked out']);
    expect(worseThan(measured({}, false), measured({}, false))).toEqual([]);
  });

  test('a row names the connections of one diagnosis and both sides', () => {
    const table = aftermathTable([
      {
        service: 'memcached',
        careful: measured({ rejected: 0 }),
        diagnosed: { more: { rejected: 2 }, connections: 55, served: false },
        worse: ['the client is locked out'],
      },
    ]);
    expect(table.split('\n')[2]).toBe('| memcached | 5.5 | rejected 0 | rejected 2, locked out | more |');
  });
});
