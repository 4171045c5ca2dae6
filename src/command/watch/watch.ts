import type { Clock } from '../../doors/types.ts';
import { compareReports } from '../../judge/compare.ts';
import type { Comparison } from '../../model/comparison.ts';
import type { Report } from '../../model/report.ts';
import type { Incident, Verdict, WatchEvent, WatchState } from '../../model/watch.ts';
import { afterLook, mayDiagnose, NOTHING_SEEN, withVerdict } from './incidents.ts';
import type { Looker } from './look.ts';

/** A look that failed is looked at again after so long. */
const DOUBT_MS = 1000;
/** Of one diagnosis against the one before it. */
const MOST_CHANGES = 20;
/** More than any rest asks for. */
const MOST_DIAGNOSES_KEPT = 16;

export interface WatchDeps {
  look: Looker;
  everyMs: number;
  /** Null = until `signal` aborts. */
  forMs: number | null;
  clock: Clock;
  signal: AbortSignal;
  /** One whole diagnosis of the target. */
  diagnose(): Promise<Report>;
  /** The report of a moment ago, where there is one: then the watch begins without a diagnosis of its own. */
  first: Report | null;
  /** After every look, and when a diagnosis begins or ends. */
  onState(
    state: WatchState,
    now: { diagnosing: boolean; report: Report | null; watchedMs: number },
  ): Promise<void>;
  onFirst(report: Report): Promise<void>;
  onEvent(event: WatchEvent): Promise<void>;
  /** `report` null: it is not diagnosed yet, since the last diagnosis was not long ago. */
  onDiagnosed(incident: Incident, report: Report | null, comparison: Comparison | null): Promise<void>;
  /** Nobody reads any more. */
  isForsaken(): boolean;
}

export interface Watched {
  state: WatchState;
  watchedMs: number;
  ended: 'time' | 'stopped' | 'forsaken';
  /** What changed between the first diagnosis and the last; null where there were not two. */
  comparison: Comparison | null;
}

/**
 * Looks until the time is up: one light look an interval, a second one a second after one that failed, a whole diagnosis
 * at the start and at an onset, or later in an incident where the last one was not long ago (`mayDiagnose`). Two reports
 * are kept, whatever the length.
 */
export async function watchOver(deps: WatchDeps): Promise<Watched> {
  const { clock, signal, everyMs, forMs } = deps;
  const zero = clock.elapsed();
  let state = NOTHING_SEEN;
  const watchedMs = () => Math.round(clock.elapsed() - zero);
  const show = (diagnosing: boolean) =>
    deps.onState(state, { diagnosing, report: last, watchedMs: watchedMs() });
  const diagnosedAt: number[] = [];
  const diagnose = async (): Promise<Report> => {
    diagnosedAt.push(clock.elapsed());
    if (diagnosedAt.length > MOST_DIAGNOSES_KEPT) diagnosedAt.shift();
    return deps.diagnose();
  };
  let first = deps.first;
  let last: Report | null = first;
  if (first === null) {
    await show(true);
    first = await deps.diagnose();
    last = first;
  }
  await deps.onFirst(first);

  const ended = (): Watched['ended'] | null => {
    if (signal.aborted) return 'stopped';
    if (deps.isForsaken()) return 'forsaken';
    return forMs !== null && clock.elapsed() - zero >= forMs ? 'time' : null;
  };
  let how = ended();
  while (how === null) {
    const begun = clock.elapsed();
    const look = await deps.look(signal);
    if (signal.aborted) break;
    const { state: next, events } = afterLook(state, look);
    state = next;
    await show(false);
    for (const event of events) await deps.onEvent(event);
    const isOnset = events.some(({ kind }) => kind === 'onset');
    const incident = state.mode === 'down' ? state.incidents.at(-1) : undefined;
    if (incident !== undefined && incident.verdict === null) {
      const before = last ?? first;
      // What was down when the watch began was diagnosed then.
      const isKnown = incident.before === null && incident.n === 1;
      if (isKnown || mayDiagnose(diagnosedAt, clock.elapsed())) {
        if (!isKnown) await show(true);
        const report = isKnown ? before : await diagnose();
        // Cut short it says little, and no change: what is missing was not measured.
        if (signal.aborted) break;
        const comparison = isKnown ? null : compareReports(before, report);
        state = withVerdict(state, incident.n, verdictOf(report, comparison));
        last = report;
        await deps.onDiagnosed(incident, report, comparison);
        await show(false);
      } else if (isOnset) await deps.onDiagnosed(incident, null, null);
    }
    const beat = state.mode === 'unsure' ? Math.min(DOUBT_MS, everyMs) : everyMs;
    const pause = Math.max(0, beat - (clock.elapsed() - begun));
    const rest = forMs === null ? pause : Math.max(0, forMs - (clock.elapsed() - zero));
    how = ended();
    if (how === null) {
      await clock.sleep(Math.min(pause, rest), signal);
      how = ended();
    }
  }
  const comparison = last === null || last === first ? null : compareReports(first, last);
  return { state, watchedMs: watchedMs(), ended: how ?? 'stopped', comparison };
}

const verdictOf = (report: Report, comparison: Comparison | null): Verdict => ({
  at: report.startedAt,
  outcome: report.outcome,
  headline: report.headline,
  cause: report.causes[0]?.id ?? null,
  changes: comparison?.changes.slice(0, MOST_CHANGES) ?? [],
});
