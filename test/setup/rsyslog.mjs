// Finds rsyslog and liblognorm's lognormalizer for the tests of test/independent, or unpacks Debian's packages of
// them. They are run by the tests alone, in the foreground, on loopback: nothing is installed.

import { spawnSync } from 'node:child_process';
import * as fs from 'node:fs';
import { delimiter, join, resolve } from 'node:path';
import { findUnpacked } from './unpacked.mjs';

const PACKAGES = ['rsyslog', 'rsyslog-openssl', 'liblognorm-utils'];
/** What each test needs of its modules; a system's rsyslog may have its modules in packages of their own. */
const MODULES = ['imtcp', 'imudp', 'mmnormalize', 'lmnsd_ossl'];

/**
 * @typedef {object} Rsyslog
 * @property {string} version such as `8.2302.0`
 * @property {string} rsyslogd absolute path
 * @property {string} lognormalizer absolute path
 * @property {string} modules the folder of its modules
 * @property {Record<string, string>} environment what both need to find their libraries
 */

/**
 * The rsyslog of this machine if it is complete, else the unpacked one, which is fetched once: 1 MB.
 *
 * @param {{ log?: (line: string) => void }} [options] `log` gets a line when packages are fetched, and when
 *   there is no rsyslog
 * @returns {Promise<Rsyslog | undefined>} undefined where there are no Debian packages to be had
 * @throws when they can't be fetched though this is Debian and we are root
 */
export async function findRsyslog({ log = console.error } = {}) {
  const needed = `rsyslog with ${MODULES.join(', ')}, and lognormalizer (in Debian: ${PACKAGES.join(', ')})`;
  const wanted = {
    name: 'rsyslog',
    packages: PACKAGES,
    find: fromFolder,
    notTested: `not tested: what needs ${needed}`,
  };
  return fromSystem() ?? (await findUnpacked(wanted, log));
}

function fromSystem() {
  const folders = [...(process.env.PATH ?? '').split(delimiter).filter(Boolean), '/usr/sbin', '/sbin'];
  const onPath = (name) => folders.map((folder) => resolve(folder, name)).find((path) => fs.existsSync(path));
  const [rsyslogd, lognormalizer] = [onPath('rsyslogd'), onPath('lognormalizer')];
  if (!rsyslogd || !lognormalizer) return undefined;
  return complete({ rsyslogd, lognormalizer, modules: moduleFolder('/'), environment: {} });
}

function fromFolder(root) {
  if (!fs.existsSync(root)) return undefined;
  const libraries = ['usr/lib', 'lib'].flatMap((folder) => architectureFolders(join(root, folder)));
  return complete({
    rsyslogd: join(root, 'usr', 'sbin', 'rsyslogd'),
    lognormalizer: join(root, 'usr', 'bin', 'lognormalizer'),
    modules: moduleFolder(root),
    environment: { LD_LIBRARY_PATH: libraries.join(delimiter) },
  });
}

/** Where Debian keeps libraries: `x86_64-linux-gnu` and the like. */
function architectureFolders(folder) {
  if (!fs.existsSync(folder)) return [];
  const names = fs.readdirSync(folder).filter((name) => name.includes('-linux-'));
  return names.map((name) => join(folder, name));
}

function moduleFolder(root) {
  const folders = [
    ...architectureFolders(join(root, 'usr/lib')),
    join(root, 'usr/lib64'),
    join(root, 'usr/lib'),
  ];
  const has = (folder) => MODULES.every((name) => fs.existsSync(join(folder, `${name}.so`)));
  return folders.map((folder) => join(folder, 'rsyslog')).find(has);
}

/** Undefined when a part is missing, or does not run here. */
function complete(candidate) {
  if (candidate.modules === undefined) return undefined;
  const env = { ...process.env, ...candidate.environment };
  const answer = (path, option) => spawnSync(path, [option], { encoding: 'utf8', timeout: 10_000, env });
  const version = /^rsyslogd\s+(\d\S*)/.exec(answer(candidate.rsyslogd, '-v').stdout ?? '')?.[1];
  const { stderr } = answer(candidate.lognormalizer, '-V');
  return version && /^liblognorm version/m.test(stderr ?? '') ? { ...candidate, version } : undefined;
}
