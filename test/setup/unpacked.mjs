// Debian packages that the tests use without installing them: unpacked into the cache, once.

import * as fs from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { cachedPath } from './cache.mjs';
import { canInstall, runner, succeeds, unpack } from './debian.mjs';

/**
 * What is unpacked in the cache, which is fetched when it is not there.
 *
 * @template Found
 * @param {object} wanted
 * @param {string} wanted.name of its folder in the cache
 * @param {string[]} wanted.packages
 * @param {(root: string) => Found | undefined} wanted.find what is in a root folder; undefined when it is not whole, or does
 *   not work here
 * @param {string} wanted.notTested said where there are no Debian packages to be had
 * @param {(line: string) => void} log
 * @returns {Promise<Found | undefined>} undefined where there are none
 * @throws when they can't be fetched though this is Debian and we are root
 */
export async function findUnpacked({ name, packages, find, notTested }, log) {
  const target = cachedPath(`${name}-${process.arch}`);
  const found = find(target);
  if (found) return found;
  try {
    if (!succeeds('apt-get', '--version')) throw new Error('there are no Debian packages here');
    return await fetchPackages(name, packages, find, target, log);
  } catch (error) {
    if (canInstall()) throw error;
    log(`${error.message}\n${notTested}`);
    return undefined;
  }
}

async function fetchPackages(name, packages, find, target, log) {
  const work = fs.mkdtempSync(join(tmpdir(), `fluent-bit-siem-${name}-`));
  log(`unpacking Debian's ${packages.join(', ')} into ${target}, once`);
  const folder = `${target}.${process.pid}`;
  await unpack(packages, work, folder, runner(work, join(work, 'apt.log')));
  fs.rmSync(work, { recursive: true });
  if (!find(folder)) throw new Error(`the ${name} in ${folder} lacks something, or does not run`);
  // Renamed into place now that it is whole, unless another run was faster: nobody ever runs half of it.
  if (find(target)) fs.rmSync(folder, { recursive: true });
  else {
    fs.rmSync(target, { recursive: true, force: true });
    fs.renameSync(folder, target);
  }
  return find(target);
}
