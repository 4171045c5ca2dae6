import type { Spoken } from '../ground/services.ts';
import type { GrownRule, OtherEnd } from './case.ts';
import type {
  ConnectAttempt,
  ConnectOutcome,
  CounterChange,
  DnsAnswer,
  HttpData,
  Listener,
  NetworkInterface,
  PingError,
  PortResult,
  Protocol,
  Route,
  ServiceWord,
  SpokenData,
  StallVariant,
  TalkEnd,
  TlsData,
  Trace,
  TraceProtocol,
  TraceRole,
} from './measured.ts';
import type { Purposes } from './purposes.ts';
import type { Answers, Family } from './request.ts';
import type { Ruleset } from './ruleset.ts';

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
       * `reference-port`: another port of the same host that answered; `after-talk`: one more connection after a
       * conversation that was cut; `same-flow`: from source ports that were used before, to see whether each fares as before.
       */
      role: 'target' | 'sample' | 'reference-port' | 'reference-host' | 'after-talk' | 'same-flow';
      /** Start of each attempt, ms after the first. */
      startsMs: number[];
      /** The source port of each attempt, in the order of `startsMs`; absent = whichever is free. */
      sourcePorts?: number[];
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
    /** `port`: who listens on it is looked up where the address is this machine's own. */
    input: { address: string; port?: number };
    outcome: 'measured' | 'partly-measured' | 'unknown';
    data: {
      route: Route;
      neighbour: { address: string; state: string } | null;
      interfaces: NetworkInterface[];
      /** Of an own address: who listens on the port, at any address; absent where it was not asked or not told. */
      listeners?: Listener[];
      /** Of a loopback address: what this process runs in; absent where it is not known to run in anything. */
      container?: 'docker' | 'podman' | 'kubernetes' | 'wsl';
      /** The TTL with which packets leave this machine (ip_default_ttl); absent where it is not told. */
      defaultTtl?: number;
      /** Where packets to nobody in particular go, from the main table; absent where there is no default route. */
      defaultGateway?: string;
    };
  };
  /** This machine's own packet filter, where this user may read it, with one connection between two readings. */
  'own-rules': {
    input: { address: string; port: number; timeoutMs: number };
    outcome: 'read';
    /** `ruleset`: null in redacted evidence. */
    data: { ruleset: Ruleset | null; grew: GrownRule[] };
  };
  ping: {
    /**
     * `intervalMs` (200 where absent; Windows sends one a second) between two requests. `size`: octets of a whole packet, which
     * may be fragmented on the way; absent = that of the tool, less than 100.
     */
    input: { address: string; count: number; timeoutMs: number; intervalMs?: number; size?: number };
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
  'proxy-connect': {
    /** `host`, `port`: the target, as the proxy is asked for it. */
    input: { proxyHost: string; proxyPort: number; host: string; port: number; timeoutMs: number };
    /** `unresolved` = the name of the proxy led to no address, so that nobody was asked. */
    outcome: 'opened' | 'declined' | 'no-answer' | 'unreachable' | 'unresolved';
    /** Status of the proxy's answer; null where none came. */
    data: { status: number | null };
  };
  'reply-ttl': {
    input: { address: string; port: number };
    outcome: 'measured' | 'not-measured';
    data: { port: number; answer: 'syn-ack' | 'rst' | null; ttl: number | null; sent: number };
  };
  /** What the other end's half says (--merge, --there): made by no probe of this client's. */
  'other-end': {
    input: { address: string; port: number; by: string };
    outcome: 'looked';
    data: OtherEnd;
  };
  /** The largest packet that reaches the address, by pings that may not be fragmented (Linux). */
  'path-mtu': {
    input: { address: string; timeoutMs: number; roundTripMs: number };
    /** `whole` = nothing vanished; `vanishes` = a size is lost without a word, `told` = a router told the size. */
    outcome: 'whole' | 'vanishes' | 'told' | 'no-reply';
    data: { mtu: MeasuredMtu };
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
      /** What is asked inside TLS where that is not HTTP; null or absent = nothing. */
      inside?: Spoken | null;
      /** An answer of HTTP is waited for. Else one that comes at once is taken along. */
      httpExpected: boolean;
      /** Value of the Host header. */
      httpHost: string;
      caPem: string | null;
      timeoutMs: number;
      /** Fastest TCP handshake seen before, 0 where absent: added to `timeoutMs` once for each round trip that is needed. */
      roundTripMs?: number;
      /** So long the first conversation stays open where it is silent, in all; 0 where absent: it ends with `timeoutMs`. */
      patienceMs?: number;
      /** Follows a redirect of the target, or asks it once more; absent = the first question. */
      role?: 'redirect' | 'sample';
      /** So long is waited before the connection; 0 where absent. */
      startMs?: number;
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
    data: { connectMs: number | null; tls: TlsData; http: HttpData | null; inside?: SpokenData | null };
  };
  ssh: {
    input: { address: string; port: number; timeoutMs: number; roundTripMs?: number; patienceMs?: number };
    outcome: 'ok' | 'no-common-algorithm' | 'not-ssh' | Exclude<TalkEnd, 'answered'> | 'not-connected';
    data: {
      connectMs: number | null;
      firstByteMs: number | null;
      ended: TalkEnd;
      /** `SSH-2.0-OpenSSH_9.2p1 Debian-2`, printable; null where none came. */
      identification: string | null;
      /** Lines before the identification or instead of it. */
      otherText: string | null;
      /** Those lines, where they come instead of it and say why. Absent in old evidence. */
      word?: ServiceWord | null;
      otherProtocol: Protocol | null;
      /** The server's KEXINIT was read. */
      offerRead: boolean;
      /** The first kind of algorithm without a common one. */
      noCommon: 'protocol version' | 'key exchange' | 'host key' | 'cipher' | 'MAC' | 'compression' | null;
      /** The server's list of that kind. */
      offered: string | null;
      /** After silence: octets of our identification that the far end's TCP has not acknowledged. Null or absent = not known. */
      untaken?: number | null;
    };
  };
  http: {
    input: {
      address: string;
      port: number;
      host: string;
      path: string;
      /** Follows a redirect of the target, or asks it once more; absent = the first question. */
      role?: 'redirect' | 'sample';
      /** So long is waited before the connection; 0 where absent. */
      startMs?: number;
      timeoutMs: number;
      roundTripMs?: number;
      patienceMs?: number;
    };
    outcome: 'ok' | 'not-http' | Exclude<TalkEnd, 'answered'> | 'not-connected';
    data: { connectMs: number | null; http: HttpData };
  };
  /** Services that greet or answer one harmless question. `service` null = only listen. */
  greeting: {
    input: {
      address: string;
      port: number;
      service: Spoken | null;
      serverName: string | null;
      expectedAddress: string | null;
      caPem: string | null;
      timeoutMs: number;
      roundTripMs?: number;
      patienceMs?: number;
    };
    /** `ok` = it speaks what was expected (or, without expectation, something); `waits` = connection stays open without a word. */
    outcome: 'ok' | 'other-protocol' | 'refuses' | 'waits' | Exclude<TalkEnd, 'answered'> | 'not-connected';
    data: SpokenData & {
      connectMs: number | null;
      /** The handshake after STARTTLS or SSLRequest, null where not offered or not asked. */
      tls: TlsData | null;
    };
  };
  /** Why an open port does not answer: the same request in other shapes, side by side. */
  stall: {
    input: {
      address: string;
      port: number;
      /** What stalled: a TLS handshake, an HTTP request, an SSH server after its identification, one that greets, or one that was asked. */
      request: 'tls' | 'http' | 'ssh' | 'listen' | 'question';
      /** Whose question; absent where it is none of these. */
      service?: Spoken;
      serverName: string | null;
      httpHost: string;
      /** The page of which only the beginning came, and the octets that were due of it; absent = nothing came. */
      page?: { path: string; due: number };
      /** What was seen: nothing, or a reset. */
      seen: 'stalled' | 'reset' | 'closed';
      /** How long it was waited for until that, ms; absent = not known. */
      seenAfterMs?: number;
      timeoutMs: number;
      roundTripMs?: number;
    };
    outcome: 'answers-now' | 'smaller-works' | 'other-name-works' | 'all-silent' | 'all-reset' | 'unclear';
    data: {
      variants: StallVariant[];
      /** Largest whole IP packet (octets) that was answered, smallest that was not. Null = not asked. */
      mtu: MeasuredMtu | null;
      /** Smallest TTL of the request at which the reset came back, null = not asked or no reset. */
      resetTtl: number | null;
      /** How far the very request got: the largest TTL reported as run out, or the one before resetTtl. Null = not known. */
      lastHop: number | null;
    };
  };
}

export interface MeasuredMtu {
  passes: number | null;
  fails: number | null;
  /** An ICMP told the size; null = silence only. */
  told: number | null;
  lastHop: number | null;
  lastAddress: string | null;
  /** Pings of any size are answered. */
  smallAnswered: boolean;
}

export type ProbeName = keyof ProbeCatalogue;

/** Outcomes every probe may have: our own bug, not possible here (tool missing ...), stopped by the user or the deadline. */
export type CommonOutcome = 'failed' | 'not-available' | 'cancelled';

export interface StepOf<P extends ProbeName> {
  /** Stable and readable: `tcp-1`, `trace-syn-2`. Becomes the id of its observation. */
  id: string;
  probe: P;
  input: ProbeCatalogue[P]['input'];
  purpose: Purposes[P];
}
export type Step = { [P in ProbeName]: StepOf<P> }[ProbeName];

/** What a probe returns: an observation without what the engine knows already. `data` is null for common outcomes that measured nothing. */
export interface FindingOf<P extends ProbeName> {
  outcome: ProbeCatalogue[P]['outcome'] | CommonOutcome;
  /** Why it failed or could not run: codes (reasons.ts), or a tool's own line; null when the outcome says all. */
  reason: string | null;
  data: ProbeCatalogue[P]['data'] | null;
  /** Command line of a subprocess, for the report. */
  command?: string | null;
  /** Raw tool output, bounded to 16 KiB. */
  raw?: string | null;
  /** How to make an unavailable probe available: `apt install traceroute`. */
  enable?: string | null;
  /** errno name (EMFILE, EPERM ...) with which the system refused to let it begin or send; absent where it did not. */
  code?: string;
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
  /** errno name with which the system refused to let it begin or send; absent where it did not. */
  code?: string;
  /** The program whose output, read elsewhere, says so: told and not measured. Absent = measured by this run. */
  told?: string;
  /** Name of the view that it was made from (views.ts); absent = this client. */
  view?: string;
}
export type Observation = { [P in ProbeName]: ObservationOf<P> }[ProbeName];
