import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { globalpingServiceOf, globalpingUrlOf, MOST_PROBES } from '../../../src/command/from/globalping.ts';
import { sourcesOf } from '../../../src/command/from/sources.ts';
import { isUsageError } from '../../../src/command/usage-error.ts';
import { anySign } from '../../any-sign.ts';

const place = (text: string) => sourcesOf([text]);

describe('--from globalping:PLACE[,N]', () => {
  it.each([
    'globalping:DE',
    'globalping:DE,2',
    `globalping:Berlin,${MOST_PROBES}`,
    'globalping:Paris+FR',
    'globalping:AS13335',
    'globalping:aws-us-east-1',
    'globalping:São Paulo',
    'globalping:Western Europe,3',
  ])('%s is one', (text) => {
    expect(place(text)).toMatchObject([{ by: text }]);
  });
  it.each([
    ['globalping:', 'names no place'],
    ['globalping:,2', 'names no place'],
    ['globalping:DE,0', 'wants 0 probes'],
    ['globalping:DE,11', 'wants 11 probes'],
    ['globalping:DE,1e3', 'names no place'],
    ['globalping:DE,PL', 'names no place'],
    ['globalping:"}],"limit":500', 'names no place'],
    ['globalping:DE\n', 'names no place'],
    ['globalping:\u202eDE', 'names no place'],
    [`globalping:${'x'.repeat(200)}`, 'names no place'],
  ])('%j is none', (text, words) => {
    expect(place(text)).toMatchObject({ error: expect.stringContaining(words) });
  });
  it('whatever is written after it is a place or a sentence', () => {
    fc.assert(
      fc.property(fc.string({ unit: anySign }), (text) => {
        const found = place(`globalping:${text}`);
        if (isUsageError(found)) expect(found.error).not.toMatch(/[\x00-\x1f\x7f-\x9f]/);
        else expect(found).toHaveLength(1);
      }),
    );
  });
});

describe('--globalping-url', () => {
  it.each([
    ['https://gp.example.com', 'https://gp.example.com'],
    ['https://gp.example.com:8443/', 'https://gp.example.com:8443'],
    ['https://gp.example.com/api/', 'https://gp.example.com/api'],
    ['http://127.0.0.1:8000', 'http://127.0.0.1:8000'],
    ['http://localhost', 'http://localhost'],
    ['http://[::1]:80', 'http://[::1]'],
  ])('%s', (given, url) => {
    expect(globalpingUrlOf(given)).toBe(url);
  });
  it.each([
    'gp.example.com',
    'ftp://gp.example.com',
    'file:///etc/passwd',
    'http://gp.example.com',
    'http://127.0.0.1.example.com',
    'http://localhost.example.com',
    'http://192.168.0.1',
    'https://user:secret@gp.example.com',
    'https://gp.example.com?token=secret',
    'https://gp.example.com#secret',
    '',
  ])('%s is refused, and no secret of it shown', (given) => {
    const refused = globalpingUrlOf(given);
    expect(isUsageError(refused)).toBe(true);
    expect(JSON.stringify(refused)).not.toContain('secret');
  });
});

describe('GLOBALPING_TOKEN', () => {
  const env = { GLOBALPING_TOKEN: 'a-token' };
  it('goes to the public service', () => {
    expect(globalpingServiceOf(null, env)).toEqual({ url: 'https://api.globalping.io', token: 'a-token' });
  });
  it('and to no other', () => {
    expect(globalpingServiceOf('https://api.globalping.io.example.com', env).token).toBeNull();
    expect(globalpingServiceOf('http://127.0.0.1', env).token).toBeNull();
  });
  it.each([
    {},
    { GLOBALPING_TOKEN: '' },
    { GLOBALPING_TOKEN: 'two words' },
    { GLOBALPING_TOKEN: 'a\r\nb: c' },
  ])('none in %j', (of) => {
    expect(globalpingServiceOf(null, of).token).toBeNull();
  });
});
