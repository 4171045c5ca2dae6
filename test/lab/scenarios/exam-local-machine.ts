/** Examination: this machine, in ways that local.ts does not have. Truths were written before the first run. */
import {
  beforeAnyHop,
  family,
  forward,
  hostPort,
  input,
  output,
  route,
  type Scenario,
  SILENT_ON_EVERYTHING,
  type Truth,
  thisMachine,
} from '../scenario.ts';
import * as world from '../worlds.ts';
import { inWords } from '../worlds.ts';

const NAME = 'db.example.com';
const well: Truth = { outcome: 'reachable', causes: [] };
const here: Pick<Truth, 'outcome' | 'where'> = { outcome: 'unreachable', where: [thisMachine] };
const none = () => ({});

/** Either everything could still be measured, or the shortage is what the report is about. Never a crash. */
const short: Truth[] = [
  well,
  {
    outcome: ['reachable', 'impaired', 'unreachable', 'undetermined'],
    causes: ['local-resources'],
    where: [thisMachine],
  },
];
const descriptors = family(
  'exam-few-descriptors',
  [
    { on: world.home3, limit: 26, words: 'twenty-six descriptors' },
    { on: world.campus4v6, limit: 36, words: 'thirty-six descriptors' },
    { on: world.company2, limit: 48, words: 'forty-eight descriptors' },
    { on: world.home1, limit: 60, words: 'sixty descriptors' },
  ],
  ({ on, limit, words }) => ({
    name: `this process may have ${words} and the port is open (${inWords(on)})`,
    topology: on,
    clientShell: [`ulimit -n ${limit}`],
    fault: none,
    target: (at) => hostPort(at.server, 8080),
    truth: () => short,
  }),
);

const fewAndClosed = family('exam-few-descriptors', [40, 44, 52], (limit) => ({
  name: `this process may have ${limit} descriptors and the program on this machine is not there`,
  topology: world.home1,
  clientShell: [`ulimit -n ${limit}`],
  fault: none,
  target: () => hostPort('127.0.0.1', 9009),
  truth: () => ({
    outcome: ['unreachable', 'undetermined'],
    causes: ['port-closed', 'local-resources'],
    where: [{ kind: 'target' }, thisMachine],
  }),
}));

const tlsWithFew: Scenario = {
  name: 'this process may have thirty descriptors, by name to a TLS port (home, three routers, IPv6)',
  family: 'exam-few-descriptors',
  topology: world.home3v6,
  listen: [443],
  resolvers: (at) => [{ mode: 'normal', records: { [NAME]: { aaaa: [at.server] } } }],
  clientShell: ['ulimit -n 30'],
  fault: none,
  target: () => `ssh://${NAME}:443`,
  // The listener waits for words: for SSH nothing comes. Either that is seen, or the shortage is.
  truth: () => [
    {
      outcome: ['impaired', 'unreachable', 'undetermined'],
      causes: ['local-resources', 'service-unresponsive'],
    },
    { outcome: 'reachable', causes: ['local-resources'] },
  ],
};

const leakyParent: Scenario = {
  name: 'the parent left a thousand descriptors open, of 1024 (home, five routers)',
  family: 'exam-few-descriptors',
  topology: world.home5,
  listen: [22],
  clientShell: ['ulimit -n 1024; for i in $(seq 1 975); do exec {leak}< /dev/null; done'],
  fault: none,
  target: (at) => hostPort(at.server, 8080),
  // Enough is left to see that nothing listens, or it is said that not.
  truth: () => [
    { outcome: 'unreachable', causes: ['port-closed', 'local-resources'] },
    { outcome: ['undetermined', 'impaired'], causes: ['local-resources'], where: [thisMachine] },
  ],
};

/** Both source ports are held by connections to this very port; any other destination still has them. */
const portsHeld = family('exam-source-ports-held', [world.company2, world.campus4v6], (on) => ({
  name: `the two source ports there are, are connected to the port already (${inWords(on)})`,
  topology: on,
  services: (at) => ({
    client: [
      `sleep 1; echo "50000 50001" > /proc/sys/net/ipv4/ip_local_port_range; exec /run/lab/node -e "for (const p of [50000, 50001]) require('node:net').connect({ port: 8080, host: '${at.server}', localPort: p }); setInterval(() => {}, 1000)"`,
    ],
  }),
  fault: () => ({ client: ['sleep 2.5'] }),
  target: (at) => hostPort(at.server, 8080),
  truth: () => ({
    outcome: ['unreachable', 'undetermined'],
    causes: ['local-resources'],
    where: [thisMachine],
  }),
}));

const byOwner = family('exam-firewall-by-owner', [world.home5, world.company3v6], (on) => ({
  name: `this machine's firewall drops the TCP of ordinary users (${inWords(on)})`,
  topology: on,
  fault: () => ({ client: [output('meta l4proto tcp meta skuid != 0 drop')] }),
  target: (at) => hostPort(at.server, 8080),
  truth: () => ({ ...here, causes: ['local-firewall'] }),
}));

const allowList = family(
  'exam-firewall-allow-list',
  [
    { on: world.campus4v6, verdict: 'drop' },
    { on: world.nat3, verdict: 'reject with icmp admin-prohibited' },
  ],
  ({ on, verdict }) => ({
    name: `this machine lets out SSH, the web, DNS and ping only, ${verdict} (${inWords(on)})`,
    topology: on,
    listen: [22, 443, 8080],
    fault: () => ({
      client: [
        `nft 'add table inet a; add chain inet a o { type filter hook output priority 0; }; add rule inet a o oifname lo accept; add rule inet a o tcp dport { 22, 80, 443 } accept; add rule inet a o meta l4proto { icmp, ipv6-icmp } accept; add rule inet a o udp dport 53 accept; add rule inet a o ${verdict}'`,
      ],
    }),
    target: (at) => hostPort(at.server, 8080),
    truth: () => ({ ...here, causes: ['local-firewall'] }),
  }),
);

const notTracked: Scenario = {
  name: 'replies of the port are not tracked, and this machine lets only tracked ones in (home, three routers)',
  family: 'exam-firewall-state',
  topology: world.home3,
  fault: () => ({
    client: [
      "nft 'add table inet raw; add chain inet raw o { type filter hook output priority -300; }; add rule inet raw o tcp dport 8080 notrack'",
      "nft 'add table inet s; add chain inet s i { type filter hook input priority 0; }; add rule inet s i iifname lo accept; add rule inet s i ct state established,related accept; add rule inet s i icmp type echo-request accept; add rule inet s i drop'",
    ],
  }),
  target: (at) => hostPort(at.server, 8080),
  // Silent from TTL 1 on for this port alone: dropped here, or by an access list on arrival at the first router.
  truth: () => ({
    outcome: 'unreachable',
    causes: ['local-firewall', 'network-firewall-drop'],
    where: [thisMachine, ...beforeAnyHop],
  }),
};

const nothingFromHost = family('exam-firewall-input-host', [world.home3v6, world.campus4], (on) => ({
  name: `this machine drops everything that comes from the host (${inWords(on)})`,
  topology: on,
  fault: (at) => ({
    client: [input(`${at.server.includes(':') ? 'ip6' : 'ip'} saddr ${at.server} drop`)],
  }),
  target: (at) => hostPort(at.server, 8080),
  // On the wire all is well; without counters of this machine it is silence on everything after the last router.
  truth: () => ({
    outcome: 'unreachable',
    causes: ['local-firewall', ...SILENT_ON_EVERYTHING.causes],
    mustNotClaim: ['local-no-route', 'local-gateway-down'],
  }),
}));

const onlySix: Scenario = {
  name: 'this machine rejects the port over IPv6 only and the name has both (campus, three routers)',
  family: 'exam-firewall-one-family',
  topology: { routers: 3, plan: 'campus', families: 'both' },
  resolvers: (at) => [{ mode: 'normal', records: { [NAME]: { a: [at.server4], aaaa: [at.server6] } } }],
  fault: () => ({ client: [output('meta nfproto ipv6 tcp dport 8080 reject with tcp reset')] }),
  target: () => `${NAME}:8080`,
  truth: () => ({ outcome: 'impaired', causes: ['address-family-broken', 'local-firewall'] }),
};

const fourOnly: Scenario = {
  name: 'this machine rejects the port over IPv4 only, with ICMP, and the name has both (home, two routers)',
  family: 'exam-firewall-one-family',
  topology: { routers: 2, plan: 'home', families: 'both' },
  resolvers: (at) => [{ mode: 'normal', records: { [NAME]: { a: [at.server4], aaaa: [at.server6] } } }],
  fault: () => ({
    client: [output('meta nfproto ipv4 tcp dport 8080 reject with icmp admin-prohibited')],
  }),
  target: () => `${NAME}:8080`,
  truth: () => ({ outcome: 'impaired', causes: ['address-family-broken', 'local-firewall'] }),
};

const killSwitch = family(
  'exam-route-policy',
  [
    { on: world.home1, kind: 'unreachable' },
    { on: world.company3v6, kind: 'prohibit' },
    { on: world.campus4, kind: 'blackhole' },
  ],
  ({ on, kind }) => ({
    name: `a rule sends everything to a table with a ${kind} default (${inWords(on)})`,
    topology: on,
    fault: () => {
      const ip = on.families === 6 ? 'ip -6' : 'ip';
      return {
        client: [`${ip} route add ${kind} default table 51820; ${ip} rule add not fwmark 0x1 table 51820`],
      };
    },
    target: (at) => hostPort(at.server, 8080),
    truth: () => ({ ...here, causes: ['local-no-route'] }),
  }),
);

const byUser: Scenario = {
  name: 'a routing rule prohibits everything to ordinary users (campus, four routers)',
  family: 'exam-route-policy',
  topology: world.campus4,
  fault: () => ({ client: ['ip rule add uidrange 1-4294967294 prohibit'] }),
  target: (at) => hostPort(at.server, 8080),
  truth: () => ({ ...here, causes: ['local-no-route'] }),
};

const thrown: Scenario = {
  name: 'open, and another table throws the host back to the main one (home, three routers)',
  family: 'exam-local-healthy',
  topology: world.home3,
  fault: (at) => ({
    client: [
      `ip route add throw ${at.server} table 77; ip route add unreachable default table 77; ip rule add table 77`,
    ],
  }),
  target: (at) => hostPort(at.server, 8080),
  truth: () => well,
};

const deadTunnel = family('exam-dead-tunnel', [world.home3, world.campus2v6], (on) => ({
  name: `the route to the host leads into a tunnel that nobody empties (${inWords(on)})`,
  topology: on,
  fault: (at) => ({
    client: [
      `ip link add vpn0 type veth peer name vpn1; ip link set vpn0 arp off; ip link set vpn0 up; ip link set vpn1 up; ${route('add ADDRESS', at.server)}${on.families === 6 ? '/128' : '/32'} dev vpn0`,
    ],
  }),
  target: (at) => hostPort(at.server, 8080),
  // Silence on everything from TTL 1 on, by an interface of its own: here, or at the other end of whatever that is.
  truth: () => ({
    outcome: 'unreachable',
    causes: [
      'local-firewall',
      'local-gateway-down',
      'local-no-route',
      'routing-blackhole',
      'network-firewall-drop',
      'return-path',
    ],
    where: [thisMachine, ...beforeAnyHop],
    maxConfidence: 0.75,
  }),
}));

const twoUplinks: Scenario = {
  name: 'the better of two default routes leads to a gateway that is gone (company, three routers)',
  family: 'exam-two-uplinks',
  topology: world.company3,
  fault: (at) => ({
    client: [
      `ip route del default; ip route add default via ${at.hop(1)} metric 200; ip route add default via ${at.unusedHere} metric 50`,
    ],
  }),
  target: (at) => hostPort(at.server, 8080),
  truth: () => ({
    outcome: 'unreachable',
    causes: ['local-gateway-down'],
    where: [thisMachine, ...beforeAnyHop.slice(1)],
  }),
};

const dropAndResolver: Scenario = {
  name: 'the first resolver fails and this machine rejects the port (home, three routers)',
  family: 'exam-compound',
  topology: world.home3,
  resolvers: (at) => [{ mode: 'servfail' }, { mode: 'normal', records: { [NAME]: { a: [at.server] } } }],
  fault: () => ({
    client: [output('tcp dport 8080 reject with icmp host-prohibited')],
    r2: [forward('tcp dport 8080 drop')],
  }),
  target: () => `${NAME}:8080`,
  truth: () => ({ ...here, causes: ['local-firewall'] }),
};

const tlsElsewhere: Scenario = {
  name: "this machine's own interface has a small MTU and the port is open (home, three routers)",
  family: 'exam-local-healthy',
  topology: world.home3,
  fault: () => ({ client: ['ip link set eth0 mtu 576'] }),
  target: (at) => hostPort(at.server, 8080),
  flags: () => ['--trace'],
  truth: () => well,
};

const noFour: Scenario = {
  name: 'this machine has no way to IPv4, the name has both and IPv6 works (home, three routers)',
  family: 'exam-local-healthy',
  topology: { routers: 3, plan: 'home', families: 'both' },
  resolvers: (at) => [{ mode: 'normal', records: { [NAME]: { a: [at.server4], aaaa: [at.server6] } } }],
  fault: () => ({ client: ['ip -4 route del default'] }),
  target: () => `${NAME}:8080`,
  truth: () => [well, { outcome: 'impaired', causes: ['address-family-broken', 'local-no-route'] }],
};

export default [
  ...descriptors,
  ...fewAndClosed,
  tlsWithFew,
  leakyParent,
  ...portsHeld,
  ...byOwner,
  ...allowList,
  notTracked,
  ...nothingFromHost,
  onlySix,
  fourOnly,
  ...killSwitch,
  byUser,
  thrown,
  ...deadTunnel,
  twoUplinks,
  dropAndResolver,
  tlsElsewhere,
  noFour,
] satisfies Scenario[];
