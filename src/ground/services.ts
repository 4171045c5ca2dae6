/**
 * The common services: names, ports, what stands on them, and what each speaks. Names and ports are IANA's where IANA's are
 * the ones in use.
 */

/** Services that are asked one harmless question, or that greet (src/parsers/services). */
export const SPOKEN = [
  'smtp',
  'imap',
  'pop3',
  'ftp',
  'mysql',
  'postgresql',
  'redis',
  'memcached',
  'ldap',
  'smb',
  'mqtt',
  'dns',
  'amqp',
  'mongodb',
  'rdp',
] as const;
export type Spoken = (typeof SPOKEN)[number];

export interface Service {
  name: string;
  aliases: readonly string[];
  port: number;
  /** URL scheme, or null where none is in use; aliases are schemes too. */
  scheme: string | null;
  /** TLS starts with the first octet (STARTTLS services are plain here). */
  tls: boolean;
  /** Inside TLS where there is TLS; null = it is only listened to. */
  speaks: 'http' | 'ssh' | Spoken | null;
  /**
   * Run with TLS by some and without by others, or on a port that much else uses: the port alone is no reason to expect
   * anything.
   */
  onlyWhenNamed: boolean;
  /** A service of UDP, about which TCP says nothing; `mostly` = some run it over TCP. */
  udp: 'only' | 'mostly' | null;
  /** Ports that the same host is likely to have open when this one is, best first; the plan picks a few. */
  alternatePorts: readonly number[];
}

type More = Partial<Omit<Service, 'name' | 'port'>>;

const service = (name: string, port: number, more: More = {}): Service => ({
  name,
  port,
  aliases: [],
  scheme: name,
  tls: false,
  speaks: null,
  onlyWhenNamed: false,
  udp: null,
  alternatePorts: [22, 443, 80],
  ...more,
});

const SERVICES: readonly Service[] = [
  service('http', 80, { speaks: 'http', aliases: ['www', 'ws'], alternatePorts: [443, 22, 8080] }),
  service('https', 443, {
    speaks: 'http',
    aliases: ['wss', 'h2'],
    tls: true,
    alternatePorts: [80, 22, 8443],
  }),
  service('http-alt', 8080, {
    speaks: 'http',
    onlyWhenNamed: true,
    aliases: ['webcache'],
    scheme: null,
    alternatePorts: [80, 443, 22],
  }),
  service('https-alt', 8443, {
    speaks: 'http',
    onlyWhenNamed: true,
    scheme: null,
    tls: true,
    alternatePorts: [443, 80, 22],
  }),
  service('ssh', 22, { speaks: 'ssh', aliases: ['sftp', 'scp'], alternatePorts: [443, 80, 2222] }),
  service('telnet', 23, { alternatePorts: [22, 80, 443] }),
  service('ftp', 21, { speaks: 'ftp', alternatePorts: [22, 80, 990] }),
  service('ftps', 990, { speaks: 'ftp', tls: true, alternatePorts: [21, 22, 443] }),
  service('smtp', 25, { speaks: 'smtp', alternatePorts: [587, 465, 443] }),
  service('submission', 587, { speaks: 'smtp', scheme: null, alternatePorts: [465, 25, 993] }),
  service('submissions', 465, {
    speaks: 'smtp',
    aliases: ['smtps'],
    tls: true,
    alternatePorts: [587, 25, 993],
  }),
  service('imap', 143, { speaks: 'imap', alternatePorts: [993, 587, 25] }),
  service('imaps', 993, { speaks: 'imap', tls: true, alternatePorts: [143, 587, 443] }),
  service('pop3', 110, { speaks: 'pop3', aliases: ['pop'], alternatePorts: [995, 993, 25] }),
  service('pop3s', 995, { speaks: 'pop3', aliases: ['pops'], tls: true, alternatePorts: [110, 993, 25] }),
  service('domain', 53, { speaks: 'dns', aliases: ['dns'], scheme: 'dns', alternatePorts: [853, 443, 22] }),
  service('domain-s', 853, {
    speaks: 'dns',
    aliases: ['dot', 'dns-over-tls'],
    scheme: null,
    tls: true,
    alternatePorts: [53, 443, 22],
  }),
  service('ldap', 389, { speaks: 'ldap', alternatePorts: [636, 88, 445] }),
  service('ldaps', 636, { speaks: 'ldap', tls: true, alternatePorts: [389, 88, 445] }),
  service('kerberos', 88, { alternatePorts: [389, 445, 464] }),
  service('microsoft-ds', 445, {
    speaks: 'smb',
    aliases: ['smb', 'cifs'],
    scheme: 'smb',
    alternatePorts: [139, 135, 3389],
  }),
  service('msrpc', 135, { aliases: ['epmap'], scheme: null, alternatePorts: [445, 139, 3389] }),
  service('ms-wbt-server', 3389, {
    speaks: 'rdp',
    aliases: ['rdp'],
    scheme: 'rdp',
    alternatePorts: [445, 135, 443],
  }),
  service('winrm', 5985, {
    speaks: 'http',
    onlyWhenNamed: true,
    scheme: null,
    alternatePorts: [5986, 445, 3389],
  }),
  service('winrms', 5986, {
    speaks: 'http',
    onlyWhenNamed: true,
    scheme: null,
    tls: true,
    alternatePorts: [5985, 445, 3389],
  }),
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
  service('postgresql', 5432, {
    speaks: 'postgresql',
    aliases: ['postgres', 'pgsql'],
    alternatePorts: [22, 6432, 443],
  }),
  service('mysql', 3306, { speaks: 'mysql', aliases: ['mariadb'], alternatePorts: [22, 33060, 443] }),
  service('ms-sql-s', 1433, {
    aliases: ['mssql', 'sqlserver'],
    scheme: 'mssql',
    alternatePorts: [3389, 445, 135],
  }),
  service('oracle', 1521, { aliases: ['ncube-lm', 'oracle-tns'], alternatePorts: [22, 1522, 5500] }),
  service('mongodb', 27017, { speaks: 'mongodb', aliases: ['mongo'], alternatePorts: [22, 443, 27018] }),
  service('redis', 6379, { speaks: 'redis', alternatePorts: [22, 26379, 443] }),
  service('rediss', 6380, {
    speaks: 'redis',
    aliases: ['redis-tls'],
    tls: true,
    alternatePorts: [6379, 22, 443],
  }),
  service('memcached', 11211, { speaks: 'memcached', aliases: ['memcache'], alternatePorts: [22, 80, 443] }),
  service('elasticsearch', 9200, {
    speaks: 'http',
    onlyWhenNamed: true,
    aliases: ['opensearch'],
    scheme: null,
    alternatePorts: [9300, 22, 443],
  }),
  service('cassandra', 9042, { aliases: ['cql'], scheme: null, alternatePorts: [7000, 22, 443] }),
  service('kafka', 9092, { alternatePorts: [22, 2181, 443] }),
  service('zookeeper', 2181, { scheme: null, alternatePorts: [9092, 22, 443] }),
  service('amqp', 5672, { speaks: 'amqp', aliases: ['rabbitmq'], alternatePorts: [15672, 5671, 22] }),
  service('amqps', 5671, { speaks: 'amqp', tls: true, alternatePorts: [5672, 15671, 22] }),
  service('nats', 4222, { alternatePorts: [8222, 22, 443] }),
  service('mqtt', 1883, { speaks: 'mqtt', alternatePorts: [8883, 443, 22] }),
  service('mqtts', 8883, {
    speaks: 'mqtt',
    aliases: ['secure-mqtt'],
    tls: true,
    alternatePorts: [1883, 443, 22],
  }),
  service('etcd', 2379, {
    speaks: 'http',
    onlyWhenNamed: true,
    aliases: ['etcd-client'],
    scheme: null,
    alternatePorts: [2380, 6443, 22],
  }),
  service('kubernetes', 6443, {
    speaks: 'http',
    aliases: ['k8s', 'kube-apiserver'],
    scheme: null,
    tls: true,
    alternatePorts: [443, 22, 10250],
  }),
  service('docker', 2375, {
    speaks: 'http',
    onlyWhenNamed: true,
    scheme: null,
    alternatePorts: [2376, 22, 443],
  }),
  service('docker-s', 2376, {
    speaks: 'http',
    aliases: ['docker-tls'],
    scheme: null,
    tls: true,
    alternatePorts: [2375, 22, 443],
  }),
  service('consul', 8500, {
    speaks: 'http',
    onlyWhenNamed: true,
    scheme: null,
    alternatePorts: [8300, 22, 443],
  }),
  service('vault', 8200, {
    speaks: 'http',
    onlyWhenNamed: true,
    scheme: null,
    tls: true,
    alternatePorts: [8201, 22, 443],
  }),
  service('prometheus', 9090, {
    speaks: 'http',
    onlyWhenNamed: true,
    scheme: null,
    alternatePorts: [9100, 3000, 22],
  }),
  service('grafana', 3000, {
    speaks: 'http',
    onlyWhenNamed: true,
    scheme: null,
    alternatePorts: [9090, 22, 443],
  }),
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
  service('http-proxy', 3128, {
    speaks: 'http',
    onlyWhenNamed: true,
    aliases: ['squid'],
    scheme: null,
    alternatePorts: [22, 443, 8080],
  }),
  service('openvpn', 1194, { udp: 'mostly', scheme: null, alternatePorts: [443, 22, 80] }),
  service('discard', 9, { scheme: null }),
  service('echo', 7, { scheme: null }),
  // Services of UDP, so that somebody who tests them by TCP is told.
  service('ntp', 123, { udp: 'only', scheme: null }),
  service('tftp', 69, { udp: 'only' }),
  service('snmp', 161, { udp: 'only', scheme: null }),
  service('isakmp', 500, { aliases: ['ike'], udp: 'only', scheme: null }),
  service('ipsec-nat-t', 4500, { udp: 'only', scheme: null }),
  service('l2tp', 1701, { udp: 'only', scheme: null }),
  service('radius', 1812, { udp: 'only', scheme: null }),
  service('wireguard', 51820, { aliases: ['wg'], udp: 'only', scheme: null }),
  service('syslog', 514, { udp: 'mostly', scheme: null }),
];

/** For a port that no service in the table claims. */
export const USUAL_ALTERNATE_PORTS: readonly number[] = [22, 443, 80];

const byName = new Map<string, Service>();
for (const one of SERVICES) {
  for (const name of [one.name, ...one.aliases, ...(one.scheme === null ? [] : [one.scheme])])
    byName.set(name, one);
}
const byPort = new Map(SERVICES.map((one) => [one.port, one]));

export function serviceNamed(name: string | null): Service | null {
  return byName.get(name?.toLowerCase() ?? '') ?? null;
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

/** A name from the table, or null, and whether the user named it. */
interface Expected {
  service: string | null;
  serviceNamed: boolean;
}

/** How a service is spoken to. `listen` = only hear whether it says something by itself. */
export type Dialogue =
  | { speak: 'tls'; inside: 'http' | Spoken | null }
  | { speak: 'http' }
  | { speak: 'ssh' }
  | { speak: 'greeting'; service: Spoken }
  | { speak: 'listen' };

/** Services whose server speaks first. */
const GREETS: ReadonlySet<Spoken> = new Set<Spoken>(['smtp', 'imap', 'pop3', 'ftp', 'mysql']);
export const isGreeting = (service: Spoken): boolean => GREETS.has(service);

export function dialogueOf(target: Expected): Dialogue {
  const known = serviceNamed(target.service);
  if (known === null) return { speak: 'listen' };
  const { speaks, tls } = known;
  if (tls) return { speak: 'tls', inside: speaks === 'ssh' ? null : speaks };
  if (speaks === null) return { speak: 'listen' };
  return speaks === 'http' || speaks === 'ssh' ? { speak: speaks } : { speak: 'greeting', service: speaks };
}

/** Whether another protocol on this port is a fault: not where only a port that much else uses suggests the service. */
export const isExpected = (target: Expected): boolean =>
  target.serviceNamed || (target.service !== null && serviceNamed(target.service)?.onlyWhenNamed === false);
