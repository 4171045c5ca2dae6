import type { Report } from '../model/report.ts';
import type { TerminalOptions } from './page.ts';

export type Format = 'terminal' | 'text' | 'markdown' | 'html' | 'json';

const PLAIN: TerminalOptions = { color: false, unicode: true, width: 80, verbose: false };

type Renderer = (report: Report, options: TerminalOptions) => string | Promise<string>;

/** A renderer is loaded when it is needed: JSON does not pay for tables, nor the terminal for HTML. */
const RENDERERS: Record<Format, () => Promise<Renderer>> = {
  terminal: async () => (await import('./terminal.ts')).renderTerminal,
  text: async () => (await import('./text.ts')).renderText,
  markdown: async () => (await import('./markdown.ts')).renderMarkdown,
  html: async () => (await import('./html.ts')).renderHtml,
  json: async () => (await import('./json.ts')).renderJson,
};

/** Loads what `render` will need. */
export const load = (format: Format): Promise<unknown> => RENDERERS[format]();

/** The report as text with a trailing newline. `options` matter to the terminal only. */
export async function render(
  format: Format,
  report: Report,
  options: Partial<TerminalOptions> = {},
): Promise<string> {
  return (await RENDERERS[format]())(report, { ...PLAIN, ...options });
}

const FORMAT_OF_ENDING: Record<string, Format> = {
  '.md': 'markdown',
  '.html': 'html',
  '.json': 'json',
  '.txt': 'text',
};

/** The format that a file's ending asks for, or the sentence that says which endings there are. */
export function formatOfFile(path: string): { format: Format } | { error: string } {
  const name = path.split(/[/\\]/).at(-1) ?? '';
  const ending = /(?<=.)\.[^.]*$/.exec(name)?.[0].toLowerCase() ?? '';
  const format = Object.hasOwn(FORMAT_OF_ENDING, ending) ? FORMAT_OF_ENDING[ending] : undefined;
  if (format !== undefined) return { format };
  const seen = ending === '' ? 'has no ending' : `ends in ${JSON.stringify(ending)}`;
  return {
    error: `The report file ${JSON.stringify(path)} ${seen}: use .md, .html, .json or .txt, as in report.md.`,
  };
}
