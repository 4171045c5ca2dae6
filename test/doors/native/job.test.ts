import { expect, it } from 'vitest';
import { parseJob } from '../../../src/doors/native/job.ts';
import { nextThresholds } from '../../../src/doors/native/reply-ttl.ts';

const sweep = {
  job: 'sweep',
  address: '192.0.2.1',
  port: 1,
  protocol: 'tcp',
  maxTtl: 30,
  silentLimit: 6,
  holdMs: 0,
};

it('a job within its bounds passes', () => {
  expect(parseJob(JSON.stringify(sweep))).toEqual(sweep);
});

it.each([
  ['a name for an address', { address: 'example.net' }, 'IP literal'],
  ['a port out of range', { port: 65_536 }, 'job.port'],
  ['a TTL too far', { maxTtl: 65 }, 'job.maxTtl'],
  ['a number as text', { holdMs: '3' }, 'job.holdMs'],
  ['another protocol', { protocol: 'sctp' }, 'job.protocol'],
  ['another job', { job: 'format-disk' }, 'job.job'],
])('a job with %s is refused', (_, change, message) => {
  expect(() => parseJob(JSON.stringify({ ...sweep, ...change }))).toThrow(message);
});

it('a search for the reply TTL ends, whatever the TTL is and however many are asked at once', () => {
  for (const count of [1, 3])
    for (let ttl = 1; ttl <= 255; ttl++) {
      let [low, high] = ttl < 65 ? [1, 65] : ttl < 129 ? [65, 129] : [129, 256];
      let rounds = 0;
      while (high - low > 1) {
        const cuts = nextThresholds(low, high, count);
        expect(cuts.length).toBeGreaterThan(0);
        for (const cut of cuts) {
          if (ttl >= cut) low = Math.max(low, cut);
          else high = Math.min(high, cut);
        }
        expect(++rounds).toBeLessThanOrEqual(count === 1 ? 11 : 7);
      }
      expect(low).toBe(ttl);
    }
});
