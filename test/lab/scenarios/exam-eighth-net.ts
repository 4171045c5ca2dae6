/**
 * The eighth exam, paths, names and this machine, and what is odd and well. Truths were written by somebody who has not seen the rules,
 * and before the first run.
 */
import { speaker, sshd } from '../daemons/others.ts';
import { type Served, served, WELL, WELL_BUT_SLOW } from '../daemons/served.ts';
import { postgresql } from '../daemons/stores.ts';
import { plainSite, secureSite } from '../daemons/web.ts';
import {
  after,
  atHop,
  atTarget,
  beforeAnyHop,
  DROPPED_AT_THE_END,
  forward,
  hostPort,
  input,
  noTimeExceeded,
  route,
  type Scenario,
  SILENT_ON_EVERYTHING,
  thisMachine,
  type WherePattern,
} from '../scenario.ts';
import type { Addresses, Topology } from '../topology.ts';
import * as world from '../worlds.ts';

const company4: Topology = { routers: 4, plan: 'company', families: 4 };
const company5: Topology = { routers: 5, plan: 'company', families: 4 };
const campus5: Topology = { routers: 5, plan: 'campus', families: 4 };
const home3both: Topology = { routers: 3, plan: 'home', families: 'both' };
const home4both: Topology = { routers: 4, plan: 'home', families: 'both' };
const atResolver: WherePattern[] = [{ kind: 'resolver' }];

/** Routers 1 .. n-1 lead an address (or a network) to router n. */
const leadsTo = (at: Addresses, n: number, address: string): Record<string, string[]> =>
  Object.fromEntries(
    Array.from({ length: n - 1 }, (_, i) => [
      `r${i + 1}`,
      [route(`add ADDRESS via ${at.hop(i + 2)}`, address)],
    ]),
  );
const nat = (hook: 'prerouting' | 'postrouting', rule: string): string =>
  `nft 'add table ip nat_${hook}; add chain ip nat_${hook} c { type nat hook ${hook} priority ${hook === 'prerouting' ? 'dstnat' : 'srcnat'}; }; add rule ip nat_${hook} c ${rule}'`;
/** Linux would tell redirects from the same purse as errors, and routers at home tell none. */
const NO_REDIRECTS = 'for i in /proc/sys/net/ipv4/conf/*/send_redirects; do echo 0 > $i; done';
/** Frames within one network do not pass the filters of IP. */
const BRIDGES_ALONE = 'echo 0 > /proc/sys/net/bridge/bridge-nf-call-iptables 2> /dev/null || true';
const httpsPage: Pick<Scenario, 'listen' | 'waitFor' | 'services'> = {
  listen: [],
  services: () => ({ server: ['cd "$DIR"; exec /run/lab/node "$SERVICES/page.js" 443 key.pem chain.pem'] }),
  waitFor: { server: [443] },
};
/** A VPN between this machine (10.8.0.2) and router 2 (10.8.0.1), which works. */
const tunnel = (at: Addresses): { client: string; r2: string } => ({
  client: `ip link add tun0 mtu 1400 type vxlan id 7 local ${at.client} remote ${at.hop(2)} dstport 4789; ip addr add 10.8.0.2/24 dev tun0; ip link set tun0 up`,
  r2: `ip link add tun0 mtu 1400 type vxlan id 7 local ${at.hop(2)} remote ${at.client} dstport 4789; ip addr add 10.8.0.1/24 dev tun0; ip link set tun0 up`,
});
/** Router 1 answers whoever asks a name server, whichever was meant, by the one in this network. */
const namesIntercepted = (at: Addresses): string[] => [
  BRIDGES_ALONE,
  nat('prerouting', `iifname lan ip saddr ${at.client} udp dport 53 dnat to ${at.dns(1)}`),
  nat('postrouting', 'oifname lan ct status dnat masquerade'),
];
const oddResolver = (
  host: string,
  address: string,
  records: Record<string, unknown>,
): { files: Record<string, string>; service: Record<string, string[]> } => ({
  files: { [`odd-${host}.json`]: JSON.stringify({ address, records }) },
  service: { [host]: [`exec /run/lab/node "$SERVICES/exam-resolver.js" "$DIR/odd-${host}.json"`] },
});

const paths: Served[] = [
  {
    // Answers come from 192.168.178.51 and belong to nothing here.
    name: 'the own outside address is led back in to the store, without translating the sender, and the store answers past the router',
    family: 'eighth-hairpin-answers-past-the-router',
    on: { routers: 3, plan: 'home', families: 4, nat: true, neighbour: true },
    listen: [],
    listenOn: { neighbour: [443] },
    fault: (at) => ({
      r1: [
        NO_REDIRECTS,
        BRIDGES_ALONE,
        'ip addr add 198.51.100.200/32 dev east',
        nat('prerouting', `ip daddr 198.51.100.200 tcp dport 443 dnat to ${at.neighbour}`),
      ],
    }),
    target: () => 'https://198.51.100.200/',
    truth: {
      outcome: 'unreachable',
      causes: ['nat-hairpin', 'return-path', ...DROPPED_AT_THE_END.causes],
      maxConfidence: 0.95,
      where: [{ kind: 'between', hop: 1 }, { kind: 'hop', hop: 1 }, atTarget('198.51.100.200')],
    },
  },
  {
    name: 'only the way up has a tunnel of 1000 octets, which tells nobody: pages come, and what is uploaded hangs',
    family: 'eighth-small-way-up',
    on: company4,
    tls: { rsa: true },
    ...httpsPage,
    fault: () => ({ r2: [forward('iifname west meta length > 1000 drop')] }),
    target: 443,
    flags: () => ['--ca', 'root.pem', '--answer', 'symptom=hangs'],
    truth: { outcome: ['impaired', 'reachable'], causes: ['path-mtu-blackhole'], maxConfidence: 0.97 },
  },
  {
    name: 'somebody has plugged in a second box with the address of the gateway, and it answers first and leads nowhere',
    family: 'eighth-second-box-with-the-address-of-the-gateway',
    on: { ...world.campus4, neighbour: true },
    listen: [22, 443],
    fault: (at) => ({
      neighbour: [
        NO_REDIRECTS,
        `echo 1 > /proc/sys/net/ipv4/ip_forward; ip route del default; ip addr del ${at.neighbour}/22 dev eth0; ip addr add ${at.hop(1)}/22 dev eth0`,
      ],
      r1: [
        `nft 'add table arp late; add chain arp late c { type filter hook input priority 0; }; add rule arp late c arp saddr ip ${at.client} drop'`,
      ],
    }),
    target: (at) => `https://${at.server}/`,
    truth: (at) => ({ outcome: 'unreachable', causes: ['routing-unreachable'], where: [atHop(at, 1)] }),
  },
  {
    name: 'an address of an overlay network (100.64.0.0/10, as Tailscale has it) is typed on a machine where it is off',
    family: 'eighth-overlay-network-off',
    on: company4,
    listen: [22],
    fault: (at) => ({
      ...leadsTo(at, 4, '100.64.0.0/10'),
      r4: ['ip route add blackhole 100.64.0.0/10'],
    }),
    target: () => 'ssh://100.101.102.103',
    truth: (at) => ({
      outcome: 'unreachable',
      causes: ['private-address-elsewhere', ...SILENT_ON_EVERYTHING.causes],
      where: [after(at, 3), null, thisMachine],
    }),
  },
  {
    // externalTrafficPolicy: Local.
    name: 'a NodePort of Kubernetes by the addresses of two nodes, and one of them has no pod of it and drops',
    family: 'eighth-node-without-a-pod',
    on: { ...world.company3, sibling: true },
    listen: [22, 30443],
    listenOn: { sibling: [22, 30443] },
    resolvers: (at) => [
      { mode: 'normal', records: { 'nodes.k8s.lab.test': { a: [at.server, at.sibling] } } },
    ],
    fault: () => ({ sibling: ['iptables -t mangle -A PREROUTING -p tcp --dport 30443 -j DROP'] }),
    target: () => 'nodes.k8s.lab.test:30443',
    truth: { outcome: 'impaired', causes: ['address-partly-down', ...DROPPED_AT_THE_END.causes] },
  },
  {
    name: 'the provider leads all mail on 25 to its own relay, which answers in the place of every mail server',
    family: 'eighth-mail-led-to-the-relay-of-the-provider',
    on: world.home5,
    listen: [22, 25],
    daemons: {
      r2: [
        speaker(25, {
          greeting: '220 out.provider.example ESMTP relay\r\n',
          replies: { '^EHLO': '250 out.provider.example\r\n', '^QUIT': '221 Bye\r\n' },
          reply: '250 OK\r\n',
        }),
      ],
    },
    fault: () => ({ r2: [nat('prerouting', 'iifname west tcp dport 25 redirect to :25')] }),
    target: 25,
    truth: {
      outcome: ['reachable', 'impaired'],
      causes: ['middlebox-intercept'],
      where: [{ kind: 'hop', hop: 2 }],
    },
  },
  {
    name: 'the far end of the VPN prohibits remote desktop to its clients and says so',
    family: 'eighth-vpn-gateway-prohibits',
    on: world.company3,
    listen: [22, 3389],
    fault: (at) => ({
      client: [tunnel(at).client, 'ip route add 10.77.0.0/16 via 10.8.0.1 dev tun0'],
      r2: [tunnel(at).r2, forward('iifname tun0 tcp dport { 445, 3389 } reject with icmp admin-prohibited')],
      r3: [`ip route add 10.8.0.0/24 via ${at.farSide(2)}`],
    }),
    target: 3389,
    truth: {
      outcome: 'unreachable',
      causes: ['network-firewall-reject'],
      where: [{ kind: 'hop', hop: 1, address: '10.8.0.1' }],
    },
  },
  {
    name: 'a bad cable at router 3: what is large is lost four times in ten, what is small passes',
    family: 'eighth-bad-cable',
    on: world.home5,
    tls: { rsa: true },
    ...httpsPage,
    fault: () => ({ r3: [forward('meta length > 500 numgen random mod 10 < 4 drop')] }),
    target: 443,
    flags: () => ['--ca', 'root.pem', '--answer', 'symptom=intermittent'],
    truth: { outcome: ['impaired', 'reachable'], causes: ['path-loss', 'path-mtu-blackhole'] },
  },
  {
    name: 'Windows has taken the network for a public one: file sharing alone is let in, remote desktop and ping are not',
    family: 'eighth-public-profile',
    on: company5,
    listen: [445, 3389],
    fault: () => ({
      r3: [noTimeExceeded],
      server: [
        'echo 128 > /proc/sys/net/ipv4/ip_default_ttl; iptables -A INPUT -m conntrack --ctstate ESTABLISHED,RELATED -j ACCEPT; iptables -A INPUT -p tcp --dport 445 -j ACCEPT; iptables -P INPUT DROP',
      ],
    }),
    target: 3389,
    truth: (at) => ({
      outcome: 'unreachable',
      ...DROPPED_AT_THE_END,
      where: [after(at, 5), atTarget(at.server)],
    }),
  },
  {
    name: 'the router at home has its pages for administrators closed to this network, and answers ping and everything else',
    family: 'eighth-pages-of-the-router-closed',
    on: world.home3,
    listen: [],
    listenOn: { r1: [53, 80, 443] },
    fault: () => ({ r1: [input('iifname lan tcp dport { 80, 443 } drop')] }),
    target: (at) => `https://${at.hop(1)}/`,
    truth: (at) => ({
      outcome: 'unreachable',
      causes: DROPPED_AT_THE_END.causes,
      maxConfidence: 0.97,
      where: [atTarget(at.hop(1)), ...beforeAnyHop],
    }),
  },
  {
    // As with a card or an overlay network that promises to sum and does not. The receiver's kernel throws it away and counts it.
    name: 'whatever the host sends by TCP has a wrong checksum, ping is well',
    family: 'eighth-wrong-checksums',
    on: world.campus4,
    listen: [22, 443],
    fault: (at) => ({
      server: [
        // SIOCETHTOOL, ETHTOOL_STXCSUM = 0: as "ethtool -K eth0 tx off".
        `perl -e 'use Socket; socket(S, AF_INET, SOCK_DGRAM, 0) or die; my $v = pack("LL", 0x17, 0); ioctl(S, 0x8946, pack("a16 p x16", "eth0", $v)) or die "$!"'`,
      ],
      r4: [forward(`ip saddr ${at.server} meta l4proto tcp tcp checksum set 0xbeef`)],
    }),
    target: (at) => hostPort(at.server, 22),
    truth: (at) => ({
      outcome: 'unreachable',
      causes: ['return-path', 'path-loss', ...DROPPED_AT_THE_END.causes],
      maxConfidence: 0.85,
      where: [after(at, 4), atTarget(at.server)],
    }),
  },
  {
    name: 'the filter of the company has the host among games and leads its visitors to a page that says so',
    family: 'eighth-category-of-games',
    on: company4,
    listen: [22, 80],
    resolvers: (at) => [{ mode: 'normal', records: { 'play.lab.test': { a: [at.server] } } }],
    daemons: {
      r2: [
        speaker(8080, {
          reply:
            'HTTP/1.1 302 Found\r\nLocation: http://webfilter.corp.test/blocked?category=games\r\nContent-Length: 0\r\nConnection: close\r\n\r\n',
          end: 'fin',
        }),
      ],
    },
    fault: (at) => ({
      r2: [nat('prerouting', `iifname west ip daddr ${at.server} tcp dport 80 redirect to :8080`)],
    }),
    target: 'http://play.lab.test/',
    truth: (at) => ({
      outcome: ['reachable', 'impaired'],
      causes: ['middlebox-intercept', 'captive-portal', 'http-error'],
      where: [{ kind: 'hop', hop: 2 }, atTarget(at.server)],
    }),
  },
  {
    name: 'a link behind router 3 goes down for two seconds and comes back for three, again and again',
    family: 'eighth-flapping-link',
    on: world.campus4,
    listen: [22],
    services: () => ({
      r3: [
        `${forward('meta mark 0x77 drop')}; while :; do nft add rule inet forward_lab c drop; sleep 2; nft flush chain inet forward_lab c; sleep 3; done`,
      ],
    }),
    target: 22,
    flags: () => ['--answer', 'symptom=intermittent'],
    // Chance decides what falls into which seconds.
    truth: [
      { outcome: ['impaired', 'reachable'], causes: ['path-loss'] },
      {
        outcome: 'unreachable',
        causes: ['path-loss', ...SILENT_ON_EVERYTHING.causes],
        maxConfidence: SILENT_ON_EVERYTHING.maxConfidence,
      },
    ],
  },
];

const names: Served[] = [
  {
    name: 'an alias in the zone has lost the dot at its end (web1.lab.test.lab.test)',
    family: 'eighth-alias-without-its-dot',
    on: world.home3v6,
    listen: [22, 443],
    resolvers: (at) => [
      {
        mode: 'normal',
        records: {
          'www.lab.test': { cname: 'web1.lab.test.lab.test' },
          'web1.lab.test': { aaaa: [at.server] },
        },
      },
    ],
    target: 'https://www.lab.test/',
    truth: { outcome: 'unreachable', causes: ['dns-name-not-found'], where: atResolver },
  },
  {
    name: 'a hotel answers every question for names itself, and the resolver of the company, which is set here, is never asked',
    family: 'eighth-names-intercepted',
    on: { routers: 3, plan: 'home', families: 4, sibling: true },
    listen: [22],
    resolvers: [{ mode: 'normal', records: {}, outside: true }],
    files: (at) => ({
      'resolv.conf': `nameserver ${at.sibling}\n`,
      ...oddResolver('sibling', at.sibling, { 'git.corp.lab.test': { a: [at.server] } }).files,
    }),
    services: (at) => oddResolver('sibling', at.sibling, {}).service,
    waitFor: { sibling: [53] },
    fault: (at) => ({ r1: namesIntercepted(at) }),
    target: 'git.corp.lab.test:22',
    truth: {
      outcome: 'unreachable',
      causes: ['dns-name-not-found', 'dns-answers-differ', 'middlebox-intercept'],
      where: [...atResolver, { kind: 'hop', hop: 1 }],
    },
  },
  {
    name: 'the router at home takes private addresses out of the answers of public names (rebind protection)',
    family: 'eighth-rebind-protection',
    on: world.company2,
    listen: [22, 443],
    resolvers: (at) => [
      { mode: 'normal', records: { 'nas.dyn.test': {} } },
      { mode: 'normal', outside: true, records: { 'nas.dyn.test': { a: [at.server] } } },
    ],
    target: 'https://nas.dyn.test/',
    flags: (at) => ['--resolver', at.dns(2)],
    truth: {
      outcome: 'unreachable',
      causes: ['dns-answers-differ', 'dns-no-address'],
      where: atResolver,
    },
  },
  {
    name: 'the hosts file, which alone has the name, was written by root with a umask of 077',
    family: 'eighth-hosts-file-unreadable',
    on: world.company2,
    listen: [22],
    resolvers: [{ mode: 'normal', records: {} }],
    hostsFile: (at) => [`${at.server} build.lab.test build`],
    fault: () => ({ client: ['chmod 600 "$DIR/hosts"'] }),
    target: 'build.lab.test:22',
    truth: { outcome: 'unreachable', causes: ['dns-name-not-found'] },
  },
  {
    name: 'a server at home by its dynamic name: IPv4 has no port forward any more, and the router lets no IPv6 in',
    family: 'eighth-server-at-home',
    on: home4both,
    listen: [22, 443],
    resolvers: (at) => [
      { mode: 'normal', records: { 'home.dyn.test': { a: [at.hop(4)], aaaa: [at.server6] } } },
    ],
    fault: () => ({
      r4: [forward('iifname west oifname srv meta nfproto ipv6 meta l4proto tcp drop')],
    }),
    target: 'https://home.dyn.test/',
    truth: (at) => ({
      outcome: 'unreachable',
      causes: ['port-closed', ...DROPPED_AT_THE_END.causes],
      maxConfidence: 0.97,
      where: [{ kind: 'between', hop: 4 }, atTarget(at.server6), atTarget(at.hop(4))],
    }),
  },
];

const machine: Served[] = [
  {
    // Router 1 has no way to the old network: not even its own errors come back.
    name: 'the provider has given a new network overnight, and this machine still has its IPv6 address of the old one; IPv4 is well',
    family: 'eighth-old-prefix',
    on: home3both,
    listen: [22, 80],
    resolvers: (at) => [
      { mode: 'normal', records: { 'www.lab.test': { a: [at.server4], aaaa: [at.server6] } } },
    ],
    fault: (at) => ({
      r1: [
        `ip -6 addr add fe80::1/64 dev lan nodad; ip -6 addr del ${at.hop6(1)}/64 dev lan; ip -6 addr add 2001:db8:5:20::1/64 dev lan nodad`,
      ],
      r2: ['ip -6 route del 2001:db8:5:10::/64'],
      r3: ['ip -6 route del 2001:db8:5:10::/64'],
      client: ['ip -6 route replace default via fe80::1 dev eth0'],
    }),
    target: 'http://www.lab.test/',
    truth: {
      outcome: ['impaired', 'reachable'],
      causes: ['address-family-broken', ...SILENT_ON_EVERYTHING.causes],
    },
  },
  {
    name: 'a script that shapes the traffic of this machine has a burst smaller than a packet (tbf): what is large is never sent',
    family: 'eighth-own-shaper',
    on: world.home3,
    tls: true,
    daemons: { server: [secureSite()] },
    fault: () => ({ client: ['tc qdisc add dev eth0 root tbf rate 20mbit burst 400 limit 30000'] }),
    target: 443,
    truth: (at) => ({
      outcome: 'impaired',
      causes: ['path-mtu-blackhole', 'local-firewall', 'local-resources'],
      where: [thisMachine, null, { kind: 'between' }, atTarget(at.server)],
    }),
  },
  {
    name: 'a router has advertised a hop limit of 2, and this machine has taken it',
    family: 'eighth-hop-limit-by-advertisement',
    on: world.campus4v6,
    listen: [22, 443],
    fault: () => ({ client: ['echo 2 > /proc/sys/net/ipv6/conf/eth0/hop_limit'] }),
    target: (at) => `https://[${at.server}]/`,
    truth: (at) => ({
      outcome: 'unreachable',
      causes: ['local-default-ttl'],
      where: [thisMachine, atHop(at, 2)],
    }),
  },
  {
    name: 'the card was put into a bridge for virtual machines, and the address stayed on the card',
    family: 'eighth-card-in-a-bridge',
    on: world.home3,
    listen: [22, 443],
    fault: () => ({
      client: [
        'ip link add br0 type bridge forward_delay 0; ip link set eth0 master br0; ip link set br0 up; sleep 0.3',
      ],
    }),
    target: (at) => `https://${at.server}/`,
    truth: { outcome: 'unreachable', causes: ['local-gateway-down'] },
  },
  {
    name: 'the web leads out by the proxy alone, and the proxy is set by a name that is no more',
    family: 'eighth-name-of-the-proxy',
    on: world.company3,
    tls: true,
    daemons: { server: [secureSite()] },
    env: () => ({
      https_proxy: 'http://proxy-old.corp.test:3128',
      http_proxy: 'http://proxy-old.corp.test:3128',
    }),
    fault: () => ({ r1: [forward('iifname lan oifname east tcp dport { 80, 443 } drop')] }),
    target: 'https://www.lab.test/',
    truth: (at) => ({
      outcome: 'unreachable',
      causes: ['network-firewall-drop', 'proxy-required', 'egress-port-block'],
      where: [after(at, 1), null, thisMachine, { kind: 'resolver' }],
    }),
  },
];

const well: Served[] = [
  {
    name: 'well, the address of the host ends in .255 and is an ordinary one of a /22',
    family: 'eighth-well-address-of-255',
    on: world.company3,
    daemons: { server: [sshd()] },
    fault: (at) => ({
      ...leadsTo(at, 3, '10.77.8.0/22'),
      r3: ['ip addr add 10.77.8.1/22 dev srv'],
      server: ['ip addr add 10.77.8.255/22 dev eth0'],
    }),
    target: () => '10.77.8.255:22',
    truth: WELL,
  },
  {
    name: 'well, the company has 100.64.0.0/10 for its clusters, and one router on the way never tells',
    family: 'eighth-well-shared-addresses-inside',
    on: company4,
    daemons: { server: [postgresql()] },
    fault: (at) => ({
      ...leadsTo(at, 4, '100.64.0.0/10'),
      r4: [`ip route add 100.64.0.0/10 via ${at.server}`],
      server: ['ip addr add 100.64.200.10/32 dev lo'],
      r3: [noTimeExceeded, `ip route add 100.64.0.0/10 via ${at.hop(4)}`],
    }),
    target: () => '100.64.200.10:5432',
    truth: WELL,
  },
  {
    name: 'well, the month has used up its data, and what is left is 64 kbit/s',
    family: 'eighth-well-throttled',
    on: world.nat3,
    tls: true,
    daemons: { server: [secureSite()] },
    fault: () => ({
      r1: ['for i in lan east; do tc qdisc add dev $i root tbf rate 64kbit burst 3000 limit 100000; done'],
    }),
    target: 443,
    truth: WELL_BUT_SLOW,
  },
  {
    name: 'well, every packet to the host comes twice (a mirror port that leads back)',
    family: 'eighth-well-twice',
    on: company4,
    tls: true,
    daemons: { server: [secureSite()] },
    fault: (at) => ({ r2: [`iptables -t mangle -A PREROUTING -i west -j TEE --gateway ${at.hop(3)}`] }),
    target: 443,
    truth: WELL,
  },
  {
    name: 'well, the stub resolver of this machine (127.0.0.53) answers, as most distributions have it',
    family: 'eighth-well-stub-resolver',
    on: world.home3v6,
    daemons: { server: [sshd()] },
    files: (at) => ({
      'resolv.conf': 'nameserver 127.0.0.53\noptions edns0 trust-ad\nsearch .\n',
      ...oddResolver('client', '127.0.0.53', { 'git.lab.test': { aaaa: [at.server] } }).files,
    }),
    services: () => oddResolver('client', '127.0.0.53', {}).service,
    target: 'git.lab.test:22',
    truth: WELL,
  },
  {
    name: 'well, the network here has unique local addresses of IPv6 alone and no way out by it, and the name has both families',
    family: 'eighth-well-unique-local-alone',
    on: home3both,
    daemons: { server: [plainSite()] },
    resolvers: (at) => [
      { mode: 'normal', records: { 'www.lab.test': { a: [at.server4], aaaa: [at.server6] } } },
    ],
    fault: () => ({
      client: [
        'ip -6 route del default; ip -6 addr flush dev eth0 scope global; ip -6 addr add fd12:3456:789a::32/64 dev eth0 nodad',
      ],
    }),
    target: 'http://www.lab.test/',
    truth: WELL,
  },
  {
    name: 'well, packets of the host begin with a TTL of 40, and router 3 takes two for itself',
    family: 'eighth-well-odd-ttl',
    on: campus5,
    tls: true,
    daemons: { server: [secureSite()] },
    fault: () => ({
      server: ['echo 40 > /proc/sys/net/ipv4/ip_default_ttl'],
      r3: ['iptables -t mangle -A PREROUTING -m ttl --ttl-gt 2 -j TTL --ttl-dec 1'],
    }),
    target: 443,
    truth: WELL,
  },
  {
    name: 'well, a VPN takes everything, by rules as wg-quick makes them, and translates at its far end',
    family: 'eighth-well-full-tunnel',
    on: world.home3,
    tls: true,
    daemons: { server: [secureSite()] },
    fault: (at) => ({
      client: [
        tunnel(at).client,
        `ip route add ${at.hop(2)} via ${at.hop(1)}; ip route add default via 10.8.0.1 dev tun0 table 51820; ip rule add not fwmark 51820 table 51820; ip rule add table main suppress_prefixlength 0`,
      ],
      r2: [tunnel(at).r2, nat('postrouting', 'ip saddr 10.8.0.0/24 oifname east masquerade')],
    }),
    target: 443,
    truth: WELL,
  },
  {
    name: 'well, the router answers every question for names itself, and rightly, whichever resolver was set',
    family: 'eighth-well-names-intercepted',
    on: world.nat3,
    daemons: { server: [plainSite()] },
    resolvers: (at) => [{ mode: 'normal', outside: true, records: { 'www.lab.test': { a: [at.server] } } }],
    files: () => ({ 'resolv.conf': 'nameserver 198.51.100.53\n' }),
    fault: (at) => ({ r1: namesIntercepted(at) }),
    target: 'http://www.lab.test/',
    truth: WELL,
  },
];

export default [...paths, ...names, ...machine, ...well].map(served) satisfies Scenario[];
