/**
 * The values that flow through reachdoctor, in the order in which they flow:
 * Request -> Step -> Observation -> Facts -> Cause -> Report. All of them survive JSON.stringify.
 * This file imports nothing.
 */

// ---------------------------------------------------------------- request

export type Family = 4 | 6;

/** What the user wants to reach. `host` is lower-case ASCII (punycode) or an IP literal without brackets. */
export interface Target {
  /** As typed by the user. */
  input: string;
  host: string;
  port: number;
  /** A name from the table of services (src/services.ts), or null where neither scheme, port nor user says. */
  service: string | null;
  /** True where the user named the service (scheme or --service), false where only the port suggests it. */
  serviceNamed: boolean;
  /** Path and query of a URL target, `/` otherwise. */
  path: string;
}

export type Symptom = 'refused' | 'hangs' | 'certificate-error' | 'intermittent' | 'slow' | 'unknown';
export type YesNo = 'yes' | 'no' | 'unknown';

/** What only the user can know. Absent = not asked. */
export interface Answers {
  symptom?: Symptom;
  'worked-before'?: YesNo;
  'others-can-reach'?: YesNo;
  'vpn-or-proxy'?: YesNo;
}

export interface Request {
  target: Target;
  /** Extra resolvers to compare with; IP literals. */
  resolvers: string[];
  /** A host of the user's whose same port is known to be open, or null. */
  controlHost: string | null;
  /** Alternate ports chosen by the user, or null = chosen from the service. */
  alternatePorts: number[] | null;
  answers: Answers;
  maxTimeMs: number;
  /** Only this family, or null = both. */
  family: Family | null;
  /** False with --no-names: no reverse DNS. */
  names: boolean;
  /** False with --no-ttl-probe: no TTL-limited packets. */
  ttlProbe: boolean;
  /** Also trace an open port (--trace). */
  traceAlways: boolean;
  /** Server name for TLS; null = the host name. */
  sni: string | null;
  /** PEM text of extra certificate authorities (--ca), or null. */
  caPem: string | null;
}

// ---------------------------------------------------------------- vantage

export interface Vantage {
  os: string;
  addresses: string[];
  resolvers: string[];
  /** Search domains and ndots of resolv.conf; empty and 1 where the system does not tell. */
  searchDomains: string[];
  ndots: number;
  privileges: 'root' | 'user';
  /** Names of proxy variables that are set (values are never kept): HTTPS_PROXY ... */
  proxyVariables: string[];
}

// ---------------------------------------------------------------- observations

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
}

export interface PortResult {
  port: number;
  outcome: ConnectOutcome;
  code: string | null;
  elapsedMs: number;
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
export type TraceRole = 'target' | 'control' | 'control-host' | 'other-protocol' | 'gateway';

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

export interface NetworkInterface {
  name: string;
  up: boolean;
  /** A tunnel or a dial-up link: nothing is asked for on it by ARP or neighbour discovery. */
  pointToPoint?: boolean;
  addresses: { address: string; prefix: number; family: Family }[];
}

// Service layer: what a port says once it is open.

export type Protocol =
  | 'tls'
  | 'ssh'
  | 'http'
  | 'smtp'
  | 'imap'
  | 'pop3'
  | 'ftp'
  | 'mysql'
  | 'postgresql'
  | 'redis'
  /** Remote framebuffer, RFC 6143: VNC. */
  | 'rfb';

/**
 * How a conversation ended from our side: `answered` = enough was heard; `closed` = FIN, `reset` = RST before that;
 * `stalled` = silence until the time was over; `flooded` = more was sent than we listen to.
 */
export type TalkEnd = 'answered' | 'closed' | 'reset' | 'stalled' | 'flooded';

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
}

export interface StallVariant {
  name:
    | 'as-is'
    | 'small-segments'
    | 'other-name'
    | 'no-name'
    | 'large-request'
    | 'plain-http'
    | 'short-lived';
  /** Initial TTL after the TCP handshake, for `short-lived`. */
  ttl: number | null;
  ended: 'answered' | 'closed' | 'reset' | 'stalled' | 'not-connected' | 'unknown';
  receivedBytes: number;
  /** What answered, where it is known. */
  protocol: Protocol | null;
  /** Null where the native child is missing. */
  retransmits: number | null;
  unacked: number | null;
  pathMtu: number | null;
  /** A router reported the request's TTL as run out (the kernel does not tell which). */
  expired: boolean;
}

/** Probe name -> its input, its closed outcomes and its data. Adding a probe starts here. */
export interface ProbeCatalogue {
  /** What the user answered; made without any packet. */
  answer: {
    input: { question: keyof Answers; value: string };
    outcome: 'answered';
    data: { value: string };
  };
  'tcp-connect': {
    input: {
      address: string;
      port: number;
      /**
       * `control-port`: another port of the same host that answered; `after-talk`: one more connection after a
       * conversation that was cut.
       */
      role: 'target' | 'sample' | 'control-port' | 'control-host' | 'after-talk';
      /** Start of each attempt, ms after the first. */
      startsMs: number[];
      /** Each attempt is given up at this time after the first attempt's start. */
      endMs: number;
      /** Start no further attempt once one has been answered (open, refused, unreachable). */
      stopAtFirstAnswer: boolean;
    };
    /** The strongest word of the attempts: open > refused > unreachable > local-error > timeout; `pending` while none is answered. */
    outcome: ConnectOutcome;
    data: { attempts: ConnectAttempt[] };
  };
  'alternate-ports': {
    input: { address: string; ports: number[]; timeoutMs: number };
    outcome: 'some-answered' | 'none-answered' | 'pending';
    data: { ports: PortResult[] };
  };
  'system-resolve': {
    /** `timeoutMs` 6500 where absent: a dead first resolver costs the system 5 s before it asks the second. */
    input: { host: string; timeoutMs?: number };
    outcome: 'resolved' | 'not-found' | 'temporary-failure' | 'error' | 'timeout';
    data: { addresses: { address: string; family: Family }[]; code: string | null };
  };
  'hosts-file': {
    input: { host: string };
    outcome: 'listed' | 'not-listed' | 'unreadable';
    data: { path: string; entries: { address: string; line: number }[] };
  };
  dns: {
    input: {
      /** IPv4 or IPv6 literal. */
      resolver: string;
      port: number;
      host: string;
      /** One of the system's own resolvers; false for one that is only compared with. */
      configured: boolean;
      /** The name is one that nobody made, asked to see whether the resolver makes up answers. Absent = no. */
      nonsense?: boolean;
      timeoutMs: number;
      /** Of resolv.conf, tried as resolv.conf(5) says; empty and 1 where the system does not tell. */
      searchDomains: string[];
      ndots: number;
    };
    /** `answered` = at least one valid DNS response, whatever its rcode. */
    outcome: 'answered' | 'timeout' | 'port-closed' | 'unreachable' | 'malformed' | 'connection-failed';
    data: { answers: DnsAnswer[] };
  };
  'local-network': {
    input: { address: string };
    outcome: 'measured' | 'partly-measured' | 'unknown';
    data: {
      route: Route;
      neighbour: { address: string; state: string } | null;
      interfaces: NetworkInterface[];
    };
  };
  ping: {
    input: { address: string; count: number; timeoutMs: number };
    outcome: 'replies' | 'no-reply' | 'unreachable' | 'local-error';
    data: {
      sent: number;
      received: number;
      minMs: number | null;
      avgMs: number | null;
      maxMs: number | null;
      /** TTL / hop limit of the echo replies as they arrived. */
      replyTtl: number | null;
      errors: PingError[];
      /** The send itself was refused by this machine (EPERM: its own firewall). */
      sendRefused: boolean;
    };
  };
  'trace-syn': {
    input: {
      address: string;
      port: number;
      protocol: TraceProtocol;
      role: TraceRole;
      /** Keep silent sockets open until this long after the sweep's start (ARP/ND failures come after ~3.06 s). */
      holdMs: number;
      maxTtl: number;
      /** Stop after this many TTLs in a row beyond the last answer stayed silent. */
      silentLimit: number;
    };
    /** reached = SYN-ACK, RST or echo; rejected = ICMP unreachable; stopped = silence; local-error = not sent. */
    outcome: 'reached' | 'rejected' | 'stopped' | 'looping' | 'local-error';
    data: Trace;
  };
  'trace-command': {
    /** Protocols in the order of preference; the first that a tool here can do is used. */
    input: { address: string; port: number; role: TraceRole; protocols: TraceProtocol[]; timeoutMs: number };
    outcome: 'reached' | 'rejected' | 'stopped' | 'looping' | 'local-error';
    data: Trace;
  };
  /** Connections to the port between two readings of the kernel's packet counters (Linux), where nothing native can. */
  'counted-connect': {
    /** `quietMs`: the counters are watched for so long before anything is sent. */
    input: { address: string; port: number; connections: number; timeoutMs: number; quietMs: number };
    /** The strongest word of the connections. */
    outcome: ConnectOutcome;
    data: {
      results: { outcome: ConnectOutcome; code: string | null; elapsedMs: number }[];
      /** Before the first SYN: what others send and lose. */
      quiet: CounterChange;
      /** From just before the first SYN was made until all of them were. */
      sending: CounterChange;
      /** Until all were answered or given up. */
      whole: CounterChange;
    };
  };
  /** The TTL with which the answers of a TCP port arrive, searched with IP_MINTTL / IPV6_MINHOPCOUNT. */
  'reply-ttl': {
    input: { address: string; port: number };
    outcome: 'measured' | 'not-measured';
    data: { port: number; answer: 'syn-ack' | 'rst' | null; ttl: number | null; sent: number };
  };
  'reverse-names': {
    input: { addresses: string[]; resolvers: string[]; timeoutMs: number };
    outcome: 'named' | 'unnamed';
    data: { names: Record<string, string> };
  };
  tls: {
    input: {
      address: string;
      port: number;
      /** Name for server_name and for the certificate; null for an address literal without --sni. */
      serverName: string | null;
      /** Compared with the certificate where there is no name: an address that the user named a service for. */
      expectedAddress: string | null;
      /** Path of a HEAD request on the same connection, null = do not speak HTTP. */
      httpPath: string | null;
      /** The user said that it is HTTP: an answer is waited for. Else one that comes at once is taken along. */
      httpExpected: boolean;
      /** Value of the Host header. */
      httpHost: string;
      caPem: string | null;
      timeoutMs: number;
      /** Fastest TCP handshake seen before, 0 where absent: added to `timeoutMs` once for each round trip that is needed. */
      roundTripMs?: number;
    };
    outcome:
      | 'ok'
      | 'untrusted'
      | 'wrong-name'
      | 'alert'
      | 'refused-locally'
      | 'not-tls'
      | Exclude<TalkEnd, 'answered'>
      | 'not-connected';
    data: { connectMs: number | null; tls: TlsData; http: HttpData | null };
  };
  ssh: {
    input: { address: string; port: number; timeoutMs: number; roundTripMs?: number };
    outcome: 'ok' | 'no-common-algorithm' | 'not-ssh' | Exclude<TalkEnd, 'answered'> | 'not-connected';
    data: {
      connectMs: number | null;
      firstByteMs: number | null;
      ended: TalkEnd;
      /** `SSH-2.0-OpenSSH_9.2p1 Debian-2`, printable; null where none came. */
      identification: string | null;
      /** Lines before the identification or instead of it. */
      otherText: string | null;
      otherProtocol: Protocol | null;
      /** The server's KEXINIT was read. */
      offerRead: boolean;
      /** The first kind of algorithm without a common one. */
      noCommon: 'key exchange' | 'host key' | 'cipher' | 'MAC' | 'compression' | null;
      /** The server's list of that kind. */
      offered: string | null;
    };
  };
  http: {
    input: {
      address: string;
      port: number;
      host: string;
      path: string;
      timeoutMs: number;
      roundTripMs?: number;
    };
    outcome: 'ok' | 'not-http' | Exclude<TalkEnd, 'answered'> | 'not-connected';
    data: { connectMs: number | null; http: HttpData };
  };
  /** Services that greet or answer one harmless question. `service` null = only listen. */
  greeting: {
    input: {
      address: string;
      port: number;
      service: 'smtp' | 'imap' | 'pop3' | 'ftp' | 'mysql' | 'postgresql' | 'redis' | null;
      serverName: string | null;
      expectedAddress: string | null;
      caPem: string | null;
      timeoutMs: number;
      roundTripMs?: number;
    };
    /** `ok` = it speaks what was expected (or, without expectation, something); `waits` = connection stays open without a word. */
    outcome: 'ok' | 'other-protocol' | 'refuses' | 'waits' | Exclude<TalkEnd, 'answered'> | 'not-connected';
    data: {
      connectMs: number | null;
      firstByteMs: number | null;
      ended: TalkEnd;
      heard: Protocol | null;
      /** First words, printable, at most 200 characters. */
      text: string | null;
      tlsOffered: boolean | null;
      /** The handshake after STARTTLS or SSLRequest, null where not offered or not asked. */
      tls: TlsData | null;
    };
  };
  /** Why an open port does not answer: the same request in other shapes, side by side. */
  stall: {
    input: {
      address: string;
      port: number;
      /** What stalled: a TLS handshake, an HTTP request, an SSH server after its identification, or one that greets. */
      request: 'tls' | 'http' | 'ssh' | 'listen';
      serverName: string | null;
      httpHost: string;
      /** What was seen: nothing, or a reset. */
      seen: 'stalled' | 'reset' | 'closed';
      timeoutMs: number;
      roundTripMs?: number;
    };
    outcome: 'answers-now' | 'smaller-works' | 'other-name-works' | 'all-silent' | 'all-reset' | 'unclear';
    data: {
      variants: StallVariant[];
      /** Largest whole IP packet (octets) that was answered, smallest that was not. Null = not asked. */
      mtu: {
        passes: number | null;
        fails: number | null;
        /** An ICMP told the size; null = silence only. */
        told: number | null;
        lastHop: number | null;
        lastAddress: string | null;
        /** Pings of any size are answered. */
        smallAnswered: boolean;
      } | null;
      /** Smallest TTL of the request at which the reset came back, null = not asked or no reset. */
      resetTtl: number | null;
      /** How far the very request got: the largest TTL reported as run out, or the one before resetTtl. Null = not known. */
      lastHop: number | null;
    };
  };
}

export type ProbeName = keyof ProbeCatalogue;

/** Outcomes every probe may have: our own bug, not possible here (tool missing ...), stopped by the user or the deadline. */
export type CommonOutcome = 'failed' | 'not-available' | 'cancelled';

export interface StepOf<P extends ProbeName> {
  /** Stable and readable: `tcp-1`, `trace-syn-2`. Becomes the id of its observation. */
  id: string;
  probe: P;
  input: ProbeCatalogue[P]['input'];
  /** For progress lines: what it is for, in a few words. */
  purpose: string;
}
export type Step = { [P in ProbeName]: StepOf<P> }[ProbeName];

/** What a probe returns: an observation without what the engine knows already. `data` is null for common outcomes that measured nothing. */
export interface FindingOf<P extends ProbeName> {
  outcome: ProbeCatalogue[P]['outcome'] | CommonOutcome;
  /** One sentence for people: why it failed, why it could not run; null when the outcome says all. */
  reason: string | null;
  data: ProbeCatalogue[P]['data'] | null;
  /** Command line of a subprocess, for the report. */
  command?: string | null;
  /** Raw tool output, bounded to 16 KiB. */
  raw?: string | null;
  /** How to make an unavailable probe available: `apt install traceroute`. */
  enable?: string | null;
}

export interface ObservationOf<P extends ProbeName> {
  id: string;
  probe: P;
  input: ProbeCatalogue[P]['input'];
  outcome: ProbeCatalogue[P]['outcome'] | CommonOutcome;
  reason: string | null;
  /** ISO 8601. */
  startedAt: string;
  durationMs: number;
  data: ProbeCatalogue[P]['data'] | null;
  command: string | null;
  raw: string | null;
  enable: string | null;
  /** False while the probe is still at work and this is what it has so far. */
  final: boolean;
}
export type Observation = { [P in ProbeName]: ObservationOf<P> }[ProbeName];

/** Everything a diagnosis is made from. Can be saved and replayed. */
export interface Evidence {
  request: Request;
  vantage: Vantage;
  startedAt: string;
  observations: Observation[];
}

// ---------------------------------------------------------------- facts

export type FactValue = string | number | boolean | null;
/** Flat, named; null = not measured. The tables in src/facts/*.ts name them all. */
export type Facts = Readonly<Record<string, FactValue>>;

export interface FactDefinition {
  type: 'boolean' | 'number' | 'string';
  /** The closed set of a string fact, where it has one. */
  values?: readonly string[];
  /** One sentence: what it means, and null when. Goes into rules/README.md. */
  meaning: string;
  /** Where it comes from: `probe` or `probe:role` (`trace-syn:control`). Conclusions quote those observations. Empty for what the user typed. */
  from: readonly string[];
}
export type FactTable = Readonly<Record<string, FactDefinition>>;
type ValueOf<D extends FactDefinition> = D['type'] extends 'boolean'
  ? boolean
  : D['type'] extends 'number'
    ? number
    : D extends { values: readonly (infer V)[] }
      ? V
      : string;
/** The record a layer's fact function must return: every fact of its table, null where not measured. */
export type FactsOf<T extends FactTable> = { [K in keyof T]: ValueOf<T[K]> | null };

/** What a layer's facts are computed from: the evidence, seen from one address of the target (null before one is known). */
export interface View {
  evidence: Evidence;
  address: string | null;
}

// ---------------------------------------------------------------- rules

export type Layer = 'local' | 'dns' | 'path' | 'host' | 'service';
export type Owner = 'you' | 'network-admin' | 'server-admin' | 'dns-admin' | 'service-owner';

/** True where the named fact says so in every key; unknown where a fact it needs is null (`measured` is never unknown). */
export type Comparison = {
  not?: FactValue;
  above?: number;
  below?: number;
  atLeast?: number;
  atMost?: number;
  in?: FactValue[];
  measured?: boolean;
  equals?: string;
  moreThan?: string;
  lessThan?: string;
};
/** A map of tests that must all hold: facts by name, and the groups `all`, `any`, `none` of further conditions. */
export type Condition = { [test: string]: FactValue | Comparison | Condition[] };

/** Names of the places a cause can be at; src/rules/place.ts turns them into a Where. */
export type Place =
  | 'this-machine'
  | 'resolver'
  | 'target'
  | 'stop'
  | 'refuser'
  | 'before-host'
  | 'acceptor'
  | 'loop'
  | 'mtu'
  | 'cut'
  | 'nowhere';

export interface RuleEvidence {
  if: Condition;
  /** Log-odds added when the condition is true; negative speaks against. */
  weight: number;
  say: string;
  /** Why this weight (calibration note). */
  reason?: string;
}

export interface RuleFix {
  who: Owner;
  /** Given only where this is true; absent = always. */
  if?: Condition;
  /** nftables, iptables, firewalld, ufw, windows, pf, cloud ...: only --explain prints these; absent = for every system. */
  system?: string;
  do: string;
  run?: string;
}

export interface RuleVerify {
  who: Owner;
  do: string;
  run?: string;
  expect: string;
  /** Causes that this check tells from the rule's own: it comes first when one of them is the runner-up. */
  splits?: string[];
}

export interface Rule {
  id: string;
  title: string;
  layer: Layer;
  /** `target`: one finding for all addresses of the target (default for the layer dns); `address`: each address has its own. */
  scope?: 'address' | 'target';
  /** A finding that is worth a line even when something else is the cause (one dead resolver among live ones). */
  lesser?: boolean;
  owner: Owner;
  /** Plain-language paragraph for --explain. */
  about: string;
  when: Condition;
  prior: number;
  priorReason: string;
  place: { if?: Condition; at: Place }[];
  evidence: RuleEvidence[];
  fix: RuleFix[];
  verify: RuleVerify[];
  /** Proof that it is not this cause: quoted in ruledOut when true. */
  ruledOut: { if: Condition; say: string }[];
  /** Causes this one can be confused with from the client, and what decides. */
  confusedWith: { id: string; if?: Condition; say: string; decidedBy: string }[];
  supersedes: string[];
  /** File name, for messages. */
  file?: string;
}

// ---------------------------------------------------------------- report

export type Outcome = 'reachable' | 'impaired' | 'unreachable' | 'undetermined';
export type Likelihood = 'very likely' | 'likely' | 'possible';

export type Where =
  | { kind: 'this-machine' }
  | { kind: 'resolver'; address: string | null }
  | { kind: 'hop'; hop: number | null; address: string | null }
  | {
      kind: 'between';
      hop: number | null;
      address: string | null;
      next: { hop: number | null; address: string | null };
    }
  | { kind: 'target'; address: string | null };

export interface Statement {
  /** Ids of the observations it rests on. */
  evidence: string[];
  text: string;
}

export interface Cause {
  id: string;
  title: string;
  confidence: number;
  likelihood: Likelihood;
  layer: Layer;
  owner: Owner;
  /** The address of the target it concerns, null where it concerns the name or this machine. */
  address: string | null;
  where: Where | null;
  because: Statement[];
  against: Statement[];
  fixes: { who: Owner; do: string; run: string | null }[];
  verify: { who: Owner; do: string; run: string | null; expect: string }[];
  /** Findings that this cause explains and hides. */
  explains: { id: string; title: string; address: string | null; because: Statement[] }[];
}

export interface Hop {
  hop: number;
  address: string | null;
  name: string | null;
  rttMs: number | null;
  answer: HopAnswer;
}

export interface Path {
  method: string;
  port: number | null;
  address: string;
  reached: boolean;
  lastHop: number | null;
  hops: Hop[];
}

export interface ReportTarget {
  input: string;
  host: string;
  port: number;
  service: string | null;
  addresses: {
    address: string;
    family: Family;
    source: 'literal' | 'dns' | 'hosts-file' | 'system';
    outcome: ConnectOutcome | 'not-tried';
  }[];
}

export interface Report {
  schema: 'reachdoctor.report/1';
  tool: { name: 'reachdoctor'; version: string };
  startedAt: string;
  durationMs: number;
  target: ReportTarget;
  outcome: Outcome;
  headline: string;
  causes: Cause[];
  ruledOut: { id: string; text: string }[];
  cannotTell: { text: string; decidedBy: string }[];
  notChecked: { probe: string; reason: string; enable: string | null }[];
  paths: Path[];
  observations: Observation[];
  vantage: { os: string; addresses: string[]; resolvers: string[]; privileges: 'root' | 'user' };
}
