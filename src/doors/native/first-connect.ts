import { Socket } from 'node:net';
import { familyOf } from '../../ground/address.ts';
import type { ConnectJob, NativeResult } from '../types.ts';
import * as linux from './layout.ts';
import type { Libc } from './libc.ts';
import * as sockets from './sockets.ts';

export type Connected = Extract<NativeResult, { status: 'connected' }>;

/**
 * One connect() whose socket listens for ICMP errors from its first packet on (IP_RECVERR, IPV6_RECVERR): who refuses it,
 * and how, is known even where the refuser tells it once a minute. `begun` is called when the SYN has left.
 *
 * @returns the result, and the descriptor of a connection that stands: the caller owns it. Else it is closed.
 */
export function firstConnect(
  libc: Libc,
  job: ConnectJob,
  begun: () => void,
): { result: Connected; fd: number | null } {
  const family = familyOf(job.address);
  const result: Connected = {
    status: 'connected',
    open: false,
    errno: null,
    atOnce: false,
    told: null,
    sourcePort: null,
    elapsedMs: 0,
  };
  const opened = sockets.openSocket(libc, job.address, 'tcp', {});
  if (!opened.ok) return { result: { ...result, errno: opened.errno, atOnce: true }, fd: null };
  const fd = opened.value;
  const to = sockets.socketAddress(libc, job.address, job.port);
  const started = performance.now();
  const connecting = sockets.startConnect(libc, fd, to);
  if (!connecting.ok) {
    libc.close(fd);
    return { result: { ...result, errno: connecting.errno, atOnce: true }, fd: null };
  }
  result.sourcePort = sockets.sourcePort(libc, fd);
  begun();
  const isAnswered = sockets.poll(libc, [fd], linux.POLLOUT, job.timeoutMs).has(fd);
  const error = isAnswered ? sockets.takeError(libc, fd) : 0;
  result.elapsedMs = Math.round((performance.now() - started) * 10) / 10;
  const [told] = sockets.drainErrorQueue(libc, fd, family).filter(({ origin }) => origin === 'icmp');
  if (told !== undefined) {
    // The very text of the request, so that "sent by the target" is a comparison of strings.
    const from = told.from === linux.canonicalAddress(job.address) ? job.address : told.from;
    result.told = { from, icmpType: told.icmpType, icmpCode: told.icmpCode };
  }
  if (isAnswered && error === 0) return { result: { ...result, open: true }, fd };
  result.errno = isAnswered ? linux.errnoName(error) : 'ETIMEDOUT';
  sockets.abandon(libc, fd);
  return { result, fd: null };
}

/**
 * Gives a connection that stands to the process that started this one, over its IPC channel, and ends: a handle may be
 * closed only after it was received.
 */
export function handOver(fd: number, result: Connected): void {
  const socket = new Socket({ fd, pauseOnCreate: true } as ConstructorParameters<typeof Socket>[0]);
  // The handle itself and not the socket: what receives a socket begins to read from it at once.
  const { _handle: handle } = socket as unknown as { _handle: Socket };
  process.send?.(result, handle, { keepOpen: false }, () => process.exit());
}
