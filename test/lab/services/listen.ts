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
/** SSH_MSG_KEXINIT (RFC 4253, 7.1) with today's algorithms, so that the offer can be read; nothing after it is answered. */
function keyExchangeInit(): Buffer {
  const lists = [
    'curve25519-sha256,ecdh-sha2-nistp256',
    'ssh-ed25519,rsa-sha2-512',
    ...Array<string>(2).fill('chacha20-poly1305@openssh.com,aes128-ctr,aes256-gcm@openssh.com'),
    ...Array<string>(2).fill('hmac-sha2-256,hmac-sha2-512'),
    ...Array<string>(2).fill('none'),
    '',
    '',
  ].map((list) => {
    const length = Buffer.alloc(4);
    length.writeUInt32BE(list.length);
    return Buffer.concat([length, Buffer.from(list)]);
  });
  const payload = Buffer.concat([Buffer.of(20), Buffer.alloc(16, 7), ...lists, Buffer.alloc(5)]);
  const padding = 8 + ((16 - ((payload.length + 13) % 8)) % 8);
  const head = Buffer.alloc(5);
  head.writeUInt32BE(payload.length + padding + 1);
  head[4] = padding;
  return Buffer.concat([head, payload, Buffer.alloc(padding)]);
}

const page =
  'HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 3\r\nConnection: close\r\n\r\nok\n';

function answer(port: number, text: string): string | Buffer | null {
  if (/^(GET|HEAD|OPTIONS) /.test(text)) return text.startsWith('HEAD') ? page.slice(0, -3) : page;
  if (text.startsWith('SSH-')) return keyExchangeInit();
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
