import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { main } from '../../src/command/main.ts';
import { FACT_TABLE } from '../../src/judge/facts/index.ts';
import { loadRules, problemText } from '../../src/judge/rules/load.ts';
import { fakeIo, fakeParts } from '../command/fake-run.ts';

const dir = mkdtempSync(join(tmpdir(), 'reachdoctor-foreign-'));
afterAll(() => rmSync(dir, { recursive: true }));

const problemsOf = async (name: string, text: string): Promise<string> => {
  const folder = join(dir, name);
  mkdirSync(folder);
  writeFileSync(join(folder, 'a.yaml'), text);
  return (await loadRules(folder, FACT_TABLE)).problems.map(problemText).join('\n');
};

describe('a file that is no rule', () => {
  it.each([
    ['a compose file', 'services:\n  db:\n    environment:\n      PASSWORD: canary\n'],
    ['words', 'the password is canary\n'],
    ['one word', 'canary'],
    ['some of the keys of a rule', 'id: canary\nlayer: canary\nwhen: canary\nsecret: canary\n'],
    ['a list', '- canary\n- canary: canary\n'],
    ['no YAML', 'password: [canary, canary}\n\tcanary: "canary'],
    ['an alias', 'a: *canary\n'],
    ['a tag', 'a: !canary canary\n'],
    ['a block', 'a: |canary\n  canary\n'],
    ['a directive', '%canary canary\n---\na: 1\n'],
    ['lines that look like keys', 'root:$6$canary:19000:0:99999:7:::\nme:canary canary:1:\n'],
    ['a key without a value', '? "https://me:canary@h"\n'],
    ['a key', '-----BEGIN PRIVATE KEY-----\ncanary\n-----END PRIVATE KEY-----\n'],
  ])('has at most its keys quoted: %s', async (name, text) => {
    const told = await problemsOf(name.replaceAll(' ', '-'), text);
    expect(told).not.toBe('');
    expect(told).not.toContain('canary');
  });

  it('is read neither from a pipe nor from a device', async () => {
    const folder = join(dir, 'odd');
    mkdirSync(folder);
    execFileSync('mkfifo', [join(folder, 'pipe.yaml')]);
    symlinkSync('/dev/zero', join(folder, 'zero.yaml'));
    const told = (await loadRules(folder, FACT_TABLE)).problems.map(({ message }) => message);
    expect(told).toHaveLength(2);
    expect(new Set(told)).toEqual(new Set(['this is a device, a pipe or a socket, and no file']));
  });

  it('is told of without what could act on a terminal', async () => {
    const io = fakeIo();
    const parts = fakeParts({
      rules: async () => ({ rules: [], problems: ['a.yaml: "\x1b[2J\u202e"', 'b'], notices: [] }),
    });
    expect(await main(['h.example:443', '--rules', 'mine'], io, parts)).toBe(2);
    expect(io.stderr.text).toBe('reachdoctor: a.yaml: "\\x1b[2J\\u{202e}"\nb\n');
  });
});
