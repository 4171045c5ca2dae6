import type { ServiceWord } from '../../model/measured.ts';
import { printable } from '../first-words.ts';
import { type Question, textOf, word } from './answer.ts';

/**
 * MySQL and MariaDB, "Connection Phase": packets of a length (3 octets), a number, and a body that begins with 10 (the
 * greeting), 255 (an error: code, `#` and state once the handshake is over, words), 254 (change of method) or 0 (let in).
 *
 *   4a 00 00 00 0a 31 30 2e 31 31 ...      45 00 00 00 ff 6a 04 Host '192.0.2.2' is not allowed to connect to this MariaDB server
 */
interface Packet {
  number: number;
  body: Buffer;
}

function packetOf(bytes: Uint8Array): Packet | null {
  if (bytes.length < 5) return null;
  const length = Buffer.from(bytes.subarray(0, 3)).readUIntLE(0, 3);
  if (length < 1 || length > 4096 || bytes.length < 4 + length) return null;
  return { number: bytes[3]!, body: Buffer.from(bytes.subarray(4, 4 + length)) };
}

const MEANS: Readonly<Record<number, ServiceWord['means']>> = {
  1040: 'limit', // ER_CON_COUNT_ERROR
  1041: 'limit', // ER_OUT_OF_RESOURCES
  1203: 'limit', // ER_TOO_MANY_USER_CONNECTIONS
  1226: 'limit', // ER_USER_LIMIT_REACHED
  1129: 'denied', // ER_HOST_IS_BLOCKED
  1130: 'denied', // ER_HOST_NOT_PRIVILEGED
  1042: 'failed', // ER_BAD_HOST_ERROR
  1053: 'not-ready', // ER_SERVER_SHUTDOWN
  1135: 'limit', // ER_CANT_CREATE_THREAD
  // It looked at who wants in: so far a healthy server goes with somebody whom it does not know.
  1044: 'login',
  1045: 'login',
  1049: 'login',
  1251: 'login',
  1275: 'login',
  1524: 'login',
  1698: 'login',
  3159: 'login', // ER_SECURE_TRANSPORT_REQUIRED
};

function errorOf(body: Buffer): ServiceWord {
  const code = body.length >= 3 ? body.readUInt16LE(1) : 0;
  const words = body.subarray(body[3] === 0x23 ? 9 : 3);
  return word(MEANS[code] ?? 'failed', code, words);
}

/**
 * An answer to the greeting, for a user that nobody has: a connection that ends without one counts as a connect error, and
 * after `max_connect_errors` of them the whole host is locked out; a login that is refused does not (measured, MariaDB 10.11).
 */
function login(number: number): Buffer {
  const capabilities = Buffer.alloc(4);
  // CLIENT_LONG_PASSWORD, PROTOCOL_41, SECURE_CONNECTION, PLUGIN_AUTH
  capabilities.writeUInt32LE(0x1 | 0x200 | 0x8000 | 0x80000);
  return packet(
    number,
    Buffer.concat([
      capabilities,
      Buffer.from([0, 0, 0, 1, 33]),
      Buffer.alloc(23),
      Buffer.from('reachdoctor\0'),
      Buffer.from([0]),
      Buffer.from('mysql_native_password\0'),
    ]),
  );
}

function packet(number: number, body: Uint8Array): Buffer {
  const head = Buffer.alloc(4);
  head.writeUIntLE(body.length, 0, 3);
  head[3] = number & 0xff;
  return Buffer.concat([head, body]);
}

export const mysql: Question = {
  opening: null,
  isWhole: (heard) => packetOf(heard) !== null || (heard.length > 4 && (heard[3]! > 3 || heard[2]! > 0)),
  read(heard) {
    const body = packetOf(heard)?.body;
    if (body === undefined) return null;
    if (body[0] === 0xff) {
      const error = errorOf(body);
      return { text: `error ${error.code}: ${error.text}`, word: error, tlsOffered: null };
    }
    if (body[0] === 0xfe || body[0] === 0) return { text: '', word: null, tlsOffered: null };
    const end = body.indexOf(0, 1);
    if (body[0] !== 10 || end < 2 || !/^\d/.test(textOf(body.subarray(1, 2)))) return null;
    // CLIENT_SSL (0x0800) in the lower capability flags: after version, NUL, thread id (4), salt (8), filler (1).
    const flags = body.length >= end + 16 ? body.readUInt16LE(end + 14) : null;
    return {
      text: `MySQL ${printable(body.subarray(1, end))}`,
      word: null,
      tlsOffered: flags === null ? null : (flags & 0x0800) !== 0,
    };
  },
  reply(heard) {
    const seen = packetOf(heard);
    if (seen === null) return null;
    if (seen.body[0] === 10) return login(seen.number + 1);
    // Asked to prove itself by another method: an empty proof is refused in good order.
    if (seen.body[0] === 0xfe) return packet(seen.number + 1, Buffer.alloc(0));
    // Let in: COM_QUIT.
    if (seen.body[0] === 0) return packet(0, Buffer.from([1]));
    return null;
  },
  farewell: null,
};
