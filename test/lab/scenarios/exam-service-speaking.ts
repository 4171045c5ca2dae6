/** Examination: hosts that listen otherwise, and services that say something else. Truths were written before the first run. */
import { certificates, NAME, named } from '../certificates.ts';
import {
  after,
  atTarget,
  forward,
  hostPort,
  input,
  RESET_BY_HOST_LIMIT,
  type Scenario,
  type Truth,
} from '../scenario.ts';
import * as world from '../worlds.ts';
import { inWords } from '../worlds.ts';

const well: Truth = { outcome: 'reachable', causes: [] };
const impaired = (...causes: string[]): Truth => ({ outcome: 'impaired', causes });
const none = () => ({});

/** A server of one program; the truth is at the target where there is one. */
const serves = (
  name: string,
  kind: string,
  port: number,
  server: string,
  truth: Truth | Truth[],
  more: Partial<Scenario> = {},
): Scenario => ({
  name,
  family: `exam-service-${kind}`,
  topology: world.home1,
  listen: [],
  services: () => ({ server: [server] }),
  waitFor: { server: [port] },
  fault: none,
  target: (at) => hostPort(at.server, port),
  truth: (at) =>
    [truth].flat().map((one) => (one.causes.length > 0 ? { where: [atTarget(at.server)], ...one } : one)),
  ...more,
});
const says = (port: number, manners: Record<string, unknown>): string =>
  `exec /run/lab/node "$SERVICES/exam-speaker.js" ${port} '${JSON.stringify(manners)}'`;

// ---------------------------------------------------------------- how the host listens

const listening: Scenario[] = [
  {
    name: 'the service listens on another address of the host (company, three routers)',
    family: 'exam-host-listening',
    topology: world.company3,
    listen: [22],
    services: () => ({
      server: [`ip addr add 10.77.3.90/24 dev eth0; ${says(8080, { address: '10.77.3.90', reply: 'x' })}`],
    }),
    waitFor: { server: [8080] },
    fault: none,
    target: (at) => hostPort(at.server, 8080),
    truth: (at) => ({
      outcome: 'unreachable',
      causes: ['port-closed'],
      where: [atTarget(at.server)],
      maxConfidence: RESET_BY_HOST_LIMIT,
    }),
  },
  {
    name: 'the service listens on IPv6 only and the name has both (campus, three routers)',
    family: 'exam-host-listening',
    topology: { routers: 3, plan: 'campus', families: 'both' },
    listen: [22],
    resolvers: (at) => [{ mode: 'normal', records: { [NAME]: { a: [at.server4], aaaa: [at.server6] } } }],
    services: () => ({ server: [says(4000, { v6only: true })] }),
    waitFor: { server: [4000] },
    fault: none,
    target: () => `${NAME}:4000`,
    truth: () => impaired('address-family-broken'),
  },
  {
    name: 'the host resets the port and is silent on every other one (home, five routers)',
    family: 'exam-host-listening',
    topology: world.home5,
    fault: () => ({
      server: [
        "nft 'add table inet f; add chain inet f c { type filter hook input priority 0; }; add rule inet f c tcp dport 8080 reject with tcp reset; add rule inet f c meta l4proto { tcp, udp } drop'",
      ],
    }),
    target: (at) => hostPort(at.server, 8080),
    truth: (at) => ({
      outcome: 'unreachable',
      causes: ['port-closed', 'host-firewall-reject'],
      where: [atTarget(at.server)],
      maxConfidence: RESET_BY_HOST_LIMIT,
    }),
  },
  {
    name: 'the host has banned this client: ICMP to every port, ping too (campus, four routers)',
    family: 'exam-host-ban',
    topology: world.campus4,
    fault: (at) => ({ server: [input(`ip saddr ${at.client} reject with icmp port-unreachable`)] }),
    target: (at) => hostPort(at.server, 22),
    truth: (at) => ({
      outcome: 'unreachable',
      causes: ['host-firewall-reject'],
      where: [atTarget(at.server)],
    }),
  },
  {
    name: 'the host rejects a client after three connections, as fail2ban does (home, three routers, IPv6)',
    family: 'exam-host-ban',
    topology: world.home3v6,
    fault: () => ({
      server: [
        input(
          'tcp dport 22 ct state new limit rate over 3/hour burst 3 packets reject with icmpv6 port-unreachable',
        ),
      ],
    }),
    target: (at) => hostPort(at.server, 22),
    flags: () => ['--answer', 'symptom=intermittent'],
    truth: () => [
      well,
      { outcome: 'impaired', causes: ['rate-limited', 'host-firewall-reject'], maxConfidence: 0.95 },
      { outcome: 'unreachable', causes: ['rate-limited', 'host-firewall-reject'], maxConfidence: 0.95 },
    ],
  },
];

const hanging = (on = world.home1): Scenario[] => [
  {
    name: `the SSH server is stopped (SIGSTOP), the kernel still accepts (${inWords(on)})`,
    family: 'exam-service-hangs',
    topology: on,
    listen: [],
    prepare: () => ['mkdir -p /run/sshd; ssh-keygen -q -t ed25519 -N "" -f host.key'],
    services: () => ({
      server: [
        'exec /usr/sbin/sshd -D -e -f /dev/null -p 22 -o UsePAM=no -o HostKey="$DIR/host.key" -o PidFile="$DIR/sshd.pid"',
      ],
    }),
    waitFor: { server: [22] },
    fault: () => ({
      server: ['while [ ! -s "$DIR/sshd.pid" ]; do sleep 0.05; done; kill -STOP $(cat "$DIR/sshd.pid")'],
    }),
    target: (at) => hostPort(at.server, 22),
    truth: (at) => ({ ...impaired('service-unresponsive'), where: [atTarget(at.server)] }),
  },
  serves(
    `the web server has no descriptor left to accept with (${inWords(on)})`,
    'hangs',
    8080,
    'ulimit -n 24; exec python3 -c "import socket,os,time\ns=socket.socket(socket.AF_INET6);s.setsockopt(socket.IPPROTO_IPV6,socket.IPV6_V6ONLY,0);s.bind((\'::\',8080));s.listen(50)\nf=[]\ntry:\n  while True: f.append(os.dup(0))\nexcept OSError: pass\nwhile True:\n  try: s.accept()\n  except OSError: time.sleep(0.2)"',
    // Written with the first line alone. Without a scheme only the number 8080 suggests HTTP, and many services wait for
    // words of their own: then silence is no fault, and the report says what was tried.
    [impaired('service-unresponsive'), { outcome: 'reachable', causes: [] }],
    { topology: on },
  ),
];

// ---------------------------------------------------------------- who ends it, and in which words

const ends: Scenario[] = [
  serves(
    'a load balancer without a backend resets at once (PostgreSQL)',
    'ends',
    5432,
    says(5432, { end: 'reset' }),
    impaired('service-closes-connection'),
    { topology: world.campus4v6 },
  ),
  serves(
    'a load balancer closes TLS after the ClientHello (https)',
    'ends',
    443,
    says(443, { reply: '', end: 'fin' }),
    impaired('service-closes-connection'),
    { topology: world.company2 },
  ),
  serves(
    'the web server dies of the first request (home, three routers)',
    'ends',
    8080,
    says(8080, { dies: true }),
    impaired('service-closes-connection', 'port-closed'),
    { topology: world.home3 },
  ),
  serves(
    'MySQL does not allow this host',
    'ends',
    3306,
    says(3306, {
      greeting:
        '\u0045\u0000\u0000\u0000\u00ff\u006a\u0004Host \u0027192.168.178.50\u0027 is not allowed to connect to this MySQL server'.replaceAll(
          "'",
          ' ',
        ),
      end: 'fin',
    }),
    impaired('service-access-denied'),
  ),
  serves(
    'the mail server greets with 554',
    'ends',
    25,
    says(25, { greeting: '554 mx.example.com ESMTP not accepting mail from your network\r\n', end: 'fin' }),
    impaired('service-access-denied'),
    { topology: world.home3v6 },
  ),
  serves(
    'FTP has too many users (421)',
    'ends',
    21,
    says(21, { greeting: '421 Too many connections (8) from this IP\r\n', end: 'fin' }),
    impaired('service-limit-reached'),
  ),
  serves(
    'IMAP says BYE',
    'ends',
    143,
    says(143, { greeting: '* BYE Maximum number of connections from user+IP exceeded\r\n', end: 'fin' }),
    impaired('service-limit-reached', 'service-closes-connection'),
    { topology: world.campus4 },
  ),
  {
    name: 'sshd has MaxStartups connections already (home, one router)',
    family: 'exam-service-ends',
    topology: world.home1,
    listen: [],
    prepare: () => ['mkdir -p /run/sshd; ssh-keygen -q -t ed25519 -N "" -f host.key'],
    services: () => ({
      server: [
        'exec /usr/sbin/sshd -D -e -f /dev/null -p 22 -o UsePAM=no -o HostKey="$DIR/host.key" -o MaxStartups=1:100:1 -o LoginGraceTime=120',
        `sleep 1; exec /run/lab/node -e "for (let i = 0; i < 3; i++) require('node:net').connect(22, '127.0.0.1'); setInterval(() => {}, 1000)"`,
      ],
    }),
    waitFor: { server: [22] },
    fault: () => ({ server: ['sleep 2'] }),
    target: (at) => hostPort(at.server, 22),
    truth: (at) => ({ ...impaired('service-limit-reached'), where: [atTarget(at.server)] }),
  },
];

// ---------------------------------------------------------------- slow, and well

const slowOrSilent: Truth[] = [
  well,
  // The second edition of the catalogue has a remark for it.
  { outcome: ['reachable', 'impaired'], causes: ['service-slow'] },
  // Nothing for some seconds: whether anything comes later cannot be known then.
  // Written with a limit of 0.85, when the title said that it says nothing. It now says within how many seconds, which is
  // true of slow and hung alike.
  { outcome: 'impaired', causes: ['service-unresponsive'], maxConfidence: 0.95 },
];
const slow: Scenario[] = [
  serves(
    'well, and the SSH banner takes 1.5 seconds',
    'slow',
    22,
    says(22, { greeting: 'SSH-2.0-OpenSSH_9.6\r\n', delayMs: 1500 }),
    well,
    { topology: world.company3v6 },
  ),
  serves(
    'the SSH banner takes eight seconds (reverse lookup)',
    'slow',
    22,
    says(22, { greeting: 'SSH-2.0-OpenSSH_9.6\r\n', delayMs: 8000 }),
    slowOrSilent,
  ),
  serves(
    'the mail server greets after five seconds (postscreen)',
    'slow',
    25,
    says(25, {
      greeting: '220 mx.example.com ESMTP Postfix\r\n',
      delayMs: 5000,
      reply: '250 mx.example.com\r\n',
    }),
    slowOrSilent,
    { topology: world.company2 },
  ),
  serves(
    'the web server thinks for four seconds',
    'slow',
    8080,
    says(8080, {
      reply: 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok',
      replyDelayMs: 4000,
      end: 'fin',
    }),
    slowOrSilent,
    { topology: world.home3 },
  ),
];

const web = (status: string, more = '') =>
  says(8080, { reply: `HTTP/1.1 ${status}\r\n${more}Connection: close\r\n\r\n`, end: 'fin' });
const http: Scenario[] = [
  serves('well, HTTP 204', 'http', 8080, web('204 No Content'), well, { topology: world.campus2v6 }),
  serves('well, HTTP 404 to the root', 'http', 8080, web('404 Not Found', 'Content-Length: 0\r\n'), well),
  serves(
    'well, a redirect to TLS elsewhere',
    'http',
    8080,
    web('301 Moved Permanently', 'Location: https://www.example.com/\r\nContent-Length: 0\r\n'),
    well,
  ),
  serves(
    'HTTP 503 with Retry-After',
    'http',
    8080,
    web('503 Service Unavailable', 'Retry-After: 120\r\nContent-Length: 0\r\n'),
    { outcome: 'reachable', causes: ['http-error', 'backend-down', 'service-limit-reached'] },
    { topology: world.campus4 },
  ),
  serves(
    'HTTP 407: the port is a proxy that wants a password',
    'http',
    8080,
    web('407 Proxy Authentication Required', 'Proxy-Authenticate: Basic realm="p"\r\nContent-Length: 0\r\n'),
    { outcome: ['reachable', 'impaired'], causes: ['http-error'] },
  ),
];

/** The scheme says that it is a web server. */
const named8080: Partial<Scenario> = { target: (at) => `http://${hostPort(at.server, 8080)}/` };
const OK = 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok';
const namedWeb: Scenario[] = [
  serves(
    'the web server that was named dies of the first request',
    'named-web',
    8080,
    says(8080, { dies: true }),
    impaired('service-closes-connection', 'port-closed'),
    { ...named8080, topology: world.company3v6 },
  ),
  serves(
    'the web server that was named never answers',
    'named-web',
    8080,
    says(8080, { replies: {} }),
    impaired('service-unresponsive'),
    { ...named8080, topology: world.campus4 },
  ),
  serves(
    'the web server that was named thinks for four seconds',
    'named-web',
    8080,
    says(8080, { reply: OK, replyDelayMs: 4000, end: 'fin' }),
    slowOrSilent,
    { ...named8080, topology: world.home3 },
  ),
  serves(
    'well, a web server that answers GET and not HEAD',
    'named-web',
    8080,
    says(8080, { replies: { '^GET ': OK }, end: 'fin' }),
    well,
    { ...named8080, topology: world.company2 },
  ),
  serves(
    'well, a web server that closes at HEAD and answers GET',
    'named-web',
    8080,
    says(8080, { replies: { '^GET ': OK }, reply: '', end: 'fin' }),
    well,
    named8080,
  ),
  serves(
    'well, a web server that answers 405 to HEAD and 400 to the rest',
    'named-web',
    8080,
    says(8080, {
      replies: {
        '^HEAD ': 'HTTP/1.1 405 Method Not Allowed\r\nContent-Length: 0\r\nConnection: close\r\n\r\n',
      },
      reply: 'HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\nConnection: close\r\n\r\n',
      end: 'fin',
    }),
    well,
    named8080,
  ),
];
const redis = (options: string): string =>
  `cd "$DIR"; exec redis-server --port 6379 --save "" --bind 0.0.0.0 --protected-mode no ${options}`;
const stores: Scenario[] = [
  serves('well, Redis wants a password', 'stores', 6379, redis('--requirepass secret'), well),
  serves(
    'Redis has as many clients as it may',
    'stores',
    6379,
    says(6379, { greeting: '-ERR max number of clients reached\r\n', end: 'fin' }),
    impaired('service-limit-reached'),
    { topology: world.home3v6 },
  ),
  serves(
    'well, MySQL greets',
    'stores',
    3306,
    says(3306, {
      greeting:
        '\u004a\u0000\u0000\u0000\u000a8.0.36\u0000\u0008\u0000\u0000\u0000abcdefgh\u0000\u00ff\u00f7\u0008\u0002\u0000\u00ff\u00df\u0015\u0000\u0000\u0000\u0000\u0000\u0000\u0000\u0000\u0000\u0000abcdefghijkl\u0000mysql_native_password\u0000',
    }),
    well,
    { topology: world.campus2v6 },
  ),
];

const unlike: Scenario[] = [
  serves(
    'PostgreSQL expected, Redis answers',
    'unlike',
    6379,
    'cd "$DIR"; exec redis-server --port 6379 --save "" --bind 0.0.0.0 --protected-mode no',
    impaired('protocol-mismatch'),
    { target: (at) => `postgresql://${hostPort(at.server, 6379)}` },
  ),
  serves(
    'Redis expected, a web server answers',
    'unlike',
    6379,
    says(6379, {
      reply: 'HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n',
      end: 'fin',
    }),
    impaired('protocol-mismatch'),
    { topology: world.home3v6 },
  ),
  serves(
    'a web server expected, Redis answers',
    'unlike',
    8080,
    'cd "$DIR"; exec redis-server --port 8080 --save "" --bind 0.0.0.0 --protected-mode no',
    impaired('protocol-mismatch', 'service-closes-connection'),
    { target: (at) => `http://${hostPort(at.server, 8080)}` },
  ),
  serves(
    'SSH expected, VNC answers',
    'unlike',
    22,
    says(22, { greeting: 'RFB 003.008\n' }),
    impaired('protocol-mismatch'),
    { topology: world.campus4v6 },
  ),
  serves(
    'MySQL expected, SSH answers',
    'unlike',
    3306,
    says(3306, { greeting: 'SSH-2.0-OpenSSH_9.6\r\n' }),
    impaired('protocol-mismatch'),
  ),
  serves(
    'well, IMAP on an unusual port',
    'unlike',
    1143,
    says(1143, { greeting: '* OK [CAPABILITY IMAP4rev1] ready\r\n', reply: 'a1 OK done\r\n' }),
    well,
    { target: (at) => `imap://${hostPort(at.server, 1143)}` },
  ),
  serves('well, RDP waits for its client', 'unlike', 3389, says(3389, {}), [
    well,
    // Where RDP's first message is sent and nothing comes back.
    impaired('service-unresponsive'),
  ]),
  serves(
    'sshd has old ciphers only',
    'unlike',
    22,
    'exec /usr/sbin/sshd -D -e -f /dev/null -p 22 -o UsePAM=no -o HostKey="$DIR/host.key" -o Ciphers=3des-cbc',
    impaired('ssh-no-common-algorithm'),
    {
      topology: world.company3,
      prepare: () => ['mkdir -p /run/sshd; ssh-keygen -q -t ed25519 -N "" -f host.key'],
    },
  ),
];

// ---------------------------------------------------------------- TLS

const secure = (
  name: string,
  truth: Truth | Truth[],
  more: Partial<Scenario> & { server?: string; certificate?: Parameters<typeof certificates>[0] } = {},
): Scenario => {
  const { server, certificate, ...rest } = more;
  return serves(
    name,
    'tls',
    443,
    server ??
      'cd "$DIR"; exec openssl s_server -accept 443 -cert chain.pem -cert_chain chain.pem -key key.pem -www -quiet',
    truth,
    {
      prepare: () => certificates(certificate),
      resolvers: (at) => [named(at)],
      target: () => `https://${NAME}`,
      flags: () => ['--ca', 'root.pem'],
      ...rest,
    },
  );
};
const openssl = (more: string): string =>
  `cd "$DIR"; exec openssl s_server -accept 443 -cert chain.pem -cert_chain chain.pem -key key.pem ${more} -www -quiet`;
const NGINX =
  'daemon off; pid nginx.pid; error_log stderr; user root; events {} http { access_log off; client_body_temp_path .; proxy_temp_path .; fastcgi_temp_path .; uwsgi_temp_path .; scgi_temp_path .;';

const tls: Scenario[] = [
  secure(
    'the certificate has expired and is for another name',
    [
      {
        outcome: 'impaired',
        causes: ['tls-certificate-expired', 'tls-name-mismatch'],
        alsoFinds: ['tls-certificate-expired', 'tls-name-mismatch'],
      },
    ],
    { certificate: { name: 'old.lab.test', from: -400, to: -35 } },
  ),
  secure('an address was typed, the certificate is for the name', impaired('tls-name-mismatch'), {
    target: (at) => `https://${hostPort(at.server, 443)}`,
    topology: world.home3v6,
  }),
  secure('well, an address was typed and the name is given by --sni', well, {
    target: (at) => `https://${hostPort(at.server, 443)}`,
    flags: () => ['--ca', 'root.pem', '--sni', NAME],
  }),
  secure('well, a wildcard certificate', well, { certificate: { name: '*.lab.test' } }),
  secure('a wildcard certificate, one label too few', impaired('tls-name-mismatch'), {
    certificate: { name: '*.www.lab.test' },
    topology: world.campus4,
  }),
  secure('well, TLS 1.3 only', well, { server: openssl('-tls1_3'), topology: world.company3v6 }),
  secure('well, one cipher of TLS 1.2 only', well, {
    server: openssl('-tls1_2 -cipher ECDHE-ECDSA-CHACHA20-POLY1305'),
  }),
  secure('TLS 1.1 only', impaired('tls-version'), {
    server: openssl('-tls1_1 -cipher ALL:@SECLEVEL=0'),
    topology: world.home3,
  }),
  secure(
    "the intermediate certificate has expired, not the server's own",
    impaired('tls-certificate-expired', 'tls-untrusted'),
    {
      prepare: () =>
        certificates().map((line) =>
          // Only the intermediate is signed with these two dates.
          line.replace('-100 days', '-300 days').replace('1000 days', '-20 days'),
        ),
    },
  ),
  secure('well, another name on the same host has a bad certificate', well, {
    prepare: () => [
      ...certificates(),
      `printf '%s' '${NGINX} server { listen 443 ssl default_server; ssl_certificate self.pem; ssl_certificate_key self.key; location / { return 500; } } server { listen 443 ssl; server_name ${NAME}; ssl_certificate chain.pem; ssl_certificate_key key.pem; location / { return 200 ok; } } }' > nginx.conf`,
    ],
    server: 'cd "$DIR"; exec nginx -p "$DIR/" -c nginx.conf',
  }),
  secure('well, a client certificate is asked for and not needed', well, {
    prepare: () => [
      ...certificates(),
      `printf '%s' '${NGINX} server { listen 443 ssl; ssl_certificate chain.pem; ssl_certificate_key key.pem; ssl_client_certificate root.pem; ssl_verify_client optional; location / { return 200 ok; } } }' > nginx.conf`,
    ],
    server: 'cd "$DIR"; exec nginx -p "$DIR/" -c nginx.conf',
  }),
  secure('well, a server of HTTP/2 alone', [well, { outcome: 'reachable', causes: ['http-error'] }], {
    server:
      "cd \"$DIR\"; exec /run/lab/node -e \"const f=require('node:fs'); require('node:http2').createSecureServer({key:f.readFileSync('key.pem'),cert:f.readFileSync('chain.pem'),allowHTTP1:false},(q,s)=>s.end('ok')).listen(443,'::')\"",
    topology: world.home3,
  }),
  // Every handshake, whatever name it asks for (a first version was slow only where a name was sent: that is a filter's sign).
  secure('the TLS server takes four seconds for a handshake', slowOrSilent, {
    server: 'cd "$DIR"; exec /run/lab/node "$SERVICES/exam-sni.js" 443 - slow key.pem chain.pem',
    topology: world.company3,
  }),
  secure('IMAP over TLS expected, plain IMAP answers', impaired('protocol-mismatch'), {
    server: says(993, {
      greeting: '* OK IMAP4rev1 ready\r\n',
      replies: { '^a1 ': 'a1 OK\r\n' },
      reply: '* BAD\r\n',
    }),
    waitFor: { server: [993] },
    target: () => `imaps://${NAME}`,
  }),
];

/**
 * A proxy on the host picks its server by the name in the ClientHello, and the one of this name is gone. The request was
 * acknowledged, the reset comes from the host's own distance: nothing on the way took it.
 */
const byServerName: Scenario[] = [
  { mode: 'stall', on: world.home3, causes: ['service-unresponsive'] },
  { mode: 'stall', on: world.campus4v6, causes: ['service-unresponsive'] },
  // Corrected after the first run: a reset from the host's distance may also be made by a filter in the last router.
  {
    mode: 'reset',
    on: world.company3,
    causes: ['service-closes-connection', 'tls-handshake-failed', 'middlebox-reset'],
  },
  { mode: 'fin', on: world.home3v6, causes: ['service-closes-connection', 'tls-handshake-failed'] },
].map(({ mode, on, causes }) =>
  secure(
    `a proxy has no server for this name and other names work: ${mode} (${inWords(on)})`,
    mode === 'reset'
      ? {
          ...impaired(...causes),
          maxConfidence: 0.75,
          where: [{ kind: 'target' }, { kind: 'between', hop: 3 }],
        }
      : impaired(...causes),
    {
      family: 'exam-service-by-name',
      topology: on,
      server: `cd "$DIR"; exec /run/lab/node "$SERVICES/exam-sni.js" 443 ${NAME} ${mode} key.pem chain.pem`,
    },
  ),
);

// ---------------------------------------------------------------- two at once, and proxies

/** Two addresses that both accept, and only one of them is well: each must be spoken to. */
const oneOfTwo: Scenario[] = [
  secure(
    'the second of two addresses has an expired certificate (company, three routers)',
    impaired('tls-certificate-expired'),
    {
      family: 'exam-service-one-of-two',
      topology: { ...world.company3, sibling: true },
      prepare: () => [
        ...certificates({ from: -90, to: -3 }),
        'mkdir old; cp chain.pem key.pem old/; rm -f index.txt* serial*',
        ...certificates(),
        'openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout x.key -out x.pem -subj /CN=unused -days 1 2> /dev/null',
      ],
      services: () => ({
        server: [openssl('')],
        sibling: [
          'cd "$DIR/old"; exec openssl s_server -accept 443 -cert chain.pem -cert_chain chain.pem -key key.pem -www -quiet',
        ],
      }),
      waitFor: { server: [443], sibling: [443] },
      resolvers: (at) => [{ mode: 'normal', records: { [NAME]: { a: [at.server, at.sibling] } } }],
      truth: (at) => ({
        ...impaired('tls-certificate-expired', 'tls-untrusted'),
        where: [atTarget(at.sibling)],
      }),
    },
  ),
  {
    name: 'the second of two addresses accepts and says nothing to SSH (home, three routers, IPv6)',
    family: 'exam-service-one-of-two',
    topology: { ...world.home3v6, sibling: true },
    listen: [22],
    resolvers: (at) => [{ mode: 'normal', records: { [NAME]: { aaaa: [at.server6, at.sibling6] } } }],
    services: () => ({ sibling: [says(22, {})] }),
    waitFor: { sibling: [22] },
    fault: none,
    target: () => `${NAME}:22`,
    truth: () => impaired('service-unresponsive', 'address-partly-down'),
  },
];

const compound: Scenario[] = [
  secure(
    'the certificate has expired and one of two addresses is off (company, three routers)',
    {
      outcome: 'impaired',
      causes: ['tls-certificate-expired', 'address-partly-down'],
      alsoFinds: ['tls-certificate-expired', 'address-partly-down'],
      where: [null, { kind: 'target' }, { kind: 'between' }],
    },
    {
      family: 'exam-compound',
      topology: world.company3,
      certificate: { from: -90, to: -3 },
      resolvers: (at) => [{ mode: 'normal', records: { [NAME]: { a: [at.server, at.unusedThere] } } }],
    },
  ),
  secure(
    'the hosts file names a host with a self-signed certificate (campus, four routers)',
    {
      outcome: 'impaired',
      causes: ['dns-hosts-override', 'tls-untrusted'],
      alsoFinds: ['dns-hosts-override', 'tls-untrusted'],
      where: [{ kind: 'this-machine' }, { kind: 'target' }],
    },
    {
      family: 'exam-compound',
      topology: { ...world.campus4, sibling: true },
      listen: [443],
      services: () => ({
        sibling: ['cd "$DIR"; exec openssl s_server -accept 443 -cert self.pem -key self.key -www -quiet'],
      }),
      waitFor: { sibling: [443] },
      hostsFile: (at) => [`${at.sibling} ${NAME}`],
    },
  ),
  {
    name: 'a proxy is set in the environment, and router 1 lets nobody out to the port (home, three routers)',
    family: 'exam-proxy',
    topology: { ...world.home3, neighbour: true },
    listen: [22, 8080],
    listenOn: { neighbour: [3128] },
    env: (at) => ({ http_proxy: `http://${at.neighbour}:3128`, https_proxy: `http://${at.neighbour}:3128` }),
    fault: () => ({ r1: [forward('tcp dport 8080 drop')] }),
    target: (at) => `http://${hostPort(at.server, 8080)}/`,
    truth: (at) => ({ outcome: 'unreachable', causes: ['network-firewall-drop'], where: [after(at, 1)] }),
  },
  {
    name: 'well, and the proxy of the environment is dead (home, three routers)',
    family: 'exam-proxy',
    topology: world.home3,
    env: (at) => ({ http_proxy: `http://${at.unusedHere}:3128`, NO_PROXY: 'localhost,.example.com' }),
    fault: none,
    target: (at) => `http://${hostPort(at.server, 8080)}/`,
    truth: () => well,
  },
];

export default [
  ...listening,
  ...hanging(world.campus4v6),
  ...ends,
  ...slow,
  ...http,
  ...namedWeb,
  ...stores,
  ...unlike,
  ...tls,
  ...byServerName,
  ...oneOfTwo,
  ...compound,
] satisfies Scenario[];
