import type { Doors } from '../doors/types.ts';
import type { DepthGate, RunEvent } from '../gather/gather.ts';
import type { Evidence } from '../model/evidence.ts';
import type { Report } from '../model/report.ts';
import type { Request } from '../model/request.ts';
import type { Rule } from '../model/rule.ts';
import type { ProgressStyle } from '../report/progress.ts';
import type { ReportFormat } from './settings.ts';

export type { RunEvent };

interface ScreenOptions {
  color: boolean;
  unicode: boolean;
  width: number;
  verbose: boolean;
  menu?: boolean;
}

/** What the entry points stand on. Each is loaded when it is called; tests give their own. */
export interface Parts {
  /** Built-in rules, with those of `dir` where it is not null; problems, which end the run, and notices are sentences. */
  rules(dir: string | null): Promise<{ rules: Rule[]; problems: string[]; notices: string[] }>;
  diagnose(
    request: Request,
    /** `formats`: what the report will be written as. */
    deps: {
      rules: Rule[];
      signal: AbortSignal;
      onEvent(event: RunEvent): void;
      formats: readonly ('terminal' | ReportFormat)[];
      redacted: boolean;
      /** 32 hexadecimal digits that nobody guesses. */
      caseId: string;
      /** A run of the same target to go on from. */
      before?: Evidence;
    },
  ): Promise<{ report: Report; evidence: Evidence }>;
  /** Diagnoses of one run with many targets, which have the native child in common. */
  many(): Promise<DiagnoseBeside>;
  replay(evidence: Evidence, rules: Rule[]): Promise<Report>;
  screen(report: Report, options: ScreenOptions): Promise<string>;
  document(format: ReportFormat, report: Report): Promise<string>;
  /** The address and the interface towards a host, without a packet; null where there is no route. */
  source(host: string): Promise<{ address: string; device: string | null } | null>;
  /** The real doors, for what is done outside of a diagnosis. */
  doors(): Promise<Doors>;
  redactReport(report: Report): Promise<Report>;
  redactEvidence(evidence: Evidence): Promise<Evidence>;
  progress(
    stream: NodeJS.WritableStream,
    options: {
      color: boolean;
      unicode: boolean;
      columns(): number;
      rows: number;
      style: ProgressStyle;
    },
  ): Promise<ProgressLine>;
}

export type DiagnoseBeside = (
  request: Request,
  deps: { rules: Rule[]; signal: AbortSignal; gate: DepthGate },
) => Promise<{ report: Report; evidence: Evidence }>;

export interface ProgressLine {
  onEvent(event: RunEvent | { kind: 'elsewhere'; by: string; isOver: boolean }): void;
  /** Leaves the cursor on an empty line, visible. */
  stop(): void;
}
