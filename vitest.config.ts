import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    // The end-to-end tests start several processes each: one file at a time is what two cores can take.
    fileParallelism: false,
    reporters: ['default', './test/setup/reporter.ts'],
  },
});
