import type { Answers, Request } from '../model/request.ts';
import { DEFAULT_MAX_TIME_S, type Settings } from './settings.ts';
import { hostPort, parseTarget } from './target.ts';
import { isUsageError } from './usage-error.ts';

/** The arguments that make the same request again without a question. `parseArgv` of them gives the same request and settings. */
export function repeatArguments(request: Omit<Request, 'caPem'>, settings: Settings): string[] {
  const { target } = request;
  const again = parseTarget(target.input);
  const typedSaysAll =
    !isUsageError(again) &&
    again.host === target.host &&
    again.port === target.port &&
    again.path === target.path &&
    again.service === target.service &&
    again.serviceNamed === target.serviceNamed;
  const args = ['--diagnose', typedSaysAll ? target.input : hostPort(target)];
  if (!typedSaysAll && target.serviceNamed && target.service !== null) args.push('--service', target.service);
  if (request.family !== null) args.push(`-${request.family}`);
  for (const [question, value] of Object.entries(request.answers) as [keyof Answers, string][]) {
    args.push('--answer', `${question}=${value}`);
  }
  if (request.alternatePorts !== null) args.push('--ports', request.alternatePorts.join(','));
  if (request.controlHost !== null) args.push('--control', request.controlHost);
  for (const resolver of request.resolvers) args.push('--resolver', resolver);
  if (request.sni !== null) args.push('--sni', request.sni);
  if (request.seenAs != null) args.push('--seen-as', request.seenAs);
  if (settings.caFile !== null) args.push('--ca', settings.caFile);
  if (request.maxTimeMs !== DEFAULT_MAX_TIME_S * 1000)
    args.push('--max-time', String(request.maxTimeMs / 1000));
  if (request.traceAlways) args.push('--trace');
  if (!request.ttlProbe) args.push('--no-ttl-probe');
  if (!request.names) args.push('--no-names');
  for (const place of settings.from) args.push('--from', place);
  if (settings.globalpingUrl !== null) args.push('--globalping-url', settings.globalpingUrl);
  if (settings.rulesDir !== null) args.push('--rules', settings.rulesDir);
  if (settings.redact) args.push('--redact');
  for (const { file } of settings.reports) args.push('--report', file);
  if (settings.saveEvidence !== null) args.push('--save-evidence', settings.saveEvidence);
  return args;
}

/** As a person would type it: single quotes for a POSIX shell, double quotes for cmd and PowerShell. */
export function commandLine(
  args: string[],
  platform: NodeJS.Platform,
  program: readonly string[] = ['reachdoctor'],
): string {
  return [...program, ...args].map((arg) => quoted(arg, platform)).join(' ');
}

function quoted(arg: string, platform: NodeJS.Platform): string {
  if (/^[A-Za-z0-9_@%+=:,./-]+$/.test(arg)) return arg;
  if (platform === 'win32') return `"${arg.replaceAll('"', '\\"')}"`;
  return `'${arg.replaceAll("'", `'\\''`)}'`;
}
