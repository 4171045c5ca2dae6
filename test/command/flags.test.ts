import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Invocation, parseArgv } from '../../src/command/flags.ts';
import { commandLine, repeatArguments } from '../../src/command/repeat-command.ts';
import { QUESTIONS, wantsColor } from '../../src/command/settings.ts';

const parse = (...argv: string[]) => parseArgv(argv, '0.1.0');
function diagnosing(...argv: string[]): Extract<Invocation, { kind: 'diagnose' }> {
  const invocation = parse(...argv);
  if (invocation.kind !== 'diagnose') throw new Error(JSON.stringify(invocation));
  return invocation;
}
function refusal(...argv: string[]): string {
  const invocation = parse(...argv);
  if (invocation.kind !== 'bad') throw new Error(`accepted as ${invocation.kind}`);
  return invocation.error;
}

describe('the command line', () => {
  it('a bare target is the same as --diagnose', () => {
    expect(parse('example.com:443')).toEqual(parse('--diagnose', 'example.com:443'));
  });

  it('without flags the request asks for little: both families, 20 s, names, TTL probes, no strangers', () => {
    expect(diagnosing('example.com:443').settings.wish).toEqual({
      resolvers: [],
      controlHost: null,
      alternatePorts: null,
      answers: {},
      maxTimeMs: 20_000,
      family: null,
      names: true,
      ttlProbe: true,
      traceAlways: false,
      sni: null,
    });
  });

  it('every flag has its place in the request', () => {
    const { target, settings } = diagnosing(
      ...'--diagnose DB.example.com --port 5432 --service postgres --resolver 192.0.2.53 --resolver [2001:DB8::53]'.split(
        ' ',
      ),
      ...'--control other.example.com --ports 22,https --answer worked-before=yes --answer symptom=hangs'.split(
        ' ',
      ),
      ...'--max-time 7.5 -6 --no-names --no-ttl-probe --trace --sni www.example.com --ca ca.pem --rules mine --from ssh:jump.example.com --from globalping:DE,2 --globalping-url https://gp.example.com/'.split(
        ' ',
      ),
      ...'--report a.md --report b.HTML --report c.txt --report d.json --save-evidence e.json --redact -v --quiet --json'.split(
        ' ',
      ),
    );
    expect(target).toMatchObject({
      host: 'db.example.com',
      port: 5432,
      service: 'postgresql',
      serviceNamed: true,
    });
    expect(settings).toEqual({
      wish: {
        resolvers: ['192.0.2.53', '2001:db8::53'],
        controlHost: 'other.example.com',
        alternatePorts: [22, 443],
        answers: { 'worked-before': 'yes', symptom: 'hangs' },
        maxTimeMs: 7500,
        family: 6,
        names: false,
        ttlProbe: false,
        traceAlways: true,
        sni: 'www.example.com',
      },
      port: '5432',
      service: 'postgres',
      caFile: 'ca.pem',
      there: { kit: null, carrier: null, traceRules: false },
      from: ['ssh:jump.example.com', 'globalping:DE,2'],
      globalpingUrl: 'https://gp.example.com',
      rulesDir: 'mine',
      json: true,
      reports: [
        { file: 'a.md', format: 'markdown' },
        { file: 'b.HTML', format: 'html' },
        { file: 'c.txt', format: 'text' },
        { file: 'd.json', format: 'json' },
      ],
      lists: [],
      saveEvidence: 'e.json',
      redact: true,
      verbose: true,
      quiet: true,
      plain: false,
      color: null,
    });
  });

  it('without a target there are questions, except for programs', () => {
    expect(parse().kind).toBe('ask');
    expect(parse('--port', '443', '--answer', 'vpn-or-proxy=no').kind).toBe('ask');
    expect(refusal('--json')).toContain('--json needs a target');
  });

  it('replay, explain and list-causes are jobs of their own', () => {
    expect(parse('--replay', 'run.json')).toMatchObject({ kind: 'replay', file: 'run.json' });
    expect(parse('--explain', 'port-closed')).toMatchObject({ kind: 'explain', cause: 'port-closed' });
    expect(parse('--list-causes').kind).toBe('list-causes');
    expect(refusal('example.com:443', '--replay', 'run.json')).toContain('a target and --replay');
  });

  it('--help all fits into 80 columns and says what is sent', () => {
    const help = parse('--help', 'all');
    if (help.kind !== 'print') throw new Error('no help');
    expect(Math.max(...help.text.split('\n').map((line) => line.length))).toBeLessThanOrEqual(80);
    expect(help.text).toMatch(/at most about \d+ SYNs/);
    expect(help.text).toMatchSnapshot();
  });
});

describe('many targets', () => {
  const many = (...argv: string[]) => {
    const invocation = parse(...argv);
    if (invocation.kind !== 'many') throw new Error(`taken for ${invocation.kind}`);
    return invocation.job;
  };
  const names = (...argv: string[]) => many(...argv).targets.map(({ host, port }) => `${host} ${port}`);

  it('several targets are several, and one of several words is one', () => {
    expect(names('a.example:1', 'b.example:2')).toEqual(['a.example 1', 'b.example 2']);
    expect(names('--diagnose', 'a.example:1', 'ssh://b.example')).toEqual(['a.example 1', 'b.example 22']);
    expect(names('a.example', 'b.example', '--port', '443')).toEqual(['a.example 443', 'b.example 443']);
    expect(names('a.example', '443', '--format', 'tap')).toEqual(['a.example 443']);
    expect(parse('a.example', '443').kind).toBe('diagnose');
  });

  it('a list, a format of lists and a file of such a format make a run with a list of one', () => {
    expect(many('--targets', '-', '--jobs', '7')).toEqual({ targets: [], list: '-', format: null, jobs: 7 });
    expect(many('--format', 'junit', 'a.example:1').format).toBe('junit');
    expect(names('a.example:1', '--report', 'up.prom')).toEqual(['a.example 1']);
  });
});

const bad: string[][] = [
  ['--diagnos', 'example.com:443'],
  ['--frobnicate'],
  ['-x'],
  ['--json=1', 'example.com:443'],
  ['--diagnose'],
  ['--diagnose', '--json'],
  ['--diagnose', '-x:1'],
  ['--diagnose', ''],
  ['--report'],
  ['--report', '', 'example.com:443'],
  ['--report', '-', 'example.com:443'],
  ['--report', 'report', 'example.com:443'],
  ['--report', 'report.pdf', 'example.com:443'],
  ['--report', 'a.md', '--report', 'a.md', 'example.com:443'],
  ['a.example:1', 'b.example'],
  ['a.example:1', 'b.example:2', '--save-evidence', 'run.json'],
  ['a.example:1', 'b.example:2', '--report', 'a.html'],
  ['a.example:1', 'b.example:2', '--dry-run'],
  ['--targets', ''],
  ['--targets', 'list.txt', '--format', 'junti'],
  ['--targets', 'list.txt', '--format', 'junit', '--json'],
  ['--targets', 'list.txt', '--jobs', '0'],
  ['--targets', 'list.txt', '--there', 'ssh:db'],
  ['--targets', 'list.txt', '--replay', 'run.json'],
  ['--jobs', '4', 'a.example:1'],
  ['--format', 'tap'],
  ['db.example.com', 'db2.example.com'],
  ['--diagnose', 'a.example:1', 'b.example:x!'],
  ['--port', '0'],
  ['--port', 'postgrsql'],
  ['--service', 'htps'],
  ['--answer', 'worked-before'],
  ['--answer', 'worked-befor=yes'],
  ['--answer', 'worked-before=maybe'],
  ['--answer', 'worked-before=yes', '--answer', 'worked-before=no'],
  ['--answer', '__proto__=yes'],
  ['--resolver', 'dns.example', 'example.com:443'],
  ['--resolver', '192.0.2.53:53', 'example.com:443'],
  [...[1, 2, 3, 4, 5].flatMap((n) => ['--resolver', `192.0.2.${n}`]), 'example.com:443'],
  ['--control', 'other.example:443', 'example.com:443'],
  ['--control', 'example.com', 'EXAMPLE.com:443'],
  ['--ports', '22,x!', 'example.com:443'],
  ['--ports', '1,2,3,4,5,6,7', 'example.com:443'],
  ['--ports', '', 'example.com:443'],
  ['--max-time', '0', 'example.com:443'],
  ['--max-time', '1e9', 'example.com:443'],
  ['--max-time', 'soon', 'example.com:443'],
  ['--max-time', '-5', 'example.com:443'],
  ['-p', '443', 'example.com'],
  ['--timeout', '5', 'example.com:443'],
  ['--timeout=5', 'example.com:443'],
  ['-vz', 'example.com', '443'],
  ['-w5', 'example.com:443'],
  ['-servername', 'www.example.com'],
  ['--insecure', 'https://example.com/'],
  ['udp://ns.example.com:53'],
  ['--completions', 'ksh'],
  ['-4', '-6', 'example.com:443'],
  ['-4', '[2001:db8::7]:443'],
  ['-6', '192.0.2.7:443'],
  ['--sni', '192.0.2.7', 'example.com:443'],
  ['--sni', 'a b', 'example.com:443'],
  ['--seen-as', 'me.example.com', 'example.com:443'],
  ['--seen-as', '203.0.113.9/24', 'example.com:443'],
  ['--ca', '', 'example.com:443'],
  ['--save-evidence', '-', 'example.com:443'],
  ['--replay', ''],
  ['--explain', 'port-closed', '--list-causes'],
  ['--json'],
];

describe('every bad flag gets one sentence', () => {
  it.each(bad)('%s %s %s %s', (...argv) => {
    const said = refusal(...argv.filter((one) => one !== undefined));
    expect(said).toMatch(/^\S.*\.$/);
    expect(said).not.toContain('\n');
    expect(said).not.toMatch(/[\x00-\x1f\x7f]/);
    expect(said.length).toBeLessThan(260);
  });

  it('all of them, as the user reads them', () => {
    expect(
      bad.map((argv) => `reachdoctor ${argv.join(' ')}\n  ${refusal(...argv)}`).join('\n'),
    ).toMatchSnapshot();
  });

  it('no arguments whatever make it throw', () => {
    const word = fc.oneof(
      fc.string({ maxLength: 12 }),
      fc.constantFrom(
        '--report',
        '--answer',
        '--port',
        '-4',
        '--',
        '--no-color',
        '--help',
        'a.example:1',
        '--ports',
        '-V',
        '-vv',
        '--no-json',
      ),
    );
    fc.assert(
      fc.property(fc.array(word, { maxLength: 6 }), (argv) => {
        const invocation = parse(...argv);
        if (invocation.kind === 'bad') expect(invocation.error).not.toMatch(/[\x00-\x1f\x7f-\x9f]/);
      }),
      { numRuns: 1000 },
    );
  });
});

describe('the command that repeats a run', () => {
  const answers = fc.record(
    Object.fromEntries(Object.entries(QUESTIONS).map(([q, values]) => [q, fc.constantFrom(...values)])),
    { requiredKeys: [] },
  );
  const maybe = (arb: fc.Arbitrary<string[]>) => fc.oneof(fc.constant([] as string[]), arb);
  const flags = fc.tuple(
    fc.constantFrom(
      ['example.com:443'],
      ['https://example.com:8443/a%20b?x=1&y=2'],
      ['[2001:db8::7]:22'],
      ['db.example.com', '--port', 'postgresql'],
      ['db.example.com', '--service', 'ssh'],
      ['example.com:4242', '--service', 'https'],
      ['münchen.example:80'],
    ),
    answers.map((given) =>
      Object.entries(given).flatMap(([q, value]) => ['--answer', `${q}=${String(value)}`]),
    ),
    maybe(fc.constant(['--ports', '22,8080'])),
    maybe(fc.constant(['--control', 'other.example'])),
    maybe(fc.constant(['--resolver', '192.0.2.53', '--resolver', '2001:db8::53'])),
    maybe(fc.constant(['--sni', 'www.example.com'])),
    maybe(fc.constant(['--seen-as', '2001:db8::9'])),
    maybe(fc.constant(['--max-time', '7.5'])),
    maybe(fc.constantFrom(['--trace'], ['--no-names', '--no-ttl-probe'])),
    maybe(fc.constant(['--report', "it's for the admin.md", '--save-evidence', '$HOME `x`.json'])),
    maybe(fc.constant(['--rules', 'my rules', '--ca', 'ca.pem', '--redact'])),
  );

  it('makes the same request and settings again', () => {
    fc.assert(
      fc.property(flags, (parts) => {
        const first = diagnosing(...parts.flat());
        const again = diagnosing(
          ...repeatArguments({ ...first.settings.wish, target: first.target }, first.settings),
        );
        expect(again.settings.wish).toEqual(first.settings.wish);
        expect({ ...again.target, input: '' }).toEqual({ ...first.target, input: '' });
        expect({ ...again.settings, port: null, service: null }).toEqual({
          ...first.settings,
          port: null,
          service: null,
        });
      }),
    );
  });

  it('a POSIX shell reads back the very words', async () => {
    const { execFileSync } = await import('node:child_process');
    fc.assert(
      fc.property(
        fc.array(
          fc.string({ maxLength: 10 }).filter((text) => !/[\0\n\r]/.test(text)),
          { maxLength: 4 },
        ),
        (words) => {
          const line = commandLine(words, 'linux').replace(/^reachdoctor/, "printf '%s\\n'");
          const printed = execFileSync('/bin/sh', ['-c', line], { encoding: 'utf8' });
          expect(printed).toBe(words.length === 0 ? '\n' : words.map((word) => `${word}\n`).join(''));
        },
      ),
      { numRuns: 30 },
    );
  });
});

describe('colour', () => {
  const terminal = { isTTY: true };
  it.each([
    [null, terminal, {}, true],
    [null, {}, {}, false],
    [null, terminal, { TERM: 'dumb' }, false],
    [null, terminal, { NO_COLOR: '1' }, false],
    [null, terminal, { NO_COLOR: '' }, true],
    [null, {}, { FORCE_COLOR: '1' }, true],
    [null, terminal, { FORCE_COLOR: '0' }, false],
    [true, {}, { NO_COLOR: '1' }, true],
    [false, terminal, { FORCE_COLOR: '1' }, false],
  ] as const)('flag %s, stream %o, environment %o: %s', (flag, stream, env, expected) => {
    expect(wantsColor(flag, stream, env)).toBe(expected);
  });
});

describe('the README', () => {
  it('names every flag, and no other', async () => {
    const { readFileSync } = await import('node:fs');
    const readme = readFileSync(new URL('../../README.md', import.meta.url), 'utf8');
    const help = parse('--help', 'all');
    if (help.kind !== 'print') throw new Error('no help');
    const flagsIn = (text: string) => [...new Set(text.match(/(?<![\w-])--[a-z][a-z-]*\w/g))].sort();
    const rows = readme
      .split('\n')
      .filter((line) => line.startsWith('| `-'))
      .map((line) => line.split('|')[1] ?? '');
    const lines = help.text
      .split('\n')
      .filter((line) => /^ {2}-/.test(line))
      .map((line) => line.slice(0, 26));
    expect(flagsIn(rows.join(' '))).toEqual(flagsIn(lines.join(' ')));
  });
});
