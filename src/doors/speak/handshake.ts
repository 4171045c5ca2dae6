import { isIP } from 'node:net';
import { createSecureContext, type SecureContext, type TLSSocket, connect as tlsConnect } from 'node:tls';
import { afterLastLook } from '../last-look.ts';
import type { TlsOffer, TlsResult } from '../types.ts';
import { describePeer, hasSubject, isFor, lookAgain } from './certificates.ts';
import { certificatesSent, type HandshakeSecret } from './sent-certificates.ts';
import { type End, isReset, type Wire } from './wire.ts';

/** The result where the connection had ended before TLS could begin. */
export const notBegun = (ended: End): TlsResult => ({
  ended,
  code: null,
  alert: null,
  version: null,
  cipher: null,
  alpn: null,
  weakExchange: null,
  trustCode: null,
  issuerSent: () => null,
  chain: [],
  matches: () => false,
  lookAgain: () => ({ vouched: false, issuerKnown: false }),
  sent: new Uint8Array(),
  received: new Uint8Array(),
  elapsedMs: 0,
});

interface Handshake {
  /** Null unless the handshake succeeded. */
  socket: TLSSocket | null;
  result: TlsResult;
}

/** One handshake of TLS over `wire`; never rejects. */
export function shakeHands(wire: Wire, offer: TlsOffer, timeoutMs: number): Promise<Handshake> {
  let started = performance.now();
  return new Promise((resolve) => {
    let settled = false;
    const settle = (
      ended: TlsResult['ended'],
      socket: TLSSocket | null,
      error: NodeJS.ErrnoException | null,
    ): void => {
      if (settled) return;
      settled = true;
      stop();
      const received = Buffer.concat(wire.received);
      const peer = socket === null ? null : describePeer(socket);
      resolve({
        socket,
        result: {
          ended,
          code: ended === 'failed' ? (error?.code ?? null) : null,
          alert: error === null ? null : alertOf(error),
          version: socket?.getProtocol() ?? null,
          cipher: socket?.getCipher()?.standardName ?? null,
          alpn: socket?.alpnProtocol || null,
          weakExchange: socket === null ? null : weakExchangeOf(socket),
          trustCode: socket === null || socket.authorized ? null : codeOf(socket.authorizationError),
          issuerSent: () => {
            const last = peer?.raw.at(-1);
            const sent = socket === null ? null : certificatesSent(received, secretOf(socket));
            return last === undefined || sent === null ? null : hasSubject(sent, last);
          },
          chain: peer?.chain ?? [],
          lookAgain: (bundles) => lookAgain(peer?.raw ?? [], bundles),
          matches: (name) => peer !== null && isFor(peer.raw[0], name),
          sent: Buffer.concat(wire.sent),
          received,
          elapsedMs: performance.now() - started,
        },
      });
      if (socket === null && ended !== 'stalled') {
        wire.destroy();
        secure?.destroy();
      }
    };
    const stop = afterLastLook(timeoutMs, () => settle('stalled', null, null));

    let handshakeSecret: string | undefined;
    const secretOf = (socket: TLSSocket): HandshakeSecret | null =>
      socket.getProtocol() === 'TLSv1.3'
        ? { secret: Buffer.from(handshakeSecret ?? '', 'hex'), cipher: socket.getCipher().standardName }
        : null;
    let secure: TLSSocket | null = null;
    const failed = (error: NodeJS.ErrnoException): void => {
      // An error of OpenSSL speaks for itself; anything else is how the connection ended.
      const fromOpenssl =
        error.code?.startsWith('ERR_SSL') === true || error.code?.startsWith('ERR_OSSL') === true;
      // A write into a connection that was reset fails before the reset itself is told.
      const ended = wire.end_ ?? (isReset(error) ? 'reset' : 'failed');
      settle(fromOpenssl ? 'failed' : ended, null, error);
    };
    try {
      const secureContext = secureContextOf(offer);
      // Reading the authorities takes as long as a handshake, and is no part of it.
      started = performance.now();
      secure = tlsConnect({
        socket: wire,
        ...(offer.serverName === null || isIP(offer.serverName) !== 0
          ? {}
          : { servername: offer.serverName }),
        ...(offer.alpn.length > 0 ? { ALPNProtocols: offer.alpn } : {}),
        secureContext,
        rejectUnauthorized: false,
        checkServerIdentity: () => undefined,
      });
    } catch (error) {
      // Extra authorities that are no PEM, or OpenSSL without TLS 1.0: nothing is known about the server then.
      settle('failed', null, error as NodeJS.ErrnoException);
      return;
    }
    const socket = secure;
    socket.on('keylog', (line: Buffer) => {
      handshakeSecret ??= /^SERVER_HANDSHAKE_TRAFFIC_SECRET \S+ ([0-9a-f]+)\s*$/i.exec(
        line.toString('latin1'),
      )?.[1];
    });
    // One turn later our last flight has been written: what it consists of tells whether a certificate was asked for.
    socket.once('secureConnect', () => setImmediate(() => settle('ok', socket, null)));
    socket.on('error', failed);
    socket.once('close', () => settle(wire.end_ ?? 'closed', null, null));
  });
}

/** OpenSSL at the security level of Debian and Red Hat, Java and GnuTLS refuse smaller ones; browsers have none at all. */
const LEAST_DH_BITS = 2048;

function weakExchangeOf(socket: TLSSocket): string | null {
  const key = socket.getEphemeralKeyInfo() as { type?: string; size?: number } | null;
  return key?.type === 'DH' && key.size !== undefined && key.size < LEAST_DH_BITS
    ? `Diffie-Hellman of ${key.size} bits`
    : null;
}

function secureContextOf(offer: TlsOffer): SecureContext {
  const context = createSecureContext(
    offer.legacy
      ? { minVersion: 'TLSv1', ciphers: 'ALL:@SECLEVEL=0' }
      : { minVersion: 'TLSv1.2', maxVersion: 'TLSv1.3' },
  );
  // node's `ca` option would replace the built-in authorities and NODE_EXTRA_CA_CERTS; this adds to them.
  const native = (context as { context: { addCACert(pem: string): void } }).context;
  for (const pem of offer.extraAuthorities) native.addCACert(pem);
  return context;
}

/** node types `authorizationError` as an Error; it is the code itself. */
function codeOf(authorizationError: unknown): string {
  if (typeof authorizationError === 'string') return authorizationError;
  return (authorizationError as { code?: string } | null)?.code ?? 'UNSPECIFIED';
}

/** The alert in an error of OpenSSL: reason code 1000 + alert (`error:0A000410:SSL routines::...`), or its text. */
export function alertOf(error: Error): number | null {
  const text = /SSL alert number (\d{1,3})/.exec(error.message)?.[1];
  if (text !== undefined) return Number(text);
  const reason = /error:0A([0-9A-F]{6}):/i.exec(error.message)?.[1];
  const number = reason === undefined ? 0 : Number.parseInt(reason, 16) - 1000;
  return number >= 0 && number < 256 && reason !== undefined ? number : null;
}
