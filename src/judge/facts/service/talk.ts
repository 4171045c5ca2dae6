import { isExpected, serviceNamed } from '../../../ground/services.ts';
import { SPEAKING } from '../../../model/fact-sources.ts';
import type { FactsOf, FactTable } from '../../../model/facts.ts';
import { PROTOCOLS, TALK_ENDS, WORD_MEANS } from '../../../model/measured.ts';
import type { Request } from '../../../model/request.ts';
import type { Readings } from '../../readings/index.ts';
import { isAbout, measuredIn } from '../../readings/measured.ts';
import {
  isAnsweredOnlyAs,
  isCutUnheard,
  isTlsWell,
  plainProtocolOf,
  type Talk,
  type Talks,
  talksOf,
  variantsTried,
} from '../../readings/talk.ts';
import { certificatesAgain, wavers } from '../../readings/talk-again.ts';

const TLS = ['tls', 'greeting'] as const;

/** An answer is slow that took longer than this, */
export const SLOW_ANSWER_MS = 1000;
/** and more than so many TCP handshakes. */
export const SLOW_HANDSHAKES = 10;

export const TALK_FACTS = {
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
    from: [...SPEAKING, 'stall'],
  },
  'service.firstWords': {
    type: 'string',
    meaning:
      'What came instead of what was expected, or the first words of a service that greets; printable, one line.',
    from: SPEAKING,
  },
  'service.ended': {
    type: 'string',
    values: TALK_ENDS,
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
    from: [...SPEAKING, 'stall', 'tcp-connect:after-talk'],
  },
  'service.noAddressServes': {
    type: 'boolean',
    meaning:
      'Some addresses of the target do not accept, and at every one that does the service neither answers nor is well (service.healthy); null where none fails, none accepts, or one of these was not spoken to.',
    from: [
      ...SPEAKING,
      'stall',
      'tcp-connect:target',
      'tcp-connect:sample',
      'tcp-connect:after-talk',
      'system-resolve',
      'hosts-file',
      'dns',
    ],
  },
  'service.otherProtocol': {
    type: 'boolean',
    meaning: 'Another protocol than the expected one answered.',
    from: [...SPEAKING, 'stall'],
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
    from: SPEAKING,
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
  'service.word': {
    type: 'string',
    meaning:
      'What the service says of itself instead of serving: its first sentence, at most 90 characters; null where it says nothing of the kind.',
    from: SPEAKING,
  },
  'service.wordCode': {
    type: 'string',
    meaning: 'The code that its protocol gives that word: 1040, 53300, 421, -DENIED; null where it has none.',
    from: SPEAKING,
  },
  'service.wordMeans': {
    type: 'string',
    values: WORD_MEANS,
    meaning:
      'limit: it is full; denied: not this client; not-ready: later; login: it wants somebody whom it knows, as a healthy one does; certificate: it wants one; backend: what it hands on to does not answer; failed: anything else.',
    from: SPEAKING,
  },
  'service.wordTemporary': {
    type: 'boolean',
    meaning:
      'That word is for now alone, by its code: three digits that begin with 4 (RFC 5321, 4.2.1). Null where it has no such code.',
    from: SPEAKING,
  },
  'service.wantsReverseName': {
    type: 'boolean',
    meaning:
      'It refuses because the address of the client has no reverse name, or one that does not lead back (X.7.25 of RFC 7372, or in words). Null where it says nothing against this client.',
    from: SPEAKING,
  },
  'service.untaken': {
    type: 'boolean',
    meaning:
      "The far end's TCP had not acknowledged the whole question when the wait was over: nobody took it, whatever the service is.",
    from: ['http', 'ssh', 'tls'],
  },
  'service.hasQuestion': {
    type: 'boolean',
    meaning:
      'There is something to say to this service; false: only the connection was checked, and whether it greets.',
    from: [],
  },
  'service.overUdp': {
    type: 'boolean',
    meaning: 'The service is one of UDP, about which TCP says nothing; null where no service is expected.',
    from: [],
  },
  'service.seldomTcp': {
    type: 'boolean',
    meaning: 'The service is mostly one of UDP, and run over TCP by some.',
    from: [],
  },
  'service.ownConnections': {
    type: 'number',
    meaning: 'How many connections of this run the port accepted.',
    from: [...SPEAKING, 'tcp-connect:target', 'tcp-connect:sample', 'tcp-connect:after-talk', 'stall'],
  },
  'service.connectMs': { type: 'number', meaning: 'TCP handshake of the conversation.', from: SPEAKING },
  'service.firstByteMs': {
    type: 'number',
    meaning: 'From the request (or the accepted connection) to the first octet of the answer.',
    from: ['ssh', 'http', 'greeting', 'tls'],
  },
  'service.answerS': {
    type: 'number',
    meaning: 'service.firstByteMs in seconds, one decimal.',
    from: SPEAKING,
  },
  'service.cutAfterS': {
    type: 'number',
    meaning:
      'Seconds that the conversation lasted which was closed or reset without an answer, or the same request again that ended so, whichever was shorter: a busy client takes its time. Null when it ended otherwise.',
    from: [...SPEAKING, 'stall'],
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
  'service.closesOtherWords': {
    type: 'boolean',
    meaning:
      'The question was met with silence, and other words (a ClientHello, HTTP, a PROXY header) end the connection at once: the program is awake. Null where it was not silent, or no other words were tried.',
    from: [...SPEAKING, 'stall'],
  },
  'service.answersOtherWords': {
    type: 'boolean',
    meaning:
      'The question was met with silence, and other words on another connection (a ClientHello, HTTP, a PROXY header) are answered: the program is awake. Null where it was not silent, or no other words were tried.',
    from: [...SPEAKING, 'stall'],
  },
  'service.slow': {
    type: 'boolean',
    meaning: 'The answer took more than a second, and more than ten times the TCP handshake.',
    from: SPEAKING,
  },
  'starttls.offered': {
    type: 'boolean',
    meaning: 'The service offers to change to TLS.',
    from: ['greeting'],
  },
  'starttls.refused': {
    type: 'string',
    meaning: 'Its words against beginning TLS, which it had offered.',
    from: ['greeting'],
  },
} as const satisfies FactTable;

type TalkFacts = FactsOf<typeof TALK_FACTS>;

/** Words that are complete, and in no protocol that is known here. */
const saysUnknown = (talk: Talk): boolean =>
  talk.words !== null && (talk.ended === 'answered' || talk.saysOther);

const isTemporary = (code: string | null): boolean | null =>
  code !== null && /^[45]\d\d$/.test(code) ? code.startsWith('4') : null;

/** `450 4.7.25 <unknown[192.0.2.7]>: Client host rejected: cannot find your reverse hostname` */
const wantsReverseName = (text: string): boolean =>
  /\b[45]\.7\.25\b|cannot find your (reverse )?hostname|\breverse[ -](dns|name|host|lookup)|\bPTR\b|\brdns\b/i.test(
    text,
  );

/** For a headline: the first sentence, and of a long one the beginning. */
function quoted(words: string): string {
  const sentence = /^.{12,}?[.!](?= |$)/.exec(words)?.[0] ?? words;
  return sentence.length <= MOST_QUOTED ? sentence : `${sentence.slice(0, MOST_QUOTED).trimEnd()}...`;
}
const MOST_QUOTED = 90;

const OTHER_WORDS: ReadonlySet<string> = new Set(['plain-http', 'proxy-header']);
const UNANSWERED: ReadonlySet<string> = new Set(['closed', 'reset', 'stalled', 'flooded', 'not-connected']);

/** How other words fared where the question was met with silence; null where it was not, or no others were tried. */
function otherWordsEnded({ dialogue, first: talk, tls, stall }: Talks): string[] | null {
  if (talk === null || talk.ended !== 'stalled' || talk.words !== null || talk.heard !== null) return null;
  const others = variantsTried(stall)
    .filter(({ name }) => OTHER_WORDS.has(name))
    .map(({ ended }) => ended as string);
  if (dialogue.speak !== 'tls' && tls !== null)
    others.push(UNANSWERED.has(tls.outcome) ? tls.outcome : 'answered');
  return others.length === 0 ? null : others;
}

function cutAfterS({ lastedS }: Talk, stall: Talks['stall']): number {
  const again = variantsTried(stall).flatMap(({ name, ended, lastedMs }) =>
    name === 'as-is' && (ended === 'closed' || ended === 'reset') && lastedMs !== undefined ? [lastedMs] : [],
  );
  return Math.min(lastedS, ...again.map((ms) => Math.round(ms / 100) / 10));
}

/** Connections that were accepted: the first conversation takes place on the one that the connect probe made. */
function ownConnections(here: Readings['here']): number | null {
  const attempts = here['tcp-connect'].flatMap(({ data, input }) =>
    input.role === 'target' || input.role === 'sample' || input.role === 'after-talk' ? data.attempts : [],
  );
  if (attempts.length === 0) return null;
  const conversations = SPEAKING.reduce((sum, probe) => sum + here[probe].length, 0);
  const shapes = here.stall
    .flatMap(({ data }) => data.variants)
    .filter(({ ended }) => ended !== 'not-connected')
    .reduce((sum, { asked = 1 }) => sum + asked, 0);
  const opened = attempts.filter(({ outcome }) => outcome === 'open').length;
  return opened + Math.max(0, conversations - 1) + shapes;
}

/** A check of TLS on a port where plain words were expected. */
const isTlsInstead = ({ dialogue: { speak }, tls }: Talks): boolean =>
  speak !== 'tls' && speak !== 'listen' && tls?.data.tls.ended === null;

function refusesAfterwards(here: Readings['here']): boolean | null {
  const afterwards = here['tcp-connect'].find(({ input }) => input.role === 'after-talk');
  return afterwards === undefined ? null : afterwards.outcome === 'refused';
}

/** Whatever the service is: one that hangs up before a word is not well. Of a guess our own words may be the reason. */
const isCutAtOnce = (talks: Talks, target: Request['target']): boolean => {
  const { expected, first: talk } = talks;
  return (
    talk !== null &&
    talk.words === null &&
    (talk.ended === 'closed' || talk.ended === 'reset') &&
    (expected === null || (!isExpected(target) && talk.heard === null && isCutUnheard(talks) === true))
  );
};

function isHealthy(talks: Talks, target: Request['target'], here: Readings['here']): boolean | null {
  const { expected, first: talk, stall } = talks;
  const well =
    expected === null || talk === null
      ? null
      : talk.well && !isTlsInstead(talks) && isAnsweredOnlyAs(stall, 'small-segments') !== true;
  // A guess that is not answered is no fault; a program that is gone after it is one, whatever it speaks.
  const gone = well === false && refusesAfterwards(here) === true;
  // Nor is one well that greets with a refusal.
  const refusesAll = expected === null && talk?.refuses === true;
  // Any TCP that is alive takes what it is told, whether the program behind it understands it or not.
  const untaken = talk?.untaken != null && talk.untaken > 0;
  const isAtTimes = wavers(talks, here) === true || (certificatesAgain(talks, here)?.bad ?? 0) > 0;
  if (isCutAtOnce(talks, target) || gone || refusesAll || untaken || isAtTimes) return false;
  return well === false && !isExpected(target) ? null : well;
}

function noAddressServes({ request, observations, outcomes }: Readings): boolean | null {
  const accepting = outcomes.filter(({ outcome }) => outcome === 'open');
  const fails = outcomes.some(({ outcome }) => !['open', 'not-tried', 'pending'].includes(outcome));
  if (!fails || accepting.length === 0) return null;
  const healths = accepting.map(({ address }) => {
    const about = observations.filter((o) => isAbout(o, address));
    const here = measuredIn(about);
    const talks = talksOf(request.target, here, about);
    // Who answers with an expired certificate serves, in his way.
    return talks.first?.ended === 'answered' || isHealthy(talks, request.target, here);
  });
  return healths.includes(true) ? false : healths.includes(null) ? null : true;
}

export function talkFacts(readings: Readings): TalkFacts {
  const { request, here, talks } = readings;
  const { target } = request;
  const { expected, first: talk, greeting, stall } = talks;
  const { speak } = talks.dialogue;
  const tlsInstead = isTlsInstead(talks);
  const plain = plainProtocolOf(stall);
  const plainInstead = plain === expected ? null : plain;
  const heard = tlsInstead ? 'tls' : (talk?.heard ?? plainInstead);
  const other =
    expected === null || heard === null
      ? talk !== null && saysUnknown(talk)
        ? talk.heard === null
        : null
      : heard !== expected;
  const otherProtocol =
    expected === null || talk === null || !isExpected(target)
      ? null
      : (other ?? (heard === expected ? false : null));
  const cutAtOnce = isCutAtOnce(talks, target);
  const others = otherWordsEnded(talks);
  const tls = talks.handshake?.data ?? null;
  const known = serviceNamed(target.service);
  return {
    'service.expected': expected,
    'service.named': target.service === null ? null : target.serviceNamed,
    'service.heard': heard,
    'service.firstWords': talk?.words ?? null,
    'service.ended': talk?.ended ?? null,
    'service.silent':
      talk === null || (expected === null && !cutAtOnce)
        ? null
        : talk.heard === null && talk.words === null && talk.ended !== 'answered',
    'service.healthy': isHealthy(talks, target, here),
    'service.noAddressServes': noAddressServes(readings),
    'service.otherProtocol': otherProtocol,
    'service.authenticated': tls === null ? null : tls.nameMatches === true && isTlsWell(tls),
    'service.pending': expected !== null && !talks.isOver,
    'service.waitsForClient':
      greeting === null || greeting.input.service !== null ? null : greeting.outcome === 'waits',
    'service.refuses': talk?.refuses ?? null,
    'service.word': talk?.word == null ? null : quoted(talk.word.text),
    'service.wordCode': talk?.word?.code ?? null,
    'service.wordMeans': talk?.word?.means ?? null,
    'service.wordTemporary': isTemporary(talk?.word?.code ?? null),
    'service.wantsReverseName': talk?.word == null ? null : wantsReverseName(talk.word.text),
    'service.untaken': talk?.untaken == null ? null : talk.untaken > 0,
    'service.hasQuestion': speak !== 'listen',
    'service.overUdp': known === null ? null : known.udp === 'only',
    'service.seldomTcp': known === null ? null : known.udp === 'mostly',
    'service.ownConnections': ownConnections(here),
    'service.connectMs': talk?.connectMs ?? null,
    'service.firstByteMs': talk?.firstByteMs ?? null,
    'service.answerS': talk?.firstByteMs == null ? null : Math.round(talk.firstByteMs / 100) / 10,
    'service.cutAfterS':
      talk?.ended === 'closed' || talk?.ended === 'reset' ? cutAfterS(talk, talks.stall) : null,
    'service.waitedS': expected !== null && talk?.ended === 'stalled' ? talk.lastedS : null,
    'service.refusesAfterwards': refusesAfterwards(here),
    'service.closesOtherWords': others?.some((ended) => ended === 'closed' || ended === 'reset') ?? null,
    'service.answersOtherWords': others?.includes('answered') ?? null,
    'service.slow':
      talk?.firstByteMs == null || talk.connectMs === null
        ? null
        : talk.firstByteMs > SLOW_ANSWER_MS && talk.firstByteMs > SLOW_HANDSHAKES * talk.connectMs,
    'starttls.offered': greeting?.data.tlsOffered ?? null,
    'starttls.refused': greeting?.data.tlsRefused ?? null,
  };
}
