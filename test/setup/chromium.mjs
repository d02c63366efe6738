// Finds Chromium for the tests of test/web, or installs Debian's package of it. It is run by the tests alone, without a
// window, on loopback.

import * as fs from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join, resolve } from 'node:path';
import { canInstall, install, runner, succeeds } from './debian.mjs';

const NAMES = ['chromium', 'chromium-browser', 'google-chrome-stable', 'google-chrome'];
/** Letters for what a page says; without any, Chromium draws boxes. */
const PACKAGES = ['chromium', 'fonts-dejavu-core'];

/**
 * The Chromium that CHROMIUM names, else the one of this machine; as root on Debian it is installed, once: 90 MB.
 *
 * @param {{ log?: (line: string) => void }} [options] `log` gets a line when packages are installed, and when there
 *   is no Chromium
 * @returns {Promise<string | undefined>} its absolute path; undefined where there is none, and none can be installed
 * @throws when it can't be installed though this is Debian and we are root
 */
export async function findChromium({ log = console.error } = {}) {
  const found = process.env.CHROMIUM || onPath();
  if (found) return found;
  if (!canInstall()) {
    log('not tested: the web page; that needs Chromium (in Debian: chromium), or CHROMIUM=/path');
    return undefined;
  }
  const work = fs.mkdtempSync(join(tmpdir(), 'fluent-bit-siem-chromium-'));
  log(`installing Debian's ${PACKAGES.join(', ')}, once`);
  await install(PACKAGES, runner(work, join(work, 'apt.log')));
  fs.rmSync(work, { recursive: true });
  const installed = onPath();
  if (!installed || !succeeds(installed, '--version')) throw new Error('the installed chromium does not run');
  return installed;
}

function onPath() {
  const folders = [...(process.env.PATH ?? '').split(delimiter).filter(Boolean), '/usr/bin'];
  const paths = NAMES.flatMap((name) => folders.map((folder) => resolve(folder, name)));
  return paths.find((path) => fs.existsSync(path));
}
