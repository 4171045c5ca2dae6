import { createServer, type Socket } from 'node:net';
import { describe, expect, it } from 'vitest';
import { connectTcp } from '../../src/doors/tcp.ts';
import { closedPort, listener, silentPort } from '../command/silent-port.ts';

const go = (
  port: number,
  how: { address?: string; timeoutMs?: number; signal?: AbortSignal; sourcePort?: number } = {},
) =>
  connectTcp(how.address ?? '127.0.0.1', port, {
    timeoutMs: how.timeoutMs ?? 5000,
    signal: how.signal ?? new AbortController().signal,
    ...(how.sourcePort === undefined ? {} : { sourcePort: how.sourcePort }),
  });

describe('one connection', () => {
  it('to a listener is open', async () => {
    const { port, close } = await listener();
    expect(await go(port)).toMatchObject({ outcome: 'open', code: null, local: false });
    close();
  });

  it('that was made while this process could not look is open, however late it looks', async () => {
    const { port, close } = await listener();
    const asked = go(port, { timeoutMs: 20 });
    // connect() is called in the next tick.
    await new Promise((resolve) => process.nextTick(resolve));
    const until = performance.now() + 60;
    while (performance.now() < until);
    expect((await asked).outcome).toBe('open');
    close();
  });

  it('tells the port that it was sent from, which a log of the far end shows', async () => {
    const server = createServer();
    const seen = new Promise<number | undefined>((resolve) =>
      server.on('connection', (socket) => resolve(socket.remotePort)),
    );
    server.on('connection', (socket) => socket.on('error', () => {}));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { sourcePort } = await go((server.address() as { port: number }).port);
    expect(sourcePort).toBe(await seen);
    expect(sourcePort).toBeGreaterThan(0);
    const again = await go((server.address() as { port: number }).port, { sourcePort: sourcePort! });
    expect(again).toMatchObject({ outcome: 'open', sourcePort });
    expect((await go(await closedPort())).sourcePort).toBeGreaterThan(0);
    server.close();
  });

  it('over IPv6', async () => {
    const server = createServer((socket) => socket.on('error', () => {}));
    await new Promise<void>((resolve) => server.listen(0, '::1', resolve));
    const { port } = server.address() as { port: number };
    expect(await go(port, { address: '::1' })).toMatchObject({ outcome: 'open' });
    server.close();
  });

  it('is ended at once: the server hears a reset, and not a word', async () => {
    const heard: string[] = [];
    let ended = (_: string) => {};
    const end = new Promise<string>((resolve) => {
      ended = resolve;
    });
    const server = createServer((socket: Socket) => {
      socket.on('data', (data) => heard.push(String(data)));
      socket.on('error', (error: NodeJS.ErrnoException) => ended(error.code ?? 'error'));
      socket.on('close', () => ended('closed'));
      socket.resume();
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    await go((server.address() as { port: number }).port);
    expect(await end).toMatch(/ECONNRESET|closed/);
    expect(heard).toEqual([]);
    server.close();
  });

  it('to a closed port is refused, by an answer and not by this machine alone', async () => {
    expect(await go(await closedPort())).toMatchObject({
      outcome: 'refused',
      code: 'ECONNREFUSED',
      local: false,
    });
  });

  it('to a silent port is given up after the time that it was given', async () => {
    const { port, close } = await silentPort();
    expect(await go(port, { timeoutMs: 200 })).toMatchObject({ outcome: 'timeout', code: null });
    close();
  });

  it('is cancelled while it waits, and before it began', async () => {
    const { port, close } = await silentPort();
    const stop = new AbortController();
    const waiting = go(port, { signal: stop.signal });
    stop.abort();
    expect(await waiting).toMatchObject({ outcome: 'cancelled' });
    expect(await go(port, { signal: AbortSignal.abort() })).toMatchObject({ outcome: 'cancelled' });
    close();
  });

  it('that this machine cannot even begin is its own failure', async () => {
    // A multicast address: connect() refuses it before any packet (tcp(7), ENETUNREACH).
    expect(await go(80, { address: '224.0.0.1' })).toMatchObject({ outcome: 'local-error', local: true });
  });

  it('with arguments that node refuses is no crash', async () => {
    expect(await go(70_000)).toMatchObject({
      outcome: 'local-error',
      code: 'ERR_SOCKET_BAD_PORT',
      local: true,
    });
  });
});
