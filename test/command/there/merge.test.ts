/** A recorded case and its answer (test/command/there/manual-world.sh), merged. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, it } from 'vitest';
import type { Report } from '../../../src/model/report.ts';
import { cksum } from '../../../src/parsers/answer.ts';
import { inProcess } from '../in-process.ts';

const path = (relative: string) => fileURLToPath(new URL(relative, import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'merge-'));
afterAll(() => rmSync(folder, { recursive: true }));

const CASE = path('recorded/case.json');
const ANSWER = readFileSync(path('recorded/answer.txt'), 'utf8');
const file = (name: string, text: string): string => {
  writeFileSync(join(folder, name), text);
  return join(folder, name);
};
const merge = async (answers: string[], ...more: string[]) => {
  const { stdout, stderr, code } = await inProcess('--merge', CASE, ...answers, '--json', ...more);
  return { report: stdout, said: stderr, status: code };
};
/** A document of somebody's with a check sum that fits. */
const framed = (body: string) =>
  [
    '-----BEGIN REACHDOCTOR ANSWER-----',
    ...(body.match(/.{1,68}/g) ?? []),
    `-----END REACHDOCTOR ANSWER ${cksum(body)}-${body.length}-----`,
  ].join('\n');
const body = ANSWER.slice(
  ANSWER.indexOf('ANSWER-----') + 'ANSWER-----'.length,
  ANSWER.indexOf('-----END'),
).replace(/\s/g, '');
const changed = (change: (document: Record<string, unknown>) => object) =>
  framed(
    JSON.stringify(change(JSON.parse(body) as Record<string, unknown>))
      .replaceAll(' ', '\\u0020')
      .replaceAll('>', '\\u003e'),
  );

describe('a case and its answer', () => {
  it('together name the rule, and the report says what each side saw and whose word it is', async () => {
    const written = join(folder, 'report.md');
    const { report, status } = await merge([file('answer.txt', ANSWER)], '--report', written);
    const { causes, otherEnds } = JSON.parse(report) as Report;
    expect(status).toBe(1);
    expect(causes[0]).toMatchObject({
      id: 'host-firewall-drop',
      confidence: 0.99,
      rule: { table: 'inet f', chain: 'i', handle: 2, text: 'tcp dport 8080 drop', counted: true },
    });
    expect(otherEnds?.[0]).toMatchObject({
      sent: 8,
      arrived: 8,
      answered: 0,
      matchedBy: 'timestamp',
      referenceArrived: true,
    });
    const text = readFileSync(written, 'utf8');
    expect(text).toContain('arrived 8 of 8');
    expect(text).toContain('rule 2 of chain i in table inet f drops them');
    expect(text).toContain('the word of whoever ran the script there');
  });
  it.each([
    ['quoted', (text: string) => text.replace(/^/gm, '> ')],
    [
      'quoted twice and wrapped anew',
      (text: string) => text.replace(/(.{40})(?=.)/g, '$1\n').replace(/^/gm, '> > '),
    ],
    [
      'with carriage returns, in a whole mail',
      (text: string) => `From: admin\n\nHello,\n${text}\n-- \nthe admin\n`.replace(/\n/g, '\r\n'),
    ],
    ['indented', (text: string) => text.replace(/^/gm, '    ')],
  ])('%s, it is the same answer', async (name, change) => {
    // Lines of dashes stay whole in every mail program that was tried; the document between may be wrapped.
    const [before = '', inside = '', after = ''] = ANSWER.split(
      /(?<=BEGIN REACHDOCTOR ANSWER-----\n)|(?=-----END)/,
    );
    const mail = name.includes('wrapped') ? before + change(inside) + after : change(ANSWER);
    const { report } = await merge([file('mail.txt', mail)]);
    expect((JSON.parse(report) as Report).causes[0]).toMatchObject({
      id: 'host-firewall-drop',
      confidence: 0.99,
    });
  });
});

describe('what is no answer to this case is refused with a sentence, and nothing is concluded from it', () => {
  const noise = (octets: number) =>
    Buffer.from(Uint8Array.from({ length: octets }, (_, i) => (i * 7919 + (i >> 3) * 31) & 0xff));
  it.each([
    ['64 KiB of anything', () => noise(65_536).toString('latin1'), 'holds no answer'],
    [
      '64 KiB of anything between the lines',
      () =>
        `-----BEGIN REACHDOCTOR ANSWER-----\n${noise(65_536).toString('latin1')}\n-----END REACHDOCTOR ANSWER 1-65536-----`,
      'longer than any answer',
    ],
    ['64 KiB of printable signs', () => framed('x'.repeat(65_536)), 'longer than any answer'],
    ['control characters', () => ANSWER.replace('"schema"', '"sch\u001bema"'), 'altered on the way'],
    ['one sign altered', () => ANSWER.replace('kit.sh', 'kit.sx'), 'altered on the way'],
    [
      'one line lost',
      () =>
        ANSWER.split('\n')
          .filter((_, i) => i !== 20)
          .join('\n'),
      'cut short',
    ],
    ['the end lost', () => ANSWER.slice(0, ANSWER.indexOf('-----END')), 'cut short'],
    ['another case', () => changed((one) => ({ ...one, case: 'f'.repeat(32) })), 'another case'],
    ['another address', () => changed((one) => ({ ...one, target: '10.2.0.81' })), 'another target'],
    ['another port', () => changed((one) => ({ ...one, port: 443 })), 'another target'],
    [
      'another schema',
      () => changed((one) => ({ ...one, schema: 'reachdoctor.answer/9' })),
      'another version',
    ],
    [
      'lists that are none',
      () => changed((one) => ({ ...one, packets: 'all' })),
      'no kit of reachdoctor writes',
    ],
    ['no JSON', () => framed('{"schema":'), 'no JSON'],
  ])('%s', async (name, text, words) => {
    const { report, said, status } = await merge([file('bad.txt', text())]);
    expect([name, status, report]).toEqual([name, 2, '']);
    expect(said).toContain(words);
    expect(said).not.toMatch(/[\x00-\x09\x0b-\x1f]/);
  });
  it('rules that unpack to more than rules are, and rules that are none, leave the rest of the answer', async () => {
    for (const nft of [Buffer.from('no gzip').toString('base64'), '!!!']) {
      const text = changed((one) => ({ ...one, rules: { nft, iptables: '', ip6tables: '' } }));
      const { causes, otherEnds } = JSON.parse((await merge([file('norules.txt', text)])).report) as Report;
      expect(otherEnds?.[0]).toMatchObject({ arrived: 8, answered: 0 });
      expect(causes[0]?.rule).toBeUndefined();
    }
  });
  it('words in it that could act on a terminal or in a page come out as words', async () => {
    const evil = '\u001b[2J<script>alert(1)</script>`$(reboot)`';
    const text = changed((one) => ({ ...one, system: [evil], notChecked: [evil], trace: [evil] }));
    const page = join(folder, 'evil.html');
    const { report } = await merge([file('evil.txt', text)], '--report', page);
    expect(report).not.toContain('\u001b');
    expect(readFileSync(page, 'utf8')).not.toContain('<script>alert');
  });
});

describe('--redact', () => {
  it('covers what the other side said', async () => {
    const saved = join(folder, 'redacted.json');
    const { report } = await merge([file('answer.txt', ANSWER)], '--redact', '--save-evidence', saved);
    const everything = report + readFileSync(saved, 'utf8');
    for (const secret of ['10.1.0.50', '10.2.0.1', 'fe80', 'answer.txt'])
      expect(everything).not.toContain(secret);
    expect((JSON.parse(report) as Report).causes[0]?.id).toBe('host-firewall-drop');
  });
});
