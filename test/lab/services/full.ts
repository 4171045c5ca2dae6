/**
 * A service with a full accept queue: `node full.js PORT ADDRESS [ACCEPT_EVERY_MS]`.
 * A child listens with a backlog of one and is stopped by a signal, so that the kernel completes handshakes and nobody
 * accepts; connections from this host fill the queue. With a third argument the child wakes that often for a moment,
 * and the queue is filled again.
 */
import { spawn } from 'node:child_process';
import net from 'node:net';

const [port = '0', address = '127.0.0.1', everyMs] = process.argv.slice(2);
const listener = `require('node:net').createServer((s) => { s.on('error', () => {}); }).listen({ port: ${Number(port)}, host: '::', backlog: 1 }, () => process.stdout.write('listening'))`;
const child = spawn(process.execPath, ['-e', listener], { stdio: ['ignore', 'pipe', 'inherit'] });

const fill = (count: number) => {
  for (let i = 0; i < count; i++) net.connect(Number(port), address).on('error', () => {}); // a full queue is the aim
};
child.stdout.once('data', () => {
  child.kill('SIGSTOP');
  fill(4);
  if (!everyMs) return;
  setInterval(() => {
    child.kill('SIGCONT');
    setTimeout(() => {
      child.kill('SIGSTOP');
      setTimeout(fill, 300, 1);
    }, 30);
  }, Number(everyMs));
});
