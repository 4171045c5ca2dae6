import * as v from 'valibot';
import type { Evidence } from '../../model/evidence.ts';
import type { Report } from '../../model/report.ts';
import type { Request } from '../../model/request.ts';
import { REPORT_SCHEMA } from '../../report/schema.ts';
import { OBSERVATION_SCHEMA } from '../evidence-schema.ts';
import { readEvidence, readInput } from '../files.ts';
import { hostPort, parseTarget } from '../target.ts';
import { isUsageError, shown, type UsageError, usageError as usage } from '../usage-error.ts';

/** The report that a file holds, or that its evidence makes; `target` = what to test again. */
export interface SavedRun {
  report: Report;
  target: Request['target'];
}

/** A report may have been written by anybody: its observations are checked as those of evidence are. */
const SAVED_REPORT = v.object({
  ...REPORT_SCHEMA.entries,
  observations: v.array(OBSERVATION_SCHEMA),
});

/** Reads what `--report FILE.json`, `--json` or `--save-evidence` wrote. The sentence says which flag named it. */
export async function readRun(
  file: string,
  judge: (evidence: Evidence) => Promise<Report>,
): Promise<SavedRun | UsageError> {
  const read = await readInput(file, 32, '--compare');
  if (isUsageError(read)) return read;
  if (!/"schema"\s*:\s*"reachdoctor\.report\//.test(read.text)) return fromEvidence(file, judge);
  let value: unknown;
  try {
    value = JSON.parse(read.text);
  } catch {
    return noRun(file);
  }
  const checked = v.safeParse(SAVED_REPORT, value, { abortEarly: true });
  if (!checked.success) return noRun(file);
  const report = value as Report;
  return targetAgain(report, file);
}

const noRun = (file: string): UsageError =>
  usage(
    `--compare ${shown(file)} is no saved run: name a file that --report FILE.json or --save-evidence wrote.`,
  );

function targetAgain(report: Report, file: string): SavedRun | UsageError {
  const { input, service } = report.target;
  const typed = parseTarget(input);
  if (!isUsageError(typed)) return { report, target: typed };
  const built = parseTarget(hostPort(report.target), service === null ? {} : { service });
  return isUsageError(built)
    ? usage(`--compare ${shown(file)} names no target that can be tested: ${built.error}`)
    : { report, target: built };
}

async function fromEvidence(
  file: string,
  judge: (evidence: Evidence) => Promise<Report>,
): Promise<SavedRun | UsageError> {
  const read = await readEvidence(file, '--compare');
  if (isUsageError(read)) return noRun(file);
  try {
    return { report: await judge(read.evidence), target: read.evidence.request.target };
  } catch {
    // What passes the schema and cannot be judged was written by hand: nothing is known from it.
    return noRun(file);
  }
}
