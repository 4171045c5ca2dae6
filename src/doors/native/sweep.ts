import { familyOf } from '../../ground/address.ts';
import type { HopAnswer, Trace, TraceProtocol, TtlReply } from '../../model/measured.ts';
import { because } from '../../model/reasons.ts';
import { countersBetween } from '../../parsers/kernel-counters.ts';
import type { NativeResult, SweepJob, SweepNews } from '../types.ts';
import {
  type Arrival,
  arrivalsInStep,
  type Look,
  martiansAmong,
  readIpCounters,
  readKernelCounters,
  readSendCounters,
  STEP_MS,
} from './counters.ts';
import * as linux from './layout.ts';
import type { Libc } from './libc.ts';
import { type Asked, isTerminal, nextTurn, REASKED_MS } from './pace.ts';
import * as sockets from './sockets.ts';

/** The others are asked again by hand after so long. */
const RESEND_MS = 1050;
/** TCP asks again by itself, not before this (RFC 6298, 2.1), from the same port with the same TTL. */
const TCP_RESEND_MS = 1000;
/** A busy machine takes so long to wake up for an answer. */
const LEAST_ANSWER_MS = 100;
/** Where silence is listened to for this long, what arrives and is delivered nowhere is noted. */
const WATCHED_MS = 2500;
const LEAST_HOLD_TO_WATCH_MS = 2500;

interface Probe extends Asked {
  /** -1 = closed. */
  fd: number;
  sent: number;
  /** When it was seen to have been asked again; null = not yet. */
  againMs: number | null;
  icmpType: number | null;
  icmpCode: number | null;
  errno: string | null;
  rttMs: number | null;
}

/**
 * Asks every TTL from its own socket and source port, paced by pace.ts, until the end answers or silence is established.
 * Of a long hold is told halfway (`soFar`), as soon as every TTL was asked twice.
 * The TTLs launched beyond the first terminal answer that stayed unanswered are left out of the replies.
 *
 * rttMs of an unreachable counts from the first packet of its TTL, because the time tells who gave up (about 3.06 s:
 * ARP or ND). For every other answer it is null once the TTL was asked again: which packet it answers is not known.
 */
export function sweep(libc: Libc, job: SweepJob, news: SweepNews = {}): NativeResult {
  const turns = sweepTurns(libc, job, news);
  for (let turn = turns.next(new Map()); ; ) {
    if (turn.done === true) return turn.value;
    const { fds, events, waitMs } = turn.value;
    turn = turns.next(sockets.poll(libc, fds, events, waitMs));
  }
}

/** What a sweep waits for: one of the descriptors, or that the time is over. */
export interface SweepWait {
  fds: number[];
  events: number;
  waitMs: number;
}

/**
 * The same, stopped wherever it waits: it is given the descriptors that woke up, with their revents. Whoever gives it up
 * calls `return()`, which closes its sockets.
 */
export function* sweepTurns(
  libc: Libc,
  job: SweepJob,
  news: SweepNews = {},
): Generator<SweepWait, NativeResult, ReadonlyMap<number, number>> {
  const family = familyOf(job.address);
  const to = sockets.socketAddress(libc, job.address, job.protocol === 'icmp' ? 0 : job.port);
  const ownName = linux.canonicalAddress(job.address);
  const before = readKernelCounters();
  const started = performance.now();
  const elapsed = (): number => performance.now() - started;
  const probes: Probe[] = [];
  const limits = { ...job, maxTtl: Math.min(job.maxTtl, sockets.MAX_POLLED) };
  const watched = job.protocol === 'tcp' && job.holdMs >= LEAST_HOLD_TO_WATCH_MS;
  const arrivals: Arrival[] = [];
  const looks: Look[] = [];
  let arrived = 0;
  let lookedMs = 0;
  let unsent: number | null = 0;
  let answeredHere: number | null = 0;

  /** Packets of this family that arrived since the last look and went nowhere. */
  const watch = (): void => {
    const counted = countersBetween(before, readIpCounters(family), family);
    const all = counted.undelivered ?? 0;
    if (counted.martians != null) looks.push({ undelivered: all, martians: counted.martians });
    const now = elapsed();
    if (all > arrived) arrivals.push({ fromMs: lookedMs, atMs: now, count: all - arrived });
    // It passed just while the files were read, and has been delivered since.
    else if (all < arrived) arrivals.pop();
    arrived = all;
    lookedMs = now;
  };

  const settle = (probe: Probe, { answer, errno, error }: Heard): void => {
    // A connect() that failed at once sent nothing.
    if (job.protocol === 'tcp' && probe.sent > 0) probe.sent = packetsSent(libc, probe.fd);
    const ambiguous = probe.sent > 1 && answer !== 'unreachable';
    probe.answer = answer;
    probe.errno = errno;
    probe.rttMs =
      ambiguous || answer === 'local-error' ? null : Math.round((elapsed() - probe.atMs) * 100) / 100;
    if (error) {
      probe.icmpType = error.icmpType;
      probe.icmpCode = error.icmpCode;
      // The very text of the request, so that "sent by the target" is a comparison of strings.
      probe.from = error.from === ownName ? job.address : error.from;
    } else if (answer === 'reply') probe.from = job.address;
    if (probe.fd >= 0) sockets.abandon(libc, probe.fd);
    probe.fd = -1;
    if (answer === 'time-exceeded' && probe.from !== null) news.hop?.({ ttl: probe.ttl, from: probe.from });
  };

  /** Null, or why no socket could be made: then nothing was sent, and the trace says nothing. */
  const launch = (ttl: number): NativeResult | null => {
    const opened = sockets.openSocket(libc, job.address, job.protocol, { ttl });
    if (!opened.ok) return notOpened(job.protocol, opened.errno);
    const probe: Probe = {
      ttl,
      atMs: elapsed(),
      answer: null,
      from: null,
      fd: opened.value,
      sent: 0,
      againMs: null,
      icmpType: null,
      icmpCode: null,
      errno: null,
      rttMs: null,
    };
    probes.push(probe);
    const idle = job.protocol === 'tcp' ? readSendCounters(family) : null;
    const connected = sockets.startConnect(libc, probe.fd, to);
    const sent = idle && countersBetween(idle, readSendCounters(family), family);
    unsent = unsent === null || sent?.unsent == null ? null : unsent + sent.unsent;
    answeredHere =
      answeredHere === null || sent?.onLoopback == null ? null : answeredHere + (sent.onLoopback > 0 ? 1 : 0);
    if (!connected.ok) {
      settle(probe, { answer: 'local-error', errno: connected.errno });
      return null;
    }
    if (job.protocol === 'tcp') probe.sent = 1;
    else sendAgain(probe);
    return null;
  };

  const wakeUp = (probe: Probe, revents: number, sendErrno: string | null = null): void => {
    const heard = hear(libc, job, probe.fd, revents, sendErrno);
    if (heard !== null) settle(probe, heard);
  };

  const sendAgain = (probe: Probe): void => {
    const sent = sockets.send(libc, probe.fd, payload(job.protocol, family, probe.ttl));
    if (sent.ok) {
      if (++probe.sent === 2) probe.againMs = elapsed();
    } else wakeUp(probe, 0, sent.errno);
  };

  const resend = (): void => {
    for (const probe of probes) {
      if (probe.fd < 0 || probe.sent !== 1) continue;
      const age = elapsed() - probe.atMs;
      if (job.protocol !== 'tcp') {
        if (age >= RESEND_MS) sendAgain(probe);
      } else if (!isTold && age >= TCP_RESEND_MS) {
        probe.sent = packetsSent(libc, probe.fd);
        if (probe.sent > 1) probe.againMs = elapsed();
      }
    }
  };

  const traceOf = (replies: TtlReply[], undeliveredInStep: number | null): Trace => {
    const { retransmitsFailed, undelivered, reversePath, badChecksums } = countersBetween(
      before,
      readKernelCounters(),
      family,
    );
    const launched = probes.length;
    return {
      method: job.protocol === 'tcp' ? 'tcp-syn' : job.protocol,
      protocol: job.protocol,
      port: job.protocol === 'icmp' ? null : job.port,
      address: job.address,
      replies,
      counters: {
        unsent,
        retransmitsFailed,
        undelivered,
        reversePath: reversePath ?? null,
        badChecksums: badChecksums ?? null,
        ownAddress: looks.length > 0 ? martiansAmong(looks) : null,
        answeredHere,
        launched,
        undeliveredInStep,
      },
    };
  };
  let isTold = !watched;
  const tell = (): void => {
    // An answer to the second asking takes no longer than those that came.
    const slowest = Math.max(0, ...probes.flatMap(({ rttMs }) => rttMs ?? []));
    const now = elapsed();
    const mayAnswer = ({ atMs, againMs }: Probe): boolean =>
      now < Math.min(atMs + REASKED_MS, (againMs ?? atMs + RESEND_MS) + LEAST_ANSWER_MS + 2 * slowest);
    const end = Math.min(...probes.filter(({ answer }) => isTerminal(answer)).map(({ ttl }) => ttl));
    if (probes.some((probe) => probe.answer === null && probe.ttl < end && mayAnswer(probe))) return;
    isTold = true;
    const replies = probes.map((probe) =>
      probe.answer !== null || probe.ttl > end
        ? probe
        : { ...probe, answer: 'silence' as const, sent: packetsSent(libc, probe.fd) },
    );
    news.soFar?.(traceOf(replies.flatMap(reply), null));
  };

  try {
    for (;;) {
      resend();
      if (!isTold && elapsed() >= TCP_RESEND_MS) tell();
      const turn = nextTurn(probes, limits, elapsed());
      if (turn.act === 'end') break;
      if (turn.act === 'launch') {
        const lack = launch(probes.length + 1);
        if (lack !== null) return lack;
        continue;
      }
      const open = probes.filter(({ fd }) => fd >= 0);
      const nextResend = Math.min(
        ...open.filter(({ sent }) => sent === 1).map(({ atMs }) => atMs + RESEND_MS),
      );
      const isWatching = watched && elapsed() < WATCHED_MS;
      const waitMs =
        job.protocol !== 'tcp'
          ? Math.max(1, Math.min(turn.ms, nextResend - elapsed()))
          : isWatching
            ? Math.min(turn.ms, STEP_MS)
            : turn.ms;
      const events = job.protocol === 'tcp' ? linux.POLLOUT : linux.POLLIN;
      const woken = yield { fds: open.map(({ fd }) => fd), events, waitMs };
      for (const probe of open) {
        const revents = woken.get(probe.fd);
        if (revents !== undefined) wakeUp(probe, revents);
      }
      if (isWatching) watch();
    }
    const end = Math.min(...probes.filter(({ answer }) => isTerminal(answer)).map(({ ttl }) => ttl));
    for (const probe of probes)
      if (probe.answer === null && probe.ttl < end) {
        if (job.protocol === 'tcp') probe.sent = packetsSent(libc, probe.fd);
        probe.answer = 'silence';
      }
  } finally {
    for (const { fd } of probes) if (fd >= 0) sockets.abandon(libc, fd);
  }
  const lastAnswered = Math.max(
    0,
    ...probes.filter(({ answer }) => answer !== null && answer !== 'silence').map(({ ttl }) => ttl),
  );
  const silent = probes.filter(({ ttl, answer }) => answer === 'silence' && ttl > lastAnswered);
  const watchedMs = Math.min(elapsed(), WATCHED_MS);
  const inStep = watched
    ? arrivalsInStep(
        silent.map(({ atMs }) => atMs),
        arrivals,
        watchedMs,
      )
    : null;
  return { status: 'swept', trace: traceOf(probes.flatMap(reply), inStep) };
}

function notOpened(protocol: SweepJob['protocol'], errno: string): NativeResult {
  if (protocol === 'icmp' && errno === 'EACCES')
    return {
      status: 'unavailable',
      reason: because('no-ping-sockets'),
      enable: 'sudo sysctl net.ipv4.ping_group_range="0 2147483647"',
    };
  // A sandbox, or no descriptor left.
  return { status: 'unavailable', reason: because('no-socket', errno), enable: null, code: errno };
}

/** The first SYN and the kernel's retransmissions (tcpi_total_retrans). */
function packetsSent(libc: Libc, fd: number): number {
  return 1 + (sockets.tcpInfo(libc, fd)?.retransmits ?? 0);
}

interface Heard {
  answer: HopAnswer;
  errno: string | null;
  error?: linux.QueuedError;
}

/** Why a socket woke up (or a send failed, `sendErrno`); null when that was no answer. */
function hear(
  libc: Libc,
  job: SweepJob,
  fd: number,
  revents: number,
  sendErrno: string | null,
): Heard | null {
  const family = familyOf(job.address);
  const pending = sockets.takeError(libc, fd);
  const errno = pending === 0 ? sendErrno : linux.errnoName(pending);
  for (const error of sockets.drainErrorQueue(libc, fd, family)) {
    if (error.origin === 'local') return { answer: 'local-error', errno: error.errno };
    if (error.origin !== 'icmp') continue;
    const expired = error.icmpType === (family === 6 ? 3 : 11);
    return { answer: expired ? 'time-exceeded' : 'unreachable', errno: error.errno, error };
  }
  if (job.protocol === 'tcp') {
    // Accepted, and reset before we looked.
    if (errno === null || errno === 'ECONNRESET') return { answer: 'syn-ack', errno };
    return { answer: pending === linux.ECONNREFUSED ? 'rst' : 'unreachable', errno };
  }
  if (errno !== null) return { answer: 'local-error', errno };
  if ((revents & linux.POLLIN) === 0) return null;
  const read = sockets.receive(libc, fd, 2048);
  if (!read.ok) return null;
  const isReply = job.protocol === 'udp' || read.value[0] === (family === 6 ? 129 : 0);
  return isReply ? { answer: 'reply', errno: null } : null;
}

function reply({ ttl, answer, from, icmpType, icmpCode, errno, rttMs, sent }: Probe): TtlReply[] {
  return answer === null ? [] : [{ ttl, answer, from, icmpType, icmpCode, errno, rttMs, sent }];
}

/** 32 octets: nothing in UDP, an echo request with the TTL as sequence number in ICMP (the kernel fills id and checksum). */
function payload(protocol: TraceProtocol, family: 4 | 6, ttl: number): Buffer {
  const octets = Buffer.alloc(32);
  if (protocol === 'icmp') {
    octets.writeUInt8(family === 6 ? 128 : 8, 0);
    octets.writeUInt16BE(ttl, 6);
  }
  return octets;
}
