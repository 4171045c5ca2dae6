import { platformOf } from '../../ground/platform.ts';
import type { ConnectAttempt, ConnectOutcome } from '../../model/measured.ts';
import type { FindingOf } from '../../model/probes.ts';
import { DECIDED, type Probe } from './probe.ts';

/** A first attempt that is silent for this long is worth escalating. */
export const PENDING_AFTER_MS = 700;

/** Linux tells an IPv6 connect() of an ICMP rejection only when it sends the SYN again, after 1 s (techniques.md, 3). */
const DEAF_AFTER_MS = 60;
/** A child that is to listen is up by then, or there is none. */
const FIRST_WITHIN_MS = 1000;
/** Of a word that goes to several sockets at once, the one that listens tells after the others. */
const HEARD_WITHIN_MS = 100;
const LISTEN = {
  job: 'exchange',
  sendBase64: '',
  maxSegment: null,
  ttlAfterConnect: null,
  minTtlAfterConnect: null,
  timeoutMs: 800,
  maxBytes: 1,
} as const;

const STRENGTH: ConnectOutcome[] = ['open', 'refused', 'unreachable', 'local-error', 'pending', 'timeout'];

/** The strongest word of several attempts: an answer beats silence, acceptance beats refusal. */
export function strongestOutcome(attempts: readonly { outcome: ConnectOutcome }[]): ConnectOutcome {
  return STRENGTH.find((word) => attempts.some((attempt) => attempt.outcome === word)) ?? 'timeout';
}

const isSilence = (outcome: ConnectOutcome): boolean => outcome === 'pending' || outcome === 'timeout';

/**
 * Several sockets to one address and port, started at set times and given up together: several sockets tell loss from
 * a drop sooner than one socket's retransmissions do. Reports what it has after 700 ms of silence.
 */
export const tcpConnect: Probe<'tcp-connect'> = async (input, { doors, signal, partial, progress }) => {
  const zero = doors.clock.elapsed();
  const attempts: ConnectAttempt[] = [];
  const answered = new AbortController();
  const finding = (): FindingOf<'tcp-connect'> => ({
    outcome: strongestOutcome(attempts),
    reason: null,
    data: { attempts: attempts.map((attempt) => ({ ...attempt })) },
  });

  // What refuses may say so once: its word belongs to the socket that listens for it, whose SYN goes first.
  const isFirst = (startMs: number): boolean => input.role === 'target' && startMs === input.startsMs[0];
  let isListening = false;
  let firstAt: number | null = null;
  let sent: () => void = () => {};
  const firstSent = new Promise<void>((resolve) => {
    sent = resolve;
  });

  let firstEnded: () => void = () => {};
  const ended = new Promise<void>((resolve) => {
    firstEnded = resolve;
  });

  const attempt = async (startMs: number, sourcePort?: number) => {
    if (input.role === 'target' && !isFirst(startMs)) {
      await Promise.race([firstSent, doors.clock.sleep(FIRST_WITHIN_MS, signal)]);
      // The second goes in its place, and the others keep their distance from that one.
      firstAt ??= doors.clock.elapsed() - zero - (input.startsMs[1] ?? 0);
    }
    // Later ones keep their distance from the first as it was sent: a child that is to listen takes a while to start.
    const wait = startMs + (isFirst(startMs) ? 0 : (firstAt ?? 0)) - (doors.clock.elapsed() - zero);
    // Attempts that are to sample keep their distance, whatever the others were answered.
    const over = input.stopAtFirstAnswer ? AbortSignal.any([signal, answered.signal]) : signal;
    if (wait > 0) {
      await doors.clock.sleep(wait, over);
      // On a busy machine an answer may have come and not been looked at: a service that answered gets no second SYN.
      if (!over.aborted) await doors.clock.sleep(0, over);
    }
    if (signal.aborted || (startMs > 0 && answered.signal.aborted && input.stopAtFirstAnswer)) return;
    const begun = doors.clock.elapsed() - zero;
    const entry: ConnectAttempt = {
      startMs: Math.round(begun),
      outcome: 'pending',
      code: null,
      elapsedMs: 0,
      local: false,
    };
    attempts.push(entry);
    const result = await doors.connectTcp(input.address, input.port, {
      timeoutMs: Math.max(1, input.endMs - begun),
      // Sockets that wait beside an answered one are closed: their silence would be our own doing, so they stay `pending`.
      signal: over,
      ...(sourcePort === undefined ? {} : { sourcePort }),
      // What is to be said is said on this very connection.
      ...(input.role === 'target' ? { keepUntil: signal } : {}),
      ...(isFirst(startMs)
        ? {
            onSent: (listens: boolean) => {
              isListening = listens;
              const at = doors.clock.elapsed() - zero;
              firstAt ??= at;
              entry.startMs = Math.round(at);
              sent();
            },
          }
        : {}),
    });
    if (isFirst(startMs)) sent();
    if (result.told !== undefined) entry.told = result.told;
    // One that is stopped was unanswered until then.
    entry.elapsedMs =
      result.outcome === 'cancelled'
        ? Math.round(doors.clock.elapsed() - zero - entry.startMs)
        : result.elapsedMs;
    if (result.sourcePort != null) entry.sourcePort = result.sourcePort;
    if (result.timed === false) entry.timed = false;
    if (result.resent === false) entry.resent = false;
    if (isFirst(startMs)) firstEnded();
    if (result.outcome === 'cancelled') return;
    Object.assign(entry, { outcome: result.outcome, code: result.code, local: result.local });
    if (result.outcome === 'timeout') return;
    // What refuses one refuses all that wait, the one that hears who it is included.
    const isRefused = result.outcome === 'refused' || result.outcome === 'unreachable';
    if (isRefused && isListening && !isFirst(startMs))
      await Promise.race([ended, doors.clock.sleep(HEARD_WITHIN_MS, signal)]);
    answered.abort();
  };

  /** What a plain IPv6 connect() would tell only a second later; another packet, of a socket that listens for ICMP. */
  const hearRejection = async () => {
    const over = AbortSignal.any([signal, answered.signal]);
    await Promise.race([firstSent, doors.clock.sleep(FIRST_WITHIN_MS, over)]);
    if (isListening) return;
    await doors.clock.sleep(DEAF_AFTER_MS, over);
    if (over.aborted || isListening) return;
    const startMs = Math.round(doors.clock.elapsed() - zero);
    const heard = await doors.native({ ...LISTEN, address: input.address, port: input.port }, over);
    if (heard.status !== 'exchanged' || heard.connected || heard.errno === null || over.aborted) return;
    const outcome = heard.errno === 'ECONNREFUSED' ? 'refused' : 'unreachable';
    if (outcome === 'unreachable' && heard.offender === null) return;
    const elapsedMs = Math.round((doors.clock.elapsed() - zero - startMs) * 10) / 10;
    const { offender } = heard;
    const told = offender && {
      from: offender.address,
      icmpType: offender.icmpType,
      icmpCode: offender.icmpCode,
    };
    attempts.push({ startMs, outcome, code: heard.errno, elapsedMs, local: false, told });
    answered.abort();
  };

  const sampled = async (startMs: number, i: number) => {
    await attempt(startMs, input.sourcePorts?.[i]);
    if (input.role !== 'sample') return;
    const ended = attempts.filter(({ outcome }) => outcome !== 'pending');
    const opened = ended.filter(({ outcome }) => outcome === 'open').length;
    progress?.({ kind: 'attempt', made: ended.length, opened });
  };

  const ticker = new AbortController();
  // A system that asks a closed port again before it believes it is waited for.
  const pendingAfterMs = PENDING_AFTER_MS + platformOf(doors.platform).refusalAfterMs;
  const tick = doors.clock.sleep(pendingAfterMs, AbortSignal.any([signal, ticker.signal])).then(() => {
    if (!ticker.signal.aborted && !signal.aborted) partial(finding());
  });
  const isDeaf = input.role === 'target' && input.address.includes(':') && doors.platform === 'linux';
  await Promise.all([...input.startsMs.map(sampled), isDeaf ? hearRejection() : null]);
  ticker.abort();
  await tick;
  // It was waited for as long as an answer could change anything.
  if (signal.aborted && signal.reason === DECIDED && attempts.every(({ outcome }) => isSilence(outcome))) {
    for (const one of attempts) one.outcome = 'timeout';
    return finding();
  }
  if (signal.aborted && attempts.every(({ outcome }) => outcome === 'pending'))
    return { outcome: 'cancelled', reason: null, data: { attempts } };
  return finding();
};
