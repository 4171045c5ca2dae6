import type { Report } from '../model/report.ts';
import { renderTerminal } from './terminal.ts';

/** The terminal's report as a file: everything, without colour, 80 columns. */
export function renderText(report: Report): Promise<string> {
  return renderTerminal(report, { color: false, unicode: true, width: 80, verbose: true });
}
