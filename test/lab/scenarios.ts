import { readdir } from 'node:fs/promises';
import type { Scenario } from './scenario.ts';

/** Every scenario of test/lab/scenarios/*.ts (or of the one file), in the order of file names; two of one name are a mistake. */
export async function allScenarios(only?: string): Promise<Scenario[]> {
  const folder = new URL('./scenarios/', import.meta.url);
  const files = (await readdir(folder))
    .filter((file) => file.endsWith('.ts') && (!only || file === `${only}.ts`))
    .sort();
  const modules = await Promise.all(
    files.map((file) => import(new URL(file, folder).href) as Promise<{ default: Scenario[] }>),
  );
  const scenarios = modules.flatMap((module) => module.default);
  const seen = new Set<string>();
  for (const { name } of scenarios) {
    if (seen.has(name)) throw new Error(`two scenarios are called "${name}"`);
    seen.add(name);
  }
  return scenarios;
}
