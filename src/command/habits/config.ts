import { dirname, isAbsolute, join, resolve } from 'node:path';
import { readWhole } from '../../doors/read-text.ts';
import { nearest } from '../../ground/nearest.ts';
import { type Flags, settingsOf } from '../settings.ts';
import { isUsageError, shown, type UsageError, usageError as usage } from '../usage-error.ts';
import { CONFIG_KEYS, type ConfigKey } from './config-keys.ts';
import { longOf } from './option-entry.ts';
import { OPTIONS } from './options.ts';

export type Origin = { kind: 'file'; line: number } | { kind: 'environment'; variable: string };

/** What the settings file and the environment say, checked; a flag goes before both. */
export interface Defaults {
  flags: Partial<Flags>;
  /** By the name of the parsed flag. */
  from: Record<string, Origin>;
  /** Where the file is looked for; null = nowhere. */
  file: string | null;
  found: boolean;
  /** `REACHDOCTOR_...` variables that mean nothing. */
  unknownVariables: string[];
}

export const NO_DEFAULTS: Defaults = { flags: {}, from: {}, file: null, found: false, unknownVariables: [] };

type Env = Record<string, string | undefined>;
const MOST_OCTETS = 64 * 1024;
const MOST_LISTED = 16;

/** `~/.config/reachdoctor/config.yaml`, or where XDG_CONFIG_HOME, %APPDATA% or REACHDOCTOR_CONFIG say; null = nowhere. */
export function configFile(env: Env, platform: NodeJS.Platform): string | null {
  const named = env.REACHDOCTOR_CONFIG;
  if (named !== undefined) return named === '' ? null : named;
  const folder = configHome(env, platform);
  return folder === null ? null : join(folder, 'reachdoctor', 'config.yaml');
}

function configHome(env: Env, platform: NodeJS.Platform): string | null {
  if (platform === 'win32') return env.APPDATA ?? null;
  // The XDG specification has relative paths ignored.
  const xdg = env.XDG_CONFIG_HOME;
  if (xdg !== undefined && isAbsolute(xdg)) return xdg;
  return env.HOME === undefined || env.HOME === '' ? null : join(env.HOME, '.config');
}

/** One sentence about the first value that is wrong. */
export async function readDefaults(env: Env, platform: NodeJS.Platform): Promise<Defaults | UsageError> {
  const file = configFile(env, platform);
  const isNamed = env.REACHDOCTOR_CONFIG !== undefined;
  const read = file === null ? null : await readFileAt(file, isNamed, env);
  if (isUsageError(read)) return read;
  const defaults: Defaults = {
    flags: {},
    from: {},
    file,
    found: read !== null,
    unknownVariables: unknownOf(env),
  };
  const take = (one: ConfigKey, value: unknown, origin: Origin): void => {
    Object.assign(defaults.flags, { [one.flag]: value });
    defaults.from[one.flag] = origin;
  };
  for (const { key, value, line } of read ?? []) take(key, value, { kind: 'file', line });
  for (const key of CONFIG_KEYS) {
    const text = env[key.variable];
    // An empty variable is one that is not set.
    if (text === undefined || text === '') continue;
    const value = valueOfText(key, text, env);
    const wrong = isUsageError(value) ? value.error : whyWrong(key, value);
    if (wrong !== null) return usage(inTheirWords(wrong, key, `${key.variable}=`));
    take(key, value, { kind: 'environment', variable: key.variable });
  }
  return defaults;
}

/** Ours, and no settings: the last two are how programs that we start know each other, and a switch for tests. */
const OWN_VARIABLES = ['REACHDOCTOR_CONFIG', 'REACHDOCTOR_CHILD_OF', 'REACHDOCTOR_NO_NATIVE'];

const unknownOf = (env: Env): string[] => {
  const known = new Set([...OWN_VARIABLES, ...CONFIG_KEYS.map(({ variable }) => variable)]);
  return Object.keys(env)
    .filter((name) => name.startsWith('REACHDOCTOR_') && !known.has(name))
    .slice(0, MOST_LISTED);
};

// ---------------------------------------------------------------- the file

interface Entry {
  key: ConfigKey;
  value: string | string[] | boolean;
  line: number;
}

async function readFileAt(file: string, isNamed: boolean, env: Env): Promise<Entry[] | null | UsageError> {
  const read = await readWhole(file, MOST_OCTETS);
  if ('text' in read) return entriesOf(read.text, file, env);
  // Of a home that may not be looked into nobody knows whether there are any.
  if (!isNamed && (read.kind === 'missing' || (read.kind === 'unreadable' && read.code === 'EACCES')))
    return null;
  const why = {
    missing: 'does not exist',
    directory: 'is a directory',
    'not-regular': 'is a device, a pipe or a socket',
    'too-large': 'is larger than 64 KiB',
    unreadable: `cannot be read (${read.code})`,
  }[read.kind];
  return usage(
    `The settings file ${shown(file)} ${why}: name another one with REACHDOCTOR_CONFIG=FILE, or none with REACHDOCTOR_CONFIG= (empty).`,
  );
}

async function entriesOf(text: string, file: string, env: Env): Promise<Entry[] | UsageError> {
  const { isMap, isScalar, isSeq, LineCounter, parseDocument } = await import('yaml');
  const lines = new LineCounter();
  const wrong = (line: number, what: string) =>
    usage(`Line ${line} of the settings file ${shown(file)}: ${what}`);
  let document: ReturnType<typeof parseDocument>;
  try {
    document = parseDocument(text, { lineCounter: lines, prettyErrors: false, uniqueKeys: true });
  } catch {
    // The parser recurses: what overflows its stack is no list of settings.
    return wrong(1, 'this is no list of settings: write a line each, as in control: other.example.com.');
  }
  const [problem] = document.errors;
  if (problem !== undefined) {
    const line = lines.linePos(problem.pos[0]).line;
    return problem.code === 'DUPLICATE_KEY'
      ? wrong(line, 'this setting is there twice: leave one of them out.')
      : wrong(line, 'this is no YAML: write a setting a line, as in control: other.example.com.');
  }
  const root = document.contents;
  if (root === null || (isScalar(root) && root.value === null)) return [];
  if (!isMap(root))
    return wrong(1, 'this is no list of settings: write a line each, as in control: other.example.com.');
  const entries: Entry[] = [];
  for (const { key: name, value: node } of root.items) {
    const line = isScalar(name) && name.range != null ? lines.linePos(name.range[0]).line : 1;
    const word = isScalar(name) ? String(name.value) : '';
    const key = CONFIG_KEYS.find((one) => one.key === word);
    if (key === undefined) {
      const guess = nearest(
        word,
        CONFIG_KEYS.map((one) => one.key),
      );
      return wrong(
        line,
        `there is no setting ${shown(word)}: write ${guess ?? `one of ${CONFIG_KEYS.map((one) => one.key).join(', ')}`}.`,
      );
    }
    const raw = isSeq(node)
      ? node.items.map((one) => (isScalar(one) ? one.value : one))
      : isScalar(node)
        ? node.value
        : node;
    const value = valueOfYaml(key, raw, file, env);
    const problemOf = isUsageError(value) ? value.error : whyWrong(key, value);
    if (problemOf !== null) return wrong(line, inTheirWords(problemOf, key, `${key.key}: `));
    entries.push({ key, value: value as Entry['value'], line });
  }
  return entries;
}

const isWord = (value: unknown): value is string | number =>
  typeof value === 'string' || typeof value === 'number';

function oneValue({ key }: ConfigKey, or = ''): UsageError {
  const example = OPTIONS.find((entry) => longOf(entry) === `--${key}`)?.example;
  return usage(`--${key} takes one value${or}: write it as in --${key} ${example}.`);
}

function valueOfYaml(key: ConfigKey, raw: unknown, file: string, env: Env): Entry['value'] | UsageError {
  switch (key.type) {
    case 'yes-no':
      return typeof raw === 'boolean' ? raw : isWord(raw) ? yesOrNo(key, String(raw)) : yesOrNo(key, '');
    case 'list': {
      const list = Array.isArray(raw) ? raw : [raw];
      return list.every(isWord) ? list.map(String) : oneValue(key, ' or a list of them');
    }
    case 'path': {
      if (!isWord(raw)) return oneValue(key);
      const path = fromHome(String(raw), env);
      return path === '' || isAbsolute(path) ? path : resolve(dirname(file), path);
    }
    default:
      return isWord(raw) ? String(raw) : oneValue(key);
  }
}

// ---------------------------------------------------------------- values

function valueOfText(key: ConfigKey, text: string, env: Env): Entry['value'] | UsageError {
  switch (key.type) {
    case 'yes-no':
      return yesOrNo(key, text);
    case 'list':
      return text.split(/[\s,]+/).filter((one) => one !== '');
    case 'path':
      return fromHome(text, env);
    default:
      return text;
  }
}

function yesOrNo({ key }: ConfigKey, text: string): boolean | UsageError {
  if (/^(yes|true|on|1)$/i.test(text)) return true;
  if (/^(no|false|off|0)$/i.test(text)) return false;
  return usage(`--${key} takes yes or no, and ${shown(text)} is neither: write it as in --${key} yes.`);
}

const fromHome = (path: string, env: Env): string =>
  path.startsWith('~/') && env.HOME !== undefined ? join(env.HOME, path.slice(2)) : path;

/** What the flag itself would say. */
function whyWrong({ flag }: ConfigKey, value: unknown): string | null {
  const checked = settingsOf({ names: true, ttlProbe: true, [flag]: value });
  return isUsageError(checked) ? checked.error : null;
}

/** `write it as in --resolver 192.0.2.53` -> `write it as in resolver: 192.0.2.53`, `... REACHDOCTOR_RESOLVER=192.0.2.53`. */
const inTheirWords = (sentence: string, { key }: ConfigKey, written: string): string =>
  sentence
    .replaceAll(`as in --${key} `, `as in ${written}`)
    .replaceAll(`--${key}`, written.replace(/(: |=)$/, ''));
