import { describe, expect, it } from 'vitest';
import { parseViewLines } from '../../src/parsers/view-lines.ts';

const CASE = '0123456789abcdef0123456789abcdef';
const HEAD = `{"view":1,"case":"${CASE}","tool":"python3","root":false,"notChecked":[]}`;
const END = `{"end":"${CASE}"}`;
const text = (...lines: string[]) => `${lines.join('\n')}\n`;

describe("what a vantage's script prints", () => {
  it('is a first line, an object a line, and a last line', () => {
    expect(parseViewLines(text(HEAD, '{"probe":"ping"}', END), CASE)).toEqual({
      head: { view: 1, case: CASE, tool: 'python3', root: false, notChecked: [] },
      findings: [{ probe: 'ping' }],
    });
  });
  it('may stand in what a login says', () => {
    const said = text('Welcome to db1!', '', HEAD, '{"probe":"ping"}', END, 'logout');
    expect(parseViewLines(said.replaceAll('\n', '\r\n'), CASE)).toMatchObject({
      findings: [{ probe: 'ping' }],
    });
  });
  it.each([
    ['nothing', ''],
    ['nothing', text('sh: not found')],
    // A carrier that prints the script instead of running it.
    ['nothing', text(`  printf '${HEAD}'`)],
    ['cut', text(HEAD, '{"probe":"ping"}')],
    ['not-json', text(HEAD, 'Killed', END)],
    ['not-json', text(HEAD, '[1]', END)],
    ['not-json', text(HEAD, '{"probe":', END)],
    ['other-case', text(HEAD.replace(CASE, 'f'.repeat(32)), END)],
    ['other-case', text(HEAD, `{"end":"${'f'.repeat(32)}"}`)],
    ['too-long', text(HEAD, ...Array.from({ length: 500 }, () => '{}'), END)],
  ])('%s: %j', (refused, said) => {
    expect(parseViewLines(said, CASE)).toEqual({ refused });
  });
});
