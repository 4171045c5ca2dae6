import type { Look } from '../../model/look.ts';
import type { Report } from '../../model/report.ts';
import { documentText } from '../../report/json.ts';
import { clockTime, lookWords, span } from '../../report/look-words.ts';
import { exitCodeOfSignal } from '../exit-code.ts';
import { hostPort } from '../target.ts';
import { shown } from '../usage-error.ts';
import type { WaitJob } from './flags.ts';
import { lookerAt } from './look.ts';
import type { UntilTools } from './tools.ts';
import { type Waited, waitUntil } from './wait.ts';

/** More changes than that are counted and not kept. */
const MOST_CHANGES = 100;

/**
 * Waits; at the deadline diagnoses. 0 or the command's own exit code where the goal is met, 1 where it is not, 3 where
 * nothing is known, 130 and its like where a signal ended it.
 */
export async function waitFor(job: WaitJob, tools: UntilTools): Promise<number> {
  const doors = await tools.doors();
  const { goal, target, forMs } = job;
  const name = hostPort(target);
  const changes: Look[] = [];
  await tools.tell(`Waiting until ${name} is ${goal}, for at most ${span(forMs)}.\n`);
  const waited = await waitUntil(lookerAt(target, doors, tools.settings.wish.family), {
    ...job,
    clock: doors.clock,
    signal: tools.io.interrupt,
    onChange: (look) => {
      if (changes.length < MOST_CHANGES) changes.push(look);
      void tools.tell(`${clockTime(look.at)} ${lookWords(look)}\n`);
    },
  });
  if (waited.ended === 'stopped') return stopped(job, waited, changes, tools);
  if (waited.ended === 'met') return met(job, waited, changes, null, tools);

  await tools.tell(`${span(waited.waitedMs)} are over, and ${name} is not ${goal}: diagnosing.\n`);
  const { report, allWritten } = await tools.deliver(await tools.diagnose(target), !tools.settings.json);
  const signal = tools.stoppedBy();
  // It may have changed in the last moment: then what was waited for is there.
  if (signal === null && report.outcome === goal) return met(job, waited, changes, report, tools);
  await tellProgram(job, waited, changes, report, false, tools);
  if (signal !== null) return exitCodeOfSignal(signal);
  if (report.outcome === 'undetermined') return 3;
  return allWritten ? 1 : 4;
}

async function stopped(job: WaitJob, waited: Waited, changes: Look[], tools: UntilTools): Promise<number> {
  const last = waited.last === null ? '' : `; the last look: ${lookWords(waited.last)}`;
  await tools.tell(`Stopped after ${span(waited.waitedMs)}${last}.\n`);
  await tellProgram(job, waited, changes, null, false, tools);
  return exitCodeOfSignal(tools.stoppedBy() ?? 'SIGINT');
}

async function met(
  job: WaitJob,
  waited: Waited,
  changes: Look[],
  report: Report | null,
  tools: UntilTools,
): Promise<number> {
  await tellProgram(job, waited, changes, report, true, tools);
  if (job.command === null) return 0;
  const stop = tools.stoppedBy();
  return stop === null ? runAfter(job.command, tools) : exitCodeOfSignal(stop);
}

/** With --json exactly one document, whatever happened. */
async function tellProgram(
  { target, goal }: WaitJob,
  { ended, looks, waitedMs }: Waited,
  changes: Look[],
  report: Report | null,
  isMet: boolean,
  tools: UntilTools,
): Promise<void> {
  if (!tools.settings.json) return;
  const about = { schema: 'reachdoctor.wait/1', target: hostPort(target), goal, met: isMet };
  await tools.show(
    documentText({ ...about, stopped: ended === 'stopped', waitedMs, looks, changes, report }),
  );
}

/** As shells say it: 127 = there is no such program, 126 = it could not be run. */
async function runAfter(command: [string, ...string[]], tools: UntilTools): Promise<number> {
  const { runInForeground } = await import('../../doors/foreground.ts');
  const running = runInForeground(command);
  tools.io.handOver?.((signal) => {
    // Ctrl-C at the terminal reaches the whole process group; only what was sent to us alone is passed on.
    if (signal !== 'SIGINT' || tools.io.stdin.isTTY !== true) running.send(signal);
    return true;
  });
  const ended = await running.ended;
  tools.io.handOver?.(null);
  if ('exitCode' in ended) return ended.exitCode;
  const why = {
    missing: 'was not found: name a program, with its path where it is not in PATH',
    denied: 'may not be run: give it the permission, or name the program that reads it',
    failed: `could not be run (${ended.code})`,
  }[ended.notStarted];
  await tools.complain(`The command ${shown(command[0])} ${why}.`);
  return ended.notStarted === 'missing' ? 127 : 126;
}
