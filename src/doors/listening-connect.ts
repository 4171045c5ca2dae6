import { Socket, type SocketConstructorOpts } from 'node:net';
import { native } from './native/client.ts';
import type { Begun } from './parked.ts';
import { failureOf } from './tcp.ts';
import type { ConnectResult, ConnectTcp } from './types.ts';

/** Failures of the child's own making: this process asks for itself. */
const LACK = new Set(['EMFILE', 'ENFILE', 'EPERM']);

/**
 * One connect() by the native child, whose socket hears who sent the ICMP error that ends it: node:net hears only the
 * errno. A connection that stands comes back as a socket of this process, from which nothing has been read.
 *
 * @returns null where the child cannot do it: nothing was sent, or what was sent is given up.
 */
export async function listeningConnect(
  address: string,
  port: number,
  { timeoutMs, signal, onSent }: Parameters<ConnectTcp>[2],
  keep?: (begun: Begun) => void,
): Promise<ConnectResult | null> {
  let isSent = false;
  const job = { job: 'connect', address, port, timeoutMs: Math.round(timeoutMs) } as const;
  const done = await native.connect(job, signal, () => {
    isSent = true;
    onSent?.(true);
  });
  const given = { local: false, code: null, sourcePort: done?.sourcePort ?? null };
  if (done === null || (done.errno !== null && LACK.has(done.errno) && !isSent))
    return signal.aborted ? { ...given, outcome: 'cancelled', elapsedMs: 0 } : null;
  const { elapsedMs, sourcePort, told } = done;
  if (!done.open) return { ...failureOf(done.errno ?? 'UNKNOWN', done.atOnce), elapsedMs, sourcePort, told };
  const socket = new Socket({ handle: done.handle, pauseOnCreate: true } as SocketConstructorOpts);
  // What happens to it before somebody takes it is found out by whoever does.
  socket.on('error', () => {});
  socket.setNoDelay(true);
  if (keep === undefined) socket.resetAndDestroy();
  else keep({ socket, connectMs: elapsedMs });
  return { ...given, outcome: 'open', elapsedMs, told: null };
}
