import { describe, expect, test } from 'vitest';
import * as macos from '../../../src/doors/native/macos/layout.ts';
import type { MacLibrary } from '../../../src/doors/native/macos/library.ts';
import { macSweep } from '../../../src/doors/native/macos/sweep.ts';
import type { SweepJob } from '../../../src/doors/types.ts';

/** An ICMP error as xnu hands it to a datagram socket: the outer header's length is in the host's order. */
function icmpError(
  from: string,
  type: number,
  code: number,
  quoted: { to: string; sport: number; dport: number },
): Buffer {
  const octets = (address: string) => address.split('.').map(Number);
  const packet = Buffer.alloc(20 + 8 + 20 + 8);
  packet.writeUInt8(0x45, 0);
  packet.writeUInt16LE(36, 2);
  packet.writeUInt8(1, 9);
  Buffer.from(octets(from)).copy(packet, 12);
  packet.writeUInt8(type, 20);
  packet.writeUInt8(code, 21);
  packet.writeUInt8(0x45, 28);
  packet.writeUInt8(6, 37);
  Buffer.from(octets(quoted.to)).copy(packet, 44);
  packet.writeUInt16BE(quoted.sport, 48);
  packet.writeUInt16BE(quoted.dport, 50);
  return packet;
}

const JOB: SweepJob = {
  job: 'sweep',
  address: '192.0.2.7',
  port: 443,
  protocol: 'tcp',
  maxTtl: 8,
  silentLimit: 3,
  holdMs: 3500,
};
const ROUTERS = ['192.168.1.1', '203.0.113.9'];

/** A Mac with two routers before the host; `end` is what the host, or the second router, does with a SYN. */
function mac(end: 'open' | 'reset' | 'silent' | 'prohibited' | 'no-route') {
  let now = 0;
  let next = 10;
  const sockets = new Map<number, { ttl: number; port: number; error: number | null }>();
  const inbox: Buffer[] = [];
  const closed: number[] = [];
  let errno = 0;
  const library: MacLibrary = {
    socket: (_domain, type) => {
      next++;
      if (type === macos.SOCK_STREAM) sockets.set(next, { ttl: 64, port: 50_000 + next, error: null });
      return next;
    },
    setNonBlocking: () => 0,
    setsockopt: (fd, _level, option, value) => {
      if (option === macos.IP_TTL) sockets.get(fd)!.ttl = value.readInt32LE(0);
      return 0;
    },
    getsockopt: (fd, _level, _option, value) => {
      value.writeInt32LE(sockets.get(fd)?.error ?? 0, 0);
      return 0;
    },
    getsockname: (fd, address) => {
      address.writeUInt16BE(sockets.get(fd)!.port, 2);
      return 0;
    },
    connect: (fd, address) => {
      expect([...address.subarray(0, 8)]).toEqual([16, 2, 1, 187, 192, 0, 2, 7]);
      const socket = sockets.get(fd)!;
      errno = macos.EINPROGRESS;
      if (end === 'no-route') {
        errno = 65;
        return -1;
      }
      const quoted = { to: '192.0.2.7', sport: socket.port, dport: 443 };
      const router = ROUTERS[socket.ttl - 1];
      if (router !== undefined) {
        // Somebody else's message, which is not ours to read.
        inbox.push(icmpError(router, 11, 0, { ...quoted, sport: 1 }), icmpError(router, 11, 0, quoted));
        socket.error = 65;
      } else if (end === 'open') socket.error = 0;
      else if (end === 'reset') socket.error = 61;
      else if (end === 'prohibited') {
        inbox.push(icmpError('203.0.113.9', 3, 13, quoted));
        socket.error = 61;
      }
      return -1;
    },
    poll: (fds, count, ms) => {
      let ready = 0;
      for (let i = 0; i < count; i++) {
        const socket = sockets.get(fds.readInt32LE(i * 8));
        const isReady = i === 0 ? inbox.length > 0 : socket?.error != null;
        if (isReady) fds.writeInt16LE(i === 0 ? 1 : 4, i * 8 + 6);
        if (isReady) ready++;
      }
      now += ready > 0 ? 5 : ms;
      return ready;
    },
    recv: (_fd, data) => {
      const packet = inbox.shift();
      return packet === undefined ? -1 : packet.copy(data);
    },
    close: (fd) => {
      closed.push(fd);
      return 0;
    },
    errno: () => errno,
  };
  const result = macSweep(library, JOB, () => now);
  if (result.status !== 'swept') throw new Error(JSON.stringify(result));
  return { replies: result.trace.replies, opened: next - 10, closed };
}

const words = ({ replies }: ReturnType<typeof mac>): string[] =>
  replies.map(
    ({ ttl, answer, from, icmpType, icmpCode }) => `${ttl} ${answer} ${from} ${icmpType}/${icmpCode}`,
  );
const HOPS = ['1 time-exceeded 192.168.1.1 11/0', '2 time-exceeded 203.0.113.9 11/0'];

describe('the path to a port on macOS, through a fake library', () => {
  test('routers by their ICMP, the host by its handshake', () => {
    expect(words(mac('open'))).toEqual([...HOPS, '3 syn-ack null null/null']);
  });
  test('a refusal without an ICMP message is a reset', () => {
    expect(words(mac('reset'))).toEqual([...HOPS, '3 rst null null/null']);
  });
  test('ECONNREFUSED beside a prohibition is the prohibition, and its sender', () => {
    expect(words(mac('prohibited'))).toEqual([...HOPS, '3 unreachable 203.0.113.9 3/13']);
  });
  test('silence is silence', () => {
    expect(words(mac('silent')).slice(0, 3)).toEqual([...HOPS, '3 silence null null/null']);
  });
  test('what this machine cannot send is no hop', () => {
    expect(mac('no-route').replies).toMatchObject([{ ttl: 1, answer: 'local-error', errno: 'EHOSTUNREACH' }]);
  });
  test.each(['open', 'silent', 'no-route'] as const)('every descriptor is closed once (%s)', (end) => {
    const { opened, closed } = mac(end);
    expect(closed.length).toBe(opened);
    expect(new Set(closed).size).toBe(opened);
  });
  test('damaged and foreign packets are no answers', () => {
    const whole = icmpError('203.0.113.9', 11, 0, { to: '192.0.2.7', sport: 1, dport: 2 });
    for (let length = 0; length < 52; length++)
      expect(macos.decodeIcmpError(whole.subarray(0, length))).toBeNull();
    expect(macos.decodeIcmpError(whole)).toMatchObject({
      from: '203.0.113.9',
      to: '192.0.2.7',
      sourcePort: 1,
    });
    const echo = Buffer.from(whole);
    echo.writeUInt8(0, 20);
    expect(macos.decodeIcmpError(echo)).toBeNull();
  });
});
