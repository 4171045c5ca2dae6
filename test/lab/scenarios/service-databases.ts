/** PostgreSQL from Debian: well, with TLS, and where something else answers. */
import { certificates, NAME, named } from '../certificates.ts';
import { atTarget, hostPort, type Scenario, type Truth } from '../scenario.ts';
import * as world from '../worlds.ts';

/** PostgreSQL does not run as root; in a user namespace nobody else exists, and another namespace has to do. */
const ORDINARY =
  'if setpriv --reuid=65534 --regid=65534 --clear-groups true 2> /dev/null; then as="setpriv --reuid=65534 --regid=65534 --clear-groups"; chown -R 65534:65534 pg; else as="unshare --user --map-user=1000 --map-group=1000"; fi; bin=$(ls -d /usr/lib/postgresql/*/bin | tail -n 1)';

const prepare = (settings: string): string =>
  [
    'mkdir pg; cp *.pem pg/ 2> /dev/null || true; cp self.key pg/ 2> /dev/null || true; chmod 700 pg; chmod 600 pg/* 2> /dev/null || true',
    ORDINARY,
    '$as "$bin/initdb" -D "$DIR/pg/data" -U lab -A trust -E UTF8 --locale=C --no-sync > initdb.log 2>&1 || { cat initdb.log >&2; exit 1; }',
    `printf '%s\\n' "listen_addresses = '*'" "unix_socket_directories = ''" 'fsync = off' 'shared_buffers = 1MB' ${settings} >> pg/data/postgresql.conf`,
  ].join('\n');

const postgresql = (
  name: string,
  truth: Truth,
  { settings = '', tls = false, ...more }: Partial<Scenario> & { settings?: string; tls?: boolean } = {},
): Scenario => ({
  name,
  family: 'service-database',
  topology: world.home1,
  listen: [],
  prepare: () => [...(tls ? certificates() : []), prepare(settings)],
  services: () => ({
    server: [`cd "$DIR"; ${ORDINARY}; exec $as "$bin/postgres" -D "$DIR/pg/data"`],
  }),
  waitFor: { server: [5432] },
  fault: () => ({}),
  target: (at) => hostPort(at.server, 5432),
  truth: (at) => (truth.causes.length > 0 ? { where: [atTarget(at.server)], ...truth } : truth),
  ...more,
});

const well: Truth = { outcome: 'reachable', causes: [] };
const impaired = (...causes: string[]): Truth => ({ outcome: 'impaired', causes });
const files = (cert: string, key: string): string =>
  `'ssl = on' "ssl_cert_file = '$DIR/pg/${cert}'" "ssl_key_file = '$DIR/pg/${key}'"`;
const SELF_SIGNED = { tls: true, settings: files('self.pem', 'self.key') };
const SIGNED = { tls: true, settings: files('chain.pem', 'key.pem') };
const byName = {
  resolvers: (at: Parameters<typeof named>[0]) => [named(at)],
  target: () => `${NAME}:5432`,
};

const scenarios: Scenario[] = [
  postgresql('PostgreSQL is well', well),
  postgresql('PostgreSQL is well (IPv6)', well, { topology: world.home3v6 }),
  postgresql('PostgreSQL with a self-signed certificate is well: its clients take it', well, SELF_SIGNED),
  postgresql('PostgreSQL is well and its certificate is from the given authority', well, {
    ...SIGNED,
    ...byName,
    flags: () => ['--ca', 'root.pem'],
  }),
  postgresql("PostgreSQL's certificate is not from the given authority", impaired('tls-untrusted'), {
    ...SELF_SIGNED,
    ...byName,
    flags: () => ['--ca', 'root.pem'],
  }),
  postgresql('PostgreSQL expected, SSH answers', impaired('protocol-mismatch'), {
    prepare: () => [],
    services: () => ({}),
    waitFor: {},
    listen: [22],
    target: (at) => `postgresql://${hostPort(at.server, 22)}`,
  }),
  postgresql(
    'a web server expected, PostgreSQL answers',
    impaired('protocol-mismatch', 'service-closes-connection'),
    {
      target: (at) => `https://${hostPort(at.server, 5432)}`,
    },
  ),
];
export default scenarios;
