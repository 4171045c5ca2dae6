/**
 * Real listeners of a host: `node listen.js CONFIG.json`, CONFIG = { ports: number[], addresses?: string[] }.
 * Each port says just enough of the protocol people expect there; an unknown port accepts and waits.
 */
import { readFileSync } from 'node:fs';
import net from 'node:net';

const config = JSON.parse(readFileSync(process.argv[2] ?? '', 'utf8')) as {
  ports: number[];
  addresses?: string[];
};

const GREETING: Record<number, string> = {
  21: '220 lab FTP\r\n',
  22: 'SSH-2.0-OpenSSH_9.2p1 Debian-2+deb12u7\r\n',
  25: '220 lab ESMTP\r\n',
  2222: 'SSH-2.0-OpenSSH_9.2p1 Debian-2+deb12u7\r\n',
};
const page =
  'HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 3\r\nConnection: close\r\n\r\nok\n';

function answer(port: number, text: string): string | Buffer | null {
  if (/^(GET|HEAD|OPTIONS) /.test(text)) return text.startsWith('HEAD') ? page.slice(0, -3) : page;
  if (port === 5432) return 'N';
  if (port === 6379) return '+PONG\r\n';
  if (port === 25) return '250 lab\r\n';
  return null;
}

for (const port of config.ports) {
  for (const address of config.addresses ?? ['::']) {
    net
      .createServer((socket) => {
        socket.on('error', () => socket.destroy()); // the client resets: nothing is left to say
        socket.setTimeout(30_000, () => socket.destroy());
        const greeting = GREETING[port];
        if (greeting) socket.write(greeting);
        socket.once('data', (data) => {
          const reply = answer(port, data.toString('latin1'));
          if (reply === null) return;
          socket.write(reply);
          if (/^HTTP/.test(String(reply))) socket.end();
        });
      })
      .listen(port, address);
  }
}
