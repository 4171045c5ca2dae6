import type { Packet as PacketOfDns2 } from 'dns2';
import { nameEnd, type Outline, outline, type RecordSpan } from './outline.ts';

/** The one thing used of dns2: its encoder and decoder. Its clients have no timeouts, checks or IPv6 (dependencies.md). */
export type Codec = typeof PacketOfDns2;

const TYPE = { A: 1, CNAME: 5, PTR: 12, AAAA: 28, OPT: 41 } as const;
export type QuestionType = 'A' | 'AAAA' | 'PTR';
const CLASS_IN = 1;

/** DNS Flag Day 2020: large enough, and never fragmented. */
const UDP_PAYLOAD = 1232;
const MAX_ADDRESSES = 64;
const MAX_CNAMES = 16;
const MAX_POINTERS = 8;
/** Records of an answer that are decoded; a bound for hostile responses over TCP. */
const MAX_DECODED = 256;

/** RFC 1035 section 4.1.1, RFC 2136, RFC 6895; 16 and up need EDNS (RFC 6891). */
const RCODES: Record<number, string> = {
  0: 'NOERROR',
  1: 'FORMERR',
  2: 'SERVFAIL',
  3: 'NXDOMAIN',
  4: 'NOTIMP',
  5: 'REFUSED',
  6: 'YXDOMAIN',
  7: 'YXRRSET',
  8: 'NXRRSET',
  9: 'NOTAUTH',
  10: 'NOTZONE',
  16: 'BADVERS',
  23: 'BADCOOKIE',
};

/** The query's octets, or null where no DNS name can look like `name` (RFC 1035 section 2.3.4: label 63, name 255). */
export function encodeQuery(
  codec: Codec,
  question: { id: number; name: string; type: QuestionType; edns: boolean },
): Buffer | null {
  const name = question.name.replace(/\.$/, '');
  if (name === '' || name.split('.').some((label) => label === '')) return null;
  // dns2 writes one octet per UTF-16 unit.
  if (!/^[\x21-\x7e]+$/.test(name)) return null;
  const packet = new codec();
  packet.header.id = question.id;
  packet.header.rd = 1;
  packet.questions.push({
    name,
    type: TYPE[question.type],
    class: CLASS_IN,
  } as (typeof packet.questions)[number]);
  if (question.edns) {
    // dns2 3.0.0 takes the second argument and does not declare it.
    const opt = codec.Resource.EDNS as (
      data: object[],
      options: { udpPayloadSize: number },
    ) => (typeof packet.additionals)[number];
    packet.additionals.push(opt([], { udpPayloadSize: UDP_PAYLOAD }));
  }
  try {
    return packet.toBuffer();
  } catch {
    // The encoder throws only on labels and names that are too long: there is nothing to ask then.
    return null;
  }
}

export interface Response {
  rcode: string;
  truncated: boolean;
  authoritative: boolean;
  addresses: string[];
  cnames: string[];
  names: string[];
  ttlSeconds: number | null;
  extendedErrors: { code: number; text: string }[];
  /** What in it was damaged and left out; null for a whole response. */
  damage: string | null;
}

/**
 * `ignored`: not a response to this question, perhaps somebody else's or a forgery - keep listening.
 * `malformed`: it claims to be the response and cannot be read.
 */
export type Reading =
  | { kind: 'response'; response: Response }
  | { kind: 'ignored'; why: string }
  | { kind: 'malformed'; why: string };

/** Reads one datagram (or one frame of TCP) as the response to a question. Never throws, whatever the octets are. */
export function readResponse(
  codec: Codec,
  message: Buffer,
  asked: { id: number; name: string; type: QuestionType },
): Reading {
  const shape = outline(message);
  if (shape === null) return { kind: 'ignored', why: `${message.length} octets are no DNS message` };
  if (shape.id !== asked.id) return { kind: 'ignored', why: 'id-mismatch' };
  if (!(shape.flags & 0x8000)) return { kind: 'ignored', why: 'not-a-response' };
  const truncated = (shape.flags & 0x0200) !== 0;
  const opt = shape.records.find((record) => record.type === TYPE.OPT && record.section === 'additional');
  const code = (shape.flags & 0xf) | (opt ? ((opt.ttl >>> 24) & 0xff) << 4 : 0);
  if (shape.questionAt === null) {
    // Old servers answer what they do not understand with a bare header (RFC 6891 section 7); a bare success is none.
    if (shape.damage !== null) return { kind: 'malformed', why: shape.damage };
    if (code === 0 && !truncated) return { kind: 'malformed', why: 'success without the question' };
  } else {
    const name = decodeName(codec, message, shape.questionAt);
    if (name === null || canonical(name) !== canonical(asked.name))
      return { kind: 'ignored', why: 'question-mismatch' };
    if (shape.questionType !== TYPE[asked.type] || shape.questionClass !== CLASS_IN)
      return { kind: 'ignored', why: 'question-mismatch' };
    // A truncated response may end anywhere: it only says "ask over TCP".
    if (shape.damage !== null && !truncated) return { kind: 'malformed', why: shape.damage };
  }
  return {
    kind: 'response',
    response: {
      rcode: RCODES[code] ?? `RCODE${code}`,
      truncated,
      authoritative: (shape.flags & 0x0400) !== 0,
      ...answersIn(codec, message, shape, asked),
      extendedErrors: opt ? extendedErrorsIn(message, opt) : [],
    },
  };
}

const canonical = (name: string): string => name.replace(/\.$/, '').toLowerCase();

function decodeName(codec: Codec, message: Buffer, at: number): string | null {
  if (nameEnd(message, at) === null) return null;
  try {
    return codec.Name.decode(new codec.Reader(message, at * 8)) as string;
  } catch {
    // Unreachable after nameEnd; if a version of dns2 disagrees, the name is unknown.
    return null;
  }
}

/** The address or name of one record; null where its data has not the length or shape of its type. */
function decodeRecord(
  codec: Codec,
  message: Buffer,
  span: RecordSpan,
): { address?: string; domain?: string } | null {
  const whole =
    span.type === TYPE.A
      ? span.dataLength === 4
      : span.type === TYPE.AAAA
        ? span.dataLength === 16
        : nameEnd(message, span.dataAt) === span.dataAt + span.dataLength;
  if (!whole) return null;
  try {
    return codec.Resource.parse(new codec.Reader(message, span.at * 8));
  } catch {
    // dns2 read the record otherwise than the outline did: its content is unknown.
    return null;
  }
}

/** Follows the CNAME chain from the name that was asked; records of other owners answer nothing that was asked. */
function answersIn(
  codec: Codec,
  message: Buffer,
  shape: Outline,
  asked: { name: string; type: QuestionType },
): Pick<Response, 'addresses' | 'cnames' | 'names' | 'ttlSeconds' | 'damage'> {
  const wanted = TYPE[asked.type];
  const byOwner = new Map<string, { type: number; ttl: number; value: string }[]>();
  let damage: string | null = null;
  let decoded = 0;
  for (const span of shape.records) {
    if (span.section !== 'answer' || span.class !== CLASS_IN) continue;
    if (span.type !== wanted && span.type !== TYPE.CNAME) continue;
    if (++decoded > MAX_DECODED) break;
    const owner = decodeName(codec, message, span.at);
    const record = decodeRecord(codec, message, span);
    const value = record?.address ?? record?.domain;
    if (owner === null || value === undefined) {
      damage = `a record of type ${span.type} has ${span.dataLength} octets of damaged data`;
      continue;
    }
    // RFC 2181 section 8: a TTL with its highest bit set counts as 0.
    const entry = { type: span.type, ttl: span.ttl > 0x7fffffff ? 0 : span.ttl, value };
    const entries = byOwner.get(canonical(owner));
    if (entries) entries.push(entry);
    else byOwner.set(canonical(owner), [entry]);
  }
  const cnames: string[] = [];
  const ttls: number[] = [];
  let owner = canonical(asked.name);
  const seen = new Set<string>();
  while (!seen.has(owner) && cnames.length < MAX_CNAMES) {
    seen.add(owner);
    const alias = byOwner.get(owner)?.find(({ type }) => type === TYPE.CNAME);
    if (!alias) break;
    cnames.push(alias.value);
    ttls.push(alias.ttl);
    owner = canonical(alias.value);
  }
  const results = (byOwner.get(owner) ?? []).filter(({ type }) => type === wanted);
  ttls.push(...results.map(({ ttl }) => ttl));
  const values = [...new Set(results.map(({ value }) => value))];
  return {
    addresses: asked.type === 'PTR' ? [] : values.slice(0, MAX_ADDRESSES),
    names: asked.type === 'PTR' ? values.slice(0, MAX_POINTERS) : [],
    cnames,
    ttlSeconds: ttls.length === 0 ? null : Math.min(...ttls),
    damage,
  };
}

const EDE_OPTION = 15;
const MAX_EXTENDED_ERRORS = 8;
const MAX_EXTENDED_TEXT = 256;

/** Extended DNS Errors (RFC 8914) from the octets of the OPT record: dns2 3.0.0 skips options by bits, not octets. */
function extendedErrorsIn(message: Buffer, opt: RecordSpan): { code: number; text: string }[] {
  const errors: { code: number; text: string }[] = [];
  const end = opt.dataAt + opt.dataLength;
  for (let at = opt.dataAt; at + 4 <= end && errors.length < MAX_EXTENDED_ERRORS; ) {
    const option = message.readUInt16BE(at);
    const length = message.readUInt16BE(at + 2);
    const data = message.subarray(at + 4, Math.min(at + 4 + length, end));
    if (option === EDE_OPTION && data.length >= 2) {
      const text = data.subarray(2).toString('utf8').replace(/\0+$/, '');
      errors.push({ code: data.readUInt16BE(0), text: text.slice(0, MAX_EXTENDED_TEXT) });
    }
    at += 4 + length;
  }
  return errors;
}
