import { describe, expect, it } from 'vitest';
import type { NetworkInterface, PacketCounters } from '../../../src/model/measured.ts';
import type { Observation } from '../../../src/model/probes.ts';
import {
  attempt,
  attempts,
  connect,
  counted,
  facts,
  factsAt,
  GATEWAY,
  HOST,
  type Hop,
  localNetwork,
  observation,
  ping,
  QUIET,
  trace,
} from '../../evidence.ts';

const seen = (...observations: Observation[]) => facts({}, ...observations);
const SILENT_ONES = ['timeout', 'timeout', 'timeout'] as const;
const SILENT: Hop[] = ['*', '*', '*', '*'];
const swept = (hops: Hop[], counters: Partial<PacketCounters> | null) =>
  seen(trace('target', hops, { counters: counters === null ? null : { ...QUIET, ...counters } }));
const card = (address: string, prefix: number, more: Partial<NetworkInterface> = {}): NetworkInterface => ({
  name: 'eth0',
  up: true,
  addresses: [{ address, prefix, family: address.includes(':') ? 6 : 4 }],
  ...more,
});

describe('the route', () => {
  it('that could not be asked is unknown', () => {
    expect(seen(localNetwork({ route: { kind: 'unknown', onLink: null } }))).toMatchObject({
      'local.route': null,
      'local.onLink': null,
    });
    expect(seen()).toMatchObject({
      'local.route': null,
      'local.interfaceUp': null,
      'local.unlikelyOnLink': null,
    });
  });

  it('that loses packets on this machine is told as it is', () => {
    for (const kind of ['none', 'blackhole', 'unreachable', 'prohibit'] as const)
      expect(seen(localNetwork({ route: { kind, gateway: null } }))['local.route']).toBe(kind);
  });

  it('an interface counts as up with an address of the family that is not link-local', () => {
    const up = (...interfaces: NetworkInterface[]) => seen(localNetwork({ interfaces }))['local.interfaceUp'];
    expect(up(card('10.0.0.5', 24))).toBe(true);
    expect(up(card('10.0.0.5', 24, { up: false }))).toBe(false);
    expect(up(card('127.0.0.1', 8, { name: 'lo' }))).toBe(false);
    expect(up(card('2001:db8::5', 64))).toBe(false);
    expect(up()).toBeNull();
    const v6 = localNetwork({ address: '2001:db8::7', interfaces: [card('fe80::5', 64)] });
    expect(factsAt('2001:db8::7', { target: { host: '2001:db8::7' } }, v6)['local.interfaceUp']).toBe(false);
  });
});

describe('a neighbour that a router answers for', () => {
  const onLink = localNetwork({ route: { onLink: true, gateway: null } });
  it('is seen where a router tells of packets to it', () => {
    expect(seen(onLink, trace('target', ['10.0.0.1', '*', '*']))['local.proxied']).toBe(true);
  });
  it('is none where the address itself answers at once, and unknown where nobody does', () => {
    expect(seen(onLink, trace('target', ['rst']))['local.proxied']).toBe(false);
    expect(seen(onLink, trace('target', SILENT))['local.proxied']).toBeNull();
    expect(seen(onLink)['local.proxied']).toBeNull();
  });
  it('is not asked about beyond the link', () => {
    expect(seen(localNetwork(), trace('target', ['10.0.0.1', 'rst']))['local.proxied']).toBeNull();
  });
});

describe('a netmask that makes far hosts look near', () => {
  const near = (address: string, own: string, prefix: number) =>
    factsAt(
      address,
      { target: { host: address } },
      localNetwork({ address, route: { onLink: true, gateway: null }, interfaces: [card(own, prefix)] }),
    );

  it('is suspected where the network is large and the host outside the own /24', () => {
    expect(near('10.77.3.80', '10.20.0.50', 8)).toMatchObject({
      'local.unlikelyOnLink': true,
      'local.onLinkPrefix': 8,
    });
    expect(near('2001:db8:c0de::80', '2001:db8:5::50', 32)['local.unlikelyOnLink']).toBe(true);
  });

  it('is not suspected of a neighbour, nor of a usual network', () => {
    expect(near('10.20.0.51', '10.20.0.50', 8)['local.unlikelyOnLink']).toBe(false);
    expect(near('10.20.1.80', '10.20.0.50', 22)['local.unlikelyOnLink']).toBe(false);
    expect(near('2001:db8:5::51', '2001:db8:5::50', 64)['local.unlikelyOnLink']).toBe(false);
  });

  it('the longest prefix that covers the address is the one that counts', () => {
    const both = localNetwork({
      address: '10.20.0.51',
      route: { onLink: true, gateway: null },
      interfaces: [card('10.1.1.1', 8), card('10.20.0.50', 24)],
    });
    expect(factsAt('10.20.0.51', { target: { host: '10.20.0.51' } }, both)['local.onLinkPrefix']).toBe(24);
  });

  it('is suspected where no address of this machine is of that network, as after DHCP has failed', () => {
    const alone = localNetwork({
      address: '203.0.113.80',
      route: { onLink: true, gateway: null, source: '169.254.7.9' },
      interfaces: [card('169.254.7.9', 16)],
    });
    const at = (address: string) =>
      factsAt(address, { target: { host: address } }, { ...alone, input: { address } } as Observation);
    expect(at('203.0.113.80')).toMatchObject({
      'local.unlikelyOnLink': true,
      'local.onLinkPrefix': null,
      'local.ownAddressOnly': '169.254.7.9',
    });
    // A neighbour without a server of addresses is a neighbour.
    expect(at('169.254.9.9')).toMatchObject({ 'local.unlikelyOnLink': false, 'local.ownAddressOnly': null });
  });

  it('is no question where a gateway leads there', () => {
    expect(seen(localNetwork())).toMatchObject({ 'local.unlikelyOnLink': null, 'local.onLinkPrefix': null });
  });
});

describe('the next hop', () => {
  it.each([
    ['REACHABLE', true, false],
    ['DELAY', true, false],
    ['PERMANENT', null, false],
    ['FAILED', false, true],
    ['INCOMPLETE', false, true],
    // It was found once; whether it still answers is not known.
    ['STALE', null, false],
  ])('%s: alive %s, failed %s', (state, alive, failed) => {
    expect(seen(localNetwork({ neighbour: state }))).toMatchObject({
      'local.nextHopAlive': alive,
      'local.nextHopFailed': failed,
    });
  });

  it('the later look counts', () => {
    const later = localNetwork({ id: 'local-network-again-1', neighbour: 'FAILED' });
    expect(seen(localNetwork({ neighbour: 'DELAY' }), later)['local.nextHopFailed']).toBe(true);
  });

  it('without an entry nothing is known', () => {
    expect(seen(localNetwork())).toMatchObject({ 'local.nextHopAlive': null, 'local.nextHopFailed': null });
  });
});

describe("this machine's own firewall, by the kernel's counters", () => {
  it('as many packets made and not sent as SYNs stayed silent: it drops them', () => {
    expect(swept(SILENT, { unsent: 4 })['local.dropsOutgoing']).toBe(true);
  });

  it('every packet left: it does not', () => {
    expect(swept(SILENT, { unsent: 0 })['local.dropsOutgoing']).toBe(false);
  });

  it('a few unsent packets are noise of other programs', () => {
    expect(swept(SILENT, { unsent: 2 })['local.dropsOutgoing']).toBeNull();
  });

  it('on older kernels the refused retransmissions tell it, and their absence proves nothing', () => {
    expect(swept(SILENT, { unsent: null, retransmitsFailed: 8 })['local.dropsOutgoing']).toBe(true);
    expect(swept(SILENT, { unsent: null, retransmitsFailed: 0 })['local.dropsOutgoing']).toBeNull();
  });

  it('a SYN that a router answered had left', () => {
    expect(swept(['10.0.0.1', '*', '*'], { unsent: 40 })['local.dropsOutgoing']).toBe(false);
  });

  it('without counters nothing is known', () => {
    expect(swept(SILENT, null)).toMatchObject({ 'local.dropsOutgoing': null, 'local.dropsIncoming': null });
  });

  it('packets that went nowhere out of step with the SYNs are noise of the network', () => {
    expect(swept(SILENT, { undelivered: 40, undeliveredInStep: 2 })['local.dropsIncoming']).toBeNull();
    expect(swept(SILENT, { undelivered: 40 })['local.dropsIncoming']).toBeNull();
  });

  it('packets that arrived and were delivered nowhere: it drops the answers', () => {
    expect(swept(SILENT, { undelivered: 9, undeliveredInStep: 3 })['local.dropsIncoming']).toBe(true);
    expect(swept(SILENT, { undelivered: 1, undeliveredInStep: 1 })['local.dropsIncoming']).toBeNull();
    expect(swept(SILENT, { undelivered: 0 })['local.dropsIncoming']).toBe(false);
    expect(swept(['10.0.0.1', 'rst'], { undelivered: 9 })['local.dropsIncoming']).toBe(false);
  });

  it('what only our short TTLs drew, and nothing was heard of, says nothing about the answers', () => {
    const six: Hop[] = ['*', '*', '*', '*', '*', '*'];
    const inStep = (hops: Hop[], undeliveredInStep: number) =>
      swept(hops, { undelivered: 9, undeliveredInStep })['local.dropsIncoming'];
    expect(inStep(six, 3)).toBeNull();
    expect(inStep(six, 5)).toBe(true);
    expect(inStep(['10.0.0.1', ...six], 3)).toBe(true);
    // On the same link there is no router to draw anything from.
    const near = trace('target', six, { counters: { ...QUIET, undelivered: 9, undeliveredInStep: 3 } });
    const link = localNetwork({ route: { onLink: true, gateway: null } });
    expect(seen(link, near)['local.dropsIncoming']).toBe(true);
  });

  it('refused at TTL 1 by packets that never left: it answers with a reset itself', () => {
    const rejects = (counters: Partial<PacketCounters>, ...more: Observation[]) =>
      seen(trace('target', ['rst'], { counters: { ...QUIET, launched: 2, ...counters } }), ...more)[
        'local.rejectsOutgoing'
      ];
    expect(rejects({ answeredHere: 2 })).toBe(true);
    expect(rejects({ answeredHere: 1 })).toBe(false);
    expect(rejects({ unsent: 2 })).toBe(true);
    expect(rejects({ unsent: 0 })).toBeNull();
    expect(rejects({ answeredHere: 2 }, localNetwork({ route: { kind: 'local' } }))).toBeNull();
  });

  it('refused farther away: it does not', () => {
    expect(swept(['10.0.0.1', 'rst'], { unsent: 2, launched: 2 })['local.rejectsOutgoing']).toBe(false);
  });

  it('a send that is refused outright is told by ping or by UDP', () => {
    expect(seen(ping('local-error', { sendRefused: true }))['local.sendRefused']).toBe(true);
    expect(
      seen(trace('other-protocol', [{ answer: 'local-error', errno: 'EPERM' }]))['local.sendRefused'],
    ).toBe(true);
    expect(seen(ping('no-reply'))['local.sendRefused']).toBe(false);
    expect(seen()['local.sendRefused']).toBeNull();
  });
});

describe("this machine's own firewall, by counted connections", () => {
  const silent = ['timeout', 'timeout', 'timeout'] as const;
  const quiet = (...how: Parameters<typeof counted>) => seen(connect('timeout'), counted(...how));
  const refused = (...how: Parameters<typeof counted>) =>
    seen(connect('refused'), localNetwork(), counted(...how));

  it('none of the SYNs was sent: it drops them', () => {
    expect(quiet([...silent], { sending: { unsent: 3 } })['local.dropsOutgoing']).toBe(true);
  });

  it('all of them were: it does not', () => {
    expect(quiet([...silent])['local.dropsOutgoing']).toBe(false);
  });

  it('one or two unsent packets may be of other programs', () => {
    expect(quiet([...silent], { sending: { unsent: 2 } })['local.dropsOutgoing']).toBeNull();
    expect(quiet([...silent], { sending: { unsent: null } })['local.dropsOutgoing']).toBeNull();
  });

  it('what was answered had left, whatever else did not', () => {
    expect(quiet(['timeout', 'open'], { sending: { unsent: 9 } })['local.dropsOutgoing']).toBeNull();
  });

  it('an answer for every SYN arrived and was heard by nobody: it drops them', () => {
    const lost = (...more: Observation[]) =>
      seen(connect('timeout'), counted([...silent], { whole: { undelivered: 3 } }), ...more)[
        'local.dropsIncoming'
      ];
    expect(lost(ping('replies'))).toBe(true);
    expect(lost(trace('other-protocol', ['10.0.0.1', '*'], { tool: true }))).toBe(true);
    // Everything else was over by then: these are answers to nothing else.
    const after = counted([...silent], { whole: { undelivered: 3 } });
    const later = { ...after, startedAt: new Date(Date.parse(after.startedAt) + 60_000).toISOString() };
    const deaf = [connect('timeout'), ping('no-reply'), trace('target', SILENT)];
    expect(seen(...deaf, later)['local.dropsIncoming']).toBe(true);
    expect(seen(...deaf, after)['local.dropsIncoming']).not.toBe(true);
    // What ping and the traces bring may be thrown away instead.
    expect(lost(ping('no-reply'), trace('other-protocol', ['*', '*'], { tool: true }))).toBeNull();
    expect(quiet([...silent], { whole: { undelivered: 1 } })['local.dropsIncoming']).toBeNull();
    expect(quiet([...silent])['local.dropsIncoming']).toBe(false);
  });

  it('refused, and nothing was sent: it rejects them itself, by a reset or by ICMP', () => {
    expect(refused(['refused', 'refused'], { sending: { unsent: 2 } })['local.rejectsOutgoing']).toBe(true);
    expect(
      refused(['refused', 'refused'], { sending: { unsent: 2 }, whole: { unreachables: 2 } })[
        'local.rejectsOutgoing'
      ],
    ).toBe(true);
    expect(refused(['refused', 'refused'])['local.rejectsOutgoing']).toBe(false);
  });

  it('a reset of its own goes through the loopback, which hides the SYN of IPv6 from what was not sent', () => {
    const looped = { sending: { onLoopback: 2 } };
    expect(refused(['refused', 'refused'], looped)['local.rejectsOutgoing']).toBe(true);
    expect(
      refused(['refused', 'refused'], { sending: { onLoopback: 1 } })['local.rejectsOutgoing'],
    ).toBeNull();
  });

  it('a refusal of one of its own addresses is always there', () => {
    const own = seen(
      connect('refused'),
      localNetwork({ route: { kind: 'local' } }),
      counted(['refused', 'refused'], { sending: { unsent: null, onLoopback: 2 } }),
    );
    expect(own['local.rejectsOutgoing']).toBeNull();
  });

  it('packets that went nowhere before anything was sent are the noise of the network', () => {
    const lost = { whole: { undelivered: 6 } };
    const heard = [connect('timeout'), ping('replies')];
    expect(seen(...heard, counted(['timeout', 'timeout'], lost))['local.dropsIncoming']).toBe(true);
    expect(
      seen(...heard, counted(['timeout', 'timeout'], { ...lost, quiet: { undelivered: 1 } }))[
        'local.dropsIncoming'
      ],
    ).toBeNull();
  });
});

it('sockets that cannot be made are a matter of resources; a missing route is none', () => {
  expect(seen(attempts(attempt('local-error', { code: 'EADDRNOTAVAIL' })))['local.resourceError']).toBe(
    'EADDRNOTAVAIL',
  );
  expect(seen(attempts(attempt('local-error', { code: 'ENETUNREACH' })))).toMatchObject({
    'local.resourceError': null,
    'local.connectError': 'ENETUNREACH',
  });
});

it('what other measurements lacked is a finding of its own, and no word about the connection', () => {
  const noPing = observation(
    'ping',
    'ping-1',
    { address: HOST, count: 1, timeoutMs: 1 },
    'not-available',
    null,
    {
      reason: 'no file descriptor was left for it (EMFILE)',
    },
  );
  expect(seen(attempts(attempt('refused')), noPing)).toMatchObject({
    'local.resourceError': null,
    'local.shortage': 'EMFILE',
    'local.shortageCount': 1,
    'local.lack': 'EMFILE',
  });
  expect(seen(attempts(attempt('local-error', { code: 'EMFILE' })))).toMatchObject({
    'local.resourceError': 'EMFILE',
    'local.shortage': null,
    'local.lack': 'EMFILE',
  });
  expect(seen(attempts(attempt('refused')))['local.lack']).toBeNull();
});

describe('the source address', () => {
  const from = (source: string | null, ...interfaces: NetworkInterface[]) =>
    seen(localNetwork({ route: { source }, interfaces }))['local.oddSource'];
  const eth0 = card('10.0.0.5', 24);
  const lo = card('10.99.0.9', 32, { name: 'lo' });

  it('that another interface has is odd', () => expect(from('10.99.0.9', eth0, lo)).toBe('10.99.0.9'));
  it('of the interface itself is not', () => expect(from('10.0.0.5', eth0, lo)).toBeNull());
  it('that nobody is known to have is not called odd', () => {
    expect(from('10.99.0.9', eth0)).toBeNull();
    expect(from(null, eth0, lo)).toBeNull();
  });
});

describe('the reverse-path filter of this machine', () => {
  const thrown = (more: Partial<PacketCounters> | null, hops: Hop[] = ['10.0.0.1', '*', '*']) =>
    swept(hops, more)['local.reversePathDrops'];

  it('threw away what came while the port was asked', () => {
    expect(thrown({ reversePath: 7 })).toBe(7);
    expect(
      seen(connect('timeout'), counted([...SILENT_ONES], { whole: { reversePath: 3 } }))[
        'local.reversePathDrops'
      ],
    ).toBe(3);
  });
  it('is not known where nobody counted, and nothing where the port was answered', () => {
    expect(thrown({})).toBeNull();
    expect(thrown(null)).toBeNull();
    expect(thrown({ reversePath: 7 }, ['10.0.0.1', 'syn-ack'])).toBeNull();
  });
});

describe('what came back with an address of this machine as its sender', () => {
  it('is counted where the port was silent', () => {
    const returned = (more: Partial<PacketCounters>, hops: Hop[] = ['10.0.0.1', '*', '*']) =>
      swept(hops, more)['local.ownAddressReturned'];
    expect(returned({ ownAddress: 8 })).toBe(8);
    expect(returned({})).toBeNull();
    expect(returned({ ownAddress: 8 }, ['10.0.0.1', 'syn-ack'])).toBeNull();
  });
  it('is no answer that this machine dropped', () => {
    const dropped = (ownAddress: number) =>
      swept(['10.0.0.1', '*', '*', '*', '*'], { undelivered: 9, undeliveredInStep: 4, ownAddress })[
        'local.dropsIncoming'
      ];
    expect([dropped(0), dropped(1), dropped(2)]).toEqual([true, true, null]);
  });
});

describe('an address of the network at hand', () => {
  const claimed = (device: string, ...interfaces: NetworkInterface[]) =>
    seen(localNetwork({ route: { device }, interfaces }))['local.claimedFrom'];
  const near = HOST.replace(/\d+$/, '99');
  const wide = card(near, 24);
  const tun0 = card('10.8.0.2', 24, { name: 'tun0', pointToPoint: true });

  it('that leaves through another interface is claimed by that one', () => {
    expect(claimed('tun0', wide, tun0)).toBe('eth0');
  });
  it('is not where it leaves through its own, where that is down, and where no interface has it', () => {
    expect(claimed('eth0', wide, tun0)).toBeNull();
    expect(claimed('tun0', { ...wide, up: false }, tun0)).toBeNull();
    expect(claimed('tun0', card('198.51.100.9', 24), tun0)).toBeNull();
    expect(claimed('tun0', wide, card(HOST.replace(/\d+$/, '9'), 28, { name: 'tun0' }))).toBeNull();
  });
});

it.each([
  [true, false],
  [false, true],
])('an interface that is up: %s', (up, down) => {
  const one = seen(localNetwork({ interfaces: [card('10.0.0.5', 24, { up })] }));
  expect(one['local.deviceDown']).toBe(down);
  expect(seen(localNetwork({ interfaces: [] }))['local.deviceDown']).toBeNull();
});

it('a neighbour entry made by hand proves nothing about the neighbour', () => {
  const state = (neighbour: string) => seen(localNetwork({ neighbour }));
  expect(state('PERMANENT')).toMatchObject({ 'local.nextHopPinned': true, 'local.nextHopAlive': null });
  expect(state('REACHABLE')).toMatchObject({ 'local.nextHopPinned': false, 'local.nextHopAlive': true });
});

it('a connection to another machine that never leaves is accepted here', () => {
  const accepted = (counters: Partial<PacketCounters> | null, ...more: Observation[]) =>
    seen(
      trace('target', ['syn-ack'], {
        counters: counters === null ? null : { ...QUIET, launched: 2, ...counters },
      }),
      ...more,
    )['local.acceptsOutgoing'];
  expect(accepted({ answeredHere: 2 }, localNetwork())).toBe(true);
  expect(accepted({ answeredHere: 1 }, localNetwork())).toBe(false);
  expect(accepted(null, localNetwork())).toBeNull();
  expect(accepted({ answeredHere: 2 }, localNetwork({ route: { kind: 'local' } }))).toBeNull();
  // Of an open port the route is mostly not asked.
  expect(accepted({ answeredHere: 2 })).toBe(true);
});

describe('the router that packets go by', () => {
  const usual = (defaultGateway: string | undefined, more: Parameters<typeof localNetwork>[0] = {}) => {
    const one = localNetwork(more);
    const data = { ...(one.data as object), ...(defaultGateway === undefined ? {} : { defaultGateway }) };
    return seen({ ...one, data } as typeof one)['local.usualRouter'];
  };
  it('is worth a word where it is not the default gateway', () => {
    expect(usual('10.0.0.254')).toBe('10.0.0.254');
  });
  it('and is none where it is, where none is known, without a router, and in a tunnel', () => {
    expect(usual(GATEWAY)).toBeNull();
    expect(usual(undefined)).toBeNull();
    expect(usual('fe80::1')).toBeNull();
    expect(usual('10.0.0.254', { route: { gateway: null, onLink: true } })).toBeNull();
    const tunnel = [card('10.8.0.2', 24, { name: 'tun0', pointToPoint: true })];
    expect(usual('10.0.0.254', { route: { device: 'tun0' }, interfaces: tunnel })).toBeNull();
  });
});

describe('an MTU that is too small for IPv6', () => {
  const HOST6 = '2001:db8::7';
  const narrow = (address: string, ...interfaces: NetworkInterface[]) => {
    const got = factsAt(address, {}, localNetwork({ address, interfaces }));
    return [got['local.narrowDevice'], got['local.narrowMtu']];
  };
  const eth0 = (mtu: number) => card('10.0.0.5', 24, { mtu });
  it('is named where no interface that is up has an address of IPv6', () => {
    expect(narrow(HOST6, eth0(1279))).toEqual(['eth0', 1279]);
  });
  it('is none from 1280 on, for IPv4, where another interface has IPv6, and of one that is down', () => {
    for (const found of [
      narrow(HOST6, eth0(1280)),
      narrow(HOST, eth0(1200)),
      narrow(HOST6, eth0(1200), card('2001:db8::5', 64, { name: 'eth1' })),
      narrow(HOST6, { ...eth0(1200), up: false }),
      narrow(HOST6, card('10.0.0.5', 24)),
    ])
      expect(found).toEqual([null, null]);
    expect(narrow(HOST6, eth0(1200), card('::1', 128, { name: 'lo' }))).toEqual(['eth0', 1200]);
  });
});
