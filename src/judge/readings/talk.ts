import { type Dialogue, dialogueOf } from '../../ground/services.ts';
import {
  controlOf,
  type HttpData,
  type Protocol,
  type ServiceWord,
  type SpokenData,
  type StallVariant,
  type TalkEnd,
  type TlsData,
} from '../../model/measured.ts';
import type { Observation, ProbeName } from '../../model/probes.ts';
import type { Request } from '../../model/request.ts';
import type { Heard, Measured } from './measured.ts';

/** One conversation, whatever protocol it was in. */
export interface Talk {
  ended: TalkEnd | null;
  heard: Protocol | null;
  words: string | null;
  /** What it says against serving this client, or of itself. */
  word: ServiceWord | null;
  connectMs: number | null;
  firstByteMs: number | null;
  /** The expected protocol spoke as it should. */
  well: boolean;
  refuses: boolean | null;
  /** Its words are a whole line that the expected protocol does not begin with, though it may go on after it. */
  saysOther: boolean;
  lastedS: number;
  /** Octets of our question that the far end's TCP never took; null where that is not known. */
  untaken: number | null;
}

/** What was said to the port. */
export interface Talks {
  dialogue: Dialogue;
  /** The protocol that the dialogue lets one expect; null where one only listens. */
  expected: Protocol | null;
  /** The last conversation of each kind; null where none was held. */
  tls: Heard<'tls'> | null;
  ssh: Heard<'ssh'> | null;
  http: Heard<'http'> | null;
  greeting: Heard<'greeting'> | null;
  stall: Heard<'stall'> | null;
  /** The one in the expected protocol. */
  first: Talk | null;
  /** It is over, whatever came of it. */
  isOver: boolean;
  /** The TLS handshake of any conversation, STARTTLS included, and when that conversation began (ISO 8601). */
  handshake: {
    data: TlsData;
    startedAt: string;
    /** Clients of this service look at the certificate: mail servers among themselves take any. */
    counts: boolean;
  } | null;
  /** The HTTP exchange of any conversation. */
  exchange: HttpData | null;
}

export function talksOf(
  target: Request['target'],
  here: Measured,
  observations: readonly Observation[],
): Talks {
  const dialogue = dialogueOf(target);
  const tls = here.tls.findLast(({ input }) => input.role === undefined) ?? null;
  const ssh = here.ssh.at(-1) ?? null;
  const http = here.http.findLast(({ input }) => input.role === undefined) ?? null;
  const greeting = here.greeting.at(-1) ?? null;
  // Of several servers behind one address the one whose certificate is bad is told of.
  const worse = tls === null || !isTlsWell(tls.data.tls) ? undefined : handshakesAgain(here).find(isBad);
  const handshake = worse ?? tls?.data.tls ?? greeting?.data.tls ?? null;
  const begun = (tls ?? greeting)?.startedAt ?? '';
  return {
    dialogue,
    expected:
      dialogue.speak === 'listen' ? null : dialogue.speak === 'greeting' ? dialogue.service : dialogue.speak,
    tls,
    ssh,
    http,
    greeting,
    stall: here.stall.at(-1) ?? null,
    first: firstOf(dialogue, target, { tls, ssh, http, greeting }),
    isOver: observations.some((o) => CONVERSATIONS.has(o.probe) && o.final),
    handshake:
      handshake === null
        ? null
        : {
            data: handshake,
            startedAt: begun,
            counts: tls !== null || certificateCounts(greeting, target.service),
          },
    exchange: http?.data.http ?? tls?.data.http ?? null,
  };
}

/** The probes that speak to the port. */
export const CONVERSATIONS: ReadonlySet<ProbeName> = new Set(['tls', 'ssh', 'http', 'greeting']);

function firstOf(
  dialogue: Dialogue,
  target: Request['target'],
  { tls, ssh, http, greeting }: Pick<Talks, 'tls' | 'ssh' | 'http' | 'greeting'>,
): Talk | null {
  switch (dialogue.speak) {
    case 'tls':
      return tls && tlsTalk(tls, dialogue.inside === 'http');
    case 'http':
      return http && httpTalk(http);
    case 'ssh':
      return ssh && sshTalk(ssh);
    default:
      return greeting && greetingTalk(greeting, target);
  }
}

/** Mail servers among themselves take any certificate, unless the user gives a name or an authority to hold it against. */
const certificateCounts = (greeting: Heard<'greeting'> | null, service: string | null): boolean =>
  service !== 'smtp' ||
  greeting === null ||
  greeting.input.serverName !== null ||
  greeting.input.caPem !== null;

/** It refuses service; the demand for a login is what a healthy one says. */
const isRefusal = (word: ServiceWord | null | undefined): boolean => word != null && word.means !== 'login';

const secondsOf = ({ durationMs }: { durationMs: number }): number => Math.round(durationMs / 100) / 10;

function tlsTalk(seen: Heard<'tls'>, thenHttp: boolean): Talk {
  const { data, outcome } = seen;
  const { tls, http, connectMs, inside = null } = data;
  const spoke = tls.ended === null;
  const httpWell = !thenHttp || http === null || http.status !== null;
  const answerMs = inside?.firstByteMs ?? http?.firstByteMs ?? null;
  return {
    ended: spoke ? (endInside(inside, http) ?? 'answered') : tls.ended,
    heard: spoke
      ? 'tls'
      : tls.plainText !== null
        ? tls.plainProtocol
        : tls.alert !== null || tls.localError !== null
          ? 'tls'
          : null,
    words: tls.plainText ?? (inside === null || isWellInside(inside) ? null : inside.text),
    word: inside?.word ?? wordOfStatus(http),
    connectMs,
    firstByteMs: answerMs === null ? tls.handshakeMs : Math.max(answerMs, tls.handshakeMs ?? 0),
    well:
      outcome === 'ok' &&
      httpWell &&
      !isWeak(tls) &&
      !wantsCertificate(seen.data) &&
      (inside === null || isWellInside(inside)),
    refuses: inside === null ? null : isRefusal(inside.word),
    saysOther: false,
    lastedS: secondsOf(seen),
    untaken: http?.untaken ?? null,
  };
}

const isWeak = ({ chain, weakExchange }: TlsData): boolean =>
  weakExchange != null || chain.some(({ weakness }) => weakness != null);

/** nginx completes the handshake and refuses in HTTP (400, or its own 495 and 496). */
const wantsCertificate = ({ tls, http }: Heard<'tls'>['data']): boolean =>
  tls.certificateRequested === true && http?.status != null && [400, 495, 496].includes(http.status);

/** RFC 6585, 4: too many requests of this client; the only status that is about a limit alone. */
const wordOfStatus = (http: HttpData | null): ServiceWord | null =>
  http?.status !== 429 ? null : { means: 'limit', code: '429', text: http.reason || 'Too Many Requests' };

/** How the conversation inside TLS ended; null where none was held. */
const endInside = (inside: SpokenData | null, http: HttpData | null): TalkEnd | null =>
  inside !== null ? inside.ended : http !== null && http.status === null ? http.ended : null;

const isWellInside = (inside: SpokenData): boolean =>
  inside.heard !== null && inside.ended === 'answered' && !isRefusal(inside.word);

function httpTalk(seen: Heard<'http'>): Talk {
  const { http, connectMs } = seen.data;
  const spoke = http.status !== null;
  return {
    ended: http.ended,
    heard: spoke ? 'http' : http.otherProtocol,
    words: http.otherText,
    word: wordOfStatus(http),
    connectMs,
    firstByteMs: http.firstByteMs,
    well: spoke && http.ended === 'answered',
    refuses: null,
    saysOther: false,
    lastedS: secondsOf(seen),
    untaken: http.untaken ?? null,
  };
}

function sshTalk(seen: Heard<'ssh'>): Talk {
  const { data, outcome } = seen;
  return {
    ended:
      data.identification !== null && (data.offerRead || data.noCommon != null) ? 'answered' : data.ended,
    heard: data.identification !== null ? 'ssh' : data.otherProtocol,
    words: data.identification === null ? data.otherText : (data.word?.text ?? null),
    word: data.word ?? null,
    connectMs: data.connectMs,
    firstByteMs: data.firstByteMs,
    well: outcome === 'ok',
    refuses:
      (data.ended === 'closed' || data.ended === 'reset') &&
      (data.identification === null
        ? data.otherText !== null && data.otherProtocol === null
        : data.word?.means === 'failed')
        ? true
        : null,
    saysOther: outcome === 'not-ssh',
    lastedS: secondsOf(seen),
    untaken: data.untaken ?? null,
  };
}

function greetingTalk(seen: Heard<'greeting'>, target: Request['target']): Talk {
  const { data, outcome, input } = seen;
  // Mail servers among themselves go on without TLS.
  const counts = certificateCounts(seen, target.service);
  const isRefused = data.tlsRefused !== undefined && counts;
  const isMissed = target.tlsRequired === true && data.tlsOffered === false;
  const tlsWell = (data.tls === null || !counts || isTlsWell(data.tls)) && !isRefused && !isMissed;
  return {
    ended:
      outcome === 'waits'
        ? 'stalled'
        : data.text !== null && (outcome === 'ok' || outcome === 'refuses' || outcome === 'other-protocol')
          ? 'answered'
          : data.ended,
    heard: data.heard,
    words: data.text,
    word: data.word ?? null,
    connectMs: data.connectMs,
    firstByteMs: data.firstByteMs,
    well: outcome === 'ok' && tlsWell,
    refuses: outcome === 'refuses' ? true : input.service === null ? null : false,
    saysOther: false,
    lastedS: secondsOf(seen),
    untaken: null,
  };
}

/** The handshake was completed, with a trusted certificate that is not for another name. */
export const isTlsWell = (tls: TlsData): boolean =>
  tls.ended === null && tls.trustCode === null && tls.nameMatches !== false && tls.alert === null;

/**
 * What answered a plain HTTP request where what is expected stays silent. A web server that wants TLS answers one with 400
 * ("The plain HTTP request was sent to HTTPS port"): no sign that it does without.
 */
export function plainProtocolOf(stall: Heard<'stall'> | null): Protocol | null {
  const plain = stall?.data.variants.find(({ name }) => name === 'plain-http');
  const wantsTls = plain?.protocol === 'http' && plain.complaint === true && stall?.input.request === 'tls';
  return wantsTls ? null : (plain?.protocol ?? null);
}

/** The handshakes of the questions that were asked once more, those that were completed. */
export const handshakesAgain = (here: Pick<Measured, 'tls'>): TlsData[] =>
  here.tls
    .filter(({ input, outcome }) => input.role === 'sample' && outcome !== 'cancelled')
    .flatMap(({ data }) => (data.tls.ended === null ? [data.tls] : []));

export const isBad = (tls: TlsData): boolean => !isTlsWell(tls);

export type TriedVariant = StallVariant & {
  ended: Exclude<StallVariant['ended'], 'unknown' | 'not-connected'>;
};

const isTried = (variant: StallVariant): variant is TriedVariant =>
  variant.ended !== 'unknown' && variant.ended !== 'not-connected';

/** Whether a connection on which nothing is said is cut as well; null where none was tried, or where it was let go sooner than the first was cut. */
export function isCutUnheard({ stall, first }: Talks): boolean | null {
  if (stall === null) return null;
  const silent = variantsTried(stall).find(({ name }) => name === controlOf(stall.input.request));
  if (silent === undefined) return null;
  if (silent.ended === 'reset' || silent.ended === 'closed') return true;
  const isCut = first?.ended === 'closed' || first?.ended === 'reset';
  return isCut && silent.lastedMs !== undefined && silent.lastedMs < first.lastedS * 1000 ? null : false;
}

/** The shapes of the request that were tried to an end. */
export const variantsTried = (stall: Heard<'stall'> | null): TriedVariant[] =>
  (stall?.data.variants ?? []).filter(isTried);

/** Whether one of these shapes is answered that is not answered as it is; null where either was not tried. */
export function isAnsweredOnlyAs(
  stall: Heard<'stall'> | null,
  ...names: StallVariant['name'][]
): boolean | null {
  const variants = variantsTried(stall);
  const asIs = variants.find(({ name }) => name === 'as-is');
  const asked = names.flatMap((wanted) => variants.find(({ name }) => name === wanted) ?? []);
  return asked.length === 0 || asIs === undefined
    ? null
    : asIs.ended !== 'answered' && asked.some(({ ended }) => ended === 'answered');
}
