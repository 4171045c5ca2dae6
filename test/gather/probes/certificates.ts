import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export interface Pair {
  key: string;
  cert: string;
}

/** A root, an intermediate and leaves, made with openssl; `dispose` removes the folder. */
export interface Authority {
  rootPem: string;
  /** Leaf signed by the intermediate; `cert` has the leaf, then the intermediate, or one that has its name and `renewed` its key. */
  leaf(
    names: string[],
    options?: { from?: string; to?: string; withoutIntermediate?: boolean; renewed?: boolean },
  ): Pair;
  selfSigned(name: string): Pair;
  dir: string;
  dispose(): void;
}

/** ASN.1 UTCTime for openssl ca. */
export const daysFromNow = (days: number): string =>
  `${new Date(Date.now() + days * 86_400_000).toISOString().replace(/[-:T]/g, '').slice(2, 14)}Z`;

export function authority(organisation = 'Reachdoctor Test'): Authority {
  const dir = mkdtempSync(join(tmpdir(), 'reachdoctor-ca-'));
  const at = (name: string): string => join(dir, name);
  const openssl = (...args: string[]): void => {
    execFileSync('openssl', args, { cwd: dir, stdio: ['ignore', 'ignore', 'pipe'] });
  };
  const key = (name: string): void =>
    openssl('ecparam', '-name', 'prime256v1', '-genkey', '-noout', '-out', at(`${name}.key`));
  writeFileSync(
    at('ca.cnf'),
    `[ca]\ndefault_ca = own\n[own]\ndir = ${dir}\ndatabase = ${at('index.txt')}\nnew_certs_dir = ${dir}\nserial = ${at('serial')}\n` +
      'default_md = sha256\npolicy = any\nunique_subject = no\n[any]\ncommonName = supplied\norganizationName = optional\n',
  );
  writeFileSync(at('index.txt'), '');
  writeFileSync(at('serial'), '1000\n');
  let serial = 0;
  const sign = (
    issuer: string,
    subject: string,
    name: string,
    extensions: string,
    from: string,
    to: string,
  ): void => {
    openssl('req', '-new', '-key', at(`${name}.key`), '-subj', subject, '-out', at(`${name}.csr`));
    writeFileSync(at(`${name}.ext`), extensions);
    openssl(
      'ca',
      '-batch',
      '-notext',
      '-config',
      at('ca.cnf'),
      '-cert',
      at(`${issuer}.pem`),
      '-keyfile',
      at(`${issuer}.key`),
      '-in',
      at(`${name}.csr`),
      '-extfile',
      at(`${name}.ext`),
      '-startdate',
      from,
      '-enddate',
      to,
      '-out',
      at(`${name}.pem`),
    );
  };
  key('root');
  openssl(
    'req',
    '-x509',
    '-new',
    '-key',
    at('root.key'),
    '-subj',
    `/O=${organisation}/CN=Test Root`,
    '-days',
    '3650',
    '-out',
    at('root.pem'),
    '-addext',
    'basicConstraints=critical,CA:TRUE',
    '-addext',
    'keyUsage=critical,keyCertSign,cRLSign',
  );
  const signMiddle = (name: string): void => {
    key(name);
    sign(
      'root',
      `/O=${organisation}/CN=Test Intermediate`,
      name,
      'basicConstraints=critical,CA:TRUE\nkeyUsage=critical,keyCertSign\n',
      daysFromNow(-100),
      daysFromNow(1000),
    );
  };
  signMiddle('middle');
  // Of the same name, and the key is another.
  signMiddle('renewed');
  const text = (name: string): string => readFileSync(at(name), 'utf8');
  return {
    dir,
    rootPem: text('root.pem'),
    leaf(
      names,
      { from = daysFromNow(-10), to = daysFromNow(90), withoutIntermediate = false, renewed = false } = {},
    ) {
      const name = `leaf${serial++}`;
      key(name);
      const alternatives = names
        .map((one) => (/^[\d.]+$|:/.test(one) ? `IP:${one}` : `DNS:${one}`))
        .join(',');
      sign(
        'middle',
        `/CN=${names[0]}`,
        name,
        `basicConstraints=CA:FALSE\nsubjectAltName=${alternatives}\n`,
        from,
        to,
      );
      return {
        key: text(`${name}.key`),
        cert: text(`${name}.pem`) + (withoutIntermediate ? '' : text(renewed ? 'renewed.pem' : 'middle.pem')),
      };
    },
    selfSigned(commonName) {
      const name = `self${serial++}`;
      key(name);
      openssl(
        'req',
        '-x509',
        '-new',
        '-key',
        at(`${name}.key`),
        '-subj',
        `/CN=${commonName}`,
        '-days',
        '30',
        '-out',
        at(`${name}.pem`),
        '-addext',
        `subjectAltName=DNS:${commonName}`,
      );
      return { key: text(`${name}.key`), cert: text(`${name}.pem`) };
    },
    dispose: () => rmSync(dir, { recursive: true, force: true }),
  };
}
