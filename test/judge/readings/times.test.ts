import { describe, expect, it } from 'vitest';
import { type Phase, phasesOf, slowestOf } from '../../../src/judge/readings/times.ts';

const lookup = (host: string, durationMs: number, outcome = 'resolved') => ({
  input: { host },
  durationMs,
  outcome,
});
const connecting = (role: string, ...attempts: object[]) => ({ input: { role }, data: { attempts } });
interface Seen {
  attempts?: object[];
  roundTripMs?: number | null;
  lookups?: object[];
  connects?: object[];
  ports?: object[];
  pings?: (number | null)[];
  handshakeMs?: number | null;
  firstByteMs?: number | null;
}
const phases = ({
  attempts = [{ outcome: 'open', elapsedMs: 20 }],
  roundTripMs = 12,
  lookups = [],
  connects = [],
  ports = [],
  pings = [],
  handshakeMs = null,
  firstByteMs = null,
}: Seen) =>
  phasesOf({
    host: 'db.example.com',
    here: { 'alternate-ports': [{ data: { ports } }], ping: pings.map((minMs) => ({ data: { minMs } })) },
    all: { 'system-resolve': lookups, 'tcp-connect': connects },
    connects: { attempts, roundTripMs },
    talks: { handshake: { data: { handshakeMs } }, first: { firstByteMs } },
  } as never);
const phase = (seen: Seen, name: Phase['phase']) => phases(seen).find((one) => one.phase === name);

describe('the phases of an answer', () => {
  it('are none where the port was not accepted', () => {
    expect(phases({ attempts: [{ outcome: 'refused', elapsedMs: 2 }] })).toEqual([]);
    expect(phases({ attempts: [{ outcome: 'open', elapsedMs: 2, timed: false }] })).toEqual([]);
  });

  it('the name: the lookup that answered, beside the lookup of another name', () => {
    const failed = lookup('db.example.com', 1, 'not-found');
    expect(
      phase({ lookups: [failed, lookup('db.example.com', 300), lookup('other.example.com', 9)] }, 'name'),
    ).toMatchObject({ ms: 300, referenceMs: 9 });
    expect(
      phase({ lookups: [lookup('db.example.com', 300), lookup('other.example.com', 9, 'not-found')] }, 'name')
        ?.referenceMs,
    ).toBeNull();
    expect(phase({ lookups: [failed, lookup('other.example.com', 9)] }, 'name')).toBeUndefined();
  });

  it('the connection: the quickest that was timed', () => {
    const attempts = [
      { outcome: 'open', elapsedMs: 20 },
      { outcome: 'open', elapsedMs: 11 },
      { outcome: 'open', elapsedMs: 1, timed: false },
      { outcome: 'refused', elapsedMs: 2 },
    ];
    expect(phase({ attempts }, 'connection')?.ms).toBe(11);
  });

  it.each<[string, Seen, number | null]>([
    ['nothing', {}, null],
    [
      'the reference host',
      {
        connects: [
          connecting('reference-host', { outcome: 'open', elapsedMs: 7 }, { outcome: 'open', elapsedMs: 6 }),
        ],
        pings: [3],
      },
      6,
    ],
    [
      'the only answer of the reference host',
      { connects: [connecting('reference-host', { outcome: 'open', elapsedMs: 7 })], pings: [3] },
      7,
    ],
    [
      'a reference host that refused',
      { connects: [connecting('reference-host', { outcome: 'refused', elapsedMs: 7 })], pings: [3] },
      3,
    ],
    ['the target itself', { connects: [connecting('target', { outcome: 'open', elapsedMs: 7 })] }, null],
    ['another port that was open', { ports: [{ outcome: 'open', elapsedMs: 8 }], pings: [9, null] }, 8],
    ['another port that refused', { ports: [{ outcome: 'refused', elapsedMs: 8 }] }, 8],
    ['another port that was silent', { ports: [{ outcome: 'timeout', elapsedMs: 8 }] }, null],
    ['another port that was not timed', { ports: [{ outcome: 'open', elapsedMs: 8, timed: false }] }, null],
    ['ping', { ports: [{ outcome: 'open', elapsedMs: 8 }], pings: [5] }, 5],
  ])('the connection is compared with %s', (_, seen, referenceMs) => {
    expect(phase(seen, 'connection')?.referenceMs).toBe(referenceMs);
  });

  it('TLS takes two round trips where nothing is slow, the answer one', () => {
    expect(phase({ handshakeMs: 80 }, 'tls')).toMatchObject({ ms: 80, referenceMs: 24 });
    expect(phase({ firstByteMs: 80 }, 'answer')).toMatchObject({ ms: 80, referenceMs: 12 });
    expect(phase({ firstByteMs: 80, roundTripMs: null }, 'answer')).toMatchObject({ referenceMs: 0 });
    expect(phase({}, 'tls')).toBeUndefined();
    expect(phase({}, 'answer')).toBeUndefined();
  });
});

describe('what takes long', () => {
  const of = (name: Phase['phase'], ms: number, referenceMs: number | null): Phase => ({
    phase: name,
    ms,
    referenceMs,
  });
  it.each<[string, Phase[], string | null]>([
    ['nothing', [], null],
    ['249 ms more than its reference', [of('tls', 259, 10)], null],
    ['250 ms more than its reference', [of('tls', 260, 10)], 'tls'],
    ['250 ms, and nothing to compare with', [of('name', 250, null)], 'name'],
    ['a long way, for all that is known', [of('connection', 900, null)], null],
    ['a connection that is slower than another', [of('connection', 900, 10)], 'connection'],
    [
      'the one that takes longest beyond its reference',
      [of('name', 400, 0), of('tls', 900, 600), of('answer', 500, 0)],
      'answer',
    ],
    ['of two alike the first', [of('name', 400, 0), of('answer', 400, 0)], 'name'],
  ])('%s', (_, some, slowest) => {
    expect(slowestOf(some)?.phase ?? null).toBe(slowest);
  });
});
