import { factsOf } from '../src/judge/facts/index.ts';
import { readingsAt } from '../src/judge/readings/index.ts';
import type { Evidence, Vantage } from '../src/model/evidence.ts';
import type { Facts } from '../src/model/facts.ts';
import type {
  ConnectAttempt,
  ConnectOutcome,
  CounterChange,
  NetworkInterface,
  PacketCounters,
  PingError,
  PortResult,
  Route,
  Trace,
  TraceRole,
  TtlReply,
} from '../src/model/measured.ts';
import type { Observation, ObservationOf, ProbeName } from '../src/model/probes.ts';
import type { Request } from '../src/model/request.ts';

/** Evidence in few words. The world of the tests: this machine 10.0.0.5, its router 10.0.0.1, the host 192.0.2.7, port 5432. */
export const HOST = '192.0.2.7';
export const PORT = 5432;
export const HERE = '10.0.0.5';
export const GATEWAY = '10.0.0.1';

export type Wish = Omit<Partial<Request>, 'target'> & {
  target?: Partial<Request['target']>;
  vantage?: Partial<Vantage>;
};

export function request({ target, vantage: _, ...more }: Wish = {}): Request {
  const host = target?.host ?? HOST;
  const port = target?.port ?? PORT;
  return {
    target: {
      input: `${host}:${port}`,
      host,
      port,
      service: null,
      serviceNamed: false,
      path: '/',
      ...target,
    },
    resolvers: [],
    controlHost: null,
    alternatePorts: null,
    answers: {},
    maxTimeMs: 20_000,
    family: null,
    names: true,
    ttlProbe: true,
    traceAlways: false,
    sni: null,
    caPem: null,
    ...more,
  };
}

export const vantage = (more: Partial<Vantage> = {}): Vantage => ({
  os: 'linux',
  addresses: [HERE],
  resolvers: ['10.0.0.1'],
  searchDomains: [],
  ndots: 1,
  privileges: 'user',
  proxyVariables: [],
  ...more,
});

export const evidence = (wish: Wish, ...observations: Observation[]): Evidence => ({
  request: request(wish),
  vantage: vantage(wish.vantage),
  startedAt: '2026-11-20T12:00:00.000Z',
  observations,
});

export const facts = (wish: Wish, ...observations: Observation[]): Facts =>
  factsAt(HOST, wish, ...observations);
export const factsAt = (address: string | null, wish: Wish, ...observations: Observation[]): Facts =>
  factsOf(readingsAt(evidence(wish, ...observations), address));

// ---------------------------------------------------------------- observations

export function observation<P extends ProbeName>(
  probe: P,
  id: string,
  input: ObservationOf<P>['input'],
  outcome: ObservationOf<P>['outcome'],
  data: ObservationOf<P>['data'],
  more: Partial<ObservationOf<P>> = {},
): Observation {
  return {
    id,
    probe,
    input,
    outcome,
    reason: null,
    startedAt: '2026-11-20T12:00:00.000Z',
    durationMs: 1,
    data,
    command: null,
    raw: null,
    enable: null,
    final: true,
    ...more,
  } as unknown as Observation;
}

const CODES: Partial<Record<ConnectOutcome, string>> = {
  refused: 'ECONNREFUSED',
  unreachable: 'EHOSTUNREACH',
};
const TIMES: Record<ConnectOutcome, number> = {
  open: 12,
  refused: 12,
  unreachable: 12,
  timeout: 4100,
  pending: 700,
  'local-error': 0,
};

export const attempt = (outcome: ConnectOutcome, more: Partial<ConnectAttempt> = {}): ConnectAttempt => ({
  startMs: 0,
  outcome,
  code: CODES[outcome] ?? null,
  elapsedMs: TIMES[outcome],
  local: outcome === 'local-error',
  ...more,
});

const WORDS: ConnectOutcome[] = ['open', 'refused', 'unreachable', 'local-error', 'pending', 'timeout'];

interface Connecting {
  id?: string;
  address?: string;
  port?: number;
  role?: 'target' | 'sample' | 'reference-port' | 'reference-host' | 'after-talk' | 'same-flow';
  attempts?: ConnectAttempt[];
}
export function connect(outcome: ConnectOutcome, more: Connecting = {}): Observation {
  const attempts = more.attempts ?? [attempt(outcome)];
  return observation(
    'tcp-connect',
    more.id ?? 'tcp-1',
    {
      address: more.address ?? HOST,
      port: more.port ?? PORT,
      role: more.role ?? 'target',
      startsMs: [0],
      endMs: 4100,
      stopAtFirstAnswer: true,
    },
    outcome,
    { attempts },
    { final: outcome !== 'pending' },
  );
}
export const attempts = (...made: ConnectAttempt[]): Observation =>
  connect(WORDS.find((word) => made.some(({ outcome }) => outcome === word)) ?? 'timeout', {
    attempts: made,
  });

/** One TTL: an address = time-exceeded from it, `*` = silence, `-` = not asked, a word = that answer of the end, or a reply. */
export type Hop = string | Partial<TtlReply>;

const END: Record<string, Partial<TtlReply>> = {
  'syn-ack': { answer: 'syn-ack', rttMs: 3 },
  rst: { answer: 'rst', errno: 'ECONNREFUSED', rttMs: 3 },
  reply: { answer: 'reply', rttMs: 3 },
  '*': { answer: 'silence' },
};

/** An ICMP destination unreachable; 13 = administratively prohibited (RFC 1812), 1 = host unreachable, 0 = net unreachable. */
export const rejects = (from: string, icmpCode = 13, rttMs = 3): Hop => ({
  answer: 'unreachable',
  from,
  icmpType: from.includes(':') ? 1 : 3,
  icmpCode,
  errno: 'EHOSTUNREACH',
  rttMs,
});
/** UDP to a closed port of the host itself: it is reached. */
export const udpArrives = (from = HOST): Hop => rejects(from, from.includes(':') ? 4 : 3);

export function replies(address: string, hops: Hop[]): TtlReply[] {
  return hops.flatMap((hop, i) => {
    if (hop === '-') return [];
    const timeExceeded = {
      answer: 'time-exceeded' as const,
      icmpType: address.includes(':') ? 3 : 11,
      icmpCode: 0,
      rttMs: 1,
    };
    const known = typeof hop === 'string' ? (END[hop] ?? { ...timeExceeded, from: hop }) : hop;
    return [
      {
        ttl: i + 1,
        answer: 'silence',
        from: null,
        icmpType: null,
        icmpCode: null,
        errno: null,
        rttMs: null,
        sent: known.answer === 'silence' ? 3 : 1,
        ...known,
      } as TtlReply,
    ];
  });
}

interface Tracing {
  address?: string;
  port?: number;
  counters?: PacketCounters | null;
  id?: string;
  method?: string;
  /** Else of the role: UDP for another protocol and the gateway. */
  protocol?: Trace['protocol'];
  /** Made by a tool instead of our own sweep. */
  tool?: boolean;
}

export function traceData(hops: Hop[], more: Tracing = {}): Trace {
  const address = more.address ?? HOST;
  const protocol = more.protocol ?? 'tcp';
  return {
    method: more.method ?? (protocol === 'tcp' ? 'tcp-syn' : protocol),
    protocol,
    port: more.port ?? PORT,
    address,
    replies: replies(address, hops),
    counters: more.counters ?? null,
  };
}

export function trace(role: TraceRole, hops: Hop[], more: Tracing = {}): Observation {
  const address = more.address ?? HOST;
  const protocol = more.protocol ?? (role === 'other-protocol' || role === 'gateway' ? 'udp' : 'tcp');
  const port = more.port ?? (role === 'reference' ? 22 : protocol === 'udp' ? 33_434 : PORT);
  const data = traceData(hops, { ...more, protocol, port });
  const outcome = 'stopped';
  if (more.tool === true)
    return observation(
      'trace-command',
      more.id ?? `trace-command-${role}`,
      { address, port, role, protocols: [protocol], timeoutMs: 5000 },
      outcome,
      { ...data, method: more.method ?? 'traceroute' },
    );
  return observation(
    'trace-syn',
    more.id ?? (role === 'other-protocol' ? 'trace-udp-1' : `trace-syn-${role}-1`),
    { address, port, protocol, role, holdMs: 1500, maxTtl: 30, silentLimit: 8 },
    outcome,
    data,
  );
}

/** Nothing left or got lost here. */
export const QUIET: PacketCounters = { unsent: 0, retransmitsFailed: 0, undelivered: 0 };

export const otherPorts = (
  results: Record<number, ConnectOutcome>,
  more: { final?: boolean } = {},
): Observation => {
  const ports = Object.entries(results).map(
    ([port, outcome]): PortResult => ({
      port: Number(port),
      outcome,
      code: CODES[outcome] ?? null,
      elapsedMs: TIMES[outcome],
    }),
  );
  const answered = ports.some(({ outcome }) => ['open', 'refused', 'unreachable'].includes(outcome));
  return observation(
    'alternate-ports',
    'alternate-ports-1',
    { address: HOST, ports: ports.map(({ port }) => port), timeoutMs: 1500 },
    answered ? 'some-answered' : 'none-answered',
    { ports },
    more,
  );
};

export const ping = (
  outcome: 'replies' | 'no-reply' | 'unreachable' | 'local-error',
  more: {
    replyTtl?: number | null;
    errors?: PingError[];
    sendRefused?: boolean;
    sent?: number;
    received?: number;
  } = {},
): Observation =>
  observation('ping', 'ping-1', { address: HOST, count: 3, timeoutMs: 1500 }, outcome, {
    sent: 3,
    received: outcome === 'replies' ? 3 : 0,
    minMs: null,
    avgMs: outcome === 'replies' ? 2 : null,
    maxMs: null,
    replyTtl: null,
    errors: [],
    sendRefused: false,
    ...more,
  });

/** Connections between two readings of the kernel's counters; what is not named counted nothing but what was made. */
export const counted = (
  outcomes: ConnectOutcome[],
  more: {
    quiet?: Partial<CounterChange>;
    sending?: Partial<CounterChange>;
    whole?: Partial<CounterChange>;
    address?: string;
  } = {},
): Observation => {
  const calm: CounterChange = {
    unsent: 0,
    retransmitsFailed: 0,
    undelivered: 0,
    onLoopback: 0,
    unreachables: 0,
  };
  return observation(
    'counted-connect',
    'counted-connect-1',
    { address: more.address ?? HOST, port: PORT, connections: outcomes.length, timeoutMs: 700, quietMs: 250 },
    WORDS.find((word) => outcomes.includes(word)) ?? 'timeout',
    {
      results: outcomes.map((outcome) => ({
        outcome,
        code: CODES[outcome] ?? null,
        elapsedMs: TIMES[outcome],
      })),
      quiet: { ...calm, ...more.quiet },
      sending: { ...calm, ...more.sending },
      whole: { ...calm, ...more.whole },
    },
  );
};

export const replyTtl = (port: number, ttl: number | null, id = `reply-ttl-${port}`): Observation =>
  observation('reply-ttl', id, { address: HOST, port }, ttl === null ? 'not-measured' : 'measured', {
    port,
    answer: ttl === null ? null : 'rst',
    ttl,
    sent: 8,
  });

const ETH0: NetworkInterface = {
  name: 'eth0',
  up: true,
  addresses: [{ address: HERE, prefix: 24, family: 4 }],
};

export const localNetwork = (
  more: {
    id?: string;
    address?: string;
    route?: Partial<Route>;
    neighbour?: string | null;
    interfaces?: NetworkInterface[];
  } = {},
): Observation =>
  observation('local-network', more.id ?? 'local-network-1', { address: more.address ?? HOST }, 'measured', {
    route: { kind: 'unicast', device: 'eth0', gateway: GATEWAY, source: HERE, onLink: false, ...more.route },
    neighbour: more.neighbour == null ? null : { address: GATEWAY, state: more.neighbour },
    interfaces: more.interfaces ?? [ETH0],
  });

export const resolved = (...addresses: string[]): Observation =>
  observation(
    'system-resolve',
    'resolve',
    { host: 'db.example.com' },
    addresses.length > 0 ? 'resolved' : 'not-found',
    {
      addresses: addresses.map((address) => ({
        address,
        family: address.includes(':') ? (6 as const) : (4 as const),
      })),
      code: addresses.length > 0 ? null : 'ENOTFOUND',
    },
  );
