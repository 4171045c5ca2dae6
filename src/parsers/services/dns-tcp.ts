import type { Question } from './answer.ts';

/**
 * DNS over TCP (RFC 7766): two octets of length before each message. Asked for the name servers of the root, without
 * recursion: REFUSED is as good an answer as any, it shows that a DNS server speaks.
 *
 *   00 1c 52 44 80 05 00 01 00 00 00 00 00 00 00 00 02 00 01     a response, REFUSED
 */
const ID = 0x5244;
const QUERY = Buffer.from([0, 17, ID >> 8, ID & 0xff, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 2, 0, 1]);
const RCODES = ['NOERROR', 'FORMERR', 'SERVFAIL', 'NXDOMAIN', 'NOTIMP', 'REFUSED'];

export const domain: Question = {
  opening: QUERY,
  isWhole: (heard) => heard.length >= 14,
  read(heard) {
    const data = Buffer.from(heard);
    if (data.length < 14 || data.readUInt16BE(0) < 12 || data.readUInt16BE(2) !== ID) return null;
    if ((data[4]! & 0x80) === 0) return null;
    const rcode = data[5]! & 0x0f;
    return { text: RCODES[rcode] ?? `RCODE${rcode}`, word: null, tlsOffered: null };
  },
  farewell: null,
};
