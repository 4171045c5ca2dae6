import { describe, expect, it } from 'vitest';
import { sharedNativeDoor } from '../../../src/doors/native/shared-client.ts';
import type { NativeDoor, NativeJob, NativeResult } from '../../../src/doors/types.ts';

/** A child that answers sweeps as their port says, and tells each line that it has read to the next sweep of port 9. */
const CHILD = `
const said = [];
require('readline').createInterface({ input: process.stdin }).on('line', (line) => {
  const { id, job, cancel } = JSON.parse(line);
  said.push(cancel === undefined ? 'sweep ' + job.port : 'cancel ' + cancel);
  if (cancel !== undefined || job.port === 1) return;
  const tell = (value) => process.stdout.write(JSON.stringify(value) + '\\n');
  if (job.port === 2) process.exit(7);
  if (job.port === 3) tell({ id, status: 'hop', ttl: 1, from: '10.0.0.1' });
  if (job.port === 4) return tell({ status: 'unavailable', reason: 'koffi-not-loaded', enable: null });
  tell({ id, status: 'swept', trace: { port: job.port, said: job.port === 9 ? said : [] } });
});
`;
const sweep = (port: number): NativeJob => ({
  ...{ job: 'sweep', address: '192.0.2.7', port, protocol: 'tcp', maxTtl: 30, silentLimit: 6, holdMs: 100 },
});
const ready = new AbortController().signal;
const portOf = (result: NativeResult) => (result.status === 'swept' ? result.trace.port : result.status);

function door(alone: NativeDoor = async () => ({ status: 'cancelled' })) {
  return sharedNativeDoor(alone, {
    platform: 'linux',
    environment: process.env,
    command: [process.execPath, '-e', CHILD],
    mostAlone: 1,
  });
}

describe('one child for the sweeps of many targets', () => {
  it('each sweep gets its own result and its own news', async () => {
    const native = door();
    const hops: unknown[] = [];
    const results = await Promise.all([
      native(sweep(5), ready),
      native(sweep(3), ready, { hop: (hop) => hops.push(hop) }),
      native(sweep(6), ready),
    ]);
    expect(results.map(portOf)).toEqual([5, 3, 6]);
    expect(hops).toEqual([{ ttl: 1, from: '10.0.0.1' }]);
  });

  it('one that is no longer wanted ends at once, and the child is told; the others go on', async () => {
    const native = door();
    const stop = new AbortController();
    const silent = native(sweep(1), stop.signal);
    stop.abort();
    expect((await silent).status).toBe('cancelled');
    const told = await native(sweep(9), ready);
    expect(told).toMatchObject({ trace: { said: ['sweep 1', 'cancel 1', 'sweep 9'] } });
  });

  it('a child that dies costs the sweeps at work; the next one has a new child', async () => {
    const native = door();
    const results = await Promise.all([native(sweep(1), ready), native(sweep(2), ready)]);
    expect(results).toEqual(results.map(() => ({ status: 'failed', reason: 'child-ended: exit code 7' })));
    expect(portOf(await native(sweep(5), ready))).toBe(5);
  });

  it('a child without its library says so to all', async () => {
    const native = door();
    const results = await Promise.all([native(sweep(1), ready), native(sweep(4), ready)]);
    expect(results.map(({ status }) => status)).toEqual(['unavailable', 'unavailable']);
  });

  it('what cannot be shared waits for its turn, and what need not be asked is not', async () => {
    const begun: number[] = [];
    const ends: (() => void)[] = [];
    const native = door(async ({ port }) => {
      begun.push(port);
      await new Promise<void>((resolve) => ends.push(resolve));
      return { status: 'cancelled' };
    });
    const job = (port: number): NativeJob => ({ job: 'reply-ttl', address: '192.0.2.7', port });
    const both = [native(job(1), ready), native(job(2), ready)];
    const listen = { ...sweep(3), job: 'exchange', sendBase64: '' } as unknown as NativeJob;
    expect((await native(listen, ready)).status).toBe('unavailable');
    expect(begun).toEqual([1]);
    ends[0]?.();
    await both[0];
    expect(begun).toEqual([1, 2]);
    ends[1]?.();
    await both[1];
  });
});
