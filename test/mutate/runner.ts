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

/**
 * Runs each test once as it is, then once more with each living mutant that it asked for: a test that then fails has killed
 * it. Tests that are slow by themselves would cost hours for mutants that quick ones kill; they are left out, and counted.
 */
export default class MutationRunner extends TestRunner {
  async runTask(test: RunnerTestCase): Promise<void> {
    const run = TestRunner.getTestFn(test);
    world.asked();
    const before = process.cpuUsage();
    await run();
    const { user, system } = process.cpuUsage(before);
    const tookMs = (user + system) / 1000;
    const reached = reachedBy(world.asked());
    const name = `${test.file.name}: ${test.name}`;
    if (tookMs > plan.slowMs) {
      report({ slow: name });
      return;
    }
    learnFromOthers();
    for (const id of reached) {
      report({ reached: id });
      if (killed.has(id)) continue;
      world.wake(id);
      try {
        await Promise.race([run(), late(5000)]);
      } catch {
        killed.add(id);
        report({ killed: id, by: name });
      }
    }
    world.wake(0);
  }
}

/** What was asked, and what is computed as their module loads in the files that were in use. */
function reachedBy(asked: number[]): number[] {
  const was = new Set(asked);
  const files = new Set(asked.map((id) => plan.mutants[id - 1]?.file));
  return plan.mutants
    .filter(({ id, file, isStatic }) =>
      isStatic ? plan.users[file]?.some((user) => files.has(user)) : was.has(id),
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
