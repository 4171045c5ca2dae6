import type { Clock } from '../../doors/types.ts';

/** SYNs a second of a whole run, and how many may go at once after a rest. */
const SYNS_A_SECOND = 150;
const SYNS_AT_ONCE = 60;
/** What a first look at an address costs, a sweep of its path, and the diagnosis of one that fails (measured: docs/manners.md). */
export const FIRST_LOOK_SYNS = 6;
export const SWEEP_SYNS = 20;
export const WHOLE_SYNS = 40;

/**
 * Routers tell one machine about six ICMP errors and then one a second, and all sweeps of a run meet the same first routers:
 * what is asked of them faster looks like silence.
 */
const ERRORS_A_SECOND = 1;
const ERRORS_AT_ONCE = 6;
/** Errors that a sweep of the port asks of a router, and a whole diagnosis: by TCP, UDP and ICMP, to a port that works, to the first router. */
export const SWEEP_ERRORS = 1;
export const WHOLE_ERRORS = 5;
/** Where the host itself answers: its path by TCP and UDP, that of a port that works, and the first router. */
export const ANSWERED_ERRORS = 4;

/** A budget that is filled again with time: what is asked for is granted at once or later, never refused. */
export class Pace {
  readonly #clock: Pick<Clock, 'elapsed'>;
  readonly #aSecond: number;
  readonly #atOnce: number;
  #paidUntilMs = Number.NEGATIVE_INFINITY;

  constructor(clock: Pick<Clock, 'elapsed'>, aSecond: number, atOnce: number) {
    this.#clock = clock;
    this.#aSecond = aSecond;
    this.#atOnce = atOnce;
  }

  /** Takes so much from the budget. Returns the milliseconds after which it is there. */
  reserve(amount: number): number {
    const now = this.#clock.elapsed();
    const rest = (this.#atOnce / this.#aSecond) * 1000;
    this.#paidUntilMs = Math.max(this.#paidUntilMs, now - rest) + (amount / this.#aSecond) * 1000;
    return Math.max(0, this.#paidUntilMs - now);
  }

  /** Notes what was spent without being asked for: of it no more is owed than the budget holds. */
  spent(amount: number): void {
    const most = this.#clock.elapsed() + (this.#atOnce / this.#aSecond) * 1000;
    const before = this.#paidUntilMs;
    this.reserve(amount);
    this.#paidUntilMs = Math.max(before, Math.min(this.#paidUntilMs, most));
  }
}

export const synPace = (clock: Pick<Clock, 'elapsed'>): Pace => new Pace(clock, SYNS_A_SECOND, SYNS_AT_ONCE);
export const errorPace = (clock: Pick<Clock, 'elapsed'>): Pace =>
  new Pace(clock, ERRORS_A_SECOND, ERRORS_AT_ONCE);
