import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { logins } from '../delivery/helpers.ts';
import { ndjson } from '../http/helpers.ts';
import { cefLine, Folder, files, linesOf, type Result, run } from './helpers.ts';

vi.setConfig({ testTimeout: 60_000 });

let folder: Folder;
beforeAll(() => {
  folder = new Folder(files);
});
afterAll(() => folder.remove());

function explain(destination: string, records: readonly object[], ...args: string[]): Promise<Result> {
  const input = ndjson(records as Record<string, unknown>[]);
  return run(folder.path, ['try', '--destination', destination, '--explain', ...args], input);
}

test("each record's event is followed by how it came about", async () => {
  const { code, stdout, stderr } = await explain('arcsight', logins('ana', 'ben'));
  expect([code, stderr]).toEqual([0, '']);
  const lines = linesOf(stdout);
  expect(lines.filter((line) => !line.startsWith('    '))).toEqual([cefLine('ana'), cefLine('ben')]);
  expect(lines.slice(0, 6)).toEqual([
    cefLine('ana'),
    '    mappings/audit.yaml:3 login: taken',
    '      eventClass  "Auth"  (in the mapping)',
    '      eventName   "login"  (in the mapping)',
    '      severity    3  (in the mapping)',
    '      suser       "ana"  <- $user',
  ]);
});

test('a value that is not there is said to be left out', async () => {
  const { stdout } = await explain('arcsight', [{ operation: 'login' }]);
  expect(stdout).toContain('suser       left out: $user is missing');
});

test('a record that gives no line is explained as well', async () => {
  const { code, stdout, stderr } = await explain('arcsight', [
    { operation: 'heartbeat' },
    { operation: 'x' },
  ]);
  expect(code).toBe(0);
  expect(stdout).toContain('heartbeat: filtered out, it meets the prefilter with exclude');
  expect(stdout).toContain("2 mappings are for other ids than 'x'");
  expect(stdout).toContain('unmapped: no mapping is for it');
  expect(stderr).toBe('line 1: filtered out by a prefilter\nline 2: unmapped: no mapping is for it\n');
});

test('a tag that does not fit is said', async () => {
  const { stdout } = await explain('arcsight', logins('ana'), '--tag', 'other');
  expect(stdout).toContain("mappings/audit.yaml: the tag 'other' does not fit 'audit'");
});

test('JSON destinations are explained the same way', async () => {
  const { stdout } = await explain('archive', logins('ana'));
  const [object, ...rest] = linesOf(stdout);
  expect(JSON.parse(object!)).toMatchObject({ suser: 'ana' });
  expect(rest.join('\n')).toContain('login: taken');
});

test('a line that is no record is not explained', async () => {
  const { code, stdout, stderr } = await run(
    folder.path,
    ['try', '--destination', 'arcsight', '--explain'],
    'oops\n',
  );
  expect([code, stdout, stderr]).toEqual([1, '', 'line 1: no JSON object\n']);
});
