/**
 * Where everything is in a DNS message (RFC 1035 section 4.1), found without decoding anything: linear in its size and
 * safe on any octets. It exists because dns2 3.0.0 trusts counts, RDLENGTH and pointer chains; what passes here, both
 * dns2 3.0.0 and 3.1.1 decode alike.
 */
export interface RecordSpan {
  /** Offset of the owner name. */
  at: number;
  type: number;
  class: number;
  ttl: number;
  dataAt: number;
  dataLength: number;
  section: 'answer' | 'authority' | 'additional';
}

export interface Outline {
  id: number;
  flags: number;
  /** Offset of the question's name, null where the message repeats no question. */
  questionAt: number | null;
  questionType: number | null;
  questionClass: number | null;
  records: RecordSpan[];
  /** What is wrong after the part described here; null for a whole message. */
  damage: string | null;
}

const HEADER = 12;
/** More than any response of 64 KiB needs; a bound, not a limit of the protocol. */
const MAX_RECORDS = 1000;
const MAX_JUMPS = 32;
const MAX_NAME = 255;

/** Null where it is no DNS message at all (shorter than a header). */
export function outline(message: Buffer): Outline | null {
  if (message.length < HEADER) return null;
  const result: Outline = {
    id: message.readUInt16BE(0),
    flags: message.readUInt16BE(2),
    questionAt: null,
    questionType: null,
    questionClass: null,
    records: [],
    damage: null,
  };
  const [questions, answers, authorities, additionals] = [4, 6, 8, 10].map((at) =>
    message.readUInt16BE(at),
  ) as [number, number, number, number];
  const total = answers + authorities + additionals;
  // A question takes at least 5 octets and a record 11.
  if (questions > 1 || total > MAX_RECORDS || questions * 5 + total * 11 > message.length - HEADER) {
    return {
      ...result,
      damage: `impossible record counts ${questions}/${answers}/${authorities}/${additionals} in ${message.length} octets`,
    };
  }
  let at = HEADER;
  if (questions === 1) {
    const end = nameEnd(message, at);
    if (end === null || end + 4 > message.length) return { ...result, damage: 'the question is cut off' };
    result.questionAt = at;
    result.questionType = message.readUInt16BE(end);
    result.questionClass = message.readUInt16BE(end + 2);
    at = end + 4;
  }
  for (let index = 0; index < total; index++) {
    const end = nameEnd(message, at);
    if (end === null || end + 10 > message.length)
      return { ...result, damage: `record ${index + 1} of ${total} is cut off` };
    const dataLength = message.readUInt16BE(end + 8);
    if (end + 10 + dataLength > message.length)
      return { ...result, damage: `the data of record ${index + 1} of ${total} is cut off` };
    result.records.push({
      at,
      type: message.readUInt16BE(end),
      class: message.readUInt16BE(end + 2),
      ttl: message.readUInt32BE(end + 4),
      dataAt: end + 10,
      dataLength,
      section: index < answers ? 'answer' : index < answers + authorities ? 'authority' : 'additional',
    });
    at = end + 10 + dataLength;
  }
  return result;
}

/**
 * Offset after the name at `at`, null where the name is no name. Pointers must point backwards, as RFC 1035 section
 * 4.1.4 has it ("prior occurrence"): that alone makes loops impossible.
 */
export function nameEnd(message: Buffer, at: number): number | null {
  let end: number | null = null;
  let octets = 1;
  let jumps = 0;
  for (;;) {
    const length = message[at];
    if (length === undefined) return null;
    if (length >= 0xc0) {
      const low = message[at + 1];
      if (low === undefined || ++jumps > MAX_JUMPS) return null;
      const target = ((length & 0x3f) << 8) | low;
      if (target >= at || target < HEADER) return null;
      end ??= at + 2;
      at = target;
      continue;
    }
    if (length > 63) return null;
    octets += length + 1;
    if (octets > MAX_NAME || at + 1 + length > message.length) return null;
    if (length === 0) return end ?? at + 1;
    at += 1 + length;
  }
}
