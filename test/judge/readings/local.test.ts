import { describe, expect, it } from 'vitest';
import { readingsAt } from '../../../src/judge/readings/index.ts';
import type { Observation } from '../../../src/model/probes.ts';
import {
  attempt,
  connect,
  counted,
  evidence,
  facts,
  HOST,
  localNetwork,
  QUIET,
  trace,
} from '../../evidence.ts';

/** Of what this machine was asked more than once: which time counts. */
const at = (...observations: Observation[]) => readingsAt(evidence({}, ...observations), HOST);

describe('the first router could not be found', () => {
  const look = (neighbour: string, onLink = false, id = 'local-network-1') =>
    localNetwork({ id, neighbour, route: { onLink } });
  const failed = (...looks: Observation[]) => at(...looks).local.gatewayFailed;
  it.each<[string, Observation[], boolean]>([
    ['it was sought in vain', [look('FAILED')], true],
    ['the search goes on', [look('INCOMPLETE')], false],
    ['the search was never anything but under way', [look('INCOMPLETE'), look('INCOMPLETE')], true],
    ['it was there before, and is gone', [look('REACHABLE'), look('FAILED')], true],
    ['it was gone before, and is there', [look('FAILED'), look('REACHABLE')], false],
    ['packets go through a router since', [look('REACHABLE', true), look('FAILED')], true],
    ['packets go to the host itself since', [look('FAILED'), look('FAILED', true)], false],
  ])('%s: %s', (_, looks, expected) => {
    expect(failed(...looks.map((one, i) => ({ ...one, id: `local-network-${i}` })))).toBe(expected);
  });
});

describe('connections that were counted twice', () => {
  const refused = connect('refused', { attempts: [attempt('refused')] });
  const again = (...counts: Observation[]) =>
    counts.map((one, i) => ({
      ...one,
      id: `counted-connect-${i}`,
      startedAt: `2026-11-20T12:00:${i}0.000Z`,
    }));
  it('the last time tells what refused, be it of a single one', () => {
    const icmp = counted(['refused'], { whole: { unreachables: 1 } });
    const reset = counted(['refused']);
    expect(at(refused, ...again(icmp, reset)).counted.refusal).toBe('rst');
    expect(at(refused, ...again(reset, icmp)).counted.refusal).toBe('icmp');
  });
  it('the last time tells of losses, by what was over then', () => {
    const lost = counted(['timeout', 'timeout'], { whole: { undelivered: 2 } });
    const silent = { ...connect('timeout'), startedAt: '2026-11-20T12:00:05.000Z', durationMs: 4100 };
    expect(at(silent, ...again(lost, lost)).counted.loss).toBe(true);
    expect(at({ ...silent, durationMs: 5001 }, ...again(lost, lost)).counted.loss).toBeNull();
  });
  it('the last time tells what the reverse-path filter threw away, where no trace does', () => {
    const thrown = (reversePath: number) => counted(['timeout'], { whole: { reversePath } });
    const drops = (...observations: Observation[]) => facts({}, ...observations)['local.reversePathDrops'];
    expect(drops(...again(thrown(1), thrown(2)))).toBe(2);
    expect(drops(...again(thrown(2)))).toBe(2);
    const traced = (reversePath: number, ...hops: string[]) =>
      trace('target', hops, { counters: { ...QUIET, reversePath } });
    expect(drops(traced(3, '*'), ...again(thrown(2)))).toBe(3);
    expect(drops(traced(3, 'syn-ack'), ...again(thrown(2)))).toBe(2);
  });
});
