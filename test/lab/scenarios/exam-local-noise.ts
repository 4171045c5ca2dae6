/**
 * Examination: a machine that does other things meanwhile, as every real one does; some of them its own firewall drops.
 * None of it may be taken for the cause. Truths were written before the first run.
 */
import {
  after,
  atTarget,
  beforeAnyHop,
  DROPPED_AT_THE_END,
  family,
  forward,
  hostPort,
  input,
  LATE_UNREACHABLE_LIMIT,
  output,
  prerouting,
  RESET_BY_HOST_LIMIT,
  type Scenario,
  thisMachine,
} from '../scenario.ts';
import * as world from '../worlds.ts';
import { inWords } from '../worlds.ts';

const noise = (kind: string, address: string, port: number, everyMs: number): string =>
  `exec /run/lab/node "$SERVICES/exam-noise.js" ${kind} ${address} ${port} ${everyMs}`;
const settle = 'sleep 0.6';

/** What a neighbour sends all the time, this machine's firewall drops, as on any desktop in an office. */
const unwanted = family('exam-noise-dropped-here', [world.home3, world.campus4v6], (on) => ({
  name: `router 2 drops the port, and this machine drops what a neighbour sends all the time (${inWords(on)})`,
  topology: { ...on, neighbour: true },
  services: (at) => ({ neighbour: [noise('udp', at.client, 9999, 40)] }),
  fault: () => ({ client: [input('udp dport 9999 drop'), settle], r2: [forward('tcp dport 8080 drop')] }),
  target: (at) => hostPort(at.server, 8080),
  truth: (at) => ({ outcome: 'unreachable', causes: ['network-firewall-drop'], where: [after(at, 2)] }),
}));

const unwantedOff: Scenario = {
  name: 'the host is off, and this machine drops what a neighbour sends all the time (company, three routers)',
  family: 'exam-noise-dropped-here',
  topology: { ...world.company3, neighbour: true },
  services: (at) => ({ neighbour: [noise('udp', at.client, 9999, 25)] }),
  fault: () => ({
    client: [input('udp dport 9999 drop'), settle],
    server: ['ip link set eth0 down'],
  }),
  target: (at) => hostPort(at.server, 8080),
  truth: (at) => ({
    outcome: 'unreachable',
    causes: ['host-down'],
    where: [after(at, 3)],
    maxConfidence: LATE_UNREACHABLE_LIMIT,
  }),
};

const blockedProgram: Scenario = {
  name: 'the host drops the port, and another program of this machine is not let out (campus, four routers)',
  family: 'exam-noise-not-let-out',
  topology: { ...world.campus4, neighbour: true },
  listenOn: { neighbour: [7000] },
  services: () => ({ client: [noise('tcp', '172.16.4.51', 6666, 100)] }),
  fault: () => ({
    client: [output('tcp dport 6666 drop'), settle],
    server: [input('tcp dport 8080 drop')],
  }),
  target: (at) => hostPort(at.server, 8080),
  truth: (at) => ({
    outcome: 'unreachable',
    ...DROPPED_AT_THE_END,
    where: [after(at, 4), atTarget(at.server)],
  }),
};

const busy = family(
  'exam-noise-busy',
  [
    { on: world.home3, rule: output('tcp dport 8080 reject with tcp reset'), words: 'resets' },
    { on: world.home3v6, rule: output('tcp dport 8080 reject with tcp reset'), words: 'resets' },
    { on: world.company3v6, rule: output('tcp dport 8080 drop'), words: 'drops' },
    { on: world.campus4, rule: input('tcp sport 8080 drop'), words: 'drops the answers of' },
  ],
  ({ on, rule, words }) => ({
    name: `this machine's firewall ${words} the port while other programs are busy (${inWords(on)})`,
    topology: { ...on, neighbour: true },
    listenOn: { neighbour: [7000] },
    services: (at) => ({
      client: [noise('tcp', at.neighbour, 7000, 30), noise('udp', at.neighbour, 9998, 30)],
    }),
    fault: () => ({ client: [rule, settle] }),
    target: (at) => hostPort(at.server, 8080),
    // With other packets on the wire the counters of this machine say less: a device right behind it may be meant too.
    truth: () => ({
      outcome: 'unreachable',
      causes: ['local-firewall'],
      where: [thisMachine],
    }),
  }),
);

const busyElsewhere: Scenario[] = [
  {
    name: 'nothing listens while other programs are busy (home, five routers)',
    family: 'exam-noise-busy',
    topology: { ...world.home5, neighbour: true },
    listen: [22],
    listenOn: { neighbour: [7000] },
    services: (at) => ({ client: [noise('tcp', at.neighbour, 7000, 30)] }),
    fault: () => ({ client: [settle] }),
    target: (at) => hostPort(at.server, 8080),
    truth: (at) => ({
      outcome: 'unreachable',
      causes: ['port-closed'],
      where: [atTarget(at.server)],
      maxConfidence: RESET_BY_HOST_LIMIT,
    }),
  },
  {
    name: 'the first router drops the port on arrival while a program here is not let out (company, two routers)',
    family: 'exam-noise-busy',
    topology: { ...world.company2, neighbour: true },
    listenOn: { neighbour: [7000] },
    services: (at) => ({ client: [noise('tcp', at.neighbour, 6666, 60)] }),
    fault: () => ({
      client: [output('tcp dport 6666 drop'), settle],
      r1: [prerouting('tcp dport 8080 drop')],
    }),
    target: (at) => hostPort(at.server, 8080),
    // Written with a limit of 0.9, when a program that is not let out could not be told from the tool's own SYNs. Counted
    // in the moment of sending it can: every SYN left this machine.
    truth: (at) => ({
      outcome: 'unreachable',
      causes: ['network-firewall-drop'],
      where: [after(at, 0), ...beforeAnyHop],
    }),
  },
  {
    name: 'open, while other programs are busy and some are not let out (home, three routers, IPv6)',
    family: 'exam-noise-busy',
    topology: { ...world.home3v6, neighbour: true },
    listenOn: { neighbour: [7000] },
    services: (at) => ({
      client: [noise('tcp', at.neighbour, 7000, 20), noise('tcp', at.neighbour, 6666, 20)],
    }),
    fault: () => ({ client: [output('tcp dport 6666 drop'), settle] }),
    target: (at) => hostPort(at.server, 8080),
    flags: () => ['--trace'],
    truth: () => ({ outcome: 'reachable', causes: [] }),
  },
];

/** Discovery traffic (mDNS, SSDP) is on every office network, with no firewall here at all. */
const discovery = family(
  'exam-noise-multicast',
  [
    { on: world.home5, group: '239.255.255.250', router: 3, everyMs: 200 },
    { on: world.campus2v6, group: 'ff02::fb%eth0', router: 1, everyMs: 200 },
    { on: world.company3, group: '224.0.0.251', router: 2, everyMs: 500 },
  ],
  ({ on, group, router, everyMs }) => ({
    name: `router ${router} drops the port, and a neighbour looks for printers every ${everyMs} ms (${inWords(on)})`,
    topology: { ...on, neighbour: true },
    services: () => ({ neighbour: [noise('udp', group, 5353, everyMs)] }),
    fault: () => ({ client: [settle], [`r${router}`]: [forward('tcp dport 8080 drop')] }),
    target: (at) => hostPort(at.server, 8080),
    truth: (at) => ({
      outcome: 'unreachable',
      causes: ['network-firewall-drop'],
      where: [after(at, router)],
      mustNotClaim: ['local-firewall'],
    }),
  }),
);

/** Two unwanted packets a second, as any desktop's firewall drops them. */
const rare: Scenario = {
  name: 'router 1 drops the port, and this machine drops two packets of a neighbour a second (campus, four routers)',
  family: 'exam-noise-dropped-here',
  topology: { ...world.campus4, neighbour: true },
  services: (at) => ({ neighbour: [noise('udp', at.client, 1900, 500)] }),
  fault: () => ({ client: [input('udp dport 1900 drop'), settle], r1: [forward('tcp dport 8080 drop')] }),
  target: (at) => hostPort(at.server, 8080),
  truth: (at) => ({ outcome: 'unreachable', causes: ['network-firewall-drop'], where: [after(at, 1)] }),
};

const oneRouterAcl: Scenario = {
  name: 'the first router drops the port on arrival while two programs here are not let out (home, one router, IPv6)',
  family: 'exam-noise-not-let-out',
  topology: { ...world.home1, families: 6, neighbour: true },
  services: (at) => ({
    client: [noise('tcp', at.neighbour, 6666, 150), noise('udp', at.neighbour, 6667, 150)],
  }),
  fault: () => ({
    client: [output('th dport { 6666, 6667 } drop'), settle],
    r1: [prerouting('tcp dport 8080 drop')],
  }),
  target: (at) => hostPort(at.server, 8080),
  // Packets were seen to leave on the interface meanwhile: this machine is a suspect, no more.
  truth: () => ({
    outcome: 'unreachable',
    causes: ['network-firewall-drop'],
    mustNotClaim: ['local-firewall'],
  }),
};

const withoutLoopback: Scenario = {
  name: 'open, and the loopback interface of this machine is down (company, three routers)',
  family: 'exam-local-healthy',
  topology: world.company3,
  fault: () => ({ client: ['ip link set lo down'] }),
  target: (at) => hostPort(at.server, 8080),
  truth: () => ({ outcome: 'reachable', causes: [] }),
};

export default [
  ...discovery,
  rare,
  oneRouterAcl,
  withoutLoopback,
  ...unwanted,
  unwantedOff,
  blockedProgram,
  ...busy,
  ...busyElsewhere,
] satisfies Scenario[];
