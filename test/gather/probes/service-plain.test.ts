import { execFileSync } from 'node:child_process';
import type { Socket } from 'node:net';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { greeting, http, ssh } from '../../../src/gather/probes/service.ts';
import type { ProbeCatalogue } from '../../../src/model/probes.ts';
import { type Authority, authority, type Pair } from './certificates.ts';
import { closeAll, context, plain } from './listeners.ts';
import { startTlsOn } from './start-tls.ts';

let ca: Authority;
beforeAll(() => {
  ca = authority();
});
afterAll(async () => {
  await closeAll();
  ca.dispose();
});

const says = (words: string | Uint8Array) => (socket: Socket) => {
  socket.write(words);
};
const replies = (words: string | Uint8Array) => (socket: Socket) => {
  socket.once('data', () => socket.write(words));
};

describe.concurrent('ssh', () => {
  const ask = (port: number, timeoutMs = 2900) => ssh({ address: '127.0.0.1', port, timeoutMs }, context());

  test('reads the identification and the offer', async () => {
    const offer = kexInit(['curve25519-sha256'], ['ssh-ed25519'], ['aes256-ctr'], ['hmac-sha2-256']);
    const port = await plain(says(Buffer.concat([Buffer.from('SSH-2.0-OpenSSH_9.2p1 Debian-2\r\n'), offer])));
    const { outcome, data } = await ask(port);
    expect(outcome).toBe('ok');
    expect(data).toMatchObject({
      identification: 'SSH-2.0-OpenSSH_9.2p1 Debian-2',
      offerRead: true,
      noCommon: null,
      ended: 'answered',
    });
  });

  test('an offer that arrives octet by octet is the same offer', async () => {
    const bytes = Buffer.concat([
      Buffer.from('SSH-2.0-slow\n'),
      kexInit(['curve25519-sha256'], ['ssh-ed25519'], ['aes256-ctr'], ['hmac-sha2-256']),
    ]);
    const port = await plain((socket) => {
      let at = 0;
      const next = (): void => {
        if (at < bytes.length) socket.write(bytes.subarray(at, ++at), next);
      };
      next();
    });
    expect((await ask(port)).outcome).toBe('ok');
  });

  test('no common key exchange is named with what the server offers', async () => {
    const offer = kexInit(
      ['diffie-hellman-group1-sha1', 'kex-strict-s-v00@openssh.com'],
      ['ssh-rsa'],
      ['3des-cbc'],
      ['hmac-md5'],
    );
    const { outcome, data } = await ask(
      await plain(says(Buffer.concat([Buffer.from('SSH-2.0-Cisco-1.25\n'), offer]))),
    );
    expect(outcome).toBe('no-common-algorithm');
    expect(data).toMatchObject({
      noCommon: 'key exchange',
      offered: 'diffie-hellman-group1-sha1, kex-strict-s-v00@openssh.com',
    });
  });

  test.each([
    ['SSH-1.5-Cisco-1.25\n', '1.5'],
    ['SSH-1.99-Cisco-1.25\n', null],
  ])('%s', async (line, version) => {
    const { outcome, data } = await ask(
      await plain((socket) => socket.end(`${line}Protocol major versions differ.\n`)),
    );
    expect(outcome).toBe(version === null ? 'closed' : 'no-common-algorithm');
    expect(data).toMatchObject(
      version === null ? { noCommon: null } : { noCommon: 'protocol version', offered: version, word: null },
    );
  });

  test('a MAC does not matter to a cipher that has its own', async () => {
    const offer = kexInit(
      ['curve25519-sha256'],
      ['ssh-ed25519'],
      ['chacha20-poly1305@openssh.com'],
      ['hmac-md5'],
    );
    expect((await ask(await plain(says(Buffer.concat([Buffer.from('SSH-2.0-x\n'), offer]))))).outcome).toBe(
      'ok',
    );
  });

  test('closed before the identification is what it is, with the last words', async () => {
    expect((await ask(await plain((socket) => socket.end()))).outcome).toBe('closed');
    const { outcome, data } = await ask(await plain((socket) => socket.end('Exceeded MaxStartups\r\n')));
    expect(outcome).toBe('closed');
    expect(data).toMatchObject({
      identification: null,
      otherText: 'Exceeded MaxStartups',
      otherProtocol: null,
    });
  });

  test('words after the identification are why no offer follows', async () => {
    const words = 'SSH-2.0-OpenSSH_9.2\r\nInvalid SSH identification string.\r\n';
    const { outcome, data } = await ask(await plain((socket) => socket.end(words)));
    expect(outcome).toBe('closed');
    expect(data).toMatchObject({
      identification: 'SSH-2.0-OpenSSH_9.2',
      word: { means: 'failed', code: null, text: 'Invalid SSH identification string.' },
    });
    const packet = Buffer.concat([Buffer.from('SSH-2.0-OpenSSH_9.2\r\n'), Buffer.alloc(8)]);
    expect((await ask(await plain((socket) => socket.end(packet)))).data?.word).toBeNull();
  });

  test('a web server is no SSH server', async () => {
    const { outcome, data } = await ask(await plain(replies('HTTP/1.1 400 Bad Request\r\n\r\n')));
    expect(outcome).toBe('not-ssh');
    expect(data?.otherProtocol).toBe('http');
  });

  test('a whole line of something else is an answer, half a line is none', async () => {
    expect((await ask(await plain(says('RFB 003.008\n')))).outcome).toBe('not-ssh');
    const { outcome, data } = await ask(await plain(says('READY 1.0\r\n')), 200);
    expect(outcome).toBe('not-ssh');
    expect(data).toMatchObject({ ended: 'stalled', otherText: 'READY 1.0', otherProtocol: null });
    expect((await ask(await plain(says('READY')), 200)).outcome).toBe('stalled');
  });

  test('lines before the identification are no other protocol', async () => {
    const port = await plain((socket) => {
      socket.write('Authorized use only\r\n');
      setTimeout(() => socket.write('SSH-2.0-late\r\n'), 100);
    });
    expect((await ask(port, 400)).outcome).toBe('ok');
  });

  test('a long path is waited for, and only as long', async () => {
    const port = await plain((socket) => {
      setTimeout(() => socket.write('SSH-2.0-far\r\n'), 300);
    });
    expect((await ask(port, 100)).outcome).toBe('stalled');
    const far = await ssh({ address: '127.0.0.1', port, timeoutMs: 100, roundTripMs: 150 }, context());
    expect(far.data?.identification).toBe('SSH-2.0-far');
  });

  test('silence is a stall', async () => {
    expect((await ask(await plain(() => {}), 200)).outcome).toBe('stalled');
  });
});

describe.concurrent('http', () => {
  const ask = (port: number, timeoutMs = 2900) =>
    http({ address: '127.0.0.1', port, host: 'web.test', path: '/x', timeoutMs }, context());

  test('asks with GET and the host, and reads status and the headers that matter', async () => {
    let asked = '';
    const port = await plain((socket) => {
      socket.once('data', (chunk) => {
        asked = chunk.toString();
        socket.end('HTTP/1.1 301 Moved\r\nServer: nginx\r\nLocation: https://web.test/x\r\n\r\n');
      });
    });
    const { outcome, data } = await ask(port);
    expect(asked.split('\r\n').slice(0, 2)).toEqual(['GET /x HTTP/1.1', 'Host: web.test']);
    expect(outcome).toBe('ok');
    expect(data?.http).toMatchObject({
      status: 301,
      location: 'https://web.test/x',
      server: 'nginx',
      method: 'GET',
    });
  });

  describe.sequential('of a page', () => {
    const answers = (...chunks: string[]) =>
      plain((socket) => {
        socket.once('data', (asked) => {
          requests.push(asked.toString());
          for (const chunk of chunks) socket.write(chunk);
        });
      });
    const requests: string[] = [];
    beforeEach(() => {
      requests.length = 0;
    });
    const head = (length: string) => `HTTP/1.1 200 OK\r\n${length}\r\n\r\n`;

    test('no more than its beginning is asked for, once, and read', async () => {
      const port = await answers(head('Content-Length: 20000'), 'x'.repeat(5000));
      const { outcome, data } = await ask(port);
      expect(requests.map((asked) => asked.split('\r\n'))).toEqual([
        expect.arrayContaining(['GET /x HTTP/1.1', 'Range: bytes=0-4095']),
      ]);
      expect([outcome, data?.http]).toMatchObject([
        'ok',
        { method: 'GET', status: 200, ended: 'answered', page: { due: 4096, received: 4096 } },
      ]);
    });

    test('one that stops half-way is no whole answer, and asked once', async () => {
      const port = await answers(head('Content-Length: 3000'), 'x'.repeat(100));
      const { outcome, data } = await ask(port);
      expect([outcome, data?.http]).toMatchObject([
        'ok',
        { status: 200, ended: 'stalled', page: { due: 3000, received: 100 } },
      ]);
      expect(requests).toHaveLength(1);
    });

    test.each([
      ['closed', (socket: Socket) => socket.end()],
      ['reset', (socket: Socket) => socket.resetAndDestroy()],
    ] as const)('one that is cut half-way was %s', async (ended, cut) => {
      const port = await plain((socket) => {
        socket.once('data', () =>
          socket.write(head('Content-Length: 3000') + 'x'.repeat(100), () =>
            setTimeout(() => cut(socket), 50),
          ),
        );
      });
      expect((await ask(port)).data?.http).toMatchObject({
        status: 200,
        ended,
        page: { due: 3000, received: 100 },
      });
    });

    test('a cookie is told of, and not kept', async () => {
      const { data } = await ask(
        await answers('HTTP/1.1 302 Found\r\nLocation: /x\r\nSet-Cookie: seen=1\r\n\r\n'),
      );
      expect(data?.http.setsCookie).toBe(true);
      expect(JSON.stringify(data)).not.toContain('seen=1');
    });

    test('one that goes on arriving is slow, and whole enough', async () => {
      const port = await plain((socket) => {
        socket.once('data', () => {
          socket.write(head('Content-Length: 3000'));
          const drip = setInterval(() => socket.write('x'), 100);
          socket.once('close', () => clearInterval(drip));
        });
      });
      expect((await ask(port, 20_000)).data?.http).toMatchObject({
        ended: 'answered',
        page: { due: 3000 },
      });
    });

    test('a short one is whole', async () => {
      const port = await answers(head('Content-Length: 5'), 'hello');
      expect((await ask(port)).data?.http).toMatchObject({
        ended: 'answered',
        page: { due: 5, received: 5 },
      });
    });

    test.each([
      ['chunked', head('Transfer-Encoding: chunked')],
      ['an error', 'HTTP/1.1 500 Oops\r\nContent-Length: 3000\r\n\r\n'],
      ['a length that is none', head('Content-Length: -7')],
    ])('%s: how much is due is not known, and nothing is waited for', async (_, words) => {
      const { data } = await ask(await answers(words));
      expect(data?.http.ended).toBe('answered');
      expect(data?.http).not.toHaveProperty('page');
    });
  });

  test('a long path is waited for', async () => {
    const port = await plain((socket) => {
      socket.once('data', () => setTimeout(() => socket.end('HTTP/1.1 200 OK\r\n\r\n'), 250));
    });
    expect((await ask(port, 150)).outcome).toBe('stalled');
    const input = { address: '127.0.0.1', port, host: 'web.test', path: '/', timeoutMs: 150 };
    expect((await http({ ...input, roundTripMs: 200 }, context())).outcome).toBe('ok');
  });

  test('TLS on a plain port is recognised by its alert', async () => {
    const { outcome, data } = await ask(await plain(replies(Buffer.from([21, 3, 1, 0, 2, 2, 70]))));
    expect(outcome).toBe('not-http');
    expect(data?.http.otherProtocol).toBe('tls');
  });

  test('other words are quoted without their control characters', async () => {
    const { data } = await ask(await plain(replies('\x1b[31mSSH-2.0-evil\x07\r\n')));
    expect(data?.http.otherText).toBe('.[31mSSH-2.0-evil.');
  });
});

type Service = ProbeCatalogue['greeting']['input']['service'];
const greet = (port: number, service: Service, timeoutMs = 2900, caPem: string | null = ca.rootPem) =>
  greeting(
    {
      address: '127.0.0.1',
      port,
      service,
      serverName: 'mail.test',
      expectedAddress: null,
      caPem,
      timeoutMs,
    },
    context(),
  );

describe('greetings', () => {
  test.each<[Service, (socket: Socket) => void, boolean | null]>([
    ['mysql', says(mysqlGreeting(0x0800)), true],
    ['mysql', says(mysqlGreeting(0)), false],
    ['postgresql', replies('N'), false],
    ['redis', replies('+PONG\r\n'), null],
    ['redis', replies('-NOAUTH Authentication required.\r\n'), null],
    ['pop3', (socket) => dialogue(socket, '+OK ready', [[/^CAPA/, '+OK\r\nUSER\r\n.']]), false],
    [
      'imap',
      (socket) =>
        dialogue(socket, '* OK IMAP4rev1', [[/CAPABILITY/, '* CAPABILITY IMAP4rev1\r\na1 OK done']]),
      false,
    ],
    ['ftp', (socket) => dialogue(socket, '220 Welcome', [[/^AUTH TLS/, '502 no']]), false],
  ])('%s is recognised', async (service, talk, tlsOffered) => {
    const { outcome, data } = await greet(await plain(talk), service);
    expect(outcome).toBe('ok');
    expect(data).toMatchObject({ heard: service, tlsOffered, tls: null });
  });

  test.each<[Service, string, [RegExp, string][]]>([
    [
      'smtp',
      '220 mail.test ESMTP',
      [
        [/^EHLO/, '250-mail.test\r\n250-STARTTLS\r\n250 HELP'],
        [/^STARTTLS/, '220 go'],
      ],
    ],
    [
      'imap',
      '* OK ready',
      [
        [/CAPABILITY/, '* CAPABILITY IMAP4rev1 STARTTLS\r\na1 OK done'],
        [/STARTTLS/, 'a2 OK go'],
      ],
    ],
    [
      'pop3',
      '+OK ready',
      [
        [/^CAPA/, '+OK\r\nSTLS\r\n.'],
        [/^STLS/, '+OK go'],
      ],
    ],
    ['ftp', '220 ftp', [[/^AUTH TLS/, '234 go']]],
  ])('%s is followed into TLS', async (service, first, script) => {
    const pair = ca.leaf(['mail.test']);
    const port = await plain((socket) => dialogue(socket, first, script, () => startTlsOn(socket, pair)));
    const { outcome, data } = await greet(port, service);
    expect(outcome).toBe('ok');
    expect(data).toMatchObject({
      tlsOffered: true,
      tls: { ended: null, trustCode: null, nameMatches: true },
    });
  });

  test.each<[Service, string, [RegExp, string][], object]>([
    [
      'smtp',
      '220 mail.test ESMTP',
      [
        [/^EHLO/, '250-mail.test\r\n250 STARTTLS'],
        [/^STARTTLS/, '454 4.7.0 TLS not available due to local problem'],
      ],
      { tlsOffered: true, tlsRefused: '454 4.7.0 TLS not available due to local problem' },
    ],
    ['smtp', '220 mail.test ESMTP', [[/^EHLO/, '250 mail.test']], { tlsOffered: false }],
    ['ftp', '220 ftp', [[/^AUTH TLS/, '530 Please login']], { tlsOffered: false }],
  ])('%s that refuses TLS, %#', async (service, first, script, wanted) => {
    const { outcome, data } = await greet(await plain((socket) => dialogue(socket, first, script)), service);
    expect(outcome).toBe('ok');
    expect(data).toMatchObject({ ...wanted, tls: null });
    expect('tlsRefused' in (data ?? {})).toBe('tlsRefused' in wanted);
  });

  const securePostgresql = (cert: Pair) =>
    plain((socket) =>
      socket.once('data', () => {
        socket.write('S');
        startTlsOn(socket, cert);
      }),
    );

  test('the certificate of PostgreSQL is looked at only where an authority is given', async () => {
    const port = await securePostgresql(ca.selfSigned('mail.test'));
    const without = await greet(port, 'postgresql', 1000, null);
    expect(without.outcome).toBe('ok');
    expect(without.data).toMatchObject({ heard: 'postgresql', tlsOffered: true, tls: null });
    const given = await greet(port, 'postgresql');
    expect(given.data?.tls).toMatchObject({ ended: null, trustCode: 'DEPTH_ZERO_SELF_SIGNED_CERT' });
    const good = await greet(await securePostgresql(ca.leaf(['mail.test'])), 'postgresql');
    expect(good.data?.tls).toMatchObject({ ended: null, trustCode: null, nameMatches: true });
  });

  test.each<[Service, string | Uint8Array]>([
    ['smtp', '554 5.7.1 You are not welcome\r\n'],
    ['mysql', mysqlError("Host '10.0.0.1' is not allowed to connect")],
    ['redis', '-DENIED Redis is running in protected mode\r\n'],
  ])('%s that refuses says so in its own words', async (service, words) => {
    const { outcome, data } = await greet(await plain(says(words)), service);
    expect(outcome).toBe('refuses');
    expect(data?.heard).toBe(service);
  });

  test('another protocol than the expected one is named', async () => {
    const { outcome, data } = await greet(await plain(says('SSH-2.0-x\r\n')), 'smtp');
    expect(outcome).toBe('other-protocol');
    expect(data?.heard).toBe('ssh');
  });

  test('a silent mail server stalls, a silent unknown service waits for the client', async () => {
    expect((await greet(await plain(() => {}), 'smtp', 200)).outcome).toBe('stalled');
    expect((await greet(await plain(() => {}), null, 100)).outcome).toBe('waits');
  });

  test('a silent service to which nothing was said is left with FIN, as by any client', async () => {
    let left = (_: string): void => {};
    const leaving = new Promise<string>((resolve) => {
      left = resolve;
    });
    const port = await plain((socket) => {
      socket.on('error', ({ message }) => left(message));
      socket.on('end', () => left('FIN'));
      socket.resume();
    });
    await greet(port, null, 100);
    expect(await leaving).toBe('FIN');
  });

  test('an unknown service that speaks is recognised', async () => {
    const { outcome, data } = await greet(await plain(says('SSH-2.0-x\r\n')), null, 500);
    expect(outcome).toBe('ok');
    expect(data).toMatchObject({ heard: 'ssh', text: 'SSH-2.0-x' });
  });

  test.each([
    ['502 You have no permission to talk. Goodbye.\r\n', 'denied', '502'],
    ['400 Service temporarily unavailable\r\n', 'not-ready', '400'],
    ['421 Too many connections\r\n', 'limit', '421'],
  ])('an unknown service that greets with a refusal is read by the code: %s', async (words, means, code) => {
    const { outcome, data } = await greet(await plain((socket) => socket.end(words)), null, 500);
    expect(outcome).toBe('refuses');
    expect(data?.word).toMatchObject({ means, code });
  });

  test('an unknown service that hangs up with words without a code', async () => {
    const words = '\r\nSorry, the maximum number of telnet sessions are active.  Try again later.\r\n';
    const cut = await greet(await plain((socket) => socket.end(words)), null, 500);
    expect(cut).toMatchObject({ outcome: 'refuses', data: { word: { means: 'limit', code: null } } });
    const held = await greet(await plain(says(words)), null, 500);
    expect(held).toMatchObject({ outcome: 'ok', data: { word: null } });
    const other = await greet(await plain((socket) => socket.end('Sat Nov 28 2026\r\n')), null, 500);
    expect(other).toMatchObject({ outcome: 'ok', data: { word: null } });
  });

  test('an unknown service that greets with 200 refuses nobody', async () => {
    const { outcome, data } = await greet(await plain(says('200 news.example ready\r\n')), null, 500);
    expect(outcome).toBe('ok');
    expect(data?.word).toBeNull();
  });

  test('an unknown service that closes at once is closed', async () => {
    expect((await greet(await plain((socket) => socket.end()), null, 500)).outcome).toBe('closed');
    expect((await greet(await plain((socket) => socket.resetAndDestroy()), null, 500)).outcome).toBe('reset');
  });
});

describe.concurrent('hostile servers cost three seconds and 64 KiB at most', () => {
  const endless = (chunk: Buffer) => (socket: Socket) => {
    const push = (): void => {
      while (!socket.destroyed && socket.write(chunk));
      socket.once('drain', push);
    };
    push();
  };

  test('an endless banner is cut off', async () => {
    const { outcome } = await ssh(
      { address: '127.0.0.1', port: await plain(endless(Buffer.alloc(65_536, 'x'))), timeoutMs: 2900 },
      context(),
    );
    expect(outcome).toBe('not-ssh');
    const web = await http(
      {
        address: '127.0.0.1',
        port: await plain(endless(Buffer.from(`HTTP/1.1 200 OK\r\n${'X-A: b\r\n'.repeat(100)}`))),
        host: 'x',
        path: '/',
        timeoutMs: 2900,
      },
      context(),
    );
    expect(web.outcome).toBe('ok');
  });

  test('a drip ends with the time that was given, never more than three seconds', async () => {
    const drip = (socket: Socket): void => {
      const timer = setInterval(() => socket.write('S'), 50);
      socket.on('close', () => clearInterval(timer));
    };
    const { outcome } = await ssh(
      { address: '127.0.0.1', port: await plain(drip), timeoutMs: 300 },
      context(),
    );
    expect(outcome).toBe('stalled');
  });
});

test('the algorithms that count as common are among those that ssh knows', () => {
  let known: string;
  try {
    known = ['kex', 'key', 'cipher', 'mac']
      .map((kind) => execFileSync('ssh', ['-Q', kind], { encoding: 'utf8' }))
      .join('\n');
  } catch {
    console.warn('ssh is not installed: the list of algorithms was not compared');
    return;
  }
  expect(known).toContain('curve25519-sha256');
  expect(known).toContain('chacha20-poly1305@openssh.com');
});

function dialogue(socket: Socket, first: string, script: [RegExp, string][], after?: () => void): void {
  socket.write(`${first}\r\n`);
  const rest = [...script];
  const answer = (chunk: Buffer): void => {
    const next = rest.shift();
    if (next === undefined || !next[0].test(chunk.toString('latin1'))) return void socket.destroy();
    socket.write(`${next[1]}\r\n`);
    if (rest.length > 0 || after === undefined) return;
    socket.off('data', answer);
    after();
  };
  socket.on('data', answer);
}

function kexInit(kex: string[], keys: string[], ciphers: string[], macs: string[]): Buffer {
  const lists = [kex, keys, ciphers, ciphers, macs, macs, ['none'], ['none'], [], []];
  const payload = Buffer.concat([
    Buffer.from([20]),
    Buffer.alloc(16),
    ...lists.map((names) => {
      const text = Buffer.from(names.join(','));
      const length = Buffer.alloc(4);
      length.writeUInt32BE(text.length);
      return Buffer.concat([length, text]);
    }),
    Buffer.alloc(5),
  ]);
  const padding = 8 - ((payload.length + 5) % 8) + 8;
  const head = Buffer.alloc(5);
  head.writeUInt32BE(payload.length + padding + 1);
  head[4] = padding;
  return Buffer.concat([head, payload, Buffer.alloc(padding)]);
}

function mysqlPacket(body: Buffer): Buffer {
  return Buffer.concat([Buffer.from([body.length & 255, body.length >> 8, 0, 0]), body]);
}
function mysqlGreeting(capabilities: number): Buffer {
  const flags = Buffer.alloc(2);
  flags.writeUInt16LE(capabilities);
  return mysqlPacket(
    Buffer.concat([
      Buffer.from('\x0a8.0.36\0', 'latin1'),
      Buffer.from([1, 0, 0, 0]),
      Buffer.from('saltsalt\0'),
      flags,
      Buffer.alloc(20),
    ]),
  );
}
function mysqlError(text: string): Buffer {
  return mysqlPacket(Buffer.concat([Buffer.from([0xff, 0x6a, 0x04]), Buffer.from(text)]));
}
