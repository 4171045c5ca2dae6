import type { ShownConfig, ShownSetting } from '../../report/settings-words.ts';
import { DEFAULT_MAX_TIME_S, type Flags } from '../settings.ts';
import { withoutSecrets } from '../usage-error.ts';
import type { Defaults } from './config.ts';
import { CONFIG_KEYS } from './config-keys.ts';

const BUILT_IN: Record<string, string> = {
  maxTime: String(DEFAULT_MAX_TIME_S),
  names: 'yes',
  ttlProbe: 'yes',
  trace: 'no',
  redact: 'no',
  quiet: 'no',
  verbose: 'no',
  plain: 'no',
  color: 'where the terminal has them',
};

/** Each setting with its value and where it is from. `given` = flags that stood on the command line. */
export function shownConfig(flags: Flags, given: ReadonlySet<string>, defaults: Defaults): ShownConfig {
  const values = new Map<string, unknown>(Object.entries(flags));
  const settings = CONFIG_KEYS.map(({ key, flag }): ShownSetting => {
    const value = values.get(flag);
    const origin = defaults.from[flag];
    if (given.has(flag)) return { key, value: textOf(value), from: { kind: 'flag' } };
    if (origin !== undefined) return { key, value: textOf(value), from: origin };
    return { key, value: BUILT_IN[flag] ?? null, from: { kind: 'built-in' } };
  });
  const { file, found, unknownVariables } = defaults;
  return { file, found, settings, unknownVariables };
}

function textOf(value: unknown): string {
  if (Array.isArray(value)) return value.join(', ');
  if (typeof value === 'boolean') return value ? 'yes' : 'no';
  return withoutSecrets(String(value));
}
