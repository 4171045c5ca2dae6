import { createServer, type Socket } from 'node:net';
import { describe, expect, it } from 'vitest';
import { listeningConnect } from '../../src/doors/listening-connect.ts';
import { native } from '../../src/doors/native/client.ts';
import type { Begun } from '../../src/doors/parked.ts';
import { speak } from '../../src/doors/speak/speak.ts';
import { closedPort } from '../command/silent-port.ts';

const never = new AbortController().signal;
const isNative = process.platform === 'linux' && (process.arch === 'x64' || process.arch === 'arm64');

/** A child that is up, so that the connection need not wait for one. */
async function withChild(): Promise<void> {
  await native({ job: 'reply-ttl', address: '127.0.0.1', port: 9 }, never);
}

async function connected(port: number) {
  await withChild();
  const kept: Begun[] = [];
  const sent: boolean[] = [];
  const result = await listeningConnect(
    '127.0.0.1',
    port,
    { timeoutMs: 3000, signal: never, onSent: (listens) => sent.push(listens) },
    (begun) => kept.push(begun),
  );
  return { result, begun: kept[0] ?? null, sent };
}

async function serving(onSocket: (socket: Socket) => void, test: (port: number) => Promise<void>) {
  let count = 0;
  const server = createServer((socket) => {
    count++;
    socket.on('error', () => {});
    onSocket(socket);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  await test((server.address() as { port: number }).port);
  server.close();
  expect(count).toBe(1);
}

describe.runIf(isNative)('the connection whose socket listens for ICMP errors', () => {
  it('is handed over unread: the conversation takes place on that very one', async () => {
    await serving(
      (socket) => {
        socket.write('hello\r\n');
        socket.on('data', (data) => socket.write(`you said ${data}`));
      },
      async (port) => {
        const { result, begun, sent } = await connected(port);
        expect(result).toMatchObject({ outcome: 'open', code: null, local: false, told: null });
        expect(sent).toEqual([true]);
        const spoken = await speak(
          { address: '127.0.0.1', port, timeoutMs: 3000, maxBytes: 1000, signal: never },
          async (conversation) => {
            const greeting = await conversation.hear((bytes) => bytes.length >= 7, 2000);
            conversation.say(Buffer.from('x'));
            const answer = await conversation.hear((bytes) => bytes.length >= 10, 2000);
            return `${Buffer.from(greeting.bytes)}${Buffer.from(answer.bytes)}`;
          },
          begun,
        );
        expect(spoken).toEqual({ connected: true, value: 'hello\r\nyou said x' });
      },
    );
  });

  it('that was closed meanwhile tells so to whoever takes it', async () => {
    await serving(
      (socket) => socket.end('bye'),
      async (port) => {
        const { begun } = await connected(port);
        const spoken = await speak(
          { address: '127.0.0.1', port, timeoutMs: 3000, maxBytes: 1000, signal: never },
          (conversation) => conversation.hear(() => false, 2000),
          begun,
        );
        expect(spoken).toMatchObject({ connected: true, value: { ended: 'closed' } });
      },
    );
  });

  it('a reset comes without an ICMP error', async () => {
    const { result, begun, sent } = await connected(await closedPort());
    expect(result).toMatchObject({ outcome: 'refused', code: 'ECONNREFUSED', local: false, told: null });
    expect(result?.sourcePort).toBeGreaterThan(0);
    expect([begun, sent]).toEqual([null, [true]]);
  });
});
