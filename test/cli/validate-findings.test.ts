import { afterEach, describe, expect, test, vi } from 'vitest';
import { Folder, files, type Result, run } from './helpers.ts';

vi.setConfig({ testTimeout: 60_000 });

let folder: Folder;
afterEach(() => folder.remove());

const good = `mappings:
  - id: login
    map: { eventClass: Auth, eventName: login, severity: 3, extension: { suser: $user } }
`;
const warned = good.replace('suser', 'cs1');
const broken = good.replace('severity: 3', 'severity: 11');

function validate(changes: Record<string, string>, ...args: string[]): Promise<Result> {
  folder = new Folder({ ...files, ...changes });
  return run(folder.path, ['validate', ...args]);
}

describe('--format json is one object on one line', () => {
  test('with nothing found', async () => {
    const { code, stdout, stderr } = await validate({}, '--format', 'json');
    expect([code, stderr]).toEqual([0, '']);
    expect(stdout).toMatch(/^\{.*\}\n$/);
    expect(JSON.parse(stdout)).toEqual({
      errors: 0,
      warnings: 0,
      files: ['mappings/destinations.yaml', 'mappings/audit.yaml'],
      findings: [],
    });
  });
  test('with each finding and its place', async () => {
    const { code, stdout } = await validate({ 'mappings/audit.yaml': broken }, '--format', 'json');
    expect(code).toBe(1);
    expect(JSON.parse(stdout)).toMatchObject({
      errors: 1,
      warnings: 0,
      findings: [{ code: 'M013', severity: 'error', file: 'mappings/audit.yaml', line: 3, column: 58 }],
    });
  });
  test('with a configuration that is not there, too', async () => {
    const { code, stdout } = await validate({}, '--format', 'json', '--config', 'none.yaml');
    expect(code).toBe(1);
    expect(JSON.parse(stdout)).toMatchObject({ errors: 1, findings: [{ code: 'M001', line: 1, column: 1 }] });
  });
});

describe('--deny-warnings', () => {
  test('makes a warning exit code 1, and without it is 0', async () => {
    const changes = { 'mappings/audit.yaml': warned };
    const denied = await validate(changes, '--deny-warnings');
    expect(denied.code).toBe(1);
    expect(denied.stdout).toContain("audit.yaml:3:74: warning M024: 'cs1' has no label");
    expect(denied.stdout).toMatch(/^0 errors, 1 warning in 2 files$/m);
    folder.remove();
    expect((await validate(changes)).code).toBe(0);
  });
  test('changes nothing where there is none', async () => {
    expect((await validate({}, '--deny-warnings')).code).toBe(0);
  });
});

describe('FILE arguments', () => {
  test('are checked alone, without destinations.yaml', async () => {
    const { code, stdout } = await validate({ 'a.yaml': good, 'b.yaml': broken }, 'a.yaml', 'b.yaml');
    expect(code).toBe(1);
    expect(stdout).toContain('b.yaml:3:58: error M013:');
    expect(stdout).toMatch(/^1 error, 0 warnings in 2 files$/m);
  });
  test('may be of all three languages', async () => {
    const php =
      "$mappings[] = ['id' => 'a', 'map' => ['eventClass' => 'c', 'eventName' => 'n', 'severity' => 2]];";
    const json = '{"mappings":[{"id":"a","map":{"eventClass":"c","eventName":"n","severity":2}}]}';
    const { code, stdout } = await validate(
      { 'a.yaml': good, 'b.php': php, 'c.json': json },
      'a.yaml',
      'b.php',
      'c.json',
    );
    expect([code, stdout]).toEqual([0, '0 errors, 0 warnings in 3 files\n']);
  });
  test('that are not there are told', async () => {
    const { code, stdout } = await validate({}, 'none.yaml');
    expect(code).toBe(1);
    expect(stdout).toContain('none.yaml:1:1: error M001: there is no such file');
  });
  test('that are folders are told without a stack trace', async () => {
    const { code, stdout, stderr } = await validate({}, 'mappings');
    expect([code, stderr]).toEqual([1, '']);
    expect(stdout).toMatch(/^mappings:1:1: error M001: /);
    expect(stdout).not.toMatch(/\n {4}at /);
  });
  test('named twice are told of once', async () => {
    const { stdout } = await validate({ 'b.yaml': broken }, 'b.yaml', './b.yaml');
    expect(stdout).toMatch(/^1 error, 0 warnings in 1 file$/m);
  });
});

describe('an example in a mapping', () => {
  const withExample = (cef: string, record = '{ operation: login, user: ana }'): string =>
    `${good}    examples:\n      - record: ${record}\n        cef: ${cef}\n`;

  test('that gives its line is fine', async () => {
    const { stdout } = await validate({ 'a.yaml': withExample('Auth|login|3|rt=0 suser=ana') }, 'a.yaml');
    expect(stdout).toBe('0 errors, 0 warnings in 1 file\n');
  });
  test('that gives another is an error with both lines', async () => {
    const { code, stdout } = await validate(
      { 'a.yaml': withExample('Auth|login|3|rt=0 suser=ben') },
      'a.yaml',
    );
    expect(code).toBe(1);
    expect(stdout).toContain('a.yaml:6:14: error M026: the example gives another line');
    expect(stdout).toContain('expected Auth|login|3|rt=0 suser=ben\n');
    expect(stdout).toContain('found    Auth|login|3|rt=0 suser=ana\n');
  });
  test('that gives none is an error, too', async () => {
    const text = withExample('Auth|login|3|rt=0 suser=ana', '{ operation: logout }');
    const { code, stdout } = await validate({ 'a.yaml': text }, 'a.yaml');
    expect(code).toBe(1);
    expect(stdout).toContain('found    nothing: the record is unmapped');
  });
  test('is checked with destinations.yaml, too', async () => {
    const { code, stdout } = await validate({ 'mappings/audit.yaml': withExample('x') });
    expect(code).toBe(1);
    expect(stdout).toContain('mappings/audit.yaml:6:14: error M026:');
  });
});

test.each([
  ['an unknown format', ['--format', 'xml'], "--format is text or json, not 'xml'"],
  ['an unknown option', ['--strict'], "'--strict'"],
])('%s is wrong use: exit code 2', async (_, args, message) => {
  const { code, stdout, stderr } = await validate({}, ...args);
  expect([code, stdout]).toEqual([2, '']);
  expect(stderr).toContain(message);
});
