/** Examination: names, in ways that names.ts does not have. Truths were written before the first run. */
import { certificates } from '../certificates.ts';
import {
  atTarget,
  family,
  hostPort,
  input,
  output,
  prerouting,
  RESET_BY_HOST_LIMIT,
  route,
  type Scenario,
  type Truth,
  thisMachine,
} from '../scenario.ts';
import { type Addresses, layOut, type Topology } from '../topology.ts';
import * as world from '../worlds.ts';
import { inWords } from '../worlds.ts';

const NAME = 'db.example.com';
const well: Truth = { outcome: 'reachable', causes: [] };
const none = () => ({});
const target = () => `${NAME}:8080`;
const record = (...addresses: string[]) =>
  addresses[0]?.includes(':') ? { aaaa: addresses } : { a: addresses };
const atResolver = (at: Addresses, n = 1) => [{ kind: 'resolver', address: at.dns(n) } as const];
const anyResolver = [{ kind: 'resolver' } as const];

type Odd = Record<string, unknown>;
/** Resolvers by exam-resolver.ts; all of them in resolv.conf but the last `outside`. */
const odd = (
  on: Topology,
  configs: (at: Addresses) => Odd[],
  { outside = 0, resolvConf = '' } = {},
): Pick<Scenario, 'topology' | 'files' | 'services' | 'waitFor'> => {
  const count = configs(layOut(on).at).length;
  const hosts = Array.from({ length: count }, (_, i) => `dns${i + 1}`);
  return {
    topology: { ...on, resolvers: count },
    files: (at) => ({
      ...Object.fromEntries(
        configs(at).map((config, i) => [
          `odd${i + 1}.json`,
          JSON.stringify({ address: at.dns(i + 1), records: {}, ...config }),
        ]),
      ),
      'resolv.conf': `${hosts
        .slice(0, count - outside)
        .map((_, i) => `nameserver ${at.dns(i + 1)}\n`)
        .join('')}${resolvConf}`,
    }),
    services: () =>
      Object.fromEntries(
        hosts.map((host, i) => [
          host,
          [`exec /run/lab/node "$SERVICES/exam-resolver.js" "$DIR/odd${i + 1}.json"`],
        ]),
      ),
    waitFor: Object.fromEntries(hosts.map((host) => [host, [53]])),
  };
};

// ---------------------------------------------------------------- the hosts file

const hostsFile: Scenario[] = [
  {
    name: 'the hosts file has the name in capitals, with a comment, for an address that is off (company, three routers)',
    family: 'exam-hosts-file',
    topology: world.company3,
    resolvers: (at) => [{ mode: 'normal', records: { [NAME]: record(at.server) } }],
    hostsFile: (at) => [`\t${at.unusedThere}\tdb DB.Example.COM\t# moved in spring`],
    fault: none,
    target,
    truth: () => ({ outcome: 'unreachable', causes: ['dns-hosts-override'], where: [thisMachine] }),
  },
  {
    name: 'open, and the hosts file has the name in comments only (campus, two routers, IPv6)',
    family: 'exam-hosts-file',
    topology: world.campus2v6,
    resolvers: (at) => [{ mode: 'normal', records: { [NAME]: record(at.server) } }],
    hostsFile: (at) => [`# ${at.unusedThere} ${NAME}`, `${at.unusedThere} other.example.com # ${NAME}`],
    fault: none,
    target,
    truth: () => well,
  },
  {
    name: 'the hosts file blocks the name with 0.0.0.0 (home, three routers)',
    family: 'exam-hosts-file',
    topology: world.home3,
    resolvers: (at) => [{ mode: 'normal', records: { [NAME]: record(at.server) } }],
    hostsFile: () => [`0.0.0.0 ads.example.net ${NAME}`],
    fault: none,
    target,
    truth: () => ({
      outcome: 'unreachable',
      causes: ['dns-hosts-override', 'dns-sinkhole'],
      where: [thisMachine],
    }),
  },
  {
    name: 'the hosts file names a host where another service has the port (campus, four routers)',
    family: 'exam-hosts-file',
    topology: { ...world.campus4, sibling: true },
    listen: [2222],
    resolvers: (at) => [{ mode: 'normal', records: { [NAME]: record(at.server) } }],
    hostsFile: (at) => [`${at.sibling} ${NAME}`],
    services: () => ({
      sibling: [
        `exec /run/lab/node "$SERVICES/exam-speaker.js" 2222 '{"greeting":"220 old.example.com ESMTP Postfix\\r\\n"}'`,
      ],
    }),
    waitFor: { sibling: [2222] },
    fault: none,
    target: () => `ssh://${NAME}:2222`,
    truth: () => ({
      outcome: 'impaired',
      causes: ['dns-hosts-override', 'protocol-mismatch'],
      alsoFinds: ['dns-hosts-override'],
    }),
  },
];

const sources: Scenario[] = [
  {
    name: 'this machine does not ask its hosts file, and DNS does not know the name (home, three routers, IPv6)',
    family: 'exam-name-sources',
    topology: world.home3v6,
    resolvers: [{ mode: 'normal', records: {} }],
    hostsFile: (at) => [`${at.server} ${NAME}`],
    files: () => ({ 'nsswitch.conf': 'hosts: dns\n' }),
    fault: none,
    target,
    truth: (at) => ({
      outcome: 'unreachable',
      causes: ['dns-name-not-found'],
      where: atResolver(at),
      mustNotClaim: ['dns-hosts-override'],
    }),
  },
  {
    name: 'this machine asks its hosts file only, and DNS would know the name (company, three routers)',
    family: 'exam-name-sources',
    topology: world.company3,
    resolvers: (at) => [{ mode: 'normal', records: { [NAME]: record(at.server) } }],
    files: () => ({ 'nsswitch.conf': 'hosts: files\n' }),
    fault: none,
    target,
    // The system's answer differs from the resolver's; the resolver does not say NXDOMAIN.
    truth: () => ({
      outcome: ['unreachable', 'undetermined', 'impaired'],
      causes: ['dns-answers-differ', 'dns-hosts-override'],
      mustNotClaim: ['dns-name-not-found', 'dns-no-address'],
    }),
  },
  {
    name: 'resolv.conf names no resolver and nothing listens on 127.0.0.1 (campus, two routers)',
    family: 'exam-name-sources',
    topology: { routers: 2, plan: 'campus', families: 4 },
    files: () => ({ 'resolv.conf': '# written by nobody\n' }),
    fault: none,
    target,
    truth: () => ({
      outcome: ['unreachable', 'undetermined'],
      causes: ['dns-resolver-unreachable'],
      where: [thisMachine, { kind: 'resolver' }, null],
    }),
  },
];

const search: Scenario[] = [
  {
    name: 'open, a short name by the search list (company, two routers)',
    family: 'exam-search-list',
    ...odd(world.company2, (at) => [{ records: { 'db.corp.example.com': record(at.server) } }], {
      resolvConf: 'search lab.example.net corp.example.com\n',
    }),
    fault: none,
    target: () => 'db:8080',
    truth: () => well,
  },
  {
    name: 'open, a name with one dot by the search list and ndots:2 (home, three routers, IPv6)',
    family: 'exam-search-list',
    ...odd(world.home3v6, (at) => [{ records: { 'db.prod.example.com': record(at.server) } }], {
      resolvConf: 'search example.com\noptions ndots:2\n',
    }),
    fault: none,
    target: () => 'db.prod:8080',
    truth: () => well,
  },
  {
    name: 'a short name is in no domain of the search list (campus, four routers)',
    family: 'exam-search-list',
    ...odd(world.campus4, () => [{}], { resolvConf: 'search a.example.com b.example.com\n' }),
    fault: none,
    target: () => 'dbb:8080',
    truth: (at) => ({ outcome: 'unreachable', causes: ['dns-name-not-found'], where: atResolver(at) }),
  },
  {
    name: 'open, the name typed in capitals with a dot at its end (home, one router)',
    family: 'exam-search-list',
    ...odd(world.home1, (at) => [{ records: { [NAME]: record(at.server) } }]),
    fault: none,
    target: () => 'DB.Example.COM.:8080',
    truth: () => well,
  },
];

// ---------------------------------------------------------------- resolvers that are odd

const twoResolvers = family(
  'exam-first-resolver-fails',
  [
    { on: world.company3, mode: 'servfail' as const },
    { on: world.home3v6, mode: 'refused' as const },
  ],
  ({ on, mode }) => ({
    name: `the first resolver says ${mode.toUpperCase()}, the second is fine and the port is open (${inWords(on)})`,
    topology: on,
    resolvers: (at) => [{ mode }, { mode: 'normal', records: { [NAME]: record(at.server) } }],
    fault: none,
    target,
    truth: (at) => [
      { outcome: ['impaired', 'reachable'], causes: ['dns-server-failure'], where: atResolver(at) },
      well,
    ],
  }),
);

const oddities: Scenario[] = [
  {
    name: 'the first resolver fails, and nothing listens on the port (campus, four routers)',
    family: 'exam-compound',
    topology: world.campus4,
    listen: [22],
    resolvers: (at) => [{ mode: 'refused' }, { mode: 'normal', records: { [NAME]: record(at.server) } }],
    fault: none,
    target,
    truth: (at) => ({
      outcome: 'unreachable',
      causes: ['port-closed'],
      where: [atTarget(at.server)],
      maxConfidence: RESET_BY_HOST_LIMIT,
    }),
  },
  {
    name: 'the first resolver does not know the name, the second does (home, three routers)',
    family: 'exam-two-views',
    topology: world.home3,
    resolvers: (at) => [
      { mode: 'normal', records: {} },
      { mode: 'normal', records: { [NAME]: record(at.server) } },
    ],
    fault: none,
    target,
    truth: () => ({
      outcome: 'unreachable',
      causes: ['dns-answers-differ', 'dns-name-not-found'],
      where: anyResolver,
      alsoFinds: ['dns-answers-differ'],
    }),
  },
  {
    name: 'the first resolver has an internal address without a route, the second the public one (home, five routers)',
    family: 'exam-two-views',
    topology: world.home5,
    resolvers: (at) => [
      { mode: 'normal', records: { [NAME]: record('10.99.7.7') } },
      { mode: 'normal', records: { [NAME]: record(at.server) } },
    ],
    fault: none,
    target,
    truth: () => ({
      outcome: 'unreachable',
      causes: ['dns-answers-differ', 'routing-unreachable'],
      alsoFinds: ['dns-answers-differ'],
    }),
  },
  {
    name: 'open, and the resolver says NXDOMAIN to AAAA alone (campus, four routers)',
    family: 'exam-odd-resolver',
    ...odd(world.campus4, (at) => [{ records: { [NAME]: record(at.server) }, rcodeOf: { AAAA: 3 } }]),
    fault: none,
    target,
    truth: () => well,
  },
  {
    name: 'the resolver fails on AAAA alone and the port is open (company, three routers)',
    family: 'exam-odd-resolver',
    ...odd(world.company3, (at) => [{ records: { [NAME]: record(at.server) }, rcodeOf: { AAAA: 2 } }]),
    fault: none,
    target,
    truth: () => [
      well,
      // A server that fails on one type is a fault of that server, though not of this port.
      { outcome: ['reachable', 'impaired'], causes: ['dns-server-failure'] },
    ],
  },
  {
    name: 'open, and the resolver answers by TCP only (home, three routers, IPv6)',
    family: 'exam-odd-resolver',
    ...odd(world.home3v6, (at) => [{ records: { [NAME]: record(at.server) }, truncates: true }]),
    fault: none,
    target,
    truth: () => well,
  },
  {
    name: 'the resolver wants TCP and its TCP port is dropped (home, one router)',
    family: 'exam-odd-resolver',
    ...odd(world.home1, (at) => [{ records: { [NAME]: record(at.server) }, truncates: true }]),
    fault: () => ({ dns1: [input('tcp dport 53 drop')] }),
    target,
    truth: (at) => ({
      outcome: ['unreachable', 'undetermined'],
      causes: ['dns-resolver-unreachable', 'dns-server-failure'],
      where: atResolver(at),
    }),
  },
  {
    name: 'the resolver answers from another address (company, two routers)',
    family: 'exam-odd-resolver',
    topology: { ...world.company2, resolvers: 1 },
    files: (at) => ({
      'odd.json': JSON.stringify({
        address: at.dns(1),
        answersFrom: at.unusedHere,
        records: { [NAME]: record(at.server) },
      }),
      'resolv.conf': `nameserver ${at.dns(1)}\n`,
    }),
    services: (at) => ({
      dns1: [
        `ip addr add ${at.unusedHere}/24 dev eth0; exec /run/lab/node "$SERVICES/exam-resolver.js" "$DIR/odd.json"`,
      ],
    }),
    waitFor: { dns1: [53] },
    // TCP would answer; who asks by UDP hears nothing.
    fault: () => ({ dns1: [input('tcp dport 53 reject with tcp reset')] }),
    target,
    truth: (at) => ({
      outcome: ['unreachable', 'undetermined'],
      causes: ['dns-resolver-unreachable'],
      where: atResolver(at),
    }),
  },
  {
    name: 'the resolver answers garbage (campus, two routers, IPv6)',
    family: 'exam-odd-resolver',
    ...odd(world.campus2v6, () => [{ garbage: true }]),
    fault: none,
    target,
    truth: (at) => ({
      outcome: ['unreachable', 'undetermined'],
      causes: ['dns-server-failure', 'dns-resolver-unreachable'],
      where: atResolver(at),
    }),
  },
  {
    name: 'open, and the resolver takes three seconds (campus, four routers, IPv6)',
    family: 'exam-odd-resolver',
    ...odd(world.campus4v6, (at) => [{ records: { [NAME]: record(at.server) }, delayMs: 3000 }]),
    fault: none,
    target,
    truth: () => well,
  },
  {
    name: 'the resolver answers every name with its own page, another says there is no such name (home, three routers)',
    family: 'exam-wildcard',
    ...odd(world.home3, (at) => [{ wildcard: record(at.dns(1)) }, {}], { outside: 1 }),
    fault: none,
    target: () => 'no-such-host-7.example.com:8080',
    flags: (at) => ['--resolver', at.dns(2)],
    truth: () => ({
      outcome: 'unreachable',
      causes: ['dns-answers-differ', 'dns-sinkhole'],
      where: anyResolver,
    }),
  },
  {
    name: 'the resolver blocks the name with its own address and says so (campus, two routers, IPv6)',
    family: 'exam-sinkhole',
    ...odd(world.campus2v6, (at) => [
      { records: { [NAME]: record(at.dns(1)) }, extendedError: { code: 15, text: 'Blocked by policy' } },
    ]),
    fault: none,
    target,
    truth: () => ({ outcome: 'unreachable', causes: ['dns-sinkhole'], where: anyResolver }),
  },
  {
    name: 'the resolver blocks the name with NXDOMAIN and says so (company, three routers)',
    family: 'exam-sinkhole',
    topology: world.company3,
    resolvers: [{ mode: 'normal', records: {}, extendedError: { code: 17, text: 'Filtered: malware' } }],
    fault: none,
    target,
    truth: (at) => ({
      outcome: 'unreachable',
      causes: ['dns-sinkhole', 'dns-name-not-found'],
      where: atResolver(at),
    }),
  },
  {
    name: 'the name leads to 127.0.0.1, where another program has the port (home, three routers)',
    family: 'exam-sinkhole',
    topology: world.home3,
    listenOn: { client: [8080] },
    resolvers: [{ mode: 'normal', records: { [NAME]: record('127.0.0.1') } }],
    fault: none,
    target,
    truth: () => [{ outcome: ['reachable', 'impaired'], causes: ['dns-sinkhole'] }, well],
  },
  {
    name: "the name leads to this machine's own address and nothing listens (campus, four routers)",
    family: 'exam-own-address',
    topology: world.campus4,
    resolvers: (at) => [{ mode: 'normal', records: { [NAME]: record(at.client) } }],
    fault: none,
    target,
    truth: (at) => ({
      outcome: 'unreachable',
      causes: ['port-closed'],
      where: [atTarget(at.client), thisMachine],
    }),
  },
  {
    name: 'the resolver is far away and router 2 drops DNS (home, three routers)',
    family: 'exam-far-resolver',
    topology: { ...world.home3, elsewhere: 3 },
    files: (at) => ({
      'resolv.conf': `nameserver ${at.elsewhere}\n`,
      'far.json': JSON.stringify({ address: at.elsewhere, records: { [NAME]: record(at.server) } }),
    }),
    services: () => ({
      elsewhere: ['exec /run/lab/node "$SERVICES/exam-resolver.js" "$DIR/far.json"'],
    }),
    waitFor: { elsewhere: [53] },
    fault: () => ({ r2: [prerouting('meta l4proto { tcp, udp } th dport 53 drop')] }),
    target,
    truth: (at) => ({
      outcome: 'unreachable',
      causes: ['dns-resolver-unreachable'],
      where: [{ kind: 'resolver', address: at.elsewhere }],
    }),
  },
  {
    name: 'this machine lets no DNS out (company, three routers, IPv6)',
    family: 'exam-far-resolver',
    topology: world.company3v6,
    resolvers: (at) => [{ mode: 'normal', records: { [NAME]: record(at.server) } }],
    fault: () => ({ client: [output('meta l4proto { tcp, udp } th dport 53 drop')] }),
    target,
    truth: () => ({
      outcome: 'unreachable',
      causes: ['local-firewall', 'dns-resolver-unreachable'],
      where: [thisMachine, { kind: 'resolver' }],
    }),
  },
];

const moreOddities: Scenario[] = [
  {
    name: 'open, and the resolver is so old that it refuses EDNS (home, five routers)',
    family: 'exam-odd-resolver',
    ...odd(world.home5, (at) => [{ records: { [NAME]: record(at.server) }, oldServer: true }]),
    fault: none,
    target,
    truth: () => well,
  },
  {
    name: 'open, and the resolver never answers about AAAA (home, three routers)',
    family: 'exam-odd-resolver',
    ...odd(world.home3, (at) => [{ records: { [NAME]: record(at.server) }, silentToAaaa: true }]),
    fault: none,
    target,
    // The system waits its ten seconds for it and then takes what it has: slow, and reachable.
    truth: () => [
      well,
      { outcome: ['reachable', 'impaired'], causes: ['dns-resolver-unreachable', 'dns-server-failure'] },
    ],
  },
  {
    name: 'an alias leads to itself (campus, two routers)',
    family: 'exam-odd-resolver',
    ...odd({ routers: 2, plan: 'campus', families: 4 }, () => [
      { records: { [NAME]: { cname: 'a.example.com' }, 'a.example.com': { cname: NAME } } },
    ]),
    fault: none,
    target,
    truth: (at) => ({
      outcome: 'unreachable',
      causes: ['dns-no-address', 'dns-server-failure', 'dns-name-not-found'],
      where: atResolver(at),
      maxConfidence: 0.99,
    }),
  },
  {
    name: 'the hosts file has an old IPv6 address without a way there, DNS an IPv4 address (company, three routers)',
    family: 'exam-hosts-file',
    topology: world.company3,
    resolvers: (at) => [{ mode: 'normal', records: { [NAME]: record(at.server) } }],
    hostsFile: () => [`2001:db8:77::80 ${NAME}`],
    fault: none,
    target,
    truth: () => ({
      outcome: 'unreachable',
      causes: ['dns-hosts-override', 'local-no-route'],
      where: [thisMachine],
      alsoFinds: ['dns-hosts-override'],
    }),
  },
  {
    name: 'open, the first resolver takes four seconds and the second is quick (home, one router)',
    family: 'exam-slow-resolver',
    ...odd(world.home1, (at) => [
      { records: { [NAME]: record(at.server) }, delayMs: 4000 },
      { records: { [NAME]: record(at.server) } },
    ]),
    fault: none,
    target,
    truth: () => [
      well,
      { outcome: ['reachable', 'impaired'], causes: ['dns-resolver-unreachable'], maxConfidence: 0.9 },
    ],
  },
  {
    name: 'the resolver takes three seconds and nothing listens (company, two routers)',
    family: 'exam-slow-resolver',
    ...odd(world.company2, (at) => [{ records: { [NAME]: record(at.server) }, delayMs: 3000 }]),
    listen: [22],
    fault: none,
    target,
    truth: (at) => ({
      outcome: 'unreachable',
      causes: ['port-closed'],
      where: [atTarget(at.server)],
      maxConfidence: RESET_BY_HOST_LIMIT,
    }),
  },
  {
    name: 'the resolver sends a filtered name to a page with a certificate of its own, and says so (campus, four routers)',
    family: 'exam-wildcard',
    ...odd(
      world.campus4,
      (at) => [
        { records: { [NAME]: record('172.16.4.51') }, extendedError: { code: 17, text: 'Filtered' } },
        { records: { [NAME]: record(at.server) } },
      ],
      { outside: 1 },
    ),
    ...{ topology: { ...world.campus4, resolvers: 2, neighbour: true } },
    prepare: () => certificates({ name: 'block.example.net' }),
    listen: [443],
    listenOn: {},
    services: () => ({
      dns1: ['exec /run/lab/node "$SERVICES/exam-resolver.js" "$DIR/odd1.json"'],
      dns2: ['exec /run/lab/node "$SERVICES/exam-resolver.js" "$DIR/odd2.json"'],
      neighbour: [
        'cd "$DIR"; exec openssl s_server -accept 443 -cert chain.pem -cert_chain chain.pem -key key.pem -www -quiet',
      ],
    }),
    waitFor: { dns1: [53], dns2: [53], neighbour: [443] },
    fault: none,
    target: () => `https://${NAME}`,
    flags: (at) => ['--ca', 'root.pem', '--resolver', at.dns(2)],
    // The certificate shows it and the resolver says it: the filter is the reason for what is heard.
    truth: () => ({
      outcome: 'impaired',
      causes: ['dns-sinkhole', 'dns-answers-differ', 'tls-name-mismatch'],
      alsoFinds: ['dns-sinkhole'],
    }),
  },
  {
    name: 'the resolver makes up an address for every name, and the host there is off (home, five routers)',
    family: 'exam-wildcard',
    ...odd(world.home5, (at) => [{ wildcard: record(at.unusedThere) }, {}], { outside: 1 }),
    fault: none,
    target: () => 'no-such-host-8.example.com:8080',
    flags: (at) => ['--resolver', at.dns(2)],
    truth: () => ({ outcome: 'unreachable', causes: ['dns-answers-differ'], where: anyResolver }),
  },
];

// ---------------------------------------------------------------- several addresses

const several: Scenario[] = [
  {
    name: 'the name has only IPv6, and this machine only IPv4 (home, three routers)',
    family: 'exam-addresses',
    topology: world.home3,
    resolvers: [{ mode: 'normal', records: { [NAME]: { aaaa: ['2001:db8:c0de:80::50'] } } }],
    fault: none,
    target,
    truth: () => ({ outcome: 'unreachable', causes: ['local-no-route'], where: [thisMachine] }),
  },
  {
    name: 'three of six addresses are off (company, three routers)',
    family: 'exam-addresses',
    topology: world.company3,
    resolvers: [
      { mode: 'normal', records: { [NAME]: record(...[80, 91, 92, 93, 94, 95].map((n) => `10.77.3.${n}`)) } },
    ],
    fault: () => ({ server: ['ip addr add 10.77.3.91/24 dev eth0; ip addr add 10.77.3.92/24 dev eth0'] }),
    target,
    truth: () => ({ outcome: 'impaired', causes: ['address-partly-down'] }),
  },
  {
    name: 'one of two addresses in two networks is lost at router 1 (campus, four routers)',
    family: 'exam-addresses',
    topology: { ...world.campus4, elsewhere: 2 },
    listenOn: { elsewhere: [8080] },
    resolvers: (at) => [{ mode: 'normal', records: { [NAME]: record(at.server, at.elsewhere) } }],
    fault: (at) => ({ r1: [route('add blackhole ADDRESS', at.server)] }),
    target,
    truth: () => ({ outcome: 'impaired', causes: ['address-partly-down'] }),
  },
  {
    name: 'localhost is ::1 too, and the service listens on 127.0.0.1 only (home, one router)',
    family: 'exam-localhost',
    topology: world.home1,
    files: () => ({ 'four.json': JSON.stringify({ ports: [9000], addresses: ['127.0.0.1'] }) }),
    services: () => ({ client: ['exec /run/lab/node "$SERVICES/listen.js" "$DIR/four.json"'] }),
    waitFor: { client: [9000] },
    fault: none,
    target: () => 'localhost:9000',
    truth: () => ({
      outcome: ['impaired', 'reachable'],
      causes: ['address-family-broken', 'listens-elsewhere'],
    }),
  },
  {
    name: 'nothing listens on the port of localhost (campus, two routers, IPv6)',
    family: 'exam-localhost',
    topology: world.campus2v6,
    fault: none,
    target: () => 'localhost:9000',
    truth: () => ({
      outcome: 'unreachable',
      causes: ['port-closed'],
      where: [{ kind: 'target' }, thisMachine],
      maxConfidence: 0.99,
    }),
  },
  {
    name: "this machine's firewall rejects the port of localhost (home, three routers)",
    family: 'exam-localhost',
    topology: world.home3,
    listenOn: { client: [9000] },
    fault: () => ({ client: [output('oifname lo tcp dport 9000 reject with icmp admin-prohibited')] }),
    target: () => hostPort('127.0.0.1', 9000),
    truth: () => ({
      outcome: 'unreachable',
      causes: ['local-firewall', 'host-firewall-reject'],
      where: [thisMachine, { kind: 'target' }],
    }),
  },
];

export default [
  ...hostsFile,
  ...sources,
  ...search,
  ...twoResolvers,
  ...oddities,
  ...moreOddities,
  ...several,
] satisfies Scenario[];
