import { describe, expect, it } from 'vitest';
import { isDecided } from '../../../src/gather/plan/decided.ts';
import { readingsOf } from '../../../src/judge/readings/index.ts';
import type { Evidence } from '../../../src/model/evidence.ts';
import type { Observation, Step } from '../../../src/model/probes.ts';
import {
  attempt,
  connect,
  evidence,
  HOST,
  localNetwork,
  rejects,
  trace,
  udpArrives,
  type Wish,
} from '../../evidence.ts';

/** What is taken for possible of the steps at work, and how the verdicts on it are compared; the judge is given by hand. */
const R1 = '10.0.0.1';
const R2 = '10.0.1.1';
const lasting = (durationMs: number, one: Observation): Observation =>
  ({ ...one, durationMs }) as Observation;
const stopped = trace('target', [R1, R2, '*', '*', '*']);
const pendingPort = (address = HOST): Observation =>
  connect('pending', {
    address,
    attempts: [attempt('pending', { startMs: 0 }), attempt('pending', { startMs: 250 })],
  });
const stepOf = ({ id, probe, input }: Observation): Step => ({ id, probe, input }) as Step;
const working = (probe: Step['probe'], id: string, input: object): Step =>
  ({ id, probe, input }) as unknown as Step;
const PORT = stepOf(pendingPort());

type Verdict = { causes: { id: string; confidence: number; where: unknown }[]; outcome: string };
const verdict = (more: Partial<Verdict['causes'][0]> & { outcome?: string } = {}): Verdict => {
  const { outcome = 'unreachable', ...cause } = more;
  return { outcome, causes: [{ id: 'a', confidence: 0.6, where: { kind: 'hop', hop: 2 }, ...cause }] };
};

interface Run {
  wanted?: Step[];
  observations?: Observation[];
  silentMs?: number;
  wish?: Wish;
  judge?: (evidence: Evidence, nth: number) => Verdict;
}
function run({
  wanted = [],
  observations = [pendingPort(), stopped],
  silentMs = 2000,
  wish = {},
  judge = () => verdict(),
}: Run) {
  const [first, ...rest] = observations;
  const given = evidence(
    wish,
    ...[first!, ...rest].map((one, i) => (i === 1 ? lasting(silentMs, one) : one)),
  );
  const judged: Evidence[] = [];
  const decided = isDecided([PORT, ...wanted], readingsOf(given), given, (one) => {
    judged.push(one);
    return judge(one, judged.length) as never;
  });
  const ends = (id: string) =>
    judged.map(({ observations: all }) => all.filter((one) => one.id === id)).map((found) => found[0]);
  return { decided, judged, ends };
}

describe('what a port that is silent may still bring', () => {
  it('nothing, or the late word of the last router or of the host itself', () => {
    const [silent, router, host] = run({}).ends('tcp-1') as never as {
      outcome: string;
      final: boolean;
      data: { attempts: Record<string, unknown>[] };
    }[];
    expect(silent).toMatchObject({ outcome: 'timeout', final: true });
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
    expect(run({}).judged).toHaveLength(3);
  });

  it('over IPv6 the word is another', () => {
    const V6 = '2001:db8::7';
    const port = pendingPort(V6);
    const way = lasting(
      2000,
      trace('target', ['2001:db8:0:1::1', '2001:db8:0:2::1', '*', '*'], { address: V6 }),
    );
    const given = evidence({ target: { host: V6 } }, port, way);
    const told: unknown[] = [];
    isDecided([stepOf(port)], readingsOf(given), given, (one) => {
      const o = one.observations.find(({ id }) => id === 'tcp-1') as never as {
        data: { attempts: { told?: unknown }[] };
      };
      told.push(o.data.attempts[0]!.told);
      return verdict() as never;
    });
    expect(told[1]).toEqual({ from: '2001:db8:0:2::1', icmpType: 1, icmpCode: 3 });
  });

  it('nothing alone, where a router beyond the stop has answered other traffic', () => {
    const beyond = trace('other-protocol', [R1, R2, '10.0.2.1', udpArrives()]);
    expect(run({ observations: [pendingPort(), stopped, beyond] }).judged).toHaveLength(1);
  });

  it.each([
    [1599, false],
    [1600, true],
  ])('is known once it was silent for %i ms: %s', (silentMs, decided) => {
    expect(run({ silentMs }).decided).toBe(decided);
  });

  it('and for a round trip more', () => {
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
    const given = evidence({}, pendingPort(), lasting(2000, stopped));
    const ping = working('ping', 'ping-1', { address: HOST, count: 3 });
    expect(isDecided([ping], readingsOf(given), given, () => verdict() as never)).toBe(false);
  });
});

describe('the same verdict', () => {
  const against = (other: Verdict, first = verdict()) =>
    run({ judge: (_, nth) => (nth === 2 ? other : first) }).decided;
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

  it('names of routers change nothing', () => {
    const names = working('reverse-names', 'reverse-names-1', { addresses: [R1] });
    const { ends, judged } = run({ wanted: [names] });
    expect(judged).toHaveLength(3);
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
