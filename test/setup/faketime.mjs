// Finds libfaketime for the test that sets the clock of a running service, or unpacks Debian's package of it: nothing
// is installed.

import { spawnSync } from 'node:child_process';
import * as fs from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { canInstall, runner, succeeds, unpack } from './debian.mjs';

const PACKAGE = 'libfaketime';
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
  const found = libraryIn('/') ?? libraryIn(cachedPath());
  if (found) return found;
  try {
    if (!succeeds('apt-get', '--version')) throw new Error('there are no Debian packages here');
    return await fetchPackage(cachedPath(), log);
  } catch (error) {
    if (canInstall()) throw error;
    log(`${error.message}\nnot tested: the clock of a running service; that needs libfaketime`);
    return undefined;
  }
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

function cachedPath() {
  const { FLUENT_BIT_SIEM_CACHE: own, XDG_CACHE_HOME: shared } = process.env;
  const root = own || join(shared || join(homedir(), '.cache'), 'fluent-bit-siem');
  return resolve(root, `faketime-${process.arch}`);
}

async function fetchPackage(target, log) {
  const work = fs.mkdtempSync(join(tmpdir(), 'fluent-bit-siem-faketime-'));
  log(`unpacking Debian's ${PACKAGE} into ${target}, once`);
  const folder = `${target}.${process.pid}`;
  await unpack([PACKAGE], work, folder, runner(work, join(work, 'apt.log')));
  fs.rmSync(work, { recursive: true });
  if (!libraryIn(folder)) throw new Error(`the libfaketime in ${folder} does not work`);
  // Renamed into place now that it is whole: nobody ever takes half of it.
  if (libraryIn(target)) fs.rmSync(folder, { recursive: true });
  else {
    fs.rmSync(target, { recursive: true, force: true });
    fs.renameSync(folder, target);
  }
  return libraryIn(target);
}
