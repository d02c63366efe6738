import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The folder of package.json: two levels up, whether this runs from plugin/ or from dist/. */
export const packageRoot = join(dirname(fileURLToPath(import.meta.url)), '..', '..');

/** Version of this package. */
export const version: string = JSON.parse(readFileSync(join(packageRoot, 'package.json'), 'utf8')).version;

/** The web page's files, where there was a build. */
export const pageFolder = join(packageRoot, 'dist', 'web');
