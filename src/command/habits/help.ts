import { padTo, wrap } from '../../report/width.ts';
import { CONNECTION_BUDGET, SYN_BUDGET } from '../manners.ts';
import { type OptionEntry, shortOf } from './option-entry.ts';
import { OPTION_GROUPS, OPTIONS } from './options.ts';

export const PURPOSE = "Why can't I reach HOST:PORT, where is it stopped, and who can fix it?";

const NARROWEST = 60;
const WIDEST = 100;

/** What `--help` prints: one screen of 24 rows at 80 columns; with `all` every option. Lines are never longer than `columns`. */
export function helpText(topic: 'short' | 'all', columns: number): string {
  const width = Math.min(Math.max(columns, NARROWEST), WIDEST);
  const lines = topic === 'all' ? wholeHelp(width) : firstScreen(width);
  return `${lines.join('\n')}\n`;
}

/** Two columns; what does not fit beside its term goes on below. */
function rows(items: readonly (readonly [string, string])[], width: number): string[] {
  const left = Math.max(...items.map(([term]) => term.length)) + 2;
  // Too little is left beside it: the words go below.
  if (width - left < 16)
    return items.flatMap(([term, text]) => [
      `  ${term}`,
      ...wrap(text, width - 6).map((line) => `      ${line}`),
    ]);
  return items.flatMap(([term, text]) =>
    wrap(text, width - left - 2).map((line, index) =>
      `  ${padTo(index === 0 ? term : '', left)}${line}`.trimEnd(),
    ),
  );
}

/** `-v, --verbose` goes by its long name among options that have no other. */
const term = (entry: OptionEntry): string =>
  shortOf(entry) === null ? entry.flags.replace(/[<>]/g, '') : entry.flags;

function firstScreen(width: number): string[] {
  const common = OPTIONS.flatMap((entry) =>
    entry.short === undefined ? [] : [[term(entry), entry.short] as const],
  );
  return [
    ...wrap(PURPOSE, width),
    '',
    ...rows(
      [
        ['reachdoctor', 'asks what it needs to know'],
        ['reachdoctor db.example.com:5432', 'diagnoses, and asks nothing'],
      ],
      width,
    ),
    '',
    ...rows([...common, ['--help all', 'every option; man reachdoctor, where it is installed']], width),
    '',
    ...wrap('Exit codes: 0 reachable, 1 impaired or unreachable, 2 bad usage, 3 undetermined.', width),
    ...wrap(`Manners: at most about ${SYN_BUDGET} SYNs to the target, and nothing to strangers.`, width),
  ];
}

function wholeHelp(width: number): string[] {
  const all = OPTIONS.map((entry) => entry.flags.length);
  const left = Math.min(Math.max(...all), 24);
  const block = ({ title, options }: (typeof OPTION_GROUPS)[number]) => [
    ...wrap(title, width),
    ...options.flatMap(({ flags, text }) =>
      wrap(text, width - left - 4).map((line, index) =>
        `  ${padTo(index === 0 ? flags : '', left)}  ${line}`.trimEnd(),
      ),
    ),
    '',
  ];
  return [
    'Usage: reachdoctor [options] [TARGET]',
    '',
    ...wrap(PURPOSE, width),
    '',
    ...OPTION_GROUPS.flatMap(block),
    'Examples:',
    ...rows(
      EXAMPLES.map(([line, words]) => [line, words] as const),
      width,
    ),
    '',
    'Exit codes:',
    ...EXIT_CODES.flatMap(([code, words]) => wrap(`${code}  ${words}`, width - 2).map((line) => `  ${line}`)),
    '',
    ...wrap(MANNERS, width),
  ];
}

export const EXAMPLES = [
  ['reachdoctor', 'asks what it needs to know'],
  ['reachdoctor db.example.com:5432', 'diagnoses'],
  ['reachdoctor https://example.com/ --report admin.md', 'with a report'],
  ['reachdoctor [2001:db8::7]:22 --json', 'for a program'],
  ['reachdoctor --wait-until reachable db:5432 -- ./run', 'waits, then runs'],
] as const;

export const EXIT_CODES = [
  ['0', 'reachable'],
  [
    '1',
    'impaired or unreachable; not what was waited for; an incident while watching; of a list: not as expected',
  ],
  ['2', 'bad usage or bad input; nothing was sent'],
  ['3', 'undetermined: nothing could be measured'],
  ['4', 'diagnosed, and a file that was asked for could not be written'],
  ['126, 127', 'the command after -- could not be run, or was not found; otherwise its own exit code'],
  ['129, 130, 143', 'ended by SIGHUP, SIGINT, SIGTERM: what was gathered is reported'],
] as const;

export const MANNERS = `Manners: at most about ${SYN_BUDGET} SYNs to an address of the target, of which at most ${CONNECTION_BUDGET} become connections, closed at once. Only the target, your DNS servers and the hosts that you name are contacted; a public service only with --from globalping.`;
