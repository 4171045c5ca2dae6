import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { AF_INET, AF_INET6 } from '../../../src/doors/native/windows/layout.ts';
import type { WindowsLibrary } from '../../../src/doors/native/windows/library.ts';
import { windowsNetwork } from '../../../src/doors/native/windows/network.ts';
import {
  type Adapter,
  decodeAdapters,
  decodeBestRoute,
  encodeInet,
  inetText,
  neighbourState,
} from '../../../src/doors/native/windows/tables-layout.ts';
import type { NativeResult } from '../../../src/doors/types.ts';

const BASE = 0x1d2_0000_1000n;

/** A list of IP_ADAPTER_ADDRESSES_LH as GetAdaptersAddresses writes it: pointers into its own buffer. */
function adaptersTable(adapters: readonly Adapter[], base = BASE): Buffer {
  const table = Buffer.alloc(16 * 1024);
  let end = 0;
  const take = (size: number): number => {
    const at = end;
    end += Math.ceil(size / 8) * 8;
    return at;
  };
  const point = (from: number, to: number) => table.writeBigUInt64LE(base + BigInt(to), from);
  const socketAddress = (at: number, address: string) => {
    const inet = encodeInet(address, 0);
    const size = address.includes(':') ? 28 : 16;
    const to = take(28);
    inet.copy(table, to);
    point(at, to);
    table.writeInt32LE(size, at + 8);
  };
  const chain = <T>(
    from: number,
    items: readonly T[],
    size: number,
    write: (at: number, item: T) => void,
  ) => {
    let link = from;
    for (const item of items) {
      const at = take(size);
      point(link, at);
      write(at, item);
      link = at + 8;
    }
  };
  let link: number | null = null;
  for (const one of adapters) {
    const at = take(448);
    if (link !== null) point(link, at);
    link = at + 8;
    table.writeUInt32LE(448, at);
    table.writeUInt32LE(one.index, at + 4);
    table.writeUInt32LE(one.type, at + 100);
    table.writeInt32LE(one.up ? 1 : 2, at + 104);
    table.writeUInt32LE(one.index6, at + 108);
    const name = take(2 * one.name.length + 2);
    table.write(one.name, name, 'utf16le');
    point(at + 72, name);
    chain(at + 24, one.addresses, 64, (unicast, { address, prefix }) => {
      socketAddress(unicast + 16, address);
      table.writeUInt8(prefix, unicast + 56);
    });
    chain(at + 48, one.resolvers, 32, (server, address) => socketAddress(server + 16, address));
  }
  return table.subarray(0, end);
}

const ETHERNET: Adapter = {
  index: 11,
  index6: 11,
  name: 'Ethernet',
  up: true,
  type: 6,
  addresses: [
    { address: 'fe80::1:2', prefix: 64 },
    { address: '192.168.1.20', prefix: 24 },
  ],
  resolvers: ['192.168.1.1', 'fec0:0:0:ffff::1'],
};
const TUNNEL: Adapter = {
  index: 23,
  index6: 24,
  name: '\u041f\u043e\u0434\u043a\u043b\u044e\u0447\u0435\u043d\u0438\u0435 2',
  up: true,
  type: 53,
  addresses: [{ address: '10.8.0.2', prefix: 24 }],
  resolvers: ['10.8.0.53'],
};
const OFF: Adapter = {
  ...ETHERNET,
  index: 5,
  name: 'Wi-Fi',
  up: false,
  type: 71,
  addresses: [],
  resolvers: ['198.51.100.53'],
};
const ALL = [OFF, ETHERNET, TUNNEL];

interface Pc {
  error: number;
  /** The next hop of the route; null = on the link. */
  nextHop: string | null;
  index: number;
  neighbour: number | null;
  tableError: number;
}
function asked(address: string, wish: Partial<Pc> = {}): NativeResult & { calls: string[] } {
  const pc: Pc = { error: 0, nextHop: '192.168.1.1', index: 11, neighbour: 5, tableError: 0, ...wish };
  const calls: string[] = [];
  const never = (): never => {
    throw new Error('nothing is sent');
  };
  const table = adaptersTable(ALL);
  const library: WindowsLibrary = {
    ...(Object.fromEntries(
      [
        'socket',
        'setsockopt',
        'getsockopt',
        'ioctlsocket',
        'connect',
        'WSAPoll',
        'closesocket',
        'lastError',
        'IcmpCreateFile',
        'IcmpSendEcho',
        'IcmpCloseHandle',
      ].map((name) => [name, never]),
    ) as unknown as WindowsLibrary),
    addressOf: () => BASE,
    GetAdaptersAddresses: (_family, _flags, into, size) => {
      if (pc.tableError !== 0) return pc.tableError;
      // Too small the first time, as on a machine with many adapters.
      if (calls.length === 0) {
        calls.push('overflow');
        size.writeUInt32LE(48 * 1024, 0);
        return 111;
      }
      calls.push(`table ${into.length}`);
      table.copy(into);
      return 0;
    },
    GetBestRoute2: (interfaceIndex, destination, row, source) => {
      calls.push(`route ${inetText(destination)} by ${interfaceIndex}`);
      row.writeUInt32LE(pc.index, 8);
      encodeInet(pc.nextHop ?? (address.includes(':') ? '::' : '0.0.0.0'), 0).copy(row, 44);
      encodeInet('192.168.1.20', 0).copy(source, 0);
      return pc.error;
    },
    GetIpNetEntry2: (row) => {
      calls.push(`neighbour ${inetText(row)} on ${row.readUInt32LE(28)}`);
      if (pc.neighbour === null) return 1168;
      row.writeUInt32LE(pc.neighbour, 76);
      return 0;
    },
  };
  return { ...windowsNetwork(library, { job: 'network', address, port: 0 }), calls };
}

describe('the tables of Windows, through a fake library', () => {
  test('a route by a gateway, its state, and whom this machine asks', () => {
    const read = asked('192.0.2.7');
    expect(read).toMatchObject({
      status: 'network',
      route: {
        kind: 'unicast',
        device: 'Ethernet',
        gateway: '192.168.1.1',
        source: '192.168.1.20',
        onLink: false,
      },
      neighbour: { address: '192.168.1.1', state: 'REACHABLE' },
      // That of the route first; none of an adapter that is off, none that nobody configured.
      resolvers: ['192.168.1.1', '10.8.0.53'],
    });
    expect(read.calls).toEqual([
      'overflow',
      'table 49152',
      'route 192.0.2.7 by 0',
      'neighbour 192.168.1.1 on 11',
    ]);
  });

  test('adapters with their flags, in any script', () => {
    const read = asked('192.0.2.7');
    if (read.status !== 'network') throw new Error(read.status);
    expect(read.interfaces.map(({ name, up, pointToPoint }) => [name, up, pointToPoint ?? false])).toEqual([
      ['Wi-Fi', false, false],
      ['Ethernet', true, false],
      [TUNNEL.name, true, true],
    ]);
    expect(read.interfaces[1]?.addresses).toEqual([
      { address: 'fe80::1:2', prefix: 64, family: 6 },
      { address: '192.168.1.20', prefix: 24, family: 4 },
    ]);
  });

  test('on the own link the host itself is looked for', () => {
    expect(asked('192.168.1.9', { nextHop: null, neighbour: 0 })).toMatchObject({
      route: { kind: 'unicast', gateway: null, onLink: true },
      neighbour: { address: '192.168.1.9', state: 'FAILED' },
    });
  });

  test('an own address, and a neighbour that nobody looked for', () => {
    expect(asked('192.168.1.20', { nextHop: null })).toMatchObject({
      route: { kind: 'local' },
      neighbour: null,
    });
    expect(asked('192.0.2.7', { neighbour: null })).toMatchObject({ neighbour: null });
  });

  test('a link-local address by the interface that its zone names', () => {
    expect(asked('fe80::9%24', { nextHop: null, index: 24 }).calls).toContain('route fe80::9 by 24');
    expect(asked('fe80::9%24', { nextHop: null, index: 24 })).toMatchObject({
      route: { device: TUNNEL.name },
    });
  });

  test.each([1168, 1231, 1232])('error %i is no route; any other is not known', (error) => {
    expect(asked('192.0.2.7', { error })).toMatchObject({ route: { kind: 'none' }, neighbour: null });
    expect(asked('192.0.2.7', { error: 50 })).toMatchObject({ route: { kind: 'unknown' }, neighbour: null });
  });

  test('without the table of adapters nothing is claimed', () => {
    expect(asked('192.0.2.7', { tableError: 50 })).toMatchObject({ status: 'unavailable' });
  });
});

describe('octets', () => {
  test('the best route: its interface and its next hop', () => {
    const row = Buffer.alloc(104);
    row.writeUInt32LE(11, 8);
    row.writeUInt16LE(AF_INET, 44);
    Buffer.from([192, 168, 1, 1]).copy(row, 48);
    expect(decodeBestRoute(row)).toEqual({ interfaceIndex: 11, nextHop: '192.168.1.1' });
    row.fill(0, 48, 52);
    expect(decodeBestRoute(row)).toEqual({ interfaceIndex: 11, nextHop: null });
    row.writeUInt16LE(AF_INET6, 44);
    expect(decodeBestRoute(row)).toEqual({ interfaceIndex: 11, nextHop: null });
    Buffer.from([0xfe, 0x80]).copy(row, 52);
    row.writeUInt8(1, 67);
    expect(decodeBestRoute(row)).toEqual({ interfaceIndex: 11, nextHop: 'fe80::1' });
  });

  test('a state that has no name is not known', () => {
    const row = Buffer.alloc(88);
    row.writeUInt32LE(7, 76);
    expect(neighbourState(row)).toBe(null);
    row.writeUInt32LE(1, 76);
    expect(neighbourState(row)).toBe('INCOMPLETE');
  });

  test('what was written is read, wherever it lies', () => {
    fc.assert(
      fc.property(fc.bigInt({ min: 0n, max: 2n ** 47n }), (base) => {
        expect(decodeAdapters(adaptersTable(ALL, base), base)).toEqual(ALL);
      }),
    );
  });

  test('pointers to anywhere, and lists in a circle, end', () => {
    fc.assert(
      fc.property(fc.array(fc.nat({ max: 1500 }), { maxLength: 8 }), fc.nat({ max: 1500 }), (at, to) => {
        const table = adaptersTable(ALL);
        for (const one of at) table.writeBigUInt64LE(BASE + BigInt(to), Math.min(one, table.length - 8));
        expect(decodeAdapters(table, BASE).length).toBeLessThanOrEqual(256);
      }),
    );
    expect(decodeAdapters(Buffer.alloc(8), BASE)).toEqual([]);
  });
});
