import type { OptionGroup } from '../habits/option-entry.ts';

export const GOALS = ['reachable', 'unreachable'] as const;
export type Goal = (typeof GOALS)[number];

export const UNTIL_GROUP: OptionGroup = {
  title: 'Until it works',
  options: [
    {
      flags: '--wait-until <STATE>',
      text: 'wait until it is reachable, or unreachable; then run what follows --',
      example: 'reachable',
      values: GOALS,
      short: 'reachable or unreachable; then run what follows --',
    },
    {
      flags: '--watch [SECONDS]',
      text: 'look every so many seconds (10), and tell each incident',
      short: 'look every 10 s, and tell each incident',
    },
    {
      flags: '--every <TIME>',
      text: 'how often to look: 1s with --wait-until, 10s with --watch',
      example: '2s',
    },
    {
      flags: '--compare <OLD>',
      text: 'what changed since a saved run: --compare old.json [new.json]',
      example: 'old.json new.json',
      values: 'file',
      short: 'what changed since a saved run',
    },
  ],
};
