/**
 * The algorithm that a certificate is signed with, from its DER (RFC 5280 4.1): a sequence of the signed part, the
 * algorithm (a sequence that begins with an object identifier), and the signature.
 *
 *   30 82 03 0b  30 82 01 f3 ...  30 0d 06 09 2a 86 48 86 f7 0d 01 01 05 05 00  03 82 01 01 ...     sha1WithRSAEncryption
 */
const ALGORITHMS: Readonly<Record<string, string>> = {
  '2a864886f70d010104': 'md5WithRSAEncryption',
  '2a864886f70d010105': 'sha1WithRSAEncryption',
  '2a8648ce380403': 'sha1WithDSA',
  '2a8648ce3d0401': 'sha1WithECDSA',
};

/** Null where it is none of those that are known to be weak, or the octets are no certificate. */
export function signatureAlgorithmOf(der: Uint8Array): string | null {
  const data = Buffer.from(der);
  const outer = headerAt(data, 0);
  const signed = outer === null ? null : headerAt(data, outer.start);
  const algorithm = signed === null ? null : headerAt(data, signed.start + signed.length);
  const identifier = algorithm === null ? null : headerAt(data, algorithm.start);
  if (identifier === null || data[algorithm!.start] !== 0x06) return null;
  const octets = data.subarray(identifier.start, identifier.start + identifier.length);
  return ALGORITHMS[octets.toString('hex')] ?? null;
}

function headerAt(data: Buffer, at: number): { start: number; length: number } | null {
  if (at + 2 > data.length) return null;
  const first = data[at + 1]!;
  if (first < 0x80) return { start: at + 2, length: first };
  const size = first & 0x7f;
  if (size === 0 || size > 4 || at + 2 + size > data.length) return null;
  return { start: at + 2 + size, length: data.readUIntBE(at + 2, size) };
}
