/**
 * The common services: names, ports, what stands on them. Names and ports are IANA's where IANA's are the ones in use.
 * `tls` tells whether TLS starts with the first octet (STARTTLS services are plain here).
 * `alternatePorts` are ports that the same host is likely to have open when this one is, best first; the plan picks a few.
 */
export interface Service {
  name: string;
  aliases: readonly string[];
  port: number;
  /** URL scheme, or null where none is in use; aliases are schemes too. */
  scheme: string | null;
  tls: boolean;
  alternatePorts: readonly number[];
}

const service = (
  name: string,
  port: number,
  more: { aliases?: string[]; scheme?: string | null; tls?: boolean; alternatePorts?: number[] } = {},
): Service => ({
  name,
  port,
  aliases: more.aliases ?? [],
  scheme: more.scheme === undefined ? name : more.scheme,
  tls: more.tls ?? false,
  alternatePorts: more.alternatePorts ?? [22, 443, 80],
});

const SERVICES: readonly Service[] = [
  service('http', 80, { aliases: ['www', 'ws'], alternatePorts: [443, 22, 8080] }),
  service('https', 443, { aliases: ['wss', 'h2'], tls: true, alternatePorts: [80, 22, 8443] }),
  service('http-alt', 8080, { aliases: ['webcache'], scheme: null, alternatePorts: [80, 443, 22] }),
  service('https-alt', 8443, { scheme: null, tls: true, alternatePorts: [443, 80, 22] }),
  service('ssh', 22, { aliases: ['sftp', 'scp'], alternatePorts: [443, 80, 2222] }),
  service('telnet', 23, { alternatePorts: [22, 80, 443] }),
  service('ftp', 21, { alternatePorts: [22, 80, 990] }),
  service('ftps', 990, { tls: true, alternatePorts: [21, 22, 443] }),
  service('smtp', 25, { alternatePorts: [587, 465, 443] }),
  service('submission', 587, { scheme: null, alternatePorts: [465, 25, 993] }),
  service('submissions', 465, { aliases: ['smtps'], tls: true, alternatePorts: [587, 25, 993] }),
  service('imap', 143, { alternatePorts: [993, 587, 25] }),
  service('imaps', 993, { tls: true, alternatePorts: [143, 587, 443] }),
  service('pop3', 110, { aliases: ['pop'], alternatePorts: [995, 993, 25] }),
  service('pop3s', 995, { aliases: ['pops'], tls: true, alternatePorts: [110, 993, 25] }),
  service('domain', 53, { aliases: ['dns'], scheme: 'dns', alternatePorts: [853, 443, 22] }),
  service('domain-s', 853, {
    aliases: ['dot', 'dns-over-tls'],
    scheme: null,
    tls: true,
    alternatePorts: [53, 443, 22],
  }),
  service('ldap', 389, { alternatePorts: [636, 88, 445] }),
  service('ldaps', 636, { tls: true, alternatePorts: [389, 88, 445] }),
  service('kerberos', 88, { alternatePorts: [389, 445, 464] }),
  service('microsoft-ds', 445, { aliases: ['smb', 'cifs'], scheme: 'smb', alternatePorts: [139, 135, 3389] }),
  service('msrpc', 135, { aliases: ['epmap'], scheme: null, alternatePorts: [445, 139, 3389] }),
  service('ms-wbt-server', 3389, { aliases: ['rdp'], scheme: 'rdp', alternatePorts: [445, 135, 443] }),
  service('winrm', 5985, { scheme: null, alternatePorts: [5986, 445, 3389] }),
  service('winrms', 5986, { scheme: null, tls: true, alternatePorts: [5985, 445, 3389] }),
  service('vnc', 5900, { aliases: ['rfb'] }),
  service('nfs', 2049, { alternatePorts: [111, 22, 445] }),
  service('rpcbind', 111, {
    aliases: ['sunrpc', 'portmapper'],
    scheme: null,
    alternatePorts: [2049, 22, 80],
  }),
  service('rsync', 873, { alternatePorts: [22, 80, 443] }),
  service('git', 9418, { alternatePorts: [443, 22, 80] }),
  service('svn', 3690, { alternatePorts: [443, 22, 80] }),
  service('postgresql', 5432, { aliases: ['postgres', 'pgsql'], alternatePorts: [22, 6432, 443] }),
  service('mysql', 3306, { aliases: ['mariadb'], alternatePorts: [22, 33060, 443] }),
  service('ms-sql-s', 1433, {
    aliases: ['mssql', 'sqlserver'],
    scheme: 'mssql',
    alternatePorts: [3389, 445, 135],
  }),
  service('oracle', 1521, { aliases: ['ncube-lm', 'oracle-tns'], alternatePorts: [22, 1522, 5500] }),
  service('mongodb', 27017, { aliases: ['mongo'], alternatePorts: [22, 443, 27018] }),
  service('redis', 6379, { alternatePorts: [22, 26379, 443] }),
  service('rediss', 6380, { aliases: ['redis-tls'], tls: true, alternatePorts: [6379, 22, 443] }),
  service('memcached', 11211, { aliases: ['memcache'], alternatePorts: [22, 80, 443] }),
  service('elasticsearch', 9200, { aliases: ['opensearch'], scheme: null, alternatePorts: [9300, 22, 443] }),
  service('cassandra', 9042, { aliases: ['cql'], scheme: null, alternatePorts: [7000, 22, 443] }),
  service('kafka', 9092, { alternatePorts: [22, 2181, 443] }),
  service('zookeeper', 2181, { scheme: null, alternatePorts: [9092, 22, 443] }),
  service('amqp', 5672, { aliases: ['rabbitmq'], alternatePorts: [15672, 5671, 22] }),
  service('amqps', 5671, { tls: true, alternatePorts: [5672, 15671, 22] }),
  service('nats', 4222, { alternatePorts: [8222, 22, 443] }),
  service('mqtt', 1883, { alternatePorts: [8883, 443, 22] }),
  service('mqtts', 8883, { aliases: ['secure-mqtt'], tls: true, alternatePorts: [1883, 443, 22] }),
  service('etcd', 2379, { aliases: ['etcd-client'], scheme: null, alternatePorts: [2380, 6443, 22] }),
  service('kubernetes', 6443, {
    aliases: ['k8s', 'kube-apiserver'],
    scheme: null,
    tls: true,
    alternatePorts: [443, 22, 10250],
  }),
  service('docker', 2375, { scheme: null, alternatePorts: [2376, 22, 443] }),
  service('docker-s', 2376, {
    aliases: ['docker-tls'],
    scheme: null,
    tls: true,
    alternatePorts: [2375, 22, 443],
  }),
  service('consul', 8500, { scheme: null, alternatePorts: [8300, 22, 443] }),
  service('vault', 8200, { scheme: null, tls: true, alternatePorts: [8201, 22, 443] }),
  service('prometheus', 9090, { scheme: null, alternatePorts: [9100, 3000, 22] }),
  service('grafana', 3000, { scheme: null, alternatePorts: [9090, 22, 443] }),
  service('xmpp-client', 5222, {
    aliases: ['xmpp', 'jabber-client'],
    scheme: 'xmpp',
    alternatePorts: [5269, 443, 80],
  }),
  service('irc', 6667, { alternatePorts: [6697, 443, 22] }),
  service('ircs', 6697, { aliases: ['ircs-u'], tls: true, alternatePorts: [6667, 443, 22] }),
  service('sip', 5060, { alternatePorts: [5061, 443, 22] }),
  service('sips', 5061, { aliases: ['sip-tls'], tls: true, alternatePorts: [5060, 443, 22] }),
  service('ipp', 631, { aliases: ['cups'], alternatePorts: [9100, 80, 443] }),
  service('socks', 1080, { aliases: ['socks5', 'socks5h'], alternatePorts: [22, 443, 3128] }),
  service('http-proxy', 3128, { aliases: ['squid'], scheme: null, alternatePorts: [22, 443, 8080] }),
  service('openvpn', 1194, { scheme: null, alternatePorts: [443, 22, 80] }),
  service('discard', 9, { scheme: null }),
  service('echo', 7, { scheme: null }),
];

/** For a port that no service in the table claims. */
export const USUAL_ALTERNATE_PORTS: readonly number[] = [22, 443, 80];

const byName = new Map<string, Service>();
for (const one of SERVICES) {
  for (const name of [one.name, ...one.aliases, ...(one.scheme === null ? [] : [one.scheme])])
    byName.set(name, one);
}
const byPort = new Map(SERVICES.map((one) => [one.port, one]));

export function serviceNamed(name: string): Service | null {
  return byName.get(name.toLowerCase()) ?? null;
}

export function serviceOnPort(port: number): Service | null {
  return byPort.get(port) ?? null;
}

export function serviceOfScheme(scheme: string): Service | null {
  const found = byName.get(scheme.toLowerCase()) ?? null;
  return found?.scheme === null ? null : found;
}

export function serviceNames(): string[] {
  return [...byName.keys()];
}
