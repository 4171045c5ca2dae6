import { printable } from '../first-words.ts';
import { meaningOf, type Question, word } from './answer.ts';

/**
 * MongoDB wire protocol, OP_MSG (opcode 2013) with one document, `{ isMaster: 1, $db: "admin" }`, which needs no login.
 * The answer is a document with `ok: 1.0`, or `ok: 0.0`, `errmsg` and `code`.
 */
const DOCUMENT = Buffer.concat([
  Buffer.from('\x10isMaster\0\x01\0\0\0', 'latin1'),
  Buffer.from('\x02$db\0\x06\0\0\0admin\0', 'latin1'),
  Buffer.from([0]),
]);
const OP_MSG = 2013;
const OP_REPLY = 1;

function question(): Buffer {
  const size = 4 + DOCUMENT.length;
  const head = Buffer.alloc(16 + 4 + 1 + 4);
  head.writeUInt32LE(head.length - 4 + size, 0);
  head.writeUInt32LE(1, 4);
  head.writeUInt32LE(OP_MSG, 12);
  head.writeUInt32LE(size, 21);
  return Buffer.concat([head, DOCUMENT]);
}

const lengthOf = (data: Buffer): number => (data.length < 16 ? 0 : data.readUInt32LE(0));

/** The values of the document's own fields that are doubles, 32-bit numbers or texts; others are passed over by their size. */
function fieldsOf(data: Buffer): Map<string, number | string> {
  const fields = new Map<string, number | string>();
  let at = 4;
  while (at + 2 < data.length && fields.size < 64) {
    const type = data[at]!;
    const end = data.indexOf(0, at + 1);
    if (type === 0 || end < 0) break;
    const name = data.toString('latin1', at + 1, end);
    const from = end + 1;
    if (type === 1 && from + 8 <= data.length) fields.set(name, data.readDoubleLE(from));
    if (type === 16 && from + 4 <= data.length) fields.set(name, data.readInt32LE(from));
    const long = from + 4 <= data.length ? data.readInt32LE(from) : 0;
    if (type === 2) fields.set(name, data.toString('latin1', from + 4, from + 3 + Math.min(long, 1000)));
    const sizes: Record<number, number> = {
      1: 8,
      2: 4 + long,
      3: long,
      4: long,
      5: 5 + long,
      7: 12,
      8: 1,
      9: 8,
      10: 0,
      16: 4,
      17: 8,
      18: 8,
    };
    const size = sizes[type];
    if (size === undefined || size < 0) break;
    at = from + size;
  }
  return fields;
}

export const mongodb: Question = {
  opening: question(),
  isWhole: (heard) => {
    const length = lengthOf(Buffer.from(heard));
    return heard.length >= 16 && (length > 60_000 || heard.length >= length);
  },
  read(heard) {
    const data = Buffer.from(heard);
    const code = data.length < 21 ? null : data.readUInt32LE(12);
    if (code !== OP_MSG && code !== OP_REPLY) return null;
    if (lengthOf(data) > 60_000) return null;
    const fields = fieldsOf(data.subarray(code === OP_MSG ? 21 : 36));
    if (fields.get('ok') === 1) return { text: 'MongoDB', word: null, tlsOffered: null };
    const text = printable(String(fields.get('errmsg') ?? 'not ok'));
    const number = fields.get('code');
    return {
      text,
      word: word(meaningOf(text, 'failed'), typeof number === 'number' ? number : null, text),
      tlsOffered: null,
    };
  },
  farewell: null,
};
