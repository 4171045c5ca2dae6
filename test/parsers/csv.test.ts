import { parse } from 'csv-parse/sync';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseCsv } from '../../src/parsers/csv.ts';

describe('comma-separated values', () => {
  it('quoted cells hold commas, quotation marks and line ends; each row knows its line', () => {
    const text = '# comment\na,b\r\n\n"1, 2","say ""no""\nlater"\n3 , ';
    expect(parseCsv(text)).toEqual({
      rows: [
        { line: 2, cells: ['a', 'b'] },
        { line: 4, cells: ['1, 2', 'say "no"\nlater'] },
        { line: 6, cells: ['3', ''] },
      ],
      unclosed: null,
    });
  });

  it('a quotation mark that never ends is told with its line', () => {
    expect(parseCsv('a\n"b\nc')).toEqual({ rows: [{ line: 1, cells: ['a'] }], unclosed: 2 });
  });

  it('reads what another program reads', () => {
    const cell = fc.string({ unit: fc.constantFrom('a', ',', '"', '\n', ';', '#'), maxLength: 6 });
    fc.assert(
      fc.property(fc.array(fc.tuple(cell, cell), { minLength: 1, maxLength: 5 }), (rows) => {
        const written = rows
          .map((row) => row.map((one) => `"x${one.replaceAll('"', '""')}x"`).join(','))
          .join('\n');
        expect(parseCsv(written).rows.map(({ cells }) => cells)).toEqual(parse(written));
      }),
      { numRuns: 200 },
    );
  });
});
