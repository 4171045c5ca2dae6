/** Web servers, balancers, proxies and TLS in front of something. */
import { type Daemon, notAsRoot } from './daemon.ts';

/** `servers` is what stands inside `http { }`: `server { listen 80; location / { return 200 ok; } }`. */
export const nginx = (servers: string, ...ports: number[]): Daemon => ({
  files: {
    'nginx.conf': `daemon off; pid nginx.pid; error_log nginx-error.log info; user root; events {}
http {
  access_log nginx-access.log; client_body_temp_path .; proxy_temp_path .; fastcgi_temp_path .; uwsgi_temp_path .; scgi_temp_path .;
  ${servers}
}
`,
  },
  command: 'cd "$DIR"; exec nginx -p "$DIR/" -e nginx-start.log -c nginx.conf',
  ports,
});
/** One `server { }` that answers 200 to everything, or what `inside` says. */
export const site = (listen: string, inside = 'location / { return 200 "ok\\n"; }'): string =>
  `server { listen ${listen}; ${inside} }`;
/** Lines for a `server { }` with the certificate of certificates.ts (a name of pem file and key file). */
export const certificate = (chain = 'chain.pem', key = 'key.pem'): string =>
  `ssl_certificate ${chain}; ssl_certificate_key ${key};`;

const APACHE_MODULES =
  'mpm_event authz_core authn_core authn_file authz_user authz_host auth_basic alias dir mime ssl socache_shmcb proxy proxy_http rewrite'.split(
    ' ',
  );
export const apache = (lines: string, ...ports: number[]): Daemon => ({
  files: {
    'page.html': 'ok\n',
    'apache.conf': `${APACHE_MODULES.map((name) => `LoadModule ${name}_module /usr/lib/apache2/modules/mod_${name}.so`).join('\n')}
PidFile apache.pid
ErrorLog apache-error.log
LogFormat "%h %t \\"%r\\" %>s" plain
CustomLog apache-access.log plain
DefaultRuntimeDir .
ServerName www.lab.test
TypesConfig /etc/mime.types
DocumentRoot .
DirectoryIndex page.html
<Directory />
  Require all granted
</Directory>
${ports.map((port) => `Listen ${port}`).join('\n')}
${lines}
`,
  },
  command: notAsRoot('apache2 -DFOREGROUND -d "$DIR" -f apache.conf'),
  ports,
});

/** `lines`: frontends and backends. */
export const haproxy = (lines: string, ...ports: number[]): Daemon => ({
  files: {
    'haproxy.cfg': `global
  stats socket unix@/run/haproxy.sock level admin
defaults
  mode http
  timeout connect 2s
  timeout client 30s
  timeout server 30s
${lines}
`,
  },
  command: 'cd "$DIR"; exec haproxy -db -f haproxy.cfg',
  ports,
});
/** `frontend` of TCP or HTTP that leads to one server. */
export const front = (
  port: number,
  to: string,
  { mode = 'http', bind = '', lines = [] as string[] } = {},
): string =>
  [
    'listen front',
    `  mode ${mode}`,
    `  bind :::${port} v4v6 ${bind}`,
    ...lines.map((line) => `  ${line}`),
    ...(to === '' ? [] : [`  server one ${to}`]),
  ].join('\n');

export const squid = (lines = '', port = 3128): Daemon => ({
  files: {
    'squid.conf': `http_port ${port}
http_access allow all
cache deny all
pid_filename none
coredump_dir .
cache_log squid-cache.log
access_log stdio:squid-access.log
shutdown_lifetime 1 second
pinger_enable off
${lines}
`,
  },
  command: notAsRoot('squid -N -f squid.conf'),
  ports: [port],
});

/** TLS with the certificate of certificates.ts in front of a plain port of the same host. */
export const stunnel = (accept: number, connect: number, more = ''): Daemon => ({
  files: {
    [`stunnel-${accept}.conf`]: `foreground = yes
syslog = no
pid =
socket = l:TCP_NODELAY=1
[one]
accept = :::${accept}
connect = 127.0.0.1:${connect}
cert = chain.pem
key = key.pem
${more}
`,
  },
  command: `cd "$DIR"; exec stunnel4 stunnel-${accept}.conf`,
  ports: [accept],
});

/** `openssl s_server`: one client at a time, and every odd setting of TLS. */
export const tlsServer = (
  port: number,
  options = '-cert chain.pem -cert_chain chain.pem -key key.pem',
): Daemon => ({
  command: `cd "$DIR"; exec openssl s_server -accept ${port} ${options} -www -quiet`,
  ports: [port],
});

/** A site with the certificate of certificates.ts on 443, both families. */
export const secureSite = (inside?: string): Daemon =>
  nginx(
    site('443 ssl; listen [::]:443 ssl', `${certificate()} ${inside ?? 'location / { return 200 ok; }'}`),
    443,
  );
/** A site on 80, both families. */
export const plainSite = (inside?: string): Daemon =>
  nginx(site('80; listen [::]:80', inside ?? 'location / { return 200 ok; }'), 80);
const APACHE_TLS = 'SSLCertificateFile chain.pem\nSSLCertificateKeyFile key.pem';
export const apacheTls = (inside: string): Daemon =>
  apache(`<VirtualHost *:443>\nSSLEngine on\n${APACHE_TLS}\n${inside}\n</VirtualHost>`, 443);
