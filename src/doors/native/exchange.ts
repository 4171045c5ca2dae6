import { familyOf } from '../../ground/address.ts';
import type { ExchangeJob, NativeResult } from '../types.ts';
import * as linux from './layout.ts';
import type { Libc } from './libc.ts';
import * as sockets from './sockets.ts';

type Exchanged = Extract<NativeResult, { status: 'exchanged' }>;

/**
 * After an ICMP error on a standing connection, a reset or data may still come (from a middlebox nearer than the sender of
 * the error, or because the error was about one packet only).
 */
const AFTER_ICMP_MS = 250;

/** Connects, sets what was asked for, sends, reads until maxBytes, the end of the connection, or the deadline. */
export function exchange(libc: Libc, job: ExchangeJob): NativeResult {
  const family = familyOf(job.address);
  const started = performance.now();
  const elapsed = (): number => performance.now() - started;
  const result: Exchanged = {
    status: 'exchanged',
    connected: false,
    ended: 'connect-failed',
    errno: null,
    offender: null,
    receivedBase64: '',
    pathMtu: null,
    sendMss: null,
    receiveMss: null,
    retransmits: null,
    unacked: null,
    connectMs: null,
  };
  const opened = sockets.openSocket(libc, job.address, 'tcp', {});
  if (!opened.ok) return { ...result, errno: opened.errno };
  const fd = opened.value;
  const noteOffender = (): void => {
    const [error] = sockets.drainErrorQueue(libc, fd, family).filter(({ origin }) => origin === 'icmp');
    if (!error) return;
    const { icmpType, icmpCode } = error;
    result.offender ??= { address: error.from, icmpType, icmpCode };
  };
  const chunks: Buffer[] = [];
  let heard = 0;
  let icmpAt: number | null = null;

  const connect = (): boolean => {
    if (job.maxSegment !== null) {
      const set = sockets.setInteger(libc, fd, linux.IPPROTO_TCP, linux.TCP_MAXSEG, job.maxSegment);
      if (!set.ok) throw new Error(`TCP_MAXSEG ${job.maxSegment}: ${set.errno}`);
    }
    const begun = sockets.startConnect(libc, fd, sockets.socketAddress(libc, job.address, job.port));
    if (!begun.ok) {
      result.errno = begun.errno;
      return false;
    }
    if (!sockets.poll(libc, [fd], linux.POLLOUT, job.timeoutMs).has(fd)) {
      result.errno = 'ETIMEDOUT';
      return false;
    }
    const error = sockets.takeError(libc, fd);
    if (error !== 0) result.errno = linux.errnoName(error);
    noteOffender();
    if (error !== 0) return false;
    result.connected = true;
    result.connectMs = Math.round(elapsed() * 100) / 100;
    for (const [name, value] of [
      ['ttl', job.ttlAfterConnect],
      ['minTtl', job.minTtlAfterConnect],
    ] as const) {
      const set = value === null ? null : sockets.setPaired(libc, fd, family, name, value);
      if (set && !set.ok) throw new Error(`setting ${name}: ${set.errno}`);
    }
    return true;
  };

  /**
   * True when the connection is gone. An ICMP error about a standing connection comes as a passing errno, and without its
   * sender: the kernel fills the error queue only while connecting (tcp_v4_err, tcp_v6_err).
   */
  const isReset = (errno: string): boolean => {
    if (errno === 'EAGAIN' || errno === 'EINTR') return false;
    const reset = errno === 'ECONNRESET' || errno === 'EPIPE';
    if (reset) result.errno = errno;
    else {
      result.errno ??= errno;
      icmpAt ??= elapsed();
    }
    return reset;
  };

  const converse = (): Exchanged['ended'] => {
    let unsent = Buffer.from(job.sendBase64, 'base64');
    for (;;) {
      if (unsent.length > 0) {
        const sent = sockets.send(libc, fd, unsent);
        if (sent.ok) unsent = unsent.subarray(sent.value);
        else if (isReset(sent.errno)) return 'reset';
      }
      const deadline = icmpAt === null || heard > 0 ? job.timeoutMs : icmpAt + AFTER_ICMP_MS;
      const leftMs = Math.min(deadline, job.timeoutMs) - elapsed();
      if (leftMs <= 0) break;
      const events = linux.POLLIN | (unsent.length > 0 ? linux.POLLOUT : 0);
      if (!sockets.poll(libc, [fd], events, leftMs).has(fd)) break;
      const read = sockets.receive(libc, fd, job.maxBytes - heard);
      if (!read.ok) {
        if (isReset(read.errno)) return 'reset';
        noteOffender();
      } else if (read.value.length === 0) return 'closed';
      else {
        chunks.push(Buffer.from(read.value));
        heard += read.value.length;
        if (heard >= job.maxBytes) return 'data';
      }
    }
    return heard > 0 ? 'data' : icmpAt !== null ? 'unreachable' : 'stalled';
  };

  try {
    if (connect()) result.ended = converse();
    noteOffender();
    const info = sockets.tcpInfo(libc, fd);
    result.receivedBase64 = Buffer.concat(chunks).toString('base64');
    if (result.connected) {
      result.pathMtu = sockets.pathMtu(libc, fd, family);
      result.sendMss = info?.sendMss ?? null;
      result.receiveMss = info?.receiveMss ?? null;
      result.unacked = info?.unacked ?? null;
    }
    result.retransmits = info?.retransmits ?? null;
    // The reset that ends the connection must reach the far end, whatever TTL the payload had.
    if (job.ttlAfterConnect !== null) sockets.setPaired(libc, fd, family, 'ttl', -1);
    return result;
  } finally {
    sockets.abandon(libc, fd);
  }
}
