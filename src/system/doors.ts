import type { Trace, TraceProtocol } from '../model.ts';

/** The doors to the outside that probes are given. Tests pass literals; src/system/*.ts has the real ones. */
export interface Doors {
  platform: NodeJS.Platform;
  clock: Clock;
  connectTcp: ConnectTcp;
  runCommand: RunCommand;
  /** Text of a file, at most 1 MiB; null when it cannot be read. */
  readText(path: string): Promise<string | null>;
  /** getaddrinfo of every address of a name. Rejects with a code (ENOTFOUND, EAI_AGAIN ...). */
  lookup(host: string): Promise<{ address: string; family: 4 | 6 }[]>;
  native: NativeDoor;
}

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
}
export type ConnectTcp = (
  address: string,
  port: number,
  options: { timeoutMs: number; signal: AbortSignal },
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

export interface SweepJob {
  job: 'sweep';
  address: string;
  port: number;
  protocol: TraceProtocol;
  maxTtl: number;
  silentLimit: number;
  holdMs: number;
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
export type NativeJob = SweepJob | ReplyTtlJob | ExchangeJob;
export type NativeResult =
  | { status: 'unavailable'; reason: string; enable: string | null }
  | { status: 'cancelled' }
  | { status: 'failed'; reason: string }
  | { status: 'swept'; trace: Trace }
  | {
      status: 'exchanged';
      connected: boolean;
      /** `data` = maxBytes or the deadline reached with data; `stalled` = deadline without a single octet. */
      ended: 'data' | 'stalled' | 'reset' | 'closed' | 'connect-failed' | 'unreachable';
      errno: string | null;
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
export type NativeDoor = (job: NativeJob, signal: AbortSignal) => Promise<NativeResult>;
