import { randomBytes } from 'node:crypto';
import type { Socket } from 'node:net';
import { gzipSync } from 'node:zlib';
import type { Outcome } from '../../../src/model/report.ts';
import type { Authority } from './certificates.ts';
import { plain, secure } from './listeners.ts';

/** A listener on loopback that means harm, and what may be said about it. */
export interface Hostile {
  name: string;
  scheme: 'ssh' | 'https' | 'http' | 'smtp' | 'postgresql';
  /** Returns its port; `wrote` is told, at the end of each connection, how much the kernel took of it. */
  start(ca: Authority, wrote: (octets: number) => void): Promise<number>;
  outcome: Outcome;
  /** Acceptable first causes; null = none. */
  causes: (string | null)[];
}

const push = (socket: Socket, chunk: Uint8Array): void => {
  while (!socket.destroyed && socket.write(chunk));
  socket.once('drain', () => push(socket, chunk));
};
const counted =
  (talk: (socket: Socket) => void, wrote: (octets: number) => void) =>
  (socket: Socket): void => {
    socket.on('error', () => {});
    socket.on('close', () => wrote(socket.bytesWritten));
    talk(socket);
  };
const every = (ms: number, text: Uint8Array) => (socket: Socket) => {
  let at = 0;
  const timer = setInterval(
    () => socket.write(text.subarray(at % text.length, (at++ % text.length) + 1)),
    ms,
  );
  socket.on('close', () => clearInterval(timer));
};
const endless = (start: Uint8Array | string, chunk: Uint8Array) => (socket: Socket) => {
  socket.write(start);
  push(socket, chunk);
};
const afterQuestion = (talk: (socket: Socket) => void) => (socket: Socket) => {
  socket.once('data', () => talk(socket));
};

const record = (type: number, body: Uint8Array): Buffer =>
  Buffer.concat([Buffer.from([type, 3, 3, body.length >> 8, body.length & 255]), body]);
/** ServerHello of TLS 1.2: random, no session, ECDHE-ECDSA-AES128-GCM, no compression, secure renegotiation. */
const serverHello = (): Buffer => {
  const body = Buffer.concat([
    Buffer.from([3, 3]),
    randomBytes(32),
    Buffer.from([0, 0xc0, 0x2b, 0, 0, 5, 0xff, 1, 0, 1, 0]),
  ]);
  return record(22, Buffer.concat([Buffer.from([2, 0, 0, body.length]), body]));
};
/** The start of a Certificate message as long as one can be, 16 MiB, and records that could be the rest of it for ever. */
const certificateStart = record(
  22,
  Buffer.from([11, 0xff, 0xff, 0xff, 0xff, 0xff, 0xfc, 0xff, 0xff, 0xf9, 0x30, 0x84]),
);
const certificateRest = record(22, Buffer.alloc(16_384, 0x30));

const raw = (
  name: string,
  scheme: Hostile['scheme'],
  talk: (socket: Socket) => void,
  outcome: Outcome,
  ...causes: (string | null)[]
): Hostile => ({ name, scheme, outcome, causes, start: (_, wrote) => plain(counted(talk, wrote)) });

const X = Buffer.alloc(65_536, 'x');
const ESCAPES = '\x1b]0;owned\x07\x1b[2J\u202e\x9b31mevil';
const bomb = gzipSync(Buffer.alloc(16 * 1024 * 1024));

export const HOSTILE: Hostile[] = [
  raw('an endless banner', 'ssh', endless('', X), 'impaired', 'protocol-mismatch'),
  raw(
    'endless lines before the banner',
    'ssh',
    endless('', Buffer.from('hello\r\n'.repeat(9000))),
    'impaired',
    'protocol-mismatch',
  ),
  raw(
    'one octet of a banner a second',
    'ssh',
    every(1000, Buffer.from('SSH-2.0-x')),
    'impaired',
    'protocol-mismatch',
    'service-unresponsive',
  ),
  raw(
    'one octet of a ServerHello a second',
    'https',
    every(1000, serverHello()),
    'impaired',
    'protocol-mismatch',
    'service-unresponsive',
  ),
  raw(
    'one octet of an HTTP head a second',
    'http',
    every(1000, Buffer.from('HTTP/1.1 200 OK\r\n')),
    'impaired',
    'protocol-mismatch',
    'service-unresponsive',
  ),
  raw(
    'random octets without end where SSH is expected',
    'ssh',
    endless('', randomBytes(65_536)),
    'impaired',
    'protocol-mismatch',
  ),
  raw(
    'random octets without end where TLS is expected',
    'https',
    endless('', randomBytes(65_536)),
    'impaired',
    'protocol-mismatch',
  ),
  raw(
    'random octets without end where PostgreSQL is expected',
    'postgresql',
    endless('', randomBytes(65_536)),
    'impaired',
    'protocol-mismatch',
  ),
  raw(
    'endless certificates in hand-made TLS 1.2',
    'https',
    endless(Buffer.concat([serverHello(), certificateStart]), certificateRest),
    'impaired',
    'tls-handshake-failed',
    'protocol-mismatch',
  ),
  {
    name: 'two megabytes of certificates in true TLS 1.3',
    scheme: 'https',
    outcome: 'impaired',
    causes: ['tls-handshake-failed', 'protocol-mismatch', 'service-closes-connection'],
    start: (ca, wrote) => {
      const { key, cert } = ca.selfSigned('localhost');
      return secure(
        { key, cert: cert.repeat(3000) },
        counted(() => {}, wrote),
      );
    },
  },
  {
    name: 'control characters in the names of a certificate',
    scheme: 'https',
    outcome: 'impaired',
    causes: ['tls-untrusted', 'tls-name-mismatch'],
    start: (ca, wrote) =>
      secure(
        ca.selfSigned(ESCAPES),
        counted(
          (socket) =>
            socket.once('data', () => socket.end(`HTTP/1.1 200 ${ESCAPES}\r\nServer: ${ESCAPES}\r\n\r\n`)),
          wrote,
        ),
      ),
  },
  raw(
    'control characters in a banner',
    'ssh',
    (socket) => socket.end(`${ESCAPES}\r\n`),
    'impaired',
    'protocol-mismatch',
    'service-closes-connection',
  ),
  raw(
    'an endless HTTP head',
    'http',
    endless('HTTP/1.1 200 OK\r\n', Buffer.from('X-Filler: aaaaaaaaaaaaaaaa\r\n'.repeat(2000))),
    'reachable',
    null,
    'http-error',
  ),
  raw(
    'an HTTP status line without end',
    'http',
    endless('HTTP/1.1 200 ', X),
    'impaired',
    'protocol-mismatch',
  ),
  raw(
    'a compressed bomb without end',
    'http',
    afterQuestion(
      endless('HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Type: text/html\r\n\r\n', bomb),
    ),
    'reachable',
    null,
  ),
  raw(
    'a redirect to itself',
    'http',
    (socket) =>
      socket.once('data', (data) => {
        const host = /^Host: (.*)\r$/m.exec(data.toString('latin1'))?.[1];
        socket.end(`HTTP/1.1 302 Found\r\nLocation: http://${host}/\r\n\r\n`);
      }),
    'reachable',
    'http-redirect-loop',
  ),
  raw(
    'a greeting that goes on for ever',
    'smtp',
    endless('', Buffer.from('220-mail.example ESMTP\r\n'.repeat(2000))),
    'impaired',
    'protocol-mismatch',
    'service-unresponsive',
  ),
];

/** What the others are measured against. */
export const HEALTHY: Hostile = raw(
  'a healthy web server',
  'http',
  (socket) => socket.once('data', () => socket.end('HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n')),
  'reachable',
  null,
);
