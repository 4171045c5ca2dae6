import type { Trace, TtlReply } from '../model.ts';
import { familyOf, type IcmpMeaning, icmpMeaning } from './icmp.ts';

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
  /** Smallest TTL whose router came again later, with another router between; null = no loop. */
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

function findLoop(routers: Map<number, string>): { hop: number; addresses: string[] } | null {
  const hops = [...routers].sort(([a], [b]) => a - b);
  const first = new Map<string, number>();
  for (const [index, [ttl, address]] of hops.entries()) {
    const seen = first.get(address);
    if (seen === undefined) {
      first.set(address, ttl);
      continue;
    }
    // The same address at neighbouring TTLs alone is a device that rewrites sources (NAT) or forwards expired packets.
    const between = hops.slice(0, index).filter(([t, a]) => t > seen && a !== address);
    if (between.length === 0) continue;
    const last = hops[hops.length - 1]!;
    // A detour that ends is no loop: the repetition must go on to the last router heard.
    const cycle = new Set(hops.filter(([t]) => t >= seen).map(([, a]) => a));
    const repeats = hops.filter(([t, a]) => t > seen && cycle.has(a) && (first.get(a) ?? t) < t).length;
    if (last[0] - seen + 1 >= 2 * cycle.size || repeats >= 2) return { hop: seen, addresses: [...cycle] };
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
