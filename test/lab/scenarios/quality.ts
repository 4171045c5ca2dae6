/** Sometimes, for some, or by somebody else: loss, limits, blocked ports, proxies. */
import { after, family, forward, from, hostPort, prerouting, type Scenario, to } from '../scenario.ts';
import * as world from '../worlds.ts';
import { inWords } from '../worlds.ts';

const loss = family(
  'path-loss',
  [
    { on: world.company3, percent: 60 },
    { on: world.home3v6, percent: 50 },
    { on: world.campus4, percent: 70 },
  ],
  ({ on, percent }) => ({
    name: `router 1 loses ${percent} % of what goes to the host (${inWords(on)})`,
    topology: on,
    fault: (at) => ({
      // The very first SYN is always lost, so that there is something to explain.
      r1: [
        `nft 'add table inet loss; add chain inet loss c { type filter hook forward priority 0; }; add rule inet loss c ${to(at.server)} tcp dport 8080 tcp flags syn / syn,ack limit rate 1/hour burst 1 packets drop; add rule inet loss c ${to(at.server)} numgen random mod 100 < ${percent} drop'`,
      ],
    }),
    target: (at) => hostPort(at.server, 8080),
    flags: () => ['--answer', 'symptom=intermittent'],
    truth: () => [
      { outcome: ['impaired', 'reachable'], causes: ['path-loss'] },
      {
        outcome: 'unreachable',
        causes: [
          'path-loss',
          'network-firewall-drop',
          'routing-blackhole',
          'host-firewall-drop',
          'return-path',
        ],
        maxConfidence: 0.75,
      },
    ],
  }),
);

const limits = family('rate-limited', [world.company3, world.home3v6], (on) => ({
  name: `router 2 lets one new connection through in twenty seconds (${inWords(on)})`,
  topology: on,
  listen: [22, 8080],
  fault: () => ({
    r2: [forward('tcp dport 8080 tcp flags syn / syn,ack limit rate over 3/minute burst 1 packets drop')],
  }),
  target: (at) => hostPort(at.server, 8080),
  flags: () => ['--answer', 'symptom=intermittent'],
  truth: () => ({ outcome: 'impaired', causes: ['rate-limited', 'service-overloaded'], maxConfidence: 0.9 }),
}));

const limitUsedUp = family('rate-limit-used-up', [world.campus4, world.campus2v6], (on) => ({
  name: `router 1 lets two new connections through and then none, and one is used (${inWords(on)})`,
  topology: on,
  fault: (at) => ({
    r1: [forward('tcp dport 8080 tcp flags syn / syn,ack limit rate over 2/hour burst 2 packets drop')],
    client: [
      `/run/lab/node -e "require('node:net').connect(8080, '${at.server}', function () { this.destroy() })"`,
    ],
  }),
  target: (at) => hostPort(at.server, 8080),
  flags: () => ['--answer', 'symptom=intermittent'],
  truth: () => ({ outcome: 'impaired', causes: ['rate-limited', 'service-overloaded'], maxConfidence: 0.9 }),
}));

const egress = family(
  'egress-port-block',
  [
    { on: world.home3, port: 2525 },
    { on: world.company3v6, port: 8080 },
  ],
  ({ on, port }) => ({
    name: `router 1 blocks TCP ${port} towards everyone, with a reference host (${inWords(on)})`,
    topology: { ...on, elsewhere: 2 },
    listen: [22, port],
    listenOn: { elsewhere: [22, port] },
    fault: () => ({ r1: [forward(`tcp dport ${port} drop`)] }),
    target: (at) => hostPort(at.server, port),
    flags: (at) => ['--control', at.elsewhere],
    truth: (at) => ({ outcome: 'unreachable', causes: ['egress-port-block'], where: [after(at, 1)] }),
  }),
);

const notEgress = family('reference-host-answers', [world.home3, world.company3v6], (on) => ({
  name: `router 2 drops the port to this host only, the reference host answers (${inWords(on)})`,
  topology: { ...on, elsewhere: 2 },
  listenOn: { elsewhere: [22, 8080] },
  fault: (at) => ({ r2: [forward(`${to(at.server)} tcp dport 8080 drop`)] }),
  target: (at) => hostPort(at.server, 8080),
  flags: (at) => ['--control', at.elsewhere],
  truth: (at) => ({
    outcome: 'unreachable',
    causes: ['network-firewall-drop'],
    where: [after(at, 2)],
    mustNotClaim: ['egress-port-block'],
  }),
}));

const intercepted = family('middlebox-intercept', [world.home3, world.campus4v6], (on) => ({
  name: `the first router answers the port itself (${inWords(on)})`,
  topology: on,
  listen: [22],
  listenOn: { r1: [3128] },
  fault: () => ({
    r1: [
      "nft 'add table inet tp; add chain inet tp c { type nat hook prerouting priority dstnat; }; add rule inet tp c tcp dport 8080 redirect to :3128'",
    ],
  }),
  target: (at) => hostPort(at.server, 8080),
  flags: () => ['--trace'],
  truth: (at) => ({
    outcome: ['impaired', 'reachable'],
    causes: ['middlebox-intercept'],
    where: [
      { kind: 'hop', hop: 1 },
      { kind: 'hop', hop: 1, address: at.hop(1) },
    ],
  }),
}));

const sourceFiltered: Scenario = {
  name: 'router 3 drops the port from this machine only',
  family: 'router-drops-source',
  topology: { ...world.home5, neighbour: true },
  fault: (at) => ({ r3: [forward(`${from(at.client)} tcp dport 8080 drop`)] }),
  target: (at) => hostPort(at.server, 8080),
  truth: (at) => ({ outcome: 'unreachable', causes: ['network-firewall-drop'], where: [after(at, 3)] }),
};

const answersLost: Scenario = {
  name: 'router 2 drops the answers of the port',
  family: 'router-drops-answers',
  topology: world.campus4,
  fault: () => ({ r2: [prerouting('tcp sport 8080 drop')] }),
  target: (at) => hostPort(at.server, 8080),
  // The SYN passes every router, its answer dies on the way back: from here like a drop at the host.
  truth: (at) => ({
    outcome: 'unreachable',
    causes: ['host-firewall-drop', 'network-firewall-drop', 'return-path'],
    where: [after(at, 4)],
    maxConfidence: 0.75,
  }),
};

export default [
  ...loss,
  ...limits,
  ...limitUsedUp,
  ...egress,
  ...notEgress,
  ...intercepted,
  sourceFiltered,
  answersLost,
] satisfies Scenario[];
