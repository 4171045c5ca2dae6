import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { tls } from '../../../src/gather/probes/service.ts';
import type { ProbeCatalogue } from '../../../src/model/probes.ts';
import { closedPort } from '../../command/silent-port.ts';
import { type Authority, authority, daysFromNow } from './certificates.ts';
import { closeAll, context, loopbackDoors, plain, secure } from './listeners.ts';

/** Of no use but here: made with `openssl dhparam 1024`. */
const DH_1024 = `-----BEGIN DH PARAMETERS-----
MIGHAoGBAIVyuOz1HiXQHCmpddIDbt2dzrf8E9bBsfMzOLOzwV2NSmVlhL4jSiJ0
alSdNLqgdwJ7TTxlWlBlQpr1/SlbStZMk4a7TO151p5zonmGBaUGpwRKftm3Ag/F
hsdsRRPEg2pkKfTAjIfz6W7qafoTiOx7rhcZdvoDUuYGrSYuFl9/AgEC
-----END DH PARAMETERS-----
`;

let ca: Authority;
const children: ChildProcess[] = [];
beforeAll(() => {
  ca = authority();
});
afterAll(async () => {
  await closeAll();
  for (const child of children.splice(0)) child.kill('SIGKILL');
  ca.dispose();
});

type Input = ProbeCatalogue['tls']['input'];
const ask = (port: number, more: Partial<Input> = {}, doors = loopbackDoors()) =>
  tls(
    {
      address: '127.0.0.1',
      port,
      serverName: 'good.test',
      expectedAddress: null,
      httpPath: null,
      httpExpected: true,
      httpHost: 'good.test',
      caPem: ca.rootPem,
      timeoutMs: 2900,
      ...more,
    },
    context(doors),
  );
const answerHttp = (head: string) => (socket: NodeJS.WritableStream & NodeJS.ReadableStream) => {
  socket.once('data', () => socket.end(head));
};

describe.concurrent('a TLS service that is well', () => {
  test('is confirmed with version, cipher, chain and names', async () => {
    const port = await secure(ca.leaf(['good.test', 'www.good.test']));
    const { outcome, data } = await ask(port);
    expect(outcome).toBe('ok');
    expect(data?.tls).toMatchObject({
      version: 'TLSv1.3',
      sni: 'good.test',
      trustCode: null,
      trustedBy: 'built-in',
      nameMatches: true,
      ended: null,
      alert: null,
    });
    expect(data?.tls.cipher).toMatch(/^TLS_/);
    expect(data?.tls.chain.map(({ subject }) => subject)).toEqual([
      'CN=good.test',
      'CN=Test Intermediate O=Reachdoctor Test',
      'O=Reachdoctor Test CN=Test Root',
    ]);
    expect(data?.tls.chain[0]?.names).toEqual(['good.test', 'www.good.test']);
  });

  test('answers a HEAD on the same connection', async () => {
    const port = await secure(
      { ...ca.leaf(['good.test']), ALPNProtocols: ['http/1.1'] },
      answerHttp('HTTP/1.1 204 No Content\r\nDate: Thu, 01 Jan 2015 00:00:00 GMT\r\n\r\n'),
    );
    const { outcome, data } = await ask(port, { httpPath: '/health' });
    expect(outcome).toBe('ok');
    expect(data?.tls.alpn).toBe('http/1.1');
    expect(data?.http).toMatchObject({ ended: 'answered', status: 204, reason: 'No Content' });
    expect(data?.http?.clockOffsetMs).toBeLessThan(-86_400_000);
  });

  test('is asked with GET where HEAD brings nothing', async () => {
    const port = await secure(ca.leaf(['good.test']), (socket) => {
      socket.once(
        'data',
        (chunk) => chunk.toString().startsWith('GET') && socket.end('HTTP/1.0 200 ok\r\n\r\n'),
      );
    });
    const { outcome, data } = await ask(port, { httpPath: '/' });
    expect(outcome).toBe('ok');
    expect(data?.http).toMatchObject({ status: 200, method: 'GET' });
  });

  test('that speaks no HTTP is no fault where nobody said that it does', async () => {
    const port = await secure(ca.leaf(['good.test']));
    expect((await ask(port, { httpPath: '/', httpExpected: false })).data?.http).toBeNull();
    expect((await ask(port, { httpPath: '/', timeoutMs: 1000 })).data?.http).toMatchObject({
      ended: 'stalled',
      status: null,
    });
  });

  test('is confirmed where it speaks only HTTP/2', async () => {
    const port = await secure({ ...ca.leaf(['good.test']), ALPNProtocols: ['h2'] });
    const { outcome, data } = await ask(port, { httpPath: '/' });
    expect(outcome).toBe('ok');
    expect(data?.tls.alpn).toBe('h2');
    expect(data?.http).toBeNull();
  });

  test('is confirmed over IPv6 and with an address in the certificate', async () => {
    const port = await secure(ca.leaf(['::1']), () => {}, '::1');
    const { outcome, data } = await ask(port, { address: '::1', serverName: null, expectedAddress: '::1' });
    expect(outcome).toBe('ok');
    expect(data?.tls).toMatchObject({ sni: null, expectedName: '::1', nameMatches: true });
  });

  test('is trusted where only the store of the system knows the authority', async () => {
    const port = await secure(ca.leaf(['good.test']));
    const doors = loopbackDoors({
      readText: async (path) => (path.endsWith('ca-certificates.crt') ? ca.rootPem : null),
    });
    const { outcome, data } = await ask(port, { caPem: null }, doors);
    expect(outcome).toBe('ok');
    expect(data?.tls).toMatchObject({ trustCode: null, trustedBy: 'system' });
  });
});

describe.concurrent('certificates', () => {
  test.each([
    [
      'expired',
      () => ca.leaf(['good.test'], { from: daysFromNow(-90), to: daysFromNow(-3) }),
      'CERT_HAS_EXPIRED',
    ],
    [
      'not yet valid',
      () => ca.leaf(['good.test'], { from: daysFromNow(3), to: daysFromNow(30) }),
      'CERT_NOT_YET_VALID',
    ],
    ['self-signed', () => ca.selfSigned('good.test'), 'DEPTH_ZERO_SELF_SIGNED_CERT'],
    [
      'without its intermediate',
      () => ca.leaf(['good.test'], { withoutIntermediate: true }),
      'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
    ],
  ] as const)('%s is not trusted, in the word of OpenSSL', async (_, make, trustCode) => {
    const { outcome, data } = await ask(await secure(make()));
    expect(outcome).toBe('untrusted');
    expect(data?.tls).toMatchObject({ trustCode, nameMatches: true, trustedBy: null });
  });

  test.each([
    ['TLSv1.2', undefined],
    ['TLSv1.3', 'TLS_AES_128_GCM_SHA256'],
    ['TLSv1.3', 'TLS_AES_256_GCM_SHA384'],
    ['TLSv1.3', 'TLS_CHACHA20_POLY1305_SHA256'],
  ] as const)(
    'what was sent is read in %s (%s), also where OpenSSL makes no chain of it',
    async (version, ciphers) => {
      const like = { minVersion: version, maxVersion: version, ...(ciphers ? { ciphers } : {}) };
      const sent = async (pair: { key: string; cert: string }) => {
        const { tls } = (await ask(await secure({ ...pair, ...like }))).data!;
        return [tls.version, tls.trustCode, tls.issuerSent];
      };
      expect(await sent(ca.leaf(['good.test'], { renewed: true }))).toEqual([
        version,
        'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
        true,
      ]);
      expect(await sent(ca.leaf(['good.test'], { withoutIntermediate: true }))).toEqual([
        version,
        'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
        false,
      ]);
      // A chain that is whole is not looked at.
      expect(await sent(ca.leaf(['good.test']))).toEqual([version, null, undefined]);
    },
  );

  test('a missing intermediate is told from an unknown authority by who is known', async () => {
    const port = await secure(ca.leaf(['good.test'], { withoutIntermediate: true }));
    expect((await ask(port)).data?.tls.issuerKnown).toBe(true);
    expect(
      (await ask(port, { caPem: null }, loopbackDoors({ readText: async () => null }))).data?.tls.issuerKnown,
    ).toBe(false);
  });

  test('of addresses alone is held against a bare address, one that names hosts is not', async () => {
    const bare = { serverName: null, expectedAddress: null };
    const of = async (...names: string[]) => {
      const { outcome, data } = await ask(await secure(ca.leaf(names)), bare);
      return [outcome, data?.tls.nameMatches, data?.tls.expectedName];
    };
    expect(await of('192.0.2.20', '2001:db8::20')).toEqual(['wrong-name', false, '127.0.0.1']);
    expect(await of('192.0.2.20', '127.0.0.1')).toEqual(['ok', true, '127.0.0.1']);
    expect(await of('other.test')).toEqual(['ok', null, null]);
    expect(await of('other.test', '192.0.2.20')).toEqual(['ok', null, null]);
  });

  test('of another name shows the names it has', async () => {
    const { outcome, data } = await ask(await secure(ca.leaf(['other.test', '*.other.test'])));
    expect(outcome).toBe('wrong-name');
    expect(data?.tls).toMatchObject({ nameMatches: false, expectedName: 'good.test', trustCode: null });
    expect(data?.tls.chain[0]?.names).toEqual(['other.test', '*.other.test']);
  });

  test('no name to compare with is not a wrong name', async () => {
    const { outcome, data } = await ask(await secure(ca.leaf(['other.test'])), { serverName: null });
    expect(outcome).toBe('ok');
    expect(data?.tls.nameMatches).toBeNull();
  });
});

describe.concurrent('handshakes that fail', () => {
  test.each(['TLSv1.3', 'TLSv1.2'] as const)(
    'a client certificate that is required is noticed in %s',
    async (maxVersion) => {
      const port = await secure({
        ...ca.leaf(['good.test']),
        ca: ca.rootPem,
        requestCert: true,
        rejectUnauthorized: true,
        maxVersion,
      });
      const { data } = await ask(port);
      expect(data?.tls.certificateRequested).toBe(true);
    },
  );

  test('OpenSSL refuses a missing client certificate by alert, in TLS 1.3 only after the handshake', async () => {
    for (const version of ['-tls1_3', '-tls1_2']) {
      const { outcome, data } = await ask(await sServer([version, '-Verify', '1']));
      expect(outcome).toBe('alert');
      expect(data?.tls).toMatchObject({
        alert: version === '-tls1_3' ? 116 : 40,
        certificateRequested: true,
        legacyAsked: false,
      });
    }
  });

  test('a short Diffie-Hellman key that this client takes is told, any other exchange is not', async () => {
    execFileSync(
      'openssl',
      'req -x509 -newkey rsa:2048 -nodes -subj /CN=good.test -days 2 -keyout rsa.key -out rsa.pem'.split(' '),
      { cwd: ca.dir, stdio: 'ignore' },
    );
    const [key, cert] = ['rsa.key', 'rsa.pem'].map((name) => readFileSync(join(ca.dir, name), 'utf8'));
    const rsa = { key: key!, cert: cert!, maxVersion: 'TLSv1.2' as const };
    const weak = await secure({ ...rsa, ciphers: 'DHE-RSA-AES128-GCM-SHA256:@SECLEVEL=0', dhparam: DH_1024 });
    expect((await ask(weak)).data?.tls.weakExchange).toBe('Diffie-Hellman of 1024 bits');
    const strong = await secure({ ...rsa, ciphers: 'DHE-RSA-AES128-GCM-SHA256', dhparam: 'auto' });
    expect((await ask(strong)).data?.tls).not.toHaveProperty('weakExchange');
    expect((await ask(await secure(rsa))).data?.tls).not.toHaveProperty('weakExchange');
  });

  test('a server with TLS 1.0 only is recognised by what an old client gets', async () => {
    const { data } = await ask(await sServer(['-tls1', '-cipher', 'ALL:@SECLEVEL=0']));
    expect(data?.tls).toMatchObject({ version: null, legacyAsked: true, legacy: { version: 'TLSv1' } });
  });

  test('a server with no cipher in common sends alert 40, and what an old client gets is named', async () => {
    const { outcome, data } = await ask(
      await sServer(['-tls1_2', '-cipher', 'AECDH-AES128-SHA:@SECLEVEL=0']),
    );
    expect(outcome).toBe('alert');
    expect(data?.tls).toMatchObject({
      alert: 40,
      certificateRequested: null,
      legacy: { version: 'TLSv1.2' },
    });
  });

  test('a name that the server refuses is alert 112', async () => {
    const port = await plain((socket) => {
      socket.once('data', () => socket.end(Buffer.from([21, 3, 3, 0, 2, 2, 112])));
    });
    const { outcome, data } = await ask(port);
    expect(outcome).toBe('alert');
    expect(data?.tls).toMatchObject({ alert: 112, legacyAsked: false });
  });

  test.each([
    ['HTTP/1.1 400 Bad Request\r\nServer: nginx\r\n\r\n', 'http'],
    ['SSH-2.0-OpenSSH_9.2p1\r\n', 'ssh'],
    ['220 mail.test ESMTP\r\n', 'smtp'],
    ['-ERR unknown command\r\n', 'redis'],
    ['hi', null],
  ])('plain text on a TLS port is quoted: %s', async (words, protocol) => {
    const port = await plain((socket) => {
      socket.once('data', () => socket.write(words));
    });
    const { outcome, data } = await ask(port, { timeoutMs: 600 });
    expect(outcome).toBe('not-tls');
    expect(data?.tls).toMatchObject({
      plainText: words.replaceAll('\r\n', ' ').trim(),
      plainProtocol: protocol,
    });
  });

  test('FIN, RST and silence after the ClientHello are three different things', async () => {
    const onHello = (act: (socket: import('node:net').Socket) => void) =>
      plain((socket) => {
        socket.once('data', () => act(socket));
      });
    expect((await ask(await onHello((socket) => socket.end()))).outcome).toBe('closed');
    expect((await ask(await onHello((socket) => socket.resetAndDestroy()))).outcome).toBe('reset');
    expect((await ask(await onHello(() => {}), { timeoutMs: 300 })).outcome).toBe('stalled');
  });

  test('a closed port is not a TLS finding', async () => {
    expect(await ask(await closedPort())).toMatchObject({ outcome: 'not-connected', data: null });
  });

  test('an abort ends it at once', async () => {
    const port = await plain(() => {});
    const stop = new AbortController();
    const finding = tls(
      {
        address: '127.0.0.1',
        port,
        serverName: 'good.test',
        expectedAddress: null,
        httpPath: null,
        httpExpected: true,
        httpHost: '',
        caPem: null,
        timeoutMs: 2900,
      },
      context(loopbackDoors(), stop.signal),
    );
    setTimeout(() => stop.abort(), 20);
    expect((await finding).outcome).toBe('cancelled');
  });
});

/** openssl s_server with the test certificate; the port is one that was free a moment ago. */
async function sServer(args: string[]): Promise<number> {
  const { key, cert } = ca.leaf(['good.test']);
  const at = (name: string): string => join(ca.dir, name);
  const port = await closedPort();
  writeFileSync(at(`${port}.key`), key);
  writeFileSync(at(`${port}.pem`), cert);
  const child = spawn(
    'openssl',
    [
      's_server',
      '-accept',
      `127.0.0.1:${port}`,
      '-key',
      at(`${port}.key`),
      '-cert',
      at(`${port}.pem`),
      '-CAfile',
      at('root.pem'),
      ...args,
    ],
    {
      stdio: ['pipe', 'pipe', 'pipe'],
    },
  );
  children.push(child);
  let said = '';
  await new Promise<void>((resolve, reject) => {
    child.stdout.on('data', (chunk) => {
      said += chunk;
      if (said.includes('ACCEPT')) resolve();
    });
    child.stderr.on('data', (chunk) => {
      said += chunk;
    });
    child.once('exit', () => reject(new Error(`s_server: ${said}`)));
  });
  return port;
}
