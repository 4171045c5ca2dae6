import { performance } from 'node:perf_hooks';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { DnsReply, Doors } from '../../../src/doors/types.ts';
import { hostsFile } from '../../../src/gather/probes/hosts-file.ts';
import { reverseNames, reverseQuestion } from '../../../src/gather/probes/reverse-names.ts';
import { systemResolve } from '../../../src/gather/probes/system-resolve.ts';
import { hostsEntries } from '../../../src/parsers/hosts.ts';
import { anySign } from '../../any-sign.ts';

const contextOf = (doors: Partial<Doors>, signal = new AbortController().signal) => ({
  doors: doors as Doors,
  signal,
  partial: () => {},
});
const clock: Doors['clock'] = {
  now: () => Date.now(),
  elapsed: () => performance.now(),
  sleep: (ms, signal) =>
    new Promise((resolve) => {
      const timer = setTimeout(resolve, ms);
      const stop = () => {
        clearTimeout(timer);
        resolve();
      };
      if (signal?.aborted) stop();
      else signal?.addEventListener('abort', stop, { once: true });
    }),
};

describe('the hosts file', () => {
  const text = [
    '127.0.0.1\tlocalhost',
    '# 192.0.2.1 db.example.com',
    '192.0.2.99   DB.example.com db  # since the move',
    'db.example.com 192.0.2.5',
    '2001:db8::99 other db.EXAMPLE.com.',
    '192.0.2.50 mydb.example.com',
    'fe80::1%lo0 db.example.com',
    '999 db.example.com',
  ].join('\r\n');

  test('gives every line of the name, whatever its case, as an alias too, and no comment', () => {
    expect(hostsEntries(text, 'db.example.com')).toEqual([
      { address: '192.0.2.99', line: 3 },
      { address: '2001:db8::99', line: 5 },
      { address: 'fe80::1%lo0', line: 7 },
    ]);
    expect(hostsEntries(text, 'DB')).toEqual([{ address: '192.0.2.99', line: 3 }]);
    expect(hostsEntries(text, 'example.com')).toEqual([]);
  });

  test('of any content is read without a throw, and to an end', () => {
    fc.assert(
      fc.property(fc.string({ unit: anySign, maxLength: 400 }), (junk) => {
        expect(hostsEntries(junk, 'db').length).toBeLessThanOrEqual(64);
      }),
    );
    expect(hostsEntries('192.0.2.1 db\n'.repeat(100_000), 'db')).toHaveLength(64);
  });

  test('is looked for where the platform has it', async () => {
    const read: string[] = [];
    const readText = async (path: string) => {
      read.push(path);
      return path === 'D:\\hosts' ? null : '192.0.2.99 db\n';
    };
    const on = (platform: NodeJS.Platform, more = {}) =>
      hostsFile({ host: 'db' }, contextOf({ platform, readText, ...more }));
    expect(await on('linux')).toMatchObject({
      outcome: 'listed',
      data: { path: '/etc/hosts', entries: [{ line: 1 }] },
    });
    expect(await on('win32')).toMatchObject({ outcome: 'listed' });
    expect(await on('win32', { hostsPath: 'D:\\hosts' })).toMatchObject({
      outcome: 'unreadable',
      data: null,
    });
    expect(read).toEqual(['/etc/hosts', 'C:\\Windows\\System32\\drivers\\etc\\hosts', 'D:\\hosts']);
  });
});

describe('what the system resolves', () => {
  const failing = (code?: string) => () => Promise.reject(Object.assign(new Error('getaddrinfo'), { code }));
  const resolve = (lookup: Doors['lookup'], timeoutMs = 1000, signal?: AbortSignal) =>
    systemResolve({ host: 'db', timeoutMs }, contextOf({ clock, lookup }, signal));

  test('is quoted', async () => {
    const addresses = [{ address: '192.0.2.7', family: 4 as const }];
    expect(await resolve(async () => addresses)).toMatchObject({
      outcome: 'resolved',
      data: { addresses, code: null },
    });
  });

  test.each([
    ['ENOTFOUND', 'not-found'],
    ['EAI_AGAIN', 'temporary-failure'],
    ['EAI_FAIL', 'error'],
    [undefined, 'error'],
  ])('%s is %s', async (code, outcome) => {
    expect(await resolve(failing(code))).toMatchObject({
      outcome,
      data: { addresses: [], code: code ?? 'UNKNOWN' },
    });
  });

  test('is not waited for beyond the deadline, nor after the end of the run', async () => {
    const never = () => new Promise<never>(() => {});
    expect(await resolve(never, 30)).toMatchObject({ outcome: 'timeout', data: { addresses: [] } });
    expect(await resolve(never, 20_000, AbortSignal.timeout(30))).toMatchObject({
      outcome: 'cancelled',
      data: null,
    });
  });

  test('this machine knows localhost', async () => {
    const { lookup } = await import('node:dns/promises');
    const finding = await systemResolve(
      { host: 'localhost' },
      contextOf({
        clock,
        lookup: async (host) => (await lookup(host, { all: true })) as { address: string; family: 4 | 6 }[],
      }),
    );
    expect(finding.outcome).toBe('resolved');
  });
});

describe('names of addresses', () => {
  const reply = (more: Partial<DnsReply>): DnsReply => ({
    outcome: 'answered',
    rcode: 'NOERROR',
    addresses: [],
    cnames: [],
    names: [],
    ttlSeconds: null,
    extendedErrors: [],
    transport: 'udp',
    elapsedMs: 1,
    ignored: null,
    authoritative: false,
    code: null,
    ...more,
  });

  test.each([
    ['192.0.2.7', '7.2.0.192.in-addr.arpa'],
    ['2001:db8::567:89ab', 'b.a.9.8.7.6.5.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.b.d.0.1.0.0.2.ip6.arpa'],
    ['fe80::1%eth0', `1.${'0.'.repeat(28)}8.e.f.ip6.arpa`],
    ['::', `${'0.'.repeat(32)}ip6.arpa`],
    ['1:2:3:4:5:6:7:8:9', null],
    ['1::2::3', null],
    ['12345::', null],
    ['router', null],
    ['', null],
  ])('%s is asked as %s', (address, question) => {
    expect(reverseQuestion(address)).toBe(question);
  });

  test('come from the first resolver that has one, all asked at once', async () => {
    const asked: string[] = [];
    const finding = await reverseNames(
      {
        addresses: ['192.0.2.1', '192.0.2.2', '192.0.2.1', '192.0.2.3'],
        resolvers: ['10.0.0.1', '10.0.0.2', '10.0.0.3'],
        timeoutMs: 100,
      },
      contextOf({
        dnsQuery: async ({ resolver, name }) => {
          asked.push(`${resolver} ${name}`);
          if (resolver === '10.0.0.1') return reply({ outcome: 'timeout', rcode: null });
          if (name.startsWith('1.')) return reply({ names: ['r1.example.net.', 'alias.example.net'] });
          return name.startsWith('2.') ? reply({ rcode: 'NXDOMAIN' }) : reply({ names: ['x'.repeat(300)] });
        },
      }),
    );
    expect(finding).toEqual({
      outcome: 'named',
      reason: null,
      data: { names: { '192.0.2.1': 'r1.example.net' } },
    });
    expect(asked).toHaveLength(6);
  });

  test('are few, whatever is asked', async () => {
    let asked = 0;
    const addresses = Array.from({ length: 500 }, (_, i) => `10.0.${i >> 8}.${i & 255}`);
    const dnsQuery = async () => {
      asked += 1;
      return reply({ outcome: 'timeout', rcode: null });
    };
    expect(
      await reverseNames({ addresses, resolvers: ['10.0.0.1'], timeoutMs: 1 }, contextOf({ dnsQuery })),
    ).toMatchObject({ outcome: 'unnamed' });
    expect(asked).toBe(40);
  });
});
