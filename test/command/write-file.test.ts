import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  linkSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { main } from '../../src/command/main.ts';
import { whyNotWritable, writeText, writtenTwice } from '../../src/command/write-file.ts';
import { fakeIo, fakeParts } from './fake-run.ts';

let dir = '';
const at = (name: string) => join(dir, name);
const me = process.geteuid?.() ?? null;
/** Anybody but us and root. */
const stranger = (me ?? 0) + 4242;

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'reachdoctor-write-'));
});
afterEach(() => rmSync(dir, { recursive: true }));

describe('a file that is written', () => {
  it('is for the user alone, whole, and leaves nothing beside it', async () => {
    expect(await writeText(at('report.md'), 'text', me)).toBeNull();
    expect(readFileSync(at('report.md'), 'utf8')).toBe('text');
    expect(lstatSync(at('report.md')).mode & 0o777).toBe(0o600);
    expect(readdirSync(dir)).toEqual(['report.md']);
  });

  it('takes the place of the former one, and of no other name of it', async () => {
    writeFileSync(at('old'), 'old');
    linkSync(at('old'), at('report.md'));
    expect(await writeText(at('report.md'), 'new', me)).toBeNull();
    expect(readFileSync(at('old'), 'utf8')).toBe('old');
  });

  it('follows the symbolic links of the user', async () => {
    mkdirSync(at('real'));
    symlinkSync('real', at('folder'));
    symlinkSync('report.md', at('real/link.md'));
    expect(await writeText(at('folder/link.md'), 'text', me)).toBeNull();
    expect(readFileSync(at('real/report.md'), 'utf8')).toBe('text');
    expect(lstatSync(at('real/link.md')).isSymbolicLink()).toBe(true);
  });

  it.skipIf(me === null)('is never reached through a symbolic link of another user', async () => {
    writeFileSync(at('precious'), 'old');
    symlinkSync(at('precious'), at('report.md'));
    mkdirSync(at('home'));
    symlinkSync(at('home'), at('folder'));
    if (me === 0) execFileSync('chown', ['-h', '4242', at('report.md'), at('folder')]);
    // To another user these are a stranger's links; root's own may be followed by everybody.
    const user = me === 0 ? 0 : stranger;
    for (const file of [at('report.md'), at('folder/report.md')]) {
      expect(await writeText(file, 'new', user)).toContain('a symbolic link of another user');
      expect((await whyNotWritable(file, user))?.error).toContain('a symbolic link of another user');
    }
    expect(readFileSync(at('precious'), 'utf8')).toBe('old');
    expect(readdirSync(at('home'))).toEqual([]);
  });

  it('in a directory that is gone is refused, and its whole path is asked for', async () => {
    const cwd = process.cwd;
    process.cwd = () => {
      throw Object.assign(new Error('ENOENT: no such file or directory, uv_cwd'), { code: 'ENOENT' });
    };
    try {
      expect((await whyNotWritable('report.md', me))?.error).toContain('a directory that is gone');
      expect(await writeText('report.md', 'x', me)).toContain('a directory that is gone');
      expect(await whyNotWritable(at('report.md'), me)).toBeNull();
    } finally {
      process.cwd = cwd;
    }
  });

  it('that links in a circle is refused', async () => {
    symlinkSync(at('b'), at('a'));
    symlinkSync(at('a'), at('b'));
    expect(await writeText(at('a'), 'x', me)).toContain('too many symbolic links');
  });

  it('is no device, no pipe and no directory', async () => {
    execFileSync('mkfifo', [at('fifo.md')]);
    symlinkSync('/dev/null', at('null.md'));
    mkdirSync(at('folder.md'));
    for (const name of ['fifo.md', 'null.md', 'folder.md']) {
      expect(await whyNotWritable(at(name), me)).not.toBeNull();
      expect(await writeText(at(name), 'x', me)).not.toBeNull();
    }
    expect(lstatSync('/dev/null').isCharacterDevice()).toBe(true);
    expect(readdirSync(dir).sort()).toEqual(['fifo.md', 'folder.md', 'null.md']);
  });

  it.skipIf(me === 0)('that may not be written keeps what it has', async () => {
    writeFileSync(at('report.md'), 'old', { mode: 0o400 });
    expect((await whyNotWritable(at('report.md'), me))?.error).toContain('may not be written');
    chmodSync(dir, 0o500);
    expect(await writeText(at('report.md'), 'new', me)).toContain('could not be written');
    chmodSync(dir, 0o700);
    expect(readFileSync(at('report.md'), 'utf8')).toBe('old');
  });
});

describe('two files', () => {
  it('are one, whatever they are called', async () => {
    mkdirSync(at('real'));
    symlinkSync('real', at('folder'));
    writeFileSync(at('a.md'), '');
    linkSync(at('a.md'), at('b.md'));
    expect(await writtenTwice([at('real/x.md'), at('folder/x.md')], me)).toBe(at('folder/x.md'));
    expect(await writtenTwice([at('a.md'), at('./real/../a.md')], me)).toBe(at('./real/../a.md'));
    expect(await writtenTwice([at('a.md'), at('b.md')], me)).toBe(at('b.md'));
    expect(await writtenTwice([at('a.md'), at('c.md'), at('real/x.md')], me)).toBeNull();
  });

  it.each([
    ['a report twice', ['--report', './r.json', '--report', 'r.json']],
    ['a report and the evidence', ['--report', 'r.json', '--save-evidence', './r.json']],
  ])('%s are refused before a packet is sent', async (_, flags) => {
    const io = fakeIo();
    const parts = fakeParts();
    const named = flags.map((word) => (word.startsWith('--') ? word : at(word)));
    expect(await main(['h.example:443', ...named], io, parts)).toBe(2);
    expect(io.stderr.text).toMatch(/^reachdoctor: [^\n]*\n$/);
    expect(parts.requests).toEqual([]);
  });

  it('that are read and written are refused as well', async () => {
    const io = fakeIo();
    const file = at('run.json');
    await main(['h.example:443', '--save-evidence', file], fakeIo(), fakeParts());
    const before = readFileSync(file, 'utf8');
    expect(await main(['--replay', file, '--save-evidence', file], io, fakeParts())).toBe(2);
    expect(io.stderr.text).toContain('Two of the files are one');
    expect(readFileSync(file, 'utf8')).toBe(before);
  });
});
