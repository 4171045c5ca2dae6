/** This machine itself: its firewall, its routes, its gateway, its limits. */
import {
  beforeAnyHop,
  family,
  hostPort,
  input,
  output,
  route,
  type Scenario,
  type Truth,
  thisMachine,
  to,
} from '../scenario.ts';
import * as world from '../worlds.ts';
import { inWords } from '../worlds.ts';

const here: Pick<Truth, 'outcome' | 'where'> = { outcome: 'unreachable', where: [thisMachine] };

const firewall = family(
  'local-firewall',
  [
    { on: world.company3, rule: output('tcp dport 8080 drop'), words: 'drops what goes out to the port' },
    { on: world.home3v6, rule: output('tcp dport 8080 drop'), words: 'drops what goes out to the port' },
    {
      on: world.home1,
      rule: output('tcp dport 8080 reject with icmp port-unreachable'),
      words: 'rejects with ICMP',
    },
    {
      on: world.campus2v6,
      rule: output('tcp dport 8080 reject with icmpv6 admin-prohibited'),
      words: 'rejects with ICMP',
    },
    { on: world.home5, rule: output('tcp dport 8080 reject with tcp reset'), words: 'rejects with a reset' },
    {
      on: world.company3v6,
      rule: output('tcp dport 8080 reject with tcp reset'),
      words: 'rejects with a reset',
    },
    { on: world.campus4, rule: input('tcp sport 8080 drop'), words: 'drops the replies' },
    { on: world.home3v6, rule: input('tcp sport 8080 drop'), words: 'drops the replies' },
    {
      on: world.home3,
      rule: output('meta l4proto { tcp, udp, icmp } oifname != "lo" drop'),
      words: 'drops everything that goes out',
    },
    {
      on: world.campus2v6,
      rule: output('meta l4proto { tcp, udp } oifname != "lo" drop'),
      words: 'drops all TCP and UDP that goes out',
    },
  ],
  ({ on, rule, words }) => ({
    name: `this machine's firewall ${words} (${inWords(on)})`,
    topology: on,
    fault: () => ({ client: [rule] }),
    target: (at) => hostPort(at.server, 8080),
    truth: () => ({ ...here, causes: ['local-firewall'] }),
  }),
);

const toTheHost = family('local-firewall-one-host', [world.company2, world.home3v6], (on) => ({
  name: `this machine's firewall drops everything to the one host (${inWords(on)})`,
  topology: on,
  fault: (at) => ({ client: [output(`${to(at.server)} drop`)] }),
  target: (at) => hostPort(at.server, 8080),
  truth: () => ({ ...here, causes: ['local-firewall'] }),
}));

const routes = family(
  'local-route',
  [
    { on: world.home3, kind: 'blackhole' },
    { on: world.campus2v6, kind: 'blackhole' },
    { on: world.company3, kind: 'unreachable' },
    { on: world.home3v6, kind: 'unreachable' },
    { on: world.home5, kind: 'prohibit' },
    { on: world.company3v6, kind: 'prohibit' },
  ],
  ({ on, kind }) => ({
    name: `this machine has a ${kind} route to the host (${inWords(on)})`,
    topology: on,
    fault: (at) => ({ client: [route(`add ${kind} ADDRESS`, at.server)] }),
    target: (at) => hostPort(at.server, 8080),
    truth: () => ({ ...here, causes: ['local-no-route'] }),
  }),
);

const noDefault = family('no-default-route', [world.home1, world.campus4v6], (on) => ({
  name: `no default route (${inWords(on)})`,
  topology: on,
  fault: (at) => ({ client: [route('del default', at.server)] }),
  target: (at) => hostPort(at.server, 8080),
  truth: () => ({ ...here, causes: ['local-no-route'] }),
}));

const cableOut = family('interface-down', [world.company3, world.home3v6], (on) => ({
  name: `this machine's interface is down (${inWords(on)})`,
  topology: on,
  fault: () => ({ client: ['ip link set eth0 down'] }),
  target: (at) => hostPort(at.server, 8080),
  truth: () => ({ ...here, causes: ['local-no-route'] }),
}));

/** Not even the name can be asked for. */
const offNetwork = family('off-the-network', [world.home1, world.campus2v6], (on) => ({
  name: `this machine's interface is down and a name was typed (${inWords(on)})`,
  topology: on,
  resolvers: [{ mode: 'normal' as const }],
  fault: () => ({ client: ['ip link set eth0 down'] }),
  target: () => hostPort('db.example.com', 8080),
  truth: () => ({ ...here, causes: ['local-no-route'] }),
}));

const gateway = family(
  'gateway-down',
  [
    { on: world.home5, wrong: false },
    { on: world.campus2v6, wrong: false },
    { on: world.home1, wrong: true },
    { on: world.company3v6, wrong: true },
  ],
  ({ on, wrong }) => ({
    name: `${wrong ? 'the default route leads to an address that nobody has' : 'the gateway is off'} (${inWords(on)})`,
    topology: on,
    fault: (at) =>
      wrong
        ? { client: [route(`replace default via ${at.unusedHere}`, at.server)] }
        : { r1: ['ip link set lan down'] },
    target: (at) => hostPort(at.server, 8080),
    truth: () => ({
      outcome: 'unreachable',
      causes: ['local-gateway-down'],
      where: [thisMachine, ...beforeAnyHop.slice(1)],
    }),
  }),
);

const subnet = family(
  'wrong-subnet',
  [
    { on: world.company3, from: '/24', mask: '/8' },
    { on: world.campus4, from: '/22', mask: '/12' },
    { on: world.company3v6, from: '/64', mask: '/32' },
  ],
  ({ on, from, mask }) => ({
    name: `the netmask is ${mask} instead of ${from}, so that the host looks near (${inWords(on)})`,
    topology: on,
    fault: (at) => ({
      client: [
        `ip addr del ${at.client}${from} dev eth0; ip addr add ${at.client}${mask} dev eth0${on.families === 6 ? ' nodad' : ''}; ${route(`replace default via ${at.hop(1)}`, at.server)}`,
      ],
    }),
    target: (at) => hostPort(at.server, 8080),
    // A network that large could be meant, and the host off.
    truth: () => ({
      outcome: 'unreachable',
      causes: ['local-wrong-subnet'],
      where: [thisMachine],
      maxConfidence: 0.9,
    }),
  }),
);

// Running out of descriptors has no scenario: the descriptor that loads the program is free again for the connection.
const noPorts = family('no-source-ports', [world.company3, world.home3v6], (on) => ({
  name: `all source ports are taken (${inWords(on)})`,
  topology: on,
  listenOn: { client: [50_000, 50_001, 50_002] },
  fault: () => ({ client: ['echo "50000 50002" > /proc/sys/net/ipv4/ip_local_port_range'] }),
  target: (at) => hostPort(at.server, 8080),
  truth: () => ({
    outcome: ['unreachable', 'undetermined'],
    causes: ['local-resources'],
    where: [thisMachine],
  }),
}));

export default [
  ...firewall,
  ...toTheHost,
  ...routes,
  ...noDefault,
  ...cableOut,
  ...offNetwork,
  ...gateway,
  ...subnet,
  ...noPorts,
] satisfies Scenario[];
