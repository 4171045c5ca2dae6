import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';
import { allMutants } from './run.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const instrumented = new Map([...allMutants()].map(([file, { code }]) => [join(ROOT, 'src', file), code]));

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
    include: [
      'test/judge/**/*.test.ts',
      'test/rules/**/*.test.ts',
      'test/gather/gather.test.ts',
      'test/gather/plan/*.test.ts',
      'test/scenarios/*.test.ts',
    ],
    globalSetup: 'test/global-setup.ts',
    setupFiles: ['test/setup.ts'],
    runner: 'test/mutate/runner.ts',
    pool: 'forks',
    isolate: false,
    maxWorkers: 2,
    testTimeout: 3_600_000,
  },
});
