import { familyOf } from '../ground/address.ts';
import type { HopAnswer, TraceProtocol, TtlReply } from '../model/measured.ts';
import type { LocalError } from './local-error.ts';

export interface ParsedTrace {
  /** Sorted by TTL, one per TTL. `sent` counts what the tool shows. */
  replies: TtlReply[];
  /** This machine could not send; null when every packet left as far as the tool says. */
  localError: LocalError | null;
  /** The tool's words when it may not open its sockets. */
  notPermitted: string | null;
}

/** What was asked of a tool, so that its output can be read. */
export interface TraceContext {
  address: string;
  protocol: TraceProtocol;
  maxTtl: number;
  /** True where the tool ended by itself: its last line is then the end of the path or maxTtl, and not merely where it was stopped. */
  complete: boolean;
}

const MAX_TTL = 64;

/** ICMP type and code of a code word; a null code is one of several with different meanings. */
export type Icmp = readonly [type: number, code: number | null];

export const timeExceeded = (address: string): Icmp => (familyOf(address) === 4 ? [11, 0] : [3, 0]);
export const portUnreachable = (address: string): Icmp => (familyOf(address) === 4 ? [3, 3] : [1, 4]);
/** Destination unreachable, and the tool does not say which. */
export const someUnreachable = (address: string): Icmp => (familyOf(address) === 4 ? [3, null] : [1, null]);

export function ttlReply(
  ttl: number,
  answer: HopAnswer,
  more: {
    from?: string | null;
    icmp?: Icmp | null;
    rttMs?: number | null;
    sent?: number;
    errno?: string;
  } = {},
): TtlReply {
  return {
    ttl,
    answer,
    from: more.from ?? null,
    icmpType: more.icmp?.[0] ?? null,
    icmpCode: more.icmp?.[1] ?? null,
    errno: more.errno ?? null,
    rttMs: more.rttMs ?? null,
    sent: more.sent ?? 1,
  };
}

/** A local failure is told at the TTL where it happened, the first without an answer. */
export function parsedTrace(
  replies: Map<number, TtlReply>,
  localError: LocalError | null,
  notPermitted: string | null,
): ParsedTrace {
  const sorted = [...replies.values()]
    .filter(({ ttl }) => ttl >= 1 && ttl <= MAX_TTL)
    .sort((a, b) => a.ttl - b.ttl);
  const last = sorted.at(-1)?.ttl ?? 0;
  if (localError !== null && last < MAX_TTL) {
    sorted.push(ttlReply(last + 1, 'local-error', { errno: localError.errno }));
  }
  return { replies: sorted, localError, notPermitted: sorted.length > 0 ? null : notPermitted };
}

/** Lines of output. A tool that was stopped may have left half a line, which could show half an address. */
export function linesOf(text: string, complete: boolean): string[] {
  const lines = text.split(/\r?\n/, 2000);
  const last = lines.at(-1) ?? '';
  if (!complete && !/ms\s*$/.test(last)) lines.pop();
  return lines.filter((line) => line.length <= 1000).slice(0, 500);
}
