import type { Socket } from 'node:net';

export interface Begun {
  socket: Socket;
  /** Its TCP handshake. */
  connectMs: number;
}

/**
 * Connections that the first probe of a port made and on which nobody has spoken yet: the conversation takes place on
 * that very one, so that a service which answers well sees a single connection. What nobody takes is closed with the run.
 */
export class Parked {
  readonly #waiting = new Map<string, Begun>();

  /** @param until closes the connection when it aborts, unless somebody has taken it. */
  put(address: string, port: number, begun: Begun, until: AbortSignal): void {
    const key = keyOf(address, port);
    if (until.aborted || this.#waiting.has(key)) {
      begun.socket.destroy();
      return;
    }
    this.#waiting.set(key, begun);
    const onAbort = (): void => {
      if (this.#waiting.get(key) !== begun) return;
      this.#waiting.delete(key);
      begun.socket.destroy();
    };
    until.addEventListener('abort', onAbort, { once: true });
    begun.socket.once('close', () => until.removeEventListener('abort', onAbort));
  }

  take(address: string, port: number): Begun | null {
    const key = keyOf(address, port);
    const begun = this.#waiting.get(key);
    this.#waiting.delete(key);
    return begun === undefined || begun.socket.destroyed ? null : begun;
  }
}

const keyOf = (address: string, port: number): string => `${address} ${port}`;
