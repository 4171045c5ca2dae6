import { isIPv6 } from 'node:net';
import type { ExchangeJob, NativeResult } from '../system/doors.ts';
import * as linux from './layout.ts';
import type { Libc } from './libc.ts';
import * as sockets from './sockets.ts';

type Exchanged = Extract<NativeResult, { status: 'exchanged' }>;

/** After an ICMP error on a standing connection a reset or data may still come (a middlebox before the sender of the error). */
const AFTER_ICMP_MS = 250;

/** Connects, sets what was asked for, sends, reads until maxBytes, the end of the connection, or the deadline. */
export function exchange(libc: Libc, job: ExchangeJob): NativeResult {
  const family = isIPv6(job.address) ? 6 : 4;
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
  const noteOffender = (): boolean => {
    const [error] = sockets.drainErrorQueue(libc, fd, family).filter(({ origin }) => origin === 'icmp');
    if (error && result.offender === null) {
      const { icmpType, icmpCode } = error;
      result.offender = { address: error.from, icmpType, icmpCode };
      result.errno = error.errno;
    }
    return error !== undefined;
  };
  const chunks: Buffer[] = [];
  let heard = 0;

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

  /** An error that ends the conversation, or null when it goes on. */
  const endOf = (errno: string): Exchanged['ended'] | null => {
    if (errno === 'EAGAIN' || errno === 'EINTR') return null;
    if (noteOffender()) return null;
    result.errno = errno;
    return errno === 'ECONNRESET' || errno === 'EPIPE' || errno === 'ECONNREFUSED' ? 'reset' : 'unreachable';
  };

  const converse = (): Exchanged['ended'] => {
    let unsent = Buffer.from(job.sendBase64, 'base64');
    let deadline = job.timeoutMs;
    for (;;) {
      if (unsent.length > 0) {
        const sent = sockets.send(libc, fd, unsent);
        if (sent.ok) unsent = unsent.subarray(sent.value);
        else {
          const end = endOf(sent.errno);
          if (end !== null) return end;
        }
      }
      const leftMs = deadline - elapsed();
      if (leftMs <= 0) break;
      const events = linux.POLLIN | (unsent.length > 0 ? linux.POLLOUT : 0);
      if (!sockets.poll(libc, [fd], events, leftMs).has(fd)) break;
      const read = sockets.receive(libc, fd, job.maxBytes - heard);
      if (!read.ok) {
        const end = endOf(read.errno);
        if (end !== null) return end;
        noteOffender();
      } else if (read.value.length === 0) return 'closed';
      else {
        chunks.push(Buffer.from(read.value));
        heard += read.value.length;
        if (heard >= job.maxBytes) return 'data';
      }
      if (result.offender !== null && heard === 0) deadline = Math.min(deadline, elapsed() + AFTER_ICMP_MS);
    }
    return heard > 0 ? 'data' : result.offender !== null ? 'unreachable' : 'stalled';
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
