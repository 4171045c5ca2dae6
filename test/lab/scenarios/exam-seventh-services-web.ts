/**
 * The seventh exam, the web and what stands before it: TLS, certificates, balancers, proxies, redirects. Truths were written by somebody
 * who has not seen the rules, and before the first run.
 */
import { NAME } from '../certificates.ts';
import type { Daemon } from '../daemons/daemon.ts';
import { speaker } from '../daemons/others.ts';
import { impaired, type Served, served, url } from '../daemons/served.ts';
import {
  apache,
  apacheTls,
  certificate,
  front,
  haproxy,
  nginx,
  plainSite,
  secureSite,
  site,
  squid,
  stunnel,
} from '../daemons/web.ts';
import { relayed } from '../relay.ts';
import { atTarget, input, noEcho, noTimeExceeded, type Scenario } from '../scenario.ts';
import type { Topology } from '../topology.ts';
import * as world from '../worlds.ts';

const company3sibling: Topology = { routers: 3, plan: 'company', families: 4, sibling: true };
const NEW_KEY = '-newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes';
const signedBy = (authority: string): string =>
  `openssl ca -batch -notext -config ca.cnf -cert ${authority}.pem -keyfile ${authority}.key -startdate $(date -u -d '-30 days' +%y%m%d%H%M%SZ) -enddate $(date -u -d '60 days' +%y%m%d%H%M%SZ)`;

/** nginx that may take keys as small as they come. */
const lax = (daemon: Daemon): Daemon => ({
  ...daemon,
  files: {
    ...daemon.files,
    'lax.cnf':
      'openssl_conf = a\n[a]\nssl_conf = b\n[b]\nsystem_default = c\n[c]\nCipherString = DEFAULT:@SECLEVEL=0\n',
  },
  command: `export OPENSSL_CONF="$DIR/lax.cnf"; ${daemon.command}`,
});

const scenarios: Served[] = [
  {
    name: 'www leads to the bare domain, and the bare domain leads to www',
    family: 'seventh-www-and-apex-in-a-circle',
    on: world.home3v6,
    daemons: {
      server: [
        nginx(
          `server { listen [::]:80; server_name www.lab.test; return 301 http://lab.test$request_uri; } server { listen [::]:80; server_name lab.test; return 301 http://www.lab.test$request_uri; }`,
          80,
        ),
      ],
    },
    resolvers: (at) => [
      { mode: 'normal', records: { [NAME]: { aaaa: [at.server] }, 'lab.test': { aaaa: [at.server] } } },
    ],
    target: `http://${NAME}/about`,
    truth: { outcome: ['impaired', 'reachable'], causes: ['http-redirect-loop'] },
  },
  {
    name: 'Squid stands before a web server as an accelerator, and the web server is off',
    family: 'seventh-accelerator-of-a-dead-origin',
    on: world.campus4,
    daemons: {
      server: [
        squid(
          'http_port 80 accel defaultsite=www.lab.test no-vhost\ncache_peer 127.0.0.1 parent 8080 0 no-query originserver',
        ),
      ],
    },
    waitFor: { server: [80] },
    target: url('http'),
    truth: { outcome: ['impaired', 'reachable'], causes: ['backend-down'] },
  },
  {
    // By TLS 1.3 Apache says 403 ("Cannot perform Post-Handshake Authentication"), and on / nobody is asked for anything.
    name: 'Apache wants a client certificate for /partners alone, and that was typed',
    family: 'seventh-client-certificate-for-a-path',
    on: world.home3,
    tls: true,
    daemons: {
      server: [
        apacheTls(
          'SSLCACertificateFile root.pem\nAlias /partners page.html\n<Location /partners>\nSSLVerifyClient require\nSSLVerifyDepth 3\n</Location>',
        ),
      ],
    },
    target: `https://${NAME}/partners/`,
    truth: {
      outcome: ['impaired', 'reachable'],
      causes: ['tls-client-certificate-required', 'http-error'],
    },
  },
  {
    // Same name, another key: the file of the chain was not renewed with the certificate.
    name: 'the chain has the intermediate of last year, which has the same name and another key',
    family: 'seventh-intermediate-of-last-year',
    on: world.company3,
    tls: true,
    prepare: () => [
      `exec 2>> certificates.log; printf 'basicConstraints=critical,CA:TRUE\\nsubjectKeyIdentifier=hash\\n' > with-id.ext
printf 'basicConstraints=CA:FALSE\\nsubjectAltName=DNS:${NAME}\\nsubjectKeyIdentifier=hash\\nauthorityKeyIdentifier=keyid:always\\n' > leaf.ext
for n in last this; do openssl req -new ${NEW_KEY} -keyout $n.key -out $n.csr -subj '/O=Lab/CN=Lab Issuing CA'; ${signedBy('root')} -in $n.csr -extfile with-id.ext -out $n.pem; done
${signedBy('this')} -in server.csr -extfile leaf.ext -out leaf.pem
cat leaf.pem last.pem > stale.pem`,
    ],
    daemons: {
      server: [nginx(site('443 ssl', `${certificate('stale.pem')} location / { return 200 ok; }`), 443)],
    },
    target: `https://${NAME}/`,
    truth: impaired('tls-chain-incomplete', 'tls-untrusted'),
  },
  {
    name: 'the certificate of an old appliance has an RSA key of 1024 bits',
    family: 'seventh-key-of-1024-bits',
    on: world.company2,
    tls: { rsa: true },
    prepare: () => [
      `exec 2>> certificates.log; openssl req -new -newkey rsa:1024 -nodes -keyout small.key -out small.csr -subj '/CN=${NAME}'
${signedBy('middle')} -in small.csr -extfile server.ext -out small.pem; cat small.pem middle.pem > small-chain.pem`,
    ],
    daemons: {
      server: [
        lax(
          nginx(
            site('443 ssl', `${certificate('small-chain.pem', 'small.key')} location / { return 200 ok; }`),
            443,
          ),
        ),
      ],
    },
    target: `https://${NAME}/`,
    truth: impaired('tls-weak-certificate'),
  },
  {
    name: 'one of two web servers behind HAProxy has lost its application: every second request is a 502, and it is said to come and go',
    family: 'seventh-every-second-request',
    on: world.home3,
    daemons: {
      server: [
        haproxy(
          `${front(80, '127.0.0.1:8081', { lines: ['balance roundrobin'] })}\n  server two 127.0.0.1:8082`,
          80,
        ),
        nginx(
          `${site('127.0.0.1:8081')} ${site('127.0.0.1:8082', 'location / { proxy_pass http://127.0.0.1:9; }')}`,
          8081,
          8082,
        ),
      ],
    },
    target: url('http'),
    flags: () => ['--answer', 'symptom=intermittent'],
    truth: { outcome: ['impaired', 'reachable'], causes: ['backend-down', 'http-error'] },
  },
  {
    name: 'nginx ends TLS well, and the application behind it hangs',
    family: 'seventh-application-hangs-behind-tls',
    on: world.campus4v6,
    tls: true,
    daemons: {
      server: [
        secureSite('location / { proxy_pass http://127.0.0.1:8000; proxy_read_timeout 600; }'),
        speaker(8000, { address: '127.0.0.1' }),
      ],
    },
    target: `https://${NAME}/`,
    truth: { ...impaired('service-unresponsive', 'backend-down'), maxConfidence: 0.97 },
  },
  {
    // As Caddy and others say it while their authority gives them no certificate for a name.
    name: 'a web server never got a certificate for the name and answers "internal error" (alert 80)',
    family: 'seventh-no-certificate-obtained',
    on: world.nat3,
    daemons: {
      server: [speaker(443, { reply: '\u0015\u0003\u0003\u0000\u0002\u0002\u0050', end: 'fin' })],
    },
    resolvers: (at) => [{ mode: 'normal', records: { 'blog.lab.test': { a: [at.server] } } }],
    target: 'https://blog.lab.test/',
    truth: impaired('tls-handshake-failed', 'tls-name-not-served'),
  },
  {
    name: 'a name leads to two web servers in turn, and the second has lost its application (503)',
    family: 'seventh-one-of-two-web-servers',
    on: company3sibling,
    daemons: {
      server: [plainSite()],
      sibling: [apache('ProxyPass / http://127.0.0.1:9/', 80)],
    },
    resolvers: (at) => [{ mode: 'normal', records: { [NAME]: { a: [at.server, at.sibling] } } }],
    target: `http://${NAME}/`,
    truth: (at) => ({
      outcome: ['impaired', 'reachable'],
      causes: ['backend-down', 'address-partly-down', 'http-error'],
      where: [atTarget(at.sibling), null],
    }),
  },
  {
    name: 'the application dies in the middle of each page, and nginx cuts it (2 of 48 kilobytes)',
    family: 'seventh-page-cut-short',
    on: world.home5,
    daemons: {
      server: [
        plainSite('location / { proxy_pass http://127.0.0.1:8000; }'),
        speaker(8000, {
          address: '127.0.0.1',
          reply: `HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 48213\r\n\r\n<html>${'<p>row</p>'.repeat(200)}`,
          end: 'fin',
        }),
      ],
    },
    fault: () => ({ r2: [noTimeExceeded], server: [noEcho(input)] }),
    target: url('http'),
    truth: impaired('service-closes-connection', 'backend-down', 'http-error'),
  },
  {
    name: 'the company opens TLS at its second router, and this machine does not know the authority for it',
    family: 'seventh-company-opens-tls',
    on: world.company3,
    tls: true,
    prepare: () => [
      `exec 2>> certificates.log; openssl req -x509 ${NEW_KEY} -keyout corp.key -out corp.pem -subj '/O=Example Corp/CN=Example Corp Web Gateway CA' -days 900 -addext basicConstraints=critical,CA:TRUE
openssl req -new ${NEW_KEY} -keyout forged.key -out forged.csr -subj '/CN=${NAME}'
${signedBy('corp')} -in forged.csr -extfile server.ext -out forged.pem; cat forged.pem corp.pem > forged-chain.pem`,
    ],
    daemons: { server: [secureSite()] },
    services: () => ({
      r2: ['exec /run/lab/node "$SERVICES/page.js" 3129 "$DIR/forged.key" "$DIR/forged-chain.pem"'],
    }),
    waitFor: { server: [443], r2: [3129] },
    fault: () => ({
      r2: [
        "nft 'add table ip gw; add chain ip gw c { type nat hook prerouting priority dstnat; }; add rule ip gw c iifname west tcp dport 443 redirect to :3129'",
      ],
    }),
    target: `https://${NAME}/`,
    truth: (at) => ({
      outcome: ['impaired', 'reachable'],
      causes: ['middlebox-intercept', 'tls-untrusted'],
      where: [{ kind: 'hop', hop: 2 }, atTarget(at.server)],
    }),
  },
  {
    name: 'stunnel before a web server has "client = yes" left over: TLS inside TLS, and a 400 in the clear',
    family: 'seventh-stunnel-as-client',
    on: world.campus4,
    tls: true,
    daemons: { server: [stunnel(8443, 443, 'client = yes'), secureSite()] },
    target: `https://${NAME}:8443/`,
    truth: impaired('protocol-mismatch'),
  },
  {
    name: 'the name has no rule in the ingress of Kubernetes, which has its fake certificate for such',
    family: 'seventh-ingress-fake-certificate',
    on: world.home5,
    tls: true,
    prepare: () => [
      `openssl req -x509 ${NEW_KEY} -keyout fake.key -out fake.pem -subj '/O=Acme Co/CN=Kubernetes Ingress Controller Fake Certificate' -days 365 -addext subjectAltName=DNS:ingress.local 2> /dev/null`,
    ],
    daemons: {
      server: [
        nginx(
          `${site('443 ssl default_server', `${certificate('fake.pem', 'fake.key')} location / { return 404; }`)} ${site('443 ssl', `server_name ${NAME}; ${certificate()} location / { return 200 ok; }`)}`,
          443,
        ),
      ],
    },
    resolvers: (at) => [
      { mode: 'normal', records: { [NAME]: { a: [at.server] }, 'app.lab.test': { a: [at.server] } } },
    ],
    target: 'https://app.lab.test/',
    truth: impaired('tls-untrusted', 'tls-name-mismatch', 'tls-name-not-served'),
  },
  {
    // "timeout client 30" is thirty milliseconds, and the second flight of a handshake comes after eighty.
    name: 'the timeouts of HAProxy were written without a unit (30 ms), it ends TLS, and the client is 80 ms away',
    family: 'seventh-timeouts-without-a-unit',
    on: world.home3,
    tls: true,
    prepare: () => ['cat chain.pem key.pem > both.pem'],
    daemons: {
      server: [
        haproxy(
          front(443, '', {
            bind: 'ssl crt both.pem',
            lines: [
              'timeout client 30',
              'timeout http-request 30',
              'http-request return status 200 content-type text/plain string ok',
            ],
          }),
          443,
        ),
      ],
    },
    ...relayed(2, { delayMs: 80 }),
    target: `https://${NAME}/`,
    truth: impaired('service-closes-connection', 'tls-handshake-failed', 'http-error'),
  },
  {
    name: 'HAProxy has this client on a list and answers its requests with silence (silent-drop)',
    family: 'seventh-silent-drop',
    on: world.campus4,
    daemons: {
      server: [haproxy(front(80, '', { lines: ['http-request silent-drop if { src 0.0.0.0/0 }'] }), 80)],
    },
    target: url('http'),
    truth: impaired(
      'service-unresponsive',
      'client-banned',
      'service-access-denied',
      'middlebox-drop',
      'service-closes-connection',
    ),
  },
];

export default scenarios.map(served) satisfies Scenario[];
