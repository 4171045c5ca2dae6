/** Logins, files, directories, messages, names, and what Debian has no small daemon for. */
import type { Daemon } from './daemon.ts';

export const sshd = (options = '', { port = 22 } = {}): Daemon => ({
  prepare: ['mkdir -p /run/sshd; [ -e host.key ] || ssh-keygen -q -t ed25519 -N "" -f host.key'],
  command: `exec /usr/sbin/sshd -D -E "$DIR/sshd.log" -f /dev/null -p ${port} -o UsePAM=no -o UseDNS=no -o HostKey="$DIR/host.key" -o PidFile="$DIR/sshd.pid" ${options}`,
  ports: [port],
});

export const vsftpd = (lines: string[] = [], { port = 21 } = {}): Daemon => ({
  files: {
    'vsftpd.conf': [
      'listen=NO',
      'listen_ipv6=YES',
      'background=NO',
      `listen_port=${port}`,
      'anonymous_enable=YES',
      'no_anon_password=YES',
      'ftp_username=root',
      'secure_chroot_dir=/run/vsftpd',
      'anon_root=/run/vsftpd',
      'run_as_launching_user=NO',
      'xferlog_enable=YES',
      'dual_log_enable=YES',
      'log_ftp_protocol=YES',
      'vsftpd_log_file=/run/vsftpd.log',
      'isolate=NO',
      'isolate_network=NO',
      'seccomp_sandbox=NO',
      ...lines,
      '',
    ].join('\n'),
  },
  prepare: ['mkdir -p /run/vsftpd; cp vsftpd.conf /run/vsftpd.conf; chown root:root /run/vsftpd.conf'],
  command: 'exec vsftpd /run/vsftpd.conf',
  ports: [port],
});

export const samba = (lines: string[] = []): Daemon => ({
  files: {
    'smb.conf': [
      '[global]',
      'workgroup = LAB',
      'server role = standalone server',
      'map to guest = Bad User',
      'smb ports = 445',
      'disable spoolss = yes',
      'log level = 1',
      'log file = /run/samba/smbd.log',
      ...[
        'private dir',
        'lock directory',
        'state directory',
        'cache directory',
        'pid directory',
        'ncalrpc dir',
      ].map((name) => `${name} = /run/samba`),
      ...lines,
      '[share]',
      'path = /run/samba',
      'guest ok = yes',
      '',
    ].join('\n'),
  },
  prepare: ['mkdir -p /run/samba; mkdir -m 700 /run/samba/msg.sock'],
  command: 'exec smbd --foreground --no-process-group --configfile="$DIR/smb.conf" < /dev/zero',
  ports: [445],
});

/** LDAP on 389, and LDAPS on 636 with the certificate of certificates.ts. */
export const slapd = (lines: string[] = [], { tls = false } = {}): Daemon => ({
  files: {
    'slapd.conf': [
      'include /etc/ldap/schema/core.schema',
      'modulepath /usr/lib/ldap',
      'moduleload back_mdb',
      'pidfile /run/slapd.pid',
      'loglevel 256',
      ...(tls ? ['TLSCertificateFile chain.pem', 'TLSCertificateKeyFile key.pem'] : []),
      ...lines,
      'database mdb',
      'suffix "dc=lab,dc=test"',
      'rootdn "cn=admin,dc=lab,dc=test"',
      'rootpw lab',
      'directory ./ldap',
      '',
    ].join('\n'),
  },
  prepare: ['mkdir -p ldap'],
  command: `cd "$DIR"; exec slapd -d 256 -f slapd.conf -h "ldap:///${tls ? ' ldaps:///' : ''}"`,
  ports: tls ? [389, 636] : [389],
});

export const mosquitto = (lines: string[] = [], { port = 1883, more = [] as string[] } = {}): Daemon => ({
  files: {
    'mosquitto.conf': [
      'user root',
      'log_dest stderr', // not buffered
      'log_type all',
      'connection_messages true',
      ...more,
      `listener ${port}`,
      'allow_anonymous true',
      ...lines,
      '',
    ].join('\n'),
  },
  command: 'cd "$DIR"; exec mosquitto -c mosquitto.conf',
  ports: [port],
});

/** A name server for www.lab.test: UDP and TCP 53. */
export const bind = (options: string[] = []): Daemon => ({
  files: {
    'named.conf': `options { directory "/run/named"; pid-file "/run/named/named.pid"; session-keyfile none; listen-on { any; }; listen-on-v6 { any; }; recursion no; dnssec-validation no; ${options.join(' ')} };
controls { };
zone "lab.test" { type primary; file "lab.zone"; };
`,
    'lab.zone': '$TTL 60\n@ SOA ns root 1 60 60 60 60\n@ NS ns\nns A 192.0.2.53\nwww A 192.0.2.80\n',
  },
  prepare: ['mkdir -p /run/named; cp lab.zone /run/named/'],
  command: 'exec named -g -c "$DIR/named.conf"',
  ports: [53],
});

/** services/exam-speaker.ts: a listener that says what it is told. */
export const speaker = (port: number, manners: Record<string, unknown>): Daemon => ({
  command: `exec /run/lab/node "$SERVICES/exam-speaker.js" ${port} '${JSON.stringify(manners).replaceAll("'", '\\u0027')}'`,
  ports: [port],
});

const AMQP_START =
  '\u0001\u0000\u0000\u0000\u0000\u0000\u0024\u0000\u000a\u0000\u000a\u0000\u0009\u0000\u0000\u0000\u0000\u0000\u0000\u0000\u000ePLAIN AMQPLAIN\u0000\u0000\u0000\u0005en_US\u00ce';
/** Connection.Start of AMQP 0-9-1 to whoever sends its header. */
export const amqp = speaker(5672, {
  replies: { '^AMQP': AMQP_START },
  reply: 'AMQP\u0000\u0000\u0009\u0001',
  end: undefined,
});
/** Connection Confirm of X.224 with "TLS is wanted". */
export const rdp = speaker(3389, {
  replies: {
    '^\u0003':
      '\u0003\u0000\u0000\u0013\u000e\u00d0\u0000\u0000\u0012\u0034\u0000\u0002\u001f\u0008\u0000\u0001\u0000\u0000\u0000',
  },
});

/** OP_MSG with `{ isWritablePrimary: true, ok: 1.0 }`, in answer to any OP_MSG. */
export const mongodb = speaker(27017, {
  replies: {
    '^[^]{12}\\xdd\\x07\\0\\0':
      '\x3a\0\0\0\x02\0\0\0\x01\0\0\0\xdd\x07\0\0\0\0\0\0\0\x25\0\0\0\x08isWritablePrimary\0\x01\x01ok\0\0\0\0\0\0\0\xf0\x3f\0',
  },
});
