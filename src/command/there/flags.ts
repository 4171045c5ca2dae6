import { isIP } from 'node:net';
import { parseCarrier } from '../../doors/carriers/carrier.ts';
import { parsePort } from '../port.ts';
import { isUsageError, shown, type UsageError, usageError as usage } from '../usage-error.ts';

/** What commander makes of the flags about the other end. */
export interface ThereFlags {
  askThere?: string;
  knock?: string;
  for?: string;
  merge?: string;
  here?: string | boolean;
  there?: string;
  traceRules?: boolean;
  listen?: string;
  on?: string;
  any?: boolean;
}

/** Beside a diagnosis. */
export interface ThereSettings {
  /** The kit to write, by its ending. */
  kit: { file: string; language: 'sh' | 'ps1' } | null;
  carrier: string | null;
  traceRules: boolean;
}

/** Instead of a diagnosis. */
export type ThereJob =
  | { kind: 'knock'; file: string; forMs: number }
  | { kind: 'merge'; file: string; answers: string[] }
  | { kind: 'here'; file: string | null; port: number | null; forMs: number; traceRules: boolean }
  | { kind: 'listen'; port: number; address: string; forMs: number | null };

export function thereSettingsOf(flags: ThereFlags): ThereSettings | UsageError {
  const kit = flags.askThere === undefined ? null : kitOf(flags.askThere);
  if (isUsageError(kit)) return kit;
  if (flags.there !== undefined && parseCarrier(flags.there) === null) {
    return usage(
      `--there ${shown(flags.there)} is no way to another machine: write it as in --there ssh:server.example.com (or docker:NAME, podman:NAME, k8s:NAMESPACE/POD, netns:NAME, cmd:COMMAND).`,
    );
  }
  return { kit, carrier: flags.there ?? null, traceRules: flags.traceRules === true };
}

function kitOf(file: string): ThereSettings['kit'] | UsageError {
  const language = /\.(sh|ps1)$/.exec(file)?.[1] as 'sh' | 'ps1' | undefined;
  return language === undefined
    ? usage(`--ask-there ${shown(file)} must end in .sh or .ps1: write it as in --ask-there kit.sh.`)
    : { file, language };
}

const DEFAULT_MS = 8000;
const LONGEST_MS = 10 * 60 * 1000;

/** `8s`, `8`, `10m`: one second to ten minutes. */
export function durationOf(text: string | undefined): number | null | UsageError {
  if (text === undefined) return null;
  const [, digits, unit] = /^(\d{1,4})(s|m)?$/.exec(text) ?? [];
  const ms = Number(digits) * (unit === 'm' ? 60_000 : 1000);
  return ms >= 1000 && ms <= LONGEST_MS
    ? ms
    : usage(`--for ${shown(text)} is no time from 1s to 10m: write it as in --for 8s.`);
}

/** What is to be done instead of a diagnosis; null where nothing of the kind is asked for. */
export function thereJobOf(flags: ThereFlags, positional: readonly string[]): ThereJob | null | UsageError {
  const forMs = durationOf(flags.for);
  if (isUsageError(forMs)) return forMs;
  if (flags.knock !== undefined) return { kind: 'knock', file: flags.knock, forMs: forMs ?? DEFAULT_MS };
  if (flags.merge !== undefined) {
    return positional.length === 0
      ? usage('--merge needs the case and at least one answer: write --merge case.json answer.txt.')
      : { kind: 'merge', file: flags.merge, answers: [...positional] };
  }
  if (flags.listen !== undefined) return listenJob(flags, forMs);
  if (flags.here !== undefined) {
    const what = typeof flags.here === 'string' ? flags.here : null;
    const isPort = what !== null && /^\d{1,5}$/.test(what);
    const port = isPort ? parsePort(what, '--here') : null;
    if (isUsageError(port)) return port;
    if (what === null) return usage('--here needs a case or a port: write --here case.json, or --here 443.');
    return {
      kind: 'here',
      file: isPort ? null : what,
      port: port?.port ?? null,
      forMs: forMs ?? DEFAULT_MS,
      traceRules: flags.traceRules === true,
    };
  }
  return flags.on === undefined && flags.any !== true
    ? null
    : usage('--on and --any say where --listen listens: write --listen 8443 --on 192.0.2.7.');
}

function listenJob(flags: ThereFlags, forMs: number | null): ThereJob | UsageError {
  const port = parsePort(flags.listen ?? '', '--listen');
  if (isUsageError(port)) return port;
  if (flags.any === true) return { kind: 'listen', port: port.port, address: '::', forMs };
  if (flags.on === undefined || isIP(flags.on) === 0) {
    return usage(
      `--listen needs one address of this machine: write --listen ${port.port} --on 192.0.2.7 (or --any for all of them).`,
    );
  }
  if (/^(0\.0\.0\.0|::|0:0:0:0:0:0:0:0)$/.test(flags.on))
    return usage(`--on ${flags.on} is all addresses: say --any where that is meant.`);
  return { kind: 'listen', port: port.port, address: flags.on, forMs };
}
