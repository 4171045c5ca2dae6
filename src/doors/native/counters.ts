import { readFileSync } from 'node:fs';
import type { Family } from '../../model/request.ts';
import {
  KERNEL_COUNTER_FILES,
  type KernelCounters,
  parsePairedCounters,
} from '../../parsers/kernel-counters.ts';

function read(names: (keyof typeof KERNEL_COUNTER_FILES)[]): KernelCounters {
  const all = new Map<string, number>();
  for (const name of names) {
    const { path, parse } = KERNEL_COUNTER_FILES[name];
    try {
      for (const [counter, value] of parse(readFileSync(path, 'latin1'))) all.set(counter, value);
    } catch {
      // Unknown from here on: every counter of this file, and with it the differences that need it (null).
    }
  }
  return all;
}

/** Counters of this network namespace now (an ordinary user may read them). A file that cannot be read leaves its counters out. */
export const readKernelCounters = (): KernelCounters => read(['snmp', 'netstat', 'snmp6', 'routes']);

/** What `undelivered` of one family needs, and no more: cheap enough to be asked every few milliseconds. */
export const readIpCounters = (family: Family): KernelCounters =>
  read(family === 6 ? ['snmp6'] : ['snmp', 'netstat', 'routes']);

/** What the sending of one packet of the family may change at once. */
export const readSendCounters = (family: Family): KernelCounters =>
  read([family === 6 ? 'snmp6' : 'snmp', 'dev']);

/** TCPMinTTLDrop alone, cheap enough to be asked every millisecond; null where it cannot be read. */
export function readMinTtlDrops(): number | null {
  try {
    return (
      parsePairedCounters(readFileSync('/proc/net/netstat', 'latin1')).get('TcpExt.TCPMinTTLDrop') ?? null
    );
  } catch {
    // Unknown: whether the kernel dropped an answer for its TTL.
    return null;
  }
}

/** Packets that were delivered nowhere: they came after `fromMs`, the look before, and had come at `atMs`. */
export interface Arrival {
  fromMs: number;
  atMs: number;
  count: number;
}

/** What had been counted at one look, since the beginning. */
export interface Look {
  undelivered: number;
  martians: number;
}

/**
 * How many of the undelivered were martians: both grew in the same look, or one in the look after the other's (the files
 * are not read in one instant). Martians of other network namespaces come in moments of their own.
 */
export function martiansAmong(looks: readonly Look[]): number {
  let among = 0;
  let before = { undelivered: 0, martians: 0 };
  let left = { undelivered: 0, martians: 0 };
  const grown = (now: number, then: number): number => Math.max(0, now - then);
  for (const look of looks) {
    const undelivered = left.undelivered + grown(look.undelivered, before.undelivered);
    const martians = left.martians + grown(look.martians, before.martians);
    const both = Math.min(undelivered, martians);
    among += both;
    left = {
      undelivered: Math.min(undelivered - both, grown(look.undelivered, before.undelivered)),
      martians: Math.min(martians - both, grown(look.martians, before.martians)),
    };
    before = look;
  }
  return among;
}

/** Round trips longer than this are not looked for. */
const LONGEST_RTT_MS = 1500;
/** The kernel sends a SYN again after 1 s, timers being a little late. */
const RESENT_MS = 1000;
const TIMER_MS = 150;
/** The steps in which arrivals are looked for. */
export const STEP_MS = 10;

/**
 * How many of the packets sent were followed, all after about the same time, by one that was not delivered: the answers
 * to them, thrown away here. Noise comes when it comes; what it may have brought by chance (its mean and two standard
 * deviations) is taken off. The repetition one second later must bring as many where it falls into the time watched.
 */
export function arrivalsInStep(
  sentMs: readonly number[],
  arrivals: readonly Arrival[],
  watchedMs: number,
): number {
  const first = Math.min(...sentMs);
  const last = Math.max(...sentMs);
  const total = arrivals.reduce((sum, { count }) => sum + count, 0);
  const between = (from: number, to: number): number =>
    arrivals
      .filter(({ fromMs, atMs }) => atMs >= from && fromMs <= to)
      .reduce((sum, { count }) => sum + count, 0);
  const trips = sentMs.flatMap((sent) =>
    arrivals.flatMap(({ fromMs, atMs }) => [fromMs - sent, atMs - sent]),
  );
  let best = 0;
  for (const rtt of trips) {
    if (rtt < 0 || rtt > LONGEST_RTT_MS) continue;
    const { followed, spanMs } = matched(sentMs, arrivals, rtt);
    const again = [first + rtt + RESENT_MS - 20, last + rtt + RESENT_MS + TIMER_MS] as const;
    const isAgainWatched = again[1] <= watchedMs;
    const repeated = between(...again);
    if (isAgainWatched && repeated < followed) continue;
    const widthMs = Math.max(last - first + 2 * slackOf(rtt), spanMs);
    const othersMs = watchedMs - widthMs - (isAgainWatched ? again[1] - again[0] : 0);
    const others = total - followed - (isAgainWatched ? repeated : 0);
    const chance = othersMs > 0 ? (Math.max(0, others) * widthMs) / othersMs : 0;
    best = Math.max(best, Math.round(followed - chance - 2 * Math.sqrt(chance)));
  }
  return best;
}

const slackOf = (rttMs: number): number => STEP_MS + rttMs / 50;

function matched(
  sentMs: readonly number[],
  arrivals: readonly Arrival[],
  rttMs: number,
): { followed: number; spanMs: number } {
  const left = arrivals.map(({ count }) => count);
  const slack = slackOf(rttMs);
  const used: Arrival[] = [];
  for (const sent of sentMs) {
    const due = sent + rttMs;
    const i = arrivals.findIndex(
      ({ fromMs, atMs }, at) => (left[at] ?? 0) > 0 && due >= fromMs - slack && due <= atMs + slack,
    );
    if (i < 0) continue;
    left[i] = (left[i] ?? 0) - 1;
    used.push(arrivals[i]!);
  }
  const spanMs =
    used.length === 0
      ? 0
      : Math.max(...used.map(({ atMs }) => atMs)) - Math.min(...used.map(({ fromMs }) => fromMs));
  return { followed: used.length, spanMs };
}
