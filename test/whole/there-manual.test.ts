import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Report } from '../../src/model/report.ts';

const path = (relative: string) => fileURLToPath(new URL(relative, import.meta.url));
const why =
  process.getuid?.() !== 0
    ? 'needs root'
    : spawnSync('unshare', ['--net', '--mount', 'true']).status !== 0
      ? 'namespaces cannot be made'
      : null;

const sha256 = (text: string) => createHash('sha256').update(text).digest('hex');
const unescaped = (html: string) =>
  html
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&quot;', '"')
    .replace(/&#(\d+);/g, (_, code: string) => String.fromCodePoint(Number(code)))
    .replaceAll('&amp;', '&');

describe.skipIf(why !== null)(`the other end by hand${why === null ? '' : ` (skipped: ${why})`}`, () => {
  let folder = '';
  const read = (name: string) => readFileSync(join(folder, name), 'utf8');
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'there-manual-'));
    const world = path('../command/there/manual-world.sh');
    const { status, stderr } = spawnSync('unshare', [
      ...['--net', '--mount', 'bash', world],
      ...[path('../../dist/cli.js'), folder],
    ]);
    if (status !== 0) throw new Error(stderr.toString());
  }, 120_000);
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  it('the first report is of two minds, and the merged one is certain', () => {
    const first = JSON.parse(read('first.json')) as Report;
    const merged = JSON.parse(read('merged.out')) as Report;
    expect(first.causes[0]?.confidence).toBeLessThan(0.8);
    expect(merged.causes[0]).toMatchObject({ id: 'host-firewall-drop', confidence: 0.99 });
    expect(merged.causes[0]?.rule).toMatchObject({ text: 'tcp dport 8080 drop', counted: true });
  });
  it('the reports carry the script folded, octet for octet, with its SHA-256', () => {
    const kit = read('kit.sh');
    for (const name of ['ask.md', 'ask.html']) expect(read(name)).toContain(sha256(kit));
    const markdown = /<details><summary>The script \(kit\.sh\)<\/summary>\n\n```sh\n(.*?)\n```/s.exec(
      read('ask.md'),
    );
    expect(sha256(`${markdown?.[1]}\n`)).toBe(sha256(kit));
    const html = /<summary>The script \(kit\.sh\)<\/summary>.*?<code>(.*?)<\/code>/s.exec(read('ask.html'));
    expect(sha256(unescaped(html?.[1] ?? ''))).toBe(sha256(kit));
  });
  it('--here says the same of the same packets as the script does', () => {
    const [byScript, byHere] = ['merged.out', 'here.out'].map((name) => JSON.parse(read(name)) as Report);
    expect(byHere?.causes[0]).toMatchObject({ id: 'host-firewall-drop', confidence: 0.99 });
    expect(byHere?.causes[0]?.rule).toEqual(byScript?.causes[0]?.rule);
    const [script, here] = [byScript, byHere].map((report) => report?.otherEnds?.[0]);
    const { by: _, clockOffsetMs: __, ...same } = here!;
    expect(script).toMatchObject(same);
  });
  it('says what was sent and what comes next', () => {
    expect(read('knocked.txt')).toContain('marked; none was accepted');
    expect(read('told.txt')).toContain(`SHA-256 of "kit.sh": ${sha256(read('kit.sh'))}`);
  });
});
