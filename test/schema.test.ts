import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { packageRoot } from '../plugin/cli/package-root.ts';
import { destinationsSchema, mappingSchema } from '../plugin/mapping/schema.ts';

test.each([
  ['mapping', mappingSchema],
  ['destinations', destinationsSchema],
])('mappings/%s.schema.json is what the service checks with (npm run schema writes it)', (name, schema) => {
  const published = readFileSync(join(packageRoot, 'mappings', `${name}.schema.json`), 'utf8');
  expect(published).toBe(`${JSON.stringify(schema, null, 2)}\n`);
});
