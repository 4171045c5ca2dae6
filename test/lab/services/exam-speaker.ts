/**
 * `node exam-speaker.js PORT JSON`: a listener that says what JSON tells it, and ends as it tells it.
 * JSON = { address?, v6only?, greeting?, delayMs?, reply?, replyDelayMs?, end?, dies?, replies? }
 */
import net from 'node:net';

interface Manners {
  address?: string;
  v6only?: boolean;
  /** Said unasked, `delayMs` after the connection. */
  greeting?: string;
  delayMs?: number;
  /** Said to the first octets that arrive; `replies` (pattern -> answer) is asked first, for each piece that arrives. */
  reply?: string;
  replies?: Record<string, string>;
  replyDelayMs?: number;
  /** How a connection ends after the last word; without it stays open. */
  end?: 'fin' | 'reset';
  /** The whole program ends at the first octets that arrive. */
  dies?: boolean;
}

const manners = JSON.parse(process.argv[3] ?? '{}') as Manners;

function finish(socket: net.Socket): void {
  if (manners.end === 'fin') socket.end();
  if (manners.end === 'reset') socket.resetAndDestroy();
}

net
  .createServer((socket) => {
    socket.on('error', () => socket.destroy()); // the client resets: nothing is left to say
    const waitsForWords =
      manners.reply !== undefined || manners.replies !== undefined || manners.dies === true;
    setTimeout(() => {
      if (manners.greeting !== undefined) socket.write(manners.greeting, 'latin1');
      if (!waitsForWords) finish(socket);
    }, manners.delayMs ?? 0);
    socket.on('data', (data) => {
      if (manners.dies) process.exit(1);
      const heard = data.toString('latin1');
      const found = Object.entries(manners.replies ?? {}).find(([pattern]) =>
        new RegExp(pattern).test(heard),
      );
      const answer = found?.[1] ?? manners.reply;
      if (answer === undefined) return;
      setTimeout(() => {
        socket.write(answer, 'latin1');
        finish(socket);
      }, manners.replyDelayMs ?? 0);
    });
  })
  .listen({
    port: Number(process.argv[2]),
    host: manners.address ?? '::',
    ipv6Only: manners.v6only ?? false,
  });
