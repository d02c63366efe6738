import { afterEach, describe, expect, test, vi } from 'vitest';
import { Folder, files, type Result, run } from './helpers.ts';

vi.setConfig({ testTimeout: 60_000 });

let folder: Folder;
afterEach(() => folder.remove());

function validate(changes: Record<string, string> = {}, ...args: string[]): Promise<Result> {
  folder = new Folder({ ...files, ...changes });
  return run(folder.path, ['validate', ...args]);
}

test('what is right is exit code 0 and one line', async () => {
  expect(await validate()).toEqual({ code: 0, stdout: '0 errors, 0 warnings in 2 files\n', stderr: '' });
});

test('mistakes are exit code 1, all of them, each with its line and what may have been meant', async () => {
  const { code, stdout } = await validate({
    'mappings/audit.yaml': `match: audit
mapings: []
mappings:
  - id: login
    map:
      eventClass: Auth
      eventName: login
      severity: 11
      extention: { suser: $user }
`,
  });
  expect(code).toBe(1);
  expect(stdout).toContain("mappings/audit.yaml:2:1: error M003: unknown key 'mapings'");
  expect(stdout).toContain('    2 | mapings: []\n      | ^^^^^^^ ');
  expect(stdout).toContain("mappings/audit.yaml:9:7: error M003: unknown key 'extention'");
  expect(stdout).toMatch(/^2 errors, 0 warnings in 2 files$/m);
});

test('a file that serves two destinations is told of once', async () => {
  const { stdout } = await validate({ 'mappings/audit.yaml': 'mappings: 5\n' });
  expect(stdout).toMatch(/^1 error, 0 warnings in 2 files$/m);
});

describe('paths', () => {
  test('of mappings are relative to destinations.yaml, wherever it is', async () => {
    expect((await validate({ 'elsewhere/d.yaml': '' })).code).toBe(0);
    expect((await run('/', ['validate', '--config', `${folder.path}/mappings/destinations.yaml`])).code).toBe(
      0,
    );
  });

  test('that lead nowhere are told', async () => {
    const text = 'destinations: { a: { format: cef, mappings: [none/*.yaml] } }\n';
    const { code, stdout } = await validate({ 'mappings/destinations.yaml': text });
    expect(code).toBe(1);
    expect(stdout).toContain("mappings/destinations.yaml:1:46: error M014: no file matches 'none/*.yaml'");
  });

  test('of a configuration that is not there are told', async () => {
    const { code, stdout, stderr } = await validate({}, '--config', 'none.yaml');
    expect([code, stderr]).toEqual([1, '']);
    expect(stdout).toContain('none.yaml:1:1: error M001: there is no such file');
  });
});
