import { endpoint } from '../ground/address.ts';
import type { ConnectAttempt, ConnectOutcome, HttpData, TlsData } from '../model/measured.ts';
import type { Observation, ObservationOf, ProbeName } from '../model/probes.ts';
import { CONNECT } from './names.ts';
import { PROTOCOL_WORD } from './protocol-words.ts';
import { reasonWords } from './reason-words.ts';
import { counted, dayWords, dropEnd, duration, listed } from './units.ts';

const COMMON: Record<string, string> = {
  failed: 'failed by a fault of reachdoctor itself',
  'not-available': 'not available here',
  cancelled: 'stopped before it ended',
};

export function attemptWords(
  attempt: Pick<ConnectAttempt, 'outcome' | 'code' | 'elapsedMs' | 'timed'>,
): string {
  const { outcome, code, elapsedMs } = attempt;
  if (attempt.timed === false && outcome !== 'local-error') return UNTIMED[outcome];
  switch (outcome) {
    case 'open':
      return `accepts connections${late(elapsedMs)}`;
    case 'refused':
      return `refused${late(elapsedMs)}`;
    case 'timeout':
      return `no answer in ${duration(elapsedMs)}`;
    case 'unreachable':
      return `reported unreachable${late(elapsedMs)}${codeWords(code)}`;
    case 'local-error':
      return `not sent by this machine${codeWords(code)}`;
    case 'pending':
      return 'no answer yet';
  }
}

const CODE: Record<string, string> = {
  EHOSTUNREACH: 'host unreachable',
  ENETUNREACH: 'network unreachable',
  EACCES: 'not permitted',
  EPERM: 'not permitted',
  EINVAL: 'not an address that can be connected to',
  EADDRNOTAVAIL: 'no own address or port left for it',
  EAFNOSUPPORT: 'this kind of address is switched off',
  ENETDOWN: 'the network interface is down',
  EMFILE: 'this process may open no more files',
  ENFILE: 'this system may open no more files',
  ENOBUFS: 'the system has no memory for it',
};

/** What the system said of a connection, as people say it; a code that is not known as it is. */
const codeWords = (code: string | null): string => (code === null ? '' : ` (${CODE[code] ?? code})`);

/** What somebody's program told, without a watch. */
const UNTIMED: Record<Exclude<ConnectOutcome, 'local-error'>, string> = {
  open: 'accepts connections',
  refused: 'refused',
  timeout: 'no answer',
  unreachable: 'reported unreachable',
  pending: 'no answer yet',
};

/** Below a second it is the start of the program that takes the time, and says nothing about the network. */
const late = (elapsedMs: number): string => (elapsedMs < 1000 ? '' : ` after ${duration(elapsedMs)}`);

const STRENGTH: ConnectOutcome[] = ['open', 'refused', 'unreachable', 'local-error', 'timeout', 'pending'];

/** Several attempts at one port in a few words: the strongest, and how many shared it when they differ. */
export function attemptsWords(attempts: readonly ConnectAttempt[]): string {
  const outcome = STRENGTH.find((word) => attempts.some((attempt) => attempt.outcome === word));
  const same = attempts.filter((attempt) => attempt.outcome === outcome);
  const [first] = same;
  if (first === undefined) return 'no attempt was made';
  const answered = attempts.filter((attempt) => attempt.outcome !== 'pending');
  if (first.outcome === 'open' && same.length < answered.length) {
    return `accepted ${same.length} of ${answered.length} connections`;
  }
  const longest = same.reduce((a, b) => (b.elapsedMs > a.elapsedMs ? b : a));
  return attemptWords(first.outcome === 'timeout' ? longest : first);
}

type Sentences = { [P in ProbeName]?: (observation: ObservationOf<P>) => string | null };

const RCODE: Record<string, string> = {
  NXDOMAIN: 'the name does not exist (NXDOMAIN)',
  SERVFAIL: 'server failure (SERVFAIL)',
  REFUSED: 'refused to answer (REFUSED)',
  NOERROR: 'no address',
};

const DNS_OUTCOME: Record<string, string> = {
  timeout: 'no answer',
  'port-closed': 'nothing listens on its port',
  unreachable: 'reported unreachable',
  malformed: 'a malformed answer',
  'connection-failed': 'the connection failed',
};

/** What was found, one line each; null = the outcome and its reason say it. New probes may have none. */
const FOUND = {
  answer: ({ input, data }) =>
    data === null ? null : `${input.question.replaceAll('-', ' ')}: ${data.value}`,
  'tcp-connect': ({ input, data }) =>
    data === null ? null : `TCP ${input.port} on ${input.address}: ${attemptsWords(data.attempts)}`,
  'alternate-ports': ({ data }) =>
    data === null
      ? null
      : `other ports: ${data.ports.map((port) => `${port.port} ${CONNECT[port.outcome]}`).join(', ')}`,
  'system-resolve': ({ input, data, outcome }) =>
    data === null
      ? null
      : outcome === 'resolved'
        ? `system resolver: ${listed(data.addresses.map(({ address }) => address))}`
        : `system resolver: ${resolveWords(outcome, data.code)} for ${input.host}`,
  'hosts-file': ({ data, outcome }) =>
    data === null
      ? null
      : outcome === 'listed'
        ? `${data.path}: ${listed(data.entries.map(({ address, line }) => `${address} (line ${line})`))}`
        : outcome === 'not-listed'
          ? `${data.path}: the name is not in it`
          : null,
  dns: ({ input, data, outcome }) => `resolver ${input.resolver}: ${dnsWords(outcome, data)}`,
  'local-network': ({ data }) => {
    if (data === null) return null;
    const { route, neighbour } = data;
    const way =
      route.kind === 'unicast'
        ? `route by ${route.device ?? 'an unknown device'}${route.gateway === null ? '' : ` through ${route.gateway}`}`
        : `route: ${route.kind}`;
    return neighbour === null ? way : `${way}, neighbour ${neighbour.address} ${neighbour.state}`;
  },
  'own-rules': ({ data }) => {
    if (data === null || data.ruleset === null) return null;
    const rules = data.ruleset.chains.reduce((sum, { rules }) => sum + rules.length, 0);
    return `this machine's packet filter: ${counted(rules, 'rule')} in ${counted(data.ruleset.chains.length, 'chain')}`;
  },
  ping: ({ data, outcome }) => {
    if (data === null) return null;
    if (outcome === 'replies') {
      const time = data.avgMs === null ? '' : `, ${duration(data.avgMs)}`;
      return `ping: ${data.received} of ${counted(data.sent, 'reply', 'replies')}${time}`;
    }
    if (outcome === 'no-reply') return `ping: no reply to ${counted(data.sent, 'packet')}`;
    return `ping: ${outcome === 'local-error' ? 'not sent by this machine' : 'reported unreachable'}`;
  },
  'trace-syn': (observation) => traceWords(observation),
  'trace-command': (observation) => traceWords(observation),
  'counted-connect': ({ data, input }) => {
    if (data === null) return null;
    const { unsent, undelivered, unreachables = null } = data.whole;
    const told = [
      unsent === null ? null : `${unsent} not sent`,
      undelivered === null ? null : `${undelivered} arrived and dropped here`,
      unreachables === null ? null : counted(unreachables, 'ICMP unreachable'),
    ].filter((words) => words !== null);
    const asked = `the kernel's count of ${counted(data.results.length, 'connection')} to TCP ${input.port}`;
    return `${asked}: ${told.length > 0 ? told.join(', ') : 'not told'}`;
  },
  'proxy-connect': ({ outcome, data, input }) => {
    const at = `the proxy ${input.proxyHost}:${input.proxyPort}`;
    if (outcome === 'opened') return `${at} opens a connection to the target`;
    if (outcome === 'unresolved') return `the name of ${at} leads to no address`;
    if (outcome === 'declined') return `${at} declines (HTTP status ${data?.status})`;
    return outcome === 'no-answer' ? `${at} does not answer a CONNECT` : `${at} cannot be reached`;
  },
  'reply-ttl': ({ data, input }) =>
    data === null || data.ttl === null
      ? null
      : `TCP ${input.port}: ${data.answer === 'rst' ? 'the refusal' : 'the acceptance'} arrives with TTL ${data.ttl}`,
  'path-mtu': ({ data, outcome }) => {
    if (data === null) return null;
    const { passes, fails, told } = data.mtu;
    if (outcome === 'no-reply') return 'pings of several sizes: no reply';
    if (outcome === 'told') return `pings of several sizes: a router tells the size, ${told} bytes`;
    const passed = `pings of ${passes} bytes are answered`;
    return outcome === 'vanishes' ? `${passed}, those of ${fails} vanish` : passed;
  },
  'reverse-names': ({ data }) =>
    data === null ? null : `${counted(Object.keys(data.names).length, 'name')} for the addresses of the path`,
  tls: (observation) => serviceWords(observation),
  ssh: (observation) => serviceWords(observation),
  http: (observation) => serviceWords(observation),
  greeting: (observation) => serviceWords(observation),
  stall: (observation) => STALL[observation.outcome] ?? null,
} as const satisfies Sentences;

const TALK: Record<string, string> = {
  closed: 'closed the connection before it answered',
  reset: 'reset the connection before it answered',
  stalled: 'accepted the connection and said nothing',
  flooded: 'sent more than is listened to',
  'not-connected': 'no connection for this test',
  waits: 'waits for the client to speak',
};

const STALL: Record<string, string> = {
  'answers-now': 'asked again, it answers',
  'smaller-works': 'the same request in smaller packets is answered',
  'other-name-works': 'the same request with another server name is answered',
  'all-silent': 'the same request in every other shape is not answered either',
  'all-reset': 'the same request in every other shape is reset, too',
  unclear: 'the same request in other shapes gave no clear picture',
};

type ServiceObservation =
  | ObservationOf<'tls'>
  | ObservationOf<'ssh'>
  | ObservationOf<'http'>
  | ObservationOf<'greeting'>;

/** What an open port said, one line; null where nothing was measured. */
export function serviceWords(observation: ServiceObservation): string | null {
  const { data, outcome, input } = observation;
  if (data === null) return null;
  const talk = TALK[outcome];
  const port = endpoint(input.address, input.port);
  switch (observation.probe) {
    case 'tls':
      return `TLS on ${port}: ${talk ?? tlsWords(outcome, observation.data?.tls ?? null)}`;
    case 'ssh': {
      const { identification = null, noCommon = null, otherText = null } = observation.data ?? {};
      if (outcome === 'no-common-algorithm') return `SSH on ${port}: no common ${noCommon ?? 'algorithm'}`;
      if (outcome === 'not-ssh') return `SSH on ${port}: something else answers: ${otherText ?? 'not SSH'}`;
      return `SSH on ${port}: ${talk ?? identification ?? outcome}`;
    }
    case 'http': {
      const http = observation.data?.http ?? null;
      if (outcome === 'not-http')
        return `HTTP on ${port}: something else answers: ${http?.otherText ?? 'not HTTP'}`;
      return `HTTP on ${port}: ${talk ?? httpWords(http)}`;
    }
    case 'greeting': {
      const heard = observation.data?.heard ?? null;
      const first = observation.data?.text ?? null;
      const who = heard === null ? 'something' : PROTOCOL_WORD[heard];
      return `${port}: ${talk ?? `${who} answers`}${first === null ? '' : `: ${first}`}`;
    }
  }
}

const TRUST: Record<string, string> = {
  CERT_HAS_EXPIRED: 'the certificate has expired',
  CERT_NOT_YET_VALID: 'the certificate is not valid yet',
  DEPTH_ZERO_SELF_SIGNED_CERT: 'the certificate is self-signed',
  SELF_SIGNED_CERT_IN_CHAIN: 'the certificate comes from an authority that is not trusted here',
  UNABLE_TO_GET_ISSUER_CERT: 'the certificate of its issuer is not known here',
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: 'the certificate of its issuer is not known here',
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: 'the certificate of its issuer was not sent',
};

const trustWords = (code: string | null): string =>
  code === null
    ? 'the certificate is not trusted'
    : (TRUST[code] ?? `the certificate is not trusted (${code})`);

function httpWords(http: HttpData | null): string {
  if (http === null || http.status === null) return 'no status';
  return `status ${http.status}${http.reason ? ` ${http.reason}` : ''}`;
}

function tlsWords(outcome: string, tls: TlsData | null): string {
  const [leaf] = tls?.chain ?? [];
  switch (outcome) {
    case 'ok':
      return `${tls?.version ?? 'works'}${leaf?.notAfter ? `, certificate valid until ${dayWords(leaf.notAfter)}` : ''}`;
    case 'untrusted':
      return trustWords(tls?.trustCode ?? null);
    case 'wrong-name':
      return `the certificate is for ${leaf === undefined || leaf.names.length === 0 ? 'other names' : listed(leaf.names)}, not for ${tls?.expectedName ?? 'this name'}`;
    case 'alert':
      return `the server ended the handshake${tls?.alert == null ? '' : ` (alert ${tls.alert})`}`;
    case 'refused-locally':
      return `this side ended the handshake${tls?.localError ? ` (${tls.localError})` : ''}`;
    case 'not-tls':
      return `no TLS, but ${tls?.plainProtocol == null ? 'plain text' : PROTOCOL_WORD[tls.plainProtocol]}${tls?.plainText ? `: ${tls.plainText}` : ''}`;
    default:
      return outcome.replaceAll('-', ' ');
  }
}

/** Codes of getaddrinfo. */
const RESOLVE: Record<string, string> = {
  ENOTFOUND: 'no address',
  NO_ADDRESS: 'no address',
  ENODATA: 'no address',
  EAI_NONAME: 'no address',
  EAI_NODATA: 'no address',
  EAI_AGAIN: 'no answer for now',
};

/** What the system's own lookup gave in place of addresses; a code that is not known as it is. */
export const resolveWords = (outcome: string, code: string | null): string =>
  code === null ? outcome.replaceAll('-', ' ') : (RESOLVE[code] ?? `an error (${code})`);

export function dnsWords(outcome: string, data: ObservationOf<'dns'>['data']): string {
  if (outcome !== 'answered' || data === null) return DNS_OUTCOME[outcome] ?? outcome;
  const addresses = [...new Set(data.answers.flatMap((answer) => answer.addresses))];
  if (addresses.length > 0) return listed(addresses);
  // The kind of address that failed says more than the one that merely has none.
  const rcodes = data.answers.map((answer) => answer.rcode).filter((word) => word !== null);
  const rcode = rcodes.find((word) => word !== 'NOERROR' && word !== 'NXDOMAIN') ?? rcodes[0];
  return rcode === undefined ? 'no address' : (RCODE[rcode] ?? rcode);
}

function traceWords({
  data,
  outcome,
}: ObservationOf<'trace-syn'> | ObservationOf<'trace-command'>): string | null {
  if (data === null) return null;
  const what =
    data.port === null ? PROTOCOL_WORD[data.protocol] : `${PROTOCOL_WORD[data.protocol]} ${data.port}`;
  const answers = data.replies.filter(({ answer }) => answer !== 'silence' && answer !== 'local-error');
  // Packets of many lifetimes are under way at once: the host answers all that are long enough, the first is its hop.
  const ended = answers.find(({ answer }) => answer !== 'time-exceeded');
  const last = outcome === 'stopped' ? answers.at(-1) : (ended ?? answers.at(-1));
  // Nothing stops where every router answered and no packet was sent beyond them.
  const followed =
    outcome === 'stopped' &&
    data.replies.length > 0 &&
    data.replies.every(({ answer }) => answer === 'time-exceeded');
  const place =
    last === undefined
      ? 'no hop answers'
      : `last answer from hop ${last.ttl}${last.from === null ? '' : ` (${last.from})`}`;
  const word: Record<string, string> = {
    reached: 'reaches the host',
    rejected: 'is rejected',
    stopped: 'stops',
    looping: 'goes in a circle',
    'local-error': 'is not sent by this machine',
  };
  return `path of ${what} to ${data.address} (${data.method}): ${followed ? 'passes every hop that was asked' : (word[outcome] ?? outcome)}, ${place}`;
}

/** One line for -v and for the progress display: what this observation found. */
export function observationWords(observation: Observation): string {
  const { probe, outcome, reason } = observation;
  const common = COMMON[outcome];
  if (common !== undefined)
    return `${subjectWords(observation)}: ${common}${reason === null ? '' : `; ${reasonWords(reason)}`}`;
  const said = foundWords(observation) ?? `${probe}: ${outcome.replaceAll('-', ' ')}`;
  return reason === null ? said : `${said}; ${dropEnd(reasonWords(reason))}`;
}

/** What a probe is called where it found nothing; a trace by what it sends. */
function subjectWords({ probe, input }: Observation): string {
  const { method = null, protocol = null } = input as { method?: string | null; protocol?: string | null };
  const sent = protocol ?? method?.replace(/-.*/, '') ?? '';
  if ((probe === 'trace-syn' || probe === 'trace-command') && Object.hasOwn(PROTOCOL_WORD, sent))
    return `path of ${(PROTOCOL_WORD as Record<string, string>)[sent]}`;
  return SUBJECT[probe] ?? probe;
}

const SUBJECT: Partial<Record<ProbeName, string>> = {
  'system-resolve': 'system resolver',
  'tcp-connect': 'connection',
  'alternate-ports': 'other ports',
  'trace-syn': 'path',
  'trace-command': 'path',
  'own-rules': "this machine's packet filter",
  'local-network': "this machine's network",
};

function foundWords(observation: Observation): string | null {
  const sentences = FOUND as Record<string, ((o: never) => string | null) | undefined>;
  const sentence = Object.hasOwn(sentences, observation.probe) ? sentences[observation.probe] : undefined;
  try {
    return sentence?.(observation as never) ?? null;
  } catch {
    // Replayed evidence of another version may lack a field: what was found stays unsaid here, its outcome is told.
    return null;
  }
}
