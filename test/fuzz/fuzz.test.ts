import fc from 'fast-check';
import { test, vi } from 'vitest';
import { targets } from './targets.ts';

// Hundreds of inputs each: a busy machine takes its time.
vi.setConfig({ testTimeout: 300_000 });

// The same targets for as long as one likes: `npm run fuzz -- --minutes 10`.
test.each(targets)('$name takes whatever comes', async ({ property, few }) => {
  await fc.assert(property, { numRuns: few });
});
