import { isIPv6 } from 'node:net';
import type { Doors } from '../../../doors/types.ts';
import type { MeasuredMtu } from '../../../model/probes.ts';
import { parseSizedPing, type SizedPing } from '../../../parsers/ping-size.ts';

type Mtu = MeasuredMtu | null;

/** Ethernet, PPPoE, WireGuard, common tunnels, the IPv6 minimum. */
const LADDER = [1500, 1492, 1420, 1400, 1340, 1280];
const MOST_HOPS = 8;
const POINTS = 6;
/** Two echo requests 0.2 s apart, 0.6 s and a round trip to answer the last: what is lost twice did not get lost by chance. */
const PING_MS = 1200;
const ANSWER_MS = 600;

/**
 * The largest packet that reaches the address, by pings that may not be fragmented (`ping -M do`), several sizes at a
 * time, and the last router that a full-size packet reaches (the same with increasing TTL). Sizes are whole IP packets.
 * Null where there is no ping that can do this.
 */
export async function measureMtu(
  doors: Doors,
  address: string,
  signal: AbortSignal,
  remaining: () => number,
  roundTripMs = 0,
): Promise<Mtu> {
  if (doors.platform !== 'linux') return null;
  const six = isIPv6(address);
  const headers = six ? 48 : 28;
  const pingMs = PING_MS + roundTripMs;
  const ask = async (size: number, ttl: number | null = null): Promise<SizedPing | null> => {
    const result = await doors.runCommand({
      file: 'ping',
      args: [
        '-n',
        '-c',
        '2',
        '-i',
        '0.2',
        '-W',
        ((ANSWER_MS + roundTripMs) / 1000).toFixed(1),
        '-M',
        'do',
        '-s',
        String(size - headers),
        ...(ttl === null ? [] : ['-t', String(ttl)]),
        address,
      ],
      timeoutMs: Math.min(pingMs, Math.max(remaining(), 300 + roundTripMs)),
      signal,
    });
    if (result.status === 'missing' || result.status === 'denied' || result.status === 'failed') return null;
    return parseSizedPing(result.stdout, result.stderr);
  };
  const mtu: NonNullable<Mtu> = {
    passes: null,
    fails: null,
    told: null,
    lastHop: null,
    lastAddress: null,
    smallAnswered: false,
  };
  const note = (size: number, ping: SizedPing | null): void => {
    if (ping === null) return;
    if (ping.answer === 'reply') mtu.passes = Math.max(mtu.passes ?? 0, size);
    if (ping.answer === 'silence') mtu.fails = Math.min(mtu.fails ?? Number.POSITIVE_INFINITY, size);
    if (ping.answer === 'too-big' && ping.mtu !== null) {
      mtu.told = Math.min(mtu.told ?? ping.mtu, ping.mtu);
      mtu.lastAddress ??= ping.from;
    }
  };
  const sizes = [...LADDER, ...(six ? [] : [576])];
  const [small, ...answers] = await Promise.all([ask(six ? 88 : 68), ...sizes.map((size) => ask(size))]);
  if (small == null) return null;
  mtu.smallAnswered = small.answer === 'reply';
  answers.forEach((ping, index) => {
    note(sizes[index]!, ping ?? null);
  });
  if (!mtu.smallAnswered) return { ...mtu, passes: null, fails: null };
  mtu.passes ??= six ? 88 : 68;
  // A lost small size between larger ones that passed is loss, not size.
  if (mtu.fails !== null && mtu.fails < mtu.passes)
    mtu.fails =
      sizes.filter((size, index) => size > mtu.passes! && answers[index]?.answer === 'silence').at(-1) ??
      null;
  if (mtu.fails === null) return mtu;
  const full = mtu.fails;
  const hops = Promise.all(Array.from({ length: MOST_HOPS }, (_, index) => ask(full, index + 1)));
  while (mtu.fails - mtu.passes > 1 && remaining() > pingMs && !signal.aborted) {
    const { passes, fails }: { passes: number; fails: number } = { passes: mtu.passes, fails: mtu.fails };
    const step = (fails - passes) / (POINTS + 1);
    const points = [
      ...new Set(Array.from({ length: POINTS }, (_, index) => Math.round(passes + step * (index + 1)))),
    ].filter((size) => size > passes && size < fails);
    const pings = await Promise.all(points.map((size) => ask(size)));
    points.forEach((size, index) => {
      note(size, pings[index] ?? null);
    });
    if (mtu.fails === fails && mtu.passes === passes) break;
  }
  (await hops).forEach((ping, index) => {
    if (ping?.answer !== 'time-exceeded') return;
    mtu.lastHop = index + 1;
    mtu.lastAddress = ping.from;
  });
  return mtu;
}
