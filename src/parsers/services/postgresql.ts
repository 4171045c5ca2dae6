import type { ServiceWord } from '../../model/measured.ts';
import { printable } from '../first-words.ts';
import { meaningOf as knownMeaning, type Question, word } from './answer.ts';

/**
 * PostgreSQL documentation, "Message Formats". SSLRequest is answered by one octet, S or N; StartupMessage by a demand for a
 * password (R) or an error (E) whose fields are a letter and a text that ends in NUL.
 *
 *   S     N     R 00 00 00 17 00 00 00 0a SCRAM-SHA-256     E 00 00 00 50 SFATAL VFATAL C53300 Msorry, too many clients already
 */
const SSL_REQUEST = Buffer.from([0, 0, 0, 8, 4, 210, 22, 47]);

/** Protocol 3.0 for a user and a database that nobody has. Stopped at the first answer: nothing is proved, nothing is opened. */
export const startupMessage = (): Buffer => {
  const body = Buffer.concat([
    Buffer.from([0, 3, 0, 0]),
    Buffer.from('user\0reachdoctor\0database\0postgres\0application_name\0reachdoctor\0\0'),
  ]);
  const length = Buffer.alloc(4);
  length.writeUInt32BE(body.length + 4);
  return Buffer.concat([length, body]);
};

function fieldsOf(heard: Uint8Array): Map<string, string> | null {
  const data = Buffer.from(heard);
  if (data.length < 6 || data[0] !== 0x45) return null;
  const length = data.readUInt32BE(1);
  // Before 7.4 and when no memory is left: only words.
  if (length > 8192) return new Map([['M', data.subarray(1).toString('latin1').replace(/\0.*$/s, '')]]);
  const fields = data
    .subarray(5, 1 + length)
    .toString('latin1')
    .split('\0');
  return new Map(
    fields.filter((field) => field.length > 1).map((field) => [field[0]!, field.slice(1)] as const),
  );
}

/** SQLSTATE (appendix A of the documentation); 28000 has several messages, which are translated where the server is. */
function meaningOf(code: string, message: string): ServiceWord['means'] {
  if (code === '28000' && /valid client certificate/i.test(message)) return 'certificate';
  if (code === '57P03') return 'not-ready';
  if (code === '57P01' || code === '57P02') return 'not-ready';
  if (code.startsWith('53')) return 'limit';
  // Class 08 is about connections. PgBouncer says with it whatever it has to say: of itself, of its users, of the server.
  if (code.startsWith('08'))
    return /no such (?:database|user)|does not exist|password|authentication|client certificate/i.test(
      message,
    )
      ? 'login'
      : /no more connections|query_wait_timeout/i.test(message)
        ? 'limit'
        : knownMeaning(message, 'failed');
  // Class 28: it looked at the made-up user, as a healthy server does. That pg_hba.conf has no line for that user does not
  // tell whether it has one for the real one, so it is no fault.
  if (code.startsWith('28') || code.startsWith('3D') || code.startsWith('42')) return 'login';
  return 'failed';
}

function isWholeError(heard: Uint8Array): boolean {
  if (heard.length < 5) return false;
  const length = Buffer.from(heard).readUInt32BE(1);
  // Only words, without a length: the version before 7.4, and who is out of memory.
  return length > 8192 ? heard.at(-1) === 0 : heard.length > length;
}

export const postgresql: Question = {
  opening: SSL_REQUEST,
  isWhole: (heard) =>
    heard.length > 0 && (heard[0] === 0x45 || heard[0] === 0x52 ? isWholeError(heard) : true),
  read(heard) {
    const first = heard[0];
    // One octet: more would be words of something else.
    if ((first === 0x53 || first === 0x4e) && heard.length === 1)
      return { text: first === 0x53 ? 'S' : 'N', word: null, tlsOffered: first === 0x53 };
    if (first === 0x52 && heard.length >= 9 && heard[1] === 0)
      return { text: 'asks who is there', word: null, tlsOffered: null };
    const fields = fieldsOf(heard);
    const message = fields?.get('M');
    if (fields === null || message === undefined) return null;
    const code = fields.get('C') ?? null;
    const said = word(code === null ? 'failed' : meaningOf(code, message), code, message);
    return { text: printable(message), word: said, tlsOffered: null };
  },
  reply: (heard) =>
    heard.length === 1 && (heard[0] === 0x4e || heard[0] === 0x53) ? startupMessage() : null,
  // psql leaves so too when it is asked for a password that it does not have; the server logs nothing.
  farewell: null,
};
