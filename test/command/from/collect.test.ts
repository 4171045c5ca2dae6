import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { parseArgv } from '../../../src/command/flags.ts';
import { errandOf, lookFromElsewhere } from '../../../src/command/from/collect.ts';
import { scriptFor } from '../../../src/command/from/script.ts';
import type { Errand } from '../../../src/command/from/source.ts';
import { sourcesOf } from '../../../src/command/from/sources.ts';
import { familyOf } from '../../../src/ground/address.ts';
import type { Evidence } from '../../../src/model/evidence.ts';
import { connect, evidence, HOST, observation, otherPorts } from '../../evidence.ts';

const OTHER = '192.0.2.8';
const folder = mkdtempSync(join(tmpdir(), 'from-'));
afterAll(() => rmSync(folder, { recursive: true }));
let made = 0;
/** A program that stands for a carrier: it reads the script, and prints these lines with the case of this run in them. */
function printing(...lines: string[]): string {
  const file = join(folder, `carrier-${++made}.sh`);
  const body = lines.map((line) => `printf '%s\\n' '${line}' | sed "s/CASE/$id/"`).join('\n');
  writeFileSync(file, `#!/bin/sh\nid=$(sed -n "s/^CASE='\\([0-9a-f]*\\)'.*/\\1/p")\n${body}\n`);
  chmodSync(file, 0o755);
  return `cmd:${file}`;
}
const HEAD = '{"view":1,"case":"CASE","tool":"bash","root":false,"notChecked":["sweep"]}';
const END = '{"end":"CASE"}';
const connected = (address: string, outcome: string, role = 'target', port = 5432) =>
  JSON.stringify({
    probe: 'tcp-connect',
    input: { address, port, role, startsMs: [0], endMs: 3500, stopAtFirstAnswer: true },
    outcome,
    data: { attempts: [{ startMs: 0, outcome, code: null, elapsedMs: 7, local: false }] },
  });

const SILENT = evidence({}, connect('timeout'), otherPorts({ 22: 'open' }));
/** Beside the signal: nobody is asked. */
const REST = { tell: () => {}, globalping: { url: 'http://127.0.0.1:9', token: null } };
const look = (...from: string[]): Promise<Evidence> =>
  lookFromElsewhere(SILENT, from, { signal: new AbortController().signal, ...REST });

describe('what a place brings', () => {
  it('is added with a view of its own, beside what is there', async () => {
    const from = printing('Welcome!', HEAD, connected(HOST, 'open'), END);
    const { observations, views } = await look(from);
    expect(views?.map(({ name, kind, by, ok }) => [name, kind, by, ok])).toEqual([
      ['here', 'client', null, true],
      ['from-1', 'vantage', from, true],
    ]);
    expect(views?.[1]).toMatchObject({ tool: 'bash', notChecked: ['sweep'], privileges: 'user' });
    expect(observations.slice(0, 2)).toEqual(SILENT.observations);
    expect(observations[2]).toMatchObject({ id: 'from-1-tcp-connect-1', view: 'from-1', outcome: 'open' });
  });

  it('keeps the order in which places were named', async () => {
    const slow = join(folder, 'slow.sh');
    writeFileSync(slow, '#!/bin/sh\nsleep 1\nexit 3\n');
    chmodSync(slow, 0o755);
    const { views } = await look(`cmd:${slow}`, printing(HEAD, END));
    expect(views?.slice(1).map(({ name, ok }) => [name, ok])).toEqual([
      ['from-1', false],
      ['from-2', true],
    ]);
  });

  it.each([
    ['printed more than any answer', 'cmd:yes'],
    ['is not installed here', 'cmd:no-such-program'],
    ['ended with exit code 1', 'cmd:false'],
    ['nothing there ran the script', 'cmd:cat'],
    ['nothing there ran the script', 'cmd:true'],
  ])('%s: it counts for nothing', async (words, from) => {
    const { observations, views } = await look(from);
    expect(observations).toEqual(SILENT.observations);
    expect(views?.[1]).toMatchObject({ ok: false, by: from });
    expect(views?.[1]?.reason).toContain(words);
  });

  it.each([
    ['is cut short', [HEAD, connected(HOST, 'open')]],
    ['belongs to another run', [HEAD.replace('CASE', 'f'.repeat(32)), connected(HOST, 'open'), END]],
    ['is not what the script prints', [HEAD, connected(OTHER, 'open'), END]],
    ['is not what the script prints', [HEAD, connected(HOST, 'conquered'), END]],
    ['is not what the script prints', [HEAD, '{"probe":"other-end","input":{},"data":{}}', END]],
    ['is not what the script prints', [HEAD.replace('bash', 'telnet'), connected(HOST, 'open'), END]],
    ['nothing there can connect', [HEAD.replace('bash', ''), END]],
  ])('%s: it counts for nothing', async (words, lines) => {
    const { observations, views } = await look(printing(...lines));
    expect(observations).toEqual(SILENT.observations);
    expect(views?.[1]?.reason).toContain(words);
  });

  it('is not asked again where places were asked before', async () => {
    const once = await look('cmd:false');
    const again = await lookFromElsewhere(once, ['cmd:true'], {
      signal: new AbortController().signal,
      ...REST,
    });
    expect(again).toBe(once);
  });

  it('a fault of our own costs that view and not the diagnosis', async () => {
    const odd = evidence({ target: { host: "db';reboot;'" } }, connect('timeout'));
    const signal = new AbortController().signal;
    const { observations, views } = await lookFromElsewhere(odd, ['cmd:true'], { signal, ...REST });
    expect(observations).toEqual(odd.observations);
    expect(views?.[1]).toMatchObject({ ok: false, reason: expect.stringContaining('no plain value') });
  });

  it('an abort ends it at once', async () => {
    const { views } = await lookFromElsewhere(SILENT, ['cmd:sleep 1000'], {
      signal: AbortSignal.timeout(50),
      ...REST,
    });
    expect(views?.[1]).toMatchObject({ ok: false, reason: 'it was stopped' });
  });
});

describe('what is handed over', () => {
  it('is what this client tried, and a port that answers it', () => {
    const of = {
      id: 'a'.repeat(32),
      target: { address: HOST, port: 5432 },
      reference: { address: HOST, port: 22 },
      client: { address: null, translated: 'unknown' as const, seenAs: null },
      window: { from: SILENT.startedAt, to: SILENT.startedAt, timeZone: 'UTC' },
      attempts: [],
    };
    expect(errandOf({ ...SILENT, case: of })).toMatchObject({
      host: null,
      addresses: [HOST],
      port: 5432,
      reference: 22,
      control: null,
    });
  });
  it('is a name with at most four addresses, none of them with a zone', () => {
    const addresses = ['fe80::1%eth0', ...Array.from({ length: 6 }, (_, i) => `192.0.2.${10 + i}`)];
    const resolved = observation('system-resolve', 'name-1', { host: 'db.example.com' }, 'resolved', {
      addresses: addresses.map((address) => ({ address, family: familyOf(address) })),
      code: null,
    });
    const errand = errandOf(evidence({ target: { host: 'db.example.com' } }, resolved));
    expect(errand.host).toBe('db.example.com');
    expect(errand.addresses).toHaveLength(4);
    expect(errand.addresses.join()).not.toContain('%');
  });
  it('a host of the user that was tried here', () => {
    const wish = { controlHost: 'ok.example.com' };
    const tried = connect('open', { role: 'reference-host', address: OTHER });
    expect(errandOf(evidence(wish, connect('timeout'), tried)).control).toEqual({
      host: 'ok.example.com',
      address: OTHER,
    });
  });

  const ERRAND: Errand = {
    caseId: '0'.repeat(32),
    host: 'db.example.com',
    addresses: [HOST, '2001:db8::7'],
    port: 5432,
    reference: null,
    control: null,
    family: null,
    ttlProbe: true,
  };
  it('stands in the script as quoted words', async () => {
    const text = await scriptFor(ERRAND);
    expect(text).toContain(`ADDRESSES='${HOST} 2001:db8::7'`);
    expect(text).not.toMatch(/@[A-Z]+@/);
  });
  it.each([
    { host: "db';reboot;'" },
    { host: '-oProxyCommand' },
    { host: 'db\nreboot' },
    { addresses: ['192.0.2.7$(reboot)'] },
    { addresses: ['192.0.2.7', '-x'] },
  ])('%j is no plain value', async (bad) => {
    await expect(scriptFor({ ...ERRAND, ...bad })).rejects.toThrow('no plain value');
  });
});

describe('--from', () => {
  it.each([
    ['telnet:x', 'no place to look from'],
    ['ssh:-oProxyCommand=reboot', 'no place to look from'],
    ['x', 'no place to look from'],
  ])('%s: %s', (given, words) => {
    expect(sourcesOf([given])).toMatchObject({ error: expect.stringContaining(words) });
  });
  it.each([
    ['--replay', 'run.json'],
    ['--dry-run', 'db:5432'],
    ['--list-causes'],
    ['--here', '443'],
    ['--watch', 'db:5432'],
  ])('is nothing for %s', (...argv) => {
    const invocation = parseArgv(['--from', 'ssh:a', ...argv], '0');
    expect(invocation).toMatchObject({
      kind: 'bad',
      error: expect.stringContaining('leave one of them out'),
    });
  });
  it('looks at one target', () => {
    const invocation = parseArgv(['--from', 'ssh:a', 'db1:5432', 'db2:5432'], '0');
    expect(invocation).toMatchObject({ kind: 'bad', error: expect.stringContaining('one target at a time') });
  });
  it('names each place once, and at most eight', () => {
    expect(sourcesOf(['ssh:a', 'ssh:a'])).toMatchObject({ error: expect.stringContaining('given twice') });
    const nine = Array.from({ length: 9 }, (_, i) => `ssh:h${i}`);
    expect(sourcesOf(nine)).toMatchObject({ error: expect.stringContaining('at most 8') });
    expect(sourcesOf(nine.slice(1))).toHaveLength(8);
  });
});
