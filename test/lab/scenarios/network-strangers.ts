/** Networks as a stranger would break them, who knows neither rules nor tests. Truths were written before the first run. */
import { type Served, served, WELL } from '../daemons/served.ts';
import { squid } from '../daemons/web.ts';
import {
  after,
  atHop,
  atTarget,
  forward,
  from,
  HASH_BY_PORTS,
  hostPort,
  input,
  loopBetween,
  noEcho,
  output,
  RESET_BY_HOST_LIMIT,
  route,
  type Scenario,
  SILENT_ON_EVERYTHING,
} from '../scenario.ts';
import type { Addresses } from '../topology.ts';
import * as world from '../worlds.ts';

const port = (at: Addresses): string => hostPort(at.server, 8080);
const v6 = (address: string): boolean => address.includes(':');
/** The first packet for the port is refused, what comes within a minute is dropped. */
const refusesOnce = (hook: (rule: string) => string, how: string): string[] => [
  hook(`tcp dport 8080 limit rate 1/minute burst 1 packets reject with ${how}`),
  hook('tcp dport 8080 drop'),
];
const record = (address: string) => (v6(address) ? { aaaa: [address] } : { a: [address] });

const everyNameLeadsToTheServer: Pick<Scenario, 'files' | 'services' | 'waitFor'> = {
  files: (at) => ({
    'odd.json': JSON.stringify({ address: at.dns(1), records: {}, wildcard: record(at.server) }),
    'resolv.conf': `nameserver ${at.dns(1)}\n`,
  }),
  services: () => ({ dns1: ['exec /run/lab/node "$SERVICES/exam-resolver.js" "$DIR/odd.json"'] }),
  waitFor: { dns1: [53] },
};

const refusals: Served[] = [
  {
    name: 'the host refuses once and then says nothing (port-unreachable)',
    family: 'host-refuses-once',
    on: world.company3,
    fault: () => ({ server: refusesOnce(input, 'icmp port-unreachable') }),
    target: port,
    truth: (at) => ({
      outcome: 'unreachable',
      causes: ['host-firewall-reject', 'client-banned'],
      where: [atTarget(at.server)],
    }),
  },
  {
    name: 'the host refuses once and then says nothing (admin-prohibited)',
    family: 'host-refuses-once',
    on: world.home3v6,
    fault: () => ({ server: refusesOnce(input, 'icmpv6 admin-prohibited') }),
    target: port,
    truth: (at) => ({
      outcome: 'unreachable',
      causes: ['host-firewall-reject', 'client-banned'],
      where: [atTarget(at.server)],
    }),
  },
  {
    name: 'router 2 says "no route" once for the port and then nothing',
    family: 'no-route-told-once',
    on: world.campus4,
    fault: () => ({ r2: refusesOnce(forward, 'icmp net-unreachable') }),
    target: port,
    truth: (at) => ({
      outcome: 'unreachable',
      causes: ['network-firewall-reject', 'routing-unreachable'],
      where: [atHop(at, 2)],
    }),
  },
  {
    name: 'router 2 resets the first connection and drops the next',
    family: 'reset-once',
    on: world.home5,
    fault: () => ({ r2: refusesOnce(forward, 'tcp reset') }),
    target: port,
    truth: {
      outcome: 'unreachable',
      // A reset says nothing of who sent it, and it came once.
      causes: [
        'network-firewall-reject',
        'network-firewall-drop',
        'port-closed',
        'rate-limited',
        'client-banned',
      ],
      maxConfidence: 0.9,
    },
  },
];

const routes: Served[] = [
  {
    name: 'only the port goes in circles between routers 2 and 3',
    family: 'routed-by-port',
    on: world.campus4v6,
    fault: (at) => ({
      r3: [
        `ip -6 rule add ipproto tcp dport 8080 lookup 88 pref 20; ip -6 route add ${at.server} via ${at.farSide(2)} table 88`,
      ],
    }),
    target: port,
    truth: { outcome: 'unreachable', causes: ['routing-loop'], where: loopBetween(2, 3, 4) },
  },
  {
    name: 'the answers go in circles between routers 2 and 3',
    family: 'loop-of-the-way-back',
    on: world.home5,
    fault: (at) => ({ r2: [route(`replace ${at.clientNet} via ${at.hop(3)}`, at.client)] }),
    target: port,
    truth: { outcome: 'unreachable', ...SILENT_ON_EVERYTHING },
  },
  {
    name: 'one of two ways side by side drops the port',
    family: 'one-way-of-two-filters',
    on: world.company3,
    fault: (at) => ({
      r1: [
        `ip link add other type veth peer name back netns r2; ip addr add 100.64.242.1/30 dev other; ip link set other up`,
        ...HASH_BY_PORTS,
        `sleep 0.2; ip route replace ${at.serverNet} nexthop via ${at.hop(2)} nexthop via 100.64.242.2 dev other`,
      ],
      r2: [
        'for i in 1 2 3 4 5 6 7 8 9 10; do ip link show back >/dev/null 2>&1 && break; sleep 0.05; done; ip addr add 100.64.242.2/30 dev back; ip link set back up',
        forward('iifname "back" tcp dport 8080 drop'),
      ],
    }),
    target: port,
    flags: () => ['--answer', 'symptom=intermittent'],
    truth: [
      {
        outcome: ['impaired', 'reachable'],
        // Several servers behind one address, of which one is gone, fare the same.
        causes: ['path-loss', 'network-firewall-drop', 'backend-down'],
        maxConfidence: 0.8,
      },
      WELL,
      {
        outcome: 'unreachable',
        causes: ['path-loss', 'network-firewall-drop', 'host-firewall-drop'],
        maxConfidence: 0.9,
      },
    ],
  },
  {
    name: 'UDP and ping are dropped by router 1, and router 3 drops the port',
    family: 'tcp-only-and-a-drop',
    on: world.campus4,
    listen: [22, 8080],
    fault: () => ({
      r1: [forward('iifname "lan" meta l4proto { udp, icmp } drop')],
      r3: [forward('tcp dport 8080 drop')],
    }),
    target: port,
    truth: (at) => ({ outcome: 'unreachable', causes: ['network-firewall-drop'], where: [after(at, 3)] }),
  },
];

const proxies: Served[] = [
  {
    name: 'a proxy is set and does not get there either, and router 3 drops the port',
    family: 'proxy-is-no-help',
    on: { ...world.home3, neighbour: true },
    listen: [22, 443],
    daemons: {
      neighbour: [
        squid('acl all_ports port 1-65535\nconnect_timeout 1 second\nhttp_access allow CONNECT all'),
      ],
    },
    env: (at) => ({ https_proxy: `http://user:secret@${at.neighbour}:3128` }),
    fault: () => ({ r3: [forward('tcp dport 443 drop')] }),
    target: (at) => hostPort(at.server, 443),
    truth: (at) => ({
      outcome: 'unreachable',
      causes: ['network-firewall-drop', 'host-firewall-drop'],
      where: [after(at, 3)],
      mustNotClaim: ['proxy-required'],
    }),
  },
  {
    name: 'the proxy of the environment wants a login, and nothing else leaves the link',
    family: 'proxy-wants-a-login',
    on: { ...world.company3, neighbour: true },
    listen: [22, 443],
    services: () => ({
      neighbour: [
        `exec /run/lab/node -e "require('net').createServer((s) => { s.on('error', () => {}); s.on('data', () => s.end('HTTP/1.1 407 Proxy Authentication Required\\r\\nProxy-Authenticate: Basic realm=x\\r\\nContent-Length: 0\\r\\n\\r\\n')); }).listen(3128)"`,
      ],
    }),
    waitFor: { neighbour: [3128] },
    env: (at) => ({ https_proxy: `http://${at.neighbour}:3128` }),
    fault: (at) => ({ r1: [forward(`iifname "lan" oifname != "lan" ${from(at.client)} drop`)] }),
    target: (at) => hostPort(at.server, 443),
    truth: {
      outcome: 'unreachable',
      causes: [
        'network-firewall-drop',
        'proxy-required',
        'egress-port-block',
        'routing-blackhole',
        'host-firewall-drop',
      ],
      maxConfidence: 0.79,
    },
  },
];

const names: Served[] = [
  {
    name: 'every made-up name leads to a host that is up, and nothing listens there',
    family: 'wildcard-record',
    on: { ...world.company3, resolvers: 1 },
    listen: [22],
    ...everyNameLeadsToTheServer,
    target: 'shop.example.com:8080',
    truth: (at) => ({
      outcome: 'unreachable',
      causes: ['port-closed'],
      where: [atTarget(at.server)],
      maxConfidence: RESET_BY_HOST_LIMIT,
    }),
  },
  {
    name: 'well, every name of the zone leads to this host',
    family: 'healthy-wildcard-record',
    on: { ...world.home3v6, resolvers: 1 },
    ...everyNameLeadsToTheServer,
    target: 'shop.example.com:8080',
    truth: WELL,
  },
];

const here: Served[] = [
  {
    name: 'this machine rejects its own UDP and ping, and nothing listens there',
    family: 'own-firewall-beside-a-closed-port',
    on: world.campus4,
    listen: [22],
    fault: () => ({
      client: [output('meta l4proto { udp, icmp } reject'), noEcho(output)],
    }),
    target: port,
    truth: (at) => ({
      outcome: 'unreachable',
      causes: ['port-closed'],
      where: [atTarget(at.server)],
      maxConfidence: RESET_BY_HOST_LIMIT,
    }),
  },
  {
    name: 'well, packets of this machine live for ten hops',
    family: 'healthy-small-ttl',
    on: world.home5,
    fault: () => ({ client: ['echo 10 > /proc/sys/net/ipv4/ip_default_ttl'] }),
    target: port,
    truth: WELL,
  },
];

export default [...refusals, ...routes, ...proxies, ...names, ...here].map(served) satisfies Scenario[];
