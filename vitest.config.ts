import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    // The end-to-end tests start several processes each: one file at a time keeps two cores honest.
    fileParallelism: false,
    globalSetup: ['test/setup/global.ts'],
  },
});
