/** Faults whose report asks others to look: what they are, where, and what the checks must lead to. */
import { forward, hostPort, input, output, type Scenario, to } from '../scenario.ts';
import type { Addresses, Topology } from '../topology.ts';
import * as world from '../worlds.ts';
import { inWords } from '../worlds.ts';

const PORT = 8080;

export interface AskedCase {
  scenario: Scenario;
  /** Each must be among the meanings that the checks lead to, and each meaning must be among these or among `also`. */
  leadsTo: RegExp[];
  /** True as well, where the report asks for it first. */
  also: RegExp[];
}

interface Fault {
  fault: string;
  /** One scenario in each. */
  on: Topology[];
  leadsTo: RegExp[];
  also?: RegExp[];
  listen?: number[];
  services?: (at: Addresses) => Record<string, string[]>;
  waitFor?: Record<string, number[]>;
  make?: (at: Addresses) => Record<string, string[]>;
  target?: (at: Addresses) => string;
}

const nat1: Topology = { routers: 1, plan: 'home', families: 4, nat: true };
const nat3: Topology = world.nat3;
const nat2: Topology = { routers: 2, plan: 'company', families: 4, nat: true };
const nat3v6: Topology = { routers: 3, plan: 'home', families: 6, nat: true };

const onServer = (...lines: string[]) => ({ server: lines });
const ofFamily = (at: Addresses, words: string): string =>
  `${at.server.includes(':') ? 'ip6tables' : 'iptables'} ${words}`;

/** What arrives and is not answered says only so much. */
const GETS_HERE = /^it gets here, and this host does not answer/;
const RULE = /^a rule of this host drops it, or forwards it/;
const THIS_IS_IT = /^this is it/;
const FORWARDED = /^it is forwarded/;
const ASTRAY = /^the answer goes astray/;
const HERE = /^(mostly the server's own filter, a full queue|it gets here, and this host does not answer)/;
/** Of the device that does not drop it, and of the packet filter that is not in use. */
const NOT_BY_RULES = /^(nothing of (nf|ip)tables drops it|look at the other systems)/;
const BEHIND = /^they are lost behind it/;
/** By what the host says of it seconds later, or by its rules alone. */
const GONE = /^(the host or container that it names does not answer|it is forwarded, so look at the place)/;
const LOST_BACK = /^the answer is lost on the way back/;
const BEFORE_THE_HOST = /^(it is )?stopped before the (host|server)/;

/** A bridge that the way back leads to, as docker's do where its range overlaps with the client's. */
const BRIDGE =
  'ip link add docker0 type bridge; ip addr add 10.9.9.1/24 dev docker0; ip addr add fd00:9::1/64 dev docker0 nodad; ip link set docker0 up';
const mute = (address: string, port = PORT): string =>
  `exec /run/lab/node -e "require('net').createServer((s) => s.on('error', () => {}).resume()).listen(${port}, '${address}')"`;
const deaf = `exec /run/lab/node -e "require('net').createServer({ pauseOnConnect: true }, (s) => s.on('error', () => {})).listen(80, '::')"`;

const FAULTS: Fault[] = [
  {
    fault: 'the host drops by nftables',
    on: [world.home3, nat3, world.campus2v6, nat3v6],
    leadsTo: [GETS_HERE, RULE, THIS_IS_IT],
    make: () => onServer(input('tcp dport 8080 counter drop')),
  },
  {
    fault: 'the host drops by iptables',
    on: [nat2, world.home3v6],
    leadsTo: [GETS_HERE, RULE, THIS_IS_IT],
    make: (at) => onServer(ofFamily(at, '-A INPUT -p tcp --dport 8080 -j DROP')),
  },
  {
    fault: "the host drops by ufw's chains",
    on: [nat3],
    leadsTo: [GETS_HERE, RULE, THIS_IS_IT],
    make: () =>
      onServer(
        'iptables -N ufw-user-input; iptables -A INPUT -j ufw-user-input; iptables -A ufw-user-input -p tcp --dport 8080 -j DROP',
      ),
  },
  {
    fault: 'the host drops by policy',
    on: [world.home3v6, nat3],
    leadsTo: [GETS_HERE, RULE, THIS_IS_IT],
    make: () =>
      onServer(
        "nft 'add table inet f; add chain inet f i { type filter hook input priority 0; policy drop; }; add rule inet f i tcp dport 22 accept; add rule inet f i ct state established,related accept; add rule inet f i meta l4proto { icmp, icmpv6 } accept'",
      ),
  },
  {
    fault: 'the host drops its own answers',
    on: [nat3],
    leadsTo: [GETS_HERE, RULE, THIS_IS_IT],
    make: () => onServer(output('tcp sport 8080 counter drop')),
  },
  {
    fault: 'the host rejects by reset',
    on: [world.home3, nat3],
    leadsTo: [/^it listens, and something else sends the reset/],
    make: () => onServer(input('tcp dport 8080 counter reject with tcp reset')),
  },
  {
    fault: 'the host rejects by an ICMP error',
    on: [nat3, world.campus2v6],
    leadsTo: [THIS_IS_IT],
    make: (at) => onServer(ofFamily(at, '-A INPUT -p tcp --dport 8080 -j REJECT')),
  },
  {
    fault: 'nothing listens',
    on: [nat3, world.home3v6],
    leadsTo: [/^no program listens/],
    listen: [22],
  },
  {
    fault: 'it listens on loopback only',
    on: [nat1],
    leadsTo: [/^it does not listen on/],
    listen: [22],
    services: () => ({ server: [mute('127.0.0.1')] }),
    waitFor: { server: [PORT] },
  },
  {
    fault: 'it listens on loopback only',
    on: [world.home3v6],
    leadsTo: [/^it does not listen on/],
    listen: [22],
    services: () => ({ server: [mute('::1')] }),
    waitFor: { server: [PORT] },
  },
  {
    fault: 'the accept queue is full',
    on: [world.home3v6, nat3],
    leadsTo: [GETS_HERE, /^a full accept queue/],
    listen: [22],
    services: (at) => ({ server: [`exec /run/lab/node "$SERVICES/full.js" ${PORT} ${at.server}`] }),
  },
  {
    fault: 'the host has no route back',
    on: [world.home3, world.home3v6, nat3],
    leadsTo: [GETS_HERE, /^the answer has no way back/],
    make: (at) => onServer(`ip ${at.server.includes(':') ? '-6 ' : ''}route del default`),
  },
  {
    fault: 'the route back leads to a bridge',
    on: [nat2, world.home3v6],
    leadsTo: [HERE, ASTRAY],
    also: [BEHIND],
    make: (at) =>
      onServer(BRIDGE, `ip route add ${at.client.includes(':') ? at.client : at.farSide(1)} dev docker0`),
  },
  {
    fault: 'the reverse-path filter',
    on: [nat2],
    leadsTo: [HERE, /^this host drops it because its route back/, ASTRAY],
    also: [BEHIND],
    make: (at) =>
      onServer(
        BRIDGE,
        `ip route add ${at.farSide(1)} dev docker0`,
        'echo 1 > /proc/sys/net/ipv4/conf/all/rp_filter',
      ),
  },
  {
    fault: 'a router drops the answers',
    on: [nat3, world.home3v6],
    leadsTo: [LOST_BACK],
    make: () => ({ r2: [forward('tcp sport 8080 drop')] }),
  },
  {
    fault: 'router 2 drops',
    on: [world.home3, nat3, world.home3v6],
    leadsTo: [/^its outbound or forward filter drops them/, THIS_IS_IT],
    also: [NOT_BY_RULES],
    make: () => ({ r2: [forward('tcp dport 8080 counter drop')] }),
  },
  {
    fault: 'the last router drops',
    on: [nat3, world.campus2v6],
    leadsTo: [BEFORE_THE_HOST],
    make: (at) => ({ [`r${at.routers}`]: [forward('tcp dport 8080 counter drop')] }),
  },
  {
    fault: 'router 2 rejects',
    on: [nat3, world.home3v6],
    leadsTo: [THIS_IS_IT],
    also: [NOT_BY_RULES],
    make: () => ({ r2: [forward('tcp dport 8080 counter reject with icmpx admin-prohibited')] }),
  },
  {
    fault: 'the last router forges a reset',
    on: [nat3],
    leadsTo: [/^something before the server rejects it/],
    make: () => ({ r3: [forward('tcp dport 8080 reject with tcp reset')] }),
  },
  {
    fault: 'it is forwarded to a container that is gone',
    on: [nat3],
    leadsTo: [GONE],
    also: [GETS_HERE, RULE, NOT_BY_RULES],
    make: () =>
      onServer(
        BRIDGE,
        'echo 1 > /proc/sys/net/ipv4/ip_forward',
        "nft 'add table ip n; add chain ip n p { type nat hook prerouting priority -100; }; add rule ip n p tcp dport 8080 dnat to 10.9.9.2:80'",
      ),
  },
  {
    fault: 'it is forwarded to a container that is gone',
    on: [world.home3v6],
    leadsTo: [GONE],
    also: [GETS_HERE, RULE, NOT_BY_RULES],
    make: () =>
      onServer(
        BRIDGE,
        'echo 1 > /proc/sys/net/ipv6/conf/all/forwarding',
        'ip6tables -t nat -A PREROUTING -p tcp --dport 8080 -j DNAT --to-destination [fd00:9::2]:80',
      ),
  },
  {
    fault: 'it is forwarded into a tunnel whose other end is gone',
    on: [nat3],
    leadsTo: [GETS_HERE, RULE, FORWARDED],
    make: () =>
      onServer(
        'ip link add wg0 type veth peer name far; ip link set far up; ip addr add 10.9.9.1/24 dev wg0; ip link set wg0 arp off up',
        'echo 1 > /proc/sys/net/ipv4/ip_forward',
        'iptables -t nat -A PREROUTING -p tcp --dport 8080 -j DNAT --to-destination 10.9.9.2:80',
      ),
  },
  {
    fault: 'the host is off',
    on: [nat3, world.home3v6],
    leadsTo: [/^nobody has the address/],
    target: (at) => hostPort(at.unusedThere, PORT),
  },
  {
    fault: 'router 2 has a blackhole route',
    on: [nat3, world.home3v6],
    leadsTo: [
      /^(its route is at fault|its (outbound or forward )?filter drops them, or a blackhole|it is stopped before the (host|server))/,
    ],
    also: [BEHIND, NOT_BY_RULES],
    make: (at) => ({ r2: [`ip route add blackhole ${at.server}`] }),
  },
  {
    fault: 'router 2 has no route',
    on: [nat3, world.home3v6],
    leadsTo: [/^its route is at fault/],
    make: (at) => ({ r2: [`ip route del ${at.serverNet}`] }),
  },
  {
    fault: 'the program accepts and never answers',
    on: [nat3],
    leadsTo: [/^the service$/, /^it has read what was asked/],
    listen: [22],
    services: () => ({ server: [mute('0.0.0.0', 80)] }),
    waitFor: { server: [80] },
    target: (at) => hostPort(at.server, 80),
  },
  {
    fault: 'the program accepts and never reads',
    on: [world.home3v6],
    leadsTo: [/^the service$/, /^the program does not read/],
    listen: [22],
    services: () => ({ server: [deaf] }),
    waitFor: { server: [80] },
    target: (at) => hostPort(at.server, 80),
  },
  {
    fault: 'router 2 drops what is said',
    on: [nat3, world.home3v6],
    leadsTo: [/^dropped on the way/],
    listen: [22, 80],
    make: (at) => ({ r2: [forward(`${to(at.server)} tcp dport 80 tcp flags & psh == psh drop`)] }),
    target: (at) => hostPort(at.server, 80),
  },
  {
    fault: 'router 2 accepts in the place of the host',
    on: [nat3],
    leadsTo: [/^a device accepts in the server's place/],
    services: () => ({
      r2: [
        "exec /run/lab/node -e \"require('http').createServer((_, page) => page.end('A page.')).listen(9000)\"",
      ],
    }),
    make: () => ({
      r2: [
        'nft \'add table ip t; add chain ip t p { type nat hook prerouting priority -100; }; add rule ip t p iifname "west" tcp dport 8080 redirect to :9000\'',
      ],
    }),
  },
];

export const askedCases: AskedCase[] = FAULTS.flatMap((fault) =>
  fault.on.map(
    (on): AskedCase => ({
      leadsTo: fault.leadsTo,
      also: fault.also ?? [],
      scenario: {
        name: `${fault.fault} (${inWords(on)})`,
        family: 'asked',
        topology: on,
        listen: fault.listen ?? [22, PORT],
        ...(fault.services === undefined ? {} : { services: fault.services }),
        ...(fault.waitFor === undefined ? {} : { waitFor: fault.waitFor }),
        fault: fault.make ?? (() => ({})),
        target: fault.target ?? ((at) => hostPort(at.server, PORT)),
        truth: () => ({ outcome: 'unreachable', causes: [] }),
      },
    }),
  ),
);
