/** TCP opens and TLS is the question: OpenSSL and nginx with certificates of a CA of the lab's own. */
import { certificates, NAME, named } from '../certificates.ts';
import { atTarget, type Scenario, type Truth } from '../scenario.ts';
import type { Topology } from '../topology.ts';
import * as world from '../worlds.ts';
import { inWords } from '../worlds.ts';

const WITH_CA = ['--ca', 'root.pem'];

/** `openssl s_server -www` on 443: TLS by OpenSSL, a page of HTTP behind it. */
const openssl = (files = '-cert chain.pem -cert_chain chain.pem -key key.pem', more = ''): string =>
  `cd "$DIR"; exec openssl s_server -accept 443 ${files} ${more} -www -quiet`;

const tls = (
  name: string,
  truth: Truth,
  more: Partial<Scenario> & {
    server?: string;
    on?: Topology;
    certificate?: Parameters<typeof certificates>[0];
  } = {},
): Scenario => {
  const { server = openssl(), on = world.home1, certificate, ...rest } = more;
  return {
    name: `${name} (${inWords(on)})`,
    family: 'service-tls',
    topology: on,
    listen: [],
    prepare: () => certificates(certificate),
    services: () => ({ server: [server] }),
    waitFor: { server: [443] },
    resolvers: (at) => [named(at)],
    fault: () => ({}),
    target: () => `https://${NAME}`,
    flags: () => WITH_CA,
    truth: (at) => (truth.causes.length > 0 ? { where: [atTarget(at.server)], ...truth } : truth),
    ...rest,
  };
};
const well: Truth = { outcome: 'reachable', causes: [] };
const impaired = (...causes: string[]): Truth => ({ outcome: 'impaired', causes });

const nginx = (server: string): Pick<Scenario, 'prepare' | 'services'> => ({
  prepare: () => [
    ...certificates(),
    `printf '%s' 'daemon off; pid nginx.pid; error_log stderr; user root; events {} http { access_log off; client_body_temp_path .; proxy_temp_path .; fastcgi_temp_path .; uwsgi_temp_path .; scgi_temp_path .; server { ${server} } }' > nginx.conf`,
  ],
  services: () => ({ server: ['cd "$DIR"; exec nginx -p "$DIR/" -c nginx.conf'] }),
});
const SSL = 'listen 443 ssl; listen [::]:443 ssl; ssl_certificate chain.pem; ssl_certificate_key key.pem;';

const scenarios: Scenario[] = [
  tls('TLS is well', well),
  tls('TLS is well', well, { on: world.home3v6 }),
  tls('nginx with TLS is well', well, nginx(`${SSL} location / { return 200 ok; }`)),
  tls('the certificate has expired', impaired('tls-certificate-expired'), {
    certificate: { from: -90, to: -3 },
  }),
  tls('the certificate has expired', impaired('tls-certificate-expired'), {
    certificate: { from: -90, to: -3 },
    on: world.company3v6,
  }),
  tls('the certificate is not valid yet', impaired('tls-certificate-not-yet-valid'), {
    certificate: { from: 5, to: 90 },
  }),
  tls('the certificate has another name', impaired('tls-name-mismatch'), {
    certificate: { name: 'other.lab.test' },
  }),
  tls('the certificate is self-signed', impaired('tls-untrusted'), {
    server: openssl('-cert self.pem -key self.key'),
  }),
  tls('the intermediate certificate is not sent', impaired('tls-chain-incomplete'), {
    server: openssl('-cert only.pem -key key.pem'),
  }),
  tls('the authority is not known here', impaired('tls-untrusted'), { flags: () => [] }),
  tls('the server speaks TLS 1.0 only', impaired('tls-version'), {
    server: openssl(undefined, '-tls1 -cipher ALL:@SECLEVEL=0'),
  }),
  tls('the server has weak ciphers only', impaired('tls-version'), {
    server: openssl(undefined, '-tls1_2 -cipher AECDH-AES128-SHA:@SECLEVEL=0'),
  }),
  tls('TLS 1.3 wants a client certificate', impaired('tls-client-certificate-required'), {
    server: openssl(undefined, '-tls1_3 -Verify 1 -CAfile root.pem'),
  }),
  tls('TLS 1.2 wants a client certificate', impaired('tls-client-certificate-required'), {
    server: openssl(undefined, '-tls1_2 -Verify 1 -CAfile root.pem'),
  }),
  tls(
    'nginx wants a client certificate',
    { outcome: ['reachable', 'impaired'], causes: ['tls-client-certificate-required'] },
    nginx(`${SSL} ssl_client_certificate root.pem; ssl_verify_client on; location / { return 200 ok; }`),
  ),
  tls(
    'the server behind nginx is gone',
    { outcome: 'reachable', causes: ['backend-down'] },
    nginx(`${SSL} location / { proxy_pass http://127.0.0.1:81; }`),
  ),
  tls(
    'the web server refuses the name',
    impaired('tls-name-not-served'),
    nginx('listen 443 ssl default_server; ssl_reject_handshake on;'),
  ),
  tls(
    'plain HTTP on the TLS port',
    impaired('protocol-mismatch'),
    nginx('listen 443; location / { return 200 ok; }'),
  ),
  tls('TLS on the plain port', impaired('protocol-mismatch'), { target: () => `http://${NAME}:443` }),
  tls(
    'TLS on the plain port of nginx',
    { outcome: ['impaired'], causes: ['protocol-mismatch'] },
    {
      ...nginx(`${SSL} location / { return 200 ok; }`),
      target: () => `http://${NAME}:443`,
    },
  ),
  tls('the TLS port accepts and says nothing', impaired('service-unresponsive'), {
    server: 'exec /run/lab/node "$SERVICES/speaker.js" 443 silent',
  }),
  tls('the TLS port accepts and says nothing', impaired('service-unresponsive'), {
    server: 'exec /run/lab/node "$SERVICES/speaker.js" 443 silent',
    on: world.company3v6,
  }),
  tls('every ClientHello is reset by the server', impaired('service-closes-connection'), {
    server: 'exec /run/lab/node "$SERVICES/speaker.js" 443 reset-on-data',
    on: world.home3,
  }),
];

export default scenarios;
