/**
 * The seventh exam, daemons that are no web servers: directories, stores, mail, logins, and what programs of this machine do. Truths were
 * written by somebody who has not seen the rules, and before the first run.
 */
import { NAME } from '../certificates.ts';
import { dovecot, postfix } from '../daemons/mail.ts';
import { samba, slapd, speaker, sshd } from '../daemons/others.ts';
import { impaired, type Served, served } from '../daemons/served.ts';
import { mariadb, postgresql } from '../daemons/stores.ts';
import { front, haproxy, plainSite } from '../daemons/web.ts';
import {
  atHop,
  atTarget,
  forward,
  hostPort,
  input,
  noEcho,
  noTimeExceeded,
  RESET_BY_HOST_LIMIT,
  type Scenario,
  tellsOnceASecond,
  thisMachine,
} from '../scenario.ts';
import type { Topology } from '../topology.ts';
import * as world from '../worlds.ts';

const campus3both: Topology = { routers: 3, plan: 'campus', families: 'both' };
const SUBMISSION = 'submission inet n - n - - smtpd';
const SIGNED: [string, string] = ['chain.pem', 'key.pem'];

const scenarios: Served[] = [
  {
    // The network has other numbers since it was moved, and what is left of the list is loopback.
    name: 'Samba binds to loopback and to the network that was here before (interfaces, bind interfaces only)',
    family: 'seventh-samba-of-the-old-network',
    on: world.company2,
    daemons: {
      server: [samba(['interfaces = 127.0.0.0/8 192.168.1.0/24', 'bind interfaces only = yes']), sshd()],
    },
    target: (at) => `smb://${at.server}`,
    truth: { outcome: 'unreachable', causes: ['port-closed'], maxConfidence: RESET_BY_HOST_LIMIT },
  },
  {
    name: 'SSH was moved to 2222 on a host of two families, and the old port was typed',
    family: 'seventh-ssh-moved',
    on: campus3both,
    daemons: { server: [sshd('', { port: 2222 }), plainSite()] },
    resolvers: (at) => [
      { mode: 'normal', records: { 'build.lab.test': { a: [at.server4], aaaa: [at.server6] } } },
    ],
    fault: () => ({ r2: [tellsOnceASecond] }),
    target: 'ssh://build.lab.test',
    truth: (at) => ({
      outcome: 'unreachable',
      causes: ['port-closed'],
      maxConfidence: 0.97,
      where: [atTarget(at.server4), atTarget(at.server6)],
    }),
  },
  {
    name: 'PostgreSQL lets in by client certificate alone (hostssl, cert), by URL',
    family: 'seventh-postgres-client-certificate',
    on: world.campus4,
    tls: true,
    daemons: {
      server: [
        postgresql(["ssl_ca_file = '../root.pem'"], {
          tls: true,
          hba: ['local all all trust', 'hostssl all all all cert'],
        }),
      ],
    },
    target: `postgresql://${NAME}/orders`,
    truth: impaired('tls-client-certificate-required', 'service-access-denied'),
  },
  {
    name: 'the certificate of PostgreSQL ended five days ago, and the URL says verify-full',
    family: 'seventh-postgres-verify-full',
    on: world.home5,
    tls: { from: -370, to: -5 },
    daemons: { server: [postgresql([], { tls: true })] },
    target: `postgresql://${NAME}:5432/orders?sslmode=verify-full`,
    truth: impaired('tls-certificate-expired'),
  },
  {
    // What Postfix says itself where reject_unknown_client_hostname stands and the provider has no PTR record.
    name: 'Postfix greets whoever has no reverse name with 450, behind NAT',
    family: 'seventh-mail-without-reverse-name',
    on: world.nat3,
    daemons: {
      server: [
        postfix({
          main: [
            'smtpd_delay_reject = no',
            'smtpd_client_restrictions = check_client_access static:{450 4.7.25 cannot find your reverse hostname}',
          ],
        }),
      ],
    },
    resolvers: (at) => [{ mode: 'normal', records: { 'mx2.lab.test': { a: [at.server] } } }],
    target: 'smtp://mx2.lab.test',
    truth: impaired('service-access-denied'),
  },
  {
    name: 'Postfix insists on STARTTLS on 587 and knows TLS 1.0 alone',
    family: 'seventh-starttls-of-old',
    on: world.company3,
    tls: { rsa: true },
    daemons: {
      server: [
        postfix({
          tls: SIGNED,
          master: [SUBMISSION],
          ports: [587],
          main: [
            'smtpd_tls_security_level = encrypt',
            'smtpd_tls_mandatory_protocols = TLSv1',
            'smtpd_tls_protocols = TLSv1',
            'smtpd_tls_mandatory_ciphers = low',
            'tls_low_cipherlist = ALL:@SECLEVEL=0',
          ],
        }),
      ],
    },
    target: 587,
    truth: impaired('tls-version'),
  },
  {
    // "STARTTLS" with the port of "SSL/TLS", as in the settings of a mail program.
    name: 'imap:// was typed for the port of IMAP inside TLS (993)',
    family: 'seventh-imap-typed-for-imaps',
    on: world.campus2v6,
    tls: true,
    daemons: { server: [dovecot('', { tls: true, ports: [143, 993] })] },
    target: `imap://${NAME}:993`,
    truth: { outcome: ['impaired', 'reachable'], causes: ['protocol-mismatch'] },
  },
  {
    name: 'OpenLDAP lets this client not in (hosts.deny)',
    family: 'seventh-directory-denies',
    on: world.home3v6,
    daemons: { server: [slapd()] },
    files: () => ({ 'hosts.deny': 'slapd: ALL\n', 'hosts.allow': '' }),
    prepare: () => ['for f in deny allow; do touch /etc/hosts.$f; mount --bind hosts.$f /etc/hosts.$f; done'],
    target: (at) => `ldap://[${at.server}]`,
    truth: { ...impaired('service-access-denied', 'service-closes-connection'), maxConfidence: 0.97 },
  },
  {
    name: 'LDAPS by the alias of the directory, and its certificate knows the name of the machine alone',
    family: 'seventh-directory-alias',
    on: world.company8,
    tls: { name: 'dc01.lab.test', rsa: true },
    daemons: { server: [slapd([], { tls: true })] },
    resolvers: (at) => [
      {
        mode: 'normal',
        records: { 'ldap.lab.test': { cname: 'dc01.lab.test' }, 'dc01.lab.test': { a: [at.server] } },
      },
    ],
    target: 'ldaps://ldap.lab.test',
    truth: impaired('tls-name-mismatch', 'tls-name-not-served'),
  },
  {
    // As EMQX, HiveMQ and VerneMQ say it on 8083.
    name: 'mqtt:// was typed for the port where the broker speaks MQTT inside WebSocket',
    family: 'seventh-mqtt-for-websockets',
    on: world.home3,
    daemons: {
      server: [
        speaker(8083, {
          replies: {
            '^GET ':
              'HTTP/1.1 426 Upgrade Required\r\nupgrade: websocket\r\ncontent-length: 0\r\nconnection: close\r\n\r\n',
          },
          reply: 'HTTP/1.1 400 Bad Request\r\ncontent-length: 0\r\nconnection: close\r\n\r\n',
          end: 'fin',
        }),
        sshd(),
      ],
    },
    target: (at) => `mqtt://${at.server}:8083`,
    truth: impaired('protocol-mismatch'),
  },
  {
    // sshd takes the line "PROXY TCP4 ..." for the client's version, says so and hangs up.
    name: 'HAProxy sends PROXY to an OpenSSH that expects none',
    family: 'seventh-proxy-line-to-ssh',
    on: world.company3,
    daemons: {
      server: [
        haproxy(front(22, '127.0.0.1:2022 send-proxy', { mode: 'tcp' }), 22),
        sshd('', { port: 2022 }),
      ],
    },
    target: 22,
    truth: impaired(
      'service-closes-connection',
      'protocol-mismatch',
      'backend-down',
      'proxy-protocol-expected',
    ),
  },
  {
    name: 'HAProxy stands before MariaDB in mode http: somebody forgot "mode tcp"',
    family: 'seventh-balancer-in-mode-http',
    on: world.home3v6,
    daemons: {
      server: [haproxy(front(3306, '127.0.0.1:3307'), 3306), mariadb('', { port: 3307 })],
    },
    target: (at) => hostPort(at.server, 3306),
    truth: { ...impaired('protocol-mismatch', 'service-unresponsive'), maxConfidence: 0.97 },
  },
  {
    name: 'ssh:// was typed for a port of a console server that speaks Telnet',
    family: 'seventh-telnet-where-ssh',
    on: world.campus4,
    daemons: {
      server: [
        speaker(2001, {
          greeting:
            '\u00ff\u00fd\u0018\u00ff\u00fd\u0020\u00ff\u00fd\u0023\u00ff\u00fb\u0003\u00ff\u00fb\u0001\r\nrack7 console, port 1\r\n\r\nlogin: ',
        }),
      ],
    },
    fault: () => ({ r3: [noTimeExceeded], server: [noEcho(input)] }),
    target: (at) => `ssh://${at.server}:2001`,
    truth: impaired('protocol-mismatch'),
  },
  {
    // Whether 5174 is the same program nobody can know for certain.
    name: 'the port of a development server was taken at its start, and it took the next one (5174)',
    family: 'seventh-next-port-taken',
    on: world.home1,
    listen: [],
    daemons: {
      client: [
        speaker(5174, {
          address: '127.0.0.1',
          reply: 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok',
          end: 'fin',
        }),
      ],
    },
    target: 'http://localhost:5173/',
    truth: {
      outcome: 'unreachable',
      causes: ['port-closed', 'listens-elsewhere'],
      where: [thisMachine, atTarget('127.0.0.1'), atTarget('::1')],
    },
  },
  {
    name: 'the router at the other end forwards 443 to port 80 of the machine inside',
    family: 'seventh-forward-to-the-wrong-port',
    on: world.home3,
    daemons: { server: [plainSite()] },
    fault: (at) => ({
      r3: [
        `nft 'add table ip pf; add chain ip pf c { type nat hook prerouting priority dstnat; }; add rule ip pf c iifname west tcp dport 443 dnat to ${at.server}:80'`,
        input('iifname west meta l4proto tcp ct state new drop'),
      ],
    }),
    resolvers: (at) => [{ mode: 'normal', records: { 'cloud.lab.test': { a: [at.hop(3)] } } }],
    target: 'https://cloud.lab.test/',
    truth: (at) => ({ ...impaired('protocol-mismatch'), where: [atTarget(at.hop(3))] }),
  },
  {
    // As with log_hostname and a resolver that is gone: nobody hears a word before the server has looked for the client's name.
    name: 'PostgreSQL takes six seconds before its first word',
    family: 'seventh-postgres-late',
    on: world.campus4v6,
    daemons: { server: [postgresql(['pre_auth_delay = 6'])] },
    target: (at) => `postgresql://[${at.server}]/orders`,
    truth: { outcome: ['reachable', 'impaired'], causes: ['service-slow'] },
  },
  {
    name: "a container's own address (172.17.0.2) was typed on another machine, as docker inspect shows it",
    family: 'seventh-address-of-a-container',
    on: world.nat3,
    listen: [22, 5432],
    fault: () => ({
      server: [
        'ip link add docker0 type bridge; ip addr add 172.17.0.1/16 dev docker0; ip link set docker0 up',
      ],
      r1: [noEcho(forward)],
    }),
    target: '172.17.0.2:5432',
    truth: (at) => ({
      outcome: 'unreachable',
      causes: ['private-address-elsewhere', 'routing-unreachable'],
      where: [atHop(at, 1), thisMachine, null],
    }),
  },
  {
    name: 'Dovecot cannot read its key since the renewal, and its login of 993 ends at once',
    family: 'seventh-key-unreadable',
    on: world.home3,
    tls: true,
    daemons: { server: [dovecot('', { tls: true, ports: [143, 993] })] },
    prepare: () => ['echo "not a key" > /run/dovecot-tls/key.pem'],
    target: 993,
    truth: impaired('service-closes-connection', 'tls-handshake-failed', 'backend-down'),
  },
];

export default scenarios.map(served) satisfies Scenario[];
