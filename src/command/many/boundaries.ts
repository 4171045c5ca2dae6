import { areNeighbours, familyOf } from '../../ground/address.ts';
import type { ManyCause } from '../../model/many.ts';

/** So many sweeps in a row have to end at one place before others are taken to end there, too. */
const ENOUGH = 3;

/** The place on the way that a cause is at, or where its sweep ended; null = none that other targets may lie behind. */
function placeOf({
  where,
  stop,
}: Pick<ManyCause, 'where' | 'stop'>): { hop: number; address: string } | null {
  if (where === null) return stop;
  if (where.kind !== 'between' && where.kind !== 'hop') return null;
  return where.address === null || where.hop === null || where.hop === 0
    ? null
    : { hop: where.hop, address: where.address };
}

/** Two causes are of one kind at one place: what lies behind a place on the way is each target's own. */
export function placeKey(cause: Pick<ManyCause, 'id' | 'title' | 'where' | 'stop'>): string {
  const { id, title, where } = cause;
  const place = placeOf(cause);
  if (place !== null) return `${id} ${place.hop} ${place.address}`;
  if (where?.kind === 'this-machine') return id;
  // What is no place on the way is shared where the very same is said of it.
  return `${id} ${where !== null && 'address' in where ? where.address : ''} ${title}`;
}

/** Whether a sweep that ended at this router ended at the place of the cause. */
export function endsThere(cause: ManyCause, hop: number, router: string | null): boolean {
  const place = placeOf(cause);
  return place?.hop === hop && place.address === router;
}

/** What the connections met: no answer, or a router's word. What is stopped by the one says nothing of the other. */
type How = 'silent' | 'told';

interface Swept {
  address: string;
  how: How;
  /** Null = it was not stopped at a place that others can share. */
  boundary: ManyCause | null;
}

/** Where the failing targets of this run were stopped, and what that says of the next one. */
export class Boundaries {
  readonly #swept: Swept[] = [];

  /** `cause` = what it was stopped by, found by a whole diagnosis or taken from others and found again by a sweep. */
  learn(address: string, how: How, cause: ManyCause | null): void {
    this.#swept.push({
      address,
      how,
      boundary: cause === null || placeOf(cause) === null ? null : cause,
    });
  }

  /**
   * What is expected of a target that fails like this, by the last sweeps in its /24 (/48), or where those are too few by the last of its
   * family. `isAgreed`: three in a row ended there. Null = nothing is.
   */
  expected(address: string, how: How): { cause: ManyCause; isAgreed: boolean } | null {
    const ofFamily = this.#swept.filter(
      (one) => one.how === how && familyOf(one.address) === familyOf(address),
    );
    const near = ofFamily.filter((one) => areNeighbours(one.address, address));
    const last = (near.length >= ENOUGH ? near : ofFamily).slice(-ENOUGH).map(({ boundary }) => boundary);
    const cause = last.at(-1) ?? null;
    if (cause === null) return null;
    const key = placeKey(cause);
    const isAgreed = last.length === ENOUGH && last.every((one) => one !== null && placeKey(one) === key);
    return { cause, isAgreed };
  }
}
