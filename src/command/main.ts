import { randomBytes } from 'node:crypto';
import type { Readable, Writable } from 'node:stream';
import { isAddress } from '../ground/address.ts';
import type { Evidence } from '../model/evidence.ts';
import type { Report } from '../model/report.ts';
import type { Request, Target } from '../model/request.ts';
import type { Rule } from '../model/rule.ts';
import { brokenReport } from './broken-report.ts';
import { deliver, print, screenOptions, speaksUnicode, userIdOf } from './deliver.ts';
import type { Parts, ProgressLine, RunEvent } from './engine.ts';
import { EXIT_USAGE, exitCodeOf, exitCodeOfSignal, type StopSignal } from './exit-code.ts';
import { type Invocation, parseArgv } from './flags.ts';
import { globalpingServiceOf } from './from/globalping.ts';
import { readDefaults } from './habits/config.ts';
import { type Settings, wantsColor } from './settings.ts';
import type { Started } from './started-as.ts';
import { hostPort } from './target.ts';
import type { ThereJob } from './there/flags.ts';
import { isUsageError, shown, type UsageError, withoutSecrets } from './usage-error.ts';
import { type UntilJob, WATCH_EVERY_MS } from './watch/flags.ts';
import type { UntilTools } from './watch/tools.ts';
import type { WizardTools } from './wizard/tools.ts';

/** The process as seen by `main`; src/cli.ts makes it from the real one, tests from streams in memory. */
export interface Io {
  stdin: Readable & { isTTY?: boolean };
  stdout: Writable & { isTTY?: boolean; columns?: number };
  stderr: Writable & { isTTY?: boolean; columns?: number; rows?: number };
  env: Record<string, string | undefined>;
  platform: NodeJS.Platform;
  version: string;
  /** Effective user id; absent or null where the platform has none. */
  userId?: number | null;
  /** Aborts at the first SIGHUP, SIGINT or SIGTERM; its reason is the name of the signal. */
  interrupt: AbortSignal;
  /**
   * From now on signals go to `to` first, and end nothing here where it says true; null takes them back. Absent = they
   * cannot be handed over.
   */
  handOver?(to: ((signal: StopSignal) => boolean) | null): void;
  /** How it was started; absent = by its name. */
  started?: Started;
}

/** Does what the command line says and returns the exit code. Rejects only on a bug of ours. */
export async function main(argv: string[], io: Io, parts: Parts): Promise<number> {
  const columns = io.stdout.columns ?? 80;
  const defaults = await readDefaults(io.env, io.platform);
  // Help and the like are there whatever the settings say.
  const bare = isUsageError(defaults) ? parseArgv(argv, io.version, columns) : null;
  if (isUsageError(defaults) && !['print', 'man', 'completions'].includes(bare?.kind ?? ''))
    return complain(io, defaults.error);
  const invocation =
    bare ?? parseArgv(argv, io.version, columns, isUsageError(defaults) ? undefined : defaults);
  switch (invocation.kind) {
    case 'print':
      await print(io.stdout, invocation.text);
      return 0;
    case 'bad':
      return complain(io, invocation.error);
    case 'man':
      await print(io.stdout, (await import('./habits/printed.ts')).manPage(io.version));
      return 0;
    case 'show-config': {
      const { renderConfig } = await import('../report/settings-words.ts');
      const { config, settings } = invocation;
      const text = settings.json
        ? `${JSON.stringify(config, null, 2)}\n`
        : renderConfig(config, screenOptions(settings, io));
      await print(io.stdout, text);
      return 0;
    }
    case 'completions': {
      const { completionScript } = await import('./habits/printed.ts');
      const { rules } = await parts.rules(null);
      const causes = rules.map(({ id }) => id);
      await print(io.stdout, completionScript(invocation.shell, causes));
      return 0;
    }
    case 'list-causes':
    case 'explain':
      return tellAboutCauses(invocation, io, parts);
    case 'replay':
      return replay(invocation.file, invocation.settings, io, parts);
    case 'dry-run': {
      const [{ dryRun }, { commandsOf }, { splitCommand }, { renderDryRun }] = await Promise.all([
        import('./dry-run.ts'),
        import('./dry-commands.ts'),
        import('../doors/split-resolvers.ts'),
        import('../report/dry-run.ts'),
      ]);
      const platform = invocation.platform ?? io.platform;
      const request = { ...invocation.settings.wish, target: invocation.target, caPem: null };
      const cases = await dryRun(request, platform);
      const ahead = isAddress(invocation.target.host) ? null : splitCommand(platform);
      const about = { target: hostPort(invocation.target), platform, ahead };
      if (invocation.settings.json)
        await print(io.stdout, `${JSON.stringify({ ...about, cases }, null, 2)}\n`);
      else
        await print(
          io.stdout,
          renderDryRun(cases, (step) => commandsOf(step, platform), about),
        );
      return 0;
    }
    case 'explain-output': {
      const ready = await prepare(invocation.settings, io, parts);
      if (isUsageError(ready)) return complain(io, ready.error);
      const { explainOutput } = await import('./explain-output.ts');
      const read = await explainOutput(invocation, ready, io, parts);
      if (isUsageError(read)) return complain(io, read.error);
      if (!invocation.settings.json) await print(io.stdout, read.preface);
      const told = await deliver(read.report, read.evidence, invocation.settings, io, parts);
      if (!invocation.settings.json) await print(io.stdout, read.next);
      return exitCodeOf(told.report.outcome, { stoppedBy: stoppedBy(io), allWritten: told.allWritten });
    }
    case 'there':
      return doThere(invocation.job, invocation.settings, io, parts);
    case 'many': {
      const read = [invocation.job.list].filter((file) => file !== null && file !== '-') as string[];
      const ready = await prepare(invocation.settings, io, parts, read);
      if (isUsageError(ready)) return complain(io, ready.error);
      const { doMany } = await import('./many/index.ts');
      const done = await doMany(invocation.job, invocation.settings, ready, io, parts);
      return isUsageError(done) ? complain(io, done.error) : done;
    }
    case 'until':
      return doUntil(invocation.job, invocation.settings, io, parts);
    case 'ask':
      return ask(invocation, io, parts);
    case 'diagnose': {
      const ready = await prepare(invocation.settings, io, parts);
      if (isUsageError(ready)) return complain(io, ready.error);
      const done = await run(
        requestOf(invocation.target, invocation.settings, ready),
        invocation.settings,
        ready,
        io,
        parts,
      );
      return done.exitCode;
    }
    default:
      return invocation satisfies never;
  }
}

// ---------------------------------------------------------------- before the run

export interface Ready {
  rules: Rule[];
  caPem: string | null;
}

/** Everything that can be wrong with files, found out before a single packet is sent. `read` = files beside those of the settings. */
async function prepare(
  settings: Settings,
  io: Io,
  parts: Parts,
  read: readonly string[] = [],
): Promise<Ready | UsageError> {
  const written = [
    ...[...settings.reports, ...settings.lists].map(({ file }) => file),
    settings.saveEvidence,
    settings.there.kit?.file ?? null,
  ].filter((file) => file !== null);
  const { whyNotWritable, writtenTwice } = await import('./write-file.ts');
  for (const file of written) {
    const problem = await whyNotWritable(file, userIdOf(io));
    if (problem !== null) return problem;
  }
  const inputs = [...read, settings.caFile].filter((file) => file !== null);
  const twice = await writtenTwice([...inputs, ...written], userIdOf(io));
  if (twice !== null)
    return {
      error: `Two of the files are one: ${shown(twice)}. Give each report, and each file that is read, its own.`,
    };
  const { readAuthorities } = await import('./files.ts');
  const authorities = settings.caFile === null ? null : await readAuthorities(settings.caFile);
  if (isUsageError(authorities)) return authorities;
  const rules = await rulesOf(settings, io, parts);
  return isUsageError(rules) ? rules : { rules, caPem: authorities?.text ?? null };
}

/** A folder of rules may be anybody's: what is wrong with its files is told without what could act on a terminal. */
async function rulesOf({ rulesDir, quiet }: Settings, io: Io, parts: Parts): Promise<Rule[] | UsageError> {
  const { rules, problems, notices } = await parts.rules(rulesDir);
  const { safe } = await import('../report/sanitize.ts');
  const told = (text: string) =>
    safe(rulesDir === null ? text : text.replaceAll(rulesDir, withoutSecrets(rulesDir)));
  if (problems.length > 0) return { error: problems.map(told).join('\n') };
  if (!quiet) for (const notice of notices) await print(io.stderr, `reachdoctor: ${told(notice)}\n`);
  return rules;
}

function requestOf(target: Target, settings: Settings, ready: Ready): Request {
  return { ...settings.wish, target, caPem: ready.caPem };
}

// ---------------------------------------------------------------- a run

export interface Done {
  report: Report;
  exitCode: number;
}

/** One diagnosis with its progress; prints it, writes the files that the flags name. */
export async function run(
  request: Request,
  settings: Settings,
  ready: Ready,
  io: Io,
  parts: Parts,
): Promise<Done> {
  const result = await measure(request, settings, ready, io, parts);
  const { report, allWritten } = await deliver(result.report, result.evidence, settings, io, parts);
  return { report, exitCode: exitCodeOf(report.outcome, { stoppedBy: stoppedBy(io), allWritten }) };
}

export interface Measured {
  report: Report;
  /** Null where we failed ourselves: the report says so. */
  evidence: Evidence | null;
}

/** One diagnosis with its progress; nothing is printed of it yet. `before` and `signal`: where it goes on, and ends early. */
export async function measure(
  request: Request,
  settings: Settings,
  ready: Ready,
  io: Io,
  parts: Parts,
  { before = null, signal = null }: { before?: Evidence | null; signal?: AbortSignal | null } = {},
): Promise<Measured> {
  const startedAt = new Date();
  const progress = await progressFor(settings, io, parts);
  const ended = signal === null ? io.interrupt : AbortSignal.any([io.interrupt, signal]);
  try {
    const diagnosed = await parts.diagnose(request, {
      rules: ready.rules,
      signal: ended,
      ...(before === null ? {} : { before }),
      onEvent: (event: RunEvent) => progress?.onEvent(event),
      formats: [settings.json ? 'json' : 'terminal', ...settings.reports.map(({ format }) => format)],
      redacted: settings.redact,
      caseId: randomBytes(16).toString('hex'),
    });
    return await lookFurther(diagnosed, settings, { ...ready, signal: ended, progress, env: io.env }, parts);
  } catch (bug) {
    // The engine makes data of everything that the network does, so this is our own fault and tells nothing about the target.
    return { report: brokenReport(request, io, startedAt, bug), evidence: null };
  } finally {
    progress?.stop();
  }
}

/** With what others see: the places of --from side by side, then the other end. */
async function lookFurther(
  diagnosed: { report: Report; evidence: Evidence },
  { there: { carrier, traceRules }, from, globalpingUrl }: Settings,
  {
    rules,
    signal,
    progress,
    env,
  }: Ready & { signal: AbortSignal; progress: ProgressLine | null; env: Io['env'] },
  parts: Parts,
): Promise<Measured> {
  let seen = diagnosed;
  if (from.length > 0 && !signal.aborted) {
    const { lookFromElsewhere } = await import('./from/collect.ts');
    const tell = (by: string, isOver: boolean) => progress?.onEvent({ kind: 'elsewhere', by, isOver });
    const globalping = globalpingServiceOf(globalpingUrl, env);
    const evidence = await lookFromElsewhere(seen.evidence, from, { signal, tell, globalping });
    seen = { evidence, report: await parts.replay(evidence, rules) };
  }
  if (carrier === null || signal.aborted) return seen;
  const { askThere } = await import('./there/of-a-run.ts');
  return askThere(seen, carrier, { traceRules, rules, signal }, parts);
}

async function progressFor(settings: Settings, io: Io, parts: Parts): Promise<ProgressLine | null> {
  if (settings.quiet) return null;
  return parts.progress(io.stderr, {
    color: wantsColor(settings.color, io.stderr, io.env),
    unicode: speaksUnicode(io),
    columns: () => io.stderr.columns ?? 0,
    style: io.stderr.isTTY !== true ? 'seldom' : settings.plain ? 'plain' : 'live',
    // Going back over more lines than the screen has would leave some of them behind.
    rows: Math.max(2, Math.min(12, (io.stderr.rows || 24) - 5)),
  });
}

export function stoppedBy(io: Pick<Io, 'interrupt'>): StopSignal | null {
  if (!io.interrupt.aborted) return null;
  const { reason } = io.interrupt;
  return reason === 'SIGTERM' || reason === 'SIGHUP' ? reason : 'SIGINT';
}

// ---------------------------------------------------------------- without the network

async function replay(file: string, settings: Settings, io: Io, parts: Parts): Promise<number> {
  const { readEvidence } = await import('./files.ts');
  const read = await readEvidence(file);
  if (isUsageError(read)) return complain(io, read.error);
  const ready = await prepare(settings, io, parts, [file]);
  if (isUsageError(ready)) return complain(io, ready.error);
  const { withAnswers } = await import('../gather/answers.ts');
  const { answers } = settings.wish;
  const evidence = Object.keys(answers).length === 0 ? read.evidence : withAnswers(read.evidence, answers);
  let report: Report;
  try {
    report = await parts.replay(evidence, ready.rules);
  } catch (error) {
    return complain(io, notEvidence(file, error));
  }
  const { allWritten } = await deliver(report, evidence, settings, io, parts);
  return exitCodeOf(report.outcome, { stoppedBy: stoppedBy(io), allWritten });
}

function notEvidence(file: string, error: unknown): string {
  const why = error instanceof Error ? error.message : String(error);
  return `--replay ${shown(file)} cannot be read as evidence (${shown(why).slice(1, -1)}): name a file that --save-evidence wrote.`;
}

async function tellAboutCauses(
  invocation: Extract<Invocation, { kind: 'explain' | 'list-causes' }>,
  io: Io,
  parts: Parts,
): Promise<number> {
  const rules = await rulesOf(invocation.settings, io, parts);
  if (isUsageError(rules)) return complain(io, rules.error);
  const { explainCause, explainInCase, listCauses } = await import('./explain.ts');
  if (invocation.kind === 'list-causes') {
    await print(io.stdout, listCauses(rules));
    return 0;
  }
  const { cause, run: file, settings } = invocation;
  const columns = io.stdout.columns ?? 80;
  if (file === null) {
    const general = explainCause(cause, rules, columns, { gate: settings.verbose });
    if (isUsageError(general)) return complain(io, general.error);
    await print(io.stdout, general);
    return 0;
  }
  const { readEvidence } = await import('./files.ts');
  const read = await readEvidence(file);
  if (isUsageError(read)) return complain(io, read.error);
  let text: string | UsageError;
  try {
    text = explainInCase(cause, rules, read.evidence, columns);
  } catch (error) {
    return complain(io, notEvidence(file, error));
  }
  if (isUsageError(text)) return complain(io, text.error);
  await print(io.stdout, text);
  return 0;
}

// ---------------------------------------------------------------- the other end

async function doThere(job: ThereJob, settings: Settings, io: Io, parts: Parts): Promise<number> {
  const { doJob, mergeAll } = await import('./there/index.ts');
  if (job.kind === 'merge') {
    const merged = await mergeAll(job);
    if (isUsageError(merged)) return complain(io, merged.error);
    const ready = await prepare(settings, io, parts, [job.file, ...job.answers]);
    if (isUsageError(ready)) return complain(io, ready.error);
    const whole = await parts.replay(merged.evidence, ready.rules);
    const { report, allWritten } = await deliver(whole, merged.evidence, settings, io, parts);
    return exitCodeOf(report.outcome, { stoppedBy: stoppedBy(io), allWritten });
  }
  const problem = await doJob(job, {
    tell: (text) => void print(io.stderr, text),
    show: (text) => void print(io.stdout, text),
    signal: io.interrupt,
    userId: userIdOf(io),
    doors: parts.doors,
  });
  if (problem !== null) return complain(io, problem.error);
  const stopped = stoppedBy(io);
  return stopped === null ? 0 : exitCodeOfSignal(stopped);
}

// ---------------------------------------------------------------- until it works

async function doUntil(job: UntilJob, settings: Settings, io: Io, parts: Parts): Promise<number> {
  const read = job.kind === 'compare' ? [job.old, job.next].filter((file) => file !== null) : [];
  const ready = await prepare(settings, io, parts, read);
  if (isUsageError(ready)) return complain(io, ready.error);
  const { doJob } = await import('./watch/index.ts');
  const done = await doJob(job, untilTools(settings, ready, io, parts));
  return isUsageError(done) ? complain(io, done.error) : done;
}

const untilTools = (settings: Settings, ready: Ready, io: Io, parts: Parts): UntilTools => ({
  settings,
  io,
  screen: screenOptions(settings, io),
  judge: (evidence) => parts.replay(evidence, ready.rules),
  shared: async (report) => (settings.redact ? parts.redactReport(report) : report),
  diagnose: (target, signal = null) =>
    measure(requestOf(target, settings, ready), settings, ready, io, parts, { signal }),
  deliver: ({ report, evidence }, onScreen) => deliver(report, evidence, settings, io, parts, onScreen),
  doors: parts.doors,
  tell: (text) => (settings.quiet ? Promise.resolve() : print(io.stderr, text)),
  complain: async (sentence) => void (await complain(io, sentence)),
  show: (text) => print(io.stdout, text),
  stoppedBy: () => stoppedBy(io),
});

// ---------------------------------------------------------------- the wizard

async function ask(
  { settings, typed, otherwise }: Extract<Invocation, { kind: 'ask' }>,
  io: Io,
  parts: Parts,
): Promise<number> {
  if (!canAsk(io)) return complain(io, otherwise);
  const ready = await prepare(settings, io, parts);
  if (isUsageError(ready)) return complain(io, ready.error);
  const { startWizard } = await import('./wizard/start.ts');
  const watch: WizardTools['watch'] = async (target, first, signal) => {
    const { watchTarget } = await import('./watch/watch-job.ts');
    const job = { kind: 'watch', target, everyMs: WATCH_EVERY_MS, forMs: null } as const;
    let said: string | null = null;
    const onEnd = (sentence: string) => {
      said = sentence;
    };
    await watchTarget(job, untilTools(settings, ready, io, parts), { first, signal, onEnd });
    return said;
  };
  return startWizard({ settings, ready, io, parts, measure, watch }, typed);
}

/** Prompts need a person: a terminal to read from and one to write to, and no CI. */
export function canAsk(io: Pick<Io, 'stdin' | 'stderr' | 'env'>): boolean {
  const inCi = io.env.CI !== undefined && !['', '0', 'false'].includes(io.env.CI);
  return io.stdin.isTTY === true && io.stderr.isTTY === true && io.env.TERM !== 'dumb' && !inCi;
}

// ---------------------------------------------------------------- output

async function complain(io: Io, sentence: string): Promise<number> {
  await print(io.stderr, `reachdoctor: ${sentence}\n`);
  return EXIT_USAGE;
}
