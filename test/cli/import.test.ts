import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { packageRoot } from '../../plugin/cli/package-root.ts';
import { Folder, type Result, run } from './helpers.ts';

vi.setConfig({ testTimeout: 60_000 });

let folder: Folder;
afterEach(() => folder?.remove());

function importFile(text: string, ...args: string[]): Promise<Result> {
  folder = new Folder({ 'map.php': text });
  return run(folder.path, ['import', ...(args.length > 0 ? args : ['map.php'])]);
}

const login = "['id' => 'login', 'map' => ['eventClass' => 'c', 'eventName' => 'n', 'severity' => 2]]";
const yaml =
  'mappings:\n  - id: login\n    map:\n      eventClass: c\n      eventName: n\n      severity: 2\n';

test('what is right is YAML on stdout, nothing on stderr and exit code 0', async () => {
  expect(await importFile(`<?php\n$mappings[] = ${login};\n`)).toEqual({ code: 0, stdout: yaml, stderr: '' });
});

test("FileCloud's own file becomes a file that validate has nothing to say about", async () => {
  const text = readFileSync(join(packageRoot, 'test', 'data', 'filecloud', 'auditmap.php'), 'utf8');
  const { code, stdout, stderr } = await importFile(text);
  expect([code, stderr]).toEqual([0, '']);
  const imported = new Folder({ 'map.yaml': stdout });
  expect(await run(imported.path, ['validate', '--deny-warnings', 'map.yaml'])).toMatchObject({
    code: 0,
    stdout: '0 errors, 0 warnings in 1 file\n',
  });
  imported.remove();
});

test('what can not be read is told on stderr with its place, the rest is on stdout: exit code 1', async () => {
  const { code, stdout, stderr } = await importFile(`$mappings[] = ${login};\n$mappings[] = getMap();\n`);
  expect([code, stdout]).toEqual([1, yaml]);
  expect(stderr).toContain('map.php:2:15: error M006: a function call is no mapping');
  expect(stderr).toMatch(/^1 error, 0 warnings in 1 file$/m);
});

test('what was only put in is told on stderr and is exit code 0', async () => {
  const { code, stdout, stderr } = await importFile(
    login.replace("['id' => 'login',", "$mappings[] = ['id' => 'login'\n"),
  );
  expect([code, stdout]).toEqual([0, yaml]);
  expect(stderr).toContain('warning M002: a comma is missing here');
});

test('a file without a mapping is exit code 1', async () => {
  const { code, stderr } = await importFile('<?php\n');
  expect(code).toBe(1);
  expect(stderr).toContain('map.php:1:1: error M006: there is no mapping in this file');
});

test('an empty mapping is no crash', async () => {
  const { code, stderr } = await importFile('$mappings[] = [];\n');
  expect(code).toBeLessThanOrEqual(1);
  expect(stderr).not.toMatch(/\n\s+at |TypeError/);
});

describe('wrong use is exit code 2, with the usage on stderr:', () => {
  test.each<[name: string, args: string[], message: string]>([
    ['two files', ['map.php', 'map.php'], 'one FILE at most, not 2'],
    ['a file that is not there', ['none.php'], 'none.php'],
    ['a folder', ['.'], 'directory'],
    ['an unknown option', ['--out', 'map.yaml', 'map.php'], "'--out'"],
  ])('%s', async (_, args, message) => {
    const { code, stdout, stderr } = await importFile('', ...args);
    expect([code, stdout]).toEqual([2, '']);
    expect(stderr).toContain(message);
    expect(stderr).toContain('Usage: fluent-bit-siem import FILE');
    expect(stderr).not.toMatch(/\n {4}at /);
  });

  test('no file', async () => {
    const { code, stdout, stderr } = await run(packageRoot, ['import']);
    expect([code, stdout]).toEqual([2, '']);
    expect(stderr).toContain('FILE is missing');
  });
});

test('--help is on stdout', async () => {
  const { code, stdout, stderr } = await importFile('', '--help');
  expect([code, stderr]).toEqual([0, '']);
  expect(stdout).toContain('Usage: fluent-bit-siem import FILE');
});
