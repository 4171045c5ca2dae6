/** Routes that are missing, refuse, swallow or go in circles; ways back that are missing; links and hosts that are off. */
import {
  after,
  atHop,
  beforeAnyHop,
  family,
  hostPort,
  LATE_UNREACHABLE_LIMIT,
  loopBetween,
  output,
  route,
  type Scenario,
  SILENT_ON_EVERYTHING,
} from '../scenario.ts';
import * as world from '../worlds.ts';
import { inWords } from '../worlds.ts';

const replaceRoute = (kind: string, address: string) => route(`replace ${kind} ADDRESS`, address);

const noRoute = family(
  'no-route',
  [
    { on: world.home5, router: 1 },
    { on: world.home3v6, router: 2 },
    { on: world.company8, router: 6 },
    { on: world.nat3, router: 2 },
  ],
  ({ on, router }) => ({
    name: `router ${router} has no route (${inWords(on)})`,
    topology: on,
    fault: (at) => ({ [`r${router}`]: [route('del ADDRESS', at.serverNet)] }),
    target: (at) => hostPort(at.server, 8080),
    truth: (at) => ({ outcome: 'unreachable', causes: ['routing-unreachable'], where: [atHop(at, router)] }),
  }),
);

const unreachableRoutes = family(
  'unreachable-route',
  [
    { on: world.campus4, router: 2 },
    { on: world.campus2v6, router: 1 },
  ],
  ({ on, router }) => ({
    name: `router ${router} has an unreachable route (${inWords(on)})`,
    topology: on,
    fault: (at) => ({ [`r${router}`]: [replaceRoute('unreachable', at.server)] }),
    target: (at) => hostPort(at.server, 8080),
    truth: (at) => ({
      outcome: 'unreachable',
      causes: ['routing-unreachable'],
      where: [atHop(at, router)],
      mustNotClaim: ['host-down'],
    }),
  }),
);

const prohibitRoutes = family(
  'prohibit-route',
  [
    { on: world.company3, router: 2 },
    { on: world.home3v6, router: 1 },
  ],
  ({ on, router }) => ({
    name: `router ${router} has a prohibit route (${inWords(on)})`,
    topology: on,
    fault: (at) => ({ [`r${router}`]: [replaceRoute('prohibit', at.server)] }),
    target: (at) => hostPort(at.server, 8080),
    truth: (at) => ({
      outcome: 'unreachable',
      causes: ['network-firewall-reject', 'routing-unreachable'],
      where: [atHop(at, router)],
    }),
  }),
);

const blackholes = family(
  'blackhole-route',
  [
    { on: world.home5, router: 3 },
    { on: world.company3v6, router: 2 },
  ],
  ({ on, router }) => ({
    name: `router ${router} has a blackhole route (${inWords(on)})`,
    topology: on,
    fault: (at) => ({ [`r${router}`]: [replaceRoute('blackhole', at.server)] }),
    target: (at) => hostPort(at.server, 8080),
    // The route is looked up before the TTL: router k itself is not heard.
    truth: (at) => ({
      outcome: 'unreachable',
      ...SILENT_ON_EVERYTHING,
      where: [after(at, router - 1)],
    }),
  }),
);

const firstBlackhole = family('blackhole-at-first-router', [world.company2, world.campus2v6], (on) => ({
  name: `the first router swallows everything to the host (${inWords(on)})`,
  topology: on,
  fault: (at) => ({ r1: [replaceRoute('blackhole', at.server)] }),
  target: (at) => hostPort(at.server, 8080),
  truth: (at) => ({
    outcome: 'unreachable',
    ...SILENT_ON_EVERYTHING,
    where: [...beforeAnyHop, { kind: 'between', next: { hop: 1, address: at.hop(1) } }],
  }),
}));

const loops = family(
  'routing-loop',
  [
    { on: world.campus4v6, low: 2 },
    { on: world.home5, low: 3 },
    { on: world.home3v6, low: 1 },
  ],
  ({ on, low }) => ({
    name: `routers ${low} and ${low + 1} send it to each other (${inWords(on)})`,
    topology: on,
    fault: (at) => ({ [`r${low + 1}`]: [route(`replace ADDRESS via ${at.farSide(low)}`, at.serverNet)] }),
    target: (at) => hostPort(at.server, 8080),
    truth: () => ({ outcome: 'unreachable', causes: ['routing-loop'], where: loopBetween(low, low + 1) }),
  }),
);

const linkDown = family(
  'link-down-mid-path',
  [
    { on: world.home5, router: 3 },
    { on: world.campus4v6, router: 3 },
  ],
  ({ on, router }) => ({
    name: `the link to router ${router} is down (${inWords(on)})`,
    topology: on,
    fault: (at) => ({
      // The far end loses its address, the cable stays: the near router asks for a neighbour that no longer answers.
      [`r${router}`]: [`ip addr del ${at.hop(router)}${on.families === 6 ? '/64' : '/30'} dev west`],
    }),
    target: (at) => hostPort(at.server, 8080),
    // "Host unreachable" three seconds late from router k-1: its next hop or the host itself, the client cannot know which.
    truth: (at) => ({
      outcome: 'unreachable',
      causes: ['routing-unreachable', 'host-down'],
      where: [after(at, router - 1)],
      maxConfidence: LATE_UNREACHABLE_LIMIT,
    }),
  }),
);

const noWayBackFromHost = family('server-without-return-route', [world.company3, world.home3v6], (on) => ({
  name: `the server has no route back (${inWords(on)})`,
  topology: on,
  fault: (at) => ({ server: [route('del default', at.server)] }),
  target: (at) => hostPort(at.server, 8080),
  truth: (at) => ({
    outcome: 'unreachable',
    ...SILENT_ON_EVERYTHING,
    where: [after(at, on.routers)],
  }),
}));

const noWayBackFromRouter = family(
  'router-without-return-route',
  [
    { on: world.home5, router: 3 },
    { on: world.company3v6, router: 2 },
  ],
  ({ on, router }) => ({
    name: `router ${router} has no route back (${inWords(on)})`,
    topology: on,
    fault: (at) => ({ [`r${router}`]: [route('del ADDRESS', at.clientNet)] }),
    target: (at) => hostPort(at.server, 8080),
    truth: (at) => ({
      outcome: 'unreachable',
      ...SILENT_ON_EVERYTHING,
      where: [after(at, router - 1)],
    }),
  }),
);

const brokenAsymmetry: Scenario[] = family(
  'return-router-drops',
  [world.company3, world.campus4],
  (base) => ({
    name: `the server answers by way of a router that loses it (${inWords(base)})`,
    topology: { ...base, asymmetric: true },
    fault: (at) => ({ back: [route('del default', at.server)] }),
    target: (at) => hostPort(at.server, 8080),
    truth: (at) => ({
      outcome: 'unreachable',
      ...SILENT_ON_EVERYTHING,
      where: [after(at, base.routers)],
    }),
  }),
);

const hostOff = family('host-off', [world.home1, world.home3v6, world.campus4, world.nat3], (on) => ({
  name: `the host is off and the last router tells (${inWords(on)})`,
  topology: on,
  listen: [],
  fault: () => ({ server: ['ip link set eth0 down'] }),
  target: (at) => hostPort(at.server, 8080),
  truth: (at) => ({
    outcome: 'unreachable',
    causes: ['host-down'],
    where: [after(at, on.routers)],
    maxConfidence: LATE_UNREACHABLE_LIMIT,
  }),
}));

const nobodyHasIt = family('address-not-in-use', [world.company8, world.campus2v6], (on) => ({
  name: `nobody has the address (${inWords(on)})`,
  topology: on,
  fault: () => ({}),
  target: (at) => hostPort(at.unusedThere, 8080),
  truth: (at) => ({
    outcome: 'unreachable',
    causes: ['host-down'],
    where: [after(at, on.routers)],
    maxConfidence: LATE_UNREACHABLE_LIMIT,
  }),
}));

const hostOffUntold = family('host-off-untold', [world.company3, world.campus2v6], (on) => ({
  name: `the host is off and the last router does not tell (${inWords(on)})`,
  topology: on,
  listen: [],
  fault: () => ({
    server: ['ip link set eth0 down'],
    [`r${on.routers}`]: [
      output('icmp type destination-unreachable drop'),
      output('icmpv6 type destination-unreachable drop'),
    ],
  }),
  target: (at) => hostPort(at.server, 8080),
  truth: (at) => ({
    outcome: 'unreachable',
    ...SILENT_ON_EVERYTHING,
    where: [after(at, on.routers)],
  }),
}));

const onLinkOff = family('on-link-host-off', [world.home3, world.campus2v6], (on) => ({
  name: `a host on this machine's own network is off (${inWords(on)})`,
  topology: on,
  fault: () => ({}),
  target: (at) => hostPort(at.unusedHere, 8080),
  truth: (at) => ({
    outcome: 'unreachable',
    causes: ['host-down'],
    where: [...beforeAnyHop.slice(1), { kind: 'target', address: at.unusedHere }],
  }),
}));

export default [
  ...noRoute,
  ...unreachableRoutes,
  ...prohibitRoutes,
  ...blackholes,
  ...firstBlackhole,
  ...loops,
  ...linkDown,
  ...noWayBackFromHost,
  ...noWayBackFromRouter,
  ...brokenAsymmetry,
  ...hostOff,
  ...nobodyHasIt,
  ...hostOffUntold,
  ...onLinkOff,
] satisfies Scenario[];
