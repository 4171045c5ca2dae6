import type { ManyReport, SharedCause, TargetResult } from '../../model/many.ts';
import { placeKey } from './boundaries.ts';

/** Failures of one cause at one place, of two and more, the largest first. */
export function sharedCauses(targets: readonly TargetResult[]): SharedCause[] {
  const byPlace = new Map<string, SharedCause>();
  for (const { n, verdict, cause, depth } of targets) {
    if (verdict !== 'failed' || cause === null) continue;
    const key = placeKey(cause);
    const group = byPlace.get(key) ?? { cause, targets: [], notSwept: 0 };
    group.targets.push(n);
    if (depth === 'connections') group.notSwept++;
    byPlace.set(key, group);
  }
  return [...byPlace.values()]
    .filter(({ targets: members }) => members.length > 1)
    .sort((a, b) => b.targets.length - a.targets.length);
}

export function manyReportOf(
  targets: TargetResult[],
  run: Pick<ManyReport, 'startedAt' | 'durationMs' | 'endedBy'> & { version: string },
): ManyReport {
  const { version, ...rest } = run;
  const counts = { held: 0, failed: 0, unknown: 0, 'not-tested': 0 };
  for (const { verdict } of targets) counts[verdict]++;
  return {
    schema: 'reachdoctor.targets/1',
    tool: { name: 'reachdoctor', version },
    ...rest,
    counts,
    shared: sharedCauses(targets),
    targets,
  };
}
