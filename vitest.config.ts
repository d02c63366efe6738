import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    // The end-to-end tests start several processes each, but mostly wait: two files at a time are what two cores can take.
    maxWorkers: 2,
    // A slow machine is no failure: what hangs is found all the same.
    testTimeout: 180_000,
    hookTimeout: 180_000,
    setupFiles: ['./test/setup/seed.ts', './test/setup/collect.ts'],
    globalSetup: ['./test/setup/secrets.ts'],
    reporters: ['default', './test/setup/reporter.ts'],
  },
});
