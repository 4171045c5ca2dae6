import { describe, expect, it } from 'vitest';
import type { Doors, NativeJob, NativeResult } from '../../../src/doors/types.ts';
import type { ProbeContext } from '../../../src/gather/probes/probe.ts';
import { replyTtl } from '../../../src/gather/probes/reply-ttl.ts';
import { sweepOutcome, traceSyn } from '../../../src/gather/probes/trace-syn.ts';
import type { HopAnswer, Trace, TraceProtocol, TtlReply } from '../../../src/model/measured.ts';

const reply = (ttl: number, answer: HopAnswer, from: string | null = null): TtlReply => ({
  ttl,
  answer,
  from,
  icmpType: null,
  icmpCode: null,
  errno: null,
  rttMs: 1,
  sent: 1,
});
const trace = (replies: TtlReply[], protocol: TraceProtocol = 'tcp'): Trace => ({
  method: 'tcp-syn',
  protocol,
  port: 443,
  address: '192.0.2.9',
  replies,
  counters: null,
});
const hops = (...from: string[]) => from.map((address, i) => reply(i + 1, 'time-exceeded', address));

describe('the outcome of a sweep', () => {
  it('is reached where the end answered in its own protocol', () => {
    expect(sweepOutcome(trace([...hops('a', 'b'), reply(3, 'syn-ack')]))).toBe('reached');
    expect(sweepOutcome(trace([...hops('a', 'b'), reply(3, 'rst')]))).toBe('reached');
  });
  it('is rejected where ICMP said so, the target included', () => {
    expect(sweepOutcome(trace([...hops('a'), reply(2, 'unreachable', 'a')]))).toBe('rejected');
    expect(sweepOutcome(trace([...hops('a'), reply(2, 'unreachable', '192.0.2.9')]))).toBe('rejected');
  });
  it('is reached where the target itself says that a UDP port is closed', () => {
    expect(sweepOutcome(trace([reply(1, 'unreachable', '192.0.2.9')], 'udp'))).toBe('reached');
    expect(sweepOutcome(trace([reply(1, 'unreachable', 'a')], 'udp'))).toBe('rejected');
  });
  it('is stopped where silence has the last word, whatever was silent before', () => {
    expect(sweepOutcome(trace([...hops('a'), reply(2, 'silence'), reply(3, 'silence')]))).toBe('stopped');
    expect(sweepOutcome(trace([reply(1, 'silence'), reply(2, 'rst')]))).toBe('reached');
    expect(sweepOutcome(trace([]))).toBe('stopped');
  });
  it('is looping where routers come again, and not where one answers twice in a row', () => {
    expect(sweepOutcome(trace(hops('a', 'b', 'a', 'b')))).toBe('looping');
    expect(sweepOutcome(trace(hops('a', 'b', 'b', 'b')))).toBe('stopped');
  });
  it('is a local error where nothing was sent', () => {
    expect(sweepOutcome(trace([reply(1, 'local-error')]))).toBe('local-error');
  });
  it('is decided by the smallest TTL that brought an end', () => {
    expect(sweepOutcome(trace([reply(3, 'rst'), reply(2, 'unreachable', 'a')]))).toBe('rejected');
  });
});

describe('the probes of the native child', () => {
  const input = {
    address: '192.0.2.9',
    port: 443,
    protocol: 'tcp',
    role: 'target',
    holdMs: 3500,
    maxTtl: 30,
    silentLimit: 6,
  } as const;
  const context = (result: NativeResult, jobs: NativeJob[] = []) => {
    const native = async (job: NativeJob) => {
      jobs.push(job);
      return result;
    };
    return {
      doors: { native } as unknown as Doors,
      signal: new AbortController().signal,
      partial: () => {},
    } as ProbeContext<never>;
  };

  it('ask for one sweep and hand on its trace', async () => {
    const jobs: NativeJob[] = [];
    const swept = trace([...hops('a'), reply(2, 'rst')]);
    const finding = await traceSyn(input, context({ status: 'swept', trace: swept }, jobs));
    expect(finding).toEqual({ outcome: 'reached', reason: null, data: swept });
    const { role: _, ...asked } = input;
    expect(jobs).toEqual([{ job: 'sweep', ...asked }]);
  });

  it('say how to get what is missing', async () => {
    const missing: NativeResult = {
      status: 'unavailable',
      reason: 'koffi is missing',
      enable: 'npm install koffi',
    };
    const expected = {
      outcome: 'not-available',
      reason: 'koffi is missing',
      data: null,
      enable: 'npm install koffi',
    };
    expect(await traceSyn(input, context(missing))).toEqual(expected);
    expect(await replyTtl(input, context(missing))).toEqual(expected);
  });

  it('tell cancelled from failed', async () => {
    expect((await traceSyn(input, context({ status: 'cancelled' }))).outcome).toBe('cancelled');
    expect((await replyTtl(input, context({ status: 'failed', reason: 'SIGSEGV' }))).outcome).toBe('failed');
    expect(
      (await traceSyn(input, context({ status: 'reply-ttl', answer: null, ttl: null, sent: 2 }))).outcome,
    ).toBe('failed');
  });

  it('measure a TTL only where there is one', async () => {
    expect(
      await replyTtl(input, context({ status: 'reply-ttl', answer: 'rst', ttl: 62, sent: 8 })),
    ).toMatchObject({
      outcome: 'measured',
      data: { port: 443, answer: 'rst', ttl: 62, sent: 8 },
    });
    expect(
      await replyTtl(input, context({ status: 'reply-ttl', answer: null, ttl: null, sent: 2 })),
    ).toMatchObject({
      outcome: 'not-measured',
      reason: 'no-tcp-answer',
    });
  });
});
