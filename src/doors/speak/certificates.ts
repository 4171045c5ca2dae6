import { X509Certificate } from 'node:crypto';
import { isIP } from 'node:net';
import {
  type DetailedPeerCertificate,
  type PeerCertificate,
  rootCertificates,
  type TLSSocket,
} from 'node:tls';
import { signatureAlgorithmOf } from '../../parsers/certificate.ts';
import type { PeerCertificateData } from '../types.ts';

const MAX_CHAIN = 8;
const MAX_NAMES = 50;

/** What the server presented: its own certificate, the chain as data, the chain as DER. */
export function describePeer(socket: TLSSocket): {
  chain: PeerCertificateData[];
  raw: Buffer[];
} {
  const leaf = socket.getPeerCertificate(true);
  const chain: PeerCertificateData[] = [];
  const raw: Buffer[] = [];
  const seen = new Set<string>();
  let next: DetailedPeerCertificate | undefined = leaf;
  // A self-signed certificate is its own issuer: without `seen` this goes round for ever.
  while (next?.fingerprint256 && !seen.has(next.fingerprint256) && chain.length < MAX_CHAIN) {
    seen.add(next.fingerprint256);
    chain.push(describe(next));
    raw.push(next.raw);
    next = next.issuerCertificate;
  }
  return { chain, raw };
}

/**
 * Whether a certificate is for this name or address (RFC 9525): a name among its DNS names, an address among its IP
 * addresses; its common name counts only where it has no DNS names (node's own check differs between releases).
 */
export function isFor(raw: Buffer | undefined, name: string): boolean {
  if (raw === undefined) return false;
  try {
    const certificate = new X509Certificate(raw);
    const host = name.replace(/\.$/, '').replace(/%.*$/, '');
    return isIP(host) === 0
      ? certificate.checkHost(host, { subject: 'default', partialWildcards: false }) !== undefined
      : certificate.checkIP(host) !== undefined;
  } catch {
    // No certificate that OpenSSL can read again: it proves nobody.
    return false;
  }
}

/**
 * node trusts Mozilla's authorities; the system's store may know more (a company's own). `vouched` = one of the
 * bundles' authorities signed the end of the chain; `issuerKnown` = some authority has the issuer's organisation, so
 * that the issuer is most likely one of its intermediates and only missing.
 */
export function lookAgain(chain: Buffer[], bundles: string[]): { vouched: boolean; issuerKnown: boolean } {
  const certificates = chain.map((raw) => new X509Certificate(raw));
  const last = certificates.at(-1);
  if (last === undefined) return { vouched: false, issuerKnown: false };
  const linked = certificates.every((one, index) => {
    const issuer = certificates[index + 1];
    return issuer === undefined || (one.checkIssued(issuer) && one.verify(issuer.publicKey));
  });
  const organisation = lineOf(last.issuer, 'O');
  const signs = (authority: X509Certificate): boolean =>
    authority.fingerprint256 === last.fingerprint256 ||
    (authority.ca && last.checkIssued(authority) && last.verify(authority.publicKey));
  let vouched = false;
  let issuerKnown = false;
  for (const authority of [...authoritiesIn(bundles.join('\n')), ...builtInAuthorities()]) {
    vouched ||= signs(authority);
    issuerKnown ||= organisation !== null && lineOf(authority.subject, 'O') === organisation;
    if (vouched) break;
  }
  return { vouched: vouched && linked, issuerKnown };
}

/** Whether one of these (DER) has the name of the issuer of `of`. A certificate that was damaged has none. */
export function hasSubject(certificates: readonly Uint8Array[], of: Uint8Array): boolean {
  const { issuer } = new X509Certificate(of);
  return certificates.some((raw) => {
    try {
      return new X509Certificate(raw).subject === issuer;
    } catch {
      return false;
    }
  });
}

/** Keys below 112 bits of security and hashes that can be forged (NIST SP 800-57, 800-131A); a root's own signature proves nothing and is not looked at. */
function weaknessOf(raw: Buffer, isOwnIssuer: boolean): string | null {
  try {
    const { asymmetricKeyType, asymmetricKeyDetails } = new X509Certificate(raw).publicKey;
    const bits = asymmetricKeyDetails?.modulusLength;
    if (asymmetricKeyType?.startsWith('rsa') === true && bits !== undefined && bits < 2048)
      return `RSA ${bits}`;
  } catch {
    // A kind of key that this OpenSSL does not know is not called weak.
  }
  const hash = isOwnIssuer ? null : /^(md5|sha1)/i.exec(signatureAlgorithmOf(raw) ?? '')?.[1];
  return hash == null ? null : `${hash === 'sha1' ? 'SHA-1' : 'MD5'} signature`;
}

function* builtInAuthorities(): Generator<X509Certificate> {
  for (const pem of rootCertificates) yield new X509Certificate(pem);
}

function* authoritiesIn(pem: string): Generator<X509Certificate> {
  for (const match of pem.matchAll(
    /-----BEGIN CERTIFICATE-----[A-Za-z0-9+/=\s]+-----END CERTIFICATE-----/g,
  )) {
    try {
      yield new X509Certificate(match[0]);
    } catch {
      // A damaged entry in the bundle vouches for nobody; the others still may.
    }
  }
}

/** X509Certificate prints a name as lines `O=Example`. */
function lineOf(name: string, key: string): string | null {
  return (
    name
      ?.split('\n')
      .find((line) => line.startsWith(`${key}=`))
      ?.slice(key.length + 1) ?? null
  );
}

function describe(certificate: PeerCertificate): PeerCertificateData {
  const subject = nameOf(certificate.subject);
  const issuer = nameOf(certificate.issuer);
  const names = [...(certificate.subjectaltname ?? '').matchAll(/(?:DNS|IP Address):([^,"]+)/g)]
    .slice(0, MAX_NAMES)
    .map((match) => match[1]!.trim().slice(0, 253));
  const commonName = first(certificate.subject?.CN);
  const organisation = first(certificate.issuer?.O);
  return {
    subject,
    issuer,
    issuerOrganisation: organisation,
    names: names.length === 0 && commonName !== null ? [commonName.slice(0, 253)] : names,
    notBefore: isoDate(certificate.valid_from),
    notAfter: isoDate(certificate.valid_to),
    selfSigned: subject === issuer,
    issuerPublished: certificate.infoAccess?.['CA Issuers - URI'] !== undefined,
    weakness: weaknessOf(certificate.raw, subject === issuer),
  };
}

/** node's types say string; a repeated attribute makes an array. */
const first = (value: unknown): string | null =>
  typeof value === 'string' ? value : Array.isArray(value) ? String(value[0]) : null;

function nameOf(name: object | undefined): string {
  return Object.entries(name ?? {})
    .map(([key, value]) => `${key}=${Array.isArray(value) ? value.join('+') : value}`)
    .join(' ')
    .slice(0, 300);
}

function isoDate(text: string | undefined): string | null {
  const time = Date.parse(text ?? '');
  return Number.isNaN(time) ? null : new Date(time).toISOString();
}
