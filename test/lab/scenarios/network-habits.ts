/** Firewalls' habits, egress rules, portals. Truths were written before the first run. */
import { speaker, sshd } from '../daemons/others.ts';
import { type Served, served, WELL } from '../daemons/served.ts';
import { squid } from '../daemons/web.ts';
import {
  after,
  atHop,
  forward,
  from,
  hostPort,
  input,
  noTimeExceeded,
  prerouting,
  type Scenario,
  type Truth,
  tellsOnceASecond,
  to,
} from '../scenario.ts';
import type { Addresses } from '../topology.ts';
import * as world from '../worlds.ts';

const port = (at: Addresses): string => hostPort(at.server, 8080);
const ssh = (at: Addresses): string => hostPort(at.server, 22);
const reject = (kind: string): string => `reject with ${kind}`;
/** The router itself says so, and no later word of it is an answer to anything else. */
const toldOnce = (kind: string): string[] => [
  forward(`tcp dport 8080 limit rate 1/minute burst 1 packets ${reject(kind)}`),
  forward('tcp dport 8080 drop'),
];
/** As ufw does it: a sixth connection within 30 seconds is refused. */
const ufwLimit = (dport: number, family: 4 | 6): string => {
  const iptables = family === 6 ? 'ip6tables' : 'iptables';
  return `${iptables} -A INPUT -p tcp --dport ${dport} -m conntrack --ctstate NEW -m recent --set; ${iptables} -A INPUT -p tcp --dport ${dport} -m conntrack --ctstate NEW -m recent --update --seconds 30 --hitcount 6 -j REJECT`;
};
/** Everything beyond the link that is not web traffic to the portal is answered by the first router. */
const portal = (at: Addresses): string[] => [
  `nft 'add table ip cp; add chain ip cp p { type nat hook prerouting priority -100; }; add rule ip cp p iifname lan tcp dport 80 redirect to :8081'`,
  forward(`iifname "lan" ${to(at.server)} drop`),
  forward('iifname "lan" drop'),
];
const LOGIN_PAGE = {
  reply:
    'HTTP/1.1 302 Found\r\nLocation: http://login.portal.test/\r\nContent-Length: 0\r\nConnection: close\r\n\r\n',
  end: 'fin',
};

const healthy: Served[] = [
  {
    name: 'a limit of six connections in 30 s (ufw limit), ssh is well',
    family: 'limit-that-we-may-meet',
    on: world.home3,
    daemons: { server: [sshd()] },
    fault: () => ({ server: [ufwLimit(22, 4)] }),
    target: 22,
    truth: WELL,
  },
  {
    name: 'a limit of six connections in 30 s (ufw limit), ssh is well',
    family: 'limit-that-we-may-meet',
    on: world.campus4v6,
    daemons: { server: [sshd()] },
    fault: () => ({ server: [ufwLimit(22, 6)] }),
    target: 22,
    truth: WELL,
  },
  {
    name: 'three SYNs in ten seconds pass, the rest is dropped',
    family: 'limit-that-we-may-meet',
    on: world.company3,
    fault: () => ({
      server: [input('tcp flags syn tcp dport 22 limit rate over 18/minute burst 3 packets drop')],
    }),
    target: ssh,
    truth: WELL,
  },
  {
    name: 'every router tells once a second, and all is well',
    family: 'healthy-rate-limited-routers',
    on: world.home5,
    fault: () => ({ r1: [tellsOnceASecond], r2: [tellsOnceASecond], r3: [tellsOnceASecond] }),
    target: port,
    truth: WELL,
  },
  {
    name: 'no router ever tells anything, and all is well',
    family: 'healthy-rate-limited-routers',
    on: world.company3v6,
    fault: () => ({ r1: [noTimeExceeded], r2: [noTimeExceeded], r3: [noTimeExceeded] }),
    target: ssh,
    truth: WELL,
  },
  {
    name: 'ping is dropped everywhere, and all is well',
    family: 'healthy-without-ping',
    on: world.campus4,
    fault: () => ({
      r1: [forward('meta l4proto icmp drop')],
      server: [input('icmp type echo-request drop')],
    }),
    target: port,
    truth: WELL,
  },
  {
    name: 'the answers take another way, and all is well',
    family: 'healthy-two-ways',
    on: { ...world.company3, asymmetric: true },
    fault: () => ({}),
    target: port,
    truth: WELL,
  },
  {
    name: 'two links side by side, and all is well',
    family: 'healthy-two-ways',
    on: world.home5,
    fault: (at) => ({
      r2: [`ip route replace ${at.serverNet} nexthop via ${at.hop(3)} nexthop via ${at.hop(3)}`],
    }),
    target: ssh,
    truth: WELL,
  },
  {
    name: 'a strict firewall with states lets this through',
    family: 'healthy-firewall',
    on: world.home3,
    fault: () => ({
      server: [
        "nft 'add table inet f; add chain inet f c { type filter hook input priority 0; policy drop; }; add rule inet f c ct state established,related accept; add rule inet f c ct state invalid drop; add rule inet f c iif lo accept; add rule inet f c tcp dport 8080 accept'",
      ],
    }),
    target: port,
    truth: WELL,
  },
  {
    name: 'the firewall of this machine lets out only what is asked for',
    family: 'healthy-firewall',
    on: world.campus2v6,
    fault: () => ({
      client: [
        "nft 'add table inet f; add chain inet f c { type filter hook output priority 0; policy drop; }; add rule inet f c oif lo accept; add rule inet f c meta l4proto icmpv6 accept; add rule inet f c tcp dport { 22, 8080 } accept'",
      ],
    }),
    target: port,
    truth: WELL,
  },
];

const rejected = (at: Addresses, hop: number): Truth => ({
  outcome: 'unreachable',
  causes: ['network-firewall-reject'],
  where: [atHop(at, hop)],
});

const firewalls: Served[] = [
  {
    name: 'router 2 rejects and tells once a minute (admin-prohibited)',
    family: 'reject-told-once',
    on: world.home3,
    fault: () => ({ r2: toldOnce('icmp admin-prohibited') }),
    target: port,
    truth: (at) => rejected(at, 2),
  },
  {
    name: 'router 2 rejects and tells once a minute (admin-prohibited)',
    family: 'reject-told-once',
    on: world.company3v6,
    fault: () => ({ r2: toldOnce('icmpv6 admin-prohibited') }),
    target: port,
    truth: (at) => rejected(at, 2),
  },
  {
    name: 'router 3 rejects and tells once a minute (host-prohibited)',
    family: 'reject-told-once',
    on: world.campus4,
    fault: () => ({ r3: toldOnce('icmp host-prohibited') }),
    target: port,
    truth: (at) => rejected(at, 3),
  },
  {
    name: 'router 1 rejects with net-prohibited',
    family: 'reject-kind',
    on: world.company3,
    fault: () => ({ r1: [forward(`tcp dport 8080 ${reject('icmp net-prohibited')}`)] }),
    target: port,
    truth: (at) => rejected(at, 1),
  },
  {
    name: 'router 3 rejects with port-unreachable',
    family: 'reject-kind',
    on: world.campus4v6,
    fault: () => ({ r3: [forward(`tcp dport 8080 ${reject('icmpv6 port-unreachable')}`)] }),
    target: port,
    truth: (at) => rejected(at, 3),
  },
  {
    name: 'the host rejects with host-prohibited (firewalld)',
    family: 'reject-kind',
    on: world.home3,
    fault: () => ({ server: [input(`tcp dport 8080 ${reject('icmp host-prohibited')}`)] }),
    target: port,
    truth: (at) => ({
      outcome: 'unreachable',
      causes: ['host-firewall-reject'],
      where: [{ kind: 'target', address: at.server }],
    }),
  },
  {
    name: 'the host rejects with admin-prohibited, and is slow to tell',
    family: 'reject-kind',
    on: world.company3v6,
    fault: () => ({
      server: [
        input(`tcp dport 8080 limit rate 20/minute burst 1 packets ${reject('icmpv6 admin-prohibited')}`),
        input('tcp dport 8080 drop'),
      ],
    }),
    target: port,
    truth: (at) => ({
      outcome: 'unreachable',
      causes: ['host-firewall-reject'],
      where: [{ kind: 'target', address: at.server }],
    }),
  },
  {
    name: 'router 2 drops the port before it looks at the TTL',
    family: 'raw-drop',
    on: world.home5,
    fault: () => ({ r2: [prerouting('tcp dport 8080 drop')] }),
    target: port,
    truth: (at) => ({ outcome: 'unreachable', causes: ['network-firewall-drop'], where: [after(at, 1)] }),
  },
  {
    name: 'router 3 drops the port before it looks at the TTL',
    family: 'raw-drop',
    on: world.campus4v6,
    fault: () => ({ r3: [prerouting('tcp dport 8080 drop')] }),
    target: port,
    truth: (at) => ({ outcome: 'unreachable', causes: ['network-firewall-drop'], where: [after(at, 2)] }),
  },
  {
    name: 'router 2 knows no state of what comes back (invalid)',
    family: 'state-invalid',
    on: { ...world.company3, asymmetric: true },
    fault: () => ({
      r2: [forward('ct state invalid drop'), forward('ct state established tcp dport 8080 drop')],
      back: [forward('tcp sport 8080 ct state invalid drop')],
    }),
    target: (at) => `http://${port(at)}/`,
    truth: {
      outcome: ['unreachable', 'impaired'],
      causes: ['return-path', 'network-firewall-drop', 'host-firewall-drop', 'middlebox-drop'],
      maxConfidence: 0.8,
    },
  },
  {
    name: 'the host has banned this client from every port, others are served',
    family: 'banned',
    on: { ...world.home3, sibling: true },
    fault: (at) => ({ server: [input(`${from(at.client)} drop`)] }),
    target: ssh,
    flags: () => ['--answer', 'others-can-reach=yes', '--answer', 'worked-before=yes'],
    truth: {
      outcome: 'unreachable',
      causes: ['client-banned', 'host-firewall-drop', 'network-firewall-drop'],
      maxConfidence: 0.75,
    },
  },
  {
    name: 'fail2ban refuses this client the port, others are served',
    family: 'banned',
    on: world.campus4v6,
    fault: (at) => ({
      server: [input(`${from(at.client)} tcp dport 22 reject with icmpv6 port-unreachable`)],
    }),
    target: ssh,
    flags: () => ['--answer', 'others-can-reach=yes', '--answer', 'worked-before=yes'],
    truth: { outcome: 'unreachable', causes: ['client-banned', 'host-firewall-reject'] },
  },
];

const EVERYTHING_STOPS = [
  'network-firewall-drop',
  'egress-port-block',
  'routing-blackhole',
  'local-gateway-down',
];
const egress: Served[] = [
  {
    name: 'the first router answers and lets nothing off the link',
    family: 'nothing-leaves-the-link',
    on: world.home3,
    fault: () => ({ r1: [forward('iifname "lan" drop')] }),
    target: port,
    truth: (at) => ({
      outcome: 'unreachable',
      causes: EVERYTHING_STOPS,
      where: [after(at, 1)],
      maxConfidence: 0.9,
    }),
  },
  {
    name: 'the first router answers and lets nothing off the link',
    family: 'nothing-leaves-the-link',
    on: world.company3v6,
    fault: () => ({ r1: [forward('iifname "lan" drop')] }),
    target: ssh,
    truth: (at) => ({
      outcome: 'unreachable',
      causes: EVERYTHING_STOPS,
      where: [after(at, 1)],
      maxConfidence: 0.9,
    }),
  },
  {
    name: 'router 1 lets web traffic out and nothing else',
    family: 'egress-rule',
    on: world.home5,
    listen: [22, 80, 443],
    fault: () => ({
      r1: [
        forward(
          'iifname "lan" tcp dport { 80, 443 } accept; add rule inet forward_lab c iifname lan meta l4proto tcp drop',
        ),
      ],
    }),
    target: ssh,
    truth: (at) => ({
      outcome: 'unreachable',
      causes: ['network-firewall-drop', 'egress-port-block'],
      where: [after(at, 1)],
    }),
  },
  {
    name: 'router 2 drops port 25 towards a public address',
    family: 'provider-blocks-mail',
    on: world.home3,
    listen: [22, 25],
    fault: () => ({ r2: [forward('tcp dport 25 drop')] }),
    target: (at) => hostPort(at.server, 25),
    truth: (at) => ({
      outcome: 'unreachable',
      causes: ['provider-port-block', 'network-firewall-drop', 'egress-port-block'],
      where: [after(at, 2)],
    }),
  },
  {
    name: 'router 1 drops SMB towards a public address',
    family: 'provider-blocks-smb',
    on: world.home3v6,
    listen: [22, 445],
    fault: () => ({ r1: [forward('tcp dport { 135-139, 445 } drop')] }),
    target: (at) => hostPort(at.server, 445),
    truth: (at) => ({
      outcome: 'unreachable',
      causes: ['provider-port-block', 'network-firewall-drop', 'egress-port-block'],
      where: [after(at, 1)],
    }),
  },
  {
    name: 'a captive portal answers the web of every address, and drops the rest',
    family: 'portal',
    on: world.home3,
    listen: [22, 8080],
    services: () => ({ r1: [speaker(8081, LOGIN_PAGE).command] }),
    waitFor: { r1: [8081] },
    fault: (at) => ({ r1: portal(at) }),
    target: ssh,
    truth: { outcome: 'unreachable', causes: ['captive-portal'] },
  },
  {
    name: 'a captive portal answers the web of every address, and the web was asked',
    family: 'portal',
    on: world.campus4,
    listen: [22, 80],
    services: () => ({ r1: [speaker(8081, LOGIN_PAGE).command] }),
    waitFor: { r1: [8081] },
    fault: (at) => ({ r1: portal(at) }),
    target: (at) => `http://${at.server}/`,
    truth: {
      outcome: ['reachable', 'impaired', 'unreachable'],
      causes: ['captive-portal', 'middlebox-intercept'],
    },
  },
  {
    name: 'only the proxy leads out, and it is set in the environment',
    family: 'proxy-only',
    on: { ...world.home3, neighbour: true },
    listen: [22, 443],
    daemons: { neighbour: [squid('acl all_ports port 1-65535\nhttp_access allow CONNECT all')] },
    env: (at) => ({ https_proxy: `http://${at.neighbour}:3128`, http_proxy: `http://${at.neighbour}:3128` }),
    // With br_netfilter the bridge of the link is filtered as well: what stays on it must pass.
    fault: (at) => ({ r1: [forward(`iifname "lan" oifname != "lan" ${from(at.client)} drop`)] }),
    target: (at) => hostPort(at.server, 443),
    truth: (at) => ({
      outcome: 'unreachable',
      causes: ['proxy-required'],
      where: [
        { kind: 'between' },
        { kind: 'hop' },
        null,
        { kind: 'this-machine' },
        { kind: 'target', address: at.server },
      ],
    }),
  },
  {
    name: 'UDP to the resolver passes, TCP to everybody is dropped',
    family: 'egress-rule',
    on: world.campus4,
    resolvers: [{ mode: 'normal', records: { 'www.lab.test': { a: ['172.24.9.208'] } } }],
    fault: () => ({ r1: [forward('iifname "lan" meta l4proto tcp drop')] }),
    target: 'www.lab.test:8080',
    truth: (at) => ({
      outcome: 'unreachable',
      causes: ['network-firewall-drop', 'egress-port-block'],
      where: [after(at, 1)],
    }),
  },
];

export default [...healthy, ...firewalls, ...egress].map(served) satisfies Scenario[];
