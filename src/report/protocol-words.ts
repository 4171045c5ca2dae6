import type { Protocol, TraceProtocol } from '../model/measured.ts';

/** How people spell the protocols whose names facts and observations hold; keys are all that program code says. */
export const PROTOCOL_WORD = {
  tls: 'TLS',
  ssh: 'SSH',
  http: 'HTTP',
  smtp: 'SMTP',
  imap: 'IMAP',
  pop3: 'POP3',
  ftp: 'FTP',
  mysql: 'MySQL',
  postgresql: 'PostgreSQL',
  redis: 'Redis',
  memcached: 'memcached',
  ldap: 'LDAP',
  smb: 'SMB',
  mqtt: 'MQTT',
  dns: 'DNS',
  amqp: 'AMQP',
  mongodb: 'MongoDB',
  rdp: 'RDP',
  rfb: 'VNC (RFB)',
  telnet: 'Telnet',
  tcp: 'TCP',
  udp: 'UDP',
  icmp: 'ICMP',
} as const satisfies Record<Protocol | TraceProtocol, string>;

/** The same for services that are no protocol spoken here; what is not listed is spelt as it is typed. */
export const SERVICE_WORD: Readonly<Record<string, string>> = {
  ...PROTOCOL_WORD,
  ntp: 'NTP',
  tftp: 'TFTP',
  snmp: 'SNMP',
  isakmp: 'IKE',
  'ipsec-nat-t': 'IPsec NAT-T',
  l2tp: 'L2TP',
  radius: 'RADIUS',
  wireguard: 'WireGuard',
  openvpn: 'OpenVPN',
  https: 'HTTPS',
};
