/** Long round trips, jitter and packets that are lost for certain, through a relay in user space. Truths before the first run. */

import { postfix } from '../daemons/mail.ts';
import { sshd } from '../daemons/others.ts';
import { type Served, served, WELL } from '../daemons/served.ts';
import { postgresql, redis } from '../daemons/stores.ts';
import { certificate, nginx, site } from '../daemons/web.ts';
import { relayed } from '../relay.ts';
import { after, forward, hostPort, RESET_BY_HOST_LIMIT, type Scenario, type Truth } from '../scenario.ts';
import type { Addresses } from '../topology.ts';
import * as world from '../worlds.ts';

const secureSite = nginx(
  site('[::]:443 ssl ipv6only=off', `${certificate()} location / { return 200 ok; }`),
  443,
);
const port = (at: Addresses): string => hostPort(at.server, 8080);

const healthy: Served[] = [
  {
    name: 'OpenSSH is well, 300 ms away',
    family: 'healthy-far-away',
    on: world.home3,
    daemons: { server: [sshd()] },
    ...relayed(2, { delayMs: 300 }),
    target: 22,
    truth: WELL,
  },
  {
    name: 'Postfix is well, 600 ms away',
    family: 'healthy-far-away',
    on: world.company3v6,
    daemons: { server: [postfix()] },
    ...relayed(1, { delayMs: 600 }),
    target: 25,
    truth: WELL,
  },
  {
    name: 'Redis is well, 250 ms away',
    family: 'healthy-far-away',
    on: world.campus4,
    daemons: { server: [redis()] },
    ...relayed(3, { delayMs: 250 }),
    target: 6379,
    truth: WELL,
  },
  {
    name: 'PostgreSQL is well, 800 ms away',
    family: 'healthy-far-away',
    on: world.home5,
    daemons: { server: [postgresql()] },
    ...relayed(2, { delayMs: 800 }),
    target: 5432,
    truth: WELL,
  },
  {
    name: 'nginx with TLS is well, 500 ms away, by name',
    family: 'healthy-far-away',
    on: world.campus4v6,
    tls: true,
    daemons: { server: [secureSite] },
    ...relayed(2, { delayMs: 500 }),
    target: 443,
    truth: WELL,
  },
  {
    name: 'a web server is well behind 200 ms of jitter',
    family: 'healthy-jitter',
    on: world.home3,
    ...relayed(1, { delayMs: 40, jitterMs: 200 }),
    target: port,
    truth: WELL,
  },
  {
    name: 'a web server is well behind 400 ms of jitter that changes the order',
    family: 'healthy-jitter',
    on: world.company3v6,
    ...relayed(2, { jitterMs: 400, reorder: true }),
    target: port,
    truth: WELL,
  },
  {
    name: 'nginx with TLS is well behind 150 ms of jitter that changes the order',
    family: 'healthy-jitter',
    on: world.campus4,
    tls: true,
    daemons: { server: [secureSite] },
    ...relayed(2, { delayMs: 30, jitterMs: 150, reorder: true }),
    target: 443,
    truth: WELL,
  },
  // One SYN lost, the next is answered: a second more, and nothing is wrong that lasts.
  {
    name: 'the first SYN of all is lost',
    family: 'one-syn-lost',
    on: world.home3,
    ...relayed(1, { drop: [['syn', 1, 0]] }),
    target: port,
    truth: [WELL, { outcome: ['reachable', 'impaired'], causes: ['path-loss'], maxConfidence: 0.6 }],
  },
  {
    name: 'the second SYN of all is lost',
    family: 'one-syn-lost',
    on: world.campus4v6,
    ...relayed(2, { drop: [['syn', 2, 0]] }),
    target: port,
    truth: [WELL, { outcome: ['reachable', 'impaired'], causes: ['path-loss'], maxConfidence: 0.6 }],
  },
  {
    name: 'the first SYN and the first data are lost',
    family: 'one-syn-lost',
    on: world.company3,
    ...relayed(1, {
      drop: [
        ['syn', 1, 0],
        ['data', 1, 0],
      ],
    }),
    target: port,
    truth: [WELL, { outcome: ['reachable', 'impaired'], causes: ['path-loss'], maxConfidence: 0.6 }],
  },
];
// Written with a limit of 0.97: what is lost before one's eyes, in two protocols, is loss.
const LOSSY: Truth = { outcome: ['impaired', 'reachable'], causes: ['path-loss'] };
const faults: Served[] = [
  {
    name: 'every third packet is lost, and somebody complains of now and then',
    family: 'lossy-for-certain',
    on: world.home3,
    ...relayed(2, { drop: [['any', 2, 3]] }),
    target: port,
    flags: () => ['--answer', 'symptom=intermittent'],
    truth: [LOSSY, WELL],
  },
  {
    name: 'every second packet is lost, and somebody complains of now and then',
    family: 'lossy-for-certain',
    on: world.campus4v6,
    ...relayed(1, { drop: [['any', 1, 2]] }),
    target: port,
    flags: () => ['--answer', 'symptom=intermittent'],
    truth: [LOSSY, WELL],
  },
  // Handshakes pass, data never does, in any size: something that looks into connections, not the service.
  {
    name: 'data is never acknowledged',
    family: 'data-never-acknowledged',
    on: world.home3,
    ...relayed(2, { drop: [['data', 1, 1]] }),
    target: (at) => `http://${port(at)}/`,
    truth: { outcome: 'impaired', causes: ['middlebox-drop', 'network-firewall-drop'] },
  },
  {
    name: 'data is never acknowledged',
    family: 'data-never-acknowledged',
    on: world.company3v6,
    ...relayed(1, { drop: [['data', 1, 1]] }),
    target: (at) => `http://${port(at)}/`,
    truth: { outcome: 'impaired', causes: ['middlebox-drop', 'network-firewall-drop'] },
  },
  {
    name: 'data to TLS is never acknowledged, by name',
    family: 'data-never-acknowledged',
    on: world.campus4,
    tls: true,
    daemons: { server: [secureSite] },
    ...relayed(2, { drop: [['data', 1, 1]] }),
    target: 443,
    truth: (at) => ({
      outcome: 'impaired',
      causes: ['middlebox-drop', 'network-firewall-drop'],
      where: [{ kind: 'between' }, { kind: 'hop' }, null, { kind: 'target', address: at.server }],
    }),
  },
  {
    name: 'nothing listens, 500 ms away',
    family: 'far-away-and-closed',
    on: world.home5,
    listen: [22],
    ...relayed(2, { delayMs: 500 }),
    target: port,
    truth: (at) => ({
      outcome: 'unreachable',
      causes: ['port-closed'],
      where: [{ kind: 'target', address: at.server }],
      maxConfidence: RESET_BY_HOST_LIMIT,
    }),
  },
  {
    name: 'router 3 drops the port, 400 ms away',
    family: 'far-away-and-dropped',
    on: world.campus4v6,
    ...relayed(2, { delayMs: 400 }, () => ({ r3: [forward('tcp dport 8080 drop')] })),
    target: port,
    truth: (at) => ({ outcome: 'unreachable', causes: ['network-firewall-drop'], where: [after(at, 3)] }),
  },
  {
    name: 'router 3 drops the port, with jitter before it',
    family: 'far-away-and-dropped',
    on: world.home5,
    ...relayed(1, { delayMs: 20, jitterMs: 300 }, () => ({ r3: [forward('tcp dport 8080 drop')] })),
    target: port,
    truth: (at) => ({ outcome: 'unreachable', causes: ['network-firewall-drop'], where: [after(at, 3)] }),
  },
];

export default [...healthy, ...faults].map(served) satisfies Scenario[];
