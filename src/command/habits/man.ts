import { CONFIG_KEYS } from './config-keys.ts';
import { EXAMPLES, EXIT_CODES, MANNERS, PURPOSE } from './help.ts';
import { type OptionEntry, valueTaken } from './option-entry.ts';
import { OPTION_GROUPS } from './options.ts';

/** Text for roff: no line is a request, no character an escape, and a hyphen that is typed is no dash. */
function roff(text: string): string {
  return text
    .replaceAll('\\', '\\e')
    .replaceAll('-', '\\-')
    .replace(/^(?=[.'])/gm, '\\&');
}

/** `.TP` with `\fB\-\-port\fR \fIPORT\fR` and its words. */
function item(entry: OptionEntry): string {
  const value = valueTaken(entry);
  const names = entry.flags
    .replace(/ [<[].*$/, '')
    .split(', ')
    .map((name) => `\\fB${roff(name)}\\fR`)
    .join(', ');
  const shown =
    value === null ? '' : value.optional ? ` [\\fI${roff(value.name)}\\fR]` : ` \\fI${roff(value.name)}\\fR`;
  return `.TP\n${names}${shown}\n${roff(sentence(entry.text))}`;
}

const sentence = (text: string): string => {
  const whole = /^[a-z]+[ ,]/.test(text) ? text.charAt(0).toUpperCase() + text.slice(1) : text;
  return /[.!?]$/.test(whole) ? whole : `${whole}.`;
};

/** The manual page, section 1, for man(7). */
export function manPage(version: string): string {
  const options = OPTION_GROUPS.map(
    ({ title, options: list }) => `.SS ${roff(title.replace(/ \(.*\)$/, ''))}\n${list.map(item).join('\n')}`,
  );
  const sections: [string, string][] = [
    ['NAME', `reachdoctor \\- find out why a TCP port cannot be reached`],
    [
      'SYNOPSIS',
      `.B reachdoctor\n[\\fIoptions\\fR]\n[\\fITARGET\\fR]\n.br\n.B reachdoctor \\-\\-wait\\-until\n.I reachable\n[\\fIoptions\\fR]\n.I TARGET\n[\\fB\\-\\-\\fR \\fICOMMAND\\fR ...]`,
    ],
    [
      'DESCRIPTION',
      [
        roff(PURPOSE),
        '.PP',
        roff(
          'Without a target it asks, on a terminal. A target is host:port, 192.0.2.7:443, [2001:db8::7]:443, https://host/path, ssh://host, or a host with --port.',
        ),
        '.PP',
        roff(MANNERS),
      ].join('\n'),
    ],
    ['OPTIONS', options.join('\n')],
    [
      'EXIT STATUS',
      EXIT_CODES.map(([code, words]) => `.TP\n.B ${roff(code)}\n${roff(sentence(words))}`).join('\n'),
    ],
    [
      'ENVIRONMENT',
      [
        ...CONFIG_KEYS.map(
          ({ key, variable }) => `.TP\n.B ${variable}\nThe same as ${roff(key)} in the settings file.`,
        ),
        `.TP\n.B REACHDOCTOR_CONFIG\nThe settings file; empty = none.`,
        `.TP\n.B GLOBALPING_TOKEN\nA token of api.globalping.io, for more tests an hour; sent to that service alone.`,
        `.TP\n.BR NO_COLOR ", " FORCE_COLOR\nNo colours, or colours even in a pipe.`,
      ].join('\n'),
    ],
    [
      'FILES',
      [
        `.TP\n.I ~/.config/reachdoctor/config.yaml`,
        roff(
          `Settings that are used where no flag says otherwise: ${CONFIG_KEYS.map(({ key }) => key).join(', ')}. A flag goes before a variable of the environment, and that before the file. --show-config shows them.`,
        ),
      ].join('\n'),
    ],
    [
      'EXAMPLES',
      EXAMPLES.map(([line, words]) => `.TP\n.B ${roff(line)}\n${roff(sentence(words))}`).join('\n'),
    ],
    ['SEE ALSO', '.BR ping (8),\n.BR traceroute (1),\n.BR ss (8)'],
  ];
  return `.TH REACHDOCTOR 1 "" "reachdoctor ${roff(version)}" "User Commands"\n${sections.map(([title, text]) => `.SH ${title}\n${text}\n`).join('')}`;
}
