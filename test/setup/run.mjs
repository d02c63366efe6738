// `npm run demo`, `npm test` and `npm run soak`: each works as the first command ever typed in a fresh clone. Plain
// JavaScript without dependencies, because it is what installs them.

import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { findFluentBit } from './fluent-bit.mjs';

const root = join(dirname(fileURLToPath(import.meta.url)), '..', '..');
const [task, ...args] = process.argv.slice(2);
const leastNode = [20, 11];

/** @param {string} problem */
function fail(problem) {
  console.error(problem);
  process.exit(1);
}

/**
 * Runs a command here and ends with its exit code when it fails.
 *
 * @param {string} command
 * @param {string[]} args
 * @param {NodeJS.ProcessEnv} [env]
 */
function run(command, args, env = process.env) {
  const { status, error } = spawnSync(command, args, { cwd: root, stdio: 'inherit', env });
  if (error) fail(`${command}: ${error.message}`);
  if (status !== 0) process.exit(status ?? 1);
}

function checkNode() {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
  const [leastMajor = 0, leastMinor = 0] = leastNode;
  if (major > leastMajor || (major === leastMajor && minor >= leastMinor)) return;
  fail(`Node.js ${leastNode.join('.')} or later is needed; this is ${process.versions.node}`);
}

/** npm ci when nothing is installed, or something older than the lockfile. No package's script is run. */
function installPackages() {
  const installed = join(root, 'node_modules', '.package-lock.json');
  const isCurrent = existsSync(installed) && modified(installed) >= modified(join(root, 'package-lock.json'));
  if (isCurrent) return;
  console.error('installing npm packages');
  run('npm', ['ci', '--ignore-scripts', '--include=dev', '--no-audit', '--no-fund', '--loglevel=error']);
}

/** Compiles plugin/ to dist/ when a source is newer. */
function build() {
  const sources = readdirSync(join(root, 'plugin'), { recursive: true, encoding: 'utf8' });
  const newest = Math.max(...sources.map((name) => modified(join(root, 'plugin', name))));
  const built = join(root, 'dist', 'main.js');
  if (existsSync(built) && modified(built) >= newest) return;
  console.error('compiling');
  run('npm', ['run', 'build', '--silent', '--loglevel=error']);
}

/** @param {string} path */
function modified(path) {
  return statSync(path).mtimeMs;
}

checkNode();
installPackages();
build();
/** @type {string} */
let fluentBit;
try {
  fluentBit = (await findFluentBit()).path;
} catch (error) {
  fail(/** @type {Error} */ (error).message);
  throw error;
}
const env = { ...process.env, FLUENT_BIT: fluentBit };
const vitest = join('node_modules', 'vitest', 'vitest.mjs');
if (task === 'demo') run(process.execPath, [join('dist', 'main.js'), 'demo', ...args], env);
else if (task === 'soak')
  run(process.execPath, [vitest, 'run', 'test/soak/soak.test.ts', '--disable-console-intercept'], {
    ...env,
    SOAK: args.join(' '),
  });
else run(process.execPath, [vitest, 'run', ...args], env);
