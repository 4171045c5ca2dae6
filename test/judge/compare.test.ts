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

  it('a stranger in a saved report reaches no terminal', () => {
    const evil = { ...healthy, vantage: { ...healthy.vantage, resolvers: ['\u001b]0;x\u0007\u202e'] } };
    const text = renderComparison(compareReports(healthy, evil), PLAIN);
    expect(text).not.toMatch(/[\u001b\u0007\u202e]/);
    expect(text).toContain('\\x1b]0;x\\x07');
  });
});
