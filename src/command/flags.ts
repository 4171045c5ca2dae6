import { isIP } from 'node:net';
import { Command, CommanderError, Option } from 'commander';
import { nearest } from '../ground/nearest.ts';
import type { Target } from '../model/request.ts';
import type { ShownConfig } from '../report/settings-words.ts';
import { type Defaults, NO_DEFAULTS } from './habits/config.ts';
import { helpText } from './habits/help.ts';
import { longOf } from './habits/option-entry.ts';
import { OPTIONS, PLATFORMS, SHELLS, type Shell } from './habits/options.ts';
import { inOtherWords } from './habits/other-tools.ts';
import { shownConfig } from './habits/show-config.ts';
import { type ManyJob, manyJobOf } from './many/flags.ts';
import { type Flags, type Settings, settingsOf } from './settings.ts';
import { parseTarget } from './target.ts';
import { type ThereJob, thereJobOf } from './there/flags.ts';
import { type HostOnly, isHostOnly, parseTyped } from './typed.ts';
import { isUsageError, shown, type UsageError, usageError as usage } from './usage-error.ts';
import { type UntilJob, untilJobOf } from './watch/flags.ts';

export type Invocation =
  | { kind: 'print'; text: string }
  | { kind: 'bad'; error: string }
  | { kind: 'diagnose'; target: Target; settings: Settings }
  /** `typed`: the host is known. `otherwise`: what is said where there is no terminal. */
  | { kind: 'ask'; settings: Settings; typed: HostOnly | null; otherwise: string }
  | { kind: 'replay'; file: string; settings: Settings }
  | { kind: 'dry-run'; target: Target; platform: NodeJS.Platform | null; settings: Settings }
  | { kind: 'explain-output'; file: string; target: Target | null; settings: Settings }
  | { kind: 'there'; job: ThereJob; settings: Settings }
  | { kind: 'many'; job: ManyJob; settings: Settings }
  | { kind: 'until'; job: UntilJob; settings: Settings }
  | { kind: 'explain'; cause: string; run: string | null; settings: Settings }
  | { kind: 'list-causes'; settings: Settings }
  | { kind: 'completions'; shell: Shell }
  | { kind: 'man' }
  | { kind: 'show-config'; config: ShownConfig; settings: Settings };

/**
 * The command line (without node and script) -> what is to be done. Reads nothing, prints nothing, never throws.
 * `defaults` hold where no flag says otherwise.
 */
export function parseArgv(
  argv: string[],
  version: string,
  columns = 80,
  defaults: Defaults = NO_DEFAULTS,
): Invocation {
  const topic = helpAsked(argv);
  if (topic !== null) return { kind: 'print', text: helpText(topic, columns) };
  let printed = '';
  const command = commandOf(version, (text) => {
    printed += text;
  });
  const { words, behind } = splitAtDashes(argv);
  try {
    command.parse(words, { from: 'user' });
  } catch (problem) {
    if (!(problem instanceof CommanderError)) throw problem;
    if (problem.exitCode === 0) return { kind: 'print', text: printed };
    return { kind: 'bad', error: sentenceOf(problem, command) };
  }
  const swallowed = swallowedOption(command);
  if (swallowed !== null) return { kind: 'bad', error: swallowed };
  const given = new Set(
    command.options
      .map((one) => one.attributeName())
      .filter((name) => (command.getOptionValueSource(name) ?? 'default') !== 'default'),
  );
  const own = command.opts<Flags>();
  if (own.showConfig === true) return showConfig(own, given, defaults);
  // A setting never makes wrong what is right without it: the reference host itself may be the target.
  const soft = Object.keys(defaults.flags).filter((name) => !given.has(name));
  const read = (left: readonly string[]): Invocation | UsageError => {
    const kept = Object.entries(defaults.flags).filter(([name]) => left.includes(name));
    return invocationOf(command.args, { ...own, ...Object.fromEntries(kept) }, behind);
  };
  const first = read(soft);
  const others =
    soft.length === 0 || !isUsageError(first) ? [] : soft.map((name) => soft.filter((one) => one !== name));
  const right = others.map(read).find((one) => !isUsageError(one));
  const invocation = right ?? first;
  return isUsageError(invocation) ? { kind: 'bad', error: invocation.error } : invocation;
}

function showConfig(own: Flags, given: ReadonlySet<string>, defaults: Defaults): Invocation {
  const flags: Flags = {
    ...defaults.flags,
    ...Object.fromEntries(Object.entries(own).filter(([name]) => given.has(name))),
  } as Flags;
  const checked = settingsOf({ ...own, ...flags });
  return isUsageError(checked)
    ? { kind: 'bad', error: checked.error }
    : { kind: 'show-config', config: shownConfig(flags, given, defaults), settings: checked };
}

/** What stands after `--` is a command where there is something to wait for; null = nothing does. */
function splitAtDashes(argv: string[]): { words: string[]; behind: string[] | null } {
  const dashes = argv.indexOf('--');
  const waits = argv.findIndex((word) => /^--wait-until(=|$)/.test(word));
  if (dashes < 0 || waits < 0 || waits > dashes) return { words: argv, behind: null };
  return { words: argv.slice(0, dashes), behind: argv.slice(dashes + 1) };
}

function invocationOf(
  positional: string[],
  flags: Flags,
  behind: readonly string[] | null,
): Invocation | UsageError {
  if (flags.man === true) return { kind: 'man' };
  if (flags.completions !== undefined) {
    const shell = SHELLS.find((one) => one === flags.completions);
    return shell === undefined
      ? usage(
          `--completions ${shown(flags.completions)} is no shell that is known: write it as in --completions ${nearest(flags.completions, SHELLS) ?? 'bash'} (of ${SHELLS.join(', ')}).`,
        )
      : { kind: 'completions', shell };
  }
  const settings = settingsOf(flags);
  if (isUsageError(settings)) return settings;

  const until = untilJobOf({ flags, positional, command: behind });
  if (isUsageError(until)) return until;
  if (until !== null) {
    const clash =
      clashWithUntil(flags, until) ??
      (until.target === null ? null : clashWithTarget(until.target, settings.wish));
    return clash ?? { kind: 'until', job: until, settings };
  }

  const elsewhere = clashWithFrom(flags);
  if (elsewhere !== null) return elsewhere;

  const job = thereJobOf(flags, positional);
  if (isUsageError(job)) return job;
  if (job !== null) return { kind: 'there', job, settings };

  const many = manyJobOf({ flags, positional, settings });
  if (isUsageError(many)) return many;
  if (many !== null)
    return flags.from === undefined
      ? { kind: 'many', job: many, settings }
      : usage('--from looks at one target at a time: leave it out, or give one target.');

  const [first] = positional;
  // What people type at a shell: db, db 5432, ssh root@db.
  const typed =
    first === undefined
      ? null
      : parseTyped(positional.join(' '), { port: flags.port, service: flags.service });
  const input = flags.diagnose ?? first;
  const jobs = [
    input === undefined || flags.explainOutput !== undefined ? null : 'a target',
    flags.explainOutput === undefined ? null : '--explain-output',
    flags.replay === undefined ? null : '--replay',
    flags.explain === undefined ? null : '--explain',
    flags.listCauses === true ? '--list-causes' : null,
  ].filter((job) => job !== null);
  // A cause is explained with the values of a saved run.
  const explainsRun = flags.replay !== undefined && flags.replay !== '' && flags.explain !== undefined;
  if (jobs.length > (explainsRun ? 2 : 1)) {
    return usage(`One thing is done at a time, and ${jobs.join(' and ')} are two: leave one of them out.`);
  }
  if (flags.listCauses === true) return { kind: 'list-causes', settings };
  if (flags.explain !== undefined)
    return {
      kind: 'explain',
      cause: flags.explain,
      run: explainsRun ? (flags.replay ?? null) : null,
      settings,
    };
  if (flags.replay !== undefined) {
    return flags.replay === ''
      ? usage('--replay needs the file of a run that --save-evidence wrote, as in --replay run.json.')
      : { kind: 'replay', file: flags.replay, settings };
  }
  if (flags.explainOutput !== undefined) {
    if (flags.explainOutput === '') {
      return usage(
        '--explain-output needs a file, or - for standard input, as in --explain-output pasted.txt.',
      );
    }
    const about =
      input === undefined ? null : parseTarget(input, { port: flags.port, service: flags.service });
    if (isUsageError(about)) return about;
    return { kind: 'explain-output', file: flags.explainOutput, target: about, settings };
  }
  if (flags.platform !== undefined && flags.dryRun !== true) {
    return usage('--platform belongs to --dry-run: a diagnosis always runs on the system that it is on.');
  }
  if (flags.dryRun === true && input === undefined) {
    return usage('--dry-run needs a target, as in reachdoctor --dry-run --diagnose example.com:443.');
  }
  if (input === undefined) {
    return settings.json
      ? usage(
          '--json needs a target, since it asks nothing: write reachdoctor --json --diagnose example.com:443.',
        )
      : { kind: 'ask', settings, typed: null, otherwise: NO_TERMINAL };
  }
  const spelt = parseTarget(input, { port: flags.port, service: flags.service });
  const target = flags.diagnose === undefined && typed !== null ? typed : spelt;
  if (isUsageError(target)) return target;
  if (isHostOnly(target)) {
    const otherwise = isUsageError(spelt) ? spelt.error : NO_TERMINAL;
    return settings.json || flags.dryRun === true
      ? usage(otherwise)
      : { kind: 'ask', settings, typed: target, otherwise };
  }
  const clash = clashWithTarget(target, settings.wish);
  if (clash !== null) return clash;
  if (flags.dryRun === true) {
    const platform = PLATFORMS.find((one) => one === flags.platform) ?? null;
    if (flags.platform !== undefined && platform === null) {
      return usage(
        `--platform ${shown(flags.platform)} is not known: write it as in --platform ${nearest(flags.platform, PLATFORMS) ?? 'win32'} (of ${PLATFORMS.join(', ')}).`,
      );
    }
    return { kind: 'dry-run', target, platform, settings };
  }
  return { kind: 'diagnose', target, settings };
}

/** Places are asked while a target is diagnosed, and by nothing else. */
function clashWithFrom(flags: Flags): UsageError | null {
  if (flags.from === undefined) return null;
  const other = (
    [
      ['--replay', flags.replay],
      ['--dry-run', flags.dryRun],
      ['--explain', flags.explain],
      ['--explain-output', flags.explainOutput],
      ['--list-causes', flags.listCauses],
      ['--knock', flags.knock],
      ['--merge', flags.merge],
      ['--here', flags.here],
      ['--listen', flags.listen],
    ] as const
  ).find(([, value]) => value !== undefined && value !== false);
  return other === undefined
    ? null
    : usage(`--from looks while a target is diagnosed, which ${other[0]} does not: leave one of them out.`);
}

/** Other jobs beside one that stays or looks twice. */
function clashWithUntil(flags: Flags, { kind }: UntilJob): UsageError | null {
  const others = [
    flags.replay === undefined ? null : '--replay',
    flags.explain === undefined ? null : '--explain',
    flags.explainOutput === undefined ? null : '--explain-output',
    flags.listCauses === true ? '--list-causes' : null,
    flags.dryRun === true ? '--dry-run' : null,
    flags.knock === undefined ? null : '--knock',
    flags.merge === undefined ? null : '--merge',
    flags.here === undefined ? null : '--here',
    flags.listen === undefined ? null : '--listen',
    kind === 'compare' || flags.there === undefined ? null : '--there',
    kind === 'compare' || flags.from === undefined ? null : '--from',
  ].filter((flag) => flag !== null);
  const job = { wait: '--wait-until', watch: '--watch', compare: '--compare' }[kind];
  return others.length === 0
    ? null
    : usage(`One thing is done at a time, and ${job} and ${others[0]} are two: leave one of them out.`);
}

const NO_TERMINAL =
  'There is no terminal to ask on: say what to diagnose, as in reachdoctor --diagnose example.com:443 (and see --answer in reachdoctor --help).';

/** What a target rules out among the other flags. */
export function clashWithTarget(target: Target, wish: Settings['wish']): UsageError | null {
  const literal = isIP(target.host);
  if (wish.family !== null && literal !== 0 && literal !== wish.family) {
    return usage(
      `${target.host} is an IPv${literal} address, so -${wish.family} leaves nothing to try: leave -${wish.family} out.`,
    );
  }
  if (wish.controlHost !== null && wish.controlHost === target.host) {
    return usage(
      `--control names the target itself: name another host whose TCP ${target.port} is known to be open, as in --control other.example.com.`,
    );
  }
  return null;
}

// ---------------------------------------------------------------- commander

const collect = (value: string, list: string[] | undefined): string[] => [...(list ?? []), value];

/** The options of the table; help is ours, and answered before anything is parsed. */
function commandOf(version: string, write: (text: string) => void): Command {
  const command = new Command('reachdoctor')
    .argument('[target...]')
    .exitOverride()
    .allowExcessArguments(true)
    .helpOption(false)
    .configureOutput({ writeOut: write, writeErr: () => {} });
  for (const entry of OPTIONS) {
    if (longOf(entry) === '--version') continue;
    const option = new Option(entry.flags, entry.text);
    command.addOption(entry.repeat === true ? option.argParser(collect) : option);
  }
  return command.version(version, '-V, --version');
}

/** `--help` wins over what else is wrong; a command after `--` keeps its own. */
function helpAsked(words: readonly string[]): 'short' | 'all' | null {
  const end = words.indexOf('--');
  const ours = end < 0 ? words : words.slice(0, end);
  const at = ours.findIndex((word) => /^(-h|--help(=.*)?)$/.test(word));
  if (at < 0) return null;
  return ours[at + 1] === 'all' || ours[at] === '--help=all' ? 'all' : 'short';
}

/** `--diagnose --json`: the value of one option is the name of the next. */
function swallowedOption(command: Command): string | null {
  const names = new Set(command.options.flatMap((one) => (one.long ? [one.long] : [])));
  for (const one of command.options) {
    const value: unknown = command.getOptionValue(one.attributeName());
    const last = Array.isArray(value) ? value.find((item) => names.has(item)) : value;
    if (one.required && typeof last === 'string' && names.has(last)) return valueMissing(one.flags);
  }
  return null;
}

function valueMissing(flags: string): string {
  const [name = ''] = flags.replace(/^-\w, /, '').split(' ');
  const example = OPTIONS.find((entry) => longOf(entry) === name)?.example;
  const right = example === undefined ? 'see reachdoctor --help all' : `write it as in ${name} ${example}`;
  return `${name} needs a value: ${right}.`;
}

function sentenceOf(problem: CommanderError, command: Command): string {
  const given = /'([^']*)'/.exec(problem.message)?.[1] ?? '';
  if (problem.code === 'commander.optionMissingArgument') return valueMissing(given);
  if (problem.code === 'commander.unknownOption') {
    const name = given.split('=', 1)[0] ?? given;
    const names = command.options.flatMap((one) => (one.long ? [one.long] : []));
    if (names.includes(name)) return `${name} takes no value: write it alone, as in ${name}.`;
    const other = inOtherWords(given);
    if (other !== null) return `There is no option ${shown(name)}: ${other}.`;
    const guess = name.startsWith('--') ? nearest(name, names) : null;
    return guess === null
      ? `There is no option ${shown(name)}: reachdoctor --help all lists them.`
      : `There is no option ${shown(name)}: write ${guess}, or see reachdoctor --help.`;
  }
  return `${shown(problem.message.replace(/^error: /, '').split('\n')[0] ?? '').slice(1, -1)}: see reachdoctor --help.`;
}
