import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { main } from '../../src/command/main.ts';
import { clock } from '../../src/doors/clock.ts';
import type { Doors } from '../../src/doors/types.ts';
import { fakeIo, fakeParts } from './fake-run.ts';

const dir = mkdtempSync(join(tmpdir(), 'reachdoctor-url-'));
afterAll(() => rmSync(dir, { recursive: true }));

const CANARY = /canary/i;
/** In each, everything that says canary is user info, query or fragment. */
const URLS = [
  'https://canaryuser:canarypass@h.example/p?canaryquery=1#canaryfragment',
  'https://h.example/?canaryquery=1',
  'https://h.example?canaryquery',
  'https://h.example/p#canaryfragment',
  'https://h.example:99999/?token=canary',
  'https://h.example:canary@x.example/',
  'https://canary:can/ary?canary#canary@h.example/',
  'https://h.example:8443/?mail=me@canary.example',
  'https://h.example:x/?mail=me@canary.example/canary',
  'canary:canary@h.example:443',
  'canary@h.example',
  'h.example/?canary=1',
  'h.example#canary',
  'canaryscheme'.replace('canary', 'odd').concat('://canary@h.example?canary'),
  'https://canary:canary@h.example, https://canary@h2.example',
  'https://canary:canary canary@h.example 443',
  '//canary:canary@h.example/',
  '"https://h.example/?canary"',
];
/** Every flag that takes a value, as --help all lists them: a new one is tried as well. Help itself is no error. */
const help = fakeIo();
await main(['--help', 'all'], help, fakeParts());
const FLAGS = [...help.stdout.text.matchAll(/(--[a-z-]+) [<[]/g)]
  .map(([, flag]) => flag ?? '')
  .filter((flag) => flag !== '--help');

async function told(argv: string[]): Promise<{ text: string; code: number; requests: string }> {
  const io = fakeIo();
  const parts = fakeParts({
    doors: async () => ({ clock }) as Doors,
    rules: async (dir) =>
      dir === null
        ? fakeParts().rules(null)
        : { rules: [], problems: [`${dir}: cannot read this folder of rules (ENOENT)`], notices: [] },
  });
  const code = await main(argv, io, parts);
  return { text: io.stdout.text + io.stderr.text, code, requests: JSON.stringify(parts.requests) };
}

describe('what a URL holds beside its host, port and path', () => {
  it.each(URLS)('is in no output: %s', async (url) => {
    for (const argv of [
      [url],
      ['--diagnose', url, '--json'],
      [url, 'other.example:443'],
      ['other.example:443', url],
    ]) {
      const { text, requests } = await told(argv);
      expect({ argv, text }).toEqual({ argv, text: expect.not.stringMatching(CANARY) });
      expect(requests).not.toMatch(CANARY);
    }
  });

  it('is looked for in every flag', () => {
    expect(FLAGS.length).toBeGreaterThan(25);
    for (const flag of ['--diagnose', '--merge', '--there', '--explain-output'])
      expect(FLAGS).toContain(flag);
  });

  it.each(FLAGS)('is in no output when it stands in the wrong flag: %s', async (flag) => {
    // A name without a slash is a file that can be written.
    for (const url of URLS.filter((one) => flag !== '--save-evidence' || /^[^/].*\//.test(one)))
      for (const argv of [
        ['h.example:443', flag, url],
        ['h.example:443', `${flag}=${url}`],
        ['h.example:443', flag, `1,${url}`],
        ['h.example:443', flag, `symptom=${url}`],
      ]) {
        const { text, code } = await told(argv);
        expect({ argv, text }).toEqual({ argv, text: expect.not.stringMatching(CANARY) });
        // Beside another target it is one more of a list.
        if (flag === '--diagnose' && code !== 2) continue;
        expect(code).toBe(2);
        expect(text).toMatch(/^reachdoctor: [^\n]*\n$/);
      }
  });

  it('is in no file', async () => {
    const files = ['a.md', 'b.html', 'c.txt', 'd.json'].flatMap((name) => ['--report', join(dir, name)]);
    const url = 'https://h.example/p?canaryquery=1#canaryfragment';
    const { text, code, requests } = await told([url, ...files, '--save-evidence', join(dir, 'run.json')]);
    expect(code).toBe(1);
    expect(requests).toContain('https://h.example/p"');
    expect(readdirSync(dir)).toHaveLength(5);
    for (const name of readdirSync(dir)) expect(readFileSync(join(dir, name), 'utf8')).not.toMatch(CANARY);
    expect(text).not.toMatch(CANARY);
  });
});
