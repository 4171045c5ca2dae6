/**
 * The sixth exam, paths and hosts: what working people meet every week, in varied surroundings. Truths were written by somebody who
 * has not seen the rules, and before the first run.
 */
import { type Served, served } from '../daemons/served.ts';
import {
  after,
  atHop,
  atTarget,
  DROPPED_AT_THE_END,
  forward,
  hostPort,
  input,
  LATE_UNREACHABLE_LIMIT,
  loopBetween,
  noEcho,
  noTimeExceeded,
  output,
  prerouting,
  RESET_BY_HOST_LIMIT,
  type Scenario,
  SILENT_ON_EVERYTHING,
  tellsOnceASecond,
  thisMachine,
} from '../scenario.ts';
import type { Topology } from '../topology.ts';
import * as world from '../worlds.ts';

const home4nat: Topology = { routers: 4, plan: 'home', families: 4, nat: true };
const home5nat: Topology = { routers: 5, plan: 'home', families: 4, nat: true };
const campus3v6: Topology = { routers: 3, plan: 'campus', families: 6 };
const campus5: Topology = { routers: 5, plan: 'campus', families: 4 };
const home3both: Topology = { routers: 3, plan: 'home', families: 'both' };

/** `ufw enable` with SSH and ping let in, as it is after the installation. */
const UFW = [
  'iptables -P INPUT DROP',
  'iptables -A INPUT -i lo -j ACCEPT',
  'iptables -A INPUT -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT',
  'iptables -A INPUT -p icmp --icmp-type echo-request -j ACCEPT',
  'iptables -A INPUT -p tcp --dport 22 -j ACCEPT',
].join('; ');

const scenarios: Served[] = [
  {
    name: 'the web server was installed and ufw of the host was not told of 443',
    family: 'sixth-ufw-forgotten-port',
    on: home4nat,
    listen: [22, 443],
    fault: () => ({ server: [UFW], r3: [noTimeExceeded] }),
    target: (at) => `https://${at.server}/`,
    truth: (at) => ({ outcome: 'unreachable', ...DROPPED_AT_THE_END, where: [after(at, 4)] }),
  },
  {
    name: 'firewalld of the host knows SSH alone and rejects PostgreSQL on an unusual port',
    family: 'sixth-firewalld-zone',
    on: world.company3v6,
    listen: [22, 15432],
    fault: () => ({
      r2: [tellsOnceASecond],
      server: [
        input('ct state established,related accept'),
        input('meta l4proto icmpv6 accept'),
        input('tcp dport 22 accept'),
        input('meta l4proto tcp reject with icmpx admin-prohibited'),
      ],
    }),
    target: (at) => hostPort(at.server, 15432),
    flags: () => ['--service', 'postgresql'],
    truth: (at) => ({
      outcome: 'unreachable',
      causes: ['host-firewall-reject'],
      where: [atTarget(at.server)],
    }),
  },
  {
    // From a closed port this differs in nothing that a client could see.
    name: 'iptables of the host resets MySQL for everybody but the web server',
    family: 'sixth-host-resets-strangers',
    on: world.campus4,
    listen: [22, 80, 3306],
    fault: () => ({
      r1: [noEcho(forward)],
      server: ['iptables -A INPUT -p tcp --dport 3306 ! -s 172.24.9.140 -j REJECT --reject-with tcp-reset'],
    }),
    target: (at) => `mysql://${at.server}`,
    truth: (at) => ({
      outcome: 'unreachable',
      causes: ['port-closed', 'host-firewall-reject'],
      maxConfidence: RESET_BY_HOST_LIMIT,
      where: [atTarget(at.server)],
    }),
  },
  {
    name: 'the firewall of the office lets out the web and DNS alone, and SSH is wanted; a reference host has SSH too',
    family: 'sixth-office-lets-out-the-web',
    on: { routers: 4, plan: 'home', families: 4, elsewhere: 3 },
    listen: [22, 443],
    listenOn: { elsewhere: [22, 443] },
    fault: () => ({
      r2: [
        forward('ct state established,related accept'),
        forward('meta l4proto icmp accept'),
        forward('tcp dport { 53, 80, 443 } accept'),
        forward('udp dport { 53, 123, 443 } accept'),
        forward('drop'),
      ],
    }),
    target: (at) => `ssh://${at.server}`,
    flags: (at) => ['--control', at.elsewhere],
    truth: (at) => ({
      outcome: 'unreachable',
      causes: ['egress-port-block', 'network-firewall-drop'],
      where: [after(at, 2)],
    }),
  },
  {
    name: 'router 2 prohibits 8443 and tells so once a second at most, router 3 never tells',
    family: 'sixth-prohibited-and-seldom-said',
    on: world.company3,
    listen: [22, 8443],
    fault: () => ({
      r2: [tellsOnceASecond, forward('tcp dport 8443 reject with icmp admin-prohibited')],
      r3: [noTimeExceeded],
    }),
    resolvers: (at) => [{ mode: 'normal', records: { 'console.lab.test': { a: [at.server] } } }],
    target: () => 'https://console.lab.test:8443/',
    truth: (at) => ({
      outcome: 'unreachable',
      causes: ['network-firewall-reject'],
      where: [{ kind: 'hop', address: at.hop(2) }],
    }),
  },
  {
    name: 'the router at home resets mail that goes out on 25',
    family: 'sixth-first-router-resets-mail',
    on: home5nat,
    listen: [22, 25, 587],
    fault: () => ({ r1: [forward('tcp dport 25 reject with tcp reset')] }),
    target: (at) => hostPort(at.server, 25),
    truth: () => ({
      outcome: 'unreachable',
      causes: ['network-firewall-reject', 'provider-port-block'],
      where: [
        { kind: 'between', hop: 1 },
        { kind: 'hop', hop: 1 },
      ],
    }),
  },
  {
    name: 'the wiki was switched off for the weekend',
    family: 'sixth-host-off-by-url',
    on: campus3v6,
    listen: [80],
    fault: () => ({ r1: [tellsOnceASecond], server: ['ip link set eth0 down'] }),
    resolvers: (at) => [{ mode: 'normal', records: { 'wiki.lab.test': { aaaa: [at.server] } } }],
    target: () => 'http://wiki.lab.test/start',
    truth: (at) => ({
      outcome: 'unreachable',
      causes: ['host-down'],
      maxConfidence: LATE_UNREACHABLE_LIMIT,
      where: [after(at, 3)],
    }),
  },
  {
    name: 'the VPN is off, the name is one of the company, and the provider drops private addresses',
    family: 'sixth-vpn-off',
    on: world.nat3,
    fault: (at) => ({
      r1: [`ip route add default via ${at.hop(2)}`],
      r2: ['ip route add blackhole 10.0.0.0/8'],
    }),
    resolvers: () => [{ mode: 'normal', records: { 'erp.corp.lab.test': { a: ['10.40.7.12'] } } }],
    target: () => 'https://erp.corp.lab.test/login',
    truth: () => ({ outcome: 'unreachable', causes: ['private-address-elsewhere'] }),
  },
  {
    name: 'the access list of the data centre has no high ports, and a search engine is wanted',
    family: 'sixth-access-list-of-high-ports',
    on: campus5,
    listen: [22, 443, 9200],
    fault: () => ({
      r2: [tellsOnceASecond],
      r4: [prerouting('iifname west tcp dport 1024-65535 drop')],
    }),
    target: (at) => hostPort(at.server, 9200),
    flags: () => ['--service', 'http', '--ports', '22,443'],
    truth: (at) => ({ outcome: 'unreachable', causes: ['network-firewall-drop'], where: [after(at, 3)] }),
  },
  {
    name: 'router 3 has lost the route to the network of the host, and router 2 never tells',
    family: 'sixth-route-lost',
    on: world.home5,
    listen: [80],
    fault: (at) => ({ r2: [noTimeExceeded], r3: [`ip route del ${at.serverNet}`] }),
    resolvers: (at) => [{ mode: 'normal', records: { 'shop.lab.test': { a: [at.server] } } }],
    target: () => 'http://shop.lab.test/',
    truth: (at) => ({ outcome: 'unreachable', causes: ['routing-unreachable'], where: [atHop(at, 3)] }),
  },
  {
    name: 'router 3 sends what it does not know back where it came from',
    family: 'sixth-default-sends-it-back',
    on: world.campus4v6,
    listen: [22, 443],
    fault: (at) => ({
      r3: [`ip -6 route del ${at.serverNet}; ip -6 route add default via ${at.farSide(2)}`],
    }),
    target: (at) => hostPort(at.server, 443),
    truth: () => ({ outcome: 'unreachable', causes: ['routing-loop'], where: loopBetween(2, 3) }),
  },
  {
    name: 'the router of the office forwards remote desktop to a machine where it is off',
    family: 'sixth-forward-to-closed-port',
    on: world.home3,
    listen: [22],
    fault: (at) => ({
      r3: [
        `nft 'add table ip pf; add chain ip pf c { type nat hook prerouting priority dstnat; }; add rule ip pf c iifname west tcp dport 3389 dnat to ${at.server}'`,
        input('iifname west ct state new drop'),
      ],
    }),
    target: (at) => hostPort(at.hop(3), 3389),
    truth: (at) => ({
      outcome: 'unreachable',
      causes: ['port-closed'],
      maxConfidence: RESET_BY_HOST_LIMIT,
      where: [atTarget(at.hop(3))],
    }),
  },
  {
    name: 'the router of a friend was replaced, and the port forward of his media server is not there any more',
    family: 'sixth-forward-forgotten',
    on: home4nat,
    // The address was that of router 4 in 100.64.0.0/10 at first, a private one, and no name of dynamic DNS leads there.
    fault: (at) => ({
      r1: [`ip route add 198.51.100.7 via ${at.hop(2)}`],
      r2: [`ip route add 198.51.100.7 via ${at.hop(3)}`],
      r3: [`ip route add 198.51.100.7 via ${at.hop(4)}`],
      r4: ['ip addr add 198.51.100.7/32 dev lo', input('iifname west ct state new drop')],
    }),
    resolvers: () => [{ mode: 'normal', records: { 'media.dyn.lab.test': { a: ['198.51.100.7'] } } }],
    target: () => 'media.dyn.lab.test:32400',
    truth: (at) => ({ outcome: 'unreachable', ...SILENT_ON_EVERYTHING, where: [after(at, 3)] }),
  },
  {
    // Router 3 tells the server that its packets are too large (1400), and the firewall of the server does not hear it.
    name: 'a link of 1400 octets, and the firewall of the web server drops ICMP: what is large does not come',
    family: 'sixth-server-deaf-to-sizes',
    on: { routers: 3, plan: 'company', families: 4, mtu: { 2: 1400 } },
    tls: { rsa: true },
    listen: [],
    services: () => ({ server: ['cd "$DIR"; exec /run/lab/node "$SERVICES/page.js" 443 key.pem chain.pem'] }),
    waitFor: { server: [443] },
    fault: () => ({ server: [input('meta l4proto icmp drop')] }),
    target: 443,
    truth: {
      outcome: 'impaired',
      causes: ['path-mtu-blackhole'],
      maxConfidence: 0.97,
    },
  },
  {
    name: 'a bad radio link: one packet in five is lost at router 1, both ways, and it is said to come and go',
    family: 'sixth-lossy-radio',
    on: world.home3,
    listen: [22, 443],
    fault: () => ({ r1: [forward('numgen random mod 100 < 20 drop')] }),
    target: (at) => hostPort(at.server, 22),
    flags: () => ['--answer', 'symptom=intermittent'],
    // Had a limit of 0.97, which was a mistake: loss on several ports and of ping is counted, not inferred.
    truth: { outcome: ['impaired', 'reachable'], causes: ['path-loss'] },
  },
  {
    name: 'a hardening script of this machine put the network of the host on a list',
    family: 'sixth-own-block-list',
    on: world.home3,
    listen: [22, 443],
    fault: (at) => ({ client: [output(`ip daddr { 198.51.100.0/24, ${at.serverNet} } counter drop`)] }),
    resolvers: (at) => [{ mode: 'normal', records: { 'git.lab.test': { a: [at.server] } } }],
    target: () => 'git.lab.test:22',
    truth: { outcome: 'unreachable', causes: ['local-firewall'], where: [thisMachine] },
  },
  {
    name: 'a typing error in the gateway of this machine',
    family: 'sixth-gateway-typo',
    on: world.campus4,
    listen: [80],
    fault: (at) => ({ client: [`ip route replace default via ${at.unusedHere}`] }),
    target: (at) => `http://${at.server}/`,
    truth: { outcome: 'unreachable', causes: ['local-gateway-down'] },
  },
  {
    name: 'docker-compose has taken 10.77.0.0/16 for a network of its own, and the company has servers there',
    family: 'sixth-docker-takes-the-range',
    on: world.company2,
    listen: [22, 443],
    fault: () => ({
      client: [
        'ip link add docker0 type bridge; ip addr add 172.17.0.1/16 dev docker0; ip link set docker0 up',
        'ip link add br-1c94e07af2d1 type bridge; ip addr add 10.77.0.1/16 dev br-1c94e07af2d1; ip link set br-1c94e07af2d1 up',
      ],
    }),
    resolvers: (at) => [{ mode: 'normal', records: { 'ci.lab.test': { a: [at.server] } } }],
    target: () => 'https://ci.lab.test/',
    truth: { outcome: 'unreachable', causes: ['local-subnet-overlap'], where: [thisMachine] },
  },
  {
    name: 'fail2ban of the host has banned this address from SSH (its usual rule: port-unreachable)',
    family: 'sixth-fail2ban-usual-rule',
    on: world.nat3,
    listen: [22, 80],
    fault: (at) => ({
      server: [
        `iptables -N f2b-sshd; iptables -A f2b-sshd -s ${at.farSide(1)} -j REJECT --reject-with icmp-port-unreachable; iptables -A f2b-sshd -j RETURN; iptables -I INPUT -p tcp -m multiport --dports 22 -j f2b-sshd`,
      ],
    }),
    // Was ssh://root@...: a user name in a target is refused, by a usage error that says so.
    target: (at) => `ssh://${at.server}`,
    flags: () => ['--answer', 'worked-before=yes', '--answer', 'others-can-reach=yes'],
    truth: (at) => ({
      outcome: 'unreachable',
      causes: ['client-banned', 'host-firewall-reject'],
      where: [atTarget(at.server)],
    }),
  },
  {
    name: 'the printer down the hall is off',
    family: 'sixth-printer-off',
    on: { routers: 2, plan: 'company', families: 4, neighbour: true },
    fault: () => ({ neighbour: ['ip link set eth0 down'] }),
    target: (at) => hostPort(at.neighbour, 9100),
    truth: { outcome: 'unreachable', causes: ['host-down'], maxConfidence: LATE_UNREACHABLE_LIMIT },
  },
  {
    // SYN-ACK, RST and echo replies belong to nothing that this firewall has seen.
    name: 'answers come back by another firewall, which knows nothing of their connections and drops them',
    family: 'sixth-stateful-on-the-way-back',
    on: { routers: 3, plan: 'company', families: 4, asymmetric: true },
    listen: [22, 443],
    fault: () => ({ back: [forward('ct state invalid drop')] }),
    target: (at) => hostPort(at.server, 443),
    truth: (at) => ({ outcome: 'unreachable', ...SILENT_ON_EVERYTHING, where: [after(at, 3)] }),
  },
  {
    name: 'the firewall of the host was opened for IPv4 and IPv6 was forgotten',
    family: 'sixth-ip6tables-forgotten',
    on: home3both,
    listen: [22, 80],
    fault: () => ({
      server: [
        'ip6tables -A INPUT -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT; ip6tables -A INPUT -p icmpv6 -j ACCEPT; ip6tables -A INPUT -i lo -j ACCEPT; ip6tables -A INPUT -p tcp --dport 22 -j ACCEPT; ip6tables -P INPUT DROP',
      ],
    }),
    resolvers: (at) => [
      { mode: 'normal', records: { 'www.lab.test': { a: [at.server4], aaaa: [at.server6] } } },
    ],
    target: () => 'http://www.lab.test/',
    truth: {
      outcome: ['impaired', 'reachable'],
      causes: ['address-family-broken', 'host-firewall-drop', 'network-firewall-drop'],
    },
  },
];

export default scenarios.map(served) satisfies Scenario[];
