/** Certificates and names of TLS, by nginx, Apache and openssl. Truths were written before the first run. */
import { NAME } from '../certificates.ts';
import { impaired, type Served, served, WELL } from '../daemons/served.ts';
import { apache, certificate, front, haproxy, nginx, site, tlsServer } from '../daemons/web.ts';
import { hostPort, type Scenario } from '../scenario.ts';
import * as world from '../worlds.ts';

const OK = 'location / { return 200 ok; }';
const withFiles = (chain: string, key = 'key.pem') =>
  nginx(site('[::]:443 ssl ipv6only=off', `${certificate(chain, key)} ${OK}`), 443);
/** Only other.lab.test is served; every other name is turned away in the handshake. */
const strict = nginx(
  `server { listen [::]:443 ssl ipv6only=off default_server; ssl_reject_handshake on; } server { listen [::]:443 ssl; server_name other.lab.test; ${certificate()} ${OK} }`,
  443,
);
const both = 'cat chain.pem key.pem > both.pem';
const FIRST_WRONG =
  'cat middle.pem only.pem > wrong-order.pem; cat only.pem root.pem > no-middle.pem; cat only.pem root.pem middle.pem > shuffled.pem';
const weak = (bits: string, digest: string): string =>
  `openssl req -new -newkey ${bits} -nodes -keyout weak.key -out weak.csr -subj '/CN=${NAME}' 2> /dev/null; openssl x509 -req -in weak.csr -CA root.pem -CAkey root.key -CAcreateserial -days 60 -${digest} -extfile server.ext -out weak.pem 2> /dev/null`;
const apacheTls = (lines: string) =>
  apache(
    `SSLCipherSuite ALL:@SECLEVEL=0\n<VirtualHost *:443>\nSSLEngine on\nServerName ${NAME}\nSSLCertificateFile chain.pem\nSSLCertificateKeyFile key.pem\n${lines}\n</VirtualHost>`,
    443,
  );
const MUTUAL = 'ssl_client_certificate root.pem; ssl_verify_client on;';

const scenarios: Served[] = [
  {
    name: 'nginx serves another name alone (unrecognized_name)',
    family: 'name-not-served',
    on: world.home3,
    tls: true,
    daemons: { server: [strict] },
    target: 443,
    truth: impaired('tls-name-not-served'),
  },
  {
    name: 'nginx serves another name alone (unrecognized_name)',
    family: 'name-not-served',
    on: world.campus4v6,
    tls: true,
    daemons: { server: [strict] },
    target: `https://${NAME}`,
    truth: impaired('tls-name-not-served'),
  },
  {
    name: 'HAProxy has certificates for other names alone (strict-sni)',
    family: 'name-not-served',
    on: world.company3,
    tls: { name: 'other.lab.test' },
    prepare: () => [both],
    daemons: { server: [haproxy(front(443, '127.0.0.1:9', { bind: 'ssl crt both.pem strict-sni' }), 443)] },
    target: 443,
    truth: impaired('tls-name-not-served', 'tls-handshake-failed'),
  },
  {
    name: 'an address was typed, and nginx serves names alone',
    family: 'name-not-served',
    on: world.home1,
    tls: true,
    daemons: { server: [strict] },
    target: (at) => `https://${hostPort(at.server, 443)}`,
    truth: impaired('tls-name-not-served'),
  },
  {
    name: 'the certificate begins in five days',
    family: 'certificate-not-yet-valid',
    on: world.home5,
    tls: { from: 5, to: 90 },
    daemons: { server: [withFiles('chain.pem')] },
    target: 443,
    truth: impaired('tls-certificate-not-yet-valid'),
  },
  {
    name: 'the certificate begins in five days',
    family: 'certificate-not-yet-valid',
    on: world.company3v6,
    tls: { from: 5, to: 90 },
    daemons: { server: [apacheTls('')] },
    target: `https://${NAME}`,
    truth: impaired('tls-certificate-not-yet-valid'),
  },
  {
    name: 'nginx does not send the intermediate certificate',
    family: 'chain-incomplete',
    on: world.home1,
    tls: true,
    daemons: { server: [withFiles('only.pem')] },
    target: 443,
    truth: impaired('tls-chain-incomplete'),
  },
  {
    name: 'nginx does not send the intermediate certificate',
    family: 'chain-incomplete',
    on: world.campus2v6,
    tls: true,
    daemons: { server: [withFiles('only.pem')] },
    target: `https://${NAME}`,
    truth: impaired('tls-chain-incomplete'),
  },
  {
    name: 'the root is sent in place of the intermediate certificate',
    family: 'chain-incomplete',
    on: world.company3,
    tls: true,
    prepare: () => [FIRST_WRONG],
    daemons: { server: [withFiles('no-middle.pem')] },
    target: 443,
    truth: impaired('tls-chain-incomplete'),
  },
  {
    name: 'the intermediate certificate that is sent was renewed with another key',
    family: 'chain-of-another-key',
    on: world.campus2v6,
    tls: true,
    prepare: () => [
      `printf 'basicConstraints=CA:FALSE\\nsubjectAltName=DNS:${NAME}\\nauthorityKeyIdentifier=keyid:always\\n' > aki.ext
printf 'basicConstraints=critical,CA:TRUE\\nsubjectKeyIdentifier=hash\\n' > ski.ext
openssl x509 -req -in middle.csr -set_serial 77 -CA root.pem -CAkey root.key -days 300 -extfile ski.ext -out old-middle.pem
openssl x509 -req -in server.csr -set_serial 78 -CA old-middle.pem -CAkey middle.key -days 90 -extfile aki.ext -out of-old.pem
openssl req -new -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout new.key -subj '/O=Lab/CN=Lab Intermediate' -out new.csr
openssl x509 -req -in new.csr -set_serial 79 -CA root.pem -CAkey root.key -days 300 -extfile ski.ext -out new-middle.pem
cat of-old.pem new-middle.pem > other-key.pem`,
    ],
    daemons: { server: [withFiles('other-key.pem')] },
    target: `https://${NAME}`,
    truth: impaired('tls-untrusted'),
  },
  // Clients put the order right themselves.
  {
    name: 'well, the chain is in a wrong order behind the first',
    family: 'healthy-https-odd',
    on: world.home3,
    tls: true,
    prepare: () => [FIRST_WRONG],
    daemons: { server: [withFiles('shuffled.pem')] },
    target: 443,
    truth: WELL,
  },
  {
    name: 'the key of the certificate has 1024 bits',
    family: 'certificate-weak',
    on: world.home3,
    tls: true,
    prepare: () => [weak('rsa:1024', 'sha256')],
    daemons: { server: [tlsServer(443, '-cert weak.pem -key weak.key -cipher ALL:@SECLEVEL=0')] },
    target: 443,
    truth: impaired('tls-weak-certificate'),
  },
  {
    name: 'the key of the certificate has 1024 bits',
    family: 'certificate-weak',
    on: world.company3v6,
    tls: true,
    prepare: () => [weak('rsa:1024', 'sha256')],
    daemons: { server: [tlsServer(443, '-cert weak.pem -key weak.key -cipher ALL:@SECLEVEL=0')] },
    target: `https://${NAME}`,
    truth: impaired('tls-weak-certificate'),
  },
  {
    name: 'nginx wants a client certificate (TLS 1.3), a bare port',
    family: 'client-certificate-wanted',
    on: world.home1,
    tls: true,
    daemons: { server: [nginx(site('[::]:443 ssl ipv6only=off', `${certificate()} ${MUTUAL} ${OK}`), 443)] },
    target: 443,
    truth: impaired('tls-client-certificate-required'),
  },
  {
    name: 'nginx wants a client certificate (TLS 1.2)',
    family: 'client-certificate-wanted',
    on: world.campus4v6,
    tls: true,
    daemons: {
      server: [
        nginx(
          site('[::]:443 ssl ipv6only=off', `ssl_protocols TLSv1.2; ${certificate()} ${MUTUAL} ${OK}`),
          443,
        ),
      ],
    },
    target: `https://${NAME}`,
    truth: impaired('tls-client-certificate-required'),
  },
  {
    name: 'Apache wants a client certificate (TLS 1.3)',
    family: 'client-certificate-wanted',
    on: world.company2,
    tls: true,
    daemons: { server: [apacheTls('SSLCACertificateFile root.pem\nSSLVerifyClient require')] },
    target: `https://${NAME}`,
    truth: impaired('tls-client-certificate-required'),
  },
  {
    name: 'Apache wants a client certificate (TLS 1.2), a bare port',
    family: 'client-certificate-wanted',
    on: world.home3v6,
    tls: true,
    daemons: {
      server: [apacheTls('SSLProtocol TLSv1.2\nSSLCACertificateFile root.pem\nSSLVerifyClient require')],
    },
    target: 443,
    truth: impaired('tls-client-certificate-required'),
  },
  {
    name: 'HAProxy wants a client certificate',
    family: 'client-certificate-wanted',
    on: world.campus4,
    tls: true,
    prepare: () => [both],
    daemons: {
      server: [
        haproxy(
          front(443, '127.0.0.1:9', { bind: 'ssl crt both.pem ca-file root.pem verify required' }),
          443,
        ),
      ],
    },
    target: 443,
    truth: impaired('tls-client-certificate-required'),
  },
  {
    name: 'well, an RSA certificate of 4096 bits',
    family: 'healthy-https-odd',
    on: world.campus4,
    tls: { rsa: true },
    daemons: { server: [withFiles('chain.pem')] },
    target: 443,
    truth: WELL,
  },
  {
    name: 'well, a certificate with two names',
    family: 'healthy-https-odd',
    on: world.home3v6,
    tls: { name: `old.lab.test,DNS:${NAME}` },
    daemons: { server: [withFiles('chain.pem')] },
    target: 443,
    truth: WELL,
  },
  {
    name: 'well, TLS 1.2 alone in Apache',
    family: 'healthy-https-odd',
    on: world.company3,
    tls: true,
    daemons: { server: [apacheTls('SSLProtocol TLSv1.2')] },
    target: 443,
    truth: WELL,
  },
  {
    name: 'well, nginx without a page for strangers serves this name',
    family: 'healthy-https-odd',
    on: world.company2,
    tls: true,
    daemons: {
      server: [
        nginx(
          `server { listen 443 ssl default_server; ssl_reject_handshake on; } server { listen 443 ssl; server_name ${NAME}; ${certificate()} ${OK} }`,
          443,
        ),
      ],
    },
    target: `https://${NAME}`,
    truth: WELL,
  },
  {
    name: 'the certificate was good until yesterday',
    family: 'certificate-expired-lately',
    on: world.nat3,
    tls: { from: -91, to: -1 },
    daemons: { server: [withFiles('chain.pem')] },
    target: 443,
    truth: impaired('tls-certificate-expired'),
  },
  {
    name: 'an expired certificate of another name from an unknown authority',
    family: 'certificate-thrice-wrong',
    on: world.home1,
    tls: { name: 'x.other.test', from: -91, to: -1 },
    flags: () => [],
    daemons: { server: [withFiles('chain.pem')] },
    target: 443,
    truth: impaired('tls-certificate-expired', 'tls-name-mismatch', 'tls-untrusted'),
  },
];
export default scenarios.map(served) satisfies Scenario[];
