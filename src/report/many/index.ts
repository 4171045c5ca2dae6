import type { ManyReport, TargetResult } from '../../model/many.ts';
import { documentText, lineText } from '../json.ts';
import type { TerminalOptions } from '../page.ts';

/** What --format takes. */
export const LIST_FORMATS = ['ndjson', 'csv', 'junit', 'tap', 'prometheus', 'github'] as const;
export type ListFormat = (typeof LIST_FORMATS)[number];
export type ManyFormat = ListFormat | 'table' | 'json' | 'markdown' | 'text';

type Renderer = (report: ManyReport, options: TerminalOptions) => string | Promise<string>;

const PLAIN: TerminalOptions = { color: false, unicode: true, width: 100, verbose: true };

/** A renderer is loaded when it is needed. */
const RENDERERS: Record<ManyFormat, () => Promise<Renderer>> = {
  table: async () => (await import('./table.ts')).renderTable,
  text: async () => {
    const { renderTable } = await import('./table.ts');
    return (report) => renderTable(report, PLAIN);
  },
  json: async () => documentText,
  ndjson: async () => (report) => `${report.targets.map(resultLine).join('')}${endLine(report)}`,
  csv: async () => (await import('./csv.ts')).renderCsv,
  junit: async () => (await import('./junit.ts')).renderJunit,
  tap: async () => (await import('./tap.ts')).renderTap,
  prometheus: async () => (await import('./prometheus.ts')).renderPrometheus,
  github: async () => (await import('./github.ts')).renderGithub,
  markdown: async () => (await import('./markdown.ts')).renderMarkdown,
};

/** A run with many targets as text with a line end at its end. `options` matter to the table only. */
export async function renderMany(
  format: ManyFormat,
  report: ManyReport,
  options: TerminalOptions = PLAIN,
): Promise<string> {
  return (await RENDERERS[format]())(report, options);
}

/** A line of the stream, when a target has ended. */
export const resultLine = (result: TargetResult): string => lineText({ event: 'target', ...result });
/** The last line of the stream: everything but the targets. */
export function endLine(report: ManyReport): string {
  const { targets: _, ...rest } = report;
  return lineText({ event: 'ended', ...rest });
}

const OF_ENDING: Record<string, ManyFormat> = {
  '.ndjson': 'ndjson',
  '.csv': 'csv',
  '.xml': 'junit',
  '.tap': 'tap',
  '.prom': 'prometheus',
};

/** The format of lists that a file's ending asks for; null where it is none of theirs alone. */
export function listFormatOf(path: string): ManyFormat | null {
  const ending = /(?<=[^/\\])\.[^./\\]*$/.exec(path)?.[0].toLowerCase() ?? '';
  return OF_ENDING[ending] ?? null;
}
