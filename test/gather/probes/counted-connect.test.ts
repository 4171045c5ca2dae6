import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { clock } from '../../../src/doors/clock.ts';
import { readText } from '../../../src/doors/read-text.ts';
import { connectTcp } from '../../../src/doors/tcp.ts';
import type { ConnectResult, Doors } from '../../../src/doors/types.ts';
import { countedConnect } from '../../../src/gather/probes/counted-connect.ts';
import { closedPort } from '../../command/silent-port.ts';

const input = { address: '192.0.2.7', port: 8080, connections: 2, timeoutMs: 300, quietMs: 0 };

/** A kernel that has counted what `readings` say, one after the other. */
function kernel(...readings: { requests: number; transmits: number; unreachables: number; wire: number }[]) {
  let read = 0;
  return async (path: string): Promise<string | null> => {
    const now = readings[Math.min(read, readings.length - 1)]!;
    if (path === '/proc/net/dev') {
      read++;
      return `lo: 0 0 0 0 0 0 0 0 0 ${now.wire} 0 0 0 0 0 0\n`;
    }
    if (path !== '/proc/net/snmp') return null;
    return `Ip: OutRequests OutTransmits InReceives InDelivers\nIp: ${now.requests} ${now.transmits} 5 5\nIcmp: InDestUnreachs\nIcmp: ${now.unreachables}\n`;
  };
}

const answers =
  (result: Omit<ConnectResult, 'elapsedMs' | 'local'>): Doors['connectTcp'] =>
  async () => ({ ...result, local: false, elapsedMs: 1 });
const run = (doors: Partial<Doors>, signal = new AbortController().signal) =>
  countedConnect(input, {
    doors: { platform: 'linux', clock, ...doors } as Doors,
    signal,
    partial: () => {},
  });

describe('counted connections', () => {
  const refused = answers({ outcome: 'refused', code: 'ECONNREFUSED' });

  it('tell what was counted while they were made, and until they ended', async () => {
    const readText = kernel(
      { requests: 100, transmits: 100, unreachables: 7, wire: 50 },
      { requests: 102, transmits: 102, unreachables: 7, wire: 52 },
      { requests: 102, transmits: 102, unreachables: 9, wire: 52 },
    );
    expect(await run({ connectTcp: refused, readText })).toMatchObject({
      outcome: 'refused',
      data: {
        results: [{ outcome: 'refused' }, { outcome: 'refused' }],
        sending: { unsent: 0, unreachables: 0, onLoopback: 2 },
        whole: { unsent: 0, unreachables: 2, onLoopback: 2 },
      },
    });
  });

  it('SYNs that stayed inside show at once', async () => {
    const readText = kernel(
      { requests: 100, transmits: 100, unreachables: 0, wire: 50 },
      { requests: 102, transmits: 100, unreachables: 0, wire: 50 },
    );
    const silent = answers({ outcome: 'timeout', code: null });
    const { outcome, data } = await run({ connectTcp: silent, readText });
    expect(outcome).toBe('timeout');
    expect(data?.sending).toMatchObject({ unsent: 2, onLoopback: 0 });
  });

  it('where no file can be read nothing is connected to', async () => {
    const connectTcp = () => {
      throw new Error('connected');
    };
    expect(await run({ connectTcp, readText: async () => null })).toMatchObject({ outcome: 'not-available' });
    expect(await run({ connectTcp, platform: 'darwin', readText })).toMatchObject({
      outcome: 'not-available',
    });
  });

  it('a counter that this kernel does not have is unknown', async () => {
    const readText = async (path: string) => (path === '/proc/net/snmp' ? 'Ip: OutRequests\nIp: 3\n' : null);
    const { data } = await run({ connectTcp: refused, readText });
    expect(data?.whole).toMatchObject({ unsent: null, undelivered: null, unreachables: null });
  });

  it('stopped in the middle is cancelled', async () => {
    const stop = new AbortController();
    const connectTcp: Doors['connectTcp'] = async () => {
      stop.abort();
      return { outcome: 'cancelled', code: null, local: false, elapsedMs: 1 };
    };
    const readText = kernel({ requests: 1, transmits: 1, unreachables: 0, wire: 0 });
    expect(await run({ connectTcp, readText }, stop.signal)).toMatchObject({
      outcome: 'cancelled',
      data: null,
    });
  });

  it.skipIf(!hasCounters())(
    'to a closed port of this machine are refused, and the kernel counts',
    async () => {
      const port = await closedPort();
      const finding = await countedConnect(
        { ...input, address: '127.0.0.1', port },
        {
          doors: { platform: 'linux', clock, connectTcp, readText } as Doors,
          signal: new AbortController().signal,
          partial: () => {},
        },
      );
      expect(finding).toMatchObject({
        outcome: 'refused',
        data: { whole: { undelivered: expect.any(Number) } },
      });
    },
  );
});

function hasCounters(): boolean {
  try {
    return readFileSync('/proc/net/snmp', 'latin1').startsWith('Ip:');
  } catch {
    return false;
  }
}
