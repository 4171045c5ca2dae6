import type { Doors } from '../../doors/types.ts';
import type { Evidence } from '../../model/evidence.ts';
import type { Report } from '../../model/report.ts';
import type { Target } from '../../model/request.ts';
import type { TerminalOptions } from '../../report/page.ts';
import type { StopSignal } from '../exit-code.ts';
import type { Io, Measured } from '../main.ts';
import type { Settings } from '../settings.ts';

/** What jobs that stay, or look twice, are given by `main`. */
export interface UntilTools {
  settings: Settings;
  io: Io;
  screen: TerminalOptions;
  /** Saved evidence, judged by the rules of this run. */
  judge(evidence: Evidence): Promise<Report>;
  /** As it may be shown: placeholders with --redact. */
  shared(report: Report): Promise<Report>;
  /** One whole diagnosis; never rejects. `signal` ends it; the signals of the process where absent. */
  diagnose(target: Target, signal?: AbortSignal | null): Promise<Measured>;
  /** Prints (unless `onScreen` is false) and writes the files that the flags name. */
  deliver(measured: Measured, onScreen?: boolean): Promise<{ report: Report; allWritten: boolean }>;
  doors(): Promise<Doors>;
  /** To the person, beside the results; nothing with --quiet. */
  tell(text: string): Promise<void>;
  /** One sentence about what went wrong, even with --quiet. */
  complain(sentence: string): Promise<void>;
  /** Results. */
  show(text: string): Promise<void>;
  stoppedBy(): StopSignal | null;
}
