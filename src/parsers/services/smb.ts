import type { ServiceWord } from '../../model/measured.ts';
import { type Question, word } from './answer.ts';

/**
 * SMB2 NEGOTIATE (MS-SMB2 2.2.3, 2.2.4) in a NetBIOS session (RFC 1002 4.3).
 *
 *   00 00 00 f8 fe 53 4d 42 40 00 00 00 00 00 00 00 ...     an answer, status 0
 *   83 00 00 01 81                                          Samba to a host that `hosts allow` does not name
 */
const header = Buffer.alloc(64);
Buffer.from([0xfe, 0x53, 0x4d, 0x42]).copy(header);
header.writeUInt16LE(64, 4);
header.writeUInt16LE(1, 14);
const body = Buffer.alloc(36);
body.writeUInt16LE(36, 0);
body.writeUInt16LE(4, 2);
body.writeUInt16LE(1, 4);
body.write('reachdoctor12345', 12, 'latin1');
const dialects = Buffer.alloc(8);
[0x0202, 0x0210, 0x0300, 0x0302].forEach((dialect, index) => {
  dialects.writeUInt16LE(dialect, index * 2);
});
const message = Buffer.concat([header, body, dialects]);
const session = Buffer.alloc(4);
session.writeUInt32BE(message.length);
const NEGOTIATE = Buffer.concat([session, message]);

/** Error codes of a negative session response. */
const NETBIOS: Readonly<Record<number, [ServiceWord['means'], string]>> = {
  128: ['denied', 'not listening on called name'],
  129: ['denied', 'not listening for calling name'],
  130: ['denied', 'called name not present'],
  131: ['limit', 'insufficient resources'],
  143: ['failed', 'unspecified error'],
};

const STATUS: Readonly<Record<number, [ServiceWord['means'], string]>> = {
  3221225506: ['denied', 'STATUS_ACCESS_DENIED'],
  3221225680: ['limit', 'STATUS_REQUEST_NOT_ACCEPTED'],
  3221225989: ['limit', 'STATUS_INSUFF_SERVER_RESOURCES'],
  3221225626: ['limit', 'STATUS_INSUFFICIENT_RESOURCES'],
  3221225659: ['failed', 'STATUS_NOT_SUPPORTED'],
};

const STATUS_NOT_SUPPORTED = 0xc00000bb;

export const smb: Question = {
  opening: NEGOTIATE,
  isWhole: (heard) => (heard[0] === 0x83 ? heard.length >= 5 : heard.length >= 16 || heard[0]! > 0x85),
  read(heard) {
    const data = Buffer.from(heard);
    if (data.length >= 5 && data[0] === 0x83 && data.readUIntBE(1, 3) === 1) {
      const [means, text] = NETBIOS[data[4]!] ?? ['failed', 'negative session response'];
      return { text, word: word(means, `0x${data[4]!.toString(16)}`, text), tlsOffered: null };
    }
    if (data.length < 16 || data[0] !== 0) return null;
    const isSecond = data.readUInt32BE(4) === 0xfe534d42;
    if (!isSecond && data.readUInt32BE(4) !== 0xff534d42) return null;
    const status = isSecond ? data.readUInt32LE(12) : data.readUInt32LE(9);
    // It speaks, and none of the dialects that were offered: SMB 3.1.1 alone, for one, which wants more than a list of them.
    if (status === 0 || status === STATUS_NOT_SUPPORTED)
      return { text: isSecond ? 'SMB2' : 'SMB1', word: null, tlsOffered: null };
    const code = `0x${status.toString(16).padStart(8, '0')}`;
    const [means, text] = STATUS[status] ?? ['failed', `status ${code}`];
    return { text, word: word(means, code, text), tlsOffered: null };
  },
  farewell: null,
};
