/** SSH, HTTP, Redis and worse: what an open port says in plain words. */
import { atTarget, hostPort, type Scenario, type Truth } from '../scenario.ts';
import * as world from '../worlds.ts';

const well: Truth = { outcome: 'reachable', causes: [] };
const impaired = (...causes: string[]): Truth => ({ outcome: 'impaired', causes });

const plain = (
  name: string,
  port: number,
  server: string,
  truth: Truth,
  more: Partial<Scenario> = {},
): Scenario => ({
  name,
  family: 'service-plain',
  topology: world.home1,
  listen: [],
  services: () => ({ server: [server] }),
  waitFor: { server: [port] },
  fault: () => ({}),
  target: (at) => hostPort(at.server, port),
  truth: (at) => (truth.causes.length > 0 ? { where: [atTarget(at.server)], ...truth } : truth),
  ...more,
});

/** Debian's sshd with a key of its own; /run is empty in the lab. */
const sshd = (options = ''): Pick<Scenario, 'prepare'> & { server: string } => ({
  prepare: () => [
    'mkdir -p /run/sshd; ssh-keygen -q -t ed25519 -N "" -f host.key; ssh-keygen -q -t rsa -b 2048 -N "" -f rsa.key',
  ],
  server: `exec /usr/sbin/sshd -D -e -f /dev/null -p 22 -o UsePAM=no -o HostKey="$DIR/host.key" -o HostKey="$DIR/rsa.key" ${options}`,
});
const speaker = (port: number, mode: string): string =>
  `exec /run/lab/node "$SERVICES/speaker.js" ${port} ${mode}`;
const redis = (options: string): string => `cd "$DIR"; exec redis-server --port 6379 --save "" ${options}`;

const WEB = `printf '%s' 'daemon off; pid nginx.pid; error_log stderr; user root; events {} http { access_log off; client_body_temp_path .; proxy_temp_path .; fastcgi_temp_path .; uwsgi_temp_path .; scgi_temp_path .; server { listen 8080; location / { return 200 ok; } } }' > nginx.conf`;
const web = 'cd "$DIR"; exec nginx -p "$DIR/" -c nginx.conf';

const modern = sshd();
const old = sshd('-o KexAlgorithms=diffie-hellman-group1-sha1');

const scenarios: Scenario[] = [
  plain('sshd is well', 22, modern.server, well, { prepare: modern.prepare! }),
  plain('sshd is well (IPv6)', 22, modern.server, well, {
    prepare: modern.prepare!,
    topology: world.home3v6,
  }),
  plain('sshd has only old key exchanges', 22, old.server, impaired('ssh-no-common-algorithm'), {
    prepare: old.prepare!,
  }),
  plain(
    'the SSH port closes before its banner',
    22,
    speaker(22, 'close'),
    impaired('service-closes-connection'),
  ),
  plain('the SSH port says nothing', 22, speaker(22, 'silent'), impaired('service-unresponsive')),
  plain('SSH expected, a web server answers', 8080, web, impaired('protocol-mismatch'), {
    prepare: () => [WEB],
    target: (at) => `ssh://${hostPort(at.server, 8080)}`,
  }),
  plain('Redis is well', 6379, redis('--bind 0.0.0.0 --protected-mode no'), well),
  plain(
    'Redis in protected mode refuses',
    6379,
    redis('--bind 0.0.0.0 --protected-mode yes'),
    impaired('service-access-denied'),
  ),
  plain('mail expected, SSH answers', 22, '', impaired('protocol-mismatch'), {
    listen: [22],
    services: () => ({}),
    waitFor: {},
    target: (at) => `smtp://${hostPort(at.server, 22)}`,
  }),
  plain(
    'an unknown service hangs up at once',
    4444,
    speaker(4444, 'close'),
    impaired('service-closes-connection'),
  ),
  plain('an unknown service waits for the client', 4444, speaker(4444, 'silent'), well),
  plain('a web server redirects to itself', 80, speaker(80, 'redirect-to-itself'), {
    outcome: 'reachable',
    causes: ['http-redirect-loop'],
  }),
  plain('hostile: an endless banner', 22, speaker(22, 'endless'), impaired('protocol-mismatch')),
  plain(
    'hostile: one octet a second',
    22,
    speaker(22, 'drip'),
    impaired('service-unresponsive', 'protocol-mismatch'),
  ),
  plain(
    'hostile: control characters',
    22,
    speaker(22, 'control-characters'),
    impaired('protocol-mismatch', 'service-closes-connection'),
  ),
];

export default scenarios;
