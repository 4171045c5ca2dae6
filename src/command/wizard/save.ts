import { stat } from 'node:fs/promises';
import { isAbsolute, join, resolve } from 'node:path';
import type { Report } from '../../model/report.ts';
import { ticketLines } from '../../report/request/head.ts';
import { safeDeep } from '../../report/sanitize.ts';
import { type Choice, PromptEnded } from '../ask.ts';
import { parseReportFile, type ReportFormat } from '../settings.ts';
import { isUsageError, shown, writtenFile } from '../usage-error.ts';
import { whyNotWritable, writeText } from '../write-file.ts';
import type { WizardTools } from './tools.ts';

const FORMATS = { md: 'markdown', html: 'html', txt: 'text', json: 'json' } as const satisfies Record<
  string,
  ReportFormat
>;
type Ending = keyof typeof FORMATS;
type Wish = Ending | 'preview' | 'ticket';

/** `~/report.md` is in the home directory, as in a shell. */
export function inHome(file: string, home: string | null): string {
  if (home === null || !isAbsolute(home) || !/^~(?=$|[\\/])/.test(file)) return file;
  return join(home, file.slice(1));
}

/** Preview, files in several formats at once, or the ticket text into the clipboard. Returns what to say on the menu. */
export async function saveReport(report: Report, title: string, tools: WizardTools): Promise<string> {
  const { ask, screen, document, page } = tools;
  const ticket = ticketLines(safeDeep(report));
  const rows = await screen.draw(title, `\nA report of ${report.target.host}, port ${report.target.port}.\n`);
  const choices: Choice<Wish>[] = [
    { name: 'Markdown (.md), for tickets and chats', value: 'md' },
    { name: 'HTML (.html), one file to look at or print', value: 'html' },
    { name: 'Text (.txt), for mail', value: 'txt' },
    { name: 'JSON (.json), for programs', value: 'json' },
    { name: 'Look at it first', value: 'preview' },
    ...(ticket.length === 0 ? [] : [{ name: 'Copy the ticket text', value: 'ticket' as const }]),
  ];
  const wishes = await ask.several<Wish>({
    message: 'What? (space chooses, several may be)',
    choices,
    chosen: ['md'],
    rows,
  });
  if (wishes.includes('preview'))
    await looked(() => document('text', report).then((text) => page(title, text)));
  const said: string[] = [];
  if (wishes.includes('ticket')) said.push(await copyTicket(ticket, title, tools));
  const endings = wishes.filter((wish): wish is Ending => Object.hasOwn(FORMATS, wish));
  if (endings.length > 0) said.push(...(await writeFiles(report, endings, title, tools)));
  return said.join('\n');
}

/** Who leaves the preview has not left the saving. */
async function looked(look: () => Promise<void>): Promise<void> {
  try {
    await look();
  } catch (error) {
    if (!(error instanceof PromptEnded) || error.by !== 'back') throw error;
  }
}

/** OSC 52: the terminal puts it into the clipboard of the machine that it runs on, also through ssh. Some do not. */
async function copyTicket(
  lines: readonly string[],
  title: string,
  { screen, page }: WizardTools,
): Promise<string> {
  const text = `${lines.join('\n')}\n`;
  await page(
    title,
    `${text}\nSent to the terminal's clipboard. Not every terminal takes it: it can be copied from here as well.\n`,
  );
  await screen.add(`\u001b]52;c;${Buffer.from(text).toString('base64')}\u0007`);
  return 'The ticket text was sent to the clipboard of the terminal.';
}

async function writeFiles(
  report: Report,
  endings: readonly Ending[],
  title: string,
  { ask, screen, home, userId, document, show }: WizardTools,
): Promise<string[]> {
  const host = report.target.host.replace(/[^a-z0-9.-]+/gi, '-').slice(0, 80);
  const [only] = endings;
  const isOne = endings.length === 1;
  await screen.draw(title, '\nA file in the current directory, or a path; ~ is your home directory.\n');
  const typed = await ask.text({
    message: isOne ? 'Where to?' : `Where to? (.${endings.join(', .')} are added)`,
    default: `reachdoctor-${host}-${report.target.port}${isOne ? `.${only}` : ''}`,
    check: async (text) => {
      for (const [file, ending] of filesOf(text)) {
        const parsed = parseReportFile(file);
        if (isUsageError(parsed)) return parsed.error;
        if (parsed.format !== FORMATS[ending])
          return `The ending of ${shown(text)} says another format: write it with .${ending}.`;
        const problem = await whyNotWritable(file, userId);
        if (problem !== null) return problem.error;
      }
      return null;
    },
  });
  function filesOf(text: string): [string, Ending][] {
    const file = inHome(text.trim(), home);
    return endings.map((ending) => [
      isOne ? file : `${file.replace(/\.(md|html|txt|json)$/i, '')}.${ending}`,
      ending,
    ]);
  }
  const said: string[] = [];
  for (const [file, ending] of filesOf(typed)) {
    if (
      await stat(file).then(
        () => true,
        () => false,
      )
    ) {
      const answer = await ask.choose({
        message: `${writtenFile(resolve(file))} is there already. Overwrite it?`,
        choices: [
          { name: 'No, leave it', value: 'no' },
          { name: 'Yes', value: 'yes' },
        ],
        default: 'no',
      });
      if (answer === 'no') {
        said.push(`Not written: ${writtenFile(resolve(file))}`);
        continue;
      }
    }
    const text = await document(FORMATS[ending], report);
    const problem = await writeText(file, text, userId);
    if (problem === null) said.push(`Written: ${writtenFile(resolve(file))}`);
    else {
      said.push(`${problem} It was printed instead.`);
      await show(`\n${text}`);
    }
  }
  return said;
}
