import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compareReports } from '../../src/judge/compare.ts';
import type { Observation } from '../../src/model/probes.ts';
import type { Path, Report } from '../../src/model/report.ts';
import { changeWords, renderComparison } from '../../src/report/comparison.ts';
import { SAMPLES } from '../report/samples.ts';

const PLAIN = { color: false, unicode: true, width: 80, verbose: false };
const samples = Object.values(SAMPLES);
const healthy = SAMPLES.healthy as Report;

const words = (before: Report, after: Report) => compareReports(before, after).changes.map(changeWords);
const same = (report: Report): Report => structuredClone(report);

function path(...addresses: (string | null)[]): Path {
  return {
    method: 'tcp-syn',
    port: 443,
    address: '192.0.2.10',
    reached: addresses.at(-1) === '192.0.2.10',
    lastHop: addresses.findLastIndex((one) => one !== null) + 1 || null,
    hops: addresses.map((address, index) => ({
      hop: index + 1,
      address,
      name: null,
      rttMs: null,
      answer: address === null ? 'silence' : 'time-exceeded',
    })),
  };
}

const dns = (address: string | null, extra: object = {}): Observation =>
  ({
    ...(healthy.observations[0] as Observation),
    id: 'dns-1',
    probe: 'dns',
    input: {
      resolver: '10.0.0.1',
      port: 53,
      host: 'www.example.com',
      configured: true,
      timeoutMs: 5000,
      searchDomains: [],
      ndots: 1,
    },
    outcome: 'answered',
    data: {
      answers: [
        {
          type: 'A',
          name: 'www.example.com',
          outcome: 'answered',
          rcode: address === null ? 'NXDOMAIN' : 'NOERROR',
          addresses: address === null ? [] : [address],
          cnames: [],
          ttlSeconds: 60,
          extendedErrors: [],
          transport: 'udp',
          elapsedMs: 2,
          ignored: null,
          authoritative: false,
          ...extra,
        },
      ],
    },
  }) as Observation;

/** What a TLS server said, as far as a comparison reads it. */
const SPOKEN = {
  connectMs: 12,
  http: null,
  tls: {
    chain: [{ subject: 'CN=www.example.com', issuer: 'CN=R1', notAfter: '2026-12-20T12:00:00.000Z' }],
    trustCode: null as string | null,
    nameMatches: true,
    version: 'TLSv1.3',
    handshakeMs: 20,
  },
};

describe('two runs', () => {
  it.each(Object.entries(SAMPLES))('%s is no different from itself', (_, report) => {
    const { changes } = compareReports(report, same(report));
    expect(changes).toEqual([]);
    expect(renderComparison(compareReports(report, same(report)), PLAIN)).toMatch(/^Nothing changed\.\n/);
  });

  it('every subject is either changed, the same, or not compared', () => {
    for (const before of samples)
      for (const after of samples) {
        const { changes, same: unchanged, notCompared } = compareReports(before, after);
        const told = [...changes, ...notCompared].map(({ about }) => about);
        expect(new Set([...told, ...unchanged]).size).toBe(12);
        expect(told.filter((about) => unchanged.includes(about))).toEqual([]);
      }
  });

  it('turned round, the same subjects change', () => {
    fc.assert(
      fc.property(fc.constantFrom(...samples), fc.constantFrom(...samples), (one, other) => {
        const subjects = (a: Report, b: Report) => compareReports(a, b).changes.map(({ about }) => about);
        expect(subjects(other, one)).toEqual(subjects(one, other));
      }),
    );
  });

  it('a port that is dropped on the way and then works', () => {
    const before = SAMPLES['router-drops-the-port'] as Report;
    const after: Report = {
      ...before,
      outcome: 'reachable',
      causes: [],
      target: {
        ...before.target,
        addresses: before.target.addresses.map((one) => ({ ...one, outcome: 'open' as const })),
      },
    };
    const said = words(before, after);
    expect(said).toContain('Outcome: unreachable before, reachable now.');
    expect(said.some((line) => line.startsWith('The cause is gone: "'))).toBe(true);
    expect(said.some((line) => line.endsWith('no answer before, accepts connections now.'))).toBe(true);
  });
});

it.each([
  [0.79, 0],
  [0.81, 1],
  [0.41, 0],
  [0.39, 1],
])(
  'the same lead that claimed 0.6 and claims %d now: %i change, for a fifth is one',
  (confidence, changes) => {
    const before = same(SAMPLES['router-drops-the-port'] as Report);
    const claiming = (claimed: number): Report => ({
      ...before,
      causes: before.causes.map((one, i) => (i === 0 ? { ...one, confidence: claimed } : one)),
    });
    const { changes: found } = compareReports(claiming(0.6), claiming(confidence));
    expect(found.map(({ about }) => about)).toEqual(Array.from({ length: changes }, () => 'cause'));
  },
);

describe('what was not measured', () => {
  it('is no change: a path that only one run traced', () => {
    const traced = { ...same(healthy), paths: [path('10.0.0.1', '192.0.2.10')] };
    const { changes, notCompared } = compareReports({ ...healthy, paths: [] }, traced);
    expect(changes).toEqual([]);
    expect(notCompared).toContainEqual({ about: 'path', missing: 'before' });
  });

  it('is no change: a hop that was silent once', () => {
    const before = { ...healthy, paths: [path('10.0.0.1', null, '192.0.2.10')] };
    const after = { ...healthy, paths: [path('10.0.0.1', '198.51.100.1', '192.0.2.10')] };
    expect(words(before, after)).toEqual([]);
  });

  it('is no change: an address that was listed and not tried', () => {
    const listed = (outcome: 'open' | 'not-tried'): Report => ({
      ...healthy,
      target: {
        ...healthy.target,
        addresses: [
          ...healthy.target.addresses,
          { address: '192.0.2.11', family: 4, source: 'dns', outcome },
        ],
      },
    });
    expect(words(listed('open'), listed('not-tried'))).toEqual([]);
    expect(words(healthy, listed('open'))).toEqual([
      '192.0.2.11 is new among the addresses: accepts connections.',
    ]);
    expect(words(listed('open'), healthy)).toEqual(['192.0.2.11 is no longer among the addresses.']);
  });
});

describe('what changed', () => {
  it('another router, told once for all traces, and another end', () => {
    const icmp = (of: Path): Path => ({ ...of, method: 'icmp', port: null });
    const before = path('10.0.0.1', '198.51.100.1', '192.0.2.10');
    const after = path('10.0.0.1', '198.51.100.9', null);
    expect(
      words({ ...healthy, paths: [before, icmp(before)] }, { ...healthy, paths: [after, icmp(after)] }),
    ).toEqual([
      'Path (TCP 443): hop 2 was 198.51.100.1, and is 198.51.100.9.',
      'Path (TCP 443): it reached the host before, it fell silent after hop 2 (198.51.100.9) now.',
      'Path (ICMP): it reached the host before, it fell silent after hop 2 (198.51.100.9) now.',
    ]);
  });

  it('what a resolver says, whatever the order of its addresses', () => {
    const saying = (observation: Observation): Report => ({ ...healthy, observations: [observation] });
    expect(words(saying(dns('192.0.2.10')), saying(dns(null)))).toEqual([
      'Resolver 10.0.0.1 (A): 192.0.2.10 before, NXDOMAIN now.',
    ]);
    const two = (...addresses: string[]) => saying(dns('', { addresses }));
    expect(words(two('192.0.2.1', '192.0.2.2'), two('192.0.2.2', '192.0.2.1'))).toEqual([]);
  });

  it('the resolvers and addresses of this machine', () => {
    const at = (resolvers: string[], addresses: string[]): Report => ({
      ...healthy,
      vantage: { ...healthy.vantage, resolvers, addresses },
    });
    expect(words(at(['10.0.0.1'], ['10.0.0.5']), at(['10.0.0.1', '192.0.2.53'], ['10.8.0.2']))).toEqual([
      'Resolvers of this machine: 192.0.2.53 is new.',
      'Addresses of this machine: 10.0.0.5 is gone, 10.8.0.2 is new.',
    ]);
  });

  it('the certificate, field by field', () => {
    const [leaf] = SPOKEN.tls.chain;
    const tls = (changed: object): Report => ({
      ...healthy,
      observations: [
        {
          ...(healthy.observations[0] as Observation),
          probe: 'tls',
          input: { address: '192.0.2.10', port: 443 },
          outcome: 'ok',
          data: { ...SPOKEN, tls: { ...SPOKEN.tls, ...changed } },
        } as unknown as Observation,
      ],
    });
    const renewed = {
      chain: [{ ...leaf, notAfter: '2027-11-20T12:00:00.000Z' }],
      trustCode: 'CERT_HAS_EXPIRED',
    };
    expect(words(tls({}), tls(renewed))).toEqual([
      expect.stringMatching(
        /^Certificate of 192\.0\.2\.10: valid until .* before, 2027-11-20T12:00:00\.000Z now\.$/,
      ),
      'Certificate of 192.0.2.10: trusted before, CERT_HAS_EXPIRED now.',
    ]);
  });

  it.each([
    [4, 49, 0],
    [4, 60, 1],
    [100, 149, 0],
    [100, 190, 0],
    [100, 200, 1],
    [400, 40, 1],
  ])('a name that took %i ms and takes %i ms: %i changes', (before, after, count) => {
    const taking = (durationMs: number): Report => ({
      ...healthy,
      observations: healthy.observations
        .filter(({ probe }) => probe === 'system-resolve')
        .map((one) => ({ ...one, durationMs })),
    });
    expect(compareReports(taking(before), taking(after)).changes).toHaveLength(count);
  });

  it.each([
    [100, 49, 1],
    [40, 89, 0],
    [40, 90, 1],
    [50, 100, 1],
    [60, 119, 0],
  ])('a name that took %i ms and takes %i ms: the bounds of %i changes', (before, after, count) => {
    const taking = (durationMs: number): Report =>
      saying({ probe: 'system-resolve', outcome: 'resolved', durationMs });
    expect(compareReports(taking(before), taking(after)).changes).toHaveLength(count);
  });

  it('a stranger in a saved report reaches no terminal', () => {
    const evil = { ...healthy, vantage: { ...healthy.vantage, resolvers: ['\u001b]0;x\u0007\u202e'] } };
    const text = renderComparison(compareReports(healthy, evil), PLAIN);
    expect(text).not.toMatch(/[\u001b\u0007\u202e]/);
    expect(text).toContain('\\x1b]0;x\\x07');
  });
});

/** The healthy report with one observation alone. */
function saying(...observations: object[]): Report {
  return {
    ...healthy,
    observations: observations.map(
      (one) =>
        ({ ...(healthy.observations[0] as Observation), final: true, data: null, ...one }) as Observation,
    ),
  };
}
const missing = (about: string, before: Report, after: Report) =>
  compareReports(before, after).notCompared.find((one) => one.about === about)?.missing ?? null;

describe('what is known of one run alone', () => {
  const none = saying();
  const phase = (probe: string, data: object, more: object = {}) =>
    saying({ probe, outcome: 'ok', input: { address: '192.0.2.10', port: 443 }, data, ...more });
  it.each<[string, Report]>([
    ['answers', saying(dns('192.0.2.10'))],
    ['certificate', phase('tls', SPOKEN)],
    ['certificate', phase('greeting', SPOKEN)],
    ['service', phase('ssh', { firstByteMs: 3 })],
    ['times', saying({ probe: 'system-resolve', outcome: 'resolved', durationMs: 4 })],
    ['resolvers', { ...none, vantage: { ...none.vantage, resolvers: ['10.0.0.1'] } }],
    ['vantage', { ...none, vantage: { ...none.vantage, addresses: ['10.0.0.5'] } }],
    ['path', { ...none, paths: [path('10.0.0.1')] }],
    [
      'addresses',
      {
        ...none,
        target: {
          ...none.target,
          addresses: [{ address: '192.0.2.10', family: 4, source: 'dns', outcome: 'open' }],
        },
      },
    ],
    ['place', { ...none, causes: [{ id: 'x', where: { kind: 'host' } }] as never }],
    ['cause', { ...none, outcome: 'reachable' }],
  ])('%s', (about, known) => {
    const unknown: Report = {
      ...none,
      outcome: 'undetermined',
      causes: [],
      paths: [],
      vantage: { ...none.vantage, resolvers: [], addresses: [] },
      target: { ...none.target, addresses: [] },
    };
    const filled =
      about === 'cause'
        ? { ...unknown, outcome: known.outcome }
        : {
            ...unknown,
            observations: known.observations,
            vantage: known.vantage,
            paths: known.paths,
            causes: known.causes,
            target: known.target,
          };
    const only =
      about === 'resolvers' || about === 'vantage'
        ? {
            ...unknown,
            vantage: {
              ...unknown.vantage,
              [about === 'vantage' ? 'addresses' : 'resolvers']:
                about === 'vantage' ? known.vantage.addresses : known.vantage.resolvers,
            },
          }
        : filled;
    expect(missing(about, unknown, only)).toBe('before');
    expect(missing(about, only, unknown)).toBe('after');
    expect(missing(about, unknown, unknown)).toBe('both');
    expect(missing(about, only, only)).toBeNull();
  });

  it('two runs that measured different things cannot be compared, though each knows something', () => {
    expect(missing('service', phase('ssh', {}), phase('http', { http: { status: 200 } }))).toBe('both');
    expect(
      missing(
        'path',
        { ...none, paths: [path('10.0.0.1')] },
        { ...none, paths: [{ ...path('10.0.0.1'), port: 80 }] },
      ),
    ).toBe('both');
    expect(
      missing(
        'times',
        saying({ probe: 'system-resolve', outcome: 'resolved', durationMs: 4 }),
        phase('ping', { minMs: 4 }),
      ),
    ).toBe('both');
  });
});

describe('what a service says', () => {
  const said = (probe: string, outcome: string, more: object = {}) =>
    saying({ probe, outcome, input: { address: '192.0.2.10', port: 443, ...more }, data: null });
  it.each<[string, Report, Report, number]>([
    ['another outcome', said('ssh', 'ok'), said('ssh', 'stalled'), 1],
    ['the same', said('ssh', 'ok'), said('ssh', 'ok'), 0],
    ...['failed', 'not-available', 'cancelled'].map((outcome): [string, Report, Report, number] => [
      `${outcome} says nothing`,
      said('ssh', 'ok'),
      said('ssh', outcome),
      0,
    ]),
    [
      'a redirect is another conversation',
      said('http', 'ok'),
      said('http', 'stalled', { role: 'redirect' }),
      0,
    ],
    ['another port is another conversation', said('tls', 'ok'), said('tls', 'stalled', { port: 80 }), 0],
    ['a greeting', said('greeting', 'ok'), said('greeting', 'closed'), 1],
    [
      'what was still at work',
      said('ssh', 'ok'),
      saying({ ...said('ssh', 'stalled').observations[0], final: false }),
      0,
    ],
    [
      'what another program said',
      said('ssh', 'ok'),
      saying({ ...said('ssh', 'stalled').observations[0], told: {} }),
      0,
    ],
  ])('%s', (_, before, after, count) => {
    expect(compareReports(before, after).changes.filter(({ about }) => about === 'service')).toHaveLength(
      count,
    );
  });

  it('with the status of its answer', () => {
    const status = (code: number) =>
      saying({
        probe: 'http',
        outcome: 'ok',
        input: { address: '192.0.2.10', port: 80 },
        data: { http: { status: code } },
      });
    expect(compareReports(status(200), status(503)).changes).toEqual([
      {
        about: 'service',
        probe: 'http',
        address: '192.0.2.10',
        before: 'ok, HTTP 200',
        after: 'ok, HTTP 503',
      },
    ]);
  });
});

describe('what a resolver says', () => {
  const answers = (address: string | null, more: object = {}, input: object = {}) => {
    const one = dns(address, more);
    return saying({ ...one, input: { ...one.input, ...input } });
  };
  it.each<[string, Report, Report, string[][]]>([
    [
      'no address',
      answers('192.0.2.10'),
      answers(null, { rcode: 'NOERROR' }),
      [['192.0.2.10'], ['no address']],
    ],
    [
      'no address, and no word of why',
      answers('192.0.2.10'),
      answers(null, { rcode: null }),
      [['192.0.2.10'], ['no address']],
    ],
    [
      'a failure',
      answers('192.0.2.10'),
      answers(null, { rcode: 'SERVFAIL' }),
      [['192.0.2.10'], ['SERVFAIL']],
    ],
    ['silence', answers('192.0.2.10'), answers(null, { outcome: 'timeout' }), [['192.0.2.10'], ['timeout']]],
    [
      'of a name that was made up to see who lies',
      answers('192.0.2.10', {}, { nonsense: true }),
      answers(null, {}, { nonsense: true }),
      [],
    ],
    ['of another resolver', answers('192.0.2.10'), answers(null, {}, { resolver: '10.0.0.2' }), []],
    ['of another type', answers('192.0.2.10'), answers(null, { type: 'AAAA' }), []],
    ['of another name', answers('192.0.2.10'), answers(null, { name: 'www.example.com.lan' }), []],
  ])('%s', (_, before, after, said) => {
    const changes = compareReports(before, after).changes.filter(({ about }) => about === 'answers');
    expect(changes.flatMap((one) => ('before' in one ? [one.before, one.after] : []))).toEqual(said);
  });
});

describe('the cause', () => {
  const judged = (...causes: [id: string, confidence: number, hop?: number][]): Report => ({
    ...healthy,
    outcome: 'unreachable',
    causes: causes.map(([id, confidence, hop = 3]) => ({
      id,
      title: id,
      confidence,
      where: { kind: 'hop', hop },
    })) as never,
  });
  const about = (subject: string, before: Report, after: Report) =>
    compareReports(before, after).changes.filter((one) => one.about === subject).length;
  it.each<[string, Report, Report, number]>([
    ['the same', judged(['a', 0.8]), judged(['a', 0.8]), 0],
    ['surer by less than a fifth', judged(['a', 0.5]), judged(['a', 0.69]), 0],
    ['surer by a fifth', judged(['a', 0.5]), judged(['a', 0.75]), 1],
    ['less sure by a fifth', judged(['a', 0.75]), judged(['a', 0.5]), 1],
    ['another', judged(['a', 0.5]), judged(['b', 0.5]), 1],
    ['another that is less likely', judged(['a', 0.5], ['b', 0.1]), judged(['a', 0.5], ['c', 0.1]), 0],
    ['new, and unlikely', judged(), judged(['a', 0.1]), 1],
  ])('%s', (_, before, after, count) => {
    expect(about('cause', before, after)).toBe(count);
  });
  it('and where it is', () => {
    expect(about('place', judged(['a', 0.5, 3]), judged(['b', 0.5, 3]))).toBe(0);
    expect(about('place', judged(['a', 0.5, 3]), judged(['a', 0.5, 4]))).toBe(1);
    expect(about('place', judged(['a', 0.5, 3], ['b', 0.1, 1]), judged(['a', 0.5, 3], ['b', 0.1, 2]))).toBe(
      0,
    );
  });
});

describe('the path', () => {
  const ends = (lastHop: number | null, reached = false): Report => ({
    ...healthy,
    paths: [{ ...path('10.0.0.1', '10.0.1.1', '10.0.2.1'), lastHop, reached }],
  });
  const changes = (before: Report, after: Report) =>
    compareReports(before, after).changes.filter(({ about }) => about === 'path');
  it.each<[string, Report, Report, number]>([
    ['ends where it ended', ends(2), ends(2), 0],
    ['ends a hop later', ends(2), ends(3), 1],
    ['reaches the host by another number of hops', ends(2, true), ends(3, true), 0],
    ['no longer reaches the host', ends(3, true), ends(3, false), 1],
  ])('%s', (_, before, after, count) => {
    expect(changes(before, after)).toHaveLength(count);
  });
  it('a UDP trace counts its port up, and is the same trace', () => {
    const udp = (port: number): Report => ({
      ...healthy,
      paths: [{ ...path('10.0.0.1'), method: 'udp', port, lastHop: port % 2 }],
    });
    expect(changes(udp(33_434), udp(33_435))).toHaveLength(1);
  });
  it('is called by its protocol', () => {
    const called = (method: string, port: number | null) => {
      const at = (lastHop: number): Report => ({
        ...healthy,
        paths: [{ ...path('10.0.0.1', '10.0.1.1'), method, port, lastHop } as Path],
      });
      return (changes(at(1), at(2))[0] as { what: string }).what;
    };
    expect([
      called('tcp-syn', 443),
      called('udp', 33_434),
      called('icmp', null),
      called('mtr', 443),
      called('mtr', null),
    ]).toEqual(['TCP 443', 'UDP', 'ICMP', 'mtr 443', 'mtr']);
  });
});

describe('times', () => {
  const at = (probe: string, data: object, more: object = {}) =>
    saying({
      probe,
      outcome: 'ok',
      input: { address: '192.0.2.10', port: 443, role: 'target' },
      data,
      ...more,
    });
  const attempts = (elapsedMs: number, more: object = {}) => ({
    attempts: [{ outcome: 'open', elapsedMs, ...more }],
  });
  it.each<[string, (ms: number) => Report, string | null]>([
    ['a connection', (ms) => at('tcp-connect', attempts(ms)), 'connect'],
    ['a sample', (ms) => at('tcp-connect', attempts(ms), { input: { role: 'sample' } }), 'connect'],
    [
      'a connection to another port',
      (ms) => at('tcp-connect', attempts(ms), { input: { role: 'reference-port' } }),
      null,
    ],
    ['a refusal', (ms) => at('tcp-connect', attempts(ms, { outcome: 'refused' })), null],
    ['what was not timed', (ms) => at('tcp-connect', attempts(ms, { timed: false })), null],
    ['a handshake', (ms) => at('tls', { tls: { ...SPOKEN.tls, handshakeMs: ms }, http: null }), 'tls'],
    [
      'the first octet after TLS',
      (ms) => at('tls', { tls: { ...SPOKEN.tls, handshakeMs: null }, http: { firstByteMs: ms } }),
      'first-octet',
    ],
    ['the first octet of HTTP', (ms) => at('http', { http: { firstByteMs: ms } }), 'first-octet'],
    ['the first octet of a greeting', (ms) => at('greeting', { firstByteMs: ms, tls: null }), 'first-octet'],
    ['the first octet of SSH', (ms) => at('ssh', { firstByteMs: ms }), 'first-octet'],
    ['a round trip', (ms) => at('ping', { minMs: ms }), 'round-trip'],
    [
      'a name that was not found',
      (ms) => saying({ probe: 'system-resolve', outcome: 'not-found', durationMs: ms }),
      null,
    ],
    ['no number', (ms) => at('ping', { minMs: ms === 500 ? Number.NaN : ms }), null],
  ])('%s', (_, taking, phase) => {
    const changes = compareReports(taking(10), taking(500)).changes.filter(({ about }) => about === 'times');
    expect(changes.map((one) => (one as { phase: string }).phase)).toEqual(phase === null ? [] : [phase]);
  });
  it('the least of several', () => {
    const two = (...ms: number[]) =>
      saying(
        ...ms.map((minMs, i) => ({ id: `ping-${i}`, probe: 'ping', outcome: 'replies', data: { minMs } })),
      );
    expect(compareReports(two(10, 500), two(500, 10)).changes).toEqual([]);
  });
});
