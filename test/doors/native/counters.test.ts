import { describe, expect, it } from 'vitest';
import { arrivalsInStep, martiansAmong } from '../../../src/doors/native/counters.ts';

describe('answers that are thrown away here come in step with what was sent', () => {
  const sent = [0, 6, 12, 18, 24, 30];
  const looked = (atMs: number, count = 1, sinceMs = 10) => ({ fromMs: atMs - sinceMs, atMs, count });
  const followed = (ms: number, times = sent) => times.map((at) => looked(at + ms));
  const repeated = (ms: number) => [...followed(ms), ...followed(ms + 1020)];

  it.each([0.2, 35, 300, 900])('after a round trip of %d ms', (rtt) => {
    expect(arrivalsInStep(sent, repeated(rtt), 2500)).toBe(6);
  });

  it('several noticed at once are several', () => {
    const lumps = [looked(20, 4), looked(31, 2), looked(1045, 7)];
    expect(arrivalsInStep(sent, lumps, 2500)).toBe(6);
  });

  it('on a busy machine that looks late they are still found', () => {
    expect(
      arrivalsInStep(sent, [looked(95, 6, 90), looked(1130, 6, 100), looked(2100, 8, 80)], 2500),
    ).toBeGreaterThanOrEqual(3);
  });

  it('a burst of somebody else is not repeated a second later', () => {
    expect(arrivalsInStep(sent, followed(500), 2500)).toBeLessThan(3);
  });

  it('where the repetition falls out of the time watched the first answers count', () => {
    expect(arrivalsInStep(sent, followed(1400), 2500)).toBeGreaterThanOrEqual(3);
  });

  it.each([40, 50, 200, 500])('a neighbour that looks for printers every %d ms does not', (everyMs) => {
    const noise = Array.from({ length: 2500 / everyMs }, (_, i) => looked(i * everyMs + 7));
    expect(arrivalsInStep(sent, noise, 2500)).toBeLessThan(3);
  });

  it('beside such a neighbour they are still found', () => {
    const noise = Array.from({ length: 12 }, (_, i) => looked(i * 200 + 90));
    expect(arrivalsInStep(sent, [...repeated(4), ...noise], 2500)).toBeGreaterThanOrEqual(3);
  });

  it('nothing sent, nothing in step', () => {
    expect(arrivalsInStep([], followed(10), 2500)).toBe(0);
  });
});

describe('martians among what was not delivered', () => {
  const looks = (...pairs: [undelivered: number, martians: number][]) =>
    martiansAmong(pairs.map(([undelivered, martians]) => ({ undelivered, martians })));

  it('grow in the same look, or one look apart', () => {
    expect(looks([0, 0], [2, 2], [3, 3])).toBe(3);
    expect(looks([0, 1], [1, 1])).toBe(1);
    expect(looks([1, 0], [1, 1])).toBe(1);
  });
  it('of others come in moments of their own', () => {
    expect(looks([0, 3], [0, 3], [3, 3])).toBe(0);
    expect(looks([3, 0], [3, 0], [3, 3])).toBe(0);
    expect(looks([0, 24], [0, 24])).toBe(0);
    expect(looks([4, 1], [4, 1], [4, 1])).toBe(1);
  });
  it('are counted once', () => {
    expect(looks([1, 1], [1, 2], [2, 2])).toBe(2);
    expect(looks([2, 1], [2, 2], [2, 3])).toBe(2);
    expect(looks([5, 5], [4, 5], [5, 5])).toBe(5);
    expect(looks()).toBe(0);
  });
});
