/** Fourth examination: all is well, in unusual ways. Truths were written before the first run, without sight of the rules. */
import { NAME } from '../certificates.ts';
import type { Daemon } from '../daemons/daemon.ts';
import { dovecot, postfix } from '../daemons/mail.ts';
import { samba, speaker, sshd, vsftpd } from '../daemons/others.ts';
import { type Served, served, url, WELL, WELL_BUT_SLOW } from '../daemons/served.ts';
import { mariadb, redis } from '../daemons/stores.ts';
import { certificate, haproxy, nginx, secureSite, site } from '../daemons/web.ts';
import { hostPort, output, type Scenario } from '../scenario.ts';
import type { Addresses } from '../topology.ts';
import * as world from '../worlds.ts';

const port = (at: Addresses) => hostPort(at.server, 8080);
const HOST = 'app.example.com';
const fitsTheRoute =
  "nft 'add table inet m; add chain inet m c { type filter hook forward priority mangle; }; add rule inet m c tcp flags syn tcp option maxseg size set rt mtu'";

const networks: Served[] = [
  {
    name: 'well, this machine has a /32 and a gateway beyond it, as hosters do',
    family: 'fourth-well-address',
    on: world.home3,
    fault: () => ({
      client: [
        'ip -4 addr flush dev eth0; ip addr add 192.168.178.50/32 dev eth0; ip route add 192.168.178.1 dev eth0; ip route add default via 192.168.178.1 dev eth0 onlink',
      ],
    }),
    target: port,
    truth: WELL,
  },
  {
    name: 'well, the gateway is a link-local address, as router advertisements have it',
    family: 'fourth-well-address',
    on: world.campus4v6,
    fault: () => ({
      r1: ['ip -6 addr add fe80::1/64 dev lan nodad'],
      client: ['ip -6 route replace default via fe80::1 dev eth0'],
    }),
    target: port,
    truth: WELL,
  },
  {
    name: 'well, an IPv4 address was typed inside an IPv6 one (::ffff:)',
    family: 'fourth-well-typed',
    on: world.company3,
    target: (at) => `[::ffff:${at.server}]:8080`,
    truth: WELL,
  },
  {
    name: "well, this network's own outside address, and the router leads it back in",
    family: 'fourth-well-translated',
    on: { ...world.nat3, neighbour: true },
    listenOn: { neighbour: [8080] },
    fault: (at) => ({
      r1: [
        `nft 'add table ip h; add chain ip h p { type nat hook prerouting priority dstnat; }; add rule ip h p ip daddr ${at.farSide(1)} tcp dport 8080 dnat to ${at.neighbour}; add chain ip h q { type nat hook postrouting priority srcnat; }; add rule ip h q iifname lan oifname lan masquerade'`,
      ],
    }),
    target: (at) => hostPort(at.farSide(1), 8080),
    truth: WELL,
  },
  {
    name: 'well, this machine has jumbo frames and the gateway has not',
    family: 'fourth-well-sizes',
    on: world.home3,
    tls: { rsa: true },
    daemons: { server: [secureSite()] },
    fault: () => ({ client: ['ip link set eth0 mtu 9000'] }),
    target: 443,
    truth: WELL,
  },
  {
    name: 'well, a tunnel of 1400 octets that tells nobody, and routers that make the segments fit',
    family: 'fourth-well-sizes',
    on: { ...world.company3, mtu: { 2: 1400 } },
    tls: { rsa: true },
    daemons: { server: [secureSite()] },
    fault: () => {
      const silent = output('icmp type destination-unreachable icmp code frag-needed drop');
      return { r2: [fitsTheRoute, silent], r3: [fitsTheRoute, silent] };
    },
    target: 443,
    truth: WELL,
  },
  {
    name: 'well, every second packet takes another link',
    family: 'fourth-well-two-links',
    on: world.campus4,
    fault: (at) => ({
      r2: [
        `ip link add east2 type veth peer name west2 netns r3; ip link set east2 up; ip addr add 10.99.77.1/30 dev east2
ip -n r3 link set west2 up; ip -n r3 addr add 10.99.77.2/30 dev west2
ip route add ${at.serverNet} via 10.99.77.2 table 77; ip rule add fwmark 1 lookup 77 pref 50
nft "add table ip lb; add chain ip lb c { type filter hook prerouting priority mangle; }; add rule ip lb c meta mark set numgen inc mod 2"`,
      ],
    }),
    target: port,
    truth: WELL,
  },
  {
    name: 'well, the host takes one new connection to SSH a minute from each address (recent)',
    family: 'fourth-well-recent',
    on: world.company2,
    daemons: { server: [sshd()] },
    fault: () => ({
      server: [
        'iptables -A INPUT -p tcp --dport 22 -m conntrack --ctstate NEW -m recent --name ssh --set; iptables -A INPUT -p tcp --dport 22 -m conntrack --ctstate NEW -m recent --name ssh --update --seconds 60 --hitcount 2 -j DROP',
      ],
    }),
    target: 22,
    truth: WELL,
  },
];

const names: Served[] = [
  {
    name: 'well, a container of Kubernetes: five dots and three search domains',
    family: 'fourth-well-names',
    on: { ...world.company3, resolvers: 1 },
    resolvers: (at) => [{ mode: 'normal', records: { [HOST]: { a: [at.server] } } }],
    files: (at) => ({
      'resolv.conf': `search default.svc.cluster.local svc.cluster.local cluster.local\nnameserver ${at.dns(1)}\noptions ndots:5\n`,
    }),
    target: `${HOST}:8080`,
    truth: WELL,
  },
  {
    name: 'well, nsswitch.conf names modules that are not installed',
    family: 'fourth-well-names',
    on: world.home3v6,
    resolvers: (at) => [{ mode: 'normal', records: { [HOST]: { aaaa: [at.server] } } }],
    files: () => ({
      'nsswitch.conf':
        'hosts: files mymachines mdns4_minimal [NOTFOUND=return] resolve [!UNAVAIL=return] dns\n',
    }),
    target: `${HOST}:8080`,
    truth: WELL,
  },
  {
    name: 'well, a name with an umlaut',
    family: 'fourth-well-typed',
    on: world.home3,
    resolvers: (at) => [{ mode: 'normal', records: { 'xn--bcher-kva.example': { a: [at.server] } } }],
    target: 'bücher.example:8080',
    truth: WELL,
  },
  {
    name: 'well, a name server that cuts its answers short for whoever asks often (rate-limit, slip)',
    family: 'fourth-well-names',
    on: { ...world.campus4, resolvers: 1 },
    resolvers: [{ mode: 'off' }],
    files: (at) => ({
      'named.conf': `options { directory "/run/named"; pid-file "/run/named/named.pid"; session-keyfile none; listen-on { any; }; recursion no; dnssec-validation no; rate-limit { responses-per-second 1; slip 1; }; };
controls { };
zone "lab.test" { type primary; file "/run/named/lab.zone"; };
`,
      'lab.zone': `$TTL 60\n@ SOA ns root 1 60 60 60 60\n@ NS ns\nns A ${at.dns(1)}\nwww A ${at.server}\n`,
    }),
    services: () => ({
      dns1: ['mkdir -p /run/named; cp "$DIR/lab.zone" /run/named/; exec named -g -c "$DIR/named.conf"'],
    }),
    waitFor: { dns1: [53] },
    target: 'www.lab.test:8080',
    truth: WELL,
  },
];

/** BIND with TLS of its own on 853. */
const dnsOverTls: Daemon = {
  files: {
    'named.conf': `tls lab { cert-file "/run/named/chain.pem"; key-file "/run/named/key.pem"; };
options { directory "/run/named"; pid-file "/run/named/named.pid"; session-keyfile none; listen-on { any; }; listen-on port 853 tls lab { any; }; recursion no; dnssec-validation no; };
controls { };
zone "lab.test" { type primary; file "/run/named/lab.zone"; };
`,
    'lab.zone': '$TTL 60\n@ SOA ns root 1 60 60 60 60\n@ NS ns\nns A 192.0.2.53\nwww A 192.0.2.80\n',
  },
  prepare: ['mkdir -p /run/named; cp lab.zone chain.pem key.pem /run/named/'],
  command: 'exec named -g -c "$DIR/named.conf"',
  ports: [853],
};
const signed = (file: string, csr: string, extension: string): string =>
  `printf '${extension}' > ${file}.ext; openssl x509 -req -in ${csr} -CA middle.pem -CAkey middle.key -CAcreateserial -days 30 -extfile ${file}.ext -out ${file}-only.pem 2> ${file}.log; cat ${file}-only.pem middle.pem > ${file}.pem`;
const TLS_SITE = '443 ssl; listen [::]:443 ssl';
const OK = 'location / { return 200 ok; }';

const daemons: Served[] = [
  {
    name: 'well, BIND with TLS on 853, by name',
    family: 'fourth-well-tls-inside',
    on: world.home3,
    tls: true,
    daemons: { server: [dnsOverTls] },
    target: 853,
    truth: WELL,
  },
  {
    name: 'well, Postfix takes TLS 1.3 alone on 465',
    family: 'fourth-well-tls-inside',
    on: world.campus4,
    tls: true,
    daemons: {
      server: [
        postfix({
          master: [
            '465 inet n - n - - smtpd -o smtpd_tls_wrappermode=yes -o smtpd_tls_security_level=encrypt -o smtpd_tls_mandatory_protocols=>=TLSv1.3',
          ],
          ports: [465],
          tls: ['chain.pem', 'key.pem'],
        }),
      ],
    },
    target: 465,
    truth: WELL,
  },
  {
    name: 'well, Dovecot asks for a client certificate on 993 and needs none',
    family: 'fourth-well-tls-inside',
    on: world.company3,
    tls: true,
    daemons: {
      server: [
        dovecot('ssl_ca = </run/dovecot-tls/root.pem\nssl_verify_client_cert = yes\nssl_require_crl = no', {
          tls: true,
          ports: [993],
        }),
      ],
    },
    prepare: () => ['mkdir -p /run/dovecot-tls; cp root.pem /run/dovecot-tls/'],
    target: 993,
    truth: WELL,
  },
  {
    name: 'well, vsftpd with TLS from the first octet on 990',
    family: 'fourth-well-tls-inside',
    on: world.home1,
    tls: { rsa: true },
    daemons: {
      server: [
        vsftpd(
          [
            'ssl_enable=YES',
            'implicit_ssl=YES',
            'allow_anon_ssl=YES',
            'rsa_cert_file=/run/ftp-tls/chain.pem',
            'rsa_private_key_file=/run/ftp-tls/key.pem',
          ],
          { port: 990 },
        ),
      ],
    },
    prepare: () => ['mkdir -p /run/ftp-tls; cp chain.pem key.pem /run/ftp-tls/'],
    target: 990,
    truth: WELL,
  },
  {
    name: 'well, MariaDB takes the PROXY protocol from everybody and needs it from nobody',
    family: 'fourth-well-stores',
    on: world.home3,
    daemons: { server: [mariadb("--proxy-protocol-networks='*'")] },
    target: 3306,
    truth: WELL,
  },
  {
    name: 'well, Redis has no PING and no INFO (rename-command)',
    family: 'fourth-well-stores',
    on: world.company3,
    daemons: { server: [redis("--rename-command PING '' --rename-command INFO ''")] },
    target: 6379,
    truth: WELL,
  },
  {
    name: 'well, Samba on 139 alone',
    family: 'fourth-well-old-habits',
    on: world.company2,
    daemons: { server: [{ ...samba(['smb ports = 139']), ports: [139] }] },
    target: 139,
    truth: WELL,
  },
  {
    name: 'well, a mail store that knows its client already (PREAUTH)',
    family: 'fourth-well-old-habits',
    on: world.home1,
    daemons: { server: [speaker(143, { greeting: '* PREAUTH IMAP4rev1 logged in as lab\r\n' })] },
    target: 143,
    truth: WELL,
  },
  {
    name: 'well, SSH says who may come in before it says its version (RFC 4253, 4.2)',
    family: 'fourth-well-old-habits',
    on: world.home3,
    daemons: {
      server: [
        speaker(22, {
          greeting: 'Authorised use only.\r\nAll that you do is written down.\r\nSSH-2.0-OpenSSH_9.2p1\r\n',
        }),
      ],
    },
    target: 22,
    truth: WELL,
  },
  {
    name: 'well, HAProxy shares 443 between SSH and TLS, and waits two seconds to know',
    family: 'fourth-well-shared-port',
    on: world.campus4,
    daemons: {
      server: [
        sshd(),
        haproxy(
          'frontend shared\n  mode tcp\n  bind :::443 v4v6\n  tcp-request inspect-delay 2s\n  tcp-request content accept if { req.ssl_hello_type 1 }\n  use_backend web if { req.ssl_hello_type 1 }\n  default_backend login\nbackend login\n  mode tcp\n  server one 127.0.0.1:22\nbackend web\n  mode tcp\n  server one 127.0.0.1:9',
          443,
        ),
      ],
    },
    target: (at) => `ssh://${at.server}:443`,
    truth: WELL_BUT_SLOW,
  },
  {
    name: 'well, nginx sends everybody to a host that is off',
    family: 'fourth-well-web',
    on: world.home3,
    daemons: { server: [nginx(site('80', 'location / { return 302 http://198.51.100.9/; }'), 80)] },
    target: url('http'),
    truth: WELL,
  },
  {
    name: 'well, nginx takes the curve P-521 alone: the client has to begin again',
    family: 'fourth-well-web',
    on: world.company3v6,
    tls: true,
    daemons: {
      server: [
        nginx(site(TLS_SITE, `${certificate()} ssl_protocols TLSv1.3; ssl_ecdh_curve secp521r1; ${OK}`), 443),
      ],
    },
    target: 443,
    truth: WELL,
  },
  {
    name: 'well, a certificate of Ed25519',
    family: 'fourth-well-certificates',
    on: world.home5,
    tls: true,
    prepare: () => [
      `openssl req -new -newkey ed25519 -nodes -keyout ed.key -out ed.csr -subj /CN=${NAME} 2> ed-req.log`,
      signed('ed', 'ed.csr', `basicConstraints=CA:FALSE\\nsubjectAltName=DNS:${NAME}\\n`),
    ],
    daemons: { server: [nginx(site(TLS_SITE, `${certificate('ed.pem', 'ed.key')} ${OK}`), 443)] },
    target: 443,
    truth: WELL,
  },
  {
    name: 'well, a certificate for an address, and the address was typed',
    family: 'fourth-well-certificates',
    on: world.company3,
    tls: true,
    prepare: (at) => [
      signed('ip', 'server.csr', `basicConstraints=CA:FALSE\\nsubjectAltName=IP:${at.server}\\n`),
    ],
    daemons: { server: [nginx(site(TLS_SITE, `${certificate('ip.pem')} ${OK}`), 443)] },
    target: url('https'),
    truth: WELL,
  },
  {
    name: 'well, the self-signed certificate of the server is the authority that was given',
    family: 'fourth-well-certificates',
    on: world.campus4,
    tls: true,
    prepare: () => ['chmod a+r self.pem'],
    daemons: { server: [nginx(site(TLS_SITE, `${certificate('self.pem', 'self.key')} ${OK}`), 443)] },
    flags: () => ['--ca', 'self.pem'],
    target: 443,
    truth: WELL,
  },
];

export default [...networks, ...names, ...daemons].map(served) satisfies Scenario[];
