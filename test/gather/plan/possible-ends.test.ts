import { describe, expect, it } from 'vitest';
import { isDecided, lookAgainMs } from '../../../src/gather/plan/decided.ts';
import { type RunReadings, readingsOf } from '../../../src/judge/readings/index.ts';
import type { Evidence } from '../../../src/model/evidence.ts';
import type { Observation, Step } from '../../../src/model/probes.ts';
import {
  attempt,
  connect,
  evidence,
  HOST,
  localNetwork,
  otherPorts,
  QUIET,
  rejects,
  trace,
  udpArrives,
  type Wish,
} from '../../evidence.ts';

/** What is taken for possible of the steps at work, and how the verdicts on it are compared; the judge is given by hand. */
const R1 = '10.0.0.1';
const R2 = '10.0.1.1';
const stopped = trace('target', [R1, R2, '*', '*', '*']);
const pendingPort = (address = HOST): Observation => {
  const attempts = [attempt('pending', { startMs: 0 }), attempt('pending', { startMs: 250 })];
  const one = connect('pending', { address, attempts });
  return { ...one, input: { ...one.input, startsMs: [0, 250, 500] } } as Observation;
};
const stepOf = ({ id, probe, input }: Observation): Step => ({ id, probe, input }) as Step;
const working = (probe: Step['probe'], id: string, input: object): Step =>
  ({ id, probe, input }) as unknown as Step;

type Verdict = { causes: { id: string; confidence: number; where: unknown }[]; outcome: string };
const verdict = (more: Partial<Verdict['causes'][0]> & { outcome?: string } = {}): Verdict => {
  const { outcome = 'unreachable', ...cause } = more;
  return { outcome, causes: [{ id: 'a', confidence: 0.6, where: { kind: 'hop', hop: 2 }, ...cause }] };
};

interface Run {
  port?: Observation;
  wanted?: Step[];
  observations?: Observation[];
  silentMs?: number;
  wish?: Wish;
  judge?: (evidence: Evidence, nth: number) => Verdict;
  /** What the plan asks then. */
  next?: (seen: RunReadings) => Step[];
}
function run({
  port = pendingPort(),
  wanted = [],
  next = () => [],
  observations = [pendingPort(), stopped],
  silentMs = 2000,
  wish = {},
  judge = () => verdict(),
}: Run) {
  const [first, ...rest] = observations;
  const given = evidence(wish, first!, ...rest);
  const judged: Evidence[] = [];
  const decided = isDecided(
    [stepOf(port), ...wanted],
    readingsOf(given),
    { evidence: given, nowMs: Date.parse(given.observations[0]!.startedAt) + silentMs },
    {
      judge: (one) => {
        judged.push(one);
        return judge(one, judged.length) as never;
      },
      next,
    },
  );
  const ends = (id: string) =>
    judged.flatMap(({ observations: all }) => all.find((one) => one.id === id) ?? []);
  return { decided, judged, ends };
}

describe('what a port that is silent may still bring', () => {
  it('nothing, or the late word of the last router or of the host itself', () => {
    const [asItIs, silent, router, host] = run({}).ends('tcp-1') as never as {
      outcome: string;
      final: boolean;
      data: { attempts: Record<string, unknown>[] };
    }[];
    expect(silent).toMatchObject({ outcome: 'timeout', final: true });
    expect(asItIs).toEqual(silent);
    expect(silent!.data.attempts.map(({ outcome, elapsedMs }) => [outcome, elapsedMs])).toEqual([
      ['timeout', 2000],
      ['timeout', 1750],
    ]);
    expect(router).toMatchObject({ outcome: 'unreachable', final: true });
    expect(router!.data.attempts[0]).toMatchObject({
      outcome: 'unreachable',
      code: 'EHOSTUNREACH',
      elapsedMs: 3060,
      told: { from: R2, icmpType: 3, icmpCode: 1 },
    });
    expect(router!.data.attempts[1]).toMatchObject({ outcome: 'pending' });
    expect(host!.data.attempts[0]).toMatchObject({ told: { from: HOST, icmpType: 3, icmpCode: 1 } });
    expect(run({}).judged).toHaveLength(4);
  });

  it('over IPv6 the word is another', () => {
    const V6 = '2001:db8::7';
    const port = pendingPort(V6);
    const way = trace('target', ['2001:db8:0:1::1', '2001:db8:0:2::1', '*', '*'], { address: V6 });
    const { ends } = run({ port, observations: [port, way], wish: { target: { host: V6 } } });
    const [, , late] = ends('tcp-1') as never as { data: { attempts: { told?: unknown }[] } }[];
    expect(late!.data.attempts[0]!.told).toEqual({ from: '2001:db8:0:2::1', icmpType: 1, icmpCode: 3 });
  });

  it('nothing alone, where a router beyond the stop has answered other traffic', () => {
    const beyond = trace('other-protocol', [R1, R2, '10.0.2.1', udpArrives()]);
    expect(run({ observations: [pendingPort(), stopped, beyond] }).judged).toHaveLength(2);
  });

  it.each([
    [1600, false],
    [1601, true],
  ])('is known once it was silent for %i ms, a round trip of one included: %s', (silentMs, decided) => {
    expect(run({ silentMs }).decided).toBe(decided);
  });

  it('and for the longest round trip more that was seen', () => {
    const answered = connect('open', {
      id: 'tcp-ref',
      port: 22,
      role: 'reference-port',
      attempts: [attempt('open', { elapsedMs: 100 })],
    });
    const decidedAt = (silentMs: number) =>
      run({ silentMs, observations: [pendingPort(), stopped, answered] }).decided;
    expect([decidedAt(1699), decidedAt(1700)]).toEqual([false, true]);
  });

  it.each<[string, Run]>([
    [
      'where it was traced to the end',
      { observations: [pendingPort(), trace('target', [R1, R2, 'syn-ack'])] },
    ],
    ['where it was not traced', { observations: [pendingPort(), localNetwork()] }],
    ['where no router was heard', { observations: [pendingPort(), trace('target', ['*', '*', '*', '*'])] }],
    ['where it has ended', { observations: [connect('timeout'), stopped] }],
    ['where it comes and goes', { wish: { answers: { symptom: 'intermittent' } } }],
    [
      'while something is at work of which nobody knows what it brings',
      { wanted: [working('dns', 'dns-1', { resolver: R1 })] },
    ],
    [
      'while a sample is at work',
      { wanted: [working('tcp-connect', 'tcp-sample-1', { address: HOST, role: 'sample' })] },
    ],
    [
      'where another address is meant',
      { wanted: [working('tcp-connect', 'tcp-2', { address: '192.0.2.8', role: 'target' })] },
    ],
  ])('there is no telling %s', (_, given) => {
    expect(run(given).decided).toBe(false);
  });

  it('there is nothing to tell where the port is not at work', () => {
    const ping = working('ping', 'ping-1', { address: HOST, count: 3 });
    expect(run({ port: ping as unknown as Observation }).decided).toBe(false);
  });
});

describe('when to look again although nothing has arrived', () => {
  const lookAgain = (silentMs: number, observations: Observation[] = [pendingPort(), stopped]) => {
    const given = evidence({}, ...observations);
    const nowMs = Date.parse(observations[0]!.startedAt) + silentMs;
    return lookAgainMs([stepOf(observations[0]!)], { seen: readingsOf(given), evidence: given, nowMs });
  };
  it('once every SYN was sent again, and once every search is over', () => {
    expect([lookAgain(700), lookAgain(1600), lookAgain(1601), lookAgain(3710), lookAgain(3711)]).toEqual([
      901,
      1,
      2110,
      1,
      null,
    ]);
  });
  it('never, where no port is waited for', () => {
    expect(lookAgain(700, [connect('timeout'), stopped])).toBeNull();
  });
  it('a router that was asked again before it answered may be a second away', () => {
    const replies = [{ answer: 'time-exceeded', from: R1, rttMs: null, sent: 2 } as const, '*', '*', '*'];
    expect(lookAgain(700, [pendingPort(), trace('target', replies)])).toBe(1900);
  });
});

describe('the late word', () => {
  const lateSaid = (silentMs: number): number =>
    run({ silentMs }).judged.filter(({ observations }) => observations[0]!.outcome === 'unreachable').length;
  it('is none any more once every search is over', () => {
    expect([lateSaid(3710), lateSaid(3711)]).toEqual([2, 0]);
  });
});

describe('what the plan would ask then', () => {
  const again = working('local-network', 'local-network-again-1', { address: HOST });
  const look = localNetwork({ neighbour: 'STALE' });
  const observations = [pendingPort(), stopped, look];
  const isLate = ({ observations: all }: RunReadings) => all[0]!.outcome === 'unreachable';

  it('is part of every world, with all that it may bring', () => {
    const { ends, judged } = run({ observations, next: () => [again] });
    expect(judged).toHaveLength(7);
    expect(
      ends('local-network-again-1').map((o) => (o.data as { neighbour: { state: string } }).neighbour.state),
    ).toEqual(['REACHABLE', 'FAILED', 'REACHABLE', 'FAILED', 'REACHABLE', 'FAILED']);
  });

  it('keeps the run going where it may bring anything, were it after a late word only', () => {
    const unknown = working('own-rules', 'own-rules-1', { address: HOST });
    expect(run({ observations, next: (seen) => (isLate(seen) ? [unknown] : []) }).decided).toBe(false);
    expect(run({ observations, next: (seen) => (isLate(seen) ? [again] : []) }).decided).toBe(true);
  });

  it('is thought of three times, and not for ever', () => {
    let nth = 0;
    const names = () => working('reverse-names', `reverse-names-${nth++}`, { addresses: [R1] });
    expect(run({ observations, next: () => (nth < 3 ? [names()] : []) }).decided).toBe(true);
    nth = 0;
    expect(run({ observations, next: () => [names()] }).decided).toBe(false);
  });
});

describe('the run as it would be if it ended now', () => {
  it('is the measure: what is at work and has told nothing is not there', () => {
    const ping = working('ping', 'ping-1', { address: HOST, count: 3 });
    const { judged, decided } = run({
      wanted: [ping],
      judge: (one) => verdict({ id: one.observations.some(({ id }) => id === 'ping-1') ? 'b' : 'a' }),
    });
    expect(judged[0]!.observations.some(({ id }) => id === 'ping-1')).toBe(false);
    expect(decided).toBe(false);
  });
});

describe('the same verdict', () => {
  const against = (other: Verdict, first = verdict()) =>
    run({ judge: (_, nth) => (nth === 3 ? other : first) }).decided;
  it.each<[string, Verdict, boolean]>([
    ['the very same', verdict(), true],
    ['a little surer', verdict({ confidence: 0.649 }), true],
    ['surer', verdict({ confidence: 0.6501 }), false],
    ['less sure', verdict({ confidence: 0.5499 }), false],
    ['a little less sure', verdict({ confidence: 0.551 }), true],
    ['another cause', verdict({ id: 'b' }), false],
    ['another place', verdict({ where: { kind: 'hop', hop: 3 } }), false],
    ['another outcome', verdict({ outcome: 'impaired' }), false],
    ['no cause', { outcome: 'unreachable', causes: [] }, false],
  ])('%s: %s', (_, other, same) => {
    expect(against(other)).toBe(same);
  });
  it('is none where no cause is known at first', () => {
    const none = { outcome: 'undetermined', causes: [] };
    expect(run({ judge: () => none }).decided).toBe(false);
  });
});

describe('what other steps may still bring', () => {
  it('ping: nothing, or everything', () => {
    const ping = working('ping', 'ping-1', { address: HOST, count: 3 });
    const { ends } = run({ wanted: [ping] });
    const told = ends('ping-1') as never as {
      outcome: string;
      final: boolean;
      durationMs: number;
      data: object;
    }[];
    expect(told.map(({ outcome }) => outcome)).toEqual(['no-reply', 'no-reply', 'no-reply', 'replies']);
    expect(told[0]).toMatchObject({
      final: true,
      durationMs: 0,
      data: { sent: 3, received: 0, errors: [], sendRefused: false },
    });
    expect(told[3]!.data).toMatchObject({ sent: 3, received: 3 });
  });

  it('one that may bring another verdict keeps the run going', () => {
    const ping = working('ping', 'ping-1', { address: HOST, count: 3 });
    const brings = (judged: Evidence) =>
      judged.observations.some(({ id, outcome }) => id === 'ping-1' && outcome === 'replies');
    expect(run({ wanted: [ping], judge: (one) => verdict({ id: brings(one) ? 'b' : 'a' }) }).decided).toBe(
      false,
    );
    expect(run({ wanted: [ping] }).decided).toBe(true);
  });

  it('a sweep that has told halfway what it has brings nothing more', () => {
    const udp = { ...trace('other-protocol', [R1, R2, '*']), final: false } as Observation;
    const told = run({ wanted: [stepOf(udp)], observations: [pendingPort(), stopped, udp] }).ends(udp.id);
    expect(told.every((one) => one?.final === true && one.data === udp.data)).toBe(true);
    expect(new Set(told.map((one) => one?.outcome))).toEqual(new Set(['stopped']));
  });

  it('the sweep of the port: what arrived and was delivered to nobody may turn out to be its answers', () => {
    const half = (undelivered: number) => {
      const counters = { ...QUIET, undelivered };
      return { ...trace('target', [R1, R2, '*', '*', '*'], { counters }), final: false } as Observation;
    };
    const inStep = (undelivered: number) =>
      run({ wanted: [stepOf(half(undelivered))], observations: [pendingPort(), half(undelivered)] })
        .ends('trace-syn-target-1')
        .map((one) => (one.data as { counters: { undeliveredInStep?: number } }).counters.undeliveredInStep);
    expect(new Set(inStep(0))).toEqual(new Set([undefined]));
    expect(new Set(inStep(1))).toEqual(new Set([undefined, 3]));
  });

  it('the neighbour is found again, or is not', () => {
    const again = working('local-network', 'local-network-again-1', { address: HOST });
    const { ends, judged } = run({
      wanted: [again],
      observations: [pendingPort(), stopped, localNetwork({ neighbour: 'STALE' })],
    });
    const states = ends('local-network-again-1').map(
      (one) => (one!.data as { neighbour: { state: string } }).neighbour.state,
    );
    expect(states).toEqual(['REACHABLE', 'REACHABLE', 'REACHABLE', 'FAILED']);
    expect(judged[0]!.observations.filter(({ id }) => id === 'local-network-1')).toHaveLength(1);
    expect(run({ wanted: [again] }).decided).toBe(false);
    const elsewhere = localNetwork({ address: '192.0.2.99', neighbour: 'STALE' });
    expect(run({ wanted: [again], observations: [pendingPort(), stopped, elsewhere] }).decided).toBe(false);
  });

  it('other ports: the rest of them silent, refused or open; before one has answered, anything', () => {
    const ports = otherPorts({ 22: 'refused', 80: 'pending', 443: 'pending' }, { final: false });
    const told = run({ wanted: [stepOf(ports)], observations: [pendingPort(), stopped, ports] })
      .ends(ports.id)
      .map((one) => (one.data as { ports: { outcome: string }[] }).ports.map(({ outcome }) => outcome));
    expect([...new Set(told.map((words) => words.join()))]).toEqual([
      'refused,pending,pending',
      'refused,timeout,timeout',
      'refused,refused,refused',
      'refused,open,open',
    ]);
    const none = otherPorts({ 22: 'pending' }, { final: false });
    expect(run({ wanted: [stepOf(none)], observations: [pendingPort(), stopped, none] }).decided).toBe(false);
  });

  it('names of routers change nothing', () => {
    const names = working('reverse-names', 'reverse-names-1', { addresses: [R1] });
    const { ends, judged } = run({ wanted: [names] });
    expect(judged).toHaveLength(4);
    expect(ends('reverse-names-1')[0]).toMatchObject({ outcome: 'unnamed', data: { names: {} } });
  });

  it('the first router by UDP: silence, one that answers the first TTL, or one that passes on', () => {
    const gateway = working('trace-syn', 'trace-gateway-1', {
      address: '192.0.2.1',
      port: 33_434,
      protocol: 'udp',
      role: 'gateway',
      maxTtl: 2,
    });
    const told = run({ wanted: [gateway], observations: [pendingPort(), stopped, localNetwork()] }).ends(
      'trace-gateway-1',
    ) as never as {
      outcome: string;
      data: {
        port: number;
        method: string;
        replies: { ttl: number; answer: string; from: string | null; sent: number }[];
      };
    }[];
    const words = told.map(
      ({ outcome, data }) =>
        `${outcome}: ${data.replies.map(({ ttl, answer, from }) => `${ttl} ${answer} ${from}`).join(', ')}`,
    );
    expect([...new Set(words)]).toEqual([
      'stopped: 1 silence null, 2 silence null',
      'stopped: 1 time-exceeded 10.0.0.1, 2 silence null',
      'stopped: 1 time-exceeded 10.0.0.1, 2 time-exceeded 192.0.2.254',
    ]);
    expect(told[0]!.data).toMatchObject({ port: 33_434, method: 'udp' });
    expect(told[0]!.data.replies[0]!.sent).toBe(2);
  });

  it('the first router by a SYN: silence, or an answer', () => {
    const gateway = working('trace-syn', 'trace-gateway-web-1', {
      address: '192.0.2.1',
      port: 80,
      protocol: 'tcp',
      role: 'gateway',
      maxTtl: 1,
    });
    const told = run({ wanted: [gateway] }).ends('trace-gateway-web-1') as never as {
      outcome: string;
      data: { method: string; replies: { ttl: number; answer: string }[] };
    }[];
    const words = told.map(
      ({ outcome, data }) =>
        `${outcome}: ${data.replies.map(({ ttl, answer }) => `${ttl} ${answer}`).join(', ')}`,
    );
    expect([...new Set(words)]).toEqual(['stopped: 1 silence', 'reached: 1 syn-ack']);
    expect(told[0]!.data.method).toBe('tcp-syn');
  });

  it('another protocol: as far as the farthest companion, or nowhere; none is known without one', () => {
    const echo = working('trace-syn', 'trace-icmp-1', {
      address: HOST,
      port: 5432,
      protocol: 'icmp',
      role: 'other-protocol',
    });
    const udp = trace('other-protocol', [R1, '*', '10.0.2.1', udpArrives()]);
    const told = run({ wanted: [echo], observations: [pendingPort(), stopped, udp] }).ends(
      'trace-icmp-1',
    ) as never as {
      outcome: string;
      data: { port: number | null; replies: { ttl: number; answer: string; from: string | null }[] };
    }[];
    const words = told.map(
      ({ outcome, data }) =>
        `${outcome}: ${data.replies.map(({ answer, from }) => `${answer} ${from}`).join(', ')}`,
    );
    expect([...new Set(words)]).toEqual([
      `reached: time-exceeded ${R1}, silence null, time-exceeded 10.0.2.1, reply ${HOST}`,
      'stopped: silence null, silence null, silence null, silence null',
    ]);
    expect(told[0]!.data.port).toBeNull();
    expect(run({ wanted: [echo] }).decided).toBe(false);
  });

  it.each(['target', 'reference', 'reference-host'])(
    'a sweep that settles the place (%s) may bring anything',
    (role) => {
      const sweep = working('trace-syn', 'trace-x', { address: HOST, port: 22, protocol: 'tcp', role });
      const udp = trace('other-protocol', [R1, R2, '10.0.2.1', udpArrives()]);
      expect(run({ wanted: [sweep], observations: [pendingPort(), stopped, udp] }).decided).toBe(false);
    },
  );

  it('what was refused is no silence', () => {
    const rejected = trace('target', [R1, rejects(R2)]);
    expect(run({ observations: [pendingPort(), rejected] }).decided).toBe(false);
  });
});
