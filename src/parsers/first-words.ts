import type { Protocol } from '../model/measured.ts';
import { parseTlsRecords } from './tls-record.ts';

/**
 * Which protocol speaks, from its first octets:
 *
 *   SSH-2.0-OpenSSH_9.2p1          220 mail.example.com ESMTP Postfix
 *   * OK [CAPABILITY IMAP4rev1]    HTTP/1.1 400 Bad Request
 *
 * Null = none of those known here.
 */
export function protocolOf(bytes: Uint8Array): Protocol | null {
  if (bytes.length === 0) return null;
  const text = Buffer.from(bytes.subarray(0, 512)).toString('latin1');
  if (text.startsWith('SSH-') || /\nSSH-\d/.test(text)) return 'ssh';
  if (/^HTTP\/\d/.test(text)) return 'http';
  // RFC 6143 7.1.1: `RFB 003.008` and a newline.
  if (/^RFB \d{3}\.\d{3}\n/.test(text)) return 'rfb';
  if (/^\* (OK|BYE|PREAUTH)\b/i.test(text)) return 'imap';
  if (/^[+-](OK|ERR)\b.*(pop|ready|<\d+\.\d+@)/i.test(text) || /^\+OK\b/.test(text)) return 'pop3';
  // 220 greets in SMTP and FTP. SMTP has its host name first and mostly says so (RFC 5321 4.2).
  if (/^(220|421|554|530|500)[ -]/.test(text))
    return /ftp/i.test(text) && !/smtp/i.test(text) ? 'ftp' : 'smtp';
  if (isMysqlGreeting(bytes)) return 'mysql';
  if (
    /^(\+PONG|-NOAUTH|-DENIED|-WRONGPASS|-LOADING|-MISCONF|-ERR (unknown command|operation|Protocol error))/.test(
      text,
    )
  )
    return 'redis';
  if (parseTlsRecords(bytes) !== null) return 'tls';
  if (bytes[0] === 0x45 && /SFATAL|SERROR|FATAL\0|C\w{5}\0/.test(text)) return 'postgresql';
  return null;
}

/** Protocol version 10 handshake, or an error packet (too many connections, host not allowed): MySQL internals, "Connection Phase". */
function isMysqlGreeting(bytes: Uint8Array): boolean {
  if (bytes.length < 6 || bytes[3] !== 0) return false;
  const length = bytes[0]! + bytes[1]! * 256 + bytes[2]! * 65_536;
  if (length < 4 || length > 4096) return false;
  return bytes[4] === 10 ? /^[\d.]/.test(String.fromCharCode(bytes[5]!)) : bytes[4] === 0xff;
}

/**
 * The words in a packet of a database, without the octets around them: MySQL's error packet (header of 4, 0xff, code of
 * 2, `#` and a state of 5 where the handshake is done) or the version that it greets with; the fields of PostgreSQL's error.
 */
export function databaseWords(bytes: Uint8Array): Uint8Array | string {
  const data = Buffer.from(bytes);
  if (isMysqlGreeting(bytes)) {
    if (data[4] === 10)
      return `MySQL ${data.subarray(5, Math.max(5, data.indexOf(0, 5))).toString('latin1')}`;
    if (data.length < 8) return bytes;
    return `error ${data.readUInt16LE(5)}: ${data.subarray(data[7] === 0x23 ? 13 : 7).toString('latin1')}`;
  }
  if (data[0] === 0x45 && /SFATAL|SERROR|FATAL\0/.test(data.toString('latin1'))) {
    // ErrorResponse: E, length of 4, then fields of a letter and a text that ends in NUL.
    const fields = data.subarray(5).toString('latin1').split('\0');
    const message = fields.find((field) => field.startsWith('M'));
    return message === undefined ? bytes : message.slice(1);
  }
  return bytes;
}

/** Words of a stranger in one line: everything but printable ASCII becomes `.`, runs of them one. */
export function printable(bytes: Uint8Array | string, maxLength = 200): string {
  const text =
    typeof bytes === 'string' ? bytes : Buffer.from(bytes.subarray(0, maxLength * 4)).toString('latin1');
  return text
    .replace(/[\r\n\t]+/g, ' ')
    .replace(/[^\x20-\x7e]+/g, '.')
    .replace(/ {2,}/g, ' ')
    .trim()
    .slice(0, maxLength);
}
