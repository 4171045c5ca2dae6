/** One fault, several places: the client diagnoses, and other hosts of the network try the same (`--from`). */
import type { Outcome } from '../../../src/model/report.ts';
import {
  after,
  family,
  forward,
  from,
  hostPort,
  input,
  prerouting,
  type Scenario,
  to,
  type WherePattern,
} from '../scenario.ts';
import { type Addresses, layOut, type Topology } from '../topology.ts';
import * as world from '../worlds.ts';
import { inWords } from '../worlds.ts';

const PORT = 8080;
type Seen = 'open' | 'fails' | 'proves-nothing' | 'failed';

interface Place {
  fault: string;
  on: Topology;
  /** Place -> what it sees. The names are those of --from. */
  places: Record<string, Seen>;
  make: (at: Addresses) => Record<string, string[]>;
  causes: string[];
  where?: (at: Addresses) => WherePattern[];
  outcome?: Outcome;
  listen?: number[];
  minConfidence?: number;
  maxConfidence?: number;
  more?: Partial<Scenario>;
}

const place = ({
  fault,
  on,
  places,
  make,
  causes,
  where,
  outcome,
  listen,
  more,
  ...limits
}: Place): Omit<Scenario, 'family'> => ({
  name: `from elsewhere: ${fault} (${inWords(on)})`,
  topology: on,
  as: 'root',
  listen: listen ?? [22, PORT],
  fault: make,
  target: (at) => hostPort(at.server, PORT),
  flags: () => Object.keys(places).flatMap((one) => ['--from', one]),
  truth: (at) => ({
    outcome: outcome ?? 'unreachable',
    causes,
    places,
    ...(where === undefined ? {} : { where: where(at) }),
    ...limits,
  }),
  ...more,
});

/** Vantages 1 and 2 stand behind router 2, so that their ways join the client's there. */
const home: Topology = { ...world.home3, vantages: [2, 2], sibling: true };
const home6: Topology = { ...world.home3v6, vantages: [2, 2], sibling: true };
const company: Topology = { ...world.company3, vantages: [2, 3], sibling: true };
const campus: Topology = { ...world.campus4, vantages: [3, 3], neighbour: true };
const campus6: Topology = { ...world.campus4v6, vantages: [3, 3], neighbour: true };
const drop = `tcp dport ${PORT} drop`;

const onlyHere = family<Place>(
  'from-only-here',
  [
    {
      fault: 'router 1, which no other way passes, drops the port',
      on: home,
      places: { 'netns:v1': 'open', 'netns:v2': 'open' },
      make: () => ({ r1: [forward(drop)] }),
      causes: ['network-firewall-drop'],
      where: (at) => [after(at, 1)],
      minConfidence: 0.9,
    },
    {
      fault: 'router 1, which no other way passes, drops the port',
      on: home6,
      places: { 'netns:v1': 'open' },
      make: () => ({ r1: [forward(drop)] }),
      causes: ['network-firewall-drop'],
      where: (at) => [after(at, 1)],
      minConfidence: 0.9,
    },
    {
      fault: 'the host lets nothing in from this client',
      on: company,
      places: { 'netns:v1': 'open', 'netns:v2': 'open' },
      make: (at) => ({ server: [input(`${from(at.client)} drop`)] }),
      causes: ['client-banned', 'host-firewall-drop', 'network-firewall-drop', 'return-path'],
    },
    {
      fault: 'the host rejects this client alone',
      on: home,
      places: { 'netns:v1': 'open', 'netns:sibling': 'open' },
      make: (at) => ({ server: [input(`${from(at.client)} tcp dport ${PORT} reject`)] }),
      causes: ['client-banned', 'host-firewall-reject'],
    },
  ],
  place,
);

const everyone = family<Place>(
  'from-everyone',
  [
    {
      fault: 'nothing listens',
      on: home,
      places: { 'netns:v1': 'fails', 'netns:v2': 'fails' },
      listen: [22],
      make: () => ({}),
      causes: ['port-closed'],
      minConfidence: 0.9,
    },
    {
      fault: 'nothing listens',
      on: campus6,
      places: { 'netns:v1': 'fails', 'netns:neighbour': 'fails' },
      listen: [22],
      make: () => ({}),
      causes: ['port-closed'],
      minConfidence: 0.9,
    },
    {
      fault: 'the host drops the port',
      on: home,
      places: { 'netns:v1': 'fails', 'netns:sibling': 'fails' },
      make: () => ({ server: [input(drop)] }),
      causes: ['host-firewall-drop'],
      minConfidence: 0.75,
    },
    {
      fault: 'the last router drops the port',
      on: company,
      places: { 'netns:v1': 'fails', 'netns:v2': 'fails' },
      make: () => ({ r3: [forward(drop)] }),
      causes: ['network-firewall-drop', 'host-firewall-drop'],
      maxConfidence: 0.8,
    },
    ...[home, home6].map(
      (on): Place => ({
        fault: 'the host is off; a reference host shows that the place is connected',
        on: { ...on, elsewhere: 2 },
        places: { 'netns:v1': 'fails' },
        make: () => ({ server: ['ip link set eth0 down'] }),
        causes: ['host-down'],
        more: {
          listenOn: { elsewhere: [PORT] },
          flags: (at) => ['--from', 'netns:v1', '--control', at.elsewhere],
        },
      }),
    ),
  ],
  place,
);

const perimeter = family<Place>(
  'from-perimeter',
  [
    {
      fault: 'the last router lets nobody in, and the network of the host reaches it',
      on: home,
      places: { 'netns:v1': 'fails', 'netns:sibling': 'open' },
      make: () => ({ r3: [forward(`iifname "west" ${drop}`)] }),
      causes: ['network-firewall-drop'],
      where: (at) => [after(at, 3)],
    },
    {
      fault: 'the last router lets nobody in, and the network of the host reaches it',
      on: home6,
      places: { 'netns:v1': 'fails', 'netns:sibling': 'open' },
      make: () => ({ r3: [forward(`iifname "west" ${drop}`)] }),
      causes: ['network-firewall-drop'],
      where: (at) => [after(at, 3)],
    },
  ],
  place,
);

const bySource = family<Place>(
  'from-by-source',
  [
    {
      fault: 'the last router drops what comes from two networks',
      on: { ...world.company3, vantages: [1, 2, 2] },
      places: { 'netns:v1': 'fails', 'netns:v2': 'open', 'netns:v3': 'open' },
      make: (at) => ({
        r3: [forward(`ip saddr { ${at.clientNet}, ${at.vantageNet(1)} } ${drop}`)],
      }),
      causes: ['network-firewall-drop', 'host-firewall-drop'],
      maxConfidence: 0.85,
    },
    {
      fault: "the client's network is dropped by router 3",
      on: campus,
      places: { 'netns:neighbour': 'fails', 'netns:v1': 'open', 'netns:v2': 'open' },
      make: (at) => ({ r3: [forward(`ip saddr ${at.clientNet} ${drop}`)] }),
      causes: ['network-firewall-drop'],
      where: (at) => [after(at, 3)],
    },
    {
      fault: "the client's network is dropped by router 3",
      on: campus6,
      places: { 'netns:neighbour': 'fails', 'netns:v1': 'open', 'netns:v2': 'open' },
      make: (at) => ({ r3: [forward(`ip6 saddr ${at.clientNet} ${drop}`)] }),
      causes: ['network-firewall-drop'],
      where: (at) => [after(at, 3)],
    },
    {
      fault: 'another network is dropped, and this client is served',
      on: home,
      places: { 'netns:v1': 'fails', 'netns:v2': 'open' },
      make: (at) => ({ server: [input(`${from(at.vantage(1))} ${drop}`)] }),
      causes: [],
      outcome: 'reachable',
    },
  ],
  place,
);

/** A way into vantage 1, where the name leads to this address. */
const hostsThere = (address: (at: Addresses) => string) => (at: Addresses) => ({
  'hosts.there': `127.0.0.1 localhost\n${address(at)} www.lab.test\n`,
  'there.sh':
    'exec unshare --mount sh -c "mount --bind hosts.there /etc/hosts; exec ip netns exec v1 sh -s"\n',
});
const named = { target: () => `www.lab.test:${PORT}` };
const addresses = family<Place>(
  'from-one-address',
  [
    {
      fault: 'one of two addresses of the name is dead',
      on: home,
      places: { 'netns:v1': 'open', 'netns:v2': 'open' },
      make: () => ({ sibling: [input(drop)] }),
      causes: ['address-partly-down'],
      outcome: 'impaired',
      more: {
        ...named,
        listenOn: { sibling: [22, PORT] },
        hostsFile: (at) => [`${at.server} www.lab.test`, `${at.sibling} www.lab.test`],
      },
    },
    {
      fault: 'router 1 drops the way to the first of two addresses',
      on: home6,
      places: { 'netns:v1': 'open' },
      make: (at) => ({ r1: [forward(`${to(at.server)} ${drop}`)] }),
      causes: ['network-firewall-drop'],
      outcome: 'impaired',
      more: {
        ...named,
        listenOn: { sibling: [22, PORT] },
        hostsFile: (at) => [`${at.server} www.lab.test`, `${at.sibling} www.lab.test`],
      },
    },
    {
      fault: 'the name is known at another place alone',
      on: { ...home, resolvers: 1 },
      places: { 'cmd:sh ./there.sh': 'open' },
      make: () => ({}),
      causes: ['dns-answers-differ'],
      more: {
        ...named,
        resolvers: () => [{ mode: 'normal', records: {} }],
        files: hostsThere((at) => at.server),
      },
    },
    {
      fault: 'the name leads elsewhere at another place, where it is served',
      on: { ...home, resolvers: 1 },
      places: { 'cmd:sh ./there.sh': 'open' },
      make: () => ({ server: [input(drop)] }),
      causes: ['dns-answers-differ'],
      more: {
        ...named,
        listenOn: { sibling: [22, PORT] },
        resolvers: (at) => [{ mode: 'normal', records: { 'www.lab.test': { a: [at.server] } } }],
        files: hostsThere((at) => at.sibling),
      },
    },
  ],
  place,
);

/** A folder of links instead of a system, and a way into the vantage with nothing else on its path. */
const poor = (host: string, shell: string) => ({
  'poor.sh': `exec ip netns exec ${host} env PATH="$PWD/tools" "$(command -v ${shell.split(' ')[0]})" ${shell.split(' ').slice(1).join(' ')}\n`,
});
const links = (...names: string[]) => [
  `mkdir tools; for one in ${names.join(' ')}; do ln -s "$(command -v "$one")" "tools/$one"; done`,
];
const tools = family<Place>(
  'from-poor-places',
  [
    {
      fault: 'a place that has nothing but BusyBox; router 1 drops the port',
      on: home,
      places: { 'cmd:sh ./poor.sh': 'open' },
      make: () => ({ r1: [forward(drop)] }),
      causes: ['network-firewall-drop'],
      where: (at) => [after(at, 1)],
      more: {
        prepare: () => [
          'mkdir tools; for one in $(busybox --list); do ln -s "$(command -v busybox)" "tools/$one"; done',
        ],
        files: () => poor('v1', 'busybox sh -s'),
      },
    },
    {
      fault: 'a place without python3; the port is dropped for everyone before router 3',
      on: home6,
      places: { 'cmd:sh ./poor.sh': 'fails' },
      make: () => ({ r2: [forward(drop)] }),
      causes: ['network-firewall-drop'],
      where: (at) => [after(at, 2)],
      more: {
        prepare: () => links('sh', 'perl', 'cat', 'id', 'grep', 'uname', 'getent', 'timeout', 'sleep'),
        files: () => poor('v1', 'dash -s'),
      },
    },
    {
      fault: 'a place with bash alone; nothing listens',
      on: company,
      places: { 'cmd:sh ./poor.sh': 'fails' },
      listen: [22],
      make: () => ({}),
      causes: ['port-closed'],
      more: {
        prepare: () => links('bash', 'cat', 'id', 'grep', 'uname', 'getent', 'timeout', 'sleep'),
        files: () => poor('v2', 'bash -s'),
      },
    },
    {
      fault: 'a place with nc alone, on IPv6; router 1 drops the port',
      on: campus6,
      places: { 'cmd:sh ./poor.sh': 'open' },
      make: () => ({ r1: [forward(drop)] }),
      causes: ['network-firewall-drop'],
      more: {
        prepare: () => links('dash', 'nc', 'cat', 'id', 'grep', 'uname', 'getent', 'timeout', 'sleep'),
        files: () => poor('v1', 'dash -s'),
      },
    },
  ],
  place,
);

/** A real sshd in vantage 1, with keys of its own; the client's root has the key and knows the host. */
const SSHD = (at: Addresses): string =>
  `Port 22\nListenAddress ${at.vantage(1)}\nHostKey /run/sshd/host\nAuthorizedKeysFile /run/sshd/authorized\nPermitRootLogin yes\nStrictModes no\nUsePAM no\nPidFile none\n`;
const bySsh = (on: Topology, dest: (at: Addresses) => string): Partial<Scenario> => ({
  prepare: () => [
    'ssh-keygen -q -t ed25519 -N "" -f host; ssh-keygen -q -t ed25519 -N "" -f client',
    'mkdir -p /run/sshd; cp host /run/sshd/host; cp client.pub /run/sshd/authorized; cp sshd.conf /run/sshd/sshd.conf; chmod 600 /run/sshd/*',
  ],
  files: (at) => ({ 'sshd.conf': SSHD(at) }),
  services: () => ({ v1: ['exec /usr/sbin/sshd -D -e -f /run/sshd/sshd.conf'] }),
  waitFor: { v1: [22] },
  clientShell: [
    'mount -t tmpfs -o mode=700 tmpfs /root; mkdir -m 700 /root/.ssh; cp client /root/.ssh/id_ed25519; chmod 600 /root/.ssh/id_ed25519',
    `echo "${layOut(on).at.vantage(1)} $(cut -d" " -f1,2 host.pub)" > /root/.ssh/known_hosts`,
  ],
  flags: (at) => ['--from', `ssh:${dest(at)}`],
});

const overSsh = family<Place>(
  'from-ssh',
  [
    {
      fault: 'over a real sshd; router 1 drops the port',
      on: home,
      places: { [`ssh:root@${layOut(home).at.vantage(1)}`]: 'open' },
      make: () => ({ r1: [forward(drop)] }),
      causes: ['network-firewall-drop'],
      where: (at) => [after(at, 1)],
      minConfidence: 0.9,
      more: bySsh(home, (at) => `root@${at.vantage(1)}`),
    },
    {
      fault: 'over a real sshd on IPv6; the host drops the port',
      on: campus6,
      places: { [`ssh:root@${layOut(campus6).at.vantage(1)}`]: 'fails' },
      make: () => ({ server: [input(drop)] }),
      causes: ['host-firewall-drop'],
      more: bySsh(campus6, (at) => `root@${at.vantage(1)}`),
    },
    {
      fault: 'a real sshd lets nobody of that name in, which is no evidence',
      on: home,
      places: { [`ssh:nobody@${layOut(home).at.vantage(1)}`]: 'failed' },
      make: () => ({ r1: [forward(drop)] }),
      causes: ['network-firewall-drop'],
      where: (at) => [after(at, 1)],
      more: bySsh(home, (at) => `nobody@${at.vantage(1)}`),
    },
  ],
  place,
);

const broken = family<Place>(
  'from-broken-places',
  [
    {
      fault: 'the carrier is down, hangs or babbles, and is not counted',
      on: home,
      places: {
        'netns:nosuch': 'failed',
        'cmd:sh ./babbles.sh': 'failed',
        'cmd:sh ./dies.sh': 'failed',
        'netns:v1': 'open',
      },
      make: () => ({ r1: [forward(drop)] }),
      causes: ['network-firewall-drop'],
      more: {
        files: () => ({
          'babbles.sh': 'while :; do echo "Welcome to nowhere"; done\n',
          'dies.sh': 'head -c 300; kill -9 $$\n',
        }),
      },
    },
    {
      fault: 'the place has lost its own network, and proves nothing',
      on: home,
      places: { 'netns:v1': 'proves-nothing' },
      make: () => ({ r1: [forward(drop)], v1: ['ip link set eth0 down'] }),
      causes: ['network-firewall-drop'],
      where: (at) => [after(at, 1)],
    },
    {
      fault: 'the place is let out to nowhere, and proves nothing',
      on: home6,
      places: { 'netns:v1': 'proves-nothing' },
      make: (at) => ({ r1: [forward(drop)], r2: [prerouting(`${from(at.vantage(1))} drop`)] }),
      causes: ['network-firewall-drop'],
      where: (at) => [after(at, 1)],
    },
  ],
  place,
);

const scenarios: Scenario[] = [
  ...onlyHere,
  ...everyone,
  ...perimeter,
  ...bySource,
  ...addresses,
  ...tools,
  ...overSsh,
  ...broken,
];
export default scenarios;
