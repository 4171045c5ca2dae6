/** Habits of services and balancers, and what a stranger meets first. Truths were written before the first run. */
import { dovecot, postfix } from '../daemons/mail.ts';
import { mosquitto, slapd, speaker, vsftpd } from '../daemons/others.ts';
import { holding, impaired, type Served, served, WELL, WELL_BUT_SLOW } from '../daemons/served.ts';
import { redis } from '../daemons/stores.ts';
import { front, haproxy, nginx, site, stunnel } from '../daemons/web.ts';
import { hostPort, type Scenario, thisMachine } from '../scenario.ts';
import * as world from '../worlds.ts';

/** The mark that podman leaves in every container; /run is the scenario's own. */
const inContainer: Scenario = {
  name: 'nothing listens on loopback in a container (home, one router)',
  family: 'loopback-of-a-container',
  topology: world.home1,
  listen: [],
  clientShell: [': > /run/.containerenv'],
  fault: () => ({}),
  target: () => hostPort('127.0.0.1', 8080),
  // A program that was meant to be in here and stopped, and one that runs outside, look the same from in here.
  truth: () => ({
    outcome: 'unreachable',
    causes: ['container-localhost', 'port-closed'],
    where: [thisMachine],
    maxConfidence: 0.65,
  }),
};

const inContainerAndWell: Scenario = {
  name: 'well, on loopback in a container (home, one router)',
  family: 'loopback-of-a-container',
  topology: world.home1,
  listen: [],
  clientShell: [': > /run/.containerenv'],
  services: () => ({ client: ['exec /run/lab/node "$SERVICES/exam-speaker.js" 8080 "{}"'] }),
  waitFor: { client: [8080] },
  fault: () => ({}),
  target: () => hostPort('127.0.0.1', 8080),
  truth: () => ({ outcome: 'reachable', causes: [] }),
};

/** A web server with one thread: who is second waits for the first. `seconds`: for its n-th request, the last for all others. */
const oneAtATime = (port: number, ...seconds: number[]): string =>
  [
    'exec python3 -c "',
    'import http.server, time',
    `waits = [${seconds.join(', ')}]`,
    'class Page(http.server.BaseHTTPRequestHandler):',
    '  def do_HEAD(self):',
    '    time.sleep(waits.pop(0) if len(waits) > 1 else waits[0])',
    '    self.send_response(200); self.end_headers()',
    '  do_GET = do_HEAD',
    `http.server.HTTPServer((\\"\\", ${port}), Page).serve_forever()`,
    '"',
  ].join('\n');
/** The same with a thread for each connection. */
const manyAtATime = (port: number, ...seconds: number[]): string =>
  oneAtATime(port, ...seconds).replace('HTTPServer(', 'ThreadingHTTPServer(');

/** Says how long its page is, sends `sent` octets of it, and no more for a minute; `drip` octets ten times a second meanwhile. */
const pageOf = (port: number, length: number, sent: number, drip = 0): string =>
  [
    'exec python3 -c "',
    'import http.server, time',
    'class Page(http.server.BaseHTTPRequestHandler):',
    '  def do_HEAD(self):',
    `    self.send_response(200); self.send_header('Content-Length', '${length}'); self.end_headers()`,
    '  def do_GET(self):',
    '    self.do_HEAD()',
    `    self.wfile.write(bytes(${sent})); self.wfile.flush()`,
    `    for _ in range(600 if ${sent} < ${length} else 0): time.sleep(0.1); self.wfile.write(bytes(${drip})); self.wfile.flush()`,
    `http.server.ThreadingHTTPServer(('', ${port}), Page).serve_forever()`,
    '"',
  ].join('\n');

const POSTSCREEN = [
  'smtp inet n - n - 1 postscreen',
  'smtpd pass - - n - - smtpd',
  'dnsblog unix - - n - 0 dnsblog',
  'tlsproxy unix - - n - 0 tlsproxy',
];

const healthy: Served[] = [
  {
    name: 'Postfix behind stunnel on 465 is well, by name',
    family: 'healthy-in-front-of-mail',
    on: world.home3,
    tls: true,
    daemons: { server: [stunnel(465, 25), postfix()] },
    target: 465,
    truth: WELL,
  },
  {
    name: 'Dovecot behind HAProxy, which tells it the client by PROXY, is well',
    family: 'healthy-in-front-of-mail',
    on: world.company3v6,
    daemons: {
      server: [
        haproxy(front(143, '127.0.0.1:1143 send-proxy', { mode: 'tcp' }), 143),
        dovecot(
          'haproxy_trusted_networks = 127.0.0.0/8\nservice imap-login {\n  inet_listener imap {\n    port = 1143\n    haproxy = yes\n  }\n}',
          { ports: [1143, 110] },
        ),
      ],
    },
    target: 143,
    truth: WELL,
  },
  {
    name: 'Postfix with postscreen makes its clients wait, and is well',
    family: 'healthy-postscreen',
    on: world.campus4,
    daemons: {
      server: [
        postfix({
          master: POSTSCREEN,
          main: ['postscreen_greet_action = enforce', 'postscreen_greet_wait = 4s', 'postscreen_cache_map ='],
        }),
      ],
    },
    target: 25,
    truth: WELL_BUT_SLOW,
  },
  {
    name: 'a page of a megabyte, of a server that knows no ranges',
    family: 'healthy-page',
    on: world.home3,
    listen: [],
    services: () => ({ server: [pageOf(8080, 1_000_000, 1_000_000)] }),
    waitFor: { server: [8080] },
    target: (at) => `http://${hostPort(at.server, 8080)}/page`,
    truth: WELL,
  },
  {
    name: 'a page that arrives little by little',
    family: 'healthy-page',
    on: world.company3,
    listen: [],
    services: () => ({ server: [pageOf(8080, 50_000, 10, 20)] }),
    waitFor: { server: [8080] },
    target: (at) => `http://${hostPort(at.server, 8080)}/page`,
    truth: WELL,
  },
  {
    name: 'a web server with one thread thinks for two and a half seconds',
    family: 'healthy-one-at-a-time',
    on: world.home1,
    listen: [],
    services: () => ({ server: [oneAtATime(80, 2.5)] }),
    waitFor: { server: [80] },
    target: 80,
    truth: WELL_BUT_SLOW,
  },
  {
    name: 'the first request wakes an application for five seconds, and the next are quick',
    family: 'healthy-sleeper',
    on: world.company2,
    listen: [],
    services: () => ({ server: [manyAtATime(80, 5, 0)] }),
    waitFor: { server: [80] },
    target: (at) => `http://${at.server}/`,
    truth: WELL_BUT_SLOW,
  },
  {
    name: 'vsftpd lets people in by TLS alone, and is well, by name',
    family: 'healthy-insists-on-tls',
    on: world.campus2v6,
    tls: true,
    daemons: {
      server: [
        vsftpd([
          'ssl_enable=YES',
          'allow_anon_ssl=YES',
          'force_anon_logins_ssl=YES',
          'force_local_logins_ssl=YES',
          'rsa_cert_file=/run/vsftpd/chain.pem',
          'rsa_private_key_file=/run/vsftpd/key.pem',
        ]),
      ],
    },
    prepare: () => ['cp chain.pem key.pem /run/vsftpd/'],
    target: 21,
    truth: WELL,
  },
  {
    name: 'OpenLDAP answers by TLS alone (confidentiality required), and is well',
    family: 'healthy-insists-on-tls',
    on: world.home3,
    daemons: { server: [slapd(['security ssf=128'])] },
    target: 389,
    truth: WELL,
  },
];

const faults: Served[] = [
  {
    name: 'a page stops after 1,000 of 50,000 octets',
    family: 'page-stops',
    on: world.home3,
    listen: [],
    services: () => ({ server: [pageOf(8080, 50_000, 1000)] }),
    waitFor: { server: [8080] },
    target: (at) => `http://${hostPort(at.server, 8080)}/page`,
    truth: { outcome: 'impaired', causes: ['service-unresponsive'], maxConfidence: 0.9 },
  },
  {
    name: 'Postfix turns this client away for a while (450)',
    family: 'mail-denied-for-a-while',
    on: world.home1,
    daemons: {
      server: [
        postfix({
          main: [
            'smtpd_delay_reject = no',
            'smtpd_client_restrictions = check_client_access static:{450 4.7.1 come back later}',
          ],
        }),
      ],
    },
    target: 25,
    truth: impaired('service-access-denied', 'service-not-ready', 'service-limit-reached'),
  },
  {
    name: 'Dovecot expects the PROXY protocol',
    family: 'proxy-protocol-mail',
    on: world.company3,
    daemons: {
      server: [
        dovecot(
          'haproxy_trusted_networks = 0.0.0.0/0\nservice imap-login {\n  inet_listener imap {\n    haproxy = yes\n  }\n}',
        ),
      ],
    },
    target: 143,
    truth: impaired('proxy-protocol-expected'),
  },
  {
    name: 'Postfix expects the PROXY protocol',
    family: 'proxy-protocol-mail',
    on: world.home3v6,
    daemons: { server: [postfix({ main: ['smtpd_upstream_proxy_protocol = haproxy'] })] },
    target: 25,
    truth: impaired('proxy-protocol-expected'),
  },
  {
    name: 'vsftpd cannot serve (500 OOPS: no such user)',
    family: 'service-broken-inside',
    on: world.campus4,
    daemons: { server: [vsftpd(['nopriv_user=nosuchuser'])] },
    target: 21,
    truth: impaired('service-closes-connection'),
  },
  {
    name: 'Mosquitto wants a client certificate',
    family: 'client-certificate-elsewhere',
    on: world.company2,
    tls: true,
    daemons: {
      server: [
        mosquitto(['certfile chain.pem', 'keyfile key.pem', 'cafile root.pem', 'require_certificate true'], {
          port: 8883,
        }),
      ],
    },
    target: 8883,
    truth: impaired('tls-client-certificate-required'),
  },
  {
    name: 'OpenLDAP wants a client certificate on 636',
    family: 'client-certificate-elsewhere',
    on: world.home5,
    tls: true,
    daemons: {
      server: [slapd(['TLSCACertificateFile root.pem', 'TLSVerifyClient demand'], { tls: true })],
    },
    target: 636,
    truth: impaired('tls-client-certificate-required'),
  },
  {
    name: 'HAProxy drops this client without a word after the handshake (silent-drop)',
    family: 'balancer-silent-drop',
    on: world.home3,
    daemons: {
      server: [
        haproxy(front(80, '127.0.0.1:8080', { lines: ['tcp-request connection silent-drop'] }), 80),
        nginx(site('8080', 'location / { return 200 ok; }'), 8080),
      ],
    },
    target: (at) => `http://${at.server}/`,
    // What it does is meant to look like a hang; what the client sends is no longer acknowledged.
    truth: {
      ...impaired(
        'service-access-denied',
        'service-closes-connection',
        'service-unresponsive',
        'backend-down',
        'middlebox-drop',
        'service-overloaded',
      ),
      maxConfidence: 0.9,
    },
  },
  {
    name: 'HAProxy holds this client for four seconds and answers 500 (tarpit)',
    family: 'balancer-tarpit',
    on: world.campus4v6,
    daemons: {
      server: [
        haproxy(front(80, '127.0.0.1:8080', { lines: ['timeout tarpit 4s', 'http-request tarpit'] }), 80),
        nginx(site('8080', 'location / { return 200 ok; }'), 8080),
      ],
    },
    target: (at) => `http://[${at.server}]/`,
    truth: { outcome: ['reachable', 'impaired'], causes: ['http-error'] },
  },
  {
    name: 'nginx serves one connection, and somebody has it (429)',
    family: 'web-full',
    on: world.home1,
    daemons: {
      server: [
        nginx(
          `limit_conn_zone $server_addr zone=z:1m; limit_conn_status 429; ${site('80', 'location / { limit_conn z 1; root /usr/share; } location = /slow { limit_conn z 1; limit_rate 1; alias /usr/bin/python3; }')}`,
          80,
        ),
      ],
    },
    ...holding('server', 80, 1, 'GET /slow HTTP/1.1\\r\\nHost: x\\r\\n\\r\\n'),
    target: (at) => `http://${at.server}/`,
    truth: { outcome: ['reachable', 'impaired'], causes: ['service-limit-reached'] },
  },
  {
    name: 'Redis takes TLS alone, and was asked without',
    family: 'tls-where-plain-is-expected',
    on: world.company3,
    tls: true,
    daemons: {
      server: [
        redis(
          '--port 0 --tls-port 6379 --tls-cert-file chain.pem --tls-key-file key.pem --tls-auth-clients no',
        ),
      ],
    },
    target: 6379,
    truth: impaired('protocol-mismatch'),
  },
  {
    name: 'a program answers the question of Redis with an error nobody knows',
    family: 'service-broken-inside',
    on: world.campus2v6,
    daemons: { server: [speaker(6379, { reply: '-MISCONF disk is full\r\n' })] },
    target: 6379,
    truth: impaired(
      'service-closes-connection',
      'service-not-ready',
      'service-access-denied',
      'protocol-mismatch',
    ),
  },
];

export default [
  inContainer,
  inContainerAndWell,
  ...healthy.map(served),
  ...faults.map(served),
] satisfies Scenario[];
