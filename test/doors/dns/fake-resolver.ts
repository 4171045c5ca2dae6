import dgram from 'node:dgram';
import net from 'node:net';
import { Packet } from 'dns2';

type Record = { name?: string; type: number; ttl?: number; address?: string; domain?: string };

/** Octets of a response to a query, as an honest server would write them. */
export function respond(
  query: Buffer,
  records: Record[] = [],
  flags: { rcode?: number; tc?: 0 | 1; aa?: 0 | 1 } = {},
): Buffer {
  const request = Packet.parse(query);
  const response = Packet.createResponseFromRequest(request);
  Object.assign(response.header, { qr: 1, rcode: 0, ...flags });
  for (const record of records)
    response.answers.push({ name: request.questions[0]?.name ?? '', class: 1, ttl: 60, ...record } as never);
  response.additionals = [];
  return response.toBuffer();
}

/** The question of a query: `A db.example.com`. */
export function questionOf(query: Buffer): string {
  const question = Packet.parse(query).questions[0];
  return `${{ 1: 'A', 28: 'AAAA', 12: 'PTR' }[question?.type ?? 0] ?? question?.type} ${question?.name}`;
}

export interface FakeResolver {
  address: string;
  port: number;
  /** Every query that came over UDP, in order. */
  queries: Buffer[];
  close(): Promise<void>;
}

type Datagrams = Buffer | Buffer[] | null;

/**
 * A UDP socket that answers as told (null = silence), and a TCP listener on the same port where `tcp` is given;
 * without it the TCP port is closed.
 */
export async function fakeResolver(
  answer: (query: Buffer, count: number) => Datagrams | Promise<Datagrams>,
  { address = '127.0.0.1', tcp }: { address?: string; tcp?: (socket: net.Socket) => void } = {},
): Promise<FakeResolver> {
  for (;;) {
    const udp = dgram.createSocket(net.isIPv6(address) ? 'udp6' : 'udp4');
    await new Promise<void>((resolve) => udp.bind(0, address, resolve));
    const { port } = udp.address();
    const sockets = new Set<net.Socket>();
    let server: net.Server | null = null;
    if (tcp) {
      server = net.createServer((socket) => {
        sockets.add(socket);
        socket.on('error', () => {});
        tcp(socket);
      });
      const bound = await new Promise<boolean>((resolve) => {
        server?.once('error', () => resolve(false)).listen(port, address, () => resolve(true));
      });
      if (!bound) {
        udp.close();
        continue;
      }
    }
    const queries: Buffer[] = [];
    let closed = false;
    udp.on('message', async (query, from) => {
      queries.push(query);
      const datagrams = await answer(query, queries.length);
      if (closed) return;
      for (const datagram of datagrams === null ? [] : Array.isArray(datagrams) ? datagrams : [datagrams])
        udp.send(datagram, from.port, from.address);
    });
    return {
      address,
      port,
      queries,
      close: async () => {
        closed = true;
        for (const socket of sockets) socket.destroy();
        await new Promise<void>((resolve) => (server ? server.close(() => resolve()) : resolve()));
        await new Promise<void>((resolve) => udp.close(() => resolve()));
      },
    };
  }
}

/** A UDP port of loopback on which nothing listens. */
export async function closedPort(address = '127.0.0.1'): Promise<number> {
  const socket = dgram.createSocket(net.isIPv6(address) ? 'udp6' : 'udp4');
  await new Promise<void>((resolve) => socket.bind(0, address, resolve));
  const { port } = socket.address();
  await new Promise<void>((resolve) => socket.close(() => resolve()));
  return port;
}

/** Writes one DNS message with its length before it (RFC 1035 section 4.2.2). */
export function frame(message: Buffer): Buffer {
  const length = Buffer.alloc(2);
  length.writeUInt16BE(message.length);
  return Buffer.concat([length, message]);
}
