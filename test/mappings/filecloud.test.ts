import { join } from 'node:path';
import { packageRoot } from '../../plugin/cli/package-root.ts';
import { readFixtures, testEveryMapping, testLines } from './fixtures.ts';

const folder = join(import.meta.dirname, 'filecloud');
const config = join(packageRoot, 'mappings', 'examples', 'cef.yaml');
const fixtures = await readFixtures(folder, config, (word) => `filecloud.${word}`);

testLines(folder, fixtures);
testEveryMapping(fixtures.destination.sets, fixtures.cases);
