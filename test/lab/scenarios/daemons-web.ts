/** nginx, Apache, HAProxy, Squid and stunnel are well. Truths were written before the first run. */
import { NAME } from '../certificates.ts';
import { speaker } from '../daemons/others.ts';
import { impaired, PAGE, type Served, served, url, WELL, WELL_BUT_SLOW } from '../daemons/served.ts';
import { redis } from '../daemons/stores.ts';
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
import type { Scenario } from '../scenario.ts';
import * as world from '../worlds.ts';

const asksPassword = 'location / { return 401; }';

const scenarios: Served[] = [
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

export default scenarios.map(served) satisfies Scenario[];
