/** An examination: routers and firewalls that behave in ways the other families do not have. */
import {
  after,
  atHop,
  atTarget,
  beforeAnyHop,
  DROPPED_AT_THE_END,
  family,
  forward,
  from,
  hostPort,
  input,
  loopBetween,
  noTimeExceeded,
  output,
  prerouting,
  RESET_BY_HOST_LIMIT,
  route,
  type Scenario,
  SILENT_ON_EVERYTHING,
  thisMachine,
  to,
  type WherePattern,
} from '../scenario.ts';
import type { Addresses } from '../topology.ts';
import * as world from '../worlds.ts';
import { inWords } from '../worlds.ts';

const well = (): ReturnType<Scenario['truth']> => ({ outcome: 'reachable', causes: [] });
const after_ = (hop: number): WherePattern => ({ kind: 'between', hop, next: { hop: hop + 1 } });
const beforeFirst = (at: Addresses): WherePattern[] => [
  ...beforeAnyHop,
  { kind: 'between', next: { hop: 1, address: at.hop(1) } },
];
const SHARED = '10.255.255.1';
/**
 * A router's ICMP leaves with an address that other routers use too. (First tried with a second address on loopback:
 * the next router has it as well and drops such answers as martians, so that nobody hears them.)
 */
const answersFrom = (address: string) =>
  output(`icmp type { time-exceeded, destination-unreachable } ip saddr set ${address}`);

const sameAddress: Scenario[] = [
  {
    name: 'all routers answer from one address and router 3 drops the port',
    family: 'exam-router-addresses',
    topology: world.home5,
    fault: () => ({
      r1: [answersFrom(SHARED)],
      r2: [answersFrom(SHARED)],
      r3: [answersFrom(SHARED), forward('tcp dport 8080 drop')],
      r4: [answersFrom(SHARED)],
      r5: [answersFrom(SHARED)],
    }),
    target: (at) => hostPort(at.server, 8080),
    truth: () => ({
      outcome: 'unreachable',
      causes: ['network-firewall-drop'],
      where: [{ ...after_(3), address: SHARED } as WherePattern],
      mustNotClaim: ['routing-loop'],
    }),
  },
  {
    name: 'routers 2 and 4 answer from one address and the host drops everything',
    family: 'exam-router-addresses',
    topology: world.company8,
    fault: () => ({
      r2: [answersFrom(SHARED)],
      r4: [answersFrom(SHARED)],
      server: [input('meta l4proto { tcp, udp, icmp } drop')],
    }),
    target: (at) => hostPort(at.server, 8080),
    truth: (at) => ({
      outcome: 'unreachable',
      ...SILENT_ON_EVERYTHING,
      where: [after(at, 8)],
      mustNotClaim: ['routing-loop'],
    }),
  },
  {
    name: 'routers 2 and 4 answer from one address and router 4 rejects the port',
    family: 'exam-router-addresses',
    topology: world.home5,
    fault: () => ({
      r2: [answersFrom(SHARED)],
      r4: [answersFrom(SHARED), forward('tcp dport 8080 reject with icmp admin-prohibited')],
    }),
    target: (at) => hostPort(at.server, 8080),
    // "The smallest TTL at which that address answered anything" is 2 here; but what passes hop 3 cannot be rejected at 2.
    truth: () => ({
      outcome: 'unreachable',
      causes: ['network-firewall-reject'],
      where: [{ kind: 'hop', hop: 4, address: SHARED }],
    }),
  },
  {
    name: 'open, and all routers answer from one address',
    family: 'exam-router-addresses',
    topology: world.campus4,
    fault: () => ({
      r1: [answersFrom(SHARED)],
      r2: [answersFrom(SHARED)],
      r3: [answersFrom(SHARED)],
      r4: [answersFrom(SHARED)],
    }),
    target: (at) => hostPort(at.server, 8080),
    flags: () => ['--trace'],
    truth: well,
  },
];

const fewAnswers: Scenario[] = [
  {
    name: 'every router tells once a second at most and router 3 drops the port',
    family: 'exam-icmp-scarce',
    topology: world.home5,
    fault: () =>
      Object.fromEntries(
        [1, 2, 3, 4, 5].map((n) => [
          `r${n}`,
          [
            output('icmp type time-exceeded limit rate over 1/second burst 1 packets drop'),
            ...(n === 3 ? [forward('tcp dport 8080 drop')] : []),
          ],
        ]),
      ),
    target: (at) => hostPort(at.server, 8080),
    truth: (at) => ({ outcome: 'unreachable', causes: ['network-firewall-drop'], where: [after(at, 3)] }),
  },
  {
    name: 'every router tells once in three seconds at most and router 2 drops the port',
    family: 'exam-icmp-scarce',
    topology: world.campus4,
    fault: () =>
      Object.fromEntries(
        [1, 2, 3, 4].map((n) => [
          `r${n}`,
          [
            output('icmp type time-exceeded limit rate over 20/minute burst 1 packets drop'),
            ...(n === 2 ? [forward('tcp dport 8080 drop')] : []),
          ],
        ]),
      ),
    target: (at) => hostPort(at.server, 8080),
    // A single answer in three seconds: which hop was last heard may be one too early, and nobody can be sure.
    truth: () => ({
      outcome: 'unreachable',
      causes: ['network-firewall-drop', 'host-firewall-drop'],
      where: [{ kind: 'between', hop: 2 }, { kind: 'between', hop: 1 }, ...beforeAnyHop],
    }),
  },
  {
    name: 'eight routers, the last two never tell, the host drops the port',
    family: 'exam-icmp-scarce',
    topology: world.company8,
    fault: () => ({ r7: [noTimeExceeded], r8: [noTimeExceeded], server: [input('tcp dport 8080 drop')] }),
    target: (at) => hostPort(at.server, 8080),
    truth: () => ({ outcome: 'unreachable', ...DROPPED_AT_THE_END, where: [{ kind: 'between', hop: 6 }] }),
  },
  {
    name: 'only odd routers tell and router 4 drops the port',
    family: 'exam-icmp-scarce',
    topology: world.home5,
    fault: () => ({ r2: [noTimeExceeded], r4: [noTimeExceeded, forward('tcp dport 8080 drop')] }),
    target: (at) => hostPort(at.server, 8080),
    truth: () => ({
      outcome: 'unreachable',
      causes: ['network-firewall-drop'],
      where: [{ kind: 'between', hop: 3 }],
    }),
  },
  {
    name: 'the first router never tells and its access list drops the port',
    family: 'exam-icmp-scarce',
    topology: world.company3,
    fault: () => ({ r1: [noTimeExceeded, prerouting('tcp dport 8080 drop')] }),
    target: (at) => hostPort(at.server, 8080),
    // Gone before hop 2. (Or in this machine's own firewall, shared, at first; but its kernel counts what it refuses to send.)
    truth: (at) => ({
      outcome: 'unreachable',
      causes: ['network-firewall-drop'],
      where: [...beforeFirst(at), { kind: 'between', hop: 0 }, { kind: 'between', hop: 1 }],
    }),
  },
  {
    name: "the first router never tells and this machine's firewall drops the port",
    family: 'exam-icmp-scarce',
    topology: world.company3,
    fault: () => ({ r1: [noTimeExceeded], client: [output('tcp dport 8080 drop')] }),
    target: (at) => hostPort(at.server, 8080),
    truth: () => ({ outcome: 'unreachable', causes: ['local-firewall'], where: [thisMachine] }),
  },
  {
    name: 'routers tell of UDP and ping and never of TCP, and the host drops the port',
    family: 'exam-icmp-scarce',
    topology: world.home3,
    fault: () => ({
      ...Object.fromEntries(
        [1, 2, 3].map((n) => [
          `r${n}`,
          [output('meta l4proto icmp icmp type time-exceeded @th,136,8 6 drop')],
        ]),
      ),
      server: [input('tcp dport 8080 drop')],
    }),
    target: (at) => hostPort(at.server, 8080),
    truth: () => ({
      outcome: 'unreachable',
      ...DROPPED_AT_THE_END,
      where: beforeAnyHop,
      mustNotClaim: ['local-firewall'],
    }),
  },
  {
    name: 'routers tell of UDP and ping and never of TCP, and router 3 drops the port',
    family: 'exam-icmp-scarce',
    topology: world.home5,
    fault: () =>
      Object.fromEntries(
        [1, 2, 3, 4, 5].map((n) => [
          `r${n}`,
          [
            // The quoted packet's protocol: 17 octets into the ICMP message.
            output('meta l4proto icmp icmp type time-exceeded @th,136,8 6 drop'),
            ...(n === 3 ? [forward('tcp dport 8080 drop')] : []),
          ],
        ]),
      ),
    target: (at) => hostPort(at.server, 8080),
    truth: () => ({
      outcome: 'unreachable',
      ...DROPPED_AT_THE_END,
      where: beforeAnyHop,
      mustNotClaim: ['local-firewall'],
    }),
  },
  {
    name: 'router 2 drops what has a TTL below five, and router 4 drops the port',
    family: 'exam-icmp-scarce',
    topology: world.home5,
    fault: () => ({ r2: [prerouting('ip ttl < 5 drop')], r4: [forward('tcp dport 8080 drop')] }),
    target: (at) => hostPort(at.server, 8080),
    truth: () => ({ outcome: 'unreachable', ...DROPPED_AT_THE_END, where: [{ kind: 'between', hop: 1 }] }),
  },
];

const ttl: Scenario[] = [
  {
    name: 'open, and router 2 sets every TTL to 64',
    family: 'exam-ttl-rewritten',
    topology: world.campus4,
    fault: () => ({ r2: [prerouting('ip ttl set 64')] }),
    target: (at) => hostPort(at.server, 8080),
    flags: () => ['--trace'],
    truth: well,
  },
  {
    name: 'router 2 sets every TTL to 64 and nothing listens',
    family: 'exam-ttl-rewritten',
    topology: world.home5,
    listen: [22],
    fault: () => ({ r2: [prerouting('ip ttl set 64')] }),
    target: (at) => hostPort(at.server, 8080),
    truth: (at) => ({
      outcome: 'unreachable',
      causes: ['port-closed'],
      where: [atTarget(at.server)],
      maxConfidence: RESET_BY_HOST_LIMIT,
    }),
  },
  {
    name: 'router 2 sets every TTL to 64 and router 3 drops the port',
    family: 'exam-ttl-rewritten',
    topology: world.home5,
    fault: () => ({ r2: [prerouting('ip ttl set 64')], r3: [forward('tcp dport 8080 drop')] }),
    target: (at) => hostPort(at.server, 8080),
    // From hop 1 on everything looks like one hop.
    truth: () => ({ outcome: 'unreachable', ...DROPPED_AT_THE_END, where: [{ kind: 'between', hop: 1 }] }),
  },
];

const rejects = [
  ...family(
    'exam-router-reject-codes',
    [
      { on: world.home3, by: 'icmp net-unreachable', words: 'net-unreachable' },
      { on: world.campus4, by: 'icmp prot-unreachable', words: 'prot-unreachable' },
      { on: world.home3v6, by: 'icmpv6 policy-fail', words: 'policy-fail' },
      { on: world.campus4v6, by: 'icmpv6 reject-route', words: 'reject-route' },
    ],
    ({ on, by, words }) => ({
      name: `router 2 rejects the port with ${words} (${inWords(on)})`,
      topology: on,
      fault: () => ({ r2: [forward(`tcp dport 8080 reject with ${by}`)] }),
      target: (at) => hostPort(at.server, 8080),
      truth: (at) => ({
        outcome: 'unreachable',
        causes: ['network-firewall-reject'],
        where: [atHop(at, 2)],
        mustNotClaim: ['routing-unreachable'],
      }),
    }),
  ),
  ...family(
    'exam-host-reject-codes',
    [
      { on: world.company3, by: 'icmp host-unreachable', words: 'host-unreachable, at once' },
      { on: world.home5, by: 'icmp net-unreachable', words: 'net-unreachable' },
      { on: world.campus2v6, by: 'icmpv6 no-route', words: 'no-route' },
      { on: world.home3v6, by: 'icmpv6 addr-unreachable', words: 'addr-unreachable' },
    ],
    ({ on, by, words }) => ({
      name: `the host itself rejects the port with ${words} (${inWords(on)})`,
      topology: on,
      fault: () => ({ server: [input(`tcp dport 8080 reject with ${by}`)] }),
      target: (at) => hostPort(at.server, 8080),
      truth: (at) => ({
        outcome: 'unreachable',
        causes: ['host-firewall-reject'],
        where: [atTarget(at.server)],
      }),
    }),
  ),
  {
    name: 'the host itself rejects everything with host-unreachable',
    family: 'exam-host-reject-codes',
    topology: world.campus4,
    fault: () => ({
      server: [input('meta l4proto { tcp, udp, icmp } reject with icmp host-unreachable')],
    }),
    target: (at) => hostPort(at.server, 8080),
    truth: (at) => ({
      outcome: 'unreachable',
      causes: ['host-firewall-reject'],
      where: [atTarget(at.server)],
    }),
  },
  {
    name: 'router 2 rejects the first connection of a second and drops the rest',
    family: 'exam-reject-limited',
    topology: world.campus4,
    fault: () => ({
      r2: [
        forward('tcp dport 8080 limit rate 1/second burst 1 packets reject with icmp admin-prohibited'),
        "nft 'add rule inet forward_lab c tcp dport 8080 drop'",
      ],
    }),
    target: (at) => hostPort(at.server, 8080),
    truth: (at) => ({ outcome: 'unreachable', causes: ['network-firewall-reject'], where: [atHop(at, 2)] }),
  },
  {
    name: 'router 3 rejects the port and router 2 keeps its ICMP from us',
    family: 'exam-reject-limited',
    topology: world.home5,
    fault: () => ({
      r2: [prerouting('icmp type destination-unreachable drop')],
      r3: [forward('tcp dport 8080 reject with icmp admin-prohibited')],
    }),
    target: (at) => hostPort(at.server, 8080),
    truth: (at) => ({
      outcome: 'unreachable',
      causes: ['network-firewall-drop', 'network-firewall-reject'],
      where: [after(at, 3)],
    }),
  },
] satisfies Scenario[];

const wayBack: Scenario[] = [
  {
    name: 'router 1 drops the answers of the port on the way back (IPv6)',
    family: 'exam-way-back',
    topology: world.home3v6,
    fault: () => ({ r1: [forward('tcp sport 8080 drop')] }),
    target: (at) => hostPort(at.server, 8080),
    truth: (at) => ({
      outcome: 'unreachable',
      causes: ['host-firewall-drop', 'network-firewall-drop', 'return-path'],
      where: [after(at, 3)],
      maxConfidence: 0.75,
    }),
  },
  {
    name: 'router 2 answers the answers of the port with a reset to the host',
    family: 'exam-way-back',
    topology: world.company3,
    fault: () => ({ r2: [forward('tcp sport 8080 reject with tcp reset')] }),
    target: (at) => hostPort(at.server, 8080),
    truth: (at) => ({
      outcome: 'unreachable',
      causes: ['host-firewall-drop', 'network-firewall-drop', 'return-path'],
      where: [after(at, 3)],
      maxConfidence: 0.75,
    }),
  },
  {
    name: 'router 3 believes that we are elsewhere and drops what comes (rp_filter)',
    family: 'exam-way-back',
    topology: world.home5,
    fault: (at) => ({
      r3: [
        `ip link add rp0 type veth peer name rp1; ip link set rp0 up; ip link set rp1 up; ip addr add 10.97.0.1/30 dev rp0; ip route replace ${at.clientNet} via 10.97.0.2 dev rp0; echo 1 > /proc/sys/net/ipv4/conf/all/rp_filter`,
      ],
    }),
    target: (at) => hostPort(at.server, 8080),
    truth: (at) => ({ outcome: 'unreachable', ...SILENT_ON_EVERYTHING, where: [after(at, 2)] }),
  },
  {
    name: 'this machine sends from an address that nobody has a route to',
    family: 'exam-way-back',
    topology: world.home3,
    fault: (at) => ({
      client: [
        `ip addr add 10.99.99.9/32 dev eth0; ip route replace default via ${at.hop(1)} src 10.99.99.9`,
      ],
    }),
    target: (at) => hostPort(at.server, 8080),
    truth: (at) => ({ outcome: 'unreachable', ...SILENT_ON_EVERYTHING, where: beforeFirst(at) }),
  },
  {
    name: 'the default route leads to a host that does not forward',
    family: 'exam-way-back',
    topology: { ...world.company3, neighbour: true },
    fault: (at) => ({ client: [`ip route replace default via ${at.neighbour}`] }),
    target: (at) => hostPort(at.server, 8080),
    truth: (at) => ({
      outcome: 'unreachable',
      ...SILENT_ON_EVERYTHING,
      where: [...beforeFirst(at), { kind: 'between', hop: 0 }],
    }),
  },
  {
    name: "the gateway's entry in the neighbour table is wrong",
    family: 'exam-way-back',
    topology: world.home3,
    fault: (at) => ({
      client: [`ip neigh replace ${at.hop(1)} lladdr 02:00:00:00:00:99 nud permanent dev eth0`],
    }),
    target: (at) => hostPort(at.server, 8080),
    // Frames go to a card that nobody has: silent from the first hop on, on everything, and no ARP fails.
    truth: (at) => ({
      outcome: 'unreachable',
      causes: [...SILENT_ON_EVERYTHING.causes, 'local-gateway-down'],
      maxConfidence: 0.75,
      where: [thisMachine, ...beforeFirst(at)],
    }),
  },
];

const routing: Scenario[] = [
  {
    name: "the last router's side of the server is down",
    family: 'exam-routing',
    topology: world.campus4,
    fault: () => ({ r4: ['ip link set srv down'] }),
    target: (at) => hostPort(at.server, 8080),
    truth: (at) => ({ outcome: 'unreachable', causes: ['routing-unreachable'], where: [atHop(at, 4)] }),
  },
  {
    name: 'routers 2 and 3 send it to each other and router 3 never tells',
    family: 'exam-routing',
    topology: world.campus4,
    fault: (at) => ({
      r3: [noTimeExceeded, route(`replace ADDRESS via ${at.farSide(2)}`, at.serverNet)],
    }),
    target: (at) => hostPort(at.server, 8080),
    truth: () => ({ outcome: 'unreachable', causes: ['routing-loop'], where: loopBetween(2, 3) }),
  },
  {
    name: 'routers 2 and 3 send it to each other and both never tell',
    family: 'exam-routing',
    topology: world.home5,
    fault: (at) => ({
      r2: [noTimeExceeded],
      r3: [noTimeExceeded, route(`replace ADDRESS via ${at.farSide(2)}`, at.serverNet)],
    }),
    target: (at) => hostPort(at.server, 8080),
    truth: (at) => ({ outcome: 'unreachable', ...SILENT_ON_EVERYTHING, where: [after(at, 1)] }),
  },
  {
    name: 'the host is off, and router 1 keeps ICMP from us',
    family: 'exam-routing',
    topology: world.company3,
    listen: [],
    fault: () => ({ r1: [forward('meta l4proto icmp drop')], server: ['ip link set eth0 down'] }),
    target: (at) => hostPort(at.server, 8080),
    truth: (at) => ({ outcome: 'unreachable', ...SILENT_ON_EVERYTHING, where: [after(at, 1)] }),
  },
  {
    name: 'a router answers ping in place of the host, which is off',
    family: 'exam-routing',
    topology: world.campus4,
    listen: [],
    fault: (at) => ({
      server: ['ip link set eth0 down'],
      r4: [output('icmp type destination-unreachable drop')],
      r2: [
        `nft 'add table ip pi; add chain ip pi c { type nat hook prerouting priority dstnat; }; add rule ip pi c ${to(at.server)} icmp type echo-request redirect'`,
      ],
    }),
    target: (at) => hostPort(at.server, 8080),
    truth: (at) => ({
      outcome: 'unreachable',
      ...SILENT_ON_EVERYTHING,
      maxConfidence: 0.75,
      where: [after(at, 4)],
    }),
  },
  {
    name: 'a gateway answers ARP for an address of its own network, and nobody has it',
    family: 'exam-routing',
    topology: world.company2,
    fault: (at) => ({
      r1: [
        `ip route add ${at.unusedHere}/32 via ${at.hop(2)}; echo 1 > /proc/sys/net/ipv4/conf/lan/proxy_arp; echo 0 > /proc/sys/net/ipv4/neigh/lan/proxy_delay`,
      ],
      r2: [`ip route add ${at.unusedHere}/32 dev srv`],
    }),
    target: (at) => hostPort(at.unusedHere, 8080),
    // On this machine's own network by the route, and two routers away by the trace.
    truth: (at) => ({
      outcome: 'unreachable',
      causes: ['host-down'],
      where: [after(at, 2)],
      maxConfidence: 0.97,
    }),
  },
  {
    name: 'the netmask is too wide, the gateway answers ARP for all, and router 2 drops the port',
    family: 'exam-routing',
    topology: world.company3,
    fault: (at) => ({
      client: [
        `ip addr del ${at.client}/24 dev eth0; ip addr add ${at.client}/8 dev eth0; ip route replace default via ${at.hop(1)}`,
      ],
      r1: [
        'echo 1 > /proc/sys/net/ipv4/conf/lan/proxy_arp; echo 0 > /proc/sys/net/ipv4/neigh/lan/proxy_delay',
      ],
      r2: [forward('tcp dport 8080 drop')],
    }),
    target: (at) => hostPort(at.server, 8080),
    truth: (at) => ({
      outcome: 'unreachable',
      causes: ['network-firewall-drop'],
      where: [after(at, 2)],
      mustNotClaim: ['local-wrong-subnet'],
    }),
  },
  {
    name: 'open, although the netmask is too wide: the gateway answers ARP for all',
    family: 'exam-routing',
    topology: world.company3,
    fault: (at) => ({
      client: [
        `ip addr del ${at.client}/24 dev eth0; ip addr add ${at.client}/8 dev eth0; ip route replace default via ${at.hop(1)}`,
      ],
      r1: [
        'echo 1 > /proc/sys/net/ipv4/conf/lan/proxy_arp; echo 0 > /proc/sys/net/ipv4/neigh/lan/proxy_delay',
      ],
    }),
    target: (at) => hostPort(at.server, 8080),
    flags: () => ['--trace'],
    truth: well,
  },
];

const compound: Scenario[] = [
  {
    name: 'router 1 drops the port, and the host drops everything',
    family: 'exam-compound',
    topology: world.home5,
    fault: () => ({
      r1: [forward('tcp dport 8080 drop')],
      server: [input('meta l4proto { tcp, udp, icmp } drop')],
    }),
    target: (at) => hostPort(at.server, 8080),
    truth: (at) => ({ outcome: 'unreachable', causes: ['network-firewall-drop'], where: [after(at, 1)] }),
  },
  {
    name: 'router 1 passes TCP only, nothing else listens, and router 3 drops the port',
    family: 'exam-compound',
    topology: world.home5,
    listen: [8080],
    fault: () => ({
      r1: [forward('icmp type { echo-request, echo-reply } drop'), forward('meta l4proto udp drop')],
      r3: [forward('tcp dport 8080 drop')],
    }),
    target: (at) => hostPort(at.server, 8080),
    truth: (at) => ({ outcome: 'unreachable', causes: ['network-firewall-drop'], where: [after(at, 3)] }),
  },
  {
    name: 'router 2 masquerades, and router 3 drops the port',
    family: 'exam-compound',
    topology: world.home5,
    fault: () => ({
      r2: [
        "nft 'add table ip ma; add chain ip ma c { type nat hook postrouting priority srcnat; }; add rule ip ma c oifname east masquerade'",
      ],
      r3: [forward('tcp dport 8080 drop')],
    }),
    target: (at) => hostPort(at.server, 8080),
    truth: (at) => ({ outcome: 'unreachable', causes: ['network-firewall-drop'], where: [after(at, 3)] }),
  },
  {
    name: 'router 3 drops this machine only, and ping is let through',
    family: 'exam-compound',
    topology: world.campus4,
    fault: (at) => ({ r3: [forward(`${from(at.client)} meta l4proto { tcp, udp } drop`)] }),
    target: (at) => hostPort(at.server, 8080),
    truth: (at) => ({ outcome: 'unreachable', causes: ['network-firewall-drop'], where: [after(at, 3)] }),
  },
  {
    name: "this machine's own rules send the port to a proxy that is off",
    family: 'exam-compound',
    topology: world.home3,
    fault: () => ({
      client: [
        "nft 'add table ip px; add chain ip px c { type nat hook output priority -100; }; add rule ip px c tcp dport 8080 redirect to :3129'",
      ],
    }),
    target: (at) => hostPort(at.server, 8080),
    // A reset from this machine: the same packets as from a rule that rejects, or from the first router at most.
    truth: () => ({
      outcome: 'unreachable',
      causes: ['local-firewall', 'network-firewall-reject'],
      where: [thisMachine, after_(0), ...beforeAnyHop],
    }),
  },
];

export default [
  ...sameAddress,
  ...fewAnswers,
  ...ttl,
  ...rejects,
  ...wayBack,
  ...routing,
  ...compound,
] satisfies Scenario[];
