import { pageOf, type TerminalOptions } from './page.ts';
import { safe } from './sanitize.ts';
import { listed } from './units.ts';
import { padTo, widthOf } from './width.ts';

export interface ShownSetting {
  key: string;
  /** Null = nothing is set. */
  value: string | null;
  from:
    | { kind: 'flag' | 'built-in' }
    | { kind: 'environment'; variable: string }
    | { kind: 'file'; line: number };
}

export interface ShownConfig {
  /** Null = no file is looked for. */
  file: string | null;
  found: boolean;
  settings: ShownSetting[];
  unknownVariables: string[];
}

/** What is set, and by whom, a line each. */
export function renderConfig(
  { file, found, settings, unknownVariables }: ShownConfig,
  options: TerminalOptions,
): string {
  const page = pageOf(options);
  page.say('Settings file: ', file === null ? 'none' : `${safe(file)}${found ? '' : ' (not there)'}`);
  page.blank();
  const left = Math.max(...settings.map(({ key }) => widthOf(key))) + 2;
  for (const { key, value, from } of settings)
    page.say(`  ${padTo(key, left)}`, `${value === null ? 'not set' : safe(value)}${originWords(from)}`);
  if (unknownVariables.length > 0) {
    page.blank();
    page.say(
      '',
      `Not known, and not used: ${listed(
        unknownVariables.map((name) => safe(name)),
        16,
      )}.`,
    );
  }
  return page.text();
}

function originWords(from: ShownSetting['from']): string {
  switch (from.kind) {
    case 'flag':
      return ' (the command line)';
    case 'environment':
      return ` (${from.variable})`;
    case 'file':
      return ` (the settings file, line ${from.line})`;
    case 'built-in':
      return '';
  }
}
