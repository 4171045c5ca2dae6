import { printable } from '../first-words.ts';
import { deniedOrFailed, hasLine, meaningOf, type Question, textOf, word } from './answer.ts';

/**
 * Greetings of IMAP (RFC 9051 7.1) and POP3 (RFC 1939, response codes of RFC 2449 and 3206).
 *
 *   * OK [CAPABILITY IMAP4rev1 ...] Dovecot ready.     * BYE Maximum number of connections from user+IP exceeded
 *   +OK POP3 ready <12.34@mail.example.com>            -ERR [SYS/TEMP] server is shutting down
 */
export const imap: Question = {
  opening: null,
  isWhole: hasLine,
  read(heard) {
    const text = textOf(heard);
    if (!/^\* (OK|BYE|PREAUTH)\b/i.test(text)) return null;
    const bye = /^\* BYE ?([^\r\n]*)/i.exec(text)?.[1];
    return {
      text: printable(heard),
      word: bye === undefined ? null : word(meaningOf(bye, deniedOrFailed(bye)), 'BYE', bye),
      tlsOffered: null,
    };
  },
  farewell: Buffer.from('zz LOGOUT\r\n'),
};

export const pop3: Question = {
  opening: null,
  isWhole: hasLine,
  read(heard) {
    const text = textOf(heard);
    if (!/^(\+OK|-ERR)/i.test(text)) return null;
    const error = /^-ERR ?([^\r\n]*)/i.exec(text)?.[1];
    const temporary = /\[(SYS\/TEMP|IN-USE|LOGIN-DELAY)\]/i.test(error ?? '');
    return {
      text: printable(heard),
      word:
        error === undefined
          ? null
          : word(meaningOf(error, temporary ? 'not-ready' : deniedOrFailed(error)), '-ERR', error),
      tlsOffered: null,
    };
  },
  farewell: Buffer.from('QUIT\r\n'),
};
