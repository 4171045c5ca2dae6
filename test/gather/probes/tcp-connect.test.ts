import { createServer, type Socket } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { clock } from '../../../src/doors/clock.ts';
import { connectTcp } from '../../../src/doors/tcp.ts';
import type { ConnectTcp, Doors } from '../../../src/doors/types.ts';
import { DECIDED } from '../../../src/gather/probes/probe.ts';
import { strongestOutcome, tcpConnect } from '../../../src/gather/probes/tcp-connect.ts';
import type { ConnectOutcome } from '../../../src/model/measured.ts';
import type { FindingOf, StepOf } from '../../../src/model/probes.ts';
import { closedPort, silentPort } from '../../command/silent-port.ts';

type Finding = FindingOf<'tcp-connect'>;
const doors = { clock, connectTcp } as Doors;

let silent: Awaited<ReturnType<typeof silentPort>>;
beforeAll(async () => {
  silent = await silentPort();
});
afterAll(() => silent.close());

async function probe(
  port: number,
  how: Partial<StepOf<'tcp-connect'>['input']> = {},
  more: { signal?: AbortSignal; connectTcp?: ConnectTcp; partial?: (finding: Finding) => void } = {},
): Promise<{ finding: Finding; partials: Finding[] }> {
  const partials: Finding[] = [];
  const input = {
    address: '127.0.0.1',
    port,
    role: 'target' as const,
    startsMs: [0, 300, 600],
    endMs: 1200,
    stopAtFirstAnswer: true,
    ...how,
  };
  const finding = await tcpConnect(input, {
    doors: { ...doors, connectTcp: more.connectTcp ?? connectTcp },
    signal: more.signal ?? new AbortController().signal,
    partial: (known) => {
      partials.push(known);
      more.partial?.(known);
    },
  });
  return { finding, partials };
}

async function serving(
  onConnection: (socket: Socket) => void,
  test: (port: number) => Promise<void>,
): Promise<void> {
  const server = createServer((socket) => {
    socket.on('error', () => {});
    onConnection(socket);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  await test((server.address() as { port: number }).port);
  server.close();
}

describe('the word for several attempts', () => {
  it.each<[ConnectOutcome[], ConnectOutcome]>([
    [['timeout', 'refused', 'open'], 'open'],
    [['unreachable', 'refused'], 'refused'],
    [['timeout', 'unreachable'], 'unreachable'],
    [['local-error', 'timeout'], 'local-error'],
    [['timeout', 'pending'], 'pending'],
    [['timeout', 'timeout'], 'timeout'],
  ])('%s is %s', (outcomes, word) => {
    expect(strongestOutcome(outcomes.map((outcome) => ({ outcome })))).toBe(word);
  });
});

describe('several sockets to one port', () => {
  it('an open port is asked once', async () => {
    let connections = 0;
    await serving(
      () => {
        connections += 1;
      },
      async (port) => {
        const { finding, partials } = await probe(port);
        expect(finding).toMatchObject({
          outcome: 'open',
          data: { attempts: [{ outcome: 'open', code: null }] },
        });
        expect(finding.data?.attempts).toHaveLength(1);
        expect(partials).toEqual([]);
      },
    );
    expect(connections).toBe(1);
  });

  it('a sample asks as often as it is told to, whatever the first one brought', async () => {
    await serving(
      () => {},
      async (port) => {
        const { finding } = await probe(port, { startsMs: [0, 0, 50], stopAtFirstAnswer: false });
        expect(finding.data?.attempts.map(({ outcome }) => outcome)).toEqual(['open', 'open', 'open']);
        // And keeps its distance: three at once would ask a server for more than it may take.
        expect(finding.data?.attempts[2]?.startMs).toBeGreaterThanOrEqual(45);
      },
    );
  });

  it('a closed port is refused, with its code, and not asked again', async () => {
    const { finding } = await probe(await closedPort());
    expect(finding).toMatchObject({
      outcome: 'refused',
      data: { attempts: [{ outcome: 'refused', code: 'ECONNREFUSED', local: false }] },
    });
    expect(finding.data?.attempts).toHaveLength(1);
  });

  it('a silent port: every socket is given up, and the plan is told long before', async () => {
    const { finding, partials } = await probe(silent.port);
    expect(finding.outcome).toBe('timeout');
    expect(finding.data?.attempts.map(({ outcome }) => outcome)).toEqual(['timeout', 'timeout', 'timeout']);
    expect(partials).toHaveLength(1);
    expect(partials[0]).toMatchObject({ outcome: 'pending' });
  });

  it('what the plan was told stays as it was told', async () => {
    const { partials } = await probe(silent.port);
    expect(partials[0]?.data?.attempts.every(({ outcome }) => outcome === 'pending')).toBe(true);
  });

  it('stopped before an answer: cancelled, with what was tried', async () => {
    const stop = new AbortController();
    let begun = 0;
    const connect: ConnectTcp = (...asked) => {
      const result = connectTcp(...asked);
      if (++begun === 3) stop.abort();
      return result;
    };
    const { finding } = await probe(silent.port, {}, { signal: stop.signal, connectTcp: connect });
    expect(finding).toMatchObject({
      outcome: 'cancelled',
      data: { attempts: [{ outcome: 'pending' }, { outcome: 'pending' }, { outcome: 'pending' }] },
    });
  });

  it('not waited for any longer, since nothing could change: silent, though one was given up by then', async () => {
    const decided = new AbortController();
    let begun = 0;
    const connect: ConnectTcp = async (_, __, { signal }) => {
      begun += 1;
      if (begun === 1) return { outcome: 'timeout', code: null, local: false, elapsedMs: 1000 };
      decided.abort(DECIDED);
      await new Promise<void>((resolve) =>
        signal.aborted ? resolve() : signal.addEventListener('abort', () => resolve()),
      );
      return { outcome: 'cancelled', code: null, local: false, elapsedMs: 1000 };
    };
    const finding = await tcpConnect(
      {
        address: '127.0.0.1',
        port: 1,
        role: 'target',
        startsMs: [0, 10],
        endMs: 20,
        stopAtFirstAnswer: true,
      },
      { doors: { clock, connectTcp: connect } as Doors, signal: decided.signal, partial: () => {} },
    );
    expect(finding.outcome).toBe('timeout');
    expect(finding.data?.attempts.map(({ outcome }) => outcome)).toEqual(['timeout', 'timeout']);
  });

  it('stopped before it began: nothing was tried', async () => {
    const { finding } = await probe(silent.port, {}, { signal: AbortSignal.abort() });
    expect(finding).toMatchObject({ outcome: 'cancelled', data: { attempts: [] } });
  });

  it('sockets that wait beside an answered one are closed, and their silence is not held against the port', async () => {
    let calls = 0;
    const firstIsLost: Doors['connectTcp'] = (address, port, options) => {
      calls += 1;
      return connectTcp(address, calls === 1 ? silent.port : port, options);
    };
    await serving(
      () => {},
      async (port) => {
        const finding = await tcpConnect(
          {
            address: '127.0.0.1',
            port,
            role: 'target',
            startsMs: [0, 100],
            endMs: 5000,
            stopAtFirstAnswer: true,
          },
          {
            doors: { ...doors, connectTcp: firstIsLost },
            signal: new AbortController().signal,
            partial: () => {},
          },
        );
        expect(finding.outcome).toBe('open');
        expect(finding.data?.attempts.map(({ outcome }) => outcome)).toEqual(['pending', 'open']);
      },
    );
  });
});

describe('a first socket that is late', () => {
  it('draws no second one that would not have been wanted', async () => {
    let connections = 0;
    const connectTcp: ConnectTcp = async (_address, _port, { onSent }) => {
      connections++;
      if (onSent === undefined)
        return { outcome: 'open', code: null, local: false, elapsedMs: 0, sourcePort: null };
      await clock.sleep(200);
      onSent(true);
      await clock.sleep(50);
      return { outcome: 'open', code: null, local: false, elapsedMs: 50, sourcePort: null, told: null };
    };
    await tcpConnect(
      {
        address: '192.0.2.7',
        port: 443,
        role: 'target',
        startsMs: [0, 210],
        endMs: 1200,
        stopAtFirstAnswer: true,
      },
      { doors: { clock, connectTcp } as Doors, signal: new AbortController().signal, partial: () => {} },
    );
    expect(connections).toBe(1);
  });
});

describe('IPv6, where Linux keeps a rejection to itself for a second', () => {
  /** Nobody answers connect(); the native socket heard this. */
  const deafDoors = (native: unknown, platform = 'linux'): Doors =>
    ({
      clock,
      platform,
      connectTcp: (
        _address: string,
        _port: number,
        { signal, timeoutMs, onSent }: Parameters<ConnectTcp>[2],
      ) =>
        new Promise((resolve) => {
          onSent?.(false);
          const silent = { outcome: 'timeout', code: null, local: false, elapsedMs: timeoutMs };
          const timer = setTimeout(() => resolve(silent), timeoutMs);
          const end = () => {
            clearTimeout(timer);
            resolve({ outcome: 'cancelled', code: null, local: false, elapsedMs: 0 });
          };
          signal.addEventListener('abort', end, { once: true });
        }),
      native: async () => native,
    }) as unknown as Doors;
  const ask = (native: unknown, { platform = 'linux', endMs = 300 } = {}) =>
    tcpConnect(
      {
        address: '2001:db8::7',
        port: 443,
        role: 'target',
        startsMs: [0],
        endMs,
        stopAtFirstAnswer: true,
      },
      { doors: deafDoors(native, platform), signal: new AbortController().signal, partial: () => {} },
    );
  const rejected = {
    status: 'exchanged',
    connected: false,
    ended: 'unreachable',
    errno: 'EACCES',
    offender: { address: '2001:db8::1', icmpType: 1, icmpCode: 1 },
  };

  it('a rejection that the native socket heard is an attempt like any other', async () => {
    expect(await ask(rejected, { endMs: 60_000 })).toMatchObject({
      outcome: 'unreachable',
      data: { attempts: [{ outcome: 'pending' }, { outcome: 'unreachable', code: 'EACCES', local: false }] },
    });
  });

  it('no sender, no native socket or another system: the plain attempts decide', async () => {
    for (const [native, platform] of [
      [{ ...rejected, offender: null }, 'linux'],
      [{ status: 'unavailable', reason: 'no koffi', enable: null }, 'linux'],
      [rejected, 'darwin'],
    ] as const)
      expect((await ask(native, { platform })).outcome).toBe('timeout');
  });
});
