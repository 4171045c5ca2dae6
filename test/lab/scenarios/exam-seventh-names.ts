/**
 * The seventh exam, names and this machine: resolvers, search domains, two views, the hosts file, families of addresses, its own firewall,
 * routes, interfaces, VPN and proxy. Truths were written by somebody who has not seen the rules, and before the first run.
 */
import { type Served, served } from '../daemons/served.ts';
import { secureSite, squid } from '../daemons/web.ts';
import {
  forward,
  from,
  hostPort,
  LATE_UNREACHABLE_LIMIT,
  type Resolver,
  type Scenario,
  SILENT_ON_EVERYTHING,
  thisMachine,
  type WherePattern,
} from '../scenario.ts';
import type { Addresses, Topology } from '../topology.ts';
import * as world from '../worlds.ts';

const campus3: Topology = { routers: 3, plan: 'campus', families: 4 };
const home2both: Topology = { routers: 2, plan: 'home', families: 'both' };
const atResolver: WherePattern[] = [{ kind: 'resolver' }];
const knows = (name: string, ...a: string[]): Resolver[] => [{ mode: 'normal', records: { [name]: { a } } }];
const knowsNothing: Resolver = { mode: 'normal', records: {} };

/** BIND on the first resolver. */
const bind = (
  zones: string,
  options = 'recursion no;',
): Pick<Scenario, 'resolvers' | 'files' | 'services' | 'waitFor'> => ({
  resolvers: [{ mode: 'off' }],
  files: (at) => ({
    'named.conf': `options { directory "/run/named"; pid-file "/run/named/named.pid"; session-keyfile none; listen-on { any; }; listen-on-v6 { any; }; dnssec-validation no; ${options} };
controls { };
${zones}
`,
    'root.zone': '$TTL 60\n@ SOA ns. root. 1 60 60 60 60\n@ NS ns.\nns. A 192.0.2.53\n',
    'lab.zone': `$TTL 60\n@ SOA ns root 1 60 60 60 60\n@ NS ns\nns A ${at.dns(1)}\nwww A ${at.server}\n`,
  }),
  services: () => ({
    dns1: [
      'mkdir -p /run/named; cp "$DIR/lab.zone" "$DIR/root.zone" /run/named/; exec named -g -c "$DIR/named.conf"',
    ],
  }),
  waitFor: { dns1: [53] },
});
/** A VPN of this machine whose other end hears nothing: 10.8.0.2 on tun0, without ARP. */
const deafTunnel = (at: Addresses, ...ranges: string[]): string =>
  [
    `ip link add tun0 mtu 1400 type vxlan id 7 local ${at.client} remote ${at.hop(2)} dstport 4789; ip link set tun0 arp off; ip addr add 10.8.0.2/24 dev tun0; ip link set tun0 up`,
    ...ranges.map((range) => `ip route add ${range} via 10.8.0.1 dev tun0`),
  ].join('; ');
const onlyTheProxy = (at: Addresses): Record<string, string[]> => ({
  r1: [forward(`iifname lan oifname != lan ${from(at.client)} drop`)],
});
/** A proxy that finds the server in its own hosts file. */
const proxy: Pick<Served, 'daemons' | 'files' | 'prepare'> = {
  daemons: { server: [secureSite()], neighbour: [squid('hosts_file proxy-hosts')] },
  files: (at) => ({ 'proxy-hosts': `127.0.0.1 localhost\n${at.server} www.lab.test\n` }),
};

const names: Served[] = [
  {
    name: 'the resolver of the VPN is silent, and that of the provider knows nothing of the names of the company',
    family: 'seventh-resolver-of-the-vpn',
    on: world.nat3,
    resolvers: [knowsNothing],
    files: (at) => ({
      'resolv.conf': `search corp.lab.test\nnameserver 10.8.0.53\nnameserver ${at.dns(1)}\n`,
    }),
    fault: (at) => ({ client: [deafTunnel(at)] }),
    target: 'erp.corp.lab.test:443',
    truth: { outcome: 'unreachable', causes: ['dns-name-not-found', 'dns-resolver-unreachable'] },
  },
  {
    name: 'the address in the line of the hosts file has a digit too many, and DNS does not know the name',
    family: 'seventh-hosts-line-with-a-typo',
    on: world.company2,
    resolvers: [knowsNothing],
    hostsFile: () => ['10.77.3.800 wiki.lab.test wiki'],
    fault: () => ({}),
    target: 'http://wiki.lab.test/',
    truth: { outcome: 'unreachable', causes: ['dns-name-not-found'] },
  },
  {
    name: 'the signatures of the zone have run out, and the resolver says so (SERVFAIL, signature expired)',
    family: 'seventh-signatures-expired',
    on: world.campus4v6,
    resolvers: [
      { mode: 'servfail', extendedError: { code: 7, text: 'signature expired for www.lab.test/AAAA' } },
    ],
    fault: () => ({}),
    target: 'https://www.lab.test/',
    truth: { outcome: 'unreachable', causes: ['dns-server-failure'], where: atResolver },
  },
  {
    name: 'two resolvers in turn (rotate), an inner one that knows the name and an outer one that does not',
    family: 'seventh-two-views-in-turn',
    on: campus3,
    listen: [22, 443],
    resolvers: (at) => [...knows('git.lab.test', at.server), knowsNothing],
    files: (at) => ({ 'resolv.conf': `nameserver ${at.dns(1)}\nnameserver ${at.dns(2)}\noptions rotate\n` }),
    fault: () => ({}),
    target: 'git.lab.test:22',
    flags: () => ['--answer', 'symptom=intermittent'],
    // Chance decides which one is asked first.
    truth: [
      { outcome: ['reachable', 'impaired'], causes: ['dns-answers-differ'] },
      { outcome: 'unreachable', causes: ['dns-answers-differ', 'dns-name-not-found'] },
    ],
  },
  {
    name: 'the resolver takes two and a half seconds, and resolv.conf gives it one second and one try',
    family: 'seventh-later-than-resolv-conf-waits',
    on: world.company3,
    listen: [22],
    waitFor: { dns1: [53] },
    files: (at) => ({
      'odd.json': JSON.stringify({
        address: at.dns(1),
        records: { 'git.lab.test': { a: [at.server] } },
        delayMs: 2500,
      }),
      'resolv.conf': `nameserver ${at.dns(1)}\noptions timeout:1 attempts:1\n`,
    }),
    resolvers: [{ mode: 'off' }],
    services: () => ({ dns1: ['exec /run/lab/node "$SERVICES/exam-resolver.js" "$DIR/odd.json"'] }),
    fault: () => ({}),
    target: 'git.lab.test:22',
    truth: { outcome: 'unreachable', causes: ['dns-resolver-unreachable', 'dns-server-failure'] },
  },
  {
    name: 'a short name, and the zone of the search domain has run out on the only name server (SERVFAIL)',
    family: 'seventh-search-domain-fails',
    on: world.company2,
    ...bind(
      'zone "." { type primary; file "root.zone"; };\nzone "corp.lab.test" { type secondary; primaries { 192.0.2.1; }; file "corp.zone"; };',
    ),
    fault: () => ({ client: ['printf "search corp.lab.test\\n" >> "$DIR/resolv.conf"'] }),
    target: 'http://intranet/',
    truth: {
      outcome: 'unreachable',
      causes: ['dns-server-failure', 'dns-name-not-found'],
      where: atResolver,
    },
  },
  {
    name: 'the resolver hands the names of the company to a domain controller that is off, and is well for all others',
    family: 'seventh-forwarder-off',
    on: world.campus4,
    ...bind(
      'zone "lab.test" { type primary; file "lab.zone"; };\nzone "ad.test" { type forward; forward only; forwarders { 172.16.4.54; }; };',
      'recursion yes; allow-recursion { any; }; allow-query { any; };',
    ),
    resolvers: [{ mode: 'off' }, { mode: 'silent', outside: true }],
    fault: () => ({}),
    target: 'erp.ad.test:443',
    truth: {
      outcome: 'unreachable',
      causes: ['dns-server-failure', 'dns-resolver-unreachable'],
      where: atResolver,
    },
  },
  {
    name: 'the name server of the office answers for its own names alone, and a name of the world is wanted (REFUSED)',
    family: 'seventh-no-recursion-for-us',
    on: world.home3,
    ...bind('zone "lab.test" { type primary; file "lab.zone"; };'),
    fault: () => ({}),
    target: 'https://www.example.org/',
    truth: { outcome: 'unreachable', causes: ['dns-server-failure'], where: atResolver },
  },
  {
    name: 'an IPv4 address was typed in a network that has IPv6 alone',
    family: 'seventh-literal-of-the-other-family',
    on: world.home3v6,
    listen: [22, 443],
    fault: () => ({}),
    target: '203.0.113.80:443',
    truth: { outcome: 'unreachable', causes: ['local-no-route'], where: [thisMachine] },
  },
  {
    name: 'a notebook in this network says that it leads to IPv6, and does not; IPv4 is well',
    family: 'seventh-rogue-advertisement',
    on: { ...home2both, neighbour: true },
    listen: [22, 80],
    resolvers: (at) => [
      { mode: 'normal', records: { 'www.lab.test': { a: [at.server4], aaaa: [at.server6] } } },
    ],
    fault: (at) => ({
      client: [`ip -6 route replace default via ${at.client6.replace(/32$/, '33')} dev eth0`],
    }),
    target: 'http://www.lab.test/',
    truth: {
      outcome: ['impaired', 'reachable'],
      causes: ['address-family-broken', ...SILENT_ON_EVERYTHING.causes],
    },
  },
];

const machine: Served[] = [
  {
    name: 'the cable of this machine is out',
    family: 'seventh-cable-out',
    on: world.home1,
    fault: () => ({ r1: ['ip link set lan down'], client: ['sleep 1.5'] }),
    target: (at) => `https://${at.server}/`,
    truth: { outcome: 'unreachable', causes: ['local-no-route', 'local-gateway-down'] },
  },
  {
    name: 'wireless and dock have the same network, the dock is preferred, and the socket in the wall leads nowhere',
    family: 'seventh-two-cards-one-network',
    on: world.campus4,
    listen: [22, 443],
    fault: (at) => ({
      client: [
        `ip link add eth1 type veth peer name wall netns r4; ip link set eth1 up; nsenter --net=/run/netns/r4 ip link set wall up; ip addr add 172.16.4.60/22 dev eth1 metric 100; ip route add default via ${at.hop(1)} dev eth1 metric 100
ip route del default via ${at.hop(1)} dev eth0; ip addr del ${at.client}/22 dev eth0; ip addr add ${at.client}/22 dev eth0 metric 600; ip route add default via ${at.hop(1)} dev eth0 metric 600`,
      ],
    }),
    target: (at) => `https://${at.server}/`,
    truth: { outcome: 'unreachable', causes: ['local-gateway-down'] },
  },
  {
    name: 'the firewall that asks the user (NFQUEUE) has died, and its rule for new connections is still there',
    family: 'seventh-queue-without-a-listener',
    on: world.home5,
    listen: [22, 443],
    fault: () => ({
      client: ['iptables -I OUTPUT ! -o lo -m conntrack --ctstate NEW -j NFQUEUE --queue-num 0'],
    }),
    target: (at) => hostPort(at.server, 443),
    truth: { outcome: 'unreachable', causes: ['local-firewall'], where: [thisMachine] },
  },
  {
    name: 'a policy of IPsec is still here, and the daemon that would agree on keys is dead',
    family: 'seventh-policy-without-a-key',
    on: world.company3,
    listen: [22, 443],
    fault: (at) => ({
      client: [
        `ip xfrm policy add dir out dst ${at.serverNet} tmpl src ${at.client} dst 198.51.100.9 proto esp reqid 1 mode tunnel`,
      ],
    }),
    target: (at) => hostPort(at.server, 443),
    truth: { outcome: 'unreachable', causes: ['local-firewall', 'local-no-route'], where: [thisMachine] },
  },
  {
    name: 'the VPN is up, and the network of the new server was not given to its clients',
    family: 'seventh-route-not-pushed',
    on: world.nat3,
    resolvers: knows('erp.corp.lab.test', '10.77.3.10'),
    fault: (at) => ({
      client: [deafTunnel(at, '10.20.0.0/16', '10.30.0.0/16')],
      r1: [`ip route add default via ${at.hop(2)}`],
    }),
    target: 'https://erp.corp.lab.test/',
    truth: { outcome: 'unreachable', causes: ['private-address-elsewhere', 'routing-unreachable'] },
  },
  {
    name: 'the office has the same private network as the one at home, and its store is looked for here',
    family: 'seventh-same-range-at-both-ends',
    on: world.nat3,
    resolvers: knows('nas.corp.lab.test', '192.168.178.20'),
    fault: (at) => ({ client: [`${deafTunnel(at)}; ip route add 192.168.178.0/24 dev tun0 metric 50`] }),
    target: 'nas.corp.lab.test:445',
    truth: {
      outcome: 'unreachable',
      causes: ['host-down', 'local-subnet-overlap'],
      maxConfidence: LATE_UNREACHABLE_LIMIT,
    },
  },
  {
    name: 'the metadata of a cloud are asked for on a machine that is in none',
    family: 'seventh-metadata-outside-a-cloud',
    on: world.campus4,
    fault: () => ({ client: ['ip route add 169.254.0.0/16 dev eth0 metric 1000'] }),
    target: 'http://169.254.169.254/latest/meta-data/',
    truth: { outcome: 'unreachable', causes: ['host-down'], maxConfidence: LATE_UNREACHABLE_LIMIT },
  },
  {
    name: 'only the proxy leads out, and only the proxy knows names of the world',
    family: 'seventh-only-the-proxy-resolves',
    on: { ...world.company3, neighbour: true },
    tls: true,
    ...proxy,
    resolvers: [knowsNothing],
    env: (at) => ({ https_proxy: `http://${at.neighbour}:3128`, http_proxy: `http://${at.neighbour}:3128` }),
    fault: onlyTheProxy,
    target: 'https://www.lab.test/',
    truth: {
      outcome: 'unreachable',
      causes: ['proxy-required'],
      where: [
        null,
        { kind: 'resolver' },
        thisMachine,
        { kind: 'between' },
        { kind: 'hop' },
        { kind: 'target' },
      ],
    },
  },
  {
    name: 'only the proxy leads out, and no_proxy names the whole domain',
    family: 'seventh-no-proxy-too-wide',
    on: { ...world.home3, neighbour: true },
    tls: true,
    ...proxy,
    env: (at) => ({
      https_proxy: `http://${at.neighbour}:3128`,
      no_proxy: 'localhost,127.0.0.1,.lab.test',
    }),
    fault: onlyTheProxy,
    target: 'https://www.lab.test/',
    truth: {
      outcome: 'unreachable',
      causes: ['proxy-required'],
      where: [null, thisMachine, { kind: 'between' }, { kind: 'hop' }, { kind: 'target' }],
    },
  },
];

export default [...names, ...machine].map(served) satisfies Scenario[];
