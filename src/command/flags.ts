import { isIP } from 'node:net';
import { Command, CommanderError, Option } from 'commander';
import { nearest } from '../ground/nearest.ts';
import type { Target } from '../model/request.ts';
import { parseHost } from './host-name.ts';
import {
  DEFAULT_MAX_TIME_S,
  type Flags,
  MAX_ALTERNATE_PORTS,
  type Settings,
  settingsOf,
} from './settings.ts';
import { parseTarget } from './target.ts';
import { THERE_EXAMPLES, THERE_GROUP, THERE_OPTIONS, type ThereJob, thereJobOf } from './there/flags.ts';
import { isUsageError, shown, type UsageError, usageError as usage } from './usage-error.ts';
import { UNTIL_EXAMPLES, UNTIL_GROUP, UNTIL_OPTIONS, type UntilJob, untilJobOf } from './watch/flags.ts';

/** What --help promises: the most SYNs that one address of the target may get, and the most connections that complete. */
export const SYN_BUDGET = 90;
export const CONNECTION_BUDGET = 24;

export type Invocation =
  | { kind: 'print'; text: string }
  | { kind: 'bad'; error: string }
  | { kind: 'diagnose'; target: Target; settings: Settings }
  | { kind: 'ask'; settings: Settings }
  | { kind: 'replay'; file: string; settings: Settings }
  | { kind: 'dry-run'; target: Target; platform: NodeJS.Platform | null; settings: Settings }
  | { kind: 'explain-output'; file: string; target: Target | null; settings: Settings }
  | { kind: 'there'; job: ThereJob; settings: Settings }
  | { kind: 'until'; job: UntilJob; settings: Settings }
  | { kind: 'explain'; cause: string; run: string | null; settings: Settings }
  | { kind: 'list-causes'; settings: Settings };

/** The command line (without node and script) -> what is to be done. Reads nothing, prints nothing, never throws. */
export function parseArgv(argv: string[], version: string, columns = 80): Invocation {
  let printed = '';
  const command = commandOf(version, columns, (text) => {
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
  const invocation = invocationOf(command.args, command.opts<Flags>(), behind);
  return isUsageError(invocation) ? { kind: 'bad', error: invocation.error } : invocation;
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

  const job = thereJobOf(flags, positional);
  if (isUsageError(job)) return job;
  if (job !== null) return { kind: 'there', job, settings };

  const [first, second] = positional;
  if (first !== undefined && second !== undefined) {
    if (/^\d{1,5}$/.test(second) && !first.includes(':')) {
      return usage(`Host and port are one word: write reachdoctor ${shownHost(first)}:${second}.`);
    }
    return usage(
      `Two targets are given, ${shown(first)} and ${shown(second)}: give one at a time, as in reachdoctor example.com:443.`,
    );
  }
  if (flags.diagnose !== undefined && first !== undefined) {
    return usage(
      `Two targets are given, ${shown(flags.diagnose)} and ${shown(first)}: give one at a time, as in reachdoctor --diagnose example.com:443.`,
    );
  }
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
      : { kind: 'ask', settings };
  }
  const target = parseTarget(input, { port: flags.port, service: flags.service });
  if (isUsageError(target)) return target;
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
  ].filter((flag) => flag !== null);
  const job = { wait: '--wait-until', watch: '--watch', compare: '--compare' }[kind];
  return others.length === 0
    ? null
    : usage(`One thing is done at a time, and ${job} and ${others[0]} are two: leave one of them out.`);
}

/** Systems that a dry run can be told to be on. */
const PLATFORMS = ['linux', 'darwin', 'win32'] as const satisfies readonly NodeJS.Platform[];

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

/** Only a host that reads as one is shown in a command to copy. */
function shownHost(text: string): string {
  const host = parseHost(text);
  return isUsageError(host) ? 'example.com' : host;
}

// ---------------------------------------------------------------- commander

const WITHOUT_NETWORK = 'Without touching the network';
const collect = (value: string, list: string[] | undefined): string[] => [...(list ?? []), value];

function commandOf(version: string, columns: number, write: (text: string) => void): Command {
  const width = Math.min(Math.max(columns, 60), 100);
  const command = new Command('reachdoctor')
    .description("Why can't I reach HOST:PORT, where is it stopped, and who can fix it?")
    .usage('[options] [TARGET]')
    .argument('[target...]', 'what cannot be reached; the same as --diagnose')
    .exitOverride()
    .allowExcessArguments(true)
    .configureOutput({
      writeOut: write,
      writeErr: () => {},
      getOutHelpWidth: () => width,
      getErrHelpWidth: () => width,
    })
    .configureHelp({ visibleArguments: () => [] });
  const add = (group: string, ...options: Option[]) => {
    for (const option of options) command.addOption(option.helpGroup(group));
  };
  const option = (flags: string, text: string) => new Option(flags, text);

  add(
    'What to diagnose (without a target: questions, on a terminal)',
    option(
      '--diagnose <TARGET>',
      'host:port, [2001:db8::7]:443, https://host/path, ssh://host; asks nothing',
    ),
    option('--port <PORT>', 'port number or service name, for a target without one'),
    option('--service <NAME>', 'what should speak on that port: https, ssh, postgresql ...'),
    option(
      '--answer <KEY=VALUE>',
      'what only you know: worked-before=yes, others-can-reach=no, vpn-or-proxy=no, symptom=hangs ...; may be repeated',
    ).argParser(collect),
  );
  add(
    'What comes out',
    option('--json', 'one JSON document on standard output'),
    option('--report <FILE>', 'write a report: .md, .html, .json or .txt; may be repeated').argParser(
      collect,
    ),
    option('--redact', 'leave out your addresses, names and resolvers'),
    option('--save-evidence <FILE>', 'write everything that was observed, for --replay'),
    option('-v, --verbose', 'show every observation'),
    option('--quiet', 'no progress and no notices on standard error'),
    option('--color', 'colours even in a pipe; FORCE_COLOR does the same'),
    option('--no-color', 'no colours; NO_COLOR does the same'),
  );
  add(
    'How to look',
    option('--max-time <SECONDS>', `end after this time (default ${DEFAULT_MAX_TIME_S})`),
    option('-4, --ipv4', 'only IPv4'),
    option('-6, --ipv6', 'only IPv6'),
    option(
      '--ports <LIST>',
      `other ports of the host to compare with, at most ${MAX_ALTERNATE_PORTS}: 22,80,https`,
    ),
    option('--control <HOST>', 'another host whose same port is known to be open'),
    option('--resolver <ADDRESS>', 'another DNS server to compare with; may be repeated').argParser(collect),
    option('--seen-as <ADDRESS>', 'the address that the far end sees you under, behind NAT'),
    option('--sni <NAME>', 'server name to send in TLS'),
    option('--ca <FILE>', 'PEM file of certificate authorities to trust as well'),
    option('--trace', 'trace the path even when the port is open'),
    option('--no-ttl-probe', 'send no packets with a short TTL'),
    option('--no-names', 'do not look up the names of the routers'),
    option('--rules <DIR>', 'your own rules, beside the built-in ones'),
  );
  add(UNTIL_GROUP, ...UNTIL_OPTIONS);
  add(THERE_GROUP, ...THERE_OPTIONS);
  add(
    WITHOUT_NETWORK,
    option('--replay <FILE>', 'diagnose saved evidence again'),
    option('--dry-run', 'list every step, command and packet with its reason, and run none'),
    option('--platform <SYSTEM>', 'with --dry-run: as on linux, darwin or win32'),
    option(
      '--explain-output <FILE>',
      'what telnet, ssh, curl, ping ... said elsewhere, pasted into a file (- = standard input); --diagnose says about what',
    ),
    option(
      '--explain <CAUSE>',
      'what a cause is, how it is recognised, who fixes it; with --replay FILE in the words of that run',
    ),
    option('--list-causes', 'every cause that can be diagnosed'),
  );
  command.version(version, '-V, --version', 'print the version');
  command.options.at(-1)?.helpGroup(WITHOUT_NETWORK);
  command.addHelpOption(option('-h, --help', 'print this').helpGroup(WITHOUT_NETWORK));
  command.addHelpText('after', AFTER_HELP);
  return command;
}

const AFTER_HELP = `
Examples:
  reachdoctor                                   asks what it needs to know
  reachdoctor --diagnose db.example.com:5432
  reachdoctor https://example.com/ --report for-the-admin.md
  reachdoctor --diagnose [2001:db8::7]:22 --json

Exit codes:
  0 reachable   1 impaired or unreachable   2 bad usage   3 undetermined
  4 diagnosed, and a file that was asked for could not be written
  129, 130, 143 ended by SIGHUP, SIGINT, SIGTERM: what was gathered is reported

Manners: at most about ${SYN_BUDGET} SYNs to an address of the target, of which at most
${CONNECTION_BUDGET} become connections, closed at once. Only the target, your DNS servers and
the hosts that you name are contacted.`;

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
  return `${name} needs a value: ${EXAMPLES[name] ?? 'see reachdoctor --help'}.`;
}

function sentenceOf(problem: CommanderError, command: Command): string {
  const given = /'([^']*)'/.exec(problem.message)?.[1] ?? '';
  if (problem.code === 'commander.optionMissingArgument') return valueMissing(given);
  if (problem.code === 'commander.unknownOption') {
    const name = given.split('=', 1)[0] ?? given;
    const names = command.options.flatMap((one) => (one.long ? [one.long] : []));
    if (names.includes(name)) return `${name} takes no value: write it alone, as in ${name}.`;
    const guess = name.startsWith('--') ? nearest(name, names) : null;
    return guess === null
      ? `There is no option ${shown(name)}: reachdoctor --help lists them all.`
      : `There is no option ${shown(name)}: write ${guess}, or see reachdoctor --help.`;
  }
  return `${shown(problem.message.replace(/^error: /, '').split('\n')[0] ?? '').slice(1, -1)}: see reachdoctor --help.`;
}

const EXAMPLES: Record<string, string> = {
  ...THERE_EXAMPLES,
  ...UNTIL_EXAMPLES,
  '--diagnose': 'write it as in --diagnose example.com:443',
  '--port': 'write it as in --port 443',
  '--service': 'write it as in --service https',
  '--report': 'write it as in --report report.md',
  '--answer': 'write it as in --answer worked-before=yes',
  '--resolver': 'write it as in --resolver 192.0.2.53',
  '--control': 'write it as in --control other.example.com',
  '--ports': 'write it as in --ports 22,80',
  '--max-time': `write it as in --max-time ${DEFAULT_MAX_TIME_S}`,
  '--seen-as': 'write it as in --seen-as 203.0.113.9',
  '--sni': 'write it as in --sni www.example.com',
  '--ca': 'write it as in --ca ca.pem',
  '--rules': 'write it as in --rules my-rules',
  '--replay': 'write it as in --replay run.json',
  '--save-evidence': 'write it as in --save-evidence run.json',
  '--explain': 'write it as in --explain CAUSE; --list-causes names them all',
  '--platform': 'write it as in --platform win32',
  '--explain-output': 'write it as in --explain-output pasted.txt',
};
