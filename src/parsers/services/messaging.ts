import type { ServiceWord } from '../../model/measured.ts';
import { printable } from '../first-words.ts';
import { type Question, word } from './answer.ts';

/**
 * MQTT 3.1.1 (OASIS, 3.1 and 3.2) and AMQP 0-9-1 (4.2.2).
 *
 *   20 02 00 00     CONNACK, accepted       20 02 00 05     not authorised
 *   01 00 00 01 f2 00 0a 00 0a ...          Connection.Start        41 4d 51 50 00 00 09 01     another version
 */
const CONNACK: Readonly<Record<number, [ServiceWord['means'], string]>> = {
  1: ['failed', 'unacceptable protocol version'],
  2: ['login', 'identifier rejected'],
  3: ['not-ready', 'server unavailable'],
  4: ['login', 'bad user name or password'],
  5: ['login', 'not authorized'],
};

export const mqtt: Question = {
  // Clean session, no identifier (the server makes one), keep alive 10 s.
  opening: Buffer.from([0x10, 12, 0, 4, 0x4d, 0x51, 0x54, 0x54, 4, 2, 0, 10, 0, 0]),
  isWhole: (heard) => heard.length >= 4 || (heard.length > 0 && heard[0] !== 0x20),
  read(heard) {
    if (heard.length < 4 || heard[0] !== 0x20 || heard[1] !== 2) return null;
    const code = heard[3]!;
    if (code === 0) return { text: 'CONNACK accepted', word: null, tlsOffered: null };
    const [means, text] = CONNACK[code] ?? ['failed', `return code ${code}`];
    return { text, word: word(means, code, text), tlsOffered: null };
  },
  farewell: Buffer.from([0xe0, 0]),
};

export const amqp: Question = {
  opening: Buffer.from('AMQP\0\0\x09\x01', 'latin1'),
  isWhole: (heard) => heard.length >= 11 || Buffer.from(heard.subarray(0, 4)).toString('latin1') === 'AMQP',
  read(heard) {
    const data = Buffer.from(heard);
    if (data.toString('latin1', 0, 4) === 'AMQP') {
      // AMQP 1.0 and 0-9-1 are two protocols: it is a broker, and answers with the version that it wants.
      return { text: `AMQP ${[...data.subarray(5, 8)].join('.')}`, word: null, tlsOffered: null };
    }
    if (data.length < 11 || data[0] !== 1 || data.readUInt16BE(7) !== 10) return null;
    const method = data.readUInt16BE(9);
    if (method === 10) return { text: 'Connection.Start', word: null, tlsOffered: null };
    if (method !== 50 || data.length < 14) return null;
    const code = data.readUInt16BE(11);
    const text = printable(data.subarray(14, 14 + data[13]!));
    return {
      text,
      word: word(code === 320 ? 'not-ready' : code === 530 ? 'limit' : 'failed', code, text),
      tlsOffered: null,
    };
  },
  farewell: null,
};
