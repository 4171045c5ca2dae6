import { sameAddress } from '../../ground/address.ts';
import type { Attempt, SeenPacket } from '../../model/case.ts';

/** By what the other end's packets were recognised as ours, strongest first. */
export type MatchedBy = 'timestamp' | 'mss' | 'source-port' | 'rhythm';

export interface Arrival {
  attempt: Attempt;
  packet: SeenPacket;
  by: MatchedBy;
}

export interface Arrivals {
  /** One for each attempt that was seen. */
  arrivals: Arrival[];
  /** How most of them were recognised; null where none was. */
  by: MatchedBy | null;
  /** The other end's clock minus ours, median; null where nothing was matched. */
  clockOffsetMs: number | null;
}

/** A timestamp is read after the SYN was made, and clocks of both kinds tick by milliseconds. */
const TSVAL_EARLY = 20;
/** A SYN that is sent again carries the milliseconds that passed. */
const TSVAL_LATE = 4000;
const WORD = 2 ** 32;
/** Packets that come by chance do not keep time; fewer than four attempts have no rhythm. */
const RHYTHM_LEAST = 4;
const RHYTHM_SHARE = 0.8;
const RHYTHM_TOLERANCE_MS = 60;
/** SYNs of everybody to the port, for each of ours. */
const RHYTHM_CROWD = 2;
/** Where some packets are recognised by a stronger mark, the weaker ones must agree with their clock. */
const CLOCK_TOLERANCE_MS = 1500;

const sentMs = ({ sentAt }: Attempt): number => Date.parse(sentAt);
const seenMs = ({ time }: SeenPacket): number => time * 1000;

/** Which attempts are among the SYNs that the other end saw: by timestamp, MSS, source port and rhythm, in this order. */
export function arrivalsOf(
  attempts: readonly Attempt[],
  packets: readonly SeenPacket[],
  ports: { target: number; reference: number | null },
  client: string | null,
): Arrivals {
  const syns = packets.filter(({ kind, way }) => kind === 'syn' && way !== 'out');
  const portOf = ({ to }: Attempt): number | null => (to === 'target' ? ports.target : ports.reference);
  const found: Arrival[] = [];
  const used = new Set<SeenPacket>();
  const pair = (by: MatchedBy, fits: (attempt: Attempt, packet: SeenPacket) => boolean): void => {
    const offset = medianOffset(found);
    for (const attempt of attempts) {
      if (found.some((one) => one.attempt === attempt)) continue;
      const packet = syns.find(
        (one) =>
          !used.has(one) &&
          one.toPort === portOf(attempt) &&
          (offset === null || Math.abs(seenMs(one) - sentMs(attempt) - offset) <= CLOCK_TOLERANCE_MS) &&
          fits(attempt, one),
      );
      if (packet === undefined) continue;
      found.push({ attempt, packet, by });
      // The same packet on another interface of the machine: a bridge and its port.
      for (const one of syns)
        if (one.tsval === packet.tsval && one.fromPort === packet.fromPort && one.from === packet.from)
          used.add(one);
    }
  };
  pair('timestamp', ({ tsval }, packet) => {
    if (tsval === null || packet.tsval === null) return false;
    const later = (packet.tsval - tsval + WORD) % WORD;
    return later <= TSVAL_LATE || later >= WORD - TSVAL_EARLY;
  });
  pair('mss', ({ mss }, packet) => mss !== null && packet.mss === mss);
  pair(
    'source-port',
    ({ sourcePort }, packet) =>
      sourcePort !== null &&
      packet.fromPort === sourcePort &&
      client !== null &&
      sameAddress(packet.from, client),
  );
  // Another machine may connect in our place, at our times.
  if (!found.some(({ attempt }) => attempt.to === 'target'))
    found.push(
      ...rhythm(
        attempts,
        syns.filter((one) => !used.has(one)),
        portOf,
        medianOffset(found),
      ),
    );
  return { arrivals: found, by: mostOf(found), clockOffsetMs: medianOffset(found) };
}

/** Arrivals that fit the intervals of the attempts for one offset of the clocks: the one that is known, or any. */
function rhythm(
  attempts: readonly Attempt[],
  all: readonly SeenPacket[],
  portOf: (attempt: Attempt) => number | null,
  known: number | null,
): Arrival[] {
  const ours = attempts.filter(({ to }) => to === 'target');
  const [example] = ours;
  if (example === undefined || ours.length < RHYTHM_LEAST) return [];
  // A SYN that is sent again is no new one.
  const firsts = new Map<string, SeenPacket>();
  for (const one of all) {
    const key = `${one.from} ${one.fromPort} ${one.toPort}`;
    if (one.toPort === portOf(example) && !firsts.has(key)) firsts.set(key, one);
  }
  const syns = [...firsts.values()];
  // Where many others come, some always come in time.
  if (syns.length > ours.length * RHYTHM_CROWD) return [];
  let best: Arrival[] = [];
  for (const first of ours.slice(0, 3)) {
    for (const start of syns) {
      if (start.toPort !== portOf(first)) continue;
      const offset = seenMs(start) - sentMs(first);
      if (known !== null && Math.abs(offset - known) > RHYTHM_TOLERANCE_MS) continue;
      const used = new Set<SeenPacket>();
      const fitting = ours.flatMap((attempt): Arrival[] => {
        const packet = syns.find(
          (one) =>
            !used.has(one) &&
            one.toPort === portOf(attempt) &&
            Math.abs(seenMs(one) - sentMs(attempt) - offset) <= RHYTHM_TOLERANCE_MS,
        );
        if (packet === undefined) return [];
        used.add(packet);
        return [{ attempt, packet, by: 'rhythm' }];
      });
      if (fitting.length > best.length) best = fitting;
    }
  }
  const isEnough = best.length >= RHYTHM_LEAST && best.length >= ours.length * RHYTHM_SHARE;
  return isEnough ? best : [];
}

function medianOffset(found: readonly Arrival[]): number | null {
  const offsets = found.map(({ attempt, packet }) => seenMs(packet) - sentMs(attempt)).sort((a, b) => a - b);
  const middle = offsets[Math.floor(offsets.length / 2)];
  return middle === undefined ? null : Math.round(middle);
}

function mostOf(found: readonly Arrival[]): MatchedBy | null {
  const order: MatchedBy[] = ['timestamp', 'mss', 'source-port', 'rhythm'];
  const count = (by: MatchedBy): number => found.filter((one) => one.by === by).length;
  return found.length === 0 ? null : order.reduce((best, by) => (count(by) > count(best) ? by : best));
}
