/**
 * A proxy that reads the server name and has no working server behind one of them: `node exam-sni.js PORT NAME MODE KEY CERTIFICATE`.
 * MODE = stall, fin or reset, for what has NAME in it; everything else gets a page by TLS. `slow`: all of it, four seconds late.
 */
import { readFileSync } from 'node:fs';
import https from 'node:https';
import net from 'node:net';

const [port, name = '', mode, key = '', cert = ''] = process.argv.slice(2);
const page = https.createServer({ key: readFileSync(key), cert: readFileSync(cert) }, (_, answer) => {
  answer.end('ok');
});

net
  .createServer((socket) => {
    socket.on('error', () => socket.destroy()); // the client resets: nothing is left to say
    socket.once('data', (hello) => {
      const slow = mode === 'slow';
      if (slow || !hello.includes(name)) {
        socket.pause();
        socket.unshift(hello);
        setTimeout(() => page.emit('connection', socket), slow ? 4000 : 0);
        return;
      }
      if (mode === 'fin') socket.end();
      if (mode === 'reset') socket.resetAndDestroy();
    });
  })
  .listen(Number(port), '::');
