/**
 * One careful connection: `node exam-careful.js ADDRESS PORT JSON [TLS-NAME]`, JSON = [["hear", PATTERN], ["say", WORDS], ...], octets as
 * Latin-1. Goes through the steps, ends the connection and exits with 0; with 1 where something else is heard, or nothing in 8 s.
 */
import net from 'node:net';
import tls from 'node:tls';

const [address = '127.0.0.1', port = '0', json = '[]', name] = process.argv.slice(2);
const steps = JSON.parse(json) as ['hear' | 'say', string][];
let heard = '';

const socket = name
  ? tls.connect({ host: address, port: Number(port), servername: name, rejectUnauthorized: false }, next)
  : net.connect(Number(port), address, next);

function next(): void {
  for (let step = steps[0]; step; step = steps[0]) {
    const [kind, words] = step;
    if (kind === 'say') socket.write(words, 'latin1');
    else {
      const found = new RegExp(words, 's').exec(heard);
      if (!found) return;
      heard = heard.slice(found.index + found[0].length);
    }
    steps.shift();
  }
  socket.end(() => setTimeout(() => process.exit(0), 50));
}

function fail(why: string): void {
  console.error(`${why}; heard: ${JSON.stringify(heard.slice(0, 200))}`);
  process.exit(1);
}
socket.on('data', (data) => {
  heard += data.toString('latin1');
  next();
});
socket.on('error', (error) => fail(error.message));
socket.on('close', () => {
  if (steps.length > 0) fail('closed');
});
setTimeout(() => fail('nothing more in 8 s'), 8000);
