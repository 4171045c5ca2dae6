/** `node speaker.js PORT MODE`: a listener that behaves badly on purpose. */
import net from 'node:net';

const [port, mode] = [Number(process.argv[2]), process.argv[3]];

const behaviours: Record<string, (socket: net.Socket) => void> = {
  silent: () => {},
  close: (socket) => socket.end(),
  'reset-on-data': (socket) => socket.once('data', () => socket.resetAndDestroy()),
  endless: (socket) => {
    const push = (): void => {
      while (!socket.destroyed && socket.write(Buffer.alloc(65_536, 'x')));
      socket.once('drain', push);
    };
    push();
  },
  drip: (socket) => {
    const timer = setInterval(() => socket.write('S'), 1000);
    socket.on('close', () => clearInterval(timer));
  },
  'redirect-to-itself': (socket) => {
    socket.once('data', (data) => {
      const host = /^Host: (.*)\r$/m.exec(data.toString('latin1'))?.[1];
      socket.end(`HTTP/1.1 302 Found\r\nLocation: http://${host}/\r\n\r\n`);
    });
  },
  'control-characters': (socket) => socket.end('\x1b]0;owned\x07\x1b[2J\u202eSSH\r\n'),
};

const behave = behaviours[mode ?? ''];
if (behave === undefined) throw new Error(`modes: ${Object.keys(behaviours).join(' ')}`);
net
  .createServer((socket) => {
    socket.on('error', () => socket.destroy()); // the client resets: nothing is left to say
    behave(socket);
  })
  .listen(port, '::');
