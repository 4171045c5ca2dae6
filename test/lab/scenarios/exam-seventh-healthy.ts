/**
 * The seventh exam, services that are well: unusual, and nothing is wrong with them. Truths were written by somebody who has not seen the
 * rules, and before the first run.
 */
import { NAME } from '../certificates.ts';
import { bind, mosquitto, slapd, speaker, sshd, vsftpd } from '../daemons/others.ts';
import { PAGE, type Served, served, url, WELL } from '../daemons/served.ts';
import { postgresql, redis } from '../daemons/stores.ts';
import { apache, certificate, haproxy, nginx, plainSite, secureSite, site, stunnel } from '../daemons/web.ts';
import { hostPort, input, noEcho, noTimeExceeded, type Scenario, tellsOnceASecond } from '../scenario.ts';
import * as world from '../worlds.ts';

const NEW_KEY = '-newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes';
const dates = (from: number, to: number): string =>
  `-startdate $(date -u -d '${from} days' +%y%m%d%H%M%SZ) -enddate $(date -u -d '${to} days' +%y%m%d%H%M%SZ)`;
const signedBy = (authority: string): string =>
  `openssl ca -batch -notext -config ca.cnf -cert ${authority}.pem -keyfile ${authority}.key`;
const siteWith = (chain: string, key: string) =>
  nginx(
    site('443 ssl; listen [::]:443 ssl', `${certificate(chain, key)} location / { return 200 ok; }`),
    443,
  );

const scenarios: Served[] = [
  {
    // As Let's Encrypt had it from 2021 to 2024: whoever knows the newer root does not care for what signed it once.
    name: 'well, the chain ends in a cross-signed root that has expired, and this machine knows the root itself',
    family: 'seventh-well-expired-cross-signature',
    on: world.home3,
    tls: true,
    prepare: () => [
      `exec 2>> certificates.log; openssl req -x509 ${NEW_KEY} -keyout old.key -out old.pem -subj '/O=Old/CN=Old Root X3' -days 900 -addext basicConstraints=critical,CA:TRUE
openssl req -new -key root.key -out cross.csr -subj '/O=Lab/CN=Lab Root'
${signedBy('old')} ${dates(-900, -60)} -in cross.csr -extfile middle.ext -out cross.pem; cat only.pem middle.pem cross.pem > long.pem`,
    ],
    daemons: { server: [siteWith('long.pem', 'key.pem')] },
    target: `https://${NAME}/`,
    truth: WELL,
  },
  {
    name: 'well, HAProxy passes MQTT inside TLS on by its server name, and knows this one',
    family: 'seventh-well-passed-by-name',
    on: world.company3v6,
    tls: true,
    prepare: () => ['chmod a+r key.pem'],
    daemons: {
      server: [
        haproxy(
          `frontend f\n  mode tcp\n  bind :::8883 v4v6\n  tcp-request inspect-delay 5s\n  tcp-request content accept if { req.ssl_hello_type 1 }\n  use_backend b if { req.ssl_sni -i ${NAME} }\nbackend b\n  mode tcp\n  server one 127.0.0.1:18883`,
          8883,
        ),
        mosquitto(['certfile chain.pem', 'keyfile key.pem'], { port: 18883 }),
      ],
    },
    target: `mqtts://${NAME}`,
    truth: WELL,
  },
  {
    name: 'well, LDAPS on the port of a global catalogue (3269)',
    family: 'seventh-well-global-catalogue',
    on: world.company8,
    tls: { rsa: true },
    daemons: { server: [slapd(), stunnel(3269, 389)] },
    target: `ldaps://${NAME}:3269`,
    truth: WELL,
  },
  {
    name: 'well, FTP on 2121 with a banner of its own, and the host lets in nothing else and no ping',
    family: 'seventh-well-ftp-elsewhere',
    on: world.campus4v6,
    daemons: {
      server: [vsftpd(['ftpd_banner=Deliveries only. 530 means that your key has ended.'], { port: 2121 })],
    },
    fault: () => ({
      server: [
        input('ct state established,related accept'),
        input('icmpv6 type { nd-neighbor-solicit, nd-neighbor-advert, nd-router-advert } accept'),
        input('tcp dport 2121 accept'),
        input('drop'),
      ],
    }),
    target: (at) => hostPort(at.server, 2121),
    flags: () => ['--service', 'ftp'],
    truth: WELL,
  },
  {
    name: 'well, Redis behind stunnel on 6380, named by its scheme, with a password',
    family: 'seventh-well-rediss',
    on: world.nat3,
    tls: true,
    daemons: { server: [redis('--requirepass lab'), stunnel(6380, 6379)] },
    target: `rediss://${NAME}:6380/0`,
    truth: WELL,
  },
  {
    // A check whether the browser keeps cookies: whoever comes with the cookie gets the page.
    name: 'well, the site gives a cookie and sends everybody to the same page once more',
    family: 'seventh-well-cookie-check',
    on: world.home3,
    daemons: {
      server: [
        plainSite(
          'location / { if ($cookie_seen = "") { add_header Set-Cookie "seen=1; Path=/"; return 302 $request_uri; } return 200 ok; }',
        ),
      ],
    },
    target: url('http'),
    truth: WELL,
  },
  {
    name: 'well, the page that was typed is served, and the start page has lost its application (502)',
    family: 'seventh-well-path-beside-a-dead-start-page',
    on: world.campus4,
    tls: true,
    daemons: {
      server: [
        secureSite('location / { proxy_pass http://127.0.0.1:9; } location /static/ { return 200 ok; }'),
      ],
    },
    target: `https://${NAME}/static/app.js?v=3`,
    truth: WELL,
  },
  {
    name: 'well, OpenSSH was hardened: one key exchange, one cipher, Ed25519, no password',
    family: 'seventh-well-hardened-ssh',
    on: world.home5,
    daemons: {
      server: [
        sshd(
          '-o KexAlgorithms=sntrup761x25519-sha512@openssh.com -o Ciphers=chacha20-poly1305@openssh.com -o HostKeyAlgorithms=ssh-ed25519 -o PasswordAuthentication=no -o MaxAuthTries=1 -o LoginGraceTime=10 -o DebianBanner=no',
          { port: 22022 },
        ),
      ],
    },
    fault: () => ({ r2: [noTimeExceeded], r4: [tellsOnceASecond] }),
    target: (at) => `ssh://${at.server}:22022`,
    truth: WELL,
  },
  {
    name: 'well, a name server on 5353 over TCP',
    family: 'seventh-well-dns-elsewhere',
    on: world.company3,
    daemons: {
      server: [
        {
          ...bind(['listen-on port 5353 { any; };']),
          files: {
            ...bind().files,
            'named.conf':
              'options { directory "/run/named"; pid-file "/run/named/named.pid"; session-keyfile none; listen-on port 5353 { any; }; recursion no; dnssec-validation no; };\ncontrols { };\nzone "lab.test" { type primary; file "lab.zone"; };\n',
          },
          ports: [5353],
        },
      ],
    },
    target: (at) => hostPort(at.server, 5353),
    flags: () => ['--service', 'dns'],
    truth: WELL,
  },
  {
    name: 'well, a certificate with a key for RSA-PSS alone',
    family: 'seventh-well-rsa-pss',
    on: world.home3v6,
    tls: true,
    prepare: () => [
      `exec 2>> certificates.log; openssl req -new -newkey rsa-pss -pkeyopt rsa_keygen_bits:2048 -nodes -keyout pss.key -out pss.csr -subj '/CN=${NAME}'
${signedBy('middle')} ${dates(-10, 80)} -in pss.csr -extfile server.ext -out pss.pem; cat pss.pem middle.pem > pss-chain.pem`,
    ],
    daemons: { server: [siteWith('pss-chain.pem', 'pss.key')] },
    target: 443,
    truth: WELL,
  },
  {
    name: 'well, the certificate of a content network: a hundred names, this one among the last, and a handshake of nine kilobytes',
    family: 'seventh-well-hundred-names',
    on: world.nat3,
    tls: { rsa: true },
    prepare: () => [
      `exec 2>> certificates.log; printf 'basicConstraints=CA:FALSE\\nsubjectAltName=' > many.ext; for i in $(seq 100); do printf 'DNS:customer-%d.example.net,DNS:*.customer-%d.example.net,' $i $i; done >> many.ext; printf 'DNS:${NAME}\\n' >> many.ext
openssl req -new -newkey rsa:4096 -nodes -keyout many.key -out many.csr -subj '/CN=sni.cdn.example.net'
${signedBy('middle')} ${dates(-10, 80)} -in many.csr -extfile many.ext -out many.pem; cat many.pem middle.pem root.pem > many-chain.pem`,
    ],
    daemons: { server: [siteWith('many-chain.pem', 'many.key')] },
    target: `https://${NAME}/`,
    truth: WELL,
  },
  {
    name: 'well, a name with an umlaut by https, and the certificate has it as xn--',
    family: 'seventh-well-umlaut-and-certificate',
    on: world.campus4,
    tls: { name: 'xn--bcher-kva.lab.test' },
    daemons: { server: [secureSite('server_name xn--bcher-kva.lab.test; location / { return 200 ok; }')] },
    resolvers: (at) => [{ mode: 'normal', records: { 'xn--bcher-kva.lab.test': { a: [at.server] } } }],
    target: 'https://bücher.lab.test/suche?q=käse',
    truth: WELL,
  },
  {
    name: 'well, the URL was typed in capitals and with its port',
    family: 'seventh-well-capitals',
    on: world.company3,
    tls: true,
    daemons: { server: [secureSite()] },
    target: 'HTTPS://WWW.LAB.TEST:443/Index.HTML#top',
    truth: WELL,
  },
  {
    name: 'well, a web interface on the port number of a database (http on 5432)',
    family: 'seventh-well-web-on-a-database-port',
    on: world.home1,
    daemons: { server: [nginx(site('5432'), 5432)] },
    target: (at) => `http://${at.server}:5432/`,
    truth: WELL,
  },
  {
    // As ssh -L 5433:db:5432 and kubectl port-forward do it.
    name: 'well, PostgreSQL through a tunnel that begins on loopback of this machine',
    family: 'seventh-well-tunnel',
    on: world.home3,
    daemons: { server: [postgresql()] },
    services: (at) => ({
      client: [`exec socat TCP-LISTEN:5433,bind=127.0.0.1,fork,reuseaddr TCP:${at.server}:5432`],
    }),
    waitFor: { server: [5432], client: [5433] },
    target: 'postgresql://127.0.0.1:5433/orders',
    truth: WELL,
  },
  {
    name: 'well, an old application speaks HTTP/1.0 without a length behind stunnel, and closes',
    family: 'seventh-well-http-10-behind-stunnel',
    on: world.company2,
    tls: true,
    daemons: {
      server: [
        stunnel(443, 8000),
        speaker(8000, {
          address: '127.0.0.1',
          reply: 'HTTP/1.0 200 OK\r\nContent-Type: text/html\r\n\r\n<html>ok</html>\n',
          end: 'fin',
        }),
      ],
    },
    target: `https://${NAME}/`,
    truth: WELL,
  },
  {
    name: 'well, a firewall of Cisco masks the greeting of the mail server behind it with asterisks',
    family: 'seventh-well-masked-greeting',
    on: world.home5,
    daemons: {
      server: [
        speaker(25, {
          greeting: '220 ****************************************************0*2******0******\r\n',
          replies: {
            '^(EHLO|ehlo)':
              '250-mail.example.net\r\n250-SIZE 31457280\r\n250-XXXXXXXA\r\n250-8BITMIME\r\n250 XXXB\r\n',
            '^(HELO|helo)': '250 mail.example.net\r\n',
            '^(NOOP|noop|RSET|rset)': '250 2.0.0 OK\r\n',
            '^(QUIT|quit)': '221 2.0.0 closing\r\n',
          },
          reply: '500 5.3.3 Unrecognized command\r\n',
        }),
      ],
    },
    target: 25,
    truth: WELL,
  },
  {
    name: 'well, the intranet wants Kerberos (401 Negotiate)',
    family: 'seventh-well-negotiate',
    on: world.campus2v6,
    tls: true,
    daemons: {
      server: [
        secureSite(
          'location / { add_header WWW-Authenticate Negotiate always; add_header WWW-Authenticate NTLM always; return 401; }',
        ),
      ],
    },
    target: `https://${NAME}/hr/`,
    truth: PAGE,
  },
  {
    // Linux keeps the connection from the program until there is data, and sends its SYN-ACK again meanwhile.
    name: 'well, nginx hears of connections when they have data (deferred), and nothing but the port was typed',
    family: 'seventh-well-deferred-accept',
    on: world.home3v6,
    daemons: {
      server: [nginx(site('[::]:8000 deferred', 'location / { return 200 ok; }'), 8000)],
    },
    fault: () => ({ server: [noEcho(input)] }),
    target: 8000,
    truth: WELL,
  },
  {
    name: 'well, Apache has a page of 410 for what was typed, and nothing is wrong with it',
    family: 'seventh-well-gone',
    on: world.nat3,
    daemons: {
      server: [apache('Redirect gone /shop\nRedirectMatch 308 ^/$ /start\nAlias /start page.html', 80)],
    },
    target: (at) => `http://${at.server}/shop/item/7`,
    truth: PAGE,
  },
];

export default scenarios.map(served) satisfies Scenario[];
