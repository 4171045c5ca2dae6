import { nearest } from '../../ground/nearest.ts';
import type { Target } from '../../model/request.ts';
import { LIST_FORMATS, type ListFormat } from '../../report/many/index.ts';
import type { Settings } from '../settings.ts';
import { parseTyped } from '../typed.ts';
import { isUsageError, shown, type UsageError, usageError as usage } from '../usage-error.ts';
import { MOST_JOBS } from './options.ts';
import { targetOf } from './target-list.ts';

/** What commander makes of the flags of a run with many targets. */
export interface ManyFlags {
  targets?: string;
  format?: string;
  jobs?: string;
}

export interface ManyJob {
  /** Of the command line. */
  targets: Target[];
  /** The file of a list, `-` = standard input; null = none. */
  list: string | null;
  /** Null = a table. */
  format: ListFormat | null;
  /** Null = by cores. */
  jobs: number | null;
}

interface Given {
  flags: ManyFlags & {
    diagnose?: string;
    port?: string;
    service?: string;
    replay?: string;
    explain?: string;
    explainOutput?: string;
    listCauses?: boolean;
    dryRun?: boolean;
  };
  positional: readonly string[];
  settings: Settings;
}

/** What is to be done with a list of targets, or for a program that takes one of the formats of lists; null = nothing of the kind. */
export function manyJobOf({ flags, positional, settings }: Given): ManyJob | null | UsageError {
  const asked = [
    flags.targets === undefined ? null : '--targets',
    flags.format === undefined ? null : '--format',
    settings.lists[0] === undefined ? null : `--report ${shown(settings.lists[0].file)}`,
  ].filter((flag) => flag !== null);
  const given = { port: flags.port, service: flags.service };
  const words = positional.join(' ');
  // `db 5432` and `ssh root@db` are one target of several words.
  const isOne = positional.length > 1 && !isUsageError(parseTyped(words, given));
  const typed = [
    ...(flags.diagnose === undefined ? [] : [flags.diagnose]),
    ...(isOne ? [words] : positional),
  ];
  if (asked.length === 0 && typed.length < 2)
    return flags.jobs === undefined
      ? null
      : usage('--jobs belongs to several targets: write it as in --targets targets.txt --jobs 16.');
  const clash = clashOf(flags, settings, asked[0] ?? null);
  if (clash !== null) return clash;
  const format = LIST_FORMATS.find((one) => one === flags.format) ?? null;
  if (flags.format !== undefined && format === null)
    return usage(
      `--format ${shown(flags.format)} is not known: write it as in --format ${nearest(flags.format, LIST_FORMATS) ?? 'junit'} (of ${LIST_FORMATS.join(', ')}).`,
    );
  const jobs = flags.jobs === undefined ? null : jobsOf(flags.jobs);
  if (isUsageError(jobs)) return jobs;
  if (flags.targets === '')
    return usage('--targets needs a file, or - for standard input, as in --targets targets.txt.');
  const targets: Target[] = [];
  for (const word of typed) {
    const target = targetOf(word, given);
    if (isUsageError(target)) return target;
    targets.push(target);
  }
  if (targets.length === 0 && flags.targets === undefined)
    return usage(`${asked[0]} needs a target, or a list of them, as in --targets targets.txt.`);
  return { targets, list: flags.targets ?? null, format, jobs };
}

function clashOf(flags: Given['flags'], settings: Settings, first: string | null): UsageError | null {
  const what = first ?? 'several targets';
  const others = [
    flags.replay === undefined ? null : '--replay',
    flags.explain === undefined ? null : '--explain',
    flags.explainOutput === undefined ? null : '--explain-output',
    flags.listCauses === true ? '--list-causes' : null,
    flags.dryRun === true ? '--dry-run' : null,
  ].filter((flag) => flag !== null);
  if (others.length > 0)
    return usage(`One thing is done at a time, and ${what} and ${others[0]} are two: leave one of them out.`);
  if (flags.format !== undefined && settings.json)
    return usage('--json and --format both write on standard output: leave one of them out.');
  const forOne = [
    settings.saveEvidence === null ? null : '--save-evidence',
    settings.there.kit === null ? null : '--ask-there',
    settings.there.carrier === null ? null : '--there',
  ].filter((flag) => flag !== null);
  if (forOne.length > 0)
    return usage(
      `${forOne[0]} is about one target, and not for ${what}: leave it out, or test that target alone.`,
    );
  const page = settings.reports.find((one) => one.format === 'html');
  return page === undefined
    ? null
    : usage(
        `--report ${shown(page.file)} is a page about one target: for many use .md, .txt, .json, .csv, .xml, .tap, .ndjson or .prom.`,
      );
}

function jobsOf(given: string): number | UsageError {
  const jobs = /^\d{1,4}$/.test(given) ? Number(given) : 0;
  return jobs >= 1 && jobs <= MOST_JOBS
    ? jobs
    : usage(`--jobs ${shown(given)} is no number from 1 to ${MOST_JOBS}: write it as in --jobs 16.`);
}
