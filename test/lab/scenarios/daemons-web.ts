/** nginx, Apache, HAProxy, Squid and stunnel: well, and with faults of the service itself. Truths were written before the first run. */
import { NAME } from '../certificates.ts';
import { speaker } from '../daemons/others.ts';
import { impaired, type Served, served, WELL, WELL_BUT_SLOW } from '../daemons/served.ts';
import { redis } from '../daemons/stores.ts';
import { apache, certificate, front, haproxy, nginx, site, squid, stunnel } from '../daemons/web.ts';
import { hostPort, type Scenario } from '../scenario.ts';
import * as world from '../worlds.ts';

const secureSite = (inside?: string) =>
  nginx(
    site('443 ssl; listen [::]:443 ssl', `${certificate()} ${inside ?? 'location / { return 200 ok; }'}`),
    443,
  );
const plainSite = (inside?: string) =>
  nginx(site('80; listen [::]:80', inside ?? 'location / { return 200 ok; }'), 80);
const APACHE_TLS = 'SSLCertificateFile chain.pem\nSSLCertificateKeyFile key.pem';
const apacheTls = (inside: string) =>
  apache(`<VirtualHost *:443>\nSSLEngine on\n${APACHE_TLS}\n${inside}\n</VirtualHost>`, 443);
const url =
  (scheme: string, port?: number): Served['target'] =>
  (at) =>
    `${scheme}://${port === undefined ? (at.server.includes(':') ? `[${at.server}]` : at.server) : hostPort(at.server, port)}/`;
const asksPassword = 'location / { return 401; }';
/** 401, 403 and 404 are answers of a service that is well: a finding about the page, never about reachability. */
const PAGE: Served['truth'] = [WELL, { outcome: 'reachable', causes: ['http-error'] }];
const behind = (backend: string, ...more: Parameters<typeof front>[2][]) =>
  haproxy(front(80, backend, ...more), 80);

const healthy: Served[] = [
  {
    name: 'nginx is well',
    family: 'healthy-http',
    on: world.home3,
    daemons: { server: [plainSite()] },
    target: 80,
    truth: WELL,
  },
  {
    name: 'nginx is well',
    family: 'healthy-http',
    on: world.campus4v6,
    daemons: { server: [plainSite()] },
    target: 80,
    truth: WELL,
  },
  {
    name: 'Apache is well',
    family: 'healthy-http',
    on: world.company2,
    daemons: { server: [apache('', 80)] },
    target: url('http'),
    truth: WELL,
  },
  {
    name: 'nginx with TLS is well, by name',
    family: 'healthy-https',
    on: world.home5,
    tls: true,
    daemons: { server: [secureSite()] },
    target: 443,
    truth: WELL,
  },
  {
    name: 'Apache with TLS is well, by name',
    family: 'healthy-https',
    on: world.company3v6,
    tls: true,
    daemons: { server: [apacheTls('')] },
    target: `https://${NAME}`,
    truth: WELL,
  },
  {
    name: 'HAProxy ends TLS and is well, by name',
    family: 'healthy-https',
    on: world.campus4,
    tls: true,
    prepare: () => ['cat chain.pem key.pem > both.pem'],
    daemons: {
      server: [haproxy(front(443, '127.0.0.1:80', { bind: 'ssl crt both.pem' }), 443), plainSite()],
    },
    target: 443,
    truth: WELL,
  },
  {
    name: 'stunnel ends TLS for a web server and is well, by name',
    family: 'healthy-https',
    on: world.home1,
    tls: true,
    daemons: { server: [stunnel(443, 80), plainSite()] },
    target: `https://${NAME}`,
    truth: WELL,
  },
  {
    name: 'a web server with TLS on 8443 is well, by name',
    family: 'healthy-https',
    on: world.campus2v6,
    tls: true,
    daemons: {
      server: [
        nginx(site('[::]:8443 ssl ipv6only=off', `${certificate()} location / { return 200 ok; }`), 8443),
      ],
    },
    target: 8443,
    truth: WELL,
  },
  {
    name: 'nginx asks everybody for a password (401)',
    family: 'healthy-http-status',
    on: world.home1,
    daemons: { server: [plainSite(asksPassword)] },
    target: 80,
    truth: PAGE,
  },
  {
    name: 'Apache forbids its root (403), with TLS',
    family: 'healthy-http-status',
    on: world.company3,
    tls: true,
    daemons: { server: [apacheTls('<Location />\nRequire all denied\n</Location>')] },
    target: `https://${NAME}`,
    truth: PAGE,
  },
  {
    name: 'Apache wants a password (401), with TLS',
    family: 'healthy-http-status',
    on: world.home3v6,
    tls: true,
    daemons: {
      server: [
        apacheTls(
          '<Location />\nAuthType Basic\nAuthName lab\nAuthUserFile /dev/null\nRequire valid-user\n</Location>',
        ),
      ],
    },
    target: 443,
    truth: PAGE,
  },
  {
    name: 'nginx has nothing at its root (404)',
    family: 'healthy-http-status',
    on: world.campus4,
    daemons: { server: [plainSite('location / { return 404; }')] },
    target: url('http'),
    truth: PAGE,
  },
  {
    name: 'nginx redirects to https',
    family: 'healthy-http-status',
    on: world.home3,
    daemons: { server: [plainSite('location / { return 301 https://$host/; }')] },
    target: 80,
    truth: WELL,
  },
  {
    name: 'nginx redirects to a login page',
    family: 'healthy-http-status',
    on: world.company3,
    daemons: {
      server: [plainSite('location = /login { return 200 ok; } location / { return 302 /login; }')],
    },
    target: url('http'),
    truth: WELL,
  },
  {
    name: 'nginx takes client certificates and needs none',
    family: 'healthy-optional-client-certificate',
    on: world.home3,
    tls: true,
    daemons: {
      server: [
        secureSite(
          'ssl_client_certificate root.pem; ssl_verify_client optional; location / { return 200 ok; }',
        ),
      ],
    },
    target: 443,
    truth: WELL,
  },
  {
    name: 'Apache takes client certificates and needs none',
    family: 'healthy-optional-client-certificate',
    on: world.campus4v6,
    tls: true,
    daemons: { server: [apacheTls('SSLCACertificateFile root.pem\nSSLVerifyClient optional')] },
    target: `https://${NAME}`,
    truth: WELL,
  },
  {
    name: 'HAProxy takes client certificates and needs none',
    family: 'healthy-optional-client-certificate',
    on: world.company2,
    tls: true,
    prepare: () => ['cat chain.pem key.pem > both.pem'],
    daemons: {
      server: [
        haproxy(
          front(443, '127.0.0.1:80', { bind: 'ssl crt both.pem ca-file root.pem verify optional' }),
          443,
        ),
        plainSite(),
      ],
    },
    target: 443,
    truth: WELL,
  },
  {
    name: 'HAProxy in front of nginx is well',
    family: 'healthy-behind-balancer',
    on: world.home3,
    daemons: { server: [haproxy(front(8080, '127.0.0.1:80'), 8080), plainSite()] },
    target: 8080,
    truth: WELL,
  },
  {
    name: 'HAProxy in front of Redis is well',
    family: 'healthy-behind-balancer',
    on: world.campus4v6,
    daemons: { server: [haproxy(front(6379, '127.0.0.1:6380', { mode: 'tcp' }), 6379), redis('', 6380)] },
    target: 6379,
    truth: WELL,
  },
  {
    name: 'HAProxy in front of nginx on another host, one of its two servers down',
    family: 'healthy-behind-balancer',
    on: { ...world.company3, sibling: true },
    daemons: (at) => ({
      server: [
        haproxy(
          front(80, `${at.sibling}:80 check inter 200`, {
            lines: ['server two 127.0.0.1:9 check inter 200 fall 1', 'option redispatch'],
          }),
          80,
        ),
      ],
      sibling: [plainSite()],
    }),
    fault: () => ({ server: ['sleep 1'] }),
    target: 80,
    truth: WELL,
  },
  {
    name: 'Squid is well',
    family: 'healthy-proxy',
    on: world.home1,
    daemons: { server: [squid()] },
    target: 3128,
    truth: PAGE,
  },
  {
    name: 'Squid is well',
    family: 'healthy-proxy',
    on: world.company3v6,
    daemons: { server: [squid()] },
    target: 3128,
    truth: PAGE,
  },
  {
    name: 'a web server answers after 3 seconds',
    family: 'slow-answer-http',
    on: world.home1,
    daemons: {
      server: [
        speaker(80, {
          reply: 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok',
          replyDelayMs: 3000,
          end: 'fin',
        }),
      ],
    },
    target: url('http'),
    truth: WELL_BUT_SLOW,
  },
  {
    name: 'a web server answers after 6 seconds',
    family: 'slow-answer-http',
    on: world.campus4v6,
    daemons: {
      server: [
        speaker(80, {
          reply: 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok',
          replyDelayMs: 6000,
          end: 'fin',
        }),
      ],
    },
    target: url('http'),
    truth: [...WELL_BUT_SLOW, { ...impaired('service-slow', 'service-unresponsive'), maxConfidence: 0.5 }],
  },
  // Whoever comes a fourth time within ten seconds is refused: the limit is met by us, not a fault.
  {
    name: 'HAProxy takes three connections of a client in ten seconds (reject)',
    family: 'limit-that-we-may-meet',
    on: world.home3,
    daemons: {
      server: [
        haproxy(
          front(8080, '127.0.0.1:80', {
            lines: [
              'stick-table type ipv6 size 1k expire 10s store conn_rate(10s)',
              'tcp-request connection track-sc0 src',
              'tcp-request connection reject if { sc0_conn_rate gt 3 }',
            ],
          }),
          8080,
        ),
        plainSite(),
      ],
    },
    target: 8080,
    truth: WELL,
  },
  {
    name: 'HAProxy takes three connections of a client in ten seconds (reject)',
    family: 'limit-that-we-may-meet',
    on: world.campus2v6,
    daemons: {
      server: [
        haproxy(
          front(5000, '127.0.0.1:80', {
            mode: 'tcp',
            lines: [
              'stick-table type ipv6 size 1k expire 10s store conn_rate(10s)',
              'tcp-request connection track-sc0 src',
              'tcp-request connection reject if { sc0_conn_rate gt 3 }',
            ],
          }),
          5000,
        ),
        plainSite(),
      ],
    },
    target: 5000,
    truth: WELL,
  },
  {
    name: 'nginx takes one request of a client a second (429)',
    family: 'limit-that-we-may-meet',
    on: world.company3,
    daemons: {
      server: [
        nginx(
          `limit_req_zone $binary_remote_addr zone=z:1m rate=1r/s; limit_req_status 429; ${site('[::]:80 ipv6only=off', 'location / { limit_req zone=z burst=1 nodelay; root /usr/share; }')}`,
          80,
        ),
      ],
    },
    target: 80,
    truth: PAGE,
  },
];

const faults: Served[] = [
  {
    name: 'nginx in front of a dead origin (502)',
    family: 'backend-down-http',
    on: world.home3,
    daemons: { server: [plainSite('location / { proxy_pass http://127.0.0.1:9; }')] },
    target: 80,
    truth: { outcome: ['reachable', 'impaired'], causes: ['backend-down'] },
  },
  {
    name: 'nginx in front of a dead origin (502)',
    family: 'backend-down-http',
    on: world.campus4v6,
    daemons: { server: [plainSite('location / { proxy_pass http://127.0.0.1:9; }')] },
    target: url('http'),
    truth: { outcome: ['reachable', 'impaired'], causes: ['backend-down'] },
  },
  {
    name: 'Apache in front of a dead origin (503)',
    family: 'backend-down-http',
    on: world.company2,
    daemons: { server: [apache('ProxyPass / http://127.0.0.1:9/', 80)] },
    target: 80,
    truth: { outcome: ['reachable', 'impaired'], causes: ['backend-down'] },
  },
  {
    name: 'nginx in front of an origin that never answers (504)',
    family: 'backend-down-http',
    on: world.home1,
    daemons: {
      server: [
        plainSite('proxy_read_timeout 1s; location / { proxy_pass http://127.0.0.1:9000; }'),
        speaker(9000, {}),
      ],
    },
    target: url('http'),
    truth: { outcome: ['reachable', 'impaired'], causes: ['backend-down'] },
  },
  {
    name: 'nginx with TLS in front of a dead origin (502), a bare port',
    family: 'backend-down-tls',
    on: world.company3,
    tls: true,
    daemons: { server: [secureSite('location / { proxy_pass http://127.0.0.1:9; }')] },
    target: 443,
    truth: { outcome: ['reachable', 'impaired'], causes: ['backend-down'] },
  },
  {
    name: 'nginx with TLS in front of a dead origin (502)',
    family: 'backend-down-tls',
    on: world.home3v6,
    tls: true,
    daemons: { server: [secureSite('location / { proxy_pass http://127.0.0.1:9; }')] },
    target: `https://${NAME}`,
    truth: { outcome: ['reachable', 'impaired'], causes: ['backend-down'] },
  },
  {
    name: 'stunnel in front of nothing',
    family: 'backend-down-tls',
    on: world.campus4,
    tls: true,
    daemons: { server: [stunnel(443, 9)] },
    target: `https://${NAME}`,
    truth: impaired('backend-down', 'service-closes-connection'),
  },
  {
    name: 'HAProxy has no server that works (503)',
    family: 'backend-down-balancer',
    on: world.home1,
    daemons: { server: [behind('127.0.0.1:9 check inter 200 fall 1')] },
    fault: () => ({ server: ['sleep 1'] }),
    target: 80,
    truth: { outcome: ['reachable', 'impaired'], causes: ['backend-down'] },
  },
  {
    name: 'HAProxy has no server that works (503)',
    family: 'backend-down-balancer',
    on: world.company3v6,
    daemons: { server: [behind('127.0.0.1:9 check inter 200 fall 1')] },
    fault: () => ({ server: ['sleep 1'] }),
    target: 80,
    truth: { outcome: ['reachable', 'impaired'], causes: ['backend-down'] },
  },
  // Accepted and cut before a word: a balancer without a server, or the service itself. Both are said, neither is sure.
  {
    name: 'HAProxy has no server for Redis and cuts',
    family: 'backend-down-balancer',
    on: world.campus4,
    daemons: { server: [haproxy(front(6379, '127.0.0.1:9', { mode: 'tcp' }), 6379)] },
    target: 6379,
    truth: { ...impaired('backend-down', 'service-closes-connection'), maxConfidence: 0.95 },
  },
  {
    name: 'HAProxy has no server for PostgreSQL and cuts',
    family: 'backend-down-balancer',
    on: world.home3v6,
    daemons: { server: [haproxy(front(5432, '127.0.0.1:9', { mode: 'tcp' }), 5432)] },
    target: 5432,
    truth: { ...impaired('backend-down', 'service-closes-connection'), maxConfidence: 0.95 },
  },
  {
    name: 'nginx expects the PROXY protocol',
    family: 'proxy-protocol',
    on: world.home3,
    daemons: {
      server: [nginx(site('[::]:80 proxy_protocol ipv6only=off', 'location / { return 200 ok; }'), 80)],
    },
    target: 80,
    truth: impaired('proxy-protocol-expected'),
  },
  {
    name: 'nginx expects the PROXY protocol, with TLS',
    family: 'proxy-protocol',
    on: world.campus2v6,
    tls: true,
    daemons: {
      server: [
        nginx(
          site('[::]:443 ssl proxy_protocol ipv6only=off', `${certificate()} location / { return 200 ok; }`),
          443,
        ),
      ],
    },
    target: 443,
    truth: impaired('proxy-protocol-expected'),
  },
  {
    name: 'HAProxy expects the PROXY protocol',
    family: 'proxy-protocol',
    on: world.company3,
    daemons: {
      server: [
        haproxy(front(80, '127.0.0.1:8080', { bind: 'accept-proxy' }), 80),
        nginx(site('8080', 'location / { return 200 ok; }'), 8080),
      ],
    },
    target: 80,
    truth: impaired('proxy-protocol-expected'),
  },
  {
    name: 'nginx redirects to itself',
    family: 'redirect-loop',
    on: world.home1,
    daemons: { server: [plainSite('location / { return 301 http://$http_host$request_uri; }')] },
    target: url('http'),
    truth: { outcome: ['reachable', 'impaired'], causes: ['http-redirect-loop'] },
  },
  {
    name: 'nginx redirects to itself',
    family: 'redirect-loop',
    on: world.company3v6,
    daemons: { server: [plainSite('location / { return 302 /; }')] },
    target: 80,
    truth: { outcome: ['reachable', 'impaired'], causes: ['http-redirect-loop'] },
  },
  {
    name: 'nginx redirects http to https and https to http',
    family: 'redirect-loop',
    on: world.campus4,
    tls: true,
    daemons: {
      server: [
        nginx(
          `server { listen 80; location / { return 301 https://$host/; } } server { listen 443 ssl; ${certificate()} location / { return 301 http://$host/; } }`,
          80,
          443,
        ),
      ],
    },
    target: `http://${NAME}`,
    truth: { outcome: ['reachable', 'impaired'], causes: ['http-redirect-loop'] },
  },
  {
    name: 'HAProxy has as many connections as it takes, and queues',
    family: 'balancer-full',
    on: world.home3,
    daemons: {
      server: [
        haproxy(`${front(80, '127.0.0.1:8080')}\n  maxconn 1`, 80),
        nginx(site('8080', 'location / { return 200 ok; }'), 8080),
      ],
    },
    services: () => ({
      server: ['exec /run/lab/node "$SERVICES/exam-hold.js" 127.0.0.1 80 1 > "$DIR/held.log"'],
    }),
    fault: () => ({ server: ['sleep 1'] }),
    target: url('http'),
    truth: {
      ...impaired('service-unresponsive', 'service-overloaded', 'service-limit-reached'),
      maxConfidence: 0.95,
    },
  },
  {
    name: 'HAProxy lets no more of this client in (429)',
    family: 'balancer-full',
    on: world.campus4v6,
    daemons: {
      server: [
        haproxy(front(80, '127.0.0.1:8080', { lines: ['http-request deny deny_status 429'] }), 80),
        nginx(site('8080', 'location / { return 200 ok; }'), 8080),
      ],
    },
    target: 80,
    truth: {
      outcome: ['reachable', 'impaired'],
      causes: ['service-limit-reached', 'http-error', 'rate-limited'],
    },
  },
  {
    name: 'HAProxy lets this client not in (403)',
    family: 'balancer-denies',
    on: world.company3,
    daemons: {
      server: [
        haproxy(front(80, '127.0.0.1:8080', { lines: ['tcp-request connection reject'] }), 80),
        nginx(site('8080', 'location / { return 200 ok; }'), 8080),
      ],
    },
    target: 80,
    truth: {
      ...impaired('service-access-denied', 'service-closes-connection', 'backend-down'),
      maxConfidence: 0.95,
    },
  },
  {
    name: 'Apache has no worker free',
    family: 'daemon-hangs',
    on: world.home1,
    daemons: {
      server: [apache('ServerLimit 1\nThreadsPerChild 1\nMaxRequestWorkers 1\nTimeout 600', 80)],
    },
    services: () => ({
      server: ['exec /run/lab/node "$SERVICES/exam-hold.js" 127.0.0.1 80 3 > "$DIR/held.log"'],
    }),
    fault: () => ({ server: ['sleep 1'] }),
    target: url('http'),
    truth: {
      ...impaired('service-unresponsive', 'service-overloaded', 'service-limit-reached'),
      maxConfidence: 0.95,
    },
  },
  {
    name: 'nginx without a page and without a word (444)',
    family: 'web-closes',
    on: world.company2,
    daemons: { server: [plainSite('location / { return 444; }')] },
    target: url('http'),
    truth: impaired('service-closes-connection'),
  },
  {
    name: 'nginx with TLS without a page and without a word (444), a bare port',
    family: 'web-closes',
    on: world.home3v6,
    tls: true,
    daemons: { server: [secureSite('location / { return 444; }')] },
    target: 443,
    truth: impaired('service-closes-connection', 'backend-down'),
  },
  {
    name: 'nginx serves plain HTTP on the port of https',
    family: 'other-daemon-answers',
    on: world.campus4,
    daemons: { server: [nginx(site('443', 'location / { return 200 ok; }'), 443)] },
    target: url('https'),
    truth: impaired('protocol-mismatch'),
  },
  {
    name: 'nginx speaks TLS on the port of http',
    family: 'other-daemon-answers',
    on: world.company3v6,
    tls: true,
    daemons: { server: [nginx(site('[::]:80 ssl', `${certificate()} location / { return 200 ok; }`), 80)] },
    target: `http://${NAME}`,
    truth: { outcome: ['reachable', 'impaired'], causes: ['protocol-mismatch'] },
  },
];

export default [...healthy, ...faults].map(served) satisfies Scenario[];
