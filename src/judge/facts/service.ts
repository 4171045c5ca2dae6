import { endpoint } from '../../ground/address.ts';
import { dialogueOf, isExpected } from '../../ground/dialogue.ts';
import type { FactsOf, FactTable, View } from '../../model/facts.ts';
import type { HttpData, Protocol, StallVariant, TlsData } from '../../model/measured.ts';
import type { ObservationOf, ProbeName } from '../../model/probes.ts';
import { observedHere } from '../readings/observed.ts';
import { otherProtocolTraces, traceOf } from '../readings/traces.ts';
import { alertName } from './alerts.ts';
import { proxyVariablesFor } from './proxy.ts';

const PROTOCOLS = [
  'tls',
  'ssh',
  'http',
  'smtp',
  'imap',
  'pop3',
  'ftp',
  'mysql',
  'postgresql',
  'redis',
  'rfb',
] as const;
const ENDS = ['answered', 'closed', 'reset', 'stalled', 'flooded'] as const;
const SPEAKING = ['tls', 'ssh', 'http', 'greeting'] as const;
const TLS = ['tls', 'greeting'] as const;
const HTTP = ['tls', 'http'] as const;
const STALL = ['stall'] as const;

export const SERVICE_FACTS = {
  'service.expected': {
    type: 'string',
    values: PROTOCOLS,
    meaning: 'The protocol that scheme, --service or the port lead one to expect; null when none.',
    from: [],
  },
  'service.named': {
    type: 'boolean',
    meaning: 'The user named the service; false when only the port suggests it.',
    from: [],
  },
  'service.heard': {
    type: 'string',
    values: PROTOCOLS,
    meaning: 'The protocol that answered; null when nothing that is known here did.',
    from: SPEAKING,
  },
  'service.firstWords': {
    type: 'string',
    meaning:
      'What came instead of what was expected, or the first words of a service that greets; printable, one line.',
    from: SPEAKING,
  },
  'service.ended': {
    type: 'string',
    values: ENDS,
    meaning:
      'How the first conversation ended: answered, or closed, reset, stalled, flooded before an answer.',
    from: SPEAKING,
  },
  'service.silent': {
    type: 'boolean',
    meaning: 'The connection was accepted and not one octet of the expected protocol came before it ended.',
    from: SPEAKING,
  },
  'service.healthy': {
    type: 'boolean',
    meaning:
      'The expected service speaks as it should; false also for an unknown one that hangs up before a word; null when none is expected or it was not asked.',
    from: SPEAKING,
  },
  'service.otherProtocol': {
    type: 'boolean',
    meaning: 'Another protocol than the expected one answered.',
    from: SPEAKING,
  },
  'service.authenticated': {
    type: 'boolean',
    meaning: 'The far end proved with a trusted certificate for the expected name that it is the one meant.',
    from: TLS,
  },
  'service.pending': {
    type: 'boolean',
    meaning:
      'A protocol is expected and the conversation is not over yet; never true in a report of a run that ended by itself.',
    from: [],
  },
  'service.waitsForClient': {
    type: 'boolean',
    meaning: 'The service is not known and says nothing by itself, as most do.',
    from: ['greeting'],
  },
  'service.refuses': {
    type: 'boolean',
    meaning:
      'The service answers in its own protocol that it does not want this client (421, protected mode, host not allowed ...).',
    from: ['greeting', 'ssh'],
  },
  'service.connectMs': { type: 'number', meaning: 'TCP handshake of the conversation.', from: SPEAKING },
  'service.firstByteMs': {
    type: 'number',
    meaning: 'From the request (or the accepted connection) to the first octet of the answer.',
    from: ['ssh', 'http', 'greeting', 'tls'],
  },
  'service.waitedS': {
    type: 'number',
    meaning: 'Seconds that the conversation lasted which ended in silence; null when it ended otherwise.',
    from: SPEAKING,
  },
  'service.refusesAfterwards': {
    type: 'boolean',
    meaning:
      'After the conversation was cut the port refuses the next connection; null when it was not asked.',
    from: ['tcp-connect:after-talk'],
  },
  'service.slow': {
    type: 'boolean',
    meaning: 'The answer took more than a second, and more than ten times the TCP handshake.',
    from: SPEAKING,
  },
  'tls.works': { type: 'boolean', meaning: 'A TLS handshake with this port was completed.', from: TLS },
  'tls.version': { type: 'string', meaning: 'TLSv1.2 or TLSv1.3, as negotiated.', from: TLS },
  'tls.cipher': { type: 'string', meaning: 'Cipher suite, as negotiated.', from: TLS },
  'tls.sni': { type: 'string', meaning: 'The server name that was sent; null when none was.', from: TLS },
  'tls.handshakeMs': { type: 'number', meaning: 'Time of the handshake after TCP.', from: TLS },
  'tls.subject': { type: 'string', meaning: 'Subject of the certificate.', from: TLS },
  'tls.issuer': { type: 'string', meaning: 'Issuer of the certificate.', from: TLS },
  'tls.lastIssuer': {
    type: 'string',
    meaning: 'Issuer of the last certificate of the chain: the one that is not known.',
    from: TLS,
  },
  'tls.names': { type: 'string', meaning: 'Names that the certificate has; the first five.', from: TLS },
  'tls.expectedName': {
    type: 'string',
    meaning: 'The name or address that the certificate should have.',
    from: TLS,
  },
  'tls.nameMatches': {
    type: 'boolean',
    meaning: 'The certificate is for the expected name; null when there is none to compare with.',
    from: TLS,
  },
  'tls.notBefore': {
    type: 'string',
    meaning:
      'Start of validity (ISO 8601) of the certificate of the chain that is out of its dates, else of the first.',
    from: TLS,
  },
  'tls.notAfter': { type: 'string', meaning: 'End of validity of the same.', from: TLS },
  'tls.datedSubject': {
    type: 'string',
    meaning: 'Subject of the same; null when the certificate that is out of its dates is not in the chain.',
    from: TLS,
  },
  'tls.intermediateOutOfDates': {
    type: 'boolean',
    meaning: "A certificate of the chain is out of its dates, and the server's own is not.",
    from: TLS,
  },
  'tls.daysLeft': {
    type: 'number',
    meaning: 'Days until the end of validity; negative once expired.',
    from: TLS,
  },
  'tls.expired': {
    type: 'boolean',
    meaning: 'A certificate of the chain has expired by the clock of this machine.',
    from: TLS,
  },
  'tls.notYetValid': {
    type: 'boolean',
    meaning: 'A certificate of the chain is not valid yet by the clock of this machine.',
    from: TLS,
  },
  'tls.datesFitServerClock': {
    type: 'boolean',
    meaning:
      "By the server's own clock (HTTP Date) the dates would be right; null when that clock is not known or within a minute of ours.",
    from: TLS,
  },
  'tls.trusted': {
    type: 'boolean',
    meaning:
      'The chain leads to an authority of the built-in store, the system store or --ca; null when its dates hide that.',
    from: TLS,
  },
  'tls.trustProblem': {
    type: 'string',
    values: ['self-signed', 'private-authority', 'incomplete-chain', 'unknown-issuer', 'other'],
    meaning:
      'Why not: signed by itself; the chain ends in an authority that is not trusted; the intermediate is missing; the issuer is not known (either of these two); anything else.',
    from: TLS,
  },
  'tls.trustCode': { type: 'string', meaning: "OpenSSL's word for it.", from: TLS },
  'tls.chainLength': {
    type: 'number',
    meaning: 'Certificates in the chain, as far as it is known.',
    from: TLS,
  },
  'tls.alert': { type: 'number', meaning: 'Alert that the server sent.', from: TLS },
  'tls.alertName': { type: 'string', meaning: 'Its name in RFC 8446.', from: TLS },
  'tls.localError': { type: 'string', meaning: 'Why our own side gave up the handshake.', from: TLS },
  'tls.certificateRequested': {
    type: 'boolean',
    meaning: 'The server asked for a client certificate.',
    from: TLS,
  },
  'tls.legacyAsked': {
    type: 'boolean',
    meaning: 'After a refusal a handshake of an old client (TLS 1.0, weak ciphers) was tried, too.',
    from: ['tls'],
  },
  'tls.legacyVersion': {
    type: 'string',
    meaning: 'What the server accepts from an old client; null when nothing or not asked.',
    from: ['tls'],
  },
  'tls.legacyCipher': { type: 'string', meaning: 'The cipher of that.', from: ['tls'] },
  'tls.failed': {
    type: 'boolean',
    meaning: 'A TLS handshake was begun, TLS answered, and it failed.',
    from: TLS,
  },
  'starttls.offered': {
    type: 'boolean',
    meaning: 'The service offers to change to TLS.',
    from: ['greeting'],
  },
  'ssh.identification': {
    type: 'string',
    meaning: 'The line with which the SSH server introduces itself.',
    from: ['ssh'],
  },
  'ssh.offerRead': {
    type: 'boolean',
    meaning: 'The list of algorithms of the SSH server was read.',
    from: ['ssh'],
  },
  'ssh.closedBeforeBanner': {
    type: 'boolean',
    meaning: 'The SSH port closed or reset the connection before its identification.',
    from: ['ssh'],
  },
  'ssh.noCommon': {
    type: 'string',
    values: ['key exchange', 'host key', 'cipher', 'MAC', 'compression'],
    meaning: 'The kind of algorithm of which a current OpenSSH client shares none with the server.',
    from: ['ssh'],
  },
  'ssh.offered': { type: 'string', meaning: "The server's list of that kind.", from: ['ssh'] },
  'http.status': { type: 'number', meaning: 'Status code of the answer.', from: HTTP },
  'http.reason': { type: 'string', meaning: 'Reason phrase of the answer.', from: HTTP },
  'http.server': { type: 'string', meaning: 'Server header.', from: HTTP },
  'http.location': { type: 'string', meaning: 'Where a redirect leads.', from: HTTP },
  'http.redirectsToItself': {
    type: 'boolean',
    meaning: 'The redirect leads to the very URL that was asked.',
    from: HTTP,
  },
  'http.redirectsToOtherHost': {
    type: 'boolean',
    meaning: 'The redirect leads to another host, not only to www. or https.',
    from: HTTP,
  },
  'http.captivePortal': {
    type: 'boolean',
    meaning:
      'The answer looks like a captive portal: 511, or plain HTTP sent to a login page of another host.',
    from: HTTP,
  },
  'http.clockOffsetS': {
    type: 'number',
    meaning: "The server's clock minus ours, seconds (Date header).",
    from: HTTP,
  },
  'http.proxyVariables': {
    type: 'string',
    meaning:
      'Proxy variables for this target set here, which browsers and curl follow and this tool does not; null when none.',
    from: [],
  },
  'stall.request': {
    type: 'string',
    values: ['tls', 'http', 'ssh', 'listen'],
    meaning:
      'What was asked again: a ClientHello, an HTTP request, an SSH identification; `listen`: nothing was said, a greeting was waited for.',
    from: STALL,
  },
  'stall.asked': { type: 'boolean', meaning: 'The request was tried in other shapes.', from: STALL },
  'stall.answersNow': {
    type: 'boolean',
    meaning: 'The same request was answered when repeated.',
    from: STALL,
  },
  'stall.smallSegmentsWork': {
    type: 'boolean',
    meaning: 'With small segments (TCP_MAXSEG 536) the same request is answered, with normal ones it is not.',
    from: STALL,
  },
  'stall.otherNameWorks': {
    type: 'boolean',
    meaning: 'With another server name, or none, the same request is answered.',
    from: STALL,
  },
  'stall.otherNameSpared': {
    type: 'boolean',
    meaning:
      'The request as it is ends in a reset; with another name, or none, it does not (answered or not); null where either was not tried.',
    from: STALL,
  },
  'stall.allReset': {
    type: 'boolean',
    meaning: 'Every shape of the request is reset or closed.',
    from: STALL,
  },
  'stall.allSilent': {
    type: 'boolean',
    meaning: 'Every shape of the request stays without an answer.',
    from: STALL,
  },
  'stall.answeredWith': {
    type: 'string',
    values: ['another server name', 'no server name'],
    meaning: 'With which name the request is answered that is not answered as it is; null when with none.',
    from: STALL,
  },
  'stall.requestEnded': {
    type: 'string',
    values: ['answered', 'closed', 'reset', 'stalled'],
    meaning: 'How the request as it is ended when it was repeated.',
    from: STALL,
  },
  'stall.retransmits': {
    type: 'number',
    meaning:
      'Retransmissions while the request waited; null when the native child is missing, or nothing was said.',
    from: STALL,
  },
  'stall.ackedAt': {
    type: 'number',
    meaning:
      'Smallest TTL of the request that draws an acknowledgement and no reset: so far away is who took it.',
    from: STALL,
  },
  'stall.unacked': {
    type: 'boolean',
    meaning:
      'The request itself was never acknowledged; false: it arrived, and nothing came back. Null when nothing was said.',
    from: STALL,
  },
  'stall.resetTtl': {
    type: 'number',
    meaning: 'Smallest TTL of the request that draws the reset.',
    from: STALL,
  },
  'stall.lastHop': {
    type: 'number',
    meaning:
      'So far the very request got: the largest TTL that was reported as run out, or the one before stall.resetTtl.',
    from: STALL,
  },
  'stall.lastAddress': {
    type: 'string',
    meaning: 'The router that a trace shows at stall.lastHop.',
    from: [...STALL, 'trace-syn:target', 'trace-syn:other-protocol'],
  },
  'stall.plainProtocol': {
    type: 'string',
    values: PROTOCOLS,
    meaning: 'What answered a plain HTTP request on the port where what is expected stays silent.',
    from: STALL,
  },
  'mtu.passes': {
    type: 'number',
    meaning: 'Largest whole IP packet, octets, that was seen to pass.',
    from: STALL,
  },
  'mtu.fails': { type: 'number', meaning: 'Smallest whole IP packet that vanished.', from: STALL },
  'mtu.told': { type: 'number', meaning: 'Path MTU that an ICMP message told.', from: STALL },
  'mtu.blackhole': {
    type: 'boolean',
    meaning:
      'Small pings are answered, large ones vanish without a word; null when ping is not answered at all.',
    from: STALL,
  },
  'mtu.lastHop': { type: 'number', meaning: 'Last hop that full-size packets reach.', from: STALL },
  'mtu.lastAddress': { type: 'string', meaning: 'The router at mtu.lastHop.', from: STALL },
} as const satisfies FactTable;

type ServiceFacts = FactsOf<typeof SERVICE_FACTS>;
type Heard<P extends ProbeName> = ObservationOf<P> & { data: NonNullable<ObservationOf<P>['data']> };

/** One conversation, whatever protocol it was in. */
interface Talk {
  ended: ServiceFacts['service.ended'];
  heard: Protocol | null;
  words: string | null;
  connectMs: number | null;
  firstByteMs: number | null;
  /** The expected protocol spoke as it should. */
  well: boolean;
  refuses: boolean | null;
  /** Its words are a whole line that the expected protocol does not begin with, though it may go on after it. */
  saysOther: boolean;
  lastedS: number;
}

export function serviceFacts(view: View): ServiceFacts {
  const { target } = view.evidence.request;
  const dialogue = dialogueOf(target);
  const last = <P extends ProbeName>(probe: P): Heard<P> | undefined =>
    observedHere(view, probe).at(-1) as Heard<P> | undefined;
  const tlsSeen = last('tls');
  const sshSeen = last('ssh');
  const httpSeen = last('http');
  const greeting = last('greeting');
  const stall = last('stall');
  const expected: Protocol | null =
    dialogue.speak === 'listen' ? null : dialogue.speak === 'greeting' ? dialogue.service : dialogue.speak;

  const talk =
    dialogue.speak === 'tls'
      ? tlsSeen && tlsTalk(tlsSeen, dialogue.http)
      : dialogue.speak === 'http'
        ? httpSeen && httpTalk(httpSeen)
        : dialogue.speak === 'ssh'
          ? sshSeen && sshTalk(sshSeen)
          : greeting && greetingTalk(greeting, target.service !== 'smtp');
  // A check of TLS on a port where plain words were expected, or the other way round.
  const tlsInstead =
    dialogue.speak !== 'tls' && dialogue.speak !== 'listen' && tlsSeen?.data.tls.ended === null;
  const plain = plainProtocolOf(stall);
  const plainInstead = plain === expected ? null : plain;
  const heard = tlsInstead ? 'tls' : (talk?.heard ?? plainInstead);
  const other =
    expected === null || heard === null ? (words(talk) ? talk?.heard === null : null) : heard !== expected;
  const otherProtocol =
    expected === null || talk === undefined || !isExpected(target)
      ? null
      : (other ?? (heard === expected ? false : null));
  // Whatever the service is: one that hangs up before a word is not well.
  const cutAtOnce =
    expected === null &&
    talk !== undefined &&
    talk.words === null &&
    (talk.ended === 'closed' || talk.ended === 'reset');
  const stalled = stallFacts(stall, view);
  const well =
    expected === null || talk === undefined
      ? null
      : talk.well && !tlsInstead && stalled['stall.smallSegmentsWork'] !== true;
  const afterwards = observedHere(view, 'tcp-connect').find(({ input }) => input.role === 'after-talk');
  const refusesAfterwards = afterwards === undefined ? null : afterwards.outcome === 'refused';
  // A guess that is not answered is no fault; a program that is gone after it is one, whatever it speaks.
  const gone = well === false && refusesAfterwards === true;
  const healthy = cutAtOnce || gone ? false : well === false && !isExpected(target) ? null : well;
  const waitedS = expected !== null && talk?.ended === 'stalled' ? talk.lastedS : null;
  const tls = tlsSeen?.data.tls ?? greeting?.data.tls ?? null;
  const http = httpSeen?.data.http ?? tlsSeen?.data.http ?? null;
  const slow =
    talk?.firstByteMs == null || talk.connectMs === null
      ? null
      : talk.firstByteMs > 1000 && talk.firstByteMs > 10 * talk.connectMs;
  return {
    'service.expected': expected,
    'service.named': target.service === null ? null : target.serviceNamed,
    'service.heard': heard,
    'service.firstWords': talk?.words ?? null,
    'service.ended': talk?.ended ?? null,
    'service.silent':
      talk === undefined || (expected === null && !cutAtOnce)
        ? null
        : talk.heard === null && talk.words === null && talk.ended !== 'answered',
    'service.healthy': healthy,
    'service.otherProtocol': otherProtocol,
    'service.authenticated': tls === null ? null : tls.nameMatches === true && verdictOf(tls) === 'ok',
    'service.pending': expected !== null && !asked(view),
    'service.waitsForClient':
      greeting === undefined || greeting.input.service !== null ? null : greeting.outcome === 'waits',
    'service.refuses': talk?.refuses ?? null,
    'service.connectMs': talk?.connectMs ?? null,
    'service.firstByteMs': talk?.firstByteMs ?? null,
    'service.waitedS': waitedS,
    'service.refusesAfterwards': refusesAfterwards,
    'service.slow': slow,
    ...tlsFacts(tls, tlsSeen ?? greeting, http),
    'starttls.offered': greeting?.data.tlsOffered ?? null,
    'ssh.identification': sshSeen?.data.identification ?? null,
    'ssh.offerRead': sshSeen?.data.offerRead ?? null,
    'ssh.closedBeforeBanner':
      sshSeen === undefined
        ? null
        : sshSeen.data.identification === null &&
          sshSeen.data.otherProtocol === null &&
          (sshSeen.data.ended === 'closed' || sshSeen.data.ended === 'reset'),
    'ssh.noCommon': sshSeen?.data.noCommon ?? null,
    'ssh.offered': sshSeen?.data.offered ?? null,
    ...httpFacts(http, view, dialogue.speak === 'tls'),
    ...stalled,
  };
}

/** The first conversation is over, whatever came of it. */
const asked = (view: View): boolean =>
  view.evidence.observations.some(
    (o) => CONVERSATIONS.has(o.probe) && o.final && 'address' in o.input && o.input.address === view.address,
  );
const CONVERSATIONS: ReadonlySet<ProbeName> = new Set(SPEAKING);

/** Words that are complete, and in no protocol that is known here. */
const words = (talk: Talk | undefined): boolean =>
  talk !== undefined && talk.words !== null && (talk.ended === 'answered' || talk.saysOther);

const secondsOf = ({ durationMs }: { durationMs: number }): number => Math.round(durationMs / 100) / 10;

function tlsTalk(seen: Heard<'tls'>, thenHttp: boolean): Talk {
  const { data, outcome } = seen;
  const { tls, http, connectMs } = data;
  const spoke = tls.ended === null;
  const httpWell = !thenHttp || http === null || http.status !== null;
  return {
    ended: spoke ? (http !== null && http.status === null ? http.ended : 'answered') : tls.ended,
    heard: spoke
      ? 'tls'
      : tls.plainText !== null
        ? tls.plainProtocol
        : tls.alert !== null || tls.localError !== null
          ? 'tls'
          : null,
    words: tls.plainText,
    connectMs,
    firstByteMs: http?.firstByteMs ?? tls.handshakeMs,
    well: outcome === 'ok' && httpWell,
    refuses: null,
    saysOther: false,
    lastedS: secondsOf(seen),
  };
}

function httpTalk(seen: Heard<'http'>): Talk {
  const { http, connectMs } = seen.data;
  const spoke = http.status !== null;
  return {
    ended: http.ended,
    heard: spoke ? 'http' : http.otherProtocol,
    words: http.otherText,
    connectMs,
    firstByteMs: http.firstByteMs,
    well: spoke,
    refuses: null,
    saysOther: false,
    lastedS: secondsOf(seen),
  };
}

function sshTalk(seen: Heard<'ssh'>): Talk {
  const { data, outcome } = seen;
  return {
    ended: data.identification !== null && data.offerRead ? 'answered' : data.ended,
    heard: data.identification !== null ? 'ssh' : data.otherProtocol,
    words: data.identification === null ? data.otherText : null,
    connectMs: data.connectMs,
    firstByteMs: data.firstByteMs,
    well: outcome === 'ok',
    refuses:
      data.identification === null &&
      data.otherText !== null &&
      data.otherProtocol === null &&
      (data.ended === 'closed' || data.ended === 'reset')
        ? true
        : null,
    saysOther: outcome === 'not-ssh',
    lastedS: secondsOf(seen),
  };
}

function greetingTalk(seen: Heard<'greeting'>, judgeTls: boolean): Talk {
  const { data, outcome, input } = seen;
  const tlsWell = data.tls === null || !judgeTls || verdictOf(data.tls) === 'ok';
  return {
    ended:
      outcome === 'waits' ? 'stalled' : data.text !== null && outcome !== 'stalled' ? 'answered' : data.ended,
    heard: data.heard,
    words: data.text,
    connectMs: data.connectMs,
    firstByteMs: data.firstByteMs,
    well: outcome === 'ok' && tlsWell,
    refuses: input.service === null ? null : outcome === 'refuses',
    saysOther: false,
    lastedS: secondsOf(seen),
  };
}

const verdictOf = (tls: TlsData): 'ok' | 'bad' =>
  tls.ended === null && tls.trustCode === null && tls.nameMatches !== false && tls.alert === null
    ? 'ok'
    : 'bad';

const plainProtocolOf = (stall: Heard<'stall'> | undefined): Protocol | null =>
  stall?.data.variants.find(({ name }) => name === 'plain-http')?.protocol ?? null;

const DATES = new Set(['CERT_HAS_EXPIRED', 'CERT_NOT_YET_VALID']);
const DAY_MS = 86_400_000;

function tlsFacts(
  tls: TlsData | null,
  seen: { startedAt: string } | undefined,
  http: HttpData | null,
): Pick<ServiceFacts, Extract<keyof ServiceFacts, `tls.${string}`>> {
  const works = tls === null ? null : tls.ended === null;
  const now = Date.parse(seen?.startedAt ?? '');
  const chain = tls?.chain ?? [];
  const dated = works === true && chain.length > 0 && !Number.isNaN(now);
  const isExpired = (at: number) => (one: { notAfter: string | null }) =>
    one.notAfter !== null && Date.parse(one.notAfter) < at;
  const isEarly = (at: number) => (one: { notBefore: string | null }) =>
    one.notBefore !== null && Date.parse(one.notBefore) > at;
  // A root in the trust store that has expired does no harm where OpenSSL found another way: its word counts.
  const byCode = tls?.trustCode ?? null;
  const expired = dated ? isExpired(now)(chain[0]!) || byCode === 'CERT_HAS_EXPIRED' : null;
  const early = dated ? isEarly(now)(chain[0]!) || byCode === 'CERT_NOT_YET_VALID' : null;
  const blamed = expired ? chain.find(isExpired(now)) : early ? chain.find(isEarly(now)) : chain[0];
  const offset = http?.clockOffsetMs ?? null;
  const datesFit =
    !dated || offset === null || Math.abs(offset) < 60_000
      ? null
      : !chain.some(isExpired(now + offset)) && !chain.some(isEarly(now + offset));
  const trusted = !dated || byCode === null ? (dated ? true : null) : DATES.has(byCode) ? null : false;
  return {
    'tls.works': works,
    'tls.version': tls?.version ?? null,
    'tls.cipher': tls?.cipher ?? null,
    'tls.sni': tls?.sni ?? null,
    'tls.handshakeMs': tls?.handshakeMs ?? null,
    'tls.subject': chain[0]?.subject ?? null,
    'tls.issuer': chain[0]?.issuer ?? null,
    'tls.lastIssuer': chain.at(-1)?.issuer ?? null,
    'tls.names': chain[0] === undefined ? null : namesOf(chain[0].names),
    'tls.expectedName': tls?.expectedName ?? null,
    'tls.nameMatches': tls?.nameMatches ?? null,
    'tls.notBefore': blamed?.notBefore ?? null,
    'tls.notAfter': blamed?.notAfter ?? null,
    'tls.datedSubject': blamed?.subject ?? null,
    'tls.intermediateOutOfDates': dated
      ? (expired || early) === true && blamed !== undefined && blamed !== chain[0]
      : null,
    'tls.daysLeft':
      dated && blamed?.notAfter != null ? Math.floor((Date.parse(blamed.notAfter) - now) / DAY_MS) : null,
    'tls.expired': expired,
    'tls.notYetValid': early,
    'tls.datesFitServerClock': datesFit,
    'tls.trusted': trusted,
    'tls.trustProblem': tls !== null && trusted === false ? trustProblemOf(tls) : null,
    'tls.trustCode': byCode,
    'tls.chainLength': works === true ? chain.length : null,
    'tls.alert': tls?.alert ?? null,
    'tls.alertName': tls?.alert == null ? null : alertName(tls.alert),
    'tls.localError': tls?.localError ?? null,
    'tls.certificateRequested': tls?.certificateRequested ?? null,
    'tls.legacyAsked': tls?.legacyAsked ?? null,
    'tls.legacyVersion': tls?.legacy?.version ?? null,
    'tls.legacyCipher': tls?.legacy?.cipher ?? null,
    'tls.failed':
      tls === null
        ? null
        : tls.plainText === null &&
          ((tls.ended !== null && (tls.alert !== null || tls.localError !== null)) ||
            (tls.ended === null && tls.alert !== null)),
  };
}

function namesOf(names: readonly string[]): string | null {
  if (names.length === 0) return null;
  return names.slice(0, 5).join(', ') + (names.length > 5 ? ` and ${names.length - 5} more` : '');
}

function trustProblemOf(tls: TlsData): ServiceFacts['tls.trustProblem'] {
  switch (tls.trustCode) {
    case 'DEPTH_ZERO_SELF_SIGNED_CERT':
      return 'self-signed';
    case 'SELF_SIGNED_CERT_IN_CHAIN':
      return 'private-authority';
    case 'UNABLE_TO_VERIFY_LEAF_SIGNATURE':
    case 'UNABLE_TO_GET_ISSUER_CERT':
    case 'UNABLE_TO_GET_ISSUER_CERT_LOCALLY':
      if (tls.issuerKnown === true) return 'incomplete-chain';
      // With an intermediate sent, what is missing is the authority itself, which servers do not have to send.
      return tls.chain.length > 1 ? 'private-authority' : 'unknown-issuer';
    default:
      return 'other';
  }
}

function httpFacts(
  http: HttpData | null,
  view: View,
  overTls: boolean,
): Pick<ServiceFacts, Extract<keyof ServiceFacts, `http.${string}`>> {
  const { target } = view.evidence.request;
  const redirect = http?.status != null && http.status >= 300 && http.status < 400 ? http.location : null;
  const proxies = proxyVariablesFor(view.evidence);
  const asked = `${overTls ? 'https' : 'http'}://${endpoint(target.host, target.port)}${target.path}`;
  const to = redirect === null ? null : urlOf(redirect, asked);
  const elsewhere =
    to === null ? null : withoutWww(to.hostname) !== withoutWww(urlOf(asked, asked)?.hostname ?? target.host);
  return {
    'http.status': http?.status ?? null,
    'http.reason': http?.reason ?? null,
    'http.server': http?.server ?? null,
    'http.location': redirect,
    'http.redirectsToItself': to === null ? null : to.href === urlOf(asked, asked)?.href,
    'http.redirectsToOtherHost': elsewhere,
    'http.captivePortal':
      http?.status == null
        ? null
        : http.status === 511 ||
          (!overTls &&
            elsewhere === true &&
            /login|portal|captive|hotspot|guest|wifi|auth/i.test(redirect ?? '')),
    'http.clockOffsetS': http?.clockOffsetMs == null ? null : Math.round(http.clockOffsetMs / 1000),
    'http.proxyVariables': proxies.length === 0 ? null : proxies.join(', '),
  };
}

const withoutWww = (host: string): string => host.replace(/^www\./, '').toLowerCase();

function urlOf(text: string, base: string): URL | null {
  return URL.canParse(text, base) ? new URL(text, base) : null;
}

/** The router that any trace shows at that TTL. */
function routerAt(view: View, ttl: number): string | null {
  const traces = [traceOf(view, 'target'), traceOf(view, 'control'), ...otherProtocolTraces(view)];
  for (const seen of traces) {
    const router = seen?.summary.routers.get(ttl);
    if (router !== undefined) return router;
  }
  return null;
}

const endedOf = ({ ended }: StallVariant): ServiceFacts['stall.requestEnded'] =>
  ended === 'unknown' || ended === 'not-connected' ? null : ended;

const answeredWith = (variants: readonly StallVariant[]): ServiceFacts['stall.answeredWith'] =>
  variants.some(({ name, ended }) => name === 'other-name' && ended === 'answered')
    ? 'another server name'
    : 'no server name';

function stallFacts(
  stall: Heard<'stall'> | undefined,
  view: View,
): Pick<ServiceFacts, Extract<keyof ServiceFacts, `stall.${string}` | `mtu.${string}`>> {
  const variants = stall?.data.variants ?? [];
  const of = (name: string) =>
    variants.find(
      (variant) => variant.name === name && variant.ended !== 'unknown' && variant.ended !== 'not-connected',
    );
  const asIs = of('as-is');
  const works = (...names: string[]): boolean | null => {
    const asked = names.map(of).filter((variant) => variant !== undefined);
    return asked.length === 0 || asIs === undefined
      ? null
      : asIs.ended !== 'answered' && asked.some(({ ended }) => ended === 'answered');
  };
  const others = (['other-name', 'no-name'] as const).map(of).filter((variant) => variant !== undefined);
  const shapes = variants.filter(
    ({ name, ended }) => name !== 'short-lived' && ended !== 'unknown' && ended !== 'not-connected',
  );
  const mtu = stall?.data.mtu ?? null;
  const otherNameWorks = works('other-name', 'no-name');
  const shortLived = variants.filter(({ name }) => name === 'short-lived');
  // Who only listened has nothing that could be acknowledged.
  const saidNothing = stall?.input.request === 'listen';
  return {
    'stall.request': stall?.input.request ?? null,
    'stall.asked': stall === undefined ? null : true,
    'stall.answersNow': asIs === undefined ? null : asIs.ended === 'answered',
    'stall.smallSegmentsWork': works('small-segments'),
    'stall.otherNameWorks': otherNameWorks,
    'stall.otherNameSpared':
      asIs === undefined || others.length === 0
        ? null
        : asIs.ended === 'reset' && others.every(({ ended }) => ended === 'stalled' || ended === 'answered'),
    'stall.allReset':
      shapes.length === 0 ? null : shapes.every(({ ended }) => ended === 'reset' || ended === 'closed'),
    'stall.allSilent': shapes.length === 0 ? null : shapes.every(({ ended }) => ended === 'stalled'),
    'stall.answeredWith': otherNameWorks !== true ? null : answeredWith(variants),
    'stall.requestEnded': asIs === undefined ? null : endedOf(asIs),
    'stall.ackedAt':
      shortLived.find(({ ended, unacked }) => ended === 'stalled' && unacked === 0)?.ttl ?? null,
    'stall.retransmits': saidNothing ? null : (asIs?.retransmits ?? null),
    'stall.unacked': saidNothing || asIs?.unacked == null ? null : asIs.unacked > 0,
    'stall.resetTtl': stall?.data.resetTtl ?? null,
    'stall.lastHop': stall?.data.lastHop ?? null,
    'stall.lastAddress': stall?.data.lastHop == null ? null : routerAt(view, stall.data.lastHop),
    'stall.plainProtocol': plainProtocolOf(stall),
    'mtu.passes': mtu?.passes ?? null,
    'mtu.fails': mtu?.fails ?? null,
    'mtu.told': mtu?.told ?? null,
    'mtu.blackhole': mtu === null || !mtu.smallAnswered ? null : mtu.fails !== null && mtu.told === null,
    'mtu.lastHop': mtu?.lastHop ?? null,
    'mtu.lastAddress': mtu?.lastAddress ?? null,
  };
}
