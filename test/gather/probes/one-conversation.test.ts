import type { Socket } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { realDoors } from '../../../src/doors/real.ts';
import { greeting, http, stall, tls } from '../../../src/gather/probes/service.ts';
import { tcpConnect } from '../../../src/gather/probes/tcp-connect.ts';
import type { Spoken } from '../../../src/ground/services.ts';
import type { FindingOf, ProbeName } from '../../../src/model/probes.ts';
import { type Authority, authority } from './certificates.ts';
import { closeAll, context, loopbackDoors, plain, secure } from './listeners.ts';

afterAll(closeAll);

const ADDRESS = '127.0.0.1';
const identity = { serverName: null, expectedAddress: null, caPem: null };

/** A context that keeps what the probe told before its end. */
function telling<P extends ProbeName>(doors = loopbackDoors()) {
  const told: FindingOf<P>[] = [];
  return { told, context: { ...context<P>(doors), partial: (one: FindingOf<P>) => void told.push(one) } };
}

describe.concurrent('the connection that showed the port to be open', () => {
  const connect = (port: number, doors = realDoors(), signal = new AbortController().signal) =>
    tcpConnect(
      {
        address: ADDRESS,
        port,
        role: 'target',
        startsMs: [0],
        endMs: 2000,
        stopAtFirstAnswer: true,
      },
      context(doors, signal),
    );

  test('is the one on which the conversation takes place, with what was said meanwhile', async () => {
    let connections = 0;
    const said: string[] = [];
    const port = await plain((socket) => {
      connections += 1;
      socket.write('220 mail.test ESMTP\r\n');
      socket.on('data', (chunk) => {
        said.push(chunk.toString().trim());
        socket.write(/^EHLO/.test(chunk.toString()) ? '250 mail.test\r\n' : '221 bye\r\n');
      });
    });
    const doors = realDoors();
    expect((await connect(port, doors)).outcome).toBe('open');
    const found = await greeting(
      { address: ADDRESS, port, service: 'smtp', ...identity, timeoutMs: 2000 },
      context(doors),
    );
    expect(found).toMatchObject({ outcome: 'ok', data: { text: '220 mail.test ESMTP' } });
    expect(said).toEqual(['EHLO reachdoctor.invalid', 'QUIT']);
    expect(connections).toBe(1);
  });

  test('is closed with the run where nobody spoke', async () => {
    const closed = new Promise<void>((resolve) => {
      plain((socket) => {
        socket.on('close', () => resolve());
        socket.resume();
      }).then(async (port) => {
        const run = new AbortController();
        await connect(port, realDoors(), run.signal);
        run.abort();
      });
    });
    await closed;
  });

  test('is not taken where it has ended: the conversation makes its own', async () => {
    let connections = 0;
    const port = await plain((socket) => {
      connections += 1;
      if (connections === 1) socket.resetAndDestroy();
      else socket.end('+PONG\r\n');
    });
    const doors = realDoors();
    await connect(port, doors);
    await new Promise((resolve) => setTimeout(resolve, 50));
    const found = await greeting(
      { address: ADDRESS, port, service: 'redis', ...identity, timeoutMs: 1000 },
      context(doors),
    );
    // What the server did to the first is told as its end; a second is made only by the plan.
    expect(['ok', 'reset', 'closed']).toContain(found.outcome);
  });
});

describe.concurrent('slow is not silent', () => {
  const late = (words: string, ms: number) => (socket: Socket) => {
    setTimeout(() => socket.write(words), ms);
  };

  test('a greeting that comes while other shapes are tried is heard, with its time', async () => {
    const port = await plain(late('220 slow.test ESMTP\r\n', 600));
    const { told, context: slow } = telling<'greeting'>();
    const input = { address: ADDRESS, port, service: 'smtp' as const, ...identity, timeoutMs: 200 };
    const found = await greeting({ ...input, patienceMs: 3000 }, slow);
    expect(told.map(({ outcome }) => outcome)).toEqual(['stalled']);
    expect(found.outcome).toBe('ok');
    expect(found.data?.firstByteMs).toBeGreaterThan(400);
  });

  test('what is still silent when nobody wants to know any more is silent, not cancelled', async () => {
    const port = await plain(() => {});
    const run = new AbortController();
    const waiting = greeting(
      { address: ADDRESS, port, service: 'smtp', ...identity, timeoutMs: 100, patienceMs: 5000 },
      { ...context<'greeting'>(loopbackDoors(), run.signal), partial: () => run.abort() },
    );
    expect((await waiting).outcome).toBe('stalled');
  });

  test('a request that is silent for a while stays open, and its answer counts', async () => {
    const told: unknown[] = [];
    const port = await plain((socket) => {
      socket.once('data', () => setTimeout(() => socket.end('HTTP/1.1 200 OK\r\n\r\n'), 500));
    });
    const input = { address: ADDRESS, port, host: 'web.test', path: '/', timeoutMs: 300, patienceMs: 3000 };
    const found = await http(input, { ...context(), partial: (one) => told.push(one.outcome) });
    expect(told).toEqual(['stalled']);
    expect(found).toMatchObject({ outcome: 'ok', data: { http: { method: 'GET', status: 200 } } });
  });

  test('what we end ourselves was silent: a request that is let go is not closed by the server', async () => {
    const port = await plain(() => {});
    const input = { address: ADDRESS, port, host: 'web.test', path: '/', timeoutMs: 100, patienceMs: 600 };
    const found = await http(input, context());
    expect(found).toMatchObject({ outcome: 'stalled', data: { http: { ended: 'stalled' } } });
  });

  test('half a status line is no other protocol: it began to answer', async () => {
    const of = async (words: string, end: boolean) => {
      const port = await plain((socket) =>
        socket.once('data', () => (end ? socket.end(words) : socket.write(words))),
      );
      return http({ address: ADDRESS, port, host: 'web.test', path: '/', timeoutMs: 200 }, context());
    };
    expect((await of('HTTP/1', false)).outcome).toBe('stalled');
    expect((await of('HTTP/1.1 40', true)).outcome).toBe('closed');
    expect((await of('HTTP/1.1 what is this\n', true)).outcome).toBe('not-http');
  });

  test('a web server that answers in time is asked once', async () => {
    let connections = 0;
    const port = await plain((socket) => {
      connections += 1;
      socket.once('data', () => setTimeout(() => socket.end('HTTP/1.1 200 OK\r\n\r\n'), 250));
    });
    await http({ address: ADDRESS, port, host: 'web.test', path: '/', timeoutMs: 2000 }, context());
    expect(connections).toBe(1);
  });
});

describe('inside TLS as outside', () => {
  let ca: Authority;
  beforeAll(() => {
    ca = authority();
  });
  afterAll(() => ca.dispose());
  const ask = (port: number, inside: Spoken) =>
    tls(
      {
        address: ADDRESS,
        port,
        serverName: 'mail.test',
        expectedAddress: null,
        caPem: ca.rootPem,
        httpPath: null,
        httpExpected: true,
        httpHost: 'mail.test',
        inside,
        timeoutMs: 1500,
      },
      context(),
    );

  test('the greeting of a mail store is read, and it is left with LOGOUT', async () => {
    let said = '';
    const port = await secure(ca.leaf(['mail.test']), (socket) => {
      socket.write('* OK IMAP4rev1 ready\r\n');
      socket.on('data', (chunk) => {
        said += chunk.toString();
        socket.end('* BYE bye\r\n');
      });
    });
    const found = await ask(port, 'imap');
    expect(found).toMatchObject({
      outcome: 'ok',
      data: { inside: { heard: 'imap', ended: 'answered', word: null } },
    });
    expect(said).toContain('LOGOUT');
  });

  test('the greeting is not lost where the server asks for a certificate and takes none', async () => {
    const port = await secure(
      { ...ca.leaf(['mail.test']), ca: ca.rootPem, requestCert: true, rejectUnauthorized: false },
      (socket) => {
        socket.write('* OK IMAP4rev1 ready\r\n');
        socket.on('data', () => socket.end('* BYE bye\r\n'));
      },
    );
    expect(await ask(port, 'imap')).toMatchObject({
      outcome: 'ok',
      data: { tls: { certificateRequested: true }, inside: { heard: 'imap', ended: 'answered' } },
    });
  });

  test('a refusal inside TLS is read by its code', async () => {
    const port = await secure(ca.leaf(['mail.test']), (socket) => {
      socket.end('421 4.7.0 Too many connections\r\n');
    });
    const found = await ask(port, 'smtp');
    expect(found.data?.inside?.word).toMatchObject({ means: 'limit', code: '421' });
  });

  test('a connection that ends after the handshake is no answer', async () => {
    const port = await secure(ca.leaf(['mail.test']), (socket) => socket.end());
    expect((await ask(port, 'imap')).data?.inside).toMatchObject({ ended: 'closed', heard: null });
  });
});

describe.concurrent('why it is cut', () => {
  const ask = (port: number, request: 'http' | 'listen') =>
    stall(
      {
        address: ADDRESS,
        port,
        request,
        serverName: null,
        httpHost: 'web.test',
        seen: 'closed',
        timeoutMs: 400,
      },
      context(),
    );
  const ended = (found: FindingOf<'stall'>, name: string) =>
    found.data?.variants.find((variant) => variant.name === name)?.ended;

  test('who hangs up on a client that says nothing did not mind its words', async () => {
    const found = await ask(await plain((socket) => socket.end()), 'http');
    expect(ended(found, 'says-nothing')).toBe('closed');
    const patient = await ask(await plain((socket) => socket.once('data', () => socket.end())), 'http');
    expect(ended(patient, 'says-nothing')).toBe('stalled');
    const unheard = await ask(await plain((socket) => socket.end()), 'listen');
    expect(ended(unheard, 'as-is')).toBe('closed');
  });

  test('a line of the PROXY protocol opens what stands behind a balancer', async () => {
    const port = await plain((socket) => {
      socket.once('data', (chunk) => {
        if (/^PROXY UNKNOWN\r\nHEAD /.test(chunk.toString())) socket.end('HTTP/1.1 200 OK\r\n\r\n');
        else socket.destroy();
      });
    });
    const found = await ask(port, 'http');
    expect(ended(found, 'proxy-header')).toBe('answered');
    expect(ended(found, 'as-is')).not.toBe('answered');
  });

  test('a web server that finds that line a bad request has not served it', async () => {
    const port = await plain((socket) => {
      socket.once('data', (chunk) => {
        if (chunk.toString().startsWith('PROXY')) socket.end('HTTP/1.1 400 Bad Request\r\n\r\n');
        else socket.end();
      });
    });
    const found = await ask(port, 'http');
    expect(found.data?.variants.find(({ name }) => name === 'proxy-header')).toMatchObject({
      ended: 'answered',
      complaint: true,
    });
  });

  test('who answers any words proves nothing by answering these', async () => {
    const port = await plain((socket) => socket.once('data', () => socket.write('554 be patient\r\n')));
    const found = await stall(
      {
        address: ADDRESS,
        port,
        request: 'listen',
        serverName: null,
        httpHost: 'x',
        seen: 'stalled',
        timeoutMs: 300,
      },
      context(),
    );
    expect(ended(found, 'plain-http')).toBe('answered');
    expect(found.data?.variants.find(({ name }) => name === 'proxy-header')).toMatchObject({
      ended: 'answered',
      complaint: true,
    });
  });

  test('who takes no header without addresses is told ours', async () => {
    const headers: string[] = [];
    const port = await plain((socket) =>
      socket.once('data', (words) => {
        const line = words.toString().split('\r\n')[0]!;
        headers.push(line);
        socket.end(
          line.startsWith('PROXY TCP4 192.0.2.9 ') ? '220 mx.test ESMTP\r\n' : '421 4.3.0 error\r\n',
        );
      }),
    );
    const own = [
      { name: 'eth0', up: true, addresses: [{ address: '192.0.2.9', prefix: 24, family: 4 as const }] },
    ];
    const found = await stall(
      {
        address: ADDRESS,
        port,
        request: 'listen',
        serverName: null,
        httpHost: 'x',
        seen: 'stalled',
        timeoutMs: 2900,
      },
      context(loopbackDoors({ interfaces: () => own })),
    );
    expect(headers).toContain('PROXY UNKNOWN');
    expect(headers.at(-1)).toBe(`PROXY TCP4 192.0.2.9 ${ADDRESS} 49152 ${port}`);
    expect(found.data?.variants.filter(({ name }) => name === 'proxy-header')).toMatchObject([
      { ended: 'answered', complaint: false },
    ]);
  });

  test('who serves other words is not asked with a header of a proxy', async () => {
    const port = await plain((socket) =>
      socket.once('data', (words) => {
        if (words.toString().includes('HTTP/1.')) socket.end('HTTP/1.1 200 OK\r\n\r\n');
      }),
    );
    const found = await stall(
      {
        address: ADDRESS,
        port,
        request: 'listen',
        serverName: null,
        httpHost: 'x',
        seen: 'stalled',
        timeoutMs: 300,
      },
      context(),
    );
    expect(ended(found, 'plain-http')).toBe('answered');
    expect(ended(found, 'proxy-header')).toBeUndefined();
  });

  test('a service that hangs up before its greeting is asked for little more', async () => {
    let connections = 0;
    const port = await plain((socket) => {
      connections += 1;
      socket.end();
    });
    await ask(port, 'listen');
    expect(connections).toBeLessThanOrEqual(3);
  });
});
