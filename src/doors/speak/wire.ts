import type { Socket } from 'node:net';
import { Duplex } from 'node:stream';

const MAX_SEEN = 16_384;

/** How a stream ended: a FIN, an RST, more octets than are taken, or by ourselves while nothing came. */
export type End = 'closed' | 'reset' | 'flooded' | 'stalled';

/** True of an error that means an RST, or what follows one. */
export const isReset = (error: NodeJS.ErrnoException): boolean =>
  error.code === 'ECONNRESET' || error.code === 'EPIPE' || error.code === 'ECONNABORTED';

/** This machine itself gave up (RFC 9293, 3.8.3), or could not send: nothing came from the far end. */
const GIVEN_UP = new Set(['ETIMEDOUT', 'EHOSTUNREACH', 'ENETUNREACH', 'ENOBUFS', 'EPERM']);

export const endOf = (error: NodeJS.ErrnoException): End =>
  isReset(error) ? 'reset' : GIVEN_UP.has(error.code ?? '') ? 'stalled' : 'closed';

/**
 * Stands between the TCP socket and TLS: counts octets, keeps the first of them (node:tls tells neither what came
 * instead of TLS nor the alert's record), and remembers whether the end was a FIN or an RST.
 */
export class Wire extends Duplex {
  readonly sent: Buffer[] = [];
  readonly received: Buffer[] = [];
  readonly #socket: Socket;
  #receivedTotal = 0;
  #sentTotal = 0;
  end_: End | null = null;

  constructor(socket: Socket, limit: number) {
    super();
    this.#socket = socket;
    socket.on('data', (chunk: Buffer) => {
      if (this.#receivedTotal < MAX_SEEN)
        this.received.push(chunk.subarray(0, MAX_SEEN - this.#receivedTotal));
      this.#receivedTotal += chunk.length;
      if (this.#receivedTotal > limit) {
        this.end_ ??= 'flooded';
        this.destroy();
        return;
      }
      if (!this.push(chunk)) socket.pause();
    });
    socket.on('end', () => {
      this.end_ ??= 'closed';
      this.push(null);
    });
    socket.on('error', (error: NodeJS.ErrnoException) => {
      this.end_ ??= endOf(error);
      this.destroy(error);
    });
    socket.on('close', () => {
      this.end_ ??= 'closed';
      this.destroy();
    });
    this.on('error', () => {});
  }

  /** We end it ourselves: the far end did not. */
  giveUp(): void {
    this.end_ ??= 'stalled';
  }

  override _read(): void {
    this.#socket.resume();
  }

  override _write(chunk: Buffer, _encoding: string, done: (error?: Error | null) => void): void {
    if (this.#sentTotal < MAX_SEEN) this.sent.push(chunk.subarray(0, MAX_SEEN - this.#sentTotal));
    this.#sentTotal += chunk.length;
    this.#socket.write(chunk, (error) => done(error));
  }

  override _final(done: () => void): void {
    this.#socket.end();
    done();
  }

  override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
    this.#socket.destroy();
    done(error);
  }
}
