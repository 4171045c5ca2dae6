import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import type { Report } from '../../src/model/report.ts';

const CLI = fileURLToPath(new URL('../../dist/cli.js', import.meta.url));

const withDescriptors = (most: number, ...args: string[]) =>
  spawnSync('sh', ['-c', `ulimit -n ${most}; exec "$0" "$@"`, process.execPath, CLI, ...args], {
    encoding: 'utf8',
    timeout: 20_000,
  });

describe.skipIf(process.platform === 'win32')('a process that may open few files', () => {
  it.each([26, 30, 40, 52])('%i: a report, and no crash', (most) => {
    const { status, stdout, stderr } = withDescriptors(most, '--json', '--diagnose', '127.0.0.1:9');
    expect({ status, stderr }).toEqual({ status: 1, stderr: '' });
    const report = JSON.parse(stdout) as Report;
    expect(report.outcome).toBe('unreachable');
    expect(JSON.stringify(report.notChecked)).not.toMatch(/node_modules|Error:/);
  });

  it('20, of which node takes almost all: a report all the same, that refuses or lacks sockets', () => {
    const { stdout, stderr } = withDescriptors(20, '--json', '--diagnose', '127.0.0.1:9');
    expect(stderr).toBe('');
    const report = JSON.parse(stdout) as Report;
    const isShort = report.causes[0]?.id === 'local-resources';
    expect(report.outcome).toBe(isShort ? 'undetermined' : 'unreachable');
  });
});
