import type { Evidence } from '../../model/evidence.ts';
import type { Report } from '../../model/report.ts';
import type { Request, Target } from '../../model/request.ts';
import type { Rule } from '../../model/rule.ts';
import type { TerminalOptions } from '../../report/page.ts';
import type { Ask } from '../ask.ts';
import type { StopSignal } from '../exit-code.ts';
import type { Measured } from '../main.ts';
import type { ReportFormat, Settings } from '../settings.ts';
import type { UsageError } from '../usage-error.ts';
import type { UserId } from '../write-file.ts';
import type { Screen } from './screen.ts';

export type Wish = Omit<Request, 'caPem'>;

/** What the wizard is given. */
export interface WizardTools {
  settings: Settings;
  ask: Ask;
  screen: Screen;
  rules: Rule[];
  /** One diagnosis with its progress below what stands on the screen; goes on from `before`. Never rejects. */
  measure(request: Wish, before: Evidence | null, signal: AbortSignal): Promise<Measured>;
  /** What other programs printed, judged by the same rules; `said` is whose words these are and what to run next. */
  readPasted(
    text: string,
  ): Promise<{ measured: Measured & { evidence: Evidence }; said: string } | UsageError>;
  /** Writes the files that the flags name, and prints where standard output is no terminal. Exit code of the report. */
  deliver(measured: Measured): Promise<{ report: Report; exitCode: number }>;
  /** The first screen of a report, and all of it. */
  verdict(report: Report): Promise<string>;
  details(report: Report): Promise<string>;
  document(format: ReportFormat, report: Report): Promise<string>;
  /** Text that may be longer than the screen, page by page. Esc leaves it. */
  page(title: string, text: string): Promise<void>;
  /** Watches until Esc; begins with what was measured. Null where it cannot be done, a sentence. */
  watch(target: Target, first: Measured, signal: AbortSignal): Promise<string | null>;
  /** The address and interface towards the target. */
  source(host: string): Promise<{ address: string; device: string | null } | null>;
  /** Results. */
  show(text: string): Promise<void>;
  /** The signal that has ended the run. */
  stoppedBy(): StopSignal | null;
  /** The command for the same run without questions. */
  repeat(request: Wish, more?: readonly string[]): string;
  /** As the screen takes it: without what could act on a terminal. */
  options: TerminalOptions;
  userId: UserId;
  home: string | null;
}
