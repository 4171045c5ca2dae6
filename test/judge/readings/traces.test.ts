import { describe, expect, it } from 'vitest';
import { summarizeTrace } from '../../../src/judge/readings/trace-summary.ts';
import {
  hostDistance,
  isBeforeTheHost,
  isForged,
  routerAt,
  type SeenTrace,
} from '../../../src/judge/readings/traces.ts';
import { connect, facts, HOST, type Hop, rejects, trace, traceData, udpArrives } from '../../evidence.ts';

const [R1, R2, R3] = ['10.0.0.1', '10.0.1.1', '10.0.2.1'];
const seen = (...hops: Hop[]): SeenTrace => {
  const data = traceData(hops, { protocol: 'udp' });
  return { trace: data, summary: summarizeTrace(data) };
};
const silence = (sent: number): Hop => ({ answer: 'silence', sent });

describe('a TTL lies before the host', () => {
  it.each<[string, Hop[], boolean]>([
    ['a router answered there', [R1, R2, udpArrives()], true],
    ['a router answered beyond', [R1, '*', R3, udpArrives()], true],
    ['the host answered there', [R1, udpArrives()], false],
    ['the host answered at the next', [R1, silence(2), udpArrives()], false],
    [
      'two that were asked twice were silent before the host answered',
      [R1, silence(2), silence(2), udpArrives()],
      true,
    ],
    ['two that were asked once were silent', [R1, silence(1), silence(2), udpArrives()], false],
    ['one of the two was not asked', [R1, silence(2), '-', udpArrives()], false],
    ['a router rejected beyond', ['*', '*', rejects(R3)], true],
    ['a router rejected there', ['*', rejects(R2)], false],
    ['the host rejected beyond', ['*', silence(1), rejects(HOST)], false],
    ['nothing answered', ['*', '*', '*'], false],
  ])('%s: %s', (_, hops, isBefore) => {
    expect(isBeforeTheHost(2, [seen(...hops)])).toBe(isBefore);
  });
  it('silence says nothing on a path that loses packets', () => {
    const silent = [seen(R1, silence(2), silence(2), udpArrives())];
    expect(isBeforeTheHost(2, silent, true)).toBe(false);
    expect(isBeforeTheHost(2, [])).toBe(false);
  });
});

describe('an end is forged', () => {
  const near = seen(R1, udpArrives());
  it('where another trace goes on past it, and never by its own word', () => {
    expect(isForged(near, [near, seen(R1, R2, udpArrives())])).toBe(true);
    expect(isForged(near, [near, seen(R1, udpArrives())])).toBe(false);
    expect(isForged(near, [near])).toBe(false);
    expect(isForged(seen(R1, R2), [seen(R1, R2, R3)])).toBe(false);
  });
});

describe('how far away the host is', () => {
  const distance = (...companions: SeenTrace[]) => hostDistance({ companions, every: companions } as never);
  it.each<[string, SeenTrace[], number | null]>([
    ['nothing reached it', [seen(R1, '*', '*')], null],
    ['it is the first', [seen(udpArrives())], 1],
    ['behind two routers', [seen(R1, R2, udpArrives())], 3],
    [
      'the largest of several',
      [seen(R1, udpArrives()), seen(R1, udpArrives()), seen(R1, '*', udpArrives())],
      2,
    ],
    ['behind a hole, where nothing better is known', [seen(R1, silence(1), udpArrives())], 3],
    ['an end that others pass does not count', [seen(R1, udpArrives()), seen(R1, R2, udpArrives())], 3],
    ['one without a hole before one with a hole', [seen(udpArrives()), seen('*', udpArrives())], 1],
  ])('%s', (_, companions, expected) => {
    expect(distance(...companions)).toBe(expected);
  });
});

it('the router at a TTL is that of the first trace that heard one', () => {
  expect(routerAt(2, [seen(R1, '*'), seen(R1, R2), seen(R1, R3)])).toBe(R2);
  expect(routerAt(3, [seen(R1, R2)])).toBeNull();
});

describe('paths that go in circles', () => {
  const loop = (...hops: Hop[]) => seen(...hops).summary.loopHop;
  it.each<[string, Hop[], boolean]>([
    ['no router twice', [R1, R2, R3], false],
    ['two in turns', [R1, R2, R1, R2, R1], true],
    ['one that answers for all behind it', [R1, R2, R2, R2, R2], false],
    ['one that answers for two hops', [R1, R2, R2, R3], false],
    ['three in turns', [R1, R2, R3, R1, R2, R3], true],
    ['in circles, and then at the host', [R1, R2, R1, R2, udpArrives()], false],
  ])('%s: %s', (_, hops, isLoop) => {
    expect(loop(...hops) !== null).toBe(isLoop);
  });
});

describe('a trace of mtr, which names no errors', () => {
  const mtr = (hops: Hop[], outcome: 'refused' | 'unreachable' | 'timeout' | 'open', address = HOST) => {
    const tool = trace('target', hops, { tool: true, method: 'mtr', address });
    return facts(
      { target: { host: address } },
      ...(outcome === 'open' ? [] : [failing(outcome, address)]),
      tool,
    );
  };
  const failing = (outcome: 'refused' | 'unreachable' | 'timeout', address: string) =>
    connect(outcome, { address });
  it('the host that answers where an ICMP error came has sent it', () => {
    expect(
      mtr(
        [R1, 'reply', 'reply'].map((one) => (one === 'reply' ? { answer: 'reply', from: HOST } : one)),
        'unreachable',
      ),
    ).toMatchObject({
      'refusal.kind': 'icmp',
      'refusal.from': 'target',
    });
  });
  it.each<[string, Hop[], string | null]>([
    ['a router that answers twice beyond its own TTL has rejected', [R1, R2, R2, R2], R2],
    ['once may be a device that passes expired packets on', [R1, R2, R2], null],
    ['others beyond it: it has not', [R1, R2, R3, R2], null],
    ['silence', [R1, R2, '*'], null],
  ])('%s', (_, hops, rejector) => {
    expect(mtr(hops, 'unreachable')['refusal.address']).toBe(rejector);
    expect(mtr(hops, 'timeout')['refusal.address']).toBeNull();
  });
});
