/**
 * The sixth exam, services and names: what working people meet every week, in varied surroundings. Truths were written by somebody who
 * has not seen the rules, and before the first run.
 */
import { NAME } from '../certificates.ts';
import { speaker, sshd } from '../daemons/others.ts';
import { impaired, type Served, served } from '../daemons/served.ts';
import { mariadb, redis } from '../daemons/stores.ts';
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
import {
  after,
  atTarget,
  forward,
  hostPort,
  input,
  noEcho,
  noTimeExceeded,
  RESET_BY_HOST_LIMIT,
  type Scenario,
  thisMachine,
} from '../scenario.ts';
import type { Topology } from '../topology.ts';
import * as world from '../worlds.ts';

const home3both: Topology = { routers: 3, plan: 'home', families: 'both' };
const company3sibling: Topology = { routers: 3, plan: 'company', families: 4, sibling: true };
const home2nat: Topology = { routers: 2, plan: 'home', families: 4, nat: true };
const office: Topology = { routers: 3, plan: 'home', families: 4, neighbour: true };

/** Self-signed for an address, as appliances have it. */
const appliance = (address: string): string =>
  `openssl req -x509 -newkey rsa:2048 -nodes -keyout key.pem -out self.pem -subj '/O=Appliance/CN=appliance' -days 3000 -addext subjectAltName=IP:${address} 2> /dev/null`;

const scenarios: Served[] = [
  {
    name: 'the database was stopped for an update, by a name of two families',
    family: 'sixth-service-stopped',
    on: home3both,
    listen: [22, 80],
    fault: () => ({ r1: [noEcho(forward)], r2: [noTimeExceeded] }),
    resolvers: (at) => [
      { mode: 'normal', records: { 'db.lab.test': { a: [at.server4], aaaa: [at.server6] } } },
    ],
    target: () => 'db.lab.test:3306',
    truth: (at) => ({
      outcome: 'unreachable',
      causes: ['port-closed'],
      maxConfidence: 0.97,
      where: [atTarget(at.server4), atTarget(at.server6)],
    }),
  },
  {
    name: 'Redis is bound to loopback, as after its installation',
    family: 'sixth-redis-bound-to-loopback',
    on: world.home5,
    daemons: { server: [redis('--bind 127.0.0.1'), sshd()] },
    resolvers: (at) => [{ mode: 'normal', records: { 'cache.lab.test': { a: [at.server] } } }],
    target: () => 'cache.lab.test:6379',
    truth: { outcome: 'unreachable', causes: ['port-closed'], maxConfidence: RESET_BY_HOST_LIMIT },
  },
  {
    // Now and then a place in the queue is free, and other ports never lose anything.
    name: 'the application does not keep up with its accept queue, and it is said to come and go',
    family: 'sixth-queue-overflows',
    on: world.campus4,
    listen: [22],
    services: (at) => ({
      server: [`exec /run/lab/node "$SERVICES/full.js" 8080 ${at.server} 1500`],
    }),
    waitFor: { server: [8080] },
    fault: () => ({ server: ['sleep 1'] }),
    target: (at) => `http://${at.server}:8080/`,
    flags: () => ['--answer', 'symptom=intermittent'],
    truth: (at) => ({
      outcome: ['impaired', 'unreachable'],
      causes: ['service-overloaded', 'rate-limited', 'host-firewall-drop', 'service-unresponsive'],
      maxConfidence: 0.95,
      where: [atTarget(at.server), after(at, 4)],
    }),
  },
  {
    name: 'a development server of this machine listens on 127.0.0.1, and its address in the LAN was typed',
    family: 'sixth-own-server-on-loopback',
    on: world.home1,
    listen: [],
    services: () => ({
      client: [
        `exec /run/lab/node "$SERVICES/exam-speaker.js" 3000 '{"address":"127.0.0.1","reply":"HTTP/1.1 200 OK\\r\\nContent-Length: 2\\r\\n\\r\\nok","end":"fin"}'`,
      ],
    }),
    waitFor: { client: [3000] },
    target: (at) => `http://${at.client}:3000/`,
    truth: (at) => ({
      outcome: 'unreachable',
      causes: ['listens-elsewhere'],
      where: [thisMachine, atTarget(at.client)],
    }),
  },
  {
    name: 'a typing error in a name, with two resolvers and a search list',
    family: 'sixth-name-typo',
    on: world.company3,
    files: (at) => ({
      'resolv.conf': `search corp.lab.test lab.test\nnameserver ${at.dns(1)}\nnameserver ${at.dns(2)}\n`,
    }),
    resolvers: (at) => [
      { mode: 'normal', records: { 'jenkins.corp.lab.test': { a: [at.server] } } },
      { mode: 'normal', records: { 'jenkins.corp.lab.test': { a: [at.server] } } },
    ],
    target: () => 'http://jenkis.corp.lab.test:8080/job/main',
    truth: { outcome: 'unreachable', causes: ['dns-name-not-found'] },
  },
  {
    name: 'a notebook at home still has the resolver of the office',
    family: 'sixth-resolver-of-the-office',
    on: home2nat,
    files: () => ({ 'resolv.conf': 'search corp.lab.test\nnameserver 10.1.1.53\n' }),
    fault: (at) => ({
      r1: [`ip route add default via ${at.hop(2)}`],
      r2: ['ip route add blackhole 10.0.0.0/8'],
    }),
    target: () => 'https://www.lab.test/',
    truth: { outcome: 'unreachable', causes: ['dns-resolver-unreachable'] },
  },
  {
    name: 'the bare domain has mail and no address, only www has one',
    family: 'sixth-bare-domain',
    on: world.home3,
    listen: [443],
    resolvers: (at) => [{ mode: 'normal', records: { 'lab.test': {}, 'www.lab.test': { a: [at.server] } } }],
    target: () => 'https://lab.test/',
    truth: { outcome: 'unreachable', causes: ['dns-no-address'] },
  },
  {
    name: 'the host has moved, the resolver here has the old address, and another resolver the new one',
    family: 'sixth-old-record',
    on: world.campus4,
    listen: [443],
    resolvers: (at) => [
      { mode: 'normal', records: { 'files.lab.test': { a: [at.unusedThere] } } },
      { mode: 'normal', outside: true, records: { 'files.lab.test': { a: [at.server] } } },
    ],
    target: () => 'files.lab.test:443',
    flags: (at) => ['--resolver', at.dns(2), '--answer', 'worked-before=yes'],
    truth: {
      // Had a limit of 0.97, which was a mistake: both answers are read, and the new address can be tried.
      outcome: 'unreachable',
      causes: ['dns-answers-differ', 'host-down'],
    },
  },
  {
    name: 'a line in the hosts file from the time of the tests leads to a host without that service',
    family: 'sixth-hosts-line-of-the-tests',
    on: company3sibling,
    listen: [22, 8443],
    listenOn: { sibling: [22, 80] },
    resolvers: (at) => [{ mode: 'normal', records: { 'api.lab.test': { a: [at.server] } } }],
    hostsFile: (at) => ['# staging', `${at.sibling} api.lab.test api`],
    target: () => 'api.lab.test:8443',
    truth: { outcome: 'unreachable', causes: ['dns-hosts-override'] },
  },
  {
    name: 'Apache has a certificate that ended three days ago: the renewal failed',
    family: 'sixth-renewal-failed',
    on: world.nat3,
    tls: { from: -93, to: -3, rsa: true },
    daemons: { server: [apacheTls('')] },
    fault: () => ({ server: [input('meta l4proto icmp drop')] }),
    target: `https://${NAME}/index.html`,
    truth: impaired('tls-certificate-expired'),
  },
  {
    name: 'a new name leads to the host, and its certificate knows the old one alone',
    family: 'sixth-name-not-in-certificate',
    on: world.company3v6,
    tls: true,
    daemons: { server: [secureSite()] },
    resolvers: (at) => [{ mode: 'normal', records: { 'shop.lab.test': { aaaa: [at.server] } } }],
    target: 'shop.lab.test:443',
    truth: impaired('tls-name-mismatch', 'tls-name-not-served'),
  },
  {
    name: 'an appliance with a certificate of its own making, by address',
    family: 'sixth-appliance-self-signed',
    on: world.campus4,
    prepare: (at) => [appliance(at.server)],
    daemons: {
      server: [
        nginx(
          site(
            '8443 ssl',
            `${certificate('self.pem')} location / { return 302 /login; } location /login { return 200 ok; }`,
          ),
          8443,
        ),
      ],
    },
    target: (at) => `https://${at.server}:8443/`,
    truth: impaired('tls-untrusted'),
  },
  {
    name: 'the start page is well, and what the URL asks for is of an application that is down (502)',
    family: 'sixth-path-of-dead-application',
    on: world.home3,
    tls: true,
    daemons: {
      server: [secureSite('location / { return 200 ok; } location /api/ { proxy_pass http://127.0.0.1:9; }')],
    },
    target: `https://${NAME}/api/orders`,
    truth: { outcome: ['reachable', 'impaired'], causes: ['backend-down'] },
  },
  {
    name: 'HAProxy with two web servers of another host, which is off (503)',
    family: 'sixth-balancer-of-a-dead-host',
    on: company3sibling,
    daemons: (at) => ({
      server: [
        haproxy(
          `${front(80, '')}\n  server one ${at.sibling}:8080 check inter 300 fall 1\n  server two ${at.sibling}:8081 check inter 300 fall 1`,
          80,
        ),
      ],
    }),
    fault: () => ({ sibling: ['ip link set eth0 down; sleep 2'] }),
    target: (at) => `http://${at.server}/`,
    truth: { outcome: ['reachable', 'impaired'], causes: ['backend-down'] },
  },
  {
    name: 'HAProxy in front of a MySQL primary that is off: it accepts, tries, and closes',
    family: 'sixth-balancer-of-a-dead-primary',
    on: world.home3v6,
    daemons: { server: [haproxy(front(3306, '127.0.0.1:9', { mode: 'tcp' }), 3306), sshd()] },
    target: (at) => hostPort(at.server, 3306),
    truth: { ...impaired('backend-down', 'service-closes-connection'), maxConfidence: 0.95 },
  },
  {
    name: 'MariaDB knows its users from localhost alone, by URL through NAT',
    family: 'sixth-users-of-localhost',
    on: world.nat3,
    daemons: { server: [mariadb('', { anywhere: false })] },
    resolvers: (at) => [{ mode: 'normal', records: { 'db.lab.test': { a: [at.server] } } }],
    // Was mysql://app@db.lab.test/orders: a user name in a target is refused, by a usage error that says so.
    target: 'mysql://db.lab.test/orders',
    truth: impaired('service-access-denied'),
  },
  {
    name: 'a mail server has this address on a block list and says so in its greeting',
    family: 'sixth-mail-block-list',
    on: world.nat3,
    daemons: {
      server: [
        speaker(25, {
          greeting:
            '554-mx1.lab.test ESMTP\r\n554 5.7.1 Service unavailable; client host blocked using bl.example.net; see https://bl.example.net/q\r\n',
          end: 'fin',
        }),
      ],
    },
    resolvers: (at) => [{ mode: 'normal', records: { 'mx1.lab.test': { a: [at.server] } } }],
    target: 'mx1.lab.test:25',
    truth: impaired('service-access-denied'),
  },
  {
    name: 'only the proxy of the office gets out, and it works',
    family: 'sixth-only-by-proxy',
    on: office,
    listen: [],
    daemons: { server: [plainSite()], neighbour: [squid()] },
    services: () => ({ server: ['exec /run/lab/node "$SERVICES/exam-speaker.js" 443 \'{}\''] }),
    fault: (at) => ({ r1: [forward(`oifname east ip saddr ${at.client} meta l4proto { tcp, udp } drop`)] }),
    env: (at) => ({ https_proxy: `http://${at.neighbour}:3128`, http_proxy: `http://${at.neighbour}:3128` }),
    target: (at) => `https://${at.server}/`,
    truth: (at) => ({
      outcome: 'unreachable',
      causes: ['proxy-required', 'network-firewall-drop'],
      where: [thisMachine, null, after(at, 1)],
    }),
  },
  {
    name: 'nothing gets out of the office without the proxy, and the proxy is not running',
    family: 'sixth-proxy-is-down-too',
    on: office,
    listen: [22, 443],
    fault: (at) => ({ r1: [forward(`oifname east ip saddr ${at.client} meta l4proto tcp drop`)] }),
    env: (at) => ({ HTTPS_PROXY: `http://${at.neighbour}:3128`, NO_PROXY: 'localhost,127.0.0.1' }),
    resolvers: (at) => [{ mode: 'normal', records: { 'registry.lab.test': { a: [at.server] } } }],
    target: () => 'https://registry.lab.test/v2/',
    truth: (at) => ({
      outcome: 'unreachable',
      causes: ['network-firewall-drop', 'proxy-required'],
      where: [after(at, 1), thisMachine],
    }),
  },
  {
    name: 'an application accepts and never answers: all its threads are busy',
    family: 'sixth-threads-busy',
    on: world.home3v6,
    listen: [22],
    daemons: { server: [speaker(8080, { address: '::' }), sshd()] },
    resolvers: (at) => [{ mode: 'normal', records: { 'erp.lab.test': { aaaa: [at.server] } } }],
    target: 'http://erp.lab.test:8080/reports/month',
    truth: impaired('service-unresponsive', 'service-overloaded'),
  },
  {
    name: 'http was typed for a port of https',
    family: 'sixth-http-typed-for-https',
    on: world.campus4,
    tls: true,
    daemons: { server: [nginx(site('8443 ssl', `${certificate()} location / { return 200 ok; }`), 8443)] },
    target: `http://${NAME}:8443/admin`,
    truth: { outcome: ['reachable', 'impaired'], causes: ['protocol-mismatch'] },
  },
  {
    name: 'an old device speaks TLS 1.1 and nothing newer',
    family: 'sixth-old-tls',
    on: world.company2,
    tls: { rsa: true },
    daemons: {
      server: [
        nginx(
          site(
            '443 ssl',
            `${certificate()} ssl_protocols TLSv1.1; ssl_ciphers ALL:@SECLEVEL=0; location / { return 200 ok; }`,
          ),
          443,
        ),
      ],
    },
    target: `https://${NAME}/`,
    truth: impaired('tls-version'),
  },
  {
    name: 'Docker publishes the port of a container whose program listens on its loopback: accepted and closed',
    family: 'sixth-docker-proxy-closes',
    on: world.home1,
    daemons: { server: [speaker(5000, { end: 'fin' }), sshd()] },
    target: (at) => `http://${at.server}:5000/`,
    truth: { ...impaired('service-closes-connection', 'backend-down'), maxConfidence: 0.97 },
  },
];

export default scenarios.map(served) satisfies Scenario[];
