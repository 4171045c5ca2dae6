/** Answers that refuse: ICMP from a router or the host, RST from the host or from something nearer. */
import {
  after,
  atHop,
  atTarget,
  family,
  forward,
  hostPort,
  input,
  prerouting,
  RESET_BY_HOST_LIMIT,
  type Scenario,
  to,
} from '../scenario.ts';
import type { Topology } from '../topology.ts';
import * as world from '../worlds.ts';
import { inWords } from '../worlds.ts';

const v4 = (kind: string) => `reject with icmp ${kind}`;
const v6 = (kind: string) => `reject with icmpv6 ${kind}`;

const byRouter = family(
  'router-rejects-port',
  [
    { on: world.home3, router: 1, by: v4('admin-prohibited'), words: 'admin-prohibited' },
    { on: world.campus4, router: 2, by: v4('host-prohibited'), words: 'host-prohibited' },
    { on: world.home5, router: 3, by: v4('net-prohibited'), words: 'net-prohibited' },
    { on: world.home3, router: 3, by: v4('port-unreachable'), words: 'port-unreachable' },
    { on: world.company8, router: 5, by: v4('host-unreachable'), words: 'host-unreachable' },
    { on: world.campus4v6, router: 2, by: v6('admin-prohibited'), words: 'admin-prohibited' },
    { on: world.campus2v6, router: 2, by: v6('port-unreachable'), words: 'port-unreachable' },
    { on: world.home3v6, router: 1, by: v6('addr-unreachable'), words: 'addr-unreachable' },
    { on: world.company3v6, router: 2, by: v6('no-route'), words: 'no-route' },
    { on: world.nat3, router: 2, by: v4('admin-prohibited'), words: 'admin-prohibited' },
  ],
  ({ on, router, by, words }) => ({
    name: `router ${router} rejects the port with ${words} (${inWords(on)})`,
    topology: on,
    fault: () => ({ [`r${router}`]: [forward(`tcp dport 8080 ${by}`)] }),
    target: (at) => hostPort(at.server, 8080),
    truth: (at) => ({
      outcome: 'unreachable',
      causes: ['network-firewall-reject'],
      where: [atHop(at, router)],
    }),
  }),
);

const onArrival = family(
  'access-list-rejects-port',
  [
    { on: world.company3, router: 2, by: v4('admin-prohibited') },
    { on: world.home3v6, router: 1, by: v6('admin-prohibited') },
  ],
  ({ on, router, by }) => ({
    name: `an access list on arrival at router ${router} rejects the port (${inWords(on)})`,
    topology: on,
    fault: () => ({ [`r${router}`]: [prerouting(`tcp dport 8080 ${by}`)] }),
    target: (at) => hostPort(at.server, 8080),
    truth: (at) => ({
      outcome: 'unreachable',
      causes: ['network-firewall-reject'],
      where: [atHop(at, router)],
    }),
  }),
);

const allTcp = family(
  'router-rejects-all-tcp',
  [
    { on: world.home5, router: 2, by: v4('port-unreachable') },
    { on: world.campus2v6, router: 1, by: v6('admin-prohibited') },
  ],
  ({ on, router, by }) => ({
    name: `router ${router} rejects all TCP (${inWords(on)})`,
    topology: on,
    fault: () => ({ [`r${router}`]: [forward(`meta l4proto tcp ${by}`)] }),
    target: (at) => hostPort(at.server, 8080),
    truth: (at) => ({
      outcome: 'unreachable',
      causes: ['network-firewall-reject'],
      where: [atHop(at, router)],
    }),
  }),
);

const everything = family(
  'router-rejects-everything',
  [
    { on: world.campus4, router: 1, by: v4('admin-prohibited') },
    { on: world.home3v6, router: 2, by: v6('admin-prohibited') },
  ],
  ({ on, router, by }) => ({
    name: `router ${router} rejects everything to the host (${inWords(on)})`,
    topology: on,
    fault: (at) => ({ [`r${router}`]: [forward(`${to(at.server)} ${by}`)] }),
    target: (at) => hostPort(at.server, 8080),
    // A prohibit route would say the same, from the same router.
    truth: (at) => ({
      outcome: 'unreachable',
      causes: ['network-firewall-reject', 'routing-unreachable'],
      where: [atHop(at, router)],
    }),
  }),
);

const unreachableForAll = family(
  'router-says-host-unreachable-at-once',
  [world.company3, world.home5],
  (on) => ({
    name: `router 2 rejects everything with host-unreachable, at once (${inWords(on)})`,
    topology: on,
    fault: (at) => ({ r2: [forward(`${to(at.server)} ${v4('host-unreachable')}`)] }),
    target: (at) => hostPort(at.server, 8080),
    // Not the host being off: that takes three seconds to find out. An unreachable route and a firewall remain.
    truth: (at) => ({
      outcome: 'unreachable',
      causes: ['routing-unreachable', 'network-firewall-reject'],
      where: [atHop(at, 2)],
      mustNotClaim: ['host-down'],
    }),
  }),
);

type Reset = { on: Topology; router: number; stage: typeof forward; words: string };
const resets = family<Reset>(
  'router-forges-reset',
  [
    { on: world.company3, router: 1, stage: forward, words: 'in transit' },
    { on: world.home5, router: 3, stage: forward, words: 'in transit' },
    { on: world.campus4v6, router: 2, stage: forward, words: 'in transit' },
    { on: world.campus4, router: 2, stage: prerouting, words: 'on arrival' },
    { on: world.nat3, router: 2, stage: forward, words: 'in transit' },
  ],
  ({ on, router, stage, words }) => ({
    name: `router ${router} answers the port with a reset, ${words} (${inWords(on)})`,
    topology: on,
    fault: () => ({ [`r${router}`]: [stage('tcp dport 8080 reject with tcp reset')] }),
    target: (at) => hostPort(at.server, 8080),
    // A filter in the forward stage of router k is passed by TTL k and answers from k+1 on; one on arrival from k on.
    truth: (at) => ({
      outcome: 'unreachable',
      causes: ['network-firewall-reject'],
      where: [after(at, stage === forward ? router : router - 1)],
    }),
  }),
);

const lastResets = family('last-router-forges-reset', [world.home3, world.company3v6], (on) => ({
  name: `the last router answers the port with a reset (${inWords(on)})`,
  topology: on,
  fault: () => ({ [`r${on.routers}`]: [forward('tcp dport 8080 reject with tcp reset')] }),
  target: (at) => hostPort(at.server, 8080),
  // Same smallest TTL as the host's own reset; the TTL of the reply is one higher than that of the host's other ports.
  truth: (at) => ({
    outcome: 'unreachable',
    causes: ['network-firewall-reject'],
    where: [after(at, on.routers), atHop(at, on.routers)],
  }),
}));

const allReset = family('router-resets-all-tcp', [world.company3, world.home3v6], (on) => ({
  name: `the first router answers all TCP with a reset (${inWords(on)})`,
  topology: on,
  fault: () => ({ r1: [forward('meta l4proto tcp reject with tcp reset')] }),
  target: (at) => hostPort(at.server, 8080),
  truth: (at) => ({
    outcome: 'unreachable',
    causes: ['network-firewall-reject'],
    where: [after(at, 1)],
    mustNotClaim: ['port-closed'],
  }),
}));

const byHost = family(
  'host-rejects-port',
  [
    { on: world.campus4, by: v4('host-prohibited'), words: 'host-prohibited, as firewalld does' },
    { on: world.home1, by: v4('admin-prohibited'), words: 'admin-prohibited' },
    { on: world.home3v6, by: v6('port-unreachable'), words: 'port-unreachable' },
    { on: world.campus2v6, by: v6('admin-prohibited'), words: 'admin-prohibited' },
    { on: world.nat3, by: v4('port-unreachable'), words: 'port-unreachable' },
  ],
  ({ on, by, words }) => ({
    name: `the host rejects with ${words} (${inWords(on)})`,
    topology: on,
    fault: () => ({ server: [input(`tcp dport 8080 ${by}`)] }),
    target: (at) => hostPort(at.server, 8080),
    truth: (at) => ({
      outcome: 'unreachable',
      causes: ['host-firewall-reject'],
      where: [atTarget(at.server)],
    }),
  }),
);

const hostRejectsRest = family('host-rejects-all-but-ssh', [world.company2, world.campus2v6], (on) => ({
  name: `the host rejects all but SSH (${inWords(on)})`,
  topology: on,
  fault: () => ({ server: [input('tcp dport != 22 tcp sport != 22 reject with icmpx admin-prohibited')] }),
  target: (at) => hostPort(at.server, 8080),
  truth: (at) => ({ outcome: 'unreachable', causes: ['host-firewall-reject'], where: [atTarget(at.server)] }),
}));

const hostResets = family('host-rejects-with-reset', [world.home5, world.campus2v6], (on) => ({
  name: `the host's firewall answers with a reset (${inWords(on)})`,
  topology: on,
  fault: () => ({ server: [input('tcp dport 8080 reject with tcp reset')] }),
  target: (at) => hostPort(at.server, 8080),
  // Nothing in the packets tells this from a port without a listener.
  truth: (at) => ({
    outcome: 'unreachable',
    causes: ['port-closed', 'host-firewall-reject'],
    where: [atTarget(at.server)],
    maxConfidence: RESET_BY_HOST_LIMIT,
  }),
}));

export default [
  ...byRouter,
  ...onArrival,
  ...allTcp,
  ...everything,
  ...unreachableForAll,
  ...resets,
  ...lastResets,
  ...allReset,
  ...byHost,
  ...hostRejectsRest,
  ...hostResets,
] satisfies Scenario[];
