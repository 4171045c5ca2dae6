import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { explainPasted } from '../../src/command/explain-output.ts';
import { parseArgv } from '../../src/command/flags.ts';
import { isUsageError } from '../../src/command/usage-error.ts';
import { FACT_TABLE } from '../../src/judge/facts/index.ts';
import { reportOf } from '../../src/judge/report-of.ts';
import { builtInRules } from '../../src/judge/rules/load.ts';
import { readTranscripts } from '../../src/parsers/transcripts/read.ts';
import { validateReport } from '../report/validate-report.ts';

/** `PROGRAM--WHERE--STORY.txt` is what somebody pasted, `.json` what it is about and what may be said of it. */
const CASES = fileURLToPath(new URL('cases/', import.meta.url));
const names = readdirSync(CASES).filter((name) => name.endsWith('.json'));
const rules = await builtInRules(FACT_TABLE);

async function explained(text: string, diagnose: string | null) {
  const argv = ['--explain-output', '-', ...(diagnose === null ? [] : ['--diagnose', diagnose])];
  const invocation = parseArgv(argv, '0');
  if (invocation.kind !== 'explain-output') throw new Error(JSON.stringify(invocation));
  const replay = async (evidence: Parameters<typeof reportOf>[0]) =>
    reportOf(evidence, rules, { version: '0.0.0', durationMs: 0 });
  return explainPasted(text, invocation, { rules, caPem: null }, 'linux', { replay });
}

const toldOf = (text: string): string[] =>
  readTranscripts(text).told.map(({ program, says }) =>
    [program, says.kind, 'outcome' in says ? says.outcome : 'ended' in says ? says.ended : '']
      .join(' ')
      .trim(),
  );

describe('what people paste', () => {
  for (const name of names) {
    test(name.replace('.json', '').replaceAll('--', ': ').replaceAll('-', ' '), async () => {
      const { diagnose, truth } = JSON.parse(readFileSync(CASES + name, 'utf8'));
      const text = readFileSync(CASES + name.replace('.json', '.txt'), 'utf8');
      if (truth.tells !== null) expect(toldOf(text)).toEqual(truth.tells);
      const read = await explained(text, diagnose);
      if (isUsageError(read)) throw new Error(read.error);
      const { report, evidence, next } = read;
      const { host, port } = report.target;
      expect(`${host}:${port}`).toBe(truth.target);
      expect(report.outcome).toBe(truth.outcome);
      if (truth.causes !== null) expect(truth.causes).toContain(report.causes[0]?.id ?? null);
      if (truth.next !== null) expect(next).toContain(truth.next);
      if (truth.system !== undefined) expect(evidence.vantage.os).toBe(truth.system);
      expect(next).toMatch(/^\nRun this next, there:\n {2}\S/);
      expect(report.observations.filter(({ told }) => told === undefined)).toEqual([]);
      // What nobody timed is not told with a time.
      expect(JSON.stringify(report.causes)).not.toMatch(/\b0(\.\d)? ms\b/);
      expect(validateReport(report)).toEqual([]);
    });
  }

  test('there are sixty of them, ten with several programs', () => {
    expect(names.length).toBeGreaterThanOrEqual(60);
    expect(names.filter((name) => name.startsWith('several--')).length).toBeGreaterThanOrEqual(10);
  });
});

describe('what nobody would paste', () => {
  const corpus = names.map((name) => readFileSync(CASES + name.replace('.json', '.txt'), 'utf8'));
  const lines = [...new Set(corpus.flatMap((text) => text.split('\n')))];

  test('any text is read without throwing, and little is made of it', () => {
    const line = fc.oneof(fc.constantFrom(...lines), fc.string({ unit: 'grapheme', maxLength: 80 }));
    fc.assert(
      fc.property(fc.array(line, { maxLength: 60 }), (all) => {
        expect(readTranscripts(all.join('\n')).told.length).toBeLessThanOrEqual(200);
      }),
      { numRuns: 200 },
    );
  });

  test.each([
    'a',
    '\n',
    '* ',
    '$ ping ',
    '1.1.1.1:',
    'Connected to ',
    '(',
    '{"report":{',
    'dial tcp ',
    '[Errno ',
  ])('ten megabytes of %j', (piece) => {
    const { told, truncated } = readTranscripts(piece.repeat(Math.ceil(10_000_000 / piece.length)));
    expect(told.length).toBeLessThanOrEqual(200);
    expect(truncated).toBe(true);
  });

  test('text about nothing is one sentence', async () => {
    const read = await explained('It does not work since Monday.\nPlease help!\n', null);
    expect(isUsageError(read) && read.error).toMatch(/^Nothing in it is known: paste .*\.$/);
  });

  test('what was read in part says so', async () => {
    const text = '$ ping -c 1 192.0.2.1\nping: connect: Network is unreachable\n';
    const [whole, part] = [
      await explained(text, '192.0.2.1:80'),
      await explained(text + '\n'.repeat(500_000), '192.0.2.1:80'),
    ];
    if (isUsageError(whole) || isUsageError(part)) throw new Error('it was not read');
    expect(whole.preface).not.toContain('left out');
    expect(part.preface).toContain('its end was left out');
  });

  test('a password in a URL is in no document', async () => {
    const read = await explained(
      '$ curl https://me:hunter2@db.example.com/?token=abc\ncurl: (7) Connection refused\n',
      null,
    );
    expect(JSON.stringify(read)).not.toMatch(/hunter2|token=abc/);
  });
});
