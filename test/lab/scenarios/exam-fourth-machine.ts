/** Fourth examination: this machine and its names. Truths were written before the first run, without sight of the rules. */
import {
  beforeAnyHop,
  hostPort,
  type Scenario,
  type Truth,
  thisMachine,
  type WherePattern,
} from '../scenario.ts';
import type { Addresses } from '../topology.ts';
import * as world from '../worlds.ts';

const port = (at: Addresses) => hostPort(at.server, 8080);
const unreachable = (truth: Omit<Truth, 'outcome'>): Truth => ({ outcome: 'unreachable', ...truth });
const none = () => ({});
const NAME = 'app.example.com';
const byName = () => `${NAME}:8080`;

const machine: Scenario[] = [
  {
    name: 'DHCP gave nothing: a 169.254 address and a default route into the link (home, three routers)',
    family: 'fourth-no-lease',
    topology: world.home3,
    fault: () => ({
      client: [
        'ip -4 addr flush dev eth0; ip addr add 169.254.7.9/16 dev eth0; ip route add default dev eth0 metric 1002',
      ],
    }),
    target: port,
    truth: () =>
      unreachable({
        causes: ['local-wrong-subnet', 'local-no-route', 'local-gateway-down'],
        where: [thisMachine, ...beforeAnyHop],
      }),
  },
  {
    name: 'this machine lets in SSH alone, and forgot the answers to itself (company, three routers)',
    family: 'fourth-forgot-established',
    topology: world.company3,
    fault: () => ({
      client: [
        "nft 'add table inet f; add chain inet f c { type filter hook input priority 0; policy drop; }; add rule inet f c iif lo accept; add rule inet f c tcp dport 22 accept'",
      ],
    }),
    target: port,
    truth: () => unreachable({ causes: ['local-firewall'], where: [thisMachine] }),
  },
  {
    name: 'the card of this machine drops what comes of the port, before the kernel counts (campus, four routers)',
    family: 'fourth-dropped-at-the-card',
    topology: world.campus4,
    fault: () => ({
      client: [
        "nft 'add table netdev n; add chain netdev n c { type filter hook ingress device eth0 priority 0; }; add rule netdev n c tcp sport 8080 drop'",
      ],
    }),
    target: port,
    // SYNs go out whole, and errors of routers come in: only the count of the card tells.
    truth: () =>
      unreachable({
        causes: ['local-firewall', 'host-firewall-drop', 'network-firewall-drop'],
        maxConfidence: 0.75,
      }),
  },
  {
    name: "a container of this machine has the server's address, and nothing listens in it (company, three routers)",
    family: 'fourth-container-has-the-address',
    topology: world.company3,
    fault: (at) => ({
      client: [
        `ip netns add box; ip link add docker0 type bridge; ip link set docker0 up; ip addr add 10.77.3.1/24 dev docker0
ip link add veth0 type veth peer name eth0 netns box; ip link set veth0 master docker0; ip link set veth0 up
ip -n box link set lo up; ip -n box link set eth0 up; ip -n box addr add ${at.server}/24 dev eth0
for i in $(seq 100); do ip -d link show veth0 | grep -q 'state forwarding' && break; sleep 0.05; done`,
      ],
    }),
    target: port,
    truth: () => unreachable({ causes: ['local-subnet-overlap', 'port-closed'], maxConfidence: 0.95 }),
  },
  {
    name: "the address of the target is on this machine's own loopback, too (home, three routers)",
    family: 'fourth-own-loopback-has-it',
    topology: world.home3,
    fault: (at) => ({ client: [`ip addr add ${at.server}/32 dev lo`] }),
    target: port,
    truth: () =>
      unreachable({
        causes: ['port-closed', 'local-subnet-overlap', 'listens-elsewhere'],
        maxConfidence: 0.99,
      }),
  },
  {
    name: 'this machine rejects the port over IPv4 and has no IPv6 route, and the name has both (campus, three routers)',
    family: 'fourth-both-families-here',
    topology: { routers: 3, plan: 'campus', families: 'both' },
    resolvers: (at) => [{ mode: 'normal', records: { [NAME]: { a: [at.server4], aaaa: [at.server6] } } }],
    fault: () => ({
      client: [
        'ip -6 route del default',
        "nft 'add table ip f; add chain ip f c { type filter hook output priority 0; }; add rule ip f c tcp dport 8080 reject with icmp admin-prohibited'",
      ],
    }),
    target: byName,
    truth: () => unreachable({ causes: ['local-firewall', 'local-no-route'], where: [thisMachine] }),
  },
  {
    name: 'a routing rule of this machine prohibits this one port (home, five routers)',
    family: 'fourth-rule-by-port',
    topology: world.home5,
    fault: () => ({ client: ['ip rule add ipproto tcp dport 8080 prohibit pref 100'] }),
    target: port,
    truth: () => unreachable({ causes: ['local-no-route', 'local-firewall'], where: [thisMachine] }),
  },
  {
    name: 'the default route of IPv6 leads to a link-local address that nobody has (home, three routers, IPv6)',
    family: 'fourth-link-local-gateway',
    topology: world.home3v6,
    fault: () => ({ client: ['ip -6 route replace default via fe80::dead dev eth0'] }),
    target: port,
    truth: () => unreachable({ causes: ['local-gateway-down'] }),
  },
];

/** A real BIND on dns1 that answers for lab.test alone; `zone` is its text, `more` what stands in `options`. */
const authoritative = (
  zone: (at: Addresses) => string,
  more = '',
  kind = 'type primary; file "/run/named/lab.zone";',
): Pick<Scenario, 'resolvers' | 'files' | 'services' | 'waitFor'> => ({
  resolvers: [{ mode: 'off' }],
  files: (at) => ({
    'named.conf': `options { directory "/run/named"; pid-file "/run/named/named.pid"; session-keyfile none; listen-on { any; }; listen-on-v6 { any; }; recursion no; dnssec-validation no; ${more} };
controls { };
zone "lab.test" { ${kind} };
`,
    'lab.zone': `$TTL 60\n@ SOA ns root 1 60 60 60 60\n@ NS ns\nns A ${at.dns(1)}\n${zone(at)}\n`,
  }),
  services: () => ({
    dns1: ['mkdir -p /run/named; cp "$DIR/lab.zone" /run/named/; exec named -g -c "$DIR/named.conf"'],
  }),
  waitFor: { dns1: [53] },
});
const atResolver: WherePattern[] = [{ kind: 'resolver' }];

const names: Scenario[] = [
  {
    name: 'the name server refers to another and does not ask it (home, three routers)',
    family: 'fourth-referral',
    topology: { ...world.home3, resolvers: 1 },
    ...authoritative(() => 'sub NS ns.sub\nns.sub A 203.0.113.53'),
    fault: none,
    target: () => 'db.sub.lab.test:8080',
    truth: () => unreachable({ causes: ['dns-no-address', 'dns-server-failure'], where: atResolver }),
  },
  {
    name: 'the name server gives an alias elsewhere and does not follow it (company, three routers)',
    family: 'fourth-alias-not-followed',
    topology: { ...world.company3, resolvers: 1 },
    ...authoritative(() => 'www CNAME web.example.net.'),
    fault: none,
    target: () => 'www.lab.test:8080',
    truth: () => unreachable({ causes: ['dns-no-address', 'dns-server-failure'], where: atResolver }),
  },
  {
    name: 'the name server never got its zone from the first one (campus, four routers)',
    family: 'fourth-zone-never-came',
    topology: { ...world.campus4, resolvers: 1 },
    ...authoritative(
      () => '',
      '',
      'type secondary; primaries { 192.0.2.1; }; file "/run/named/second.zone";',
    ),
    fault: none,
    target: () => 'www.lab.test:8080',
    truth: () => unreachable({ causes: ['dns-server-failure'], where: atResolver }),
  },
  {
    name: 'the name server drops whoever is on its black list (home, one router)',
    family: 'fourth-resolver-black-list',
    topology: { ...world.home1, resolvers: 1 },
    ...authoritative((at) => `www A ${at.server}`, 'blackhole { 192.168.178.50; };'),
    fault: none,
    target: () => 'www.lab.test:8080',
    truth: () => unreachable({ causes: ['dns-resolver-unreachable'], where: atResolver }),
  },
  {
    name: 'the first resolver fails, and the second does not know the name (company, two routers)',
    family: 'fourth-fails-then-unknown',
    topology: world.company2,
    resolvers: [{ mode: 'servfail' }, { mode: 'normal', records: {} }],
    fault: none,
    target: byName,
    truth: () => unreachable({ causes: ['dns-name-not-found', 'dns-server-failure'], where: atResolver }),
  },
  {
    name: 'four resolvers, and only the fourth lives, which nobody asks (home, three routers)',
    family: 'fourth-fourth-resolver',
    topology: world.home3,
    resolvers: (at) => [
      { mode: 'silent' },
      { mode: 'off' },
      { mode: 'silent' },
      { mode: 'normal', records: { [NAME]: { a: [at.server] } } },
    ],
    fault: none,
    target: byName,
    truth: () => unreachable({ causes: ['dns-resolver-unreachable'], where: atResolver }),
  },
  {
    name: 'the stub resolver of this machine (127.0.0.53) is not there (campus, four routers)',
    family: 'fourth-stub-resolver',
    topology: world.campus4,
    files: () => ({ 'resolv.conf': 'nameserver 127.0.0.53\noptions edns0 trust-ad\nsearch lan\n' }),
    fault: none,
    target: byName,
    truth: () => unreachable({ causes: ['dns-resolver-unreachable'], where: [...atResolver, thisMachine] }),
  },
  {
    name: 'the stub resolver of this machine (127.0.0.53) reaches nobody and says SERVFAIL (home, three routers)',
    family: 'fourth-stub-resolver',
    topology: world.home3,
    files: () => ({
      'resolv.conf': 'nameserver 127.0.0.53\noptions edns0 trust-ad\nsearch lan\n',
      'stub.json': JSON.stringify({ address: '127.0.0.53', records: {}, rcodeOf: { A: 2, AAAA: 2 } }),
    }),
    services: () => ({ client: ['exec /run/lab/node "$SERVICES/exam-resolver.js" "$DIR/stub.json"'] }),
    waitFor: { client: [53] },
    fault: none,
    target: byName,
    truth: () => unreachable({ causes: ['dns-server-failure'], where: [...atResolver, thisMachine] }),
  },
  {
    name: 'the hosts file has two addresses for the name, and the first is off (company, three routers)',
    family: 'fourth-hosts-file-of-two',
    topology: world.company3,
    resolvers: (at) => [{ mode: 'normal', records: { [NAME]: { a: [at.server] } } }],
    hostsFile: (at) => [`${at.unusedThere} ${NAME}`, `${at.server} ${NAME}`],
    fault: none,
    target: byName,
    truth: () => ({ outcome: 'impaired', causes: ['address-partly-down', 'dns-hosts-override'] }),
  },
];

export default [...machine, ...names] satisfies Scenario[];
