import { describe, expect, it } from 'vitest';
import { readingsAt } from '../../../src/judge/readings/index.ts';
import type { Observation } from '../../../src/model/probes.ts';
import {
  attempt,
  attempts,
  connect,
  counted,
  evidence,
  facts,
  factsAt,
  GATEWAY,
  HERE,
  HOST,
  type Hop,
  localNetwork,
  ping,
  rejects,
  replyTtl,
  trace,
  udpArrives,
} from '../../evidence.ts';

const R1 = '10.0.0.1';
const R2 = '10.0.1.1';
const R3 = '10.0.2.1';
const seen = (...observations: Observation[]) => facts({}, ...observations);

describe('a drop on the way', () => {
  const target = trace('target', [R1, R2, '*', '*', '*']);

  it('without a trace nothing is known of the path', () => {
    expect(seen()).toMatchObject({
      'path.target.traced': false,
      'path.target.stopped': null,
      'path.loops': null,
      'path.anyRouterAnswers': null,
      'path.referenceGoesFurther': null,
    });
  });

  it('alone it tells where the port falls silent, and nothing about who is to blame', () => {
    expect(seen(target)).toMatchObject({
      'path.target.stopped': true,
      'path.target.lastHop': 2,
      'path.target.lastAddress': R2,
      'path.referenceGoesFurther': null,
      'path.otherGoesFurther': null,
      'path.allStopTogether': null,
      'path.routerBeyondStop': null,
    });
  });

  it('another port that goes on is answered by a router beyond: the port dies before the host', () => {
    expect(seen(target, trace('reference', [R1, R2, R3, 'rst']))).toMatchObject({
      'path.referenceGoesFurther': true,
      'path.reference.reached': true,
      'path.nextHop': 3,
      'path.nextAddress': R3,
      'path.routerBeyondStop': true,
      'path.stopNextToHost': false,
      'path.allStopTogether': false,
    });
  });

  it('where the host is the next to answer, the last router and the host cannot be told apart', () => {
    expect(seen(target, trace('reference', [R1, R2, 'rst']))).toMatchObject({
      'path.referenceGoesFurther': true,
      'path.nextHop': 3,
      'path.nextAddress': null,
      'path.routerBeyondStop': false,
      'path.stopNextToHost': true,
    });
  });

  it('one answer of the first router is no comparison where UDP is told of by nobody either', () => {
    const silent = trace('target', ['*', '*', '*']);
    const odd = trace('reference', [R1, '*', '*']);
    expect(seen(silent, odd)['path.routerBeyondStop']).toBe(true);
    expect(seen(silent, odd, trace('other-protocol', ['*', '*', '*']))['path.routerBeyondStop']).toBeNull();
  });

  it('UDP that goes on tells it, too', () => {
    expect(seen(target, trace('other-protocol', [R1, R2, R3, udpArrives()]))).toMatchObject({
      'path.otherGoesFurther': true,
      'path.referenceGoesFurther': null,
      'path.other.protocol': 'udp',
      'path.other.reached': true,
      'path.routerBeyondStop': true,
    });
  });

  it('UDP that a router beyond the stop rejects went further all the same', () => {
    expect(
      seen(target, trace('other-protocol', [R1, R2, '*', rejects('10.0.3.1')]))['path.otherGoesFurther'],
    ).toBe(true);
  });

  it('everything that falls silent after the same hop stops together', () => {
    const more = [trace('reference', [R1, R2, '*', '*']), trace('other-protocol', [R1, R2, '*', '*'])];
    expect(seen(target, ...more)).toMatchObject({
      'path.allStopTogether': true,
      'path.referenceGoesFurther': false,
      'path.otherGoesFurther': false,
      'path.nextHop': null,
      'path.routerBeyondStop': false,
    });
  });

  it('not together, where one of them stops later', () => {
    expect(seen(target, trace('reference', [R1, R2, R3, '*']))['path.allStopTogether']).toBe(false);
  });

  it('a router that never tells is a hole in both traces, and no stop', () => {
    const holes = [trace('target', [R1, '*', R3, '*', '*']), trace('reference', [R1, '*', R3, 'rst'])];
    expect(seen(...holes)).toMatchObject({ 'path.target.lastHop': 3, 'path.stopNextToHost': true });
  });

  it('a hole right after the stop: the next that answers is farther away than the next hop', () => {
    const holes = [trace('target', [R1, '*', '*', '*']), trace('reference', [R1, '*', R3, 'rst'])];
    expect(seen(...holes)).toMatchObject({
      'path.target.lastHop': 1,
      'path.nextHop': 3,
      'path.nextAddress': R3,
      'path.routerBeyondStop': true,
    });
  });

  it('no router ever tells: the silence of the port is none from a router', () => {
    const silent = [trace('target', ['*', '*', '*', '*']), trace('reference', ['*', '*', '*', 'rst'])];
    expect(seen(...silent)).toMatchObject({
      'path.target.silentFromFirst': true,
      'path.anyRouterAnswers': false,
      'path.referenceGoesFurther': true,
      'path.muteBeyond': true,
      'path.stopNextToHost': null,
      'path.reference.silentFromFirst': false,
    });
  });

  it('routers that tell of UDP and not of TCP do not place the silence of a TCP port', () => {
    const udp = trace('other-protocol', [R1, R2, R3, { answer: 'unreachable', icmpType: 3, icmpCode: 3 }]);
    const target = trace('target', ['*', '*', '*', '*']);
    expect(seen(target, trace('reference', ['*', '*', '*', 'rst']), udp)).toMatchObject({
      'path.muteBeyond': true,
      'path.routerBeyondStop': false,
      'path.nextHop': 4,
    });
    expect(seen(target, trace('reference', ['*', '*', '*', '*']), udp)).toMatchObject({
      'path.muteBeyond': false,
      'path.routerBeyondStop': null,
    });
  });

  it('what could not be sent is not called silent', () => {
    expect(seen(trace('target', [{ answer: 'local-error', errno: 'ENETUNREACH' }]))).toMatchObject({
      'path.target.stopped': null,
      'path.target.silentFromFirst': false,
    });
  });

  it('a sweep that was cut short on purpose has not stopped anywhere', () => {
    expect(seen(trace('target', [R1, R2]))['path.target.stopped']).toBe(false);
  });

  it('a hop that was silent in one sweep and answered in the next is not silent', () => {
    const again = trace('target', [R1, '*', R3, '*'], { id: 'trace-syn-target-again-1' });
    expect(seen(trace('target', [R1, R2, '*', '*']), again)).toMatchObject({
      'path.target.lastHop': 3,
      'path.target.lastAddress': R3,
    });
  });

  it('our own sweep counts before a tool, and a tool counts where there is none', () => {
    const tool = trace('target', [R1, R2, R3, '*'], { tool: true });
    expect(seen(target, tool)).toMatchObject({ 'path.target.lastHop': 2, 'path.target.method': 'tcp-syn' });
    expect(seen(tool)).toMatchObject({ 'path.target.lastHop': 3, 'path.target.method': 'traceroute' });
  });

  it("another address's traces are another address's", () => {
    expect(seen(trace('target', [R1, '*'], { address: '192.0.2.8' }))['path.target.traced']).toBe(false);
  });
});

describe('loops', () => {
  it('name their first router, and are no stop', () => {
    expect(seen(trace('target', [R1, R2, R3, R2, R3, R2]))).toMatchObject({
      'path.loops': true,
      'path.loopHop': 2,
      'path.loopFirstAddress': R2,
      'path.loopAddresses': `${R2} and ${R3}`,
      'path.target.stopped': false,
    });
  });

  it('are found by UDP where TCP tells nothing', () => {
    expect(seen(trace('target', ['*', '*']), trace('other-protocol', [R1, R2, R1, R2, R1]))).toMatchObject({
      'path.loops': true,
      'path.loopHop': 1,
    });
  });

  it('begin where any trace first met one of their routers', () => {
    expect(
      seen(trace('target', ['*', '*', R1, R2, R1, R2, R1]), trace('other-protocol', [R1, '*', '*', '*'])),
    ).toMatchObject({ 'path.loopHop': 1, 'path.loopFirstAddress': R1 });
  });

  it('show their router a third time, its partner may be silent', () => {
    expect(seen(trace('target', [R1, R2, '*', R2, '*', R2, '*']))).toMatchObject({
      'path.loops': true,
      'path.loopHop': 2,
      'path.loopAddresses': R2,
    });
  });

  it('are none where routers share addresses and the trace goes on', () => {
    expect(seen(trace('target', [R1, R2, R1, R2, '*', '*', '*']))['path.loops']).toBe(false);
    expect(seen(trace('target', [R1, R2, R1, R2, R1, R3, '*']))['path.loops']).toBe(false);
  });

  it('are none where a source-rewriting router answers for everything beyond it', () => {
    expect(seen(trace('target', [R1, R2, R2, R2, '*', '*']))).toMatchObject({
      'path.loops': false,
      'path.target.lastHop': 4,
      'path.target.stopped': true,
    });
  });
});

describe('a rejection by ICMP', () => {
  it('of a filter: its TTL expires at the router first, the next packet is rejected', () => {
    expect(seen(connect('unreachable'), trace('target', [R1, R2, rejects(R2), rejects(R2)]))).toMatchObject({
      'refusal.kind': 'icmp',
      'refusal.meaning': 'prohibited',
      'refusal.from': 'router',
      'refusal.address': R2,
      'refusal.hop': 2,
      'refusal.atOwnTtl': false,
      'refusal.type': 3,
      'refusal.code': 13,
      'refusal.byPing': false,
      'refusal.late': false,
    });
  });

  it('of a missing route: already the packet that ends at the router is rejected', () => {
    expect(seen(connect('unreachable'), trace('target', [R1, rejects(R2, 0), rejects(R2, 0)]))).toMatchObject(
      {
        'refusal.hop': 2,
        'refusal.atOwnTtl': true,
        'refusal.meaning': 'no-route',
      },
    );
  });

  it("the rejecting router's hop is the smallest TTL at which it answered any trace", () => {
    const udp = trace('other-protocol', [R1, R2, R3, udpArrives()]);
    expect(seen(trace('target', [R1, '*', rejects(R2)]), udp)).toMatchObject({
      'refusal.hop': 2,
      'refusal.portSpecific': true,
    });
  });

  it('is about the port where another port passes the router, and about everything where it does not', () => {
    const target = trace('target', [R1, R2, rejects(R2)]);
    expect(seen(target, trace('reference', [R1, R2, R3, 'rst']))).toMatchObject({
      'refusal.portSpecific': true,
      'refusal.everything': false,
    });
    expect(seen(target, trace('reference', [R1, R2, rejects(R2)]))).toMatchObject({
      'refusal.portSpecific': false,
      'refusal.everything': true,
    });
    expect(seen(target)).toMatchObject({ 'refusal.portSpecific': false, 'refusal.everything': null });
  });

  it("of the host itself: no router's", () => {
    expect(seen(trace('target', [R1, R2, rejects(HOST, 3)]))).toMatchObject({
      'refusal.from': 'target',
      'refusal.hop': null,
      'refusal.atOwnTtl': null,
    });
  });

  it('of this machine itself', () => {
    expect(seen(localNetwork(), trace('target', [rejects(HERE, 1)]))).toMatchObject({
      'refusal.from': 'self',
      'refusal.address': HERE,
    });
  });

  it('three seconds late is a failed ARP; at once is a decision', () => {
    const by = (rttMs: number, elapsedMs: number) =>
      seen(attempts(attempt('unreachable', { elapsedMs })), trace('target', [R1, R2, rejects(R2, 1, rttMs)]))[
        'refusal.late'
      ];
    expect(by(2900, 3062)).toBe(true);
    expect(by(2, 3)).toBe(false);
    // A rate-limited router answers the repeated SYN after a second: not late.
    expect(by(1010, 4)).toBe(false);
  });

  it('lateness is read from the trace where the connection did not end that way', () => {
    expect(seen(trace('target', [R1, rejects(R1, 1, 2950)]))['refusal.late']).toBe(true);
    expect(seen(trace('target', [R1, rejects(R1, 1, 1010)]))['refusal.late']).toBe(false);
  });
});

describe('a refusal by reset', () => {
  const reference = trace('reference', [R1, R2, R3, 'rst']);

  it('as far away as the host: the host itself', () => {
    expect(seen(trace('target', [R1, R2, R3, 'rst']), reference)).toMatchObject({
      'refusal.kind': 'rst',
      'refusal.firstTtl': 4,
      'refusal.nearer': null,
      'refusal.nearerBy': null,
    });
  });

  it('at a TTL too small for the host: somebody in between', () => {
    expect(seen(trace('target', [R1, 'rst', 'rst', 'rst']), reference)).toMatchObject({
      'refusal.nearer': true,
      'refusal.nearerBy': 'ttl-sweep',
      'refusal.firstTtl': 2,
      'refusal.previousAddress': R1,
      'refusal.hereAddress': R2,
    });
  });

  it('a router that UDP reaches beyond it tells the same', () => {
    expect(
      seen(trace('target', [R1, 'rst']), trace('other-protocol', [R1, R2, R3, '*']))['refusal.nearer'],
    ).toBe(true);
  });

  it('a reference that the same box forges does not make the host nearer', () => {
    const forged = trace('reference', [R1, 'rst', 'rst', 'rst']);
    const udp = trace('other-protocol', [R1, R2, R3, udpArrives()]);
    expect(seen(trace('target', [R1, 'rst', 'rst']), forged, udp)).toMatchObject({
      'refusal.nearer': true,
      'host.distance': 4,
    });
  });

  it('with a larger TTL than the answers of another port: made one hop before the host', () => {
    const here = trace('target', [R1, R2, R3, 'rst']);
    expect(seen(here, reference, replyTtl(5432, 62), replyTtl(22, 61))).toMatchObject({
      'refusal.nearer': true,
      'refusal.nearerBy': 'reply-ttl',
      'refusal.replyTtl': 62,
    });
    expect(seen(here, reference, replyTtl(5432, 61), replyTtl(22, 61))['refusal.nearer']).toBe(false);
  });

  it("ping's replies are a measure, too", () => {
    expect(
      seen(trace('target', [R1, 'rst']), replyTtl(5432, 64), ping('replies', { replyTtl: 61 })),
    ).toMatchObject({ 'refusal.nearer': true, 'refusal.nearerBy': 'reply-ttl' });
  });

  it('answers that start from another TTL are not compared', () => {
    expect(
      seen(trace('target', [R1, 'rst']), replyTtl(5432, 254), ping('replies', { replyTtl: 61 }))[
        'refusal.nearer'
      ],
    ).toBeNull();
  });

  it("a neighbour's reset comes from the neighbour", () => {
    expect(
      seen(localNetwork({ route: { onLink: true, gateway: null } }), trace('target', ['rst']))[
        'refusal.nearer'
      ],
    ).toBe(false);
  });

  it('an open reference shows that the refusal is about the port', () => {
    expect(
      seen(trace('target', [R1, 'rst']), trace('reference', [R1, 'syn-ack']))['refusal.portSpecific'],
    ).toBe(true);
    expect(
      seen(trace('target', [R1, 'rst']), trace('reference', [R1, 'rst']))['refusal.portSpecific'],
    ).toBeNull();
  });
});

describe('who rejected, without a trace of our own', () => {
  const said = { from: R2, icmpType: 3, icmpCode: 13, text: 'Packet filtered' };

  it("is known from ping where its error is the one that connect()'s errno comes from", () => {
    expect(seen(connect('unreachable'), ping('unreachable', { errors: [said] }))).toMatchObject({
      'refusal.kind': 'icmp',
      'refusal.from': 'router',
      'refusal.address': R2,
      'refusal.meaning': 'prohibited',
      'refusal.byPing': true,
    });
  });

  it('is not known where ping met another error', () => {
    const other = { ...said, icmpCode: 0 };
    expect(seen(connect('unreachable'), ping('unreachable', { errors: [other] }))).toMatchObject({
      'refusal.kind': null,
      'refusal.address': null,
      'refusal.late': false,
    });
  });

  it('its time is known all the same', () => {
    const lateAfter = (elapsedMs: number) =>
      seen(attempts(attempt('unreachable', { elapsedMs })))['refusal.late'];
    expect([lateAfter(3060), lateAfter(1700), lateAfter(4)]).toEqual([true, null, false]);
  });
});

describe("a tool's trace, and how the connection failed", () => {
  const END: Hop = { answer: 'reply', from: HOST };
  const mtr = (...hops: Hop[]) => trace('target', hops, { tool: true, method: 'mtr' });
  const udpGoesOn = trace('other-protocol', [R1, R2, '10.0.2.1', udpArrives()], { tool: true });

  it("ends where UDP goes on, and the connection was refused: a reset in the host's place", () => {
    expect(seen(connect('refused'), mtr(R1, END), udpGoesOn)).toMatchObject({
      'refusal.kind': 'rst',
      'refusal.nearer': true,
      'refusal.nearerBy': 'ttl-sweep',
      'refusal.firstTtl': 2,
      'refusal.previousAddress': R1,
      'refusal.hereAddress': R2,
    });
  });

  it('ends at the host, and the connection failed by an ICMP error: the host sent it', () => {
    expect(seen(connect('unreachable'), mtr(R1, R2, '10.0.2.1', END), udpGoesOn)).toMatchObject({
      'refusal.kind': 'icmp',
      'refusal.from': 'target',
      'refusal.address': HOST,
      'refusal.code': null,
    });
  });

  it('ends before the host by an ICMP error in its name: nobody knows who sent it', () => {
    expect(seen(connect('unreachable'), mtr(R1, END), udpGoesOn)).toMatchObject({
      'refusal.kind': 'icmp',
      'refusal.from': null,
    });
  });

  it('ends at the host and was refused: by what, the counters tell', () => {
    const counting = (unreachables: number) =>
      seen(
        connect('refused'),
        counted(['refused', 'refused'], { whole: { unreachables } }),
        mtr(R1, R2, '10.0.2.1', END),
        udpGoesOn,
      );
    expect(counting(0)).toMatchObject({ 'refusal.kind': 'rst', 'refusal.nearer': null });
    expect(counting(2)).toMatchObject({
      'refusal.kind': 'icmp',
      'refusal.from': 'target',
      'refusal.meaning': 'port-unreachable',
    });
    expect(counting(1)).toMatchObject({ 'refusal.kind': null });
    expect(seen(connect('refused'), mtr(R1, R2, '10.0.2.1', END), udpGoesOn)['refusal.kind']).toBeNull();
  });

  it('has no end, and one router answers TTL after TTL as its rate limit lets it: it rejects', () => {
    const byIcmp = counted(['refused', 'refused'], { whole: { unreachables: 2 } });
    expect(seen(connect('refused'), byIcmp, mtr(R1, R2, R2, R2, '*', '*', R2, '*'))).toMatchObject({
      'refusal.kind': 'icmp',
      'refusal.from': 'router',
      'refusal.address': R2,
      'refusal.hop': 2,
      'refusal.atOwnTtl': false,
      'path.target.stopped': false,
    });
    // Once beyond its own is a device that hands expired packets on.
    expect(seen(connect('refused'), byIcmp, mtr(R1, R2, R2, '*', '*'))['refusal.address']).toBeNull();
    expect(seen(connect('timeout'), mtr(R1, R2, R2, R2, '*', '*'))['path.target.stopped']).toBe(true);
  });

  describe('shows a router that rejects late', () => {
    const FAR = '10.0.9.1';
    const hop = (...hops: Hop[]) => seen(connect('unreachable'), localNetwork(), mtr(...hops));

    it('its hop is not known', () => {
      expect(hop(R1, '*', '*', rejects(FAR))).toMatchObject({
        'refusal.from': 'router',
        'refusal.address': FAR,
        'refusal.hop': null,
        'refusal.atOwnTtl': null,
      });
    });

    it('but where the TTL before was answered by another, or it expired there, or it is the first', () => {
      expect(hop(R1, rejects(FAR))['refusal.hop']).toBe(2);
      expect(hop('*', FAR, '*', '*', rejects(FAR))).toMatchObject({
        'refusal.hop': 2,
        'refusal.atOwnTtl': false,
      });
      expect(hop(rejects(FAR))['refusal.hop']).toBe(1);
    });

    it('and the gateway is hop 1, though its first word came at TTL 8', () => {
      const late = hop('*', '*', '*', '*', '*', '*', '*', rejects(R1));
      expect(late).toMatchObject({ 'refusal.address': R1, 'refusal.hop': 1, 'refusal.atOwnTtl': null });
    });

    it('our own sweep asks every TTL side by side: there the smallest is the hop', () => {
      expect(seen(connect('unreachable'), trace('target', ['*', '*', rejects(FAR)]))['refusal.hop']).toBe(3);
    });
  });
});

describe('without any trace the counters tell', () => {
  it('a reset from an ICMP error, and not who sent it', () => {
    const seenWith = (unreachables: number) =>
      seen(connect('refused'), counted(['refused', 'refused'], { whole: { unreachables } }));
    expect(seenWith(0)).toMatchObject({ 'refusal.kind': 'rst', 'refusal.nearer': null });
    expect(seenWith(3)).toMatchObject({
      'refusal.kind': 'icmp',
      'refusal.meaning': 'port-unreachable',
      'refusal.from': null,
    });
  });

  it('an IPv6 connection that still waits for the error which the kernel has counted', () => {
    const at = '2001:db8::7';
    const six = (...outcomes: ('refused' | 'timeout')[]) =>
      factsAt(
        at,
        {},
        connect('refused', { address: at }),
        counted(outcomes, { address: at, whole: { unreachables: 2 } }),
      )['refusal.kind'];
    expect(six('timeout', 'timeout')).toBe('icmp');
    // In IPv4 a connection that waits was not answered.
    expect(
      seen(connect('refused'), counted(['timeout', 'timeout'], { whole: { unreachables: 2 } }))[
        'refusal.kind'
      ],
    ).toBeNull();
  });

  it('nothing of a port that is silent', () => {
    expect(
      seen(connect('timeout'), counted(['timeout', 'timeout'], { whole: { unreachables: 9 } }))[
        'refusal.kind'
      ],
    ).toBeNull();
  });
});

describe('an accepted connection', () => {
  const udp = trace('other-protocol', [R1, R2, R3, udpArrives()]);

  it('at a TTL that ends before the host: something nearer accepts', () => {
    expect(seen(connect('open'), trace('target', [R1, 'syn-ack', 'syn-ack']), udp)).toMatchObject({
      'path.acceptedNearer': true,
      'path.acceptedAt': 2,
      'path.acceptedAddress': R2,
    });
  });

  it('at the distance of the host: the host', () => {
    expect(seen(connect('open'), trace('target', [R1, R2, R3, 'syn-ack']), udp)).toMatchObject({
      'path.acceptedNearer': false,
      'path.acceptedAt': null,
    });
  });

  it('before silent hops: nearer, but not where connections came late and packets get lost anyway', () => {
    const silent = trace('other-protocol', [
      R1,
      { answer: 'silence', sent: 2 },
      { answer: 'silence', sent: 2 },
      udpArrives(),
    ]);
    const target = trace('target', [R1, 'syn-ack']);
    expect(seen(connect('open'), target, silent)['path.acceptedNearer']).toBe(true);
    const late = attempts(attempt('open', { elapsedMs: 1020 }));
    expect(seen(late, target, silent)['path.acceptedNearer']).not.toBe(true);
    // Of several ways one is dead: silence is a matter of the source port, and not of the distance.
    const flows = attempts(
      attempt('open', { sourcePort: 40_001 }),
      attempt('timeout', { sourcePort: 40_002, elapsedMs: 2000 }),
    );
    const sample = { ...flows, id: 'tcp-sample-1', input: { ...flows.input, role: 'sample' } } as Observation;
    expect(seen(connect('open'), sample, target, silent)['path.acceptedNearer']).not.toBe(true);
  });

  it('is not judged where the distance is not known', () => {
    expect(seen(connect('open'), trace('target', [R1, 'syn-ack']))['path.acceptedNearer']).toBeNull();
  });

  it('no SYN that must die before the host was answered: nobody nearer accepts', () => {
    expect(seen(connect('open'), trace('target', [R1, R2, R3]), udp)).toMatchObject({
      'path.acceptedNearer': null,
      'path.target.stopped': false,
    });
  });
});

describe('the first router', () => {
  const asked = (...hops: Parameters<typeof trace>[1]) =>
    trace('gateway', hops, { address: '192.0.2.1', id: 'trace-gateway-1' });

  it('that tells of a packet to nobody speaks', () => {
    expect(seen(localNetwork(), asked(GATEWAY))['gateway.answersOthers']).toBe(true);
  });

  it('that is silent, or was not asked, is unknown', () => {
    expect(seen(localNetwork(), asked('*'))['gateway.answersOthers']).toBeNull();
    expect(seen(localNetwork())['gateway.answersOthers']).toBeNull();
  });

  it('is not another box that answers', () => {
    expect(seen(localNetwork(), asked('10.9.9.9'))['gateway.answersOthers']).toBeNull();
  });
});

describe('a first router that answers nothing but the search for it', () => {
  const quiet = ['*', '*', '*'];
  const udp = trace('gateway', ['*', '*'], { address: '192.0.2.1', id: 'trace-gateway-1', protocol: 'udp' });
  const web = trace('gateway', ['*'], { address: '192.0.2.1', id: 'trace-gateway-web-1', protocol: 'tcp' });
  const other = trace('other-protocol', quiet, { protocol: 'udp' });
  const there = localNetwork({ neighbour: 'REACHABLE' });
  const silent = (...observations: Parameters<typeof seen>) => seen(...observations)['gateway.silent'];

  it('is silent where all of that was asked', () => {
    expect(silent(there, trace('target', quiet), other, udp, web)).toBe(true);
  });
  it('is not where it answered one of them', () => {
    const told = trace('gateway', [GATEWAY], {
      address: '192.0.2.1',
      id: 'trace-gateway-1',
      protocol: 'udp',
    });
    expect(silent(there, trace('target', quiet), other, told, web)).toBe(false);
    expect(silent(there, trace('target', [GATEWAY, '*']), other, udp, web)).toBe(false);
  });
  it('is unknown where one of them is missing, or nobody answered the search', () => {
    expect(silent(there, trace('target', quiet), other, udp)).toBeNull();
    expect(silent(there, trace('target', quiet), udp, web)).toBeNull();
    expect(silent(localNetwork({ neighbour: 'STALE' }), trace('target', quiet), other, udp, web)).toBeNull();
    expect(
      silent(localNetwork({ neighbour: 'PERMANENT' }), trace('target', quiet), other, udp, web),
    ).toBeNull();
  });
});

describe('beyond the first router', () => {
  const passes = (...hops: Hop[]) =>
    seen(localNetwork(), trace('gateway', hops, { address: '192.0.2.1', id: 'trace-gateway-1' }))[
      'gateway.passesOthers'
    ];

  it('another one answers: things get out', () => expect(passes(GATEWAY, R2)).toBe(true));
  it('the first one answers and nothing does from beyond', () => expect(passes(GATEWAY, '*')).toBe(false));
  it('is not known where the first one is silent, rejects by itself, or was asked alone', () => {
    expect(passes('*', '*')).toBeNull();
    expect(passes(GATEWAY, rejects(GATEWAY, 3, 0))).toBeNull();
    expect(passes(GATEWAY)).toBeNull();
  });

  it('is not known where the first one has no route there, and says so once', () => {
    const web = trace('gateway', [rejects(GATEWAY, 0, 0)], {
      address: '192.0.2.1',
      id: 'trace-gateway-web-1',
    });
    const udp = trace('gateway', ['*', '*'], { address: '192.0.2.1', id: 'trace-gateway-1' });
    expect(seen(localNetwork(), web, udp)['gateway.passesOthers']).toBeNull();
  });

  it('the web is answered for an address that nobody has, or is not', () => {
    const web = (hop: Hop) => {
      const o = trace('gateway', [hop], { address: '192.0.2.1', id: 'trace-gateway-web-1', port: 80 });
      Object.assign(o.input, { protocol: 'tcp', maxTtl: 1 });
      return seen(localNetwork(), o)['gateway.answersWeb'];
    };
    expect(web('syn-ack')).toBe(true);
    expect(web(GATEWAY)).toBe(false);
    expect(seen(localNetwork())['gateway.answersWeb']).toBeNull();
  });
});

it("own addresses are the vantage's, the interfaces' and the route's source", () => {
  const { ownAddresses: own } = readingsAt(
    evidence({ vantage: { addresses: ['10.7.7.7'] } }, localNetwork({ route: { source: '10.8.8.8' } })),
    HOST,
  ).local;
  expect([...own].sort()).toEqual([HERE, '10.7.7.7', '10.8.8.8'].sort());
});

describe('a packet with the full TTL that ran out of it', () => {
  const ranOut = (icmpType: number) =>
    attempts(attempt('unreachable', { code: 'EHOSTUNREACH', told: { from: R2, icmpType, icmpCode: 0 } }));
  const twice = trace('target', [R1, R2, R3, '*', '*', R2, R3, '*', '*', '*']);

  it('is in a loop that no router has shown more than twice', () => {
    expect(seen(twice, ranOut(11))).toMatchObject({ 'path.loops': true, 'path.loopHop': 2 });
  });

  it('where another error came, or none, twice is not enough', () => {
    expect(seen(twice, ranOut(3))['path.loops']).toBe(false);
    expect(seen(twice)['path.loops']).toBe(false);
  });
});

describe('a loop that two traces show together', () => {
  const [a, b] = ['10.0.1.1', '10.0.2.1'];
  const target = trace('target', [R1, a, '*', a, '*', a, '*', '*']);
  const holes = trace('target', [R1, '*', b, '*', b, '*', '*', '*']);
  const other = (hops: Hop[]) => trace('other-protocol', hops);

  it('each hears every other hop', () => {
    const seenTogether = seen(localNetwork(), holes, other([R1, a, '*', a, '*', a, '*', '*']));
    expect(seenTogether).toMatchObject({ 'path.loops': true, 'path.loopHop': 2 });
    expect(String(seenTogether['path.loopAddresses']).split(' and ').sort()).toEqual([a, b].sort());
  });

  it('not where they heard different routers at one hop, nor where one arrived', () => {
    expect(
      seen(localNetwork(), holes, other(['10.9.9.9', a, '*', a, '*', '*', '*', '*']))['path.loops'],
    ).toBe(false);
    expect(seen(localNetwork(), holes, other([R1, a, '*', a, udpArrives()]))['path.loops']).toBe(false);
  });

  it('one trace that shows it by itself needs no other', () => {
    expect(seen(localNetwork(), target)['path.loops']).toBe(true);
  });
});

describe('the same router at one TTL after the other', () => {
  const R = '100.64.2.2';
  const again = (hops: Hop[], ...more: Observation[]) =>
    seen(connect('unreachable'), trace('target', hops), ...more);

  it('is no loop of two: it is named with its first hop and the router before it', () => {
    expect(again([R1, R2, R, R, R, '*', '*'])).toMatchObject({
      'path.repeater': R,
      'path.repeatsFrom': 3,
      'path.repeatsAfter': R2,
      'path.loops': false,
      'path.loopAddresses': null,
      'path.loopWords': `run out of it at ${R}, whatever it was`,
    });
  });
  it('with silence here and there, in one trace or in several, it goes in no circle either', () => {
    const other = trace('other-protocol', [R1, R2, R, '*', R, '*', '*', R]);
    expect(again([R1, R2, R, R, R, '*', R, '*', R], other)).toMatchObject({
      'path.repeater': R,
      'path.loops': false,
      'path.target.loops': false,
    });
  });
  it('two are a device that hands the packet on; with another beyond, or with the host, it is passed', () => {
    for (const hops of [
      [R1, R, R, '*'],
      [R1, R, R, R, R2, '*'],
      [R1, R, R, R, 'rst'],
    ] as Hop[][])
      expect(again(hops)['path.repeater']).toBeNull();
  });
  it('two routers in turn are a loop, and so is one with a silent one between', () => {
    for (const hops of [
      [R1, R2, R, R2, R, R2],
      [R1, R, '*', R, '*', R],
    ] as Hop[][])
      expect(again(hops)).toMatchObject({ 'path.repeater': null, 'path.loops': true });
    expect(again([R1, R2, R, R2, R, R2])['path.loopWords']).toBe(`go in circles past ${R2} and ${R}`);
  });
});

describe('hops of which nothing is heard, between the last that answers and the host', () => {
  const between = (target: Hop[], reference: Hop[]) =>
    seen(trace('target', target), trace('reference', reference))['stop.silentBetween'];
  it('are counted, and none are none', () => {
    expect(between([R1, R2, '*', '*', '*', '*'], [R1, R2, '*', '*', 'syn-ack'])).toBe(2);
    expect(between([R1, R2, '*', '*'], [R1, R2, 'syn-ack'])).toBeNull();
    expect(between([R1, '*', '*', '*'], [R1, R2, R3, 'syn-ack'])).toBeNull();
  });
});

describe('an ICMPv6 error about the source address', () => {
  const [HOST6, R6, OWN6] = ['2001:db8:1::7', '2001:db8:2::1', 'fd00::5'];
  const of = (code: number, ...more: Observation[]) =>
    factsAt(
      HOST6,
      {},
      ...more,
      connect('unreachable', { address: HOST6 }),
      localNetwork({ address: HOST6, route: { source: OWN6, gateway: 'fd00::1' } }),
      trace('target', ['fd00::1', rejects(R6, code)], { address: HOST6 }),
    );
  it('is code 5, whatever the port', () => {
    expect(of(5)).toMatchObject({ 'refusal.ofSource': true, 'refusal.refused': `packets from ${OWN6}` });
    expect(of(1)).toMatchObject({ 'refusal.ofSource': false, 'refusal.refused': 'TCP 5432' });
  });
  it('where another port passes that device it is about the port all the same', () => {
    const passes = trace('reference', ['fd00::1', R6, 'rst'], { address: HOST6 });
    expect(of(5, passes)).toMatchObject({ 'refusal.ofSource': false, 'refusal.refused': 'TCP 5432' });
  });
  it('and code 5 of IPv4 is another matter', () => {
    const one = seen(connect('unreachable'), trace('target', [R1, rejects(R2, 5)]));
    expect(one['refusal.ofSource']).toBe(false);
  });
  it('of a unique local address nobody knows whether it is translated', () => {
    expect(of(5)['source.seen']).toBe(`${OWN6} (or the address that it is translated to)`);
  });
});

it('the first hop behind a tunnel is its far end, and no router of the own network', () => {
  const stop = (name: string, more: object) =>
    seen(
      localNetwork({
        route: { device: name, gateway: R1 },
        interfaces: [{ name, up: true, addresses: [{ address: HERE, prefix: 24, family: 4 }], ...more }],
      }),
      trace('target', [R1, '*', '*', '*']),
      trace('reference', [R1, R2, 'rst']),
    );
  expect(stop('tun0', { pointToPoint: true })['stop.devices']).toMatch(
    /^10\.0\.0\.1 \(hop 1, the far end of the tunnel tun0\)/,
  );
  expect(stop('eth0', {})['stop.devices']).toMatch(/the router of this client's own network/);
  const wish = { 'path.translated': null };
  expect(
    factsAt(
      '203.0.113.9',
      {},
      localNetwork({
        address: '203.0.113.9',
        route: { device: 'tun0' },
        interfaces: [{ name: 'tun0', up: true, pointToPoint: true, addresses: [] }],
      }),
    ),
  ).toMatchObject(wish);
});

describe('packets that live long enough arrive', () => {
  const arrives = (hops: Hop[], ...more: Observation[]) =>
    seen(trace('target', hops), ...more)['path.target.arrives'];
  it('where our own sweep got to the end, past no router twice', () => {
    expect(arrives([R1, R2, 'syn-ack'])).toBe(true);
    expect(arrives([R1, R1, '*', 'rst'])).toBe(true);
  });
  it('not where a router came again, a larger TTL ran out all the same, or something nearer answered', () => {
    expect(arrives([R1, R2, R1, 'rst'])).toBe(false);
    expect(arrives([R1, 'rst', R3])).toBe(false);
    expect(arrives([R1, 'rst'], trace('other-protocol', [R1, R2, R3, udpArrives()]))).toBe(false);
  });
  it('unknown where it got to no end, or a tool made it', () => {
    expect(arrives([R1, R2, '*', '*', '*'])).toBeNull();
    expect(seen(trace('target', [R1, R2, 'rst'], { tool: true }))['path.target.arrives']).toBeNull();
  });
});

it('a port that is forwarded leads on past where the other ports end', () => {
  const leadsOn = (target: Hop[], ...more: Observation[]) =>
    seen(trace('target', target), ...more)['path.portLeadsOn'];
  const other = (...hops: Hop[]) => trace('reference', hops);
  expect(leadsOn([R1, '*', '*', '*'], other('rst'))).toBe(true);
  expect(leadsOn([R1, R2, '*', '*'], other(R1, 'rst'))).toBe(true);
  expect(leadsOn([R1, '*', '*', '*'], other(R1, 'rst'))).toBe(false);
  expect([leadsOn([R1, '*', '*'], other(R1, '*', '*')), leadsOn([R1, '*', '*'])]).toEqual([null, null]);
});
