import { describe, expect, it } from 'vitest';
import { certificateSteps } from '../../../src/gather/plan/certificate.ts';
import { proxySteps } from '../../../src/gather/plan/proxy.ts';
import { referenceHostSteps } from '../../../src/gather/plan/reference-host.ts';
import { serviceSteps } from '../../../src/gather/plan/service.ts';
import type { Readings, RunReadings } from '../../../src/judge/readings/index.ts';
import type { Step } from '../../../src/model/probes.ts';
import { HOST, request, type Wish } from '../../evidence.ts';

/** What follows a conversation, a certificate that was complained of, a proxy and another host: readings by hand. */
interface Known {
  host?: string;
  port?: number;
  service?: string | null;
  path?: string;
  wish?: Wish;
  seen?: Record<string, object>;
}
function readings({
  host = 'www.example.com',
  port = 443,
  service = 'https',
  path = '/',
  wish = {},
  seen = {},
}: Known): Readings {
  return {
    request: request({ ...wish, target: { host, port, service, path, serviceNamed: true } }),
    observations: Object.entries(seen).map(([id, o]) => ({
      id,
      final: true,
      outcome: 'ok',
      data: null,
      ...o,
    })),
    addresses: [{ address: HOST, family: 4, source: /^\d/.test(host) ? 'literal' : 'dns' }],
    connects: { roundTripMs: 10 },
    talks: { greeting: null },
  } as unknown as Readings;
}
const inputOf = (steps: Step[], id: string) =>
  steps.find((one) => one.id === id)?.input as Record<string, unknown> | undefined;
const talked = (known: Known): Step[] => serviceSteps(readings(known), HOST, 1);

describe('a redirect from HTTPS to plain HTTP of the same host is followed by one conversation', () => {
  const redirected = (http: object, more: Known = {}, o: object = {}) =>
    inputOf(
      talked({
        ...more,
        seen: {
          'tls-1': {
            probe: 'tls',
            data: { http: { status: 301, location: 'http://www.example.com/a', ...http } },
            ...o,
          },
        },
      }),
      'http-redirect-1',
    );
  it.each<[string, object, boolean]>([
    ['299', { status: 299 }, false],
    ['300', { status: 300 }, true],
    ['399', { status: 399 }, true],
    ['400', { status: 400 }, false],
    ['no status', { status: null }, false],
    ['no location', { location: null }, false],
    ['to another host', { location: 'http://other.example.com/' }, false],
    ['to HTTPS', { location: 'https://www.example.com/b' }, false],
    ['to a path', { location: '/login' }, false],
  ])('%s: %s', (_, http, isFollowed) => {
    expect(redirected(http) !== undefined).toBe(isFollowed);
  });
  it('at the port that it names, else at 80', () => {
    expect(redirected({})).toMatchObject({
      port: 80,
      host: 'www.example.com',
      path: '/a',
      timeoutMs: 2000,
      role: 'redirect',
      roundTripMs: 10,
    });
    expect(redirected({ location: 'http://www.example.com:8080/' })).toMatchObject({
      port: 8080,
      host: 'www.example.com:8080',
    });
  });
  it('once it is over', () => {
    expect(redirected({}, {}, { final: false })).toBeUndefined();
    expect(redirected({}, { host: 'WWW.example.com' })).toBeDefined();
  });
});

describe('a redirect to the same path with a slash, or without', () => {
  const followed = (path: string, location: string) =>
    inputOf(
      talked({ path, seen: { 'tls-1': { probe: 'tls', data: { http: { status: 301, location } } } } }),
      'tls-redirect-1',
    )?.httpPath;
  it.each([
    ['/app', '/app/', '/app/'],
    ['/app?a=1', '/app/?a=1', '/app/'],
    ['/app', 'https://www.example.com/app/', '/app/'],
    ['/app/', '/app', '/app'],
    ['/app', '/app/login', undefined],
    ['/', '/login', undefined],
    ['/app', 'https://www.example.com:8443/app/', undefined],
    ['/app', 'https://other.example.com/app/', undefined],
  ])('%s to %s', (path, location, asked) => {
    expect(followed(path, location)).toBe(asked);
  });
});

describe('a redirect from plain HTTP to HTTPS of the same host as well', () => {
  const redirected = (location: string, host = 'www.example.com') =>
    inputOf(
      talked({
        host,
        port: 80,
        service: 'http',
        seen: { 'http-1': { probe: 'http', data: { http: { status: 302, location } } } },
      }),
      'tls-redirect-1',
    );
  it('at the port that it names, else at 443, by its name where it has one', () => {
    expect(redirected('https://www.example.com/x')).toMatchObject({
      port: 443,
      serverName: 'www.example.com',
      httpHost: 'www.example.com',
      httpPath: '/x',
      httpExpected: true,
      timeoutMs: 2900,
    });
    expect(redirected('https://www.example.com:8443/')).toMatchObject({
      port: 8443,
      httpHost: 'www.example.com:8443',
    });
    expect(redirected('https://192.0.2.7/', '192.0.2.7')).toMatchObject({ serverName: null });
    expect(redirected('http://www.example.com/')).toBeUndefined();
  });
});

describe('a conversation', () => {
  it('has its patience where a service is expected, and little where one is guessed', () => {
    const guess = { wish: {}, port: 443, service: 'https' };
    expect(inputOf(talked(guess), 'tls-1')).toMatchObject({
      patienceMs: 12_000,
      timeoutMs: 2900,
      httpPath: '/',
    });
    expect(inputOf(talked({ port: 22, service: 'ssh' }), 'ssh-1')).toMatchObject({
      patienceMs: 12_000,
      timeoutMs: 2000,
    });
    const listens = (symptom?: 'hangs' | 'unknown') =>
      talked({ port: 9999, service: null, wish: { answers: symptom === undefined ? {} : { symptom } } });
    expect(inputOf(listens(), 'greeting-1')).toMatchObject({ timeoutMs: 100 });
    expect(inputOf(listens('unknown'), 'greeting-1')).toMatchObject({ timeoutMs: 100 });
    expect(inputOf(listens('hangs'), 'greeting-1')).toMatchObject({ timeoutMs: 4000 });
  });
  it('that was cut is followed by a connection, a tenth of a second later', () => {
    const cut = (outcome: string) =>
      talked({ seen: { 'tls-1': { probe: 'tls', outcome, durationMs: 41.6 } } });
    expect(inputOf(cut('reset'), 'tcp-after-1')).toMatchObject({
      startsMs: [100],
      endMs: 1110,
      role: 'after-talk',
    });
    expect(inputOf(cut('closed'), 'stall-1')).toMatchObject({
      seen: 'closed',
      seenAfterMs: 42,
      timeoutMs: 2000,
    });
    expect(inputOf(cut('stalled'), 'tcp-after-1')).toBeUndefined();
    expect(inputOf(cut('stalled'), 'stall-1')).not.toHaveProperty('seenAfterMs');
  });
});

describe('who was told of a certificate', () => {
  const tls = (known: Known, asked: Step[] = []) =>
    inputOf(
      certificateSteps(
        readings({ ...known, wish: { answers: { symptom: 'certificate-error' }, ...known.wish } }),
        { address: HOST, n: 1, asked },
      ),
      'tls-1',
    );
  const ask = (id: string, probe: string) => ({ id, probe, input: {} }) as unknown as Step;
  it('has TLS spoken, by the name of the target', () => {
    expect(tls({})).toMatchObject({
      port: 443,
      timeoutMs: 2000,
      serverName: 'www.example.com',
      expectedAddress: null,
      httpHost: 'www.example.com',
      patienceMs: 0,
      httpExpected: false,
    });
    expect(tls({ port: 8443 })).toMatchObject({ httpHost: 'www.example.com:8443' });
    expect(tls({ host: '192.0.2.7' })).toMatchObject({ serverName: null, expectedAddress: HOST });
    expect(tls({ wish: { answers: { symptom: 'certificate-error' }, sni: 'sni.test' } })).toMatchObject({
      serverName: 'sni.test',
    });
  });
  it('once what is expected there has had its conversation, and not where that was TLS', () => {
    expect(tls({}, [ask('http-1', 'http')])).toBeUndefined();
    expect(tls({ seen: { 'http-1': { final: false } } }, [ask('http-1', 'http')])).toBeUndefined();
    expect(tls({ seen: { 'http-1': {} } }, [ask('http-1', 'http')])).toBeDefined();
    expect(tls({ seen: { 'tls-1': {} } }, [ask('tls-1', 'tls')])).toBeUndefined();
    expect(tls({ wish: { answers: {} } })).toBeUndefined();
  });
});

const tried = (...outcomes: string[]) => ({
  addresses: outcomes.map((_, i) => ({ address: `192.0.2.${i + 1}` })),
  all: {
    'tcp-connect': outcomes.map((outcome, i) => ({
      input: { address: `192.0.2.${i + 1}`, role: 'target' },
      outcome,
    })),
  },
  observations: [],
});

describe('the proxy of the environment is tried', () => {
  const steps = (
    outcomes: string[],
    said?: 'yes' | 'no',
    proxy: object | null = { host: 'proxy.example', port: 3128 },
    address?: string,
    names: object | null = null,
  ) => {
    const seen = tried(...outcomes);
    if (address !== undefined) seen.addresses = [{ address }];
    return proxySteps({
      ...seen,
      names,
      vantage: { proxy },
      request: request({ answers: said === undefined ? {} : { 'vpn-or-proxy': said } }),
    } as unknown as RunReadings);
  };
  const named = (names: object, host = 'proxy.example') =>
    steps([], undefined, { host, port: 3128 }, undefined, names);
  it.each<[string, Step[], number]>([
    ['where the name has no address here', named({ unresolved: true, deciding: {} }), 1],
    ['not before that is known', named({ unresolved: null, deciding: null }), 0],
    ['not where the name has one', named({ unresolved: false, deciding: {} }), 0],
    ['where no resolver answers: not by its name', named({ unresolved: true, deciding: null }), 0],
    ['but by its address', named({ unresolved: true, deciding: null }, '192.0.2.99'), 1],
    ['where every address fails', steps(['timeout', 'refused']), 1],
    ['not where one works', steps(['timeout', 'open']), 0],
    ['where one works and a proxy is said to be in use', steps(['open'], 'yes'), 1],
    ['not where none is said to be', steps(['open'], 'no'), 0],
    ['not where there is none', steps(['timeout'], 'yes', null), 0],
    ['not before an address is known', steps([], 'yes'), 0],
    ['not for this machine', steps([], 'yes', { host: 'p', port: 1 }, '127.0.0.1'), 0],
  ])('%s', (_, found, many) => {
    expect(found).toHaveLength(many);
  });
  it('for two and a half seconds', () => {
    expect(inputOf(steps(['timeout']), 'proxy-connect')).toMatchObject({
      timeoutMs: 2500,
      proxyHost: 'proxy.example',
      proxyPort: 3128,
    });
  });
});

describe('a host whose same port the user knows to be open', () => {
  const steps = (
    controlHost: string | null,
    outcomes: string[],
    seen: Record<string, object> = {},
    wish: Wish = {},
  ) =>
    referenceHostSteps({
      ...tried(...outcomes),
      observations: Object.entries(seen).map(([id, o]) => ({ id, final: true, ...o })),
      request: request({ ...wish, controlHost }),
    } as unknown as RunReadings);
  const ids = (found: Step[]) => found.map(({ id }) => id);
  it('is tried where the target fails, or is slow', () => {
    expect(ids(steps('192.0.2.99', ['timeout']))).toEqual(['tcp-reference-host']);
    expect(ids(steps('192.0.2.99', ['open']))).toEqual([]);
    expect(ids(steps('192.0.2.99', ['open'], {}, { answers: { symptom: 'slow' } }))).toEqual([
      'tcp-reference-host',
    ]);
    expect(ids(steps(null, ['timeout']))).toEqual([]);
    expect(inputOf(steps('192.0.2.99', ['timeout']), 'tcp-reference-host')).toMatchObject({
      startsMs: [0, 300],
      endMs: 2500,
      stopAtFirstAnswer: true,
    });
  });
  it('is looked up first, by its name', () => {
    expect(ids(steps('other.example', ['timeout']))).toEqual(['resolve-reference']);
    const found = {
      'resolve-reference': { data: { addresses: [{ address: '192.0.2.98' }, { address: '192.0.2.97' }] } },
    };
    expect(inputOf(steps('other.example', ['timeout'], found), 'tcp-reference-host')).toMatchObject({
      address: '192.0.2.98',
    });
    expect(
      ids(steps('other.example', ['timeout'], { 'resolve-reference': { data: { addresses: [] } } })),
    ).toEqual(['resolve-reference']);
  });
  it('is traced where it fails as well', () => {
    const traced = (o: object, wish: Wish = {}) =>
      inputOf(
        steps('192.0.2.99', ['timeout'], { 'tcp-reference-host': o }, wish),
        'trace-syn-reference-host',
      );
    expect(traced({ outcome: 'timeout', data: {} })).toMatchObject({
      holdMs: 1500,
      maxTtl: 30,
      silentLimit: 8,
    });
    expect(traced({ outcome: 'open', data: {} })).toBeUndefined();
    expect(traced({ outcome: 'failed', data: null })).toBeUndefined();
    expect(traced({ outcome: 'timeout', data: {} }, { ttlProbe: false })).toBeUndefined();
  });
});
