import type { ServiceWord } from '../../model/measured.ts';
import { printable } from '../first-words.ts';
import { type Answer, hasLine, meaningOf, type Question, textOf, word } from './answer.ts';

/**
 * Replies of SMTP (RFC 5321 4.2) and FTP (RFC 959 4.2): three digits, a hyphen on every line but the last.
 *
 *   220 mail.example.com ESMTP Postfix        421 4.7.0 mail.example.com Too many connections from 192.0.2.7
 *   554 5.7.1 Service unavailable             500 OOPS: vsftpd: refusing to run with writable root inside chroot()
 */
const isWhole = (heard: Uint8Array): boolean => {
  const text = textOf(heard);
  return /^\d{3} [^\n]*\n/m.test(text) || (hasLine(heard) && !/^\d{3}/.test(text));
};

/**
 * What a reply says against serving whoever hears it; null = nothing. Whatever greets with replies of three digits means the
 * same by the first of them (RFC 959 4.2, RFC 3977 3.2).
 *
 * 421 = "service not available, closing": a limit, a start or (vsftpd) an access list, as the words tell or do not; 5yz are for good.
 * RFC 3463, 3.4 says more: x.3.1 its disk is full, x.3.2 it takes no messages now, x.4.5 it is congested.
 */
export function refusalOf(text: string): ServiceWord | null {
  const code = /^([45]\d\d)[ -]/.exec(text)?.[1];
  if (code === undefined) return null;
  if (/OOPS/.test(text)) return word('failed', code, text);
  const detail = /^[45]\d\d[ -][45]\.(\d+\.\d+)\b/.exec(text)?.[1];
  if (detail !== undefined && DETAILS[detail] !== undefined) return word(DETAILS[detail], code, text);
  // RFC 3463, 3.8: x.7.y is a matter of policy, told at the start or (postscreen) after the name. Class 4 may be tried again.
  const isPolicy = /[ -]([45])\.7\.\d/.exec(text)?.[1] === code[0];
  // `554 5.7.1 Service unavailable; client host blocked` will not be served later either.
  if (isPolicy && code.startsWith('5')) return word('denied', code, text);
  const otherwise = code.startsWith('5') || isPolicy ? 'denied' : 'failed';
  return word(meaningOf(text, otherwise), code, text);
}

const DETAILS: Readonly<Record<string, ServiceWord['means']>> = {
  '3.1': 'limit',
  '3.2': 'not-ready',
  '4.5': 'limit',
};

const reading =
  (starts: RegExp) =>
  (heard: Uint8Array): Answer | null => {
    const text = textOf(heard);
    return starts.test(text) && hasLine(heard)
      ? { text: printable(heard), word: refusalOf(text), tlsOffered: null }
      : null;
  };

const QUIT = Buffer.from('QUIT\r\n');

export const smtp: Question = {
  opening: null,
  isWhole,
  read: reading(/^(220|4\d\d|5\d\d)[ -]/),
  farewell: QUIT,
};
export const ftp: Question = {
  opening: null,
  isWhole,
  read: reading(/^(220|120|4\d\d|5\d\d)[ -]/),
  farewell: QUIT,
};
