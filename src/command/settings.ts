import { isIP, isIPv4, SocketAddress } from 'node:net';
import { nearest } from '../ground/nearest.ts';
import type { Answers, Family, Request } from '../model/request.ts';
import { type Format, formatOfFile } from '../report/index.ts';
import { listFormatOf, type ManyFormat } from '../report/many/index.ts';
import { globalpingUrlOf } from './from/globalping.ts';
import { sourcesOf } from './from/sources.ts';
import { parseHost } from './host-name.ts';
import type { ManyFlags } from './many/flags.ts';
import { parsePort, parseService } from './port.ts';
import { type ThereFlags, type ThereSettings, thereSettingsOf } from './there/flags.ts';
import { isLikeUrl, isUsageError, shown, type UsageError, usageError as usage } from './usage-error.ts';
import type { UntilFlags } from './watch/flags.ts';

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
  /** Report files of the formats that lists of targets have alone. */
  lists: { file: string; format: ManyFormat }[];
  saveEvidence: string | null;
  redact: boolean;
  verbose: boolean;
  quiet: boolean;
  /** Nothing is drawn over. */
  plain: boolean;
  /** Null = decided by the terminal and the environment. */
  color: boolean | null;
  there: ThereSettings;
  /** The places that --from names, as given. */
  from: string[];
  /** Null = the public service. */
  globalpingUrl: string | null;
}

const YES_NO = ['yes', 'no', 'unknown'] as const;
/** The questions that only the user can answer, and the words they can be answered with. */
export const QUESTIONS = {
  symptom: ['refused', 'hangs', 'certificate-error', 'intermittent', 'slow', 'unknown'],
  'worked-before': YES_NO,
  'others-can-reach': YES_NO,
  'vpn-or-proxy': YES_NO,
} as const satisfies { [Q in keyof Answers]-?: readonly NonNullable<Answers[Q]>[] };

/** What commander makes of the command line; nothing of it is checked yet. */
export interface Flags extends ThereFlags, UntilFlags, ManyFlags {
  diagnose?: string;
  port?: string;
  service?: string;
  json?: boolean;
  report?: string[];
  answer?: string[];
  from?: string[];
  globalpingUrl?: string;
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
  seenAs?: string;
  ca?: string;
  explain?: string;
  explainOutput?: string;
  dryRun?: boolean;
  platform?: string;
  listCauses?: boolean;
  completions?: string;
  man?: boolean;
  showConfig?: boolean;
  saveEvidence?: string;
  replay?: string;
  redact?: boolean;
  verbose?: boolean;
  quiet?: boolean;
  plain?: boolean;
  color?: boolean;
}

/** Every flag checked, the first wrong one told. */
export function settingsOf(flags: Flags): Settings | UsageError {
  if (flags.ipv4 === true && flags.ipv6 === true) {
    return usage('-4 and -6 exclude each other: give one, or none to try both families.');
  }
  const there = thereSettingsOf(flags);
  if (isUsageError(there)) return there;
  const from = flags.from ?? [];
  const sources = sourcesOf(from);
  if (isUsageError(sources)) return sources;
  const globalpingUrl = flags.globalpingUrl === undefined ? null : globalpingUrlOf(flags.globalpingUrl);
  if (isUsageError(globalpingUrl)) return globalpingUrl;
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
  if (flags.seenAs !== undefined && isIP(flags.seenAs) === 0)
    return usage(
      `--seen-as takes an address, which ${shown(flags.seenAs)} is not: write it as in --seen-as 203.0.113.9.`,
    );
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
      ...(flags.seenAs === undefined ? {} : { seenAs: flags.seenAs }),
    },
    port: flags.port ?? null,
    service: flags.service ?? null,
    caFile: flags.ca ?? null,
    rulesDir: flags.rules ?? null,
    json: flags.json === true,
    ...reports,
    saveEvidence: flags.saveEvidence ?? null,
    redact: flags.redact === true,
    verbose: flags.verbose === true,
    quiet: flags.quiet === true,
    plain: flags.plain === true,
    color: flags.color ?? null,
    there,
    from,
    globalpingUrl,
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
  // A piece of a URL does not show where its secrets begin: the whole is quoted.
  if (/[@?#/]/.test(given))
    return usage(`--ports takes port numbers, and ${shown(given)} are none: write it as in --ports 22,80.`);
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

function reportsOf(given: string[]): Pick<Settings, 'reports' | 'lists'> | UsageError {
  const reports: ReportFile[] = [];
  const lists: Settings['lists'] = [];
  for (const file of given) {
    if ([...reports, ...lists].some((other) => other.file === file))
      return usage(`--report ${shown(file)} is given twice: give each file once.`);
    const format = listFormatOf(file);
    if (format !== null) {
      lists.push({ file, format });
      continue;
    }
    const report = parseReportFile(file);
    if (isUsageError(report)) return report;
    reports.push(report);
  }
  return { reports, lists };
}

/** The format is what the file's ending says. */
export function parseReportFile(file: string): ReportFile | UsageError {
  const example = 'write it as in --report report.md (or .html, .json, .txt)';
  if (file.trim() === '') return usage(`The report has no file name: ${example}.`);
  if (file === '-')
    return usage(`A report goes to a file, and "-" is none: ${example}, or use --json for standard output.`);
  const found = formatOfFile(file);
  if (isUsageError(found) && isLikeUrl(file))
    return usage(`A report goes to a file, and ${shown(file)} looks like a URL: ${example}.`);
  return isUsageError(found) ? found : { file, format: found.format as ReportFormat };
}

function hostOf(given: string, flag: string): string | UsageError {
  const host = parseHost(given);
  if (!isUsageError(host)) return host;
  const rest = isIP(given.replace(/^\[(.*)\]$/, '$1')) === 0 ? '' : ` ${host.error}`;
  return usage(`${flag} takes a host without a port, as in ${flag} other.example.com.${rest}`);
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
