import { appendFileSync, existsSync, readFileSync } from 'node:fs';
import { type RunnerTestCase, TestRunner } from 'vitest';
import type { Plan } from './run.ts';
import { createMutation } from './world.ts';

const plan = JSON.parse(readFileSync(process.env.MUTATE_PLAN ?? '', 'utf8')) as Plan;
const world = globalThis.$mutation ?? createMutation(plan.mutants.length);
globalThis.$mutation = world;

const wanted = new Set(plan.ids);
/** Killed here or by another worker: nothing more is asked of them. */
const killed = new Set<number>();

/** How often each mutant has survived the tests of this file. */
const triesIn = new Map<number, number>();
let fileAtWork: unknown = null;
/** `judge/facts/` */
let folderAtWork = '';
/** A test of the mutant's own folder, or one that looks at everything. */
const isNear = (id: number): boolean =>
  folderAtWork === 'moments/' || plan.mutants[id - 1]?.file.startsWith(folderAtWork) === true;

/**
 * Runs each test once as it is, then once more with each living mutant that it asked for: a test that then fails has killed
 * it. Tests that are slow by themselves would cost hours for mutants that quick ones kill; they are left out, and counted.
 */
export default class MutationRunner extends TestRunner {
  async runTask(test: RunnerTestCase): Promise<void> {
    const run = TestRunner.getTestFn(test);
    const name = `${test.file.name}: ${test.name}`;
    // What is computed for the first time takes longer than it will again.
    if ((await cpuOf(run)) > plan.slowMs && (await cpuOf(run)) > plan.slowMs) {
      report({ slow: name });
      return;
    }
    if (test.file !== fileAtWork) triesIn.clear();
    fileAtWork = test.file;
    folderAtWork = test.file.name.replace(/^test\//, '').replace(/[^/]*$/, '');
    const seen = world.asked();
    for (const id of seen.reached) if (wanted.has(id)) report({ reached: id });
    learnFromOthers();
    const reached = reachedBy(seen.asked);
    for (const id of reached) {
      report({ reached: id });
      const tries = (triesIn.get(id) ?? 0) + 1;
      if (killed.has(id) || tries > (isNear(id) ? plan.tries : plan.triesAfar)) continue;
      triesIn.set(id, tries);
      world.wake(id, plan.mutants[id - 1]?.isStatic === true);
      try {
        await Promise.race([run(), late(3000)]);
      } catch {
        killed.add(id);
        report({ killed: id, by: name });
      }
    }
    world.wake(0, false);
  }
}

/** CPU of one run, ms. */
async function cpuOf(run: () => unknown): Promise<number> {
  world.asked();
  const before = process.cpuUsage();
  await run();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1000;
}

/** What was asked, and what is computed as their module loads in the files that were in use. */
function reachedBy(asked: number[]): number[] {
  const was = new Set(asked);
  const files = new Set(asked.map((id) => plan.mutants[id - 1]?.file));
  return plan.mutants
    .filter(({ id, file, kind, isStatic }) =>
      isStatic && kind !== 'member' ? plan.users[file]?.some((user) => files.has(user)) : was.has(id),
    )
    .map(({ id }) => id)
    .filter((id) => wanted.has(id));
}

const late = (ms: number): Promise<never> =>
  new Promise((_, reject) => setTimeout(() => reject(new Error('this mutant does not end')), ms).unref());

export type Line = { killed: number; by: string } | { reached: number } | { slow: string };

const mine = `${plan.log}.${process.pid}`;
const told = new Set<string>();
function report(line: Line): void {
  const text = JSON.stringify(line);
  if (told.has(text)) return;
  told.add(text);
  appendFileSync(mine, `${text}\n`);
  if ('killed' in line) appendFileSync(plan.log, `${line.killed}\n`);
}

let heard = 0;
function learnFromOthers(): void {
  if (!existsSync(plan.log)) return;
  const all = readFileSync(plan.log, 'utf8');
  for (const id of all.slice(heard).split('\n')) if (id !== '') killed.add(Number(id));
  heard = all.lastIndexOf('\n') + 1;
}
