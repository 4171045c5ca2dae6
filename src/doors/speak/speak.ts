import { connect, type Socket } from 'node:net';
import type { TLSSocket } from 'node:tls';
import type { Conversation, Heard, Speak, SpeakTo, Spoken } from '../types.ts';
import { alertOf, notBegun, shakeHands } from './handshake.ts';
import { type End, isReset, Wire } from './wire.ts';

/** Whatever is asked for: nobody is listened to for longer. On a path of 1.5 s the longest conversation wants this much. */
const MAX_TIME_MS = 16_000;
const MAX_BYTES = 65_536;

/** Collects what a stream brings, up to a limit, and wakes whoever waits for it. */
class Ear {
  readonly #store: Buffer;
  #used = 0;
  #taken = 0;
  end: End | null = null;
  wake: () => void = () => {};

  constructor(limit: number) {
    this.#store = Buffer.allocUnsafe(limit);
  }

  add(chunk: Buffer): void {
    this.#used += chunk.copy(this.#store, this.#used);
    if (this.#used === this.#store.length) this.finish('flooded');
    this.wake();
  }

  finish(end: End): void {
    this.end ??= end;
    this.wake();
  }

  get unheard(): Buffer {
    return this.#store.subarray(this.#taken, this.#used);
  }

  take(): Buffer {
    const bytes = Buffer.from(this.unheard);
    this.#taken = this.#used;
    return bytes;
  }
}

/**
 * A conversation over one TCP connection with hard limits on time (16 s), octets (64 KiB) and so memory. The connection
 * is destroyed when `talk` ends, when the limits are reached and when the signal aborts. TLS accepts any
 * certificate here: it is looked at, never trusted with anything.
 */
export const speak: Speak = async <T>(
  to: SpeakTo,
  talk: (conversation: Conversation) => Promise<T>,
): Promise<Spoken<T>> => {
  if (to.signal.aborted) return { connected: false, outcome: 'cancelled', code: null };
  const started = performance.now();
  const deadline = started + Math.min(to.timeoutMs, MAX_TIME_MS);
  const maxBytes = Math.min(to.maxBytes, MAX_BYTES);
  const remaining = (wanted: number): number => Math.max(0, Math.min(wanted, deadline - performance.now()));

  const socket = connect({ host: to.address, port: to.port, autoSelectFamily: false, noDelay: true });
  let secure: TLSSocket | null = null;
  let stalled = false;
  const abort = (): void => {
    socket.destroy();
  };
  to.signal.addEventListener('abort', abort, { once: true });
  try {
    const failure = await connected(socket, remaining(MAX_TIME_MS));
    if (to.signal.aborted) return { connected: false, outcome: 'cancelled', code: null };
    if (failure !== null) return { connected: false, ...failure };

    let ear = new Ear(maxBytes);
    let alert: number | null = null;
    listen(socket, ear);
    if (socket.destroyed) ear.finish('reset');
    const conversation: Conversation = {
      connectMs: performance.now() - started,
      say(bytes) {
        const stream = secure ?? socket;
        if (!stream.destroyed && stream.writable) stream.write(bytes);
      },
      async hear(enough, timeoutMs) {
        const heard = await hear(ear, enough, remaining(timeoutMs));
        stalled = heard.ended === 'stalled';
        return heard;
      },
      lateAlert: () => alert,
      async startTls(offer) {
        if (ear.end !== null && ear.unheard.length === 0) return notBegun(ear.end);
        for (const event of ['data', 'end', 'error', 'close']) socket.removeAllListeners(event);
        socket.on('error', () => {});
        const wire = new Wire(socket, MAX_BYTES);
        const handshake = await shakeHands(wire, offer, remaining(offer.timeoutMs));
        secure = handshake.socket;
        stalled = handshake.result.ended === 'stalled';
        ear = new Ear(maxBytes);
        if (handshake.socket !== null) {
          listen(handshake.socket, ear, (error) => {
            alert ??= alertOf(error);
            return wire.end_ ?? 'closed';
          });
          handshake.socket.resume();
        }
        return handshake.result;
      },
    };
    return { connected: true, value: await talk(conversation) };
  } finally {
    to.signal.removeEventListener('abort', abort);
    // A FIN queues behind what was never acknowledged, and the far end would hold the connection for minutes.
    if (stalled) socket.resetAndDestroy();
    (secure as TLSSocket | null)?.destroy();
    socket.destroy();
  }
};

function connected(
  socket: Socket,
  timeoutMs: number,
): Promise<{ outcome: 'refused' | 'unreachable' | 'timeout' | 'local-error'; code: string | null } | null> {
  return new Promise((resolve) => {
    const timer = setTimeout(() => {
      socket.destroy();
      resolve({ outcome: 'timeout', code: null });
    }, timeoutMs);
    const settle = (value: Parameters<typeof resolve>[0]): void => {
      clearTimeout(timer);
      resolve(value);
    };
    socket.once('connect', () => settle(null));
    socket.once('close', () => settle({ outcome: 'local-error', code: null }));
    socket.once('error', (error: NodeJS.ErrnoException) => {
      const code = error.code ?? null;
      // Accepted and reset before we looked: a refused SYN is ECONNREFUSED.
      if (isReset(error)) settle(null);
      else if (code === 'ECONNREFUSED') settle({ outcome: 'refused', code });
      else if (code === 'ETIMEDOUT') settle({ outcome: 'timeout', code });
      else if (code === 'EMFILE' || code === 'ENFILE' || code === 'EADDRNOTAVAIL')
        settle({ outcome: 'local-error', code });
      else settle({ outcome: 'unreachable', code });
    });
  });
}

function listen(
  stream: Socket | TLSSocket,
  ear: Ear,
  endOf: (error: NodeJS.ErrnoException) => End = (error) => (isReset(error) ? 'reset' : 'closed'),
): void {
  stream.on('data', (chunk: Buffer) => {
    ear.add(chunk);
    if (ear.end === 'flooded') stream.destroy();
  });
  stream.on('end', () => ear.finish('closed'));
  stream.on('error', (error: NodeJS.ErrnoException) => ear.finish(endOf(error)));
  stream.on('close', () => ear.finish('closed'));
}

function hear(ear: Ear, enough: (heard: Uint8Array) => boolean, timeoutMs: number): Promise<Heard> {
  const started = performance.now();
  let firstByteMs: number | null = ear.unheard.length > 0 ? 0 : null;
  return new Promise((resolve) => {
    const settle = (ended: Heard['ended']): void => {
      clearTimeout(timer);
      ear.wake = () => {};
      resolve({ bytes: ear.take(), ended, firstByteMs });
    };
    const timer = setTimeout(() => settle('stalled'), timeoutMs);
    ear.wake = () => {
      if (firstByteMs === null && ear.unheard.length > 0) firstByteMs = performance.now() - started;
      if (ear.unheard.length > 0 && enough(ear.unheard)) settle('enough');
      else if (ear.end !== null) settle(ear.end);
    };
    ear.wake();
  });
}
