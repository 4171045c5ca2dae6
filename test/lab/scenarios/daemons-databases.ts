/** MariaDB, PostgreSQL, Redis and memcached: well, full, closed to this client, not ready. Truths were written before the first run. */
import type { Daemon } from '../daemons/daemon.ts';
import { mongodb, speaker } from '../daemons/others.ts';
import {
  holding,
  impaired,
  knownClient,
  type Served,
  served,
  WELL,
  WELL_BUT_SLOW,
} from '../daemons/served.ts';
import { mariadb, memcached, postgresql, redis } from '../daemons/stores.ts';
import type { Scenario } from '../scenario.ts';
import * as world from '../worlds.ts';

const TLS_MARIADB = '--ssl-cert="$DIR/chain.pem" --ssl-key="$DIR/key.pem"';
const TLS_REDIS =
  '--port 0 --tls-port 6379 --tls-cert-file chain.pem --tls-key-file key.pem --tls-auth-clients no';
/** PostgreSQL as a standby that serves nobody: it answers every StartupMessage with 57P03. */
const standby = (): Daemon => {
  const daemon = postgresql(['hot_standby = off', "restore_command = 'false'"]);
  return { ...daemon, prepare: [...(daemon.prepare ?? []), ': > postgresql/standby.signal'] };
};
/** Sessions of a superuser take all places that there are. */
const fullPostgresql = {
  services: () => ({
    server: Array.from(
      { length: 5 },
      () =>
        'until psql -h /run -U lab -d postgres -c "select 1" > /dev/null 2>&1; do sleep 0.1; done; exec psql -h /run -U lab -d postgres -c "select pg_sleep(600)"',
    ),
  }),
  fault: () => ({ server: ['sleep 2'] }),
};
/** Redis takes half a minute to read what it had saved. */
const loadingRedis = (): Daemon => ({
  prepare: [
    'redis-server --port 0 --unixsocket /run/redis.sock --dir . --save "" --daemonize yes > redis-make.log; for i in $(seq 50); do redis-cli -s /run/redis.sock ping > /dev/null 2>&1 && break; sleep 0.1; done; for i in $(seq 3000); do echo "SET key$i value"; done | redis-cli -s /run/redis.sock --pipe > /dev/null; redis-cli -s /run/redis.sock save > /dev/null; redis-cli -s /run/redis.sock shutdown nosave || true; ls dump.rdb',
  ],
  command:
    'cd "$DIR"; exec redis-server --port 6379 --bind "*" "-::*" --protected-mode no --key-load-delay 20000 --loading-process-events-interval-bytes 1024',
  ports: [6379],
});

const healthy: Served[] = [
  {
    name: 'MariaDB is well',
    family: 'healthy-mysql',
    on: world.home1,
    daemons: { server: [mariadb()] },
    target: 3306,
    truth: WELL,
  },
  {
    name: 'MariaDB is well',
    family: 'healthy-mysql',
    on: world.company3v6,
    daemons: { server: [mariadb()] },
    target: 3306,
    truth: WELL,
  },
  {
    name: 'MariaDB is well and was named by its scheme',
    family: 'healthy-mysql',
    on: world.campus4,
    daemons: { server: [mariadb()] },
    target: (at) => `mysql://${at.server}`,
    truth: WELL,
  },
  {
    name: 'MariaDB offers TLS and is well, by name',
    family: 'healthy-database-tls',
    on: world.home3,
    tls: true,
    daemons: { server: [mariadb(TLS_MARIADB)] },
    target: 3306,
    truth: WELL,
  },
  {
    name: 'MariaDB insists on TLS and is well',
    family: 'healthy-database-tls',
    on: world.company3,
    tls: true,
    daemons: { server: [mariadb(`${TLS_MARIADB} --require-secure-transport=ON`)] },
    target: (at) => `${at.server}:3306`,
    flags: () => [],
    truth: WELL,
  },
  {
    name: 'PostgreSQL wants a password and is well',
    family: 'healthy-postgresql',
    on: world.campus4v6,
    daemons: { server: [postgresql([], { hba: ['host all all all scram-sha-256'] })] },
    target: 5432,
    truth: WELL,
  },
  {
    name: 'PostgreSQL trusts everybody and is well',
    family: 'healthy-postgresql',
    on: world.home5,
    daemons: { server: [postgresql()] },
    target: 5432,
    truth: WELL,
  },
  {
    name: 'PostgreSQL takes TLS alone and is well, by name',
    family: 'healthy-database-tls',
    on: world.company2,
    tls: true,
    daemons: { server: [postgresql([], { tls: true, hba: ['hostssl all all all scram-sha-256'] })] },
    target: 5432,
    truth: WELL,
  },
  {
    name: 'Redis is well',
    family: 'healthy-redis',
    on: world.company3v6,
    daemons: { server: [redis()] },
    target: 6379,
    truth: WELL,
  },
  {
    name: 'Redis wants a password and is well',
    family: 'healthy-redis',
    on: world.campus4,
    daemons: { server: [redis('--requirepass secret')] },
    target: 6379,
    truth: WELL,
  },
  {
    name: 'Redis speaks TLS and is well, by name',
    family: 'healthy-database-tls',
    on: world.home1,
    tls: true,
    daemons: { server: [redis(TLS_REDIS)] },
    target: 'rediss://www.lab.test:6379',
    truth: WELL,
  },
  {
    name: 'a read-only replica of Redis without its master is well',
    family: 'healthy-redis',
    on: world.home3,
    daemons: { server: [redis('--replicaof 192.0.2.99 6379')] },
    target: 6379,
    truth: WELL,
  },
  {
    name: 'memcached is well',
    family: 'healthy-memcached',
    on: world.home1,
    daemons: { server: [memcached()] },
    target: 11211,
    truth: WELL,
  },
  {
    name: 'memcached is well',
    family: 'healthy-memcached',
    on: world.campus2v6,
    daemons: { server: [memcached()] },
    target: 11211,
    truth: WELL,
  },
  {
    name: 'memcached wants a password and is well',
    family: 'healthy-memcached',
    on: world.company3,
    daemons: { server: [memcached('-Y "$DIR/memcached.users"')] },
    files: () => ({ 'memcached.users': 'lab:lab\n' }),
    target: 11211,
    truth: WELL,
  },
  {
    name: 'MariaDB on another port is well',
    family: 'healthy-unusual-port',
    on: world.campus4,
    daemons: { server: [mariadb('', { port: 33060 })] },
    target: (at) => `mysql://${at.server}:33060`,
    truth: WELL,
  },
  {
    name: 'Redis on another port is well',
    family: 'healthy-unusual-port',
    on: world.home3v6,
    daemons: { server: [redis('', 16379)] },
    target: 16379,
    truth: WELL,
  },
  {
    name: 'MongoDB (a program that says what it says) is well',
    family: 'healthy-only-checked',
    on: world.home1,
    daemons: { server: [mongodb] },
    target: 27017,
    truth: WELL,
  },
  {
    name: 'a program on the port of MongoDB takes the question and says nothing',
    family: 'only-checked-silent',
    on: world.home1,
    daemons: { server: [speaker(27017, {})] },
    target: 27017,
    truth: impaired('service-unresponsive'),
  },
  {
    name: 'MariaDB greets after 3 seconds',
    family: 'slow-greeting-mysql',
    on: world.home1,
    listen: [],
    services: () => ({
      server: [
        'cd "$DIR"; exec socat TCP6-LISTEN:3306,ipv6only=0,fork,reuseaddr SYSTEM:"sleep 3; exec socat - UNIX-CONNECT\\:/run/mariadb.sock"',
      ],
    }),
    waitFor: { server: [3306] },
    daemons: { server: [mariadb('', { port: 3307 })] },
    target: 3306,
    truth: WELL_BUT_SLOW,
  },
  // A count of one client's refused and unfinished connections: the first are served.
  {
    name: 'MariaDB blocks a client after three unfinished connections',
    family: 'limit-that-we-may-meet',
    on: world.home3,
    daemons: { server: [mariadb('--skip-skip-name-resolve --max-connect-errors=3')] },
    ...knownClient,
    target: 3306,
    truth: WELL,
  },
];

const faults: Served[] = [
  {
    name: 'MariaDB does not let this host in (1130)',
    family: 'database-denied',
    on: world.home1,
    daemons: { server: [mariadb('', { anywhere: false })] },
    target: 3306,
    truth: impaired('service-access-denied'),
  },
  {
    name: 'MariaDB does not let this host in (1130)',
    family: 'database-denied',
    on: world.company3v6,
    daemons: { server: [mariadb('', { anywhere: false })] },
    target: 3306,
    truth: impaired('service-access-denied'),
  },
  {
    name: 'MariaDB has blocked this host (1129)',
    family: 'database-denied',
    on: world.campus4,
    daemons: { server: [mariadb('--skip-skip-name-resolve --max-connect-errors=1')] },
    ...knownClient,
    services: (at) => ({
      client: [
        `for i in $(seq 200); do nc -z -w 1 ${at.server} 3306 && break; sleep 0.1; done; for i in $(seq 8); do nc -z -w 1 ${at.server} 3306; sleep 0.1; done`,
      ],
    }),
    fault: () => ({ client: ['sleep 3'] }),
    target: 3306,
    truth: impaired('service-access-denied'),
  },
  {
    name: 'PostgreSQL has no line of pg_hba.conf for this host',
    family: 'database-denied',
    on: world.home3,
    daemons: { server: [postgresql([], { hba: ['local all all trust'] })] },
    target: 5432,
    // The question is asked with a made-up user: whether the real one has a line cannot be seen from here.
    truth: WELL,
  },
  {
    name: 'Redis is in protected mode',
    family: 'database-denied',
    on: world.company3,
    daemons: { server: [redis('--protected-mode yes')] },
    target: 6379,
    truth: impaired('service-access-denied'),
  },
  {
    name: 'Redis is in protected mode',
    family: 'database-denied',
    on: world.home3v6,
    daemons: { server: [redis('--protected-mode yes')] },
    target: 6379,
    truth: impaired('service-access-denied'),
  },
  {
    name: 'MariaDB has all the clients that it takes (1040)',
    family: 'database-full',
    on: world.home1,
    daemons: { server: [mariadb('--max-connections=10 --connect-timeout=600')] },
    ...holding('server', 3306, 11),
    target: 3306,
    truth: impaired('service-limit-reached'),
  },
  {
    name: 'MariaDB has all the clients that it takes (1040)',
    family: 'database-full',
    on: world.campus4v6,
    daemons: { server: [mariadb('--max-connections=10 --connect-timeout=600')] },
    ...holding('server', 3306, 11),
    target: 3306,
    truth: impaired('service-limit-reached'),
  },
  {
    name: 'PostgreSQL has all the clients that it takes (53300)',
    family: 'database-full',
    on: world.company2,
    daemons: {
      server: [
        postgresql(['max_connections = 4', 'superuser_reserved_connections = 3', 'max_wal_senders = 0']),
      ],
    },
    ...fullPostgresql,
    target: 5432,
    truth: impaired('service-limit-reached'),
  },
  {
    name: 'PostgreSQL has all the clients that it takes (53300)',
    family: 'database-full',
    on: world.home3v6,
    daemons: {
      server: [
        postgresql(['max_connections = 4', 'superuser_reserved_connections = 3', 'max_wal_senders = 0']),
      ],
    },
    ...fullPostgresql,
    target: 5432,
    truth: impaired('service-limit-reached'),
  },
  {
    name: 'Redis has all the clients that it takes',
    family: 'database-full',
    on: world.campus4,
    daemons: { server: [redis('--maxclients 2')] },
    ...holding('server', 6379, 2),
    target: 6379,
    truth: impaired('service-limit-reached'),
  },
  {
    name: 'memcached has all the clients that it takes',
    family: 'database-full',
    on: world.home3,
    daemons: { server: [memcached('-t 1 -c 40 -o maxconns_fast')] },
    ...holding('server', 11211, 50),
    target: 11211,
    truth: impaired('service-limit-reached'),
  },
  {
    name: 'PostgreSQL starts up and serves nobody (57P03)',
    family: 'database-not-ready',
    on: world.home1,
    daemons: { server: [standby()] },
    target: 5432,
    truth: impaired('service-not-ready'),
  },
  {
    name: 'PostgreSQL starts up and serves nobody (57P03)',
    family: 'database-not-ready',
    on: world.campus4v6,
    daemons: { server: [standby()] },
    target: 5432,
    truth: impaired('service-not-ready'),
  },
  {
    name: 'Redis still loads what it had saved',
    family: 'database-not-ready',
    on: world.company3,
    daemons: { server: [loadingRedis()] },
    target: 6379,
    truth: impaired('service-not-ready'),
  },
  {
    name: 'Redis still loads what it had saved',
    family: 'database-not-ready',
    on: world.home3v6,
    daemons: { server: [loadingRedis()] },
    target: 6379,
    truth: impaired('service-not-ready'),
  },
  {
    name: 'MariaDB is stopped (SIGSTOP) behind its open port',
    family: 'daemon-hangs',
    on: world.home3,
    daemons: { server: [mariadb()] },
    fault: () => ({ server: ['kill -STOP $(cat /run/mariadb.pid)'] }),
    target: 3306,
    truth: impaired('service-unresponsive'),
  },
  {
    name: 'Redis is stopped (SIGSTOP) behind its open port',
    family: 'daemon-hangs',
    on: world.campus4v6,
    daemons: { server: [redis('--pidfile /run/redis.pid --daemonize no')] },
    fault: () => ({
      server: ['kill -STOP $(cat /run/redis.pid)'],
    }),
    target: 6379,
    truth: impaired('service-unresponsive'),
  },
  {
    name: 'Redis expected on 6379, memcached answers',
    family: 'other-daemon-answers',
    on: world.home1,
    daemons: { server: [memcached('', 6379)] },
    target: 'redis://203.0.113.80:6379',
    truth: impaired('protocol-mismatch'),
  },
  {
    name: 'MariaDB expected on 3306, PostgreSQL answers',
    family: 'other-daemon-answers',
    on: world.campus4,
    daemons: { server: [{ ...postgresql(['port = 3306']), ports: [3306] }] },
    target: 3306,
    truth: [
      impaired('protocol-mismatch', 'service-unresponsive'),
      { ...impaired('service-closes-connection'), maxConfidence: 0.95 },
    ],
  },
];

export default [...healthy, ...faults].map(served) satisfies Scenario[];
