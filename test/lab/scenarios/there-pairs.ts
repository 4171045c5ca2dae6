/** Two views of one fault: the client diagnoses, the server's own machine runs the kit meanwhile (`--there`), both are merged. */
import type { Outcome } from '../../../src/model/report.ts';
import { family, forward, hostPort, input, output, type Scenario } from '../scenario.ts';
import type { Addresses, Topology } from '../topology.ts';
import * as world from '../worlds.ts';
import { inWords } from '../worlds.ts';

/** How the script runs on the server: as root or not, and in which shell. */
type Way = 'sh' | 'dash' | 'busybox sh' | 'bash';
const asRoot = (shell: Way = 'sh') => `cmd:ip netns exec server ${shell} -s`;
const asUser = (shell: Way = 'sh') =>
  `cmd:ip netns exec server setpriv --reuid=65534 --regid=65534 --clear-groups ${shell} -s`;

interface Pair {
  /** What is done to the network, in words. */
  fault: string;
  on: Topology;
  by?: string;
  causes: string[];
  listen?: number[];
  make: (at: Addresses) => Record<string, string[]>;
  services?: (at: Addresses) => Record<string, string[]>;
  outcome?: Outcome | Outcome[];
  traceRules?: boolean;
  /** The rule that the report quotes. */
  rule?: { firewall: string; text: string };
}

const PORT = 8080;
const pair = ({
  fault,
  on,
  by = asRoot(),
  causes,
  listen,
  make,
  services,
  outcome,
  traceRules,
  rule,
}: Pair) => ({
  name: `both ends: ${fault} (${inWords(on)}; ${by.includes('setpriv') ? 'user' : 'root'}, ${/(busybox sh|\w+) -s$/.exec(by)?.[1] ?? 'sh'})`,
  topology: on,
  as: 'root' as const,
  listen: listen ?? [22, PORT],
  ...(services === undefined ? {} : { services }),
  fault: make,
  target: (at: Addresses) => hostPort(at.server, PORT),
  flags: () => ['--there', by, ...(traceRules ? ['--trace-rules'] : [])],
  truth: () => ({
    outcome: outcome ?? ('unreachable' as const),
    causes,
    minConfidence: 0.95,
    ...(rule === undefined ? {} : { rule }),
  }),
});

const server = (...lines: string[]) => ({ server: lines });
const iptables = (rule: string) => `iptables -A INPUT ${rule}`;
const ip6tables = (rule: string) => `ip6tables -A INPUT ${rule}`;
/** The host has another address of its network now, and takes what is sent to this one all the same. */
const movedAway = (address: string) => {
  const other = address.replace(/\d+$/, (last) => String(Number(last) + 1));
  return `gate=$(ip route show default | cut -d' ' -f3); ip addr del ${address}/24 dev eth0; ip addr add ${other}/24 dev eth0; ip route replace default via "$gate"; ip route add ${address}/32 dev docker0; ip neigh add proxy ${address} dev eth0`;
};
const lastRouter = (on: Topology, ...lines: string[]) => ({ [`r${on.routers}`]: lines });

const drops = family<Pair>(
  'there-host-drops',
  [
    {
      fault: 'the host drops by nftables',
      on: world.home3,
      by: asRoot('dash'),
      causes: ['host-firewall-drop'],
      rule: { firewall: 'nftables', text: 'tcp dport 8080 drop' },
      make: () => server(input('tcp dport 8080 counter drop')),
    },
    {
      fault: 'the host drops by nftables',
      on: world.home3v6,
      by: asRoot('bash'),
      causes: ['host-firewall-drop'],
      rule: { firewall: 'nftables', text: 'tcp dport 8080 drop' },
      make: () => server(input('tcp dport 8080 drop')),
    },
    {
      fault: 'the host drops by nftables',
      on: world.nat3,
      by: asRoot('busybox sh'),
      causes: ['host-firewall-drop'],
      rule: { firewall: 'nftables', text: 'tcp dport 8080 drop' },
      make: () => server(input('tcp dport 8080 counter drop')),
    },
    {
      fault: 'the host drops by iptables',
      on: world.company2,
      causes: ['host-firewall-drop'],
      rule: { firewall: 'iptables', text: '--dport 8080 -j DROP' },
      make: () => server(iptables('-p tcp --dport 8080 -j DROP')),
    },
    {
      fault: 'the host drops by ip6tables',
      on: world.campus2v6,
      causes: ['host-firewall-drop'],
      rule: { firewall: 'ip6tables', text: '--dport 8080 -j DROP' },
      make: () => server(ip6tables('-p tcp --dport 8080 -j DROP')),
    },
    {
      fault: "the host drops by ufw's chains",
      on: world.home1,
      causes: ['host-firewall-drop'],
      rule: { firewall: 'ufw', text: '--dport 8080 -j DROP' },
      make: () =>
        server(
          'iptables -N ufw-user-input; iptables -A INPUT -j ufw-user-input; iptables -A ufw-user-input -p tcp --dport 8080 -j DROP',
        ),
    },
    {
      fault: 'the host drops by policy',
      on: world.home3,
      causes: ['host-firewall-drop'],
      rule: { firewall: 'nftables', text: 'policy drop' },
      make: () =>
        server(
          "nft 'add table inet f; add chain inet f i { type filter hook input priority 0; policy drop; }; add rule inet f i tcp dport 22 accept; add rule inet f i ct state established,related accept; add rule inet f i meta l4proto { icmp, icmpv6 } accept'",
        ),
    },
    {
      fault: 'the host drops, without root there',
      on: world.home3,
      by: asUser(),
      causes: ['host-firewall-drop'],
      make: () => server(input('tcp dport 8080 drop')),
    },
    {
      fault: 'the host drops, without root there',
      on: world.nat3,
      by: asUser('busybox sh'),
      causes: ['host-firewall-drop'],
      make: () => server(input('tcp dport 8080 drop')),
    },
    {
      fault: 'the host drops its own answers',
      on: world.home3,
      causes: ['host-firewall-drop'],
      rule: { firewall: 'nftables', text: 'tcp sport 8080 drop' },
      make: () => server(output('tcp sport 8080 counter drop')),
    },
    {
      fault: 'the host drops, told by a rule trace',
      on: world.company3,
      causes: ['host-firewall-drop'],
      rule: { firewall: 'nftables', text: 'tcp dport 8080 drop' },
      traceRules: true,
      make: () => server(input('tcp dport 8080 drop')),
    },
  ],
  pair,
);

const before = family<Pair>(
  'there-never-arrives',
  [
    {
      fault: 'the last router drops',
      on: world.home3,
      by: asRoot('dash'),
      causes: ['network-firewall-drop'],
      make: () => lastRouter(world.home3, forward('tcp dport 8080 drop')),
    },
    {
      fault: 'the last router drops',
      on: world.campus2v6,
      causes: ['network-firewall-drop'],
      make: () => lastRouter(world.campus2v6, forward('tcp dport 8080 drop')),
    },
    {
      fault: 'the last router drops',
      on: world.nat3,
      by: asRoot('bash'),
      causes: ['network-firewall-drop'],
      make: () => lastRouter(world.nat3, forward('tcp dport 8080 drop')),
    },
    {
      fault: 'the last router drops, without root there',
      on: world.home3,
      by: asUser(),
      causes: ['network-firewall-drop'],
      make: () => lastRouter(world.home3, forward('tcp dport 8080 drop')),
    },
  ],
  pair,
);

const back = family<Pair>(
  'there-way-back',
  [
    {
      fault: 'the host has no route back',
      on: world.home3,
      causes: ['return-path'],
      make: () => server('ip route del default'),
    },
    {
      fault: 'the host has no route back',
      on: world.home3v6,
      causes: ['return-path'],
      make: () => server('ip -6 route del default'),
    },
    {
      fault: "the host's route back leads to docker0",
      on: world.company3,
      by: asRoot('dash'),
      causes: ['return-path'],
      make: (at) =>
        server(
          `ip link add docker0 type bridge; ip addr add 10.9.9.1/24 dev docker0; ip link set docker0 up; ip route add ${at.client}/32 dev docker0`,
        ),
    },
    {
      fault: "the host's reverse-path filter",
      on: world.company3,
      causes: ['return-path'],
      make: (at) =>
        server(
          `ip link add docker0 type bridge; ip addr add 10.9.9.1/24 dev docker0; ip link set docker0 up; ip route add ${at.client}/32 dev docker0; echo 1 > /proc/sys/net/ipv4/conf/all/rp_filter`,
        ),
    },
    {
      fault: "the host's reverse-path filter, without root there",
      on: world.company2,
      by: asUser('dash'),
      causes: ['return-path'],
      make: (at) =>
        server(
          `ip link add docker0 type bridge; ip addr add 10.9.9.1/24 dev docker0; ip link set docker0 up; ip route add ${at.client}/32 dev docker0; echo 1 > /proc/sys/net/ipv4/conf/all/rp_filter`,
        ),
    },
    {
      fault: 'a router drops the answers',
      on: world.home3,
      causes: ['return-path'],
      make: () => ({ r2: [forward('tcp sport 8080 drop')] }),
    },
    {
      fault: 'a router drops the answers',
      on: world.nat3,
      by: asRoot('busybox sh'),
      causes: ['return-path'],
      make: () => ({ r2: [forward('tcp sport 8080 drop')] }),
    },
    {
      fault: 'a router drops the answers, without root there',
      on: world.home3,
      by: asUser('bash'),
      causes: ['return-path'],
      make: () => ({ r2: [forward('tcp sport 8080 drop')] }),
    },
  ],
  pair,
);

const refuses = family<Pair>(
  'there-refuses',
  [
    { fault: 'nothing listens', on: world.home3, causes: ['port-closed'], listen: [22], make: () => ({}) },
    {
      fault: 'nothing listens, without root there',
      on: world.home3v6,
      by: asUser(),
      causes: ['port-closed'],
      listen: [22],
      make: () => ({}),
    },
    {
      fault: 'it listens on loopback only',
      on: world.nat3,
      causes: ['port-closed'],
      listen: [22],
      services: () => ({
        server: ["exec /run/lab/node -e \"require('net').createServer().listen(8080, '127.0.0.1')\""],
      }),
      make: () => ({}),
    },
    {
      fault: 'the host rejects by nftables',
      on: world.home3,
      causes: ['host-firewall-reject'],
      rule: { firewall: 'nftables', text: 'tcp dport 8080 reject with tcp reset' },
      make: () => server(input('tcp dport 8080 counter reject with tcp reset')),
    },
    {
      fault: 'the host rejects by iptables',
      on: world.home3,
      causes: ['host-firewall-reject'],
      rule: { firewall: 'iptables', text: '--reject-with tcp-reset' },
      make: () => server(iptables('-p tcp --dport 8080 -j REJECT --reject-with tcp-reset')),
    },
    {
      fault: 'the host rejects by reset for IPv6 alone',
      on: world.home3v6,
      causes: ['host-firewall-reject'],
      rule: { firewall: 'nftables', text: 'tcp dport 8080 reject with tcp reset' },
      make: () => server(input('meta nfproto ipv6 tcp dport 8080 reject with tcp reset')),
    },
    {
      fault: 'the host rejects by reset, without root there',
      on: world.home1,
      by: asUser(),
      causes: ['host-firewall-reject'],
      make: () => server(input('tcp dport 8080 reject with tcp reset')),
    },
    {
      fault: 'the host rejects by reset, without root there',
      on: world.home3v6,
      by: asUser('bash'),
      causes: ['host-firewall-reject'],
      make: () => server(input('tcp dport 8080 reject with tcp reset')),
    },
    {
      fault: 'it listens on another address only',
      on: world.company2,
      by: asRoot('dash'),
      causes: ['port-closed'],
      listen: [22],
      services: () => ({
        server: [
          "ip addr add 10.99.0.1/32 dev lo; exec /run/lab/node -e \"require('net').createServer().listen(8080, '10.99.0.1')\"",
        ],
      }),
      make: () => ({}),
    },
    {
      fault: 'the last router forges a reset',
      on: world.home3,
      causes: ['network-firewall-reject'],
      make: () => lastRouter(world.home3, forward('tcp dport 8080 reject with tcp reset')),
    },
  ],
  pair,
);

const forwards = family<Pair>(
  'there-forwards',
  [
    {
      fault: 'the address is not here and is forwarded to a container that is gone',
      on: world.company2,
      by: asRoot('dash'),
      causes: ['forward-to-nothing'],
      make: (at) =>
        server(
          `ip link add docker0 type bridge; ip addr add 172.17.0.1/16 dev docker0; ip link set docker0 up; echo 1 > /proc/sys/net/ipv4/ip_forward; iptables -t nat -A PREROUTING -d ${at.server} -p tcp --dport 8080 -j DNAT --to-destination 172.17.0.2:80; iptables -t nat -A PREROUTING -d ${at.server} -p tcp --dport 22 -j REDIRECT`,
          movedAway(at.server),
        ),
    },
    {
      fault: 'the host forwards to a container that is gone',
      on: world.home3,
      causes: ['forward-to-nothing'],
      make: (at) =>
        server(
          `ip link add docker0 type bridge; ip addr add 172.17.0.1/16 dev docker0; ip link set docker0 up; echo 1 > /proc/sys/net/ipv4/ip_forward; iptables -t nat -A PREROUTING -d ${at.server} -p tcp --dport 8080 -j DNAT --to-destination 172.17.0.2:80`,
        ),
    },
    {
      fault: 'the host forwards to a container that is gone, by nftables',
      on: world.nat3,
      by: asRoot('bash'),
      causes: ['forward-to-nothing'],
      make: () =>
        server(
          `ip link add docker0 type bridge; ip addr add 172.17.0.1/16 dev docker0; ip link set docker0 up; echo 1 > /proc/sys/net/ipv4/ip_forward; nft 'add table ip n; add chain ip n p { type nat hook prerouting priority -100; }; add rule ip n p tcp dport 8080 dnat to 172.17.0.2:80'`,
        ),
    },
  ],
  pair,
);

/** The queue is full before anybody knocks; its own retries overflow it, too. */
const full = (at: Addresses) => ({ server: [`exec /run/lab/node "$SERVICES/full.js" ${PORT} ${at.server}`] });

const overloaded = family<Pair>(
  'there-overloaded',
  [
    {
      fault: 'the accept queue is full',
      on: world.home3,
      causes: ['service-overloaded'],
      listen: [22],
      services: full,
      make: () => ({}),
    },
    {
      fault: 'the accept queue is full, without root there',
      on: world.nat3,
      by: asUser('dash'),
      causes: ['service-overloaded'],
      listen: [22],
      services: full,
      make: () => ({}),
    },
  ],
  pair,
);

/** Router 2 takes connections to the port to a program of its own. */
const toItself =
  'nft \'add table ip t; add chain ip t p { type nat hook prerouting priority -100; }; add rule ip t p iifname "west" tcp dport 8080 redirect to :9000\'';
const relay = (at: Addresses) =>
  `exec /run/lab/node -e "const net = require('net'); net.createServer((near) => { const far = net.connect(${PORT}, '${at.server}'); near.on('error', () => far.destroy()).pipe(far); far.on('error', () => near.destroy()).pipe(near); }).listen(9000)"`;

const inBetween = family<Pair>(
  'there-in-between',
  [
    {
      fault: 'router 2 accepts in the place of the host',
      on: world.home3,
      causes: ['middlebox-intercept'],
      outcome: ['impaired', 'reachable'],
      services: () => ({
        r2: [
          "exec /run/lab/node -e \"require('http').createServer((_, page) => page.end('A page.')).listen(9000)\"",
        ],
      }),
      make: () => ({ r2: [toItself] }),
    },
    {
      fault: 'router 2 passes connections on as a proxy',
      on: world.home3,
      by: asRoot('dash'),
      causes: ['middlebox-intercept'],
      outcome: ['impaired', 'reachable'],
      services: (at) => ({ r2: [relay(at)] }),
      make: () => ({ r2: [toItself] }),
    },
  ],
  pair,
);

const scenarios: Scenario[] = [
  ...overloaded,
  ...inBetween,
  ...drops,
  ...before,
  ...back,
  ...refuses,
  ...forwards,
];
export default scenarios;
