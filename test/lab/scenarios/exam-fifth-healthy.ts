/** Fifth examination: nothing is wrong, in the surroundings and with the oddities of real life. Truths were written before the first run. */
import { NAME } from '../certificates.ts';
import type { Daemon } from '../daemons/daemon.ts';
import { speaker } from '../daemons/others.ts';
import { PAGE, type Served, served, url, WELL } from '../daemons/served.ts';
import { mariadb, memcached, redis } from '../daemons/stores.ts';
import { certificate, front, haproxy, nginx, plainSite, secureSite, site } from '../daemons/web.ts';
import { forward, noEcho, noTimeExceeded, type Scenario } from '../scenario.ts';
import type { Topology } from '../topology.ts';
import * as world from '../worlds.ts';

const both: Topology = { ...world.home3, families: 'both' };
const program = (command: string, ...ports: number[]): Daemon => ({ command, ports });
const APP = 'app.example.com';

const EVENTS = `import http.server, socketserver, time
class Events(http.server.BaseHTTPRequestHandler):
    protocol_version = 'HTTP/1.1'
    def do_GET(self):
        self.send_response(200)
        self.send_header('Content-Type', 'text/event-stream')
        self.end_headers()
        try:
            while True:
                self.wfile.write(b': still here\\n\\n')
                time.sleep(2)
        except OSError:
            pass
http.server.ThreadingHTTPServer(('', 8080), Events).serve_forever()
`;

const web: Served[] = [
  {
    name: 'well, an ordinary site behind NAT: the web leads to TLS, ping is filtered and one router is silent',
    family: 'fifth-well-ordinary',
    on: world.nat3,
    tls: true,
    daemons: { server: [secureSite()] },
    fault: () => ({ r1: [noEcho(forward)], r2: [noTimeExceeded] }),
    target: `https://${NAME}`,
    truth: WELL,
  },
  {
    name: 'well, an ordinary site with HTTP/2 over both families',
    family: 'fifth-well-ordinary',
    on: both,
    tls: true,
    resolvers: (at) => [{ mode: 'normal', records: { [NAME]: { a: [at.server4], aaaa: [at.server6] } } }],
    daemons: {
      server: [
        nginx(
          site(
            '443 ssl http2; listen [::]:443 ssl http2',
            `${certificate()} add_header Strict-Transport-Security max-age=31536000; location / { return 200 ok; }`,
          ),
          443,
        ),
      ],
    },
    target: `https://${NAME}`,
    truth: WELL,
  },
  {
    name: 'well, the web server of Python, which speaks HTTP/1.0',
    family: 'fifth-well-http-10',
    on: world.home1,
    daemons: {
      server: [
        program('mkdir -p "$DIR/www"; cd "$DIR/www"; exec /usr/bin/python3 -m http.server 8000', 8000),
      ],
    },
    target: (at) => `http://${at.server}:8000`,
    truth: WELL,
  },
  {
    name: 'well, the web server of BusyBox',
    family: 'fifth-well-http-10',
    on: world.company3,
    files: () => ({ 'index.html': '<p>ok</p>\n' }),
    daemons: { server: [program('exec busybox httpd -f -p 80 -h "$DIR"', 80)] },
    target: 80,
    truth: WELL,
  },
  {
    name: 'well, a stream of events without an end',
    family: 'fifth-well-endless-page',
    on: world.home3,
    files: () => ({ 'events.py': EVENTS }),
    daemons: { server: [program('exec /usr/bin/python3 "$DIR/events.py"', 8080)] },
    target: (at) => `http://${at.server}:8080`,
    truth: WELL,
  },
  {
    name: 'well, early hints (103) before the page',
    family: 'fifth-well-early-hints',
    on: world.campus4,
    daemons: {
      server: [
        speaker(80, {
          reply:
            'HTTP/1.1 103 Early Hints\r\nLink: </style.css>; rel=preload\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 3\r\nConnection: close\r\n\r\nok\n',
          end: 'fin',
        }),
      ],
    },
    target: url('http'),
    truth: WELL,
  },
  {
    name: 'well, a small device without a reason phrase and with bare line feeds',
    family: 'fifth-well-sloppy-http',
    on: world.home1,
    daemons: {
      server: [speaker(80, { reply: 'HTTP/1.1 200\nContent-Type: text/html\n\n<p>ok</p>\n', end: 'fin' })],
    },
    target: url('http'),
    truth: WELL,
  },
  {
    name: 'well, a page with 24 kilobytes of headers',
    family: 'fifth-well-large-headers',
    on: world.company3,
    daemons: {
      server: [
        plainSite(
          `${Array.from({ length: 8 }, (_, i) => `add_header X-Policy-${i} "${'abcdefghij'.repeat(300)}";`).join(' ')} location / { return 200 ok; }`,
        ),
      ],
    },
    target: url('http'),
    truth: WELL,
  },
  {
    name: 'well, the application sends everybody to localhost (its root_url was never set)',
    family: 'fifth-well-leads-to-localhost',
    on: world.home3,
    daemons: {
      server: [
        nginx(site('3000; listen [::]:3000', 'location / { return 302 http://localhost:3000/login; }'), 3000),
      ],
    },
    target: (at) => `http://${at.server}:3000`,
    truth: PAGE,
  },
  {
    name: 'well, an application answers 400 to whoever comes by address (allowed hosts)',
    family: 'fifth-well-host-not-allowed',
    on: world.campus4,
    daemons: { server: [plainSite('location / { return 400 "Bad Request (Invalid hostname)"; }')] },
    target: url('http'),
    truth: PAGE,
  },
  {
    name: 'well, CUPS wants its clients to change to TLS (426)',
    family: 'fifth-well-upgrade-required',
    on: world.company2,
    daemons: {
      server: [
        speaker(631, {
          reply:
            'HTTP/1.1 426 Upgrade Required\r\nConnection: Upgrade\r\nUpgrade: TLS/1.2,HTTP/1.1\r\nServer: CUPS/2.4 IPP/2.1\r\nContent-Length: 0\r\n\r\n',
        }),
      ],
    },
    target: 631,
    truth: PAGE,
  },
];

const tls: Served[] = [
  {
    name: 'well, the name was typed with a dot at its end, and the certificate has none',
    family: 'fifth-well-dot-and-certificate',
    on: world.home3,
    tls: true,
    daemons: { server: [secureSite()] },
    target: `https://${NAME}.`,
    truth: WELL,
  },
  {
    name: 'well, the certificate asks for stapling and nginx has none',
    family: 'fifth-well-must-staple',
    on: world.company3,
    tls: true,
    prepare: () => [
      `printf 'basicConstraints=CA:FALSE\\ntlsfeature=status_request\\nsubjectAltName=DNS:${NAME}\\n' > staple.ext
openssl x509 -req -in server.csr -CA middle.pem -CAkey middle.key -CAcreateserial -days 30 -extfile staple.ext -out staple.pem 2> staple.log; cat staple.pem middle.pem > staple-chain.pem`,
    ],
    daemons: {
      server: [
        nginx(site('443 ssl', `${certificate('staple-chain.pem')} location / { return 200 ok; }`), 443),
      ],
    },
    target: `https://${NAME}`,
    truth: WELL,
  },
  {
    name: 'well, nginx sends the root with the chain',
    family: 'fifth-well-root-in-the-chain',
    on: world.campus4,
    tls: true,
    prepare: () => ['cat chain.pem root.pem > whole.pem'],
    daemons: {
      server: [nginx(site('443 ssl', `${certificate('whole.pem')} location / { return 200 ok; }`), 443)],
    },
    target: 443,
    truth: WELL,
  },
];

const others: Served[] = [
  {
    name: 'well, a server of gRPC, which greets with a frame of HTTP/2',
    family: 'fifth-well-grpc',
    on: world.company3,
    daemons: {
      server: [speaker(50051, { greeting: '\0\0\u0006\u0004\0\0\0\0\0\0\u0005\0\0\u0040\0' })],
    },
    target: 50051,
    truth: WELL,
  },
  {
    name: 'well, a game greets with octets that nobody knows',
    family: 'fifth-well-binary-greeting',
    on: world.nat3,
    daemons: { server: [speaker(7777, { greeting: '\u0001\0\u0013\u0088\u00ff\u00fe\u0000\u0002lobby\0' })] },
    target: 7777,
    truth: WELL,
  },
  {
    name: 'well, rsync as a daemon',
    family: 'fifth-well-rsync',
    on: world.home3,
    files: () => ({ 'rsyncd.conf': 'use chroot = no\n[pub]\npath = /run\nhosts allow = 192.0.2.1\n' }),
    daemons: {
      server: [program('exec rsync --daemon --no-detach --config="$DIR/rsyncd.conf"', 873)],
    },
    target: 873,
    truth: WELL,
  },
  {
    name: 'well, a switch speaks Telnet',
    family: 'fifth-well-telnet',
    on: world.company2,
    daemons: {
      server: [
        speaker(23, {
          greeting:
            '\u00ff\u00fd\u0018\u00ff\u00fd\u0020\u00ff\u00fb\u0001\r\nUser Access Verification\r\n\r\nUsername: ',
        }),
      ],
    },
    target: 23,
    truth: WELL,
  },
  {
    name: 'well, a sentinel of Redis whose master is away',
    family: 'fifth-well-sentinel',
    on: world.campus4,
    prepare: () => [
      "printf 'port 26379\\nprotected-mode no\\nsentinel monitor main 127.0.0.1 9 1\\n' > sentinel.conf",
    ],
    daemons: {
      server: [
        program('cd "$DIR"; exec redis-server sentinel.conf --sentinel --logfile sentinel.log', 26379),
      ],
    },
    target: (at) => `redis://${at.server}:26379`,
    truth: WELL,
  },
  {
    name: 'well, systemd starts sshd for each connection',
    family: 'fifth-well-socket-activation',
    on: world.home3,
    prepare: () => ['mkdir -p /run/sshd; ssh-keygen -q -t ed25519 -N "" -f host.key'],
    daemons: {
      server: [
        program(
          'exec socat TCP6-LISTEN:22,ipv6only=0,fork,reuseaddr EXEC:"/usr/sbin/sshd -i -f /dev/null -o UsePAM=no -o UseDNS=no -o HostKey=$DIR/host.key"',
          22,
        ),
      ],
    },
    target: 22,
    truth: WELL,
  },
  {
    name: 'well, HAProxy in front of two MariaDB, of which one is off',
    family: 'fifth-well-database-behind-balancer',
    on: world.company3,
    daemons: {
      server: [
        mariadb('', { port: 3307 }),
        haproxy(
          front(3306, '', {
            mode: 'tcp',
            lines: [
              'server one 127.0.0.1:9 check inter 200 fall 1 rise 1',
              'server two 127.0.0.1:3307 check inter 200 rise 1',
            ],
          }),
          3306,
        ),
      ],
    },
    fault: () => ({ server: ['sleep 1'] }),
    target: 3306,
    truth: WELL,
  },
  {
    name: 'well, a printer waits three seconds for work and then hangs up (9100)',
    family: 'fifth-well-idle-hang-up',
    on: world.home1,
    daemons: { server: [speaker(9100, { delayMs: 3000, end: 'fin' })] },
    target: 9100,
    // An idle limit is no fault; whoever heard the end may say so as long as the port counts as reached.
    truth: [WELL, { outcome: 'reachable', causes: ['service-closes-connection'] }],
  },
];

const names: Served[] = [
  {
    name: 'well, six aliases one after the other',
    family: 'fifth-well-names',
    on: world.home3,
    resolvers: (at) => [
      {
        mode: 'normal',
        records: {
          [APP]: { cname: 'a1.cdn.example.net' },
          ...Object.fromEntries(
            [1, 2, 3, 4, 5].map((n) => [`a${n}.cdn.example.net`, { cname: `a${n + 1}.cdn.example.net` }]),
          ),
          'a6.cdn.example.net': { a: [at.server] },
        },
      },
    ],
    target: `${APP}:8080`,
    truth: WELL,
  },
  {
    name: 'well, a name with an underscore',
    family: 'fifth-well-names',
    on: world.company3,
    resolvers: (at) => [{ mode: 'normal', records: { 'my_app.example.com': { a: [at.server] } } }],
    target: 'my_app.example.com:8080',
    truth: WELL,
  },
  {
    name: 'well, a company has .local in its own DNS',
    family: 'fifth-well-names',
    on: world.company2,
    resolvers: (at) => [{ mode: 'normal', records: { 'intranet.corp.local': { a: [at.server] } } }],
    target: 'intranet.corp.local:8080',
    truth: WELL,
  },
  {
    name: 'well, the hosts file was written on Windows and its lines end in CR LF',
    family: 'fifth-well-names',
    on: world.home1,
    resolvers: [{ mode: 'normal', records: {} }],
    hostsFile: (at) => [`${at.server} ${APP}\r`],
    target: `${APP}:8080`,
    truth: WELL,
  },
];

// ---------------------------------------------------------------- second batch

const second: Served[] = [
  {
    name: 'well, a stream of events without an end, and HEAD has one',
    family: 'fifth-well-endless-page',
    on: world.company3,
    files: () => ({
      'events.py': EVENTS.replace(
        '    def do_GET',
        "    def do_HEAD(self):\n        self.send_response(405)\n        self.send_header('Content-Length', '0')\n        self.end_headers()\n    def do_GET",
      ),
    }),
    daemons: { server: [program('exec /usr/bin/python3 "$DIR/events.py"', 8080)] },
    target: (at) => `http://${at.server}:8080`,
    truth: WELL,
  },
  {
    name: 'well, an application without a route for HEAD says 500 to it, and 200 to GET',
    family: 'fifth-well-head-is-unknown',
    on: world.nat3,
    daemons: {
      server: [plainSite('location / { if ($request_method = HEAD) { return 500; } return 200 ok; }')],
    },
    target: url('http'),
    truth: WELL,
  },
  {
    name: 'well, an application sends everybody to its login on an internal address',
    family: 'fifth-well-leads-inside',
    on: world.home3,
    daemons: {
      server: [plainSite('location / { return 302 http://10.0.3.7:8080/auth/login?back=1; }')],
    },
    target: url('http'),
    // The page cannot be used from here, and that is not a fault of the way to the port.
    truth: PAGE,
  },
  {
    name: 'well, the web server sends everybody to www, by its name',
    family: 'fifth-well-leads-inside',
    on: world.campus4,
    daemons: { server: [plainSite('location / { return 301 http://www.example.net/; }')] },
    target: url('http'),
    truth: PAGE,
  },
  {
    name: 'well, Redis has a default user who may do nothing',
    family: 'fifth-well-redis-without-rights',
    on: world.company3,
    daemons: { server: [redis('--user default on nopass "~*" -@all')] },
    target: 6379,
    truth: [WELL, { outcome: 'reachable', causes: ['service-access-denied'] }],
  },
  {
    name: 'well, an internal certificate has its name in the subject alone',
    family: 'fifth-well-name-in-the-subject',
    on: world.company2,
    tls: true,
    prepare: () => [
      "printf 'basicConstraints=CA:FALSE\\n' > cn.ext; openssl x509 -req -in server.csr -CA middle.pem -CAkey middle.key -CAcreateserial -days 30 -extfile cn.ext -out cn.pem 2> cn.log; cat cn.pem middle.pem > cn-chain.pem",
    ],
    daemons: {
      server: [nginx(site('443 ssl', `${certificate('cn-chain.pem')} location / { return 200 ok; }`), 443)],
    },
    target: `https://${NAME}`,
    // curl and Node take it, browsers and Go do not: both is right.
    truth: [WELL, { outcome: 'impaired', causes: ['tls-name-mismatch'] }],
  },
  {
    name: 'well, a path and a query were typed with the name',
    family: 'fifth-well-whole-url',
    on: world.home3v6,
    tls: true,
    daemons: { server: [secureSite()] },
    target: `https://${NAME}/api/v1/things?token=geheim#top`,
    truth: WELL,
  },
  {
    name: 'well, localhost was typed, and a program of this machine serves both families',
    family: 'fifth-well-localhost',
    on: world.home1,
    daemons: {
      client: [program('cd "$DIR"; exec /usr/bin/python3 -m http.server 8000 --bind ::', 8000)],
    },
    target: 'http://localhost:8000',
    truth: WELL,
  },
  {
    name: 'well, memcached speaks its binary protocol alone',
    family: 'fifth-well-binary-memcached',
    on: world.home3,
    daemons: { server: [memcached('-B binary')] },
    target: 11211,
    // Whoever asks in words is hung up on: that cannot be told from a service that serves nobody.
    truth: [
      WELL,
      {
        outcome: ['reachable', 'impaired'],
        // corrected after first run: the short question "version" is waited on for ever, which is silence as well; that other words end
        // the connection at once shows that the program lives
        causes: [
          'protocol-mismatch',
          'service-closes-connection',
          'service-unresponsive',
          'backend-down',
          'service-access-denied',
        ],
        maxConfidence: 0.8,
      },
    ],
  },
  {
    name: 'well, the first resolver knows IPv6 and the second IPv4, and both are right',
    family: 'fifth-well-names',
    on: both,
    resolvers: (at) => [
      { mode: 'normal', records: { [APP]: { a: [at.server4], aaaa: [at.server6] } } },
      { mode: 'normal', records: { [APP]: { a: [at.server4] } } },
    ],
    target: `${APP}:8080`,
    truth: [WELL, { outcome: 'reachable', causes: ['dns-answers-differ'] }],
  },
];

export default [...web, ...tls, ...others, ...names, ...second].map(served) satisfies Scenario[];
