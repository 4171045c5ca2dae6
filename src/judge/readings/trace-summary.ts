import { familyOf } from '../../ground/address.ts';
import { type IcmpMeaning, icmpMeaning } from '../../ground/icmp.ts';
import type { Trace, TtlReply } from '../../model/measured.ts';

/** What one trace says, whatever tool made it. Hops count from 1 = the first router. */
export interface TraceSummary {
  protocol: Trace['protocol'];
  port: number | null;
  /** Routers that sent time-exceeded: TTL -> address. */
  routers: Map<number, string>;
  /** Highest TTL that a router answered with time-exceeded (or, for a rejection, the sender's own hop); 0 = none answered. */
  lastHop: number;
  lastAddress: string | null;
  /** Smallest TTL that the end answered: SYN-ACK, RST, echo reply, or an unreachable sent by the target itself. */
  answeredAt: number | null;
  answer: 'syn-ack' | 'rst' | 'reply' | 'unreachable' | null;
  reached: boolean;
  /** The ICMP rejection that ended it, if one did. */
  rejection: Rejection | null;
  /** No TTL at all brought an answer, and at least three were asked. */
  silentFromFirst: boolean;
  /** Smallest TTL whose router came again and again later, with other hops between; null = no loop. */
  loopHop: number | null;
  loopAddresses: string[];
  localError: string | null;
  /** Highest TTL asked. */
  asked: number;
}

export interface Rejection {
  address: string | null;
  meaning: IcmpMeaning;
  type: number;
  code: number;
  /** Smallest TTL at which it came. */
  ttl: number;
  rttMs: number | null;
}

/** One silent hop is a router that does not speak; a few in a row from the first on are worth a word. */
const LEAST_SILENT = 3;

const END = new Set(['syn-ack', 'rst', 'reply']);

/**
 * A router that comes a third time with other hops between, silent ones included, or three successive routers that come
 * again in the same order; from there on the trace must show nothing but the routers of the circle. Twice is not enough
 * (`isKnown` = a packet with the full TTL ran out of it, so there is a loop): several routers may answer with one address. Neighbouring TTLs do not count: a device that rewrites sources (NAT) or
 * forwards expired packets.
 */
export function findLoop(
  routers: ReadonlyMap<number, string>,
  isKnown = false,
): { hop: number; addresses: string[] } | null {
  const ttls = [...routers.keys()].sort((a, b) => a - b);
  for (const first of ttls) {
    const address = routers.get(first)!;
    const again = ttls.filter(
      (ttl) => ttl > first && routers.get(ttl) === address && routers.get(ttl - 1) !== address,
    );
    const three = [address, routers.get(first + 1), routers.get(first + 2)];
    const isRound =
      !three.includes(undefined) &&
      new Set(three).size === 3 &&
      again.some((ttl) => three.every((one, i) => routers.get(ttl + i) === one));
    if (again.length < (isKnown ? 1 : 2) && !isRound) continue;
    const period = again[0]! - first;
    const circle = new Set(
      ttls.filter((ttl) => ttl >= first && ttl < first + period).map((ttl) => routers.get(ttl)!),
    );
    const left = ttls.some((ttl) => ttl >= first + period && !circle.has(routers.get(ttl)!));
    // A detour that ends is no loop: it must go on to the last router heard.
    if (!left) return { hop: first, addresses: [...circle] };
  }
  return null;
}

export function summarizeTrace(trace: Trace): TraceSummary {
  const family = familyOf(trace.address);
  const routers = new Map<number, string>();
  let answeredAt: number | null = null;
  let answer: TraceSummary['answer'] = null;
  let rejection: Rejection | null = null;
  let localError: string | null = null;
  const replies = [...trace.replies].sort((a, b) => a.ttl - b.ttl);
  const endOf = (reply: TtlReply): TraceSummary['answer'] => {
    if (END.has(reply.answer)) return reply.answer as 'syn-ack' | 'rst' | 'reply';
    return null;
  };
  for (const reply of replies) {
    if (reply.answer === 'time-exceeded' && reply.from !== null) routers.set(reply.ttl, reply.from);
    else if (reply.answer === 'local-error') localError ??= reply.errno ?? 'UNKNOWN';
    else if (reply.answer === 'unreachable') {
      const meaning = icmpMeaning(family, reply.icmpType, reply.icmpCode) ?? 'other';
      const fromTarget = reply.from === trace.address;
      // UDP to a closed port of the target ends there with port-unreachable: that is an arrival, not a rejection.
      if (fromTarget && trace.protocol !== 'tcp') {
        answeredAt ??= reply.ttl;
        answer ??= 'unreachable';
      } else if (meaning !== 'too-big') {
        rejection ??= {
          address: reply.from,
          meaning,
          type: reply.icmpType ?? -1,
          code: reply.icmpCode ?? -1,
          ttl: reply.ttl,
          rttMs: reply.rttMs,
        };
        if (fromTarget) {
          answeredAt ??= reply.ttl;
          answer ??= 'unreachable';
        }
      }
    } else {
      const end = endOf(reply);
      if (end !== null) {
        answeredAt ??= reply.ttl;
        answer ??= end;
      }
    }
  }
  const lastHop = routers.size > 0 ? Math.max(...routers.keys()) : 0;
  const loop = findLoop(routers);
  return {
    protocol: trace.protocol,
    port: trace.port,
    routers,
    lastHop,
    lastAddress: routers.get(lastHop) ?? null,
    answeredAt,
    answer,
    reached: answeredAt !== null,
    rejection,
    silentFromFirst:
      replies.length >= LEAST_SILENT &&
      routers.size === 0 &&
      answeredAt === null &&
      rejection === null &&
      localError === null,
    loopHop: loop?.hop ?? null,
    loopAddresses: loop?.addresses ?? [],
    localError,
    asked: replies.reduce((most, { ttl }) => Math.max(most, ttl), 0),
  };
}

/** Silence at `ttl` was asked for and not merely left out. */
export function wasSilentAt(trace: Trace, ttl: number): boolean {
  return trace.replies.some((reply) => reply.ttl === ttl && reply.answer === 'silence');
}
