import { type Served, served, WELL } from '../daemons/served.ts';
import {
  after,
  atHop,
  HASH_BY_PORTS,
  hostPort,
  loopBetween,
  output,
  RESET_BY_HOST_LIMIT,
  route,
  type Scenario,
  tellsOnceASecond,
} from '../scenario.ts';
import type { Addresses } from '../topology.ts';
import * as world from '../worlds.ts';

const port = (at: Addresses): string => hostPort(at.server, 8080);
const ssh = (at: Addresses): string => hostPort(at.server, 22);
const v6 = (address: string): boolean => address.includes(':');
const ip = (address: string): string => (v6(address) ? 'ip -6' : 'ip');
/** Another table for what goes to one port. */
const routedByPort = (at: Addresses, line: string): string =>
  `${ip(at.server)} rule add ipproto tcp dport 8080 lookup 88 pref 20; ${ip(at.server)} route add ${line} table 88`;

const back = (at: Addresses, n: number): string => at.farSide(n);
const scenarios: Served[] = [
  {
    name: 'routers 2 and 3 send it to each other',
    family: 'loop-of-two',
    on: world.home5,
    fault: (at) => ({ r3: [route(`replace ADDRESS via ${back(at, 2)}`, at.server)] }),
    target: port,
    truth: { outcome: 'unreachable', causes: ['routing-loop'], where: loopBetween(2, 3, 4) },
  },
  {
    name: 'routers 2 and 3 send it to each other, and tell once a second',
    family: 'loop-of-two',
    on: world.company3,
    fault: (at) => ({
      r2: [tellsOnceASecond],
      r3: [tellsOnceASecond, route(`replace ADDRESS via ${back(at, 2)}`, at.server)],
    }),
    target: port,
    truth: { outcome: 'unreachable', causes: ['routing-loop'], where: loopBetween(2, 3, 4) },
  },
  {
    name: 'routers 2, 3 and 4 send it round',
    family: 'loop-of-three',
    on: world.home5,
    fault: (at) => ({
      r2: [
        `ip link add shortcut type veth peer name back netns r4`,
        'ip addr add 100.64.240.1/30 dev shortcut; ip link set shortcut up',
      ],
      r4: [
        'ip addr add 100.64.240.2/30 dev back; ip link set back up',
        route('replace ADDRESS via 100.64.240.1', at.server),
      ],
    }),
    target: port,
    truth: { outcome: 'unreachable', causes: ['routing-loop'], where: loopBetween(2, 3, 4, 5) },
  },
  {
    name: 'routers 1, 2 and 3 send it round',
    family: 'loop-of-three',
    on: world.campus4,
    fault: (at) => ({
      r1: [
        `ip link add shortcut type veth peer name back netns r3`,
        'ip addr add 100.64.240.1/30 dev shortcut; ip link set shortcut up',
      ],
      r3: [
        'ip addr add 100.64.240.2/30 dev back; ip link set back up',
        route('replace ADDRESS via 100.64.240.1', at.server),
      ],
    }),
    target: port,
    truth: { outcome: 'unreachable', causes: ['routing-loop'], where: loopBetween(1, 2, 3, 4) },
  },
  {
    name: 'only the port goes in circles between routers 1 and 2',
    family: 'routed-by-port',
    on: world.home3,
    fault: (at) => ({ r2: [routedByPort(at, `${at.server} via ${back(at, 1)}`)] }),
    target: port,
    truth: { outcome: 'unreachable', causes: ['routing-loop'], where: loopBetween(1, 2, 3) },
  },
  {
    name: 'the port is routed to nowhere by router 2, and it tells',
    family: 'routed-by-port',
    on: world.company3,
    fault: (at) => ({ r2: [routedByPort(at, `unreachable ${at.server}`)] }),
    target: port,
    truth: (at) => ({
      outcome: 'unreachable',
      causes: ['routing-unreachable', 'network-firewall-reject'],
      where: [atHop(at, 2)],
    }),
  },
  {
    name: 'the port is routed to nowhere by router 2, in silence',
    family: 'routed-by-port',
    on: world.campus4v6,
    fault: (at) => ({ r2: [routedByPort(at, `blackhole ${at.server}`)] }),
    target: port,
    truth: (at) => ({
      outcome: 'unreachable',
      causes: ['network-firewall-drop', 'routing-blackhole'],
      where: [after(at, 1), after(at, 2)],
    }),
  },
  {
    name: 'router 2 has a black hole for the host',
    family: 'black-hole',
    on: world.home5,
    fault: (at) => ({ r2: [route('add blackhole ADDRESS', at.server)] }),
    target: port,
    truth: (at) => ({
      outcome: 'unreachable',
      causes: ['routing-blackhole', 'network-firewall-drop'],
      where: [after(at, 1), after(at, 2)],
      maxConfidence: 0.8,
    }),
  },
  {
    name: 'router 3 has a black hole for this client: nothing comes back',
    family: 'black-hole',
    on: world.campus4v6,
    fault: (at) => ({ r3: [route('add blackhole ADDRESS', at.client)] }),
    target: port,
    truth: {
      outcome: 'unreachable',
      causes: [
        'return-path',
        'routing-blackhole',
        'network-firewall-drop',
        'host-firewall-drop',
        'host-down',
      ],
      maxConfidence: 0.75,
    },
  },
  {
    name: 'one of two ways side by side is dead',
    family: 'dead-branch',
    on: world.home5,
    fault: (at) => ({
      r2: [
        'ip link add dead type veth peer name nowhere; ip link set nowhere up; ip addr add 100.64.241.1/30 dev dead; ip link set dead up; ip neigh add 100.64.241.2 lladdr 02:00:00:00:00:99 dev dead',
        ...HASH_BY_PORTS,
        `ip route replace ${at.serverNet} nexthop via ${at.hop(3)} nexthop via 100.64.241.2 dev dead`,
      ],
    }),
    target: port,
    flags: () => ['--answer', 'symptom=intermittent'],
    truth: [
      {
        outcome: ['impaired', 'reachable'],
        causes: ['path-loss'],
      },
      // Where no other port of the host was answered.
      { outcome: 'impaired', causes: ['path-loss', 'backend-down'], maxConfidence: 0.6 },
      WELL,
      {
        outcome: 'unreachable',
        causes: ['path-loss', 'network-firewall-drop', 'routing-blackhole'],
        maxConfidence: 0.75,
      },
    ],
  },
  {
    name: 'one of two ways side by side is dead',
    family: 'dead-branch',
    on: world.company3,
    fault: (at) => ({
      r1: [
        'ip link add dead type veth peer name nowhere; ip link set nowhere up; ip addr add 100.64.241.1/30 dev dead; ip link set dead up; ip neigh add 100.64.241.2 lladdr 02:00:00:00:00:99 dev dead',
        ...HASH_BY_PORTS,
        `ip route replace ${at.serverNet} nexthop via ${at.hop(2)} nexthop via 100.64.241.2 dev dead`,
      ],
    }),
    target: ssh,
    flags: () => ['--answer', 'symptom=intermittent'],
    truth: [
      {
        outcome: ['impaired', 'reachable'],
        causes: ['path-loss'],
      },
      // Where no other port of the host was answered.
      { outcome: 'impaired', causes: ['path-loss', 'backend-down'], maxConfidence: 0.6 },
      WELL,
      {
        outcome: 'unreachable',
        causes: ['path-loss', 'network-firewall-drop', 'routing-blackhole'],
        maxConfidence: 0.75,
      },
    ],
  },
  {
    name: "this network's own outside address, and the router does not lead it back in",
    family: 'hairpin',
    on: world.nat3,
    listen: [22, 8080],
    fault: () => ({}),
    target: (at) => hostPort(at.farSide(1), 8080),
    truth: {
      outcome: 'unreachable',
      causes: ['nat-hairpin', 'port-closed'],
      maxConfidence: RESET_BY_HOST_LIMIT,
    },
  },
  {
    name: 'only small packets come back (MTU of the way back)',
    family: 'mtu-one-way',
    on: { ...world.company3, asymmetric: true },
    listen: [],
    fault: () => ({
      back: ['ip link set short mtu 600', output('icmp type destination-unreachable drop')],
    }),
    services: () => ({
      server: [
        'cd "$DIR"; mkdir -p pages; head -c 20000 /dev/zero | tr "\\0" x > pages/index.html; exec busybox httpd -f -p 8080 -h "$DIR/pages"',
      ],
    }),
    waitFor: { server: [8080] },
    target: (at) => `http://${port(at)}/index.html`,
    truth: {
      outcome: 'impaired',
      causes: ['path-mtu-blackhole', 'service-unresponsive'],
      maxConfidence: 0.97,
    },
  },
];

export default scenarios.map(served) satisfies Scenario[];
