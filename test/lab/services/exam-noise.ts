/**
 * What a machine does all day beside the one connection that is looked into: `node exam-noise.js KIND ADDRESS PORT EVERY_MS`.
 * KIND = udp (datagrams) or tcp (connections, ended at once).
 */
import dgram from 'node:dgram';
import net from 'node:net';

const [kind, address = '127.0.0.1', port = '9', everyMs = '50'] = process.argv.slice(2);
const udp = kind === 'udp' ? dgram.createSocket(net.isIPv6(address) ? 'udp6' : 'udp4') : null;
udp?.on('error', () => {}); // nobody there, or not let out: noise goes on

setInterval(() => {
  if (udp) {
    udp.send('noise', Number(port), address, () => {});
    return;
  }
  const socket = net.connect(Number(port), address, () => socket.destroy());
  socket.on('error', () => socket.destroy()); // nobody there, or not let out: noise goes on
  setTimeout(() => socket.destroy(), 1000);
}, Number(everyMs));
