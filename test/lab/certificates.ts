import type { Resolver } from './scenario.ts';
import type { Addresses } from './topology.ts';

/** Name of the server in scenarios with certificates. */
export const NAME = 'www.lab.test';

/** A resolver that knows the server's name. */
export const named = (at: Addresses): Resolver => ({
  mode: 'normal',
  records: { [NAME]: at.server.includes(':') ? { aaaa: [at.server] } : { a: [at.server] } },
});

/**
 * Lines for `prepare`: a root, an intermediate and the server's certificate made with openssl in `$DIR`.
 * `root.pem` is for --ca; `chain.pem` (server, intermediate) and `key.pem` are the server's; `only.pem` lacks the intermediate.
 */
export function certificates({ name = NAME, from = -10, to = 90, rsa = false } = {}): string[] {
  const key = rsa ? '-newkey rsa:2048' : '-newkey ec -pkeyopt ec_paramgen_curve:P-256';
  const date = (days: number): string => `$(date -u -d "${days} days" +%y%m%d%H%M%SZ)`;
  return [
    `exec 2> certificates.log
printf '[ca]\\ndefault_ca=o\\n[o]\\ndatabase=index.txt\\nnew_certs_dir=.\\nserial=serial\\ndefault_md=sha256\\npolicy=p\\nunique_subject=no\\n[p]\\ncommonName=supplied\\norganizationName=optional\\n' > ca.cnf
: > index.txt; echo 1000 > serial
openssl req -x509 ${key} -nodes -keyout root.key -out root.pem -subj '/O=Lab/CN=Lab Root' -days 3650 -addext basicConstraints=critical,CA:TRUE
openssl req -new ${key} -nodes -keyout middle.key -out middle.csr -subj '/O=Lab/CN=Lab Intermediate'
printf 'basicConstraints=critical,CA:TRUE\\n' > middle.ext
openssl ca -batch -notext -config ca.cnf -cert root.pem -keyfile root.key -in middle.csr -extfile middle.ext -startdate ${date(-100)} -enddate ${date(1000)} -out middle.pem
openssl req -new ${key} -nodes -keyout key.pem -out server.csr -subj '/CN=${name}'
printf 'basicConstraints=CA:FALSE\\nsubjectAltName=DNS:${name}\\n' > server.ext
openssl ca -batch -notext -config ca.cnf -cert middle.pem -keyfile middle.key -in server.csr -extfile server.ext -startdate ${date(from)} -enddate ${date(to)} -out only.pem
cat only.pem middle.pem > chain.pem
openssl req -x509 ${key} -nodes -keyout self.key -out self.pem -subj '/CN=${name}' -days 30 -addext subjectAltName=DNS:${name}
chmod a+r root.pem`,
  ];
}
