import { describe, expect, test } from 'vitest';
import { serviceFacts } from '../../src/facts/service.ts';
import type {
  Evidence,
  HttpData,
  Observation,
  ProbeCatalogue,
  ProbeName,
  TlsData,
  View,
} from '../../src/model.ts';

const ADDRESS = '192.0.2.7';
const NOW = '2026-06-01T00:00:00.000Z';

function view(target: Partial<Evidence['request']['target']>, ...observations: Observation[]): View {
  return {
    address: ADDRESS,
    evidence: {
      request: {
        target: {
          input: 'x',
          host: 'good.test',
          port: 443,
          service: 'https',
          serviceNamed: true,
          path: '/',
          ...target,
        },
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
        caPem: null,
      },
      vantage: {
        os: 'linux',
        addresses: [],
        resolvers: [],
        searchDomains: [],
        ndots: 1,
        privileges: 'user',
        proxyVariables: ['HTTPS_PROXY'],
      },
      startedAt: NOW,
      observations,
    },
  };
}
const seen = <P extends ProbeName>(
  probe: P,
  outcome: ProbeCatalogue[P]['outcome'],
  data: unknown,
  input: object = {},
): Observation =>
  ({
    id: `${probe}-1`,
    probe,
    input: { address: ADDRESS, port: 443, ...input },
    outcome,
    reason: null,
    startedAt: NOW,
    durationMs: 1,
    data,
    command: null,
    raw: null,
    enable: null,
    final: true,
  }) as unknown as Observation;

const certificate = (from: string, to: string): TlsData['chain'][number] => ({
  subject: 'CN=good.test',
  issuer: 'O=Lab CN=Middle',
  names: ['good.test'],
  notBefore: from,
  notAfter: to,
  selfSigned: false,
});
const tlsData = (more: Partial<TlsData> = {}): TlsData => ({
  sni: 'good.test',
  ended: null,
  version: 'TLSv1.3',
  cipher: 'TLS_AES_256_GCM_SHA384',
  alpn: null,
  chain: [certificate('2026-01-01T00:00:00.000Z', '2026-12-01T00:00:00.000Z')],
  trustCode: null,
  trustedBy: 'built-in',
  issuerKnown: null,
  expectedName: 'good.test',
  nameMatches: true,
  alert: null,
  localError: null,
  certificateRequested: false,
  legacy: null,
  legacyAsked: false,
  plainText: null,
  plainProtocol: null,
  handshakeMs: 5,
  ...more,
});
const httpData = (more: Partial<HttpData> = {}): HttpData => ({
  ended: 'answered',
  method: 'HEAD',
  status: 200,
  reason: 'OK',
  location: null,
  server: null,
  date: null,
  proxyAuthenticate: null,
  via: null,
  clockOffsetMs: null,
  otherText: null,
  otherProtocol: null,
  firstByteMs: 5,
  ...more,
});
const tls = (
  more: Partial<TlsData> = {},
  http: HttpData | null = httpData(),
  outcome: ProbeCatalogue['tls']['outcome'] = 'ok',
) => seen('tls', outcome, { connectMs: 1, tls: tlsData(more), http });

describe('TLS', () => {
  test('a service that is well is healthy and authenticated', () => {
    const facts = serviceFacts(view({}, tls()));
    expect(facts).toMatchObject({
      'service.healthy': true,
      'service.authenticated': true,
      'service.pending': false,
      'tls.trusted': true,
      'tls.expired': false,
      'tls.daysLeft': 183,
    });
  });

  test('what was not asked is null, and what is expected is pending', () => {
    const facts = serviceFacts(view({}));
    expect(facts).toMatchObject({
      'service.healthy': null,
      'service.pending': true,
      'tls.works': null,
      'tls.trusted': null,
    });
    const measured = Object.entries(facts)
      .filter(([, value]) => value !== null)
      .map(([name]) => name);
    expect(measured).toEqual(['service.expected', 'service.named', 'service.pending', 'http.proxyVariables']);
  });

  test("an expired certificate that the server's clock finds valid points to this machine's clock", () => {
    const old = {
      chain: [certificate('2020-01-01T00:00:00.000Z', '2026-05-30T00:00:00.000Z')],
      trustCode: 'CERT_HAS_EXPIRED',
      trustedBy: null,
    } as const;
    const threeDaysBack = httpData({ clockOffsetMs: -3 * 86_400_000 });
    expect(
      serviceFacts(view({}, tls({ ...old, chain: [...old.chain] }, threeDaysBack, 'untrusted'))),
    ).toMatchObject({
      'tls.expired': true,
      'tls.trusted': null,
      'tls.datesFitServerClock': true,
      'service.healthy': false,
    });
    expect(
      serviceFacts(
        view({}, tls({ ...old, chain: [...old.chain] }, httpData({ clockOffsetMs: 800 }), 'untrusted')),
      )['tls.datesFitServerClock'],
    ).toBeNull();
  });

  test.each([
    ['DEPTH_ZERO_SELF_SIGNED_CERT', false, 1, 'self-signed'],
    ['SELF_SIGNED_CERT_IN_CHAIN', false, 2, 'private-authority'],
    ['UNABLE_TO_VERIFY_LEAF_SIGNATURE', true, 1, 'incomplete-chain'],
    ['UNABLE_TO_VERIFY_LEAF_SIGNATURE', false, 1, 'unknown-issuer'],
    ['UNABLE_TO_GET_ISSUER_CERT_LOCALLY', false, 2, 'private-authority'],
    ['CERT_REVOKED', false, 1, 'other'],
  ] as const)('%s (issuer known: %s, %i sent) is %s', (trustCode, issuerKnown, sent, problem) => {
    const chain = Array.from({ length: sent }, () => tlsData().chain[0]!);
    expect(
      serviceFacts(view({}, tls({ trustCode, issuerKnown, trustedBy: null, chain }, null, 'untrusted'))),
    ).toMatchObject({ 'tls.trusted': false, 'tls.trustProblem': problem });
  });

  test('a web server that falls silent behind TLS is not healthy', () => {
    const facts = serviceFacts(view({}, tls({}, httpData({ ended: 'stalled', status: null }))));
    expect(facts).toMatchObject({
      'service.healthy': false,
      'service.ended': 'stalled',
      'service.heard': 'tls',
      'service.silent': false,
    });
  });
});

describe('expectation', () => {
  const answersHttp = seen('tls', 'not-tls', {
    connectMs: 1,
    tls: tlsData({
      ended: 'answered',
      version: null,
      chain: [],
      plainText: 'HTTP/1.1 400',
      plainProtocol: 'http',
    }),
    http: null,
  });

  test('HTTP on a TLS port is another protocol', () => {
    expect(serviceFacts(view({}, answersHttp))).toMatchObject({
      'service.otherProtocol': true,
      'service.heard': 'http',
      'service.healthy': false,
    });
  });

  test('a port that much else uses leads to no claim', () => {
    expect(serviceFacts(view({ service: 'https-alt', serviceNamed: false }, answersHttp))).toMatchObject({
      'service.otherProtocol': null,
      'service.healthy': null,
    });
  });

  test('an unknown service that waits for the client is no fault, one that hangs up is', () => {
    const data = { connectMs: 1, firstByteMs: null, heard: null, text: null, tlsOffered: null, tls: null };
    const waits = seen('greeting', 'waits', { ...data, ended: 'stalled' }, { service: null });
    expect(serviceFacts(view({ service: null, serviceNamed: false }, waits))).toMatchObject({
      'service.healthy': null,
      'service.waitsForClient': true,
      'service.silent': null,
    });
    const closes = seen('greeting', 'closed', { ...data, ended: 'closed' }, { service: null });
    expect(serviceFacts(view({ service: null, serviceNamed: false }, closes))).toMatchObject({
      'service.healthy': false,
      'service.silent': true,
      'service.ended': 'closed',
    });
  });

  test('TLS where plain HTTP is expected is another protocol', () => {
    const http = seen('http', 'ok', { connectMs: 1, http: httpData({ status: 400 }) });
    expect(serviceFacts(view({ service: 'http', port: 80 }, http, tls({}, null)))).toMatchObject({
      'service.heard': 'tls',
      'service.otherProtocol': true,
      'service.healthy': false,
    });
  });
});

describe('stalls', () => {
  const variant = (name: string, ended: string, more: object = {}) => ({
    name,
    ttl: null,
    ended,
    receivedBytes: 0,
    protocol: null,
    retransmits: 0,
    unacked: 0,
    pathMtu: 1500,
    expired: false,
    ...more,
  });
  const stalled = tls({ ended: 'stalled', version: null, chain: [], nameMatches: null }, null, 'stalled');
  const stall = (variants: object[], more: object = {}) =>
    seen('stall', 'unclear', { variants, mtu: null, resetTtl: null, lastHop: null, ...more });

  test('small segments that work are told from a name that does not', () => {
    const facts = serviceFacts(
      view(
        {},
        stalled,
        stall([
          variant('other-name', 'answered'),
          variant('small-segments', 'stalled'),
          variant('as-is', 'stalled', { unacked: 1, retransmits: 3 }),
        ]),
      ),
    );
    expect(facts).toMatchObject({
      'stall.otherNameWorks': true,
      'stall.smallSegmentsWork': false,
      'stall.unacked': true,
      'stall.retransmits': 3,
      'stall.allSilent': false,
      'service.healthy': false,
    });
  });

  test('a shape that could not be tried is unknown, not refuted', () => {
    const facts = serviceFacts(
      view(
        {},
        stalled,
        stall([
          variant('small-segments', 'unknown', { retransmits: null, unacked: null }),
          variant('as-is', 'stalled', { retransmits: null, unacked: null }),
        ]),
      ),
    );
    expect(facts).toMatchObject({
      'stall.smallSegmentsWork': null,
      'stall.unacked': null,
      'stall.otherNameWorks': null,
    });
  });

  test('vanishing large pings are a black hole only where small ones are answered and no router tells', () => {
    const mtu = {
      passes: 1280,
      fails: 1281,
      told: null,
      lastHop: 2,
      lastAddress: '10.0.0.2',
      smallAnswered: true,
    };
    const of = (one: object) =>
      serviceFacts(view({}, stalled, stall([variant('as-is', 'stalled')], { mtu: one })))['mtu.blackhole'];
    expect([of(mtu), of({ ...mtu, told: 1280 }), of({ ...mtu, smallAnswered: false })]).toEqual([
      true,
      false,
      null,
    ]);
  });
});

test('redirects: to itself, to another host, to a login page of the network', () => {
  const facts = (location: string, service = 'http') =>
    serviceFacts(
      view(
        { service, port: 80 },
        seen('http', 'ok', { connectMs: 1, http: httpData({ status: 302, location }) }),
      ),
    );
  expect(facts('http://good.test/')['http.redirectsToItself']).toBe(true);
  expect(facts('https://www.good.test/')).toMatchObject({
    'http.redirectsToItself': false,
    'http.redirectsToOtherHost': false,
    'http.captivePortal': false,
  });
  expect(facts('http://hotspot.lan/login')).toMatchObject({
    'http.redirectsToOtherHost': true,
    'http.captivePortal': true,
  });
  expect(facts('::::')['http.redirectsToItself']).toBe(false);
});
