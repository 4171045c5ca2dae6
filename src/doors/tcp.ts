import net from 'node:net';
import { afterLastLook } from './last-look.ts';
import type { Begun } from './parked.ts';
import type { ConnectResult, ConnectTcp } from './types.ts';

/** Error codes with which connect() reports an ICMP unreachable or a failed ARP/ND (techniques: ICMP to errno). */
const UNREACHABLE = new Set([
  'ENETUNREACH',
  'EHOSTUNREACH',
  'EHOSTDOWN',
  'ENONET',
  'ENOPROTOOPT',
  'EOPNOTSUPP',
  'EPROTO',
  'EACCES',
]);

/** Failures that never left this machine, whatever the timing. */
const OWN = new Set([
  'EMFILE',
  'ENFILE',
  'EADDRNOTAVAIL',
  'EPERM',
  'EINVAL',
  'ENOBUFS',
  'ENOMEM',
  'EAFNOSUPPORT',
]);

/** What a failed connect() came to. `atOnce`: connect() itself failed, so no packet was answered. */
export function failureOf(code: string, atOnce: boolean): Pick<ConnectResult, 'outcome' | 'code' | 'local'> {
  if (OWN.has(code)) return { outcome: 'local-error', code, local: true };
  if (code === 'ECONNREFUSED') return { outcome: 'refused', code, local: false };
  // Accepted and reset before it was looked at: a SYN that is answered by a reset is ECONNREFUSED.
  if (code === 'ECONNRESET') return { outcome: 'open', code, local: false };
  if (code === 'ETIMEDOUT') return { outcome: 'timeout', code, local: false };
  if (UNREACHABLE.has(code)) return { outcome: atOnce ? 'local-error' : 'unreachable', code, local: atOnce };
  return { outcome: 'local-error', code, local: true };
}

/**
 * One connect() to one IP literal. Nothing is said on the connection: it is closed with RST as soon as it is open, or
 * given to `keep`, unread. Never rejects. `local` is decided by when the failure came: connect() itself failing (before the event loop turns)
 * means that no packet was answered.
 */
export const connectTcp = (
  address: string,
  port: number,
  { timeoutMs, signal, onSent, sourcePort: localPort }: Parameters<ConnectTcp>[2],
  keep?: (begun: Begun) => void,
): Promise<ConnectResult> =>
  new Promise((resolve) => {
    const started = performance.now();
    const socket = new net.Socket();
    let settled = false;
    let sourcePort: number | null = null;
    const settle = (outcome: ConnectResult['outcome'], code: string | null, local: boolean) => {
      if (settled) return;
      settled = true;
      sourcePort ??= socket.localPort ?? null;
      stop();
      signal.removeEventListener('abort', onAbort);
      const elapsedMs = Math.round((performance.now() - started) * 10) / 10;
      if (outcome !== 'open') socket.destroy();
      else if (keep !== undefined && code === null) keep({ socket, connectMs: elapsedMs });
      else socket.resetAndDestroy();
      resolve({ outcome, code, local, elapsedMs, sourcePort });
    };
    const onAbort = () => settle('cancelled', null, false);
    const stop = afterLastLook(timeoutMs, () => settle('timeout', null, false));
    socket.on('error', (error: NodeJS.ErrnoException) => {
      const code = error.code ?? 'UNKNOWN';
      // libuv marks a connect() that failed at once by naming the local end: "connect ENETUNREACH x - Local (0.0.0.0:0)".
      const atOnce = / - Local \(/.test(error.message);
      const failure = failureOf(code, atOnce);
      settle(failure.outcome, failure.code, failure.local);
    });
    if (signal.aborted) return onAbort();
    signal.addEventListener('abort', onAbort, { once: true });
    // What the service says first is left for whoever takes the connection.
    if (keep !== undefined) socket.pause();
    try {
      socket.connect({ host: address, port, localPort, autoSelectFamily: false, noDelay: true }, () =>
        settle('open', null, false),
      );
      // node calls connect() in the next tick, before this; the socket loses its port when it fails.
      setImmediate(() => {
        sourcePort ??= socket.localPort ?? null;
        onSent?.(false);
      });
    } catch (error) {
      // Thrown only for arguments that node refuses; nothing is known about the port then.
      settle('local-error', (error as NodeJS.ErrnoException).code ?? 'UNKNOWN', true);
    }
  });
