import type { HopAnswer } from '../../model/measured.ts';

/** One TTL as the pacing sees it; times in ms after the sweep's start. */
export interface Asked {
  ttl: number;
  atMs: number;
  answer: HopAnswer | null;
  from: string | null;
}
export interface Limits {
  maxTtl: number;
  silentLimit: number;
  holdMs: number;
}
export type Turn = { act: 'launch' } | { act: 'wait'; ms: number } | { act: 'end' };

/** Routers send about six ICMP errors to one peer and then one a second: no burst may be longer than that. */
const WINDOW = 6;
/** An unanswered TTL older than this no longer holds back the next one. */
const YOUNG_MS = 150;
const GAP_MS = 6;
/** A silent TTL is asked again after 1 s (the kernel's first SYN retransmission); then its answer needs time to come. */
export const REASKED_MS = 1300;
/** Answers to the re-asking of rate-limited routers may lead on to new TTLs until then. */
const LAUNCH_UNTIL_MS = 1500;
/** A loop needs no second asking; what is on its way may still come in. */
const LOOP_GRACE_MS = 150;

const END = new Set<HopAnswer | null>(['syn-ack', 'rst', 'unreachable', 'reply', 'local-error']);
export const isTerminal = (answer: HopAnswer | null): boolean => END.has(answer);

/**
 * True when a router comes a third time with other hops between (its partners in the loop may be silent), or three
 * successive routers come again in the same order. Twice is not enough: several routers may answer with one address. The
 * same address at neighbouring TTLs is no loop: NAT rewrites the source of all that is behind it, and some routers
 * forward packets that have expired.
 */
export function isLooping(asked: readonly Asked[]): boolean {
  const routers = new Map<number, string>();
  for (const { ttl, answer, from } of asked)
    if (answer === 'time-exceeded' && from !== null) routers.set(ttl, from);
  for (const [first, address] of routers) {
    const again = [...routers.keys()].filter(
      (ttl) => ttl > first && routers.get(ttl) === address && routers.get(ttl - 1) !== address,
    );
    if (again.length >= 2) return true;
    const three = [address, routers.get(first + 1), routers.get(first + 2)];
    if (three.includes(undefined) || new Set(three).size < 3) continue;
    if (again.some((ttl) => ttl > first + 2 && three.every((one, i) => routers.get(ttl + i) === one)))
      return true;
  }
  return false;
}

/** What to do now. Pure; `asked` is in the order of launching, one entry a TTL, from 1 on. */
export function nextTurn(
  asked: readonly Asked[],
  { maxTtl, silentLimit, holdMs }: Limits,
  nowMs: number,
): Turn {
  const terminal = Math.min(...asked.filter(({ answer }) => isTerminal(answer)).map(({ ttl }) => ttl));
  const looping = isLooping(asked);
  const lastAnswered = Math.max(0, ...asked.filter(({ answer }) => answer !== null).map(({ ttl }) => ttl));
  const lastLaunch = asked.at(-1)?.atMs ?? Number.NEGATIVE_INFINITY;
  const pending = asked.filter(({ ttl, answer }) => answer === null && ttl < terminal);

  const over = terminal !== Number.POSITIVE_INFINITY || looping;
  const mayLaunch =
    !over &&
    asked.length < maxTtl &&
    asked.length < lastAnswered + silentLimit &&
    nowMs <= Math.max(Math.min(LAUNCH_UNTIL_MS, holdMs), holdMs - REASKED_MS);
  if (mayLaunch) {
    const young = pending.filter(({ atMs }) => nowMs - atMs < YOUNG_MS);
    const gapEnds = lastLaunch + GAP_MS;
    const windowOpens = young.length < WINDOW ? nowMs : young[young.length - WINDOW]!.atMs + YOUNG_MS;
    const launchAt = Math.max(gapEnds, windowOpens);
    return launchAt <= nowMs ? { act: 'launch' } : { act: 'wait', ms: launchAt - nowMs };
  }
  if (pending.length === 0) return { act: 'end' };
  // Who holds shorter than a re-asking takes does not wait for one: silence is then no finding.
  const patienceMs = Math.min(REASKED_MS, holdMs);
  const oldestAllowed = looping
    ? lastLaunch + LOOP_GRACE_MS
    : over
      ? Math.max(...pending.map(({ atMs }) => atMs)) + patienceMs
      : Math.max(holdMs, lastLaunch + patienceMs);
  return nowMs >= oldestAllowed ? { act: 'end' } : { act: 'wait', ms: oldestAllowed - nowMs };
}
