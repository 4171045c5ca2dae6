import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, it } from 'vitest';
import { readEvidence } from '../../src/command/files.ts';
import { main } from '../../src/command/main.ts';
import { fakeIo, fakeParts } from './fake-run.ts';
import { closedPort, listener, silentPort } from './silent-port.ts';

const CLI = fileURLToPath(new URL('../../dist/cli.js', import.meta.url));
const SOURCE = new URL('../../src/cli.ts', import.meta.url);

const dir = mkdtempSync(join(tmpdir(), 'reachdoctor-cli-'));
afterAll(() => rmSync(dir, { recursive: true, force: true }));

describe('a run', () => {
  it('prints the diagnosis on standard output and nothing else in a pipe', async () => {
    const io = fakeIo();
    expect(await main(['--diagnose', 'example.com:443'], io, fakeParts())).toBe(1);
    expect(io.stdout.text).toBe('SCREEN TCP 443 on example.com is unreachable.\n');
    expect(io.stderr.text).toBe('');
  });

  it('shows progress on standard error of a terminal, and not with --quiet', async () => {
    const io = fakeIo({ terminal: true });
    await main(['example.com:443'], io, fakeParts());
    expect(io.stderr.text).toBe('PROGRESS\n');
    const quiet = fakeIo({ terminal: true });
    await main(['example.com:443', '--quiet', '--report', join(dir, 'quiet.md')], quiet, fakeParts());
    expect(quiet.stderr.text).toBe('');
  });

  it('hands every answer and flag to the engine', async () => {
    const parts = fakeParts({ outcome: 'reachable' });
    const args = ['ssh://example.com', '--answer', 'worked-before=yes', '--control', 'other.example', '-4'];
    expect(await main(args, fakeIo(), parts)).toBe(0);
    expect(parts.requests).toEqual([
      expect.objectContaining({
        answers: { 'worked-before': 'yes' },
        controlHost: 'other.example',
        family: 4,
        caPem: null,
        target: expect.objectContaining({ host: 'example.com', port: 22, service: 'ssh' }),
      }),
    ]);
  });

  it('--json is one document, whatever happened', async () => {
    for (const outcome of ['reachable', 'impaired', 'unreachable', 'undetermined'] as const) {
      const io = fakeIo();
      await main(['example.com:443', '--json', '--verbose'], io, fakeParts({ outcome }));
      expect(JSON.parse(io.stdout.text).outcome).toBe(outcome);
    }
  });

  it('--json is one document even when the engine breaks, and its outcome is undetermined', async () => {
    const io = fakeIo();
    const parts = fakeParts({
      diagnose: async () => {
        throw new Error('a bug\nof ours');
      },
    });
    expect(await main(['example.com:443', '--json'], io, parts)).toBe(3);
    expect(JSON.parse(io.stdout.text)).toMatchObject({
      outcome: 'undetermined',
      target: { host: 'example.com', port: 443 },
    });
  });

  it.each([
    ['SIGINT', 130],
    ['SIGTERM', 143],
    ['SIGHUP', 129],
  ])('%s ends it with what was gathered, exit code %i', async (signal, code) => {
    const io = fakeIo();
    const whole = fakeParts();
    const parts = fakeParts({
      diagnose: async (request, deps) => {
        io.stop.abort(signal);
        expect(deps.signal.aborted).toBe(true);
        return whole.diagnose(request, deps);
      },
    });
    expect(await main(['example.com:443'], io, parts)).toBe(code);
    expect(io.stdout.text).toContain('SCREEN TCP 443');
  });
});

describe('reports', () => {
  it('are written by their ending, and said so', async () => {
    const io = fakeIo();
    const files = ['a.md', 'b.html', 'c.txt', 'd.json'].map((name) => join(dir, name));
    await main(['example.com:443', ...files.flatMap((file) => ['--report', file])], io, fakeParts());
    expect(files.map((file) => readFileSync(file, 'utf8').split(' ')[0]?.slice(0, 8))).toEqual([
      'MARKDOWN',
      'HTML',
      'TEXT',
      '{"schema',
    ]);
    expect(io.stderr.text).toBe(
      files
        .map((file) => `Written: ${file}\n`)
        .join('')
        .replaceAll(/Written: (.{57}).+\n/g, 'Written: $1...\n'),
    );
  });

  it.each([
    ['a missing directory', 'missing/report.md', 'does not exist'],
    ['a directory', 'folder.md', 'is a directory'],
    ['a file below a file', 'file/report.md', 'is not a directory'],
  ])('to %s are refused before a packet is sent', async (_, name, words) => {
    mkdirSync(join(dir, 'folder.md'), { recursive: true });
    writeFileSync(join(dir, 'file'), '');
    const io = fakeIo();
    const parts = fakeParts();
    expect(await main(['example.com:443', '--report', join(dir, name)], io, parts)).toBe(2);
    expect(io.stderr.text).toContain(words);
    expect(parts.requests).toEqual([]);
  });

  it('that cannot be written at the end are printed instead of being lost', async () => {
    const target = join(dir, 'vanishes');
    mkdirSync(target);
    const whole = fakeParts();
    const parts = fakeParts({
      diagnose: async (request, deps) => {
        rmSync(target, { recursive: true });
        return whole.diagnose(request, deps);
      },
    });
    const io = fakeIo();
    expect(await main(['example.com:443', '--report', join(target, 'report.md')], io, parts)).toBe(4);
    expect(io.stdout.text).toContain('MARKDOWN TCP 443 on example.com is unreachable.');
    expect(io.stderr.text).toContain('could not be written (ENOENT)');
  });

  it('that cannot be written leave the JSON document on standard output alone', async () => {
    const target = join(dir, 'vanishes-too');
    mkdirSync(target);
    const whole = fakeParts();
    const parts = fakeParts({
      diagnose: async (request, deps) => {
        rmSync(target, { recursive: true });
        return whole.diagnose(request, deps);
      },
    });
    const io = fakeIo();
    await main(['example.com:443', '--json', '--report', join(target, 'report.md')], io, parts);
    expect(() => JSON.parse(io.stdout.text)).not.toThrow();
    expect(io.stderr.text).toContain('could not be written');
  });

  it('--redact reaches the screen, the reports and the evidence', async () => {
    const io = fakeIo();
    const evidence = join(dir, 'redacted.json');
    await main(['example.com:443', '--json', '--redact', '--save-evidence', evidence], io, fakeParts());
    expect(JSON.parse(io.stdout.text).vantage.addresses).toEqual(['address-1']);
    expect(JSON.parse(readFileSync(evidence, 'utf8')).startedAt).toBe('redacted');
  });
});

describe('saved evidence', () => {
  it('is diagnosed again without the network', async () => {
    const file = join(dir, 'evidence.json');
    await main(['example.com:443', '--save-evidence', file], fakeIo(), fakeParts());
    const parts = fakeParts({ outcome: 'impaired' });
    const io = fakeIo();
    expect(await main(['--replay', file, '--json'], io, parts)).toBe(1);
    expect(JSON.parse(io.stdout.text).target).toMatchObject({ host: 'example.com', port: 443 });
    expect(parts.requests).toEqual([]);
  });

  it('of 0.1 calls the reference "control"', async () => {
    const file = join(dir, 'old.json');
    const name = '../scenarios/router-2-drops-the-port/evidence.json';
    const today = readFileSync(new URL(name, import.meta.url), 'utf8');
    const old = today.replaceAll(/"role": ?"reference/g, '"role":"control');
    expect(old).not.toBe(today);
    writeFileSync(file, old);
    expect(await readEvidence(file)).toEqual({ evidence: JSON.parse(today) });
  });

  it.each([
    ['nothing.json', null],
    ['empty.json', ''],
    ['other.json', '{"request":{}}'],
    ['list.json', '[]'],
    ['null.json', 'null'],
    ['half.json', '{"request":{"target":{"host":"a","po'],
    ['junk.json', '\u0000\u001b[2J'],
  ])('%s is refused with one sentence', async (name, text) => {
    const file = join(dir, name);
    if (text !== null) writeFileSync(file, text);
    const io = fakeIo();
    expect(await main(['--replay', file], io, fakeParts())).toBe(2);
    expect(io.stderr.text).toMatch(/^reachdoctor: --replay .*\.\n$/);
  });
});

describe('certificate files', () => {
  it.each([
    ['none.pem', null],
    ['text.pem', 'hello'],
    ['broken.pem', '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n'],
  ])('%s is refused with one sentence', async (name, text) => {
    const file = join(dir, name);
    if (text !== null) writeFileSync(file, text);
    const io = fakeIo();
    const parts = fakeParts();
    expect(await main(['example.com:443', '--ca', file], io, parts)).toBe(2);
    expect(io.stderr.text).toMatch(/^reachdoctor: --ca .*\.\n$/);
    expect(parts.requests).toEqual([]);
  });
});

describe('causes', () => {
  it('--list-causes names them by layer', async () => {
    const io = fakeIo();
    expect(await main(['--list-causes'], io, fakeParts())).toBe(0);
    expect(io.stdout.text).toMatchSnapshot();
  });

  it('--explain says what it is, how it is recognised, what it is confused with, who fixes it', async () => {
    const io = fakeIo();
    expect(await main(['--explain', 'port-closed'], io, fakeParts())).toBe(0);
    expect(io.stdout.text).toMatchSnapshot();
  });

  it('an unknown one is answered with the nearest', async () => {
    const io = fakeIo();
    expect(await main(['--explain', 'prot-closed'], io, fakeParts())).toBe(2);
    expect(io.stderr.text).toContain('write reachdoctor --explain port-closed');
  });

  it('problems in --rules are told before anything is sent', async () => {
    const parts = fakeParts({
      rules: async () => ({ rules: [], problems: ['mine/a.yaml:3:5: unknown key "wehn"'], notices: [] }),
    });
    const io = fakeIo();
    expect(await main(['example.com:443', '--rules', 'mine'], io, parts)).toBe(2);
    expect(io.stderr.text).toContain('mine/a.yaml:3:5');
    expect(parts.requests).toEqual([]);
  });

  it('an old name in --rules is told on standard error, and the run goes on', async () => {
    const parts = fakeParts({
      rules: async () => ({ rules: [], problems: [], notices: ['mine/a.yaml:3:5: "a" is called "b" now'] }),
    });
    const io = fakeIo();
    await main(['example.com:443', '--rules', 'mine', '--json'], io, parts);
    expect(io.stderr.text).toContain('reachdoctor: mine/a.yaml:3:5: "a" is called "b" now\n');
    expect(JSON.parse(io.stdout.text)).toHaveProperty('outcome');
    expect(parts.requests).toHaveLength(1);
  });
});

describe('without a terminal', () => {
  it.each([
    ['no terminal', {}, {}],
    ['CI', { terminal: true }, { CI: 'true', TERM: 'xterm' }],
    ['a dumb terminal', { terminal: true }, { TERM: 'dumb' }],
  ])('%s: nothing is asked, one sentence names the flag', async (_, options, env) => {
    const io = fakeIo({ ...options, env });
    const parts = fakeParts();
    expect(await main([], io, parts)).toBe(2);
    expect(io.stderr.text).toMatch(/^reachdoctor: .*--diagnose example\.com:443.*\n$/);
    expect(io.stdout.text).toBe('');
    expect(parts.requests).toEqual([]);
  });
});

describe('the program itself', () => {
  const run = (args: string[], options: { env?: Record<string, string>; stdout?: 'pipe' | number } = {}) => {
    const child = spawn(process.execPath, [CLI, ...args], {
      cwd: dir,
      stdio: ['ignore', options.stdout ?? 'pipe', 'pipe'],
      env: { ...process.env, ...options.env },
    });
    let stdout = '';
    let stderr = '';
    child.stdout?.on('data', (chunk) => {
      stdout += String(chunk);
    });
    child.stderr?.on('data', (chunk) => {
      stderr += String(chunk);
    });
    const ended = new Promise<{ code: number | null; stdout: string; stderr: string }>((resolve) =>
      child.on('close', (code) => resolve({ code, stdout, stderr })),
    );
    return { child, ended };
  };

  it('--version is answered before anything is loaded', () => {
    const source = readFileSync(SOURCE, 'utf8');
    expect(source.match(/^import .*$/gm)).toEqual([
      "import { closeSync, fstatSync, readFileSync } from 'node:fs';",
    ]);
  });

  it('a closed port of this machine: refused, by the host itself, exit code 1', async () => {
    const port = await closedPort();
    const { code, stdout, stderr } = await run([`127.0.0.1:${port}`, '--json']).ended;
    const report = JSON.parse(stdout);
    expect({
      code,
      stderr,
      outcome: report.outcome,
      // Inside a container a program outside of it may be meant: then that stands beside it.
      causes: report.causes.map(({ id }: { id: string }) => id).includes('port-closed'),
      where: report.causes[0]?.where?.kind,
    }).toEqual({
      code: 1,
      stderr: '',
      outcome: 'unreachable',
      causes: true,
      where: 'this-machine',
    });
  });

  it('an open port of this machine: two lines, exit code 0', async () => {
    const { port, close } = await listener();
    const { code, stdout } = await run([`127.0.0.1:${port}`]).ended;
    close();
    expect(code).toBe(0);
    expect(stdout.trimEnd().split('\n').length).toBeLessThanOrEqual(2);
  });

  it('SIGINT ends a run on a silent port with one document of what was gathered, exit code 130', async () => {
    const other = await listener();
    const { port, close } = await silentPort();
    try {
      const { child, ended } = run([`127.0.0.1:${port}`, '--json', '--ports', String(other.port)]);
      // The other port is tried while the first attempt still waits: then the run is well under way.
      await other.asked;
      child.kill('SIGINT');
      const { code, stdout } = await ended;
      const report = JSON.parse(stdout);
      expect(code).toBe(130);
      expect(report.observations.length).toBeGreaterThan(0);
    } finally {
      other.close();
      close();
    }
  });

  it('a reader that goes away (| head) is no error', async () => {
    const port = await closedPort();
    const { child, ended } = run([`127.0.0.1:${port}`, '--verbose', '--report', join(dir, 'piped.md')]);
    child.stdout?.destroy();
    const { code, stderr } = await ended;
    expect({ code, stderr }).toEqual({ code: 1, stderr: `Written: ${join(dir, 'piped.md')}\n` });
    expect(readFileSync(join(dir, 'piped.md'), 'utf8')).toContain('Nothing listens on TCP');
  });

  it.skipIf(!existsSync('/dev/full'))(
    'a full disk is said in one sentence, and is no success (SKIPPED without /dev/full)',
    async () => {
      const { port, close } = await listener();
      const { code, stderr } = await run([`127.0.0.1:${port}`, '--json'], {
        stdout: openSync('/dev/full', 'w'),
      }).ended;
      close();
      expect({ code, stderr }).toEqual({
        code: 3,
        stderr: 'reachdoctor: standard output could not be written (ENOSPC): use --report to write a file.\n',
      });
    },
  );

  it('saved evidence gives the same causes again', async () => {
    const port = await closedPort();
    const first = await run([`127.0.0.1:${port}`, '--json', '--save-evidence', 'run.json']).ended;
    const again = await run(['--replay', 'run.json', '--json']).ended;
    expect(again.code).toBe(1);
    expect(JSON.parse(again.stdout).causes).toEqual(JSON.parse(first.stdout).causes);
  });
});
