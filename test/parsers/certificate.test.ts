import { execFileSync } from 'node:child_process';
import { generateKeyPairSync, X509Certificate } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, describe, expect, test } from 'vitest';
import { isFor } from '../../src/doors/speak/certificates.ts';
import { signatureAlgorithmOf } from '../../src/parsers/certificate.ts';

const folder = mkdtempSync(join(tmpdir(), 'certificate-'));
afterAll(() => rmSync(folder, { recursive: true }));

const file = (name: string): string => join(folder, name);
/** One for all of them: to find its primes takes long. */
const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
writeFileSync(file('key'), privateKey.export({ type: 'pkcs8', format: 'pem' }));

function made(hash: string, names: string, subject = '/CN=other.test'): Buffer {
  execFileSync(
    'openssl',
    [
      ...['req', '-x509', '-new', '-key', file('key'), '-days', '2', `-${hash}`, '-subj', subject],
      ...['-out', file('certificate'), ...(names === '' ? [] : ['-addext', `subjectAltName=${names}`])],
    ],
    { stdio: 'ignore' },
  );
  return new X509Certificate(readFileSync(file('certificate'))).raw;
}

describe('the hash that a certificate is signed with', () => {
  test('SHA-1 is named, SHA-256 is nothing to speak of', () => {
    expect(signatureAlgorithmOf(made('sha1', ''))).toBe('sha1WithRSAEncryption');
    expect(signatureAlgorithmOf(made('sha256', ''))).toBeNull();
  });
  test('no octets make it throw', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 60 }), (noise) => {
        signatureAlgorithmOf(noise);
      }),
    );
  });
});

describe('whom a certificate is for', () => {
  test('names, a wildcard for one label, addresses', () => {
    const raw = made('sha256', 'DNS:www.test,DNS:*.apps.test,IP:192.0.2.7,IP:2001:db8::7');
    expect(isFor(raw, 'WWW.test.')).toBe(true);
    expect(isFor(raw, 'a.apps.test')).toBe(true);
    expect(isFor(raw, 'b.a.apps.test')).toBe(false);
    expect(isFor(raw, '192.0.2.7')).toBe(true);
    expect(isFor(raw, '2001:db8:0::7')).toBe(true);
    expect(isFor(raw, '192.0.2.8')).toBe(false);
    // Its common name does not count beside DNS names.
    expect(isFor(raw, 'other.test')).toBe(false);
  });
  test('the common name counts where there is nothing else', () => {
    expect(isFor(made('sha256', ''), 'other.test')).toBe(true);
    expect(isFor(made('sha256', '', '/CN=192.0.2.7'), '192.0.2.7')).toBe(false);
  });
  test('what is no certificate is for nobody', () => {
    expect(isFor(undefined, 'x.test')).toBe(false);
    expect(isFor(Buffer.from('junk'), 'x.test')).toBe(false);
  });
});
