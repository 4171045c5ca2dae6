import { describe, expect, it } from 'vitest';
import { arrivalsOf } from '../../src/judge/readings/arrivals.ts';
import type { Attempt, SeenPacket } from '../../src/model/case.ts';

const START = Date.parse('2026-11-27T14:00:00.000Z');
const AT = [0, 430, 1050, 1360, 2240];
const attempts: Attempt[] = AT.map((ms, i) => ({
  n: i + 1,
  sentAt: new Date(START + ms).toISOString(),
  sourcePort: 40_000 + i,
  mss: 1200 + i,
  tsval: 1_000_000 * (i + 1),
  to: 'target',
  result: 'timeout',
}));
/** Seen by a clock that is 37 s fast, behind a translating router. */
const seen: SeenPacket[] = AT.map((ms, i) => ({
  time: (START + ms + 37_000) / 1000,
  way: 'in',
  device: 'eth0',
  from: '198.51.100.7',
  fromPort: 2000 + i,
  to: '203.0.113.80',
  toPort: 8080,
  kind: 'syn',
  ttl: 60,
  mss: 1200 + i,
  tsval: 1_000_000 * (i + 1) + 3,
}));
const ports = { target: 8080, reference: 22 };
const match = (packets: SeenPacket[], tried = attempts, client: string | null = '10.0.0.5') =>
  arrivalsOf(tried, packets, ports, client);

describe('which SYNs are ours', () => {
  it('by timestamp, through translation and with another clock', () => {
    const { arrivals, by, clockOffsetMs } = match(seen);
    expect(arrivals).toHaveLength(5);
    expect([by, clockOffsetMs]).toEqual(['timestamp', 37_000]);
  });
  it('by MSS where timestamps were stripped', () => {
    expect(match(seen.map((one) => ({ ...one, tsval: null })))).toMatchObject({
      by: 'mss',
      clockOffsetMs: 37_000,
    });
  });
  it('by source port where nothing was marked, and only from the same address', () => {
    const plain = seen.map((one, i) => ({ ...one, tsval: null, mss: 1460, fromPort: 40_000 + i }));
    expect(match(plain, attempts, '198.51.100.7').by).toBe('source-port');
    expect(match(plain.slice(0, 2), attempts).by).toBeNull();
  });
  it('by rhythm where a proxy connects in our place', () => {
    const proxied = seen.map((one, i) => ({ ...one, tsval: 9, mss: 1460, fromPort: 7000 + i }));
    expect(match(proxied)).toMatchObject({ by: 'rhythm', clockOffsetMs: 37_000 });
  });
  it('by rhythm where the reference is recognised by its marks, by the same clock', () => {
    const reference: Attempt = { ...attempts[0]!, n: 9, to: 'reference', mss: 1240, tsval: 77_000_000 };
    const arrived: SeenPacket = { ...seen[0]!, toPort: 22, mss: 1240, tsval: 77_000_001 };
    const proxied = seen.map((one, i) => ({ ...one, tsval: 9, mss: 1460, fromPort: 7000 + i }));
    const found = match([arrived, ...proxied], [...attempts, reference]);
    expect(found.arrivals.filter(({ by }) => by === 'rhythm')).toHaveLength(5);
    const late = proxied.map((one) => ({ ...one, time: one.time + 1 }));
    expect(match([arrived, ...late], [...attempts, reference]).arrivals).toHaveLength(1);
  });
  it('where many others come, some always come in time, and nothing is taken for ours', () => {
    const crowd = Array.from({ length: 100 }, (_, i) => ({
      ...seen[0]!,
      time: seen[0]!.time + i * 0.03,
      tsval: 9,
      mss: 1460,
      fromPort: 9000 + i,
    }));
    expect(match(crowd).arrivals).toEqual([]);
  });
  it('other traffic keeps no time, and three attempts have no rhythm', () => {
    const chance = seen.map((one, i) => ({
      ...one,
      tsval: null,
      mss: null,
      time: one.time + i * 0.7,
      fromPort: 9 + i,
    }));
    expect(match(chance).arrivals).toEqual([]);
    const proxied = seen.map((one) => ({ ...one, tsval: null, mss: null }));
    expect(match(proxied, attempts.slice(0, 3)).arrivals).toEqual([]);
  });
  it('a SYN on a bridge and on its port counts once; one to another port is not ours', () => {
    expect(match([...seen, ...seen.map((one) => ({ ...one, device: 'br0' }))]).arrivals).toHaveLength(5);
    expect(match(seen.map((one) => ({ ...one, toPort: 443 }))).arrivals).toEqual([]);
  });
  it('a mark that the timestamps do not bear out in time is not taken', () => {
    const stale = { ...seen[4]!, tsval: null, time: seen[4]!.time + 600 };
    expect(match([...seen.slice(0, 4), stale]).arrivals).toHaveLength(4);
  });

  it.each([
    [1500, 5],
    [1501, 4],
  ])('a weaker mark that comes %i ms off the clock of the others: %i of ours', (ms, count) => {
    const off = { ...seen[4]!, tsval: null, time: seen[4]!.time + ms / 1000 };
    expect(match([...seen.slice(0, 4), off]).arrivals).toHaveLength(count);
  });
  it.each([
    [4000, 'timestamp'],
    [4001, 'mss'],
    [-20, 'timestamp'],
    [-21, 'mss'],
  ])('a timestamp that is %i ms from the one that was sent is matched by %s', (ms, by) => {
    expect(match(seen.map((one, i) => ({ ...one, tsval: attempts[i]!.tsval! + ms }))).by).toBe(by);
  });
  it.each([
    [60, 'rhythm'],
    [61, null],
  ])('packets that are %i ms off the beat: %s', (ms, by) => {
    const plain = { tsval: null, mss: null };
    const proxied = seen.map((one, i) => ({ ...one, ...plain, time: one.time + (i > 2 ? ms / 1000 : 0) }));
    // Fewer than four in time are no rhythm.
    expect(match(proxied.slice(0, 4), attempts.slice(0, 4)).by).toBe(by);
  });
  it('four of five in time are a rhythm, four of six are none', () => {
    const proxied = seen.slice(0, 4).map((one) => ({ ...one, tsval: null, mss: null }));
    expect(match(proxied).by).toBe('rhythm');
    const late = { ...attempts[4]!, n: 6, sentAt: new Date(START + 3100).toISOString() };
    expect(match(proxied, [...attempts, late]).by).toBeNull();
  });

  it('a timestamp that has run over is recognised, and one from the other half of the circle is not', () => {
    const sent = [{ ...attempts[0]!, tsval: 2 ** 32 - 6, mss: null }];
    const at = (tsval: number) => match([{ ...seen[0]!, tsval }], sent).by;
    expect([at(5), at(3995), at(2 ** 31 - 6), at(2 ** 31 + 5)]).toEqual(['timestamp', null, null, null]);
  });
});

describe('a rhythm', () => {
  /** No two intervals are alike. */
  const beat = (n: number): number => n * 400 + ((n * n * 37) % 331);
  const made = (many: number): Attempt[] =>
    Array.from({ length: many }, (_, i) => ({
      ...attempts[0]!,
      n: i + 1,
      sentAt: new Date(START + beat(i)).toISOString(),
    }));
  const came = (n: number, port = 7000 + n): SeenPacket => ({
    ...seen[0]!,
    tsval: null,
    mss: null,
    fromPort: port,
    time: (START + beat(n) + 37_000) / 1000,
  });
  const arrived = (many: number, ...lost: number[]) =>
    Array.from({ length: many }, (_, i) => i + 1)
      .filter((n) => !lost.includes(n))
      .map((n) => came(n - 1));
  const by = (many: number, packets: SeenPacket[]) => match(packets, made(many)).by;

  it.each([
    ['four of five', 5, [5], 'rhythm'],
    ['eight of ten', 10, [9, 10], 'rhythm'],
    ['seven of nine', 9, [8, 9], null],
    ['eleven of fourteen', 14, [12, 13, 14], null],
  ])('needs four of five of ours: %s', (_, many, lost, expected) => {
    expect(by(many, arrived(many, ...lost))).toBe(expected);
  });
  it.each([
    ['the first two', 10, [1, 2], 'rhythm'],
    ['the second and the third', 10, [2, 3], 'rhythm'],
    ['the first three', 15, [1, 2, 3], null],
  ])('is heard from one of the first three on: lost are %s', (_, many, lost, expected) => {
    expect(by(many, arrived(many, ...lost))).toBe(expected);
  });
  it.each([
    [5, 'rhythm'],
    [6, null],
  ])('is not heard in a crowd: five of ours, and %i of others', (others, expected) => {
    const crowd = Array.from({ length: others }, (_, i) => ({
      ...came(0, 9000 + i),
      time: (START + 90_000 + i * 7000) / 1000,
    }));
    expect(by(5, [...arrived(5), ...crowd])).toBe(expected);
  });
});
