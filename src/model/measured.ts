import { SPOKEN } from '../ground/services.ts';
import type { Family } from './request.ts';

export type ConnectOutcome = 'open' | 'refused' | 'unreachable' | 'timeout' | 'local-error' | 'pending';

/** One connect() to one address and port. */
export interface ConnectAttempt {
  /** When the attempt started, ms after the first attempt of its probe. */
  startMs: number;
  outcome: ConnectOutcome;
  /** errno name (ECONNREFUSED ...; ECONNRESET when accepted and reset at once), null when open, pending or timed out. */
  code: string | null;
  elapsedMs: number;
  /** True where the failure came from this machine without a packet being answered (synchronous failure). */
  local: boolean;
  /** The port it was sent from; absent or null = not known. */
  sourcePort?: number | null;
  /** False where nobody held a watch: somebody's program told the outcome, and `elapsedMs` means nothing. Absent = measured. */
  timed?: false;
  /** False where the kernel sent no SYN again meanwhile: however long it took, nothing was lost. Absent = not known. */
  resent?: false;
  /** The ICMP error that ended it and who sent it (null = not known); null = none came; absent = nobody listened for one. */
  told?: { from: string | null; icmpType: number; icmpCode: number } | null;
}

export interface PortResult {
  port: number;
  outcome: ConnectOutcome;
  code: string | null;
  elapsedMs: number;
  /** As in ConnectAttempt. */
  timed?: false;
  resent?: false;
}

export type HopAnswer =
  | 'time-exceeded'
  | 'unreachable'
  | 'syn-ack'
  | 'rst'
  | 'reply'
  | 'silence'
  | 'local-error';

/** What one TTL brought. `from` is null for TCP answers (the kernel does not tell) and for silence. */
export interface TtlReply {
  ttl: number;
  answer: HopAnswer;
  from: string | null;
  /** ICMP (v4) or ICMPv6 type and code as on the wire; null when the answer was no ICMP or the tool does not say. */
  icmpType: number | null;
  icmpCode: number | null;
  errno: string | null;
  rttMs: number | null;
  /** How many packets this TTL was asked with. */
  sent: number;
}

export type TraceProtocol = 'tcp' | 'udp' | 'icmp';
/** `gateway` = TTL 1 towards a documentation address, to hear whether the first router sends time-exceeded at all. */
export type TraceRole = 'target' | 'reference' | 'reference-host' | 'other-protocol' | 'gateway';

/** A path seen by increasing TTL, whatever tool saw it. Replies are sorted by TTL, one per TTL. */
export interface Trace {
  /** `tcp-syn`, `udp`, `icmp` = our own sweep; else the name of the tool. */
  method: string;
  protocol: TraceProtocol;
  port: number | null;
  address: string;
  replies: TtlReply[];
  /** The kernel's counters over the time of the trace; null where they were not read. */
  counters: PacketCounters | null;
}

/**
 * Differences of /proc/net/snmp{,6} and netstat over the time of one trace, for its own family. They count the whole
 * machine (network namespace), so what others send and receive adds to them; `unsent`, `answeredHere` and `undeliveredInStep` keep that out.
 */
export interface PacketCounters {
  /**
   * OutRequests - OutTransmits, summed over the moments at which the trace sent its first packets: how many of them this
   * machine made and did not send (its own egress filter). Null on kernels < 6.9.
   */
  unsent: number | null;
  /** TCPRetransFail: retransmissions that the stack was not allowed to send. */
  retransmitsFailed: number | null;
  /** Packets that arrived and were delivered nowhere (this machine's own ingress filter, and much else). */
  undelivered: number | null;
  /** How many of the SYNs after the last answer were followed in step by one that was delivered nowhere; null = not watched. */
  undeliveredInStep?: number | null;
  /** SYNs that the trace started, those beyond the first answer included. */
  launched?: number;
  /** Packets that this machine's reverse-path filter (RFC 3704) threw away meanwhile; IPv4 alone. Null or absent = not told. */
  reversePath?: number | null;
  /**
   * How many of the undelivered were martians (RFC 1812, 5.3.7), counted in the same moments: they came in for this machine with
   * its own address as their sender. IPv4 alone. Null or absent = not told.
   */
  ownAddress?: number | null;
  /** TCP segments that arrived with a wrong checksum and were thrown away meanwhile, whoever's. Null or absent = not told. */
  badChecksums?: number | null;
  /** In the sending of how many of them a packet went through the loopback interface: a reset of this machine's own. */
  answeredHere?: number | null;
}

/** What the kernel counted between two readings, for one family (parsers/kernel-counters.ts). */
export interface CounterChange {
  unsent: number | null;
  retransmitsFailed: number | null;
  undelivered: number | null;
  /** Packets through the loopback interface. */
  onLoopback: number | null;
  /** ICMP messages "destination unreachable" that arrived, whatever they were about. */
  unreachables: number | null;
  /** Packets that this machine's reverse-path filter (RFC 3704) threw away; IPv4 alone. Null or absent = not told. */
  reversePath?: number | null;
  /**
   * Packets from a sender that cannot come in from outside, as an own address (martians: RFC 1812, 5.3.7); those of the reverse-path
   * filter are left out. IPv4 alone, and of all network namespaces together. Null or absent = not told.
   */
  martians?: number | null;
  /** TCP segments that arrived with a wrong checksum, of both families; null or absent = not told. */
  badChecksums?: number | null;
}

export interface PingError {
  from: string | null;
  icmpType: number | null;
  icmpCode: number | null;
  /** The tool's own words, sanitised by whoever prints it. */
  text: string;
}

export interface DnsAnswer {
  type: 'A' | 'AAAA';
  /** The name asked (a search domain may have been appended). */
  name: string;
  outcome: 'answered' | 'timeout' | 'port-closed' | 'unreachable' | 'malformed' | 'connection-failed';
  rcode: string | null;
  addresses: string[];
  cnames: string[];
  /** Smallest TTL in seconds of the records in the answer. */
  ttlSeconds: number | null;
  /** Extended DNS Errors (RFC 8914). */
  extendedErrors: { code: number; text: string }[];
  transport: 'udp' | 'tcp';
  elapsedMs: number;
  /** Why replies were thrown away before a timeout (id-mismatch, question-mismatch ...). */
  ignored: string | null;
  authoritative: boolean;
  /** errno name where the resolver could not be asked (ECONNREFUSED, ENETUNREACH, EPERM ...); absent or null otherwise. */
  code?: string | null;
}

export interface Route {
  /** What the kernel would do with a packet to the address. `unknown` = could not be asked. */
  kind: 'unicast' | 'local' | 'broadcast' | 'none' | 'blackhole' | 'unreachable' | 'prohibit' | 'unknown';
  device: string | null;
  gateway: string | null;
  source: string | null;
  /** True where the address is on a directly connected network (no gateway). */
  onLink: boolean | null;
}

/** A socket of this machine that listens on the port of the target. */
export interface Listener {
  /** `0.0.0.0` and `::` = every address. */
  address: string;
  /** Connections that wait to be accepted. */
  waiting: number;
}

export interface NetworkInterface {
  name: string;
  up: boolean;
  /** A tunnel or a dial-up link: nothing is asked for on it by ARP or neighbour discovery. */
  pointToPoint?: boolean;
  /** Largest packet that it takes, octets; absent where it is not told. */
  mtu?: number;
  addresses: { address: string; prefix: number; family: Family }[];
}

// Service layer: what a port says once it is open.

/** `rfb`: remote framebuffer, RFC 6143 (VNC). */
export const PROTOCOLS = ['tls', 'ssh', 'http', ...SPOKEN, 'rfb', 'telnet'] as const;
export type Protocol = (typeof PROTOCOLS)[number];

export const WORD_MEANS = [
  'limit',
  'denied',
  'not-ready',
  'login',
  'certificate',
  'backend',
  'failed',
] as const;

/** What a service says of itself instead of serving, read by the code that its protocol gives it. */
export interface ServiceWord {
  /**
   * limit = it is full; denied = not this client; not-ready = later; login = it wants somebody that it knows, as a healthy
   * one does; failed = anything else.
   */
  means: (typeof WORD_MEANS)[number];
  /** `1040`, `53300`, `421`, `-DENIED`; null where there are only words. */
  code: string | null;
  /** Its words, printable, one line, at most 200 characters. */
  text: string;
}

/** How a conversation with a service that greets, or that answers a question, went. */
export interface SpokenData {
  /** From the question (or the accepted connection) to the first octet. */
  firstByteMs: number | null;
  ended: TalkEnd;
  heard: Protocol | null;
  /** First words, printable, at most 200 characters. */
  text: string | null;
  /** What it says against serving; null = nothing. */
  word: ServiceWord | null;
  tlsOffered: boolean | null;
  /** Its words against beginning TLS, which it had offered; absent = it said none. */
  tlsRefused?: string;
}

/**
 * How a conversation ended from our side: `answered` = enough was heard; `closed` = FIN, `reset` = RST before that;
 * `stalled` = silence until the time was over; `flooded` = more was sent than we listen to.
 */
export const TALK_ENDS = ['answered', 'closed', 'reset', 'stalled', 'flooded'] as const;
export type TalkEnd = (typeof TALK_ENDS)[number];

export interface CertificateData {
  /** One line, `CN=... O=...`. */
  subject: string;
  issuer: string;
  /** DNS names and IP addresses, at most 50. */
  names: string[];
  /** ISO 8601. */
  notBefore: string | null;
  notAfter: string | null;
  selfSigned: boolean;
  /** `RSA 1024`, `SHA-1 signature`: what current clients refuse; null = nothing. Absent in old evidence. */
  weakness?: string | null;
}

export interface TlsData {
  /** Name sent in the server_name extension; null = none was sent. */
  sni: string | null;
  /** How the handshake ended; null where it succeeded. */
  ended: TalkEnd | null;
  version: string | null;
  cipher: string | null;
  alpn: string | null;
  /** As sent by the server (with issuers that the trust store adds), leaf first, at most 8. */
  chain: CertificateData[];
  /** OpenSSL's verdict (CERT_HAS_EXPIRED, DEPTH_ZERO_SELF_SIGNED_CERT ...), null = trusted; only where a chain was seen. */
  trustCode: string | null;
  /** Which store vouches for the chain. */
  trustedBy: 'built-in' | 'system' | null;
  /** Trusted authorities with the issuer's organisation exist: it is one of their intermediates. Null = not looked at. */
  issuerKnown: boolean | null;
  /**
   * The issuer of the last certificate of `chain` was sent as well, and OpenSSL could not use it. Not there = not looked at, or
   * what was sent cannot be read.
   */
  issuerSent?: boolean;
  /** The name or address that the certificate was compared with, null = nothing to compare with. */
  expectedName: string | null;
  nameMatches: boolean | null;
  /** Alert sent by the server (RFC 8446 section 6), before or just after the handshake. */
  alert: number | null;
  /** Why our own side gave up (ERR_SSL_...), null where it did not. */
  localError: string | null;
  /** The server asked for a client certificate. */
  certificateRequested: boolean | null;
  /** What an old client would get, asked only after a refusal: `TLSv1`, `TLSv1.2` with weak ciphers; null = nothing either. */
  legacy: { version: string; cipher: string } | null;
  legacyAsked: boolean;
  /** Words that came instead of TLS, printable, at most 200 characters. */
  plainText: string | null;
  plainProtocol: Protocol | null;
  handshakeMs: number | null;
  /** What current clients refuse in the key exchange that this one took: `Diffie-Hellman of 1024 bits`. Absent in old evidence. */
  weakExchange?: string | null;
  /** Where our name was refused or cut: whether a handshake without a name succeeds. Null = not asked; absent in old evidence. */
  withoutName?: boolean | null;
}

export interface HttpData {
  ended: TalkEnd;
  method: 'HEAD' | 'GET';
  status: number | null;
  reason: string | null;
  /** The headers below only; each at most 200 characters, printable. */
  location: string | null;
  server: string | null;
  date: string | null;
  proxyAuthenticate: string | null;
  via: string | null;
  /** Server's Date minus our clock when the answer came, ms (one second coarse). */
  clockOffsetMs: number | null;
  /** Words that came instead of HTTP. */
  otherText: string | null;
  otherProtocol: Protocol | null;
  firstByteMs: number | null;
  /** It gives a cookie: whoever comes again with it may be answered otherwise. Absent = no. */
  setsCookie?: boolean;
  /** After silence: octets of the request that the far end's TCP has not acknowledged. Null or absent = not known. */
  untaken?: number | null;
  /** Of the page, in octets: what was due of it by its own Content-Length, as far as it was asked for, and what came. Null or absent = not known. */
  page?: { due: number; received: number } | null;
}

export interface StallVariant {
  name:
    | 'as-is'
    | 'small-segments'
    | 'other-name'
    | 'no-name'
    | 'large-request'
    | 'plain-http'
    /** Nothing is said: the control. */
    | 'says-nothing'
    /** The same request after `PROXY UNKNOWN` (HAProxy's PROXY protocol, version 1). */
    | 'proxy-header'
    | 'short-lived';
  /** Initial TTL after the TCP handshake, for `short-lived`. */
  ttl: number | null;
  ended: 'answered' | 'closed' | 'reset' | 'stalled' | 'not-connected' | 'unknown';
  /** On so many connections; absent = one. */
  asked?: number;
  receivedBytes: number;
  /** Connection and exchange together. Absent in older runs. */
  lastedMs?: number;
  /** What answered, where it is known. */
  protocol: Protocol | null;
  /** The answer says that what was asked is not understood: HTTP 400, a TLS alert, -ERR. Absent in older runs. */
  complaint?: boolean;
  /** Null where the native child is missing. */
  retransmits: number | null;
  unacked: number | null;
  pathMtu: number | null;
  /** A router reported the request's TTL as run out (the kernel does not tell which). */
  expired: boolean;
}

/** The shape on which nothing is said. */
export const controlOf = (request: 'tls' | 'http' | 'ssh' | 'listen' | 'question'): StallVariant['name'] =>
  request === 'listen' ? 'as-is' : 'says-nothing';
