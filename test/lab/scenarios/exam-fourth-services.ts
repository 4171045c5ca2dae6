/** Fourth examination: real daemons that refuse, wait or misunderstand. Truths were written before the first run, without sight of the rules. */
import { NAME } from '../certificates.ts';
import { dovecot } from '../daemons/mail.ts';
import { bind, samba, speaker, sshd, vsftpd } from '../daemons/others.ts';
import { holding, impaired, type Served, served, url } from '../daemons/served.ts';
import { postgresql, redis } from '../daemons/stores.ts';
import { certificate, front, haproxy, nginx, site, stunnel } from '../daemons/web.ts';
import { output, type Scenario } from '../scenario.ts';
import * as world from '../worlds.ts';

const silentAboutSize =
  "nft 'add table ip6 s; add chain ip6 s c { type filter hook output priority 0; }; add rule ip6 s c icmpv6 type packet-too-big drop'";

const logins: Served[] = [
  {
    name: 'OpenSSH has a host key of ssh-rsa (SHA-1) alone',
    family: 'fourth-ssh-old-key',
    on: world.company3,
    daemons: { server: [sshd('-o HostKey="$DIR/rsa.key" -o HostKeyAlgorithms=ssh-rsa')] },
    prepare: () => ['ssh-keygen -q -t rsa -b 2048 -N "" -f rsa.key'],
    target: 22,
    truth: impaired('ssh-no-common-algorithm'),
  },
  {
    name: 'OpenSSH stands behind HAProxy, which expects the PROXY protocol',
    family: 'fourth-proxy-protocol-ssh',
    on: world.campus4,
    daemons: {
      server: [
        sshd('', { port: 2222 }),
        haproxy(front(22, '127.0.0.1:2222', { mode: 'tcp', bind: 'accept-proxy' }), 22),
      ],
    },
    target: 22,
    truth: { ...impaired('proxy-protocol-expected', 'service-unresponsive'), maxConfidence: 0.99 },
  },
  {
    name: 'SSH is asked, and stunnel in front of OpenSSH expects TLS',
    family: 'fourth-tls-where-ssh',
    on: world.home1,
    tls: true,
    daemons: { server: [sshd(), stunnel(443, 22)] },
    target: `ssh://${NAME}:443`,
    truth: { ...impaired('protocol-mismatch', 'service-unresponsive'), maxConfidence: 0.97 },
  },
  {
    name: 'vsftpd speaks TLS from the first octet on port 21 (implicit_ssl)',
    family: 'fourth-tls-where-ftp',
    on: world.company2,
    tls: { rsa: true },
    daemons: {
      server: [vsftpd(['ssl_enable=YES', 'implicit_ssl=YES', 'allow_anon_ssl=YES', ...FTP_KEYS()])],
    },
    prepare: () => ['mkdir -p /run/ftp-tls; cp chain.pem key.pem /run/ftp-tls/'],
    target: 21,
    truth: { ...impaired('protocol-mismatch', 'service-unresponsive'), maxConfidence: 0.99 },
  },
  {
    name: 'Samba has as many processes as it may (max smbd processes)',
    family: 'fourth-smb-full',
    on: world.campus4,
    daemons: { server: [samba(['max smbd processes = 1'])] },
    ...holding('client', 445, 1),
    target: 445,
    truth: {
      ...impaired('service-limit-reached', 'service-closes-connection', 'service-access-denied'),
      maxConfidence: 0.9,
    },
  },
];
function FTP_KEYS(): string[] {
  return ['rsa_cert_file=/run/ftp-tls/chain.pem', 'rsa_private_key_file=/run/ftp-tls/key.pem'];
}

const stores: Served[] = [
  {
    name: 'PostgreSQL is a standby that takes no questions (hot_standby = off)',
    family: 'fourth-postgres-standby',
    on: world.company3,
    daemons: {
      server: [
        postgresql(['hot_standby = off', "primary_conninfo = 'host=127.0.0.1 port=9'"], {
          before: 'touch "$DIR/postgresql/standby.signal";',
        }),
      ],
    },
    target: 5432,
    truth: impaired('service-not-ready'),
  },
  {
    name: 'PostgreSQL shuts down as soon as its last session ends',
    family: 'fourth-postgres-stopping',
    on: world.campus4,
    daemons: { server: [postgresql()] },
    services: () => ({
      server: ['until psql -h /run -U lab -d postgres -c "select pg_sleep(100)"; do sleep 0.2; done'],
    }),
    fault: () => ({
      server: [
        `for i in $(seq 60); do psql -h /run -U lab -d postgres -Atc "select 1 from pg_stat_activity where query like '%pg_sleep%' and pid <> pg_backend_pid()" | grep -q 1 && break; sleep 0.1; done; kill -TERM $(head -n 1 "$DIR/postgresql/postmaster.pid"); sleep 0.5`,
      ],
    }),
    target: 5432,
    truth: impaired('service-not-ready'),
  },
  {
    name: 'Redis runs a script that never ends (-BUSY)',
    family: 'fourth-redis-busy',
    on: world.home3,
    daemons: { server: [redis('--lua-time-limit 200')] },
    ...holding('server', 6379, 1, 'EVAL \\"while true do end\\" 0\\r\\n'),
    target: 6379,
    truth: impaired('service-not-ready', 'service-overloaded', 'service-limit-reached'),
  },
  {
    name: 'a replica of Redis has lost its master and answers with nothing old (-MASTERDOWN)',
    family: 'fourth-redis-master-down',
    on: world.campus4v6,
    daemons: { server: [redis('--replicaof 127.0.0.1 9 --replica-serve-stale-data no')] },
    target: 6379,
    truth: impaired('service-not-ready', 'backend-down'),
  },
];

const others: Served[] = [
  {
    name: 'BIND takes one client over TCP, and has one',
    family: 'fourth-dns-tcp-full',
    on: world.company3,
    daemons: { server: [bind(['tcp-clients 1;'])] },
    ...holding('client', 53, 1),
    target: 53,
    truth: {
      ...impaired(
        'service-limit-reached',
        'service-unresponsive',
        'service-overloaded',
        'service-closes-connection',
      ),
      maxConfidence: 0.9,
    },
  },
  {
    name: 'a mail server says that it takes no mail (521), as RFC 7504 has it',
    family: 'fourth-mail-521',
    on: world.campus2v6,
    daemons: {
      server: [speaker(25, { greeting: '521 mx.lab.test does not accept mail\r\n', reply: '503 bad\r\n' })],
    },
    target: 25,
    truth: impaired('service-access-denied'),
  },
  {
    name: 'a news server permits this client nothing (502)',
    family: 'fourth-news-502',
    on: world.home1,
    daemons: { server: [speaker(119, { greeting: '502 You have no permission to talk.\r\n', end: 'fin' })] },
    target: 119,
    truth: impaired('service-access-denied', 'service-closes-connection'),
  },
  {
    name: 'a POP3 server greets with -ERR: its store is not mounted yet',
    family: 'fourth-pop-error',
    on: world.company3,
    daemons: {
      server: [
        speaker(110, { greeting: '-ERR [SYS/TEMP] mail store not available, try later\r\n', end: 'fin' }),
      ],
    },
    target: 110,
    truth: impaired('service-not-ready', 'service-access-denied', 'service-limit-reached'),
  },
];

const web: Served[] = [
  {
    name: 'nginx speaks HTTP/2 without TLS alone on 80',
    family: 'fourth-http2-alone',
    on: world.home3,
    daemons: { server: [nginx(site('80 http2; listen [::]:80 http2'), 80)] },
    target: url('http'),
    truth: impaired('protocol-mismatch', 'service-closes-connection'),
  },
  {
    name: 'HAProxy holds a client of Redis for seconds before it cuts: its server is nowhere',
    family: 'fourth-late-cut',
    on: world.campus4,
    daemons: { server: [haproxy(front(6379, '198.18.0.99:6379', { mode: 'tcp' }), 6379)] },
    fault: () => ({ server: [output('ip daddr 198.18.0.99 drop')] }),
    target: 6379,
    truth: {
      ...impaired('backend-down', 'service-closes-connection', 'service-unresponsive'),
      maxConfidence: 0.95,
    },
  },
  {
    name: 'stunnel wants a client certificate in front of IMAP',
    family: 'fourth-stunnel-client-certificate',
    on: world.home5,
    tls: true,
    daemons: {
      server: [dovecot(), stunnel(993, 143, 'CAfile = root.pem\nverifyChain = yes')],
    },
    target: 993,
    truth: impaired('tls-client-certificate-required'),
  },
  {
    name: 'stunnel speaks TLS 1.1 at best in front of IMAP',
    family: 'fourth-stunnel-old-tls',
    on: world.company3v6,
    tls: { rsa: true },
    daemons: {
      server: [
        dovecot(),
        stunnel(
          993,
          143,
          'sslVersionMin = TLSv1\nsslVersionMax = TLSv1.1\nsecurityLevel = 0\nciphers = ALL:@SECLEVEL=0',
        ),
      ],
    },
    target: 993,
    truth: impaired('tls-version'),
  },
  {
    name: 'the certificate is for clients alone (extended key usage)',
    family: 'fourth-certificate-purpose',
    on: world.company2,
    tls: true,
    prepare: () => [
      `printf 'basicConstraints=CA:FALSE\\nextendedKeyUsage=clientAuth\\nsubjectAltName=DNS:${NAME}\\n' > eku.ext
openssl x509 -req -in server.csr -CA middle.pem -CAkey middle.key -CAcreateserial -days 30 -extfile eku.ext -out eku.pem 2> eku.log; cat eku.pem middle.pem > eku-chain.pem`,
    ],
    daemons: {
      server: [
        nginx(
          site(
            '443 ssl; listen [::]:443 ssl',
            `${certificate('eku-chain.pem')} location / { return 200 ok; }`,
          ),
          443,
        ),
      ],
    },
    target: 443,
    truth: impaired('tls-untrusted', 'tls-handshake-failed'),
  },
  {
    name: 'the certificates of 993 are lost on a link of 1280 octets, and nobody says so',
    family: 'fourth-mtu-of-imaps',
    on: { ...world.company3v6, mtu: { 2: 1280 } },
    tls: { rsa: true },
    daemons: { server: [dovecot('', { tls: true, ports: [993] })] },
    fault: () => ({ r2: [silentAboutSize], r3: [silentAboutSize] }),
    target: 993,
    truth: {
      ...impaired('path-mtu-blackhole'),
      where: [null, { kind: 'target' }, { kind: 'between' }, { kind: 'hop' }],
    },
  },
];

export default [...logins, ...stores, ...others, ...web].map(served) satisfies Scenario[];
