import * as v from 'valibot';
import { describe, expect, it } from 'vitest';
import { reportJsonSchema } from '../../src/report/emit-schema.ts';
import { renderJson } from '../../src/report/json.ts';
import { REPORT_SCHEMA } from '../../src/report/schema.ts';
import { healthy, routerDrop, SAMPLES } from './samples.ts';
import { validateReport } from './validate-report.ts';

describe('the schema of the report', () => {
  it.each(Object.entries(SAMPLES))('accepts the sample %s, as JSON Schema and as valibot', (_, report) => {
    const document: unknown = JSON.parse(renderJson(report));
    expect(validateReport(document)).toEqual([]);
    expect(v.safeParse(REPORT_SCHEMA, document).success).toBe(true);
  });

  it('names its draft and its document', () => {
    expect(reportJsonSchema()).toMatchObject({
      $schema: 'https://json-schema.org/draft/2020-12/schema',
      $id: 'urn:reachdoctor:report:1',
      type: 'object',
    });
  });

  it('accepts fields that a later version adds', () => {
    const later = { ...healthy, extra: 1, target: { ...healthy.target, country: 'x' } };
    expect(validateReport(later)).toEqual([]);
  });

  const lead = routerDrop.causes[0];
  it.each([
    ['another schema number', { ...healthy, schema: 'reachdoctor.report/2' }],
    ['an unknown outcome', { ...healthy, outcome: 'fine' }],
    ['a missing headline', { ...healthy, headline: undefined }],
    ['an empty headline', { ...healthy, headline: '' }],
    ['a port out of range', { ...healthy, target: { ...healthy.target, port: 65_536 } }],
    ['a confidence above one', { ...routerDrop, causes: [{ ...lead, confidence: 1.1 }] }],
    ['an unknown owner', { ...routerDrop, causes: [{ ...lead, owner: 'nobody' }] }],
    [
      'a place without its next hop',
      { ...routerDrop, causes: [{ ...lead, where: { kind: 'between', hop: 1, address: null } }] },
    ],
    ['a time that is no time', { ...healthy, startedAt: 'yesterday', durationMs: -1 }],
  ])('refuses %s', (_, report) => {
    expect(validateReport(JSON.parse(JSON.stringify(report)))).not.toEqual([]);
    expect(v.safeParse(REPORT_SCHEMA, report).success).toBe(false);
  });

  it.each([
    ['confidences that add up to more than one', [lead, lead], /at most 1/],
    ['a likelihood that is not its number', [{ ...lead, likelihood: 'possible' }], /is called possible/],
    [
      'causes that are not best first',
      [
        { ...lead, confidence: 0.1, likelihood: 'possible' },
        { ...lead, confidence: 0.85 },
      ],
      /best first/,
    ],
    [
      'evidence that was never observed',
      [{ ...lead, because: [{ evidence: ['tcp-99'], text: 'x' }] }],
      /tcp-99/,
    ],
  ])('the test helper refuses %s', (_, causes, problem) => {
    expect(validateReport({ ...routerDrop, causes }).join('\n')).toMatch(problem);
  });
});
