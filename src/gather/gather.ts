import { setMaxListeners } from 'node:events';
import type { Doors } from '../doors/types.ts';
import { type RunReadings, readingsOf } from '../judge/readings/index.ts';
import { reportOf } from '../judge/report-of.ts';
import type { Evidence, Vantage } from '../model/evidence.ts';
import type { FindingOf, Observation, ProbeName, Step } from '../model/probes.ts';
import type { RunProgress } from '../model/progress.ts';
import { because } from '../model/reasons.ts';
import type { Report } from '../model/report.ts';
import type { Request } from '../model/request.ts';
import type { Rule } from '../model/rule.ts';
import { caseOf } from './case.ts';

import { isDecided, isWanted, lookAgainMs, nextSteps } from './plan/index.ts';
import { isLoopback } from './plan/steps.ts';
import { PROBES } from './probes/index.ts';
import { DECIDED, type Probe } from './probes/probe.ts';

export type RunEvent =
  | { kind: 'started'; step: Step }
  | { kind: 'observed'; observation: Observation }
  | { kind: 'progress'; step: Step; progress: RunProgress };

/**
 * How far a target is gone into that lies beside many others. `go`: whatever is worth asking is asked; `wait`: what a
 * failure calls for is asked later; `sweep`: of that nothing but the path of the port; `spare`: it is not asked at all; `over`: the first look is
 * over, too, and what has not answered is taken to be silent.
 */
export type Depth = 'go' | 'wait' | 'sweep' | 'spare' | 'over';
export interface DepthGate {
  /** Called again whenever an observation has arrived, and after `changed`. */
  depth(seen: RunReadings): Depth;
  /** Settles when another answer may be given. */
  changed(): Promise<void>;
}

export interface DiagnoseDeps {
  doors: Doors;
  rules: readonly Rule[];
  version: string;
  vantage: Vantage;
  /** Aborts the run; what was gathered is still diagnosed. */
  signal: AbortSignal;
  /** 128 random bits for the case; absent = no case is made. */
  caseId?: string;
  onEvent?: (event: RunEvent) => void;
  /** A run of the same target to go on from: what it observed is not asked again. */
  before?: Evidence;
  /** Absent = `go`. */
  gate?: DepthGate;
}

/** The engine: gathers evidence until the plan has nothing more to ask, then judges it. Never rejects on what the network does. */
export async function diagnose(
  request: Request,
  deps: DiagnoseDeps,
): Promise<{ report: Report; evidence: Evidence }> {
  const begun = deps.doors.clock.elapsed();
  const gathered = gather(request, deps);
  // It takes longer than one would think (ICU): while the first answer is waited for, nobody notices.
  const zone = deps.caseId === undefined ? null : timeZone();
  const evidence = await gathered;
  const of = deps.caseId === undefined || zone === null ? null : caseOf(evidence, deps.caseId, zone);
  if (of !== null) evidence.case = of;
  const durationMs = Math.round(deps.doors.clock.elapsed() - begun);
  return { report: reportOf(evidence, deps.rules, { version: deps.version, durationMs }), evidence };
}

/** Who answers sooner needs no sweep, or one that the child of the first connection makes. */
const WARM_MS = 40;

const timeZone = (): string => Intl.DateTimeFormat().resolvedOptions().timeZone;

/** plan -> probes -> evidence -> plan, until no wanted step is at work or the time is up. */
export async function gather(request: Request, deps: DiagnoseDeps): Promise<Evidence> {
  const { doors, signal } = deps;
  const { before } = deps;
  const evidence: Evidence = {
    request,
    vantage: deps.vantage,
    startedAt: before?.startedAt ?? new Date(doors.clock.now()).toISOString(),
    observations: before === undefined ? [] : toGoOnFrom(before, request),
    ...(before?.views === undefined ? {} : { views: before.views }),
  };
  const deadline = new AbortController();
  const ended = new AbortController();
  /** What is spent waiting for others is no time of this run. */
  let waitedMs = 0;
  let waitsSince: number | null = null;
  const pass = async () => {
    const over = AbortSignal.any([signal, ended.signal]);
    const begun = doors.clock.elapsed();
    for (let rest = request.maxTimeMs; rest > 0 && !over.aborted; ) {
      await doors.clock.sleep(rest, over);
      const now = doors.clock.elapsed();
      const waits = waitsSince === null ? 0 : now - waitsSince;
      rest = request.maxTimeMs + waitedMs + waits - (now - begun);
    }
    deadline.abort();
  };
  const timer = pass();
  const all = AbortSignal.any([signal, deadline.signal, ended.signal]);
  // Every probe at work listens: dozens are no leak.
  setMaxListeners(0, all);
  const stopped = aborted(all);
  const running = new Map<string, { step: Step; done: Promise<void> }>();
  const started = new Set(evidence.observations.map(({ id }) => id));
  let wake: () => void = () => {};

  // Read again only when an observation has arrived; the end of a step alone says nothing new.
  let read: RunReadings | null = null;
  const readings = () => {
    read ??= readingsOf(evidence);
    return read;
  };

  const record = (told: Observation, step: Step) => {
    const observation = cutShort(told, step) ? withoutTime(told, request.maxTimeMs) : told;
    read = null;
    const at = evidence.observations.findIndex(({ id }) => id === observation.id);
    if (at < 0) evidence.observations.push(observation);
    else evidence.observations[at] = observation;
    deps.onEvent?.({ kind: 'observed', observation });
    wake();
  };

  /** It was still wanted when the time was up: whoever reads the report must know that it is missing. */
  const cutShort = ({ final, outcome, data }: Observation, step: Step): boolean =>
    final &&
    outcome === 'cancelled' &&
    data === null &&
    deadline.signal.aborted &&
    ended.signal.reason !== DECIDED &&
    !signal.aborted &&
    isWanted(step, readings());

  const start = (step: Step) => {
    started.add(step.id);
    deps.onEvent?.({ kind: 'started', step });
    const tell = {
      record: (observation: Observation) => record(observation, step),
      progress: (progress: RunProgress) => deps.onEvent?.({ kind: 'progress', step, progress }),
    };
    const done = runStep(step, doors, all, tell).then(() => {
      running.delete(step.id);
      wake();
    });
    running.set(step.id, { step, done });
  };

  /** Until something arrives, or for so long. */
  const newsWithin = async (ms: number | null, news: Promise<void>): Promise<void> => {
    const awake = new AbortController();
    const patience = ms === null ? [] : [doors.clock.sleep(ms, awake.signal)];
    await Promise.race([news, stopped, ...patience]);
    awake.abort();
  };

  const judge = (one: Evidence) => reportOf(one, deps.rules, { version: deps.version, durationMs: 0 });
  const willSweep = before === undefined && request.ttlProbe && !isLoopback(request.target.host);
  if (willSweep && doors.warmNative !== undefined)
    void doors.clock.sleep(WARM_MS, all).then(() => {
      if (!all.aborted) doors.warmNative?.();
    });
  while (!all.aborted) {
    const news = new Promise<void>((resolve) => {
      wake = resolve;
    });
    const seen = readings();
    const depth = deps.gate?.depth(seen) ?? 'go';
    const opened = deps.gate?.changed();
    const isSpared = depth === 'spare' || depth === 'over';
    const fresh = isSpared ? [] : nextSteps(seen).filter(({ id }) => !started.has(id));
    for (const step of fresh) if (isWithin(step, depth)) start(step);
    const wanted = [...running.values()].flatMap(({ step }) => (isWanted(step, seen) ? [step] : []));
    if (depth === 'wait') {
      waitsSince = doors.clock.elapsed();
      let changed = opened;
      // Most of what changes for others changes nothing here.
      do {
        await Promise.race([news, stopped, changed]);
        changed = deps.gate?.changed();
      } while (read !== null && !all.aborted && deps.gate?.depth(seen) === 'wait');
      waitedMs += doors.clock.elapsed() - waitsSince;
      waitsSince = null;
      continue;
    }
    if (wanted.length === 0) break;
    if (depth === 'over') {
      ended.abort(DECIDED);
      break;
    }
    const isBeside = depth === 'sweep' || depth === 'spare';
    if (isBeside) {
      await Promise.race([news, stopped, opened]);
      continue;
    }
    const nowMs = doors.clock.now();
    if (isDecided(wanted, seen, { evidence, nowMs }, { judge, next: nextSteps })) {
      ended.abort(DECIDED);
      break;
    }
    await newsWithin(lookAgainMs(wanted, { seen, evidence, nowMs }), news);
  }
  ended.abort();
  // Probes answer an abort at once; one that does not must not hold the report.
  await Promise.race([Promise.all([...running.values()].map(({ done }) => done)), doors.clock.sleep(300)]);
  await timer;
  return evidence;
}

const FIRST_LOOKS: ReadonlySet<ProbeName> = new Set(['answer', 'system-resolve', 'dns', 'hosts-file']);

function isWithin(step: Step, depth: Depth): boolean {
  if (depth === 'go' || FIRST_LOOKS.has(step.probe)) return true;
  if (step.probe === 'tcp-connect') return step.input.role === 'target';
  return depth === 'sweep' && step.probe === 'trace-syn' && step.input.role === 'target';
}

/** What is still true of an earlier run: not what was never over, nor answers that were changed since. */
function toGoOnFrom({ observations }: Evidence, { answers }: Request): Observation[] {
  return observations.filter(
    (o) => o.final && (o.probe !== 'answer' || answers[o.input.question] === o.input.value),
  );
}

function withoutTime(observation: Observation, maxTimeMs: number): Observation {
  const seconds = maxTimeMs / 1000;
  return {
    ...observation,
    outcome: 'not-available',
    reason: because('run-over', String(seconds)),
    enable: `reachdoctor --max-time ${Math.min(600, Math.ceil(seconds * 2))}`,
  };
}

function aborted(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve();
  return new Promise((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));
}

async function runStep(
  step: Step,
  doors: Doors,
  signal: AbortSignal,
  { record, progress }: { record(observation: Observation): void; progress(news: RunProgress): void },
): Promise<void> {
  const startedAt = new Date(doors.clock.now()).toISOString();
  const zero = doors.clock.elapsed();
  let ended = false;
  const observe = (finding: FindingOf<ProbeName>, final: boolean) =>
    record({
      id: step.id,
      probe: step.probe,
      input: step.input,
      outcome: finding.outcome,
      reason: finding.reason,
      startedAt,
      durationMs: Math.round((doors.clock.elapsed() - zero) * 10) / 10,
      data: finding.data,
      command: finding.command ?? null,
      raw: finding.raw ?? null,
      enable: finding.enable ?? null,
      final,
      ...(finding.code === undefined ? {} : { code: finding.code }),
    } as Observation);
  const probe = PROBES[step.probe] as unknown as Probe<ProbeName>;
  const context = {
    doors,
    signal,
    partial: (finding: FindingOf<ProbeName>) => {
      if (!ended) observe(finding, false);
    },
    progress: (news: RunProgress) => {
      if (!ended) progress(news);
    },
  };
  try {
    const finding = await probe(step.input as never, context);
    ended = true;
    observe(finding, true);
  } catch (error) {
    ended = true;
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'EMFILE' || code === 'ENFILE') {
      // A module, a tool or a socket could not be opened: no bug, and nothing about the target.
      const reason = because('no-descriptor', code);
      return observe(
        {
          outcome: 'not-available',
          reason,
          data: null,
          enable: 'ulimit -n 1024',
          code,
        },
        true,
      );
    }
    // Our own bug: this probe's question stays unanswered, the run goes on.
    const reason = because(
      'fault',
      error instanceof Error ? `${error.name}: ${error.message}` : String(error),
    );
    observe({ outcome: 'failed', reason, data: null }, true);
  }
}
