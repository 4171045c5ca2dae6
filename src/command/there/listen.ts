import { createServer } from 'node:net';
import { endpoint } from '../../ground/address.ts';

const LONGEST_MS = 10 * 60 * 1000;
const MOST_CONNECTIONS = 100;

/**
 * An honest listener, to prove that a firewall lets a port through before the service exists: it answers one line, closes,
 * and ends by itself. Resolves with a sentence when it could not listen, with null when it ended.
 */
export function listen(
  given: { port: number; address: string; forMs: number | null; signal: AbortSignal },
  tell: (line: string) => void,
): Promise<string | null> {
  return new Promise((resolve) => {
    let seen = 0;
    const server = createServer((socket) => {
      seen++;
      tell(
        `${new Date().toISOString()} connection ${seen} from ${endpoint(socket.remoteAddress ?? '?', socket.remotePort ?? 0)}\n`,
      );
      socket.on('error', () => {});
      socket.setTimeout(2000, () => socket.destroy());
      socket.resume();
      socket.end(`reachdoctor --listen: TCP ${given.port} of ${given.address} is reachable\r\n`);
      if (seen >= MOST_CONNECTIONS) end();
    });
    const timer = setTimeout(() => end(), Math.min(given.forMs ?? LONGEST_MS, LONGEST_MS));
    const end = (): void => {
      clearTimeout(timer);
      given.signal.removeEventListener('abort', end);
      server.close(() => resolve(null));
      tell(`${seen} connection${seen === 1 ? '' : 's'} in all; TCP ${given.port} is closed again.\n`);
    };
    server.on('error', (error: NodeJS.ErrnoException) => {
      clearTimeout(timer);
      resolve(
        `TCP ${given.port} of ${given.address} cannot be listened on (${error.code ?? error.message}).`,
      );
    });
    server.listen({ port: given.port, host: given.address, exclusive: true }, () => {
      tell(`Listening on ${endpoint(given.address, given.port)}; it ends by itself, or with Ctrl-C.\n`);
    });
    given.signal.addEventListener('abort', end, { once: true });
    if (given.signal.aborted) end();
  });
}
