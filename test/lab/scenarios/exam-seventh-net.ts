/**
 * The seventh exam, paths: routers, firewalls, translation, loops, sizes and ways back, as working people meet them in a year. Truths were
 * written by somebody who has not seen the rules, and before the first run.
 */
import { speaker } from '../daemons/others.ts';
import { type Served, served } from '../daemons/served.ts';
import { nginx, secureSite, site, tlsServer } from '../daemons/web.ts';
import {
  after,
  atTarget,
  DROPPED_AT_THE_END,
  forward,
  from,
  hostPort,
  input,
  loopBetween,
  noTimeExceeded,
  output,
  route,
  type Scenario,
  SILENT_ON_EVERYTHING,
  somewhereAfter,
  tellsOnceASecond,
  to,
} from '../scenario.ts';
import type { Addresses, Topology } from '../topology.ts';
import * as world from '../worlds.ts';

const home4: Topology = { routers: 4, plan: 'home', families: 4 };
const home4nat: Topology = { routers: 4, plan: 'home', families: 4, nat: true };
const campus5: Topology = { routers: 5, plan: 'campus', families: 4 };
const company5: Topology = { routers: 5, plan: 'company', families: 4 };
const company4: Topology = { routers: 4, plan: 'company', families: 4 };
const home3both: Topology = { routers: 3, plan: 'home', families: 'both' };

/** Routers 1 .. n-1 lead an address to router n. */
const leadsTo = (at: Addresses, n: number, address: string): Record<string, string[]> =>
  Object.fromEntries(
    Array.from({ length: n - 1 }, (_, i) => [
      `r${i + 1}`,
      [route(`add ADDRESS via ${at.hop(i + 2)}`, address)],
    ]),
  );
const nat = (rule: string): string =>
  `nft 'add table ip pf; add chain ip pf c { type nat hook prerouting priority dstnat; }; add rule ip pf c ${rule}'`;
/** Linux would tell redirects from the same purse as errors, and routers of providers tell none. */
const NO_REDIRECTS = 'for i in /proc/sys/net/ipv4/conf/*/send_redirects; do echo 0 > $i; done';
const silent = (at: Addresses, n: number, ...more: string[]) => ({
  outcome: 'unreachable' as const,
  ...SILENT_ON_EVERYTHING,
  causes: [...SILENT_ON_EVERYTHING.causes, ...more],
  where: [after(at, n)],
});
const httpsPage: Pick<Scenario, 'listen' | 'waitFor' | 'services'> = {
  listen: [],
  services: () => ({ server: ['cd "$DIR"; exec /run/lab/node "$SERVICES/page.js" 443 key.pem chain.pem'] }),
  waitFor: { server: [443] },
};
/** The server has a second card in this machine's own network, and its answers take it. */
export const secondLeg = (): Record<string, string[]> => ({
  r1: [
    'echo 0 > /proc/sys/net/bridge/bridge-nf-call-iptables 2> /dev/null || true; ip link add lan-leg type veth peer name eth1 netns server; ip link set lan-leg master lan; ip link set lan-leg up',
  ],
  server: ['ip addr add 10.20.0.80/24 dev eth1; ip link set eth1 up; sleep 0.5'],
});

const scenarios: Served[] = [
  {
    name: 'a host in a cloud, whose public address is translated one to one, and its own firewall rejects the console',
    family: 'seventh-elastic-address',
    on: home4,
    listen: [22, 8443],
    fault: (at) => ({
      ...leadsTo(at, 4, '198.51.100.20'),
      r4: [nat(`ip daddr 198.51.100.20 dnat to ${at.server}`), noTimeExceeded],
      server: ['iptables -A INPUT -p tcp --dport 8443 -j REJECT --reject-with icmp-admin-prohibited'],
    }),
    target: () => 'https://198.51.100.20:8443/',
    truth: { outcome: 'unreachable', causes: ['host-firewall-reject'], where: [atTarget('198.51.100.20')] },
  },
  {
    // Router 1 has the sender's address for its own and drops what comes back as a martian.
    name: 'the provider sends the network back to the router at home that translates, which does not take its own packets',
    family: 'seventh-sent-back-to-the-translator',
    on: world.nat3,
    listen: [22, 443],
    fault: (at) => ({ r2: [NO_REDIRECTS, `ip route replace ${at.serverNet} via ${at.farSide(1)}`] }),
    target: (at) => hostPort(at.server, 443),
    truth: (at) => silent(at, 2, 'routing-loop'),
  },
  {
    name: 'the web farm resets every connection from the country of this machine, and pings pass',
    family: 'seventh-country-blocked',
    on: world.home5,
    listen: [22, 443],
    fault: (at) => ({ r4: [forward(`ip saddr ${at.clientNet} meta l4proto tcp reject with tcp reset`)] }),
    target: (at) => `https://${at.server}/`,
    truth: {
      outcome: 'unreachable',
      causes: ['network-firewall-reject'],
      where: [
        { kind: 'between', hop: 4 },
        { kind: 'hop', hop: 4 },
      ],
    },
  },
  {
    name: 'the network for guests lets nobody to the private addresses of the company (net-prohibited)',
    family: 'seventh-guest-network',
    on: campus5,
    listen: [80],
    resolvers: (at) => [{ mode: 'normal', records: { 'intranet.lab.test': { a: [at.server] } } }],
    fault: () => ({
      r1: [
        forward(
          'iifname lan oifname east ip daddr { 10.0.0.0/8, 172.16.0.0/12, 192.168.0.0/16 } reject with icmp net-prohibited',
        ),
      ],
    }),
    target: () => 'http://intranet.lab.test/',
    truth: (at) => ({
      outcome: 'unreachable',
      causes: ['network-firewall-reject'],
      where: [{ kind: 'hop', hop: 1, address: at.hop(1) }],
    }),
  },
  {
    name: 'the bed time of the router at home: the web of this device leads to a page that says so, all other TCP is reset',
    family: 'seventh-parental-control',
    on: home4nat,
    listen: [],
    daemons: {
      r1: [
        speaker(8080, {
          reply:
            'HTTP/1.1 302 Found\r\nLocation: http://192.168.178.1:8080/blocked\r\nContent-Length: 0\r\nConnection: close\r\n\r\n',
          end: 'fin',
        }),
      ],
      server: [secureSite()],
    },
    tls: true,
    fault: (at) => ({
      r1: [
        nat(`iifname lan ip saddr ${at.client} ip daddr != 192.168.178.0/24 tcp dport 80 redirect to :8080`),
        forward(`iifname lan oifname east ${from(at.client)} meta l4proto tcp reject with tcp reset`),
      ],
    }),
    target: 443,
    truth: {
      outcome: 'unreachable',
      causes: ['captive-portal', 'network-firewall-reject'],
      where: [
        { kind: 'between', hop: 1 },
        { kind: 'between', hop: 0 },
        { kind: 'hop', hop: 1 },
      ],
    },
  },
  {
    // As firewalls of one maker do unless told otherwise.
    name: 'router 3 is a firewall that takes nothing from the TTL, and it drops the port',
    family: 'seventh-firewall-without-a-hop',
    on: company5,
    listen: [22, 8443],
    fault: () => ({
      r3: [
        'iptables -t mangle -A PREROUTING -j TTL --ttl-inc 1',
        forward('iifname west tcp dport 8443 drop'),
      ],
    }),
    target: (at) => hostPort(at.server, 8443),
    truth: (at) => ({ outcome: 'unreachable', causes: ['network-firewall-drop'], where: [after(at, 2)] }),
  },
  {
    name: 'the address of a balancer of Kubernetes (BGP) whose service has no pod: the node says port-unreachable',
    family: 'seventh-service-without-endpoints',
    on: world.company3,
    listen: [22],
    fault: (at) => ({
      ...leadsTo(at, 3, '10.99.0.10'),
      r3: [NO_REDIRECTS, `ip route add 10.99.0.10 via ${at.server}`],
      server: [
        NO_REDIRECTS,
        'echo 1 > /proc/sys/net/ipv4/ip_forward; iptables -A FORWARD -d 10.99.0.10 -p tcp --dport 443 -j REJECT --reject-with icmp-port-unreachable',
      ],
    }),
    target: () => 'https://10.99.0.10/',
    truth: (at) => ({
      outcome: 'unreachable',
      causes: ['network-firewall-reject', 'host-firewall-reject'],
      where: [{ kind: 'hop', hop: 4, address: at.server }, atTarget('10.99.0.10')],
    }),
  },
  {
    name: 'a floating address is still routed to a node that has it no more, which sends it back to its router',
    family: 'seventh-floating-address-comes-back',
    on: world.home3,
    listen: [22, 443],
    fault: (at) => ({
      ...leadsTo(at, 3, '198.51.100.60'),
      r3: [NO_REDIRECTS, `ip route add 198.51.100.60 via ${at.server}`],
      server: [NO_REDIRECTS, 'echo 1 > /proc/sys/net/ipv4/ip_forward'],
    }),
    target: () => '198.51.100.60:443',
    truth: { outcome: 'unreachable', causes: ['routing-loop'], where: loopBetween(3, 4) },
  },
  {
    name: 'a balancer hands packets on as they are (direct return), and its server has not the address on loopback',
    family: 'seventh-direct-return',
    on: world.campus4v6,
    listen: [22, 443],
    fault: (at) => ({ r4: [route(`add ADDRESS via ${at.server}`, at.unusedThere)], r2: [noTimeExceeded] }),
    target: (at) => hostPort(at.unusedThere, 443),
    truth: (at) => silent(at, 4),
  },
  {
    name: 'a balancer that keeps the address of the sender chooses this very machine, which drops what comes from itself',
    family: 'seventh-balanced-to-oneself',
    on: world.home3,
    listen: [22],
    listenOn: { client: [443] },
    fault: (at) => ({
      r1: [`ip route add 198.51.100.44 via ${at.hop(2)}`],
      r2: [
        'ip addr add 198.51.100.44/32 dev lo',
        nat(`ip daddr 198.51.100.44 tcp dport 443 dnat to ${at.client}`),
        input('ip daddr 198.51.100.44 drop'),
      ],
    }),
    target: () => '198.51.100.44:443',
    // What router 2 tells of this connection comes from the balancer's own address.
    // This machine's kernel counts what came back with its own address.
    truth: {
      outcome: 'unreachable',
      causes: ['nat-hairpin'],
      where: [{ kind: 'between', hop: 2 }, atTarget('198.51.100.44')],
    },
  },
  {
    name: 'IPv4 of the provider goes through IPv6 (DS-Lite), its far end is gone, and the name has IPv4 alone',
    family: 'seventh-ds-lite',
    on: home3both,
    listen: [22, 443],
    resolvers: (at) => [{ mode: 'normal', records: { 'shop.lab.test': { a: [at.server4] } } }],
    fault: () => ({ r1: [forward('iifname lan oifname east meta nfproto ipv4 drop')] }),
    target: () => 'https://shop.lab.test/',
    truth: (at) => silent(at, 1),
  },
  {
    // The handshake's last word is invalid to router 1, which saw no SYN-ACK.
    name: 'the server has a second card in this network and answers by it, and the firewall between sees half of each connection',
    family: 'seventh-second-leg-and-a-firewall',
    on: { ...world.company3, neighbour: true },
    listen: [22, 80],
    fault: () => {
      const { r1 = [], ...others } = secondLeg();
      return { r1: [...r1, forward('iifname lan oifname east ct state invalid drop')], ...others };
    },
    target: (at) => `ssh://${at.server}`,
    truth: {
      outcome: 'impaired',
      causes: ['middlebox-drop', 'network-firewall-drop', 'return-path'],
    },
  },
  {
    name: 'the way back has a link of 1000 octets and its router keeps that to itself; the way there has not',
    family: 'seventh-small-way-back',
    on: { ...world.company3, asymmetric: true },
    tls: { rsa: true },
    ...httpsPage,
    fault: () => ({
      r1: ['ip link set short mtu 1000'],
      back: [
        'ip link set short mtu 1000',
        output('meta l4proto icmp icmp type destination-unreachable drop'),
      ],
    }),
    target: 443,
    truth: { outcome: 'impaired', causes: ['path-mtu-blackhole'], maxConfidence: 0.97 },
  },
  {
    name: 'jumbo frames here and on the store, and a switch between that has none of it',
    family: 'seventh-jumbo-frames',
    on: { routers: 2, plan: 'campus', families: 4, neighbour: true },
    tls: { rsa: true },
    listen: [],
    services: () => ({
      neighbour: ['cd "$DIR"; exec /run/lab/node "$SERVICES/page.js" 443 key.pem chain.pem'],
    }),
    waitFor: { neighbour: [443] },
    resolvers: (at) => [{ mode: 'normal', records: { 'www.lab.test': { a: [at.neighbour] } } }],
    fault: () => ({
      r1: [
        // A card would tell its own sender that a frame is too large; a switch tells nobody.
        'for i in lan-client lan-neighbour; do ip link set $i mtu 9000; nft "add table netdev switch; add chain netdev switch $i { type filter hook ingress device $i priority 0; }; add rule netdev switch $i meta length > 1500 drop"; done; ip link set lan mtu 1500',
      ],
      client: ['ip link set eth0 mtu 9000'],
      neighbour: ['ip link set eth0 mtu 9000'],
    }),
    target: 443,
    truth: { outcome: 'impaired', causes: ['path-mtu-blackhole'], maxConfidence: 0.97 },
  },
  {
    name: 'the school has a transparent cache for the web, and the wiki behind it is off',
    family: 'seventh-transparent-cache',
    on: world.home3,
    listen: [],
    daemons: (at) => ({
      r2: [
        nginx(site('3129', `location / { proxy_pass http://${at.server}; proxy_connect_timeout 2s; }`), 3129),
      ],
    }),
    fault: () => ({
      r2: [nat('iifname west tcp dport 80 redirect to :3129')],
      server: ['ip link set eth0 down'],
    }),
    target: (at) => `http://${at.server}/`,
    truth: (at) => ({
      // Was 'impaired' alone: other scenarios of a gateway that says 502-504 (backend-down-http) take both for right, and so it is here.
      outcome: ['reachable', 'impaired'],
      causes: ['middlebox-intercept', 'backend-down'],
      where: [{ kind: 'hop', hop: 2 }, atTarget(at.server)],
    }),
  },
  {
    name: 'a firewall looks into TLS and shows a certificate of its own, and its authority was not installed here',
    family: 'seventh-tls-inspection',
    on: world.campus4,
    tls: true,
    daemons: {
      server: [secureSite()],
      r2: [tlsServer(8443, '-cert self.pem -key self.key')],
    },
    fault: () => ({ r2: [nat('iifname west tcp dport 443 redirect to :8443')] }),
    target: 'https://www.lab.test/',
    truth: (at) => ({
      outcome: 'impaired',
      causes: ['tls-untrusted', 'middlebox-intercept'],
      where: [{ kind: 'hop', hop: 2 }, atTarget(at.server)],
    }),
  },
  {
    name: 'WireGuard is asked by TCP, and ufw of the host knows UDP 51820 and SSH alone',
    family: 'seventh-wireguard-behind-ufw',
    on: home4nat,
    listen: [22, 51820],
    fault: () => ({
      server: [
        'iptables -A INPUT -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT; iptables -A INPUT -p icmp -j ACCEPT; iptables -A INPUT -p tcp --dport 22 -j ACCEPT; iptables -A INPUT -p udp --dport 51820 -j ACCEPT; iptables -P INPUT DROP',
      ],
    }),
    target: (at) => hostPort(at.server, 51820),
    truth: (at) => ({
      outcome: 'unreachable',
      causes: ['udp-service', ...DROPPED_AT_THE_END.causes],
      where: [after(at, 4), atTarget(at.server), null],
    }),
  },
  {
    name: 'a more exact route of router 3 leads the address of the new server to a machine of the old data centre, which is no router',
    family: 'seventh-more-exact-route',
    on: { ...company4, sibling: true, elsewhere: 3 },
    listen: [22, 5432],
    listenOn: { sibling: [22, 5432] },
    // Router 3 sends it to a host of another network, which is no router.
    fault: (at) => ({ r3: [`ip route add ${at.server} via ${at.elsewhere}`], r1: [tellsOnceASecond] }),
    target: (at) => hostPort(at.server, 5432),
    flags: (at) => ['--control', at.sibling],
    truth: (at) => silent(at, 3),
  },
  {
    name: 'the host lets in the web and ping, and SSH only from a network of administrators, all of it over IPv6',
    family: 'seventh-administrators-alone',
    on: { routers: 5, plan: 'campus', families: 6 },
    listen: [22, 80, 443],
    fault: () => ({
      r5: [noTimeExceeded],
      server: [
        input(`ip6 saddr != 2001:db8:a:77::/64 tcp dport 22 drop`),
        input('tcp dport { 22, 80, 443 } accept'),
      ],
    }),
    target: (at) => hostPort(at.server, 22),
    flags: () => ['--answer', 'others-can-reach=yes'],
    truth: (at) => ({
      outcome: 'unreachable',
      causes: [...DROPPED_AT_THE_END.causes, 'client-banned'],
      maxConfidence: DROPPED_AT_THE_END.maxConfidence,
      where: [somewhereAfter(at, 4), atTarget(at.server)],
    }),
  },
  {
    name: 'the application was moved to 8443, and router 4 rejects whatever is not on its list for the host',
    family: 'seventh-port-moved-behind-a-list',
    on: { routers: 4, plan: 'company', families: 6 },
    listen: [22, 8443],
    fault: (at) => ({
      r4: [
        forward(
          `iifname west ${to(at.server)} tcp dport { 22, 8443 } accept; add rule inet forward_lab c iifname west ${to(at.server)} meta l4proto tcp reject with icmpv6 admin-prohibited`,
        ),
      ],
    }),
    target: (at) => `https://[${at.server}]/`,
    truth: (at) => ({
      outcome: 'unreachable',
      causes: ['network-firewall-reject'],
      where: [{ kind: 'hop', hop: 4, address: at.hop(4) }],
    }),
  },
];

export default scenarios.map(served) satisfies Scenario[];
