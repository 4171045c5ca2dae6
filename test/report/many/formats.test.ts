import { readFileSync } from 'node:fs';
import { parse as parseCsv } from 'csv-parse/sync';
import parsePrometheus from 'parse-prometheus-text-format';
import { Parser } from 'tap-parser';
import { describe, expect, it } from 'vitest';
import { memoryPages, validateXML } from 'xmllint-wasm';
import { manyReportOf } from '../../../src/command/many/whole-report.ts';
import type { ManyReport } from '../../../src/model/many.ts';
import {
  endLine,
  LIST_FORMATS,
  listFormatOf,
  renderMany,
  resultLine,
} from '../../../src/report/many/index.ts';
import { dropped, HOSTILE, MIXED, notRun, result } from './sample.ts';

const XSD = readFileSync(new URL('junit.xsd', import.meta.url), 'utf8');
const options = (width: number, unicode = true) => ({ color: false, unicode, width, verbose: false });
const report = (targets: ManyReport['targets'], endedBy: string | null = null): ManyReport =>
  manyReportOf(targets, {
    startedAt: '2026-11-20T12:00:00.000Z',
    durationMs: 1000,
    endedBy,
    version: '0.1.0',
  });

describe('JUnit, read by libxml2', () => {
  const validated = async (xml: string) =>
    validateXML({
      xml: [{ fileName: 'out.xml', contents: xml }],
      schema: [{ fileName: 'junit.xsd', contents: XSD }],
      initialMemoryPages: memoryPages.MiB * 16,
    });

  it('holds to the schema, whatever strangers say', async () => {
    const { valid, errors } = await validated(await renderMany('junit', MIXED));
    expect(errors).toEqual([]);
    expect(valid).toBe(true);
  });

  it('the schema finds what is wrong', async () => {
    const xml = (await renderMany('junit', MIXED)).replace('failures="', 'failures="x');
    expect((await validated(xml)).valid).toBe(false);
  });

  it('a failure has the type of its cause and the text for the administrator', async () => {
    const xml = await renderMany('junit', report([dropped(2)]));
    expect(xml).toMatch(/<failure type="network-firewall-drop" message="[^"]+expected: reachable[^"]*">/);
    expect(xml).toContain('Please: Allow it.</failure>');
    expect(xml).toContain('tests="1" failures="1" errors="0" skipped="0"');
  });
});

describe('TAP, read by tap-parser', () => {
  it('a test a target: filtered on purpose passes, what is not known does not', async () => {
    const results = Parser.parse(await renderMany('tap', MIXED));
    const asserts = results.flatMap(([kind, value]) => (kind === 'assert' ? [value] : []));
    expect(asserts.map(({ ok }) => ok)).toEqual([true, false, false, true, false, false, false]);
    expect(asserts.map(({ todo, skip }) => todo || skip)).toEqual(asserts.map(() => false));
    expect(asserts[1]?.diag).toMatchObject({ cause: 'network-firewall-drop', owner: 'network-admin' });
    expect(results.find(([kind]) => kind === 'plan')?.[1]).toMatchObject({ start: 1, end: 7 });
    expect(results.some(([kind]) => kind === 'bailout')).toBe(false);
  });

  it('a run that was ended bails out', async () => {
    const tap = await renderMany('tap', report([result(1), notRun(2)], 'SIGINT'));
    expect(Parser.parse(tap).some(([kind]) => kind === 'bailout')).toBe(true);
  });
});

describe('CSV, read by csv-parse', () => {
  it('every cell comes back, and none begins a formula', async () => {
    const rows = parseCsv(await renderMany('csv', MIXED), { columns: true }) as Record<string, string>[];
    expect(rows).toHaveLength(7);
    expect(rows[1]).toMatchObject({
      target: 'db2.example.com:5432',
      verdict: 'failed',
      cause: 'network-firewall-drop',
      hop: '3',
      address: '198.51.100.9',
    });
    // What is no character is written as U+FFFD.
    expect(rows[5]?.headline).toBe(`'${HOSTILE.replace('\ud800', '\ufffd')}`);
    for (const cell of rows.flatMap((row) => Object.values(row))) expect(cell).not.toMatch(/^[=+\-@\t\r]/);
  });
});

describe('Prometheus text, read by a parser', () => {
  const families = async (one: ManyReport) => {
    const text = await renderMany('prometheus', one);
    return { text, families: parsePrometheus(text) as Family[] };
  };
  interface Family {
    name: string;
    type: string;
    help: string;
    metrics: { value: string; labels?: Record<string, string>; timestamp_ms?: string }[];
  }

  it('has the families, no timestamps, and a line end at its end', async () => {
    const { text, families: found } = await families(MIXED);
    expect(text.endsWith('\n')).toBe(true);
    expect(found.map(({ name }) => name)).toEqual([
      'reachdoctor_reachable',
      'reachdoctor_expectation_held',
      'reachdoctor_outcome',
      'reachdoctor_cause',
      'reachdoctor_phase_seconds',
      'reachdoctor_last_run_timestamp_seconds',
    ]);
    expect(found.every(({ type }) => type === 'GAUGE')).toBe(true);
    const metrics = found.flatMap((family) => family.metrics);
    expect(metrics.every(({ timestamp_ms }) => timestamp_ms === undefined)).toBe(true);
    expect(Number(found.at(-1)?.metrics[0]?.value)).toBe(Date.parse('2026-11-20T12:00:04.012Z') / 1000);
    // Six of seven were tested, in four outcomes each.
    expect(found[2]?.metrics).toHaveLength(24);
    const of = (name: string, target: string) =>
      found.find((one) => one.name === name)?.metrics.filter(({ labels }) => labels?.target === target);
    expect(of('reachdoctor_reachable', 'db1.example.com:5432')?.[0]?.value).toBe('1');
    expect(of('reachdoctor_cause', 'db2.example.com:5432')?.[0]?.labels).toEqual({
      target: 'db2.example.com:5432',
      cause: 'network-firewall-drop',
      owner: 'network-admin',
      where: 'between',
    });
  });

  it('a label is read as it was, and no series is written twice', async () => {
    const target = 'https://example.com/a"b\\c';
    const { families: found } = await families(report([result(1, { target }), dropped(2, { target })]));
    const [first] = found;
    expect(first?.metrics).toHaveLength(1);
    expect(first?.metrics[0]?.labels?.target).toBe(target);
  });
});

describe('GitHub', () => {
  it('one command a line, and nothing of a stranger is one', async () => {
    const lines = (await renderMany('github', MIXED)).trimEnd().split('\n');
    for (const line of lines) expect(line).toMatch(/^::(error|warning|notice) title=[^:,\r]+::[^\r]+$/);
    expect(lines[0]).toContain('title=2 of 3 failures stop after 198.51.100.9 (hop 3)::');
    expect(lines).toHaveLength(1 + 3 + 2 + 1);
  });
});

describe('NDJSON and JSON', () => {
  it('a line a target, and one at the end', () => {
    const lines = [...MIXED.targets.map(resultLine), endLine(MIXED)];
    const read = lines.map((line) => JSON.parse(line) as { event: string; n?: number });
    expect(read.map(({ event, n }) => n ?? event)).toEqual([1, 2, 3, 4, 5, 6, 7, 'ended']);
    expect(lines.every((line) => line.indexOf('\n') === line.length - 1)).toBe(true);
  });

  it('JSON is one document of all', async () => {
    const read = JSON.parse(await renderMany('json', MIXED)) as ManyReport;
    expect(read.targets).toHaveLength(7);
    expect(read.counts).toEqual({ held: 2, failed: 3, unknown: 1, 'not-tested': 1 });
    expect(read.shared).toHaveLength(1);
  });
});

describe('the table', () => {
  it('what is shared stands first and once; then a line a target in the order of the list', async () => {
    const table = await renderMany(
      'table',
      report([dropped(1), result(2), dropped(3, { depth: 'connections' })]),
      options(80),
    );
    expect(table).toMatchSnapshot();
  });

  it.each([40, 80, 200])('no line is longer than %i columns', async (width) => {
    for (const unicode of [true, false]) {
      const table = await renderMany('table', MIXED, options(width, unicode));
      expect(Math.max(...table.split('\n').map((line) => line.length))).toBeLessThanOrEqual(width);
      if (!unicode) expect(table).toMatch(/^[\n\x20-\x7e]*$/);
    }
  });

  it('says what was not tested', async () => {
    const table = await renderMany('table', report([result(1), notRun(2)], 'SIGINT'), options(80));
    expect(table).toContain('1 was not tested: the run was ended by SIGINT');
    expect(table).toMatch(/db2\.example\.com:5432 +not tested/);
  });
});

it('every format is written for one target, and the Markdown has a row for each', async () => {
  for (const format of LIST_FORMATS) expect(await renderMany(format, report([result(1)]))).not.toBe('');
  expect((await renderMany('markdown', MIXED)).match(/^\| [✅❌❔➖]/gm)).toHaveLength(7);
  expect(await renderMany('text', MIXED)).toContain('Please: Allow it.');
});

it('a file of a list is known by its ending', () => {
  expect(['a.prom', 'a.XML', 'b/c.csv', 'x.tap', 'x.ndjson'].map(listFormatOf)).toEqual([
    'prometheus',
    'junit',
    'csv',
    'tap',
    'ndjson',
  ]);
  expect(['a.json', '.prom', 'prom', 'a.prom/b'].map(listFormatOf)).toEqual([null, null, null, null]);
});
