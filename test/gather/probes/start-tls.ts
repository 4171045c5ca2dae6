import type { Socket } from 'node:net';
import { createSecureContext, TLSSocket } from 'node:tls';
import type { Pair } from './certificates.ts';

/** The server's side of STARTTLS. */
export function startTlsOn(socket: Socket, pair: Pair): void {
  const secured = new TLSSocket(socket, { isServer: true, secureContext: createSecureContext(pair) });
  secured.on('error', () => {});
}
