import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { main } from '../../../src/command/main.ts';
import { SAMPLES } from '../../report/samples.ts';
import { type FakeParts, fakeIo, fakeParts } from '../fake-run.ts';

const dir = mkdtempSync(join(tmpdir(), 'reachdoctor-compare-'));
afterAll(() => rmSync(dir, { recursive: true, force: true }));

function file(name: string, value: unknown): string {
  const path = join(dir, name);
  writeFileSync(path, typeof value === 'string' ? value : JSON.stringify(value));
  return path;
}
const healthy = file('healthy.json', SAMPLES.healthy);
const dropped = file('dropped.json', SAMPLES['router-drops-the-port']);

async function comparing(args: string[], parts: FakeParts = fakeParts()) {
  const io = fakeIo();
  const exitCode = await main(['--compare', ...args], io, parts);
  return { exitCode, out: io.stdout.text, err: io.stderr.text, requests: parts.requests };
}

describe('--compare', () => {
  it('of two files tests nothing and says what changed', async () => {
    const { exitCode, out, err, requests } = await comparing([dropped, healthy]);
    expect({ exitCode, err, requests }).toEqual({ exitCode: 0, err: '', requests: [] });
    expect(out).toMatch(/^\d+ changes:\n {2}· The runs are of two targets/);
    expect((await comparing([healthy, dropped])).exitCode).toBe(1);
  });

  it('of one file tests its target now, prints that run, then what changed', async () => {
    const { exitCode, out, requests } = await comparing([healthy]);
    expect(exitCode).toBe(1);
    expect(requests.map(({ target }) => target.input)).toEqual(['https://www.example.com/']);
    expect(out).toMatch(/^SCREEN [\s\S]*Outcome: reachable before, unreachable now\./);
  });

  it('takes saved evidence as well, and another target to test', async () => {
    const evidence = join(dir, 'evidence.json');
    await main(['db.example.com:5432', '--save-evidence', evidence], fakeIo(), fakeParts());
    const again = await comparing([evidence, '--diagnose', 'other.example.com:5432']);
    expect(again.requests.map(({ target }) => target.host)).toEqual(['other.example.com']);
    expect(again.out.replaceAll(/\s+/g, ' ')).toContain(
      'The runs are of two targets: db.example.com:5432, now other.example.com:5432.',
    );
  });

  it('--json is one document, and files are still written', async () => {
    const report = join(dir, 'new.json');
    const { out } = await comparing([healthy, '--json', '--report', report]);
    expect(JSON.parse(out)).toMatchObject({
      schema: 'reachdoctor.comparison/1',
      before: { outcome: 'reachable' },
      after: { outcome: 'unreachable' },
    });
    expect(JSON.parse(readFileSync(report, 'utf8')).outcome).toBe('unreachable');
  });

  it('--redact hides both runs', async () => {
    const hiding = fakeParts({
      redactReport: async (report) => ({
        ...report,
        vantage: { ...report.vantage, resolvers: [], addresses: [] },
      }),
    });
    expect((await comparing([healthy, dropped, '--redact'], hiding)).out).not.toContain('10.0.0.');
  });

  it.each([
    ['nothing', ''],
    ['a list', '[]'],
    ['half a document', '{"schema": "reachdoctor.report/1"'],
    ['a report of nothing', '{"schema": "reachdoctor.report/1"}'],
    [
      'an observation that is none',
      { ...SAMPLES.healthy, observations: [{ probe: 'dns', data: { answers: 7 } }] },
    ],
    ['another version', { ...SAMPLES.healthy, schema: 'reachdoctor.report/2' }],
  ])('a file that holds %s is one sentence and exit code 2', async (name, value) => {
    const bad = file(`bad ${name}.json`, value);
    for (const args of [[bad], [healthy, bad]]) {
      const { exitCode, out, err, requests } = await comparing(args);
      expect({ exitCode, out, requests }).toEqual({ exitCode: 2, out: '', requests: [] });
      expect(err).toMatch(/^reachdoctor: --compare ".*" is no saved run: name a file that .*\.\n$/);
    }
  });

  it('a file that is not there is one sentence', async () => {
    const { exitCode, err } = await comparing([join(dir, 'none.json')]);
    expect([exitCode, err]).toEqual([2, expect.stringContaining('does not exist')]);
  });
});
