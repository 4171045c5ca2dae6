import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import * as planning from '../../../src/gather/plan/index.ts';
import { readingsOf } from '../../../src/judge/readings/index.ts';
import type { Evidence } from '../../../src/model/evidence.ts';
import type { Observation, Step, StepOf } from '../../../src/model/probes.ts';
import {
  attempt,
  attempts,
  connect,
  counted,
  evidence,
  HOST,
  localNetwork,
  observation,
  otherPorts,
  ping,
  QUIET,
  rejects,
  resolved,
  trace,
  udpArrives,
  type Wish,
} from '../../evidence.ts';

const R1 = '10.0.0.1';
const R2 = '10.0.1.1';
const NAME: Wish = { target: { host: 'db.example.com' } };
const V6 = '2001:db8::7';

const nextSteps = (from: Evidence): Step[] => planning.nextSteps(readingsOf(from));
const isWanted = (one: Step, from: Evidence): boolean => planning.isWanted(one, readingsOf(from));
const plan = (wish: Wish, ...seen: Observation[]): Step[] => nextSteps(evidence(wish, ...seen));
const ids = (wish: Wish, ...seen: Observation[]): string[] => plan(wish, ...seen).map(({ id }) => id);
function step<P extends Step['probe']>(steps: Step[], id: string): StepOf<P> {
  const found = steps.find((one) => one.id === id);
  if (found === undefined) throw new Error(`${id} is not among ${steps.map((one) => one.id)}`);
  return found as StepOf<P>;
}
const finding = (id: string, probe: Observation['probe'], outcome: string): Observation =>
  observation(probe, id, {} as never, outcome as never, null);

// ---------------------------------------------------------------- the table

const pending = connect('pending');
const timeout = connect('timeout');
const refused = connect('refused');
const open = connect('open');
/** Samples from 40001, 40002 ... that fared so. */
const flows = (fates: ('open' | 'timeout')[]) =>
  connect('open', {
    id: 'tcp-more-1',
    role: 'sample',
    attempts: fates.map((fate, i) => attempt(fate, { sourcePort: 40_001 + i, startMs: 250 * i })),
  });
const targetTrace = trace('target', [R1, R2, '*', '*']);
const rstTrace = trace('target', [R1, R2, 'rst']);
const udp = trace('other-protocol', [R1, R2, udpArrives()]);
const closed22 = otherPorts({ 443: 'timeout', 22: 'refused' });

describe('what is asked, given what is known', () => {
  it.each<[string, Wish, Observation[], string[]]>([
    ['an address: connect, and nothing else', {}, [], ['tcp-1']],
    [
      'a name: the system, the hosts file and the resolvers side by side',
      NAME,
      [],
      ['resolve', 'hosts-file', 'dns-1'],
    ],
    [
      'a resolver to compare with is asked, too',
      { ...NAME, resolvers: ['198.51.100.53'] },
      [],
      ['resolve', 'hosts-file', 'dns-1', 'dns-2'],
    ],
    [
      'a name that leads to nothing: nobody to connect to',
      NAME,
      [resolved()],
      ['resolve', 'hosts-file', 'dns-1'],
    ],
    [
      'a name that leads to two addresses: connect to both',
      NAME,
      [resolved(V6, HOST)],
      ['resolve', 'hosts-file', 'dns-1', 'tcp-1', 'tcp-2'],
    ],
    ['what the user said is evidence', { answers: { symptom: 'hangs' } }, [], ['answer-symptom', 'tcp-1']],
    [
      '700 ms of silence: everything at once, while the attempt still waits',
      {},
      [pending],
      ['tcp-1', 'local-network-1', 'ping-1', 'alternate-ports-1', 'trace-syn-target-1', 'trace-udp-1'],
    ],
    [
      'silence behind a router: whether that router speaks at all',
      {},
      [pending, localNetwork()],
      [
        'tcp-1',
        'local-network-1',
        'ping-1',
        'alternate-ports-1',
        'trace-syn-target-1',
        'trace-udp-1',
        'trace-gateway-1',
        'trace-gateway-web-1',
      ],
    ],
    [
      'silence, and another port answered: the same trace to that one',
      {},
      [pending, otherPorts({ 22: 'refused', 80: 'pending' }, { final: false })],
      [
        'tcp-1',
        'local-network-1',
        'ping-1',
        'alternate-ports-1',
        'trace-syn-target-1',
        'trace-udp-1',
        'trace-syn-reference-1',
      ],
    ],
    [
      'the attempts are over: whether the next hop was found',
      {},
      [timeout],
      [
        'tcp-1',
        'local-network-1',
        'ping-1',
        'alternate-ports-1',
        'trace-syn-target-1',
        'trace-udp-1',
        'local-network-again-1',
      ],
    ],
    [
      'a refusal: the trace to the very port goes first and alone',
      {},
      [refused],
      ['tcp-1', 'local-network-1', 'trace-syn-target-1'],
    ],
    [
      'and what else could use up the errors that a router sends comes after it',
      {},
      [refused, rstTrace],
      [
        'tcp-1',
        'local-network-1',
        'trace-syn-target-1',
        'ping-1',
        'alternate-ports-1',
        'trace-udp-1',
        'reply-ttl-1',
        'reverse-names-1',
      ],
    ],
    [
      'a refusal, and the reference answers: how far away both answers come from',
      { names: false },
      [refused, rstTrace, closed22, trace('reference', [R1, R2, 'rst'])],
      [
        'tcp-1',
        'local-network-1',
        'trace-syn-target-1',
        'ping-1',
        'alternate-ports-1',
        'trace-udp-1',
        'trace-syn-reference-1',
        'reply-ttl-1',
        'reply-ttl-reference-1',
      ],
    ],
    [
      'a refusal that the trace does not meet again: once more, before anything else asks the router',
      {},
      [connect('unreachable'), targetTrace],
      ['tcp-1', 'local-network-1', 'trace-syn-target-1', 'trace-syn-again-1'],
    ],
    [
      'a packet that ran out of its TTL: the sender is known, and where it went in circles is not',
      {},
      [
        attempts(
          attempt('unreachable', { told: { from: R2, icmpType: 11, icmpCode: 0 }, code: 'EHOSTUNREACH' }),
        ),
        targetTrace,
      ],
      ['tcp-1', 'local-network-1', 'trace-syn-target-1', 'trace-syn-again-1'],
    ],
    [
      'silence, and the host answers ping: how far away it is',
      {},
      [pending, ping('replies')],
      [
        'tcp-1',
        'local-network-1',
        'ping-1',
        'alternate-ports-1',
        'trace-syn-target-1',
        'trace-udp-1',
        'trace-icmp-1',
      ],
    ],
    ['nothing left this machine: only why', {}, [connect('local-error')], ['tcp-1', 'local-network-1']],
    [
      'a reset by a neighbour needs no distance',
      { names: false },
      [refused, localNetwork({ route: { onLink: true, gateway: null } }), trace('target', ['rst'])],
      ['tcp-1', 'local-network-1', 'trace-syn-target-1', 'ping-1', 'alternate-ports-1', 'trace-udp-1'],
    ],
    ['an open port: what it says, how far the host is', {}, [open], ['tcp-1', 'greeting-1', 'trace-udp-1']],
    [
      'the distance is known: SYNs that must die before the host',
      {},
      [open, udp],
      ['tcp-1', 'greeting-1', 'trace-udp-1', 'trace-syn-target-1'],
    ],
    [
      'an open port that wavers: how often, and whether others waver too',
      {},
      [
        open,
        connect('open', {
          id: 'tcp-sample-1',
          role: 'sample',
          attempts: [attempt('open'), attempt('timeout')],
        }),
      ],
      [
        'tcp-1',
        'greeting-1',
        'tcp-more-1',
        'ping-more-1',
        'local-network-1',
        'alternate-ports-1',
        'trace-udp-1',
      ],
    ],
    [
      'an open port that answers some source ports and others not: the same ones again, in turns',
      {},
      [open, flows(['timeout', 'open', 'open', 'timeout'])],
      [
        'tcp-1',
        'greeting-1',
        'tcp-more-1',
        'tcp-same-flow-1',
        'ping-more-1',
        'local-network-1',
        'alternate-ports-1',
        'trace-udp-1',
      ],
    ],
    [
      'a single source port that nothing answers may be chance',
      {},
      [open, flows(['timeout', 'open', 'open', 'open'])],
      [
        'tcp-1',
        'greeting-1',
        'tcp-more-1',
        'ping-more-1',
        'local-network-1',
        'alternate-ports-1',
        'trace-udp-1',
      ],
    ],
    [
      'a limit that we met is not tried again',
      {},
      [open, flows(['open', 'open', 'timeout', 'timeout'])],
      [
        'tcp-1',
        'greeting-1',
        'tcp-more-1',
        'ping-more-1',
        'local-network-1',
        'alternate-ports-1',
        'trace-udp-1',
      ],
    ],
    [
      'silence at first and a sample that was accepted: the port is open',
      {},
      [connect('timeout'), flows(['open', 'timeout'])],
      [
        'tcp-1',
        'greeting-1',
        'tcp-more-1',
        'ping-more-1',
        'local-network-1',
        'alternate-ports-1',
        'trace-udp-1',
      ],
    ],
    [
      'a reset behind an address whose source was translated back: other servers may stand there',
      { names: false, ttlProbe: true },
      [refused, trace('target', ['192.0.2.1', HOST, 'rst'])],
      [
        'tcp-1',
        'local-network-1',
        'trace-syn-target-1',
        'ping-1',
        'alternate-ports-1',
        'trace-udp-1',
        'reply-ttl-1',
        'tcp-again-1',
      ],
    ],
    [
      'an open port with --trace',
      { traceAlways: true },
      [open],
      ['tcp-1', 'greeting-1', 'local-network-1', 'trace-syn-target-1', 'trace-udp-1'],
    ],
    [
      'the probe itself broke: nothing is built upon it',
      {},
      [finding('tcp-1', 'tcp-connect', 'failed')],
      ['tcp-1'],
    ],
  ])('%s', (_, wish, seen, wanted) => {
    expect(ids(wish, ...seen)).toEqual(wanted);
  });
});

describe('manners', () => {
  it.each([
    ['PostgreSQL', { port: 5432, service: 'postgresql' }],
    ['a port without a service', { port: 40_000 }],
    ['the port that is most likely closed', { port: 47_321 }],
    ['SSH', { port: 22, service: 'ssh' }],
  ])('at most six other ports of the host, never the port itself: %s', (_, target) => {
    const { ports } = step<'alternate-ports'>(
      plan({ target }, connect('pending', target)),
      'alternate-ports-1',
    ).input;
    expect(ports.length).toBeLessThanOrEqual(6);
    expect(ports).not.toContain(target.port);
    expect(new Set(ports).size).toBe(ports.length);
  });

  it('asks three of either fate at most, a silent one first', () => {
    const seen = flows(['timeout', 'open', 'open', 'open', 'open', 'timeout', 'timeout', 'timeout']);
    expect(step<'tcp-connect'>(plan({}, open, seen), 'tcp-same-flow-1').input.sourcePorts).toEqual([
      40_001, 40_002, 40_006, 40_003, 40_007, 40_004,
    ]);
  });

  it('the ports that the user chose, and one that is most likely closed', () => {
    const chosen = plan({ alternatePorts: [1, 2, 3, 4, 5, 6, 7] }, pending);
    expect(step<'alternate-ports'>(chosen, 'alternate-ports-1').input.ports).toEqual([1, 2, 3, 4, 5, 47_321]);
    const others = plan({ alternatePorts: [5432, 8443] }, pending);
    expect(step<'alternate-ports'>(others, 'alternate-ports-1').input.ports).toEqual([8443, 47_321]);
  });

  it('a router that rejects is asked about fewer ports: it sends few errors', () => {
    const rejected = plan({}, connect('unreachable'), trace('target', [R1, R2, rejects(R2)]));
    expect(step<'alternate-ports'>(rejected, 'alternate-ports-1').input.ports).toHaveLength(3);
  });

  it('--no-ttl-probe: no packet with a small TTL, by us or by a tool', () => {
    const quiet: Wish = { ttlProbe: false };
    const states = [
      [pending, localNetwork()],
      [timeout, closed22],
      [refused],
      [open, udp],
      [connect('unreachable')],
    ];
    for (const seen of states)
      for (const { probe } of plan(quiet, ...seen))
        expect(['trace-syn', 'trace-command']).not.toContain(probe);
  });

  it('--no-names: no reverse DNS', () => {
    expect(ids({}, timeout, targetTrace, udp)).toContain('reverse-names-1');
    expect(ids({ names: false }, timeout, targetTrace, udp)).not.toContain('reverse-names-1');
  });

  it.each([
    [30, 30],
    [31, 30],
  ])('names of %i routers are asked for: %i', (routers, asked) => {
    const hops = Array.from({ length: routers }, (_, i) => `10.1.${i}.1`);
    const steps = plan(
      {},
      timeout,
      trace('target', hops.slice(0, 20)),
      trace('other-protocol', hops.slice(20)),
    );
    const { addresses } = step<'reverse-names'>(steps, 'reverse-names-1').input;
    expect(addresses.filter((one) => one !== HOST)).toHaveLength(asked);
  });

  it('no traces on loopback', () => {
    const loopback: Wish = { target: { host: '127.0.0.1' } };
    for (const outcome of ['pending', 'refused', 'open'] as const)
      for (const { probe } of plan(loopback, connect(outcome, { address: '127.0.0.1' })))
        expect(probe).not.toBe('trace-syn');
  });

  it('only the named host, the reference host and the first two routers are sent anything', () => {
    const everything = plan(
      { controlHost: '198.51.100.9' },
      timeout,
      localNetwork(),
      targetTrace,
      closed22,
      udp,
    );
    const sentTo = everything.flatMap(({ input }) => ('address' in input ? [input.address] : []));
    expect(new Set(sentTo)).toEqual(new Set([HOST, '198.51.100.9', '192.0.2.1']));
    const gateway = step<'trace-syn'>(everything, 'trace-gateway-1').input;
    // A documentation address: one packet ends at the first router and one at the second, the SYN at the first.
    expect(gateway).toMatchObject({ address: '192.0.2.1', protocol: 'udp', maxTtl: 2 });
    const web = step<'trace-syn'>(everything, 'trace-gateway-web-1').input;
    expect(web).toMatchObject({ address: '192.0.2.1', protocol: 'tcp', maxTtl: 1 });
  });

  it('SYNs that look for an interceptor never reach an honest host', () => {
    const safe = (seen: Observation) =>
      step<'trace-syn'>(plan({}, open, seen), 'trace-syn-target-1').input.maxTtl;
    expect(safe(trace('other-protocol', [R1, R2, '10.0.2.1', udpArrives()]))).toBe(3);
    expect(safe(trace('other-protocol', [R1, R2, '*', '*']))).toBe(2);
    expect(ids({}, open, trace('other-protocol', ['*', '*']))).not.toContain('trace-syn-target-1');
    expect(ids({}, open, trace('other-protocol', [udpArrives()]))).not.toContain('trace-syn-target-1');
  });

  it('at most three resolvers of the system', () => {
    const many = ids({ ...NAME, vantage: { resolvers: ['10.0.0.1', '10.0.0.2', '10.0.0.3', '10.0.0.4'] } });
    expect(many.filter((id) => id.startsWith('dns-'))).toEqual(['dns-1', 'dns-2', 'dns-3']);
  });

  it('one failing address a family is looked at closely', () => {
    const seen = [
      resolved(V6, '2001:db8::8', HOST),
      connect('timeout', { address: V6 }),
      connect('timeout', { id: 'tcp-2', address: '2001:db8::8' }),
      connect('timeout', { id: 'tcp-3' }),
    ];
    expect(ids(NAME, ...seen).filter((id) => id.startsWith('trace-syn-target'))).toEqual([
      'trace-syn-target-1',
      'trace-syn-target-3',
    ]);
  });

  it('an address that works is not looked at because the other one fails', () => {
    const seen = [resolved(V6, HOST), connect('timeout', { address: V6 }), connect('open', { id: 'tcp-2' })];
    const wanted = ids({ ...NAME, ttlProbe: false }, ...seen);
    expect(wanted).toContain('alternate-ports-1');
    expect(wanted).not.toContain('alternate-ports-2');
  });
});

describe('waits', () => {
  it('the last attempt outlives a failed ARP, which takes 3.06 s', () => {
    const { startsMs, endMs } = step<'tcp-connect'>(plan({}), 'tcp-1').input;
    expect(endMs - Math.max(...startsMs)).toBeGreaterThanOrEqual(3500);
    expect(startsMs.length).toBeGreaterThan(1);
  });

  it('a sweep into silence is held open until ARP has failed; one that is refused at once is not', () => {
    const hold = (...seen: Observation[]) =>
      step<'trace-syn'>(plan({}, ...seen), 'trace-syn-target-1').input.holdMs;
    expect(700 + hold(pending)).toBeGreaterThan(3060);
    expect(hold(refused)).toBeLessThan(500);
    expect(hold(attempts(attempt('unreachable', { elapsedMs: 3062 })))).toBe(hold(pending));
  });

  it('"unreachable" after three seconds: the neighbour is looked at again', () => {
    const late = attempts(attempt('unreachable', { elapsedMs: 3062 }));
    expect(ids({}, late, trace('target', [R1, rejects(R1, 1, 2900)]))).toContain('local-network-again-1');
    expect(ids({}, connect('unreachable'), trace('target', [R1, rejects(R1)]))).not.toContain(
      'local-network-again-1',
    );
  });
});

describe('the reference of the traces', () => {
  const port = (...seen: Observation[]): number | null => {
    const found = plan({}, pending, ...seen).find(({ id }) => id === 'trace-syn-reference-1');
    return found === undefined ? null : (found as StepOf<'trace-syn'>).input.port;
  };

  it('is a port that refused, before one that is open: nobody notices it', () => {
    expect(port(otherPorts({ 22: 'open', 80: 'refused' }))).toBe(80);
    expect(port(otherPorts({ 22: 'open', 80: 'timeout' }))).toBe(22);
  });

  it('is a rejected or a silent one only when nothing better can come', () => {
    expect(port(otherPorts({ 22: 'unreachable', 80: 'pending' }, { final: false }))).toBeNull();
    expect(port(otherPorts({ 22: 'unreachable', 80: 'timeout' }))).toBe(22);
    expect(port(otherPorts({ 22: 'timeout', 47321: 'timeout' }))).toBe(47_321);
  });

  it('stays the one that it was when a better one answers later', () => {
    const started = trace('reference', [R1], { port: 22 });
    expect(port(started, otherPorts({ 22: 'open', 80: 'refused' }))).toBe(22);
  });
});

describe('a second sweep from other source ports', () => {
  const reference = (...hops: string[]) => trace('reference', hops, { port: 443 });

  it('is made where target and reference met different routers at the same distance', () => {
    expect(
      ids({}, timeout, trace('target', [R1, '10.0.9.1', '*']), reference(R1, '10.0.8.1', 'rst')),
    ).toContain('trace-syn-second-1');
  });

  it('is not made where they met the same ones, or only one of them spoke', () => {
    expect(
      ids({}, timeout, trace('target', [R1, '10.0.9.1', '*']), reference(R1, '10.0.9.1', 'rst')),
    ).not.toContain('trace-syn-second-1');
    expect(ids({}, timeout, trace('target', [R1, '*', '*']), reference(R1, '10.0.8.1', 'rst'))).not.toContain(
      'trace-syn-second-1',
    );
  });
});

describe('where our own sweep is not possible', () => {
  const failedTrace = (outcome: string) =>
    ({
      ...finding('trace-syn-target-1', 'trace-syn', outcome),
      input: { address: HOST, role: 'target' },
    }) as Observation;

  it.each(['not-available', 'failed'])('%s: tools are asked', (outcome) => {
    expect(ids({}, timeout, failedTrace(outcome))).toEqual(
      expect.arrayContaining(['trace-command-1', 'trace-command-other-1']),
    );
  });

  it('the kernel is asked to count', () => {
    expect(ids({}, pending, failedTrace('not-available'))).toContain('counted-connect-1');
    expect(ids({}, pending)).not.toContain('counted-connect-1');
    expect(ids({}, timeout, targetTrace)).not.toContain('counted-connect-1');
  });

  it('nothing is heard of anybody, and packets arrive for nobody: counted once all else is over', () => {
    const counters = { ...QUIET, undelivered: 40, undeliveredInStep: 2 };
    const deaf = trace('target', ['*', '*', '*'], { counters });
    const told = (...more: Observation[]) => {
      const seen = [timeout, deaf, ...more];
      for (let turn = 0; turn < 6; turn++) {
        const wanted = plan({}, ...seen).filter(({ id }) => !seen.some((o) => o.id === id));
        if (wanted.some(({ id }) => id === 'counted-connect-1')) return turn;
        seen.push(...wanted.map(({ id, probe }) => finding(id, probe, 'timeout')));
      }
      return null;
    };
    expect(told()).toBeGreaterThan(0);
    // A router was heard: this machine lets answers in.
    expect(told(trace('other-protocol', [R1, '*']))).toBeNull();
  });

  describe('a refusal', () => {
    const none = failedTrace('not-available');
    const tool = finding('trace-command-1', 'trace-command', 'not-available');
    const reset = counted(['refused', 'refused']);
    const icmp = counted(['refused', 'refused'], { whole: { unreachables: 2 } });
    const all = ['ping-1', 'alternate-ports-1', 'trace-command-other-1'];

    it('is counted before anything else adds to the counters', () => {
      expect(ids({}, refused, none)).toContain('counted-connect-1');
      expect(ids({}, refused, none)).toEqual(expect.not.arrayContaining([...all, 'trace-command-1']));
    });

    it('by ICMP: the trace to the port goes first and alone', () => {
      expect(ids({}, refused, none, icmp)).toContain('trace-command-1');
      for (const id of all) expect(ids({}, refused, none, icmp)).not.toContain(id);
      const traced = trace('target', [R1, rejects(R2)], { tool: true, id: 'trace-command-1' });
      expect(ids({}, refused, none, icmp, traced)).toEqual(expect.arrayContaining(all));
    });

    it('by a reset: nothing is limited, so nothing waits', () => {
      expect(ids({}, refused, none, reset)).toEqual(expect.arrayContaining([...all, 'trace-command-1']));
    });

    it('without a tool: ping gets the errors before the ports do', () => {
      const unreachable = connect('unreachable');
      expect(ids({}, unreachable, none)).not.toContain('ping-1');
      expect(ids({}, unreachable, none, tool)).toContain('ping-1');
      expect(ids({}, unreachable, none, tool)).not.toContain('alternate-ports-1');
      const others = finding('trace-command-other-1', 'trace-command', 'not-available');
      expect(ids({}, unreachable, none, tool, ping('no-reply'))).not.toContain('alternate-ports-1');
      expect(ids({}, unreachable, none, tool, ping('no-reply'), others)).toEqual(
        expect.arrayContaining(['alternate-ports-1', 'counted-connect-1']),
      );
    });
  });

  it('"unreachable" after three seconds, and nobody knows from whom: a ping waits for the same word', () => {
    const late = attempts(attempt('unreachable', { elapsedMs: 3062 }));
    const none = failedTrace('not-available');
    const tool = finding('trace-command-1', 'trace-command', 'not-available');
    const echo = step<'ping'>(plan({}, late, none, tool, ping('no-reply')), 'ping-late-1').input;
    // -W takes whole seconds and must be more than the 3.06 s that a failed ARP takes.
    expect(echo.timeoutMs).toBeGreaterThan(4100);
    const told = trace('target', [R1, rejects(R1, 1)], { tool: true, id: 'trace-command-1' });
    expect(ids({}, late, none, told, ping('no-reply'))).not.toContain('ping-late-1');
    expect(ids({}, late, none, ping('no-reply'))).not.toContain('ping-late-1');
    // Where nobody answers for the next hop this machine says so itself.
    const dead = localNetwork({ neighbour: 'FAILED' });
    expect(ids({}, late, none, tool, ping('no-reply'), dead)).not.toContain('ping-late-1');
  });

  it('where ping gets through and UDP does not, the way of ping is asked, too', () => {
    const short = trace('other-protocol', [R1, R2, '*', '*'], { tool: true, id: 'trace-command-other-1' });
    const none = failedTrace('not-available');
    expect(ids({}, timeout, none, short, ping('replies'))).toContain('trace-command-icmp-1');
    expect(ids({}, timeout, none, short, ping('no-reply'))).not.toContain('trace-command-icmp-1');
  });

  it('they are not asked beside it, nor when it was stopped', () => {
    expect(ids({}, timeout, targetTrace)).not.toContain('trace-command-1');
    expect(ids({}, timeout, failedTrace('cancelled'))).not.toContain('trace-command-1');
  });
});

describe('the reference host', () => {
  const wish: Wish = { controlHost: 'other.example' };
  const literal: Wish = { controlHost: '198.51.100.9' };
  const referenceResolved = observation(
    'system-resolve',
    'resolve-reference',
    { host: 'other.example' },
    'resolved',
    { addresses: [{ address: '198.51.100.9', family: 4 }], code: null },
  );
  const reference = (outcome: 'open' | 'timeout') =>
    connect(outcome, { id: 'tcp-reference-host', address: '198.51.100.9', role: 'reference-host' });

  it('is left alone while the target has not failed', () => {
    expect(ids(wish)).toEqual(['tcp-1']);
    expect(ids(wish, open)).not.toContain('resolve-reference');
  });

  it('is resolved, tried on the same port, and traced where it fails too', () => {
    expect(ids(wish, timeout).at(-1)).toBe('resolve-reference');
    const tried = plan(wish, timeout, referenceResolved);
    expect(step<'tcp-connect'>(tried, 'tcp-reference-host').input).toMatchObject({
      address: '198.51.100.9',
      port: 5432,
      role: 'reference-host',
    });
    expect(ids(wish, timeout, referenceResolved, reference('timeout'))).toContain('trace-syn-reference-host');
    expect(ids(wish, timeout, referenceResolved, reference('open'))).not.toContain(
      'trace-syn-reference-host',
    );
  });

  it('that is an address needs no resolving', () => {
    expect(ids(literal, refused)).toContain('tcp-reference-host');
    expect(ids(literal, refused)).not.toContain('resolve-reference');
  });
});

// ---------------------------------------------------------------- what holds for every evidence

const SCENARIOS = fileURLToPath(new URL('../../scenarios/', import.meta.url));
const recorded = readdirSync(SCENARIOS)
  .filter((name) => existsSync(`${SCENARIOS}${name}/evidence.json`))
  .map(
    (name) =>
      [name, JSON.parse(readFileSync(`${SCENARIOS}${name}/evidence.json`, 'utf8')) as Evidence] as const,
  );

describe.each(recorded)('along the recorded run %s', (_, whole) => {
  const stages = whole.observations.map((__, i) =>
    nextSteps({ ...whole, observations: whole.observations.slice(0, i) }),
  );

  it('every step has an id of its own, with one probe, whenever it is asked for', () => {
    const probes = new Map<string, string>();
    for (const steps of stages) {
      expect(new Set(steps.map(({ id }) => id)).size).toBe(steps.length);
      for (const { id, probe } of steps) expect(probes.get(id) ?? probe).toBe(probe);
      for (const { id, probe } of steps) probes.set(id, probe);
    }
  });

  it('nothing is asked twice, but how the neighbour is doing by now', () => {
    const started = new Map<string, Step>();
    for (const one of stages.flat()) if (!started.has(one.id)) started.set(one.id, one);
    const asked = [...started.values()]
      .filter(({ id }) => !id.startsWith('local-network-again'))
      .map(({ probe, input }) => JSON.stringify([probe, input]));
    expect(new Set(asked).size).toBe(asked.length);
  });

  it('the plan depends on the evidence alone', () => {
    const before = JSON.stringify(whole);
    expect(nextSteps(whole)).toEqual(nextSteps(JSON.parse(before) as Evidence));
    expect(JSON.stringify(whole)).toBe(before);
  });
});

// ---------------------------------------------------------------- names that need no resolver, and names that nobody made

describe('names', () => {
  const idsOf = (wish: Wish, ...seen: Observation[]) =>
    nextSteps(evidence(wish, ...seen)).map(({ id }) => id);

  it('that lead to this machine everywhere are asked of no resolver', () => {
    for (const host of ['localhost', 'app.localhost', 'localhost.'])
      expect(idsOf({ target: { host } })).toEqual(['resolve', 'hosts-file']);
  });

  it('but of every resolver where this machine does not know them by itself', () => {
    const host = 'localhost';
    const looked = (outcome: 'error' | 'resolved', found: string[], final = true) =>
      idsOf(
        { target: { host } },
        {
          ...observation('system-resolve', 'resolve', { host }, outcome, {
            addresses: found.map((address) => ({ address, family: 4 as const })),
            code: null,
          }),
          final,
        },
      ).filter((id) => id.startsWith('dns-'));
    expect(looked('error', [])).toContain('dns-1');
    expect(looked('error', [], false)).toEqual([]);
    expect(looked('resolved', ['127.0.0.1'])).toEqual([]);
  });

  it('that nobody made are asked where the address of a resolver fails, one a run and not with --no-names', () => {
    const said = observation(
      'dns',
      'dns-1',
      {
        resolver: '10.0.0.1',
        port: 53,
        host: 'db.example.com',
        configured: true,
        timeoutMs: 1,
        searchDomains: [],
        ndots: 1,
      },
      'answered',
      {
        answers: [
          {
            type: 'A',
            name: 'db.example.com',
            outcome: 'answered',
            rcode: 'NOERROR',
            addresses: [HOST],
            cnames: [],
            ttlSeconds: 60,
            extendedErrors: [],
            transport: 'udp',
            elapsedMs: 1,
            ignored: null,
            authoritative: false,
          },
        ],
      },
    );
    const wish: Wish = { target: { host: 'db.example.com' } };
    const nonsense = (more: Wish, ...seen: Observation[]) =>
      nextSteps(evidence({ ...wish, ...more }, resolved(HOST), said, ...seen)).filter(
        ({ id }) => id === 'dns-nonsense',
      );
    expect(nonsense({}, connect('open'))).toEqual([]);
    expect(nonsense({ names: false }, connect('refused'))).toEqual([]);
    const [asked] = nonsense({}, connect('refused'));
    expect(asked?.input).toMatchObject({ resolver: '10.0.0.1', nonsense: true });
    expect((asked?.input as { host?: string } | undefined)?.host).toMatch(
      /^nobody-made-[0-9a-z]+\.example\.com\.$/,
    );
  });
});

// ---------------------------------------------------------------- enough

describe('whether a step that is still at work can change the answer', () => {
  const query = (resolver: string, configured = true): Step => ({
    id: `dns-${resolver}`,
    probe: 'dns',
    input: {
      resolver,
      port: 53,
      host: 'db.example.com',
      configured,
      timeoutMs: 2500,
      searchDomains: [],
      ndots: 1,
    },
    purpose: 'resolver',
  });
  const resolve: Step = {
    id: 'resolve',
    probe: 'system-resolve',
    input: { host: 'db.example.com' },
    purpose: 'name',
  };
  const hosts: Step = {
    id: 'hosts-file',
    probe: 'hosts-file',
    input: { host: 'db.example.com' },
    purpose: 'hosts-file',
  };
  const echo: Step = {
    id: 'ping-1',
    probe: 'ping',
    input: { address: HOST, count: 1, timeoutMs: 1000 },
    purpose: 'echo',
  };
  const dead = (outcome: 'timeout' | 'answered') =>
    observation('dns', 'dns-1', query('10.0.0.1').input as never, outcome, null);
  const notListed = observation('hosts-file', 'hosts-file', { host: 'db.example.com' }, 'not-listed', {
    path: '/etc/hosts',
    entries: [],
  });
  const found = resolved(HOST);

  it.each<[string, Step, Wish, Observation[], boolean]>([
    ['the first question', resolve, NAME, [], true],
    ["the system's resolver once it has told", resolve, NAME, [found], false],
    [
      "the system's resolver while a configured one may still tell",
      resolve,
      { ...NAME, vantage: { resolvers: ['10.0.0.1', '10.0.0.2'] } },
      [dead('timeout')],
      true,
    ],
    [
      "the system's resolver when every configured one is known to be dead",
      resolve,
      NAME,
      [dead('timeout'), notListed],
      false,
    ],
    ["the system's resolver when one answered", resolve, NAME, [dead('answered'), notListed], true],
    [
      "the system's resolver where no resolver is known",
      resolve,
      { ...NAME, vantage: { resolvers: [] } },
      [notListed],
      true,
    ],
    ['the hosts file, always: it is read at once', hosts, NAME, [found, refused], true],
    ['a resolver while nothing has failed', query('10.0.0.2'), NAME, [found, open], false],
    ['a resolver when the port is refused at once', query('10.0.0.2'), NAME, [found, refused], false],
    [
      'the first resolver when the port is refused at once, and it has just answered the system',
      query('10.0.0.1'),
      NAME,
      [found, refused, notListed],
      true,
    ],
    [
      'the first resolver once it is known to be silent so far',
      query('10.0.0.1'),
      NAME,
      [found, refused, notListed, { ...dead('timeout'), id: 'dns-10.0.0.1', final: false }],
      false,
    ],
    ['a resolver when the port is silent', query('10.0.0.2'), NAME, [found, pending], true],
    [
      'a resolver to compare with, when the port is refused',
      query('198.51.100.53', false),
      NAME,
      [found, refused],
      true,
    ],
    [
      'a resolver to compare with, when the port is open',
      query('198.51.100.53', false),
      NAME,
      [found, open],
      false,
    ],
    ['ping while the port is silent', echo, {}, [pending], true],
    ['ping when the port refused at once', echo, {}, [refused, closed22], false],
    ['ping while the other ports wait for it', echo, {}, [refused], true],
    [
      'ping when "unreachable" came three seconds late',
      echo,
      {},
      [attempts(attempt('unreachable', { elapsedMs: 3062 }))],
      true,
    ],
  ])('%s: %5$s', (_, one, wish, seen, wanted) => {
    expect(isWanted(one, evidence(wish, ...seen))).toBe(wanted);
  });

  it.each<[string, string, boolean]>([
    ['the other name is answered: why it is silent is known', 'other-name-works', false],
    ['the same request is answered again: the first may have had to wake somebody', 'answers-now', true],
    ['every shape is silent: only waiting tells', 'all-silent', true],
  ])('the first conversation, where %s', (_, outcome, wanted) => {
    const web = { target: { service: 'http', serviceNamed: true } };
    const asks = plan(web, open).find(({ id }) => id === 'http-1')!;
    const silent = observation('http', 'http-1', asks.input as never, 'stalled', null as never, {
      final: false,
    });
    const shapes = observation(
      'stall',
      'stall-1',
      { address: HOST } as never,
      outcome as never,
      {
        variants: [{ name: 'as-is', ended: 'stalled', unacked: 0 }],
      } as never,
    );
    expect(isWanted(asks, evidence(web, open, silent, shapes))).toBe(wanted);
  });

  it('every other probe, always', () => {
    for (const one of plan(
      { controlHost: 'other.example' },
      timeout,
      localNetwork(),
      closed22,
      ping('no-reply'),
    ))
      if (one.probe !== 'ping') expect(isWanted(one, evidence({}, timeout))).toBe(true);
  });
});

describe('what the answers of the user ask for', () => {
  const says = (answers: Wish['answers'], more: Wish = {}): Wish => ({ ...more, answers: answers ?? {} });
  const extra = (wish: Wish, ...seen: Observation[]): string[] =>
    ids(wish, ...seen).filter((id) => !ids({ ...wish, answers: {} }, ...seen).includes(id));

  it('it comes and goes: a connection a second, for as long as the run may last', () => {
    const sample = (maxTimeMs: number) =>
      step<'tcp-connect'>(plan(says({ symptom: 'intermittent' }, { maxTimeMs }), open), 'tcp-sample-1').input;
    expect(sample(20_000).startsMs).toEqual(Array.from({ length: 16 }, (_, i) => i * 1000));
    expect(sample(20_000).endMs).toBeLessThan(20_000);
    // Never more than sixty, however long is allowed.
    expect(sample(600_000).startsMs).toHaveLength(59);
    expect(sample(600_000).startsMs.at(-1)).toBeLessThan(600_000);
    expect(sample(500).startsMs).toEqual([0, 1000, 2000]);
    // The silence before it took its time.
    const silent = connect('timeout', { attempts: [attempt('timeout', { startMs: 0, elapsedMs: 4000 })] });
    const late = plan(says({ symptom: 'intermittent' }, { maxTimeMs: 20_000 }), silent, closed22);
    expect(step<'tcp-connect'>(late, 'tcp-sample-1').input.startsMs.at(-1)).toBe(11_000);
  });

  it('it comes and goes: small and large pings, and where it wavers another port, over the time of the samples', () => {
    const wish = says({ symptom: 'intermittent' }, { maxTimeMs: 20_000 });
    expect(extra(wish, open)).toEqual(['answer-symptom', 'tcp-sample-1', 'ping-over-time-1', 'ping-large-1']);
    const [small, large] = ['ping-over-time-1', 'ping-large-1'].map(
      (id) => step<'ping'>(plan(wish, open), id).input,
    );
    expect(small).toMatchObject({ count: 10, intervalMs: 1500 });
    expect(small?.size).toBeUndefined();
    expect(large).toMatchObject({ count: 10, intervalMs: 1500, size: 1200 });
    const wavers = connect('open', { attempts: [attempt('open', { elapsedMs: 2050 })] });
    const sample = (final: boolean) =>
      ({
        ...connect('open', { id: 'tcp-sample-1', role: 'sample', attempts: [attempt('open')] }),
        final,
      }) as Observation;
    const lastOf = (...more: Observation[]) =>
      step<'tcp-connect'>(plan(wish, wavers, closed22, ...more), 'tcp-reference-1').input.startsMs.at(-1);
    expect([lastOf(), lastOf(sample(false)), lastOf(sample(true))]).toEqual([15_000, 14_000, 1250]);
  });

  it('it comes and goes, and is away: sampled once the other ports have told', () => {
    const wish = says({ symptom: 'intermittent' });
    expect(extra(wish, pending)).toEqual(['answer-symptom']);
    expect(extra(wish, timeout)).toEqual(['answer-symptom']);
    expect(extra(wish, timeout, closed22)).toEqual(['answer-symptom', 'tcp-sample-1']);
  });

  it('it is slow: what the phases are compared with, and the reference host although the port is open', () => {
    expect(extra(says({ symptom: 'slow' }), open)).toEqual([
      'answer-symptom',
      'ping-over-time-1',
      'ping-large-1',
      'ping-1',
      'alternate-ports-1',
      'local-network-1',
    ]);
    expect(extra(says({ symptom: 'slow' }, { controlHost: '192.0.2.99' }), open)).toContain(
      'tcp-reference-host',
    );
  });

  it('a certificate: TLS is spoken whatever the port, after the conversation that it expects', () => {
    const wish = says({ symptom: 'certificate-error' });
    expect(extra(wish, open)).toEqual(['answer-symptom']);
    const silent = finding('greeting-1', 'greeting', 'waits');
    expect(extra(wish, open, silent)).toEqual(['answer-symptom', 'tls-1']);
    const tls = step<'tls'>(plan(wish, open, silent), 'tls-1').input;
    expect(tls).toMatchObject({ expectedAddress: HOST, serverName: null, inside: null });
  });

  it('it hangs, and the service answers well: how large a packet gets there', () => {
    const web = { target: { service: 'http', serviceNamed: true } };
    const http = (status: number | null, outcome: 'ok' | 'stalled') =>
      observation(
        'http',
        'http-1',
        { address: HOST, port: 5432 } as never,
        outcome as never,
        {
          http: { status, ended: outcome === 'ok' ? 'answered' : 'stalled', otherText: null } as never,
          connectMs: 3,
        } as never,
      );
    const well = http(200, 'ok');
    expect(extra(says({ symptom: 'hangs' }, web), open, well)).toEqual(['answer-symptom', 'path-mtu-1']);
    expect(extra(says({ symptom: 'slow' }, web), open, well)).not.toContain('path-mtu-1');
    expect(ids(says({ symptom: 'hangs' }, web), open, http(null, 'stalled'))).not.toContain('path-mtu-1');
    expect(ids(says({ symptom: 'hangs' }, web), open)).not.toContain('path-mtu-1');
  });

  it('a VPN: by which interface packets leave, also where the port is open', () => {
    expect(extra(says({ 'vpn-or-proxy': 'yes' }), open)).toEqual(['answer-vpn-or-proxy', 'local-network-1']);
    expect(extra(says({ 'vpn-or-proxy': 'no' }), open)).toEqual(['answer-vpn-or-proxy']);
    const proxied = { vantage: { proxy: { variable: 'HTTPS_PROXY', host: 'proxy.test', port: 3128 } } };
    expect(extra(says({ 'vpn-or-proxy': 'yes' }, proxied), open)).toContain('proxy-connect');
  });
});
