import type { Verdict } from '../model/many.ts';
import type { Outcome } from '../model/report.ts';

export type StopSignal = 'SIGHUP' | 'SIGINT' | 'SIGTERM';

/** What came of a run beside its outcome. */
export interface Ending {
  stoppedBy: StopSignal | null;
  /** Every file that was asked for is written. */
  allWritten: boolean;
}

/**
 * 0 reachable, 1 impaired or unreachable, 3 undetermined; 129, 130, 143 = 128 + the number of the signal that ended the
 * run; 4 = everything was diagnosed, and a file that was asked for could not be written.
 */
export function exitCodeOf(outcome: Outcome, { stoppedBy, allWritten }: Ending): number {
  if (stoppedBy !== null) return exitCodeOfSignal(stoppedBy);
  if (!allWritten) return 4;
  switch (outcome) {
    case 'reachable':
      return 0;
    case 'impaired':
    case 'unreachable':
      return 1;
    case 'undetermined':
      return 3;
    default:
      return outcome satisfies never;
  }
}

/** 0 = everything is as expected, 1 = something is not, 3 = of something nothing is known; the others as for one target. */
export function exitCodeOfMany(counts: Record<Verdict, number>, { stoppedBy, allWritten }: Ending): number {
  if (stoppedBy !== null) return exitCodeOfSignal(stoppedBy);
  if (!allWritten) return 4;
  if (counts.failed > 0) return 1;
  return counts.unknown + counts['not-tested'] > 0 ? 3 : 0;
}

export function exitCodeOfSignal(signal: StopSignal): number {
  return { SIGHUP: 129, SIGINT: 130, SIGTERM: 143 }[signal];
}

export const EXIT_USAGE = 2;
