import type { Outcome } from '../model/report.ts';

export type StopSignal = 'SIGINT' | 'SIGTERM';

/** 0 reachable, 1 impaired or unreachable, 3 undetermined; 130 and 143 = 128 + the number of the signal that ended the run. */
export function exitCodeOf(outcome: Outcome, stoppedBy: StopSignal | null): number {
  if (stoppedBy !== null) return exitCodeOfSignal(stoppedBy);
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

export function exitCodeOfSignal(signal: StopSignal): number {
  return signal === 'SIGINT' ? 130 : 143;
}

export const EXIT_USAGE = 2;
