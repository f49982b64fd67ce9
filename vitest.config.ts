import { availableParallelism } from 'node:os';
import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    dir: 'test',
    setupFiles: ['test/support/seed.ts'],
    // Deploys, and pages in a browser, wait more than they work.
    maxWorkers: availableParallelism() + 2,
    testTimeout: 30_000,
    hookTimeout: 120_000,
  },
});
