import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, describe, expect, it } from 'vitest';
import type { Report } from '../../src/model/report.ts';

const path = (relative: string) => fileURLToPath(new URL(relative, import.meta.url));
const why =
  process.getuid?.() !== 0
    ? 'needs root'
    : !existsSync('/usr/sbin/sshd')
      ? 'sshd is not installed'
      : spawnSync('unshare', ['--net', '--mount', 'true']).status !== 0
        ? 'namespaces cannot be made'
        : null;

let scratch = '';
afterEach(() => rmSync(scratch, { recursive: true, force: true }));
const look = (...more: string[]): Report => {
  scratch = mkdtempSync(join(tmpdir(), 'there-ssh-'));
  const args = [
    '--net',
    '--mount',
    'bash',
    path('../command/there/ssh-world.sh'),
    path('../../dist/cli.js'),
    scratch,
  ];
  const { stdout, stderr } = spawnSync('unshare', [...args, ...more], { maxBuffer: 1 << 26 });
  if (stdout.length === 0) throw new Error(stderr.toString());
  return JSON.parse(stdout.toString());
};

describe.skipIf(why !== null)(`--there over a real sshd${why === null ? '' : ` (skipped: ${why})`}`, () => {
  it('names the rule that drops', { timeout: 90_000 }, () => {
    const { causes, views } = look();
    expect(views?.[1]).toMatchObject({
      kind: 'server',
      by: 'ssh:root@10.2.0.80',
      ok: true,
      privileges: 'root',
    });
    expect(causes[0]).toMatchObject({
      id: 'host-firewall-drop',
      confidence: 0.99,
      rule: { firewall: 'nftables', table: 'inet f', chain: 'i', text: 'tcp dport 8080 drop', counted: true },
    });
  });
  it('that does not let us in is told as such and is no evidence', { timeout: 90_000 }, () => {
    const { causes, views } = look('ssh:nobody@10.2.0.80');
    expect(views?.[1]).toMatchObject({ ok: false });
    expect(views?.[1]?.reason).toContain('ssh could not log in');
    expect(causes[0]?.confidence).toBeLessThan(0.8);
  });
});
