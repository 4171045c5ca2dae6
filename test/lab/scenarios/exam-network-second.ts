/** An examination, second series: written after the first was judged, truths before each was run. */
import { certificates, NAME, named } from '../certificates.ts';
import { after, forward, from, hostPort, input, output, type Scenario, to } from '../scenario.ts';
import type { Addresses } from '../topology.ts';
import * as world from '../worlds.ts';
import { slowPath } from './exam-network-quality.ts';

const well = (): ReturnType<Scenario['truth']> => ({ outcome: 'reachable', causes: [] });
const answersFrom = (address: string) =>
  output(`icmp type { time-exceeded, destination-unreachable } ip saddr set ${address}`);
const slowly = (router: number, ms: number) => {
  const { files, services, line } = slowPath(router, ms);
  return { files, services, fault: (at: Addresses) => ({ [`r${router}`]: [line(at)] }) };
};

const farAway: Scenario[] = [
  {
    name: 'a web server is well, 300 ms away',
    family: 'exam-far-away',
    topology: world.home5,
    ...slowly(2, 300),
    target: (at) => hostPort(at.server, 8080),
    truth: well,
  },
  {
    name: 'SSH is well, 450 ms away',
    family: 'exam-far-away',
    topology: world.company3,
    ...slowly(2, 450),
    target: (at) => hostPort(at.server, 22),
    truth: well,
  },
  {
    name: 'a web server is well, 600 ms away (IPv6)',
    family: 'exam-far-away',
    topology: world.campus4v6,
    ...slowly(2, 600),
    target: (at) => hostPort(at.server, 8080),
    truth: well,
  },
  {
    name: 'SSH is well, 700 ms away, and the symptom is said to come and go',
    family: 'exam-far-away',
    topology: world.home3,
    ...slowly(2, 700),
    target: (at) => hostPort(at.server, 22),
    flags: () => ['--answer', 'symptom=intermittent'],
    truth: well,
  },
  {
    name: 'the host is off and the last router tells, 700 ms away',
    family: 'exam-far-away',
    topology: world.campus4,
    listen: [],
    files: slowPath(2, 700).files,
    services: slowPath(2, 700).services,
    fault: (at) => ({ r2: [slowPath(2, 700).line(at)], server: ['ip link set eth0 down'] }),
    target: (at) => hostPort(at.server, 8080),
    // 3.06 s and 0.7 s on top; the connection attempt must wait that long to hear it.
    truth: (at) => ({
      outcome: 'unreachable',
      causes: ['host-down'],
      where: [after(at, 4)],
      maxConfidence: 0.97,
    }),
  },
];

const services: Scenario[] = [
  {
    name: 'TLS is well, 700 ms away',
    family: 'exam-far-services',
    topology: world.home3,
    listen: [],
    prepare: () => certificates({ rsa: true }),
    files: slowPath(2, 700).files,
    services: () => ({
      ...slowPath(2, 700).services(),
      server: [
        'cd "$DIR"; exec openssl s_server -accept 443 -cert chain.pem -cert_chain chain.pem -key key.pem -www -quiet',
      ],
    }),
    waitFor: { server: [443] },
    resolvers: (at) => [named(at)],
    fault: (at) => ({ r2: [slowPath(2, 700).line(at)] }),
    target: () => `https://${NAME}`,
    flags: () => ['--ca', 'root.pem'],
    truth: well,
  },
  {
    name: 'PostgreSQL is well, 450 ms away',
    family: 'exam-far-services',
    topology: world.company3,
    listen: [5432],
    ...slowly(2, 450),
    target: (at) => hostPort(at.server, 5432),
    truth: well,
  },
  {
    name: 'a mail server is well, 350 ms away',
    family: 'exam-far-services',
    topology: world.campus4,
    listen: [25],
    ...slowly(2, 350),
    target: (at) => hostPort(at.server, 25),
    truth: well,
  },
  {
    name: 'a web server by its address as a URL is well, 350 ms away',
    family: 'exam-far-services',
    topology: world.campus4,
    listen: [80],
    ...slowly(2, 350),
    target: (at) => `http://${at.server}/`,
    truth: well,
  },
  {
    name: 'SSH is well, 1.2 s away',
    family: 'exam-far-services',
    topology: world.home3,
    ...slowly(2, 1200),
    target: (at) => hostPort(at.server, 22),
    truth: well,
  },
  {
    name: 'nothing listens, 1.6 s away',
    family: 'exam-far-services',
    topology: world.home5,
    listen: [22],
    ...slowly(2, 1600),
    target: (at) => hostPort(at.server, 8080),
    truth: (at) => ({
      outcome: 'unreachable',
      causes: ['port-closed'],
      where: [{ kind: 'target', address: at.server }],
      maxConfidence: 0.95,
    }),
  },
];

const sharedAddresses: Scenario[] = [
  {
    name: 'routers 1 and 3 answer from one address, 2 and 4 from another, and router 4 drops the port',
    family: 'exam-router-addresses',
    topology: world.home5,
    fault: () => ({
      r1: [answersFrom('10.255.1.1')],
      r2: [answersFrom('10.255.2.1')],
      r3: [answersFrom('10.255.1.1')],
      r4: [answersFrom('10.255.2.1'), forward('tcp dport 8080 drop')],
    }),
    target: (at) => hostPort(at.server, 8080),
    // Other ports reach the host over the same hops: nothing goes in circles.
    truth: () => ({
      outcome: 'unreachable',
      causes: ['network-firewall-drop'],
      where: [{ kind: 'between', hop: 4, address: '10.255.2.1', next: { hop: 5 } }],
      mustNotClaim: ['routing-loop'],
    }),
  },
];

/** New flows lose their first SYN: a scrubber that wants to see it sent again. */
const firstSynLost =
  "nft 'add table inet fs; add set inet fs s { type ipv4_addr . inet_service . inet_service; flags dynamic,timeout; timeout 60s; size 4096; }; add chain inet fs c { type filter hook forward priority 0; }; add rule inet fs c tcp flags syn / syn,ack ip daddr . tcp sport . tcp dport != @s add @s { ip daddr . tcp sport . tcp dport } drop'";

const scrubbers: Scenario[] = [
  {
    name: 'router 2 drops the first SYN of every connection, and the port is open',
    family: 'exam-first-syn-lost',
    topology: world.company3,
    fault: () => ({ r2: [firstSynLost] }),
    target: (at) => hostPort(at.server, 8080),
    truth: () => [
      { outcome: 'reachable', causes: [] },
      { outcome: ['impaired', 'reachable'], causes: ['path-loss', 'rate-limited'], maxConfidence: 0.95 },
    ],
  },
  {
    name: 'router 2 drops the first SYN of every connection, and nothing listens',
    family: 'exam-first-syn-lost',
    topology: world.company3,
    listen: [22],
    fault: () => ({ r2: [firstSynLost] }),
    target: (at) => hostPort(at.server, 8080),
    truth: (at) => ({
      outcome: 'unreachable',
      causes: ['port-closed'],
      where: [{ kind: 'target', address: at.server }],
      maxConfidence: 0.95,
    }),
  },
  {
    name: 'router 2 drops the first SYN of every connection, and router 3 drops the port',
    family: 'exam-first-syn-lost',
    topology: world.campus4,
    fault: () => ({ r2: [firstSynLost], r3: [forward('tcp dport 8080 drop')] }),
    target: (at) => hostPort(at.server, 8080),
    truth: (at) => ({ outcome: 'unreachable', causes: ['network-firewall-drop'], where: [after(at, 3)] }),
  },
];

/** A virtual address on router 2 that shares its connections out to two servers. */
const balancer = (at: Addresses) =>
  `nft 'add table ip lb; add chain ip lb c { type nat hook prerouting priority dstnat; }; add rule ip lb c ip daddr ${at.hop(2)} tcp dport 8080 dnat to numgen inc mod 2 map { 0 : ${at.server}, 1 : ${at.sibling} }'`;

const balancers: Scenario[] = [
  {
    name: 'a balancer with two servers, both well',
    family: 'exam-balancer',
    topology: { ...world.home3, sibling: true },
    listenOn: { sibling: [8080] },
    fault: (at) => ({ r2: [balancer(at)] }),
    target: (at) => hostPort(at.hop(2), 8080),
    flags: () => ['--answer', 'symptom=intermittent'],
    truth: well,
  },
  {
    name: 'a balancer with two servers, one of which refuses',
    family: 'exam-balancer',
    topology: { ...world.home3, sibling: true },
    fault: (at) => ({ r2: [balancer(at)] }),
    target: (at) => hostPort(at.hop(2), 8080),
    flags: () => ['--answer', 'symptom=intermittent'],
    // Every other connection is refused; the catalogue has no balancer, but nothing but "impaired" is honest.
    truth: () => ({
      outcome: 'impaired',
      causes: ['port-closed', 'address-partly-down', 'service-overloaded', 'host-firewall-reject'],
      maxConfidence: 0.9,
    }),
  },
  {
    name: 'a balancer with two servers, one of which drops the port',
    family: 'exam-balancer',
    topology: { ...world.home3, sibling: true },
    listenOn: { sibling: [8080] },
    fault: (at) => ({ r2: [balancer(at)], sibling: [input('tcp dport 8080 drop')] }),
    target: (at) => hostPort(at.hop(2), 8080),
    flags: () => ['--answer', 'symptom=intermittent'],
    // Only this port, at once or never: a full queue, a limit and loss of TCP only are what the catalogue has.
    truth: () => [
      {
        outcome: 'impaired',
        causes: ['service-overloaded', 'rate-limited', 'path-loss', 'address-partly-down'],
        maxConfidence: 0.75,
      },
      {
        outcome: 'unreachable',
        causes: ['host-firewall-drop', 'network-firewall-drop', 'service-overloaded'],
        maxConfidence: 0.75,
      },
    ],
  },
];

const refusedLater: Scenario[] = [
  {
    name: 'the host refuses all connections after the first, and nothing is known of it',
    family: 'exam-limits',
    topology: world.home3,
    fault: () => ({
      server: [
        input(
          'tcp dport 8080 tcp flags syn / syn,ack limit rate over 3/minute burst 1 packets reject with tcp reset',
        ),
      ],
    }),
    target: (at) => hostPort(at.server, 8080),
    // One connection in twenty seconds is accepted and everything after it refused: that must be said, or nothing at all.
    truth: () => [
      {
        outcome: 'impaired',
        causes: ['rate-limited', 'service-overloaded'],
        maxConfidence: 0.9,
      },
      { outcome: 'reachable', causes: [] },
    ],
  },
  {
    name: 'router 2 rejects connections after the first with admin-prohibited',
    family: 'exam-limits',
    topology: world.company3,
    fault: () => ({
      r2: [
        forward(
          'tcp dport 8080 tcp flags syn / syn,ack limit rate over 3/minute burst 1 packets reject with icmp admin-prohibited',
        ),
      ],
    }),
    target: (at) => hostPort(at.server, 8080),
    flags: () => ['--answer', 'symptom=intermittent'],
    truth: () => ({
      outcome: 'impaired',
      causes: ['rate-limited', 'network-firewall-reject'],
      maxConfidence: 0.95,
    }),
  },
  {
    name: 'one of every two connections is reset by router 2',
    family: 'exam-limits',
    topology: world.campus4,
    fault: (at) => ({
      r2: [
        forward(
          `${to(at.server)} tcp dport 8080 tcp flags syn / syn,ack numgen inc mod 2 == 1 reject with tcp reset`,
        ),
      ],
    }),
    target: (at) => hostPort(at.server, 8080),
    flags: () => ['--answer', 'symptom=intermittent'],
    truth: () => ({
      outcome: 'impaired',
      causes: ['rate-limited', 'service-overloaded', 'network-firewall-reject', 'port-closed'],
      maxConfidence: 0.9,
    }),
  },
  {
    name: 'router 3 sends the resets of the host away: a closed port is silent',
    family: 'exam-way-back',
    topology: world.campus4,
    listen: [22],
    fault: (at) => ({ r3: [forward(`${from(at.server)} tcp flags & rst == rst drop`)] }),
    target: (at) => hostPort(at.server, 8080),
    // Nothing comes of closed ports; 22 is open. Like a filter on the host or before it.
    truth: (at) => ({
      outcome: 'unreachable',
      causes: ['host-firewall-drop', 'network-firewall-drop', 'return-path'],
      where: [after(at, 4)],
      maxConfidence: 0.75,
    }),
  },
];

export default [
  ...services,
  ...farAway,
  ...sharedAddresses,
  ...scrubbers,
  ...balancers,
  ...refusedLater,
] satisfies Scenario[];
