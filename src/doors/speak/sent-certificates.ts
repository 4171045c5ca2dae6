import { createDecipheriv, createHmac } from 'node:crypto';
import { handshakeMessages, parseTlsRecords, plainHandshake } from '../../parsers/tls-record.ts';

/**
 * The certificates as the server sent them, which node does not tell: it tells the chain that OpenSSL could build of them.
 *
 * TLS 1.2 sends them in the clear (RFC 5246 section 7.4.2). TLS 1.3 encrypts them (RFC 8446 sections 4.4.2, 5.2, 7.1 and 7.3);
 * whoever shook hands has the secret.
 */

/** Of a handshake with TLS 1.3: what deciphers the server's first flight. */
export interface HandshakeSecret {
  /** SERVER_HANDSHAKE_TRAFFIC_SECRET. */
  secret: Uint8Array;
  /** IANA's name of the cipher suite. */
  cipher: string;
}

const CERTIFICATE = 11;
/** At most so many are looked at. */
const MAX_CERTIFICATES = 16;

interface Suite {
  hash: 'sha256' | 'sha384';
  cipher: 'aes-128-gcm' | 'aes-256-gcm' | 'chacha20-poly1305';
  keyBytes: number;
}

/** RFC 8446 appendix B.4. */
const SUITES: Readonly<Record<string, Suite>> = {
  TLS_AES_128_GCM_SHA256: { hash: 'sha256', cipher: 'aes-128-gcm', keyBytes: 16 },
  TLS_AES_256_GCM_SHA384: { hash: 'sha384', cipher: 'aes-256-gcm', keyBytes: 32 },
  TLS_CHACHA20_POLY1305_SHA256: { hash: 'sha256', cipher: 'chacha20-poly1305', keyBytes: 32 },
};

/**
 * @param received What came of the server, from its first octet.
 * @param secret   Null where TLS 1.2 was spoken.
 * @returns the certificates in the order in which they were sent, as DER; null where that cannot be read.
 */
export function certificatesSent(received: Uint8Array, secret: HandshakeSecret | null): Uint8Array[] | null {
  const stream = secret === null ? plainHandshake(received) : decipheredHandshake(received, secret);
  const message =
    stream === null ? undefined : handshakeMessages(stream).find(({ type }) => type === CERTIFICATE);
  return message === undefined ? null : listOf(message.body, secret !== null);
}

/** Null where a record does not decipher: another key, or something that is not understood here. */
function decipheredHandshake(received: Uint8Array, { secret, cipher }: HandshakeSecret): Buffer | null {
  const suite = SUITES[cipher];
  if (suite === undefined) return null;
  const key = expandLabel(suite.hash, secret, 'key', suite.keyBytes);
  const iv = expandLabel(suite.hash, secret, 'iv', IV_BYTES);
  const parts: Uint8Array[] = [];
  let sequence = 0;
  for (const { type, length, payload } of parseTlsRecords(received) ?? []) {
    if (type !== 'application-data') continue;
    // The last one that was kept is cut.
    if (payload.length < length) break;
    const inner = decipher(suite, key, nonceOf(iv, sequence), payload);
    sequence++;
    // After Finished the key is another one.
    if (inner === null) break;
    if (inner.type === HANDSHAKE) parts.push(inner.content);
  }
  return parts.length === 0 ? null : Buffer.concat(parts);
}

const HANDSHAKE = 22;
const IV_BYTES = 12;
const TAG_BYTES = 16;

function decipher(
  suite: Suite,
  key: Uint8Array,
  nonce: Uint8Array,
  payload: Uint8Array,
): { type: number; content: Uint8Array } | null {
  if (payload.length <= TAG_BYTES) return null;
  const end = payload.length - TAG_BYTES;
  const header = Buffer.from([23, 3, 3, payload.length >> 8, payload.length & 0xff]);
  let plain: Buffer;
  try {
    const deciphering = createDecipheriv(suite.cipher as 'aes-128-gcm', key, nonce, {
      authTagLength: TAG_BYTES,
    });
    deciphering.setAAD(header);
    deciphering.setAuthTag(payload.subarray(end));
    plain = Buffer.concat([deciphering.update(payload.subarray(0, end)), deciphering.final()]);
  } catch {
    return null;
  }
  // The type stands behind the content, zeros for padding behind the type.
  let at = plain.length - 1;
  while (at >= 0 && plain[at] === 0) at--;
  return at < 0 ? null : { type: plain[at]!, content: plain.subarray(0, at) };
}

function nonceOf(iv: Uint8Array, sequence: number): Buffer {
  const nonce = Buffer.from(iv);
  nonce.writeUInt32BE((nonce.readUInt32BE(IV_BYTES - 4) ^ sequence) >>> 0, IV_BYTES - 4);
  return nonce;
}

/** HKDF-Expand-Label with an empty context; no more than one block is ever wanted here (RFC 5869 section 2.3). */
function expandLabel(hash: Suite['hash'], secret: Uint8Array, label: string, bytes: number): Buffer {
  const name = Buffer.from(`tls13 ${label}`);
  const info = Buffer.concat([Buffer.from([0, bytes, name.length]), name, Buffer.from([0, 1])]);
  return createHmac(hash, secret).update(info).digest().subarray(0, bytes);
}

/** Null where the message is damaged. */
function listOf(octets: Buffer, isTls13: boolean): Uint8Array[] | null {
  // TLS 1.3 says first to which request it answers.
  let at = isTls13 ? 1 + (octets[0] ?? 0) : 0;
  if (at + 3 > octets.length) return null;
  const end = at + 3 + octets.readUIntBE(at, 3);
  if (end > octets.length) return null;
  at += 3;
  const found: Uint8Array[] = [];
  while (at + 3 <= end && found.length < MAX_CERTIFICATES) {
    const length = octets.readUIntBE(at, 3);
    if (at + 3 + length > end) return null;
    found.push(octets.subarray(at + 3, at + 3 + length));
    at += 3 + length;
    if (!isTls13) continue;
    if (at + 2 > end) return null;
    at += 2 + octets.readUInt16BE(at);
  }
  return found;
}
