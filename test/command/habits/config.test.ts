import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { parseArgv } from '../../../src/command/flags.ts';
import { configFile, readDefaults } from '../../../src/command/habits/config.ts';
import { CONFIG_KEYS } from '../../../src/command/habits/config-keys.ts';
import { longOf } from '../../../src/command/habits/option-entry.ts';
import { OPTIONS } from '../../../src/command/habits/options.ts';
import { main } from '../../../src/command/main.ts';
import { isUsageError } from '../../../src/command/usage-error.ts';
import { fakeIo, fakeParts } from '../fake-run.ts';

const home = mkdtempSync(join(tmpdir(), 'reachdoctor-home-'));
afterAll(() => rmSync(home, { recursive: true, force: true }));
const place = join(home, '.config', 'reachdoctor', 'config.yaml');
mkdirSync(join(home, '.config', 'reachdoctor'), { recursive: true });

type Env = Record<string, string>;
const TERMINAL: Env = { HOME: home, TERM: 'xterm', LANG: 'C.UTF-8' };

/** Runs with this settings file and these variables. */
async function running(argv: string[], yaml: string, env: Env = {}) {
  writeFileSync(place, yaml);
  const io = fakeIo({ env: { ...TERMINAL, ...env } });
  const parts = fakeParts();
  const exitCode = await main(argv, io, parts);
  return { exitCode, out: io.stdout.text, err: io.stderr.text, request: parts.requests[0] };
}

const WHOLE = `# What holds for every target.
control: other.example.com
resolver: [192.0.2.53, "2001:db8::53"]
seen-as: 203.0.113.9
max-time: 7.5
names: false
ttl-probe: no
trace: yes
`;

describe('the settings file', () => {
  it('holds where no flag says otherwise', async () => {
    const { request } = await running(['db.example.com:5432'], WHOLE);
    expect(request).toMatchObject({
      controlHost: 'other.example.com',
      resolvers: ['192.0.2.53', '2001:db8::53'],
      seenAs: '203.0.113.9',
      maxTimeMs: 7500,
      names: false,
      ttlProbe: false,
      traceAlways: true,
    });
  });

  it('goes behind the environment, and that behind the flags', async () => {
    const env = {
      REACHDOCTOR_RESOLVER: '192.0.2.1, 192.0.2.2',
      REACHDOCTOR_NAMES: 'yes',
      REACHDOCTOR_SEEN_AS: '',
    };
    const { request } = await running(['db.example.com:5432', '--max-time', '3'], WHOLE, env);
    expect(request).toMatchObject({
      resolvers: ['192.0.2.1', '192.0.2.2'],
      names: true,
      seenAs: '203.0.113.9',
      maxTimeMs: 3000,
    });
  });

  it('makes nothing wrong that is right without it', async () => {
    const { request, exitCode } = await running(['other.example.com:5432'], WHOLE);
    expect(exitCode).toBe(1);
    expect(request).toMatchObject({ controlHost: null, resolvers: ['192.0.2.53', '2001:db8::53'] });
  });

  it('is looked for where the platform has such files', () => {
    expect(configFile({ HOME: '/home/u' }, 'linux')).toBe('/home/u/.config/reachdoctor/config.yaml');
    expect(configFile({ HOME: '/home/u', XDG_CONFIG_HOME: '/x' }, 'linux')).toBe(
      '/x/reachdoctor/config.yaml',
    );
    expect(configFile({ HOME: '/home/u', XDG_CONFIG_HOME: 'x' }, 'darwin')).toBe(
      '/home/u/.config/reachdoctor/config.yaml',
    );
    expect(configFile({ APPDATA: '/appdata' }, 'win32')).toBe('/appdata/reachdoctor/config.yaml');
    expect(configFile({ REACHDOCTOR_CONFIG: 'mine.yaml', HOME: '/home/u' }, 'linux')).toBe('mine.yaml');
    expect(configFile({ REACHDOCTOR_CONFIG: '', HOME: '/home/u' }, 'linux')).toBe(null);
    expect(configFile({}, 'linux')).toBe(null);
  });

  it('paths are relative to it, and ~ is the home', async () => {
    writeFileSync(place, 'rules: mine\nca: ~/ca.pem\n');
    const read = await readDefaults(TERMINAL, 'linux');
    expect(isUsageError(read) ? read : read.flags).toEqual({
      rules: join(home, '.config', 'reachdoctor', 'mine'),
      ca: join(home, 'ca.pem'),
    });
  });

  it.each(['', '# nothing\n', '---\n'])('may be empty: %j', async (yaml) => {
    expect((await running(['db.example.com:5432'], yaml)).exitCode).toBe(1);
  });
});

const BAD: [name: string, yaml: string][] = [
  ['an address that is none', 'resolver: dns.example\n'],
  ['too many resolvers', 'resolver: [192.0.2.1, 192.0.2.2, 192.0.2.3, 192.0.2.4, 192.0.2.5]\n'],
  ['a host with a port', '\ncontrol: other.example.com:443\n'],
  ['a map where a text belongs', 'control: { host: a }\n'],
  ['a list where a text belongs', 'seen-as: [203.0.113.9]\n'],
  ['a list of maps', 'resolver: [{ a: b }]\n'],
  ['a time that is none', 'max-time: soon\n'],
  ['neither yes nor no', 'names: perhaps\n'],
  ['nothing where yes or no belongs', 'trace:\n'],
  ['nothing where a text belongs', 'control:\n'],
  ['a setting that is none', 'resolvers: 192.0.2.53\n'],
  ['a target', 'diagnose: db.example.com:5432\n'],
  ['a setting twice', 'control: a.example\ncontrol: b.example\n'],
  ['an alias', 'control: &a other.example.com\nseen-as: *a\n'],
  ['a list of settings', '- control\n'],
  ['a text', 'just words\n'],
  ['no YAML', 'control: [\n'],
  ['a depth without end', `control: ${'['.repeat(20_000)}\n`],
  ['more than any settings', `# ${'x'.repeat(70_000)}\n`],
  ['what acts on a terminal', '"\\e]0;x\\a": 1\n'],
];

describe('every bad value gets one sentence and exit code 2', () => {
  it.each(BAD)('%s', async (_, yaml) => {
    const { exitCode, err, out, request } = await running(['db.example.com:5432'], yaml);
    expect({ exitCode, out, request }).toEqual({ exitCode: 2, out: '', request: undefined });
    expect(err).toMatch(/^reachdoctor: \S.*\.\n$/);
    expect(err).not.toMatch(/[\x00-\x09\x0b-\x1f\x7f]/);
  });

  it('all of them, as the user reads them', async () => {
    const said: string[] = [];
    for (const [name, yaml] of BAD) said.push(`${name}\n  ${(await running(['a.example:1'], yaml)).err}`);
    expect(said.join('').replaceAll(/"[^"]*reachdoctor-home[^"]*"/g, '"FILE"')).toMatchSnapshot();
  });

  it.each([
    ['REACHDOCTOR_RESOLVER', 'dns.example', 'as in REACHDOCTOR_RESOLVER=192.0.2.53.'],
    ['REACHDOCTOR_SEEN_AS', 'me', 'as in REACHDOCTOR_SEEN_AS=203.0.113.9.'],
    ['REACHDOCTOR_NAMES', 'perhaps', 'as in REACHDOCTOR_NAMES=yes.'],
    ['REACHDOCTOR_MAX_TIME', '0', 'as in REACHDOCTOR_MAX_TIME=20.'],
    ['REACHDOCTOR_CONFIG', '/nowhere/config.yaml', 'does not exist'],
    ['REACHDOCTOR_CONFIG', '/', 'is a directory'],
    ['REACHDOCTOR_CONFIG', '/dev/null', 'is a device'],
  ])('%s=%s', async (variable, value, words) => {
    const { exitCode, err } = await running(['db.example.com:5432'], '', { [variable]: value });
    expect(exitCode).toBe(2);
    expect(err).toMatch(/^reachdoctor: \S.*\.\n$/);
    expect(err).toContain(words);
  });

  it.each([['--help'], ['--help', 'all'], ['--version'], ['--man'], ['--completions', 'bash']])(
    '%s %s is there all the same',
    async (...argv) => {
      expect((await running(argv, 'names: perhaps\n')).exitCode).toBe(0);
    },
  );
});

describe('--show-config', () => {
  const env = { REACHDOCTOR_RESOLVER: '192.0.2.1', REACHDOCTOR_RESOLVERS: '192.0.2.2' };

  it('says what is set, and by whom', async () => {
    const { out, exitCode } = await running(['--show-config', '--max-time', '3', '--no-names'], WHOLE, env);
    expect(exitCode).toBe(0);
    expect(out.replaceAll(home, '~')).toMatchSnapshot();
  });

  it('and to programs', async () => {
    const { out } = await running(['--show-config', '--json'], WHOLE, env);
    const { settings, found, unknownVariables } = JSON.parse(out);
    expect({ found, unknownVariables }).toEqual({ found: true, unknownVariables: ['REACHDOCTOR_RESOLVERS'] });
    expect(settings).toContainEqual({
      key: 'control',
      value: 'other.example.com',
      from: { kind: 'file', line: 2 },
    });
    expect(settings).toContainEqual({
      key: 'resolver',
      value: '192.0.2.1',
      from: { kind: 'environment', variable: 'REACHDOCTOR_RESOLVER' },
    });
    expect(settings).toContainEqual({ key: 'ca', value: null, from: { kind: 'built-in' } });
  });

  it('complains about a wrong flag as ever', () => {
    expect(parseArgv(['--show-config', '--max-time', 'soon'], '0.1.0').kind).toBe('bad');
  });
});

it('every setting is a flag', () => {
  const flags = OPTIONS.map((entry) => longOf(entry).replace(/^--(no-)?/, ''));
  expect(CONFIG_KEYS.filter(({ key }) => !flags.includes(key))).toEqual([]);
});
