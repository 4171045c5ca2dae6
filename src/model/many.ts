import type { Outcome, Where } from './report.ts';
import type { Owner } from './rule.ts';

/** What a target is to be. `filtered` = no answer, or a rejection by ICMP; `unreachable` = no connection, for whatever reason. */
export const STATES = ['reachable', 'refused', 'filtered', 'unreachable'] as const;
export type State = (typeof STATES)[number];

export interface Expectation {
  state: State;
  /** The id of the leading cause, or of one that cannot be told from it; null = any. */
  cause: string | null;
  /** Connected and answered within so long, the lookup of the name included; null = no limit. */
  withinMs: number | null;
  /** Where it is to hold: a place as --from takes it; null = here. */
  from: string | null;
}

/**
 * `held`, `failed`, `unknown` (nothing could be measured that says so), `not-tested` (the run was ended before its turn,
 * or in it).
 */
export type Verdict = 'held' | 'failed' | 'unknown' | 'not-tested';

export interface ManyCause {
  id: string;
  title: string;
  owner: Owner;
  confidence: number;
  /** Read, not inferred: it carries no share. */
  observed: boolean;
  where: Where | null;
  /** The last router that answered a sweep of the silent port: seen, not concluded. Null = none did, or the end answered. */
  stop: { hop: number; address: string } | null;
  /** What is not much less likely, and would be somebody else's to mend; null = nothing. */
  rival: { id: string; title: string; owner: Owner; confidence: number } | null;
}

/** Seconds that a part of it took; null where it was not measured. */
export interface PhaseSeconds {
  name: number | null;
  connection: number | null;
  tls: number | null;
  answer: number | null;
}

/** What the outputs need of one target. */
export interface TargetResult {
  /** Its place in the list, from 1. */
  n: number;
  /** As typed, without user, password and query. */
  target: string;
  host: string;
  port: number;
  service: string | null;
  expected: Expectation;
  verdict: Verdict;
  /** What did not hold; null where all did, and where nothing is known. */
  missed: 'state' | 'cause' | 'within' | null;
  /** Null = not tested. */
  outcome: Outcome | null;
  state: State | null;
  headline: string | null;
  cause: ManyCause | null;
  /**
   * `whole`: diagnosed as if it were alone. `sweep`: it was silent, and a sweep ended where others were stopped, whose
   * cause it has. `connections`: it was silent as they were, and its path was not swept. Null = not tested.
   */
  depth: 'whole' | 'sweep' | 'connections' | null;
  phases: PhaseSeconds;
  startedAt: string | null;
  durationMs: number;
  /** SYNs to the target as far as they were counted: connections and sweeps. */
  syns: number;
  /** For whoever has to act, as lines; empty where there is nothing to ask for. */
  text: string[];
}

/** Failures of one cause at one place. */
export interface SharedCause {
  cause: ManyCause;
  /** Of so many failures, these are of this cause, by their place in the list. */
  targets: number[];
  /** Of them the path was not swept. */
  notSwept: number;
}

export interface ManyReport {
  schema: 'reachdoctor.targets/1';
  tool: { name: 'reachdoctor'; version: string };
  startedAt: string;
  durationMs: number;
  /** The signal that ended it early; null = it ran to its end. */
  endedBy: string | null;
  counts: Record<Verdict, number>;
  /** Of two failures and more, the largest first. */
  shared: SharedCause[];
  /** In the order of the list. */
  targets: TargetResult[];
}
