import { sameAddress } from '../../src/ground/address.ts';
import type { TtlReply } from '../../src/model/measured.ts';
import type { ParsedPing } from '../../src/parsers/ping.ts';
import type { ParsedTrace } from '../../src/parsers/trace.ts';

/** What a recording must be read as: what the machine did, not what a parser made of it. */
export interface PingTruth {
  kind: 'ping';
  sent: number | null;
  received: number;
  rtts: number[];
  summary: [number, number, number] | null;
  replyTtl: number | null;
  errors: { from: string | null; icmp: [number, number] | null; words: string }[];
  local: string | null;
  notPermitted: boolean;
}
export interface TraceTruth {
  kind: 'trace';
  hops: { ttl: number; probes: { from: string | null; rtt: number | null; marks: string[] }[] }[];
  local: string | null;
  notPermitted: boolean;
  /** Answers by TTL, where the marks leave it open: `unreachable 3/13`, `reply`. */
  answers?: Record<string, string>;
}

/** What is wrong in the reading, one phrase each; empty where it says the truth. */
export function pingErrors(read: ParsedPing, truth: PingTruth): string[] {
  const wrong: string[] = [];
  const same = (what: string, got: unknown, expected: unknown) => {
    if (JSON.stringify(got) !== JSON.stringify(expected))
      wrong.push(`${what} is ${JSON.stringify(got)}, not ${JSON.stringify(expected)}`);
  };
  same('received', read.received, truth.received);
  if (truth.sent !== null || read.sent !== null) same('sent', read.sent, truth.sent);
  same('replyTtl', read.replyTtl, truth.replyTtl);
  const times = truth.rtts.length > 0 ? [Math.min(...truth.rtts), Math.max(...truth.rtts)] : null;
  const told = times ?? (truth.summary === null ? [null, null] : [truth.summary[0], truth.summary[2]]);
  if (times !== null || truth.received > 0) same('times', [read.minMs, read.maxMs], told);
  same(
    'errors',
    read.errors.map(({ from, icmpType, icmpCode }) => [
      from,
      icmpType === null ? null : [icmpType, icmpCode],
    ]),
    truth.errors.map(({ from, icmp }) => [from, icmp]),
  );
  same('local', read.localError?.errno ?? null, truth.local);
  same('notPermitted', read.notPermitted !== null, truth.notPermitted);
  return wrong;
}

export function traceErrors(read: ParsedTrace, truth: TraceTruth): string[] {
  const wrong: string[] = [];
  const known = new Map(truth.hops.map((hop) => [hop.ttl, hop]));
  const hops = read.replies.filter(({ answer }) => answer !== 'local-error');
  for (const reply of hops) {
    const hop = known.get(reply.ttl);
    if (hop === undefined) {
      wrong.push(`hop ${reply.ttl} does not exist`);
      continue;
    }
    const heard = hop.probes.flatMap(({ from }) => from ?? []);
    if (reply.from === null ? heard.length > 0 : !heard.some((one) => sameAddress(one, reply.from!)))
      wrong.push(`hop ${reply.ttl} is ${reply.from}, not ${heard}`);
    const rtts = hop.probes.flatMap(({ rtt }) => rtt ?? []);
    if (reply.rttMs !== null && !rtts.includes(reply.rttMs))
      wrong.push(`hop ${reply.ttl} took ${reply.rttMs}`);
    if (reply.sent !== hop.probes.length && rtts.length > 0)
      wrong.push(`hop ${reply.ttl} was asked ${reply.sent} times, not ${hop.probes.length}`);
    const answer = truth.answers?.[String(reply.ttl)];
    if (answer !== undefined && answer !== answerOf(reply))
      wrong.push(`hop ${reply.ttl} is ${answerOf(reply)}, not ${answer}`);
  }
  for (const { ttl } of truth.hops)
    if (!hops.some((reply) => reply.ttl === ttl)) wrong.push(`hop ${ttl} is missing`);
  const local = read.localError?.errno ?? null;
  if (local !== truth.local) wrong.push(`local is ${local}, not ${truth.local}`);
  if ((read.notPermitted !== null) !== truth.notPermitted) wrong.push(`notPermitted is ${read.notPermitted}`);
  return wrong;
}

/** `unreachable 3/13`, `unreachable 3/?`, `time-exceeded`, `reply`, `silence`. */
function answerOf({ answer, icmpType, icmpCode }: TtlReply): string {
  return answer === 'unreachable' ? `unreachable ${icmpType}/${icmpCode ?? '?'}` : answer;
}
