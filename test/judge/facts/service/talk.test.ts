import { describe, expect, test } from 'vitest';
import { serviceFacts } from '../../../../src/judge/facts/service/index.ts';
import { type Readings, readingsAt } from '../../../../src/judge/readings/index.ts';
import type { Evidence } from '../../../../src/model/evidence.ts';
import type { HttpData, TlsData } from '../../../../src/model/measured.ts';
import type { Observation, ProbeCatalogue, ProbeName } from '../../../../src/model/probes.ts';
import { trace, udpArrives } from '../../../evidence.ts';

const ADDRESS = '192.0.2.7';
const NOW = '2026-06-01T00:00:00.000Z';

function view(target: Partial<Evidence['request']['target']>, ...observations: Observation[]): Readings {
  return readingsAt(
    {
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
    ADDRESS,
  );
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
    expect(measured).toEqual([
      'service.expected',
      'service.named',
      'service.pending',
      'service.hasQuestion',
      'service.overUdp',
      'service.seldomTcp',
      'http.proxyVariables',
    ]);
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
    [-59_999, null],
    [-60_000, true],
    [60_000, false],
  ])("a server's clock that is %i ms off says that its dates fit: %s", (clockOffsetMs, fit) => {
    // 30 s over at the time of the handshake.
    const over = new Date(Date.parse(NOW) - 30_000).toISOString();
    const chain = [certificate('2020-01-01T00:00:00.000Z', over)];
    const old = { chain, trustCode: 'CERT_HAS_EXPIRED', trustedBy: null };
    expect(
      serviceFacts(view({}, tls(old, httpData({ clockOffsetMs }), 'untrusted')))['tls.datesFitServerClock'],
    ).toBe(fit);
  });

  test('dates that are over are told with the subject that has them', () => {
    const leaf = certificate('2026-01-01T00:00:00.000Z', '2027-02-01T00:00:00.000Z');
    const middle = {
      ...certificate('2025-01-01T00:00:00.000Z', '2026-05-01T00:00:00.000Z'),
      subject: 'CN=Middle',
    };
    const expired = (...chain: TlsData['chain']) =>
      serviceFacts(
        view({}, tls({ chain, trustCode: 'CERT_HAS_EXPIRED', trustedBy: null }, null, 'untrusted')),
      );
    expect(expired(leaf, middle)).toMatchObject({
      'tls.subject': 'CN=good.test',
      'tls.datedSubject': 'CN=Middle',
      'tls.notAfter': '2026-05-01T00:00:00.000Z',
      'tls.intermediateOutOfDates': true,
    });
    expect(expired({ ...leaf, notAfter: '2026-05-02T00:00:00.000Z' }, middle)).toMatchObject({
      'tls.datedSubject': 'CN=good.test',
      'tls.intermediateOutOfDates': false,
    });
    // What has expired is in the trust store and was not sent: nothing is said of the dates that were read.
    expect(expired(leaf)).toMatchObject({ 'tls.datedSubject': null, 'tls.notAfter': null });
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

describe('silence and other words', () => {
  const ssh = { service: 'ssh', serviceNamed: false, port: 22 };
  const sshSeen = (outcome: ProbeCatalogue['ssh']['outcome'], more: object = {}) => ({
    ...seen('ssh', outcome, {
      connectMs: 1,
      firstByteMs: null,
      ended: 'stalled',
      identification: null,
      otherText: null,
      otherProtocol: null,
      offerRead: false,
      noCommon: null,
      offered: null,
      ...more,
    }),
    durationMs: 2013,
  });
  const facts = (...observations: Observation[]) => serviceFacts(view(ssh, ...observations));

  test('how long it was listened to', () => {
    expect(facts(sshSeen('stalled'))['service.waitedS']).toBe(2);
    expect(facts(sshSeen('ok', { identification: 'SSH-2.0-x' }))['service.waitedS']).toBe(2);
    expect(facts(sshSeen('stalled', { otherText: 'SS' }))).toMatchObject({
      'service.waitedS': 2,
      'service.otherProtocol': null,
    });
  });

  test('a whole line that is no identification is another protocol', () => {
    expect(facts(sshSeen('not-ssh', { otherText: 'READY 1.0' }))).toMatchObject({
      'service.otherProtocol': true,
      'service.healthy': false,
      'service.ended': 'stalled',
      'service.firstWords': 'READY 1.0',
    });
    expect(
      facts(sshSeen('not-ssh', { otherText: 'RFB 003.008', otherProtocol: 'rfb', ended: 'answered' })),
    ).toMatchObject({ 'service.heard': 'rfb', 'service.otherProtocol': true, 'service.waitedS': null });
  });

  test('a guess that is cut is no fault, unless the port refuses from then on', () => {
    const guess = { service: 'http-alt', serviceNamed: false, port: 8080 };
    const cut = seen('http', 'closed', {
      connectMs: 1,
      http: httpData({ ended: 'closed', status: null, firstByteMs: null }),
    });
    const nextConnection = (outcome: 'open' | 'refused') =>
      seen('tcp-connect', outcome, { attempts: [] }, { role: 'after-talk' });
    expect(serviceFacts(view(guess, cut))).toMatchObject({
      'service.healthy': null,
      'service.refusesAfterwards': null,
    });
    expect(serviceFacts(view(guess, cut, nextConnection('open')))).toMatchObject({
      'service.healthy': null,
      'service.refusesAfterwards': false,
    });
    expect(serviceFacts(view(guess, cut, nextConnection('refused')))).toMatchObject({
      'service.healthy': false,
      'service.refusesAfterwards': true,
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

  test('which name is answered, how the request ends, and how far away it is acknowledged', () => {
    const shortLived = (ttl: number, ended: string, unacked: number) =>
      variant('short-lived', ended, { ttl, unacked });
    const of = (...variants: object[]) => serviceFacts(view({}, stalled, stall(variants)));
    expect(
      of(
        variant('other-name', 'answered'),
        variant('as-is', 'stalled'),
        shortLived(1, 'stalled', 1),
        shortLived(2, 'stalled', 0),
        shortLived(3, 'stalled', 0),
      ),
    ).toMatchObject({
      'stall.answeredWith': 'another server name',
      'stall.requestEnded': 'stalled',
      'stall.ackedAt': 2,
      'stall.unacked': false,
    });
    expect(
      of(
        variant('other-name', 'stalled'),
        variant('no-name', 'answered'),
        variant('as-is', 'closed'),
        shortLived(2, 'reset', 0),
      ),
    ).toMatchObject({
      'stall.answeredWith': 'no server name',
      'stall.requestEnded': 'closed',
      'stall.ackedAt': null,
    });
    expect(
      of(variant('other-name', 'stalled'), variant('as-is', 'stalled'))['stall.answeredWith'],
    ).toBeNull();
  });

  test('an answer that does not understand the line of the PROXY protocol is no service', () => {
    const of = (more: object) =>
      serviceFacts(
        view({}, stalled, stall([variant('as-is', 'closed'), variant('proxy-header', 'answered', more)])),
      )['stall.proxyHeaderWorks'];
    expect([of({ complaint: false }), of({}), of({ complaint: true })]).toEqual([true, true, false]);
    const beside = (complaint: boolean) =>
      serviceFacts(
        view(
          {},
          stalled,
          stall([
            variant('as-is', 'stalled'),
            variant('plain-http', 'answered', { complaint }),
            variant('proxy-header', 'answered', { complaint: false }),
          ]),
        ),
      )['stall.proxyHeaderWorks'];
    expect([beside(true), beside(false)]).toEqual([true, false]);
  });

  test('who only listened has nothing that could be acknowledged', () => {
    const listened = seen(
      'stall',
      'all-silent',
      { variants: [variant('as-is', 'stalled')], mtu: null, resetTtl: null, lastHop: null },
      { request: 'listen' },
    );
    expect(serviceFacts(view({}, stalled, listened))).toMatchObject({
      'stall.request': 'listen',
      'stall.unacked': null,
      'stall.retransmits': null,
    });
  });

  test('other words on the port were taken, were not, or it is not known', () => {
    const taken = (unacked: number | null) =>
      serviceFacts(view({}, stalled, stall([variant('plain-http', 'stalled', { unacked })])))[
        'stall.otherWordsTaken'
      ];
    expect([taken(0), taken(18), taken(null)]).toEqual([true, false, null]);
    expect(
      serviceFacts(view({}, stalled, stall([variant('as-is', 'stalled')])))['stall.otherWordsTaken'],
    ).toBeNull();
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
    const facts = (one: object) =>
      serviceFacts(view({}, stalled, stall([variant('as-is', 'stalled')], { mtu: one })));
    const limits = (one: object) => [facts(one)['mtu.limit'], facts(one)['mtu.fullSizePasses']];
    expect([
      limits(mtu),
      limits({ ...mtu, passes: 1500, fails: null }),
      limits({ ...mtu, passes: 1499, fails: null }),
      limits({ ...mtu, passes: null, fails: null, smallAnswered: false }),
    ]).toEqual([
      [mtu.passes, false],
      [null, true],
      [null, false],
      [null, null],
    ]);
    const path = trace('other-protocol', ['10.0.0.1', '10.0.0.2', udpArrives()], { address: ADDRESS });
    const reaches = (lastHop: number | null, ...more: Observation[]) =>
      serviceFacts(
        view({}, stalled, stall([variant('as-is', 'stalled')], { mtu: { ...mtu, lastHop } }), ...more),
      )['mtu.reachesLast'];
    expect([reaches(2, path), reaches(1, path), reaches(null, path), reaches(2)]).toEqual([
      true,
      false,
      null,
      null,
    ]);
    // Measured for itself, where the service answers what is small.
    expect(serviceFacts(view({}, seen('path-mtu', 'vanishes', { mtu })))).toMatchObject({
      'mtu.blackhole': true,
      'mtu.limit': 1280,
    });
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
  const withCookie = httpData({ status: 302, location: 'http://good.test/', setsCookie: true });
  expect(
    serviceFacts(view({ service: 'http', port: 80 }, seen('http', 'ok', { connectMs: 1, http: withCookie })))[
      'http.redirectsToItself'
    ],
  ).toBeNull();
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
  // The own machine of whoever is sent, an address of the target, a host of the same domain: no foreign network's page.
  for (const own of [
    'http://localhost:3000/login',
    'http://127.0.0.1/auth',
    'http://[::1]/portal',
    'http://0.0.0.0/login',
  ])
    expect(facts(own)).toMatchObject({
      'http.redirectsToOtherHost': false,
      'http.redirectsToLocalhost': true,
      'http.captivePortal': false,
    });
  expect(facts(`http://${ADDRESS}:3000/login`)).toMatchObject({
    'http.redirectsToOtherHost': false,
    'http.redirectsToLocalhost': false,
    'http.captivePortal': false,
  });
  expect(facts('http://192.0.2.8/login')['http.captivePortal']).toBe(true);
  expect(facts('https://login.good.test/')).toMatchObject({
    'http.redirectsToOtherHost': true,
    'http.captivePortal': false,
  });
});

test.each([
  ['app.example.com', 'sso.example.com', false],
  ['app.example.com', 'sso.example.org', true],
  ['app.ibm.de', 'login.ibm.de', false],
  ['app.firm.co.uk', 'login.firm.co.uk', false],
  ['app.firm.co.uk', 'login.hotel.co.uk', true],
  ['192.0.2.7', 'sso.example.com', true],
])('from %s to a login at %s: a page of another domain is %s', (host, to, expected) => {
  const facts = serviceFacts(
    view(
      { service: 'http', port: 80, host },
      seen('http', 'ok', { connectMs: 1, http: httpData({ status: 302, location: `https://${to}/auth` }) }),
    ),
  );
  expect(facts['http.captivePortal']).toBe(expected);
});

describe('a guess that is hung up on', () => {
  const guess = { service: 'http-alt', port: 8080, serviceNamed: false };
  const cut = (ended: 'closed' | 'reset') =>
    seen('http', ended, { connectMs: 1, http: httpData({ ended, status: null, reason: null }) });
  const silentOne = (ended: 'closed' | 'reset' | 'stalled' | 'unknown', lastedMs?: number) =>
    seen(
      'stall',
      'unclear',
      {
        variants: [
          {
            name: 'as-is',
            ttl: null,
            ended,
            receivedBytes: 0,
            protocol: null,
            unacked: 0,
            ...(lastedMs === undefined ? {} : { lastedMs }),
          },
        ],
        mtu: null,
        resetTtl: null,
        lastHop: null,
      },
      { request: 'listen' },
    );
  test.each([
    ['closed', 'closed', false, true],
    ['reset', 'reset', false, true],
    ['closed', 'stalled', null, false],
    ['reset', 'unknown', null, null],
  ] as const)('%s, and %s where nothing is said', (ended, control, healthy, unheard) => {
    expect(serviceFacts(view(guess, cut(ended), silentOne(control)))).toMatchObject({
      'service.healthy': healthy,
      'stall.cutUnheard': unheard,
    });
  });
  test.each([
    [2900, null],
    [3000, false],
  ])('what is cut after 3 s and is let go after %d ms where nothing is said: %s', (lastedMs, unheard) => {
    const late = { ...cut('closed'), durationMs: 3000 };
    expect(serviceFacts(view(guess, late, silentOne('stalled', lastedMs)))['stall.cutUnheard']).toBe(unheard);
  });
  test('and nothing else was asked: unknown', () => {
    expect(serviceFacts(view(guess, cut('closed')))['service.healthy']).toBeNull();
  });
});

describe('no address serves', () => {
  const OTHER = '192.0.2.9';
  const found = seen(
    'system-resolve',
    'resolved',
    {
      addresses: [ADDRESS, OTHER].map((address) => ({ address, family: 4 })),
      code: null,
    },
    { host: 'good.test' },
  );
  const connected = (address: string, outcome: 'open' | 'refused') =>
    seen(
      'tcp-connect',
      outcome,
      { attempts: [{ startMs: 0, outcome, code: null, elapsedMs: 1, local: false, sourcePort: 1 }] },
      { address, port: 80, role: 'target' },
    );
  const spoke = (address: string, http: Partial<HttpData>) =>
    seen(
      'http',
      http.status === null ? 'stalled' : 'ok',
      { connectMs: 1, http: httpData(http) },
      { address },
    );
  const SILENT = { status: null, ended: 'stalled' } as const;
  const of = (...more: Observation[]) =>
    serviceFacts(view({ service: 'http', port: 80 }, found, ...more))['service.noAddressServes'];
  test('one refuses and the other accepts and hangs', () => {
    expect(of(connected(ADDRESS, 'refused'), connected(OTHER, 'open'), spoke(OTHER, SILENT))).toBe(true);
  });
  test('one refuses and the other answers, was not spoken to, or refuses as well', () => {
    expect([
      of(connected(ADDRESS, 'refused'), connected(OTHER, 'open'), spoke(OTHER, {})),
      of(connected(ADDRESS, 'refused'), connected(OTHER, 'open')),
      of(connected(ADDRESS, 'refused'), connected(OTHER, 'refused')),
    ]).toEqual([false, null, null]);
  });
  test('where both accept there is nothing to tell', () => {
    expect(of(connected(ADDRESS, 'open'), connected(OTHER, 'open'), spoke(OTHER, SILENT))).toBeNull();
  });
});

test('a redirect to HTTPS whose answer leads back is a circle, another is none', () => {
  const facts = (back: string | null) =>
    serviceFacts(
      view(
        { service: 'http', port: 80 },
        seen('http', 'ok', {
          connectMs: 1,
          http: httpData({ status: 301, location: 'https://good.test/' }),
        }),
        seen(
          'tls',
          'ok',
          { connectMs: 1, tls: tlsData(), http: httpData({ status: 301, location: back }) },
          { port: 443, role: 'redirect' },
        ),
      ),
    );
  expect(facts('http://good.test/')).toMatchObject({ 'http.redirectsInCircle': true, 'tls.works': null });
  expect(facts('http://good.test/login')['http.redirectsInCircle']).toBe(false);
  expect(facts(null)['http.redirectsInCircle']).toBe(false);
});

test.each([
  ['neither gives a cookie', false, false, true],
  ['the first gives a cookie', true, false, null],
  ['the second gives a cookie', false, true, null],
])('from www to the bare domain and back, %s', (_, first, second, circle) => {
  const cookie = (is: boolean) => (is ? { setsCookie: true } : {});
  const facts = serviceFacts(
    view(
      { service: 'http', port: 80 },
      seen('http', 'ok', {
        connectMs: 1,
        http: httpData({ status: 301, location: 'http://www.good.test/', ...cookie(first) }),
      }),
      seen(
        'http',
        'ok',
        { connectMs: 1, http: httpData({ status: 301, location: 'http://good.test/', ...cookie(second) }) },
        { role: 'redirect' },
      ),
    ),
  );
  expect(facts['http.redirectsInCircle']).toBe(circle);
});

test.each([
  ['closed', true, false, false],
  ['reset', true, false, false],
  ['stalled', false, true, false],
  ['answered', false, false, true],
] as const)('of a page a part came, and it %s', (ended, isCut, stops, healthy) => {
  const http = httpData({ status: 200, ended, page: { due: 4096, received: 2006 } });
  expect(
    serviceFacts(view({ service: 'http', port: 80 }, seen('http', 'ok', { connectMs: 1, http }))),
  ).toMatchObject({
    'http.pageCut': isCut,
    'http.pageStops': stops,
    'http.pageReceived': 2006,
    'service.healthy': healthy,
  });
});

describe('a certificate that is asked for again', () => {
  const good = { trustCode: null, nameMatches: true } as const;
  const bad = { trustCode: 'CERT_HAS_EXPIRED', nameMatches: true } as const;
  const facts = (first: Partial<TlsData>, ...again: Partial<TlsData>[]) => {
    const handshake = (tls: Partial<TlsData>, input = {}) =>
      seen(
        'tls',
        tls.trustCode ? 'untrusted' : 'ok',
        { connectMs: 1, tls: tlsData(tls), http: httpData({ status: 200 }) },
        input,
      );
    const more = again.map((tls) => handshake(tls, { role: 'sample', startMs: 1000 }));
    return serviceFacts(view({ service: 'https', port: 443 }, handshake(first), ...more));
  };
  test.each<[string, Partial<TlsData>[], number | null, number | null, boolean, boolean | null]>([
    ['is good each time', [good, good, good], 2, 0, false, true],
    ['is another one at times', [good, bad, good, bad], 3, 2, true, false],
    ['is bad at first', [bad, good], 1, 0, true, false],
    ['was not', [good], null, null, false, true],
  ])('%s', (_, [first, ...again], asked, worse, expired, healthy) => {
    expect(facts(first!, ...again)).toMatchObject({
      'tls.askedAgain': asked,
      'tls.againBad': worse,
      'tls.expired': expired,
      'service.healthy': healthy,
    });
  });
});

describe('a page that is asked for again', () => {
  const facts = (first: number | null, ...again: (number | null)[]) =>
    serviceFacts(
      view(
        { service: 'http', port: 80 },
        seen('http', 'ok', { connectMs: 1, http: httpData({ status: first }) }),
        ...again.map((status) =>
          seen(
            'http',
            'ok',
            { connectMs: 1, http: httpData({ status, ...(status === null ? { ended: 'closed' } : {}) }) },
            { role: 'sample', startMs: 1000 },
          ),
        ),
      ),
    );
  test.each([
    ['is well each time', [200, 200, 404], 0, false, null, true],
    ['fails at times', [200, 502, 200], 1, true, 502, false],
    ['is cut off at times', [200, null, 200], 1, true, null, false],
    ['failed at first', [503, 200, 200], 0, true, 503, false],
    ['fails each time', [500, 500, 500], 2, false, 500, true],
    ['gets 499, which is not an error of the server', [200, 499], 0, false, null, true],
  ] as const)('%s', (_, [first, ...again], failing, wavers, status, healthy) => {
    expect(facts(first, ...again)).toMatchObject({
      'http.askedAgain': again.length,
      'http.againFailing': failing,
      'http.wavers': wavers,
      'http.waveringStatus': status,
      'service.healthy': healthy,
      'http.status': first,
    });
  });
  test('and let go by us without an answer: that tells nothing', () => {
    const silent = seen(
      'http',
      'stalled',
      { connectMs: 1, http: httpData({ status: null, ended: 'stalled' }) },
      { role: 'sample', startMs: 1000 },
    );
    const ok = seen('http', 'ok', { connectMs: 1, http: httpData({ status: 200 }) });
    expect(serviceFacts(view({ service: 'http', port: 80 }, ok, silent))).toMatchObject({
      'http.askedAgain': null,
      'http.wavers': null,
      'service.healthy': true,
    });
  });
  test.each([
    ['long enough, where others were answered at once', 1500, 75, true],
    ['not long enough', 1499, 5, null],
    ['not long enough for a server that is slow', 1500, 76, null],
  ])('and waited for without an answer, %s', (_, waitedMs, usualMs, wavers) => {
    const silent = seen(
      'http',
      'stalled',
      { connectMs: 1, http: httpData({ status: null, ended: 'stalled', firstByteMs: null }) },
      { role: 'sample', startMs: 1000 },
    );
    const ok = seen('http', 'ok', { connectMs: 1, http: httpData({ status: 200, firstByteMs: usualMs }) });
    const both = view({ service: 'http', port: 80 }, ok, { ...silent, durationMs: 1000 + waitedMs });
    expect(serviceFacts(both)).toMatchObject({
      'http.wavers': wavers,
      'http.againFailing': wavers === null ? null : 1,
      'service.healthy': wavers === null,
    });
  });
  test('was not: nothing is known', () => {
    expect(facts(200)).toMatchObject({
      'http.askedAgain': null,
      'http.againFailing': null,
      'http.wavers': null,
    });
  });
});

test('429 is a limit in the words of HTTP, no other status is', () => {
  const facts = (status: number, reason: string) =>
    serviceFacts(
      view(
        { service: 'http', port: 80 },
        seen('http', 'ok', { connectMs: 1, http: httpData({ status, reason }) }),
      ),
    );
  expect(facts(429, '')).toMatchObject({
    'service.wordMeans': 'limit',
    'service.wordCode': '429',
    'service.word': 'Too Many Requests',
  });
  expect([facts(428, 'x'), facts(430, 'x')].map((f) => f['service.wordMeans'])).toEqual([null, null]);
});

test.each([
  [1000, 1, false],
  [1001, 1, true],
  [1001, 100, true],
  [1001, 101, false],
])('an answer after %i ms, the handshake took %i ms: slow is %s', (firstByteMs, connectMs, slow) => {
  const plain = seen('http', 'ok', { connectMs, http: httpData({ firstByteMs }) });
  expect(serviceFacts(view({ service: 'http', port: 80 }, plain))['service.slow']).toBe(slow);
});

test.each([
  [
    '450',
    '450 4.7.25 <unknown[192.0.2.9]>: Client host rejected: cannot find your reverse hostname',
    true,
    true,
  ],
  ['450', '450 4.7.1 Client host rejected: cannot find your hostname, [192.0.2.9]', true, true],
  [
    '550',
    '550 5.7.25 [192.0.2.9] The IP address sending this message does not have a PTR record',
    false,
    true,
  ],
  ['554', '554 5.7.1 Service unavailable; client host blocked', false, false],
  ['1130', "Host '192.0.2.9' is not allowed to connect", null, false],
])('%s %s: for now %s, for want of a reverse name %s', (code, text, isForNow, isForName) => {
  const refusal = seen('greeting', 'refuses', {
    connectMs: 1,
    firstByteMs: 2,
    ended: 'answered',
    heard: 'smtp',
    text,
    word: { means: 'denied', code, text },
    tlsOffered: null,
    tls: null,
  });
  const facts = serviceFacts(view({ service: 'smtp', port: 25 }, refusal));
  expect([facts['service.wordTemporary'], facts['service.wantsReverseName']]).toEqual([isForNow, isForName]);
});

describe('silence, and other words', () => {
  const redis = { service: 'redis', port: 6379 };
  const quiet = seen('greeting', 'stalled', {
    connectMs: 1,
    firstByteMs: null,
    ended: 'stalled',
    heard: null,
    text: null,
    word: null,
    tlsOffered: null,
    tls: null,
  });
  const hello = (ended: 'closed' | 'stalled') =>
    seen('tls', ended, { connectMs: 1, tls: tlsData({ ended, chain: [] }), http: null, inside: null });
  const shape = (name: string, ended: string, lastedMs = 5) => ({
    name,
    ttl: null,
    ended,
    receivedBytes: 0,
    lastedMs,
    protocol: null,
    unacked: 0,
  });
  const shapes = (...variants: object[]) =>
    seen('stall', 'unclear', { variants, mtu: null, resetTtl: null, lastHop: null }, { request: 'question' });
  const closes = (...more: Observation[]) =>
    serviceFacts(view(redis, quiet, ...more))['service.closesOtherWords'];

  test('a program that hangs up on other words is awake', () => {
    expect(closes(hello('closed'))).toBe(true);
    expect(closes(shapes(shape('plain-http', 'stalled'), shape('proxy-header', 'reset')))).toBe(true);
  });
  test('one that answers other words is awake, too', () => {
    const answers = (...more: Observation[]) =>
      serviceFacts(view(redis, quiet, ...more))['service.answersOtherWords'];
    const plainly = tlsData({ ended: 'answered', chain: [], plainText: 'HTTP/1.1 400 Bad request' });
    expect([
      answers(seen('tls', 'not-tls', { connectMs: 1, tls: plainly, http: null, inside: null })),
      answers(hello('stalled'), shapes(shape('proxy-header', 'answered'))),
      answers(hello('closed')),
      answers(hello('stalled')),
      answers(shapes(shape('as-is', 'answered'))),
      answers(),
    ]).toEqual([true, true, false, false, null, null]);
  });
  test('silence for all of them is silence, and the same question again is no other word', () => {
    expect(closes(hello('stalled'), shapes(shape('plain-http', 'stalled')))).toBe(false);
    expect(closes(shapes(shape('as-is', 'closed')))).toBeNull();
    expect(closes()).toBeNull();
  });

  test('how long a cut took is the shorter of two that ended so', () => {
    const cut = {
      ...seen('http', 'closed', { connectMs: 1, http: httpData({ status: null, ended: 'closed' }) }),
    };
    const cutAfter = (...more: Observation[]) =>
      serviceFacts(view({ service: 'http', port: 80 }, { ...cut, durationMs: 1300 }, ...more))[
        'service.cutAfterS'
      ];
    expect([
      cutAfter(),
      cutAfter(shapes(shape('as-is', 'closed', 40))),
      cutAfter(shapes(shape('as-is', 'closed', 3000))),
      cutAfter(shapes(shape('as-is', 'stalled', 40))),
      cutAfter(shapes(shape('plain-http', 'closed', 40))),
    ]).toEqual([1.3, 0, 1.3, 1.3, 1.3]);
  });
});
