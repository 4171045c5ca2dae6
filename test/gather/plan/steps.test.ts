import { describe, expect, it } from 'vitest';
import { isWanted } from '../../../src/gather/plan/enough.ts';
import { addressesInDepth, failureSteps } from '../../../src/gather/plan/failing.ts';
import { openSteps } from '../../../src/gather/plan/open.ts';
import { sampleSteps } from '../../../src/gather/plan/samples.ts';
import {
  alternatePorts,
  type Context,
  namesOfHops,
  otherToolTraces,
  ownRules,
  roundTripOf,
  traceSteps,
} from '../../../src/gather/plan/steps.ts';
import type { Facts } from '../../../src/model/facts.ts';
import type { Step } from '../../../src/model/probes.ts';
import { HOST, request, type Wish } from '../../evidence.ts';

/** What each step asks for, number by number, and what it waits for; facts and readings are given by hand. */
interface Known {
  facts?: Facts;
  /** Step -> how it ended. */
  seen?: Record<string, object>;
  target?: object;
  reference?: object;
  others?: object[];
  roundTripMs?: number | null;
  attempts?: { outcome: string; startMs: number; elapsedMs: number }[];
  wish?: Wish;
  address?: string;
  routers?: string[];
  resolvers?: string[];
}
function context({
  facts = {},
  seen = {},
  target,
  reference,
  others = [],
  roundTripMs = 10,
  attempts = [],
  wish = {},
  address = HOST,
  routers = [],
  resolvers = [],
}: Known): Context {
  const observations = Object.entries(seen).map(([id, o]) => ({
    id,
    final: true,
    outcome: 'x',
    data: null,
    input: { address },
    ...o,
  }));
  const summary = {
    reached: false,
    rejection: null,
    loopHop: null,
    routers: new Map(),
    answeredAt: null,
    lastHop: 0,
  };
  const traced = (of?: object) =>
    of === undefined ? undefined : { trace: { port: 22 }, summary: { ...summary, ...of } };
  return {
    request: request(wish),
    address,
    n: 1,
    facts: { 'local.onLink': null, 'local.tunnel': null, ...facts },
    readings: {
      address,
      request: request(wish),
      observations,
      naming: null,
      addresses: [{ address, family: 4, source: 'literal' }],
      connects: { roundTripMs, attempts },
      vantage: { os: 'linux', resolvers },
      talks: {},
      all: {},
      traces: {
        target: traced(target),
        reference: traced(reference),
        every:
          routers.length === 0
            ? []
            : [{ summary: { routers: new Map(routers.map((one, i) => [i + 1, one])) } }],
        others: others.map(traced),
      },
    },
  } as unknown as Context;
}
const ids = (steps: Step[]): string[] => steps.map(({ id }) => id);
const inputOf = (steps: Step[], id: string): Record<string, unknown> => {
  const found = steps.find((one) => one.id === id);
  if (found === undefined) throw new Error(`${id} is not among ${ids(steps)}`);
  return found.input as unknown as Record<string, unknown>;
};
const failing = (known: Known): Step[] => failureSteps(context(known));

const NO_SWEEP = { 'trace-syn-target-1': { outcome: 'not-available' } };

describe('after a refusal, its trace is held open', () => {
  const holdMs = (answerMs: number | null) =>
    inputOf(failing({ facts: { 'tcp.outcome': 'refused', 'tcp.answerMs': answerMs } }), 'trace-syn-target-1')
      .holdMs;
  it.each([
    [null, 300],
    [0, 300],
    [10, 340],
    [899, 3896],
    [900, 2900],
    [5000, 2900],
  ])('where it took %s ms: for %i ms', (answerMs, expected) => {
    expect(holdMs(answerMs)).toBe(expected);
  });
});

describe('after a refusal, where our own sweep was made', () => {
  const refused = (more: Facts = {}, known: Known = {}) =>
    failing({
      facts: { 'tcp.outcome': 'refused', 'tcp.answerMs': 10, ...more },
      target: { reached: true },
      ...known,
      seen: { 'trace-syn-target-1': {}, ...known.seen },
    });

  it('nothing else is asked before the trace is over', () => {
    expect(ids(refused({}, { seen: { 'trace-syn-target-1': { final: false } } }))).toEqual([
      'local-network-1',
      'trace-syn-target-1',
    ]);
    expect(ids(refused())).toContain('alternate-ports-1');
  });

  it('one ping, and other ports for a little longer than the refusal took', () => {
    expect(inputOf(refused(), 'ping-1')).toMatchObject({ count: 1, timeoutMs: 1000 });
    expect(inputOf(refused(), 'alternate-ports-1').timeoutMs).toBe(390);
    expect(inputOf(refused({ 'tcp.answerMs': 900 }), 'alternate-ports-1').timeoutMs).toBe(1500);
    expect(inputOf(refused({ 'tcp.answerMs': 899 }), 'alternate-ports-1').timeoutMs).toBe(3946);
  });

  it('a late one has the neighbour looked up again', () => {
    expect(ids(refused())).not.toContain('local-network-again-1');
    expect(ids(refused({ 'tcp.answerMs': 900 }))).toContain('local-network-again-1');
  });

  it.each<[string, Known, Facts, boolean]>([
    ['ended in silence', { target: {} }, {}, true],
    ['reached it', { target: { reached: true } }, {}, false],
    ['was rejected', { target: { rejection: {} } }, {}, false],
    ['went round', { target: { loopHop: 2 } }, {}, false],
    ['who refuses is known without it', { target: {} }, { 'refusal.byPing': false }, false],
    [
      'a TTL that ran out says nothing of the circle',
      { target: {} },
      { 'refusal.byPing': false, 'refusal.meaning': 'time-exceeded' },
      true,
    ],
    ['there is none', {}, {}, false],
    ['the refusal was late', { target: {} }, { 'tcp.answerMs': 900 }, false],
  ])('a trace that %s is made again: %s', (_, known, facts, isAgain) => {
    const steps = failing({
      seen: { 'trace-syn-target-1': {} },
      ...known,
      facts: { 'tcp.outcome': 'refused', 'tcp.answerMs': 10, ...facts },
    });
    expect(ids(steps).includes('trace-syn-again-1')).toBe(isAgain);
    if (isAgain) {
      expect(inputOf(steps, 'trace-syn-again-1')).toMatchObject({ holdMs: 2900, silentLimit: 8 });
      expect(ids(steps)).not.toContain('ping-1');
    }
  });

  it('a trace that was made again is waited for, and then the rest is asked', () => {
    const again = (final: boolean) =>
      ids(
        failing({
          seen: { 'trace-syn-target-1': {}, 'trace-syn-again-1': { final } },
          target: {},
          facts: { 'tcp.outcome': 'refused', 'tcp.answerMs': 10 },
        }),
      );
    expect(again(false)).not.toContain('ping-1');
    expect(again(true)).toContain('ping-1');
  });

  it.each<[string, Facts, Known, string[]]>([
    ['a reset from afar', { 'refusal.kind': 'rst' }, {}, ['reply-ttl-1']],
    ['an ICMP error', { 'refusal.kind': 'icmp' }, {}, []],
    ['this machine', { 'refusal.kind': 'rst', 'local.route': 'local' }, {}, []],
    ['a neighbour', { 'refusal.kind': 'rst', 'local.onLink': true }, {}, []],
    [
      'beside a port that was reached',
      { 'refusal.kind': 'rst', 'path.reference.reached': true },
      { reference: {} },
      ['reply-ttl-1', 'reply-ttl-reference-1'],
    ],
    [
      'beside a port that was not',
      { 'refusal.kind': 'rst', 'path.reference.reached': false },
      { reference: {} },
      ['reply-ttl-1'],
    ],
    ['beside no other port', { 'refusal.kind': 'rst', 'path.reference.reached': true }, {}, ['reply-ttl-1']],
  ])('how far away it was made: %s', (_, facts, known, expected) => {
    expect(ids(refused(facts, known)).filter((id) => id.startsWith('reply-ttl'))).toEqual(expected);
  });

  it('a host whose own address is among the routers is asked by further connections, for others may answer', () => {
    const routers = (...some: string[]) => ({
      target: { reached: true, routers: new Map(some.map((one, i) => [i + 1, one])) },
    });
    const again = (known: Known, facts: Facts = {}) => ids(refused(facts, known)).includes('tcp-again-1');
    expect(inputOf(refused({}, routers('10.0.0.1', HOST)), 'tcp-again-1')).toMatchObject({
      startsMs: [0, 60, 120, 180],
      endMs: 1000,
      stopAtFirstAnswer: false,
    });
    expect(again(routers('10.0.0.1'))).toBe(false);
    expect(again(routers(HOST), { 'tcp.outcome': 'unreachable' })).toBe(false);
    expect(again({})).toBe(false);
  });
});

describe('after a refusal, where our own sweep cannot be made', () => {
  const steps = (facts: Facts, seen: Known['seen'] = {}) =>
    failing({ facts: { 'tcp.answerMs': 10, ...facts }, seen: { ...NO_SWEEP, ...seen } });
  const refused = { 'tcp.outcome': 'refused' };
  const rejected = { 'tcp.outcome': 'unreachable' };
  const OVER = { 'counted-connect-1': {}, 'trace-command-1': {} };
  const names = (facts: Facts, seen: Known['seen'] = {}) =>
    ids(steps(facts, seen)).filter((id) => !/^(local-network|trace-syn)/.test(id));

  it('first the kernel counts, alone', () => {
    expect(names(refused)).toEqual(['counted-connect-1']);
    expect(inputOf(steps(refused), 'counted-connect-1')).toMatchObject({
      connections: 2,
      timeoutMs: 340,
      quietMs: 0,
    });
    expect(inputOf(steps({ ...refused, 'tcp.answerMs': 900 }), 'counted-connect-1').timeoutMs).toBe(600);
    expect(names(refused, { 'counted-connect-1': { final: false } })).toEqual(['counted-connect-1']);
  });

  it('a reset is not limited: everything is asked at once', () => {
    const reset = { ...refused, 'refusal.kind': 'rst' };
    expect(names(reset, { 'counted-connect-1': {} })).toEqual(
      expect.arrayContaining(['trace-command-1', 'trace-command-other-1', 'ping-1', 'alternate-ports-1']),
    );
  });

  it('then the trace of a tool, then ping, then the rest', () => {
    expect(names(refused, { 'counted-connect-1': {} })).toEqual(['counted-connect-1', 'trace-command-1']);
    expect(names(refused, OVER)).toEqual(['counted-connect-1', 'trace-command-1', 'ping-1']);
    expect(inputOf(steps(refused, OVER), 'ping-1')).toMatchObject({ count: 1, timeoutMs: 1000 });
    expect(names(refused, { ...OVER, 'ping-1': {} })).toEqual(
      expect.arrayContaining(['trace-command-other-1', 'alternate-ports-1']),
    );
    expect(inputOf(steps(refused, { ...OVER, 'ping-1': {} }), 'trace-command-other-1').timeoutMs).toBe(3500);
  });

  it('a trace that told needs no ping before the rest', () => {
    expect(names({ ...refused, 'path.target.traced': true }, OVER)).toContain('alternate-ports-1');
    expect(names({ ...refused, 'path.target.traced': false }, OVER)).not.toContain('alternate-ports-1');
  });

  it('a rejection is not counted before the trace, and the other protocols are waited for', () => {
    expect(names(rejected)).toEqual(['trace-command-1']);
    expect(names(rejected, { 'trace-command-1': {} })).toEqual(['trace-command-1', 'ping-1']);
    expect(names(rejected, { 'trace-command-1': {}, 'ping-1': {} })).toEqual([
      'trace-command-1',
      'trace-command-other-1',
    ]);
    expect(names(rejected, { 'trace-command-1': {}, 'ping-1': {}, 'trace-command-other-1': {} })).toEqual(
      expect.arrayContaining(['counted-connect-1', 'alternate-ports-1']),
    );
  });

  it('a late one is not counted, and ping waits as long once more where nobody told who says so', () => {
    const late = { ...rejected, 'tcp.answerMs': 3100 };
    const seen = { 'trace-command-1': {} };
    const isLate = (facts: Facts) => names({ ...late, ...facts }, seen).includes('ping-late-1');
    expect(names(late, seen)).not.toContain('counted-connect-1');
    expect(inputOf(steps({ ...late, 'refusal.from': null }, seen), 'ping-late-1')).toMatchObject({
      count: 1,
      timeoutMs: 4200,
    });
    expect(isLate({ 'refusal.from': null })).toBe(true);
    expect(isLate({ 'refusal.from': 'router' })).toBe(false);
    expect(isLate({ 'refusal.from': null, 'local.nextHopFailed': true })).toBe(false);
    expect(names({ ...refused, 'tcp.answerMs': 3100, 'refusal.from': null }, OVER)).not.toContain(
      'ping-late-1',
    );
  });
});

describe('where the port is silent', () => {
  const silent = (known: Known = {}) =>
    failing({ ...known, facts: { 'tcp.outcome': 'pending', ...known.facts } });
  it('everything is asked at once, for so long', () => {
    expect(inputOf(silent(), 'ping-1')).toMatchObject({ count: 3, timeoutMs: 1500 });
    expect(inputOf(silent(), 'alternate-ports-1').timeoutMs).toBe(1500);
    expect(inputOf(silent(), 'trace-syn-target-1')).toMatchObject({
      holdMs: 2900,
      silentLimit: 6,
      maxTtl: 30,
    });
    expect(inputOf(silent(), 'trace-udp-1')).toMatchObject({
      holdMs: 1500,
      silentLimit: 6,
      maxTtl: 30,
      port: 33_434,
    });
  });
  it('the neighbour is looked up again once it has been', () => {
    expect(ids(silent())).not.toContain('local-network-again-1');
    expect(ids(silent({ facts: { 'tcp.outcome': 'timeout' } }))).toContain('local-network-again-1');
  });
  it('without our own sweep the kernel counts and tools trace', () => {
    const steps = silent({ seen: NO_SWEEP });
    expect(inputOf(steps, 'counted-connect-1')).toMatchObject({
      connections: 3,
      timeoutMs: 700,
      quietMs: 150,
    });
    expect(inputOf(steps, 'trace-command-1').timeoutMs).toBe(5000);
    expect(inputOf(steps, 'trace-command-other-1').timeoutMs).toBe(5000);
    expect(ids(silent({ seen: { 'trace-syn-target-1': { outcome: 'failed' } } }))).toContain(
      'counted-connect-1',
    );
    expect(ids(silent({ seen: { 'trace-syn-target-1': { outcome: 'stopped' } } }))).not.toContain(
      'counted-connect-1',
    );
  });
  it('two routers at one distance: a second sweep from other ports', () => {
    const routers = (...some: string[]) => ({ routers: new Map(some.map((one, i) => [i + 1, one])) });
    const second = (known: Known) => ids(silent(known)).includes('trace-syn-second-1');
    const seen = { 'trace-syn-target-1': {} };
    const parted = {
      seen,
      target: routers('10.0.0.1', '10.0.1.1'),
      reference: routers('10.0.0.1', '10.0.2.1'),
    };
    expect(second(parted)).toBe(true);
    expect(inputOf(silent(parted), 'trace-syn-second-1').holdMs).toBe(1500);
    expect(second({ ...parted, reference: routers('10.0.0.1', '10.0.1.1') })).toBe(false);
    // A router that one of them has not heard parts nothing.
    expect(second({ ...parted, reference: routers('10.0.0.1') })).toBe(false);
    expect(second({ ...parted, target: { ...parted.target, reached: true } })).toBe(false);
    expect(second({ ...parted, seen: { 'trace-syn-target-1': { final: false } } })).toBe(false);
    expect(second({ seen, target: parted.target })).toBe(false);
    expect(second({ seen, reference: parted.reference })).toBe(false);
  });
  it('who watches it come and go does so once the first attempts and the other ports are over', () => {
    const samples = (outcome: string, final: boolean | null) =>
      ids(
        failing({
          facts: { 'tcp.outcome': outcome },
          wish: { answers: { symptom: 'intermittent' } },
          seen: final === null ? {} : { 'alternate-ports-1': { final, data: { ports: [] } } },
        }),
      ).includes('tcp-sample-1');
    expect([
      samples('timeout', true),
      samples('timeout', false),
      samples('timeout', null),
      samples('pending', true),
    ]).toEqual([true, false, false, false]);
  });
});

it('nothing leaves this machine: nothing else is asked', () => {
  expect(ids(failing({ facts: { 'tcp.outcome': 'local-error' } }))).toEqual(['local-network-1']);
});

it('of each family the first address that fails is looked at', () => {
  const seen = (outcomes: Record<string, string>) => ({
    addresses: Object.keys(outcomes).map((address) => ({ address, family: address.includes(':') ? 6 : 4 })),
    all: {
      'tcp-connect': Object.entries(outcomes).map(([address, outcome]) => ({
        input: { address, role: 'target' },
        outcome,
      })),
    },
  });
  const inDepth = (outcomes: Record<string, string>) => [...addressesInDepth(seen(outcomes) as never)];
  expect(
    inDepth({
      '192.0.2.1': 'open',
      '192.0.2.2': 'timeout',
      '192.0.2.3': 'timeout',
      '2001:db8::1': 'refused',
      '2001:db8::2': 'refused',
    }),
  ).toEqual(['192.0.2.2', '2001:db8::1']);
  expect(inDepth({ '192.0.2.1': 'open' })).toEqual([]);
});

describe('the other ports that are tried', () => {
  const ports = (known: Known) => alternatePorts(context(known), 1000).input.ports;
  const at = (port: number, more: object = {}): Known => ({ wish: { target: { port, ...more } } });
  it('are four usual ones at most, of a router that rejects two, and one that is most likely closed', () => {
    expect(ports(at(5432))).toHaveLength(5);
    expect(ports({ ...at(5432), facts: { 'refusal.from': 'router' } })).toHaveLength(3);
    expect(ports({ ...at(5432), facts: { 'refusal.from': 'target' } })).toHaveLength(5);
    expect(ports(at(5432)).at(-1)).toBe(47_321);
    expect(ports(at(47_321)).at(-1)).toBe(47_322);
  });
  it('are those that the user names, five at most, but never the port itself', () => {
    expect(ports({ wish: { target: { port: 5432 }, alternatePorts: [1, 2, 3, 4, 5, 6] } })).toEqual([
      1, 2, 3, 4, 5, 47_321,
    ]);
    expect(ports({ wish: { target: { port: 2 }, alternatePorts: [1, 2, 1] } })).toEqual([1, 47_321]);
  });
  it('are those of the service that the user names', () => {
    expect(ports(at(9999, { service: 'https' }))).toEqual(
      ports(at(443)).length > 0 ? expect.arrayContaining([80]) : [],
    );
    expect(ports(at(9999, { service: 'https' }))).not.toEqual(ports(at(9999)));
  });
});

describe('what else is asked, and for how long', () => {
  const OPEN: Facts = { 'tcp.outcome': 'open' };
  const open = (known: Known) =>
    openSteps(
      context({
        ...known,
        facts: { ...OPEN, 'service.authenticated': null, ...known.facts },
        wish: { target: { service: null }, ...known.wish },
      }),
    );

  it('the round trip is taken for a second and a half at most, and for none where it is not known', () => {
    expect(
      [null, 0.2, 1499.5, 1501].map((roundTripMs) => roundTripOf(context({ roundTripMs }).readings)),
    ).toEqual([0, 1, 1500, 1500]);
  });

  it('who finds it slow: five pings and other ports, by the round trip', () => {
    const slow = open({ roundTripMs: 40, wish: { answers: { symptom: 'slow' } } });
    expect(inputOf(slow, 'ping-1')).toMatchObject({ count: 5, timeoutMs: 1540 });
    expect(inputOf(slow, 'alternate-ports-1').timeoutMs).toBe(1540);
    expect(ids(open({}))).not.toContain('ping-1');
  });

  it('SYNs that must die before the host: for two round trips, of half a second each at most', () => {
    const holdMs = (answerMs: number | null) =>
      inputOf(open({ facts: { 'tcp.answerMs': answerMs } }), 'trace-udp-1').holdMs;
    expect([null, 0, 10, 500, 501, 5000].map(holdMs)).toEqual([120, 120, 140, 1120, 1120, 1120]);
  });

  it.each<[string, object, number | null]>([
    ['UDP was answered by the host at hop 4', { answeredAt: 4, lastHop: 3 }, 3],
    ['UDP was heard as far as hop 3', { answeredAt: null, lastHop: 3 }, 3],
    ['UDP was heard at the first hop alone', { answeredAt: null, lastHop: 1 }, 1],
    ['the host is the first hop', { answeredAt: 1, lastHop: 0 }, null],
    ['nothing was heard', { answeredAt: null, lastHop: 0 }, null],
  ])('they go as far as is safe: %s', (_, summary, maxTtl) => {
    const steps = open({ others: [summary], facts: { 'tcp.answerMs': 10 } });
    expect(steps.find(({ id }) => id === 'trace-syn-target-1')?.input).toEqual(
      maxTtl === null ? undefined : expect.objectContaining({ maxTtl, holdMs: 140, silentLimit: 30 }),
    );
  });

  it('no sweep is made where the user wants none, and none to loopback', () => {
    expect(traceSteps(context({}), { holdMs: 1, silentLimit: 1 })).toHaveLength(1);
    expect(traceSteps(context({ wish: { ttlProbe: false } }), { holdMs: 1, silentLimit: 1 })).toEqual([]);
    expect(traceSteps(context({ address: '127.0.0.1' }), { holdMs: 1, silentLimit: 1 })).toEqual([]);
    expect(ids(open({ wish: { ttlProbe: false } })).filter((id) => id.startsWith('trace'))).toEqual([]);
    expect(ids(open({ address: '127.0.0.1' })).filter((id) => id.startsWith('trace'))).toEqual([]);
  });

  it.each<[string, Facts, object | null, string[]]>([
    [
      'UDP fell short, ping did not',
      { 'host.answersPing': true },
      { outcome: 'stopped', data: { protocol: 'udp' } },
      ['trace-command-other-1', 'trace-command-icmp-1'],
    ],
    [
      'neither did',
      { 'host.answersPing': false },
      { outcome: 'stopped', data: { protocol: 'udp' } },
      ['trace-command-other-1'],
    ],
    [
      'UDP got there',
      { 'host.answersPing': true },
      { outcome: 'reached', data: { protocol: 'udp' } },
      ['trace-command-other-1'],
    ],
    [
      'it was ICMP that fell short',
      { 'host.answersPing': true },
      { outcome: 'stopped', data: { protocol: 'icmp' } },
      ['trace-command-other-1'],
    ],
    [
      'it is still at work',
      { 'host.answersPing': true },
      { final: false, outcome: 'stopped', data: { protocol: 'udp' } },
      ['trace-command-other-1'],
    ],
    ['it was not asked', { 'host.answersPing': true }, null, ['trace-command-other-1']],
  ])('the way of ping is traced by a tool where %s', (_, facts, seen, expected) => {
    const steps = otherToolTraces(
      context({ facts, seen: seen === null ? {} : { 'trace-command-other-1': seen } }),
      3500,
    );
    expect(ids(steps)).toEqual(expected);
    if (expected.length > 1)
      expect(inputOf(steps, 'trace-command-icmp-1')).toMatchObject({ timeoutMs: 3000, protocols: ['icmp'] });
  });

  it.each<[string, Facts, boolean]>([
    ['nothing speaks for it', {}, false],
    ...['local.dropsOutgoing', 'local.rejectsOutgoing', 'local.dropsIncoming', 'local.sendRefused'].map(
      (fact): [string, Facts, boolean] => [fact, { [fact]: true }, true],
    ),
    [
      'it said so itself, at once',
      { 'refusal.kind': 'icmp', 'refusal.from': 'self', 'refusal.late': false },
      true,
    ],
    [
      'it said so itself after a search',
      { 'refusal.kind': 'icmp', 'refusal.from': 'self', 'refusal.late': true },
      false,
    ],
    ['a router said so', { 'refusal.kind': 'icmp', 'refusal.from': 'router', 'refusal.late': false }, false],
    ['it reset', { 'refusal.kind': 'rst', 'refusal.from': 'self', 'refusal.late': false }, false],
    ['an own address is silent', { 'local.route': 'local', 'tcp.outcome': 'timeout' }, true],
    ['an own address refuses', { 'local.route': 'local', 'tcp.outcome': 'refused' }, false],
  ])('the own rules are read where %s: %s', (_, facts, isAsked) => {
    const steps = ownRules(context({ facts: { 'tcp.outcome': 'timeout', ...facts } }));
    expect(steps).toHaveLength(isAsked ? 1 : 0);
    if (isAsked) expect(inputOf(steps, 'own-rules-1').timeoutMs).toBe(300);
  });

  it('the names of routers are asked once every sweep is over, of two resolvers and thirty routers', () => {
    const traced = { probe: 'trace-syn' };
    const names = (known: Known) =>
      namesOfHops(
        context({
          resolvers: ['10.0.0.1', '10.0.0.2', '10.0.0.3'],
          routers: ['10.0.0.1'],
          seen: { a: traced },
          ...known,
        }),
        300,
      );
    expect(inputOf(names({}), 'reverse-names-1')).toMatchObject({
      addresses: ['10.0.0.1', HOST],
      resolvers: ['10.0.0.1', '10.0.0.2'],
      timeoutMs: 300,
    });
    expect(names({ wish: { names: false } })).toEqual([]);
    expect(names({ resolvers: [] })).toEqual([]);
    expect(names({ seen: {} })).toEqual([]);
    expect(names({ seen: { a: { probe: 'ping' } } })).toEqual([]);
    expect(names({ seen: { a: traced, b: { ...traced, final: false } } })).toEqual([]);
    expect(
      names({ seen: { a: traced, b: { ...traced, final: false, input: { address: '192.0.2.99' } } } }),
    ).toHaveLength(1);
    expect(names({ routers: [] })).toEqual([]);
    const many = Array.from({ length: 40 }, (_, i) => `10.0.1.${i}`);
    // The name of a public address may tell whose cloud it is in.
    expect(inputOf(names({ routers: many }), 'reverse-names-1').addresses).toHaveLength(31);
    const inside = { routers: many, address: '10.9.9.9' };
    expect(inputOf(names(inside), 'reverse-names-1').addresses).toHaveLength(30);
  });
});

describe('a silent conversation is waited for until its other shapes have shown why', () => {
  const ask = (probe: string, service: string | null = null) =>
    ({ id: `${probe}-1`, probe, input: { address: HOST, service } }) as unknown as Step;
  const variant = (name: string, ended: string, more: object = {}) => ({
    name,
    ended,
    unacked: null,
    protocol: null,
    ...more,
  });
  const stall = (outcome: string, variants: object[], more: object = {}) => ({
    id: 'stall-1',
    probe: 'stall',
    final: true,
    outcome,
    input: { address: HOST },
    data: { variants },
    ...more,
  });
  const wanted = (step: Step, ...observations: object[]) =>
    isWanted(step, {
      request: request({}),
      observations: [
        { id: step.id, probe: step.probe, outcome: 'stalled', final: false, input: step.input, data: null },
        ...observations,
      ],
    } as never);
  const SILENT = variant('as-is', 'stalled');

  it.each<[string, Step, object[], boolean]>([
    ['nobody tried them', ask('http'), [], true],
    ['one of them was answered', ask('http'), [stall('small-segments-work', [SILENT])], false],
    ['it was answered a moment later', ask('http'), [stall('answers-now', [SILENT])], true],
    ['all are silent', ask('http'), [stall('all-silent', [SILENT])], true],
    ['it is not clear', ask('http'), [stall('unclear', [SILENT])], true],
    ['they are still at work', ask('http'), [stall('small-segments-work', [SILENT], { final: false })], true],
    [
      'they were tried at another address',
      ask('http'),
      [stall('small-segments-work', [SILENT], { input: { address: '192.0.2.9' } })],
      true,
    ],
    ['nothing was told of them', ask('http'), [stall('small-segments-work', [], { data: null })], true],
    [
      'none was acknowledged',
      ask('http'),
      [stall('all-silent', [SILENT, variant('no-name', 'stalled', { unacked: 9 })])],
      false,
    ],
    [
      'one was acknowledged',
      ask('http'),
      [
        stall('all-silent', [
          variant('no-name', 'stalled', { unacked: 0 }),
          variant('other-name', 'stalled', { unacked: 9 }),
        ]),
      ],
      true,
    ],
    [
      'the request itself does not count',
      ask('http'),
      [stall('all-silent', [variant('as-is', 'stalled', { unacked: 9 })])],
      true,
    ],
    [
      'another protocol was answered',
      ask('greeting', 'smtp'),
      [stall('unclear', [variant('plain-http', 'answered', { protocol: 'ftp' })])],
      false,
    ],
    [
      'plain HTTP was answered with the greeting that was waited for',
      ask('greeting', 'smtp'),
      [stall('unclear', [variant('plain-http', 'answered', { protocol: 'smtp' })])],
      true,
    ],
    [
      'plain HTTP was answered with nothing that is known',
      ask('greeting', 'smtp'),
      [stall('unclear', [variant('plain-http', 'answered')])],
      true,
    ],
    [
      'plain HTTP was not answered',
      ask('greeting', 'smtp'),
      [stall('unclear', [variant('plain-http', 'stalled', { protocol: 'ftp' })])],
      true,
    ],
    [
      'HTTP is waited for, and answered as such',
      ask('http', 'http'),
      [stall('unclear', [variant('plain-http', 'answered', { protocol: 'http' })])],
      false,
    ],
    [
      'another shape was complained of',
      ask('http'),
      [stall('unclear', [variant('no-name', 'answered', { complaint: true })])],
      true,
    ],
    ['another shape was answered', ask('http'), [stall('unclear', [variant('no-name', 'answered')])], false],
    [
      'TLS was spoken instead',
      ask('http'),
      [{ id: 'tls-1', probe: 'tls', final: true, input: { address: HOST }, data: { tls: { ended: null } } }],
      false,
    ],
    [
      'TLS was tried instead',
      ask('http'),
      [
        {
          id: 'tls-1',
          probe: 'tls',
          final: true,
          input: { address: HOST },
          data: { tls: { ended: 'reset' } },
        },
      ],
      true,
    ],
    [
      'TLS was spoken at another address',
      ask('http'),
      [
        {
          id: 'tls-1',
          probe: 'tls',
          final: true,
          input: { address: '192.0.2.9' },
          data: { tls: { ended: null } },
        },
      ],
      true,
    ],
    [
      'it is TLS itself',
      ask('tls'),
      [{ id: 'tls-9', probe: 'tls', final: true, input: { address: HOST }, data: { tls: { ended: null } } }],
      true,
    ],
  ])('%s', (_, step, observations, isWaitedFor) => {
    expect(wanted(step, ...observations)).toBe(isWaitedFor);
  });

  it('one that is not silent is waited for', () => {
    const step = ask('http');
    const seen = {
      request: request({}),
      observations: [
        { id: 'http-1', probe: 'http', outcome: 'ok', final: false, input: step.input },
        stall('small-segments-work', [SILENT]),
      ],
    };
    expect(isWanted(step, seen as never)).toBe(true);
  });
});

describe('the system’s lookup is waited for', () => {
  const lookup = {
    id: 'resolve',
    probe: 'system-resolve',
    input: { host: 'db.example.com' },
  } as unknown as Step;
  const dns = (n: number, outcome = 'timeout', more: object = {}) => ({
    id: `dns-${n}`,
    probe: 'dns',
    final: true,
    outcome,
    input: { host: 'db.example.com', configured: true },
    data: null,
    ...more,
  });
  const wanted = (resolvers: number, ...observations: object[]) =>
    isWanted(lookup, {
      request: request({ target: { host: 'db.example.com' } }),
      addresses: [],
      vantage: { resolvers: Array.from({ length: resolvers }, (_, i) => `10.0.0.${i}`) },
      observations,
    } as never);
  it.each<[string, boolean, boolean]>([
    ['while no resolver is known', wanted(0), true],
    ['while the only one has not told', wanted(1), true],
    ['not once the only one is silent', wanted(1, dns(1)), false],
    ['while one of two has not told', wanted(2, dns(1)), true],
    ['not once both have', wanted(2, dns(1), dns(2)), false],
    ['three are asked at most', wanted(4, dns(1), dns(2), dns(3)), false],
    ['while one of three has not told', wanted(4, dns(1), dns(2)), true],
    ['while one is at work', wanted(1, dns(1, 'timeout', { final: false })), true],
    ['where one answered', wanted(1, dns(1, 'answered')), true],
    [
      'what was asked of another name does not count',
      wanted(1, dns(1, 'timeout', { input: { host: 'x', configured: true } })),
      true,
    ],
    [
      'nor of a resolver that is not this machine’s',
      wanted(1, dns(1, 'timeout', { input: { host: 'db.example.com', configured: false } })),
      true,
    ],
    [
      'where the hosts file has it',
      wanted(1, dns(1), { id: 'hosts-file', probe: 'hosts-file', outcome: 'listed', input: {} }),
      true,
    ],
    [
      'not where the hosts file has not',
      wanted(1, dns(1), { id: 'hosts-file', probe: 'hosts-file', outcome: 'not-listed', input: {} }),
      false,
    ],
  ])('%s', (_, isWaitedFor, expected) => {
    expect(isWaitedFor).toBe(expected);
  });
});

describe('one connection after the other, for as long as the time allows', () => {
  const sampled = (maxTimeMs: number, known: Known = {}) => {
    const wish = { maxTimeMs, answers: { symptom: 'intermittent' as const } };
    const { startsMs, endMs } = inputOf(
      sampleSteps(context({ ...known, wish })),
      'tcp-sample-1',
    ) as unknown as {
      startsMs: number[];
      endMs: number;
    };
    return {
      many: startsMs.length,
      apartMs: startsMs[1]! - startsMs[0]!,
      first: startsMs[0],
      afterLast: endMs - startsMs.at(-1)!,
    };
  };
  it.each([
    [6000, 3, 1000],
    [7000, 3, 1000],
    [8000, 4, 1000],
    [20_000, 16, 1000],
    [64_000, 60, 1000],
    [65_000, 59, 1017],
    [300_000, 60, 5000],
  ])('of %i ms: %i, %i ms apart', (maxTimeMs, many, apartMs) => {
    expect(sampled(maxTimeMs)).toMatchObject({ many, apartMs, first: 0 });
  });
  it('what the first attempts have taken is gone, where they were silent', () => {
    const silent = [{ outcome: 'timeout', startMs: 500, elapsedMs: 3499.5 }];
    expect(sampled(20_000, { attempts: silent }).many).toBe(12);
    expect(sampled(20_000, { attempts: [{ ...silent[0]!, outcome: 'refused' }] }).many).toBe(16);
  });
  it('the last may be sent again, and be answered after a round trip', () => {
    expect([250, 251, 900].map((roundTripMs) => sampled(20_000, { roundTripMs }).afterLast)).toEqual([
      1500, 1501, 2150,
    ]);
  });
});
