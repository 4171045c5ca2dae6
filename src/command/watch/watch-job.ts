import type { Report } from '../../model/report.ts';
import type { WatchState } from '../../model/watch.ts';
import { renderComparison } from '../../report/comparison.ts';
import { lineText } from '../../report/json.ts';
import { safeDeep } from '../../report/sanitize.ts';
import { watchedLine, watchScreen, watchSummary } from '../../report/watch-screen.ts';
import { widthOf } from '../../report/width.ts';
import { causeLine, outcomeLine } from '../../report/wording.ts';
import { exitCodeOfSignal } from '../exit-code.ts';
import type { Measured } from '../main.ts';
import { hostPort } from '../target.ts';
import type { WatchJob } from './flags.ts';
import { lookerAt } from './look.ts';
import { createScreen } from './screen.ts';
import type { UntilTools } from './tools.ts';
import { type WatchDeps, type Watched, watchOver } from './watch.ts';

/** Where the watch takes over from a run that was just made: it begins without a diagnosis of its own. */
export interface WatchFrom {
  first?: Measured;
  /** Ends the watch; the signals of the process where absent. Files are then the caller's to write. */
  signal?: AbortSignal;
  /** Is told how it went, in one sentence, in place of the summary on the screen, which somebody is about to draw over. */
  onEnd?(sentence: string): void;
}

type Show = Pick<WatchDeps, 'onState' | 'onFirst' | 'onEvent' | 'onDiagnosed'> & {
  end(watched: Watched): Promise<void>;
};

/**
 * Watches a target: a screen on a terminal, NDJSON elsewhere and with --json. 0 = no incident, 1 = there was one, 3 = no
 * look could be made; 130 and its like where a signal ended it. The files that flags name get the last diagnosis.
 */
export async function watchTarget(job: WatchJob, tools: UntilTools, from: WatchFrom = {}): Promise<number> {
  const { io, settings } = tools;
  const doors = await tools.doors();
  const signal = from.signal ?? io.interrupt;
  let newest: Measured | null = from.first ?? null;
  let isForsaken = false;
  const onGone = () => {
    isForsaken = true;
  };
  io.stdout.on('error', onGone);
  const asProgram = settings.json || io.stdout.isTTY !== true;
  const show = asProgram ? lines(job, tools) : screen(job, tools, from.onEnd ?? null);
  try {
    const watched = await watchOver({
      ...show,
      look: lookerAt(job.target, doors, settings.wish.family),
      everyMs: job.everyMs,
      forMs: job.forMs,
      clock: doors.clock,
      signal,
      first: from.first === undefined ? null : await tools.shared(from.first.report),
      diagnose: async () => {
        const measured = await tools.diagnose(job.target, signal);
        if (newest === null || !signal.aborted) newest = measured;
        return tools.shared(measured.report);
      },
      isForsaken: () => isForsaken,
    });
    await show.end(watched);
    const isOurs = newest !== null && from.signal === undefined;
    const allWritten = !isOurs || newest === null || (await tools.deliver(newest, false)).allWritten;
    const stop = tools.stoppedBy();
    if (stop !== null) return exitCodeOfSignal(stop);
    return allWritten ? codeOf(watched.state) : 4;
  } finally {
    io.stdout.off('error', onGone);
  }
}

function codeOf({ incidentCount, looks, unknown }: WatchState): number {
  if (incidentCount > 0) return 1;
  return looks === unknown ? 3 : 0;
}

/** One object a line, each written when it happens. */
function lines({ target, everyMs }: WatchJob, tools: UntilTools): Show {
  const say = (value: object) => tools.show(lineText(value));
  return {
    onState: async () => {},
    onFirst: (report) =>
      say({
        schema: 'reachdoctor.watch/1',
        event: 'started',
        at: report.startedAt,
        target: hostPort(target),
        everyMs,
        report,
      }),
    onEvent: async (event) => {
      switch (event.kind) {
        case 'onset': {
          const { n, before, onset } = event.incident;
          return say({ event: 'onset', at: onset.at, n, before, look: onset });
        }
        case 'changed':
          return say({ event: 'changed', at: event.look.at, n: event.n, look: event.look });
        case 'recovered': {
          const { n, recovered, worst, kinds, failed, onset } = event.incident;
          const about = { n, downMs: event.downMs, look: recovered, onset, worst, kinds, failed };
          return say({ event: 'recovered', at: recovered?.at ?? onset.at, ...about });
        }
        case 'blip':
          return say({ event: 'blip', at: event.look.at, look: event.look, next: event.next });
        default:
          return event satisfies never;
      }
    },
    onDiagnosed: ({ n, onset }, report, comparison) =>
      report === null
        ? say({ event: 'not-diagnosed', at: onset.at, n, why: 'diagnosed-not-long-ago' })
        : say({ event: 'diagnosed', at: report.startedAt, n, changes: comparison?.changes ?? [], report }),
    end: async ({ state, watchedMs, ended, comparison }) => {
      const { looks, opened, unknown, blips, downMs, incidentCount, mode } = state;
      const counts = { looks, opened, unknown, blips, incidents: incidentCount, downMs };
      await say({
        event: 'ended',
        ended,
        watchedMs,
        up: mode === 'up',
        ...counts,
        changes: comparison?.changes ?? null,
      });
    },
  };
}

function screen(
  { target, everyMs }: WatchJob,
  tools: UntilTools,
  onEnd: ((sentence: string) => void) | null,
): Show {
  const { io } = tools;
  const name = hostPort(target);
  const paper = createScreen(
    (text) => tools.show(text),
    () => io.stdout.columns ?? 80,
  );
  const verdictOf = (report: Report): string[] => {
    const shown = safeDeep(report);
    const fits = (text: string) => widthOf(text) < (io.stdout.columns ?? 80) - 2;
    return [`  ${outcomeLine(shown, fits)}`, `  ${causeLine(shown, fits)}`];
  };
  return {
    onState: (state, { diagnosing, report, watchedMs }) => {
      const verdict = report === null ? [] : verdictOf(report);
      const options = { ...tools.screen, width: io.stdout.columns ?? 80 };
      const rows = io.stderr.rows ?? 24;
      return paper.draw(
        watchScreen({ target: name, everyMs, watchedMs, state, verdict, diagnosing, rows }, options),
      );
    },
    onFirst: async () => {},
    onEvent: async () => {},
    onDiagnosed: async () => {},
    end: async ({ state, watchedMs, comparison }) => {
      await paper.clear();
      if (onEnd !== null) return onEnd(watchedLine({ target: name, watchedMs, state }));
      const options = { ...tools.screen, width: io.stdout.columns ?? 80 };
      await tools.show(watchSummary({ target: name, watchedMs, state }, options));
      if (comparison === null) return;
      await tools.show('\nBetween the first diagnosis and the last:\n');
      await tools.show(renderComparison(comparison, options));
    },
  };
}
