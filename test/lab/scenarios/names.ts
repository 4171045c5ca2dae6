/** Names: what the resolvers say, what the hosts file says, and when they do not agree. */
import { family, forward, hostPort, input, type Resolver, type Scenario, thisMachine } from '../scenario.ts';
import type { Addresses } from '../topology.ts';
import * as world from '../worlds.ts';
import { inWords } from '../worlds.ts';

const NAME = 'db.example.com';
const target = () => `${NAME}:8080`;
const atResolver = (at: Addresses, n = 1) => [{ kind: 'resolver', address: at.dns(n) } as const];
const anyResolver = [{ kind: 'resolver' } as const];
/** The record of the name in the family of the topology. */
const record = (address: string) => (address.includes(':') ? { aaaa: [address] } : { a: [address] });
const answers = (address: string): Resolver => ({ mode: 'normal', records: { [NAME]: record(address) } });
const nothing = () => ({});

const notFound = family('nxdomain', [world.home3v6, world.home1], (on) => ({
  name: `the name does not exist (${inWords(on)})`,
  topology: on,
  resolvers: [{ mode: 'normal', records: {} }],
  fault: nothing,
  target,
  truth: (at) => ({ outcome: 'unreachable', causes: ['dns-name-not-found'], where: atResolver(at) }),
}));

const dangling: Scenario = {
  name: 'an alias leads to a name that does not exist',
  family: 'nxdomain',
  topology: world.company3,
  resolvers: [{ mode: 'normal', records: { [NAME]: { cname: 'gone.example.com' } } }],
  fault: nothing,
  target,
  truth: (at) => ({
    outcome: 'unreachable',
    causes: ['dns-name-not-found', 'dns-no-address'],
    where: atResolver(at),
  }),
};

const noAddress = family('no-address-record', [world.company3, world.campus2v6], (on) => ({
  name: `the name exists and has no address (${inWords(on)})`,
  topology: on,
  resolvers: [{ mode: 'normal', records: { [NAME]: {} } }],
  fault: nothing,
  target,
  truth: (at) => ({ outcome: 'unreachable', causes: ['dns-no-address'], where: atResolver(at) }),
}));

const failures = family(
  'resolver-failure',
  [
    { on: world.campus4, mode: 'refused' as const },
    { on: world.home3v6, mode: 'refused' as const },
    { on: world.campus2v6, mode: 'servfail' as const },
  ],
  ({ on, mode }) => ({
    name: `the resolver says ${mode.toUpperCase()} (${inWords(on)})`,
    topology: on,
    resolvers: [{ mode }],
    fault: nothing,
    target,
    truth: (at) => ({ outcome: 'unreachable', causes: ['dns-server-failure'], where: atResolver(at) }),
  }),
);

const unreachable = [
  ...family('resolver-silent', [world.home3v6], (on) => ({
    name: `the resolver is silent (${inWords(on)})`,
    topology: on,
    resolvers: [{ mode: 'silent' }] as Resolver[],
    fault: nothing,
    target,
    truth: (at) => ({ outcome: 'unreachable', causes: ['dns-resolver-unreachable'], where: atResolver(at) }),
  })),
  ...family('resolver-port-closed', [world.company3, world.campus2v6], (on) => ({
    name: `nothing listens on the resolver's port 53 (${inWords(on)})`,
    topology: on,
    resolvers: [{ mode: 'off' }] as Resolver[],
    fault: nothing,
    target,
    truth: (at) => ({ outcome: 'unreachable', causes: ['dns-resolver-unreachable'], where: atResolver(at) }),
  })),
  ...family('resolver-off', [world.home1], (on) => ({
    name: `the resolver's host is off (${inWords(on)})`,
    topology: on,
    resolvers: [{ mode: 'off' }] as Resolver[],
    fault: () => ({ dns1: ['ip link set eth0 down'] }),
    target,
    truth: (at) => ({ outcome: 'unreachable', causes: ['dns-resolver-unreachable'], where: atResolver(at) }),
  })),
  ...family('resolver-both-silent', [world.campus4], (on) => ({
    name: `both resolvers are silent (${inWords(on)})`,
    topology: on,
    resolvers: [{ mode: 'silent' }, { mode: 'silent' }] as Resolver[],
    fault: nothing,
    target,
    truth: () => ({ outcome: 'unreachable', causes: ['dns-resolver-unreachable'], where: anyResolver }),
  })),
];

const oneDead = family(
  'one-resolver-dead',
  [
    { on: world.company3, mode: 'silent' as const },
    { on: world.home3v6, mode: 'off' as const },
  ],
  ({ on, mode }) => ({
    name: `the first of two resolvers is ${mode === 'off' ? 'not listening' : 'silent'} and the port is open (${inWords(on)})`,
    topology: on,
    resolvers: (at) => [{ mode }, answers(at.server)],
    fault: nothing,
    target,
    truth: (at) => ({
      outcome: ['impaired', 'reachable'],
      causes: ['dns-resolver-unreachable'],
      where: atResolver(at),
    }),
  }),
);

const overrides = [
  ...family('hosts-override', [world.home3v6, world.campus4], (on) => ({
    name: `the hosts file names a host that is off (${inWords(on)})`,
    topology: on,
    resolvers: (at) => [answers(at.server)],
    hostsFile: (at) => [`${at.unusedThere} ${NAME} db`],
    fault: nothing,
    target,
    truth: () => ({ outcome: 'unreachable', causes: ['dns-hosts-override'], where: [thisMachine] }),
  })),
  ...family('hosts-override-refused', [world.company3, world.campus2v6], (on) => ({
    name: `the hosts file names a host without the service (${inWords(on)})`,
    topology: { ...on, sibling: true },
    resolvers: (at) => [answers(at.server)],
    hostsFile: (at) => [`${at.sibling} ${NAME}`],
    fault: nothing,
    target,
    truth: () => ({ outcome: 'unreachable', causes: ['dns-hosts-override'], where: [thisMachine] }),
  })),
  ...family('hosts-override-loopback', [world.home1], (on) => ({
    name: `the hosts file sends the name to loopback (${inWords(on)})`,
    topology: on,
    resolvers: (at) => [answers(at.server)],
    hostsFile: () => [`127.0.0.1 ${NAME}`],
    fault: nothing,
    target,
    truth: () => ({ outcome: 'unreachable', causes: ['dns-hosts-override'], where: [thisMachine] }),
  })),
];

const differ = [
  ...family('answers-differ', [world.company3, world.home3v6], (on) => ({
    name: `the configured resolver has an old address, another one the new (${inWords(on)})`,
    topology: on,
    resolvers: (at) => [answers(at.unusedThere), { ...answers(at.server), outside: true }],
    fault: nothing,
    target,
    flags: (at) => ['--resolver', at.dns(2)],
    truth: () => ({ outcome: 'unreachable', causes: ['dns-answers-differ'], where: anyResolver }),
  })),
  ...family('answers-differ-refused', [world.campus4], (on) => ({
    name: `the configured resolver names a host without the service, another one the right host (${inWords(on)})`,
    topology: { ...on, sibling: true },
    resolvers: (at) => [answers(at.sibling), { ...answers(at.server), outside: true }],
    fault: nothing,
    target,
    flags: (at) => ['--resolver', at.dns(2)],
    truth: () => ({ outcome: 'unreachable', causes: ['dns-answers-differ'], where: anyResolver }),
  })),
];

const sinkholes = family(
  'sinkhole',
  [
    { on: world.company3, address: '0.0.0.0' },
    { on: world.home1, address: '127.0.0.1' },
    { on: world.campus2v6, address: '::' },
    { on: world.home3v6, address: '::1' },
  ],
  ({ on, address }) => ({
    name: `the resolver sends the name to ${address} (${inWords(on)})`,
    topology: on,
    resolvers: () => [answers(address)],
    fault: nothing,
    target,
    truth: () => ({ outcome: 'unreachable', causes: ['dns-sinkhole'], where: [{ kind: 'resolver' }] }),
  }),
);

const resolvedAndFiltered: Scenario[] = [
  {
    name: 'a name resolves well and a router drops the port',
    family: 'name-then-drop',
    topology: world.campus4v6,
    resolvers: (at) => [answers(at.server)],
    fault: () => ({ r2: [forward('tcp dport 8080 drop')] }),
    target,
    truth: (at) => ({
      outcome: 'unreachable',
      causes: ['network-firewall-drop'],
      where: [{ kind: 'between', hop: 2, address: at.hop(2), next: { hop: 3 } }],
    }),
  },
  {
    name: 'a name resolves well and nothing listens',
    family: 'name-then-closed',
    topology: world.home3,
    listen: [22],
    resolvers: (at) => [answers(at.server)],
    fault: nothing,
    target,
    truth: (at) => ({
      outcome: 'unreachable',
      causes: ['port-closed'],
      where: [{ kind: 'target', address: at.server }],
      maxConfidence: 0.95,
    }),
  },
  {
    name: 'the resolver is silent and an address was given',
    family: 'address-needs-no-resolver',
    topology: world.home3,
    resolvers: [{ mode: 'silent' }],
    fault: () => ({ server: [input('tcp dport 8080 reject with icmp host-prohibited')] }),
    target: (at) => hostPort(at.server, 8080),
    truth: (at) => ({
      outcome: 'unreachable',
      causes: ['host-firewall-reject'],
      where: [{ kind: 'target', address: at.server }],
    }),
  },
];

export default [
  ...notFound,
  dangling,
  ...noAddress,
  ...failures,
  ...unreachable,
  ...oneDead,
  ...overrides,
  ...differ,
  ...sinkholes,
  ...resolvedAndFiltered,
] satisfies Scenario[];
