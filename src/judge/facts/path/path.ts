import {
  CONNECTS,
  EVERY_TRACE,
  OTHER_TRACES,
  REFERENCE_TRACES,
  TARGET_TRACES,
} from '../../../model/fact-sources.ts';
import type { FactsOf, FactTable } from '../../../model/facts.ts';
import type { Readings } from '../../readings/index.ts';
import { findLoop, type TraceSummary, wasSilentAt } from '../../readings/trace-summary.ts';
import { isBeforeTheHost, isOwnSweep, routerAt, type SeenTrace } from '../../readings/traces.ts';
import { repeaterIn } from './repeats.ts';

const BOTH = [...TARGET_TRACES, ...REFERENCE_TRACES] as const;
/** A packet of connect() that ran out of its TTL is in a loop, too. */
const LOOP = [...EVERY_TRACE, 'tcp-connect:target'] as const;

/** Where attempts waver, silence in a trace is no sign of distance. */
const NEARNESS = [...EVERY_TRACE, ...CONNECTS] as const;

export const PATH_FACTS = {
  'path.target.traced': {
    type: 'boolean',
    meaning: 'A TCP trace to the very port was made.',
    from: TARGET_TRACES,
  },
  'path.target.method': {
    type: 'string',
    meaning: 'How the trace to the port was made.',
    from: TARGET_TRACES,
  },
  'path.target.lastHop': {
    type: 'number',
    meaning: 'Highest TTL at which a router answered a SYN to the port; 0 = none.',
    from: TARGET_TRACES,
  },
  'path.target.lastAddress': {
    type: 'string',
    meaning: 'The router at path.target.lastHop.',
    from: TARGET_TRACES,
  },
  'path.target.lastName': {
    type: 'string',
    meaning: 'The last hop that answered SYNs to the port, "hop 3"; "this machine" where no router did.',
    from: TARGET_TRACES,
  },
  'path.target.lastSeen': {
    type: 'string',
    meaning:
      'How far SYNs to the port get, in words: "answered up to hop 3 (192.0.2.1)", "answered by no router".',
    from: TARGET_TRACES,
  },
  'path.target.answeredAt': {
    type: 'number',
    meaning: 'Smallest TTL at which the port was answered by SYN-ACK, RST, or the target itself.',
    from: TARGET_TRACES,
  },
  'path.target.arrives': {
    type: 'boolean',
    meaning:
      'A sweep of our own to the very port got to its end, no router came again on the way there and none told of a larger TTL: packets that live long enough arrive, and go in no circle. Null where no sweep of our own was made, or it got to no end.',
    from: EVERY_TRACE,
  },
  'path.target.stopped': {
    type: 'boolean',
    meaning: 'SYNs to the port end in silence: neither the end nor a rejection answered.',
    from: TARGET_TRACES,
  },
  'path.target.silentFromFirst': {
    type: 'boolean',
    meaning: 'Not even the first TTL of the port brought an answer.',
    from: TARGET_TRACES,
  },
  'path.target.loops': {
    type: 'boolean',
    meaning: 'Routers repeat in the trace to the very port, whatever other packets do.',
    from: TARGET_TRACES,
  },
  'path.reference.traced': {
    type: 'boolean',
    meaning: 'A TCP trace to another port of the same host was made.',
    from: REFERENCE_TRACES,
  },
  'path.reference.port': { type: 'number', meaning: 'The other port.', from: REFERENCE_TRACES },
  'path.reference.lastHop': {
    type: 'number',
    meaning: 'Highest TTL at which a router answered a SYN to the reference port.',
    from: REFERENCE_TRACES,
  },
  'path.reference.reached': {
    type: 'boolean',
    meaning: 'The reference port was answered by the end.',
    from: REFERENCE_TRACES,
  },
  'path.reference.stopped': {
    type: 'boolean',
    meaning: 'SYNs to the reference port end in silence, too.',
    from: REFERENCE_TRACES,
  },
  'path.reference.silentFromFirst': {
    type: 'boolean',
    meaning: 'Not even the first TTL of the reference port brought an answer.',
    from: REFERENCE_TRACES,
  },
  'path.portLeadsOn': {
    type: 'boolean',
    meaning:
      'SYNs to the port ran out of their TTL where, or beyond where, another port is answered by its end: this port leads on to another device. Null where the other port was not answered, or either was not traced.',
    from: BOTH,
  },
  'path.other.protocol': {
    type: 'string',
    values: ['tcp', 'udp', 'icmp'],
    meaning: 'Protocol of the farthest trace that is not TCP (udp, icmp).',
    from: OTHER_TRACES,
  },
  'path.other.lastHop': {
    type: 'number',
    meaning: 'Highest TTL at which a router answered that other protocol.',
    from: OTHER_TRACES,
  },
  'path.other.reached': {
    type: 'boolean',
    meaning: 'The target answered that other protocol.',
    from: OTHER_TRACES,
  },
  'path.other.stopped': {
    type: 'boolean',
    meaning: 'That other protocol ends in silence.',
    from: OTHER_TRACES,
  },
  'path.referenceGoesFurther': {
    type: 'boolean',
    meaning: 'The port falls silent where the reference port goes on.',
    from: BOTH,
  },
  'path.otherGoesFurther': {
    type: 'boolean',
    meaning: 'The port falls silent where another protocol goes on.',
    from: [...TARGET_TRACES, ...OTHER_TRACES],
  },
  'path.allStopTogether': {
    type: 'boolean',
    meaning: 'At least two traces, and all of them fall silent after the same hop.',
    from: EVERY_TRACE,
  },
  'path.nextHop': {
    type: 'number',
    meaning: 'Smallest TTL beyond path.target.lastHop that answered another trace.',
    from: EVERY_TRACE,
  },
  'path.nextAddress': {
    type: 'string',
    meaning: 'The router at path.nextHop; null when it is the target.',
    from: EVERY_TRACE,
  },
  'path.routerBeyondStop': {
    type: 'boolean',
    meaning:
      'A router beyond the stop answered another trace: the port dies before that router, and so before the host.',
    from: EVERY_TRACE,
  },
  'path.muteBeyond': {
    type: 'boolean',
    meaning:
      'No router tells of any TCP packet, although those of the reference port go on: where this port ends cannot be seen.',
    from: BOTH,
  },
  'path.stopNextToHost': {
    type: 'boolean',
    meaning:
      'The next that answers beyond the stop is the host itself: the last router and the host cannot be told apart.',
    from: EVERY_TRACE,
  },
  'path.loopHop': {
    type: 'number',
    meaning: 'First hop of a loop: its router comes again later with another between.',
    from: LOOP,
  },
  'path.loopFirstAddress': { type: 'string', meaning: 'The router at path.loopHop.', from: LOOP },
  'path.loops': { type: 'boolean', meaning: 'Routers repeat in the trace to the port.', from: LOOP },
  'path.loopAddresses': { type: 'string', meaning: 'The routers that repeat.', from: LOOP },
  'path.anyRouterAnswers': {
    type: 'boolean',
    meaning: 'At least one router answered at least one trace.',
    from: EVERY_TRACE,
  },
  'path.acceptedNearer': {
    type: 'boolean',
    meaning: 'The port accepts at a TTL that ends before the host.',
    from: NEARNESS,
  },
  'path.acceptedAt': {
    type: 'number',
    meaning:
      'Smallest TTL at which a SYN to the port was accepted; null when it is not nearer than the host.',
    from: NEARNESS,
  },
  'path.acceptedAddress': {
    type: 'string',
    meaning: 'The router that other traces show at path.acceptedAt.',
    from: NEARNESS,
  },
} as const satisfies FactTable;

type Loop = Pick<TraceSummary, 'loopHop' | 'loopAddresses'>;
type PathFacts = FactsOf<typeof PATH_FACTS>;

const stopped = (seen: SeenTrace | null): boolean | null =>
  seen === null || seen.summary.localError !== null
    ? null
    : !seen.summary.reached &&
      seen.summary.rejection === null &&
      seen.summary.loopHop === null &&
      // A sweep that was cut short on purpose, before the host, has not stopped anywhere.
      seen.trace.replies.some(({ ttl, answer }) => answer === 'silence' && ttl > seen.summary.lastHop);

/** Whether a TTL is mute: its silence says nothing. */
type Mute = (ttl: number) => boolean;
const ALL_MUTE: Mute = () => true;

/**
 * TTLs at which the reference port brought nothing although its packets went on, where no router at all told of a TCP
 * packet: that they tell of UDP or ping says nothing about where this port ends. (Where some tell and some do not, the
 * silence may be a limit of the one that is silent.)
 */
function muteTtls(target: SeenTrace | null, reference: SeenTrace | null): Mute {
  // A tool's trace of one port, with none to compare: that no router tells of it may be their manner with TCP.
  if (reference === null && target !== null && !isOwnSweep(target) && target.summary.routers.size === 0)
    return ALL_MUTE;
  if (reference === null || reference.summary.routers.size > 0 || (target?.summary.routers.size ?? 0) > 0)
    return () => false;
  const { lastHop, answeredAt } = reference.summary;
  const got = answeredAt ?? lastHop;
  return (ttl) => ttl < got && wasSilentAt(reference.trace, ttl);
}

/** Everything that answered beyond `ttl` in the traces given: TTL -> router address, or null for the end itself. */
function nextBeyond(
  ttl: number,
  others: readonly SeenTrace[],
  isMute: Mute,
): { hop: number; address: string | null } | null {
  let best: { hop: number; address: string | null } | null = null;
  for (const { summary } of others) {
    for (const [hop, address] of summary.routers)
      if (hop > ttl && !isMute(hop) && (best === null || hop < best.hop)) best = { hop, address };
    if (
      summary.answeredAt !== null &&
      summary.answeredAt > ttl &&
      (best === null || summary.answeredAt < best.hop)
    )
      best = { hop: summary.answeredAt, address: null };
  }
  return best;
}

function arrives(target: SeenTrace | null, companions: readonly SeenTrace[]): boolean | null {
  if (target === null || !isOwnSweep(target)) return null;
  const { answer, answeredAt, routers, lastHop } = target.summary;
  if (answeredAt === null || answer === 'unreachable') return null;
  if (lastHop > answeredAt || isBeforeTheHost(answeredAt, companions)) return false;
  const ttls = [...routers.keys()].sort((a, b) => a - b);
  return !ttls.some(
    (ttl, i) =>
      routers.get(ttls[i - 1] ?? 0) !== routers.get(ttl) &&
      ttls.slice(0, i).some((one) => routers.get(one) === routers.get(ttl)),
  );
}

export function pathFacts(readings: Readings): PathFacts {
  const { distance } = readings;
  const { losesPackets, flows } = readings.connects;
  const { target, reference, others, companions, every } = readings.traces;
  const other = others[0] ?? null;
  const isStopped = stopped(target);
  const lastHop = target?.summary.lastHop ?? null;
  const isMute = muteTtls(target, reference);
  const next = target === null || lastHop === null ? null : nextBeyond(lastHop, companions, isMute);
  const beyond = (seen: SeenTrace | null): boolean | null =>
    isStopped === null || seen === null || seen.summary.localError !== null || lastHop === null
      ? null
      : isStopped &&
        (nextBeyond(lastHop, [seen], isMute) !== null ||
          (seen.summary.rejection !== null && seen.summary.rejection.ttl > lastHop + 1));
  const stops = every.filter(({ summary }) => summary.localError === null);
  // One address at every TTL, with silence here and there, goes in no circle.
  const loop =
    repeaterIn(every) !== null
      ? null
      : (every.find(({ summary }) => summary.loopHop !== null)?.summary ??
        loopTogether(every, ranOut(readings)));
  const loopAddresses = loop === null ? [] : circleOf(loop, every);
  const loopHop = loop === null ? null : loopStart(loopAddresses, every);
  const routerBeyond =
    isStopped !== true || lastHop === null
      ? null
      : companions.length === 0 || (lastHop === 0 && companions.some(isSilentFromFirst))
        ? null
        : next !== null && next.address !== null && (distance === null || next.hop < distance);
  const acceptedAt = target?.summary.answer === 'syn-ack' ? target.summary.answeredAt : null;
  const acceptedNearer =
    acceptedAt === null
      ? null
      : isBeforeTheHost(
            acceptedAt,
            companions,
            losesPackets || (flows.opened.length > 0 && flows.silent.length > 0),
          )
        ? true
        : distance !== null && acceptedAt >= distance
          ? false
          : null;
  return {
    'path.target.traced': target !== null,
    'path.target.method': target?.trace.method ?? null,
    'path.target.lastHop': lastHop,
    'path.target.lastAddress': target?.summary.lastAddress ?? null,
    'path.target.lastName': lastHop === null ? null : lastHop === 0 ? 'this machine' : `hop ${lastHop}`,
    'path.target.lastSeen':
      lastHop === null
        ? null
        : lastHop === 0
          ? 'answered by no router'
          : `answered up to hop ${lastHop} (${target?.summary.lastAddress})`,
    'path.target.answeredAt': target?.summary.answeredAt ?? null,
    'path.target.arrives': arrives(target, companions),
    'path.target.stopped': isStopped,
    'path.target.silentFromFirst': target === null ? null : target.summary.silentFromFirst,
    'path.target.loops': target === null ? null : loop !== null && target.summary.loopHop !== null,
    'path.reference.traced': reference !== null,
    'path.reference.port': reference?.trace.port ?? null,
    'path.reference.lastHop': reference?.summary.lastHop ?? null,
    'path.reference.reached': reference === null ? null : reference.summary.reached,
    'path.reference.stopped': stopped(reference),
    'path.reference.silentFromFirst': reference === null ? null : reference.summary.silentFromFirst,
    'path.portLeadsOn':
      lastHop === null || reference?.summary.answeredAt == null
        ? null
        : lastHop >= reference.summary.answeredAt,
    'path.other.protocol': other?.trace.protocol ?? null,
    'path.other.lastHop': other?.summary.lastHop ?? null,
    'path.other.reached': other === null ? null : other.summary.reached,
    'path.other.stopped': stopped(other),
    'path.referenceGoesFurther': beyond(reference),
    'path.otherGoesFurther': beyond(other),
    'path.allStopTogether':
      stops.length < 2 || target === null
        ? null
        : stops.every((seen) => stopped(seen) === true && seen.summary.lastHop === lastHop),
    'path.nextHop': next?.hop ?? null,
    'path.nextAddress': next?.address ?? null,
    'path.routerBeyondStop': routerBeyond,
    'path.stopNextToHost':
      isStopped !== true || distance === null || next === null || isMute(distance - 1)
        ? null
        : next.hop >= distance,
    'path.muteBeyond':
      isStopped !== true || lastHop === null || (reference === null && isMute !== ALL_MUTE)
        ? null
        : isMute(lastHop + 1),
    'path.loopHop': loopHop,
    'path.loopFirstAddress': loopHop === null ? null : routerAt(loopHop, every),
    'path.loops': every.length === 0 ? null : loop !== null,
    'path.loopAddresses': loop === null ? null : loopAddresses.join(', ').replace(/, ([^,]*)$/, ' and $1'),
    'path.anyRouterAnswers': every.length === 0 ? null : every.some(({ summary }) => summary.lastHop > 0),
    'path.acceptedNearer': acceptedNearer,
    'path.acceptedAt': acceptedNearer === true ? acceptedAt : null,
    'path.acceptedAddress':
      acceptedNearer === true && acceptedAt !== null ? routerAt(acceptedAt, companions) : null,
  };
}

/** Where another sweep is told of by nobody either, one answer of the first router is no comparison. */
const isSilentFromFirst = ({ summary }: SeenTrace): boolean => summary.silentFromFirst;

/** A packet with the full TTL ran out of it (RFC 792, 4443: type 11 and 3). */
function ranOut({ address, connects }: Readings): boolean {
  return connects.failed?.told?.icmpType === (address?.includes(':') === true ? 3 : 11);
}

/**
 * A loop that no single trace shows, because its routers are slow to tell: each TTL from the trace that heard it. Where
 * two traces heard different routers at one TTL the ways differ, and nothing is put together.
 */
function loopTogether(every: readonly SeenTrace[], isKnown: boolean): Loop | null {
  if (every.some(({ summary }) => summary.reached)) return null;
  const heard = new Map<number, string>();
  for (const { summary } of every)
    for (const [ttl, router] of summary.routers) {
      if ((heard.get(ttl) ?? router) !== router) return null;
      heard.set(ttl, router);
    }
  const loop = findLoop(heard, isKnown);
  return loop === null ? null : { loopHop: loop.hop, loopAddresses: loop.addresses };
}

/** The routers of the loop, those included that were silent in the trace that shows it and came twice in another one. */
function circleOf(loop: Loop, all: readonly SeenTrace[]): string[] {
  const twice = all.flatMap(({ summary }) => {
    const within = [...summary.routers].filter(([hop]) => hop >= (loop.loopHop ?? 0));
    return within.flatMap(([hop, address]) =>
      within.some(([other, again]) => again === address && other > hop + 1) ? [address] : [],
    );
  });
  return [...new Set([...loop.loopAddresses, ...twice])];
}

/** The first hop at which any trace met a router of the loop: in one trace that hop may have been silent. */
const loopStart = (loop: readonly string[], all: readonly SeenTrace[]): number =>
  Math.min(
    ...all.flatMap(({ summary }) =>
      [...summary.routers].flatMap(([hop, address]) => (loop.includes(address) ? [hop] : [])),
    ),
  );
