import net from 'node:net';
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

/**
 * One connect() to one IP literal. Nothing is said on the connection: it is closed with RST as soon as it is open, or
 * given to `keep`, unread. Never rejects. `local` is decided by when the failure came: connect() itself failing (before the event loop turns)
 * means that no packet was answered.
 */
export const connectTcp = (
  address: string,
  port: number,
  { timeoutMs, signal }: Parameters<ConnectTcp>[2],
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
      clearTimeout(timer);
      signal.removeEventListener('abort', onAbort);
      const elapsedMs = Math.round((performance.now() - started) * 10) / 10;
      if (outcome !== 'open') socket.destroy();
      else if (keep !== undefined && code === null) keep({ socket, connectMs: elapsedMs });
      else socket.resetAndDestroy();
      resolve({ outcome, code, local, elapsedMs, sourcePort });
    };
    const onAbort = () => settle('cancelled', null, false);
    const timer = setTimeout(() => settle('timeout', null, false), timeoutMs);
    socket.on('error', (error: NodeJS.ErrnoException) => {
      const code = error.code ?? 'UNKNOWN';
      // libuv marks a connect() that failed at once by naming the local end: "connect ENETUNREACH x - Local (0.0.0.0:0)".
      const atOnce = / - Local \(/.test(error.message);
      if (OWN.has(code)) return settle('local-error', code, true);
      if (code === 'ECONNREFUSED') return settle('refused', code, false);
      // Accepted and reset before it was looked at: a SYN that is answered by a reset is ECONNREFUSED.
      if (code === 'ECONNRESET') return settle('open', code, false);
      if (code === 'ETIMEDOUT') return settle('timeout', code, false);
      if (UNREACHABLE.has(code)) return settle(atOnce ? 'local-error' : 'unreachable', code, atOnce);
      settle('local-error', code, true);
    });
    if (signal.aborted) return onAbort();
    signal.addEventListener('abort', onAbort, { once: true });
    // What the service says first is left for whoever takes the connection.
    if (keep !== undefined) socket.pause();
    try {
      socket.connect({ host: address, port, autoSelectFamily: false, noDelay: true }, () =>
        settle('open', null, false),
      );
      // node calls connect() in the next tick, before this; the socket loses its port when it fails.
      setImmediate(() => {
        sourcePort ??= socket.localPort ?? null;
      });
    } catch (error) {
      // Thrown only for arguments that node refuses; nothing is known about the port then.
      settle('local-error', (error as NodeJS.ErrnoException).code ?? 'UNKNOWN', true);
    }
  });
