// Writes the schemas that the service checks files against to mappings/, where editors find them
// (`npm run schema`). A test fails when they are not the same.

import { writeFileSync } from 'node:fs';
import { destinationsSchema, mappingSchema } from '../../dist/mapping/schema.js';

for (const [name, schema] of Object.entries({ mapping: mappingSchema, destinations: destinationsSchema })) {
  writeFileSync(`mappings/${name}.schema.json`, `${JSON.stringify(schema, null, 2)}\n`);
}
