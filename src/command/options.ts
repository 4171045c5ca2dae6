import { isIP, isIPv4, SocketAddress } from 'node:net';
import { Command, CommanderError, Option } from 'commander';
import { nearest } from '../ground/nearest.ts';
import type { Answers, Family, Request, Target } from '../model/request.ts';
import { type Format, formatOfFile } from '../report/index.ts';
import {
  isUsageError,
  parseHost,
  parsePort,
  parseService,
  parseTarget,
  shown,
  shownTarget,
  type UsageError,
} from './target.ts';

/** What --help promises: the most SYNs that one address of the target may get, and the most connections that complete. */
export const SYN_BUDGET = 90;
export const CONNECTION_BUDGET = 24;

export const DEFAULT_MAX_TIME_S = 20;
export const MAX_ALTERNATE_PORTS = 6;
const MAX_RESOLVERS = 4;

export type ReportFormat = Exclude<Format, 'terminal'>;

export interface ReportFile {
  file: string;
  format: ReportFormat;
}

/** Everything that the flags say beside what is to be done. */
export interface Settings {
  /** The request as far as the flags fill it; the certificate file is still to be read. */
  wish: Omit<Request, 'target' | 'caPem'>;
  /** As given, already checked. */
  port: string | null;
  service: string | null;
  caFile: string | null;
  rulesDir: string | null;
  json: boolean;
  reports: ReportFile[];
  saveEvidence: string | null;
  redact: boolean;
  verbose: boolean;
  quiet: boolean;
  /** Null = decided by the terminal and the environment. */
  color: boolean | null;
}

export type Invocation =
  | { kind: 'print'; text: string }
  | { kind: 'bad'; error: string }
  | { kind: 'diagnose'; target: Target; settings: Settings }
  | { kind: 'ask'; settings: Settings }
  | { kind: 'replay'; file: string; settings: Settings }
  | { kind: 'explain'; cause: string; settings: Settings }
  | { kind: 'list-causes'; settings: Settings };

const YES_NO = ['yes', 'no', 'unknown'] as const;
/** The questions that only the user can answer, and the words they can be answered with. */
export const QUESTIONS = {
  symptom: ['refused', 'hangs', 'certificate-error', 'intermittent', 'slow', 'unknown'],
  'worked-before': YES_NO,
  'others-can-reach': YES_NO,
  'vpn-or-proxy': YES_NO,
} as const satisfies { [Q in keyof Answers]-?: readonly NonNullable<Answers[Q]>[] };

interface Flags {
  diagnose?: string;
  port?: string;
  service?: string;
  json?: boolean;
  report?: string[];
  answer?: string[];
  resolver?: string[];
  control?: string;
  ports?: string;
  rules?: string;
  maxTime?: string;
  names: boolean;
  ttlProbe: boolean;
  trace?: boolean;
  ipv4?: boolean;
  ipv6?: boolean;
  sni?: string;
  ca?: string;
  explain?: string;
  listCauses?: boolean;
  saveEvidence?: string;
  replay?: string;
  redact?: boolean;
  verbose?: boolean;
  quiet?: boolean;
  color?: boolean;
}

/** The command line (without node and script) -> what is to be done. Reads nothing, prints nothing, never throws. */
export function parseArgv(argv: string[], version: string, columns = 80): Invocation {
  let printed = '';
  const command = commandOf(version, columns, (text) => {
    printed += text;
  });
  try {
    command.parse(argv, { from: 'user' });
  } catch (problem) {
    if (!(problem instanceof CommanderError)) throw problem;
    if (problem.exitCode === 0) return { kind: 'print', text: printed };
    return { kind: 'bad', error: sentenceOf(problem, command) };
  }
  const swallowed = swallowedOption(command);
  if (swallowed !== null) return { kind: 'bad', error: swallowed };
  const invocation = invocationOf(command.args, command.opts<Flags>());
  return isUsageError(invocation) ? { kind: 'bad', error: invocation.error } : invocation;
}

function invocationOf(positional: string[], flags: Flags): Invocation | UsageError {
  const settings = settingsOf(flags);
  if (isUsageError(settings)) return settings;

  const [first, second] = positional;
  if (first !== undefined && second !== undefined) {
    if (/^\d{1,5}$/.test(second) && !first.includes(':')) {
      return usage(`Host and port are one word: write reachdoctor ${shownHost(first)}:${second}.`);
    }
    return usage(
      `Two targets are given, ${shownTarget(first)} and ${shownTarget(second)}: give one at a time, as in reachdoctor example.com:443.`,
    );
  }
  if (flags.diagnose !== undefined && first !== undefined) {
    return usage(
      `Two targets are given, ${shownTarget(flags.diagnose)} and ${shownTarget(first)}: give one at a time, as in reachdoctor --diagnose example.com:443.`,
    );
  }
  const input = flags.diagnose ?? first;
  const jobs = [
    input === undefined ? null : 'a target',
    flags.replay === undefined ? null : '--replay',
    flags.explain === undefined ? null : '--explain',
    flags.listCauses === true ? '--list-causes' : null,
  ].filter((job) => job !== null);
  if (jobs.length > 1) {
    return usage(`One thing is done at a time, and ${jobs.join(' and ')} are two: leave one of them out.`);
  }
  if (flags.listCauses === true) return { kind: 'list-causes', settings };
  if (flags.explain !== undefined) return { kind: 'explain', cause: flags.explain, settings };
  if (flags.replay !== undefined) {
    return flags.replay === ''
      ? usage('--replay needs the file of a run that --save-evidence wrote, as in --replay run.json.')
      : { kind: 'replay', file: flags.replay, settings };
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
  return clash ?? { kind: 'diagnose', target, settings };
}

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

// ---------------------------------------------------------------- single flags

function settingsOf(flags: Flags): Settings | UsageError {
  if (flags.ipv4 === true && flags.ipv6 === true) {
    return usage('-4 and -6 exclude each other: give one, or none to try both families.');
  }
  const port = flags.port === undefined ? null : parsePort(flags.port, '--port');
  if (isUsageError(port)) return port;
  const service = flags.service === undefined ? null : parseService(flags.service);
  if (isUsageError(service)) return service;
  const answers = answersOf(flags.answer ?? []);
  if (isUsageError(answers)) return answers;
  const resolvers = resolversOf(flags.resolver ?? []);
  if (isUsageError(resolvers)) return resolvers;
  const alternatePorts = flags.ports === undefined ? null : portListOf(flags.ports);
  if (isUsageError(alternatePorts)) return alternatePorts;
  const maxTimeMs = maxTimeOf(flags.maxTime);
  if (isUsageError(maxTimeMs)) return maxTimeMs;
  const reports = reportsOf(flags.report ?? []);
  if (isUsageError(reports)) return reports;
  const controlHost = flags.control === undefined ? null : hostOf(flags.control, '--control');
  if (isUsageError(controlHost)) return controlHost;
  const sni = flags.sni === undefined ? null : sniOf(flags.sni);
  if (isUsageError(sni)) return sni;
  for (const [flag, value, example] of [
    ['--save-evidence', flags.saveEvidence, 'run.json'],
    ['--ca', flags.ca, 'ca.pem'],
    ['--rules', flags.rules, 'my-rules'],
  ] as const) {
    if (value === '' || value === '-') return usage(`${flag} needs a path, as in ${flag} ${example}.`);
  }
  return {
    wish: {
      resolvers,
      controlHost,
      alternatePorts,
      answers,
      maxTimeMs,
      family: familyOf(flags),
      names: flags.names,
      ttlProbe: flags.ttlProbe,
      traceAlways: flags.trace === true,
      sni,
    },
    port: flags.port ?? null,
    service: flags.service ?? null,
    caFile: flags.ca ?? null,
    rulesDir: flags.rules ?? null,
    json: flags.json === true,
    reports,
    saveEvidence: flags.saveEvidence ?? null,
    redact: flags.redact === true,
    verbose: flags.verbose === true,
    quiet: flags.quiet === true,
    color: flags.color ?? null,
  };
}

function familyOf(flags: Flags): Family | null {
  if (flags.ipv4 === true) return 4;
  return flags.ipv6 === true ? 6 : null;
}

function answersOf(given: string[]): Answers | UsageError {
  const answers: Partial<Record<keyof Answers, string>> = {};
  for (const one of given) {
    const cut = one.indexOf('=');
    const question = (cut < 0 ? one : one.slice(0, cut)) as keyof Answers;
    const value = cut < 0 ? '' : one.slice(cut + 1);
    if (!Object.hasOwn(QUESTIONS, question)) {
      const guess = nearest(question, Object.keys(QUESTIONS)) ?? 'worked-before';
      return usage(
        `--answer ${shown(one)} answers no known question: write --answer ${guess}=${QUESTIONS[guess as keyof Answers][0]} (questions: ${Object.keys(QUESTIONS).join(', ')}).`,
      );
    }
    const allowed: readonly string[] = QUESTIONS[question];
    if (!allowed.includes(value)) {
      const guess = nearest(value, allowed) ?? allowed[0];
      return usage(
        `--answer ${shown(one)} is not one of the answers: write --answer ${question}=${guess} (of ${allowed.join(', ')}).`,
      );
    }
    if (answers[question] !== undefined && answers[question] !== value) {
      return usage(
        `--answer ${question} is given twice with different answers: give one, as in --answer ${question}=${value}.`,
      );
    }
    answers[question] = value;
  }
  return answers as Answers;
}

function resolversOf(given: string[]): string[] | UsageError {
  const resolvers = new Set<string>();
  for (const one of given) {
    const bare = one.trim().replace(/^\[(.*)\]$/, '$1');
    if (isIP(bare) === 0) {
      return usage(
        `--resolver takes the IP address of a DNS server and ${shown(one)} is none: write it as in --resolver 192.0.2.53.`,
      );
    }
    const canonical =
      isIPv4(bare) || bare.includes('%')
        ? bare
        : new SocketAddress({ address: bare, family: 'ipv6' }).address;
    resolvers.add(canonical);
  }
  if (resolvers.size > MAX_RESOLVERS) {
    return usage(
      `--resolver is given ${resolvers.size} times and ${MAX_RESOLVERS} are compared at most: leave some out.`,
    );
  }
  return [...resolvers];
}

function portListOf(given: string): number[] | UsageError {
  const ports = new Set<number>();
  for (const one of given.split(',')) {
    const port = parsePort(one, '--ports');
    if (isUsageError(port)) return port;
    ports.add(port.port);
  }
  if (ports.size > MAX_ALTERNATE_PORTS) {
    return usage(
      `--ports lists ${ports.size} ports and ${MAX_ALTERNATE_PORTS} are tried at most, so as not to look like a scan: leave some out.`,
    );
  }
  return [...ports];
}

function maxTimeOf(given: string | undefined): number | UsageError {
  if (given === undefined) return DEFAULT_MAX_TIME_S * 1000;
  const seconds = /^\d+(\.\d+)?$/.test(given) ? Number(given) : Number.NaN;
  if (!(seconds >= 0.5 && seconds <= 600)) {
    return usage(
      `--max-time ${shown(given)} is not a number of seconds from 0.5 to 600: write it as in --max-time ${DEFAULT_MAX_TIME_S}.`,
    );
  }
  return Math.round(seconds * 1000);
}

function reportsOf(given: string[]): ReportFile[] | UsageError {
  const reports: ReportFile[] = [];
  for (const file of given) {
    const report = parseReportFile(file);
    if (isUsageError(report)) return report;
    if (reports.some((other) => other.file === report.file)) {
      return usage(`--report ${shown(file)} is given twice: give each file once.`);
    }
    reports.push(report);
  }
  return reports;
}

/** The format is what the file's ending says. */
export function parseReportFile(file: string): ReportFile | UsageError {
  const example = 'write it as in --report report.md (or .html, .json, .txt)';
  if (file.trim() === '') return usage(`The report has no file name: ${example}.`);
  if (file === '-')
    return usage(`A report goes to a file, and "-" is none: ${example}, or use --json for standard output.`);
  const found = formatOfFile(file);
  return isUsageError(found) ? found : { file, format: found.format as ReportFormat };
}

function hostOf(given: string, flag: string): string | UsageError {
  const host = parseHost(given);
  if (!isUsageError(host)) return host;
  return usage(
    `${flag} takes a host without a port, as in ${flag} other.example.com. ${host.error}`.replace(
      /\. [A-Z"].*$/,
      '.',
    ),
  );
}

function sniOf(given: string): string | UsageError {
  const host = parseHost(given);
  if (isUsageError(host) || isIP(host) !== 0) {
    return usage(
      `--sni takes a host name, which ${shown(given)} is not: write it as in --sni www.example.com.`,
    );
  }
  return host;
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
    option('--sni <NAME>', 'server name to send in TLS'),
    option('--ca <FILE>', 'PEM file of certificate authorities to trust as well'),
    option('--trace', 'trace the path even when the port is open'),
    option('--no-ttl-probe', 'send no packets with a short TTL'),
    option('--no-names', 'do not look up the names of the routers'),
    option('--rules <DIR>', 'your own rules, beside the built-in ones'),
  );
  add(
    WITHOUT_NETWORK,
    option('--replay <FILE>', 'diagnose saved evidence again'),
    option('--explain <CAUSE>', 'what a cause is, how it is recognised, who fixes it'),
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
  130 interrupted (what was gathered is still reported)

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
  '--diagnose': 'write it as in --diagnose example.com:443',
  '--port': 'write it as in --port 443',
  '--service': 'write it as in --service https',
  '--report': 'write it as in --report report.md',
  '--answer': 'write it as in --answer worked-before=yes',
  '--resolver': 'write it as in --resolver 192.0.2.53',
  '--control': 'write it as in --control other.example.com',
  '--ports': 'write it as in --ports 22,80',
  '--max-time': `write it as in --max-time ${DEFAULT_MAX_TIME_S}`,
  '--sni': 'write it as in --sni www.example.com',
  '--ca': 'write it as in --ca ca.pem',
  '--rules': 'write it as in --rules my-rules',
  '--replay': 'write it as in --replay run.json',
  '--save-evidence': 'write it as in --save-evidence run.json',
  '--explain': 'write it as in --explain CAUSE; --list-causes names them all',
};

const usage = (sentence: string): UsageError => ({ error: sentence });

/** Only a host that reads as one is shown in a command to copy. */
function shownHost(text: string): string {
  const host = parseHost(text);
  return isUsageError(host) ? 'example.com' : host;
}

/** NO_COLOR (no-color.org) and FORCE_COLOR; a flag beats both, and a dumb terminal or a pipe has none. */
export function wantsColor(
  flag: boolean | null,
  stream: { isTTY?: boolean },
  env: Record<string, string | undefined>,
): boolean {
  if (flag !== null) return flag;
  if ((env.NO_COLOR ?? '') !== '') return false;
  if ((env.FORCE_COLOR ?? '') !== '') return env.FORCE_COLOR !== '0' && env.FORCE_COLOR !== 'false';
  return stream.isTTY === true && env.TERM !== 'dumb';
}
