import { describe, expect, it } from 'vitest';
import type { ConnectAttempt } from '../../../../src/model/measured.ts';
import type { Observation } from '../../../../src/model/probes.ts';
import {
  attempt,
  attempts,
  connect,
  facts,
  factsAt,
  HOST,
  type Hop,
  ping,
  rejects,
  replyTtl,
  trace,
} from '../../../evidence.ts';

/** Who refused, and when that is late: both sides of every number. */
const [R1, R2, R3] = ['10.0.0.1', '10.0.1.1', '10.0.2.1'];
const HOST6 = '2001:db8:1::7';
const seen = (...observations: Observation[]) => facts({}, ...observations);
const failing = (more: Partial<ConnectAttempt> = {}) => attempts(attempt('unreachable', more));

describe('a reset, by the TTL with which it arrives', () => {
  const nearer = (port: number, other: number | null) =>
    seen(trace('target', ['rst']), replyTtl(5432, port), replyTtl(22, other))['refusal.nearer'];
  it.each([
    [60, 60, false],
    [60, 59, true],
    [59, 60, false],
    [64, 63, true],
    [64, 65, null],
    [65, 128, false],
    [128, 65, true],
    [120, 66, true],
    [128, 129, null],
    [129, 255, false],
    [255, 129, true],
    [60, null, null],
  ])(
    '%i beside %s of another port: nearer is %s, as systems begin with 64, 128 or 255',
    (port, other, is) => {
      expect(nearer(port, other)).toBe(is);
    },
  );

  it.each([
    [64, 1, 1],
    [62, 3, 3],
    [65, 64, 12],
    [128, 1, 1],
    [126, 3, 3],
    [255, 1, 1],
    [250, 6, 6],
    [232, 24, 24],
  ])('%i alone has come %i hops, which is nearer only than a host beyond them', (ttl, hops, tried) => {
    const at = (distance: number): Hop[] => [...Array.from({ length: distance - 1 }, () => '*'), 'rst'];
    const from = (distance: number) =>
      seen(trace('target', at(distance)), replyTtl(5432, ttl))['refusal.nearer'];
    expect(from(tried)).toBeNull();
    if (hops === tried) expect(from(hops + 1)).toBe(true);
  });
});

describe('"host unreachable" is late from 1.8 s on', () => {
  const hop = (from: string, rttMs: number): Hop => ({
    answer: 'time-exceeded',
    from,
    icmpType: 11,
    icmpCode: 0,
    rttMs,
  });
  const nobody = (rttMs: number): Hop => ({ ...(rejects(R1, 1, rttMs) as object), from: null });
  it.each<[string, Hop[], boolean]>([
    ['1.8 s, nobody knows of whom', [R1, nobody(1800)], true],
    ['less', [R1, nobody(1799)], false],
    ['beyond what the hop before it takes', [hop(R1, 1), hop(R2, 100), rejects(R3, 1, 1900)], true],
    ['less than that', [hop(R1, 1), hop(R2, 100), rejects(R3, 1, 1899)], false],
    ['beyond what it takes itself', [hop(R1, 100), rejects(R1, 1, 1900)], true],
    ['less than that itself', [hop(R1, 100), rejects(R1, 1, 1899)], false],
  ])('%s', (_, hops, late) => {
    expect(seen(trace('target', hops))['refusal.late']).toBe(late);
  });

  it.each([
    [0, false],
    [1, true],
    [2, false],
  ])('of the host itself with code %i: it sought another host in vain is %s', (code, behind) => {
    const told = seen(failing({ elapsedMs: 3060 }), trace('target', [R1, rejects(HOST, code, 3000)]));
    expect(told).toMatchObject({ 'refusal.code': code, 'refusal.behindTarget': behind });
  });
});

describe('the hop of a router without a route, which no TTL shows', () => {
  const hopOf = (icmpCode: number, hops: Hop[], elapsedMs = 12) =>
    seen(failing({ elapsedMs, told: { from: '10.0.9.9', icmpType: 3, icmpCode } }), trace('target', hops))[
      'refusal.hop'
    ];
  it.each<[string, number, Hop[], number | null]>([
    ['the one after the only one that was heard', 0, [R1, '*', '*'], 2],
    ['the one after two that were heard', 0, [R1, R2, '*'], 3],
    ['the host was not found', 1, [R1, R2, '*'], 3],
    ['not known where one before is silent', 0, ['*', R2, '*'], null],
    ['not known where none was heard', 0, ['*', '*', '*'], null],
    ['not known where the host answered', 0, [R1, 'syn-ack'], null],
    ['not known of a filter', 13, [R1, R2, '*'], null],
  ])('%s', (_, icmpCode, hops, expected) => {
    expect(hopOf(icmpCode, hops)).toBe(expected);
  });
  it('is not known where it took as long as a search', () => {
    expect([1999, 2000].map((ms) => hopOf(1, [R1, R2, '*'], ms))).toEqual([3, null]);
  });
});

describe('what an errno alone says', () => {
  it.each([
    [HOST6, 'EACCES', 'prohibited'],
    [HOST6, 'ENETUNREACH', 'no-route'],
    [HOST6, 'EHOSTUNREACH', null],
    [HOST6, 'ENOPROTOOPT', 'protocol-unreachable'],
    [HOST, 'EACCES', null],
    [HOST, 'ENETUNREACH', null],
    [HOST, 'ENOPROTOOPT', 'protocol-unreachable'],
  ])('%s: %s means %s', (address, code, meaning) => {
    const failed = connect('unreachable', { address, attempts: [attempt('unreachable', { code })] });
    expect(factsAt(address, {}, failed)['refusal.meaning']).toBe(meaning);
  });
  it('counts for nothing beside the code that a trace showed, be it 0', () => {
    const error = { from: R2, icmpType: 3, icmpCode: 1, text: 'Host Unreachable' };
    expect(
      seen(failing(), trace('target', [R1, rejects(R2, 0)]), ping('unreachable', { errors: [error] })),
    ).toMatchObject({ 'refusal.code': 0, 'refusal.meaning': 'no-route' });
  });
});

describe("a tool's trace that names who ended it and not with what", () => {
  const mtr = (address: string, ...hops: Hop[]) =>
    trace('target', hops, { address, tool: true, method: 'mtr' });
  it.each([
    [HOST, 3],
    [HOST6, 1],
  ])('was ended by a destination unreachable, which for %s is type %i', (address, type) => {
    const end: Hop = { answer: 'reply', from: address };
    expect(factsAt(address, {}, connect('unreachable', { address }), mtr(address, '*', end))).toMatchObject({
      'refusal.type': type,
      'refusal.from': 'target',
    });
  });
  it('is the first that was made, whatever another shows', () => {
    const two = [
      trace('target', [R1, '*', '*'], { tool: true }),
      trace('target', [R1, R2, '*'], { tool: true }),
    ];
    expect(seen(...two.map((one, i) => ({ ...one, id: `trace-command-${i}` })))['path.target.lastHop']).toBe(
      1,
    );
  });
});
