import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { createServer as createTlsServer, type TLSSocket, type TlsOptions } from 'node:tls';
import { clock } from '../../../src/doors/clock.ts';
import { readText } from '../../../src/doors/read-text.ts';
import { speak } from '../../../src/doors/speak/speak.ts';
import type { Doors } from '../../../src/doors/types.ts';
import type { ProbeContext } from '../../../src/gather/probes/probe.ts';
import type { ProbeName } from '../../../src/model/probes.ts';

/** Doors to this machine's loopback: real sockets, no native child and no commands. */
export const loopbackDoors = (more: Partial<Doors> = {}): Doors => ({
  platform: 'linux',
  clock,
  connectTcp: () => Promise.reject(new Error('not used')),
  runCommand: async ({ file }) => ({
    status: 'missing',
    exitCode: null,
    stdout: '',
    stderr: '',
    commandLine: file,
  }),
  readText,
  lookup: () => Promise.reject(new Error('not used')),
  dnsQuery: () => Promise.reject(new Error('not used')),
  native: async () => ({ status: 'unavailable', reason: 'not in this test', enable: null }),
  speak,
  ...more,
});

export const context = <P extends ProbeName>(
  doors = loopbackDoors(),
  signal = new AbortController().signal,
): ProbeContext<P> => ({
  doors,
  signal,
  partial() {},
});

const open: { server: Server; sockets: Set<Socket> }[] = [];

async function start(server: Server, host: string): Promise<number> {
  const sockets = new Set<Socket>();
  server.on('connection', (socket: Socket) => {
    sockets.add(socket);
    socket.on('error', () => {});
    socket.on('close', () => sockets.delete(socket));
  });
  open.push({ server, sockets });
  await new Promise<void>((resolve) => server.listen(0, host, resolve));
  return (server.address() as AddressInfo).port;
}

/** A plain listener on loopback; returns its port. `closeAll` ends it. */
export const plain = (talk: (socket: Socket) => void, host = '127.0.0.1'): Promise<number> =>
  start(createServer(talk), host);

export const secure = (
  options: TlsOptions,
  talk: (socket: TLSSocket) => void = () => {},
  host = '127.0.0.1',
): Promise<number> => {
  const server = createTlsServer(options, (socket) => {
    socket.on('error', () => {});
    talk(socket);
  });
  server.on('tlsClientError', () => {});
  return start(server, host);
};

export async function closeAll(): Promise<void> {
  for (const { server, sockets } of open.splice(0)) {
    for (const socket of sockets) socket.destroy();
    await new Promise((resolve) => server.close(resolve));
  }
}
