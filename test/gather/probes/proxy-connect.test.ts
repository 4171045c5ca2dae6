import { createServer, type Socket } from 'node:net';
import { describe, expect, it } from 'vitest';
import { speak } from '../../../src/doors/speak/speak.ts';
import type { Doors } from '../../../src/doors/types.ts';
import { proxyConnect } from '../../../src/gather/probes/proxy-connect.ts';
import { closedPort } from '../../command/silent-port.ts';

const ask = (proxyPort: number, host = 'db.example.com') =>
  proxyConnect(
    { proxyHost: '127.0.0.1', proxyPort, host, port: 5432, timeoutMs: 700 },
    { doors: { speak } as Doors, signal: new AbortController().signal, partial: () => {} },
  );

/** A proxy that says this to whatever it is asked. */
async function withProxy(says: string, test: (port: number, heard: () => string) => Promise<void>) {
  let heard = '';
  const server = createServer((socket: Socket) => {
    socket.on('error', () => {});
    socket.on('data', (data) => {
      heard += String(data);
      if (heard.endsWith('\r\n\r\n')) socket.write(says);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  await test((server.address() as { port: number }).port, () => heard);
  server.close();
}

describe('one CONNECT through a proxy', () => {
  it('names the target, and carries no credentials', async () => {
    await withProxy('HTTP/1.1 200 Connection established\r\n\r\n', async (port, heard) => {
      expect(await ask(port)).toMatchObject({ outcome: 'opened', data: { status: 200 } });
      expect(heard()).toBe('CONNECT db.example.com:5432 HTTP/1.1\r\nHost: db.example.com:5432\r\n\r\n');
    });
  });

  it('puts an IPv6 address in brackets', async () => {
    await withProxy('HTTP/1.0 200 OK\r\n\r\n', async (port, heard) => {
      await ask(port, '2001:db8::7');
      expect(heard()).toContain('CONNECT [2001:db8::7]:5432 ');
    });
  });

  it.each([403, 407, 503])('%i is declined', async (status) => {
    await withProxy(`HTTP/1.1 ${status} No\r\n\r\n`, async (port) => {
      expect(await ask(port)).toMatchObject({ outcome: 'declined', data: { status } });
    });
  });

  it.each([
    ['nothing', ''],
    ['another protocol', 'SSH-2.0-x\r\n'],
    ['half a line', 'HTTP/1.1 20'],
  ])('%s is no answer', async (_, says) => {
    await withProxy(says, async (port) => {
      expect(await ask(port)).toMatchObject({ outcome: 'no-answer', data: { status: null } });
    });
  });

  it.each([
    ['ENOTFOUND', 'unresolved'],
    ['EAI_AGAIN', 'failed'],
  ])(
    'a name that leads to no address, or of which nobody knows (%s): nobody was asked',
    async (code, outcome) => {
      const nowhere = async () => ({ connected: false, outcome: 'local-error', code });
      const found = await proxyConnect(
        { proxyHost: 'proxy-old.test', proxyPort: 3128, host: 'db.example.com', port: 5432, timeoutMs: 700 },
        {
          doors: { speak: nowhere } as unknown as Doors,
          signal: new AbortController().signal,
          partial: () => {},
        },
      );
      expect(found.outcome).toBe(outcome);
      expect(found.data === null).toBe(outcome === 'failed');
    },
  );

  it('a port that nobody listens on is no proxy', async () => {
    expect((await ask(await closedPort())).outcome).toBe('unreachable');
  });
});
