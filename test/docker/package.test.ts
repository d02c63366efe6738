import { execFileSync, spawnSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { Child } from '../../plugin/cli/demo/fluent-bit.ts';
import { freePorts, until } from '../../plugin/cli/demo/ports.ts';
import { packageRoot, version } from '../../plugin/cli/package-root.ts';
import { asNobody } from './nobody.ts';

// The package as docs/install.md has it installed: packed here, and installed into an empty folder, which is then
// read-only.
let folder: string;
let installed: string;
let files: string[];
const name = `fluent-bit-siem-${version}.tgz`;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'fluent-bit-siem-test-'));
  chmodSync(folder, 0o755);
  const npm = (...args: string[]): string =>
    execFileSync('npm', args, { cwd: packageRoot, encoding: 'utf8' });
  // What `npm pack` would build is there: tests of the command line need it as well.
  const packed = npm('pack', '--silent', '--json', '--ignore-scripts', '--pack-destination', folder);
  files = JSON.parse(packed)[0].files.map(({ path }: { path: string }) => path);
  const prefix = join(folder, 'opt');
  mkdirSync(prefix);
  const quiet = ['--silent', '--no-audit', '--no-fund', '--prefer-offline'];
  npm('install', ...quiet, '--prefix', prefix, '--omit=dev', join(folder, name));
  installed = join(prefix, 'node_modules/fluent-bit-siem');
  spawnSync('chmod', ['-R', 'a-w,a+rX', prefix]);
});
afterAll(() => {
  spawnSync('chmod', ['-R', 'u+w', folder]);
  rmSync(folder, { recursive: true, force: true });
});

test('docs/install.md names this package', () => {
  expect(readFileSync(join(packageRoot, 'docs/install.md'), 'utf8')).toContain(`./${name}`);
});

test('has what docs/install.md copies from it, and nothing of the tests', () => {
  for (const path of [
    'dist/main.js',
    'mappings',
    'inputs',
    'outputs',
    'fluent-bit.conf',
    'docker/systemd',
    'docs',
  ])
    expect(existsSync(join(installed, path)), path).toBe(true);
  for (const path of ['test', 'plugin', 'node_modules/vitest', '../vitest'])
    expect(existsSync(join(installed, path)), path).toBe(false);
});

test('has what runs and what is read, and nothing else', () => {
  const known =
    /^(?:dist\/.+\.js|dist\/web\/.+|(?:docs|mappings|inputs|outputs|docker|monitoring)\/.+|fluent-bit[\w-]*\.(?:conf|yaml)|README\.md|CHANGELOG\.md|LICENSE|package\.json)$/;
  expect(files.filter((file) => !known.test(file))).toEqual([]);
  for (const needed of [
    'dist/main.js',
    'dist/web/index.html',
    'docs/fluent-bit-siem.1',
    'docs/getting-started/README.md',
    'README.md',
  ])
    expect(files).toContain(needed);
});

test('the systemd unit starts it where it is', () => {
  const unit = readFileSync(join(installed, 'docker/systemd/fluent-bit-siem.service'), 'utf8');
  const [, main] = /^ExecStart=\/usr\/bin\/node (\S+) serve /m.exec(unit)!;
  expect(existsSync(join(folder, main!.replace('/opt/fluent-bit-siem/', 'opt/')))).toBe(true);
});

test('runs as nobody, on its own maps', async () => {
  const binary = join(folder, 'opt/node_modules/.bin/fluent-bit-siem');
  const [command, args] = asNobody(binary, ['--version']);
  expect(execFileSync(command, args, { encoding: 'utf8' })).toBe(`${version}\n`);
  const [port] = await freePorts(1);
  const state = join(folder, 'state');
  mkdirSync(state);
  chmodSync(state, 0o777);
  const config = join(installed, 'mappings/destinations.yaml');
  const service = new Child(...asNobody(binary, ['serve', '--config', config]), {
    FLUENT_BIT_SIEM_LISTEN: `127.0.0.1:${port}`,
    FLUENT_BIT_SIEM_STATE: join(state, 'state.json'),
  });
  try {
    const isUp = (): Promise<boolean> =>
      fetch(`http://127.0.0.1:${port}/health`).then(
        ({ ok }) => ok,
        () => false,
      );
    expect(await until(isUp, 30_000), service.output).toBe(true);
  } finally {
    await service.stop('SIGTERM');
  }
});
