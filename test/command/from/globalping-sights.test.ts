/** What public probes bring, as it is judged: views, sights, and evidence that can be saved. */
import fc from 'fast-check';
import * as v from 'valibot';
import { afterEach, describe, expect, it } from 'vitest';
import { EVIDENCE_SCHEMA, OBSERVATION_SCHEMA } from '../../../src/command/evidence-schema.ts';
import { lookFromElsewhere } from '../../../src/command/from/collect.ts';
import type { Done } from '../../../src/command/from/globalping/sighted.ts';
import { sightedBy } from '../../../src/command/from/globalping/sighted.ts';
import { sightsOf } from '../../../src/judge/readings/elsewhere.ts';
import { anySign } from '../../any-sign.ts';
import { connect, evidence } from '../../evidence.ts';
import { type FakeProbe, type FakeService, fakeGlobalping } from './fake-globalping.ts';

const TARGET = '9.9.9.9';
const PATH = ['100.64.0.1', '62.1.1.1', '62.2.2.2'];
const probe = (city: string, asn: number, sees: FakeProbe['sees'], more: Partial<FakeProbe> = {}) => ({
  country: 'DE',
  city,
  asn,
  network: 'A network',
  sees,
  ...more,
});

const running: FakeService[] = [];
afterEach(async () => {
  await Promise.all(running.splice(0).map((one) => one.close()));
});

const SILENT = evidence(
  { target: { host: TARGET, port: 443 } },
  connect('timeout', { address: TARGET, port: 443 }),
);

async function seen(probes: FakeProbe[], from = 'globalping:DE,4') {
  const service = await fakeGlobalping({ probes });
  running.push(service);
  const with_ = await lookFromElsewhere(SILENT, [from], {
    signal: new AbortController().signal,
    globalping: { url: service.url, token: null },
    tell: () => {},
  });
  return with_;
}

describe('several probes of one --from', () => {
  it('are views of their own; one that failed is none of the sights', async () => {
    const found = await seen([
      probe('Berlin', 1, { [`${TARGET} 443`]: { is: 'open', path: PATH } }),
      probe('Bremen', 2, { [`${TARGET} 443`]: { is: 'refused', path: PATH } }),
      probe('Bonn', 3, {}, { ends: { ping: 'offline', traceroute: 'offline' } }),
      probe('Bochum', 4, { [`${TARGET} 443`]: { is: 'dropped', path: PATH } }),
    ]);
    expect(found.views?.map(({ name, by, ok, place }) => [name, by, ok, place])).toEqual([
      ['here', null, true, undefined],
      ['from-1', 'globalping:DE,4#1', true, 'Berlin, DE, AS1'],
      ['from-2', 'globalping:DE,4#2', true, 'Bremen, DE, AS2'],
      ['from-3', 'globalping:DE,4#3', false, undefined],
      ['from-4', 'globalping:DE,4#4', true, 'Bochum, DE, AS4'],
    ]);
    expect(
      sightsOf(found).map(({ view, target, boundary, proves }) => [view, target?.outcome, boundary, proves]),
    ).toEqual([
      ['here', 'timeout', null, false],
      ['from-1', 'open', { hop: 3, address: '62.2.2.2' }, true],
      ['from-2', 'refused', { hop: 3, address: '62.2.2.2' }, true],
      ['from-4', 'timeout', { hop: 3, address: '62.2.2.2' }, false],
    ]);
    expect(v.safeParse(EVIDENCE_SCHEMA, JSON.parse(JSON.stringify(found))).success).toBe(true);
  });
});

describe('whatever a service answers', () => {
  const PROBE = { country: 'DE', city: 'Berlin', asn: 1, network: 'A network' };
  const odd = fc.oneof(
    fc.constantFrom(
      null,
      '',
      TARGET,
      '1.2.3.4',
      '\u001b[2J',
      'NOERROR',
      'A',
      'finished',
      -1,
      0,
      2,
      20,
      1e300,
    ),
    fc.string({ unit: anySign, maxLength: 30 }),
    fc.double(),
  );
  const object = (...keys: string[]) =>
    fc.record(Object.fromEntries(keys.map((key) => [key, odd])), { requiredKeys: [] });
  const few = <T>(one: fc.Arbitrary<T>) => fc.oneof(fc.array(one, { maxLength: 5 }), odd);
  const result = fc.record(
    {
      status: fc.oneof({ weight: 5, arbitrary: fc.constant('finished') }, fc.string()),
      rawOutput: odd,
      resolvedAddress: odd,
      statusCodeName: odd,
      stats: object('total', 'rcv'),
      timings: few(object('rtt')),
      answers: few(object('type', 'value')),
      hops: few(fc.record({ resolvedAddress: odd, timings: few(object('rtt')) }, { requiredKeys: [] })),
    },
    { requiredKeys: ['status'] },
  );
  const kinds = ['ping', 'traceroute', 'dns'] as const;

  it('it makes observations that evidence may hold', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.constantFrom(...kinds), result), { maxLength: 6 }), (all) => {
        const done = all.map(
          ([what, one]): Done => ({
            what,
            target: what === 'dns' ? 'db.example.com' : TARGET,
            port: 443,
            role: 'target',
            startedAt: '2026-11-28T00:00:00.000Z',
            durationMs: 5,
            results: { ok: true, results: [{ probe: PROBE, result: one as { status: string } }] },
          }),
        );
        for (const sighted of sightedBy(0, PROBE, done)) {
          const frame = { id: 'x', raw: null, command: null, enable: null, final: true };
          const read = v.safeParse(OBSERVATION_SCHEMA, { ...frame, ...sighted });
          expect(read.issues).toBeUndefined();
        }
      }),
    );
  });
});
