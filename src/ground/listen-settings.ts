/**
 * Where the program that mostly is a service is told on which addresses to listen, by the names of the table of services.
 * From the manuals of the programs that are named.
 */
const SETTINGS: Readonly<Record<string, string>> = {
  ssh: 'ListenAddress in sshd_config (OpenSSH)',
  ftp: 'listen_address in vsftpd.conf (vsftpd)',
  smtp: 'inet_interfaces in main.cf (Postfix)',
  submission: 'inet_interfaces in main.cf (Postfix)',
  submissions: 'inet_interfaces in main.cf (Postfix)',
  imap: 'listen in dovecot.conf (Dovecot)',
  imaps: 'listen in dovecot.conf (Dovecot)',
  pop3: 'listen in dovecot.conf (Dovecot)',
  pop3s: 'listen in dovecot.conf (Dovecot)',
  http: 'listen (nginx), Listen (Apache)',
  https: 'listen (nginx), Listen (Apache)',
  domain: 'listen-on and listen-on-v6 in named.conf (BIND)',
  ldap: 'the URLs after -h of slapd (OpenLDAP)',
  ldaps: 'the URLs after -h of slapd (OpenLDAP)',
  'microsoft-ds': 'interfaces and "bind interfaces only" in smb.conf (Samba)',
  rsync: 'address in rsyncd.conf',
  postgresql: 'listen_addresses in postgresql.conf',
  mysql: 'bind-address in my.cnf',
  mongodb: 'net.bindIp in mongod.conf',
  redis: 'bind in redis.conf',
  memcached: 'the option -l of memcached',
  elasticsearch: 'network.host in elasticsearch.yml',
  cassandra: 'rpc_address in cassandra.yaml',
  kafka: 'listeners in server.properties',
  amqp: 'listeners.tcp in rabbitmq.conf (RabbitMQ)',
  mqtt: 'listener in mosquitto.conf (Mosquitto)',
  mqtts: 'listener in mosquitto.conf (Mosquitto)',
  ipp: 'Listen in cupsd.conf (CUPS)',
  'http-proxy': 'http_port in squid.conf (Squid)',
};

export const listenSettingOf = (service: string | null): string | null =>
  service !== null && Object.hasOwn(SETTINGS, service) ? SETTINGS[service]! : null;

/** What an operating system itself brings, and seldom a container. */
const OF_THE_SYSTEM: ReadonlySet<string> = new Set([
  ...['ssh', 'telnet', 'rpcbind', 'nfs'],
  ...['msrpc', 'microsoft-ds', 'ms-wbt-server', 'winrm', 'winrms'],
]);

export const isOfTheSystem = (service: string): boolean => OF_THE_SYSTEM.has(service);
