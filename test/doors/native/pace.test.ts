import { describe, expect, it } from 'vitest';
import { type Asked, isLooping, type Limits, nextTurn } from '../../../src/doors/native/pace.ts';
import type { HopAnswer } from '../../../src/model/measured.ts';

type Network = (ttl: number) => { answer: HopAnswer; afterMs: number; from?: string } | null;

/** Plays a sweep against a network that is a function; no socket, no clock. */
function play(network: Network, limits: Partial<Limits> = {}) {
  const asked: Asked[] = [];
  let mostYoung = 0;
  for (let now = 0; now < 20_000; now++) {
    for (const probe of asked) {
      const reply = network(probe.ttl);
      if (probe.answer !== null || reply === null || now < probe.atMs + reply.afterMs) continue;
      probe.answer = reply.answer;
      probe.from = reply.from ?? (reply.answer === 'time-exceeded' ? `hop-${probe.ttl}` : null);
    }
    const turn = nextTurn(asked, { maxTtl: 30, silentLimit: 6, holdMs: 1300, ...limits }, now);
    if (turn.act === 'end') return { asked, endMs: now, mostYoung };
    if (turn.act === 'launch') asked.push({ ttl: asked.length + 1, atMs: now, answer: null, from: null });
    mostYoung = Math.max(mostYoung, asked.filter((a) => a.answer === null && now - a.atMs < 150).length);
  }
  throw new Error('the sweep did not end');
}
const pathOf =
  (length: number, answer: HopAnswer, afterMs = 1): Network =>
  (ttl) => ({ answer: ttl < length ? 'time-exceeded' : answer, afterMs });

describe('the pace of a sweep', () => {
  it('asks nothing beyond the end of a short path', () => {
    const { asked, endMs } = play(pathOf(4, 'rst'));
    expect(asked).toHaveLength(4);
    expect(endMs).toBeLessThan(40);
  });

  it('asks no more than a window beyond the end of a long path', () => {
    const { asked, mostYoung } = play(pathOf(12, 'syn-ack', 80));
    expect(asked.length).toBeLessThanOrEqual(12 + 6);
    expect(mostYoung).toBeLessThanOrEqual(6);
  });

  it('follows a path of 25 hops to its end', () => {
    expect(play(pathOf(25, 'rst', 200)).asked.find(({ answer }) => answer === 'rst')?.ttl).toBe(25);
  });

  it('gives up after the allowed silent hops, once they were asked again', () => {
    const { asked, endMs } = play((ttl) => (ttl <= 3 ? { answer: 'time-exceeded', afterMs: 1 } : null), {
      silentLimit: 5,
    });
    expect(asked).toHaveLength(8);
    expect(endMs).toBeGreaterThan(asked.at(-1)!.atMs + 1000);
  });

  it('holds silent sockets for failures that come after three seconds', () => {
    const { asked, endMs } = play(
      (ttl) =>
        ttl <= 2 ? { answer: 'time-exceeded', afterMs: 1 } : { answer: 'unreachable', afterMs: 3060 },
      {
        holdMs: 3500,
      },
    );
    expect(asked[2]?.answer).toBe('unreachable');
    expect(endMs).toBeGreaterThan(3050);
    expect(endMs).toBeLessThan(3500);
  });

  it('goes on behind a silent router without waiting for it', () => {
    const { asked, endMs } = play((ttl) => (ttl === 2 ? null : pathOf(5, 'rst')(ttl)));
    expect(asked).toHaveLength(5);
    expect(endMs).toBeGreaterThan(1000);
    expect(endMs).toBeLessThan(1400);
  });

  it('goes on where a rate-limited router answers the second asking', () => {
    const { asked } = play((ttl) =>
      ttl >= 4 && ttl <= 9 ? { answer: 'time-exceeded', afterMs: 1001 } : pathOf(12, 'rst')(ttl),
    );
    expect(asked.at(-1)).toMatchObject({ ttl: 12, answer: 'rst' });
  });

  it('stops in a loop', () => {
    const { asked } = play((ttl) => ({ answer: 'time-exceeded', afterMs: 1, from: ttl % 2 ? 'a' : 'b' }));
    expect(asked).toHaveLength(5);
  });

  it('ends at once when nothing can be sent', () => {
    const { asked, endMs } = play(() => ({ answer: 'local-error', afterMs: 0 }), { holdMs: 3500 });
    expect(asked).toHaveLength(1);
    expect(endMs).toBeLessThan(5);
  });

  it('never asks more than maxTtl', () => {
    expect(
      play((ttl) => ({ answer: 'time-exceeded', afterMs: 1, from: `h${ttl}` }), { maxTtl: 9 }).asked,
    ).toHaveLength(9);
  });

  it('ends even where every hop answers only at the very last moment', () => {
    expect(play((ttl) => ({ answer: 'time-exceeded', afterMs: 1290, from: `h${ttl}` })).endMs).toBeLessThan(
      4000,
    );
  });
});

describe('a loop', () => {
  const routers = (...from: (string | null)[]): Asked[] =>
    from.map((address, i) => ({
      ttl: i + 1,
      atMs: 0,
      answer: address === null ? null : 'time-exceeded',
      from: address,
    }));

  it.each([
    ['of two routers', ['a', 'b', 'a', 'b', 'a']],
    ['of three routers', ['x', 'a', 'b', 'c', 'a', 'b', 'c']],
    ['with a silent partner', ['a', null, 'a', null, 'a']],
  ])('%s is seen', (_, from) => {
    expect(isLooping(routers(...from))).toBe(true);
  });

  it.each([
    ['the same router at neighbouring TTLs', ['a', 'b', 'b', 'c']],
    ['a translator that answers for all behind it', ['a', 'n', 'n', 'n', 'n', 'n']],
    ['two pairs of routers that share two addresses', ['a', 'b', 'a', 'b', 'c']],
    ['a detour that comes by once more', ['a', 'b', 'a', 'c']],
  ])('%s is none', (_, from) => {
    expect(isLooping(routers(...from))).toBe(false);
  });
});
