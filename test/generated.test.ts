import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { packageRoot } from '../plugin/cli/package-root.ts';
import { generate } from './setup/generate.mjs';

test.each([...(await generate())])('%s is what `npm run generate` writes', (file, content) => {
  expect(readFileSync(join(packageRoot, file), 'utf8')).toBe(content);
});
