import { createConnection, createServer } from 'node:net';
import { describe, expect, it } from 'vitest';
import { connectionWords, listen } from '../../../src/command/there/listen.ts';
import { realDoors } from '../../../src/doors/real.ts';
import type { Doors } from '../../../src/doors/types.ts';

const CASE = '0123456789abcdef0123456789abcdef';
const isLinux = process.platform === 'linux';

/** A port that was free a moment ago. */
const freePort = () =>
  new Promise<number>((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const { port } = server.address() as { port: number };
      server.close(() => resolve(port));
    });
  });
const readLine = (port: number, host: string, says = '') =>
  new Promise<string>((resolve, reject) => {
    let text = '';
    const socket = createConnection({ port, host }, () => {
      if (says !== '') socket.write(says);
    });
    socket
      .on('data', (data) => {
        text += data;
      })
      .on('error', reject)
      .on('close', () => resolve(text));
  });

async function listening(doors: Doors, address: string, visit: (port: number) => Promise<unknown>) {
  const port = await freePort();
  const stop = new AbortController();
  const told: string[] = [];
  let isOpen = (): void => {};
  const open = new Promise<void>((resolve) => {
    isOpen = resolve;
  });
  const given = { port, address, forMs: null, caseId: CASE, signal: stop.signal };
  const ends = listen(given, doors, (line) => {
    told.push(line);
    if (line.startsWith('Listening')) isOpen();
  });
  await Promise.race([open, ends]);
  const visited = await visit(port);
  stop.abort();
  return { port, problem: await ends, told, visited };
}

describe('--listen', () => {
  it.skipIf(!isLinux)('tells whoever connects the case id, and what their SYN looked like', async () => {
    const { told, problem, visited, port } = await listening(realDoors(), '127.0.0.1', async (port) => [
      await readLine(port, '127.0.0.1'),
      await readLine(port, '127.0.0.1', 'GET / HTTP/1.0\r\n\r\n'),
    ]);
    expect(problem).toBeNull();
    expect(visited).toEqual(
      Array(2).fill(`reachdoctor --listen: TCP ${port} of 127.0.0.1 is reachable, case ${CASE}\r\n`),
    );
    const text = told.join('');
    expect(text).toContain(`case ${CASE}`);
    expect(text.match(/its SYN: TTL \d+, MSS \d+, window \d+.*options mss/g)).toHaveLength(2);
    expect(text).toContain('2 connections in all');
    await expect(readLine(port, '127.0.0.1')).rejects.toThrow('ECONNREFUSED');
  });
  it('without the native child does the same, but for the SYNs, and says so', async () => {
    const doors: Doors = {
      ...realDoors(),
      native: async () => ({ status: 'unavailable', reason: 'test', enable: null }),
    };
    const { told, visited } = await listening(doors, '127.0.0.1', (port) => readLine(port, '127.0.0.1'));
    expect(visited).toContain(CASE);
    expect(told.join('')).toContain('cannot be seen here');
    expect(told.join('')).not.toContain('its SYN');
  });
  it('on a port that is taken, or an address that is not here, says why not', async () => {
    const server = createServer().listen(0, '127.0.0.1');
    await new Promise((resolve) => server.once('listening', resolve));
    const { port } = server.address() as { port: number };
    const never = new AbortController().signal;
    const at = (address: string) =>
      listen({ port, address, forMs: 1000, caseId: CASE, signal: never }, realDoors(), () => {});
    expect(await at('127.0.0.1')).toContain('EADDRINUSE');
    expect(await at('192.0.2.1')).toContain('EADDRNOTAVAIL');
    server.close();
  });
  it("knows the marks of a knock, and a stranger's SYN by what it lacks", () => {
    const syn = { ttl: 61, window: 64_240, mss: 1237, windowScale: 7, timestamp: null, options: ['mss'] };
    const words = connectionWords(1, { at: 0, from: '192.0.2.9', fromPort: 40_000, syn });
    expect(words).toContain('192.0.2.9:40000');
    expect(words).toContain('TTL 61, MSS 1237 (the mark of a knock), window 64240 x 128, no timestamp');
  });
});
