/** An examination: targets that are routers, this machine, port forwards, neighbours, or addresses of another kind. */
import {
  after,
  atTarget,
  beforeAnyHop,
  DROPPED_AT_THE_END,
  family,
  forward,
  hostPort,
  input,
  LATE_UNREACHABLE_LIMIT,
  output,
  RESET_BY_HOST_LIMIT,
  type Scenario,
  thisMachine,
  type WherePattern,
} from '../scenario.ts';
import type { Topology } from '../topology.ts';
import * as world from '../worlds.ts';
import { inWords } from '../worlds.ts';

const NAME = 'www.example.com';
const both = (routers: number, plan: Topology['plan']): Topology => ({ routers, plan, families: 'both' });
const well = (): ReturnType<Scenario['truth']> => ({ outcome: 'reachable', causes: [] });
/** A host on this machine's own network: the place is the host, or the cable before it. */
const onLink = (address: string): WherePattern[] => [
  atTarget(address),
  { kind: 'between', hop: 0 },
  { kind: 'between', hop: null },
];
const dnat = (from: string, to: string) =>
  `nft 'add table ip pf; add chain ip pf c { type nat hook prerouting priority dstnat; }; add rule ip pf c ip daddr ${from} tcp dport 8080 dnat to ${to}:8080'`;

const routers: Scenario[] = [
  {
    name: 'the target is the first router and nothing listens there',
    family: 'exam-target-is-router',
    topology: world.home3,
    fault: () => ({}),
    target: (at) => hostPort(at.hop(1), 8080),
    truth: (at) => ({
      outcome: 'unreachable',
      causes: ['port-closed'],
      where: [atTarget(at.hop(1))],
      maxConfidence: RESET_BY_HOST_LIMIT,
    }),
  },
  {
    name: 'the target is the first router and its firewall drops the port',
    family: 'exam-target-is-router',
    topology: world.company3,
    listenOn: { r1: [22, 8080] },
    fault: () => ({ r1: [input('tcp dport 8080 drop')] }),
    target: (at) => hostPort(at.hop(1), 8080),
    // No device is between. (A limit of 0.92 at first, for this machine's own firewall; but its kernel counts what it drops.)
    truth: (at) => ({ outcome: 'unreachable', causes: ['host-firewall-drop'], where: onLink(at.hop(1)) }),
  },
  {
    name: 'the target is the far side of router 2 and nothing listens there (IPv6)',
    family: 'exam-target-is-router',
    topology: world.campus4v6,
    fault: () => ({}),
    target: (at) => hostPort(at.farSide(2), 8080),
    truth: (at) => ({
      outcome: 'unreachable',
      causes: ['port-closed'],
      where: [atTarget(at.farSide(2))],
      maxConfidence: RESET_BY_HOST_LIMIT,
    }),
  },
  {
    name: 'the target is the far side of router 3 and its firewall drops the port',
    family: 'exam-target-is-router',
    topology: world.home5,
    listenOn: { r3: [22, 8080] },
    fault: () => ({ r3: [input('tcp dport 8080 drop')] }),
    target: (at) => hostPort(at.farSide(3), 8080),
    truth: (at) => ({ outcome: 'unreachable', ...DROPPED_AT_THE_END, where: [after(at, 2)] }),
  },
];

const forwards: Scenario[] = [
  {
    name: 'a port forward leads to a host that is off, behind the very router',
    family: 'exam-port-forward',
    topology: world.company2,
    listen: [],
    fault: (at) => ({ r2: [dnat(at.hop(2), at.server)], server: ['ip link set eth0 down'] }),
    target: (at) => hostPort(at.hop(2), 8080),
    // "Host unreachable" three seconds late from the target's own address: a firewall would say so at once.
    truth: (at) => ({
      outcome: 'unreachable',
      causes: ['host-down'],
      where: [{ kind: 'between', hop: 2 }, { kind: 'between', hop: 1 }, atTarget(at.hop(2))],
      maxConfidence: LATE_UNREACHABLE_LIMIT,
      mustNotClaim: ['host-firewall-reject'],
    }),
  },
  {
    name: 'a port forward leads to a host that is off, a router farther',
    family: 'exam-port-forward',
    topology: world.home3,
    listen: [],
    fault: (at) => ({ r2: [dnat(at.hop(2), at.server)], server: ['ip link set eth0 down'] }),
    target: (at) => hostPort(at.hop(2), 8080),
    truth: (at) => ({
      outcome: 'unreachable',
      causes: ['host-down'],
      where: [{ kind: 'between', hop: 3 }, { kind: 'between', hop: 2 }, atTarget(at.hop(2))],
      maxConfidence: LATE_UNREACHABLE_LIMIT,
    }),
  },
  {
    name: 'a port forward leads to a port that is closed',
    family: 'exam-port-forward',
    topology: world.home3,
    listen: [22],
    listenOn: { r2: [22] },
    fault: (at) => ({ r2: [dnat(at.hop(2), at.server)] }),
    target: (at) => hostPort(at.hop(2), 8080),
    // The reset comes from farther than the address's other ports: not from something nearer.
    truth: (at) => ({
      outcome: 'unreachable',
      causes: ['port-closed'],
      where: [atTarget(at.hop(2)), { kind: 'between', hop: 2 }, { kind: 'between', hop: 3 }],
      maxConfidence: RESET_BY_HOST_LIMIT,
    }),
  },
  {
    name: 'a port forward leads to a host that drops the port',
    family: 'exam-port-forward',
    topology: world.company2,
    listenOn: { r2: [22] },
    fault: (at) => ({ r2: [dnat(at.hop(2), at.server)], server: [input('tcp dport 8080 drop')] }),
    target: (at) => hostPort(at.hop(2), 8080),
    // The port's time-exceeded of hop 2 comes from the target's own address.
    truth: (at) => ({
      outcome: 'unreachable',
      ...DROPPED_AT_THE_END,
      where: [{ kind: 'between', hop: 2 }, { kind: 'between', hop: 1 }, atTarget(at.hop(2))],
    }),
  },
  {
    name: 'open, by a port forward of router 2',
    family: 'exam-port-forward',
    topology: world.home3,
    fault: (at) => ({ r2: [dnat(at.hop(2), at.server)] }),
    target: (at) => hostPort(at.hop(2), 8080),
    flags: () => ['--trace'],
    truth: well,
  },
];

const own: Scenario[] = [
  {
    name: "nothing listens on this machine's own address",
    family: 'exam-own-address',
    topology: world.company3,
    fault: () => ({}),
    target: (at) => hostPort(at.client, 8080),
    truth: (at) => ({
      outcome: 'unreachable',
      causes: ['port-closed'],
      where: [thisMachine, atTarget(at.client)],
      maxConfidence: 0.97,
    }),
  },
  {
    name: "this machine's firewall drops a port of loopback",
    family: 'exam-own-address',
    topology: world.home3,
    listenOn: { client: [8080] },
    fault: () => ({ client: [input('tcp dport 8080 drop')] }),
    target: () => '127.0.0.1:8080',
    truth: () => ({
      outcome: 'unreachable',
      causes: ['local-firewall', 'host-firewall-drop'],
      where: [thisMachine, atTarget('127.0.0.1')],
    }),
  },
  {
    name: "this machine's firewall rejects a port of its own address",
    family: 'exam-own-address',
    topology: world.campus2v6,
    listenOn: { client: [8080] },
    fault: () => ({ client: [input('tcp dport 8080 reject with icmpv6 admin-prohibited')] }),
    target: (at) => hostPort(at.client, 8080),
    truth: (at) => ({
      outcome: 'unreachable',
      causes: ['local-firewall', 'host-firewall-reject'],
      where: [thisMachine, atTarget(at.client)],
    }),
  },
  {
    name: "open, on this machine's own address (IPv6)",
    family: 'exam-own-address',
    topology: world.home3v6,
    listenOn: { client: [8080] },
    fault: () => ({}),
    target: (at) => hostPort(at.client, 8080),
    flags: () => ['--trace'],
    truth: well,
  },
];

const onLinkTargets: Scenario[] = [
  {
    name: "a host on this machine's own network drops the port",
    family: 'exam-on-link',
    topology: { ...world.home3, neighbour: true },
    listenOn: { neighbour: [22, 8080] },
    fault: () => ({ neighbour: [input('tcp dport 8080 drop')] }),
    target: (at) => hostPort(at.neighbour, 8080),
    truth: (at) => ({
      outcome: 'unreachable',
      causes: ['host-firewall-drop'],
      where: onLink(at.neighbour),
    }),
  },
  {
    name: "this machine's firewall drops the port, and the target is on its own network",
    family: 'exam-on-link',
    topology: { ...world.home3, neighbour: true },
    listenOn: { neighbour: [22, 8080] },
    fault: () => ({ client: [output('tcp dport 8080 drop')] }),
    target: (at) => hostPort(at.neighbour, 8080),
    truth: () => ({ outcome: 'unreachable', causes: ['local-firewall'], where: [thisMachine] }),
  },
  {
    name: "this machine's firewall drops the replies, and the target is on its own network",
    family: 'exam-on-link',
    topology: { ...world.company3, neighbour: true },
    listenOn: { neighbour: [22, 8080] },
    fault: () => ({ client: [input('tcp sport 8080 drop')] }),
    target: (at) => hostPort(at.neighbour, 8080),
    // (Or the host's firewall, at first; but the kernel counts what arrives and is not delivered, as it does for routed targets.)
    truth: () => ({ outcome: 'unreachable', causes: ['local-firewall'], where: [thisMachine] }),
  },
  {
    name: "a host on this machine's own network drops everything (IPv6)",
    family: 'exam-on-link',
    topology: { ...world.campus2v6, neighbour: true },
    listenOn: { neighbour: [22, 8080] },
    fault: () => ({
      neighbour: [input('meta l4proto { tcp, udp } drop'), input('icmpv6 type echo-request drop')],
    }),
    target: (at) => hostPort(at.neighbour, 8080),
    // It answers neighbour discovery, so it is on; and no router is between.
    truth: (at) => ({
      outcome: 'unreachable',
      causes: ['host-firewall-drop'],
      where: onLink(at.neighbour),
      maxConfidence: 0.92,
      mustNotClaim: ['host-down', 'routing-blackhole'],
    }),
  },
  {
    name: "a host on this machine's own network rejects the port with host-prohibited",
    family: 'exam-on-link',
    topology: { ...world.company3, neighbour: true },
    listenOn: { neighbour: [22, 8080] },
    fault: () => ({ neighbour: [input('tcp dport 8080 reject with icmp host-prohibited')] }),
    target: (at) => hostPort(at.neighbour, 8080),
    truth: (at) => ({
      outcome: 'unreachable',
      causes: ['host-firewall-reject'],
      where: [atTarget(at.neighbour)],
    }),
  },
  {
    name: "a host on this machine's own network has nothing on the port (IPv6)",
    family: 'exam-on-link',
    topology: { ...world.home3v6, neighbour: true },
    listenOn: { neighbour: [22] },
    fault: () => ({}),
    target: (at) => hostPort(at.neighbour, 8080),
    truth: (at) => ({
      outcome: 'unreachable',
      causes: ['port-closed'],
      where: [atTarget(at.neighbour)],
      maxConfidence: RESET_BY_HOST_LIMIT,
    }),
  },
];

const kinds: Scenario[] = [
  {
    name: 'open, on a link-local address with its zone',
    family: 'exam-address-kinds',
    topology: world.campus2v6,
    listenOn: { r1: [8080] },
    fault: () => ({ r1: ['ip addr add fe80::1/64 dev lan nodad'] }),
    target: () => '[fe80::1%eth0]:8080',
    truth: well,
  },
  {
    name: 'nothing listens on a link-local address with its zone',
    family: 'exam-address-kinds',
    topology: world.home3v6,
    listenOn: { r1: [22] },
    fault: () => ({ r1: ['ip addr add fe80::1/64 dev lan nodad'] }),
    target: () => '[fe80::1%eth0]:8080',
    truth: () => ({
      outcome: 'unreachable',
      causes: ['port-closed'],
      where: [{ kind: 'target' }],
      maxConfidence: RESET_BY_HOST_LIMIT,
    }),
  },
  {
    name: "the broadcast address of this machine's own network",
    family: 'exam-address-kinds',
    topology: world.company3,
    fault: () => ({}),
    target: () => '10.20.0.255:8080',
    // No connection can be made to it; the kernel refuses before a packet leaves.
    truth: () => ({
      outcome: ['unreachable', 'undetermined'],
      causes: ['local-no-route'],
      where: [thisMachine],
      mustNotClaim: ['local-firewall', 'host-down', 'host-firewall-drop'],
    }),
  },
  {
    name: 'IPv6 is switched off here and the name has IPv6 only',
    family: 'exam-address-kinds',
    topology: both(3, 'home'),
    resolvers: (at) => [{ mode: 'normal', records: { [NAME]: { aaaa: [at.server6] } } }],
    fault: () => ({
      client: [
        'echo 1 > /proc/sys/net/ipv6/conf/all/disable_ipv6; echo 1 > /proc/sys/net/ipv6/conf/eth0/disable_ipv6',
      ],
    }),
    target: () => `${NAME}:8080`,
    truth: () => ({
      outcome: ['unreachable', 'undetermined'],
      causes: ['local-no-route'],
      where: [thisMachine],
    }),
  },
  {
    name: 'this machine has no IPv6 route and the name has IPv6 only',
    family: 'exam-address-kinds',
    topology: both(2, 'campus'),
    resolvers: (at) => [{ mode: 'normal', records: { [NAME]: { aaaa: [at.server6] } } }],
    fault: () => ({ client: ['ip -6 route del default'] }),
    target: () => `${NAME}:8080`,
    truth: () => ({ outcome: 'unreachable', causes: ['local-no-route'], where: [thisMachine] }),
  },
  {
    name: 'the IPv6 gateway is dead and IPv4 works',
    family: 'exam-address-kinds',
    topology: both(3, 'company'),
    resolvers: (at) => [{ mode: 'normal', records: { [NAME]: { a: [at.server4], aaaa: [at.server6] } } }],
    fault: () => ({ client: ['ip -6 route replace default via fd00:20:0:1::99 dev eth0'] }),
    target: () => `${NAME}:8080`,
    truth: () => ({ outcome: 'impaired', causes: ['address-family-broken', 'local-gateway-down'] }),
  },
  {
    name: 'IPv6 is dropped at router 2 and nothing listens on IPv4',
    family: 'exam-compound',
    topology: both(3, 'campus'),
    listen: [22],
    resolvers: (at) => [{ mode: 'normal', records: { [NAME]: { a: [at.server4], aaaa: [at.server6] } } }],
    fault: () => ({ r2: [forward('meta nfproto ipv6 tcp dport 8080 drop')] }),
    target: () => `${NAME}:8080`,
    truth: () => ({
      outcome: 'unreachable',
      causes: ['network-firewall-drop', 'port-closed'],
      alsoFinds: ['network-firewall-drop', 'port-closed'],
    }),
  },
];

const policies = family(
  'exam-policy-routing',
  [
    { on: world.company3, kind: 'prohibit' },
    { on: world.campus2v6, kind: 'blackhole' },
    { on: world.home3v6, kind: 'unreachable' },
  ],
  ({ on, kind }) => ({
    name: `a routing rule of this machine says ${kind} (${inWords(on)})`,
    topology: on,
    fault: (at) => ({
      client: [`ip ${on.families === 6 ? '-6 ' : ''}rule add pref 100 to ${at.server} ${kind}`],
    }),
    target: (at) => hostPort(at.server, 8080),
    truth: () => ({ outcome: 'unreachable', causes: ['local-no-route'], where: [thisMachine] }),
  }),
);

const vpn: Scenario[] = [
  {
    name: 'a route of a dead VPN is more exact than the default route',
    family: 'exam-client-routes',
    topology: world.home3,
    fault: (at) => ({
      client: [
        `ip link add vpn0 type veth peer name vpn1; ip link set vpn0 up; ip link set vpn1 up; ip addr add 10.123.0.1/30 dev vpn0; ip route add ${at.serverNet} via 10.123.0.2 dev vpn0`,
      ],
    }),
    target: (at) => hostPort(at.server, 8080),
    truth: () => ({
      outcome: 'unreachable',
      causes: ['local-gateway-down'],
      where: [thisMachine, ...beforeAnyHop.slice(1)],
    }),
  },
  {
    name: 'open, by the second of two default routes, the first being of a link without a host',
    family: 'exam-client-routes',
    topology: world.company3,
    fault: (at) => ({
      client: [
        `ip link add vpn0 type veth peer name vpn1; ip link set vpn0 up; ip link set vpn1 up; ip addr add 10.123.0.1/30 dev vpn0; ip route add default via 10.123.0.2 dev vpn0 metric 900; ip route replace ${at.serverNet} via ${at.hop(1)}`,
      ],
    }),
    target: (at) => hostPort(at.server, 8080),
    flags: () => ['--trace'],
    truth: well,
  },
];

export default [
  ...routers,
  ...forwards,
  ...own,
  ...onLinkTargets,
  ...kinds,
  ...policies,
  ...vpn,
] satisfies Scenario[];
