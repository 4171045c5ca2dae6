import * as v from 'valibot';
import { PROTOCOLS, TALK_ENDS, WORD_MEANS } from '../model/measured.ts';
import { count, flag, list, ms, number, octet, or, port, text, timestamp } from './field-schemas.ts';

/** src/model/measured.ts, as it comes back from a file. */

export const connectOutcome = v.picklist([
  'open',
  'refused',
  'unreachable',
  'timeout',
  'local-error',
  'pending',
]);
export const protocol = v.picklist(PROTOCOLS);
export const talkEnd = v.picklist(TALK_ENDS);
export const word = v.object({ means: v.picklist(WORD_MEANS), code: or(text), text });
export const spoken = {
  firstByteMs: or(ms),
  ended: talkEnd,
  heard: or(protocol),
  text: or(text),
  word: or(word),
  tlsOffered: or(flag),
  tlsRefused: v.optional(text),
};
/** Nobody held a watch. */
export const timed = v.optional(v.literal(false));
export const traceProtocol = v.picklist(['tcp', 'udp', 'icmp']);
export const traceRole = v.picklist(['target', 'reference', 'reference-host', 'other-protocol', 'gateway']);
export const TRACE_OUTCOMES = ['reached', 'rejected', 'stopped', 'looping', 'local-error'] as const;

export const trace = v.object({
  method: text,
  protocol: traceProtocol,
  port: or(port),
  address: text,
  replies: list(
    v.object({
      ttl: octet,
      answer: v.picklist([
        'time-exceeded',
        'unreachable',
        'syn-ack',
        'rst',
        'reply',
        'silence',
        'local-error',
      ]),
      from: or(text),
      icmpType: or(octet),
      icmpCode: or(octet),
      errno: or(text),
      rttMs: or(ms),
      sent: count,
    }),
  ),
  counters: or(
    v.object({
      unsent: or(number),
      retransmitsFailed: or(number),
      undelivered: or(number),
      undeliveredInStep: v.optional(or(number)),
      launched: v.optional(number),
      reversePath: v.optional(or(number)),
      ownAddress: v.optional(or(number)),
      answeredHere: v.optional(or(number)),
      badChecksums: v.optional(or(number)),
    }),
  ),
});

export const counterChange = v.object({
  unsent: or(number),
  retransmitsFailed: or(number),
  undelivered: or(number),
  onLoopback: or(number),
  unreachables: or(number),
  reversePath: v.optional(or(number)),
  martians: v.optional(or(number)),
  badChecksums: v.optional(or(number)),
});

export const dnsAnswer = v.object({
  type: v.picklist(['A', 'AAAA']),
  name: text,
  outcome: v.picklist([
    'answered',
    'timeout',
    'port-closed',
    'unreachable',
    'malformed',
    'connection-failed',
  ]),
  rcode: or(text),
  addresses: list(text),
  cnames: list(text),
  ttlSeconds: or(number),
  extendedErrors: list(v.object({ code: number, text })),
  transport: v.picklist(['udp', 'tcp']),
  elapsedMs: ms,
  ignored: or(text),
  authoritative: flag,
  code: v.optional(or(text)),
});

export const tls = v.object({
  sni: or(text),
  ended: or(talkEnd),
  version: or(text),
  cipher: or(text),
  alpn: or(text),
  chain: list(
    v.object({
      subject: text,
      issuer: text,
      names: list(text),
      notBefore: or(timestamp),
      notAfter: or(timestamp),
      selfSigned: flag,
      weakness: v.optional(or(text)),
    }),
  ),
  trustCode: or(text),
  trustedBy: or(v.picklist(['built-in', 'system'])),
  issuerKnown: or(flag),
  issuerSent: v.optional(flag),
  expectedName: or(text),
  nameMatches: or(flag),
  alert: or(octet),
  localError: or(text),
  certificateRequested: or(flag),
  legacy: or(v.object({ version: text, cipher: text })),
  legacyAsked: flag,
  plainText: or(text),
  plainProtocol: or(protocol),
  handshakeMs: or(ms),
  weakExchange: v.optional(or(text)),
  withoutName: v.optional(or(flag)),
});

export const http = v.object({
  ended: talkEnd,
  method: v.picklist(['HEAD', 'GET']),
  status: or(number),
  reason: or(text),
  location: or(text),
  server: or(text),
  date: or(text),
  proxyAuthenticate: or(text),
  via: or(text),
  clockOffsetMs: or(number),
  otherText: or(text),
  otherProtocol: or(protocol),
  firstByteMs: or(ms),
  setsCookie: v.optional(flag),
  untaken: v.optional(or(count)),
  page: v.optional(or(v.object({ due: count, received: count }))),
});
