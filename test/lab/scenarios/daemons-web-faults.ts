/** Web servers, balancers and what stands behind them, with faults. Truths were written before the first run. */
import { NAME } from '../certificates.ts';
import { speaker } from '../daemons/others.ts';
import { impaired, type Served, served, url } from '../daemons/served.ts';
import {
  apache,
  certificate,
  front,
  haproxy,
  nginx,
  plainSite,
  secureSite,
  site,
  stunnel,
} from '../daemons/web.ts';
import type { Scenario } from '../scenario.ts';
import * as world from '../worlds.ts';

const behind = (backend: string) => haproxy(front(80, backend), 80);

const scenarios: Served[] = [
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
    name: 'HAProxy turns this client away before a word',
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
      maxConfidence: 0.97,
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
      server: [
        'exec /run/lab/node "$SERVICES/exam-hold.js" 127.0.0.1 80 3 "GET / HTTP/1.1\\r\\nHost: x\\r\\n" > "$DIR/held.log"',
      ],
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

export default scenarios.map(served) satisfies Scenario[];
