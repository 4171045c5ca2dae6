import { dovecot, postfix } from '../daemons/mail.ts';
import { bind, mosquitto, samba, slapd, sshd, vsftpd } from '../daemons/others.ts';
import { knownClient } from '../daemons/served.ts';
import { mariadb, memcached, postgresql, redis } from '../daemons/stores.ts';
import { apache, certificate, front, haproxy, nginx, site, squid, stunnel } from '../daemons/web.ts';
import * as world from '../worlds.ts';
import type { Aftermath } from './aftermath.ts';

const lines = (file: string): string => `cat ${file} 2> /dev/null | wc -l`;
const linesWith = (pattern: string, file: string): string =>
  `cat ${file} 2> /dev/null | grep -ciE '${pattern}' || true`;

const SSH: Aftermath['careful'] = [
  ['hear', '^SSH-2.0-'],
  ['say', 'SSH-2.0-Careful_1.0\r\n'],
];
const SMTP: Aftermath['careful'] = [
  ['hear', '220 '],
  ['say', 'EHLO client.lab.test\r\n'],
  ['hear', '250 '],
  ['say', 'QUIT\r\n'],
  ['hear', '221 '],
];
const HTTP: Aftermath['careful'] = [
  ['say', 'HEAD / HTTP/1.1\r\nHost: www.lab.test\r\nConnection: close\r\n\r\n'],
  ['hear', '^HTTP/1.[01] [2-5]'],
];
/** HandshakeResponse41 of a user that nobody knows: the server says 1045 and ends what was begun. */
const MYSQL: Aftermath['careful'] = [
  ['hear', '^.{4}\u000a.*native_password\u0000'],
  [
    'say',
    `\u003e\u0000\u0000\u0001\u0000\u0082\u0008\u0000\u0000\u0000\u0000\u0001\u0021${'\u0000'.repeat(23)}nobody\u0000\u0000mysql_native_password\u0000`,
  ],
  ['hear', '\u00ff\u0015\u0004'],
];
const POSTGRESQL: Aftermath['careful'] = [
  ['say', '\u0000\u0000\u0000\u0008\u0004\u00d2\u0016\u002f'],
  ['hear', '^[NS]'],
];
const LDAP: Aftermath['careful'] = [
  ['say', '\u0030\u000c\u0002\u0001\u0001\u0060\u0007\u0002\u0001\u0003\u0004\u0000\u0080\u0000'],
  ['hear', '\u0061\u0007\u000a\u0001\u0000'],
  ['say', '\u0030\u0005\u0002\u0001\u0002\u0042\u0000'],
];
const MQTT: Aftermath['careful'] = [
  ['say', '\u0010\u0013\u0000\u0004MQTT\u0004\u0002\u0000\u003c\u0000\u0007careful'],
  ['hear', '^\u0020\u0002\u0000\u0000'],
  ['say', '\u00e0\u0000'],
];
const DNS: Aftermath['careful'] = [
  [
    'say',
    '\u0000\u001e\u0012\u0034\u0000\u0000\u0000\u0001\u0000\u0000\u0000\u0000\u0000\u0000\u0003www\u0003lab\u0004test\u0000\u0000\u0001\u0000\u0001',
  ],
  ['hear', '\u0012\u0034\u0084'],
];
const SMB: Aftermath['careful'] = [
  [
    'say',
    `\u0000\u0000\u0000\u0068\u00feSMB\u0040\u0000\u0001\u0000\u0000\u0000\u0000\u0000\u0000\u0000\u001f\u0000${'\u0000'.repeat(48)}\u0024\u0000\u0002\u0000\u0001\u0000\u0000\u0000${'\u0000'.repeat(4)}carefulcarefulca${'\u0000'.repeat(8)}\u0002\u0002\u0010\u0002`,
  ],
  ['hear', '\u00feSMB'],
];
const mariadbCounts = {
  'log lines': lines('"$DIR/mariadb/mariadb.log"'),
  Aborted_connects:
    'mysql -u root -S /run/mariadb.sock -NBe "show global status like \'Aborted_connects\'" | cut -f 2',
};
const limitOf = (port: number, hits: number): string =>
  `iptables -A INPUT -p tcp --dport ${port} -m conntrack --ctstate NEW -m recent --name lab --set; iptables -A INPUT -p tcp --dport ${port} -m conntrack --ctstate NEW -m recent --name lab --update --seconds 120 --hitcount ${hits} -j REJECT`;
const apacheOrNginx = (prefix: string) => ({
  'access log': lines(`"$DIR/${prefix}-access.log"`),
  'error log': linesWith(
    '\\[(error|warn|crit|info)|:(error|warn)\\]|client|SSL',
    `"$DIR/${prefix}-error.log"`,
  ),
});

export const SERVICES: Aftermath[] = [
  {
    service: 'OpenSSH',
    on: world.home1,
    daemons: [sshd()],
    port: 22,
    careful: SSH,
    counts: {
      'log lines': lines('"$DIR/sshd.log"'),
      errors: linesWith('error|fatal|banner', '"$DIR/sshd.log"'),
    },
  },
  {
    service: 'OpenSSH behind a limit of 14 connections in two minutes (iptables recent)',
    on: world.home3,
    daemons: [sshd()],
    port: 22,
    careful: SSH,
    limits: [limitOf(22, 14)],
    counts: { 'connections counted': "cat /proc/net/xt_recent/lab | tr ',' '\\n' | wc -l" },
  },
  {
    service: 'OpenSSH with MaxStartups 2',
    on: world.campus4,
    daemons: [sshd('-o MaxStartups=2:100:2')],
    port: 22,
    careful: SSH,
    counts: { 'turned away': linesWith('MaxStartups|drop connection', '"$DIR/sshd.log"') },
  },
  {
    service: 'MariaDB',
    on: world.home1,
    daemons: [mariadb()],
    port: 3306,
    careful: MYSQL,
    counts: mariadbCounts,
  },
  {
    service: 'MariaDB with max_connect_errors 3',
    on: world.company3,
    daemons: [mariadb('--skip-skip-name-resolve --max-connect-errors=3')],
    port: 3306,
    careful: MYSQL,
    counts: mariadbCounts,
    extra: knownClient,
  },
  {
    service: 'PostgreSQL',
    on: world.campus4,
    daemons: [
      postgresql(['log_connections = off', 'log_disconnections = off'], {
        hba: ['host all all all scram-sha-256'],
      }),
    ],
    port: 5432,
    careful: POSTGRESQL,
    counts: { 'log lines': lines('"$DIR/postgresql.log"') },
  },
  {
    service: 'Redis',
    on: world.home1,
    daemons: [redis()],
    port: 6379,
    careful: [
      ['say', 'PING\r\n'],
      ['hear', '^.PONG'],
      ['say', 'QUIT\r\n'],
      ['hear', '.OK'],
    ],
    counts: {
      'log lines': lines('"$DIR/redis.log"'),
      'error replies': "redis-cli info stats | tr -d '\\r' | sed -n 's/total_error_replies://p'",
    },
  },
  {
    service: 'Redis with a password',
    on: world.company2,
    daemons: [redis('--requirepass secret')],
    port: 6379,
    careful: [
      ['say', 'PING\r\n'],
      ['hear', '^-NOAUTH'],
      ['say', 'QUIT\r\n'],
      ['hear', '.OK'],
    ],
    counts: {
      'log lines': lines('"$DIR/redis.log"'),
      'error replies':
        "redis-cli -a secret --no-auth-warning info stats | tr -d '\\r' | sed -n 's/total_error_replies://p'",
      'ACL log': 'redis-cli -a secret --no-auth-warning acl log | grep -c reason || true',
    },
  },
  {
    service: 'memcached',
    on: world.home1,
    daemons: [memcached()],
    port: 11211,
    careful: [
      ['say', 'version\r\n'],
      ['hear', '^VERSION'],
      ['say', 'quit\r\n'],
    ],
    counts: {
      rejected:
        "printf 'stats\\r\\nquit\\r\\n' | nc -q 1 127.0.0.1 11211 | tr -d '\\r' | sed -n 's/^STAT rejected_connections //p'",
    },
  },
  {
    service: 'Postfix',
    on: world.home1,
    daemons: [postfix()],
    port: 25,
    careful: SMTP,
    counts: {
      'log lines': lines('"$DIR/var-log/postfix.log"'),
      'warnings and errors': linesWith(
        'warning|error|lost connection|improper|too many|timeout',
        '"$DIR/var-log/postfix.log"',
      ),
    },
  },
  {
    service: 'Postfix with a limit of 12 connections a minute',
    on: world.company3,
    daemons: [postfix({ main: ['smtpd_client_connection_rate_limit = 12', 'anvil_rate_time_unit = 120s'] })],
    port: 25,
    careful: SMTP,
    counts: { 'turned away': linesWith('rate limit exceeded', '"$DIR/var-log/postfix.log"') },
  },
  {
    service: 'Postfix with TLS on 465',
    on: world.campus4,
    tls: true,
    insideTls: true,
    daemons: [
      postfix({
        tls: ['chain.pem', 'key.pem'],
        master: ['submissions inet n - n - - smtpd -o smtpd_tls_wrappermode=yes'],
        ports: [465],
      }),
    ],
    port: 465,
    careful: SMTP,
    counts: {
      'log lines': lines('"$DIR/var-log/postfix.log"'),
      'warnings and errors': linesWith(
        'warning|error|lost connection|improper|too many|timeout',
        '"$DIR/var-log/postfix.log"',
      ),
    },
  },
  {
    service: 'Dovecot, IMAP',
    on: world.home3,
    daemons: [dovecot()],
    port: 143,
    careful: [
      ['hear', '^. OK'],
      ['say', 'a1 LOGOUT\r\n'],
      ['hear', 'a1 OK'],
    ],
    counts: {
      'log lines': lines('"$DIR/var-log/dovecot.log"'),
      errors: linesWith('error|failed|reset', '"$DIR/var-log/dovecot.log"'),
    },
  },
  {
    service: 'Dovecot, POP3',
    on: world.company2,
    daemons: [dovecot()],
    port: 110,
    careful: [
      ['hear', '^.OK'],
      ['say', 'QUIT\r\n'],
      ['hear', '.OK'],
    ],
    counts: {
      'log lines': lines('"$DIR/var-log/dovecot.log"'),
      errors: linesWith('error|failed|reset', '"$DIR/var-log/dovecot.log"'),
    },
  },
  {
    service: 'nginx',
    on: world.home1,
    daemons: [nginx(site('80', 'location / { return 200 ok; }'), 80)],
    port: 80,
    careful: HTTP,
    counts: apacheOrNginx('nginx'),
  },
  {
    service: 'nginx with TLS',
    on: world.campus4,
    tls: true,
    insideTls: true,
    daemons: [nginx(site('443 ssl', `${certificate()} location / { return 200 ok; }`), 443)],
    port: 443,
    careful: HTTP,
    counts: apacheOrNginx('nginx'),
  },
  {
    service: 'Apache',
    on: world.company3,
    daemons: [apache('', 80)],
    port: 80,
    careful: HTTP,
    counts: apacheOrNginx('apache'),
  },
  {
    service: 'HAProxy with a limit of 12 connections in two minutes',
    on: world.home3,
    daemons: [
      haproxy(
        front(8080, '127.0.0.1:80', {
          lines: [
            'stick-table type ipv6 size 1k expire 120s store conn_cnt,conn_rate(120s),http_err_cnt',
            'tcp-request connection track-sc0 src',
            'tcp-request connection reject if { sc0_conn_rate gt 12 }',
          ],
        }),
        8080,
      ),
      nginx(site('80', 'location / { return 200 ok; }'), 80),
    ],
    port: 8080,
    careful: HTTP,
    counts: {
      'connections counted':
        "echo 'show table front' | socat - UNIX-CONNECT:/run/haproxy.sock | grep -o 'conn_cnt=[0-9]*' | cut -d= -f2 || true",
    },
  },
  {
    service: 'Squid',
    on: world.home1,
    daemons: [squid()],
    port: 3128,
    careful: HTTP,
    counts: {
      'access log': lines('"$DIR/squid-access.log"'),
      'aborted or in error': linesWith('error:|aborted', '"$DIR/squid-access.log"'),
    },
  },
  {
    service: 'stunnel in front of nginx',
    on: world.company3,
    tls: true,
    insideTls: true,
    daemons: [stunnel(443, 80), nginx(site('80', 'location / { return 200 ok; }'), 80)],
    port: 443,
    careful: HTTP,
    counts: { errors: linesWith('error|reset|SSL_accept', '"$DIR/service-server-1.log"') },
  },
  {
    service: 'vsftpd',
    on: world.home1,
    daemons: [vsftpd()],
    port: 21,
    careful: [
      ['hear', '220 '],
      ['say', 'AUTH TLS\r\n'],
      ['hear', '5.. '],
      ['say', 'QUIT\r\n'],
      ['hear', '221 '],
    ],
    counts: {
      'log lines': lines('/run/vsftpd.log'),
      errors: linesWith('error|refused|fail', '/run/vsftpd.log'),
    },
  },
  {
    service: 'Samba',
    on: world.company2,
    daemons: [samba()],
    port: 445,
    careful: SMB,
    counts: { 'log lines': lines('/run/samba/smbd.log') },
  },
  {
    service: 'OpenLDAP',
    on: world.campus4,
    daemons: [slapd()],
    port: 389,
    careful: LDAP,
    counts: {
      'log lines': lines('"$DIR/service-server-1.log"'),
      'lost or in error': linesWith('connection lost|error|err=[1-9]', '"$DIR/service-server-1.log"'),
    },
  },
  {
    service: 'Mosquitto',
    on: world.home3,
    daemons: [mosquitto()],
    port: 1883,
    careful: MQTT,
    counts: {
      'log lines': lines('"$DIR/service-server-1.log"'),
      errors: linesWith('error|exceeded|malformed|closed its connection', '"$DIR/service-server-1.log"'),
    },
  },
  {
    service: 'BIND',
    on: world.company3,
    daemons: [bind()],
    port: 53,
    careful: DNS,
    counts: {
      'log lines': lines('"$DIR/service-server-1.log"'),
      errors: linesWith('error|fail|denied', '"$DIR/service-server-1.log"'),
    },
  },
];
