import { familyOf } from '../../ground/address.ts';
import type { NativeResult, ReplyTtlJob } from '../types.ts';
import { readMinTtlDrops } from './counters.ts';
import * as linux from './layout.ts';
import type { Libc } from './libc.ts';
import * as sockets from './sockets.ts';

/** TTLs that systems start with, plus one: an answer that arrives with 65 or more did not start with 64. */
const STARTS = [65, 129] as const;
const TOTAL_MS = 1500;
/** A port that has not answered a plain SYN by then counts as silent here. */
const FIRST_ANSWER_MS = 600;
/** Above this round-trip time three SYNs a round save more time than they cost. */
const SLOW_MS = 90;

type Kind = 'syn-ack' | 'rst' | 'other';
/** What became of one threshold. `dropped`: an answer came and the kernel dropped it for its TTL. `unknown`: nothing came. */
type Verdict = { minTtl: number; result: Kind | 'dropped' | 'unknown' };

/**
 * Finds the TTL (hop limit) with which a TCP port's answer arrives. IP_MINTTL / IPV6_MINHOPCOUNT, set before connect(), make
 * the kernel drop what arrives with less (tcp_v4_rcv, tcp_v6_rcv; ip(7), RFC 5082) and count it as TCPMinTTLDrop.
 * So each SYN asks "at least m?": answered = yes, counted = no, neither = nothing (asked once more).
 *
 * The counter is the whole namespace's. An answer outranks it, and the last "no" is asked again at the end; what does not
 * fit together gives ttl null. An ICMP rejection gives answer null: no segment of the port's was seen.
 */
export function replyTtl(libc: Libc, job: ReplyTtlJob): NativeResult {
  const started = performance.now();
  const left = (): number => TOTAL_MS - (performance.now() - started);
  const asker = createAsker(libc, job, left);
  const nothing = (answer: 'syn-ack' | 'rst' | null): NativeResult => ({
    status: 'reply-ttl',
    answer,
    ttl: null,
    sent: asker.sent(),
  });

  const opening = asker.round([1, STARTS[0]]);
  const answer = opening[0]!.result;
  if (answer !== 'syn-ack' && answer !== 'rst') return nothing(null);
  /** Known: low <= ttl < high. */
  let low = 1;
  let high = 256;
  /** A port that refused accepts another SYN: several servers take turns, and no TTL is theirs together. */
  let accepted = answer === 'syn-ack';
  const learn = (verdicts: Verdict[]): boolean => {
    accepted ||= verdicts.some(({ result }) => result === 'syn-ack');
    for (const { minTtl, result } of verdicts) {
      if (result === answer) low = Math.max(low, minTtl);
      else if (result === 'dropped') high = Math.min(high, minTtl);
      else return false;
    }
    return low < high;
  };
  const ask = (minTtls: number[]): boolean => {
    const verdicts = asker.round(minTtls);
    const unknown = verdicts.filter(({ result }) => result === 'unknown');
    const known = verdicts.filter(({ result }) => result !== 'unknown');
    if (!learn(known)) return false;
    return unknown.length === 0 || learn(asker.round(unknown.map(({ minTtl }) => minTtl)));
  };
  const noTtl = (): NativeResult => nothing(accepted ? 'syn-ack' : answer);
  const started65 = opening[1]!;
  if (started65.result === 'unknown' ? !ask([STARTS[0]]) : !learn([started65])) return noTtl();
  if (low >= STARTS[0] && !ask([STARTS[1]])) return noTtl();
  while (high - low > 1) {
    if (left() <= 0 || !ask(nextThresholds(low, high, asker.rttMs() > SLOW_MS ? 3 : 1))) return noTtl();
  }
  const [confirmation] = high <= 255 ? asker.round([high]) : [];
  if (confirmation && confirmation.result !== 'dropped') return noTtl();
  return { status: 'reply-ttl', answer, ttl: low, sent: asker.sent() };
}

/** Where to cut low <= ttl < high next. Few hosts are more than 16 hops away, so a wide span is cut near its top first. */
export function nextThresholds(low: number, high: number, count: number): number[] {
  const from = Math.max(low, high - 32);
  const cuts = new Set<number>();
  for (let i = 1; i <= count; i++) cuts.add(from + Math.round(((high - from) * i) / (count + 1)));
  return [...cuts].filter((cut) => cut > low && cut < high);
}

interface Waiting {
  minTtl: number;
  fd: number;
  result: Kind | null;
}

function createAsker(libc: Libc, job: ReplyTtlJob, left: () => number) {
  const family = familyOf(job.address);
  const to = sockets.socketAddress(libc, job.address, job.port);
  let sent = 0;
  let rttMs: number | null = null;

  const hear = (waiting: Waiting): void => {
    const error = sockets.takeError(libc, waiting.fd);
    const icmp = sockets.drainErrorQueue(libc, waiting.fd, family).length > 0;
    waiting.result = icmp
      ? 'other'
      : error === 0
        ? 'syn-ack'
        : error === linux.ECONNREFUSED
          ? 'rst'
          : 'other';
  };

  const round = (minTtls: number[]): Verdict[] => {
    const dropsBefore = readMinTtlDrops();
    const startedAt = performance.now();
    const all: Waiting[] = [];
    try {
      for (const minTtl of minTtls) {
        const opened = sockets.openSocket(libc, job.address, 'tcp', minTtl > 1 ? { minTtl } : {});
        if (!opened.ok) break;
        const waiting: Waiting = { minTtl, fd: opened.value, result: null };
        all.push(waiting);
        if (sockets.startConnect(libc, waiting.fd, to).ok) sent++;
        else waiting.result = 'other';
      }
      const waitMs = Math.min(left(), rttMs === null ? FIRST_ANSWER_MS : Math.max(60, 4 * rttMs));
      let drops: number | null = null;
      for (;;) {
        const open = all.filter(({ result }) => result === null);
        const elapsed = performance.now() - startedAt;
        if (open.length === 0 || elapsed >= waitMs) break;
        const woken = sockets.poll(
          libc,
          open.map(({ fd }) => fd),
          linux.POLLOUT,
          1,
        );
        for (const waiting of open) if (woken.has(waiting.fd)) hear(waiting);
        if (all.some(({ result }) => result === 'rst' || result === 'syn-ack'))
          rttMs ??= performance.now() - startedAt;
        const now = readMinTtlDrops();
        drops = now === null || dropsBefore === null ? null : now - dropsBefore;
        const silent = all.filter(({ result }) => result === null).length;
        // Someone else's drop may be the one counted: an answer of ours gets the time that it needs.
        const enough = rttMs !== null && performance.now() - startedAt >= rttMs + 2;
        if (silent > 0 && enough && drops !== null && drops >= silent) break;
      }
      const silent = all.filter(({ result }) => result === null).length;
      // Without the counter, silence is all there is to go by.
      const counted = drops === null ? dropsBefore === null : drops >= silent;
      return minTtls.map((minTtl, i) => {
        const result = all[i] === undefined ? 'other' : (all[i].result ?? (counted ? 'dropped' : 'unknown'));
        return { minTtl, result };
      });
    } finally {
      for (const { fd } of all) sockets.abandon(libc, fd);
    }
  };
  return { round, sent: () => sent, rttMs: () => rttMs ?? 0 };
}
