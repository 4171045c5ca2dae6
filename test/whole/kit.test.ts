import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, it } from 'vitest';
import { kitFor } from '../../src/command/there/kit.ts';
import type { Case } from '../../src/model/case.ts';
import { parseAnswer } from '../../src/parsers/answer.ts';

const CASE: Case = {
  id: '0123456789abcdef0123456789abcdef',
  target: { address: '127.0.0.1', port: 8080 },
  reference: { address: '127.0.0.1', port: 22 },
  client: { address: '127.0.0.1', translated: 'no', seenAs: null },
  window: { from: '2026-11-27T14:00:00.000Z', to: '2026-11-27T14:00:00.000Z', timeZone: 'UTC' },
  attempts: [],
};
const folder = mkdtempSync(join(tmpdir(), 'kit-'));
afterAll(() => rmSync(folder, { recursive: true }));
const { text, sha256 } = await kitFor(CASE, 'sh', { seconds: 2, traceRules: false });
const file = join(folder, 'kit.sh');
writeFileSync(file, text);
const isInstalled = (name: string) => spawnSync(name, ['--help']).error === undefined;

describe('the kit', () => {
  it('is short, filled in, and has no eval and nothing that fetches', () => {
    expect(text.split('\n').length).toBeLessThan(400);
    expect(text).not.toMatch(/@[A-Z]+@/);
    expect(text).not.toMatch(/\beval\b|\bcurl\b|\bwget\b|https?:/);
    expect(sha256).toMatch(/^[0-9a-f]{64}$/);
  });
  it('takes no value that could be program text', async () => {
    const bad = { ...CASE, client: { ...CASE.client, address: "1';reboot;'" } };
    await expect(kitFor(bad, 'sh', { seconds: 2, traceRules: false })).rejects.toThrow('no plain value');
  });
  it.skipIf(!isInstalled('shellcheck'))('shellcheck has nothing to say', () => {
    expect(spawnSync('shellcheck', [file]).stdout.toString()).toBe('');
  });
  const shells: [shell: string, ...more: string[]][] = [['dash'], ['busybox', 'sh'], ['bash']];
  it.each(shells)('--plan of %s says what it runs and runs none', (shell, ...more) => {
    if (!isInstalled(shell)) return console.log(`skipped: ${shell} is not installed`);
    const { stdout, status } = spawnSync(shell, [...more, file, '--plan']);
    expect(status).toBe(0);
    expect(stdout.toString()).toContain('iptables-save');
  });
  it.each(shells)('%s: its answer can be read, and nothing is left', (shell, ...more) => {
    if (!isInstalled(shell)) return console.log(`skipped: ${shell} is not installed`);
    const { stdout, status } = spawnSync(shell, [...more, '-s'], {
      input: text,
      env: { ...process.env, TMPDIR: folder },
    });
    expect(status).toBe(0);
    expect(parseAnswer(stdout.toString())).toMatchObject({ answer: { caseId: CASE.id, port: 8080 } });
    expect(readdirSync(folder)).toEqual(['kit.sh']);
  });
  it('a signal ends it without a trace', () => {
    const { status } = spawnSync('timeout', ['-s', 'TERM', '1.5', 'sh', file, '--for', '60'], {
      env: { ...process.env, TMPDIR: folder },
    });
    expect(status).not.toBe(0);
    expect(readdirSync(folder)).toEqual(['kit.sh']);
  });
  const why =
    process.getuid?.() !== 0
      ? 'needs root'
      : !isInstalled('nft') || spawnSync('unshare', ['--net', '--pid', '--fork', 'true']).status !== 0
        ? 'needs nft and namespaces'
        : null;
  it.skipIf(why !== null)(
    `killed outright, it leaves no table, no file and no program${why === null ? '' : ` (skipped: ${why})`}`,
    () => {
      const world = fileURLToPath(new URL('../command/there/killed-kit.sh', import.meta.url));
      const { stdout } = spawnSync('unshare', [
        ...['--net', '--pid', '--fork', '--mount-proc', 'bash', world, file, folder],
        'sh',
      ]);
      expect(stdout.toString()).toBe('made 1 1\nleft 0 0 0\n');
    },
    60_000,
  );
  it.each([['--for'], ['--for', 'x'], ['--for', '9999'], ['--what']])(
    'bad usage %s %s ends with 2',
    (...args) => {
      expect(spawnSync('sh', [file, ...args.filter((one) => one !== undefined)]).status).toBe(2);
    },
  );
});
