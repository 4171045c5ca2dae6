import { compareReports } from '../../judge/compare.ts';
import type { Comparison } from '../../model/comparison.ts';
import type { Report } from '../../model/report.ts';
import { isUsageError, type UsageError } from '../usage-error.ts';
import type { CompareJob } from './flags.ts';
import { readRun } from './read-run.ts';
import type { UntilTools } from './tools.ts';

/** Both runs read or made, and what changed; `report` is the newer one. */
export async function compareRuns(
  job: CompareJob,
  tools: UntilTools,
): Promise<{ comparison: Comparison; report: Report; allWritten: boolean } | UsageError> {
  const old = await readRun(job.old, tools.judge);
  if (isUsageError(old)) return old;
  if (job.next !== null) {
    const next = await readRun(job.next, tools.judge);
    if (isUsageError(next)) return next;
    const [before, after] = [await tools.shared(old.report), await tools.shared(next.report)];
    return { comparison: compareReports(before, after), report: next.report, allWritten: true };
  }
  const measured = await tools.diagnose(job.target ?? old.target);
  const { report, allWritten } = await tools.deliver(measured, !tools.settings.json);
  return { comparison: compareReports(await tools.shared(old.report), report), report, allWritten };
}
