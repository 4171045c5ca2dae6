import { familyOf } from '../../ground/address.ts';
import type { Knocked, KnockJob, NativeResult } from '../types.ts';
import * as linux from './layout.ts';
import type { Libc } from './libc.ts';
import * as sockets from './sockets.ts';

interface Waiting {
  fd: number;
  knocked: Knocked;
  until: number;
}

const UNREACHABLE = new Set(['EHOSTUNREACH', 'ENETUNREACH', 'EACCES', 'ENOPROTOOPT', 'EPROTO']);

/**
 * SYNs that the other end recognises, through source NAT too: TCP_MAXSEG set before connect() is the MSS option as it
 * arrives, and TCP_TIMESTAMP right after a non-blocking connect() is the TSval that it carries, within a tick (tcp(7)).
 * A connection that opens is reset at once, and counts as one.
 */
export function knock(libc: Libc, job: KnockJob): NativeResult {
  const started = performance.now();
  const now = (): number => performance.now() - started;
  const family = familyOf(job.address);
  const planned = [...job.knocks].sort((a, b) => a.atMs - b.atMs);
  const knocked: Knocked[] = [];
  let waiting: Waiting[] = [];

  while (planned.length > 0 || waiting.length > 0) {
    const next = planned[0];
    if (next !== undefined && now() >= next.atMs) {
      planned.shift();
      const one = start(libc, job, next);
      knocked.push(one.knocked);
      if (one.fd !== null) waiting.push({ fd: one.fd, knocked: one.knocked, until: now() + job.waitMs });
      continue;
    }
    const due = Math.min(next?.atMs ?? Number.POSITIVE_INFINITY, ...waiting.map(({ until }) => until));
    const fds = waiting.map(({ fd }) => fd);
    const ready = sockets.poll(libc, fds, linux.POLLOUT, Math.max(0, due - now()));
    waiting = waiting.filter((one) => {
      if (ready.has(one.fd)) settle(libc, one, family);
      else if (now() < one.until) return true;
      sockets.abandon(libc, one.fd);
      return false;
    });
  }
  return { status: 'knocked', knocked };
}

function start(
  libc: Libc,
  job: KnockJob,
  { port, mss }: KnockJob['knocks'][number],
): { fd: number | null; knocked: Knocked } {
  const knocked: Knocked = {
    port,
    mss,
    sentAt: Date.now(),
    sourcePort: null,
    tsval: null,
    outcome: 'local-error',
    errno: null,
  };
  const opened = sockets.openSocket(libc, job.address, 'tcp', {});
  if (!opened.ok) return { fd: null, knocked: { ...knocked, errno: opened.errno } };
  const fd = opened.value;
  sockets.setInteger(libc, fd, linux.IPPROTO_TCP, linux.TCP_MAXSEG, mss);
  knocked.sentAt = Date.now();
  const connecting = sockets.startConnect(libc, fd, sockets.socketAddress(libc, job.address, port));
  if (!connecting.ok) {
    libc.close(fd);
    return { fd: null, knocked: { ...knocked, errno: connecting.errno } };
  }
  knocked.tsval = sockets.timestamp(libc, fd);
  knocked.sourcePort = sockets.sourcePort(libc, fd);
  knocked.outcome = 'timeout';
  return { fd, knocked };
}

function settle(libc: Libc, { fd, knocked }: Waiting, family: 4 | 6): void {
  sockets.drainErrorQueue(libc, fd, family);
  const error = sockets.takeError(libc, fd);
  knocked.errno = error === 0 ? null : linux.errnoName(error);
  if (error === 0) knocked.outcome = 'open';
  else if (error === linux.ECONNREFUSED) knocked.outcome = 'refused';
  else if (UNREACHABLE.has(knocked.errno ?? '')) knocked.outcome = 'unreachable';
}
