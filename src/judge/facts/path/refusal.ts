import { familyOf } from '../../../ground/address.ts';
import { ICMP_MEANINGS, icmpMeaning } from '../../../ground/icmp.ts';
import { platformOf } from '../../../ground/platform.ts';
import { EVERY_TRACE, REFERENCE_TRACES, TARGET_TRACES } from '../../../model/fact-sources.ts';
import type { FactsOf, FactTable } from '../../../model/facts.ts';
import { timeOf } from '../../readings/connects.ts';
import type { Readings } from '../../readings/index.ts';
import type { Rejection } from '../../readings/trace-summary.ts';
import { isForged, isOwnSweep, routerAt, type SeenTrace } from '../../readings/traces.ts';
import { nearness, replyTtlOf } from './nearness.ts';

const BOTH = [...TARGET_TRACES, ...REFERENCE_TRACES] as const;

/** Any trace and ping may name the sender; it counts where connect() failed with the errno of just that error. */
const WHO = [...EVERY_TRACE, 'ping', 'tcp-connect:target'] as const;

export const REFUSAL_FACTS = {
  'refusal.kind': {
    type: 'string',
    values: ['rst', 'icmp'],
    meaning: 'What the refusal was: a TCP reset or an ICMP error; null when silent or not known.',
    from: [...TARGET_TRACES, 'counted-connect', 'ping', 'tcp-connect:target'],
  },
  'refusal.meaning': {
    type: 'string',
    values: ICMP_MEANINGS,
    meaning: 'What the ICMP error says.',
    from: [...TARGET_TRACES, 'ping', 'tcp-connect:target'],
  },
  'refusal.from': {
    type: 'string',
    values: ['target', 'self', 'router'],
    meaning: 'Who sent the ICMP error.',
    from: [...WHO, 'local-network'],
  },
  'refusal.address': { type: 'string', meaning: 'The address that sent it.', from: WHO },
  'refusal.hop': {
    type: 'number',
    meaning:
      "Smallest TTL at which that address answered anything; null where only a tool's late answer shows it, whose TTL a router's rate limit may have moved.",
    from: [...WHO, 'local-network'],
  },
  'refusal.type': {
    type: 'number',
    meaning: 'ICMP type as on the wire.',
    from: [...TARGET_TRACES, 'ping', 'tcp-connect:target'],
  },
  'refusal.code': {
    type: 'number',
    meaning: 'ICMP code as on the wire.',
    from: [...TARGET_TRACES, 'ping', 'tcp-connect:target'],
  },
  'refusal.late': {
    type: 'boolean',
    meaning:
      'The unreachable came about three seconds after the first packet (a failed ARP or neighbour discovery), not at once.',
    from: [...TARGET_TRACES, 'tcp-connect:target', 'counted-connect'],
  },
  'refusal.behindTarget': {
    type: 'boolean',
    meaning:
      "The error `host unreachable` comes seconds late from the target's own address, or from nobody knows whom while that address answers otherwise: it forwards the port to another host and did not find that one. False where no such error came; null where it may be one.",
    from: [...TARGET_TRACES, 'ping', 'alternate-ports', 'tcp-connect:target'],
  },
  'refusal.sought': {
    type: 'string',
    meaning:
      'What was looked for on the last link: target.address, or "The host behind" it where refusal.behindTarget.',
    from: [...TARGET_TRACES, 'ping', 'tcp-connect:target'],
  },
  'refusal.atOwnTtl': {
    type: 'boolean',
    meaning:
      'The router rejects already the packet whose TTL ends at it (its routing does that; a filter in its forward stage lets that one expire).',
    from: EVERY_TRACE,
  },
  'refusal.portSpecific': {
    type: 'boolean',
    meaning: 'Another port or protocol passes the device that rejects this port.',
    from: EVERY_TRACE,
  },
  'refusal.everything': {
    type: 'boolean',
    meaning: 'The reference port is rejected by the same device.',
    from: BOTH,
  },
  'refusal.nearer': {
    type: 'boolean',
    meaning:
      'The reset comes from nearer than the host (smaller TTL, or its own TTL shows fewer hops); false when the host itself sent it; null when that cannot be told.',
    from: [...EVERY_TRACE, 'reply-ttl', 'ping', 'local-network'],
  },
  'refusal.nearerBy': {
    type: 'string',
    values: ['ttl-sweep', 'reply-ttl'],
    meaning:
      'What shows refusal.nearer: it answered a TTL too small for the host, or it arrived with too large a TTL.',
    from: [...EVERY_TRACE, 'reply-ttl', 'ping', 'local-network'],
  },
  'refusal.firstTtl': {
    type: 'number',
    meaning: 'Smallest TTL that was answered by a reset.',
    from: TARGET_TRACES,
  },
  'refusal.previousAddress': {
    type: 'string',
    meaning: 'The router one hop before refusal.firstTtl.',
    from: EVERY_TRACE,
  },
  'refusal.hereAddress': {
    type: 'string',
    meaning: 'The router that other traces show at refusal.firstTtl.',
    from: EVERY_TRACE,
  },
  'refusal.replyTtl': {
    type: 'number',
    meaning: 'TTL with which the reset arrived.',
    from: [...TARGET_TRACES, 'reply-ttl', 'tcp-connect:target'],
  },
  'refusal.byPing': {
    type: 'boolean',
    meaning: 'Who rejected is known from ping only, not from this port.',
    from: WHO,
  },
} as const satisfies FactTable;

type Refusal = Omit<FactsOf<typeof REFUSAL_FACTS>, 'refusal.sought'>;

const NO_REFUSAL: Refusal = {
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

/**
 * Smallest TTL at which an address answered anything in any trace. A tool asks TTL after TTL, and a router that has spent
 * its ICMP errors answers a later one first: what the tool shows is the hop where it is the first TTL, where the TTL before
 * was answered by another, or where the packet expired there. The gateway is hop 1 however late it spoke.
 */
function hopOf(address: string, all: readonly SeenTrace[], gateway: string | null): number | null {
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

export function refusalFacts(readings: Readings): FactsOf<typeof REFUSAL_FACTS> {
  const refusal = refusalIn(readings);
  return {
    ...refusal,
    'refusal.sought':
      refusal['refusal.behindTarget'] === true ? `The host behind ${readings.address}` : readings.address,
  };
}

function refusalIn(readings: Readings): Refusal {
  const { target, reference, every } = readings.traces;
  const { failed } = readings.connects;
  const { gateway, ownAddresses: own } = readings.local;
  const traced = completed(readings, target?.summary.rejection ?? null, failed?.code ?? null);
  const rejection = traced ?? toldOf(readings);
  if (rejection !== null) {
    const { address } = rejection;
    // An ICMP error in the host's name from a place where the host is not: a translated address, and nobody knows whose.
    const isBorrowed = address === readings.address && target !== null && isForged(target, every);
    const from =
      address === null || isBorrowed
        ? null
        : own.has(address)
          ? 'self'
          : address === readings.address
            ? 'target'
            : 'router';
    const expiredAt = [...(target?.summary.routers ?? [])].flatMap(([ttl, router]) =>
      router === address && ttl < rejection.ttl ? [ttl] : [],
    );
    const expired = expiredAt.length > 0;
    // Several routers may answer with one address: of this port's own packets the last that expired there counts.
    const seenHop =
      address === null || from !== 'router'
        ? null
        : expired
          ? Math.max(...expiredAt)
          : hopOf(address, every, gateway);
    const late = isLate(
      rejection.rttMs,
      failed == null || platformOf(readings.vantage.os).neighbourGivenUpMs === null ? null : timeOf(failed),
      address === null ? 0 : roundTripTo(address, every),
    );
    const isRouting = rejection.meaning === 'no-route' || rejection.meaning === 'host-unreachable';
    const hop = seenHop ?? (from === 'router' && isRouting && late === false ? nextAfter(every) : null);
    const passed =
      hop !== null && address !== null
        ? every.some(
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
        address === null || address !== readings.address
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
            : traced === null
              ? null
              : rejection.ttl === hop || (target !== null && isOwnSweep(target))
                ? rejection.ttl === hop
                : null,
      'refusal.portSpecific': passed,
      'refusal.everything':
        reference === null || address === null ? null : reference.summary.rejection?.address === address,
      'refusal.byPing': false,
    };
  }
  // A tool's end of the path that others pass: whatever answered there, with ECONNREFUSED, was not the host.
  const isReset =
    target?.summary.answer === 'rst' ||
    (target?.summary.answer === 'reply' && failed?.code === 'ECONNREFUSED' && isForged(target, every));
  if (target !== null && isReset) {
    return {
      ...NO_REFUSAL,
      'refusal.kind': 'rst',
      ...nearness(readings, target),
      'refusal.firstTtl': target.summary.answeredAt,
      'refusal.previousAddress': routerAt((target.summary.answeredAt ?? 0) - 1, every),
      'refusal.hereAddress': routerAt(target.summary.answeredAt ?? 0, every),
      'refusal.replyTtl': replyTtlOf(readings),
      'refusal.portSpecific':
        reference === null
          ? null
          : reference.summary.reached && reference.summary.answer !== 'rst'
            ? true
            : null,
    };
  }
  // Its socket listened from the first packet on, and no ICMP error came.
  if (failed?.outcome === 'refused' && failed.told === null) return { ...NO_REFUSAL, 'refusal.kind': 'rst' };
  const counted = failed?.outcome === 'refused' ? readings.counted.refusal : null;
  if (counted === 'rst') return { ...NO_REFUSAL, 'refusal.kind': 'rst' };
  const told = fromPing(
    readings,
    failed?.code ?? null,
    failed?.outcome === 'unreachable' ? timeOf(failed) : null,
  );
  return counted === null || told['refusal.kind'] !== null
    ? told
    : { ...told, 'refusal.kind': counted, 'refusal.meaning': 'port-unreachable' };
}

/**
 * The hop after the last that was heard, where every one before it was heard and nothing beyond: there a router is that
 * tells of no TTL. One without a route is like that, since the route is looked up before the TTL is tested.
 */
function nextAfter(every: readonly SeenTrace[]): number | null {
  const heard = new Set(every.flatMap(({ summary }) => [...summary.routers.keys()]));
  const isWhole = heard.size > 0 && Math.max(...heard) === heard.size;
  return isWhole && !every.some(({ summary }) => summary.reached) ? heard.size + 1 : null;
}

/** What ended the very first connection, in the words of whoever sent it. Of a later one it may say nothing any more. */
function toldOf({ address, connects }: Readings): Rejection | null {
  const told = connects.failed?.told ?? null;
  if (told === null || address === null) return null;
  return {
    address: told.from,
    meaning: icmpMeaning(familyOf(address), told.icmpType, told.icmpCode) ?? 'other',
    type: told.icmpType,
    code: told.icmpCode,
    ttl: Number.POSITIVE_INFINITY,
    rttMs: null,
  };
}

/**
 * Some tools show who rejects and not with which error. Ping or another trace may have the same sender's error; it
 * counts when connect() failed with the errno that this very error causes. Else the errno alone may tell.
 */
function completed(
  { address, here, traces, vantage }: Readings,
  rejection: Rejection | null,
  code: string | null,
): Rejection | null {
  if (rejection === null || rejection.code >= 0 || address === null || code === null) return rejection;
  const family = familyOf(address);
  const { errnoOf } = platformOf(vantage.os);
  const told = [
    ...here.ping.flatMap((o) => o.data.errors),
    ...traces.every.flatMap(({ trace }) => trace.replies.filter(({ answer }) => answer === 'unreachable')),
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
const answersOtherwise = ({ here }: Readings): boolean =>
  here.ping.some(({ outcome }) => outcome === 'replies') ||
  here['alternate-ports'].some(({ data }) =>
    data.ports.some(({ outcome }) => outcome === 'open' || outcome === 'refused'),
  );

/**
 * Without our own sweep the kernel does not tell who sent the error. Ping may: its error counts for the port when
 * connect() failed with the errno that this very ICMP error causes.
 */
function fromPing(readings: Readings, code: string | null, elapsedMs: number | null): Refusal {
  const { address: own, here, traces, local } = readings;
  const { errnoOf, neighbourGivenUpMs } = platformOf(readings.vantage.os);
  // Where nobody knows when a neighbour is given up, the time of an error says nothing.
  const late =
    elapsedMs === null || neighbourGivenUpMs === null
      ? null
      : elapsedMs >= LATE_CONNECT_MS
        ? true
        : elapsedMs <= PROMPT_CONNECT_MS
          ? false
          : null;
  const bare = { ...NO_REFUSAL, 'refusal.late': late };
  if (code === null || own === null) return bare;
  const family = familyOf(own);
  const error = here.ping
    .flatMap((o) => o.data.errors)
    .find((e) => e.from !== null && errnoOf(family, e.icmpType, e.icmpCode) === code);
  const seen = traces.every.find(
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
          : late === true && answersOtherwise(readings)
            ? true
            : null,
    };
  const from = local.ownAddresses.has(address) ? 'self' : address === own ? 'target' : 'router';
  const meaning = icmpMeaning(family, type, icmpCode);
  return {
    ...bare,
    'refusal.behindTarget':
      from !== 'target' ? false : late === null ? null : late && meaning === 'host-unreachable',
    'refusal.kind': 'icmp',
    'refusal.meaning': meaning,
    'refusal.from': from,
    'refusal.address': address,
    'refusal.hop': from === 'router' ? hopOf(address, traces.every, local.gateway) : null,
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
export const LATE_MS = 1800;
/** The same for connect(), which starts with the first packet, */
export const LATE_CONNECT_MS = 2000;
/** and what is certainly no failed search; in between nobody knows, where nobody told who reports it. */
export const PROMPT_CONNECT_MS = 1500;

function isLate(rttMs: number | null, connectMs: number | null, roundTripMs: number): boolean | null {
  if (connectMs !== null) return connectMs - roundTripMs >= LATE_CONNECT_MS;
  return rttMs === null ? null : rttMs - roundTripMs >= LATE_MS;
}

/** How soon the address, or what lies before it, says that a TTL ran out there: what it says at once takes as long. */
function roundTripTo(address: string, all: readonly SeenTrace[]): number {
  const times = all.flatMap(({ trace }) => {
    const own = trace.replies.filter(({ from }) => from === address).map(({ ttl }) => ttl);
    const before = Math.min(...own) - 1;
    return trace.replies.flatMap(({ ttl, from, answer, rttMs }) =>
      answer === 'time-exceeded' && rttMs !== null && (from === address || ttl === before) ? [rttMs] : [],
    );
  });
  return times.length > 0 ? Math.min(...times) : 0;
}
