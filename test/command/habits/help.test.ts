import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { parseArgv } from '../../../src/command/flags.ts';
import { helpText } from '../../../src/command/habits/help.ts';
import { manPage } from '../../../src/command/habits/man.ts';
import { longOf, shortOf, valueTaken } from '../../../src/command/habits/option-entry.ts';
import { OPTIONS } from '../../../src/command/habits/options.ts';
import { FOREIGN_FLAGS, inOtherWords } from '../../../src/command/habits/other-tools.ts';

const dir = mkdtempSync(join(tmpdir(), 'reachdoctor-help-'));
afterAll(() => rmSync(dir, { recursive: true, force: true }));
const names = OPTIONS.flatMap((entry) => [shortOf(entry), longOf(entry)].filter((name) => name !== null));

describe('help', () => {
  it('is one screen of 24 rows at 80 columns', () => {
    const text = helpText('short', 80);
    // The prompt stands on the last row.
    expect(text.split('\n').length - 1).toBeLessThanOrEqual(23);
    expect(text).toMatchSnapshot();
  });

  it.each([60, 80, 100, 200, 1])(
    'has no line longer than %i columns, or than the narrowest that is read',
    (columns) => {
      for (const topic of ['short', 'all'] as const)
        for (const line of helpText(topic, columns).split('\n'))
          expect(line.length, line).toBeLessThanOrEqual(Math.max(60, Math.min(columns, 100)));
    },
  );

  it('all has every option of the table, and the first screen has none that is not there', () => {
    const all = helpText('all', 80);
    for (const name of names) expect(all).toContain(name);
    const flags = helpText('short', 80).match(/(?<![\w-])--[a-z][a-z-]*/g) ?? [];
    expect(flags.filter((flag) => !names.includes(flag))).toEqual([]);
  });

  it('is there whatever else is wrong, and a command after -- keeps its own', () => {
    const kind = (...argv: string[]) => parseArgv(argv, '0.1.0').kind;
    expect(kind('--bogus', '--help')).toBe('print');
    expect(kind('-h', 'db.example.com:5432')).toBe('print');
    expect(kind('--wait-until', 'reachable', 'db.example.com:5432', '--', 'ls', '--help')).toBe('until');
    const text = (...argv: string[]) => {
      const invocation = parseArgv(argv, '0.1.0');
      return invocation.kind === 'print' ? invocation.text : '';
    };
    expect(text('--help=all')).toBe(text('--help', 'all'));
    expect(text('--help', 'all')).not.toBe(text('--help'));
  });

  it('every option takes the example that its sentence shows', () => {
    for (const entry of OPTIONS) {
      if (entry.example === undefined || longOf(entry) === '--explain') continue;
      const argv = [longOf(entry), ...entry.example.split(' ')];
      const invocation = parseArgv(
        [...argv, ...(longOf(entry) === '--platform' ? ['--dry-run'] : [])],
        '0.1.0',
      );
      const said = invocation.kind === 'bad' ? invocation.error : '';
      // Some belong to another option, or want a target; none may be called wrong in itself.
      expect(said, argv.join(' ')).not.toMatch(/needs a value|is not|is none|There is no option/);
    }
  });
});

describe('flags of other tools', () => {
  it('none of them is ours', () => {
    expect(FOREIGN_FLAGS.filter((flag) => names.includes(flag))).toEqual([]);
  });

  it('whatever is named instead is ours', () => {
    for (const flag of FOREIGN_FLAGS) {
      const said = inOtherWords(flag) ?? '';
      const named = said.match(/(?<![\w-])--[a-z][a-z-]+/g) ?? [];
      expect(
        named.filter((name) => !names.includes(name)),
        flag,
      ).toEqual([]);
    }
  });

  it.each([
    ['-p', '--port 443'],
    ['-p443', '--port 443'],
    ['--timeout=5', '--max-time'],
    ['-w3', '--max-time'],
    ['-servername', '--sni'],
  ])('%s is %s', (flag, words) => {
    expect(inOtherWords(flag)).toContain(words);
  });

  it.each(['--frobnicate', '-', '--', '', '-é', '--toString', '-Z'])('%j is known from nowhere', (flag) => {
    expect(inOtherWords(flag)).toBe(null);
  });
});

/** The requests that are used, and how many arguments each may have. */
const REQUESTS: Record<string, RegExp> = {
  TH: /^REACHDOCTOR 1 "" "reachdoctor [\d.\\-]+" "User Commands"$/,
  SH: /^[A-Z ]+$/,
  SS: /^\S.*$/,
  TP: /^$/,
  PP: /^$/,
  br: /^$/,
  B: /^\S.*$/,
  I: /^\S.*$/,
  BR: /^\S.*$/,
};

describe('the manual page', () => {
  const page = manPage('0.1.0');

  it('uses a few requests of man(7), and escapes everything else', () => {
    for (const line of page.trimEnd().split('\n')) {
      const [, request = '', rest = ''] = /^\.(\w+) ?(.*)$/.exec(line) ?? [];
      if (line.startsWith('.')) expect(rest, line).toMatch(REQUESTS[request] ?? /^never$/);
      expect(line, line).not.toMatch(/^'|^$|[^\x20-\x7e]/);
      // Only these escapes; a hyphen is never a dash.
      expect(line.replace(/\\(f[BIR]|-|e|&)/g, ''), line).not.toContain('\\');
      if (!/^\.(TH|SH)/.test(line)) expect(line.replaceAll('\\-', ''), line).not.toContain('-');
    }
  });

  it('has every section, option and value', () => {
    const sections = page.match(/^\.SH .*$/gm)?.map((line) => line.slice(4));
    expect(sections).toEqual([
      'NAME',
      'SYNOPSIS',
      'DESCRIPTION',
      'OPTIONS',
      'EXIT STATUS',
      'ENVIRONMENT',
      'FILES',
      'EXAMPLES',
      'SEE ALSO',
    ]);
    const plain = page.replace(/\\f[BIR]/g, '').replaceAll('\\-', '-');
    for (const entry of OPTIONS) {
      const value = valueTaken(entry);
      const shown = value === null ? '' : value.optional ? ` [${value.name}]` : ` ${value.name}`;
      expect(plain).toContain(`\n${entry.flags.replace(/ [<[].*$/, '')}${shown}\n`);
    }
  });

  const groff = spawnSync('groff', ['--version']).status === 0;
  it.skipIf(!groff)(`is set by groff without a warning${groff ? '' : ' (groff is not installed)'}`, () => {
    const file = join(dir, 'reachdoctor.1');
    writeFileSync(file, page);
    const { stderr, stdout } = spawnSync('groff', ['-man', '-Tutf8', '-ww', '-P-c', file], {
      encoding: 'utf8',
    });
    expect(stderr).toBe('');
    const text = stdout.replace(/.\u0008/g, '');
    expect(text).toContain('reachdoctor - find out why a TCP port cannot be reached');
    expect(text).toContain('--wait-until STATE');
  });

  it('the built one is this one', () => {
    const cli = new URL('../../../dist/cli.js', import.meta.url);
    const built = execFileSync(process.execPath, [cli.pathname, '--man'], { encoding: 'utf8' });
    expect(built).toBe(manPage('0.1.0'));
  });
});
