import { describe, expect, it } from 'vitest';
import type { ConnectAttempt, PacketCounters } from '../../../src/model/measured.ts';
import type { Observation } from '../../../src/model/probes.ts';
import {
  attempt,
  connect,
  facts,
  GATEWAY,
  type Hop,
  localNetwork,
  observation,
  QUIET,
  trace,
  type Wish,
} from '../../evidence.ts';

/** What counters, errnos and attempts in a row prove, both sides of every number. */
const R1 = GATEWAY;
const SILENT: Hop[] = ['*', '*', '*', '*'];
const traced = (
  hops: Hop[],
  counters: Partial<PacketCounters> | null,
  more: Observation[] = [],
  wish: Wish = {},
) =>
  facts(
    wish,
    trace('target', hops, { counters: counters === null ? null : { ...QUIET, ...counters } }),
    ...more,
  );
const far = localNetwork();
const near = localNetwork({ route: { onLink: true, gateway: null } });
const own = localNetwork({ route: { kind: 'local', gateway: null } });

describe('SYNs that were made and not sent', () => {
  it.each<[string, Hop[], Partial<PacketCounters> | null, boolean | null]>([
    ['nothing was counted', SILENT, null, null],
    ['none of four', SILENT, { unsent: 0 }, false],
    ['three of four', SILENT, { unsent: 3 }, null],
    ['all four', SILENT, { unsent: 4 }, true],
    ['all, and a router answered', [R1, '*', '*', '*'], { unsent: 3 }, false],
    ['nothing was silent', [R1, 'syn-ack'], { unsent: 9 }, false],
    ['an old kernel, every retransmission failed', SILENT, { unsent: null, retransmitsFailed: 4 }, true],
    ['an old kernel, not every one failed', SILENT, { unsent: null, retransmitsFailed: 3 }, null],
    ['a kernel that counts neither', SILENT, { unsent: null, retransmitsFailed: null }, null],
    [
      'a kernel that counts neither, and a router answered',
      [R1, '*', '*'],
      { unsent: null, retransmitsFailed: null },
      null,
    ],
    [
      'a kernel that counts one, and a router answered',
      [R1, '*', '*'],
      { unsent: null, retransmitsFailed: 1 },
      false,
    ],
    [
      'a kernel that counts the other, and a router answered',
      [R1, '*', '*'],
      { unsent: 1, retransmitsFailed: null },
      false,
    ],
  ])('%s', (_, hops, counters, drops) => {
    expect(traced(hops, counters, [far])['local.dropsOutgoing']).toBe(drops);
  });
});

describe('resets and answers at the first TTL', () => {
  it.each<[string, Hop[], Partial<PacketCounters> | null, boolean | null]>([
    ['nothing was counted', ['rst'], null, null],
    ['as many came from here as were sent', ['rst'], { launched: 3, answeredHere: 3 }, true],
    ['fewer came from here', ['rst'], { launched: 3, answeredHere: 2 }, false],
    ['none was sent', ['rst'], { launched: 0, answeredHere: 0 }, null],
    ['from a router on', [R1, 'rst'], { launched: 3, answeredHere: 3 }, false],
    ['as many as were sent never left', ['rst'], { launched: 3, unsent: 3 }, true],
    ['fewer never left', ['rst'], { launched: 3, unsent: 2 }, null],
    ['it was accepted', ['syn-ack'], { launched: 3, answeredHere: 3 }, null],
  ])('rejected by this machine: %s', (_, hops, counters, rejects) => {
    expect(traced(hops, counters, [far])['local.rejectsOutgoing']).toBe(rejects);
  });
  it.each<[string, Hop[], Partial<PacketCounters> | null, Observation, boolean | null]>([
    ['nothing was counted', ['syn-ack'], null, far, null],
    ['as many came from here as were sent', ['syn-ack'], { launched: 3, answeredHere: 3 }, far, true],
    ['fewer came from here', ['syn-ack'], { launched: 3, answeredHere: 2 }, far, false],
    ['none was sent', ['syn-ack'], { launched: 0, answeredHere: 0 }, far, null],
    ['it was refused', ['rst'], { launched: 3, answeredHere: 3 }, far, null],
    ['it is this machine', ['syn-ack'], { launched: 3, answeredHere: 3 }, own, null],
  ])('accepted by this machine: %s', (_, hops, counters, route, accepts) => {
    expect(traced(hops, counters, [route])['local.acceptsOutgoing']).toBe(accepts);
  });
  it('an own address that refuses rejects nothing', () => {
    expect(traced(['rst'], { launched: 3, answeredHere: 3 }, [own])['local.rejectsOutgoing']).toBeNull();
  });
});

describe('answers that came and were not delivered', () => {
  const FIVE: Hop[] = ['*', '*', '*', '*', '*'];
  it.each<[string, Hop[], Partial<PacketCounters> | null, Observation, boolean | null]>([
    ['nothing was counted', FIVE, null, far, null],
    ['none', FIVE, { undelivered: 0, undeliveredInStep: 9 }, far, false],
    ['nothing was silent', [R1, 'syn-ack'], { undelivered: 9, undeliveredInStep: 9 }, far, false],
    ['in step with all but one', FIVE, { undelivered: 9, undeliveredInStep: 4 }, far, true],
    ['in step with all but two', FIVE, { undelivered: 9, undeliveredInStep: 3 }, far, null],
    ['in step with three, of a neighbour', FIVE, { undelivered: 9, undeliveredInStep: 3 }, near, true],
    ['in step with two, of a neighbour', FIVE, { undelivered: 9, undeliveredInStep: 2 }, near, null],
    [
      'in step with three, where a router was heard',
      [R1, ...FIVE],
      { undelivered: 9, undeliveredInStep: 3 },
      far,
      true,
    ],
    ['never fewer than three', ['*', '*'], { undelivered: 9, undeliveredInStep: 2 }, far, null],
    ['how many in step is not known', FIVE, { undelivered: 9 }, far, null],
  ])('%s', (_, hops, counters, route, drops) => {
    expect(traced(hops, counters, [route])['local.dropsIncoming']).toBe(drops);
  });
});

describe('the address that packets leave with', () => {
  const eth = (name: string, address: string) => ({
    name,
    up: true,
    addresses: [{ address, prefix: 24, family: 4 as const }],
  });
  const odd = (source: string | null, kind: 'unicast' | 'local', ...interfaces: ReturnType<typeof eth>[]) =>
    facts({}, localNetwork({ route: { source, kind }, interfaces }))['local.oddSource'];
  it('is odd where it is that of another interface alone', () => {
    expect(odd('10.9.9.9', 'unicast', eth('eth0', '10.0.0.5'), eth('eth1', '10.9.9.9'))).toBe('10.9.9.9');
    expect(odd('10.0.0.5', 'unicast', eth('eth0', '10.0.0.5'))).toBeNull();
    expect(odd('10.0.0.5', 'unicast', eth('eth0', '10.0.0.5'), eth('eth1', '10.0.0.5'))).toBeNull();
    expect(odd('10.9.9.9', 'unicast', eth('eth0', '10.0.0.5'))).toBeNull();
    expect(odd('10.9.9.9', 'local', eth('eth1', '10.9.9.9'))).toBeNull();
    expect(odd(null, 'unicast', eth('eth1', '10.9.9.9'))).toBeNull();
  });
});

describe('want of descriptors', () => {
  const shortage = (...observations: Observation[]) => facts({}, ...observations)['local.shortage'];
  const failing = (
    probe: 'ping' | 'dns' | 'system-resolve' | 'alternate-ports' | 'tcp-connect',
    data: object | null,
    code?: string,
    input: object = {},
  ) =>
    observation(
      probe,
      'x',
      input as never,
      'not-available' as never,
      data as never,
      code === undefined ? {} : ({ code } as never),
    );
  it.each<[string, Observation, string | null]>([
    ['a tool that could not start', failing('ping', null, 'EMFILE'), 'EMFILE'],
    ['the whole system is full', failing('ping', null, 'ENFILE'), 'ENFILE'],
    ['another reason', failing('ping', null, 'ENOENT'), null],
    [
      'a resolver that could not be asked',
      failing('dns', { answers: [{ code: null }, { code: 'EMFILE' }] }),
      'EMFILE',
    ],
    [
      'the system’s own lookup',
      failing('system-resolve', { addresses: [], code: 'EMFILE' }, undefined, { host: 'x' }),
      'EMFILE',
    ],
    [
      'other ports',
      failing(
        'alternate-ports',
        { ports: [{ port: 1, outcome: 'local-error', code: 'EMFILE', elapsedMs: 0 }] },
        undefined,
        { ports: [1] },
      ),
      'EMFILE',
    ],
    [
      'the port itself is told elsewhere',
      connect('local-error', { attempts: [attempt('local-error', { code: 'EMFILE' })] }),
      null,
    ],
    [
      'the port itself, which was not even tried',
      failing('tcp-connect', null, 'EMFILE', { role: 'target' }),
      'EMFILE',
    ],
  ])('%s', (_, one, code) => {
    const told = shortage(one);
    expect(told === undefined ? null : told).toBe(code);
  });
});

describe('attempts in a row', () => {
  const made = (
    role: 'target' | 'sample',
    outcomes: ConnectAttempt['outcome'][],
    more: { id?: string; startsMs?: number[]; stop?: boolean } = {},
  ): Observation => {
    const startsMs = more.startsMs ?? outcomes.map((_, i) => i * 250);
    const o = connect(outcomes[0]!, {
      role,
      id: more.id ?? `tcp-${role}`,
      attempts: outcomes.map((one, i) => attempt(one, { startMs: startsMs[i] ?? 0 })),
    });
    return {
      ...o,
      input: { ...(o.input as object), startsMs, stopAtFirstAnswer: more.stop ?? false },
    } as Observation;
  };
  it.each<[string, Observation[], boolean | null]>([
    ['accepted, then refused twice', [made('sample', ['open', 'refused', 'refused'])], true],
    ['accepted, then refused once', [made('sample', ['open', 'refused'])], false],
    ['accepted between', [made('sample', ['refused', 'open', 'refused'])], false],
    ['refused, then accepted', [made('sample', ['refused', 'refused', 'open'])], false],
    [
      'those of the next observation come later',
      [made('target', ['open']), made('sample', ['refused', 'refused'])],
      true,
    ],
  ])('%s: openedThenRefused is %s', (_, observations, expected) => {
    expect(facts({}, ...observations)['tcp.openedThenRefused']).toBe(expected);
  });
  it.each<[string, Observation[], number]>([
    ['all count', [made('target', ['refused', 'open'])], 1],
    [
      'those that were spaced count alone',
      [made('target', ['refused', 'open']), made('sample', ['refused', 'refused', 'open'])],
      2,
    ],
    [
      'not those that were made at once',
      [made('target', ['refused', 'open']), made('sample', ['refused', 'refused'], { startsMs: [0, 0] })],
      3,
    ],
    ['not a single one', [made('target', ['refused', 'open']), made('sample', ['refused'])], 2],
    [
      'not those that end at the first answer',
      [made('target', ['refused', 'open']), made('sample', ['refused', 'refused'], { stop: true })],
      3,
    ],
  ])('of refusals %s', (_, observations, many) => {
    expect(facts({}, ...observations)['tcp.refusedToo']).toBe(many);
  });
});
