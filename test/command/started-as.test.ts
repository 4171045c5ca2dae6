import { describe, expect, it } from 'vitest';
import { startedAs } from '../../src/command/started-as.ts';

const NODE = { node: '/usr/bin/node', nodeArguments: [], script: '/opt/rd/dist/cli.js' };
const shell = (
  env: Record<string, string>,
  files: Record<string, string>,
  platform: NodeJS.Platform = 'linux',
) => ({
  env,
  platform,
  realPath: (file: string) => files[file] ?? null,
});

describe('the words that start it again', () => {
  it('its name, where the PATH leads to this very script', () => {
    const files = {
      '/opt/rd/dist/cli.js': '/opt/rd/dist/cli.js',
      '/usr/bin/reachdoctor': '/opt/rd/dist/cli.js',
    };
    expect(startedAs(NODE, shell({ PATH: '/bin:/usr/bin' }, files))).toEqual(['reachdoctor']);
  });

  it('node and the script, where the PATH has none, or another one', () => {
    const files = { '/opt/rd/dist/cli.js': '/opt/rd/dist/cli.js', '/usr/bin/node': '/usr/bin/node' };
    const expected = ['node', '/opt/rd/dist/cli.js'];
    expect(startedAs(NODE, shell({ PATH: '/usr/bin' }, files))).toEqual(expected);
    const other = { ...files, '/usr/bin/reachdoctor': '/usr/lib/old/cli.js' };
    expect(startedAs(NODE, shell({ PATH: '/usr/bin' }, other))).toEqual(expected);
  });

  it('the whole path of a node that is not on the PATH, and what it was told', () => {
    const started = {
      node: '/home/me/node-20/bin/node',
      nodeArguments: ['--import', 'tsx'],
      script: '/w/src/cli.ts',
    };
    expect(startedAs(started, shell({ PATH: '/usr/bin' }, { '/usr/bin/node': '/usr/bin/node' }))).toEqual([
      '/home/me/node-20/bin/node',
      '--import',
      'tsx',
      '/w/src/cli.ts',
    ]);
  });

  it('npx, where npx has put it on the PATH for once', () => {
    const env = { PATH: '/home/me/.npm/_npx/abc/node_modules/.bin:/usr/bin', npm_command: 'exec' };
    const files = { '/home/me/.npm/_npx/abc/node_modules/.bin/reachdoctor': '/opt/rd/dist/cli.js' };
    expect(startedAs(NODE, shell(env, files))).toEqual(['npx', 'reachdoctor']);
  });

  it('its name, where Windows has a small program for it', () => {
    const files = { 'C:\\npm\\reachdoctor.cmd': 'C:\\npm\\reachdoctor.cmd' };
    expect(startedAs(NODE, shell({ Path: 'C:\\npm' }, files, 'win32'))).toEqual(['reachdoctor']);
  });
});
