import { describe, expect, it } from 'vitest';
import { isWanted } from '../../src/gather/plan/index.ts';
import { listed } from '../../src/judge/facts/dns/listed.ts';
import { isLateAnswer, isSilent } from '../../src/judge/readings/connects.ts';
import { readingsAt, readingsOf } from '../../src/judge/readings/index.ts';
import type { Observation, Step } from '../../src/model/probes.ts';
import {
  attempt,
  attempts,
  connect,
  evidence,
  facts,
  HOST,
  localNetwork,
  observation,
  QUIET,
  rejects,
  resolved,
  trace,
} from '../evidence.ts';

/** Both sides of every number that decides something. The numbers are written out: a changed constant must fail here. */
const R1 = '10.0.0.1';
const seen = (...observations: Observation[]) => facts({}, ...observations);

describe('a SYN is taken for lost', () => {
  it.each([
    [899, null, false],
    [900, null, true],
    [1099, 300, false],
    [1100, 300, true],
  ])('answered after %i ms, round trip %s: %s', (elapsedMs, rttMs, late) => {
    expect(isLateAnswer({ elapsedMs }, rttMs)).toBe(late);
    expect(isLateAnswer({ elapsedMs, timed: false }, rttMs)).toBe(false);
    expect(isLateAnswer({ elapsedMs, resent: false }, rttMs)).toBe(false);
  });

  it.each([
    ['pending', 999, null, false],
    ['pending', 1000, null, true],
    ['timeout', 0, null, true],
    ['timeout', 1, null, true],
    ['timeout', 999, 10, false],
    ['timeout', 1000, 10, true],
    ['pending', 1099, 300, false],
    ['pending', 1100, 300, true],
    ['open', 5000, null, false],
  ] as const)('%s for %i ms, round trip %s: %s', (outcome, elapsedMs, rttMs, silent) => {
    expect(isSilent({ outcome, elapsedMs }, rttMs)).toBe(silent);
  });

  it.each([
    [199, false],
    [200, true],
  ])('silent for %i ms beside one that was accepted and that nobody timed: %s', (elapsedMs, loses) => {
    const beside = attempts(attempt('open', { timed: false }), attempt('pending', { elapsedMs }));
    expect(readingsAt(evidence({}, beside), HOST).connects.losesPackets).toBe(loses);
  });

  it.each([
    [209, false],
    [210, true],
  ])('silent for %i ms beside one that was accepted in 10 ms: %s', (elapsedMs, loses) => {
    const beside = attempts(attempt('open', { elapsedMs: 10 }), attempt('pending', { elapsedMs }));
    expect(readingsAt(evidence({}, beside), HOST).connects.losesPackets).toBe(loses);
  });
});

describe('"host unreachable" is a failed search', () => {
  it.each([
    [1799, false],
    [1800, true],
  ])('in the trace after %i ms: %s', (rttMs, late) => {
    expect(seen(trace('target', [rejects(R1, 1, rttMs)]))['refusal.late']).toBe(late);
  });

  const failing = (elapsedMs: number) => attempts(attempt('unreachable', { elapsedMs }));
  it.each([
    [1999, false],
    [2000, true],
  ])('of connect() after %i ms, where a trace names the sender: %s', (elapsedMs, late) => {
    expect(seen(failing(elapsedMs), trace('target', [rejects(R1, 1)]))['refusal.late']).toBe(late);
  });

  it.each([
    [1500, false],
    [1501, null],
    [1999, null],
    [2000, true],
  ])('of connect() after %i ms, where nobody names the sender: %s', (elapsedMs, late) => {
    expect(seen(failing(elapsedMs))['refusal.late']).toBe(late);
  });
});

describe('this machine', () => {
  it.each([
    ['192.0.1.5', 22, false],
    ['192.0.5.5', 21, true],
    ['192.0.2.9', 21, false],
  ])('%s/%i is a network too wide for a neighbour elsewhere: %s', (address, prefix, unlikely) => {
    const wide = localNetwork({
      route: { onLink: true, gateway: null },
      interfaces: [{ name: 'eth0', up: true, addresses: [{ address, prefix, family: 4 }] }],
    });
    expect(seen(wide)['local.unlikelyOnLink']).toBe(unlikely);
  });

  it.each([
    [2, null],
    [3, true],
  ])('%i packets that were dropped in step with the SYNs: %s', (undeliveredInStep, drops) => {
    const counters = { ...QUIET, undelivered: 9, undeliveredInStep };
    expect(seen(trace('target', ['*', '*', '*', '*'], { counters }))['local.dropsIncoming']).toBe(drops);
  });
});

it.each([
  [6, '10.0.0.1, 10.0.0.2, 10.0.0.3, 10.0.0.4, 10.0.0.5, 10.0.0.6'],
  [7, '10.0.0.1, 10.0.0.2, 10.0.0.3, 10.0.0.4, 10.0.0.5, 10.0.0.6 ...'],
])('%i addresses are listed as %s', (count, words) => {
  expect(listed(Array.from({ length: count }, (_, i) => `10.0.0.${i + 1}`))).toBe(words);
});

it.each([
  [5, null],
  [6, false],
])('%i answers in time show that another port does not waver: %s', (count, wavers) => {
  const made = Array.from({ length: count }, () => attempt('open', { elapsedMs: 3 }));
  expect(seen(connect('open', { role: 'reference-port', attempts: made }))['host.referencePortWavers']).toBe(
    wavers,
  );
});

describe('what is still worth waiting for', () => {
  const NAME = { target: { host: 'db.example.com' } };
  const ask = {
    id: 'dns-1',
    probe: 'dns',
    input: { resolver: '10.0.0.1', host: 'db.example.com', configured: true },
  } as unknown as Step;
  const notListed = observation('hosts-file', 'hosts-file', { host: 'db.example.com' }, 'not-listed', {
    path: '/etc/hosts',
    entries: [],
  });
  const wants = (lookupMs: number, refusedMs: number) => {
    const lookup: Observation = { ...resolved(HOST), durationMs: lookupMs };
    const refused = attempts(attempt('refused', { elapsedMs: refusedMs }));
    return isWanted(ask, readingsOf(evidence(NAME, lookup, notListed, refused)));
  };

  it('the first resolver, where the system had its answer in less than 4 s', () => {
    expect([wants(3999, 2), wants(4000, 2)]).toEqual([true, false]);
  });

  it('any resolver, where the refusal took 0.9 s or more', () => {
    expect([wants(4000, 899), wants(4000, 900)]).toEqual([false, true]);
  });
});
