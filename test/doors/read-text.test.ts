import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { clock } from '../../src/doors/clock.ts';
import { isNoFile, readPieces, readStart, readText, readWhole } from '../../src/doors/read-text.ts';
import type { Doors } from '../../src/doors/types.ts';
import { hostsFile } from '../../src/gather/probes/hosts-file.ts';

let dir = '';
const at = (name: string) => join(dir, name);
beforeAll(() => {
  dir = mkdtempSync(join(tmpdir(), 'reachdoctor-read-'));
  execFileSync('mkfifo', [at('fifo')]);
  writeFileSync(at('text'), 'one\ntwo');
  writeFileSync(at('large'), 'x'.repeat(1024 * 1024 + 1));
  symlinkSync('/dev/zero', at('zero'));
});
afterAll(() => rmSync(dir, { recursive: true }));

test('what is no regular file is not read, and nothing waits for it', async () => {
  expect(await readWhole(at('fifo'), 10)).toMatchObject({ kind: 'not-regular' });
  expect(await readWhole(at('zero'), 10)).toMatchObject({ kind: 'not-regular' });
  expect(await readWhole(dir, 10)).toMatchObject({ kind: 'directory' });
  expect(await readWhole(at('none'), 10)).toMatchObject({ kind: 'missing' });
  expect(await readWhole(at('text/none'), 10)).toMatchObject({ kind: 'missing' });
  for (const name of ['fifo', 'zero', 'none']) expect(await readText(at(name))).toBeNull();
  for (const name of ['fifo', 'zero'])
    expect(await readStart(at(name), 3)).toMatchObject({ kind: 'not-regular' });
  expect(String(await readStart(at('text'), 3))).toBe('one');
});

test('a file is read whole or not at all', async () => {
  expect(await readText(at('text'))).toBe('one\ntwo');
  expect(await readWhole(at('text'), 7)).toEqual({ text: 'one\ntwo' });
  expect(await readWhole(at('text'), 6)).toMatchObject({ kind: 'too-large' });
  expect(await readText(at('large'))).toBeNull();
  expect(await readText('/proc/self/stat')).toMatch(/^\d+ /);
});

test('that nobody finds a text is one thing, and that only we do not read it another', async () => {
  for (const name of ['none', 'text/none', '.']) expect(await isNoFile(at(name))).toBe(true);
  for (const name of ['fifo', 'zero', 'large', 'text']) expect(await isNoFile(at(name))).toBe(false);
});

const hostsIn = (file: string, host: string, signal = new AbortController().signal) => {
  const doors = { platform: 'linux', clock, readText, readPieces, hostsPath: file } as unknown as Doors;
  return hostsFile({ host }, { doors, signal, partial: () => {} });
};

test('a hosts file of several MiB is read to its end, and its lines are counted right', async () => {
  const many = Array.from({ length: 120_000 }, (_, n) => `0.0.0.0 ad-${n}.tracker.example`);
  writeFileSync(at('ads'), `${many.join('\n')}\n192.0.2.7 db.example.com\n192.0.2.8 DB.example.com`);
  const { outcome, reason, data } = await hostsIn(at('ads'), 'db.example.com');
  expect({ outcome, reason }).toEqual({ outcome: 'listed', reason: null });
  expect(data?.entries).toEqual([
    { address: '192.0.2.7', line: 120_001 },
    { address: '192.0.2.8', line: 120_002 },
  ]);
  expect(await hostsIn(at('ads'), 'other.example')).toMatchObject({ outcome: 'not-listed', reason: null });
});

test('what was read in part does not say that a name is not in it', async () => {
  writeFileSync(at('line'), `192.0.2.7 db.example.com\n${'x'.repeat(3 * 1024 * 1024)}`);
  expect(await hostsIn(at('line'), 'other.example')).toMatchObject({ outcome: 'unreadable', data: null });
  const found = await hostsIn(at('line'), 'db.example.com');
  expect(found).toMatchObject({ outcome: 'listed', data: { entries: [{ line: 1 }] } });
  expect(found.reason).toMatch(/^read-in-part: /);
  expect(await hostsIn(at('text'), 'x', AbortSignal.abort())).toMatchObject({ outcome: 'cancelled' });
});
