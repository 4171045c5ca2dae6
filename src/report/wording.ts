import { endpoint } from '../ground/address.ts';
import type { ConnectAttempt, ConnectOutcome, HopAnswer, HttpData, TlsData } from '../model/measured.ts';
import type { Observation, ObservationOf, ProbeName } from '../model/probes.ts';
import type { Cause, Likelihood, Outcome, Report, Where } from '../model/report.ts';
import type { Owner } from '../model/rule.ts';
import { PROTOCOL_WORD } from './protocol-words.ts';

/**
 * The words of reachdoctor, in one place: the same thing is called the same everywhere. Nothing here is
 * sanitised or escaped; renderers do that before (`safeDeep`) and after (per format).
 */

export const OUTCOME_WORD: Record<Outcome, string> = {
  reachable: 'Reachable',
  impaired: 'Impaired',
  unreachable: 'Unreachable',
  undetermined: 'Undetermined',
};

export const OWNER: Record<Owner, string> = {
  you: 'you',
  'network-admin': 'network administrator',
  'server-admin': 'server administrator',
  'dns-admin': 'DNS administrator',
  'service-owner': 'owner of the service',
};

/** As the heading of what is asked of them. */
export const OWNER_HEADING: Record<Owner, string> = {
  you: 'You',
  'network-admin': 'Network administrator',
  'server-admin': 'Server administrator',
  'dns-admin': 'DNS administrator',
  'service-owner': 'Owner of the service',
};

export const LIKELIHOOD: Record<Likelihood, string> = {
  'very likely': 'Very likely',
  likely: 'Likely',
  possible: 'Possible',
};

export const LAYER: Record<Cause['layer'], string> = {
  local: 'this machine',
  dns: 'name resolution (DNS)',
  path: 'the network path',
  host: 'the target host',
  service: 'the service',
};

/** A hop's answer in a table cell; the round-trip time follows where there is one. */
export const HOP_ANSWER: Record<HopAnswer, string> = {
  'time-exceeded': 'passes',
  unreachable: 'rejected',
  'syn-ack': 'connects',
  rst: 'refused',
  reply: 'replies',
  silence: 'no answer',
  'local-error': 'not sent',
};

export const CONNECT: Record<ConnectOutcome | 'not-tried', string> = {
  open: 'accepts connections',
  refused: 'refused',
  unreachable: 'reported unreachable',
  timeout: 'no answer',
  'local-error': 'not sent',
  pending: 'no answer yet',
  'not-tried': 'not tried',
};

const SOURCE: Record<Report['target']['addresses'][number]['source'], string> = {
  literal: 'as given',
  dns: 'from DNS',
  'hosts-file': 'from the hosts file',
  system: 'from the system resolver',
};
export const sourceWords = (source: keyof typeof SOURCE): string => SOURCE[source];

/** `0.4 ms`, `38 ms`, `3.5 s`. */
export function duration(ms: number): string {
  if (ms < 9.95) return `${Math.max(0.1, Math.round(ms * 10) / 10)} ms`;
  if (ms < 999.5) return `${Math.round(ms)} ms`;
  return `${Math.round(ms / 100) / 10} s`;
}

/** Never 0 % and never 100 %: a cause that is listed is neither. */
export function percent(confidence: number): string {
  return `${Math.min(99, Math.max(1, Math.round(confidence * 100)))} %`;
}

export const likely = (cause: Cause): string =>
  `${LIKELIHOOD[cause.likelihood]} (${percent(cause.confidence)})`;

export const targetName = (report: Report): string => endpoint(report.target.host, report.target.port);

/** `hop 3 (198.51.100.9)`, `hop 4 (not identified)`, `198.51.100.9`. */
function hopWords(hop: number | null, address: string | null): string {
  if (hop === 0) return 'this machine';
  if (hop === null) return address ?? 'a device that did not identify itself';
  return `hop ${hop} (${address ?? 'not identified'})`;
}

/** What was ruled out, a line a proof: one often excludes several causes. They stand by their ids, which --explain takes. */
export function ruledOutTexts({ ruledOut }: Pick<Report, 'ruledOut'>): string[] {
  const byProof = new Map<string, string[]>();
  for (const { id, text } of ruledOut) byProof.set(text, [...(byProof.get(text) ?? []), id]);
  return [...byProof].map(([text, ids]) => `${dropEnd(text)}: excludes ${listed(ids, ids.length)}.`);
}

/** Where a cause is, to stand after "Where:". */
export function whereWords(where: Where): string {
  switch (where.kind) {
    case 'this-machine':
      return 'on this machine';
    case 'resolver':
      return where.address === null ? 'at the DNS resolver' : `at the DNS resolver ${where.address}`;
    case 'hop':
      return `at ${hopWords(where.hop, where.address)}`;
    case 'between':
      return `between ${hopWords(where.hop, where.address)} and ${hopWords(where.next.hop, where.next.address)}`;
    case 'target':
      return where.address === null
        ? 'at the target host itself'
        : `at the target host itself, ${where.address}`;
  }
}

/** The same in few words, for the line of the cause; null where the title says it already. */
export function shortWhere(where: Where | null): string | null {
  switch (where?.kind) {
    case 'hop':
      return `at ${hopWords(where.hop, where.address)}`;
    case 'between':
      return `after ${hopWords(where.hop, where.address)}`;
    default:
      return null;
  }
}

/** `A`, `A and B`, `A, B and C`, `A, B and 3 more`. */
export function listed(items: readonly string[], most = 3): string {
  const shown = items.length > most ? [...items.slice(0, most), `${items.length - most} more`] : [...items];
  const last = shown.pop();
  return last === undefined ? '' : shown.length === 0 ? last : `${shown.join(', ')} and ${last}`;
}

function counted(count: number, one: string, many = `${one}s`): string {
  return `${count} ${count === 1 ? one : many}`;
}

const dropEnd = (sentence: string): string => sentence.replace(/\.$/, '');
export const asSentence = (text: string): string => (/[.!?:)\]]$/.test(text) ? text : `${text}.`);

/** What the connection attempts saw, as the second half of the first line. Observed, not concluded. */
function symptom(report: Report, brief: boolean): string {
  const addresses = report.target.addresses.filter(({ outcome }) => outcome !== 'not-tried');
  if (report.target.addresses.length === 0) return 'no address was found for the name';
  const [first] = addresses;
  if (first === undefined) return 'no connection was tried';
  const open = addresses.filter(({ outcome }) => outcome === 'open').length;
  if (open > 0 && open < addresses.length) {
    return `${open} of ${counted(addresses.length, 'address', 'addresses')} ${open === 1 ? 'connects' : 'connect'}`;
  }
  const same = addresses.every(({ outcome }) => outcome === first.outcome);
  const who =
    addresses.length > 1
      ? `any of ${addresses.length} addresses`
      : brief || first.address === report.target.host
        ? null
        : first.address;
  if (!same) return `none of ${addresses.length} addresses accepts a connection`;
  switch (first.outcome) {
    case 'open':
      return 'connections are accepted';
    case 'refused':
      return who === null ? 'the connection was refused' : `the connection to ${who} was refused`;
    case 'unreachable':
      return who === null
        ? 'it was reported unreachable'
        : addresses.length > 1
          ? `all ${addresses.length} addresses were reported unreachable`
          : `${who} was reported unreachable`;
    case 'local-error':
      return who === null ? 'this machine could not send to it' : `this machine could not send to ${who}`;
    default:
      return who === null ? 'no answer' : `no answer from ${who}`;
  }
}

/**
 * The first line of every report: the outcome, and what was seen of it.
 * @param fits tells whether the line may be that long; without room the address is left to what follows.
 */
export function outcomeLine(report: Report, fits: (text: string) => boolean = () => true): string {
  const whole = outcomeSentence(report, symptom(report, false));
  return fits(whole) ? whole : outcomeSentence(report, symptom(report, true));
}

function outcomeSentence(report: Report, seen: string): string {
  const target = targetName(report);
  switch (report.outcome) {
    case 'reachable':
      return `${target} is reachable.`;
    case 'impaired':
      return seen === 'connections are accepted'
        ? `${target} accepts connections, and does not work as it should.`
        : `${target} is partly reachable: ${seen}.`;
    case 'unreachable':
      return `${target} cannot be reached: ${seen}.`;
    case 'undetermined':
      return `${target} could not be tested: it is not known whether it is reachable.`;
  }
}

/**
 * The second line: the leading cause with its likelihood, and as much of where and who as fits.
 * @param fits tells whether the line may be that long.
 */
export function causeLine(report: Report, fits: (text: string) => boolean = () => true): string {
  const [cause] = report.causes;
  if (cause === undefined) {
    if (report.outcome === 'reachable') return asSentence(report.headline);
    // What is true of the run, where the headline is not the first line once more.
    if (report.outcome === 'undetermined')
      return asSentence(report.headline) === outcomeLine(report)
        ? 'Nothing was measured that says anything about it; what was tried is below.'
        : asSentence(report.headline);
    return 'No known cause explains what was observed.';
  }
  const start = `${likely(cause)}: ${dropEnd(cause.title)}`;
  const place = shortWhere(cause.where);
  const owner = `For the ${OWNER[cause.owner]}.`;
  const whole = place === null || start.includes(place) ? `${start}.` : `${start}, ${place}.`;
  const near = place?.replace(/ \([^)]*\)$/, '');
  const brief = near === undefined || start.includes(near) ? whole : `${start}, ${near}.`;
  const candidates = [cause.owner === 'you' ? whole : `${whole} ${owner}`, whole, brief];
  return candidates.find(fits) ?? `${start}.`;
}

/** A cause that is not the first and nearly as likely: the reader must not take the first as settled. */
export function rivals(report: Report): Cause[] {
  const [lead, ...others] = report.causes;
  return lead === undefined
    ? []
    : others.filter(({ confidence }) => confidence >= 0.2 && confidence >= lead.confidence / 2);
}

/** How a rival is introduced, after the line of the leading cause. */
export function rivalLine(cause: Cause): string {
  const word = cause.likelihood === 'possible' ? 'possibly' : cause.likelihood;
  return `Or ${word} (${percent(cause.confidence)}): ${asSentence(cause.title)}`;
}

/** Who can fix it; with rivals in another's hands, all who may have to look. */
export function ownersOf(report: Report): string {
  const [lead] = report.causes;
  if (lead === undefined) return '';
  return [...new Set([lead, ...rivals(report)].map(({ owner }) => OWNER[owner]))].join(', or ');
}

/**
 * One sentence that holds outcome and cause, for `headline` in JSON.
 * @param confirmed for a reachable target: what was confirmed ("TCP 443 on 192.0.2.7 accepted the connection in 12 ms").
 */
export function headlineOf(report: Omit<Report, 'headline'>, confirmed: string | null = null): string {
  const whole: Report = { ...report, headline: '' };
  const [cause] = report.causes;
  if (report.outcome === 'reachable' && cause === undefined)
    return asSentence(confirmed ?? outcomeLine(whole));
  if (cause === undefined) return outcomeLine(whole);
  // What was confirmed comes first: a finding beside it is a remark, however likely.
  if (report.outcome === 'reachable')
    return `${dropEnd(confirmed ?? outcomeLine(whole))}; beside that: ${dropEnd(cause.title)}.`;
  const place = shortWhere(cause.where);
  const title = dropEnd(cause.title);
  const said = place === null || title.includes(place) ? title : `${title}, ${place}`;
  return `${targetName(whole)}: ${said}.`;
}

// ---------------------------------------------------------------- observations

const COMMON: Record<string, string> = {
  failed: 'failed by a fault of reachdoctor itself',
  'not-available': 'not available here',
  cancelled: 'stopped before it ended',
};

export function attemptWords(attempt: Pick<ConnectAttempt, 'outcome' | 'code' | 'elapsedMs'>): string {
  const { outcome, code, elapsedMs } = attempt;
  switch (outcome) {
    case 'open':
      return `accepts connections (${duration(elapsedMs)})`;
    case 'refused':
      return `refused after ${duration(elapsedMs)}`;
    case 'timeout':
      return `no answer in ${duration(elapsedMs)}`;
    case 'unreachable':
      return `reported unreachable after ${duration(elapsedMs)}${code === null ? '' : ` (${code})`}`;
    case 'local-error':
      return `not sent by this machine${code === null ? '' : ` (${code})`}`;
    case 'pending':
      return 'no answer yet';
  }
}

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
        : `system resolver: ${input.host} ${outcome === 'not-found' ? 'not found' : outcome.replaceAll('-', ' ')}${data.code === null ? '' : ` (${data.code})`}`,
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
  'reply-ttl': ({ data, input }) =>
    data === null || data.ttl === null
      ? null
      : `TCP ${input.port}: ${data.answer === 'rst' ? 'the refusal' : 'the acceptance'} arrives with TTL ${data.ttl}`,
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

function httpWords(http: HttpData | null): string {
  if (http === null || http.status === null) return 'no status';
  return `status ${http.status}${http.reason ? ` ${http.reason}` : ''}`;
}

function tlsWords(outcome: string, tls: TlsData | null): string {
  const [leaf] = tls?.chain ?? [];
  switch (outcome) {
    case 'ok':
      return `${tls?.version ?? 'works'}${leaf?.notAfter ? `, certificate valid until ${leaf.notAfter.slice(0, 10)}` : ''}`;
    case 'untrusted':
      return `the certificate is not trusted${tls?.trustCode ? ` (${tls.trustCode})` : ''}`;
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

export function dnsWords(outcome: string, data: ObservationOf<'dns'>['data']): string {
  if (outcome !== 'answered' || data === null) return DNS_OUTCOME[outcome] ?? outcome;
  const addresses = [...new Set(data.answers.flatMap((answer) => answer.addresses))];
  if (addresses.length > 0) return listed(addresses);
  const rcode = data.answers.find((answer) => answer.rcode !== null)?.rcode;
  return rcode === undefined || rcode === null ? 'no address' : (RCODE[rcode] ?? rcode);
}

function traceWords({
  data,
  outcome,
}: ObservationOf<'trace-syn'> | ObservationOf<'trace-command'>): string | null {
  if (data === null) return null;
  const what =
    data.port === null ? PROTOCOL_WORD[data.protocol] : `${PROTOCOL_WORD[data.protocol]} ${data.port}`;
  const last = data.replies.filter(({ answer }) => answer !== 'silence' && answer !== 'local-error').at(-1);
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
  return `path of ${what} to ${data.address} (${data.method}): ${word[outcome] ?? outcome}, ${place}`;
}

/** One line for -v and for the progress display: what this observation found. */
export function observationWords(observation: Observation): string {
  const { probe, outcome, reason } = observation;
  const common = COMMON[outcome];
  if (common !== undefined) return `${probe}: ${common}${reason === null ? '' : `; ${reason}`}`;
  const said = foundWords(observation) ?? `${probe}: ${outcome.replaceAll('-', ' ')}`;
  return reason === null ? said : `${said}; ${dropEnd(reason)}`;
}

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
