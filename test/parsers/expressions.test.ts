import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { analyse } from 'scslre';
import ts from 'typescript';
import { describe, expect, it } from 'vitest';

/**
 * A regular expression whose steps grow with the square of its text, or faster, is found by reading it: what is named is slow,
 * and not everything that is slow is named. Whole parsers are measured where nothing else runs (test/whole/linear.test.ts,
 * test/robust).
 */
const FOLDER = fileURLToPath(new URL('../../src/parsers/', import.meta.url));

const CANNOT_FAIL = 'its end matches whatever comes: it is given a line, or every sign is any sign';
/** What would be slow over a text that it is never given, and why it is not. */
const NEVER_GIVEN: Record<string, string> = {
  '/#.*$/': CANNOT_FAIL,
  '/[(（].*$/': CANNOT_FAIL,
  '/\\0.*$/s': CANNOT_FAIL,
  "/^([!#$%&'*+\\-.^_`|~0-9A-Za-z]{1,100}):[ \\t]*(.*)$/": CANNOT_FAIL,
  '/^(?:\\[(\\d+):\\d+\\] )?(-A (\\S+) ?(.*))$/': CANNOT_FAIL,
  '/^ {0,2}(\\d{1,3}):\\s+(\\S+)(.*)$/': CANNOT_FAIL,
  '/\\n\\s*\\n?\\S[^\\n]*[.。]\\s*$/': 'of the last 300 signs',
};

const expressions = readdirSync(FOLDER, { recursive: true, encoding: 'utf8' })
  .filter((file) => file.endsWith('.ts'))
  .map((file): [string, string[]] => {
    const source = ts.createSourceFile(
      file,
      readFileSync(`${FOLDER}${file}`, 'utf8'),
      ts.ScriptTarget.ES2023,
    );
    const found: string[] = [];
    const visit = (node: ts.Node): void => {
      if (ts.isRegularExpressionLiteral(node)) found.push(node.text);
      ts.forEachChild(node, visit);
    };
    visit(source);
    return [file, [...new Set(found)]];
  })
  .filter(([, found]) => found.length > 0);

function isSlow(expression: string): boolean {
  const end = expression.lastIndexOf('/');
  const read = { source: expression.slice(1, end), flags: expression.slice(end + 1) };
  return analyse(read).reports.length > 0;
}

it('what is slow is found: in itself, between two neighbours, and where it is looked for', () => {
  expect(['/^(a+)+$/', '/^a*a*$/', '/a+b/', '/^[a-c]+d?[b-d]+$/'].filter(isSlow)).toHaveLength(4);
  expect(['/^a+$/', '/^a+b+$/', '/^\\d{1,3}(\\.\\d{1,3}){3}$/'].filter(isSlow)).toEqual([]);
});
describe('no regular expression is known to be slow', () => {
  it.each(expressions)('%s', (_, found) => {
    expect(found.filter((one) => isSlow(one) && !Object.hasOwn(NEVER_GIVEN, one))).toEqual([]);
  });
  it('every exception is one', () => {
    const all = expressions.flatMap(([, found]) => found);
    expect(Object.keys(NEVER_GIVEN).filter((one) => !all.includes(one) || !isSlow(one))).toEqual([]);
  });
});
