import { Ajv2020 } from 'ajv/dist/2020.js';
import type { Report } from '../../src/model/report.ts';
import { reportJsonSchema } from '../../src/report/emit-schema.ts';

const ajv = new Ajv2020({ allErrors: true, strict: true, formats: { 'date-time': true } });
const check = ajv.compile(reportJsonSchema());

/**
 * What is wrong with a report, one sentence each; empty = valid. Holds it against the published JSON Schema, and
 * against what shared/report.md says beyond it.
 */
export function validateReport(report: unknown): string[] {
  if (!check(report)) {
    return (check.errors ?? []).map(({ instancePath, message }) => `${instancePath || '/'} ${message ?? ''}`);
  }
  const { causes, observations, outcome } = report as unknown as Report;
  const problems: string[] = [];
  const sum = causes.reduce((total, { confidence }) => total + confidence, 0);
  if (sum > 1.0001) problems.push(`/causes all confidences together are ${sum}, at most 1 is allowed`);
  const ids = new Set(observations.map(({ id }) => id));
  if (ids.size < observations.length) problems.push('/observations two have the same id');
  causes.forEach(({ confidence, likelihood, because, against }, index) => {
    const word = confidence >= 0.8 ? 'very likely' : confidence >= 0.5 ? 'likely' : 'possible';
    if (likelihood !== word) problems.push(`/causes/${index} ${confidence} is called ${likelihood}`);
    const before = causes[index - 1];
    if (before !== undefined && before.confidence < confidence)
      problems.push(`/causes/${index} is not best first`);
    for (const id of [...because, ...against].flatMap(({ evidence }) => evidence)) {
      if (!ids.has(id)) problems.push(`/causes/${index} quotes ${id}, which was not observed`);
    }
  });
  if (outcome === 'impaired' && causes.length === 0) problems.push('/outcome impaired without a cause');
  return problems;
}
