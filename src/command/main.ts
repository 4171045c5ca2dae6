import { randomBytes } from 'node:crypto';
import type { Readable, Writable } from 'node:stream';
import type { Evidence } from '../model/evidence.ts';
import type { Report } from '../model/report.ts';
import type { Request, Target } from '../model/request.ts';
import type { Rule } from '../model/rule.ts';
import type { Parts, ProgressLine, RunEvent } from './engine.ts';
import { EXIT_USAGE, exitCodeOf, exitCodeOfSignal, type StopSignal } from './exit-code.ts';
import { type Invocation, parseArgv } from './flags.ts';
import { type Settings, wantsColor } from './settings.ts';
import type { ThereJob } from './there/flags.ts';
import { isUsageError, shown } from './usage-error.ts';

/** The process as seen by `main`; src/cli.ts makes it from the real one, tests from streams in memory. */
export interface Io {
  stdin: Readable & { isTTY?: boolean };
  stdout: Writable & { isTTY?: boolean; columns?: number };
  stderr: Writable & { isTTY?: boolean; columns?: number; rows?: number };
  env: Record<string, string | undefined>;
  platform: NodeJS.Platform;
  version: string;
  /** Aborts at the first SIGINT or SIGTERM; its reason is the name of the signal. */
  interrupt: AbortSignal;
}

/** Does what the command line says and returns the exit code. Rejects only on a bug of ours. */
export async function main(argv: string[], io: Io, parts: Parts): Promise<number> {
  const invocation = parseArgv(argv, io.version, io.stdout.columns ?? 80);
  switch (invocation.kind) {
    case 'print':
      await print(io.stdout, invocation.text);
      return 0;
    case 'bad':
      return complain(io, invocation.error);
    case 'list-causes':
    case 'explain':
      return tellAboutCauses(invocation, io, parts);
    case 'replay':
      return replay(invocation.file, invocation.settings, io, parts);
    case 'there':
      return doThere(invocation.job, invocation.settings, io, parts);
    case 'ask':
      return ask(invocation.settings, io, parts);
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

/** Everything that can be wrong with files, found out before a single packet is sent. */
async function prepare(settings: Settings, io: Io, parts: Parts): Promise<Ready | { error: string }> {
  const written = [
    ...settings.reports.map((report) => report.file),
    settings.saveEvidence,
    settings.there.kit?.file ?? null,
  ].filter((file) => file !== null);
  const { readAuthorities, whyNotWritable } = await import('./files.ts');
  for (const file of written) {
    const problem = await whyNotWritable(file);
    if (problem !== null) return problem;
  }
  const authorities = settings.caFile === null ? null : await readAuthorities(settings.caFile);
  if (isUsageError(authorities)) return authorities;
  const { rules, problems, notices } = await parts.rules(settings.rulesDir);
  if (problems.length > 0) return { error: problems.join('\n') };
  for (const notice of notices) await print(io.stderr, `reachdoctor: ${notice}\n`);
  return { rules, caPem: authorities?.text ?? null };
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
  const startedAt = new Date();
  const progress = await progressFor(settings, io, parts);
  let result: { report: Report; evidence: Evidence | null };
  try {
    const diagnosed = await parts.diagnose(request, {
      rules: ready.rules,
      signal: io.interrupt,
      onEvent: (event: RunEvent) => progress?.onEvent(event),
      formats: [settings.json ? 'json' : 'terminal', ...settings.reports.map(({ format }) => format)],
      redacted: settings.redact,
      caseId: randomBytes(16).toString('hex'),
    });
    result = await askThere(diagnosed, settings, ready, io, parts);
  } catch (bug) {
    // The engine makes data of everything that the network does, so this is our own fault and tells nothing about the target.
    result = { report: brokenReport(request, io, startedAt, bug), evidence: null };
  } finally {
    progress?.stop();
  }
  const report = await deliver(result.report, result.evidence, settings, io, parts);
  return { report, exitCode: exitCodeOf(report.outcome, stoppedBy(io)) };
}

async function progressFor(settings: Settings, io: Io, parts: Parts): Promise<ProgressLine | null> {
  if (settings.quiet || io.stderr.isTTY !== true) return null;
  return parts.progress(io.stderr, {
    color: wantsColor(settings.color, io.stderr, io.env),
    unicode: speaksUnicode(io),
    columns: () => io.stderr.columns ?? 80,
    // Going back over more lines than the screen has would leave some of them behind.
    rows: Math.max(2, Math.min(12, (io.stderr.rows ?? 24) - 2)),
  });
}

/** Prints the report and writes it where the flags say. What cannot be written is printed instead of being lost. */
async function deliver(
  whole: Report,
  wholeEvidence: Evidence | null,
  settings: Settings,
  io: Io,
  parts: Parts,
): Promise<Report> {
  const report = settings.redact ? await parts.redactReport(whole) : whole;
  if (settings.json) await print(io.stdout, await parts.document('json', report));
  else await print(io.stdout, await parts.screen(report, screenOptions(settings, io)));

  for (const { file, format } of settings.reports) {
    await writeOrPrint(file, await parts.document(format, report), settings, io);
  }
  if (settings.saveEvidence !== null && wholeEvidence !== null) {
    const evidence = settings.redact ? await parts.redactEvidence(wholeEvidence) : wholeEvidence;
    await writeOrPrint(settings.saveEvidence, `${JSON.stringify(evidence, null, 2)}\n`, settings, io);
  }
  if (wholeEvidence !== null) await writeKit(wholeEvidence, settings, io);
  return report;
}

/** The other end's half: live where a carrier is named, and its script where a file is. */
async function askThere(
  result: { report: Report; evidence: Evidence },
  settings: Settings,
  ready: Ready,
  io: Io,
  parts: Parts,
): Promise<{ report: Report; evidence: Evidence }> {
  const { carrier, traceRules } = settings.there;
  const of = result.evidence.case;
  if (carrier === null || of === undefined || io.interrupt.aborted) return result;
  const [{ lookThere }, { parseCarrier }] = await Promise.all([
    import('./there/live.ts'),
    import('../doors/carriers/carrier.ts'),
  ]);
  const way = parseCarrier(carrier);
  if (way === null) return result;
  const doors = await parts.doors();
  const how = { traceRules, doors, signal: io.interrupt };
  const evidence = await lookThere(result.evidence, of, way, how);
  return { evidence, report: await parts.replay(evidence, ready.rules) };
}

async function writeKit(evidence: Evidence, settings: Settings, io: Io): Promise<void> {
  const { kit, traceRules } = settings.there;
  if (kit === null) return;
  if (evidence.case === undefined) {
    await print(
      io.stderr,
      'No script was written: the name led to no address that the other end could have.\n',
    );
    return;
  }
  const { kitFor } = await import('./there/kit.ts');
  const { text, sha256 } = await kitFor(evidence.case, kit.language, { seconds: 30, traceRules });
  await writeOrPrint(kit.file, text, settings, io);
  if (!settings.quiet) await print(io.stderr, `SHA-256 of ${shown(kit.file)}: ${sha256}\n`);
}

async function doThere(job: ThereJob, settings: Settings, io: Io, parts: Parts): Promise<number> {
  const { hereFor, knockFor, listenFor, mergeAll } = await import('./there/index.ts');
  if (job.kind === 'merge') {
    const merged = await mergeAll(job);
    if (isUsageError(merged)) return complain(io, merged.error);
    const ready = await prepare(settings, io, parts);
    if (isUsageError(ready)) return complain(io, ready.error);
    const report = await parts.replay(merged.evidence, ready.rules);
    const told = await deliver(report, merged.evidence, settings, io, parts);
    return exitCodeOf(told.outcome, stoppedBy(io));
  }
  const there = {
    tell: (text: string) => void print(io.stderr, text),
    show: (text: string) => void print(io.stdout, text),
    signal: io.interrupt,
    doors: () => parts.doors(),
  };
  const problem =
    job.kind === 'knock'
      ? await knockFor(job, there)
      : job.kind === 'here'
        ? await hereFor(job, there)
        : await listenFor(job, there);
  if (problem !== null) return complain(io, problem.error);
  const stopped = stoppedBy(io);
  return stopped === null ? 0 : exitCodeOfSignal(stopped);
}

async function writeOrPrint(file: string, text: string, settings: Settings, io: Io): Promise<void> {
  const { writeText } = await import('./files.ts');
  const problem = await writeText(file, text);
  if (problem === null) {
    if (!settings.quiet) await print(io.stderr, `Written: ${shown(file, 4096).slice(1, -1)}\n`);
  } else if (settings.json) {
    await print(io.stderr, `${problem} The JSON document on standard output holds the same report.\n`);
  } else {
    await print(io.stderr, `${problem} It is printed on standard output instead.\n`);
    await print(io.stdout, `\n${text}`);
  }
}

export function screenOptions(settings: Settings, io: Io) {
  return {
    color: wantsColor(settings.color, io.stdout, io.env),
    unicode: speaksUnicode(io),
    width: io.stdout.columns ?? 80,
    verbose: settings.verbose,
  };
}

/** Locale variables in the order in which they count (locale(7)); Windows Terminal says so by its own variable. */
export function speaksUnicode(io: Pick<Io, 'env' | 'platform'>): boolean {
  const { env, platform } = io;
  if (platform === 'win32') return env.WT_SESSION !== undefined || env.TERM_PROGRAM === 'vscode';
  if (platform === 'darwin') return true;
  if (env.TERM === 'linux') return false;
  const locale = [env.LC_ALL, env.LC_CTYPE, env.LANG].find((value) => value !== undefined && value !== '');
  return /utf-?8/i.test(locale ?? '');
}

export function stoppedBy(io: Pick<Io, 'interrupt'>): StopSignal | null {
  if (!io.interrupt.aborted) return null;
  return io.interrupt.reason === 'SIGTERM' ? 'SIGTERM' : 'SIGINT';
}

/** A report of nothing, so that callers of --json get their document even when we failed. */
function brokenReport(request: Request, io: Io, startedAt: Date, bug: unknown): Report {
  const why = bug instanceof Error ? bug.message : String(bug);
  const { input, host, port, service } = request.target;
  return {
    schema: 'reachdoctor.report/1',
    tool: { name: 'reachdoctor', version: io.version },
    startedAt: startedAt.toISOString(),
    durationMs: Date.now() - startedAt.getTime(),
    target: { input, host, port, service, addresses: [] },
    outcome: 'undetermined',
    headline: `reachdoctor itself failed, so nothing is known about the target: ${why.split('\n')[0]}`,
    causes: [],
    ruledOut: [],
    cannotTell: [],
    notChecked: [
      { probe: 'tcp-connect', reason: `a bug in reachdoctor: ${why.split('\n')[0]}`, enable: null },
    ],
    paths: [],
    observations: [],
    vantage: { os: io.platform, addresses: [], resolvers: [], privileges: 'user' },
  };
}

// ---------------------------------------------------------------- without the network

async function replay(file: string, settings: Settings, io: Io, parts: Parts): Promise<number> {
  const { readEvidence } = await import('./files.ts');
  const read = await readEvidence(file);
  if (isUsageError(read)) return complain(io, read.error);
  const ready = await prepare(settings, io, parts);
  if (isUsageError(ready)) return complain(io, ready.error);
  let report: Report;
  try {
    report = await parts.replay(read.evidence, ready.rules);
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    return complain(
      io,
      `--replay ${shown(file)} cannot be read as evidence (${shown(why).slice(1, -1)}): name a file that --save-evidence wrote.`,
    );
  }
  const told = await deliver(report, read.evidence, settings, io, parts);
  return exitCodeOf(told.outcome, stoppedBy(io));
}

async function tellAboutCauses(
  invocation: Extract<Invocation, { kind: 'explain' | 'list-causes' }>,
  io: Io,
  parts: Parts,
): Promise<number> {
  const { rules, problems } = await parts.rules(invocation.settings.rulesDir);
  if (problems.length > 0) return complain(io, problems.join('\n'));
  const { explainCause, listCauses } = await import('./explain.ts');
  if (invocation.kind === 'list-causes') {
    await print(io.stdout, listCauses(rules));
    return 0;
  }
  const text = explainCause(invocation.cause, rules, io.stdout.columns ?? 80);
  if (isUsageError(text)) return complain(io, text.error);
  await print(io.stdout, text);
  return 0;
}

// ---------------------------------------------------------------- the wizard

async function ask(settings: Settings, io: Io, parts: Parts): Promise<number> {
  if (!canAsk(io)) {
    return complain(
      io,
      'There is no terminal to ask on: say what to diagnose, as in reachdoctor --diagnose example.com:443 (and see --answer in reachdoctor --help).',
    );
  }
  const ready = await prepare(settings, io, parts);
  if (isUsageError(ready)) return complain(io, ready.error);
  const [{ wizard }, { createAsk, PromptEnded }] = await Promise.all([
    import('./wizard/wizard.ts'),
    import('./ask.ts'),
  ]);
  const door = createAsk({ input: io.stdin, output: io.stderr, signal: io.interrupt });
  try {
    return await wizard(settings, {
      ask: door,
      tell: (text) => print(io.stderr, text),
      show: (text) => print(io.stdout, text),
      run: (request) => run({ ...request, caPem: ready.caPem }, settings, ready, io, parts),
      stopped: () => stoppedBy(io) !== null,
      document: parts.document,
      rules: ready.rules,
      platform: io.platform,
      columns: io.stdout.columns ?? 80,
    });
  } catch (error) {
    if (!(error instanceof PromptEnded)) throw error;
    await print(io.stderr, '\n');
    return exitCodeOfSignal(stoppedBy(io) ?? 'SIGINT');
  }
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

/** Resolves when the text is out, or when nobody reads any more (EPIPE), which is not our failure. */
export function print(stream: Writable, text: string): Promise<void> {
  return new Promise((resolve) => {
    if (stream.destroyed || stream.writableEnded) return resolve();
    stream.write(text, () => resolve());
  });
}
