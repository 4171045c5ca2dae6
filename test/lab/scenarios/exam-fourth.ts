/** Fourth examination: paths and hosts. Truths were written before the first run, without sight of the rules. */
import { sshd } from '../daemons/others.ts';
import { impaired, served } from '../daemons/served.ts';
import {
  after,
  atTarget,
  beforeAnyHop,
  DROPPED_AT_THE_END,
  forward,
  hostPort,
  input,
  loopBetween,
  output,
  prerouting,
  RESET_BY_HOST_LIMIT,
  type Scenario,
  SILENT_ON_EVERYTHING,
  somewhereAfter,
  type Truth,
} from '../scenario.ts';
import type { Addresses } from '../topology.ts';
import * as world from '../worlds.ts';

const port = (at: Addresses) => hostPort(at.server, 8080);
const unreachable = (truth: Omit<Truth, 'outcome'>): Truth => ({ outcome: 'unreachable', ...truth });
const closed = (at: Addresses): Truth =>
  unreachable({ causes: ['port-closed'], where: [atTarget(at.server)], maxConfidence: RESET_BY_HOST_LIMIT });

/** services/exam-forger.py in a host, and the line that waits until it listens. */
const forging = (
  host: string,
  rules: (at: Addresses) => Record<string, unknown>,
  lines: string[],
): Pick<Scenario, 'services' | 'fault'> => ({
  services: (at) => ({
    [host]: [
      `exec python3 "$SERVICES/exam-forger.py" '${JSON.stringify({ host: at.server, ...rules(at) })}' > "$DIR/forger.log"`,
    ],
  }),
  fault: () => ({
    [host]: [
      'for i in $(seq 200); do grep -q ready "$DIR/forger.log" 2> /dev/null && break; sleep 0.05; done',
      ...lines,
    ],
  }),
});
/** A second link from router 2 to router 3, and every second packet to the server's network takes it. */
const secondLink = (at: Addresses): string =>
  `ip link add east2 type veth peer name west2 netns r3; ip link set east2 up; ip addr add 10.99.77.1/30 dev east2
ip -n r3 link set west2 up; ip -n r3 addr add 10.99.77.2/30 dev west2
ip route add ${at.serverNet} via 10.99.77.2 table 77; ip rule add fwmark 1 lookup 77 pref 50
nft "add table ip lb; add chain ip lb c { type filter hook prerouting priority mangle; }; add rule ip lb c meta mark set numgen inc mod 2"`;

const loops: Scenario[] = [
  {
    name: 'routers 1, 2, 3 and 4 send it round (home, five routers)',
    family: 'fourth-loop-of-four',
    topology: world.home5,
    fault: (at) => ({
      r4: [
        `ip link add cut type veth peer name cut netns r1; ip link set cut up; ip addr add 10.99.0.1/30 dev cut
ip -n r1 link set cut up; ip -n r1 addr add 10.99.0.2/30 dev cut; ip route replace ${at.serverNet} via 10.99.0.2`,
      ],
    }),
    target: port,
    truth: () => unreachable({ causes: ['routing-loop'], where: loopBetween(1, 2, 3, 4) }),
  },
  {
    name: 'router 3 sends what comes from this machine back, others pass (campus, four routers, IPv6)',
    family: 'fourth-loop-by-source',
    topology: world.campus4v6,
    fault: (at) => ({
      r3: [
        `ip -6 route add default via ${at.farSide(2)} table 77; ip -6 rule add from ${at.client} lookup 77 pref 50`,
      ],
    }),
    target: port,
    truth: () => unreachable({ causes: ['routing-loop'], where: loopBetween(2, 3) }),
  },
  {
    name: 'a network of the provider that no customer has goes between routers 2 and 3 (home, three routers, IPv6)',
    family: 'fourth-loop-at-the-edge',
    topology: world.home3v6,
    fault: (at) => ({
      r1: [`ip -6 route add 2001:db8:c0de::/48 via ${at.hop(2)}`],
      r2: [`ip -6 route add 2001:db8:c0de::/48 via ${at.hop(3)}`],
      r3: [`ip -6 route add default via ${at.farSide(2)}`],
    }),
    target: () => '[2001:db8:c0de:99::5]:443',
    truth: () => unreachable({ causes: ['routing-loop'], where: loopBetween(2, 3) }),
  },
];

const swallowed: Scenario[] = [
  {
    name: 'router 2 has a black hole for this host alone, and its neighbour is the reference (company, three routers)',
    family: 'fourth-black-hole-beside',
    topology: { ...world.company3, sibling: true },
    listenOn: { sibling: [8080] },
    fault: (at) => ({ r2: [`ip route add blackhole ${at.server}/32`] }),
    target: port,
    flags: (at) => ['--control', at.sibling],
    truth: (at) =>
      unreachable({
        causes: ['routing-blackhole', 'network-firewall-drop'],
        where: [after(at, 1)],
        maxConfidence: 0.85,
      }),
  },
  {
    name: "the server's VPN claims this machine's range, and its neighbour is the reference (home, three routers)",
    family: 'fourth-vpn-of-the-server',
    topology: { ...world.home3, sibling: true },
    listenOn: { sibling: [8080] },
    fault: () => ({
      server: [
        'ip tuntap add vpn0 mode tun; ip addr add 10.8.0.2/24 dev vpn0; ip link set vpn0 up; ip route add 192.168.0.0/16 dev vpn0',
      ],
    }),
    target: port,
    flags: (at) => ['--control', at.sibling],
    truth: (at) => unreachable({ ...SILENT_ON_EVERYTHING, where: [after(at, 3)] }),
  },
  {
    name: 'the answers take another way, whose firewall saw no SYN; ping passes (company, three routers)',
    family: 'fourth-half-seen',
    topology: { ...world.company3, asymmetric: true },
    fault: () => ({ back: [forward('meta l4proto tcp ct state invalid drop')] }),
    target: port,
    truth: (at) =>
      unreachable({
        causes: ['host-firewall-drop', 'network-firewall-drop', 'return-path'],
        where: [after(at, 3)],
        maxConfidence: 0.75,
      }),
  },
  {
    name: "the server's netmask is so wide that this machine looks near to it (company, three routers)",
    family: 'fourth-wide-netmask-there',
    topology: world.company3,
    fault: () => ({ server: ['ip route add 10.0.0.0/8 dev eth0'] }),
    target: port,
    truth: (at) => unreachable({ ...SILENT_ON_EVERYTHING, where: [after(at, 3)] }),
  },
  {
    name: 'the last router has a permanent neighbour entry of a card that was replaced (home, five routers)',
    family: 'fourth-stale-neighbour-there',
    topology: world.home5,
    fault: (at) => ({
      r5: [`ip neigh replace ${at.server} lladdr 02:00:00:00:00:99 nud permanent dev srv`],
    }),
    target: port,
    truth: (at) => unreachable({ ...SILENT_ON_EVERYTHING, where: [after(at, 5)] }),
  },
  {
    name: 'packets of the server live for three hops (home, five routers)',
    family: 'fourth-small-ttl-there',
    topology: world.home5,
    fault: () => ({ server: ['echo 3 > /proc/sys/net/ipv4/ip_default_ttl'] }),
    target: port,
    truth: (at) => unreachable({ ...SILENT_ON_EVERYTHING, where: [after(at, 5)] }),
  },
  {
    name: "the broadcast address of the server's network was typed (company, three routers)",
    family: 'fourth-broadcast-there',
    topology: world.company3,
    fault: () => ({}),
    target: () => '10.77.3.255:8080',
    truth: (at) => unreachable({ ...SILENT_ON_EVERYTHING, where: [after(at, 2)] }),
  },
  {
    name: 'the gateway redirects to another gateway on the link, which does not forward (company, two routers)',
    family: 'fourth-redirected-to-nowhere',
    topology: { ...world.company2, neighbour: true },
    fault: (at) => ({ r1: [`ip route replace ${at.serverNet} via ${at.neighbour} dev lan`] }),
    target: port,
    truth: (at) =>
      unreachable({
        ...SILENT_ON_EVERYTHING,
        causes: [...SILENT_ON_EVERYTHING.causes, 'local-gateway-down'],
        where: [somewhereAfter(at, 1), ...beforeAnyHop],
      }),
  },
];

const hosts: Scenario[] = [
  {
    name: "a printer has taken the server's address, and SSH is asked (home, three routers)",
    family: 'fourth-duplicate-address',
    topology: { ...world.home3, sibling: true },
    listen: [22],
    listenOn: { sibling: [80, 9100] },
    fault: (at) => ({
      sibling: [`ip addr add ${at.server}/24 dev eth0`],
      r3: [
        `ip neigh replace ${at.server} lladdr $(ip -n sibling link show eth0 | awk '/ether/ { print $2 }') nud reachable dev srv`,
      ],
    }),
    target: (at) => hostPort(at.server, 22),
    truth: closed,
  },
  {
    name: 'nothing listens, and the packets of the host begin with a TTL of 255 (campus, four routers)',
    family: 'fourth-closed-odd-ttl',
    topology: world.campus4,
    listen: [22],
    fault: () => ({ server: ['echo 255 > /proc/sys/net/ipv4/ip_default_ttl'] }),
    target: port,
    truth: closed,
  },
  {
    name: 'ufw of the host denies the whole network of this machine, and lets ping in (home, three routers)',
    family: 'fourth-ufw-deny-from',
    topology: world.home3,
    fault: (at) => ({
      server: [
        `iptables-restore <<'RULES'
*filter
:INPUT DROP [0:0]
:ufw-before-input - [0:0]
:ufw-user-input - [0:0]
-A INPUT -j ufw-before-input
-A ufw-before-input -i lo -j ACCEPT
-A ufw-before-input -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT
-A ufw-before-input -m conntrack --ctstate INVALID -j DROP
-A ufw-before-input -p icmp --icmp-type echo-request -j ACCEPT
-A ufw-before-input -j ufw-user-input
-A ufw-user-input -s ${at.clientNet} -j DROP
-A ufw-user-input -p tcp --dport 22 -j ACCEPT
-A ufw-user-input -p tcp --dport 8080 -j ACCEPT
COMMIT
RULES`,
      ],
    }),
    target: port,
    truth: (at) =>
      unreachable({
        causes: [...DROPPED_AT_THE_END.causes, 'client-banned'],
        where: [after(at, 3)],
        maxConfidence: 0.75,
      }),
  },
  {
    name: 'the host holds whoever comes in a tarpit: a window of 0 for ever (home, three routers)',
    family: 'fourth-tarpit-of-the-host',
    topology: world.home3,
    ...forging('server', () => ({ dev: 'eth0', port: 8080, do: 'tarpit', here: true }), [
      input('tcp dport 8080 drop'),
    ]),
    target: port,
    truth: () => ({
      ...impaired(
        'service-unresponsive',
        'service-overloaded',
        'host-firewall-drop',
        'client-banned',
        'middlebox-drop',
        'network-firewall-drop',
      ),
      maxConfidence: 0.75,
    }),
  },
];

const strangers: Scenario[] = [
  {
    name: 'router 2 answers the port with a reset of TTL 255 (home, five routers)',
    family: 'fourth-reset-of-odd-ttl',
    topology: world.home5,
    ...forging('r2', () => ({ dev: 'west', port: 8080, do: 'rst', ttl: 255 }), [
      forward('tcp dport 8080 drop'),
    ]),
    target: port,
    truth: (at) => unreachable({ causes: ['network-firewall-reject'], where: [after(at, 2)] }),
  },
  {
    name: 'router 2 is a tarpit for the port, and the host is off (campus, four routers)',
    family: 'fourth-tarpit-on-the-way',
    topology: world.campus4,
    ...forging('r2', () => ({ dev: 'west', port: 8080, do: 'tarpit' }), [
      forward('tcp dport 8080 drop'),
      'ip -n server link set eth0 down',
    ]),
    target: port,
    // It answers what would pass on, from TTL 3: the device is the second or, as far as can be seen, the third hop.
    truth: () => ({
      outcome: 'impaired',
      causes: ['middlebox-intercept'],
      where: [
        { kind: 'hop', hop: 3 },
        { kind: 'hop', hop: 2 },
        { kind: 'between', hop: 2 },
      ],
    }),
  },
  {
    name: 'router 3 answers everything with "host unknown" (3/7), at once (campus, four routers)',
    family: 'fourth-rare-icmp',
    topology: world.campus4,
    ...forging('r3', (at) => ({ dev: 'west', do: 'icmp', type: 3, code: 7, from: at.hop(3) }), [
      forward('ip daddr 172.24.9.128/25 drop'),
    ]),
    target: port,
    truth: (at) =>
      unreachable({
        causes: ['routing-unreachable', 'host-down', 'network-firewall-reject'],
        where: [
          { kind: 'hop', hop: 3, address: at.hop(3) },
          { kind: 'between', hop: 3 },
        ],
        maxConfidence: 0.9,
      }),
  },
  {
    name: 'router 2 answers the port with "unreachable for this type of service" (3/12) (home, five routers)',
    family: 'fourth-rare-icmp',
    topology: world.home5,
    ...forging('r2', (at) => ({ dev: 'west', port: 8080, do: 'icmp', type: 3, code: 12, from: at.hop(2) }), [
      forward('tcp dport 8080 drop'),
    ]),
    target: port,
    truth: (at) =>
      unreachable({
        causes: ['network-firewall-reject', 'routing-unreachable'],
        where: [{ kind: 'hop', hop: 2, address: at.hop(2) }],
        maxConfidence: 0.99,
      }),
  },
  {
    name: 'router 1 answers the port with a "parameter problem" (12/0) (company, three routers)',
    family: 'fourth-rare-icmp',
    topology: world.company3,
    ...forging('r1', (at) => ({ dev: 'lan', port: 8080, do: 'icmp', type: 12, code: 0, from: at.hop(1) }), [
      forward('tcp dport 8080 drop'),
    ]),
    target: port,
    truth: (at) =>
      unreachable({
        causes: ['network-firewall-reject'],
        where: [{ kind: 'hop', hop: 1, address: at.hop(1) }],
      }),
  },
  {
    name: 'router 1 has two ports left to translate to, and a neighbour has both (home, three routers)',
    family: 'fourth-nat-exhausted',
    topology: { ...world.home3, neighbour: true },
    fault: (at) => ({
      r1: [
        "nft 'add table ip n; add chain ip n c { type nat hook postrouting priority srcnat; }; add rule ip n c oifname east meta l4proto tcp masquerade to :40000-40001; add rule ip n c oifname east masquerade'",
      ],
      neighbour: [
        `/run/lab/node "$SERVICES/exam-hold.js" ${at.server} 8080 2 > "$DIR/held.log" 2>&1 < /dev/null & for i in $(seq 200); do grep -q held "$DIR/held.log" && break; sleep 0.05; done`,
      ],
    }),
    target: port,
    truth: (at) =>
      unreachable({
        causes: ['network-firewall-drop', 'rate-limited'],
        where: [after(at, 1)],
        maxConfidence: 0.95,
      }),
  },
  {
    name: 'every second packet takes a link that is dead, and somebody complains of now and then (company, three routers)',
    family: 'fourth-every-second-packet',
    topology: world.company3,
    fault: (at) => ({ r2: [secondLink(at)], r3: [prerouting('iifname west2 drop')] }),
    target: port,
    flags: () => ['--answer', 'symptom=intermittent'],
    truth: () => [
      { outcome: ['impaired', 'reachable'], causes: ['path-loss'], maxConfidence: 0.98 },
      unreachable({
        causes: ['path-loss', 'network-firewall-drop', 'routing-blackhole'],
        maxConfidence: 0.75,
      }),
    ],
  },
  {
    name: 'router 2 drops every SYN that asks for ECN, and this machine asks first (home, three routers)',
    family: 'fourth-ecn-dropped',
    topology: world.home3,
    fault: () => ({
      client: ['echo 1 > /proc/sys/net/ipv4/tcp_ecn'],
      r2: [prerouting('tcp flags & (ecn | cwr) == (ecn | cwr) drop')],
    }),
    target: port,
    // The SYN is sent again without ECN: every connection takes a second, and works.
    truth: () => [
      { outcome: 'reachable', causes: [] },
      {
        outcome: ['reachable', 'impaired'],
        causes: ['path-loss', 'rate-limited', 'service-overloaded', 'network-firewall-drop'],
        maxConfidence: 0.75,
      },
    ],
  },
];

const silentAboutSize = output('icmp type destination-unreachable icmp code frag-needed drop');
const sizes: Scenario[] = [
  served({
    name: 'OpenSSH behind a link of 600 octets, and nobody says so: the key exchange stalls',
    family: 'fourth-mtu-of-key-exchange',
    on: { ...world.home3, mtu: { 2: 600 } },
    daemons: { server: [sshd()] },
    fault: () => ({ r2: [silentAboutSize], r3: [silentAboutSize] }),
    target: 22,
    truth: (at) => ({
      ...impaired('path-mtu-blackhole'),
      where: [atTarget(at.server), null, { kind: 'between' }, { kind: 'hop' }],
    }),
  }),
];

export default [...loops, ...swallowed, ...hosts, ...strangers, ...sizes] satisfies Scenario[];
