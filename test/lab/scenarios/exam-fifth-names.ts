/** Fifth examination: names and this machine. Truths were written before the first run, without sight of the rules. */
import { speaker } from '../daemons/others.ts';
import { type Served, served } from '../daemons/served.ts';
import { squid } from '../daemons/web.ts';
import {
  beforeAnyHop,
  forward,
  hostPort,
  type Scenario,
  somewhereAfter,
  type Truth,
  thisMachine,
  type WherePattern,
} from '../scenario.ts';
import type { Topology } from '../topology.ts';
import * as world from '../worlds.ts';

const NAME = 'app.example.com';
const byName = `${NAME}:8080`;
const both: Topology = { ...world.home3, families: 'both' };
/** A program of this machine is at the target and on this machine: one place. */
const here: WherePattern[] = [thisMachine, { kind: 'target' }];
const unreachable = (truth: Omit<Truth, 'outcome'>): Truth => ({ outcome: 'unreachable', ...truth });

const names: Served[] = [
  {
    name: 'ordinary users may not read resolv.conf',
    family: 'fifth-resolv-conf-unreadable',
    on: world.home3,
    resolvers: (at) => [{ mode: 'normal', records: { [NAME]: { a: [at.server] } } }],
    clientShell: ['chmod 600 /etc/resolv.conf'],
    target: byName,
    truth: unreachable({
      causes: ['dns-resolver-unreachable'],
      where: [thisMachine, { kind: 'resolver' }],
    }),
  },
  {
    name: 'the line of resolv.conf is mistyped (nameserver=)',
    family: 'fifth-resolv-conf-mistyped',
    on: world.company3,
    resolvers: (at) => [{ mode: 'normal', records: { [NAME]: { a: [at.server] } } }],
    files: () => ({ 'resolv.conf': 'nameserver=10.20.0.53\n' }),
    target: byName,
    truth: unreachable({
      causes: ['dns-resolver-unreachable'],
      where: [thisMachine, { kind: 'resolver' }],
    }),
  },
  {
    name: 'a printer has its name in multicast DNS alone, and this machine asks none',
    family: 'fifth-multicast-name',
    on: world.home1,
    resolvers: [{ mode: 'normal', records: {} }],
    target: 'printer.local:631',
    truth: unreachable({ causes: ['dns-name-not-found'], where: [{ kind: 'resolver' }, thisMachine] }),
  },
  {
    name: 'the hosts file has lost its line for localhost',
    family: 'fifth-no-localhost',
    on: world.home3,
    resolvers: [{ mode: 'normal', records: {} }],
    files: () => ({ hosts: '# managed by hand\n' }),
    daemons: { client: [speaker(8080, { reply: 'HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n' })] },
    target: 'localhost:8080',
    truth: unreachable({ causes: ['dns-name-not-found'], where: [{ kind: 'resolver' }, thisMachine] }),
  },
  {
    name: 'somebody has put a link-local address into DNS, beside the right one',
    family: 'fifth-link-local-in-dns',
    on: both,
    resolvers: (at) => [
      { mode: 'normal', records: { [NAME]: { a: [at.server4], aaaa: ['fe80::5054:1234'] } } },
    ],
    target: byName,
    truth: {
      outcome: ['impaired', 'reachable'],
      causes: ['address-family-broken', 'address-partly-down', 'local-no-route'],
    },
  },
  {
    name: 'an internal address has come into public DNS, beside the right one',
    family: 'fifth-internal-address-in-dns',
    on: world.home3,
    resolvers: (at) => [{ mode: 'normal', records: { [NAME]: { a: ['10.99.0.5', at.server] } } }],
    target: byName,
    truth: {
      outcome: 'impaired',
      causes: ['address-partly-down', 'private-address-elsewhere', 'routing-unreachable'],
    },
  },
  {
    name: 'the resolver makes IPv6 addresses for a translator (64:ff9b::) that this network has not',
    family: 'fifth-dns64-without-translator',
    on: both,
    resolvers: (at) => [
      { mode: 'normal', records: { [NAME]: { a: [at.server4], aaaa: ['64:ff9b::cb00:7150'] } } },
    ],
    target: byName,
    truth: { outcome: 'impaired', causes: ['address-family-broken', 'routing-unreachable'] },
  },
];

const machine: Served[] = [
  {
    name: "this machine's own name was typed, which is 127.0.1.1 as Debian has it, and the program listens on the network's address",
    family: 'fifth-own-host-name',
    on: world.home1,
    hostsFile: () => ['127.0.1.1 laptop.example.net laptop'],
    daemons: (at) => ({ client: [speaker(8080, { address: at.client })] }),
    target: 'laptop:8080',
    truth: unreachable({ causes: ['listens-elsewhere', 'port-closed'], where: here }),
  },
  {
    name: 'a development server listens on ::1 alone, and 127.0.0.1 was typed',
    family: 'fifth-listens-on-v6-loopback',
    on: world.home3,
    daemons: { client: [speaker(5173, { address: '::1' })] },
    target: 'http://127.0.0.1:5173',
    truth: unreachable({ causes: ['listens-elsewhere', 'port-closed'], where: here }),
  },
  {
    name: 'a web server of this machine was stopped in its terminal (Ctrl-Z)',
    family: 'fifth-stopped-in-the-terminal',
    on: world.home1,
    daemons: {
      client: [
        {
          command: 'cd "$DIR"; echo $$ > py.pid; exec /usr/bin/python3 -m http.server 8000',
          ports: [8000],
        },
      ],
    },
    fault: () => ({ client: ['kill -STOP $(cat "$DIR/py.pid")'] }),
    target: 'http://localhost:8000',
    truth: {
      outcome: 'impaired',
      causes: ['service-unresponsive', 'local-service-hung'],
      where: here,
    },
  },
  {
    name: 'the program is in a container of this machine, and its port was not published',
    family: 'fifth-container-not-published',
    on: world.home3,
    fault: () => ({
      client: [
        `ip netns add box; ip link add docker0 type bridge; ip link set docker0 up; ip addr add 172.17.0.1/16 dev docker0
ip link add veth0 type veth peer name eth0 netns box; ip link set veth0 master docker0; ip link set veth0 up
ip -n box link set lo up; ip -n box link set eth0 up; ip -n box addr add 172.17.0.2/16 dev eth0
nsenter --net=/run/netns/box /run/lab/node "$SERVICES/exam-speaker.js" 8080 '{}' > "$DIR/box.log" 2>&1 < /dev/null &
for i in $(seq 100); do nsenter --net=/run/netns/box ss -Hlnt 'sport = :8080' | grep -q . && break; sleep 0.05; done`,
      ],
    }),
    target: 'localhost:8080',
    truth: unreachable({
      causes: ['port-closed', 'listens-elsewhere', 'container-localhost'],
      where: here,
    }),
  },
  {
    name: 'a tunnel to a database begins on this machine, and at its other end nothing listens',
    family: 'fifth-tunnel-without-an-end',
    on: world.home3,
    listen: [],
    services: (at) => ({
      client: [`exec socat TCP4-LISTEN:15432,bind=127.0.0.1,fork,reuseaddr TCP:${at.server}:5432`],
    }),
    waitFor: { client: [15432] },
    target: 'postgresql://127.0.0.1:15432',
    truth: {
      outcome: 'impaired',
      causes: ['backend-down', 'service-closes-connection'],
      where: here,
      maxConfidence: 0.95,
    },
  },
  {
    name: 'only the proxy leads out, and it lets nobody connect to other ports than 443',
    family: 'fifth-proxy-forbids-the-port',
    on: { ...world.company3, neighbour: true },
    daemons: {
      server: [speaker(8443, {})],
      neighbour: [
        (() => {
          const daemon = squid();
          return {
            ...daemon,
            files: Object.fromEntries(
              Object.entries(daemon.files ?? {}).map(([name, text]) => [
                name,
                text.replace(
                  'http_access allow all',
                  'acl web port 443\nacl tunnel method CONNECT\nhttp_access deny tunnel !web\nhttp_access allow all',
                ),
              ]),
            ),
          };
        })(),
      ],
    },
    env: (at) => ({ https_proxy: `http://${at.neighbour}:3128` }),
    fault: (at) => ({
      r1: [forward(`ip saddr ${at.client} ip daddr ${at.serverNet} meta l4proto tcp drop`)],
    }),
    target: (at) => hostPort(at.server, 8443),
    truth: (at) =>
      unreachable({
        causes: ['network-firewall-drop', 'egress-port-block', 'proxy-required', 'service-access-denied'],
        where: [somewhereAfter(at, 1), ...beforeAnyHop, { kind: 'hop', hop: 1 }],
      }),
  },
];

export default [...names, ...machine].map(served) satisfies Scenario[];
