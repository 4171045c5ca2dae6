/** OpenSSH, vsftpd, Samba, OpenLDAP, Mosquitto, BIND, and protocols spoken by a small program. Truths were written before the first run. */
import type { Daemon } from '../daemons/daemon.ts';
import { bind, mosquitto, samba, slapd, speaker, sshd, vsftpd } from '../daemons/others.ts';
import { holding, impaired, type Served, served, WELL, WELL_BUT_SLOW } from '../daemons/served.ts';
import { front, haproxy, stunnel } from '../daemons/web.ts';
import { hostPort, type Scenario } from '../scenario.ts';
import * as world from '../worlds.ts';

const AMQP_START =
  '\u0001\u0000\u0000\u0000\u0000\u0000\u0024\u0000\u000a\u0000\u000a\u0000\u0009\u0000\u0000\u0000\u0000\u0000\u0000\u0000\u000ePLAIN AMQPLAIN\u0000\u0000\u0000\u0005en_US\u00ce';
const amqp = speaker(5672, {
  replies: { '^AMQP': AMQP_START },
  reply: 'AMQP\u0000\u0000\u0009\u0001',
  end: undefined,
});
/** Connection Confirm of X.224 with "TLS is wanted". */
const rdp = speaker(3389, {
  replies: {
    '^\u0003':
      '\u0003\u0000\u0000\u0013\u000e\u00d0\u0000\u0000\u0012\u0034\u0000\u0002\u001f\u0008\u0000\u0001\u0000\u0000\u0000',
  },
});
/** A program of inetd's kind: tcpd asks hosts.allow and hosts.deny, then the program talks. */
const slowSsh = (seconds: number): Daemon => ({
  ...speaker(22, { greeting: 'SSH-2.0-OpenSSH_9.2p1 Debian-2+deb12u7\r\n', delayMs: seconds * 1000 }),
});
const MQTTS = ['certfile chain.pem', 'keyfile key.pem'];
/** Who connects from elsewhere is turned away by the libraries of tcp wrappers. */
const wrapped = (line: string): Pick<Scenario, 'prepare' | 'files'> => ({
  files: () => ({ 'hosts.deny': `${line}\n`, 'hosts.allow': '' }),
  prepare: () => ['for f in deny allow; do touch /etc/hosts.$f; mount --bind hosts.$f /etc/hosts.$f; done'],
});

const healthy: Served[] = [
  {
    name: 'OpenSSH is well',
    family: 'healthy-ssh',
    on: world.home3,
    daemons: { server: [sshd()] },
    target: 22,
    truth: WELL,
  },
  {
    name: 'OpenSSH is well',
    family: 'healthy-ssh',
    on: world.company3v6,
    daemons: { server: [sshd()] },
    target: 22,
    truth: WELL,
  },
  {
    name: 'OpenSSH on another port is well',
    family: 'healthy-unusual-port',
    on: world.campus4,
    daemons: { server: [sshd('', { port: 2022 })] },
    target: 2022,
    truth: WELL,
  },
  {
    name: 'OpenSSH starts one unauthenticated client at a time and is well',
    family: 'limit-that-we-may-meet',
    on: world.home1,
    daemons: { server: [sshd('-o MaxStartups=2:100:2')] },
    target: 22,
    truth: WELL,
  },
  {
    name: 'vsftpd is well',
    family: 'healthy-ftp',
    on: world.home1,
    daemons: { server: [vsftpd()] },
    target: 21,
    truth: WELL,
  },
  {
    name: 'vsftpd is well',
    family: 'healthy-ftp',
    on: world.campus4v6,
    daemons: { server: [vsftpd()] },
    target: 21,
    truth: WELL,
  },
  {
    name: 'vsftpd with a long banner is well',
    family: 'healthy-ftp',
    on: world.company3,
    daemons: {
      server: [
        vsftpd([
          'ftpd_banner=Welcome. All that you do here is written down and read by people. Leave now if you are not meant to be here.',
        ]),
      ],
    },
    target: 21,
    truth: WELL,
  },
  {
    name: 'Samba is well',
    family: 'healthy-smb',
    on: world.company2,
    daemons: { server: [samba()] },
    target: 445,
    truth: WELL,
  },
  {
    name: 'Samba is well',
    family: 'healthy-smb',
    on: world.company3v6,
    daemons: { server: [samba()] },
    target: 445,
    truth: WELL,
  },
  {
    name: 'Samba signs everything, speaks SMB3 alone and is well',
    family: 'healthy-smb',
    on: world.campus4,
    daemons: {
      server: [
        samba(['server min protocol = SMB3', 'server signing = mandatory', 'server smb encrypt = required']),
      ],
    },
    target: 445,
    truth: WELL,
  },
  {
    name: 'OpenLDAP is well',
    family: 'healthy-ldap',
    on: world.home1,
    daemons: { server: [slapd()] },
    target: 389,
    truth: WELL,
  },
  {
    name: 'OpenLDAP is well',
    family: 'healthy-ldap',
    on: world.campus2v6,
    daemons: { server: [slapd()] },
    target: 389,
    truth: WELL,
  },
  {
    name: 'OpenLDAP lets nobody in without a name, and is well',
    family: 'healthy-ldap',
    on: world.company3,
    daemons: { server: [slapd(['disallow bind_anon', 'require authc'])] },
    target: 389,
    truth: WELL,
  },
  {
    name: 'OpenLDAP on 636 is well, by name',
    family: 'healthy-directory-tls',
    on: world.company3,
    tls: true,
    daemons: { server: [slapd([], { tls: true })] },
    target: 636,
    truth: WELL,
  },
  {
    name: 'OpenLDAP on 636 is well, named by its scheme',
    family: 'healthy-directory-tls',
    on: world.home3v6,
    tls: true,
    daemons: { server: [slapd([], { tls: true })] },
    target: 'ldaps://www.lab.test',
    truth: WELL,
  },
  {
    name: 'Mosquitto is well',
    family: 'healthy-mqtt',
    on: world.home3,
    daemons: { server: [mosquitto()] },
    target: 1883,
    truth: WELL,
  },
  {
    name: 'Mosquitto is well',
    family: 'healthy-mqtt',
    on: world.campus4v6,
    daemons: { server: [mosquitto()] },
    target: 1883,
    truth: WELL,
  },
  {
    name: 'Mosquitto wants a name and a password, and is well',
    family: 'healthy-mqtt',
    on: world.company3,
    daemons: { server: [mosquitto(['allow_anonymous false'])] },
    target: 1883,
    truth: WELL,
  },
  {
    name: 'Mosquitto with TLS on 8883 is well, by name',
    family: 'healthy-mqtt',
    on: world.home1,
    tls: true,
    daemons: { server: [mosquitto(MQTTS, { port: 8883 })] },
    target: 8883,
    truth: WELL,
  },
  {
    name: 'BIND is well over TCP',
    family: 'healthy-dns-tcp',
    on: world.home3,
    daemons: { server: [bind()] },
    target: 53,
    truth: WELL,
  },
  {
    name: 'BIND is well over TCP',
    family: 'healthy-dns-tcp',
    on: world.company3v6,
    daemons: { server: [bind()] },
    target: 53,
    truth: WELL,
  },
  {
    name: 'BIND refuses what we ask for, and is well',
    family: 'healthy-dns-tcp',
    on: world.campus4,
    daemons: { server: [bind(['allow-query { none; };'])] },
    target: 53,
    truth: WELL,
  },
  {
    name: 'AMQP (a program that says what it says) is well',
    family: 'healthy-only-checked',
    on: world.company3,
    daemons: { server: [amqp] },
    target: 5672,
    truth: WELL,
  },
  {
    name: 'RDP (a program that says what it says) is well',
    family: 'healthy-only-checked',
    on: world.home3v6,
    daemons: { server: [rdp] },
    target: 3389,
    truth: WELL,
  },
  {
    name: 'a port without a number that anybody knows, which waits for its client',
    family: 'healthy-only-checked',
    on: world.campus4,
    daemons: { server: [speaker(7777, {})] },
    target: 7777,
    truth: WELL,
  },
  {
    name: 'a port that greets with a line nobody knows',
    family: 'healthy-only-checked',
    on: world.home1,
    daemons: { server: [speaker(4500, { greeting: 'HELLO lab 1.0\r\n' })] },
    target: 4500,
    truth: WELL,
  },
  {
    name: 'OpenSSH greets after 3 seconds (TCP relay that waits)',
    family: 'slow-greeting-ssh',
    on: world.home1,
    daemons: { server: [slowSsh(3)] },
    target: 22,
    truth: WELL_BUT_SLOW,
  },
  {
    name: 'a program greets as OpenSSH after 6 seconds',
    family: 'slow-greeting-ssh',
    on: world.company3v6,
    daemons: { server: [slowSsh(6)] },
    target: 22,
    truth: [...WELL_BUT_SLOW, { ...impaired('service-slow', 'service-unresponsive'), maxConfidence: 0.5 }],
  },
  {
    name: 'vsftpd greets after 3 seconds (hosts are looked up)',
    family: 'slow-greeting-ftp',
    on: world.campus4,
    daemons: {
      server: [speaker(21, { greeting: '220 (vsFTPd 3.0.3)\r\n', delayMs: 3000, reply: '221 Goodbye.\r\n' })],
    },
    target: 21,
    truth: WELL_BUT_SLOW,
  },
];

const faults: Served[] = [
  {
    name: 'vsftpd lets two clients in, and has two (421)',
    family: 'login-full',
    on: world.home1,
    daemons: { server: [vsftpd(['max_clients=2'])] },
    ...holding('server', 21, 2),
    target: 21,
    truth: impaired('service-limit-reached'),
  },
  {
    name: 'vsftpd lets one connection of an address in, and has one (421)',
    family: 'login-full',
    on: world.campus4v6,
    daemons: { server: [vsftpd(['max_per_ip=1'])] },
    ...holding('client', 21, 1),
    target: 21,
    truth: impaired('service-limit-reached'),
  },
  {
    name: 'OpenSSH has as many unauthenticated clients as it starts',
    family: 'login-full',
    on: world.company3,
    daemons: { server: [sshd('-o MaxStartups=2:100:2 -o LoginGraceTime=600')] },
    ...holding('server', 22, 2),
    target: 22,
    truth: impaired('service-limit-reached', 'service-closes-connection'),
  },
  {
    name: 'vsftpd lets this client not in (hosts.deny)',
    family: 'login-denied',
    on: world.home3,
    daemons: { server: [vsftpd(['tcp_wrappers=YES'])] },
    ...wrapped('vsftpd: ALL'),
    target: 21,
    truth: impaired('service-access-denied', 'service-closes-connection'),
  },
  {
    name: 'vsftpd lets this client not in (hosts.deny)',
    family: 'login-denied',
    on: world.company3v6,
    daemons: { server: [vsftpd(['tcp_wrappers=YES'])] },
    ...wrapped('vsftpd: ALL'),
    target: 21,
    truth: impaired('service-access-denied', 'service-closes-connection'),
  },
  {
    name: 'Samba lets this client not in (hosts allow)',
    family: 'smb-denied',
    on: world.company2,
    daemons: { server: [samba(['hosts allow = 192.0.2.7'])] },
    target: 445,
    truth: impaired('service-access-denied', 'service-closes-connection'),
  },
  {
    name: 'Samba lets this client not in (hosts allow)',
    family: 'smb-denied',
    on: world.campus4v6,
    daemons: { server: [samba(['hosts allow = 192.0.2.7'])] },
    target: 445,
    truth: impaired('service-access-denied', 'service-closes-connection'),
  },
  {
    name: 'Mosquitto takes two clients, and has two',
    family: 'message-broker-full',
    on: world.home3,
    daemons: { server: [mosquitto(['max_connections 2'])] },
    ...holding('server', 1883, 3),
    target: 1883,
    truth: { ...impaired('service-limit-reached', 'service-closes-connection'), maxConfidence: 0.95 },
  },
  {
    name: 'OpenLDAP is stopped (SIGSTOP) behind its open port',
    family: 'daemon-hangs',
    on: world.home1,
    daemons: { server: [slapd()] },
    fault: () => ({
      server: [
        'for i in $(seq 50); do [ -s /run/slapd.pid ] && break; sleep 0.1; done; kill -STOP $(cat /run/slapd.pid)',
      ],
    }),
    target: 389,
    truth: { ...impaired('service-unresponsive'), maxConfidence: 0.95 },
  },
  {
    name: 'BIND is stopped (SIGSTOP) behind its open port',
    family: 'daemon-hangs',
    on: world.campus4,
    daemons: { server: [bind()] },
    fault: () => ({
      server: [
        'for i in $(seq 50); do [ -s /run/named/named.pid ] && break; sleep 0.1; done; kill -STOP $(cat /run/named/named.pid)',
      ],
    }),
    target: 53,
    truth: { ...impaired('service-unresponsive'), maxConfidence: 0.95 },
  },
  {
    name: 'HAProxy in front of an OpenLDAP that is off',
    family: 'backend-down-balancer',
    on: world.home3,
    daemons: { server: [haproxy(front(389, '127.0.0.1:9', { mode: 'tcp' }), 389)] },
    target: 389,
    truth: { ...impaired('backend-down', 'service-closes-connection'), maxConfidence: 0.95 },
  },
  {
    name: 'stunnel in front of a Mosquitto that is off',
    family: 'backend-down-tls',
    on: world.company3v6,
    tls: true,
    daemons: { server: [stunnel(8883, 9)] },
    target: 8883,
    truth: impaired('backend-down', 'service-closes-connection'),
  },
  {
    name: 'the certificate on 636 is from an authority that nobody here knows',
    family: 'directory-certificate',
    on: world.campus4,
    tls: true,
    daemons: { server: [slapd([], { tls: true })] },
    target: 'ldaps://www.lab.test',
    flags: () => [],
    truth: impaired('tls-untrusted'),
  },
  {
    name: 'the certificate on 636 is for another name',
    family: 'directory-certificate',
    on: world.home3v6,
    tls: { name: 'ldap.other.test' },
    daemons: { server: [slapd([], { tls: true })] },
    target: 636,
    truth: impaired('tls-name-mismatch'),
  },
  {
    name: 'the certificate on 8883 has expired',
    family: 'directory-certificate',
    on: world.company2,
    tls: { from: -60, to: -2 },
    daemons: { server: [mosquitto(MQTTS, { port: 8883 })] },
    target: 8883,
    truth: impaired('tls-certificate-expired'),
  },
  {
    name: 'FTP expected, OpenSSH answers',
    family: 'other-daemon-answers',
    on: world.home3,
    daemons: { server: [sshd('', { port: 21 })] },
    target: (at) => `ftp://${hostPort(at.server, 21)}`,
    truth: impaired('protocol-mismatch'),
  },
  {
    name: 'SSH expected, vsftpd answers',
    family: 'other-daemon-answers',
    on: world.campus2v6,
    daemons: { server: [vsftpd([], { port: 22 })] },
    target: 22,
    truth: impaired('protocol-mismatch'),
  },
  {
    name: 'MQTT expected, a web server answers',
    family: 'other-daemon-answers',
    on: world.home1,
    daemons: {
      server: [speaker(1883, { reply: 'HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n', end: 'fin' })],
    },
    target: 1883,
    truth: impaired('protocol-mismatch', 'service-closes-connection'),
  },
];

export default [...healthy, ...faults].map(served) satisfies Scenario[];
