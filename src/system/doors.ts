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
export type NativeJob = SweepJob | ReplyTtlJob;
export type NativeResult =
  | { status: 'unavailable'; reason: string; enable: string | null }
  | { status: 'cancelled' }
  | { status: 'failed'; reason: string }
  | { status: 'swept'; trace: Trace }
  | { status: 'reply-ttl'; answer: 'syn-ack' | 'rst' | null; ttl: number | null; sent: number };
/** Runs one job in the native child process (koffi); everything that can go wrong is in the result. */
export type NativeDoor = (job: NativeJob, signal: AbortSignal) => Promise<NativeResult>;
