import { expect, test } from 'vitest';
import { toolEnvironment } from '../../src/doors/tool-environment.ts';

test('a tool sees a path, the language and the time zone, and nothing else', () => {
  const given = {
    PATH: '/usr/bin',
    HOME: '/home/me',
    AWS_SECRET_ACCESS_KEY: 'canary',
    HTTPS_PROXY: 'http://me:canary@proxy',
    MTR_OPTIONS: '--raw',
    LD_PRELOAD: '/tmp/x.so',
    LANG: 'de_DE.UTF-8',
  };
  expect(toolEnvironment(given, 'linux')).toEqual({
    PATH: '/usr/bin:/usr/sbin:/sbin',
    LC_ALL: 'C',
    LANGUAGE: '',
    TZ: 'UTC',
  });
});

test('empty and relative elements of PATH are dropped: they mean the current directory', () => {
  expect(toolEnvironment({ PATH: ':.:bin::/usr/bin:../x:' }, 'linux').PATH).toBe('/usr/bin:/usr/sbin:/sbin');
  expect(toolEnvironment({ PATH: '' }, 'linux').PATH).toBe('/usr/sbin:/sbin');
  expect(toolEnvironment({}, 'linux').PATH).toBe('/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin');
});

test('on Windows what it cannot start without stays, by any spelling', () => {
  const {
    LC_ALL: _,
    LANGUAGE: __,
    TZ: ___,
    ...rest
  } = toolEnvironment({ Path: '/windows/system32', SystemRoot: 'C:\\Windows', SECRET: 'canary' }, 'win32');
  expect(rest).toEqual({ PATH: '/windows/system32', SYSTEMROOT: 'C:\\Windows' });
});
