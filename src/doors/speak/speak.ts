import { connect, type Socket } from 'node:net';
import type { TLSSocket } from 'node:tls';
import { parseSendQueue } from '../../parsers/proc-net.ts';
import { afterLastLook } from '../last-look.ts';
import type { Begun } from '../parked.ts';
import { readText } from '../read-text.ts';
import type { Conversation, Heard, SpeakTo, Spoken } from '../types.ts';
import { alertOf, notBegun, shakeHands } from './handshake.ts';
import { type End, endOf, isReset, Wire } from './wire.ts';

/** Whatever is asked for: nobody is listened to for longer. On a path of 1.5 s the longest conversation wants this much. */
const MAX_TIME_MS = 16_000;
const MAX_BYTES = 65_536;
/** The far end's own goodbye comes within a round trip. */
const LEAVE_MS = 300;

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
 * is closed when `talk` ends, and destroyed when the limits are reached and when the signal aborts. TLS accepts any
 * certificate here: it is looked at, never trusted with anything.
 */
export const speak = async <T>(
  to: SpeakTo,
  talk: (conversation: Conversation) => Promise<T>,
  begun: Begun | null = null,
): Promise<Spoken<T>> => {
  if (to.signal.aborted) begun?.socket.destroy();
  if (to.signal.aborted) return { connected: false, outcome: 'cancelled', code: null };
  const started = performance.now();
  const deadline = started + Math.min(to.timeoutMs, MAX_TIME_MS);
  const maxBytes = Math.min(to.maxBytes, MAX_BYTES);
  const remaining = (wanted: number): number => Math.max(0, Math.min(wanted, deadline - performance.now()));

  const socket =
    begun?.socket ?? connect({ host: to.address, port: to.port, autoSelectFamily: false, noDelay: true });
  let secure: TLSSocket | null = null;
  let stalled = false;
  let hasSpoken = false;
  let flooded = false;
  // What we end ourselves was silent so far; the far end closed nothing.
  let giveUp = (): void => {};
  const abort = (): void => {
    giveUp();
    socket.destroy();
  };
  to.signal.addEventListener('abort', abort, { once: true });
  try {
    const failure = begun === null ? await connected(socket, remaining(MAX_TIME_MS)) : null;
    if (to.signal.aborted) return { connected: false, outcome: 'cancelled', code: null };
    if (failure !== null) return { connected: false, ...failure };

    let ear = new Ear(maxBytes);
    giveUp = () => ear.finish('stalled');
    let alert: number | null = null;
    listen(socket, ear);
    if (socket.destroyed) ear.finish('reset');
    // One that was kept has not been read from.
    socket.resume();
    const conversation: Conversation = {
      connectMs: begun?.connectMs ?? performance.now() - started,
      say(bytes) {
        const stream = secure ?? socket;
        hasSpoken = true;
        if (!stream.destroyed && stream.writable) stream.write(bytes);
      },
      async hear(enough, timeoutMs) {
        const heard = await hear(ear, enough, remaining(timeoutMs), true);
        stalled = heard.ended === 'stalled';
        flooded = heard.ended === 'flooded';
        return heard;
      },
      stirs: async (timeoutMs) => (await hear(ear, () => true, remaining(timeoutMs), false)).ended,
      async untaken() {
        const { localPort } = socket;
        if (localPort === undefined) return null;
        const table = await readText(to.address.includes(':') ? '/proc/net/tcp6' : '/proc/net/tcp');
        return table === null ? null : parseSendQueue(table, localPort, to.port);
      },
      lateAlert: () => alert,
      async startTls(offer) {
        hasSpoken = true;
        if (ear.end !== null && ear.unheard.length === 0) return notBegun(ear.end);
        for (const event of ['data', 'end', 'error', 'close']) socket.removeAllListeners(event);
        socket.on('error', () => {});
        const wire = new Wire(socket, MAX_BYTES);
        giveUp = () => wire.giveUp();
        const handshake = await shakeHands(wire, offer, remaining(offer.timeoutMs));
        secure = handshake.socket;
        stalled = handshake.result.ended === 'stalled';
        ear = new Ear(maxBytes);
        giveUp = () => ear.finish('stalled');
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
    const isUnanswered = stalled && hasSpoken;
    if (isUnanswered) socket.resetAndDestroy();
    if (isUnanswered || to.signal.aborted || flooded) {
      (secure as TLSSocket | null)?.destroy();
      socket.destroy();
    } else leave(socket, secure);
  }
};

/** close_notify where there is TLS, FIN, and what still comes is thrown away: closing with octets unread would be a reset. */
function leave(socket: Socket, secure: TLSSocket | null): void {
  const stream = secure ?? socket;
  stream.removeAllListeners('data');
  stream.resume();
  stream.end();
  socket.unref();
  const timer = setTimeout(() => {
    secure?.destroy();
    socket.destroy();
  }, LEAVE_MS);
  timer.unref();
  socket.once('close', () => clearTimeout(timer));
}

function connected(
  socket: Socket,
  timeoutMs: number,
): Promise<{ outcome: 'refused' | 'unreachable' | 'timeout' | 'local-error'; code: string | null } | null> {
  return new Promise((resolve) => {
    const stop = afterLastLook(timeoutMs, () => {
      socket.destroy();
      resolve({ outcome: 'timeout', code: null });
    });
    const settle = (value: Parameters<typeof resolve>[0]): void => {
      stop();
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
  ended: (error: NodeJS.ErrnoException) => End = endOf,
): void {
  stream.on('data', (chunk: Buffer) => {
    ear.add(chunk);
    if (ear.end === 'flooded') stream.destroy();
  });
  stream.on('end', () => ear.finish('closed'));
  stream.on('error', (error: NodeJS.ErrnoException) => ear.finish(ended(error)));
  stream.on('close', () => ear.finish('closed'));
}

function hear(
  ear: Ear,
  enough: (heard: Uint8Array) => boolean,
  timeoutMs: number,
  takes: boolean,
): Promise<Heard> {
  const started = performance.now();
  let firstByteMs: number | null = ear.unheard.length > 0 ? 0 : null;
  return new Promise((resolve) => {
    const settle = (ended: Heard['ended']): void => {
      stop();
      ear.wake = () => {};
      resolve({ bytes: takes ? ear.take() : ear.unheard, ended, firstByteMs });
    };
    const stop = afterLastLook(timeoutMs, () => settle('stalled'));
    ear.wake = () => {
      if (firstByteMs === null && ear.unheard.length > 0) firstByteMs = performance.now() - started;
      if (ear.unheard.length > 0 && enough(ear.unheard)) settle('enough');
      else if (ear.end !== null) settle(ear.end);
    };
    ear.wake();
  });
}
