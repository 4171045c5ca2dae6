/** Answers that come from somewhere else than they seem to: balancers, rewritten and unheard answers. Truths were written before the first run. */
import { sshd } from '../daemons/others.ts';
import { type Served, served, WELL } from '../daemons/served.ts';
import { redis } from '../daemons/stores.ts';
import { front, haproxy, nginx, site } from '../daemons/web.ts';
import { relayed } from '../relay.ts';
import {
  after,
  atHop,
  forward,
  hostPort,
  input,
  LATE_UNREACHABLE_LIMIT,
  loopBetween,
  noTimeExceeded,
  route,
  type Scenario,
  thisMachine,
  to,
} from '../scenario.ts';
import type { Addresses } from '../topology.ts';
import * as world from '../worlds.ts';

const port = (at: Addresses): string => hostPort(at.server, 8080);
/** Router n answers for the server and hands on what it accepts. */
const answersFor = (at: Addresses, tcp: number): string =>
  `nft 'add table inet b; add chain inet b p { type nat hook prerouting priority -100; }; add rule inet b p ${to(at.server)} tcp dport ${tcp} redirect to :${tcp}'`;
/** A virtual address on router n whose connections are shared out among servers. */
const shared = (at: Addresses, n: number, ...backends: string[]): string =>
  `nft 'add table ip lb; add chain ip lb c { type nat hook prerouting priority dstnat; }; add rule ip lb c ip daddr ${at.hop(n)} tcp dport 8080 dnat to numgen inc mod ${backends.length} map { ${backends.map((address, i) => `${i} : ${address}`).join(', ')} }'`;
const somewhere = [{ kind: 'target' } as const, { kind: 'hop' } as const, { kind: 'between' } as const];
const DEAD_BACKENDS: Served['truth'] = [
  {
    outcome: 'impaired',
    causes: [
      'backend-down',
      'address-partly-down',
      'port-closed',
      'service-overloaded',
      'host-firewall-reject',
    ],
    maxConfidence: 0.95,
  },
  WELL,
];

const scenarios: Served[] = [
  {
    name: 'a balancer on the last router answers for a dead origin (TCP, cut)',
    family: 'balancer-on-the-way',
    on: world.home3,
    daemons: { r3: [haproxy(front(6379, '', { mode: 'tcp' }), 6379)] },
    fault: (at) => ({ r3: [answersFor(at, 6379)] }),
    target: (at) => hostPort(at.server, 6379),
    truth: (at) => ({
      outcome: 'impaired',
      causes: ['backend-down', 'service-closes-connection', 'middlebox-intercept'],
      where: [...somewhere, atHop(at, 3)],
      maxConfidence: 0.95,
    }),
  },
  {
    name: 'a balancer on the last router answers 503 for a dead origin',
    family: 'balancer-on-the-way',
    on: world.company3v6,
    daemons: { r3: [haproxy(front(80, '127.0.0.1:9'), 80)] },
    fault: (at) => ({ r3: [answersFor(at, 80)] }),
    target: (at) => hostPort(at.server, 80),
    truth: {
      outcome: ['reachable', 'impaired'],
      causes: ['backend-down', 'middlebox-intercept'],
      where: somewhere,
    },
  },
  {
    name: 'well, a balancer on the last router hands on to the server',
    family: 'healthy-balancer-on-the-way',
    on: world.campus4,
    daemons: (at) => ({
      r4: [haproxy(front(6379, `${at.server}:6379`, { mode: 'tcp' }), 6379)],
      server: [redis()],
    }),
    fault: (at) => ({ r4: [answersFor(at, 6379)] }),
    target: (at) => hostPort(at.server, 6379),
    // Written with the first alone: that something nearer than the host answers is true, and may be said of a port that is well.
    truth: [WELL, { outcome: 'reachable', causes: ['middlebox-intercept'], where: somewhere }],
  },
  {
    name: 'well, a balancer with two servers',
    family: 'healthy-balancer-on-the-way',
    on: { ...world.company2, sibling: true },
    listenOn: { sibling: [8080] },
    fault: (at) => ({ r2: [shared(at, 2, at.server, at.sibling)] }),
    target: (at) => hostPort(at.hop(2), 8080),
    truth: WELL,
  },
  {
    name: 'a balancer with two servers, and nothing listens on one of them',
    family: 'some-backends-dead',
    on: { ...world.company2, sibling: true },
    fault: (at) => ({ r2: [shared(at, 2, at.sibling, at.server)] }),
    target: (at) => hostPort(at.hop(2), 8080),
    truth: DEAD_BACKENDS,
  },
  {
    name: 'a balancer with three servers, and nothing listens on two of them',
    family: 'some-backends-dead',
    on: { ...world.campus4, sibling: true },
    fault: (at) => ({ r3: [shared(at, 3, at.sibling, at.sibling, at.server)] }),
    target: (at) => hostPort(at.hop(3), 8080),
    truth: DEAD_BACKENDS,
  },
  // Who asked one address hears another one answer: the kernel throws it away.
  {
    name: 'router 2 rewrites the source of the answers',
    family: 'answers-rewritten',
    on: world.home3,
    fault: (at) => ({
      r2: [
        `nft 'add table ip w; add chain ip w c { type filter hook prerouting priority -400; }; add rule ip w c ip saddr ${at.server} tcp sport 8080 ip saddr set ${at.unusedThere}'`,
      ],
    }),
    target: port,
    truth: {
      outcome: 'unreachable',
      causes: ['return-path', 'network-firewall-drop', 'host-firewall-drop'],
      maxConfidence: 0.8,
    },
  },
  {
    name: 'router 1 rewrites the source of the answers',
    family: 'answers-rewritten',
    on: world.campus4,
    fault: (at) => ({
      r1: [
        `nft 'add table ip w; add chain ip w c { type filter hook prerouting priority -400; }; add rule ip w c ip saddr ${at.server} tcp sport 8080 ip saddr set ${at.unusedThere}'`,
      ],
    }),
    target: port,
    truth: {
      outcome: 'unreachable',
      causes: ['return-path', 'network-firewall-drop', 'host-firewall-drop'],
      maxConfidence: 0.8,
    },
  },
  // What a router says of our short TTLs does not arrive: that says nothing of this machine's firewall and the port.
  {
    name: 'this machine lets no time-exceeded in, and router 2 drops the port',
    family: 'time-exceeded-unheard',
    on: world.home3,
    fault: () => ({ client: [input('icmp type time-exceeded drop')], r2: [forward('tcp dport 8080 drop')] }),
    target: port,
    truth: {
      outcome: 'unreachable',
      causes: ['network-firewall-drop', 'host-firewall-drop'],
      maxConfidence: 0.8,
      mustNotClaim: ['local-firewall'],
    },
  },
  {
    name: 'this machine lets no time-exceeded in, and nothing listens',
    family: 'time-exceeded-unheard',
    on: world.company3v6,
    listen: [22],
    fault: () => ({ client: [input('icmpv6 type time-exceeded drop')] }),
    target: port,
    truth: (at) => ({
      outcome: 'unreachable',
      causes: ['port-closed'],
      where: [{ kind: 'target', address: at.server }],
      maxConfidence: 0.95,
    }),
  },
  {
    name: 'well, this machine lets no time-exceeded in',
    family: 'healthy-firewall',
    on: world.campus4,
    daemons: { server: [sshd()] },
    fault: () => ({ client: [input('icmp type time-exceeded drop')] }),
    target: 22,
    truth: WELL,
  },
  {
    name: 'the host is off, and the last router tells, behind jitter',
    family: 'late-unreachable',
    on: world.home5,
    listen: [],
    ...relayed(2, { delayMs: 100, jitterMs: 250 }, () => ({ server: ['ip link set eth0 down'] })),
    target: port,
    truth: (at) => ({
      outcome: 'unreachable',
      causes: ['host-down'],
      where: [after(at, 5), atHop(at, 5)],
      maxConfidence: LATE_UNREACHABLE_LIMIT,
    }),
  },
  {
    name: 'the host is off, and the last router tells, 600 ms away',
    family: 'late-unreachable',
    on: world.campus4v6,
    listen: [],
    ...relayed(2, { delayMs: 600 }, () => ({ server: ['ip link set eth0 down'] })),
    target: port,
    truth: (at) => ({
      outcome: 'unreachable',
      causes: ['host-down'],
      where: [after(at, 4), atHop(at, 4)],
      maxConfidence: LATE_UNREACHABLE_LIMIT,
    }),
  },
  {
    name: 'router 3 has no route and tells, 500 ms away',
    family: 'far-away-and-no-route',
    on: world.home5,
    ...relayed(1, { delayMs: 500 }, (at) => ({ r3: [route('add unreachable ADDRESS', at.server)] })),
    target: port,
    truth: (at) => ({
      outcome: 'unreachable',
      causes: ['routing-unreachable'],
      where: [atHop(at, 3)],
      mustNotClaim: ['host-down'],
    }),
  },
  {
    name: 'this machine has a link-local address alone, and router 1 says beyond scope',
    family: 'beyond-scope',
    on: world.home3v6,
    fault: (at) => ({
      client: [
        `ip -6 addr del ${at.client}/64 dev eth0; ip -6 route replace default via ${at.hop(1)} dev eth0 onlink`,
      ],
    }),
    target: port,
    truth: {
      outcome: 'unreachable',
      causes: ['local-no-route', 'routing-unreachable'],
      where: [thisMachine, null],
      mustNotClaim: ['network-firewall-reject'],
      maxConfidence: 0.97,
    },
  },
  {
    name: 'routers 2 and 3 send it to each other, and router 3 never tells',
    family: 'loop-half-silent',
    on: world.home5,
    fault: (at) => ({ r3: [noTimeExceeded, route(`replace ADDRESS via ${at.farSide(2)}`, at.server)] }),
    target: port,
    truth: { outcome: 'unreachable', causes: ['routing-loop'], where: loopBetween(2, 3, 4) },
  },
  {
    name: 'routers 1 and 2 send it to each other, and router 1 never tells',
    family: 'loop-half-silent',
    on: world.company3v6,
    fault: (at) => ({ r1: [noTimeExceeded], r2: [route(`replace ADDRESS via ${at.farSide(1)}`, at.server)] }),
    target: port,
    truth: { outcome: 'unreachable', causes: ['routing-loop'], where: loopBetween(1, 2, 3) },
  },
  {
    name: 'nginx of the first router answers for every address on 80 (a portal), and TLS is asked',
    family: 'portal',
    on: world.company3,
    listen: [443],
    daemons: { r1: [nginx(site('8081', 'location / { return 302 http://login.portal.test/; }'), 8081)] },
    fault: () => ({
      r1: [
        "nft 'add table ip cp; add chain ip cp p { type nat hook prerouting priority -100; }; add rule ip cp p iifname lan tcp dport 80 redirect to :8081'",
        forward('iifname "lan" drop'),
      ],
    }),
    target: (at) => `https://${hostPort(at.server, 443)}/`,
    truth: { outcome: 'unreachable', causes: ['captive-portal'], where: [null, ...somewhere] },
  },
];

export default scenarios.map(served) satisfies Scenario[];
