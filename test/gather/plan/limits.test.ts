import { describe, expect, it } from 'vitest';
import { isDecided, isWanted, nextSteps } from '../../../src/gather/plan/index.ts';
import { possibleEnds } from '../../../src/gather/plan/possible-ends.ts';
import { seekersOf } from '../../../src/gather/plan/seekers.ts';
import { readingsOf } from '../../../src/judge/readings/index.ts';
import type { PacketCounters } from '../../../src/model/measured.ts';
import type { Observation, Step, StepOf } from '../../../src/model/probes.ts';
import {
  attempt,
  connect,
  evidence,
  HOST,
  type Hop,
  localNetwork,
  observation,
  QUIET,
  rejects,
  resolved,
  trace,
  type Wish,
} from '../../evidence.ts';

/** How many, how often and for how long: both sides of what the plan counts. */
const R1 = '10.0.0.1';
const R2 = '10.0.1.1';
const NAME = 'db.example.com';
const plan = (wish: Wish, ...seen: Observation[]): Step[] => nextSteps(readingsOf(evidence(wish, ...seen)));
const step = <P extends Step['probe']>(steps: Step[], id: string) =>
  steps.find((one) => one.id === id) as StepOf<P>;
const working = (probe: Step['probe'], id: string, input: object): Step =>
  ({ id, probe, input }) as unknown as Step;

describe('other ports are asked', () => {
  const asked = (...seen: Observation[]) =>
    step<'alternate-ports'>(plan({}, ...seen), 'alternate-ports-1').input.ports;
  it('four, and one that is most likely closed, of however many a service uses', () => {
    const http = { target: { port: 8088, service: 'http', serviceNamed: true } };
    const steps = plan(http, connect('pending', { port: 8088 }));
    expect(step<'alternate-ports'>(steps, 'alternate-ports-1').input.ports).toHaveLength(5);
    expect(asked(connect('pending'))).toHaveLength(5);
  });
  it('two and that one, where a router rejects, which sends few ICMP errors', () => {
    expect(asked(connect('unreachable'), trace('target', [R1, rejects(R1)]))).toHaveLength(3);
  });
});

describe('samples, for who says that it comes and goes', () => {
  it.each([
    [6000, 3, 1000],
    [7100, 3, 1000],
    [8000, 4, 1000],
    [64_000, 60, 1000],
    [300_000, 60, 5000],
  ])('in %i ms: %i, %i ms apart', (maxTimeMs, many, apartMs) => {
    const steps = plan({ maxTimeMs, answers: { symptom: 'intermittent' } }, connect('open'));
    const { startsMs } = step<'tcp-connect'>(steps, 'tcp-sample-1').input;
    expect([startsMs.length, startsMs[1]! - startsMs[0]!]).toEqual([many, apartMs]);
  });
});

it('source ports of either fate are asked again in turns, 150 ms apart', () => {
  const fates = ['timeout', 'open', 'open', 'timeout'] as const;
  const flows = connect('open', {
    id: 'tcp-more-1',
    role: 'sample',
    attempts: fates.map((one, i) => attempt(one, { sourcePort: 40_001 + i, startMs: 250 * i })),
  });
  const { input } = step<'tcp-connect'>(plan({}, connect('open'), flows), 'tcp-same-flow-1');
  expect(input).toMatchObject({
    sourcePorts: [40_001, 40_002, 40_004, 40_003],
    startsMs: [0, 150, 300, 450],
    endMs: 450 + 1250 + 12,
  });
});

describe('where nobody was heard, and packets come that are delivered to nobody', () => {
  const counting = (counters: Partial<PacketCounters> | null, ...more: Observation[]) => {
    const deaf = trace('target', ['*', '*', '*'], { counters: counters && { ...QUIET, ...counters } });
    const seen = [connect('timeout'), deaf, ...more];
    for (let turn = 0; turn < 6; turn++) {
      const wanted = plan({}, ...seen).filter(({ id }) => !seen.some((o) => o.id === id));
      const counted = step<'counted-connect'>(wanted, 'counted-connect-1');
      if (counted !== undefined) return counted.input;
      seen.push(
        ...wanted.map(({ id, probe }) => observation(probe, id, {} as never, 'timeout' as never, null)),
      );
    }
    return null;
  };
  it('three connections are counted, for 0.4 s each, after 0.15 s of quiet', () => {
    expect(counting({ undelivered: 9 })).toMatchObject({ connections: 3, timeoutMs: 400, quietMs: 150 });
  });
  it('be it one packet, and not where there was none, or nobody counted', () => {
    expect([counting({ undelivered: 1 }) !== null, counting({ undelivered: 0 }), counting(null)]).toEqual([
      true,
      null,
      null,
    ]);
  });
});

describe('the system’s lookup is waited for', () => {
  const lookup = working('system-resolve', 'resolve', { host: NAME });
  const silent = (n: number) =>
    observation('dns', `dns-${n}`, { host: NAME, configured: true } as never, 'timeout', null);
  it.each([
    [1, 0, true],
    [1, 1, false],
    [2, 1, true],
    [2, 2, false],
    [3, 2, true],
    [3, 3, false],
    [4, 3, false],
  ])('of %i resolvers %i are silent: %s', (many, silents, wanted) => {
    const resolvers = Array.from({ length: many }, (_, i) => `10.0.0.${i + 1}`);
    const seen = Array.from({ length: silents }, (_, i) => silent(i + 1));
    const run = evidence({ target: { host: NAME }, vantage: { resolvers } }, ...seen);
    expect(isWanted(lookup, readingsOf(run))).toBe(wanted);
  });
  it('no longer, once it has given one address', () => {
    const run = evidence({ target: { host: NAME } }, resolved(HOST));
    expect(isWanted(lookup, readingsOf(run))).toBe(false);
  });
});

it.each([
  [0, true],
  [1, false],
])(
  'a silent conversation whose other shape had %i octets unacknowledged is waited for: %s',
  (unacked, wanted) => {
    const input = { address: HOST } as never;
    const shape = { name: 'no-name', ended: 'stalled', unacked, protocol: null };
    const run = evidence(
      {},
      observation('http', 'http-1', input, 'stalled', null, { final: false }),
      observation('stall', 'stall-1', input, 'all-silent', { variants: [shape] } as never),
    );
    expect(isWanted(working('http', 'http-1', { address: HOST }), readingsOf(run))).toBe(wanted);
  },
);

describe('what a step may still bring', () => {
  const ends = (one: Step, ...seen: Observation[]) => {
    const run = evidence({}, ...seen);
    return possibleEnds(one, { seen: readingsOf(run), evidence: run, nowMs: Date.parse(run.startedAt) });
  };
  it.each([1, 3])('a ping of %i: all replies, or none', (count) => {
    const ping = working('ping', 'ping-1', { address: HOST, count, timeoutMs: 1000 });
    expect(ends(ping, connect('pending'))?.map(({ outcome }) => outcome)).toEqual(['no-reply', 'replies']);
  });
  it.each([
    [null, 1],
    [0, 1],
    [1, 2],
  ])('half a sweep, while %s packets were delivered to nobody: %i ends', (undelivered, many) => {
    const half = trace('target', [R1, '*', '*'], { counters: { ...QUIET, undelivered } });
    const sweep = { ...half, final: false } as Observation;
    expect(ends(working('trace-syn', half.id, half.input), connect('pending'), sweep)).toHaveLength(many);
  });
});

describe('whether more of a silent port may change the diagnosis', () => {
  const made = connect('pending', { attempts: [attempt('pending', { startMs: 0 })] });
  const port = { ...made, input: { ...made.input, startsMs: [0, 250, 500] } } as Observation;
  const told = (rttMs: number | null): Hop => ({
    answer: 'time-exceeded',
    from: R1,
    icmpType: 11,
    icmpCode: 0,
    rttMs,
  });
  /** `asks`: so many times what came calls for one step more. */
  const decided = (silentMs: number, hops: Hop[], asks = 0, ...more: Observation[]) => {
    const run = evidence({}, port, trace('target', [...hops, '*', '*', '*']), ...more);
    const verdict = { causes: [{ id: 'a', confidence: 0.6, where: null }], outcome: 'unreachable' };
    const isNames = ({ id }: { id: string }) => id.startsWith('names-');
    return isDecided(
      [working('tcp-connect', port.id, port.input)],
      readingsOf(run),
      { evidence: run, nowMs: Date.parse(run.startedAt) + silentMs },
      {
        judge: () => verdict as never,
        next: ({ observations }) => {
          const many = observations.filter(isNames).length;
          return many < asks ? [working('reverse-names', `names-${many}`, { addresses: [R1] })] : [];
        },
      },
    );
  };
  it.each<[string, number, Hop[]]>([
    ['the round trip to the only router that told', 1650, [told(50)]],
    ['the longest of two', 1680, [told(50), { ...(told(80) as object), from: R2 }]],
    ['a second, where it was asked again before it told', 2600, [told(null)]],
  ])('is known 1.6 s after the first SYN, and %s', (_, ms, hops) => {
    expect([decided(ms - 1, hops), decided(ms, hops)]).toEqual([false, true]);
  });
  it('and nothing, where nobody told and the host is a neighbour', () => {
    const found = localNetwork({ neighbour: 'REACHABLE', route: { onLink: true, gateway: null } });
    expect([1599, 1600].map((ms) => decided(ms, [], 0, found))).toEqual([false, true]);
  });
  it.each([
    [3, true],
    [4, false],
  ])('is thought of for three turns: what calls for %i steps one after the other is %s', (asks, expected) => {
    expect(decided(5000, [told(50)], asks)).toBe(expected);
  });
});

describe('a host on the same link hands nothing on', () => {
  const look = (id: string, neighbour: string) =>
    localNetwork({ id, neighbour, route: { onLink: true, gateway: null } });
  const seekers = (...states: string[]) => {
    const looks = states.map((state, i) => look(`local-network-${i}`, state));
    const run = evidence({}, connect('pending'), trace('target', ['*', '*', '*']), ...looks);
    return seekersOf(readingsOf(run).perAddress[0]!, false);
  };
  it('where the last look found it', () => {
    expect(seekers('STALE', 'REACHABLE')).toEqual([]);
    expect(seekers('REACHABLE', 'STALE')).toBeNull();
  });
});

it('who held a silent connection open is asked for TLS, and given no time of patience', () => {
  const input = { address: HOST, port: 2222 } as never;
  const ssh = observation('ssh', 'ssh-1', input, 'closed', { otherText: null } as never);
  const held = { name: 'as-is', ended: 'stalled', ttl: null, receivedBytes: 0, protocol: null, unacked: 0 };
  const shapes = observation('stall', 'stall-1', input, 'unclear', {
    variants: [held],
    mtu: null,
    resetTtl: null,
    lastHop: null,
  } as never);
  const target = { port: 2222, service: 'ssh', serviceNamed: true };
  const steps = plan({ target }, connect('open', { port: 2222 }), ssh, shapes);
  expect(step<'tls'>(steps, 'tls-1').input.patienceMs).toBe(0);
});
