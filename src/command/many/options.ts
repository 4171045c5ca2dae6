import { LIST_FORMATS } from '../../report/many/index.ts';
import type { OptionGroup } from '../habits/option-entry.ts';

export const MOST_JOBS = 256;

export const MANY_GROUP: OptionGroup = {
  title: 'Many targets (or several on the command line)',
  options: [
    {
      flags: '--targets <FILE>',
      text: 'a list (- = standard input): one target a line, CSV or YAML, with expect, cause and within',
      example: 'targets.txt',
      values: 'file',
      short: 'test a list: one a line, or CSV, or YAML',
    },
    {
      flags: '--format <FORMAT>',
      text: `${LIST_FORMATS.join(', ')} on standard output, in place of a table`,
      example: 'junit',
      values: LIST_FORMATS,
    },
    {
      flags: '--jobs <NUMBER>',
      text: `targets at work at once (default 32 a core, at most ${MOST_JOBS})`,
      example: '16',
    },
  ],
};
