import { defineConfig, type ViteUserConfig } from 'vitest/config';

/** Whole processes against real time: beside other work they measure that work. `npm run test:whole` runs them one by one. */
const WHOLE = ['test/whole/**/*.test.ts'];

const shared = {
  globalSetup: 'test/global-setup.ts',
  setupFiles: ['test/setup.ts'],
  // Only ends what would never end; no test may need a time like it.
  testTimeout: 60_000,
  hookTimeout: 120_000,
  pool: 'forks' as const,
  // Files share the modules that they load. No test replaces a module, and what one changes it puts back.
  isolate: false,
} satisfies ViteUserConfig['test'];

export default defineConfig({
  test: {
    projects: [
      { test: { ...shared, name: 'unit', include: ['test/**/*.test.ts'], exclude: WHOLE, maxWorkers: 3 } },
      { test: { ...shared, name: 'whole', include: WHOLE, maxWorkers: 1, maxConcurrency: 1 } },
    ],
  },
});
