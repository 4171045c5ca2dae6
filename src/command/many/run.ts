import type { Clock } from '../../doors/types.ts';
import type { Evidence } from '../../model/evidence.ts';
import type { TargetResult } from '../../model/many.ts';
import type { Report } from '../../model/report.ts';
import type { Request } from '../../model/request.ts';
import { leadingCause } from '../../report/many/administrator.ts';
import type { DiagnoseBeside } from '../engine.ts';
import { Gates } from './gates.ts';
import { FIRST_LOOK_SYNS, synPace } from './pace.ts';
import { notTested, resultOf } from './reduce.ts';
import { nextOf } from './schedule.ts';
import type { Entry } from './target-list.ts';

export interface RunDeps {
  entries: readonly Entry[];
  requestOf(entry: Entry): Request;
  diagnose(request: Request, deps: Omit<Parameters<DiagnoseBeside>[1], 'rules'>): ReturnType<DiagnoseBeside>;
  /** The same target seen from another place as well. */
  lookFrom(
    seen: { report: Report; evidence: Evidence },
    from: string,
  ): Promise<{ report: Report; evidence: Evidence }>;
  /** The report of a diagnosis in which we failed ourselves. */
  broken(request: Request, bug: unknown): Report;
  /** What may be passed on of a report; null = all of it. In a part of it the places of two reports cannot be compared. */
  redact: ((report: Report) => Promise<Report>) | null;
  clock: Clock;
  signal: AbortSignal;
  /** Targets at work at once, and of them diagnosed as a whole. */
  jobs: number;
  wholeAtOnce: number;
  onStart(n: number): void;
  /** In the order in which they end; those that were not tested come last. */
  onResult(result: TargetResult): Promise<void>;
}

/** One conversation a service and a place, whoever names it how often. */
const serviceKey = ({ target: { host, port, service, path }, expected: { from } }: Entry): string =>
  JSON.stringify([host, port, service, path, from]);

/** Tests every entry, and keeps of each what the outputs need. The results stand in the order of the list. */
export async function runMany(deps: RunDeps): Promise<TargetResult[]> {
  const { entries, clock, signal } = deps;
  const results: (TargetResult | null)[] = entries.map(() => null);
  const pace = synPace(clock);
  const gates = new Gates(deps.wholeAtOnce, pace, clock);
  const told = async (result: TargetResult): Promise<void> => {
    results[result.n - 1] = result;
    await deps.onResult(result);
  };

  const test = async (members: readonly number[]): Promise<void> => {
    const [first = 0] = members;
    const entry = entries[first]!;
    const request = deps.requestOf(entry);
    const gate = gates.open();
    let measured: { report: Report; evidence: Evidence | null };
    try {
      measured = await deps.diagnose(request, { signal, gate });
      const { from } = entry.expected;
      if (from !== null && measured.evidence !== null && !signal.aborted)
        measured = await deps.lookFrom({ report: measured.report, evidence: measured.evidence }, from);
    } catch (bug) {
      measured = { report: deps.broken(request, bug), evidence: null };
    }
    // A diagnosis that was cut short says nothing of a boundary.
    gate.leave(signal.aborted ? null : leadingCause(measured.report));
    // What stood at that time is known; what was still being looked for is not.
    const isCut = signal.aborted && measured.report.outcome !== 'reachable';
    const report = deps.redact === null ? measured.report : await deps.redact(measured.report);
    for (const at of members) {
      const one = entries[at]!;
      if (isCut) {
        await told(notTested(at + 1, one));
        continue;
      }
      const result = resultOf(at + 1, one, report, measured.evidence, gate.presumed());
      await told(deps.redact === null ? result : withoutPlace(result));
    }
  };

  const pending = groupsOf(entries);
  const running = new Set<Promise<void>>();
  const begun: { host: string; atMs: number }[] = [];
  const stopped = new Promise<void>((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });
  while (pending.length > 0 && !signal.aborted) {
    if (running.size >= deps.jobs) {
      await Promise.race([...running, stopped]);
      continue;
    }
    const hosts = pending.map(([at = 0]) => entries[at]?.target.host ?? '');
    const next = nextOf(hosts, begun, clock.elapsed());
    if ('restMs' in next) {
      await clock.sleep(next.restMs, signal);
      continue;
    }
    const [members = []] = pending.splice(next.at, 1);
    begun.push({ host: hosts[next.at] ?? '', atMs: clock.elapsed() });
    if (begun.length > 200) begun.splice(0, 100);
    await clock.sleep(pace.reserve(FIRST_LOOK_SYNS), signal);
    if (signal.aborted) break;
    for (const at of members) deps.onStart(at + 1);
    const done: Promise<void> = test(members).finally(() => running.delete(done));
    running.add(done);
  }
  await Promise.all(running);
  for (const [at, entry] of entries.entries()) if (results[at] === null) await told(notTested(at + 1, entry));
  return results.filter((result) => result !== null);
}

/** A redacted report numbers what it hides, each anew; what is taken from others is not redacted. */
function withoutPlace(result: TargetResult): TargetResult {
  const { cause, headline, text } = result;
  if (cause === null) return result;
  const where = cause.where === null || !('address' in cause.where) ? cause.where : null;
  const isTaken = result.depth !== 'whole';
  return {
    ...result,
    cause: { ...cause, where, stop: null },
    headline: isTaken ? null : headline,
    text: isTaken ? [] : text,
  };
}

function groupsOf(entries: readonly Entry[]): number[][] {
  const groups = new Map<string, number[]>();
  for (const [at, entry] of entries.entries()) {
    const key = serviceKey(entry);
    groups.set(key, [...(groups.get(key) ?? []), at]);
  }
  return [...groups.values()];
}
