import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { askJson } from '../../src/doors/json-service.ts';

const servers: Server[] = [];
afterEach(() => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    server.close();
  }
});
async function served(answer: RequestListener): Promise<string> {
  const server = createServer(answer);
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
}
const never = new AbortController().signal;
const ask = (url: string, more: Partial<Parameters<typeof askJson>[1]> = {}) =>
  askJson(url, { body: null, token: null, timeoutMs: 20_000, signal: never, ...more });

describe('one request', () => {
  it('with a body is a POST, and its answer is read with its headers', async () => {
    const heard: unknown[] = [];
    const url = await served((request, response) => {
      heard.push(request.method, request.headers['content-type']);
      request.on('data', (part: Buffer) => heard.push(part.toString()));
      request.on('end', () => response.writeHead(202, { 'x-ratelimit-limit': '250' }).end('{"id":"a"}'));
    });
    const answer = await ask(url, { body: { ü: 1 } });
    expect(answer).toMatchObject({ ok: true, status: 202, body: { id: 'a' } });
    expect(answer.ok && [answer.header('x-ratelimit-limit'), answer.header('other')]).toEqual(['250', null]);
    expect(heard).toEqual(['POST', 'application/json', '{"ü":1}']);
  });

  it('what is no JSON is null, with its status', async () => {
    const url = await served((_, response) => response.writeHead(502).end('<html>'));
    expect(await ask(url)).toMatchObject({ ok: true, status: 502, body: null });
  });

  it.each([301, 302, 303, 307, 308])('%d is not followed', async (status) => {
    const asked: string[] = [];
    const url = await served((request, response) => {
      asked.push(request.url ?? '');
      response.writeHead(status, { location: '/elsewhere' }).end();
    });
    expect(await ask(url)).toMatchObject({ ok: false, why: 'redirected', sent: true });
    expect(asked).toEqual(['/']);
  });

  it('a flood is cut off', async () => {
    let written = 0;
    const url = await served((_, response) => {
      const more = (): void => {
        while (!response.destroyed && response.write('x'.repeat(65_536))) written += 65_536;
      };
      response.on('drain', more);
      more();
    });
    expect(await ask(url)).toMatchObject({ ok: false, why: 'too-long' });
    // What the kernels of both sides hold comes on top.
    expect(written).toBeLessThan(32 * 1024 * 1024);
  });

  it('an answer that stops in the middle is broken off', async () => {
    const url = await served((_, response) => {
      response.writeHead(200, { 'content-length': '100' }).write('{"a":');
      setTimeout(() => response.socket?.destroy(), 20);
    });
    expect(await ask(url)).toMatchObject({ ok: false, why: 'broken-off', sent: true });
  });

  it('an answer that never ends is given up', async () => {
    const url = await served((_, response) => {
      response.writeHead(200).write('{');
    });
    expect(await ask(url, { timeoutMs: 200 })).toMatchObject({ ok: false, why: 'timed-out', sent: true });
  });

  it('where nobody listens nothing was sent', async () => {
    const url = await served(() => {});
    await new Promise((resolve) => servers.pop()?.close(resolve));
    expect(await ask(url, { body: {} })).toEqual({
      ok: false,
      why: 'not-connected',
      code: 'ECONNREFUSED',
      sent: false,
    });
  });

  it('nothing goes in the clear to who does not speak TLS', async () => {
    const heard: string[] = [];
    const url = await served((request) => heard.push(request.url ?? ''));
    const answer = await ask(url.replace('http:', 'https:'), { body: { target: 'a' }, token: 'b' });
    expect(answer).toMatchObject({ ok: false, why: 'not-connected', sent: false });
    expect(heard).toEqual([]);
  });

  it('an abort before it sends nothing', async () => {
    const heard: string[] = [];
    const url = await served((request) => heard.push(request.url ?? ''));
    expect(await ask(url, { signal: AbortSignal.abort() })).toMatchObject({ why: 'cancelled', sent: false });
    expect(heard).toEqual([]);
  });
});
