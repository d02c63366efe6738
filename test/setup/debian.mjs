// Debian packages for what the tests need. Plain JavaScript without dependencies, so that it can run before
// `npm install`.

import { spawn, spawnSync } from 'node:child_process';
import * as fs from 'node:fs';

/** Runs a command and says whether it succeeded. */
export function succeeds(command, ...args) {
  return spawnSync(command, args).status === 0;
}

/** Whether packages can be installed here without asking anyone. */
export function canInstall() {
  return process.getuid?.() === 0 && succeeds('apt-get', '--version');
}

/** Runs commands one by one with their output in a log file, which a failure quotes the end of. */
export function runner(cwd, logFile) {
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  return async (command, ...args) => {
    const log = fs.openSync(logFile, 'a');
    const failure = await new Promise((done) => {
      const child = spawn(command, args, { cwd, stdio: ['ignore', log, log], env });
      child.on('error', (error) => done(`failed: ${error.message}`));
      child.on('exit', (code, signal) => done(code === 0 ? '' : `failed: ${signal ?? `exit code ${code}`}`));
    });
    fs.closeSync(log);
    if (!failure) return;
    const tail = fs.readFileSync(logFile, 'utf8').trimEnd().split('\n').slice(-40).join('\n');
    throw new Error(`${command} ${failure}\n${tail}\nThe whole log: ${logFile}`);
  };
}

const withoutExtras = ['-q', '--no-install-recommends'];

/** Installs packages; `run` is a `runner`. */
export function install(packages, run) {
  const options = ['-y', ...withoutExtras, '-o', 'DPkg::Lock::Timeout=300'];
  return withPackageLists(() => run('apt-get', 'install', ...options, ...packages), run);
}

/**
 * Unpacks packages into a folder, with what they depend on and the machine lacks. Nothing is installed: no
 * script of a package runs, no service is started, now or at the next boot, and no other package has to go.
 *
 * @param {string[]} packages
 * @param {string} work where `run` works; the packages are downloaded into it
 * @param {string} folder
 * @param {(command: string, ...args: string[]) => Promise<void>} run a `runner`
 */
export function unpack(packages, work, folder, run) {
  return withPackageLists(async () => {
    await run('apt-get', 'download', '-q', ...packages, ...missingDependencies(packages));
    fs.mkdirSync(folder, { recursive: true });
    const names = fs.readdirSync(work).filter((name) => name.endsWith('.deb'));
    for (const name of names) await run('dpkg-deb', '--extract', name, folder);
  }, run);
}

/** What installing these packages would install besides them. */
function missingDependencies(packages) {
  const { stdout } = spawnSync('apt-get', ['install', '--simulate', ...withoutExtras, ...packages], {
    encoding: 'utf8',
  });
  const names = [...(stdout ?? '').matchAll(/^Inst (\S+)/gm)].map(([, name]) => name);
  return names.filter((name) => !packages.includes(name));
}

/** The package lists may be absent, as in container images, or older than what the mirror still has. */
async function withPackageLists(attempt, run) {
  await attempt().catch(() => run('apt-get', 'update', '-q').then(attempt));
}
