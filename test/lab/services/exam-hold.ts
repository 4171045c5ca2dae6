/**
 * Somebody who was here first: `node exam-hold.js ADDRESS PORT COUNT [WORDS]` opens that many connections one after the other,
 * says WORDS (with escapes of JSON) on each and keeps all of them. What is not served yet is asked again. Prints `held COUNT`.
 */
import net from 'node:net';

const [address = '127.0.0.1', port = '0', count = '1', words = ''] = process.argv.slice(2);
let held = 0;

function hold(): void {
  const socket = net.connect(Number(port), address, () => {
    if (words !== '') socket.write(JSON.parse(`"${words}"`), 'latin1');
    held += 1;
    if (held < Number(count)) hold();
    else console.log(`held ${held}`);
  });
  socket.on('data', () => {});
  socket.on('error', () => setTimeout(hold, 100)); // nobody listens yet
}
hold();
setInterval(() => {}, 1000);
