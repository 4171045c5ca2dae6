import { nearest } from '../../ground/nearest.ts';
import type { Target } from '../../model/request.ts';
import { parseTarget } from '../target.ts';
import { isUsageError, shown, type UsageError, usageError as usage } from '../usage-error.ts';
import { GOALS, type Goal } from './options.ts';

/** What commander makes of the flags that stay, or look twice. */
export interface UntilFlags {
  watch?: string | boolean;
  waitUntil?: string;
  every?: string;
  compare?: string;
}

export interface WaitJob {
  kind: 'wait';
  target: Target;
  goal: Goal;
  forMs: number;
  everyMs: number;
  /** Program and arguments to run on success; null = none. */
  command: [string, ...string[]] | null;
}
export interface WatchJob {
  kind: 'watch';
  target: Target;
  everyMs: number;
  /** Null = until it is stopped. */
  forMs: number | null;
}
export interface CompareJob {
  kind: 'compare';
  old: string;
  /** Null = the target is tested again. */
  next: string | null;
  /** Null = the target of the old run. */
  target: Target | null;
}
export type UntilJob = WaitJob | WatchJob | CompareJob;

const SECOND = 1000;
const HOUR = 3600 * SECOND;
const DAY = 24 * HOUR;
const WAIT_FOR_MS = 60 * SECOND;
const WAIT_EVERY_MS = SECOND;
export const WATCH_EVERY_MS = 10 * SECOND;
/** Connections to a stranger's service, hour after hour: not more often than a careful person would. */
const WATCH_LEAST_MS = 5 * SECOND;

/** `500ms` is no time here: whole or broken seconds, minutes, hours. */
export function timeOf(
  text: string,
  flag: string,
  { least, most, example }: { least: number; most: number; example: string },
): number | UsageError {
  const [, digits, unit] = /^(\d{1,6}(?:\.\d{1,3})?)(s|m|h)?$/.exec(text) ?? [];
  const ms = Number(digits) * (unit === 'h' ? HOUR : unit === 'm' ? 60 * SECOND : SECOND);
  return ms >= least && ms <= most
    ? Math.round(ms)
    : usage(
        `${flag} ${shown(text)} is no time from ${spelt(least)} to ${spelt(most)}: write it as in ${flag} ${example}.`,
      );
}

function spelt(ms: number): string {
  if (ms % HOUR === 0) return `${ms / HOUR}h`;
  return ms % (60 * SECOND) === 0 ? `${ms / 60_000}m` : `${ms / SECOND}s`;
}

interface Given {
  flags: UntilFlags & { for?: string; diagnose?: string; port?: string; service?: string; json?: boolean };
  positional: readonly string[];
  /** What stands after `--`; null = nothing does. */
  command: readonly string[] | null;
}

/** What is to be done instead of one diagnosis; null where nothing of the kind is asked for. */
export function untilJobOf(given: Given): UntilJob | null | UsageError {
  const { flags } = given;
  const asked = [
    flags.waitUntil === undefined ? null : '--wait-until',
    flags.watch === undefined ? null : '--watch',
    flags.compare === undefined ? null : '--compare',
  ].filter((flag) => flag !== null);
  if (asked.length > 1)
    return usage(`One thing is done at a time, and ${asked.join(' and ')} are two: leave one of them out.`);
  if (flags.every !== undefined && flags.waitUntil === undefined && flags.watch === undefined)
    return usage('--every belongs to --wait-until or --watch: write it as in --watch --every 10s.');
  if (flags.waitUntil !== undefined) return waitJob(flags.waitUntil, given);
  if (flags.watch !== undefined) return watchJob(flags.watch, given);
  return flags.compare === undefined ? null : compareJob(flags.compare, given);
}

function waitJob(goal: string, { flags, positional, command }: Given): WaitJob | UsageError {
  const known = GOALS.find((one) => one === goal);
  if (known === undefined) {
    const guess = nearest(goal, GOALS) ?? 'reachable';
    return usage(
      `--wait-until ${shown(goal)} is nothing to wait for: write --wait-until ${guess} (of ${GOALS.join(', ')}).`,
    );
  }
  const [, stray] = [...(flags.diagnose === undefined ? [] : [flags.diagnose]), ...positional];
  if (stray !== undefined && command === null)
    return usage(
      `${shown(stray)} follows the target: write -- before a command, as in --wait-until ${known} db.example.com:5432 -- ./migrate.sh.`,
    );
  const target = oneTarget(flags, positional, '--wait-until reachable');
  if (isUsageError(target)) return target;
  const forMs =
    flags.for === undefined
      ? WAIT_FOR_MS
      : timeOf(flags.for, '--for', { least: SECOND, most: DAY, example: '60s' });
  if (isUsageError(forMs)) return forMs;
  const everyMs =
    flags.every === undefined
      ? WAIT_EVERY_MS
      : timeOf(flags.every, '--every', { least: SECOND, most: HOUR, example: '1s' });
  if (isUsageError(everyMs)) return everyMs;
  const [program, ...rest] = command ?? [];
  if (command !== null && (program === undefined || program === ''))
    return usage('Nothing follows --: name the command to run, as in -- ./migrate.sh, or leave -- out.');
  if ([program, ...rest].some((word) => word?.includes('\0') === true))
    return usage('The command has a NUL character in it, which no program takes: leave it out.');
  if (program !== undefined && flags.json === true)
    return usage('--json and the command after -- both write on standard output: leave one of them out.');
  return {
    kind: 'wait',
    target,
    goal: known,
    forMs,
    everyMs,
    command: program === undefined ? null : [program, ...rest],
  };
}

function watchJob(value: string | boolean, { flags, positional }: Given): WatchJob | UsageError {
  // `--watch db:5432`: the value is optional, and this is none.
  const isTime = typeof value === 'string' && /^[\d.]+[a-z]*$/i.test(value) && !/^\d+\.\d+\.\d/.test(value);
  const words = typeof value === 'string' && !isTime ? [value, ...positional] : positional;
  const target = oneTarget(flags, words, '--watch');
  if (isUsageError(target)) return target;
  const given = isTime ? value : flags.every;
  if (isTime && flags.every !== undefined)
    return usage(`--watch ${shown(value)} and --every say the same thing: leave one of them out.`);
  const least = /^(localhost|127\.[\d.]+|::1)$/.test(target.host) ? SECOND : WATCH_LEAST_MS;
  const everyMs =
    given === undefined
      ? WATCH_EVERY_MS
      : timeOf(given, isTime ? '--watch' : '--every', { least, most: HOUR, example: '10' });
  if (isUsageError(everyMs)) return everyMs;
  const forMs =
    flags.for === undefined
      ? null
      : timeOf(flags.for, '--for', { least: SECOND, most: 366 * DAY, example: '8h' });
  if (isUsageError(forMs)) return forMs;
  return { kind: 'watch', target, everyMs, forMs };
}

function oneTarget(flags: Given['flags'], words: readonly string[], flag: string): Target | UsageError {
  const given = [...(flags.diagnose === undefined ? [] : [flags.diagnose]), ...words];
  const [first, second] = given;
  if (first === undefined)
    return usage(`${flag} needs a target, as in reachdoctor ${flag} db.example.com:5432.`);
  if (second !== undefined)
    return usage(
      `Two targets are given, ${shown(first)} and ${shown(second)}: give one at a time, as in reachdoctor ${flag} db.example.com:5432.`,
    );
  return parseTarget(first, { port: flags.port, service: flags.service });
}

function compareJob(old: string, { flags, positional }: Given): CompareJob | UsageError {
  const [next, ...more] = positional;
  const isName = (file: string | undefined) => file === undefined || (file !== '' && file !== '-');
  if (more.length > 0 || !isName(old) || !isName(next))
    return usage('--compare takes one or two files of runs: write --compare old.json new.json.');
  if (next !== undefined && flags.diagnose !== undefined)
    return usage(
      '--compare with two files tests nothing: leave --diagnose out, or the second file to test the target now.',
    );
  const target =
    flags.diagnose === undefined
      ? null
      : parseTarget(flags.diagnose, { port: flags.port, service: flags.service });
  if (isUsageError(target)) return target;
  return { kind: 'compare', old, next: next ?? null, target };
}
