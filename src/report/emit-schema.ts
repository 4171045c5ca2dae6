/**
 * Build step: `node build/report/emit-schema.js dist/report.schema.json`. Needs @valibot/to-json-schema, which is
 * there when building and not where the package is installed; nothing else imports this file.
 */
import { writeFileSync } from 'node:fs';
import { argv, exit, stderr } from 'node:process';
import { pathToFileURL } from 'node:url';
import { toJsonSchema } from '@valibot/to-json-schema';
import { REPORT_SCHEMA } from './schema.ts';

/** JSON Schema draft 2020-12 of the report. */
export function reportJsonSchema(): object {
  const { $schema: _, ...schema } = toJsonSchema(REPORT_SCHEMA, { target: 'draft-2020-12' });
  return {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    $id: 'urn:reachdoctor:report:1',
    title: 'reachdoctor report',
    ...schema,
  };
}

if (argv[1] !== undefined && import.meta.url === pathToFileURL(argv[1]).href) {
  const file = argv[2];
  if (file === undefined) {
    stderr.write('usage: emit-schema FILE\n');
    exit(2);
  }
  writeFileSync(file, `${JSON.stringify(reportJsonSchema(), null, 2)}\n`);
}
