/**
 * The sixth exam, what is well: harmless oddities in which an alarm would be false. Truths were written by somebody who has not seen
 * the rules, and before the first run.
 */
import { NAME } from '../certificates.ts';
import { bind, mosquitto, speaker, sshd } from '../daemons/others.ts';
import { PAGE, type Served, served, WELL, WELL_BUT_SLOW } from '../daemons/served.ts';
import { postgresql, redis } from '../daemons/stores.ts';
import {
  apacheTls,
  certificate,
  front,
  haproxy,
  nginx,
  plainSite,
  secureSite,
  site,
  squid,
} from '../daemons/web.ts';
import { relayed } from '../relay.ts';
import {
  forward,
  hostPort,
  input,
  noEcho,
  noTimeExceeded,
  type Scenario,
  tellsOnceASecond,
} from '../scenario.ts';
import type { Topology } from '../topology.ts';
import * as world from '../worlds.ts';

const home3both: Topology = { routers: 3, plan: 'home', families: 'both' };
const OK = 'HTTP/1.1 200 OK\r\nContent-Length: 3\r\nConnection: close\r\n\r\nok\n';

const scenarios: Served[] = [
  {
    name: 'well, http leads to https of the same name, and https is well',
    family: 'sixth-well-http-to-https',
    on: world.nat3,
    tls: true,
    daemons: {
      server: [
        nginx(
          `server { listen 80; return 301 https://$host$request_uri; } server { listen 443 ssl; ${certificate()} add_header Strict-Transport-Security "max-age=63072000"; location / { return 200 ok; } }`,
          80,
          443,
        ),
      ],
    },
    target: `http://${NAME}/shop?id=7`,
    truth: WELL,
  },
  {
    name: 'well, SSH alone is let in, everything else is dropped, ping too, and two routers never tell',
    family: 'sixth-well-ssh-alone',
    on: world.home5,
    daemons: { server: [sshd()] },
    fault: () => ({
      r2: [noTimeExceeded],
      r4: [noTimeExceeded],
      server: [
        input('ct state established,related accept'),
        input('tcp dport 22 ct state new accept'),
        input('drop'),
      ],
    }),
    target: (at) => `ssh://${at.server}`,
    truth: WELL,
  },
  {
    name: 'well, a name of two families, and router 2 drops every ping',
    family: 'sixth-well-two-families',
    on: home3both,
    tls: true,
    daemons: { server: [secureSite()] },
    resolvers: (at) => [{ mode: 'normal', records: { [NAME]: { a: [at.server4], aaaa: [at.server6] } } }],
    fault: () => ({ r2: [noEcho(forward)] }),
    target: `https://${NAME}/`,
    truth: WELL,
  },
  {
    name: 'well, the hosts file says what DNS says, beside old lines for other names',
    family: 'sixth-well-hosts-file',
    on: world.company3,
    daemons: { server: [plainSite()] },
    hostsFile: (at) => [
      `${at.unusedThere} old.lab.test wwwold`,
      `${at.server}\t${NAME} www # added for the launch`,
      '0.0.0.0 ads.lab.test',
    ],
    resolvers: (at) => [{ mode: 'normal', records: { [NAME]: { a: [at.server] } } }],
    target: `http://${NAME}`,
    truth: WELL,
  },
  {
    name: 'well, an interface for programs that says 403 to whoever has no key',
    family: 'sixth-well-forbidden',
    on: world.campus4v6,
    tls: true,
    daemons: {
      server: [secureSite('default_type application/json; location / { return 403 "{}"; }')],
    },
    target: `https://${NAME}/v1/items`,
    truth: PAGE,
  },
  {
    name: 'well, PostgreSQL with SCRAM by its URL, as applications have it in their settings',
    family: 'sixth-well-database-url',
    on: world.home3,
    daemons: { server: [postgresql([], { hba: ['local all all trust', 'host all all all scram-sha-256'] })] },
    resolvers: (at) => [{ mode: 'normal', records: { 'db.lab.test': { a: [at.server] } } }],
    // Was postgresql://app:secret@...: a password in a target is refused, by a usage error that says so.
    target: 'postgresql://db.lab.test:5432/orders?sslmode=prefer',
    truth: WELL,
  },
  {
    name: 'well, SSH by a port forward of the router, 2222 to 22',
    family: 'sixth-well-forwarded-ssh',
    on: world.home3,
    daemons: { server: [sshd()] },
    fault: (at) => ({
      r3: [
        `nft 'add table ip pf; add chain ip pf c { type nat hook prerouting priority dstnat; }; add rule ip pf c iifname west tcp dport 2222 dnat to ${at.server}:22'`,
        input('iifname west ct state new drop'),
      ],
    }),
    target: (at) => hostPort(at.hop(3), 2222),
    flags: () => ['--service', 'ssh'],
    truth: WELL,
  },
  {
    name: 'well, the second of two resolvers is off',
    family: 'sixth-well-second-resolver-off',
    on: world.company2,
    daemons: { server: [plainSite()] },
    resolvers: (at) => [{ mode: 'normal', records: { [NAME]: { a: [at.server] } } }, { mode: 'off' }],
    target: `http://${NAME}/`,
    truth: [
      WELL,
      { outcome: 'reachable', causes: ['dns-resolver-unreachable'], where: [{ kind: 'resolver' }] },
    ],
  },
  {
    name: 'well, a certificate of six days, four of which are left',
    family: 'sixth-well-short-certificate',
    on: world.home3v6,
    tls: { from: -2, to: 4 },
    daemons: { server: [secureSite()] },
    target: 443,
    truth: WELL,
  },
  {
    name: 'well, an appliance by its address, with a certificate for the address that this client trusts',
    family: 'sixth-well-certificate-for-an-address',
    on: world.company3,
    prepare: (at) => [
      `openssl req -x509 -newkey rsa:2048 -nodes -keyout key.pem -out self.pem -subj '/CN=nas' -days 300 -addext subjectAltName=IP:${at.server},DNS:nas.local 2> /dev/null; chmod a+r self.pem`,
    ],
    daemons: {
      server: [nginx(site('5001 ssl', `${certificate('self.pem')} location / { return 200 ok; }`), 5001)],
    },
    target: (at) => `https://${at.server}:5001/webman/index.cgi`,
    flags: () => ['--ca', 'self.pem'],
    truth: WELL,
  },
  {
    name: 'well, Redis wants a password on an unusual port, and its host rejects all others',
    family: 'sixth-well-redis-elsewhere',
    on: world.campus4,
    daemons: { server: [redis('--requirepass secret', 6380)] },
    fault: () => ({
      server: [
        input('ct state established,related accept'),
        input('tcp dport 6380 accept'),
        input('meta l4proto tcp reject with icmp port-unreachable'),
      ],
    }),
    target: (at) => hostPort(at.server, 6380),
    flags: () => ['--service', 'redis'],
    truth: WELL,
  },
  {
    name: 'well, a proxy is set and works, and the name is one of those that go without',
    family: 'sixth-well-no-proxy',
    on: { routers: 3, plan: 'company', families: 4, neighbour: true },
    tls: true,
    daemons: { server: [secureSite()], neighbour: [squid()] },
    env: (at) => ({
      https_proxy: `http://${at.neighbour}:3128`,
      no_proxy: 'localhost,.lab.test,10.0.0.0/8',
    }),
    target: `https://${NAME}/`,
    truth: WELL,
  },
  {
    // What wg-quick leaves behind when the interface is gone: its rules lead to an empty table.
    name: 'well, the routing rules of a WireGuard that is gone are still there',
    family: 'sixth-well-rules-of-wireguard',
    on: world.nat3,
    daemons: { server: [plainSite()] },
    fault: () => ({
      client: ['ip rule add not fwmark 51820 table 51820; ip rule add table main suppress_prefixlength 0'],
    }),
    target: 80,
    truth: WELL,
  },
  {
    name: 'well, and the path was asked for: one router never tells, one seldom, and the host drops ping',
    family: 'sixth-well-path-asked-for',
    on: world.home5,
    tls: true,
    daemons: { server: [apacheTls('')] },
    fault: () => ({
      r2: [noTimeExceeded],
      r4: [tellsOnceASecond],
      server: [noEcho(input)],
    }),
    target: 443,
    flags: () => ['--ca', 'root.pem', '--trace'],
    truth: WELL,
  },
  {
    name: 'well, two addresses in turn, both well, and it is said to come and go',
    family: 'sixth-well-round-robin',
    on: { routers: 3, plan: 'campus', families: 4, sibling: true },
    listen: [22, 80],
    listenOn: { sibling: [22, 80] },
    resolvers: (at) => [{ mode: 'normal', records: { [NAME]: { a: [at.server, at.sibling] } } }],
    target: `http://${NAME}/`,
    flags: () => ['--answer', 'symptom=intermittent'],
    truth: WELL,
  },
  {
    name: 'well, a mobile network: 120 ms and up to 80 more',
    family: 'sixth-well-mobile-network',
    on: world.nat3,
    tls: true,
    daemons: { server: [secureSite()] },
    ...relayed(2, { delayMs: 120, jitterMs: 80 }),
    target: `https://${NAME}/`,
    truth: WELL_BUT_SLOW,
  },
  {
    name: 'well, an old device: HTTP/1.0 without a length, and the end of the connection is the end',
    family: 'sixth-well-old-device',
    on: world.home1,
    daemons: {
      server: [
        speaker(8081, {
          reply: 'HTTP/1.0 200 OK\r\nServer: GoAhead-Webs\r\nContent-Type: text/html\r\n\r\n<html>ok</html>',
          end: 'fin',
        }),
      ],
    },
    target: (at) => `http://${at.server}:8081/`,
    truth: WELL,
  },
  {
    name: 'well, SSH on 443, for those behind strict firewalls',
    family: 'sixth-well-ssh-on-443',
    on: world.company3v6,
    daemons: { server: [sshd('', { port: 443 })] },
    target: (at) => hostPort(at.server, 443),
    flags: () => ['--service', 'ssh'],
    truth: WELL,
  },
  {
    name: 'well, a development server on localhost, both families',
    family: 'sixth-well-localhost',
    on: world.home1,
    listen: [],
    daemons: {
      client: [
        speaker(3000, { address: '127.0.0.1', reply: OK, end: 'fin' }),
        speaker(3000, { address: '::1', reply: OK, end: 'fin' }),
      ],
    },
    target: 'http://localhost:3000/',
    truth: WELL,
  },
  {
    name: 'well, a link of 1300 octets that tells, and a long certificate chain',
    family: 'sixth-well-small-link',
    on: { routers: 4, plan: 'campus', families: 4, mtu: { 2: 1300 } },
    tls: { rsa: true },
    prepare: () => ['cat chain.pem key.pem > both.pem'],
    daemons: {
      server: [
        haproxy(
          front(443, '', {
            bind: 'ssl crt both.pem',
            lines: ['http-request return status 200 content-type text/plain string ok'],
          }),
          443,
        ),
      ],
    },
    target: `https://${NAME}/`,
    truth: WELL,
  },
  {
    name: 'well, Mosquitto and BIND beside it, and the symptom is said to be a hang',
    family: 'sixth-well-said-to-hang',
    on: world.campus2v6,
    daemons: { server: [mosquitto(), bind()] },
    target: 1883,
    flags: () => ['--answer', 'symptom=hangs', '--answer', 'worked-before=yes'],
    truth: WELL,
  },
];

export default scenarios.map(served) satisfies Scenario[];
