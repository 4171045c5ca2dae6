import type { Clock } from '../../doors/types.ts';
import type { Depth, DepthGate } from '../../gather/gather.ts';
import { sameAddress } from '../../ground/address.ts';
import type { RunReadings } from '../../judge/readings/index.ts';
import type { ManyCause } from '../../model/many.ts';
import { Boundaries, endsThere } from './boundaries.ts';
import {
  ANSWERED_ERRORS,
  errorPace,
  type Pace,
  SWEEP_ERRORS,
  SWEEP_SYNS,
  WHOLE_ERRORS,
  WHOLE_SYNS,
} from './pace.ts';

/** Of those that an agreed place is expected for, one in so many is swept all the same, up to so many a run. */
const VERIFY_ONE_IN = 10;
const MOST_VERIFIED = 30;
/** Sweeps that are to agree with a diagnosis, at the same time. */
const SWEPT_AT_ONCE = 2;

/** So long a target that is silent as others are is listened to: three SYNs, each sent twice, the last one for half a second. */
const SILENT_MS = 2000;
/** What a first look has taken when it is known to be silent. */
const SILENT_SINCE_MS = 700;

export interface Gate extends DepthGate {
  /** What it is taken to be stopped by, since others were; null where it was diagnosed as a whole. */
  presumed(): { cause: ManyCause; swept: boolean } | null;
  /** Gives its place to others. `cause` = what its whole diagnosis leads with. */
  leave(cause: ManyCause | null): void;
}

/**
 * Decides how far each failing target of a run is gone into. A silent one is diagnosed as a whole where nothing is expected
 * of it. Where the one before was stopped somewhere, a sweep tells whether it is stopped there as well; once three in a row
 * agree, only one in ten is swept.
 */
export class Gates {
  readonly #boundaries = new Boundaries();
  readonly #clock: Clock;
  readonly #syns: Pace;
  readonly #errors: Pace;
  #free: number;
  #expected = 0;
  /** Silent targets whose place is being looked for: what they find decides about those that wait. */
  #searching = 0;
  /** Those that wait for the others. */
  readonly #waiting = new Set<() => void>();

  constructor(wholeAtOnce: number, syns: Pace, clock: Clock) {
    this.#free = wholeAtOnce;
    this.#syns = syns;
    this.#errors = errorPace(clock);
    this.#clock = clock;
  }

  #tell(): void {
    for (const wake of [...this.#waiting]) wake();
  }

  open(): Gate {
    let settled: Depth | null = null;
    let failing: Failing | null = null;
    let expected: ManyCause | null = null;
    let isSwept = false;
    let isVerified = false;
    let hasSlot = false;
    let isSearching = false;
    let wake: () => void = () => {};
    let changed = Promise.resolve();
    const renew = (): void => {
      changed = new Promise((resolve) => {
        wake = resolve;
      });
    };
    renew();
    const tellSelf = (): void => {
      const told = wake;
      renew();
      told();
    };

    const search = (is: boolean): void => {
      if (is !== isSearching) this.#searching += is ? 1 : -1;
      isSearching = is;
    };
    /** `depth` as soon as both budgets allow it. */
    const when = (depth: Depth, syns: number, errors: number): Depth => {
      const laterMs = Math.max(this.#syns.reserve(syns), this.#errors.reserve(errors));
      settled = laterMs <= 0 ? depth : 'wait';
      if (laterMs > 0)
        void this.#clock.sleep(laterMs).then(() => {
          settled = depth;
          tellSelf();
        });
      return settled;
    };
    /** Silent as the others: listened to for a while, and no longer. */
    const spare = (): Depth => {
      settled = 'spare';
      void this.#clock.sleep(SILENT_MS - SILENT_SINCE_MS).then(() => {
        settled = 'over';
        tellSelf();
      });
      return settled;
    };
    const whole = (): Depth => {
      if (this.#free === 0) return 'wait';
      this.#free--;
      hasSlot = true;
      expected = null;
      if (failing === null || failing.how === 'answered') {
        // An answer of the host itself needs no word of a router, but its traces cost them.
        this.#errors.spent(ANSWERED_ERRORS);
        settled = 'go';
        return settled;
      }
      search(true);
      return when('go', WHOLE_SYNS, WHOLE_ERRORS);
    };
    const sweep = (cause: ManyCause): Depth => {
      expected = cause;
      search(!isVerified);
      return when('sweep', SWEEP_SYNS, SWEEP_ERRORS);
    };
    /** The sweep has ended: where the others are stopped, or elsewhere. */
    const afterSweep = (seen: RunReadings, cause: ManyCause, { address, how }: Failing): Depth => {
      const stop = stopOf(seen, address);
      if (stop === null) return 'sweep';
      search(false);
      if (stop.reached || !endsThere(cause, stop.hop, stop.router)) {
        isSwept = false;
        return whole();
      }
      isSwept = true;
      settled = 'over';
      if (how !== 'answered') this.#boundaries.learn(address, how, cause);
      this.#tell();
      return settled;
    };

    const decide = (seen: RunReadings): Depth => {
      if (settled === 'sweep' && expected !== null && failing !== null)
        return afterSweep(seen, expected, failing);
      if (settled !== null) return settled;
      failing = failingOf(seen);
      if (failing === null) return 'go';
      if (failing.how === 'answered') return whole();
      const known = this.#boundaries.expected(failing.address, failing.how);
      // What is told is told by a sweep as well: nothing is taken for granted there.
      if (known?.isAgreed !== true || failing.how === 'told') {
        if (this.#searching >= (known === null ? 1 : SWEPT_AT_ONCE)) return 'wait';
        return known === null ? whole() : sweep(known.cause);
      }
      this.#expected++;
      isVerified = this.#expected % VERIFY_ONE_IN === 0 && this.#expected / VERIFY_ONE_IN <= MOST_VERIFIED;
      if (isVerified) return sweep(known.cause);
      expected = known.cause;
      return spare();
    };

    return {
      depth: (seen) => {
        this.#waiting.delete(tellSelf);
        const depth = decide(seen);
        if (depth === 'wait') this.#waiting.add(tellSelf);
        return depth;
      },
      changed: () => changed,
      presumed: () => (expected === null ? null : { cause: expected, swept: isSwept }),
      leave: (cause) => {
        if (hasSlot && failing !== null && failing.how !== 'answered')
          this.#boundaries.learn(failing.address, failing.how, cause);
        if (hasSlot) this.#free++;
        hasSlot = false;
        search(false);
        this.#waiting.delete(tellSelf);
        this.#tell();
      },
    };
  }
}

/** Where the sweep of the port ended; null while it is at work. */
function stopOf(
  { perAddress }: RunReadings,
  address: string,
): { hop: number; router: string | null; reached: boolean } | null {
  const found = perAddress.find((one) => one.address !== null && sameAddress(one.address, address));
  const swept = found?.observations.find(
    (o) => o.probe === 'trace-syn' && o.input.role === 'target' && o.input.address === address && o.final,
  );
  if (swept === undefined) return null;
  const target = swept.data === null ? undefined : found?.traces.target?.summary;
  // A sweep that could not be made has ended nowhere.
  if (target === undefined) return { hop: 0, router: null, reached: false };
  return { hop: target.lastHop, router: target.lastAddress, reached: target.reached };
}

interface Failing {
  address: string;
  /** `silent`; `told`: a router says that it cannot be reached; `answered`: the host itself refuses, or nothing was sent. */
  how: 'silent' | 'told' | 'answered';
}

/** Null while nothing has failed, or something accepts connections. */
function failingOf({ addresses, outcomes }: RunReadings): Failing | null {
  const known = addresses.map(({ address }, i) => ({
    address,
    outcome: outcomes[i]?.outcome ?? 'not-tried',
  }));
  if (known.some(({ outcome }) => outcome === 'open')) return null;
  const failed = known.filter(({ outcome }) => outcome !== 'not-tried');
  const [first] = failed;
  if (first === undefined) return null;
  const isSilent = failed.every(({ outcome }) => outcome === 'pending' || outcome === 'timeout');
  const isTold = failed.every(({ outcome }) => outcome === 'unreachable');
  return { address: first.address, how: isSilent ? 'silent' : isTold ? 'told' : 'answered' };
}
