// Finds libfaketime for the test that sets the clock of a running service, or unpacks Debian's package of it: nothing
// is installed.

import { spawnSync } from 'node:child_process';
import * as fs from 'node:fs';
import { join } from 'node:path';
import { findUnpacked } from './unpacked.mjs';

/** The one for programs with threads. */
const LIBRARY = 'libfaketimeMT.so.1';

/**
 * The libfaketime of this machine, else the unpacked one, which is fetched once: 40 KB.
 *
 * @param {{ log?: (line: string) => void }} [options] `log` gets a line when it is fetched, and when there is none
 * @returns {Promise<string | undefined>} absolute path of the library to preload; undefined where there are no Debian
 *   packages to be had
 * @throws when it can't be fetched though this is Debian and we are root
 */
export async function findFaketime({ log = console.error } = {}) {
  const wanted = {
    name: 'faketime',
    packages: ['libfaketime'],
    find: libraryIn,
    notTested: 'not tested: the clock of a running service; that needs libfaketime',
  };
  return libraryIn('/') ?? (await findUnpacked(wanted, log));
}

/** The library below a root folder, if it works here. */
function libraryIn(root) {
  const libraries = join(root, 'usr', 'lib');
  const folders = fs.existsSync(libraries) ? fs.readdirSync(libraries) : [];
  const paths = ['.', ...folders].map((name) => join(libraries, name, 'faketime', LIBRARY));
  return paths.find((path) => fs.existsSync(path) && works(path));
}

function works(path) {
  const env = { ...process.env, LD_PRELOAD: path, FAKETIME: '-400d', FAKETIME_DONT_FAKE_MONOTONIC: '1' };
  const { stdout } = spawnSync('date', ['+%s'], { encoding: 'utf8', env });
  return Number(stdout) < Date.now() / 1000 - 86_400;
}
