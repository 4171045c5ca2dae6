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
  rfb: 'VNC (RFB)',
  tcp: 'TCP',
  udp: 'UDP',
  icmp: 'ICMP',
} as const satisfies Record<Protocol | TraceProtocol, string>;
