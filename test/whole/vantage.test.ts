/** The script of --from in three shells, with every tool that it knows. */
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { scriptFor } from '../../src/command/from/script.ts';
import { parseViewLines } from '../../src/parsers/view-lines.ts';

const CASE = '0123456789abcdef0123456789abcdef';
const folder = mkdtempSync(join(tmpdir(), 'vantage-'));
afterAll(() => rmSync(folder, { recursive: true }));
const where = (name: string): string =>
  spawnSync('sh', ['-c', 'command -v "$1"', 'sh', name]).stdout.toString().trim();
const isInstalled = (name: string): boolean => where(name) !== '';

const server = createServer();
let text = '';
beforeAll(async () => {
  await new Promise<void>((resolve) => server.listen({ port: 0, host: '127.0.0.1' }, resolve));
  text = await scriptFor({
    caseId: CASE,
    host: 'localhost',
    addresses: ['127.0.0.1'],
    // Nothing listens there.
    port: 1,
    reference: (server.address() as { port: number }).port,
    control: null,
    family: 4,
    ttlProbe: true,
  });
  writeFileSync(join(folder, 'vantage.sh'), text);
});
afterAll(() => server.close());

/** A folder of links that stands for a whole system. */
function systemOf(name: string, tools: string[]): string {
  const path = join(folder, name);
  mkdirSync(path, { recursive: true });
  for (const tool of tools) if (isInstalled(tool)) symlinkSync(where(tool), join(path, tool));
  return path;
}
const BARE = ['cat', 'id', 'grep', 'uname', 'getent', 'timeout', 'sleep', 'sh'];
const SYSTEMS: [tool: string, path: () => string, needs: string][] = [
  ['python3', () => process.env.PATH ?? '', 'python3'],
  ['perl', () => systemOf('perl', [...BARE, 'perl']), 'perl'],
  ['bash', () => systemOf('bash', [...BARE, 'bash']), 'bash'],
  ['nc', () => systemOf('nc', [...BARE, 'nc']), 'nc'],
  ['busybox nc', () => busybox(), 'busybox'],
];
function busybox(): string {
  const path = join(folder, 'busybox');
  mkdirSync(path);
  for (const applet of spawnSync('busybox', ['--list']).stdout.toString().split('\n'))
    if (applet !== '') symlinkSync(where('busybox'), join(path, applet));
  return path;
}
const paths = new Map<string, string>();
const SHELLS: [shell: string, ...more: string[]][] = [['dash'], ['bash'], ['busybox', 'sh']];
const PAIRS = SYSTEMS.flatMap(([tool, path, needs]) =>
  SHELLS.map(([shell, ...more]) => ({ tool, path, needs, shell, more })),
);

describe('the script', () => {
  it('is short, filled in, and has no eval and nothing that fetches', () => {
    expect(text.split('\n').length).toBeLessThan(400);
    expect(text).not.toMatch(/@[A-Z]+@/);
    expect(text).not.toMatch(/\beval\b|\bcurl\b|\bwget\b|https?:/);
  });
  it.skipIf(!isInstalled('shellcheck'))('shellcheck has nothing to say', () => {
    const { stdout } = spawnSync('shellcheck', ['-s', 'sh', join(folder, 'vantage.sh')]);
    expect(stdout.toString()).toBe('');
  });

  it.each(PAIRS)(
    '$shell with $tool: says what it sees, and leaves nothing',
    ({ tool, path, needs, shell, more }) => {
      if (!isInstalled(shell) || !isInstalled(needs))
        return console.log(`skipped: no ${shell} or no ${needs}`);
      if (!paths.has(tool)) paths.set(tool, path());
      const mark = `VANTAGE_TEST=${process.pid}-${tool}-${shell}`;
      const { stdout, stderr, status } = spawnSync(where(shell), [...more, '-s'], {
        input: text,
        cwd: folder,
        env: { PATH: paths.get(tool), VANTAGE_TEST: mark.slice('VANTAGE_TEST='.length) },
      });
      expect({ status, stderr: stderr.toString() }).toEqual({ status: 0, stderr: '' });
      const lines = parseViewLines(stdout.toString(), CASE);
      if ('refused' in lines) throw new Error(`${lines.refused}: ${stdout}`);
      expect(lines.head).toMatchObject({ tool, root: process.getuid?.() === 0 });
      const found = (probe: string, role?: string) =>
        lines.findings.find(
          (one) =>
            one.probe === probe && (role === undefined || (one.input as { role?: string }).role === role),
        );
      expect(found('tcp-connect', 'target')).toMatchObject({
        outcome: 'refused',
        data: { attempts: [{ code: 'ECONNREFUSED', local: false }] },
      });
      expect(found('tcp-connect', 'reference-port')).toMatchObject({ outcome: 'open' });
      expect(found('system-resolve')).toBeDefined();
      const sweeps = tool === 'python3' || tool === 'perl';
      expect(lines.head.notChecked).toEqual(expect.arrayContaining(sweeps ? [] : ['sender', 'sweep']));
      if (sweeps) expect(found('trace-syn', 'target')).toMatchObject({ outcome: 'reached' });
      else expect(found('trace-syn')).toBeUndefined();
      // BusyBox's timeout looks once a second whether its command is gone.
      for (let looks = 0; looks < 40 && processesWith(mark).length > 0; looks++) spawnSync('sleep', ['0.25']);
      expect(processesWith(mark)).toEqual([]);
    },
  );

  it('a place with nothing says so', () => {
    const path = systemOf('nothing', ['cat', 'id', 'sh']);
    const { stdout } = spawnSync(where('sh'), ['-s'], { input: text, env: { PATH: path } });
    // /usr/sbin stands on its path, too.
    const lines = parseViewLines(stdout.toString(), CASE);
    expect(lines).toMatchObject({ head: { tool: '' }, findings: [] });
  });

  it('sends no packet with a short TTL where that is not wanted', async () => {
    const careful = text.replace("SWEEP='yes'", "SWEEP='no'");
    const { stdout } = spawnSync('sh', ['-s'], { input: careful });
    expect(stdout.toString()).toContain('"tcp-connect"');
    expect(stdout.toString()).not.toContain('trace-syn');
  });
});

/** Processes whose environment holds this entry; the script's own are gone when it ends. */
function processesWith(entry: string): string[] {
  return readdirSync('/proc').filter((pid) => {
    if (!/^\d+$/.test(pid)) return false;
    const { stdout } = spawnSync('cat', [`/proc/${pid}/environ`]);
    return stdout.toString().split('\0').includes(entry);
  });
}
