/** Silence: who drops is told by where the trace of the port stops and how far a reference goes. */
import {
  after,
  beforeAnyHop,
  DROPPED_AT_THE_END,
  family,
  forward,
  hostPort,
  input,
  noEcho,
  noTimeExceeded,
  prerouting,
  type Scenario,
  SILENT_ON_EVERYTHING,
  somewhereAfter,
  to,
  type WherePattern,
} from '../scenario.ts';
import type { Addresses, Topology } from '../topology.ts';
import * as world from '../worlds.ts';
import { inWords } from '../worlds.ts';

const beforeFirstHop = (at: Addresses): WherePattern[] => [
  ...beforeAnyHop,
  { kind: 'between', hop: 0, next: { hop: 1, address: at.hop(1) } },
];

const forwardDrops = family(
  'router-drops-port',
  [
    { on: world.home5, router: 1, port: 8080 },
    { on: world.home5, router: 3, port: 5432 },
    { on: world.campus4v6, router: 2, port: 8080 },
    { on: world.company8, router: 6, port: 3306 },
    { on: world.nat3, router: 2, port: 8080 },
    { on: world.home3v6, router: 1, port: 2222 },
  ],
  ({ on, router, port }) => ({
    name: `router ${router} drops TCP ${port} (${inWords(on)})`,
    topology: on,
    listen: [port, 22],
    fault: () => ({ [`r${router}`]: [forward(`tcp dport ${port} drop`)] }),
    target: (at) => hostPort(at.server, port),
    truth: (at) => ({
      outcome: 'unreachable',
      causes: ['network-firewall-drop'],
      where: [after(at, router)],
    }),
  }),
);

const lastRouterDrops = family(
  'last-router-drops-port',
  [world.campus2v6, world.home5, world.home1],
  (on) => ({
    name: `the last router drops the port (${inWords(on)})`,
    topology: on,
    fault: () => ({ [`r${on.routers}`]: [forward('tcp dport 8080 drop')] }),
    target: (at) => hostPort(at.server, 8080),
    truth: (at) => ({
      outcome: 'unreachable',
      ...DROPPED_AT_THE_END,
      where: [after(at, on.routers)],
    }),
  }),
);

const hostDrops = family('host-drops-port', [world.home3v6, world.campus4, world.nat3], (on) => ({
  name: `the host drops the port (${inWords(on)})`,
  topology: on,
  fault: () => ({ server: [input('tcp dport 8080 drop')] }),
  target: (at) => hostPort(at.server, 8080),
  truth: (at) => ({
    outcome: 'unreachable',
    ...DROPPED_AT_THE_END,
    where: [after(at, on.routers)],
  }),
}));

const preroutingDrops = family(
  'access-list-drops-port',
  [
    { on: world.home5, router: 3 },
    { on: world.company3v6, router: 2 },
    { on: world.home3, router: 3 },
  ],
  ({ on, router }) => ({
    name: `an access list on arrival at router ${router} drops the port (${inWords(on)})`,
    topology: on,
    fault: () => ({ [`r${router}`]: [prerouting('tcp dport 8080 drop')] }),
    target: (at) => hostPort(at.server, 8080),
    // Router N's ingress belongs to the network, but only the interval is seen: what forwards after hop N-1 could do it too.
    truth: (at) => ({
      outcome: 'unreachable',
      causes: ['network-firewall-drop'],
      where: [after(at, router - 1)],
    }),
  }),
);

const firstHopAccessList = family('first-hop-access-list', [world.company2, world.campus2v6], (on) => ({
  name: `an access list on arrival at the first router drops the port (${inWords(on)})`,
  topology: on,
  fault: () => ({ r1: [prerouting('tcp dport 8080 drop')] }),
  target: (at) => hostPort(at.server, 8080),
  truth: (at) => ({ outcome: 'unreachable', causes: ['network-firewall-drop'], where: beforeFirstHop(at) }),
}));

const allTcp = family(
  'router-drops-all-tcp',
  [
    { on: world.home5, router: 2 },
    { on: world.campus4v6, router: 3 },
  ],
  ({ on, router }) => ({
    name: `router ${router} drops all TCP and lets ping through (${inWords(on)})`,
    topology: on,
    fault: () => ({ [`r${router}`]: [forward('meta l4proto tcp drop')] }),
    target: (at) => hostPort(at.server, 8080),
    truth: (at) => ({
      outcome: 'unreachable',
      causes: ['network-firewall-drop'],
      where: [after(at, router)],
    }),
  }),
);

const hostDropsTcp = family('host-drops-all-tcp', [world.company3, world.campus2v6], (on) => ({
  name: `the host drops all TCP and answers ping (${inWords(on)})`,
  topology: on,
  fault: () => ({ server: [input('meta l4proto tcp drop')] }),
  target: (at) => hostPort(at.server, 8080),
  truth: (at) => ({
    outcome: 'unreachable',
    ...DROPPED_AT_THE_END,
    where: [after(at, on.routers)],
  }),
}));

const everything = family(
  'router-drops-everything',
  [
    { on: world.home5, router: 2 },
    { on: world.home3v6, router: 1 },
  ],
  ({ on, router }) => ({
    name: `router ${router} drops everything to the host (${inWords(on)})`,
    topology: on,
    fault: (at) => ({ [`r${router}`]: [forward(`${to(at.server)} drop`)] }),
    target: (at) => hostPort(at.server, 8080),
    truth: (at) => ({
      outcome: 'unreachable',
      ...SILENT_ON_EVERYTHING,
      where: [after(at, router)],
    }),
  }),
);

const hostSilent = family('host-drops-everything', [world.company3, world.home3v6], (on) => ({
  name: `the host drops everything (${inWords(on)})`,
  topology: on,
  fault: () => ({
    server: [input('meta l4proto { tcp, udp, icmp } drop'), input('icmpv6 type echo-request drop')],
  }),
  target: (at) => hostPort(at.server, 8080),
  truth: (at) => ({
    outcome: 'unreachable',
    ...SILENT_ON_EVERYTHING,
    where: [after(at, on.routers)],
  }),
}));

const withEchoBlocked = family(
  'drop-and-echo-blocked',
  [
    { on: world.campus4, router: 2 },
    { on: world.home3v6, router: 2 },
  ],
  ({ on, router }) => ({
    name: `router ${router} drops the port and nobody answers ping (${inWords(on)})`,
    topology: on,
    fault: () => ({ r1: [noEcho(forward)], [`r${router}`]: [forward('tcp dport 8080 drop')] }),
    target: (at) => hostPort(at.server, 8080),
    truth: (at) => ({
      outcome: 'unreachable',
      causes: ['network-firewall-drop'],
      where: [after(at, router)],
    }),
  }),
);

type SilentRouters = {
  on: Topology;
  silent: number[];
  drops: string;
  words: string;
  truth: Scenario['truth'];
};
const silentRouters = family<SilentRouters>(
  'routers-without-time-exceeded',
  [
    {
      on: world.home5,
      silent: [2],
      drops: 'r4',
      words: 'router 2 never tells, router 4 drops the port',
      truth: (at) => ({ outcome: 'unreachable', causes: ['network-firewall-drop'], where: [after(at, 4)] }),
    },
    {
      on: world.campus4v6,
      silent: [2],
      drops: 'r2',
      words: 'router 2 never tells and drops the port',
      truth: (at) => ({
        outcome: 'unreachable',
        causes: ['network-firewall-drop'],
        where: [somewhereAfter(at, 1)],
      }),
    },
    {
      on: world.company3,
      silent: [1, 2, 3],
      drops: 'r2',
      words: 'no router ever tells, router 2 drops the port',
      truth: () => ({
        outcome: 'unreachable',
        ...DROPPED_AT_THE_END,
        where: beforeAnyHop,
      }),
    },
    {
      on: world.home3v6,
      silent: [1, 2, 3],
      drops: 'server',
      words: 'no router ever tells, the host drops the port',
      truth: () => ({
        outcome: 'unreachable',
        ...DROPPED_AT_THE_END,
        where: beforeAnyHop,
      }),
    },
  ],
  ({ on, silent, drops, words, truth }) => ({
    name: `${words} (${inWords(on)})`,
    topology: on,
    fault: () => {
      const commands: Record<string, string[]> = {};
      for (const n of silent) commands[`r${n}`] = [noTimeExceeded];
      commands[drops] = [
        ...(commands[drops] ?? []),
        drops === 'server' ? input('tcp dport 8080 drop') : forward('tcp dport 8080 drop'),
      ];
      return commands;
    },
    target: (at) => hostPort(at.server, 8080),
    truth,
  }),
);

const allowLists = [
  ...family('allow-list-on-a-router', [world.home3, world.campus4v6], (on) => ({
    name: `router 2 lets only SSH and the web through (${inWords(on)})`,
    topology: on,
    listen: [22, 5432],
    fault: () => ({ r2: [forward('tcp dport != { 22, 80, 443 } tcp sport != { 22, 80, 443 } drop')] }),
    target: (at) => hostPort(at.server, 5432),
    truth: (at) => ({ outcome: 'unreachable', causes: ['network-firewall-drop'], where: [after(at, 2)] }),
  })),
  ...family('allow-list-on-the-host', [world.company2, world.home3v6], (on) => ({
    name: `the host lets only SSH in (${inWords(on)})`,
    topology: on,
    listen: [22, 8080],
    fault: () => ({ server: [input('ct state established,related accept'), input('tcp dport != 22 drop')] }),
    target: (at) => hostPort(at.server, 8080),
    truth: (at) => ({
      outcome: 'unreachable',
      ...DROPPED_AT_THE_END,
      where: [after(at, on.routers)],
    }),
  })),
];

export default [
  ...forwardDrops,
  ...lastRouterDrops,
  ...hostDrops,
  ...preroutingDrops,
  ...firstHopAccessList,
  ...allTcp,
  ...hostDropsTcp,
  ...everything,
  ...hostSilent,
  ...withEchoBlocked,
  ...silentRouters,
  ...allowLists,
] satisfies Scenario[];
