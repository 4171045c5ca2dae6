import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';
import { BaseSequencer, type TestSpecification } from 'vitest/node';
import { allMutants } from './run.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const instrumented = new Map([...allMutants()].map(([file, { code }]) => [join(ROOT, 'src', file), code]));

/** Those that look at everything come first: they kill the most. Then what takes no time: what it kills, the slow ones need not run for. */
const ORDER = [
  'test/moments/facts.test.ts',
  'test/moments/steps.test.ts',
  'test/judge/ruleset/**/*.test.ts',
  'test/judge/readings/**/*.test.ts',
  'test/judge/facts/**/*.test.ts',
  'test/judge/rules/**/*.test.ts',
  'test/judge/*.test.ts',
  'test/gather/plan/*.test.ts',
  'test/rules/*.test.ts',
  'test/scenarios/*.test.ts',
  'test/gather/gather.test.ts',
];
const rank = ({ moduleId }: TestSpecification): number =>
  ORDER.findIndex((pattern) => moduleId.startsWith(join(ROOT, pattern.replace(/\*.*/, ''))));

class QuickFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    return files.sort((a, b) => rank(a) - rank(b));
  }
}

/** The tests of what is mutated, run by `npm run mutate`. */
export default defineConfig({
  root: ROOT,
  plugins: [
    {
      name: 'mutants',
      enforce: 'pre',
      transform: (_, id) => instrumented.get(id.split('?')[0] ?? id) ?? null,
    },
  ],
  test: {
    include: ORDER,
    globalSetup: 'test/global-setup.ts',
    setupFiles: ['test/setup.ts'],
    runner: 'test/mutate/runner.ts',
    sequence: { sequencer: QuickFirst },
    pool: 'forks',
    isolate: false,
    maxWorkers: 2,
    testTimeout: 3_600_000,
  },
});
