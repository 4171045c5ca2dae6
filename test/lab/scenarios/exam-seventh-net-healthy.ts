/** The seventh exam: networks and names that look odd and are well. */
import { sshd } from '../daemons/others.ts';
import { type Served, served, WELL } from '../daemons/served.ts';
import { postgresql } from '../daemons/stores.ts';
import { plainSite, secureSite } from '../daemons/web.ts';
import { noTimeExceeded, output, type Scenario, tellsOnceASecond, to } from '../scenario.ts';
import * as world from '../worlds.ts';
import { secondLeg } from './exam-seventh-net.ts';

const scenarios: Served[] = [
  {
    name: 'well, DNS is asked before the hosts file, which has an old line for the name',
    family: 'seventh-well-dns-before-hosts',
    on: world.company3,
    daemons: { server: [plainSite()] },
    resolvers: (at) => [{ mode: 'normal', records: { 'wiki.lab.test': { a: [at.server] } } }],
    hostsFile: (at) => [`${at.unusedThere} wiki.lab.test`],
    files: () => ({ 'nsswitch.conf': 'hosts: dns files\n' }),
    target: 'http://wiki.lab.test/',
    truth: WELL,
  },
  {
    name: 'well, the resolver has a link-local address with a zone, as router advertisements have it',
    family: 'seventh-well-link-local-resolver',
    on: { ...world.campus2v6, resolvers: 1 },
    daemons: { server: [sshd()] },
    files: (at) => ({
      'odd.json': JSON.stringify({ address: '::', records: { 'git.lab.test': { aaaa: [at.server] } } }),
      'resolv.conf': 'nameserver fe80::53%eth0\n',
    }),
    services: () => ({ dns1: ['exec /run/lab/node "$SERVICES/exam-resolver.js" "$DIR/odd.json"'] }),
    waitFor: { dns1: [53] },
    fault: () => ({
      dns1: ['ip -6 addr flush dev eth0 scope link; ip -6 addr add fe80::53/64 dev eth0 nodad'],
    }),
    target: 'git.lab.test:22',
    truth: WELL,
  },
  {
    name: 'well, the host locks out for a minute whoever knocks at a port that it has not (as portsentry does)',
    family: 'seventh-well-trap-for-scanners',
    on: world.home3,
    tls: true,
    daemons: { server: [secureSite()] },
    fault: () => ({
      server: [
        "nft 'add table ip trap; add set ip trap banned { type ipv4_addr; flags dynamic, timeout; timeout 60s; }; add chain ip trap c { type filter hook input priority 0; }; add rule ip trap c ip saddr @banned drop; add rule ip trap c tcp flags & (syn | ack) == syn tcp dport != { 22, 80, 443 } add @banned { ip saddr } drop'",
      ],
    }),
    target: 443,
    truth: WELL,
  },
  {
    name: 'well, the server has a second card in this network and answers by it, without a router',
    family: 'seventh-well-second-leg',
    on: { ...world.company3, neighbour: true },
    daemons: { server: [sshd()] },
    fault: secondLeg,
    target: 22,
    truth: WELL,
  },
  {
    name: 'well, router 2 tells by an address of 169.254 once a second, and router 3 never',
    family: 'seventh-well-link-local-transit',
    on: world.company3,
    daemons: { server: [postgresql()] },
    fault: (at) => ({
      r2: [
        `ip addr add 169.254.10.2/32 dev west; ip route replace ${at.clientNet} via ${at.farSide(1)} src 169.254.10.2`,
        tellsOnceASecond,
      ],
      r3: [noTimeExceeded],
    }),
    target: 5432,
    truth: WELL,
  },
  {
    name: 'well, this machine lets out DNS and this one service, and rejects all else',
    family: 'seventh-well-strict-own-firewall',
    on: world.campus4,
    tls: true,
    daemons: { server: [secureSite()] },
    fault: (at) => ({
      client: [
        output('oifname lo accept'),
        output('ct state established,related accept'),
        output('udp dport 53 accept'),
        output('tcp dport 53 accept'),
        output(`${to(at.server)} tcp dport 443 accept`),
        output('reject with icmpx admin-prohibited'),
      ],
    }),
    target: 443,
    truth: WELL,
  },
  {
    name: 'well, a hosts file of forty thousand lines against advertisements',
    family: 'seventh-well-long-hosts-file',
    on: world.home5,
    daemons: { server: [plainSite()] },
    resolvers: (at) => [{ mode: 'normal', records: { 'news.lab.test': { a: [at.server] } } }],
    hostsFile: () => Array.from({ length: 40_000 }, (_, i) => `0.0.0.0 ads${i}.news.lab.test`),
    target: 'http://news.lab.test/',
    truth: WELL,
  },
  {
    name: 'well, a content network: each of two resolvers gives another address of it, and both are well',
    family: 'seventh-well-content-network',
    on: { routers: 4, plan: 'home', families: 4, sibling: true, nat: true },
    tls: true,
    daemons: { server: [secureSite()] },
    services: () => ({
      sibling: [
        'cd "$DIR"; exec openssl s_server -accept 443 -cert chain.pem -cert_chain chain.pem -key key.pem -www -quiet',
      ],
    }),
    waitFor: { sibling: [443] },
    resolvers: (at) => [
      { mode: 'normal', records: { 'www.lab.test': { a: [at.server] } } },
      { mode: 'normal', records: { 'www.lab.test': { a: [at.sibling] } } },
    ],
    target: 443,
    truth: WELL,
  },
];

export default scenarios.map(served) satisfies Scenario[];
