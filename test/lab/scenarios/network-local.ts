/** This machine, its link and its names: what the kernel knows and who listens. Truths were written before the first run. */
import type { Daemon } from '../daemons/daemon.ts';
import { speaker, sshd } from '../daemons/others.ts';
import { type Served, served, WELL } from '../daemons/served.ts';
import { postgresql, redis } from '../daemons/stores.ts';
import {
  hostPort,
  input,
  RESET_BY_HOST_LIMIT,
  type Scenario,
  type Truth,
  thisMachine,
  to,
} from '../scenario.ts';
import type { Addresses } from '../topology.ts';
import * as world from '../worlds.ts';

const port = (at: Addresses): string => hostPort(at.server, 8080);
const HERE = [thisMachine, null];
const onClient = (daemon: Daemon) => ({ client: [daemon] });
/** Accepts nothing more: full.ts of services. */
const hung = (address: string): Pick<Scenario, 'services' | 'waitFor' | 'fault'> => ({
  services: () => ({ client: [`exec /run/lab/node "$SERVICES/full.js" 9000 ${address}`] }),
  waitFor: { client: [9000] },
  fault: () => ({ client: ['sleep 1.5'] }),
});
/** A bridge of containers that claims the server's range. */
const containers = (name: string, range: string): string =>
  `ip link add ${name} type bridge; ip addr add ${range} dev ${name}; ip link set ${name} up; ip link add veth1a2b type veth peer name in1a2b; ip link set veth1a2b master ${name}; ip link set veth1a2b up; ip link set in1a2b up`;

/** A resolver of services/exam-resolver.ts on the client's network. */
const odd = (
  config: (at: Addresses) => Record<string, unknown>,
  resolvConf = '',
): Pick<Scenario, 'files' | 'services' | 'waitFor'> => ({
  files: (at) => ({
    'odd.json': JSON.stringify({ address: at.dns(1), records: {}, ...config(at) }),
    'resolv.conf': `nameserver ${at.dns(1)}\n${resolvConf}`,
  }),
  services: () => ({ dns1: ['exec /run/lab/node "$SERVICES/exam-resolver.js" "$DIR/odd.json"'] }),
  waitFor: { dns1: [53] },
});
const record = (address: string) => (address.includes(':') ? { aaaa: [address] } : { a: [address] });

const healthy: Served[] = [
  {
    name: 'Redis of this machine is well',
    family: 'healthy-this-machine',
    on: world.home1,
    daemons: onClient(redis()),
    target: 'localhost:6379',
    truth: WELL,
  },
  {
    name: 'PostgreSQL of this machine is well, by its own address',
    family: 'healthy-this-machine',
    on: world.company3v6,
    daemons: onClient(postgresql()),
    target: (at) => hostPort(at.client, 5432),
    truth: WELL,
  },
  {
    name: 'OpenSSH of this machine is well',
    family: 'healthy-this-machine',
    on: world.campus4,
    daemons: onClient(sshd()),
    target: '127.0.0.1:22',
    truth: WELL,
  },
  {
    name: 'the next machine on the link is well',
    family: 'healthy-same-link',
    on: { ...world.home1, neighbour: true },
    listen: [],
    daemons: { neighbour: [sshd()] },
    target: (at) => hostPort(at.neighbour, 22),
    truth: WELL,
  },
  {
    name: 'the next machine on the link is well',
    family: 'healthy-same-link',
    on: { ...world.campus4v6, neighbour: true },
    daemons: { neighbour: [redis()] },
    target: (at) => hostPort(at.neighbour, 6379),
    truth: WELL,
  },
  {
    name: 'a resolver that answers every name, and the right one for this',
    family: 'healthy-names',
    on: { ...world.home3, resolvers: 1 },
    ...odd((at) => ({ records: { 'app.lab.test': record(at.server) }, wildcard: record(at.unusedThere) })),
    target: 'app.lab.test:8080',
    truth: WELL,
  },
  {
    name: 'a bridge of containers beside the network',
    family: 'healthy-this-machine',
    on: world.home3,
    fault: () => ({ client: [containers('docker0', '172.17.0.1/16')] }),
    target: port,
    truth: WELL,
  },
];

const closedHere = (at: Addresses): Truth => ({
  outcome: 'unreachable',
  causes: ['listens-elsewhere'],
  where: [...HERE, { kind: 'target', address: at.client }],
});
const machine: Served[] = [
  {
    name: "the program listens on 127.0.0.1 alone, and this machine's address was typed",
    family: 'listens-on-loopback',
    on: world.home1,
    daemons: onClient(redis('--bind 127.0.0.1')),
    target: (at) => hostPort(at.client, 6379),
    truth: closedHere,
  },
  {
    name: 'the program listens on 127.0.0.1 alone, and ::1 was typed',
    family: 'listens-on-loopback',
    on: world.company3v6,
    daemons: onClient(redis('--bind 127.0.0.1')),
    target: '[::1]:6379',
    truth: { outcome: 'unreachable', causes: ['listens-elsewhere'], where: [...HERE, { kind: 'target' }] },
  },
  {
    name: "the program listens on this machine's address alone, and localhost was typed",
    family: 'listens-on-loopback',
    on: world.campus4,
    listen: [],
    services: () => ({ client: [speaker(9000, { address: '172.16.4.50', greeting: 'hi\r\n' }).command] }),
    waitFor: { client: [9000] },
    target: 'localhost:9000',
    truth: { outcome: 'unreachable', causes: ['listens-elsewhere'], where: [...HERE, { kind: 'target' }] },
  },
  {
    name: 'the program of this machine accepts nobody any more',
    family: 'local-queue-full',
    on: world.home1,
    listen: [],
    ...hung('127.0.0.1'),
    target: '127.0.0.1:9000',
    truth: {
      outcome: ['unreachable', 'impaired'],
      causes: ['local-service-hung'],
      where: [...HERE, { kind: 'target', address: '127.0.0.1' }],
    },
  },
  {
    name: 'the program of this machine accepts nobody any more',
    family: 'local-queue-full',
    on: world.campus4v6,
    listen: [],
    ...hung('::1'),
    target: '[::1]:9000',
    truth: {
      outcome: ['unreachable', 'impaired'],
      causes: ['local-service-hung'],
      where: [...HERE, { kind: 'target', address: '::1' }],
    },
  },
  {
    name: 'packets of this machine live for two hops (ip_default_ttl)',
    family: 'small-ttl',
    on: world.home3,
    fault: () => ({ client: ['echo 2 > /proc/sys/net/ipv4/ip_default_ttl'] }),
    target: port,
    truth: { outcome: 'unreachable', causes: ['local-default-ttl'], where: [thisMachine] },
  },
  {
    name: 'packets of this machine live for three hops (ip_default_ttl)',
    family: 'small-ttl',
    on: world.home5,
    fault: () => ({ client: ['echo 3 > /proc/sys/net/ipv4/ip_default_ttl'] }),
    target: port,
    truth: { outcome: 'unreachable', causes: ['local-default-ttl'], where: [thisMachine] },
  },
  {
    name: "docker0 of this machine claims the server's range",
    family: 'overlap',
    on: world.company3,
    fault: () => ({ client: [containers('docker0', '10.77.0.1/16')] }),
    target: port,
    truth: { outcome: 'unreachable', causes: ['local-subnet-overlap'], where: [thisMachine] },
  },
  {
    name: "a bridge of containers claims the server's range",
    family: 'overlap',
    on: world.campus4,
    fault: () => ({ client: [containers('br-7f3a9c01d2e4', '172.24.0.1/16')] }),
    target: port,
    truth: { outcome: 'unreachable', causes: ['local-subnet-overlap'], where: [thisMachine] },
  },
  {
    name: 'a permanent neighbour entry gives the first router a wrong address',
    family: 'neighbour-entry',
    on: world.home3,
    fault: (at) => ({
      client: [`ip neigh replace ${at.hop(1)} lladdr 02:00:00:00:00:99 dev eth0 nud permanent`],
    }),
    target: port,
    truth: {
      outcome: 'unreachable',
      causes: ['local-gateway-down'],
      where: [
        thisMachine,
        null,
        { kind: 'between', hop: 0 },
        { kind: 'between', hop: null },
        { kind: 'hop', hop: 1 },
      ],
    },
  },
  {
    name: 'a permanent neighbour entry gives the first router a wrong address',
    family: 'neighbour-entry',
    on: world.company3v6,
    fault: (at) => ({
      client: [`ip -6 neigh replace ${at.hop(1)} lladdr 02:00:00:00:00:99 dev eth0 nud permanent`],
    }),
    target: port,
    truth: {
      outcome: 'unreachable',
      causes: ['local-gateway-down'],
      where: [
        thisMachine,
        null,
        { kind: 'between', hop: 0 },
        { kind: 'between', hop: null },
        { kind: 'hop', hop: 1 },
      ],
    },
  },
  {
    name: 'the default route has a source address that nobody knows the way to',
    family: 'odd-source',
    on: world.home3,
    fault: (at) => ({
      client: [`ip addr add 10.99.0.9/32 dev lo; ip route replace default via ${at.hop(1)} src 10.99.0.9`],
    }),
    target: port,
    truth: {
      outcome: 'unreachable',
      causes: [
        'return-path',
        'network-firewall-drop',
        'routing-blackhole',
        'local-no-route',
        'local-gateway-down',
      ],
      maxConfidence: 0.8,
    },
  },
  {
    name: 'the last filter of this machine drops what the kernel has sent (egress hook)',
    family: 'dropped-after-the-kernel',
    on: world.campus4,
    fault: () => ({
      client: [
        'nft \'add table netdev e; add chain netdev e c { type filter hook egress device "eth0" priority 0; }; add rule netdev e c tcp dport 8080 drop\'',
      ],
    }),
    target: port,
    truth: {
      outcome: 'unreachable',
      causes: ['local-firewall', 'network-firewall-drop', 'local-gateway-down'],
    },
  },
  {
    name: 'a sidecar takes every connection of this machine and has nowhere to go',
    family: 'sidecar',
    on: world.home3,
    services: () => ({ client: [speaker(15001, { end: 'fin' }).command] }),
    waitFor: { client: [15001] },
    fault: (at) => ({
      client: [
        `nft 'add table ip s; add chain ip s o { type nat hook output priority -100; }; add rule ip s o ${to(at.server)} meta l4proto tcp redirect to :15001'`,
      ],
    }),
    target: port,
    truth: {
      outcome: 'impaired',
      causes: ['local-redirect'],
      where: [thisMachine],
    },
  },
  {
    name: 'a service of UDP was asked for by TCP (WireGuard)',
    family: 'asked-by-tcp',
    on: world.home3,
    listen: [22],
    services: () => ({ server: ['exec socat UDP-RECV:51820 OPEN:/dev/null'] }),
    target: (at) => hostPort(at.server, 51820),
    truth: (at) => ({
      outcome: 'unreachable',
      causes: ['udp-service', 'port-closed'],
      where: [{ kind: 'target', address: at.server }],
      maxConfidence: RESET_BY_HOST_LIMIT,
    }),
  },
  {
    name: 'a service of UDP was asked for by TCP (NTP)',
    family: 'asked-by-tcp',
    on: world.company3,
    listen: [22],
    services: () => ({ server: ['exec socat UDP-RECV:123 OPEN:/dev/null'] }),
    target: (at) => hostPort(at.server, 123),
    truth: (at) => ({
      outcome: 'unreachable',
      causes: ['udp-service', 'port-closed'],
      where: [{ kind: 'target', address: at.server }],
      maxConfidence: RESET_BY_HOST_LIMIT,
    }),
  },
  {
    name: 'a private address of a network that is not here, swallowed by the first router',
    family: 'private-elsewhere',
    on: world.home3,
    fault: () => ({ r1: ['ip route add blackhole 10.0.0.0/8'] }),
    target: '10.8.4.20:22',
    truth: { outcome: 'unreachable', causes: ['private-address-elsewhere'] },
  },
  {
    name: 'a container of another machine is asked for by the address that it has there (Docker)',
    family: 'container-of-another-machine',
    on: world.home3,
    fault: () => ({ r2: ['ip route add blackhole 172.16.0.0/12'] }),
    target: '172.17.0.2:8080',
    truth: { outcome: 'unreachable', causes: ['private-address-elsewhere'] },
  },
  {
    name: 'a private address of a network that is not here, and the second router says so',
    family: 'private-elsewhere',
    on: world.nat3,
    fault: (at) => ({ r1: [`ip route add default via ${at.hop(2)}`] }),
    target: '10.31.0.7:3389',
    truth: {
      outcome: 'unreachable',
      causes: ['private-address-elsewhere', 'routing-unreachable'],
      where: [null, { kind: 'hop', hop: 2 }, { kind: 'between' }, thisMachine],
    },
  },
  {
    name: 'the next machine on the link answers the neighbour lookup and drops everything',
    family: 'on-link-silent',
    on: { ...world.home1, neighbour: true },
    fault: () => ({ neighbour: [input('meta l4proto { tcp, udp, icmp } drop')] }),
    target: (at) => hostPort(at.neighbour, 445),
    truth: { outcome: 'unreachable', causes: ['host-firewall-drop'], mustNotClaim: ['host-down'] },
  },
  {
    name: 'the next machine on the link answers the neighbour lookup and drops everything',
    family: 'on-link-silent',
    on: { ...world.company3v6, neighbour: true },
    fault: () => ({
      neighbour: [
        "nft 'add table inet f; add chain inet f c { type filter hook input priority 0; }; add rule inet f c icmpv6 type { nd-neighbor-solicit, nd-neighbor-advert } accept; add rule inet f c drop'",
      ],
    }),
    target: (at) => hostPort(at.neighbour, 22),
    truth: { outcome: 'unreachable', causes: ['host-firewall-drop'], mustNotClaim: ['host-down'] },
  },
];

const names: Served[] = [
  {
    name: '0.0.0.0 is the answer for a name of the own network',
    family: 'answer-of-zeros',
    on: { ...world.home3, resolvers: 1 },
    ...odd(() => ({ records: { 'db.corp.internal': { a: ['0.0.0.0'] } } })),
    target: 'db.corp.internal:5432',
    truth: { outcome: 'unreachable', causes: ['dns-sinkhole'], where: [{ kind: 'resolver' }] },
  },
  {
    name: ':: is the answer for a name of the own network',
    family: 'answer-of-zeros',
    on: { ...world.campus4v6, resolvers: 1 },
    ...odd(() => ({ records: { 'nas.home.arpa': { aaaa: ['::'] } } })),
    target: 'nas.home.arpa:445',
    truth: { outcome: 'unreachable', causes: ['dns-sinkhole'], where: [{ kind: 'resolver' }] },
  },
  {
    name: 'every name leads to the first router (a portal that nobody passed)',
    family: 'gateway-for-every-name',
    on: { ...world.home3, resolvers: 1 },
    ...odd((at) => ({ wildcard: record(at.hop(1)) })),
    target: 'www.example.com:443',
    truth: {
      outcome: 'unreachable',
      causes: ['captive-portal', 'dns-sinkhole'],
      where: [null, { kind: 'resolver' }, { kind: 'between' }, { kind: 'hop' }],
    },
  },
  {
    name: 'every name leads to the first router (a portal that nobody passed)',
    family: 'gateway-for-every-name',
    on: { ...world.company3, resolvers: 1 },
    ...odd((at) => ({ wildcard: record(at.hop(1)) })),
    target: 'mail.example.org:993',
    truth: {
      outcome: 'unreachable',
      causes: ['captive-portal', 'dns-sinkhole'],
      where: [null, { kind: 'resolver' }, { kind: 'between' }, { kind: 'hop' }],
    },
  },
  {
    name: 'a mistyped name gets the address that every made-up name gets',
    family: 'mistyped-name',
    on: { ...world.home5, resolvers: 1 },
    ...odd((at) => ({
      records: { 'shop.example.com': record(at.server) },
      wildcard: record(at.unusedThere),
    })),
    target: 'shpo.example.com:8080',
    truth: {
      outcome: 'unreachable',
      causes: ['dns-sinkhole', 'dns-answers-differ', 'dns-name-not-found'],
      where: [{ kind: 'resolver' }],
    },
  },
  {
    name: 'the search domain made another host of the name',
    family: 'search-domain-won',
    on: { ...world.company3, resolvers: 1 },
    ...odd(
      (at) => ({ records: { 'db.corp.lab.test': record(at.unusedThere), 'db.lab.test': record(at.server) } }),
      'search corp.lab.test lab.test\n',
    ),
    target: 'db:8080',
    truth: (at) => ({
      outcome: 'unreachable',
      causes: ['host-down', 'dns-answers-differ'],
      where: [{ kind: 'resolver' }, { kind: 'between', hop: at.routers }],
      maxConfidence: 0.97,
    }),
  },
];

export default [...healthy, ...machine, ...names].map(served) satisfies Scenario[];
