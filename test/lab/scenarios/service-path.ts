/** TCP opens, and what stands on the way does the rest: a small link, filters that read names. */
import { certificates, NAME, named } from '../certificates.ts';
import { after, atTarget, family, output, type Scenario, type WherePattern } from '../scenario.ts';
import type { Addresses, Topology } from '../topology.ts';
import * as world from '../worlds.ts';
import { inWords } from '../worlds.ts';

const https = (on: Topology): Omit<Scenario, 'name' | 'fault' | 'truth' | 'family'> => ({
  topology: on,
  listen: [],
  // RSA: a first flight of several segments, as on the Internet.
  prepare: () => certificates({ rsa: true }),
  services: () => ({
    server: [
      // Not `openssl s_server`, which takes one client at a time: the same request in other shapes would wait for the first.
      'cd "$DIR"; exec /run/lab/node "$SERVICES/page.js" 443 key.pem chain.pem',
    ],
  }),
  waitFor: { server: [443] },
  resolvers: (at) => [named(at)],
  target: () => `https://${NAME}`,
  flags: () => ['--ca', 'root.pem'],
});
/** No router tells that a packet is too big. */
const untold = `${output('icmp type destination-unreachable icmp code frag-needed drop')}; ${output('icmpv6 type packet-too-big drop')}`;
const routers = ({ routers: n }: Topology, line: string): Record<string, string[]> =>
  Object.fromEntries(Array.from({ length: n }, (_, i) => [`r${i + 1}`, [line]]));

const smallLink = family(
  'path-mtu-blackhole',
  [
    { on: { ...world.home3, mtu: { 2: 1280 } }, hop: 2 },
    { on: { ...world.company3v6, mtu: { 1: 1300 } }, hop: 1 },
    { on: { ...world.campus4, mtu: { 3: 1400 } }, hop: 3 },
  ],
  ({ on, hop }) => ({
    ...https(on),
    name: `the link after router ${hop} is small and nobody says so (${inWords(on)})`,
    fault: () => routers(on, untold),
    truth: (at) => ({ outcome: 'impaired', causes: ['path-mtu-blackhole'], where: [after(at, hop)] }),
  }),
);

const toldLink = family(
  'path-mtu',
  [
    { ...world.home3, mtu: { 2: 1280 } },
    { ...world.company3v6, mtu: { 2: 1280 } },
  ],
  (on) => ({
    ...https(on),
    name: `the link after router 2 is small and says so (${inWords(on)})`,
    fault: () => ({}),
    truth: () => ({ outcome: 'reachable', causes: [] }),
  }),
);

const reads = ({ families }: Topology, verdict: string): string =>
  `${families === 6 ? 'ip6tables' : 'iptables'} -A FORWARD -p tcp --dport 443 -m string --string ${NAME} --algo bm -j ${verdict}`;
const betweenRouters = (at: Addresses, router: number): WherePattern[] => [after(at, router)];

const dropped = family('middlebox-drop', [world.home3, world.company3v6], (on) => ({
  ...https(on),
  name: `router 2 drops what has the name in it (${inWords(on)})`,
  fault: () => ({ r2: [reads(on, 'DROP')] }),
  truth: (at) => ({ outcome: 'impaired', causes: ['middlebox-drop'], where: betweenRouters(at, 2) }),
}));

const reset = family('middlebox-reset', [world.home3, world.campus4v6], (on) => ({
  ...https(on),
  name: `router 1 resets what has the name in it (${inWords(on)})`,
  fault: () => ({ r1: [reads(on, 'REJECT --reject-with tcp-reset')] }),
  truth: (at) => ({ outcome: 'impaired', causes: ['middlebox-reset'], where: betweenRouters(at, 1) }),
}));

const hanging: Scenario = {
  ...https({ ...world.home3 }),
  name: 'the program hangs, and large pings are dropped on purpose',
  family: 'service-unresponsive',
  services: () => ({ server: ['exec /run/lab/node "$SERVICES/speaker.js" 443 silent'] }),
  fault: () => ({
    r2: [
      "nft 'add table inet big; add chain inet big c { type filter hook forward priority 0; }; add rule inet big c meta l4proto icmp meta length > 1000 drop'",
    ],
  }),
  truth: (at) => ({
    outcome: 'impaired',
    causes: ['service-unresponsive'],
    where: [atTarget(at.server)],
  }),
};

const scenarios: Scenario[] = [...smallLink, ...toldLink, ...dropped, ...reset, hanging];
export default scenarios;
