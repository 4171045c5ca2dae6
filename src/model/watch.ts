import type { Change } from './comparison.ts';
import type { Look, LookKind } from './look.ts';
import type { Outcome } from './report.ts';

/** How the connections went until something happened. Times in ms; null where none opened. */
export interface Before {
  /** The last look that opened. */
  last: Look;
  /** Start of the first look of this stretch; ISO 8601. */
  since: string;
  looks: number;
  fastestMs: number | null;
  slowestMs: number | null;
}

/** A diagnosis in few words; the whole report is not kept. */
export interface Verdict {
  at: string;
  outcome: Outcome;
  headline: string;
  /** Id of the first cause; null = none. */
  cause: string | null;
  /** Against the diagnosis before it; empty where there was none. */
  changes: Change[];
}

export interface Incident {
  n: number;
  /** Null = it was not reachable when the watch began. */
  before: Before | null;
  /** The first look that failed. */
  onset: Look;
  /** Null = not diagnosed: too soon after the last one, or still at it. */
  verdict: Verdict | null;
  /** The look that is farthest from working. */
  worst: Look;
  /** In the order of their first appearance. */
  kinds: LookKind[];
  /** Looks that failed. */
  failed: number;
  /** The first look that opened again; null = not yet. */
  recovered: Look | null;
}

export interface WatchState {
  /** `unsure`: one look failed and the next one decides; its look is `doubt`. */
  mode: 'new' | 'up' | 'unsure' | 'down';
  doubt: Look | null;
  last: Look | null;
  stretch: Before | null;
  /** Connect times of the last looks, null = it failed; the newest last. */
  recent: (number | null)[];
  /** The last ones, the newest last; earlier ones are only counted. */
  incidents: Incident[];
  incidentCount: number;
  looks: number;
  opened: number;
  /** Looks that this machine could not make. */
  unknown: number;
  /** One look failed, and the next one opened. */
  blips: number;
  /** Of incidents that are over. */
  downMs: number;
}

export type WatchEvent =
  | { kind: 'onset'; incident: Incident }
  | { kind: 'changed'; n: number; look: Look }
  | { kind: 'recovered'; incident: Incident; downMs: number }
  | { kind: 'blip'; look: Look; next: Look };
