/**
 * A listener that leads a dialogue: `node eighth-dialogue.js PORT JSON`, octets as Latin-1.
 * JSON = { greeting?, delayMs?, end?, turns?: [pattern of what arrives, answer, "fin" | "reset" | ""][], other?: [answer, end] }
 */
import net from 'node:net';

type End = 'fin' | 'reset' | '';
interface Dialogue {
  greeting?: string;
  delayMs?: number;
  /** After the greeting. */
  end?: End;
  turns?: [pattern: string, answer: string, end: End][];
  /** To what no pattern fits. */
  other?: [answer: string, end: End];
}

const dialogue = JSON.parse(process.argv[3] ?? '{}') as Dialogue;

function say(socket: net.Socket, words: string, end: End = ''): void {
  if (words !== '') socket.write(words, 'latin1');
  if (end === 'fin') socket.end();
  if (end === 'reset') socket.resetAndDestroy();
}

net
  .createServer((socket) => {
    socket.on('error', () => socket.destroy()); // the client resets: nothing is left to say
    const greet = (): void => say(socket, dialogue.greeting ?? '', dialogue.end);
    if (dialogue.delayMs === undefined) greet();
    else setTimeout(greet, dialogue.delayMs);
    socket.on('data', (data) => {
      const heard = data.toString('latin1');
      const turn = dialogue.turns?.find(([pattern]) => new RegExp(pattern).test(heard));
      if (turn) say(socket, turn[1], turn[2]);
      else if (dialogue.other) say(socket, ...dialogue.other);
    });
  })
  .listen(Number(process.argv[2]), '::');
