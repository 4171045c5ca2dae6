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
  if (NEGOTIATION.test(text)) return 'telnet';
  if (/^\* (OK|BYE|PREAUTH)\b/i.test(text)) return 'imap';
  if (/^[+-](OK|ERR)\b.*(pop|ready|<\d+\.\d+@)/i.test(text) || /^\+OK\b/.test(text)) return 'pop3';
  // 220 greets in SMTP and FTP. SMTP has its host name first and mostly says so (RFC 5321 4.2).
  if (/^(220|421|554|530|500)[ -]/.test(text))
    return /ftp/i.test(text) && !/smtp/i.test(text) ? 'ftp' : 'smtp';
  if (isMysqlGreeting(bytes)) return 'mysql';
  if (
    /^(\+PONG|-NOAUTH|-DENIED|-WRONGPASS|-LOADING|-BUSY|-MASTERDOWN|-CLUSTERDOWN|-MISCONF|-ERR (unknown command|operation|Protocol error))/.test(
      text,
    )
  )
    return 'redis';
  if (/^(VERSION \d|ERROR\r?\n|CLIENT_ERROR |SERVER_ERROR )/.test(text)) return 'memcached';
  if (parseTlsRecords(bytes) !== null) return 'tls';
  if (bytes[0] === 0x45 && /SFATAL|SERROR|FATAL\0|C\w{5}\0/.test(text)) return 'postgresql';
  return binaryProtocolOf(Buffer.from(bytes.subarray(0, 64)));
}

/** RFC 854: IAC, then WILL, WONT or DO, then the number of an option; servers begin with `ff fd 01 ff fb 03` and the like. */
const NEGOTIATION = /^\xff[\xfb-\xfd][\x00-\x31\xff]/;
/** All of it: such a demand, or IAC SB ... IAC SE. */
const NEGOTIATIONS = /\xff(?:[\xfb-\xfe].|\xfa.*?\xff\xf0)/gs;

/** The answer says that what was asked is not understood: `HTTP/1.1 400 Bad`, a TLS alert, `-ERR unknown command`, `502 5.5.2`, `421 4.3.0`. */
export function isComplaint(bytes: Uint8Array): boolean {
  const text = Buffer.from(bytes.subarray(0, 16)).toString('latin1');
  return /^(HTTP\/1\.[01] 400\b|-ERR\b|ERROR\b|[45]\d\d[ -]|\* BAD\b)/.test(text) || /^\x15\x03/.test(text);
}

/** Protocols without words, by the constant octets of their first answers (src/parsers/services shows them). */
function binaryProtocolOf(data: Buffer): Protocol | null {
  const text = data.toString('latin1');
  if (/^AMQP/.test(text)) return 'amqp';
  if (data[0] === 1 && data.length >= 11 && data.readUInt16BE(1) === 0 && data.readUInt16BE(7) === 10)
    return 'amqp';
  if (/^\x20\x02[\x00\x01][\x00-\x05]$/.test(text)) return 'mqtt';
  if (/^.{4}[\xfe\xff]SMB/s.test(text) || /^\x83\x00\x00\x01[\x80-\x8f]/.test(text)) return 'smb';
  if (/^\x03\x00.{3}\xd0/s.test(text)) return 'rdp';
  if (/^\x30(?:[\x00-\x7f]|\x81.|\x82..|\x84....)\x02\x01.[\x61\x64\x65\x78]/s.test(text)) return 'ldap';
  const isMongo = data.length >= 21 && data.readUInt32LE(0) >= 21 && data.readUInt32LE(0) < 48_000_000;
  if (isMongo && (data.readUInt32LE(12) === 2013 || data.readUInt32LE(12) === 1)) return 'mongodb';
  return null;
}

/** Protocol version 10 handshake, or an error packet (too many connections, host not allowed): MySQL internals, "Connection Phase". */
function isMysqlGreeting(bytes: Uint8Array): boolean {
  if (bytes.length < 6 || bytes[3] !== 0) return false;
  const length = bytes[0]! + bytes[1]! * 256 + bytes[2]! * 65_536;
  if (length < 4 || length > 4096) return false;
  return bytes[4] === 10 ? /^[\d.]/.test(String.fromCharCode(bytes[5]!)) : bytes[4] === 0xff;
}

/** Words of a stranger in one line, without Telnet's negotiations: everything but printable ASCII becomes `.`, runs of them one. */
export function printable(bytes: Uint8Array | string, maxLength = 200): string {
  const text =
    typeof bytes === 'string' ? bytes : Buffer.from(bytes.subarray(0, maxLength * 4)).toString('latin1');
  const words = NEGOTIATION.test(text) ? text.replace(NEGOTIATIONS, '') : text;
  return words
    .replace(/[\r\n\t]+/g, ' ')
    .replace(/[^\x20-\x7e]+/g, '.')
    .replace(/ {2,}/g, ' ')
    .trim()
    .slice(0, maxLength);
}
