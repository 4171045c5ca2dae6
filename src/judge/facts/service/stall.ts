import { EVERY_TRACE, SPEAKING } from '../../../model/fact-sources.ts';
import type { FactsOf, FactTable } from '../../../model/facts.ts';
import { PROTOCOLS } from '../../../model/measured.ts';
import type { Readings } from '../../readings/index.ts';
import {
  isAnsweredOnlyAs,
  isCutUnheard,
  plainProtocolOf,
  type TriedVariant,
  variantsTried,
} from '../../readings/talk.ts';
import { routerAt } from '../../readings/traces.ts';

const STALL = ['stall'] as const;

export const STALL_FACTS = {
  'stall.request': {
    type: 'string',
    values: ['tls', 'http', 'ssh', 'listen', 'question'],
    meaning:
      'What was asked again: a ClientHello, an HTTP request, an SSH identification, the question of a service; `listen`: nothing was said, a greeting was waited for.',
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
  'stall.resetAtHost': {
    type: 'boolean',
    meaning:
      'stall.resetTtl is the distance of the host: only requests that can reach it draw the reset. Null where either is not known.',
    from: [...STALL, ...EVERY_TRACE],
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
    from: [...STALL, ...EVERY_TRACE],
  },
  'stall.cutUnheard': {
    type: 'boolean',
    meaning:
      'A connection on which nothing is said is reset or closed as well: it is not cut for what was said. Null where that was not tried, or not for as long as the first connection lasted until it was cut.',
    from: [...STALL, ...SPEAKING],
  },
  'stall.proxyHeaderWorks': {
    type: 'boolean',
    meaning:
      'The same request after a line of the PROXY protocol is served, without it it is not; an answer that does not understand that line (HTTP 400, a TLS alert) is none.',
    from: STALL,
  },
  'stall.notConnected': {
    type: 'number',
    meaning: 'How many further connections for these shapes were not made, after earlier ones had been.',
    from: STALL,
  },
  'stall.neverAcked': {
    type: 'boolean',
    meaning:
      'No shape of the request was ever acknowledged, or, where one only listened, nothing else that was said: what is said does not arrive; null where the system does not tell.',
    from: STALL,
  },
  'stall.otherWordsTaken': {
    type: 'boolean',
    meaning:
      'A plain HTTP request on another connection to the port was acknowledged, whatever came of it; null where none was sent or the system does not tell.',
    from: STALL,
  },
  'stall.plainProtocol': {
    type: 'string',
    values: PROTOCOLS,
    meaning: 'What answered a plain HTTP request on the port where what is expected stays silent.',
    from: STALL,
  },
} as const satisfies FactTable;

type StallFacts = FactsOf<typeof STALL_FACTS>;

/** Shapes that are not the request in another form. */
const ASIDE: ReadonlySet<string> = new Set(['short-lived', 'says-nothing', 'proxy-header']);

const answeredWith = (variants: readonly TriedVariant[]): StallFacts['stall.answeredWith'] =>
  variants.some(({ name, ended }) => name === 'other-name' && ended === 'answered')
    ? 'another server name'
    : 'no server name';

export function stallFacts({ talks, traces, distance }: Readings): StallFacts {
  const { stall } = talks;
  const variants = variantsTried(stall);
  const asIs = variants.find(({ name }) => name === 'as-is');
  const others = (['other-name', 'no-name'] as const).flatMap(
    (wanted) => variants.find(({ name }) => name === wanted) ?? [],
  );
  const shapes = variants.filter(({ name }) => !ASIDE.has(name));
  const header = variants.find(({ name }) => name === 'proxy-header');
  const plain = variants.find(({ name }) => name === 'plain-http');
  const shortLived = variants.filter(({ name }) => name === 'short-lived');
  const otherNameWorks = isAnsweredOnlyAs(stall, 'other-name', 'no-name');
  // Who only listened has nothing that could be acknowledged.
  const saidNothing = stall?.input.request === 'listen';
  const said = (saidNothing ? [plain, header] : shapes).flatMap((one) => (one?.unacked == null ? [] : one));
  return {
    'stall.request': stall?.input.request ?? null,
    'stall.asked': stall === null ? null : true,
    'stall.answersNow': asIs === undefined ? null : asIs.ended === 'answered',
    'stall.smallSegmentsWork': isAnsweredOnlyAs(stall, 'small-segments'),
    'stall.otherNameWorks': otherNameWorks,
    'stall.otherNameSpared':
      asIs === undefined || others.length === 0
        ? null
        : asIs.ended === 'reset' && others.every(({ ended }) => ended === 'stalled' || ended === 'answered'),
    'stall.allReset':
      shapes.length === 0 ? null : shapes.every(({ ended }) => ended === 'reset' || ended === 'closed'),
    'stall.allSilent': shapes.length === 0 ? null : shapes.every(({ ended }) => ended === 'stalled'),
    'stall.answeredWith': otherNameWorks !== true ? null : answeredWith(variants),
    'stall.requestEnded': asIs?.ended ?? null,
    'stall.ackedAt':
      shortLived.find(({ ended, unacked }) => ended === 'stalled' && unacked === 0)?.ttl ?? null,
    'stall.retransmits': saidNothing ? null : (asIs?.retransmits ?? null),
    'stall.unacked': saidNothing || asIs?.unacked == null ? null : asIs.unacked > 0,
    'stall.resetTtl': stall?.data.resetTtl ?? null,
    'stall.resetAtHost':
      stall?.data.resetTtl == null || distance === null ? null : stall.data.resetTtl >= distance,
    'stall.lastHop': stall?.data.lastHop ?? null,
    'stall.lastAddress': stall?.data.lastHop == null ? null : routerAt(stall.data.lastHop, traces.every),
    'stall.cutUnheard': isCutUnheard(talks),
    'stall.proxyHeaderWorks':
      (isAnsweredOnlyAs(stall, 'plain-http') === true && plain?.complaint !== true) ||
      header?.complaint === true
        ? false
        : isAnsweredOnlyAs(stall, 'proxy-header'),
    'stall.notConnected':
      stall === null ? null : stall.data.variants.filter(({ ended }) => ended === 'not-connected').length,
    'stall.neverAcked':
      said.length === 0 ? null : said.every(({ ended, unacked }) => ended === 'stalled' && unacked! > 0),
    'stall.otherWordsTaken': plain?.unacked == null ? null : plain.unacked === 0,
    'stall.plainProtocol': plainProtocolOf(stall),
  };
}
