import { describe, expect, test } from 'vitest';
import { addressText } from '../../../src/doors/native/octets.ts';
import * as windows from '../../../src/doors/native/windows/layout.ts';
import type { WindowsLibrary } from '../../../src/doors/native/windows/library.ts';
import { windowsSweep } from '../../../src/doors/native/windows/sweep.ts';
import type { SweepJob } from '../../../src/doors/types.ts';

const ROUTERS = ['192.168.1.1', '203.0.113.9'];
const job = (protocol: SweepJob['protocol']): SweepJob => {
  return { job: 'sweep', address: '192.0.2.7', port: 443, protocol, maxTtl: 8, silentLimit: 3, holdMs: 3500 };
};

const notAsked = (): never => {
  throw new Error('a sweep asks no tables');
};
const NO_TABLES = {
  GetAdaptersAddresses: notAsked,
  GetBestRoute2: notAsked,
  GetIpNetEntry2: notAsked,
  addressOf: notAsked,
};

/** ICMP_ERROR_INFO as mstcpip.h lays it out. */
function errorInfo(from: string, type: number, code: number): Buffer {
  const bytes = Buffer.alloc(36);
  bytes.writeUInt16LE(windows.AF_INET, 0);
  Buffer.from(from.split('.').map(Number)).copy(bytes, 4);
  bytes.writeUInt32LE(1, 28);
  bytes.writeUInt8(type, 32);
  bytes.writeUInt8(code, 33);
  return bytes;
}

function pc(end: 'open' | 'reset' | 'silent' | 'prohibited', isOld = false) {
  let now = 0;
  let next = 100n;
  let error = 0;
  const sockets = new Map<bigint, { ttl: number; error: number | null; info: Buffer | null }>();
  const closed: bigint[] = [];
  const library: WindowsLibrary = {
    ...NO_TABLES,
    socket: () => {
      next += 4n;
      sockets.set(next, { ttl: 128, error: null, info: null });
      return next;
    },
    setsockopt: (socket, level, option, value) => {
      if (level === windows.IPPROTO_TCP && option === 18 && isOld) {
        error = 10042;
        return -1;
      }
      if (level === windows.IPPROTO_IP && option === windows.IP_TTL)
        sockets.get(socket)!.ttl = value.readInt32LE(0);
      return 0;
    },
    ioctlsocket: () => 0,
    connect: (handle, address) => {
      expect([...address.subarray(0, 8)]).toEqual([2, 0, 1, 187, 192, 0, 2, 7]);
      const socket = sockets.get(handle)!;
      const router = ROUTERS[socket.ttl - 1];
      if (router !== undefined) Object.assign(socket, { error: 10065, info: errorInfo(router, 11, 0) });
      else if (end === 'open') socket.error = 0;
      else if (end === 'reset') socket.error = 10061;
      else if (end === 'prohibited')
        Object.assign(socket, { error: 10065, info: errorInfo('203.0.113.9', 3, 13) });
      error = windows.WSAEWOULDBLOCK;
      return -1;
    },
    getsockopt: (handle, level, option, value) => {
      const socket = sockets.get(handle)!;
      if (level === windows.SOL_SOCKET) value.writeInt32LE(socket.error ?? 0, 0);
      else if (option === windows.TCP_ICMP_ERROR_INFO) {
        if (socket.info === null) return -1;
        socket.info.copy(value);
      }
      return 0;
    },
    WSAPoll: (fds, count, ms) => {
      let ready = 0;
      for (let i = 0; i < count; i++) {
        if (sockets.get(fds.readBigUInt64LE(i * 16))?.error == null) continue;
        fds.writeInt16LE(0x10, i * 16 + 10);
        ready++;
      }
      now += ready > 0 ? 5 : ms;
      return ready;
    },
    closesocket: (socket) => {
      closed.push(socket);
      return 0;
    },
    lastError: () => error,
    IcmpCreateFile: () => 7,
    IcmpCloseHandle: () => 1,
    IcmpSendEcho: (_handle, address, _data, _size, options, reply) => {
      expect(address).toBe(0x070200c0);
      const ttl = options.readUInt8(0);
      const router = ROUTERS[ttl - 1];
      if (router === undefined && end === 'silent') {
        error = windows.TIMED_OUT;
        return 0;
      }
      Buffer.from((router ?? '192.0.2.7').split('.').map(Number)).copy(reply, 0);
      reply.writeUInt32LE(router === undefined ? (end === 'prohibited' ? 11003 : 0) : 11013, 4);
      reply.writeUInt32LE(8, 8);
      return 1;
    },
  };
  return {
    sweep: (protocol: SweepJob['protocol']) => windowsSweep(library, job(protocol), () => now),
    closed,
    opened: () => Number((next - 100n) / 4n),
  };
}

function words(end: Parameters<typeof pc>[0], protocol: SweepJob['protocol']): string[] {
  const result = pc(end).sweep(protocol);
  if (result.status !== 'swept') throw new Error(JSON.stringify(result));
  return result.trace.replies.map(
    ({ ttl, answer, from, icmpType, icmpCode }) => `${ttl} ${answer} ${from} ${icmpType}/${icmpCode}`,
  );
}
const HOPS = ['1 time-exceeded 192.168.1.1 11/0', '2 time-exceeded 203.0.113.9 11/0'];

describe('the path to a port on Windows, through a fake library', () => {
  test('routers by the error information of their sockets', () => {
    expect(words('open', 'tcp')).toEqual([...HOPS, '3 syn-ack null null/null']);
    expect(words('reset', 'tcp')).toEqual([...HOPS, '3 rst null null/null']);
    expect(words('prohibited', 'tcp')).toEqual([...HOPS, '3 unreachable 203.0.113.9 3/13']);
    expect(words('silent', 'tcp').slice(0, 3)).toEqual([...HOPS, '3 silence null null/null']);
  });
  test('echo hops', () => {
    expect(words('open', 'icmp')).toEqual([...HOPS, '3 reply 192.0.2.7 null/null']);
    expect(words('prohibited', 'icmp')).toEqual([...HOPS, '3 unreachable 192.0.2.7 3/1']);
    expect(words('silent', 'icmp').slice(2)).toEqual([
      '3 silence null null/null',
      '4 silence null null/null',
      '5 silence null null/null',
    ]);
  });
  test('a Windows without the option says so, and no hop is made up', () => {
    expect(pc('open', true).sweep('tcp')).toMatchObject({
      status: 'unavailable',
      reason: /2004/ as unknown as string,
    });
  });
  test.each(['open', 'silent'] as const)('every socket is closed once (%s)', (end) => {
    const one = pc(end);
    one.sweep('tcp');
    expect(one.closed.length).toBe(one.opened());
    expect(new Set(one.closed).size).toBe(one.opened());
  });
});

describe('octets', () => {
  test.each([
    ['::', new Array(16).fill(0)],
    ['::1', [...new Array(15).fill(0), 1]],
    ['2001:db8::7', [0x20, 1, 0xd, 0xb8, ...new Array(11).fill(0), 7]],
    ['fe80::1:0:0:2', [0xfe, 0x80, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 2]],
    ['192.0.2.7', [192, 0, 2, 7]],
  ])('%s', (text, octets) => {
    expect(addressText(Uint8Array.from(octets as number[]))).toBe(text);
  });
});
