/** The host itself, and names with several addresses. */
import {
  after,
  atTarget,
  family,
  forward,
  hostPort,
  input,
  noEcho,
  RESET_BY_HOST_LIMIT,
  type Resolver,
  route,
  type Scenario,
} from '../scenario.ts';
import type { Topology } from '../topology.ts';
import * as world from '../worlds.ts';
import { inWords } from '../worlds.ts';

const NAME = 'www.example.com';
const both = (routers: number, plan: Topology['plan']): Topology => ({ routers, plan, families: 'both' });

const closed = family('port-closed', [world.home1, world.campus4v6, world.nat3, world.company8], (on) => ({
  name: `nothing listens (${inWords(on)})`,
  topology: on,
  listen: [22],
  fault: () => ({}),
  target: (at) => hostPort(at.server, 8080),
  truth: (at) => ({
    outcome: 'unreachable',
    causes: ['port-closed'],
    where: [atTarget(at.server)],
    maxConfidence: RESET_BY_HOST_LIMIT,
  }),
}));

const closedAndAlone = family('port-closed-no-service', [world.company2, world.home3v6], (on) => ({
  name: `nothing listens on any port and nobody answers ping (${inWords(on)})`,
  topology: on,
  listen: [],
  fault: () => ({ server: [noEcho(input)] }),
  target: (at) => hostPort(at.server, 8080),
  truth: (at) => ({
    outcome: 'unreachable',
    causes: ['port-closed'],
    where: [atTarget(at.server)],
    maxConfidence: RESET_BY_HOST_LIMIT,
  }),
}));

const loopbackOnly = family('port-closed-loopback-only', [world.campus4, world.home3v6], (on) => ({
  name: `the service listens on loopback only (${inWords(on)})`,
  topology: on,
  listen: [22],
  files: () => ({ 'loopback.json': JSON.stringify({ ports: [8080], addresses: ['127.0.0.1', '::1'] }) }),
  services: () => ({ server: ['exec /run/lab/node "$SERVICES/listen.js" "$DIR/loopback.json"'] }),
  waitFor: { server: [8080] },
  fault: () => ({}),
  target: (at) => hostPort(at.server, 8080),
  truth: (at) => ({
    outcome: 'unreachable',
    causes: ['port-closed'],
    where: [atTarget(at.server)],
    maxConfidence: RESET_BY_HOST_LIMIT,
  }),
}));

const overloaded = family('accept-queue-full', [world.company3, world.campus2v6], (on) => ({
  name: `the service accepts nothing more (${inWords(on)})`,
  topology: on,
  listen: [22],
  services: (at) => ({ server: [`exec /run/lab/node "$SERVICES/full.js" 8080 ${at.server}`] }),
  waitFor: { server: [8080] },
  fault: () => ({ server: ['sleep 0.5'] }),
  target: (at) => hostPort(at.server, 8080),
  // SYNs to a full queue vanish like in a firewall, and only for this port.
  truth: (at) => ({
    outcome: 'unreachable',
    causes: ['host-firewall-drop', 'network-firewall-drop', 'service-overloaded'],
    where: [after(at, on.routers)],
    maxConfidence: 0.75,
  }),
}));

const struggling = family('accept-queue-slow', [world.company3, world.home3v6], (on) => ({
  name: `the service accepts one connection every two seconds (${inWords(on)})`,
  topology: on,
  listen: [22],
  services: (at) => ({ server: [`exec /run/lab/node "$SERVICES/full.js" 8080 ${at.server} 2000`] }),
  waitFor: { server: [8080] },
  fault: () => ({ server: ['sleep 0.5'] }),
  target: (at) => hostPort(at.server, 8080),
  truth: () => [
    {
      outcome: ['impaired', 'reachable'],
      causes: ['service-overloaded'],
      where: [null, { kind: 'target' }],
      maxConfidence: 0.85,
    },
    // Every attempt fell into a full queue.
    {
      outcome: 'unreachable',
      causes: ['host-firewall-drop', 'network-firewall-drop', 'service-overloaded'],
      maxConfidence: 0.75,
    },
    { outcome: 'reachable', causes: [] },
  ],
}));

const dual =
  (
    addresses: (at: Parameters<Scenario['target']>[0]) => { a?: string[]; aaaa?: string[] },
  ): NonNullable<Scenario['resolvers']> =>
  (at) => {
    const resolver: Resolver = { mode: 'normal', records: { [NAME]: addresses(at) } };
    return [resolver];
  };

const familyBroken = family(
  'address-family-broken',
  [
    { on: both(3, 'home'), words: 'router 2 drops IPv6', fault: { r2: [forward('meta nfproto ipv6 drop')] } },
    { on: both(2, 'campus'), words: 'router 1 has no IPv6 route', fault: null },
    {
      on: both(4, 'campus'),
      words: 'the host drops IPv4 to the port',
      fault: { server: [input('meta nfproto ipv4 tcp dport 8080 drop')] },
    },
  ],
  ({ on, words, fault }) => ({
    name: `one family of addresses fails: ${words} (${inWords(on)})`,
    topology: on,
    resolvers: dual((at) => ({ a: [at.server4], aaaa: [at.server6] })),
    fault: (at) => fault ?? { r1: [`ip -6 route del ${at.server6.replace(/[^:]+$/, '')}/64`] },
    target: () => `${NAME}:8080`,
    truth: () => ({ outcome: 'impaired', causes: ['address-family-broken'] }),
  }),
);

const partlyDown = family(
  'address-partly-down',
  [
    { on: world.company3, words: 'is off', fault: { sibling: ['ip link set eth0 down'] } },
    { on: world.home3v6, words: 'has no service', fault: {} },
    { on: world.campus4, words: 'drops the port', fault: { sibling: [input('tcp dport 8080 drop')] } },
  ],
  ({ on, words, fault }) => ({
    name: `one of two addresses ${words} (${inWords(on)})`,
    topology: { ...on, sibling: true },
    resolvers: dual((at) =>
      on.families === 6 ? { aaaa: [at.server6, at.sibling6] } : { a: [at.server4, at.sibling4] },
    ),
    fault: () => fault as Record<string, string[]>,
    target: () => `${NAME}:8080`,
    truth: () => ({ outcome: 'impaired', causes: ['address-partly-down'] }),
  }),
);

const noRouteSix: Scenario = {
  name: 'this machine has no way to IPv6 and the name has both (campus, three routers)',
  family: 'address-family-broken',
  topology: both(3, 'campus'),
  resolvers: dual((at) => ({ a: [at.server4], aaaa: [at.server6] })),
  fault: () => ({ client: [route('del default', '::')] }),
  target: () => `${NAME}:8080`,
  // Common and harmless to this machine: the port is reached by IPv4, and IPv6 is not offered here at all.
  truth: () => [
    { outcome: 'reachable', causes: [] },
    { outcome: 'impaired', causes: ['address-family-broken', 'local-no-route'] },
  ],
};

export default [
  ...closed,
  ...closedAndAlone,
  ...loopbackOnly,
  ...overloaded,
  ...struggling,
  ...familyBroken,
  noRouteSix,
  ...partlyDown,
] satisfies Scenario[];
