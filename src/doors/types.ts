import type { NetworkInterface, Route, Trace, TraceProtocol } from '../model/measured.ts';
import type { SavedSyn } from '../parsers/saved-syn.ts';

/** The doors to the outside that probes are given. Tests pass literals; src/doors/*.ts has the real ones. */
export interface Doors {
  platform: NodeJS.Platform;
  clock: Clock;
  connectTcp: ConnectTcp;
  runCommand: RunCommand;
  /** Text of a regular file; null when it cannot be read, or has more than 1 MiB: a part of it proves nothing. */
  readText(path: string): Promise<string | null>;
  /**
   * Whether a file that `readText` gave null for is not there for any program: missing, a directory, forbidden. False:
   * it is something else (a pipe, a device, too large, not readable just now), and what others read in it is unknown.
   * Absent = not known, which is taken for missing.
   */
  isNoFile?(path: string): Promise<boolean>;
  /**
   * A file of any usual size, in pieces of whole lines. `partly` = it was not read to its end, null = it cannot be read.
   * Absent = `readText` reads all there is.
   */
  readPieces?(
    path: string,
    onPiece: (lines: string) => void,
    signal: AbortSignal,
  ): Promise<'whole' | 'partly' | null>;
  lookup: Lookup;
  dnsQuery: DnsQuery;
  /** The hosts file, where it is not at the platform's usual place (%SystemRoot% on another drive). */
  hostsPath?: string;
  /** os.networkInterfaces(), where no tool tells more. Absent = not known. */
  interfaces?: () => NetworkInterface[];
  native: NativeDoor;
  /** Starts a native child ahead of its job, so that its start-up hides behind the first probe. */
  warmNative?(): void;
  speak: Speak;
}

/**
 * getaddrinfo of every address of a name. Rejects with a code (ENOTFOUND, EAI_AGAIN, NO_ADDRESS ...), and with
 * NOT_ASKED and a message where the question was not answered to its end: nothing is known about the name then.
 */
export type Lookup = (host: string, signal?: AbortSignal) => Promise<{ address: string; family: 4 | 6 }[]>;

export interface Clock {
  /** Milliseconds since 1970. */
  now(): number;
  /** Monotonic milliseconds. */
  elapsed(): number;
  /** Resolves after `ms`, or at once when the signal aborts. Never rejects. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
}

export interface ConnectResult {
  outcome: 'open' | 'refused' | 'unreachable' | 'timeout' | 'local-error' | 'cancelled';
  code: string | null;
  /** True when connect() failed at once on this machine (no route, no ports left, egress prohibited). */
  local: boolean;
  elapsedMs: number;
  /** False where this process was kept from looking, so that `elapsedMs` means nothing. */
  timed?: false;
  /** False where the kernel sent no SYN again meanwhile: however long it took, nothing was lost. */
  resent?: false;
  /** The port that it was sent from; null where no socket was bound. */
  sourcePort?: number | null;
  /** The ICMP error that ended it, null = none came; absent where the socket did not listen for it. */
  told?: ToldBy | null;
}
/** An ICMP error and who sent it (null = the kernel does not know). */
export interface ToldBy {
  from: string | null;
  icmpType: number;
  icmpCode: number;
}
export type ConnectTcp = (
  address: string,
  port: number,
  options: {
    timeoutMs: number;
    signal: AbortSignal;
    /** The source port to use; absent = whichever is free. */
    sourcePort?: number;
    /** Keep an open connection for the next `speak` to this address and port, at most until this aborts; absent = close it. */
    keepUntil?: AbortSignal;
    /**
     * Listen for the ICMP error that may end it, where this system tells who sent one. Called when the SYN has left, with
     * whether the socket listens; at most once.
     */
    onSent?: (listens: boolean) => void;
  },
) => Promise<ConnectResult>;

export interface Command {
  file: string;
  args: string[];
  timeoutMs: number;
  signal: AbortSignal;
}
export interface CommandResult {
  /** missing = not installed; denied = may not be executed; timed-out and cancelled keep what was printed so far. */
  status: 'done' | 'missing' | 'denied' | 'timed-out' | 'cancelled' | 'failed';
  exitCode: number | null;
  stdout: string;
  stderr: string;
  /** The command line as a person would type it. */
  commandLine: string;
}
export type RunCommand = (command: Command) => Promise<CommandResult>;

export interface DnsQuestion {
  /** IPv4 or IPv6 literal, with zone where it needs one. */
  resolver: string;
  port: number;
  /** Absolute; a trailing dot is allowed. */
  name: string;
  type: 'A' | 'AAAA' | 'PTR';
  /** For everything: the query, its repetition, the change to TCP. */
  timeoutMs: number;
  signal: AbortSignal;
}
export interface DnsReply {
  /**
   * answered = a valid response, whatever its rcode; timeout = none came; port-closed = ICMP port unreachable or RST;
   * unreachable = the query could not get there (errno in `code`); malformed = only damaged responses came;
   * connection-failed = TCP ended without an answer; not-asked = no DNS name can look like this, or no socket could be
   * made (errno in `code`).
   */
  outcome:
    | 'answered'
    | 'timeout'
    | 'port-closed'
    | 'unreachable'
    | 'malformed'
    | 'connection-failed'
    | 'not-asked'
    | 'cancelled';
  /** NOERROR, NXDOMAIN, SERVFAIL ...; `RCODE17` where it has no name; null unless answered. */
  rcode: string | null;
  /** Those at the end of the name's CNAME chain, in the order of the response, at most 64. */
  addresses: string[];
  /** CNAME targets in the order of the chain, at most 16; octets as sent by the stranger. */
  cnames: string[];
  /** PTR targets, at most 8. */
  names: string[];
  ttlSeconds: number | null;
  extendedErrors: { code: number; text: string }[];
  transport: 'udp' | 'tcp';
  elapsedMs: number;
  /** Why responses were thrown away, or what was damaged. */
  ignored: string | null;
  authoritative: boolean;
  code: string | null;
}
/** One question to one resolver. Never rejects. */
export type DnsQuery = (question: DnsQuestion) => Promise<DnsReply>;

export interface SweepJob {
  job: 'sweep';
  address: string;
  port: number;
  protocol: TraceProtocol;
  maxTtl: number;
  silentLimit: number;
  holdMs: number;
}
/** One connection, whose socket listens for ICMP errors from its first packet on. */
export interface ConnectJob {
  job: 'connect';
  address: string;
  port: number;
  timeoutMs: number;
}
export interface ReplyTtlJob {
  job: 'reply-ttl';
  address: string;
  port: number;
}
/** Connect, then send `sendBase64` and wait for an answer: what node:net cannot do, with the socket options that it cannot set. */
export interface ExchangeJob {
  job: 'exchange';
  address: string;
  port: number;
  sendBase64: string;
  /** TCP_MAXSEG before connect(): the peer sends no larger segments; null = the system's. */
  maxSegment: number | null;
  /** IP_TTL / IPV6_UNICAST_HOPS for everything sent after the handshake; null = the system's. */
  ttlAfterConnect: number | null;
  /** IP_MINTTL / IPV6_MINHOPCOUNT after the handshake: what comes from farther away is not heard; null = all is. */
  minTtlAfterConnect: number | null;
  timeoutMs: number;
  /** Stop reading after this many octets (at most 65536). */
  maxBytes: number;
}
/** Marked SYNs, each from a socket of its own: its MSS option is the mark, and its timestamp is read. */
export interface KnockJob {
  job: 'knock';
  address: string;
  /** The port of the target, for what all jobs have in common. */
  port: number;
  knocks: { port: number; mss: number; atMs: number }[];
  /** Each is given up after so long: below a second, so that no SYN is sent twice. */
  waitMs: number;
}
/** What the system's own tables say about an address (Windows): nothing is sent. */
export interface NetworkJob {
  job: 'network';
  address: string;
  /** For what all jobs have in common. */
  port: number;
}
export interface Knocked {
  port: number;
  mss: number;
  /** Milliseconds since 1970. */
  sentAt: number;
  sourcePort: number | null;
  tsval: number | null;
  outcome: 'open' | 'refused' | 'unreachable' | 'timeout' | 'local-error';
  errno: string | null;
}
/** Takes connections for a while; asked again for the same address and port it goes on, and what came between is there. */
export interface ListenJob {
  job: 'listen';
  /** `::` takes IPv4 as well. */
  address: string;
  port: number;
  /** At most 2000. */
  forMs: number;
  /** Connections that are taken in this job. */
  most: number;
  /** The line that each is told: printable ASCII, CR LF at its end. */
  say: string;
  /** Closes the port at the end. */
  isLast: boolean;
}
export interface Accepted {
  /** Milliseconds since 1970. */
  at: number;
  from: string;
  fromPort: number;
  /** The SYN as it arrived; null where the system did not keep it. */
  syn: SavedSyn | null;
}
export type NativeJob = ConnectJob | SweepJob | ReplyTtlJob | ExchangeJob | KnockJob | ListenJob | NetworkJob;
export type NativeResult =
  | { status: 'unavailable'; reason: string; enable: string | null; code?: string }
  | { status: 'cancelled' }
  | { status: 'failed'; reason: string }
  | { status: 'swept'; trace: Trace }
  | { status: 'knocked'; knocked: Knocked[] }
  /** `errno`: why the port could not be opened. */
  | { status: 'listened'; errno: string | null; accepted: Accepted[] }
  | {
      status: 'network';
      route: Route;
      neighbour: { address: string; state: string } | null;
      interfaces: NetworkInterface[];
      /** IP literals, the adapter of the route first. */
      resolvers: string[];
    }
  | {
      status: 'connected';
      /** The connection stands, and went to whoever asked. */
      open: boolean;
      /** errno name of what failed; ETIMEDOUT where nothing came. */
      errno: string | null;
      /** No packet was answered: socket() or connect() itself failed. */
      atOnce: boolean;
      told: ToldBy | null;
      sourcePort: number | null;
      /** From connect() to its answer. */
      elapsedMs: number;
    }
  | {
      status: 'exchanged';
      connected: boolean;
      /** `data` = maxBytes or the deadline reached with data; `stalled` = deadline without a single octet. */
      ended: 'data' | 'stalled' | 'reset' | 'closed' | 'connect-failed' | 'unreachable';
      errno: string | null;
      /**
       * Who sent the ICMP error that ended connect(); null = none came. Once a connection stands, the kernel tells only the
       * errno of an ICMP error (ended `unreachable`), never its sender.
       */
      offender: { address: string | null; icmpType: number; icmpCode: number } | null;
      receivedBase64: string;
      /** IP_MTU / IPV6_MTU of the socket's route at the end, octets. */
      pathMtu: number | null;
      /** tcpi_snd_mss, tcpi_rcv_mss, tcpi_total_retrans, tcpi_unacked of TCP_INFO at the end. */
      sendMss: number | null;
      receiveMss: number | null;
      retransmits: number | null;
      unacked: number | null;
      connectMs: number | null;
    }
  | { status: 'reply-ttl'; answer: 'syn-ack' | 'rst' | null; ttl: number | null; sent: number };
/** Runs one job in the native child process (koffi); everything that can go wrong is in the result. */
export type NativeDoor = (job: NativeJob, signal: AbortSignal, news?: SweepNews) => Promise<NativeResult>;
/** What a sweep tells before its end; the result has it all. */
export interface SweepNews {
  /** A router that was met, as soon as it was. */
  hop?: (hop: SweptHop) => void;
  /** What one that is held open for long has halfway. */
  soFar?: (trace: Trace) => void;
}
export interface SweptHop {
  ttl: number;
  /** An IP literal. */
  from: string;
}

export interface SpeakTo {
  address: string;
  port: number;
  /** For the whole conversation, at most 16 000; counted from the start of connect(). */
  timeoutMs: number;
  /** Octets heard in the whole conversation, at most 65536. */
  maxBytes: number;
  signal: AbortSignal;
}
export interface Heard {
  /** Everything since the last `hear`. */
  bytes: Uint8Array;
  ended: 'enough' | 'stalled' | 'closed' | 'reset' | 'flooded';
  /** From the call of `hear` to the first octet, null where none came. */
  firstByteMs: number | null;
}
export interface TlsOffer {
  /** null = no server_name. An address literal must not be given (RFC 6066). */
  serverName: string | null;
  alpn: string[];
  /** PEM texts added to the built-in authorities. */
  extraAuthorities: string[];
  /** Accept everything from TLS 1.0 and weak keys on, to learn what the server offers. Never used to send anything. */
  legacy: boolean;
  timeoutMs: number;
}
export interface PeerCertificateData {
  subject: string;
  issuer: string;
  issuerOrganisation: string | null;
  names: string[];
  notBefore: string | null;
  notAfter: string | null;
  selfSigned: boolean;
  /** The certificate has the address of its issuer's certificate (AIA caIssuers). */
  issuerPublished: boolean;
  /** `RSA 1024`, `SHA-1 signature`: what current clients refuse; null = nothing. */
  weakness: string | null;
}
export interface TlsResult {
  ended: 'ok' | 'failed' | 'closed' | 'reset' | 'stalled' | 'flooded';
  /** Code of OpenSSL or Node (ERR_SSL_...), null where ended is not `failed`. */
  code: string | null;
  /** Alert that the server sent. */
  alert: number | null;
  version: string | null;
  cipher: string | null;
  alpn: string | null;
  /** What current clients refuse in the key exchange; null = nothing. */
  weakExchange: string | null;
  /** Code of the chain's verification, null = trusted. The name is not part of it. */
  trustCode: string | null;
  /**
   * The issuer that ends `chain` stands among the certificates that the server sent, and OpenSSL could not use it there.
   * Null = what was sent cannot be read.
   */
  issuerSent(): boolean | null;
  chain: PeerCertificateData[];
  /** Whether the certificate is for this name or address. */
  matches(name: string): boolean;
  /** Looks again at a chain that was not trusted, with these PEM bundles beside the built-in authorities. */
  lookAgain(bundles: string[]): { vouched: boolean; issuerKnown: boolean };
  /** What went over the wire during the handshake, at most 16 KiB each. */
  sent: Uint8Array;
  received: Uint8Array;
  elapsedMs: number;
}
/** One bounded conversation. Nothing in it throws on what the network does. */
export interface Conversation {
  connectMs: number;
  say(bytes: Uint8Array): void;
  /** Waits until `enough` is true of what was heard since the last call, the end, or `timeoutMs`. */
  hear(enough: (heard: Uint8Array) => boolean, timeoutMs: number): Promise<Heard>;
  /** Waits until something comes, which is left for `hear`, the end, or `timeoutMs`. */
  stirs(timeoutMs: number): Promise<Heard['ended']>;
  /** Octets that were said and that the far end's TCP has not acknowledged so far; null where this system does not tell. */
  untaken(): Promise<number | null>;
  /** From here on say and hear go through TLS, where the result is `ok`. */
  startTls(offer: TlsOffer): Promise<TlsResult>;
  /** Alert that arrived after the handshake. */
  lateAlert(): number | null;
}
export type Spoken<T> =
  | { connected: true; value: T }
  | { connected: false; outcome: ConnectResult['outcome']; code: string | null };
/**
 * Connects, or takes the connection that connectTcp kept, lets `talk` have its conversation, and closes it, whatever happens.
 */
export type Speak = <T>(to: SpeakTo, talk: (conversation: Conversation) => Promise<T>) => Promise<Spoken<T>>;
