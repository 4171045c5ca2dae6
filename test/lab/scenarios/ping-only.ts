import { after, family, forward, hostPort, input, to } from '../scenario.ts';
import * as world from '../worlds.ts';
import { inWords } from '../worlds.ts';

/** A firewall that lets ping through and nothing else: only the echo shows that the path goes on. */
const atRouter = family(
  'router-passes-ping-only',
  [
    { on: world.home5, router: 2 },
    { on: world.campus4v6, router: 1 },
  ],
  ({ on, router }) => ({
    name: `router ${router} lets only ping through (${inWords(on)})`,
    topology: on,
    fault: (at) => ({ [`r${router}`]: [forward(`${to(at.server)} meta l4proto { tcp, udp } drop`)] }),
    target: (at) => hostPort(at.server, 8080),
    truth: (at) => ({
      outcome: 'unreachable',
      causes: ['network-firewall-drop'],
      where: [after(at, router)],
    }),
  }),
);

const atHost = family('host-passes-ping-only', [world.company3, world.home3v6], (on) => ({
  name: `the host answers ping and nothing else (${inWords(on)})`,
  topology: on,
  fault: () => ({ server: [input('meta l4proto { tcp, udp } drop')] }),
  target: (at) => hostPort(at.server, 8080),
  truth: (at) => ({
    outcome: 'unreachable',
    causes: ['host-firewall-drop', 'network-firewall-drop'],
    where: [after(at, on.routers)],
    maxConfidence: 0.75,
  }),
}));

export default [...atRouter, ...atHost];
