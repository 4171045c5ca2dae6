/**
 * TLS records as they are on the wire, and a ClientHello to send without a TLS library.
 *
 *   16 03 03 00 7a 02 00 00 76 03 03 ...   handshake record, 122 octets, ServerHello
 *   15 03 03 00 02 02 28                   alert record: fatal, 40 handshake_failure
 *
 * RFC 8446 (TLS 1.3) sections 4 to 6, RFC 6066 (server_name), RFC 7301 (ALPN), RFC 7685 (padding).
 */

export interface TlsRecord {
  type: 'change-cipher-spec' | 'alert' | 'handshake' | 'application-data';
  /** Octets of the record's payload, as its header says. */
  length: number;
  /** What of it has arrived. */
  payload: Uint8Array;
}

const TYPES: Readonly<Record<number, TlsRecord['type']>> = {
  20: 'change-cipher-spec',
  21: 'alert',
  22: 'handshake',
  23: 'application-data',
};

/** Null where the octets are no TLS records. The last record may be incomplete. */
export function parseTlsRecords(bytes: Uint8Array): TlsRecord[] | null {
  const records: TlsRecord[] = [];
  let at = 0;
  while (at + 5 <= bytes.length) {
    const type = TYPES[bytes[at]!];
    const length = bytes[at + 3]! * 256 + bytes[at + 4]!;
    if (type === undefined || bytes[at + 1] !== 3 || bytes[at + 2]! > 4 || length > 16_384 + 256) {
      return records.length === 0 ? null : records;
    }
    records.push({ type, length, payload: bytes.subarray(at + 5, at + 5 + length) });
    at += 5 + length;
  }
  return records.length === 0 ? null : records;
}

/** Number of the first alert that is readable without keys, null where there is none. */
export function plainAlert(bytes: Uint8Array): number | null {
  for (const record of parseTlsRecords(bytes) ?? []) {
    if (record.type === 'alert' && record.length === 2) return record.payload[1] ?? null;
    if (record.type === 'change-cipher-spec') return null;
  }
  return null;
}

const CERTIFICATE_REQUEST = 13;

/**
 * Whether the server asked for a client certificate. In TLS 1.2 its CertificateRequest is readable; in TLS 1.3 it is
 * not, but our answer without a certificate is one encrypted record more than Finished alone. Null = cannot tell.
 */
export function certificateRequested(
  sent: Uint8Array,
  received: Uint8Array,
  version: string | null,
): boolean | null {
  if (version === 'TLSv1.3') {
    const records = parseTlsRecords(sent);
    if (records === null) return null;
    return records.filter((record) => record.type === 'application-data').length > 1;
  }
  const types = handshakeMessages(plainHandshake(received)).map(({ type }) => type);
  if (types.length <= 1) return null;
  return types.includes(CERTIFICATE_REQUEST);
}

/** What of the handshake stands in records before encryption starts; messages may be split over records. */
export function plainHandshake(bytes: Uint8Array): Buffer {
  const parts: Uint8Array[] = [];
  for (const record of parseTlsRecords(bytes) ?? []) {
    if (record.type !== 'handshake') break;
    parts.push(record.payload);
  }
  return Buffer.concat(parts);
}

/** The messages of a handshake; the last one may be incomplete. */
export function handshakeMessages(stream: Buffer): { type: number; body: Buffer }[] {
  const messages: { type: number; body: Buffer }[] = [];
  let at = 0;
  while (at + 4 <= stream.length) {
    const end = at + 4 + stream.readUIntBE(at + 1, 3);
    messages.push({ type: stream[at]!, body: stream.subarray(at + 4, end) });
    at = end;
  }
  return messages;
}

export interface HelloOptions {
  serverName: string | null;
  /** 64 octets: client random and key share. Need not be secret, the handshake is never finished. */
  random: Uint8Array;
  /** Pad the record to at least this many octets. */
  atLeastBytes?: number;
}

/** A ClientHello record for TLS 1.2 and 1.3 that common servers answer with their first flight. */
export function clientHello({ serverName, random, atLeastBytes = 0 }: HelloOptions): Uint8Array {
  const extensions = [
    ...(serverName === null
      ? []
      : [extension(0, vector(2, Buffer.concat([Buffer.from([0]), vector(2, Buffer.from(serverName))])))]),
    extension(10, vector(2, numbers(0x001d, 0x0017, 0x0018))),
    extension(11, vector(1, Buffer.from([0]))),
    extension(13, vector(2, numbers(0x0403, 0x0804, 0x0401, 0x0503, 0x0805, 0x0501, 0x0806, 0x0601, 0x0201))),
    extension(23, Buffer.alloc(0)),
    extension(43, vector(1, numbers(0x0304, 0x0303))),
    extension(45, vector(1, Buffer.from([1]))),
    extension(51, vector(2, Buffer.concat([numbers(0x001d), vector(2, random.subarray(32, 64))]))),
  ];
  const ciphers = numbers(
    0x1301,
    0x1302,
    0x1303,
    0xc02b,
    0xc02f,
    0xc02c,
    0xc030,
    0xcca9,
    0xcca8,
    0xc013,
    0xc014,
    0x009c,
    0x009d,
    0x002f,
    0x0035,
  );
  const build = (all: Buffer[]): Buffer => {
    const body = Buffer.concat([
      numbers(0x0303),
      random.subarray(0, 32),
      vector(1, Buffer.alloc(0)),
      vector(2, ciphers),
      vector(1, Buffer.from([0])),
      vector(2, Buffer.concat(all)),
    ]);
    return Buffer.concat([
      Buffer.from([22, 3, 1]),
      vector(2, Buffer.concat([Buffer.from([1]), vector(3, body)])),
    ]);
  };
  const hello = build(extensions);
  const missing = atLeastBytes - hello.length - 4;
  return missing <= 0 ? hello : build([...extensions, extension(21, Buffer.alloc(missing))]);
}

function vector(lengthBytes: 1 | 2 | 3, body: Uint8Array): Buffer {
  const head = Buffer.alloc(lengthBytes);
  head.writeUIntBE(body.length, 0, lengthBytes);
  return Buffer.concat([head, body]);
}

const extension = (type: number, body: Uint8Array): Buffer => Buffer.concat([numbers(type), vector(2, body)]);

function numbers(...values: number[]): Buffer {
  const bytes = Buffer.alloc(values.length * 2);
  values.forEach((value, index) => {
    bytes.writeUInt16BE(value, index * 2);
  });
  return bytes;
}
