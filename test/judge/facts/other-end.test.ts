import { describe, expect, it } from 'vitest';
import { factsOf } from '../../../src/judge/facts/index.ts';
import { readingsAt } from '../../../src/judge/readings/index.ts';
import type { Attempt, OtherEnd, SeenPacket } from '../../../src/model/case.ts';
import type { Evidence } from '../../../src/model/evidence.ts';
import type { Facts } from '../../../src/model/facts.ts';
import { evidence, observation } from '../../evidence.ts';

/** What both ends know together, from the numbers of the other one: both sides of each that decides. */
const TARGET = '203.0.113.80';
const V6 = '2001:db8:80::1';
const CLIENT = '198.51.100.7';
const START = Date.parse('2026-11-27T14:00:00.000Z');
const AT_S = START / 1000;

const attempt = (n: number, more: Partial<Attempt> = {}): Attempt => ({
  n,
  sentAt: new Date(START + n * 1000).toISOString(),
  sourcePort: 40_000 + n,
  mss: 1200 + n,
  tsval: 1_000_000 * n,
  to: 'target',
  result: 'timeout',
  ...more,
});
const SIX = [1, 2, 3, 4, 5, 6].map((n) => attempt(n));
/** Their arrival, by a clock that is right. */
const arrival = (n: number, more: Partial<SeenPacket> = {}): SeenPacket => ({
  time: AT_S + n,
  way: 'in',
  device: 'eth0',
  from: CLIENT,
  fromPort: 40_000 + n,
  to: TARGET,
  toPort: 8080,
  kind: 'syn',
  ttl: 60,
  mss: 1200 + n,
  tsval: 1_000_000 * n + 1,
  ...more,
});
const answer = (kind: SeenPacket['kind'], n: number, more: Partial<SeenPacket> = {}): SeenPacket => ({
  ...arrival(n),
  kind,
  way: 'out',
  from: TARGET,
  fromPort: 8080,
  to: CLIENT,
  toPort: 40_000 + n,
  ...more,
});

interface Told {
  attempts?: Attempt[];
  address?: string;
  client?: string | null;
  reference?: number | null;
}
function there(
  told: Partial<OtherEnd>,
  { attempts = SIX, address = TARGET, client = CLIENT, reference = 22 }: Told = {},
): Facts {
  const half: OtherEnd = {
    by: 'kit',
    privileges: 'user',
    capture: null,
    from: AT_S,
    to: AT_S + 10,
    system: null,
    listens: [],
    halfOpen: [],
    addresses: null,
    routeBack: null,
    forwards: null,
    reversePathFilter: {},
    conntrack: null,
    counters: {},
    quiet: {},
    packets: null,
    grew: [],
    trace: [],
    ruleset: null,
    notChecked: [],
    ...told,
  };
  const both: Evidence = {
    ...evidence(
      { target: { host: address, port: 8080 } },
      observation('other-end', 'other-end-1', { address } as never, 'looked', half),
    ),
    case: {
      target: { address, port: 8080 },
      reference: reference === null ? null : { port: reference },
      client: { address: client },
      attempts,
    } as never,
  };
  return factsOf(readingsAt(both, address));
}

describe('whether the SYNs arrived, by the counters alone', () => {
  const open = (n: number) => attempt(n, { to: 'reference', result: 'open' });
  const refused = (n: number) => attempt(n, { to: 'reference', result: 'refused' });
  it.each<[string, Partial<OtherEnd>, Attempt[], boolean | null]>([
    ['nothing that counts', {}, SIX, null],
    ['one attempt proves nothing', { halfOpen: [CLIENT] }, [attempt(1)], null],
    ['a handshake that is not complete', { halfOpen: [CLIENT] }, SIX.slice(0, 2), true],
    ['as many resets as SYNs', { counters: { 'Tcp.OutRsts': 6 } }, SIX, true],
    ['fewer resets than SYNs', { counters: { 'Tcp.OutRsts': 5 } }, SIX, null],
    ['as many failed the reverse path', { counters: { 'TcpExt.IPReversePathFilter': 6 } }, SIX, true],
    ['as many had no route back', { counters: { 'Ip.OutNoRoutes': 6 } }, SIX, true],
    ['as many met a full queue', { counters: { 'TcpExt.ListenOverflows': 6 } }, SIX, true],
    [
      'what a quiet second resets as well',
      { counters: { 'Tcp.OutRsts': 15 }, quiet: { 'Tcp.OutRsts': 1 } },
      SIX,
      null,
    ],
    [
      'more than a quiet second resets',
      { counters: { 'Tcp.OutRsts': 16 }, quiet: { 'Tcp.OutRsts': 1 } },
      SIX,
      true,
    ],
    [
      'as many were delivered to nothing',
      { counters: { 'Ip.InReceives': 10, 'Ip.InDelivers': 3, 'Ip.ForwDatagrams': 1 } },
      SIX,
      true,
    ],
    [
      'one fewer was delivered to nothing',
      { counters: { 'Ip.InReceives': 10, 'Ip.InDelivers': 4, 'Ip.ForwDatagrams': 1 } },
      SIX,
      null,
    ],
    ['the counters of the other family', { counters: { Ip6InReceives: 10 } }, SIX, null],
    ['nothing came but the reference', { counters: { 'Ip.InReceives': 3 } }, [...SIX, open(7)], false],
    [
      'one packet more than the reference makes',
      { counters: { 'Ip.InReceives': 4, 'Ip.InDelivers': 4 } },
      [...SIX, open(7)],
      false,
    ],
    [
      'two packets more than the reference makes',
      { counters: { 'Ip.InReceives': 5, 'Ip.InDelivers': 5 } },
      [...SIX, open(7)],
      null,
    ],
    ['not even the reference', { counters: {} }, [...SIX, open(7)], null],
    ['as many as the reference at the least', { counters: { Ip6InReceives: 1 } }, [...SIX, open(7)], false],
    [
      'fewer than both references',
      { counters: { 'Ip.InReceives': 1, 'Ip.InDelivers': 1 } },
      [...SIX, open(7), refused(8)],
      null,
    ],
    [
      'both references',
      { counters: { 'Ip.InReceives': 2, 'Ip.InDelivers': 2 } },
      [...SIX, open(7), refused(8)],
      false,
    ],
    [
      'a refused reference is one packet, and one is chance',
      { counters: { 'Ip.InReceives': 2, 'Ip.InDelivers': 2 } },
      [...SIX, refused(7)],
      false,
    ],
    [
      'a refused reference and two packets',
      { counters: { 'Ip.InReceives': 3, 'Ip.InDelivers': 3 } },
      [...SIX, refused(7)],
      null,
    ],
    [
      'a reference that was silent',
      { counters: { 'Ip.InReceives': 1, 'Ip.InDelivers': 1 } },
      [...SIX, attempt(7, { to: 'reference' })],
      null,
    ],
  ])('%s: %s', (_, told, attempts, reaches) => {
    expect(there(told, { attempts })['there.reaches']).toBe(reaches);
  });

  it.each([
    [10, 3, 1, true],
    [10, 4, 1, null],
    [10, 3, 2, null],
  ])('IPv6: of %i that came %i were delivered and %i sent on: %s', (came, delivered, sentOn, reaches) => {
    const counters = { Ip6InReceives: came, Ip6InDelivers: delivered, Ip6OutForwDatagrams: sentOn };
    expect(there({ counters }, { address: V6 })['there.reaches']).toBe(reaches);
    expect(there({ counters }, { address: V6 })['there.undelivered']).toBe(reaches === true);
  });

  it('a look that lasted less than a second is taken for one', () => {
    const quick = {
      from: AT_S + 3,
      to: AT_S + 3.5,
      counters: { 'Tcp.OutRsts': 3 },
      quiet: { 'Tcp.OutRsts': 1 },
    };
    const attempts = [attempt(3), attempt(4)];
    expect(there(quick, { attempts })['there.reaches']).toBe(true);
    expect(there({ ...quick, counters: { 'Tcp.OutRsts': 2 } }, { attempts })['there.reaches']).toBeNull();
  });

  it('says how many, or none', () => {
    expect(there({ counters: { 'Tcp.OutRsts': 6 } })).toMatchObject({
      'there.sent': 6,
      'there.arrived': 6,
      'there.captured': false,
    });
    expect(
      there({ counters: { 'Ip.InReceives': 3 } }, { attempts: [...SIX, open(7)] })['there.arrived'],
    ).toBe(0);
    expect(there({})['there.arrived']).toBeNull();
  });
});

describe('which attempts were made while it watched', () => {
  it.each([
    ['a second before its first look', { from: AT_S + 2, to: AT_S + 3 }, 1, 1],
    ['more than a second before', { from: AT_S + 2.001, to: AT_S + 3 }, 1, null],
    ['in the second after its last look', { from: AT_S - 5, to: AT_S + 2 }, 3, 1],
    ['after that second', { from: AT_S - 5, to: AT_S + 1.999 }, 3, null],
  ])('%s', (_, look, n, sent) => {
    expect(there(look, { attempts: [attempt(n)] })['there.sent']).toBe(sent);
  });

  it('by its own clock, where a packet tells how far that is off', () => {
    const late = { packets: [arrival(1, { time: AT_S + 101 })], from: AT_S + 100, to: AT_S + 110 };
    expect(there(late)).toMatchObject({
      'there.sent': 6,
      'there.clockOffsetMs': 100_000,
      'there.matchedBy': 'timestamp',
    });
    // Watched, and nothing was sent meanwhile.
    expect(there({ ...late, from: AT_S + 200, to: AT_S + 210 })).toMatchObject({
      'there.sent': 0,
      'there.reaches': null,
    });
  });
});

describe('what answered, by the packets', () => {
  const seen = [1, 2, 3].map((n) => arrival(n));
  const answers = (...more: SeenPacket[]) => there({ packets: [...seen, ...more] });
  it.each<[string, SeenPacket[], string]>([
    ['nothing left', [], 'nothing'],
    ['a SYN-ACK', [answer('syn-ack', 1), answer('rst', 2)], 'syn-ack'],
    ['an ICMP error', [answer('icmp', 1), answer('rst', 2)], 'icmp'],
    ['a reset', [answer('rst', 1)], 'reset'],
    ['a reset that came in', [answer('rst', 1, { way: 'in' })], 'nothing'],
    ['a reset from another port', [answer('rst', 1, { fromPort: 22 })], 'nothing'],
    ['a reset to another port', [answer('rst', 1, { toPort: 9 })], 'nothing'],
    ['a reset to somebody else', [answer('rst', 1, { to: '192.0.2.9' })], 'nothing'],
    ['an ICMP error to somebody else', [answer('icmp', 1, { to: '192.0.2.9' })], 'nothing'],
    ['a SYN-ACK of eight seconds later', [answer('syn-ack', 1, { time: AT_S + 9 })], 'syn-ack'],
    ['a SYN-ACK of later than that', [answer('syn-ack', 1, { time: AT_S + 9.1 })], 'nothing'],
    ['a SYN-ACK that was there before', [answer('syn-ack', 1, { time: AT_S + 0.98 })], 'nothing'],
    ['a SYN-ACK that was written down first', [answer('syn-ack', 1, { time: AT_S + 0.995 })], 'syn-ack'],
    ['an ICMP error of a second and a half later', [answer('icmp', 3, { time: AT_S + 4.5 })], 'icmp'],
    ['an ICMP error of later than that', [answer('icmp', 3, { time: AT_S + 4.6 })], 'nothing'],
    ['an ICMP error that was there before', [answer('icmp', 1, { time: AT_S + 0.98 })], 'nothing'],
    ['an ICMP error that was written down first', [answer('icmp', 1, { time: AT_S + 0.995 })], 'icmp'],
  ])('%s: %s', (_, more, expected) => {
    expect(answers(...more)['there.answers']).toBe(expected);
  });

  it('counts them', () => {
    expect(
      answers(answer('syn-ack', 1), answer('syn-ack', 2), answer('rst', 1), answer('icmp', 1)),
    ).toMatchObject({
      'there.captured': true,
      'there.arrived': 3,
      'there.reaches': true,
      'there.synAcks': 2,
      'there.resets': 1,
      'there.icmps': 1,
      'there.arrivalDevice': 'eth0',
    });
    expect(there({})).toMatchObject({ 'there.synAcks': null, 'there.resets': null, 'there.icmps': null });
    expect(there({ packets: [] })).toMatchObject({
      'there.arrived': 0,
      'there.reaches': false,
      'there.answers': null,
    });
  });
});

describe('what answered, by the counters alone', () => {
  const thrownAway = { 'Ip.InReceives': 6 };
  const all = (result: Attempt['result']) => SIX.map((one) => ({ ...one, result }));
  it.each<[string, Partial<OtherEnd>, Attempt[], string | null]>([
    ['a handshake that is not complete', { halfOpen: [CLIENT] }, SIX, 'syn-ack'],
    ['as many resets', { counters: { 'Tcp.OutRsts': 6 } }, SIX, 'reset'],
    [
      'as many ICMP errors',
      { counters: { ...thrownAway, 'Icmp.OutDestUnreachs': 4, Icmp6OutDestUnreachs: 2 } },
      SIX,
      'icmp',
    ],
    ['one ICMP error fewer', { counters: { ...thrownAway, 'Icmp.OutDestUnreachs': 5 } }, SIX, 'nothing'],
    ['thrown away, and silent here', { counters: thrownAway }, SIX, 'nothing'],
    [
      'thrown away, and refused here by what nobody counted',
      { counters: { ...thrownAway, 'Ip.OutTransmits': 6 } },
      all('refused'),
      'reset',
    ],
    [
      'thrown away, and refused here by nothing that left',
      { counters: { ...thrownAway, 'Ip.OutTransmits': 5 } },
      all('refused'),
      null,
    ],
    [
      'thrown away, and refused here, IPv6',
      { counters: { ...thrownAway, Ip6OutTransmits: 6 } },
      all('refused'),
      'reset',
    ],
    ...[
      'Tcp.OutSegs',
      'Icmp.OutMsgs',
      'Icmp6OutMsgs',
      'Udp.OutDatagrams',
      'Udp6OutDatagrams',
      'Ip6OutForwDatagrams',
    ].map((name): [string, Partial<OtherEnd>, Attempt[], string | null] => [
      `what left is explained by ${name}`,
      { counters: { ...thrownAway, 'Ip.OutTransmits': 6, [name]: 1 } },
      all('refused'),
      null,
    ]),
    [
      'what left was passed on',
      { counters: { 'Ip.InReceives': 7, 'Ip.ForwDatagrams': 1, 'Ip.OutTransmits': 6 } },
      all('refused'),
      null,
    ],
    [
      'thrown away, and the one was refused and the other not',
      { counters: thrownAway },
      [...SIX.slice(1), attempt(1, { result: 'refused' })],
      null,
    ],
    ['thrown away, and accepted here', { counters: thrownAway }, all('open'), null],
    ['no route back', { counters: { 'Ip.OutNoRoutes': 6 } }, SIX, null],
  ])('%s: %s', (_, told, attempts, answers) => {
    expect(there(told, { attempts })['there.answers']).toBe(answers);
  });
});

describe('what the client saw', () => {
  it.each<[Attempt['result'][], string | null]>([
    [['timeout', 'timeout'], 'silence'],
    [['refused', 'refused'], 'refused'],
    [['open', 'open'], 'open'],
    [['local-error', 'local-error'], null],
    [['open', 'timeout'], 'different'],
    [[], null],
  ])('%j: %s', (results, sees) => {
    const attempts = results.map((result, i) => attempt(i + 1, { result }));
    expect(there({}, { attempts })['there.sees']).toBe(sees);
  });
});

describe('the reference port', () => {
  const reference = (more: Partial<Attempt> = {}) => attempt(7, { to: 'reference', ...more });
  it.each<[string, Partial<OtherEnd>, Attempt[], boolean | null]>([
    ['was not tried', {}, SIX, null],
    ['was open', {}, [...SIX, reference({ result: 'open' })], true],
    ['refused', {}, [...SIX, reference({ result: 'refused' })], true],
    ['was silent, and nothing was captured', {}, [...SIX, reference()], null],
    ['was seen', { packets: [arrival(7, { toPort: 22 })] }, [...SIX, reference()], true],
    ['was not seen', { packets: [arrival(1)] }, [...SIX, reference({ result: 'open' })], false],
  ])('%s', (_, told, attempts, arrived) => {
    expect(there(told, { attempts })['there.referenceArrived']).toBe(arrived);
  });

  it('is not counted among those to the port', () => {
    const packets = [arrival(1), arrival(7, { toPort: 22 })];
    expect(there({ packets }, { attempts: [...SIX, reference()] })).toMatchObject({
      'there.arrived': 1,
      'there.sent': 6,
    });
  });
});

describe('what it tells of itself', () => {
  const listens = (address: string, more: object = {}) => ({
    address,
    port: 8080,
    queued: null,
    limit: null,
    ...more,
  });
  it.each<[string, Partial<OtherEnd>, boolean | null]>([
    ['nobody listens', {}, null],
    ['lengths that are not known', { listens: [listens(TARGET)] }, false],
    ['as many wait as it holds', { listens: [listens(TARGET, { queued: 128, limit: 128 })] }, false],
    ['more wait than it holds', { listens: [listens(TARGET, { queued: 129, limit: 128 })] }, true],
    [
      'more wait at another port',
      { listens: [listens(TARGET, { port: 80, queued: 129, limit: 128 })] },
      false,
    ],
    [
      'it overflowed, and is full',
      { listens: [listens(TARGET, { queued: 9, limit: 8 })], counters: { 'TcpExt.ListenOverflows': 1 } },
      true,
    ],
    ['it overflowed once', { counters: { 'TcpExt.ListenOverflows': 1 } }, null],
    ['a limit without a length', { listens: [listens(TARGET, { limit: -1 })] }, false],
    ['a length without a limit', { listens: [listens(TARGET, { queued: 9 })] }, false],
  ])('the queue: %s', (_, told, full) => {
    expect(there(told)['there.queueFull']).toBe(full);
  });

  it.each([
    [99, false],
    [100, true],
  ])('%i of 100 connections tracked: %s', (count, full) => {
    expect(there({ conntrack: { count, most: 100 } })['there.conntrackFull']).toBe(full);
    expect(there({})['there.conntrackFull']).toBeNull();
  });

  it.each([
    [5, false],
    [6, true],
  ])('%i of six failed the reverse path: %s', (count, filtered) => {
    expect(there({ counters: { 'TcpExt.IPReversePathFilter': count } })['there.reversePathFilter']).toBe(
      filtered,
    );
  });

  it.each([
    [5, false],
    [6, true],
  ])('%i of six were delivered to nothing: %s', (count, undelivered) => {
    expect(there({ counters: { 'Ip.InReceives': count } })['there.undelivered']).toBe(undelivered);
  });

  it('of nothing that was sent nothing is said', () => {
    const none = there({
      packets: [arrival(1)],
      from: AT_S + 500,
      to: AT_S + 510,
      counters: { 'Ip.InReceives': 6 },
    });
    expect(none).toMatchObject({
      'there.sent': 0,
      'there.undelivered': null,
      'there.reversePathFilter': null,
    });
    const never = there({ from: AT_S + 500, to: AT_S + 510 });
    expect(never).toMatchObject({
      'there.sent': null,
      'there.undelivered': null,
      'there.reversePathFilter': null,
      'there.looked': true,
    });
  });

  it.each<[string, OtherEnd['routeBack'], SeenPacket[], string | null]>([
    ['was not asked for', null, [arrival(1)], null],
    ['is not known', { kind: 'unknown', device: null }, [arrival(1)], null],
    ['is none', { kind: 'none', device: null }, [arrival(1)], 'none'],
    ['is the way that it came', { kind: 'unicast', device: 'eth0' }, [arrival(1)], 'same'],
    ['is another', { kind: 'unicast', device: 'eth1' }, [arrival(1)], 'other'],
    ['nothing came', { kind: 'unicast', device: 'eth0' }, [], null],
    [
      'by an interface without a name',
      { kind: 'unicast', device: 'eth0' },
      [arrival(1, { device: '#2' })],
      null,
    ],
    [
      'by an interface that is not known',
      { kind: 'unicast', device: 'eth0' },
      [arrival(1, { device: null })],
      null,
    ],
  ])('the way back %s: %s', (_, routeBack, packets, expected) => {
    expect(there({ routeBack, packets })['there.routeBack']).toBe(expected);
  });

  it.each<[string, OtherEnd['addresses'], boolean | null]>([
    ['not told', null, null],
    ['its own', [{ address: TARGET, device: 'eth0' }], true],
    ['another', [{ address: '203.0.113.81', device: 'eth0' }], false],
  ])('the address is %s', (_, addresses, isHere) => {
    expect(there({ addresses })['there.addressHere']).toBe(isHere);
  });
});

describe('connections that somebody else made in our place', () => {
  const plain = [1, 2, 3, 4].map((n) => arrival(n, { tsval: null, mss: 1460, fromPort: 9000 + n }));
  const unmarked = (packets: SeenPacket[], attempts = SIX.slice(0, 4)) =>
    there({ packets }, { attempts })['there.unmarked'];
  it('are known by their rhythm alone, where marks were set', () => {
    expect(unmarked(plain)).toBe(true);
    expect(unmarked([1, 2, 3, 4].map((n) => arrival(n)))).toBe(false);
    expect(unmarked([])).toBeNull();
    const never = SIX.slice(0, 4).map((one) => ({ ...one, mss: null }));
    expect(unmarked(plain, never)).toBe(false);
    expect(
      unmarked(
        plain,
        SIX.slice(0, 4).map((one) => ({ ...one, tsval: null })),
      ),
    ).toBe(false);
  });
  it('what was seen of the reference port says nothing of them', () => {
    const reference = attempt(7, { to: 'reference' });
    expect(unmarked([...plain, arrival(7, { toPort: 22 })], [...SIX.slice(0, 4), reference])).toBe(true);
  });
});

it('another address of the target, and a run without a case, know nothing of it', () => {
  expect(there({}, {})['there.looked']).toBe(true);
  const alone = evidence({}, observation('other-end', 'o', { address: TARGET } as never, 'looked', null));
  expect(factsOf(readingsAt(alone, TARGET))['there.looked']).toBeNull();
});
