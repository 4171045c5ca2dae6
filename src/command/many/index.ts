import { appendFile } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import type { ManyReport } from '../../model/many.ts';
import { endLine, type ManyFormat, renderMany, resultLine } from '../../report/many/index.ts';
import { brokenReport } from '../broken-report.ts';
import { print, screenOptions, speaksUnicode, writeOrPrint } from '../deliver.ts';
import type { Parts } from '../engine.ts';
import { exitCodeOfMany } from '../exit-code.ts';
import { readInput, readStream } from '../files.ts';
import { clashWithTarget } from '../flags.ts';
import { globalpingServiceOf } from '../from/globalping.ts';
import type { Io, Ready } from '../main.ts';
import { stoppedBy } from '../main.ts';
import type { Settings } from '../settings.ts';
import { hostPort } from '../target.ts';
import { isUsageError, shown, type UsageError, usageError as usage } from '../usage-error.ts';
import type { ManyJob } from './flags.ts';
import { MOST_JOBS } from './options.ts';
import { manyProgressOn } from './progress.ts';
import { runMany } from './run.ts';
import { type Entry, EXPECT_REACHABLE, readTargetList } from './target-list.ts';
import { manyReportOf } from './whole-report.ts';

/** Targets at work at once, and diagnoses of failures, by cores: a look costs little, a diagnosis half a second of one. */
const JOBS_A_CORE = 32;
const WHOLE_A_CORE = 2;
const MOST_LIST_MIB = 4;

/** Tests a list of targets, prints what came of it, writes the files that the flags name, and returns the exit code. */
export async function doMany(
  job: ManyJob,
  settings: Settings,
  ready: Ready,
  io: Io,
  parts: Parts,
): Promise<number | UsageError> {
  const entries = await entriesOf(job, settings, ready, io);
  if (isUsageError(entries)) return entries;
  const [diagnose, { clock }] = await Promise.all([parts.many(), parts.doors()]);
  const cores = availableParallelism();
  const jobs = job.jobs ?? Math.min(MOST_JOBS, JOBS_A_CORE * cores);
  const begunMs = clock.elapsed();
  const startedAt = new Date(clock.now());
  const progress = settings.quiet
    ? null
    : manyProgressOn((text) => print(io.stderr, text), {
        total: entries.length,
        name: (n) => hostPort(entries[n - 1]!.target),
        live: io.stderr.isTTY === true && !settings.plain && job.format !== 'ndjson',
        columns: () => io.stderr.columns ?? 80,
        unicode: speaksUnicode(io),
        elapsed: () => clock.elapsed(),
      });
  const targets = await runMany({
    entries,
    requestOf: ({ target }) => {
      const { controlHost } = settings.wish;
      const control = controlHost === target.host ? null : controlHost;
      return { ...settings.wish, controlHost: control, target, caPem: ready.caPem };
    },
    diagnose: (request, deps) => diagnose(request, { rules: ready.rules, ...deps }),
    lookFrom: async ({ evidence }, from) => {
      const { lookFromElsewhere } = await import('../from/collect.ts');
      const globalping = globalpingServiceOf(settings.globalpingUrl, io.env);
      const seen = await lookFromElsewhere(evidence, [from], {
        signal: io.interrupt,
        tell: () => {},
        globalping,
      });
      return { evidence: seen, report: await parts.replay(seen, ready.rules) };
    },
    broken: (request, bug) => brokenReport(request, io, startedAt, bug),
    redact: settings.redact ? parts.redactReport : null,
    clock,
    signal: io.interrupt,
    jobs,
    wholeAtOnce: Math.min(jobs, Math.max(3, WHOLE_A_CORE * cores)),
    onStart: (n) => progress?.started(n),
    onResult: async (result) => {
      progress?.ended(result.n, result.verdict === 'held');
      if (job.format === 'ndjson') await print(io.stdout, resultLine(result));
    },
  });
  await progress?.clear();
  const report = manyReportOf(targets, {
    version: io.version,
    startedAt: startedAt.toISOString(),
    durationMs: Math.round(clock.elapsed() - begunMs),
    endedBy: stoppedBy(io),
  });
  return exitCodeOfMany(report.counts, {
    stoppedBy: stoppedBy(io),
    allWritten: await deliverMany(report, job, settings, io),
  });
}

async function entriesOf(
  { targets, list }: ManyJob,
  settings: Settings,
  ready: Ready,
  io: Io,
): Promise<Entry[] | UsageError> {
  const own = targets.map((target) => ({ target, expected: EXPECT_REACHABLE }));
  const listed = list === null ? [] : await listOf(list, settings, ready, io);
  if (isUsageError(listed)) return listed;
  const entries = [...own, ...listed];
  for (const { target } of entries) {
    // One of the targets may be the reference host of the others.
    const clash = clashWithTarget(target, { ...settings.wish, controlHost: null });
    if (clash !== null) return clash;
  }
  return entries;
}

async function listOf(
  file: string,
  { port, service }: Settings,
  { rules }: Ready,
  io: Io,
): Promise<Entry[] | UsageError> {
  const read = file === '-' ? await fromInput(io) : await readInput(file, MOST_LIST_MIB, '--targets');
  if (isUsageError(read)) return read;
  if (read.text.includes('\0'))
    return usage(`--targets ${shown(file)} is no text: name a file with one target a line.`);
  return readTargetList(read.text.replace(/^\ufeff/, ''), file === '-' ? 'standard input' : file, {
    port: port ?? undefined,
    service: service ?? undefined,
    causes: new Set(rules.map(({ id }) => id)),
  });
}

async function fromInput(io: Io): Promise<{ text: string } | UsageError> {
  const most = MOST_LIST_MIB * 1024 * 1024;
  const stopped = new Promise<null>((resolve) => {
    if (io.interrupt.aborted) resolve(null);
    else io.interrupt.addEventListener('abort', () => resolve(null), { once: true });
  });
  const octets = await Promise.race([readStream(io.stdin, most + 1), stopped]);
  if (octets === null) return usage('--targets - was ended before the list was: nothing was tested.');
  return octets.length > most
    ? usage(`--targets - is longer than ${MOST_LIST_MIB} MiB: split the list.`)
    : { text: octets.toString('utf8') };
}

/** False where a file that was asked for could not be written. */
async function deliverMany(report: ManyReport, job: ManyJob, settings: Settings, io: Io): Promise<boolean> {
  const format: ManyFormat = job.format ?? (settings.json ? 'json' : 'table');
  const text =
    format === 'ndjson' ? endLine(report) : await renderMany(format, report, screenOptions(settings, io));
  await print(io.stdout, text);
  let allWritten = true;
  const files = [
    ...settings.reports.map(({ file, format: ofOne }) => ({ file, format: ofOne as ManyFormat })),
    ...settings.lists,
  ];
  for (const { file, format: ofFile } of files) {
    // A collector runs as another user.
    const mode = ofFile === 'prometheus' ? 0o644 : 0o600;
    const isWritten = await writeOrPrint(file, await renderMany(ofFile, report), settings, io, mode);
    allWritten &&= isWritten;
  }
  const summary = io.env.GITHUB_STEP_SUMMARY ?? '';
  if (format !== 'github' || summary === '') return allWritten;
  try {
    await appendFile(summary, await renderMany('markdown', report));
    return allWritten;
  } catch (error) {
    const code = (error as NodeJS.ErrnoException | null)?.code ?? 'unknown error';
    await print(io.stderr, `The job summary could not be written (${code}).\n`);
    return false;
  }
}
