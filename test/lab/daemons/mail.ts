/** Postfix and Dovecot. */
import type { Daemon } from './daemon.ts';

/** One line of master.cf each: `smtp inet n - n - - smtpd`. */
const MASTER = [
  'pickup unix n - n 60 1 pickup',
  'cleanup unix n - n - 0 cleanup',
  'qmgr unix n - n 300 1 qmgr',
  'tlsmgr unix - - n 1000? 1 tlsmgr',
  'rewrite unix - - n - - trivial-rewrite',
  'bounce unix - - n - 0 bounce',
  'anvil unix - - n - 1 anvil',
  'proxymap unix - - n - - proxymap',
  'error unix - - n - - error',
  'local unix - n n - - local',
  'postlog unix-dgram n - n - 1 postlogd',
];

export interface Postfix {
  /** Lines of main.cf. */
  main?: string[];
  /** Lines of master.cf beside the usual ones; port 25 is there unless this says otherwise. */
  master?: string[];
  ports?: number[];
  /** chain.pem and key.pem of certificates.ts, or another pair; null = no TLS. */
  tls?: [chain: string, key: string] | null;
}
export const postfix = ({
  main = [],
  master = ['smtp inet n - n - - smtpd'],
  ports = [25],
  tls = null,
}: Postfix = {}): Daemon => ({
  files: {
    'postfix-main.cf': [
      'compatibility_level = 3.6',
      'myhostname = mx.lab.test',
      'mydestination = lab.test',
      'inet_interfaces = all',
      'inet_protocols = all',
      'smtpd_peername_lookup = no',
      'smtpd_relay_restrictions = reject_unauth_destination',
      'alias_maps =',
      'local_recipient_maps =',
      'maillog_file = /var/log/postfix.log',
      ...(tls
        ? [
            `smtpd_tls_chain_files = /etc/postfix/${tls[1]}, /etc/postfix/${tls[0]}`,
            'smtpd_tls_security_level = may',
          ]
        : []),
      ...main,
      '',
    ].join('\n'),
    'postfix-master.cf': [...master, ...MASTER, ''].join('\n'),
  },
  prepare: [
    // Its own /etc, /var/spool, /var/lib and /var/log: Debian's paths are compiled in.
    `mkdir -p etc-postfix; cp -r /etc/postfix/. etc-postfix/; cp postfix-main.cf etc-postfix/main.cf; cp postfix-master.cf etc-postfix/master.cf; cp *.pem *.key etc-postfix/ 2> /dev/null || true
chown -R root:root etc-postfix; mount --bind etc-postfix /etc/postfix
for d in spool lib; do mount -t tmpfs tmpfs /var/$d/postfix; done; chown postfix /var/lib/postfix
mkdir -p var-log; mount --bind var-log /var/log`,
  ],
  command: 'exec postfix start-fg',
  ports,
});

/** Dovecot with IMAP on 143 and POP3 on 110; with TLS, 993 and 995 as well. */
export const dovecot = (
  lines = '',
  { tls = false, ports = [143, 110] }: { tls?: boolean; ports?: number[] } = {},
): Daemon => ({
  files: {
    'dovecot.conf': `base_dir = /run/dovecot
state_dir = /run/dovecot-state
log_path = /var/log/dovecot.log
protocols = imap pop3
listen = *, ::
ssl = ${tls ? 'yes' : 'no'}
${tls ? 'ssl_cert = </run/dovecot-tls/chain.pem\nssl_key = </run/dovecot-tls/key.pem' : ''}
default_login_user = dovenull
default_internal_user = dovecot
disable_plaintext_auth = no
auth_mechanisms = plain
mail_location = maildir:/run/mail/%u
passdb {
  driver = static
  args = password=lab
}
userdb {
  driver = static
  args = uid=0 gid=0 home=/run/mail
}
${lines}
`,
  },
  prepare: [
    `mkdir -p /run/dovecot-state /run/mail /run/dovecot-tls var-log; cp chain.pem key.pem /run/dovecot-tls/ 2> /dev/null || true
mountpoint -q /var/log || mount --bind var-log /var/log`,
  ],
  command: 'cd "$DIR"; exec dovecot -F -c "$DIR/dovecot.conf"',
  ports,
});
