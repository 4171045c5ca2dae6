import { renderComparison } from '../../report/comparison.ts';
import { documentText } from '../../report/json.ts';
import { exitCodeOf } from '../exit-code.ts';
import { isUsageError, type UsageError } from '../usage-error.ts';
import { compareRuns } from './compare.ts';
import type { CompareJob, UntilJob } from './flags.ts';
import type { UntilTools } from './tools.ts';
import { waitFor } from './wait-job.ts';
import { watchTarget } from './watch-job.ts';

/** Does a job that stays, or looks twice, and returns the exit code. */
export async function doJob(job: UntilJob, tools: UntilTools): Promise<number | UsageError> {
  switch (job.kind) {
    case 'compare':
      return compare(job, tools);
    case 'wait':
      return waitFor(job, tools);
    case 'watch':
      return watchTarget(job, tools);
    default:
      return job satisfies never;
  }
}

async function compare(job: CompareJob, tools: UntilTools): Promise<number | UsageError> {
  const done = await compareRuns(job, tools);
  if (isUsageError(done)) return done;
  const { comparison, report, allWritten } = done;
  if (tools.settings.json) await tools.show(documentText(comparison));
  else await tools.show(`${job.next === null ? '\n' : ''}${renderComparison(comparison, tools.screen)}`);
  return exitCodeOf(report.outcome, { stoppedBy: tools.stoppedBy(), allWritten });
}
