import dgram from 'node:dgram';
import type net from 'node:net';
import { createServer, Packet } from 'dns2';
import { afterAll, describe, expect, test } from 'vitest';
import { dnsQuery } from '../../../src/doors/dns/query.ts';
import type { DnsQuestion, DnsReply } from '../../../src/doors/types.ts';
import { closedPort, type FakeResolver, fakeResolver, frame, questionOf, respond } from './fake-resolver.ts';

const A = (address: string, more = {}) => ({ type: 1, address, ...more });

const open: FakeResolver[] = [];
afterAll(() => Promise.all(open.map((resolver) => resolver.close())));
async function resolver(...args: Parameters<typeof fakeResolver>): Promise<FakeResolver> {
  const made = await fakeResolver(...args);
  open.push(made);
  return made;
}
function ask(to: { address: string; port: number }, more: Partial<DnsQuestion> = {}): Promise<DnsReply> {
  return dnsQuery({
    resolver: to.address,
    port: to.port,
    name: 'db.example.com',
    type: 'A',
    timeoutMs: 1000,
    signal: new AbortController().signal,
    ...more,
  });
}

describe.concurrent('an honest resolver', () => {
  test('is quoted: addresses, TTL, transport', async () => {
    const to = await resolver((query) =>
      respond(query, [A('192.0.2.7', { ttl: 90 }), A('192.0.2.8', { ttl: 30 })]),
    );
    expect(await ask(to)).toMatchObject({
      outcome: 'answered',
      rcode: 'NOERROR',
      addresses: ['192.0.2.7', '192.0.2.8'],
      ttlSeconds: 30,
      transport: 'udp',
      ignored: null,
      code: null,
    });
  });

  test('may be reached over IPv6, in any spelling of its address', async () => {
    const to = await resolver((query) => respond(query, [{ type: 28, address: '2001:db8::7' }]), {
      address: '::1',
    });
    const reply = await ask({ ...to, address: '0:0:0:0:0:0:0:1' }, { type: 'AAAA' });
    expect(reply).toMatchObject({ outcome: 'answered', addresses: ['2001:db8::7'] });
  });

  test('is asked with EDNS, recursion desired, for exactly the name', async () => {
    const to = await resolver((query) => respond(query));
    await ask(to, { name: 'DB.example.com.' });
    const query = Packet.parse(to.queries[0] as Buffer);
    expect(questionOf(to.queries[0] as Buffer)).toBe('A DB.example.com');
    expect(query.header.rd).toBe(1);
    expect(query.additionals).toMatchObject([{ type: 41, class: 1232 }]);
  });

  test.each([
    [2, 'SERVFAIL'],
    [3, 'NXDOMAIN'],
    [5, 'REFUSED'],
    [11, 'RCODE11'],
  ])('rcode %i is an answer: %s', async (rcode, word) => {
    const to = await resolver((query) => respond(query, [], { rcode }));
    expect(await ask(to)).toMatchObject({ outcome: 'answered', rcode: word, addresses: [] });
  });

  test('dns2 as the server is understood, over UDP and PTR too', async () => {
    const port = await closedPort();
    const server = createServer({
      udp: true,
      handle: (request, send) => {
        const response = Packet.createResponseFromRequest(request);
        response.answers.push({
          name: request.questions[0]?.name ?? '',
          type: 12,
          class: 1,
          ttl: 5,
          domain: 'r1.example.net',
        } as never);
        void send(response);
      },
    });
    await server.listen({ udp: { port, address: '127.0.0.1' } });
    const reply = await ask({ address: '127.0.0.1', port }, { name: '7.2.0.192.in-addr.arpa', type: 'PTR' });
    await server.close();
    expect(reply).toMatchObject({ outcome: 'answered', names: ['r1.example.net'], addresses: [] });
  });

  test('that answers after more than a second is an answer', async () => {
    const to = await resolver(async (query) => {
      await new Promise((resolve) => setTimeout(resolve, 1300));
      return respond(query, [A('192.0.2.7')]);
    });
    expect(await ask(to, { timeoutMs: 4000 })).toMatchObject({
      outcome: 'answered',
      addresses: ['192.0.2.7'],
    });
  });

  test('whose first datagram is lost is asked again, without EDNS', async () => {
    const to = await resolver((query, count) => (count === 1 ? null : respond(query, [A('192.0.2.7')])));
    expect(await ask(to)).toMatchObject({ outcome: 'answered', addresses: ['192.0.2.7'] });
    expect(to.queries.map((query) => Packet.parse(query).additionals.length)).toEqual([1, 0]);
  });

  test('that knows no EDNS is asked without it at once', async () => {
    const to = await resolver((query, count) => {
      if (count > 1) return respond(query, [A('192.0.2.7')]);
      const bare = Buffer.alloc(12);
      query.copy(bare, 0, 0, 2);
      bare.writeUInt16BE(0x8001, 2);
      return bare;
    });
    expect(await ask(to)).toMatchObject({ outcome: 'answered', rcode: 'NOERROR', addresses: ['192.0.2.7'] });
  });
});

describe.concurrent('truncation', () => {
  const truncated = (query: Buffer) => respond(query, [A('192.0.2.1')], { tc: 1 });
  const once = (socket: net.Socket, answer: (query: Buffer) => void) =>
    socket.once('data', (data) => answer((data as Buffer).subarray(2)));

  test('changes to TCP, octet by octet if need be', async () => {
    const to = await resolver(truncated, {
      tcp: (socket) =>
        once(socket, async (query) => {
          socket.setNoDelay(true);
          for (const octet of frame(respond(query, [A('192.0.2.7')]))) {
            socket.write(Buffer.from([octet]));
            await new Promise((resolve) => setImmediate(resolve));
          }
        }),
    });
    expect(await ask(to)).toMatchObject({ outcome: 'answered', transport: 'tcp', addresses: ['192.0.2.7'] });
  });

  test('with a silent TCP port ends at the deadline as a timeout over TCP', async () => {
    const to = await resolver(truncated, { tcp: () => {} });
    expect(await ask(to, { timeoutMs: 300 })).toMatchObject({
      outcome: 'timeout',
      transport: 'tcp',
      rcode: null,
      addresses: [],
    });
  });

  test('with a closed TCP port is a closed port over TCP', async () => {
    const to = await resolver(truncated);
    expect(await ask(to)).toMatchObject({ outcome: 'port-closed', transport: 'tcp', code: 'ECONNREFUSED' });
  });

  test('with a TCP connection that is cut in the middle of the frame is a failed connection', async () => {
    const to = await resolver(truncated, {
      tcp: (socket) =>
        once(socket, (query) => socket.end(frame(respond(query, [A('192.0.2.7')])).subarray(0, 20))),
    });
    expect(await ask(to)).toMatchObject({ outcome: 'connection-failed', transport: 'tcp' });
  });

  test('with a TCP answer to another question is malformed', async () => {
    const to = await resolver(truncated, {
      tcp: (socket) =>
        once(socket, (query) => {
          const other = respond(query, [A('192.0.2.66')]);
          other.writeUInt16BE(other.readUInt16BE(0) ^ 1, 0);
          socket.write(frame(other));
        }),
    });
    expect(await ask(to)).toMatchObject({ outcome: 'malformed', addresses: [], ignored: 'id-mismatch' });
  });

  test('in the middle of a record still only means TCP', async () => {
    const to = await resolver((query) => truncated(query).subarray(0, -3), {
      tcp: (socket) => once(socket, (query) => socket.write(frame(respond(query, [A('192.0.2.7')])))),
    });
    expect(await ask(to)).toMatchObject({ outcome: 'answered', addresses: ['192.0.2.7'] });
  });
});

describe.concurrent('no answer', () => {
  test('silence is a timeout, after two queries', async () => {
    const to = await resolver(() => null);
    expect(await ask(to, { timeoutMs: 400 })).toMatchObject({
      outcome: 'timeout',
      rcode: null,
      ignored: null,
    });
    expect(to.queries).toHaveLength(2);
  });

  test.each(['127.0.0.1', '::1'])('a closed port of %s is told from silence', async (address) => {
    const port = await closedPort(address);
    expect(await ask({ address, port })).toMatchObject({ outcome: 'port-closed', code: 'ECONNREFUSED' });
  });

  test('a name that DNS cannot carry is not asked', async () => {
    const to = await resolver((query) => respond(query));
    for (const name of ['x'.repeat(64), `${'a.'.repeat(130)}b`, 'a..b', '', 'ü.example', 'two words'])
      expect(await ask(to, { name })).toMatchObject({ outcome: 'not-asked' });
    expect(to.queries).toHaveLength(0);
  });

  test('a resolver that is no address is not looked up', async () => {
    expect(await ask({ address: 'dns.example.com', port: 53 })).toMatchObject({ outcome: 'not-asked' });
  });

  test('the signal ends a wait, before and while it lasts', async () => {
    const to = await resolver(() => null);
    expect(await ask(to, { signal: AbortSignal.abort() })).toMatchObject({ outcome: 'cancelled' });
    expect(await ask(to, { timeoutMs: 20_000, signal: AbortSignal.timeout(50) })).toMatchObject({
      outcome: 'cancelled',
    });
  });
});

describe.concurrent('what is not the answer', () => {
  const forged: [string, (query: Buffer) => Buffer, string][] = [
    [
      'another id',
      (q) => {
        const r = respond(q, [A('192.0.2.66')]);
        r.writeUInt16BE(r.readUInt16BE(0) ^ 1, 0);
        return r;
      },
      'id-mismatch',
    ],
    ['our own query echoed', (q) => q, 'not-a-response'],
    [
      'another name',
      (q) => {
        const r = respond(q, [A('192.0.2.66')]);
        r.write('xx', 13);
        return r;
      },
      'question-mismatch',
    ],
    [
      'another type',
      (q) => {
        const r = respond(q, [A('192.0.2.66')]);
        r.writeUInt16BE(15, 12 + 16);
        return r;
      },
      'question-mismatch',
    ],
    ['three octets', () => Buffer.from('abc'), '3 octets are no DNS message'],
    ['nothing at all', () => Buffer.alloc(0), '0 octets are no DNS message'],
  ];

  test.each(forged)('%s is ignored, and the timeout says so', async (_, forge, why) => {
    const to = await resolver(forge);
    expect(await ask(to, { timeoutMs: 250 })).toMatchObject({
      outcome: 'timeout',
      addresses: [],
      ignored: why,
    });
  });

  test.each(forged)('%s does not hide the answer behind it', async (_, forge) => {
    const to = await resolver((query) => [forge(query), respond(query, [A('192.0.2.7')])]);
    expect(await ask(to)).toMatchObject({ outcome: 'answered', addresses: ['192.0.2.7'], ignored: null });
  });

  test('the answer from another port is not even seen', async () => {
    const [asked, other] = [dgram.createSocket('udp4'), dgram.createSocket('udp4')];
    await Promise.all(
      [asked, other].map((socket) => new Promise<void>((done) => socket.bind(0, '127.0.0.1', done))),
    );
    const forged = new Promise<void>((done) => {
      asked.on('message', (query, from) =>
        other.send(respond(query, [A('192.0.2.66')]), from.port, from.address, () => done()),
      );
    });
    const reply = await ask({ address: '127.0.0.1', port: asked.address().port }, { timeoutMs: 300 });
    await forged;
    asked.close();
    other.close();
    expect(reply).toMatchObject({ outcome: 'timeout', addresses: [], ignored: null });
  });

  function withImpossibleCounts(query: Buffer): Buffer {
    const message = Buffer.from(respond(query).subarray(0, 27));
    return message.fill(0xff, 6, 12);
  }
  const damaged: [string, (query: Buffer) => Buffer][] = [
    ['counts of 65535', withImpossibleCounts],
    [
      'a header that says success and nothing else',
      (q) => {
        const r = Buffer.alloc(12);
        q.copy(r, 0, 0, 2);
        r[2] = 0x80;
        return r;
      },
    ],
    ['a record cut off', (q) => respond(q, [A('192.0.2.7')]).subarray(0, -2)],
  ];

  test.each(damaged)('%s is malformed, not silence', async (_, damage) => {
    const to = await resolver(damage);
    const reply = await ask(to, { timeoutMs: 5000 });
    expect(reply).toMatchObject({ outcome: 'malformed', rcode: null, addresses: [] });
    expect(reply.ignored).toBeTruthy();
  });

  test('a good response overtakes a damaged one', async () => {
    const to = await resolver((query) => [withImpossibleCounts(query), respond(query, [A('192.0.2.7')])]);
    expect(await ask(to)).toMatchObject({ outcome: 'answered', addresses: ['192.0.2.7'] });
  });
});
