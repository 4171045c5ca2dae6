import type { ServiceWord } from '../../model/measured.ts';
import { printable } from '../first-words.ts';
import { type Question, word } from './answer.ts';

/**
 * LDAP (RFC 4511) in BER. Asked for the root entry, which every server shows to everybody, without a list of
 * attributes: OpenLDAP writes a line of log more where there is one.
 *
 *   30 09 02 01 01 64 04 04 00 30 00  30 0c 02 01 01 65 07 0a 01 00 04 00 04 00     the entry, and `success`
 *   30 .. 02 01 00 78 .. 0a 01 34 ..                                                 notice of disconnection: unavailable
 */
const SEARCH = Buffer.concat([
  Buffer.from([0x30, 0x25, 0x02, 0x01, 0x01, 0x63, 0x20, 0x04, 0x00, 0x0a, 0x01, 0x00, 0x0a, 0x01, 0x00]),
  // At most one entry, 3 s, (objectClass=*).
  Buffer.from([0x02, 0x01, 0x01, 0x02, 0x01, 0x03, 0x01, 0x01, 0x00, 0x87, 0x0b]),
  Buffer.from('objectClass'),
  Buffer.from([0x30, 0x00]),
]);
const UNBIND = Buffer.from([0x30, 0x05, 0x02, 0x01, 0x02, 0x42, 0x00]);

interface Element {
  tag: number;
  body: Buffer;
  end: number;
}

/** One BER element; null where it has not arrived whole or is none. */
function elementAt(data: Buffer, at: number): Element | null {
  if (at + 2 > data.length) return null;
  const short = data[at + 1]!;
  const more = short & 0x7f;
  if (short >= 0x80 && (more === 0 || more > 3 || at + 2 + more > data.length)) return null;
  const start = short < 0x80 ? at + 2 : at + 2 + more;
  const length = short < 0x80 ? short : data.readUIntBE(at + 2, more);
  return start + length > data.length
    ? null
    : { tag: data[at]!, body: data.subarray(start, start + length), end: start + length };
}

interface Message {
  /** Application tag: 0x64 entry, 0x65 end of the search, 0x78 extended response. */
  operation: Element;
}

function messagesOf(heard: Uint8Array): Message[] | null {
  const data = Buffer.from(heard);
  const messages: Message[] = [];
  let at = 0;
  while (at < data.length && messages.length < 8) {
    const envelope = elementAt(data, at);
    if (envelope === null || envelope.tag !== 0x30) break;
    const id = elementAt(envelope.body, 0);
    const operation = id === null || id.tag !== 2 ? null : elementAt(envelope.body, id.end);
    if (operation === null) return null;
    messages.push({ operation });
    at = envelope.end;
  }
  return messages.length === 0 ? null : messages;
}

/** RFC 4511 appendix A. */
const MEANS: Readonly<Record<number, ServiceWord['means'] | null>> = {
  0: null,
  1: 'login', // operationsError: Active Directory wants a bind first
  2: 'failed',
  8: 'login',
  13: 'login',
  32: null,
  48: 'login',
  50: 'login',
  51: 'limit',
  52: 'not-ready',
  53: 'login',
};

const isAnswer = ({ operation }: Message): boolean =>
  operation.tag === 0x65 || operation.tag === 0x78 || operation.tag === 0x61;

export const ldap: Question = {
  opening: SEARCH,
  isWhole: (heard) => heard.length > 1 && (heard[0] !== 0x30 || (messagesOf(heard)?.some(isAnswer) ?? false)),
  read(heard) {
    const messages = messagesOf(heard);
    if (messages === null || messages.some(({ operation }) => operation.tag < 0x60 || operation.tag > 0x78))
      return null;
    const answer = messages.find(isAnswer);
    if (answer === undefined) return { text: 'LDAP', word: null, tlsOffered: null };
    const code = elementAt(answer.operation.body, 0);
    if (code === null || code.tag !== 0x0a || code.body.length !== 1) return null;
    const dn = elementAt(answer.operation.body, code.end);
    const message = dn === null ? null : elementAt(answer.operation.body, dn.end);
    const result = code.body[0]!;
    const means = result in MEANS ? MEANS[result]! : 'failed';
    const text = printable(message?.body ?? '') || `result ${result}`;
    return { text, word: means === null ? null : word(means, result, text), tlsOffered: null };
  },
  farewell: UNBIND,
};
