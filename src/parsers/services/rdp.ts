import { type Question, word } from './answer.ts';

/**
 * RDP: X.224 Connection Request and Confirm (MS-RDPBCGR 2.2.1.1, 2.2.1.2), asking for TLS or CredSSP.
 *
 *   03 00 00 13 0e d0 00 00 12 34 00 02 1f 08 00 02 00 00 00     confirmed, CredSSP
 *   03 00 00 13 0e d0 00 00 12 34 00 03 00 08 00 05 00 00 00     it speaks, and wants something else
 */
const FAILURES: Readonly<Record<number, string>> = {
  1: 'it wants TLS',
  2: 'it does not allow TLS',
  3: 'it has no certificate for TLS',
  4: 'inconsistent flags',
  5: 'it wants CredSSP',
  6: 'it wants a client certificate',
};

export const rdp: Question = {
  opening: Buffer.from([3, 0, 0, 19, 14, 0xe0, 0, 0, 0, 0, 0, 1, 0, 8, 0, 3, 0, 0, 0]),
  isWhole: (heard) => heard.length >= 11 || (heard.length > 0 && heard[0] !== 3),
  read(heard) {
    if (heard.length < 7 || heard[0] !== 3 || heard[1] !== 0 || heard[5] !== 0xd0) return null;
    if (heard.length < 19 || heard[11] !== 3) return { text: 'RDP', word: null, tlsOffered: null };
    const code = heard[15]!;
    const text = FAILURES[code] ?? `failure ${code}`;
    return { text, word: code === 3 ? word('failed', code, text) : null, tlsOffered: null };
  },
  farewell: null,
};
