/** The built program asks public probes: on real packets, and of a target that is nobody's business. */
import { execFile, spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { beforeAll, describe, expect, it } from 'vitest';
import type { Report } from '../../src/model/report.ts';
import { fakeGlobalping } from '../command/from/fake-globalping.ts';

const path = (relative: string) => fileURLToPath(new URL(relative, import.meta.url));
const WORLD = fileURLToPath(new URL('../command/from/globalping-world.ts', import.meta.url));
const UNSHARE = ['--user', '--map-root-user', '--net', '--mount'];

/** Why no namespaces can be had here, or null. */
function whatIsMissing(): string | null {
  if (process.platform !== 'linux') return 'namespaces need Linux';
  for (const [tool, option] of [
    ['ip', '-V'],
    ['nft', '-v'],
    ['traceroute', '--version'],
  ] as const)
    if (spawnSync(tool, [option]).error) return `${tool} is not installed`;
  return spawnSync('unshare', [...UNSHARE, 'true']).status === 0 ? null : 'unshare is not allowed here';
}

interface Asked {
  port: string;
  exit: number;
  report: Report;
  /** Connections to the service that are left. */
  open: number;
  hasToken: boolean;
}

const why = whatIsMissing();
describe.skipIf(why !== null)(
  `a probe that really connects and traces${why === null ? '' : ` (skipped: ${why})`}`,
  () => {
    let all: Asked[] = [];
    beforeAll(() => {
      const world = [process.execPath, '--import', 'tsx', WORLD];
      const ports = ['8080', '8081', '8082', '8083', '8080!'];
      const { stdout, stderr } = spawnSync('unshare', [...UNSHARE, ...world, ...ports], {
        cwd: path('../..'),
        maxBuffer: 1 << 26,
        encoding: 'utf8',
      });
      if (stdout === '') throw new Error(stderr);
      all = stdout
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line) as Asked);
    }, 180_000);
    const asked = (port: string): Asked => all.find((one) => one.port === port)!;
    const sight = (port: string, view: string) =>
      asked(port).report.sights?.find((one) => one.view === view) ?? null;

    it('an open port: it fails only here', () => {
      expect(sight('8080', 'here')).toMatchObject({ target: { outcome: 'timeout' } });
      expect(sight('8080', 'from-1')).toMatchObject({ target: { outcome: 'open' }, proves: true });
      expect(asked('8080').report.causes[0]).toMatchObject({ id: 'network-firewall-drop' });
    });
    it.each([
      ['8081', 'a refusal', 'refused', null],
      ['8082', 'a drop', 'timeout', null],
      ['8083', 'a rejection by a router, with its sender', 'unreachable', '62.10.4.2'],
    ])('%s: %s', (port, _, outcome, sender) => {
      expect(sight(port, 'here')?.target?.outcome).toBe(outcome);
      expect(sight(port, 'from-1')).toMatchObject({
        target: { outcome, sender },
        reference: { port: 22, outcome: 'open' },
        boundary: { hop: 1, address: '62.10.4.2' },
        proves: true,
      });
    });
    it('Ctrl-C while the service hangs: what was gathered is told, and what was sent', () => {
      const { exit, report, open } = asked('8080!');
      expect(exit).toBe(130);
      expect(open).toBe(0);
      expect(report.outcome).toBe('unreachable');
      expect(report.views?.[1]).toMatchObject({
        ok: false,
        reason: 'it was stopped',
        given: { what: ['address', 'port'] },
      });
    });
    it('the token of the public service is neither sent to another one nor shown, and no connection is left', () => {
      expect(all.map(({ hasToken }) => hasToken)).toEqual(all.map(() => false));
      expect(all.map(({ open }) => open)).toEqual(all.map(() => 0));
    });
  },
);

describe('a target that is not public', () => {
  it('is told to nobody, and diagnosed all the same', async () => {
    const service = await fakeGlobalping({ probes: [] });
    const args = ['--json', '--from', 'globalping:DE,2', '--globalping-url', service.url, '127.0.0.1:9'];
    const report = await new Promise<Report>((resolve) => {
      execFile(process.execPath, [path('../../dist/cli.js'), ...args], (_, stdout) =>
        resolve(JSON.parse(stdout) as Report),
      );
    });
    expect(service.heard).toEqual([]);
    await service.close();
    const [, view] = report.views ?? [];
    expect(view).toMatchObject({ ok: false, reason: '127.0.0.1 is no public address, so nothing was sent' });
    expect(view).not.toHaveProperty('given');
    expect(report.outcome).toBe('unreachable');
  });
});
