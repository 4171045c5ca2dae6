import { createServer } from 'node:net';
import { describe, expect, it } from 'vitest';
import { parseTarget } from '../../../src/command/target.ts';
import { isUsageError } from '../../../src/command/usage-error.ts';
import { lookerAt } from '../../../src/command/watch/look.ts';
import { realDoors } from '../../../src/doors/real.ts';
import type { ConnectResult, Doors } from '../../../src/doors/types.ts';
import type { Target } from '../../../src/model/request.ts';
import { virtualClock } from '../../virtual-clock.ts';
import { closedPort, silentPort } from '../silent-port.ts';

const at = (input: string): Target => {
  const target = parseTarget(input);
  if (isUsageError(target)) throw new Error(target.error);
  return target;
};
const never = new AbortController().signal;

type Answer = Partial<ConnectResult> & { outcome: ConnectResult['outcome'] };

/** A world where each address answers as said; `asked` collects every connection and lookup. */
function world(answers: Record<string, Answer>, names: Record<string, string[] | string> = {}) {
  const asked: string[] = [];
  const clock = virtualClock();
  const doors = {
    clock,
    platform: 'linux',
    lookup: async (host: string) => {
      asked.push(host);
      const found = names[host] ?? 'NO_ADDRESS';
      if (typeof found === 'string') throw Object.assign(new Error(found), { code: found });
      return found.map((address) => ({ address, family: address.includes(':') ? 6 : 4 }));
    },
    connectTcp: async (
      address: string,
      _port: number,
      { timeoutMs, signal }: { timeoutMs: number; signal: AbortSignal },
    ) => {
      asked.push(address);
      const answer = answers[address] ?? { outcome: 'timeout' };
      await clock.sleep(answer.outcome === 'timeout' ? timeoutMs : (answer.elapsedMs ?? 1), signal);
      if (signal.aborted) return { outcome: 'cancelled', code: null, local: false, elapsedMs: 0 };
      return { code: null, local: false, elapsedMs: 1, ...answer };
    },
  } as unknown as Doors;
  return { doors, asked, clock };
}

describe('one look', () => {
  it.each([
    [{ outcome: 'open' }, 'open', null],
    [{ outcome: 'refused', code: 'ECONNREFUSED' }, 'refused', null],
    [{ outcome: 'timeout' }, 'silent', null],
    [{ outcome: 'unreachable', code: 'EHOSTUNREACH' }, 'unreachable', 'EHOSTUNREACH'],
    [{ outcome: 'local-error', code: 'ENETUNREACH', local: true }, 'not-sent', 'ENETUNREACH'],
    [{ outcome: 'local-error', code: 'EPERM', local: true }, 'not-sent', 'EPERM'],
    [{ outcome: 'local-error', code: 'EMFILE', local: true }, 'unknown', 'EMFILE'],
  ] as [Answer, string, string | null][])('%o is %s', async (answer, kind, code) => {
    const { doors, asked } = world({ '192.0.2.7': answer });
    const look = await lookerAt(at('192.0.2.7:443'), doors, null)(never);
    expect(look).toMatchObject({ kind, code, address: '192.0.2.7' });
    expect(asked).toEqual(['192.0.2.7']);
  });

  it.each([
    ['NO_ADDRESS', 'name'],
    ['ENOTFOUND', 'name'],
    ['EAI_AGAIN', 'name-late'],
    ['NOT_ASKED', 'unknown'],
    ['EMFILE', 'unknown'],
  ])('a lookup that ends in %s is %s, and nothing is connected to', async (code, kind) => {
    const { doors, asked } = world({}, { 'db.example.com': code });
    expect(await lookerAt(at('db.example.com:443'), doors, null)(never)).toMatchObject({
      kind,
      address: null,
    });
    expect(asked).toEqual(['db.example.com']);
  });

  it('opens where any address opens, and goes to that one first from then on', async () => {
    const { doors, asked } = world(
      { '2001:db8::7': { outcome: 'timeout' }, '192.0.2.7': { outcome: 'open' } },
      { 'db.example.com': ['2001:db8::7', '192.0.2.7'] },
    );
    const look = lookerAt(at('db.example.com:443'), doors, null);
    expect(await look(never)).toMatchObject({ kind: 'open', address: '192.0.2.7' });
    expect(asked.splice(0)).toEqual(['db.example.com', '2001:db8::7', '192.0.2.7']);
    await look(never);
    expect(asked).toEqual(['192.0.2.7']);
  });

  it('one connection where the first address opens', async () => {
    const { doors, asked } = world(
      { '192.0.2.7': { outcome: 'open' } },
      { 'db.example.com': ['192.0.2.7', '192.0.2.8'] },
    );
    await lookerAt(at('db.example.com:443'), doors, null)(never);
    expect(asked).toEqual(['db.example.com', '192.0.2.7']);
  });

  it('asks for the name again where it failed, and tries four addresses at most', async () => {
    const list = [1, 2, 3, 4, 5, 6].map((n) => `192.0.2.${n}`);
    const refused = Object.fromEntries(list.map((one) => [one, { outcome: 'refused' } as Answer]));
    const { doors, asked } = world(refused, { 'db.example.com': list });
    const look = lookerAt(at('db.example.com:443'), doors, null);
    await look(never);
    await look(never);
    expect(asked).toEqual([
      ...['db.example.com', ...list.slice(0, 4)],
      ...['db.example.com', ...list.slice(0, 4)],
    ]);
  });

  it('a refusal tells more than a family that this machine does not have', async () => {
    const { doors } = world(
      { '2001:db8::7': { outcome: 'local-error', code: 'ENETUNREACH' }, '192.0.2.7': { outcome: 'refused' } },
      { 'db.example.com': ['2001:db8::7', '192.0.2.7'] },
    );
    expect((await lookerAt(at('db.example.com:443'), doors, null)(never)).kind).toBe('refused');
    expect((await lookerAt(at('db.example.com:443'), doors, 6)(never)).kind).toBe('not-sent');
  });

  it('an abort ends it, and nothing is claimed', async () => {
    const stop = new AbortController();
    const { doors } = world({ '192.0.2.7': { outcome: 'timeout' } });
    const looking = lookerAt(at('192.0.2.7:443'), doors, null)(stop.signal);
    stop.abort();
    expect(await looking).toMatchObject({ kind: 'unknown', code: 'CANCELLED' });
  });
});

describe('on real packets', () => {
  it('a listener, a closed port, and a port that drops', async () => {
    const doors = realDoors();
    const server = createServer((socket) => socket.destroy()).listen(0, '127.0.0.1');
    await new Promise((resolve) => server.once('listening', resolve));
    const { port } = server.address() as { port: number };
    const silent = await silentPort();
    try {
      const kinds = await Promise.all(
        [port, await closedPort(), silent.port].map(
          async (one) => (await lookerAt(at(`127.0.0.1:${one}`), doors, null)(never)).kind,
        ),
      );
      expect(kinds).toEqual(['open', 'refused', 'silent']);
    } finally {
      server.close();
      silent.close();
    }
  });

  it('MySQL is greeted and left by its protocol, since it locks out who connects without a word', async () => {
    const heard: string[] = [];
    // Protocol 10, 8.0.36, then what a handshake packet needs.
    const payload = Buffer.concat([
      Buffer.from('\x0a8.0.36\0', 'latin1'),
      Buffer.from([1, 0, 0, 0, ...Buffer.from('12345678'), 0, 0xff, 0xff, 0x21, 2, 0, 0xff, 0xc7, 21]),
      Buffer.alloc(10),
      Buffer.from('123456789012\0mysql_native_password\0', 'latin1'),
    ]);
    const head = Buffer.from([payload.length & 0xff, payload.length >> 8, 0, 0]);
    let connections = 0;
    const server = createServer((socket) => {
      connections += 1;
      socket.on('error', () => heard.push('reset'));
      socket.on('data', (data) => {
        heard.push('words');
        // "Access denied", as for anybody who is not known.
        const text = Buffer.from('\xff\x15\x04#28000Access denied', 'latin1');
        socket.end(Buffer.concat([Buffer.from([text.length, 0, 0, (data[3] ?? 0) + 1]), text]));
      });
      socket.write(Buffer.concat([head, payload]));
    }).listen(0, '127.0.0.1');
    await new Promise((resolve) => server.once('listening', resolve));
    const { port } = server.address() as { port: number };
    try {
      const target = { ...at(`127.0.0.1:${port}`), service: 'mysql' };
      expect(await lookerAt(target, realDoors(), null)(never)).toMatchObject({ kind: 'open' });
      expect(connections).toBe(1);
      expect(heard[0]).toBe('words');
    } finally {
      server.close();
    }
  });
});
