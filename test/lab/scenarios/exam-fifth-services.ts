/** Fifth examination: services and TLS as real life misconfigures them. Truths were written before the first run, without sight of the rules. */
import { NAME } from '../certificates.ts';
import type { Daemon } from '../daemons/daemon.ts';
import { dovecot, postfix } from '../daemons/mail.ts';
import { bind, mosquitto, samba, slapd, speaker, sshd } from '../daemons/others.ts';
import { holding, impaired, type Served, served, url } from '../daemons/served.ts';
import {
  apacheTls,
  certificate,
  front,
  haproxy,
  nginx,
  plainSite,
  site,
  squid,
  stunnel,
  tlsServer,
} from '../daemons/web.ts';
import {
  after,
  DROPPED_AT_THE_END,
  forward,
  hostPort,
  input,
  noEcho,
  type Scenario,
  type Truth,
} from '../scenario.ts';
import * as world from '../worlds.ts';

const program = (command: string, ...ports: number[]): Daemon => ({ command, ports });
/** A page with an error is a finding; whether the service counts as impaired is a matter of taste. */
const finding = (...causes: string[]): Truth => ({ outcome: ['reachable', 'impaired'], causes });

// ---------------------------------------------------------------- accepted by something in front, and nothing behind

const infront: Served[] = [
  {
    name: 'docker-proxy accepts on 3000, and in the container nothing listens',
    family: 'fifth-published-and-nothing-inside',
    on: world.nat3,
    daemons: {
      server: [program('exec socat TCP6-LISTEN:3000,ipv6only=0,fork,reuseaddr TCP:127.0.0.1:9', 3000)],
    },
    target: 3000,
    // Cut at once before a word: a forwarder without its server, or the program itself.
    truth: { ...impaired('backend-down', 'service-closes-connection'), maxConfidence: 0.95 },
  },
  {
    name: 'systemd starts sshd for each connection, and sshd has no host key',
    family: 'fifth-socket-activation-fails',
    on: world.home3,
    daemons: {
      server: [
        program(
          'mkdir -p /run/sshd; exec socat TCP6-LISTEN:22,ipv6only=0,fork,reuseaddr EXEC:"/usr/sbin/sshd -i -f /dev/null -o HostKey=/nonexistent"',
          22,
        ),
      ],
    },
    target: 22,
    truth: {
      ...impaired(
        'service-closes-connection',
        'service-access-denied',
        'service-limit-reached',
        'backend-down',
      ),
      maxConfidence: 0.95,
    },
  },
  {
    name: 'OpenSSH lets this client not in (hosts.deny)',
    family: 'fifth-ssh-hosts-deny',
    on: world.company3,
    daemons: { server: [sshd()] },
    files: () => ({ 'hosts.deny': 'sshd: ALL\n' }),
    prepare: () => ['mount --bind "$DIR/hosts.deny" /etc/hosts.deny'],
    target: 22,
    truth: {
      ...impaired(
        'service-access-denied',
        'service-closes-connection',
        'service-limit-reached',
        'client-banned',
        'backend-down',
      ),
      maxConfidence: 0.95,
    },
  },
  {
    name: 'HAProxy speaks plain HTTP to a server that wants TLS (400 from behind)',
    family: 'fifth-backend-wants-tls',
    on: world.campus4,
    tls: true,
    daemons: {
      server: [
        haproxy(front(80, '127.0.0.1:8443'), 80),
        nginx(site('8443 ssl', `${certificate()} location / { return 200 ok; }`), 8443),
      ],
    },
    target: `http://${NAME}`,
    // The port itself is plain HTTP: TLS on it is no help to anybody. The page tells of the server behind.
    truth: [finding('http-error', 'backend-down'), { outcome: 'reachable', causes: [] }],
  },
  {
    name: 'nginx is its own backend and asks itself until its connections are used up',
    family: 'fifth-proxy-of-itself',
    on: world.home1,
    daemons: { server: [plainSite('location / { proxy_pass http://127.0.0.1:80; }')] },
    target: url('http'),
    truth: finding('http-error', 'backend-down', 'service-limit-reached'),
  },
  {
    name: 'the application ends in an exception (500)',
    family: 'fifth-http-500',
    on: world.home3v6,
    daemons: { server: [plainSite('location / { return 500 "Internal Server Error"; }')] },
    target: url('http'),
    truth: finding('http-error'),
  },
  {
    name: 'Dovecot has no process that knows passwords: its login waits for it',
    family: 'fifth-dovecot-without-auth',
    on: world.company3,
    daemons: { server: [dovecot('service auth {\n  executable = /bin/false\n}')] },
    target: 143,
    // corrected after first run: "Auth process broken" is what it says, so no access list is at fault (the first truth had service-access-denied, too)
    truth: impaired('service-not-ready', 'backend-down', 'service-unresponsive', 'service-closes-connection'),
  },
];

// ---------------------------------------------------------------- the wrong protocol on the port

const mismatches: Served[] = [
  {
    name: 'http:// was typed for a port on which Apache expects TLS',
    family: 'fifth-http-typed-for-tls',
    on: world.home3,
    tls: true,
    daemons: {
      server: [
        (() => {
          const daemon = apacheTls('');
          return {
            ...daemon,
            ports: [8443],
            files: Object.fromEntries(
              Object.entries(daemon.files ?? {}).map(([name, text]) => [
                name,
                text.replace('Listen 443', 'Listen 8443').replace('*:443', '*:8443'),
              ]),
            ),
          };
        })(),
      ],
    },
    target: `http://${NAME}:8443`,
    truth: impaired('protocol-mismatch'),
  },
  {
    name: 'http:// was typed for Elasticsearch, which has TLS since its last version (stunnel)',
    family: 'fifth-http-typed-for-tls',
    on: world.company3,
    tls: true,
    daemons: { server: [stunnel(9200, 8080), nginx(site('8080'), 8080)] },
    target: `http://${NAME}:9200`,
    truth: { ...impaired('protocol-mismatch', 'service-closes-connection'), maxConfidence: 0.99 },
  },
  {
    name: 'TLS was typed for the submission port 587, where Postfix begins in the clear',
    family: 'fifth-tls-typed-for-starttls',
    on: world.home3,
    tls: true,
    daemons: {
      server: [
        postfix({ master: ['587 inet n - n - - smtpd'], ports: [587], tls: ['chain.pem', 'key.pem'] }),
      ],
    },
    target: `smtps://${NAME}:587`,
    truth: impaired('protocol-mismatch'),
  },
  {
    name: 'Mosquitto serves 8883 without TLS',
    family: 'fifth-tls-forgotten',
    on: world.home3,
    tls: true,
    daemons: { server: [mosquitto([], { port: 8883 })] },
    target: 8883,
    truth: {
      ...impaired('protocol-mismatch', 'tls-handshake-failed', 'service-closes-connection'),
      maxConfidence: 0.99,
    },
  },
  {
    name: 'OpenLDAP serves 636 without TLS',
    family: 'fifth-tls-forgotten',
    on: world.company3,
    tls: true,
    daemons: {
      server: [
        {
          ...slapd(),
          command: 'cd "$DIR"; exec slapd -d 256 -f slapd.conf -h "ldap://:636/"',
          ports: [636],
        },
      ],
    },
    target: 636,
    truth: {
      ...impaired('protocol-mismatch', 'tls-handshake-failed', 'service-closes-connection'),
      maxConfidence: 0.99,
    },
  },
  {
    name: 'an old store speaks SMB 1 alone',
    family: 'fifth-smb1-alone',
    on: world.company2,
    daemons: { server: [samba(['server min protocol = NT1', 'server max protocol = NT1'])] },
    target: 445,
    truth: {
      ...impaired('protocol-mismatch', 'service-closes-connection', 'service-unresponsive'),
      maxConfidence: 0.99,
    },
  },
  {
    name: 'https:// was typed, and OpenSSH has the port 443',
    family: 'fifth-ssh-on-443',
    on: world.nat3,
    tls: true,
    daemons: { server: [sshd('', { port: 443 })] },
    target: `https://${NAME}`,
    truth: impaired('protocol-mismatch'),
  },
  {
    name: 'https:// was typed for Squid, which wants to be spoken to in the clear',
    family: 'fifth-tls-to-the-proxy',
    on: world.company2,
    tls: true,
    daemons: { server: [squid()] },
    target: `https://${NAME}:3128`,
    truth: {
      ...impaired('protocol-mismatch', 'tls-handshake-failed', 'service-closes-connection'),
      maxConfidence: 0.99,
    },
  },
  {
    name: 'a device answers the web with a page and no status line (HTTP/0.9)',
    family: 'fifth-http-09',
    on: world.home1,
    daemons: {
      server: [speaker(80, { reply: '<html><body>Heating control</body></html>\n', end: 'fin' })],
    },
    target: url('http'),
    truth: impaired('protocol-mismatch'),
  },
];

// ---------------------------------------------------------------- certificates and handshakes

const DH_1024 = `-----BEGIN DH PARAMETERS-----
MIGHAoGBAIVyuOz1HiXQHCmpddIDbt2dzrf8E9bBsfMzOLOzwV2NSmVlhL4jSiJ0
alSdNLqgdwJ7TTxlWlBlQpr1/SlbStZMk4a7TO151p5zonmGBaUGpwRKftm3Ag/F
hsdsRRPEg2pkKfTAjIfz6W7qafoTiOx7rhcZdvoDUuYGrSYuFl9/AgEC
-----END DH PARAMETERS-----
`;

const secured: Served[] = [
  {
    name: 'the console of a machine has the certificate that its maker put there, by address',
    family: 'fifth-certificate-of-the-maker',
    on: world.company2,
    prepare: () => [
      "openssl req -x509 -newkey rsa:2048 -nodes -keyout bmc.key -out bmc.pem -subj '/O=Example Systems/CN=bmc-4F7H2' -days 3650 2> bmc.log",
    ],
    daemons: {
      server: [
        nginx(
          site(
            '8443 ssl; listen [::]:8443 ssl',
            `${certificate('bmc.pem', 'bmc.key')} location / { return 200 ok; }`,
          ),
          8443,
        ),
      ],
    },
    target: (at) => `https://${at.server}:8443`,
    truth: impaired('tls-untrusted', 'tls-name-mismatch'),
  },
  {
    name: 'the certificate behind STARTTLS on 587 expired three days ago',
    family: 'fifth-starttls-expired',
    on: world.home3,
    tls: { from: -100, to: -3 },
    daemons: {
      server: [
        postfix({ master: ['587 inet n - n - - smtpd'], ports: [587], tls: ['chain.pem', 'key.pem'] }),
      ],
    },
    target: 587,
    truth: finding('tls-certificate-expired'),
  },
  {
    name: 'the certificate is for the address that the server had before, and the address was typed',
    family: 'fifth-certificate-of-the-old-address',
    on: world.company3,
    tls: true,
    prepare: () => [
      `printf 'basicConstraints=CA:FALSE\\nsubjectAltName=IP:10.77.3.20\\n' > ip.ext
openssl x509 -req -in server.csr -CA middle.pem -CAkey middle.key -CAcreateserial -days 30 -extfile ip.ext -out ip.pem 2> ip.log; cat ip.pem middle.pem > ip-chain.pem`,
    ],
    daemons: {
      server: [
        nginx(
          site(
            '443 ssl; listen [::]:443 ssl',
            `${certificate('ip-chain.pem')} location / { return 200 ok; }`,
          ),
          443,
        ),
      ],
    },
    target: (at) => hostPort(at.server, 443),
    truth: impaired('tls-name-mismatch'),
  },
  {
    name: 'the certificate is signed with SHA-1',
    family: 'fifth-sha1-certificate',
    on: world.home3,
    tls: { rsa: true },
    prepare: () => [
      'openssl x509 -req -in server.csr -CA middle.pem -CAkey middle.key -CAcreateserial -days 30 -sha1 -extfile server.ext -out sha1.pem 2> sha1.log; cat sha1.pem middle.pem > sha1-chain.pem',
    ],
    daemons: {
      server: [
        tlsServer(
          443,
          '-cipher ALL:@SECLEVEL=0 -cert sha1-chain.pem -cert_chain sha1-chain.pem -key key.pem',
        ),
      ],
    },
    target: `https://${NAME}`,
    truth: impaired('tls-weak-certificate', 'tls-untrusted'),
  },
  {
    name: 'a device knows ciphers with a shared secret alone (PSK)',
    family: 'fifth-no-shared-cipher',
    on: world.campus4,
    tls: true,
    daemons: { server: [tlsServer(8443, '-nocert -psk 1a2b3c4d5e6f -tls1_2 -cipher PSK')] },
    target: `https://${NAME}:8443`,
    truth: impaired('tls-version', 'tls-handshake-failed'),
  },
  {
    name: 'an old device has Diffie-Hellman of 1024 bits alone, which curl here and every browser refuse',
    family: 'fifth-weak-key-exchange',
    on: world.home3,
    tls: { rsa: true },
    files: () => ({ 'dh.pem': DH_1024 }),
    daemons: {
      server: [
        nginx(
          site(
            '443 ssl',
            `ssl_protocols TLSv1.2; ssl_ciphers DHE-RSA-AES128-GCM-SHA256:@SECLEVEL=0; ssl_dhparam dh.pem; ${certificate()} location / { return 200 ok; }`,
          ),
          443,
        ),
      ],
    },
    target: `https://${NAME}`,
    truth: impaired('tls-version', 'tls-handshake-failed', 'tls-weak-certificate'),
  },
  {
    name: 'the web was asked, and the TLS server there knows the application protocol "imap" alone (ALPN)',
    family: 'fifth-alpn-refused',
    on: world.company3,
    tls: true,
    daemons: {
      server: [tlsServer(443, '-cert chain.pem -cert_chain chain.pem -key key.pem -alpn imap')],
    },
    target: `https://${NAME}`,
    // A client that offers no application protocol is served.
    truth: [impaired('tls-handshake-failed', 'protocol-mismatch'), { outcome: 'reachable', causes: [] }],
  },
];

// ---------------------------------------------------------------- full, busy, unwilling

const ENDLESS = `import random, socket, threading, time
listener = socket.create_server(('::', 22), family=socket.AF_INET6, dualstack_ipv6=True)
def serve(peer):
    try:
        while True:
            time.sleep(2)
            peer.sendall(b'%x\\r\\n' % random.getrandbits(32))
    except OSError:
        pass
while True:
    threading.Thread(target=serve, args=(listener.accept()[0],), daemon=True).start()
`;
const ONE_BY_ONE = `import http.server
class V6(http.server.HTTPServer):
    address_family = 10
V6(('::', 8000), http.server.SimpleHTTPRequestHandler).serve_forever()
`;

const unwilling: Served[] = [
  {
    name: 'endlessh has port 22: lines without an end, and none of them is SSH',
    family: 'fifth-endless-lines',
    on: world.home3,
    files: () => ({ 'endless.py': ENDLESS }),
    daemons: { server: [program('exec /usr/bin/python3 "$DIR/endless.py"', 22)] },
    target: 22,
    truth: { ...impaired('protocol-mismatch', 'service-unresponsive', 'service-slow'), maxConfidence: 0.99 },
  },
  {
    name: 'a web server of one thread waits for a client that says nothing',
    family: 'fifth-one-thread-taken',
    on: world.nat3,
    files: () => ({ 'one.py': ONE_BY_ONE }),
    daemons: { server: [program('exec /usr/bin/python3 "$DIR/one.py"', 8000)] },
    ...holding('server', 8000, 1),
    target: (at) => `http://${at.server}:8000`,
    truth: {
      ...impaired('service-unresponsive', 'service-overloaded', 'service-limit-reached'),
      maxConfidence: 0.99,
    },
  },
  {
    name: 'nginx has no connection of its worker free (worker_connections)',
    family: 'fifth-worker-connections',
    on: world.campus4,
    daemons: {
      server: [
        (() => {
          const daemon = plainSite();
          return {
            ...daemon,
            files: Object.fromEntries(
              Object.entries(daemon.files ?? {}).map(([name, text]) => [
                name,
                text.replace('events {}', 'events { worker_connections 8; }'),
              ]),
            ),
          };
        })(),
      ],
    },
    ...holding('server', 80, 6, 'GET / HTTP/1.1\\r\\nX: '),
    target: 80,
    truth: {
      ...impaired(
        'service-limit-reached',
        'service-closes-connection',
        'service-unresponsive',
        'service-overloaded',
        'backend-down',
      ),
      maxConfidence: 0.95,
    },
  },
  {
    name: 'BIND has this client on its list of those it does not talk to (blackhole)',
    family: 'fifth-dns-blackhole',
    on: world.company3,
    daemons: (at) => ({ server: [bind([`blackhole { ${at.client}; };`])] }),
    target: 53,
    truth: {
      ...impaired(
        'service-access-denied',
        'service-closes-connection',
        'service-unresponsive',
        'service-limit-reached',
      ),
      maxConfidence: 0.95,
    },
  },
  {
    name: 'nginx listens on IPv4 alone, and the name has an IPv6 address too',
    family: 'fifth-daemon-of-one-family',
    on: { ...world.home3, families: 'both' },
    tls: true,
    resolvers: (at) => [{ mode: 'normal', records: { [NAME]: { a: [at.server4], aaaa: [at.server6] } } }],
    daemons: {
      server: [nginx(site('443 ssl', `${certificate()} location / { return 200 ok; }`), 443)],
    },
    fault: () => ({ r2: [noEcho(forward)] }),
    target: `https://${NAME}`,
    // corrected after first run: no place is defined for a family of addresses (as in hosts.ts)
    truth: (at) => ({
      ...impaired('address-family-broken', 'port-closed'),
      where: [null, { kind: 'target', address: at.server6 }],
    }),
  },
];

// ---------------------------------------------------------------- second batch

const HANDSHAKES = `import socket, ssl
context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
context.load_cert_chain('chain.pem', 'key.pem')
listener = context.wrap_socket(socket.create_server(('', 8443)), server_side=True)
while True:
    try:
        peer, _ = listener.accept()
        peer.recv(4096)
        peer.sendall(b'HTTP/1.1 200 OK\\r\\nContent-Length: 0\\r\\nConnection: close\\r\\n\\r\\n')
        peer.close()
    except OSError:
        pass
`;
const second: Served[] = [
  {
    name: 'HAProxy accepts on 9000 for a server that is off (TCP, a port that nobody knows)',
    family: 'fifth-published-and-nothing-inside',
    on: world.company3v6,
    daemons: { server: [haproxy(front(9000, '127.0.0.1:9', { mode: 'tcp' }), 9000)] },
    target: 9000,
    truth: { ...impaired('backend-down', 'service-closes-connection'), maxConfidence: 0.95 },
  },
  {
    name: 'HAProxy accepts on 9000 for a server that is off, and the user says that it hangs (TCP, a port that nobody knows)',
    family: 'fifth-published-and-nothing-inside',
    on: world.company3v6,
    daemons: { server: [haproxy(front(9000, '127.0.0.1:9', { mode: 'tcp' }), 9000)] },
    target: 9000,
    flags: () => ['--answer', 'symptom=hangs'],
    truth: { ...impaired('backend-down', 'service-closes-connection'), maxConfidence: 0.95 },
  },
  {
    name: 'a content network says that its origin does not answer (522)',
    family: 'fifth-origin-of-a-content-network',
    on: world.nat3,
    daemons: {
      server: [
        speaker(80, {
          reply:
            'HTTP/1.1 522 \r\nDate: Sat, 28 Nov 2026 05:00:00 GMT\r\nServer: cloudflare\r\nContent-Length: 15\r\nConnection: close\r\n\r\nerror code: 522',
          end: 'fin',
        }),
      ],
    },
    target: url('http'),
    truth: finding('backend-down', 'http-error'),
  },
  {
    name: 'mysql:// was typed for the port of the X Protocol (33060)',
    family: 'fifth-mysql-x-protocol',
    on: world.company3,
    daemons: { server: [speaker(33060, { greeting: '\u0005\0\0\0\u000b\u0008\u0005\u001a\0' })] },
    target: (at) => `mysql://${at.server}:33060`,
    truth: { ...impaired('protocol-mismatch', 'service-unresponsive'), maxConfidence: 0.97 },
  },
  {
    name: 'the IPv6 address of the name is of another host, with a certificate of its own',
    family: 'fifth-other-host-over-ipv6',
    on: { ...world.home3, families: 'both', sibling: true },
    tls: true,
    resolvers: (at) => [{ mode: 'normal', records: { [NAME]: { a: [at.server4], aaaa: [at.sibling6] } } }],
    prepare: () => [
      "openssl req -x509 -newkey rsa:2048 -nodes -keyout park.key -out park.pem -subj '/CN=parking.example.net' -days 30 -addext subjectAltName=DNS:parking.example.net 2> park.log",
    ],
    daemons: {
      server: [
        nginx(site('443 ssl; listen [::]:443 ssl', `${certificate()} location / { return 200 ok; }`), 443),
      ],
      sibling: [tlsServer(443, '-cert park.pem -key park.key')],
    },
    target: `https://${NAME}`,
    truth: (at) => ({
      ...impaired(
        'tls-untrusted',
        'tls-name-mismatch',
        'tls-name-not-served',
        'address-partly-down',
        'address-family-broken',
      ),
      where: [null, { kind: 'target', address: at.sibling6 }],
    }),
  },
  {
    name: 'what signed the certificate is no authority (CA:FALSE)',
    family: 'fifth-intermediate-is-no-authority',
    on: world.home3,
    tls: true,
    prepare: () => [
      `printf 'basicConstraints=CA:FALSE\\n' > leaf.ext
openssl req -new -key middle.key -subj '/CN=Lab Intermediate/O=Lab' -out leafmiddle.csr
openssl x509 -req -in leafmiddle.csr -CA root.pem -CAkey root.key -CAcreateserial -days 300 -extfile leaf.ext -out leafmiddle.pem 2> leaf.log; cat only.pem leafmiddle.pem > bad-chain.pem`,
    ],
    daemons: {
      server: [nginx(site('443 ssl', `${certificate('bad-chain.pem')} location / { return 200 ok; }`), 443)],
    },
    target: `https://${NAME}`,
    // Its name in the very order in which its authority writes it (openssl ca puts CN first): another order is another name.
    truth: impaired('tls-untrusted', 'tls-handshake-failed'),
  },
  {
    name: 'the certificate is for *.lab.test, and lab.test was typed',
    family: 'fifth-wildcard-and-apex',
    on: world.nat3,
    tls: { name: '*.lab.test' },
    resolvers: (at) => [{ mode: 'normal', records: { 'lab.test': { a: [at.server] } } }],
    daemons: {
      server: [nginx(site('443 ssl', `${certificate()} location / { return 200 ok; }`), 443)],
    },
    target: 'https://lab.test',
    truth: impaired('tls-name-mismatch'),
  },
  {
    name: 'a server with TLS in one thread waits for the handshake of somebody who says nothing',
    family: 'fifth-handshake-of-somebody-else',
    on: world.home3,
    tls: true,
    files: () => ({ 'handshakes.py': HANDSHAKES }),
    daemons: { server: [program('cd "$DIR"; exec /usr/bin/python3 handshakes.py', 8443)] },
    ...holding('server', 8443, 1),
    target: `https://${NAME}:8443`,
    truth: {
      ...impaired('service-unresponsive', 'service-overloaded', 'service-limit-reached'),
      maxConfidence: 0.99,
    },
  },
  {
    name: 'http:// was typed for PHP-FPM, which speaks FastCGI',
    family: 'fifth-fastcgi-where-http',
    on: world.company2,
    daemons: { server: [speaker(9000, { reply: '', end: 'fin' })] },
    target: (at) => `http://${at.server}:9000`,
    truth: {
      ...impaired('protocol-mismatch', 'service-closes-connection', 'backend-down'),
      maxConfidence: 0.95,
    },
  },
  {
    name: 'the host lets in 22, 80 and 443 (ufw), and the application on 8080 was forgotten; ICMP is filtered',
    family: 'fifth-forgotten-in-ufw',
    on: world.nat3,
    daemons: {
      server: [
        sshd(),
        plainSite(),
        program('exec /run/lab/node "$SERVICES/exam-speaker.js" 8080 \'{}\'', 8080),
      ],
    },
    fault: () => ({
      server: [input('tcp dport != { 22, 80, 443 } tcp flags & (syn|ack) == syn drop'), noEcho(input)],
    }),
    target: (at) => `http://${at.server}:8080`,
    truth: (at) => ({ outcome: 'unreachable', ...DROPPED_AT_THE_END, where: [after(at, 3)] }),
  },
];
export default [...infront, ...mismatches, ...secured, ...unwilling, ...second].map(
  served,
) satisfies Scenario[];
