import { familyOf } from '../../ground/address.ts';
import { errnoOf, ICMP_MEANINGS, icmpMeaning } from '../../ground/icmp.ts';
import type { FactsOf, FactTable, View } from '../../model/facts.ts';
import { countedRefusal } from '../readings/counted.ts';
import { observed, observedHere } from '../readings/observed.ts';
import type { Rejection, TraceSummary } from '../readings/trace-summary.ts';
import {
  isBeforeTheHost,
  isForged,
  isOwnSweep,
  otherProtocolTraces,
  type SeenTrace,
  traceOf,
} from '../readings/traces.ts';
import { hostDistance } from './host.ts';
import { losesPackets } from './tcp.ts';

const TARGET = ['trace-syn:target', 'trace-command:target'] as const;
const CONTROL = ['trace-syn:control', 'trace-command:control'] as const;
const OTHER = ['trace-syn:other-protocol', 'trace-command:other-protocol'] as const;
const BOTH = [...TARGET, ...CONTROL] as const;
const EVERY = [...TARGET, ...CONTROL, ...OTHER] as const;

export const PATH_FACTS = {
  'path.target.traced': { type: 'boolean', meaning: 'A TCP trace to the very port was made.', from: TARGET },
  'path.target.method': { type: 'string', meaning: 'How the trace to the port was made.', from: TARGET },
  'path.target.lastHop': {
    type: 'number',
    meaning: 'Highest TTL at which a router answered a SYN to the port; 0 = none.',
    from: TARGET,
  },
  'path.target.lastAddress': { type: 'string', meaning: 'The router at path.target.lastHop.', from: TARGET },
  'path.target.lastName': {
    type: 'string',
    meaning: 'The last hop that answered SYNs to the port, "hop 3"; "this machine" where no router did.',
    from: TARGET,
  },
  'path.target.lastSeen': {
    type: 'string',
    meaning:
      'How far SYNs to the port get, in words: "answered up to hop 3 (192.0.2.1)", "answered by no router".',
    from: TARGET,
  },
  'path.target.answeredAt': {
    type: 'number',
    meaning: 'Smallest TTL at which the port was answered by SYN-ACK, RST, or the target itself.',
    from: TARGET,
  },
  'path.target.stopped': {
    type: 'boolean',
    meaning: 'SYNs to the port end in silence: neither the end nor a rejection answered.',
    from: TARGET,
  },
  'path.target.silentFromFirst': {
    type: 'boolean',
    meaning: 'Not even the first TTL of the port brought an answer.',
    from: TARGET,
  },
  'path.control.traced': {
    type: 'boolean',
    meaning: 'A TCP trace to another port of the same host was made.',
    from: CONTROL,
  },
  'path.control.port': { type: 'number', meaning: 'The other port.', from: CONTROL },
  'path.control.lastHop': {
    type: 'number',
    meaning: 'Highest TTL at which a router answered a SYN to the control port.',
    from: CONTROL,
  },
  'path.control.reached': {
    type: 'boolean',
    meaning: 'The control port was answered by the end.',
    from: CONTROL,
  },
  'path.control.stopped': {
    type: 'boolean',
    meaning: 'SYNs to the control port end in silence, too.',
    from: CONTROL,
  },
  'path.control.silentFromFirst': {
    type: 'boolean',
    meaning: 'Not even the first TTL of the control port brought an answer.',
    from: CONTROL,
  },
  'path.other.protocol': {
    type: 'string',
    values: ['tcp', 'udp', 'icmp'],
    meaning: 'Protocol of the farthest trace that is not TCP (udp, icmp).',
    from: OTHER,
  },
  'path.other.lastHop': {
    type: 'number',
    meaning: 'Highest TTL at which a router answered that other protocol.',
    from: OTHER,
  },
  'path.other.reached': { type: 'boolean', meaning: 'The target answered that other protocol.', from: OTHER },
  'path.other.stopped': { type: 'boolean', meaning: 'That other protocol ends in silence.', from: OTHER },
  'path.controlGoesFurther': {
    type: 'boolean',
    meaning: 'The port falls silent where the control port goes on.',
    from: BOTH,
  },
  'path.otherGoesFurther': {
    type: 'boolean',
    meaning: 'The port falls silent where another protocol goes on.',
    from: [...TARGET, ...OTHER],
  },
  'path.allStopTogether': {
    type: 'boolean',
    meaning: 'At least two traces, and all of them fall silent after the same hop.',
    from: EVERY,
  },
  'path.nextHop': {
    type: 'number',
    meaning: 'Smallest TTL beyond path.target.lastHop that answered another trace.',
    from: EVERY,
  },
  'path.nextAddress': {
    type: 'string',
    meaning: 'The router at path.nextHop; null when it is the target.',
    from: EVERY,
  },
  'path.routerBeyondStop': {
    type: 'boolean',
    meaning:
      'A router beyond the stop answered another trace: the port dies before that router, and so before the host.',
    from: EVERY,
  },
  'path.muteBeyond': {
    type: 'boolean',
    meaning:
      'No router tells of any TCP packet, although those of the control port go on: where this port ends cannot be seen.',
    from: BOTH,
  },
  'path.stopNextToHost': {
    type: 'boolean',
    meaning:
      'The next that answers beyond the stop is the host itself: the last router and the host cannot be told apart.',
    from: EVERY,
  },
  'path.loopHop': {
    type: 'number',
    meaning: 'First hop of a loop: its router comes again later with another between.',
    from: EVERY,
  },
  'path.loopFirstAddress': { type: 'string', meaning: 'The router at path.loopHop.', from: EVERY },
  'path.loops': { type: 'boolean', meaning: 'Routers repeat in the trace to the port.', from: EVERY },
  'path.loopAddresses': { type: 'string', meaning: 'The routers that repeat.', from: EVERY },
  'path.anyRouterAnswers': {
    type: 'boolean',
    meaning: 'At least one router answered at least one trace.',
    from: EVERY,
  },
  'path.acceptedNearer': {
    type: 'boolean',
    meaning: 'The port accepts at a TTL that ends before the host.',
    from: EVERY,
  },
  'path.acceptedAt': {
    type: 'number',
    meaning:
      'Smallest TTL at which a SYN to the port was accepted; null when it is not nearer than the host.',
    from: EVERY,
  },
  'path.acceptedAddress': {
    type: 'string',
    meaning: 'The router that other traces show at path.acceptedAt.',
    from: EVERY,
  },
  'gateway.answersOthers': {
    type: 'boolean',
    meaning:
      'The first router sends an ICMP error for a packet with TTL 1 to another destination; null when not asked or silent.',
    from: ['trace-syn:gateway'],
  },
  'refusal.kind': {
    type: 'string',
    values: ['rst', 'icmp'],
    meaning: 'What the refusal was: a TCP reset or an ICMP error; null when silent or not known.',
    from: [...TARGET, 'counted-connect'],
  },
  'refusal.meaning': {
    type: 'string',
    values: ICMP_MEANINGS,
    meaning: 'What the ICMP error says.',
    from: [...TARGET, 'ping', 'tcp-connect:target'],
  },
  'refusal.from': {
    type: 'string',
    values: ['target', 'self', 'router'],
    meaning: 'Who sent the ICMP error.',
    from: [...TARGET, 'ping'],
  },
  'refusal.address': { type: 'string', meaning: 'The address that sent it.', from: [...TARGET, 'ping'] },
  'refusal.hop': {
    type: 'number',
    meaning:
      "Smallest TTL at which that address answered anything; null where only a tool's late answer shows it, whose TTL a router's rate limit may have moved.",
    from: [...EVERY, 'ping'],
  },
  'refusal.type': { type: 'number', meaning: 'ICMP type as on the wire.', from: TARGET },
  'refusal.code': { type: 'number', meaning: 'ICMP code as on the wire.', from: TARGET },
  'refusal.late': {
    type: 'boolean',
    meaning:
      'The unreachable came about three seconds after the first packet (a failed ARP or neighbour discovery), not at once.',
    from: [...TARGET, 'tcp-connect:target'],
  },
  'refusal.behindTarget': {
    type: 'boolean',
    meaning:
      "`host unreachable` comes seconds late from the target's own address, or from nobody knows whom while that address answers otherwise: it forwards the port to another host and did not find that one. False where no such error came; null where it may be one.",
    from: [...TARGET, 'ping', 'alternate-ports', 'tcp-connect:target'],
  },
  'refusal.sought': {
    type: 'string',
    meaning:
      'What was looked for on the last link: target.address, or "The host behind" it where refusal.behindTarget.',
    from: [...TARGET, 'ping', 'tcp-connect:target'],
  },
  'refusal.atOwnTtl': {
    type: 'boolean',
    meaning:
      'The router rejects already the packet whose TTL ends at it (its routing does that; a filter in its forward stage lets that one expire).',
    from: EVERY,
  },
  'refusal.portSpecific': {
    type: 'boolean',
    meaning: 'Another port or protocol passes the device that rejects this port.',
    from: EVERY,
  },
  'refusal.everything': {
    type: 'boolean',
    meaning: 'The control port is rejected by the same device.',
    from: BOTH,
  },
  'refusal.nearer': {
    type: 'boolean',
    meaning:
      'The reset comes from nearer than the host (smaller TTL, or its own TTL shows fewer hops); false when the host itself sent it; null when that cannot be told.',
    from: [...EVERY, 'reply-ttl', 'ping'],
  },
  'refusal.nearerBy': {
    type: 'string',
    values: ['ttl-sweep', 'reply-ttl'],
    meaning:
      'What shows refusal.nearer: it answered a TTL too small for the host, or it arrived with too large a TTL.',
    from: [...EVERY, 'reply-ttl', 'ping'],
  },
  'refusal.firstTtl': { type: 'number', meaning: 'Smallest TTL that was answered by a reset.', from: TARGET },
  'refusal.previousAddress': {
    type: 'string',
    meaning: 'The router one hop before refusal.firstTtl.',
    from: EVERY,
  },
  'refusal.hereAddress': {
    type: 'string',
    meaning: 'The router that other traces show at refusal.firstTtl.',
    from: EVERY,
  },
  'refusal.replyTtl': { type: 'number', meaning: 'TTL with which the reset arrived.', from: ['reply-ttl'] },
  'refusal.byPing': {
    type: 'boolean',
    meaning: 'Who rejected is known from ping only, not from this port.',
    from: ['ping'],
  },
} as const satisfies FactTable;

type PathFacts = FactsOf<typeof PATH_FACTS>;

const stopped = (seen: SeenTrace | null): boolean | null =>
  seen === null || seen.summary.localError !== null
    ? null
    : !seen.summary.reached &&
      seen.summary.rejection === null &&
      seen.summary.loopHop === null &&
      // A sweep that was cut short on purpose, before the host, has not stopped anywhere.
      seen.trace.replies.some(({ ttl, answer }) => answer === 'silence' && ttl > seen.summary.lastHop);

const MOST_HOPS = 64;

/**
 * TTLs at which the control port brought nothing although its packets went on, where no router at all told of a TCP
 * packet: that they tell of UDP or ping says nothing about where this port ends. (Where some tell and some do not, the
 * silence may be a limit of the one that is silent.)
 */
function muteTtls(target: SeenTrace | null, control: SeenTrace | null): Set<number> {
  // A tool's trace of one port, with none to compare: that no router tells of it may be their manner with TCP.
  if (control === null && target !== null && !isOwnSweep(target) && target.summary.routers.size === 0)
    return new Set(Array.from({ length: MOST_HOPS }, (_, i) => i + 1));
  if (control === null || control.summary.routers.size > 0 || (target?.summary.routers.size ?? 0) > 0)
    return new Set();
  const { lastHop, answeredAt } = control.summary;
  const got = answeredAt ?? lastHop;
  return new Set(
    control.trace.replies.flatMap(({ ttl, answer }) => (answer === 'silence' && ttl < got ? [ttl] : [])),
  );
}

/** Everything that answered beyond `ttl` in the traces given: TTL -> router address, or null for the end itself. */
function nextBeyond(
  ttl: number,
  others: SeenTrace[],
  mute: ReadonlySet<number>,
): { hop: number; address: string | null } | null {
  let best: { hop: number; address: string | null } | null = null;
  for (const { summary } of others) {
    for (const [hop, address] of summary.routers)
      if (hop > ttl && !mute.has(hop) && (best === null || hop < best.hop)) best = { hop, address };
    if (
      summary.answeredAt !== null &&
      summary.answeredAt > ttl &&
      (best === null || summary.answeredAt < best.hop)
    )
      best = { hop: summary.answeredAt, address: null };
  }
  return best;
}

export function pathFacts(view: View): PathFacts {
  const target = traceOf(view, 'target');
  const control = traceOf(view, 'control');
  const others = otherProtocolTraces(view);
  const other = others[0] ?? null;
  const companions = [control, ...others].filter((seen): seen is SeenTrace => seen !== null);
  const all = [target, ...companions].filter((seen): seen is SeenTrace => seen !== null);
  const distance = hostDistance(view);
  const isStopped = stopped(target);
  const lastHop = target?.summary.lastHop ?? null;
  const mute = muteTtls(target, control);
  const next = target === null || lastHop === null ? null : nextBeyond(lastHop, companions, mute);
  const beyond = (seen: SeenTrace | null): boolean | null =>
    isStopped === null || seen === null || seen.summary.localError !== null || lastHop === null
      ? null
      : isStopped &&
        (nextBeyond(lastHop, [seen], mute) !== null ||
          (seen.summary.rejection !== null && seen.summary.rejection.ttl > lastHop + 1));
  const stops = all.filter(({ summary }) => summary.localError === null);
  const loop = all.find(({ summary }) => summary.loopHop !== null)?.summary ?? null;
  const loopAddresses = loop === null ? [] : circleOf(loop, all);
  const loopHop = loop === null ? null : loopStart(loopAddresses, all);
  const routerBeyond =
    isStopped !== true || lastHop === null
      ? null
      : companions.length === 0
        ? null
        : next !== null && next.address !== null && (distance === null || next.hop < distance);
  const acceptedAt = target?.summary.answer === 'syn-ack' ? target.summary.answeredAt : null;
  const acceptedNearer =
    acceptedAt === null
      ? null
      : isBeforeTheHost(acceptedAt, companions, losesPackets(view))
        ? true
        : distance !== null && acceptedAt >= distance
          ? false
          : null;
  const refusal = refusalFacts(view, target, control, all);
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
    'path.target.stopped': isStopped,
    'path.target.silentFromFirst': target === null ? null : target.summary.silentFromFirst,
    'path.control.traced': control !== null,
    'path.control.port': control?.trace.port ?? null,
    'path.control.lastHop': control?.summary.lastHop ?? null,
    'path.control.reached': control === null ? null : control.summary.reached,
    'path.control.stopped': stopped(control),
    'path.control.silentFromFirst': control === null ? null : control.summary.silentFromFirst,
    'path.other.protocol': other?.trace.protocol ?? null,
    'path.other.lastHop': other?.summary.lastHop ?? null,
    'path.other.reached': other === null ? null : other.summary.reached,
    'path.other.stopped': stopped(other),
    'path.controlGoesFurther': beyond(control),
    'path.otherGoesFurther': beyond(other),
    'path.allStopTogether':
      stops.length < 2 || target === null
        ? null
        : stops.every((seen) => stopped(seen) === true && seen.summary.lastHop === lastHop),
    'path.nextHop': next?.hop ?? null,
    'path.nextAddress': next?.address ?? null,
    'path.routerBeyondStop': routerBeyond,
    'path.stopNextToHost':
      isStopped !== true || distance === null || next === null || mute.has(distance - 1)
        ? null
        : next.hop >= distance,
    'path.muteBeyond':
      isStopped !== true || lastHop === null || (control === null && mute.size === 0)
        ? null
        : mute.has(lastHop + 1),
    'path.loopHop': loopHop,
    'path.loopFirstAddress': loopHop === null ? null : routerAt(loopHop, all),
    'path.loops': all.length === 0 ? null : loop !== null,
    'path.loopAddresses': loop === null ? null : loopAddresses.join(', '),
    'path.anyRouterAnswers': all.length === 0 ? null : all.some(({ summary }) => summary.lastHop > 0),
    'path.acceptedNearer': acceptedNearer,
    'path.acceptedAt': acceptedNearer === true ? acceptedAt : null,
    'path.acceptedAddress':
      acceptedNearer === true && acceptedAt !== null ? routerAt(acceptedAt, companions) : null,
    'gateway.answersOthers': gatewayAnswersOthers(view),
    ...refusal,
    'refusal.sought':
      refusal['refusal.behindTarget'] === true ? `The host behind ${view.address}` : view.address,
  };
}

const gatewayOf = (view: View): string | null =>
  observedHere(view, 'local-network')[0]?.data.route.gateway ?? null;

/** One packet with TTL 1 to a documentation address: it ends at the first router whatever that would do with it. */
function gatewayAnswersOthers(view: View): boolean | null {
  const asked = observed(view, 'trace-syn').filter((o) => o.input.role === 'gateway');
  const gateway = gatewayOf(view);
  const heard = asked.some((o) =>
    o.data.replies.some(
      ({ ttl, answer, from }) =>
        ttl === 1 &&
        (answer === 'time-exceeded' || answer === 'unreachable') &&
        (gateway === null || gateway.includes(':') || from === gateway),
    ),
  );
  return heard ? true : null;
}

/** The routers of the loop, those included that were silent in the trace that shows it and came twice in another one. */
function circleOf(loop: TraceSummary, all: readonly SeenTrace[]): string[] {
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

type RefusalFacts = Omit<Pick<PathFacts, Extract<keyof PathFacts, `refusal.${string}`>>, 'refusal.sought'>;

const NO_REFUSAL: RefusalFacts = {
  'refusal.kind': null,
  'refusal.meaning': null,
  'refusal.from': null,
  'refusal.address': null,
  'refusal.hop': null,
  'refusal.type': null,
  'refusal.code': null,
  'refusal.late': null,
  'refusal.atOwnTtl': null,
  'refusal.portSpecific': null,
  'refusal.everything': null,
  'refusal.nearer': null,
  'refusal.nearerBy': null,
  'refusal.firstTtl': null,
  'refusal.previousAddress': null,
  'refusal.hereAddress': null,
  'refusal.behindTarget': false,
  'refusal.replyTtl': null,
  'refusal.byPing': null,
};

const routerAt = (ttl: number, all: SeenTrace[]): string | null =>
  all.flatMap(({ summary }) => summary.routers.get(ttl) ?? [])[0] ?? null;

/**
 * Smallest TTL at which an address answered anything in any trace. A tool asks TTL after TTL, and a router that has spent
 * its ICMP errors answers a later one first: what the tool shows is the hop where it is the first TTL, where the TTL before
 * was answered by another, or where the packet expired there. The gateway is hop 1 however late it spoke.
 */
function hopOf(address: string, all: SeenTrace[], gateway: string | null): number | null {
  const ttls = all.flatMap((seen) => {
    const { replies } = seen.trace;
    const mine = replies.filter(({ from }) => from === address);
    if (isOwnSweep(seen)) return mine.map(({ ttl }) => ttl);
    const isPlaced = (ttl: number) =>
      ttl === 1 ||
      replies.some((other) => other.ttl === ttl - 1 && other.from !== null && other.from !== address);
    return mine
      .filter(({ ttl, answer }) => answer === 'time-exceeded' || isPlaced(ttl))
      .map(({ ttl }) => ttl);
  });
  if (address === gateway) ttls.push(1);
  return ttls.length > 0 ? Math.min(...ttls) : null;
}

function refusalFacts(
  view: View,
  target: SeenTrace | null,
  control: SeenTrace | null,
  all: SeenTrace[],
): RefusalFacts {
  const connect = observedHere(view, 'tcp-connect').find((o) => o.input.role === 'target');
  const failed = connect?.data.attempts.find((a) => a.outcome === 'unreachable' || a.outcome === 'refused');
  const rejection = completed(view, target?.summary.rejection ?? null, failed?.code ?? null, all);
  if (rejection !== null) {
    const own = ownAddresses(view);
    const { address } = rejection;
    // An ICMP error in the host's name from a place where the host is not: a translated address, and nobody knows whose.
    const isBorrowed = address === view.address && target !== null && isForged(target, all);
    const from =
      address === null || isBorrowed
        ? null
        : own.has(address)
          ? 'self'
          : address === view.address
            ? 'target'
            : 'router';
    const expiredAt = [...(target?.summary.routers ?? [])].flatMap(([ttl, router]) =>
      router === address && ttl < rejection.ttl ? [ttl] : [],
    );
    const expired = expiredAt.length > 0;
    // Several routers may answer with one address: of this port's own packets the last that expired there counts.
    const hop =
      address === null || from !== 'router'
        ? null
        : expired
          ? Math.max(...expiredAt)
          : hopOf(address, all, gatewayOf(view));
    const late = isLate(
      rejection.rttMs,
      failed === undefined ? null : failed.elapsedMs,
      address === null ? 0 : roundTripTo(address, all),
    );
    const passed =
      hop !== null && address !== null
        ? all.some(
            (seen) =>
              seen !== target &&
              seen.summary.rejection?.address !== address &&
              (seen.summary.lastHop > hop || (seen.summary.answeredAt ?? 0) > hop),
          )
        : null;
    return {
      ...NO_REFUSAL,
      'refusal.kind': 'icmp',
      'refusal.meaning': rejection.meaning,
      'refusal.from': from,
      'refusal.address': address,
      'refusal.hop': hop,
      'refusal.type': rejection.type,
      'refusal.code': rejection.code < 0 ? null : rejection.code,
      'refusal.late': late,
      'refusal.behindTarget':
        address === null || address !== view.address
          ? false
          : late === null
            ? null
            : late &&
              (rejection.meaning === 'host-unreachable' ||
                (rejection.code < 0 && failed?.code === 'EHOSTUNREACH')),
      'refusal.atOwnTtl':
        hop === null
          ? null
          : expired
            ? false
            : rejection.ttl === hop || (target !== null && isOwnSweep(target))
              ? rejection.ttl === hop
              : null,
      'refusal.portSpecific': passed,
      'refusal.everything':
        control === null || address === null ? null : control.summary.rejection?.address === address,
      'refusal.byPing': false,
    };
  }
  // A tool's end of the path that others pass: whatever answered there, with ECONNREFUSED, was not the host.
  const isReset =
    target?.summary.answer === 'rst' ||
    (target?.summary.answer === 'reply' && failed?.code === 'ECONNREFUSED' && isForged(target, all));
  if (target !== null && isReset) {
    const reply = replyTtlOf(view);
    return {
      ...NO_REFUSAL,
      'refusal.kind': 'rst',
      ...nearness(view, target, all, reply),
      'refusal.firstTtl': target.summary.answeredAt,
      'refusal.previousAddress': routerAt((target.summary.answeredAt ?? 0) - 1, all),
      'refusal.hereAddress': routerAt(target.summary.answeredAt ?? 0, all),
      'refusal.replyTtl': reply,
      'refusal.portSpecific':
        control === null ? null : control.summary.reached && control.summary.answer !== 'rst' ? true : null,
    };
  }
  const counted = failed?.outcome === 'refused' ? countedRefusal(view) : null;
  if (counted === 'rst') return { ...NO_REFUSAL, 'refusal.kind': 'rst' };
  const told = fromPing(
    view,
    failed?.code ?? null,
    failed?.outcome === 'unreachable' ? failed.elapsedMs : null,
    all,
  );
  return counted === null || told['refusal.kind'] !== null
    ? told
    : { ...told, 'refusal.kind': counted, 'refusal.meaning': 'port-unreachable' };
}

/**
 * Some tools show who rejects and not with which error. Ping or another trace may have the same sender's error; it
 * counts when connect() failed with the errno that this very error causes. Else the errno alone may tell.
 */
function completed(
  view: View,
  rejection: Rejection | null,
  code: string | null,
  all: SeenTrace[],
): Rejection | null {
  if (rejection === null || rejection.code >= 0 || view.address === null || code === null) return rejection;
  const family = familyOf(view.address);
  const told = [
    ...observedHere(view, 'ping').flatMap((o) => o.data.errors),
    ...all.flatMap(({ trace }) => trace.replies.filter(({ answer }) => answer === 'unreachable')),
  ].find((e) => e.from === rejection.address && errnoOf(family, e.icmpType, e.icmpCode) === code);
  const meaning = told
    ? icmpMeaning(family, told.icmpType, told.icmpCode)
    : (meaningOfErrno(family, code) ?? (code === 'ECONNREFUSED' ? 'port-unreachable' : null));
  return {
    ...rejection,
    meaning: meaning ?? rejection.meaning,
    type: told?.icmpType ?? rejection.type,
    code: told?.icmpCode ?? rejection.code,
  };
}

/** The target's address itself answered ping or another port. */
const answersOtherwise = (view: View): boolean =>
  observedHere(view, 'ping').some(({ outcome }) => outcome === 'replies') ||
  observedHere(view, 'alternate-ports').some(({ data }) =>
    data.ports.some(({ outcome }) => outcome === 'open' || outcome === 'refused'),
  );

/**
 * Without our own sweep the kernel does not tell who sent the error. Ping may: its error counts for the port when
 * connect() failed with the errno that this very ICMP error causes.
 */
function fromPing(view: View, code: string | null, elapsedMs: number | null, all: SeenTrace[]): RefusalFacts {
  const late = elapsedMs === null ? null : elapsedMs >= 2000 ? true : elapsedMs <= 1500 ? false : null;
  const bare = { ...NO_REFUSAL, 'refusal.late': late };
  if (code === null || view.address === null) return bare;
  const family = familyOf(view.address);
  const error = observedHere(view, 'ping')
    .flatMap((o) => o.data.errors)
    .find((e) => e.from !== null && errnoOf(family, e.icmpType, e.icmpCode) === code);
  const seen = all.find(
    ({ summary }) =>
      summary.rejection !== null && errnoOf(family, summary.rejection.type, summary.rejection.code) === code,
  );
  const address = error?.from ?? seen?.summary.rejection?.address ?? null;
  const type = error?.icmpType ?? seen?.summary.rejection?.type ?? null;
  const icmpCode = error?.icmpCode ?? seen?.summary.rejection?.code ?? null;
  if (address === null || type === null)
    return {
      ...bare,
      'refusal.meaning': meaningOfErrno(family, code),
      // Nobody told who says so: of an address that answers otherwise it can only be about what lies behind it.
      'refusal.behindTarget':
        code !== 'EHOSTUNREACH' || late === false
          ? false
          : late === true && answersOtherwise(view)
            ? true
            : null,
    };
  const from = ownAddresses(view).has(address) ? 'self' : address === view.address ? 'target' : 'router';
  const meaning = icmpMeaning(family, type, icmpCode);
  return {
    ...bare,
    'refusal.behindTarget':
      from !== 'target' ? false : late === null ? null : late && meaning === 'host-unreachable',
    'refusal.kind': 'icmp',
    'refusal.meaning': meaning,
    'refusal.from': from,
    'refusal.address': address,
    'refusal.hop': from === 'router' ? hopOf(address, all, gatewayOf(view)) : null,
    'refusal.type': type,
    'refusal.code': icmpCode,
    'refusal.byPing': true,
  };
}

/** What an errno alone says about the ICMP error behind it; null where several errors share it. */
function meaningOfErrno(family: 4 | 6, code: string) {
  if (family === 6 && code === 'EACCES') return 'prohibited' as const;
  if (family === 6 && code === 'ENETUNREACH') return 'no-route' as const;
  if (code === 'ENOPROTOOPT') return 'protocol-unreachable' as const;
  return null;
}

/**
 * ARP and neighbour discovery fail about 3.06 s after the first packet that needed them; the sweep starts at most a
 * second after that packet. About 1 s with two packets sent is a router's ICMP rate limit, or a SYN sent again.
 */
const LATE_MS = 1800;

function isLate(rttMs: number | null, connectMs: number | null, roundTripMs: number): boolean | null {
  if (connectMs !== null) return connectMs - roundTripMs >= 2000;
  return rttMs === null ? null : rttMs - roundTripMs >= LATE_MS;
}

/** How soon the address, or what lies before it, says that a TTL ran out there: what it says at once takes as long. */
function roundTripTo(address: string, all: SeenTrace[]): number {
  const times = all.flatMap(({ trace }) => {
    const own = trace.replies.filter(({ from }) => from === address).map(({ ttl }) => ttl);
    const before = Math.max(0, Math.min(...own) - 1);
    return trace.replies.flatMap(({ ttl, from, answer, rttMs }) =>
      answer === 'time-exceeded' && rttMs !== null && (from === address || ttl === before) ? [rttMs] : [],
    );
  });
  return times.length > 0 ? Math.min(...times) : 0;
}

function replyTtlOf(view: View): number | null {
  const port = view.evidence.request.target.port;
  return observedHere(view, 'reply-ttl').find((o) => o.input.port === port)?.data.ttl ?? null;
}

const initialTtl = (ttl: number): number => [64, 128, 255].find((start) => ttl <= start) ?? 255;

function nearness(
  view: View,
  target: SeenTrace,
  all: SeenTrace[],
  reply: number | null,
): Pick<RefusalFacts, 'refusal.nearer' | 'refusal.nearerBy'> {
  const { answeredAt } = target.summary;
  const route = observedHere(view, 'local-network')[0]?.data.route;
  if (isForged(target, all)) return { 'refusal.nearer': true, 'refusal.nearerBy': 'ttl-sweep' };
  if (route?.kind === 'local' || (answeredAt === 1 && route?.onLink === true))
    return { 'refusal.nearer': false, 'refusal.nearerBy': null };
  if (reply === null) return { 'refusal.nearer': null, 'refusal.nearerBy': null };
  const port = view.evidence.request.target.port;
  const references = [
    ...observedHere(view, 'reply-ttl')
      .filter((o) => o.input.port !== port)
      .map((o) => o.data.ttl),
    ...observedHere(view, 'ping').map((o) => (o.outcome === 'replies' ? o.data.replyTtl : null)),
  ].filter((ttl): ttl is number => ttl !== null && initialTtl(ttl) === initialTtl(reply));
  if (references.some((ttl) => reply > ttl))
    return { 'refusal.nearer': true, 'refusal.nearerBy': 'reply-ttl' };
  if (references.length > 0) return { 'refusal.nearer': false, 'refusal.nearerBy': null };
  // Nothing to compare with: hops of the way back, from a usual initial TTL, against those of the way there.
  const hopsBack = initialTtl(reply) - reply + 1;
  if (answeredAt !== null && hopsBack < answeredAt)
    return { 'refusal.nearer': true, 'refusal.nearerBy': 'reply-ttl' };
  return { 'refusal.nearer': null, 'refusal.nearerBy': null };
}

/** Addresses of this machine, from its interfaces and the route's source. */
export function ownAddresses(view: View): Set<string> {
  const local = observedHere(view, 'local-network').flatMap((o) => [
    ...o.data.interfaces.flatMap((i) => i.addresses.map(({ address }) => address)),
    ...(o.data.route.source === null ? [] : [o.data.route.source]),
  ]);
  return new Set([...view.evidence.vantage.addresses, ...local]);
}
