/** Databases and caches. */
import { type Daemon, madeOnce, notAsRoot } from './daemon.ts';

/** `options` of mariadbd; `sql` runs at the start. root@localhost has no password, `lab`@`%` the password `lab`. */
export const mariadb = (
  options = '',
  { sql = [] as string[], port = 3306, anywhere = true } = {},
): Daemon => ({
  files: {
    'mariadb.sql': [
      ...(anywhere
        ? ["CREATE USER lab@'%' IDENTIFIED BY 'lab';"]
        : ["CREATE USER lab@'localhost' IDENTIFIED BY 'lab';"]),
      ...sql,
      '',
    ].join('\n'),
  },
  prepare: [
    madeOnce(
      'mariadb',
      'mariadb-install-db --no-defaults --user=root --datadir="$PWD" --auth-root-authentication-method=normal --skip-test-db --innodb-log-file-size=4M --innodb-buffer-pool-size=8M > install.log 2>&1',
    ),
  ],
  command: `cd "$DIR"; exec mariadbd --no-defaults --user=root --datadir="$DIR/mariadb" --socket=/run/mariadb.sock --pid-file=/run/mariadb.pid --port=${port} --bind-address=* --skip-name-resolve --innodb-log-file-size=4M --innodb-buffer-pool-size=8M --performance-schema=OFF --log-warnings=4 --log-error=mariadb.log --init-file="$DIR/mariadb.sql" ${options}`,
  ports: [port],
});

const POSTGRES = 'bin=$(ls -d /usr/lib/postgresql/*/bin | tail -n 1)';
/** `settings`: lines of postgresql.conf; `hba`: lines of pg_hba.conf. */
export const postgresql = (
  settings: string[] = [],
  { hba = ['local all all trust', 'host all all all trust'], tls = false, before = '' } = {},
): Daemon => ({
  files: {
    'postgresql.add': [
      "listen_addresses = '*'",
      "unix_socket_directories = '/run'",
      'fsync = off',
      'shared_buffers = 1MB',
      'log_connections = on',
      'log_disconnections = on',
      ...(tls ? ['ssl = on', "ssl_cert_file = '../chain.pem'", "ssl_key_file = '../key.pem'"] : []),
      ...settings,
      '',
    ].join('\n'),
    'pg_hba.add': [...hba, ''].join('\n'),
  },
  prepare: [
    madeOnce(
      'postgresql',
      `${POSTGRES}; unshare --user --map-user=1000 --map-group=1000 "$bin/initdb" -D . -U lab -A trust -E UTF8 --locale=C --no-sync > ../initdb.log 2>&1`,
    ),
    'chmod 700 postgresql; cat postgresql.add >> postgresql/postgresql.conf; cp pg_hba.add postgresql/pg_hba.conf; chmod 600 key.pem 2> /dev/null || true; chmod 777 /run',
  ],
  command: `${POSTGRES}; ${before} ${notAsRoot('"$bin/postgres" -D "$DIR/postgresql"')} 2> "$DIR/postgresql.log"`,
  ports: [5432],
});

export const redis = (options = '', port = 6379): Daemon => ({
  command: `cd "$DIR"; exec redis-server --port ${port} --save "" --bind "*" "-::*" --protected-mode no --logfile redis.log ${options}`,
  ports: [port],
});

export const memcached = (options = '', port = 11211): Daemon => ({
  command: `exec memcached -u root -p ${port} -l 0.0.0.0,:: ${options}`,
  ports: [port],
});
