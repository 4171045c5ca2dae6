import { createHash } from 'node:crypto';
import { afterEach, describe, expect, test } from 'vitest';
import { parseJob } from '../../../src/doors/native/job.ts';
import type { ExchangeJob, NativeDoor, NativeResult } from '../../../src/doors/types.ts';
import { stall } from '../../../src/gather/probes/service.ts';
import { authority } from './certificates.ts';
import { closeAll, context, loopbackDoors, plain, secure } from './listeners.ts';

afterEach(closeAll);

type Exchanged = Extract<NativeResult, { status: 'exchanged' }>;
const NAME = 'real.test';

/** A native child in a network that is described by what it does to each job. */
function network(answer: (job: ExchangeJob, hello: string) => Partial<Exchanged>): NativeDoor {
  return async (job) => {
    if (job.job !== 'exchange') throw new Error('only exchanges are expected here');
    parseJob(JSON.stringify(job)); // the child takes no other
    const hello = Buffer.from(job.sendBase64, 'base64').toString('latin1');
    return {
      status: 'exchanged',
      connected: true,
      ended: 'stalled',
      errno: null,
      offender: null,
      receivedBase64: '',
      pathMtu: 1500,
      sendMss: null,
      receiveMss: null,
      retransmits: 0,
      unacked: 0,
      connectMs: 1,
      ...answer(job, hello),
    };
  };
}
const flight = (length: number): Partial<Exchanged> => ({
  ended: 'data',
  receivedBase64: Buffer.concat([
    Buffer.from([22, 3, 3, 64, 0]),
    createHash('sha256').digest(),
    Buffer.alloc(length),
  ]).toString('base64'),
});
const REQUEST = {
  address: '127.0.0.1',
  request: 'tls',
  serverName: NAME,
  httpHost: NAME,
  timeoutMs: 2000,
} as const;
const ask = (native: NativeDoor, seen: 'stalled' | 'reset' = 'stalled', port = 443, timeoutMs = 2000) =>
  stall({ ...REQUEST, port, seen, timeoutMs }, context(loopbackDoors({ native })));

describe('why TLS stalls', () => {
  test('only small segments are answered: size', async () => {
    const { outcome, data } = await ask(
      network(({ maxSegment }) => (maxSegment !== null && maxSegment <= 1240 ? flight(3000) : {})),
    );
    expect(outcome).toBe('smaller-works');
    expect(data?.mtu).toMatchObject({ passes: 1280, fails: 1340, smallAnswered: false });
  });

  test('what hangs at random is no matter of size', async () => {
    const asked = { small: 0, whole: 0 };
    const flaky = (lucky: (count: typeof asked, isSmall: boolean) => boolean) =>
      network(({ maxSegment }, hello) => {
        if (!hello.startsWith('\x16') || !hello.includes(NAME)) return {};
        const isSmall = maxSegment !== null;
        asked[isSmall ? 'small' : 'whole'] += 1;
        return lucky(asked, isSmall) ? flight(3000) : {};
      });
    const later = await ask(flaky(({ small, whole }, isSmall) => (isSmall ? small === 1 : whole === 2)));
    expect(later.outcome).toBe('answers-now');
    expect(later.data?.variants.find(({ name }) => name === 'as-is')?.asked).toBe(2);
    Object.assign(asked, { small: 0, whole: 0 });
    const neither = await ask(flaky(({ small }, isSmall) => isSmall && small === 1));
    expect(neither.outcome).not.toBe('smaller-works');
  });

  test('a short first record passes and the rest does not: size, too', async () => {
    const { outcome } = await ask(
      network(({ maxSegment }) => (maxSegment === 536 ? flight(3000) : flight(100))),
    );
    expect(outcome).toBe('smaller-works');
  });

  test('only another name is answered, and the request dies after hop 2: content', async () => {
    const { outcome, data } = await ask(
      network(({ ttlAfterConnect: ttl }, hello) => {
        if (!hello.includes(NAME)) return flight(100);
        return {
          unacked: 1,
          retransmits: 2,
          ...(ttl !== null && ttl <= 2 ? { ended: 'unreachable', errno: 'EHOSTUNREACH' } : {}),
        };
      }),
    );
    expect(outcome).toBe('other-name-works');
    expect(data).toMatchObject({ lastHop: 2, resetTtl: null });
  });

  test('the place is found in what is left of the time', async () => {
    const { data } = await ask(
      network(({ ttlAfterConnect: ttl }, hello) => {
        if (!hello.includes(NAME)) return flight(100);
        return ttl !== null && ttl <= 2 ? { ended: 'unreachable', errno: 'EHOSTUNREACH' } : {};
      }),
      'stalled',
      443,
      400,
    );
    expect(data).toMatchObject({ lastHop: 2 });
  });

  test('the smallest TTL that draws the reset is found', async () => {
    const { outcome, data } = await ask(
      network(({ ttlAfterConnect: ttl }, hello) =>
        !hello.includes(NAME) ? flight(100) : ttl !== null && ttl < 3 ? {} : { ended: 'reset' },
      ),
      'reset',
    );
    expect(outcome).toBe('other-name-works');
    expect(data).toMatchObject({ resetTtl: 3, lastHop: 2 });
  });

  test('nothing helps: silence', async () => {
    expect((await ask(network(() => ({})))).outcome).toBe('all-silent');
    expect(
      (
        await ask(
          network(() => ({ ended: 'reset' })),
          'reset',
        )
      ).outcome,
    ).toBe('all-reset');
  });

  test('each shape is given the round trips of a long path', async () => {
    const given = new Set<number>();
    const native = network(({ timeoutMs }) => {
      given.add(timeoutMs);
      return {};
    });
    await stall(
      { ...REQUEST, port: 443, seen: 'reset', roundTripMs: 700.5 },
      context(loopbackDoors({ native })),
    );
    expect([...given]).toEqual([600 + 1401]);
  });

  test('it answers after all', async () => {
    expect((await ask(network(() => flight(3000)))).outcome).toBe('answers-now');
  });
});

describe('without the native child', () => {
  const missing: NativeDoor = async () => ({ status: 'unavailable', reason: 'no koffi', enable: null });

  test('a hello of our own draws the first flight of a real TLS server', async () => {
    const ca = authority();
    const port = await secure(ca.leaf([NAME]));
    ca.dispose();
    const { outcome, data } = await ask(missing, 'stalled', port);
    expect(outcome).toBe('answers-now');
    expect(data?.variants.find(({ name }) => name === 'small-segments')).toMatchObject({
      ended: 'unknown',
      unacked: null,
    });
    expect(data?.variants.find(({ name }) => name === 'as-is')).toMatchObject({ protocol: 'tls' });
  });

  test('what keeps silent for its own protocol is asked in another', async () => {
    const port = await plain((socket) => {
      socket.once('data', (line) => socket.write(`-ERR unknown command '${String(line).split(' ')[0]}'\r\n`));
    });
    const { data } = await stall(
      { ...REQUEST, port, request: 'listen', seen: 'stalled' },
      context(loopbackDoors({ native: missing })),
    );
    expect(data?.variants.find(({ name }) => name === 'plain-http')).toMatchObject({ protocol: 'redis' });
  });

  test('a name that is ignored is told from silence', async () => {
    const port = await plain((socket) => {
      socket.once(
        'data',
        (hello) => hello.includes(NAME) || socket.write(Buffer.from([21, 3, 3, 0, 2, 2, 40])),
      );
    });
    expect((await ask(missing, 'stalled', port)).outcome).toBe('other-name-works');
  });
});
