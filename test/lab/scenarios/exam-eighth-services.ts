/**
 * The eighth exam, services and what stands before them: faults of an administrator's year, and services that look odd and are well.
 * Truths were written by somebody who has not seen the rules, and before the first run.
 */
import { NAME } from '../certificates.ts';
import type { Daemon } from '../daemons/daemon.ts';
import { dovecot, postfix } from '../daemons/mail.ts';
import { bind, sshd, vsftpd } from '../daemons/others.ts';
import { impaired, type Served, served, url, WELL } from '../daemons/served.ts';
import { postgresql, redis } from '../daemons/stores.ts';
import { certificate, nginx, secureSite, site, stunnel } from '../daemons/web.ts';
import {
  after,
  atTarget,
  DROPPED_AT_THE_END,
  forward,
  hostPort,
  input,
  noEcho,
  noTimeExceeded,
  RESET_BY_HOST_LIMIT,
  type Scenario,
  tellsOnceASecond,
} from '../scenario.ts';
import type { Topology } from '../topology.ts';
import * as world from '../worlds.ts';

const home3both: Topology = { routers: 3, plan: 'home', families: 'both' };
const NEW_KEY = '-newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes';
const signedByMiddle = (from: number, to: number): string =>
  `openssl ca -batch -notext -config ca.cnf -cert middle.pem -keyfile middle.key -startdate $(date -u -d '${from} days' +%y%m%d%H%M%SZ) -enddate $(date -u -d '${to} days' +%y%m%d%H%M%SZ)`;

type End = 'fin' | 'reset' | '';
/** services/eighth-dialogue.ts */
const dialogue = (
  port: number,
  manners: {
    greeting?: string;
    delayMs?: number;
    end?: End;
    turns?: [pattern: string, answer: string, end: End][];
    other?: [answer: string, end: End];
  },
): Daemon => ({
  command: `exec /run/lab/node "$SERVICES/eighth-dialogue.js" ${port} '${JSON.stringify(manners).replaceAll("'", '\\u0027')}'`,
  ports: [port],
});
/** A listening socket that nobody accepts from, as systemd holds it for a service that does not come up. */
const socketAlone = (port: number, options = ''): Daemon => ({
  command: `exec python3 -c 'import socket,time; s=socket.socket(socket.AF_INET); s.setsockopt(socket.SOL_SOCKET,socket.SO_REUSEADDR,1); ${options} s.bind(("0.0.0.0",${port})); s.listen(4096); time.sleep(1e6)'`,
  ports: [port],
});

const octets = (...numbers: number[]): string => String.fromCharCode(...numbers);
/** ErrorResponse of PostgreSQL as PgBouncer sends it: no localised severity of its own, three fields. */
const pgbouncerSays = (code: string, message: string): string => {
  const fields = `SFATAL\0C${code}\0M${message}\0\0`;
  return `E${octets(0, 0, 0, fields.length + 4)}${fields}`;
};
const SSL_REQUEST = '^\\0\\0\\0\\x08\\x04\\xd2';
const GSS_REQUEST = '^\\0\\0\\0\\x08\\x04\\xd2\\x16\\x30';
const STARTUP = '^\\0[^]{3}\\0\\x03\\0';
/** Notice of Disconnection (RFC 4511, 4.4.1) with "unavailable" (52). */
const NOTICE_OF_DISCONNECTION = (() => {
  const text = 'The server is shutting down';
  const oid = '1.3.6.1.4.1.1466.20036';
  const inside = `${octets(0x0a, 1, 52, 4, 0, 4, text.length)}${text}${octets(0x8a, oid.length)}${oid}`;
  const message = `${octets(2, 1, 0, 0x78, inside.length)}${inside}`;
  return `${octets(0x30, message.length)}${message}`;
})();
/** SSH_MSG_KEXINIT of a switch with a firmware of these years. */
const KEXINIT = (() => {
  const lists = [
    'ecdh-sha2-nistp256,diffie-hellman-group14-sha256,diffie-hellman-group14-sha1',
    'rsa-sha2-512,rsa-sha2-256,ssh-rsa',
    'aes256-ctr,aes192-ctr,aes128-ctr',
    'aes256-ctr,aes192-ctr,aes128-ctr',
    'hmac-sha2-256,hmac-sha2-512,hmac-sha1',
    'hmac-sha2-256,hmac-sha2-512,hmac-sha1',
    'none',
    'none',
    '',
    '',
  ].map((list) => `${octets(0, 0, list.length >> 8, list.length & 255)}${list}`);
  const payload = `${octets(20)}${'\x07'.repeat(16)}${lists.join('')}${'\0'.repeat(5)}`;
  const padding = 8 + ((16 - ((payload.length + 13) % 8)) % 8);
  const length = payload.length + padding + 1;
  return `${octets(0, 0, length >> 8, length & 255, padding)}${payload}${'\0'.repeat(padding)}`;
})();

const faults: Served[] = [
  {
    // OpenSSH 9.8 and later (PerSourcePenalties), after a script with a wrong password.
    name: 'OpenSSH remembers failed logins from this address and says "Not allowed at this time"',
    family: 'eighth-ssh-penalty',
    on: world.nat3,
    daemons: { server: [dialogue(22, { greeting: 'Not allowed at this time\r\n', end: 'fin' })] },
    target: (at) => `ssh://${at.server}`,
    truth: impaired('client-banned', 'service-access-denied'),
  },
  {
    name: 'an old switch speaks SSH 1 alone',
    family: 'eighth-ssh-version-1',
    on: world.company2,
    daemons: {
      server: [
        dialogue(22, {
          greeting: 'SSH-1.5-Cisco-1.25\n',
          turns: [['^SSH-', 'Protocol major versions differ.\n', 'fin']],
        }),
      ],
    },
    fault: () => ({ r2: [tellsOnceASecond] }),
    target: 22,
    truth: impaired('ssh-no-common-algorithm', 'protocol-mismatch'),
  },
  {
    name: 'Exchange is in maintenance and says "421 4.3.2 Service not active"',
    family: 'eighth-mail-in-maintenance',
    on: world.campus4v6,
    daemons: { server: [dialogue(25, { greeting: '421 4.3.2 Service not active\r\n', end: 'fin' })] },
    resolvers: (at) => [{ mode: 'normal', records: { 'mail.lab.test': { aaaa: [at.server] } } }],
    target: 'smtp://mail.lab.test',
    truth: impaired('service-not-ready'),
  },
  {
    name: 'Postfix wants STARTTLS on 587 and cannot load its certificate since the renewal (454)',
    family: 'eighth-starttls-not-available',
    on: world.home3,
    daemons: {
      server: [
        postfix({
          master: ['submission inet n - n - - smtpd'],
          ports: [587],
          main: [
            'smtpd_tls_cert_file = /etc/postfix/renewed.pem',
            'smtpd_tls_key_file = /etc/postfix/renewed.key',
            'smtpd_tls_security_level = encrypt',
          ],
        }),
      ],
    },
    target: 587,
    truth: impaired('tls-handshake-failed', 'service-not-ready'),
  },
  {
    // /var/run/vsftpd/empty, which was on a disk and is on a tmpfs now.
    name: 'vsftpd misses its empty directory since the restart (500 OOPS)',
    family: 'eighth-ftp-oops',
    on: world.campus4,
    daemons: { server: [vsftpd(['secure_chroot_dir=/run/vsftpd-gone/empty']), sshd()] },
    target: (at) => `ftp://${at.server}/pub/`,
    truth: impaired('service-closes-connection', 'service-not-ready'),
  },
  {
    // user@host in hosts.allow makes libwrap ask for the user by RFC 931, ten seconds long.
    name: 'vsftpd asks this machine who it is (ident), whose firewall drops 113, and greets ten seconds later',
    family: 'eighth-ftp-waits-for-ident',
    on: world.home3,
    daemons: { server: [vsftpd(['tcp_wrappers=YES'])] },
    files: () => ({ 'hosts.allow': 'vsftpd: ALL@ALL\n', 'hosts.deny': '' }),
    prepare: () => ['for f in deny allow; do touch /etc/hosts.$f; mount --bind hosts.$f /etc/hosts.$f; done'],
    fault: () => ({ client: [input('tcp dport 113 drop')] }),
    target: 21,
    truth: { outcome: ['reachable', 'impaired'], causes: ['service-slow'] },
  },
  {
    name: 'the sessions of a switch are all taken, as it says to Telnet, and it answers no ping',
    family: 'eighth-sessions-of-a-switch',
    on: world.company3,
    daemons: {
      server: [
        dialogue(23, {
          greeting: '\r\nSorry, the maximum number of telnet sessions are active.  Try again later.\r\n',
          end: 'fin',
        }),
      ],
    },
    fault: () => ({ server: [noEcho(input)] }),
    target: 23,
    truth: impaired('service-limit-reached'),
  },
  {
    name: 'PgBouncer answers and does not reach PostgreSQL behind it',
    family: 'eighth-pooler-without-database',
    on: world.company8,
    daemons: {
      server: [
        dialogue(6432, {
          turns: [
            [SSL_REQUEST, 'N', ''],
            [STARTUP, pgbouncerSays('08P01', 'pgbouncer cannot connect to server'), 'fin'],
          ],
        }),
      ],
    },
    target: (at) => `postgresql://${at.server}:6432/orders`,
    truth: impaired('backend-down'),
  },
  {
    name: 'the URL wants TLS from a PostgreSQL that has it off (sslmode=require)',
    family: 'eighth-postgres-without-tls',
    on: world.company3v6,
    daemons: { server: [postgresql()] },
    target: (at) => `postgresql://[${at.server}]/orders?sslmode=require`,
    truth: {
      outcome: ['impaired', 'reachable'],
      causes: ['protocol-mismatch', 'tls-handshake-failed'],
    },
  },
  {
    name: 'redis:// was typed for a Redis that speaks TLS alone since its hardening',
    family: 'eighth-redis-plain-for-tls',
    on: world.campus4,
    tls: true,
    daemons: {
      server: [
        redis(
          '--port 0 --tls-port 6379 --tls-cert-file chain.pem --tls-key-file key.pem --tls-ca-cert-file root.pem --tls-auth-clients no',
        ),
      ],
    },
    target: `redis://${NAME}`,
    truth: impaired('protocol-mismatch'),
  },
  {
    name: 'a broker of MQTT answers every client with "server unavailable" (return code 3)',
    family: 'eighth-broker-unavailable',
    on: world.nat3,
    daemons: { server: [dialogue(1883, { turns: [['^\\x10', '\x20\x02\x00\x03', 'fin']] })] },
    target: (at) => `mqtt://${at.server}`,
    truth: impaired('service-not-ready', 'service-limit-reached', 'backend-down'),
  },
  {
    name: 'a directory shuts down and says so (notice of disconnection, unavailable)',
    family: 'eighth-directory-shuts-down',
    on: world.campus2v6,
    daemons: { server: [dialogue(389, { turns: [['^0', NOTICE_OF_DISCONNECTION, 'fin']] })] },
    target: 389,
    truth: impaired('service-not-ready'),
  },
  {
    name: 'the firewall of a name server was opened for UDP 53, and TCP 53 was forgotten',
    family: 'eighth-name-server-without-tcp',
    on: world.home5,
    daemons: { server: [bind(), sshd()] },
    fault: () => ({
      r3: [noTimeExceeded],
      server: [
        input('ct state established,related accept'),
        input('icmp type echo-request accept'),
        input('tcp dport 22 accept'),
        input('udp dport 53 accept'),
        input('drop'),
      ],
    }),
    target: 53,
    truth: (at) => ({ outcome: 'unreachable', ...DROPPED_AT_THE_END, where: [after(at, 5)] }),
  },
  {
    name: 'the provider leads all mail on 25 to a relay of its own at router 2, and the mail server is well',
    family: 'eighth-mail-led-astray',
    on: world.home5,
    daemons: {
      server: [postfix()],
      r2: [
        dialogue(25, {
          greeting: '220 smtp-out.provider.example ESMTP\r\n',
          turns: [
            [
              '^(EHLO|ehlo)',
              '250-smtp-out.provider.example\r\n250-PIPELINING\r\n250-SIZE 26214400\r\n250 8BITMIME\r\n',
              '',
            ],
            ['^(HELO|helo|NOOP|noop|RSET|rset)', '250 2.0.0 OK\r\n', ''],
            ['^(QUIT|quit)', '221 2.0.0 Bye\r\n', 'fin'],
          ],
          other: ['502 5.5.2 Error: command not recognized\r\n', ''],
        }),
      ],
    },
    fault: () => ({
      r2: [
        "nft 'add table ip mx; add chain ip mx c { type nat hook prerouting priority dstnat; }; add rule ip mx c iifname west tcp dport 25 redirect to :25'",
      ],
    }),
    resolvers: (at) => [{ mode: 'normal', records: { 'mx.lab.test': { a: [at.server] } } }],
    target: 'mx.lab.test:25',
    truth: {
      outcome: ['impaired', 'reachable'],
      causes: ['middlebox-intercept'],
      where: [{ kind: 'hop', hop: 2 }],
    },
  },
  {
    name: 'the socket unit of Cockpit listens, and what it should start does not come up',
    family: 'eighth-socket-unit-without-service',
    on: world.company3,
    daemons: { server: [socketAlone(9090), sshd()] },
    fault: () => ({ r1: [noTimeExceeded] }),
    target: (at) => `https://${at.server}:9090/`,
    truth: impaired('service-unresponsive'),
  },
  {
    // A reload left the old process behind, which shares the port (SO_REUSEPORT) and accepts nothing.
    name: 'an old process shares the port of nginx and hangs: every second connection gets no answer, and it is said to come and go',
    family: 'eighth-old-process-shares-the-port',
    on: world.home3,
    daemons: {
      server: [
        nginx(site('80 reuseport'), 80),
        socketAlone(80, 's.setsockopt(socket.SOL_SOCKET,socket.SO_REUSEPORT,1);'),
      ],
    },
    target: url('http'),
    flags: () => ['--answer', 'symptom=intermittent'],
    truth: impaired('service-unresponsive', 'backend-down'),
  },
  {
    name: 'a balancer of connections has two web servers, one of which has the certificate of last quarter, and it is said to come and go',
    family: 'eighth-renewed-on-one-of-two',
    on: world.campus4,
    tls: true,
    prepare: () => [
      `exec 2>> certificates.log; ${signedByMiddle(-93, -3)} -in server.csr -extfile server.ext -out old.pem; cat old.pem middle.pem > old-chain.pem`,
    ],
    daemons: {
      server: [
        nginx(
          `${site('8441 ssl', `${certificate()} location / { return 200 ok; }`)} ${site('8442 ssl', `${certificate('old-chain.pem')} location / { return 200 ok; }`)}`,
          8441,
          8442,
        ),
      ],
    },
    fault: () => ({
      server: [
        "nft 'add table ip lb; add chain ip lb c { type nat hook prerouting priority dstnat; }; add rule ip lb c tcp dport 443 redirect to :numgen inc mod 2 map { 0 : 8441, 1 : 8442 }'",
      ],
    }),
    target: `https://${NAME}/`,
    flags: () => ['--ca', 'root.pem', '--answer', 'symptom=intermittent'],
    truth: impaired('tls-certificate-expired'),
  },
  {
    // As a sidecar of Istio in mode STRICT does it.
    name: 'http:// was typed for an application whose sidecar takes TLS with a client certificate alone',
    family: 'eighth-sidecar',
    on: world.company2,
    tls: true,
    daemons: {
      server: [
        stunnel(8080, 8000, 'CAfile = root.pem\nverifyChain = yes\nrequireCert = yes'),
        nginx(site('127.0.0.1:8000'), 8000),
      ],
    },
    target: `http://${NAME}:8080/orders`,
    truth: impaired('protocol-mismatch', 'tls-client-certificate-required'),
  },
  {
    // kube-proxy: "has no endpoints" -j REJECT
    name: 'a NodePort of Kubernetes whose service has no endpoints',
    family: 'eighth-nodeport-without-endpoints',
    on: world.campus4,
    listen: [22, 10250],
    fault: () => ({
      server: [input('tcp dport 30443 reject with icmp type port-unreachable')],
      r3: [noTimeExceeded],
    }),
    target: (at) => hostPort(at.server, 30443),
    truth: (at) => ({
      outcome: 'unreachable',
      causes: ['host-firewall-reject', 'backend-down'],
      where: [atTarget(at.server)],
    }),
  },
  {
    // 8080:3000 was published, and the program in the container listens on 8000.
    name: 'Docker publishes another port than the one on which the program in the container listens',
    family: 'eighth-container-other-port',
    on: world.home3,
    daemons: { server: [sshd()] },
    fault: () => ({
      server: [
        'ip netns add box; ip link add docker0 type bridge; ip addr add 172.17.0.1/16 dev docker0; ip link set docker0 up; ip link add vbox type veth peer name eth0 netns box; ip link set vbox master docker0; ip link set vbox up',
        'ip -n box link set lo up; ip -n box addr add 172.17.0.2/16 dev eth0; ip -n box link set eth0 up; ip -n box route add default via 172.17.0.1; echo 1 > /proc/sys/net/ipv4/ip_forward',
        'ip netns exec box python3 -m http.server 8000 > /dev/null 2>&1 < /dev/null &',
        "nft 'add table ip dk; add chain ip dk c { type nat hook prerouting priority dstnat; }; add rule ip dk c iifname eth0 tcp dport 8080 dnat to 172.17.0.2:3000'; sleep 1",
      ],
    }),
    target: (at) => `http://${at.server}:8080/`,
    truth: (at) => ({
      outcome: 'unreachable',
      causes: ['port-closed', 'backend-down'],
      maxConfidence: RESET_BY_HOST_LIMIT,
      where: [atTarget(at.server)],
    }),
  },
  {
    name: 'IMAP by a name of its own, and the certificate behind STARTTLS knows the name of the web site alone',
    family: 'eighth-imap-with-certificate-of-the-web',
    on: world.nat3,
    tls: true,
    daemons: { server: [dovecot('', { tls: true, ports: [143, 993] })] },
    resolvers: (at) => [
      { mode: 'normal', records: { [NAME]: { a: [at.server] }, 'imap.lab.test': { a: [at.server] } } },
    ],
    target: 'imap://imap.lab.test',
    truth: { outcome: ['impaired', 'reachable'], causes: ['tls-name-mismatch', 'tls-name-not-served'] },
  },
  {
    name: 'the web server wants /app/ and the application wants /app, and each sends to the other',
    family: 'eighth-slash-circle',
    on: world.campus2v6,
    tls: true,
    daemons: {
      server: [
        secureSite(
          'location / { return 200 ok; } location = /app { return 301 $scheme://$host/app/; } location = /app/ { return 302 /app; }',
        ),
      ],
    },
    target: `https://${NAME}/app`,
    truth: { outcome: ['impaired', 'reachable'], causes: ['http-redirect-loop'] },
  },
  {
    name: 'Vault was restarted and is sealed (503)',
    family: 'eighth-vault-sealed',
    on: world.company3,
    tls: true,
    daemons: {
      server: [
        nginx(
          site(
            '8200 ssl',
            `${certificate()} default_type application/json; add_header Cache-Control no-store always; location / { return 503 '{"errors":["Vault is sealed"]}'; }`,
          ),
          8200,
        ),
      ],
    },
    target: `https://${NAME}:8200/v1/secret/data/orders`,
    truth: {
      outcome: ['impaired', 'reachable'],
      causes: ['service-not-ready', 'backend-down', 'http-error'],
    },
  },
  {
    // The kernel drops every segment of a configured peer that is not signed (RFC 2385).
    name: 'BGP of the host takes signed segments of this address alone (TCP MD5)',
    family: 'eighth-bgp-signed',
    on: world.company2,
    daemons: (at) => ({
      server: [
        {
          command: `exec python3 -c 'import socket,struct,time; s=socket.socket(); s.setsockopt(socket.IPPROTO_TCP,14,struct.pack("HH4s120xHHI80s",2,0,socket.inet_aton("${at.client}"),0,3,0,b"lab")); s.bind(("0.0.0.0",179)); s.listen(9); time.sleep(1e6)'`,
          ports: [179],
        },
        sshd(),
      ],
    }),
    target: 179,
    truth: (at) => ({ outcome: 'unreachable', ...DROPPED_AT_THE_END, where: [after(at, 2)] }),
  },
];

const healthy: Served[] = [
  {
    name: 'well, a switch says that it speaks SSH 1 and 2 (SSH-1.99)',
    family: 'eighth-well-ssh-199',
    on: world.company3,
    daemons: {
      server: [dialogue(22, { greeting: 'SSH-1.99-Cisco-1.25\n', turns: [['^SSH-2', KEXINIT, '']] })],
    },
    target: 22,
    truth: WELL,
  },
  {
    name: 'well, remote desktop without TLS (SSL_NOT_ALLOWED_BY_SERVER)',
    family: 'eighth-well-rdp-without-tls',
    on: world.campus4,
    daemons: {
      server: [
        dialogue(3389, {
          turns: [
            ['^\\x03\\0', octets(3, 0, 0, 19, 14, 0xd0, 0, 0, 0x12, 0x34, 0, 3, 0, 8, 0, 2, 0, 0, 0), ''],
          ],
        }),
      ],
    },
    target: 3389,
    truth: WELL,
  },
  {
    // As cPanel has it: postscreen and Exim say more than a line, the first ones a second before the last.
    name: 'well, Exim greets with three lines and a warning to spammers that has the word "reject"',
    family: 'eighth-well-greeting-of-three-lines',
    on: world.home3,
    daemons: {
      server: [
        dialogue(25, {
          greeting:
            '220-host7.hosting.example ESMTP Exim 4.98.2 #2 Sat, 28 Nov 2026 13:00:00 +0000 \r\n220-We do not authorize the use of this system to transport unsolicited, \r\n220 and/or bulk e-mail. Such connections are rejected, blocked and too many are reported.\r\n',
          turns: [
            [
              '^(EHLO|ehlo)',
              '250-host7.hosting.example Hello client\r\n250-SIZE 52428800\r\n250-LIMITS MAILMAX=1000 RCPTMAX=50000\r\n250-8BITMIME\r\n250-PIPELINING\r\n250 HELP\r\n',
              '',
            ],
            ['^(HELO|helo|NOOP|noop|RSET|rset)', '250 OK\r\n', ''],
            ['^(QUIT|quit)', '221 host7.hosting.example closing connection\r\n', 'fin'],
          ],
          other: ['500 unrecognized command\r\n', ''],
        }),
      ],
    },
    fault: () => ({ r1: [noEcho(forward)] }),
    target: (at) => `smtp://${at.server}`,
    truth: WELL,
  },
  {
    name: 'well, the last router answers SYNs for the web server first, against floods (SYNPROXY)',
    family: 'eighth-well-synproxy',
    on: world.home3,
    tls: true,
    daemons: { server: [secureSite()] },
    fault: (at) => ({
      r3: [
        'echo 0 > /proc/sys/net/netfilter/nf_conntrack_tcp_loose',
        `nft 'add table ip sp; add chain ip sp raw { type filter hook prerouting priority raw; }; add rule ip sp raw ip daddr ${at.server} tcp dport 443 tcp flags syn notrack; add chain ip sp f { type filter hook forward priority filter; }; add rule ip sp f ip daddr ${at.server} tcp dport 443 ct state invalid,untracked synproxy mss 1460 wscale 7 timestamp sack-perm; add rule ip sp f ct state invalid drop'`,
      ],
    }),
    target: `https://${NAME}/`,
    truth: WELL,
  },
  {
    name: 'well, PgBouncer does not know the database that nobody named',
    family: 'eighth-well-pooler-unknown-database',
    on: world.company3,
    daemons: {
      server: [
        dialogue(6432, {
          turns: [
            [GSS_REQUEST, 'N', ''],
            [SSL_REQUEST, 'N', ''],
            [STARTUP, pgbouncerSays('08P01', 'no such database: postgres'), 'fin'],
          ],
        }),
      ],
    },
    target: (at) => hostPort(at.server, 6432),
    flags: () => ['--service', 'postgresql'],
    truth: WELL,
  },
  {
    name: 'well, https to an address of IPv6, and the certificate is for that address',
    family: 'eighth-well-certificate-for-ipv6',
    on: world.campus4v6,
    tls: true,
    prepare: (at) => [
      `exec 2>> certificates.log; openssl req -new ${NEW_KEY} -keyout ip.key -out ip.csr -subj '/O=Lab'; printf 'basicConstraints=CA:FALSE\\nsubjectAltName=IP:${at.server}\\n' > ip.ext
sed -i 's/commonName=supplied/commonName=optional/' ca.cnf; ${signedByMiddle(-2, 4)} -in ip.csr -extfile ip.ext -out ip.pem; cat ip.pem middle.pem > ip-chain.pem`,
    ],
    daemons: {
      server: [
        nginx(
          site('[::]:443 ssl', `${certificate('ip-chain.pem', 'ip.key')} location / { return 200 ok; }`),
          443,
        ),
      ],
    },
    target: url('https'),
    truth: WELL,
  },
  {
    name: 'well, a camera speaks RTSP on 554 and says 400 to what is none',
    family: 'eighth-well-camera',
    on: world.home1,
    daemons: {
      server: [
        dialogue(554, {
          turns: [
            [
              '^[A-Z]+ [^ ]+ RTSP/1',
              'RTSP/1.0 200 OK\r\nCSeq: 1\r\nPublic: OPTIONS, DESCRIBE, SETUP, PLAY\r\n\r\n',
              '',
            ],
          ],
          other: ['RTSP/1.0 400 Bad Request\r\nServer: Camera/4.2\r\n\r\n', 'fin'],
        }),
      ],
    },
    target: 554,
    truth: WELL,
  },
  {
    name: 'well, a name of two families has an RSA certificate over IPv4 and one of elliptic curves over IPv6',
    family: 'eighth-well-two-certificates',
    on: home3both,
    tls: true,
    prepare: () => [
      `exec 2>> certificates.log; openssl req -new -newkey rsa:2048 -nodes -keyout rsa.key -out rsa.csr -subj '/CN=${NAME}'; ${signedByMiddle(-60, 25)} -in rsa.csr -extfile server.ext -out rsa.pem; cat rsa.pem middle.pem > rsa-chain.pem`,
    ],
    daemons: {
      server: [
        nginx(
          `${site('443 ssl', `${certificate('rsa-chain.pem', 'rsa.key')} location / { return 200 four; }`)} ${site('[::]:443 ssl ipv6only=on', `${certificate()} location / { return 200 six; }`)}`,
          443,
        ),
      ],
    },
    resolvers: (at) => [{ mode: 'normal', records: { [NAME]: { a: [at.server4], aaaa: [at.server6] } } }],
    target: `https://${NAME}/`,
    truth: WELL,
  },
  {
    name: 'well, a server of IRC looks for the name of its client first and says so',
    family: 'eighth-well-irc',
    on: world.nat3,
    daemons: {
      server: [
        dialogue(6667, {
          greeting:
            ':irc.lab.test NOTICE * :*** Looking up your hostname...\r\n:irc.lab.test NOTICE * :*** Could not resolve your hostname: Request timed out; using your IP address instead.\r\n',
          turns: [['^QUIT', 'ERROR :Closing Link: [client] (Quit)\r\n', 'fin']],
        }),
      ],
    },
    target: 6667,
    truth: WELL,
  },
];

export default [...faults, ...healthy].map(served) satisfies Scenario[];
