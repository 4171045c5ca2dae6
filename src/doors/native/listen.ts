import { parseSavedSyn } from '../../parsers/saved-syn.ts';
import type { Accepted, ListenJob, NativeResult } from '../types.ts';
import * as linux from './layout.ts';
import type { Libc } from './libc.ts';
import * as sockets from './sockets.ts';

/** Between two jobs the socket listens on: the kernel takes connections meanwhile, and the next job finds them. */
interface Listening {
  key: string;
  fd: number;
  /** Told, and read until the other side closes: what closes over unread octets resets. */
  ending: { fd: number; until: number }[];
}
let listening: Listening | null = null;

const BACKLOG = 16;
const ENDING_MS = 2000;
const MOST_ENDING = 32;

/**
 * Listens for a while and says one line to whoever connects; each connection comes with its SYN as it arrived
 * (TCP_SAVE_SYN, tcp(7)). The same address and port asked again go on listening; `isLast` closes.
 */
export function listen(libc: Libc, job: ListenJob): NativeResult {
  const key = `${job.address} ${job.port}`;
  if (listening !== null && listening.key !== key) close(libc);
  if (listening === null) {
    const opened = sockets.listenOn(libc, job.address, job.port, BACKLOG);
    if (!opened.ok) return { status: 'listened', errno: opened.errno, accepted: [] };
    listening = { key, fd: opened.value, ending: [] };
  }
  const { fd } = listening;
  const accepted: Accepted[] = [];
  const line = Buffer.from(job.say, 'latin1');
  const until = performance.now() + job.forMs;
  for (;;) {
    const now = performance.now();
    listening.ending = listening.ending.filter((one) => !hasEnded(libc, one, now));
    if (now >= until || accepted.length >= job.most) break;
    const waiting = [fd, ...listening.ending.map((one) => one.fd)];
    const ready = sockets.poll(libc, waiting, linux.POLLIN, Math.min(until - now, 200));
    if (!ready.has(fd)) continue;
    const one = sockets.accept(libc, fd);
    if (one === null) continue;
    const saved = sockets.savedSyn(libc, one.fd);
    accepted.push({
      at: Date.now(),
      from: one.address ?? '?',
      fromPort: one.port,
      syn: saved === null ? null : parseSavedSyn(saved),
    });
    sockets.send(libc, one.fd, line);
    libc.shutdown(one.fd, linux.SHUT_WR);
    listening.ending.push({ fd: one.fd, until: now + ENDING_MS });
    const oldest = listening.ending.length > MOST_ENDING ? listening.ending.shift() : undefined;
    if (oldest !== undefined) sockets.abandon(libc, oldest.fd);
  }
  if (job.isLast) close(libc);
  return { status: 'listened', errno: null, accepted };
}

function hasEnded(libc: Libc, { fd, until }: Listening['ending'][number], now: number): boolean {
  for (let i = 0; i < 16; i++) {
    const read = sockets.receive(libc, fd, 4096);
    const isOver = read.ok ? read.value.length === 0 : read.errno !== 'EAGAIN';
    if (isOver || now >= until) {
      sockets.abandon(libc, fd);
      return true;
    }
    if (!read.ok) break;
  }
  return false;
}

function close(libc: Libc): void {
  if (listening === null) return;
  for (const { fd } of listening.ending) libc.close(fd);
  libc.close(listening.fd);
  listening = null;
}
