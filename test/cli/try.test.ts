import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { packageRoot } from '../../plugin/cli/package-root.ts';
import { logins, numbers } from '../delivery/helpers.ts';
import { ndjson } from '../http/helpers.ts';
import { collect } from '../secrets/collect.ts';
import { cefLine, ended, Folder, files, linesOf, type Result, run, start } from './helpers.ts';

vi.setConfig({ testTimeout: 60_000 });

let folder: Folder;
beforeAll(() => {
  folder = new Folder({
    ...files,
    'mappings/destinations.yaml': `${files['mappings/destinations.yaml']}
  typed: { format: cef, mappings: [typed.yaml] }
`,
    'mappings/typed.yaml':
      'mappings: [{ id: login, map: { eventClass: a, eventName: b, severity: 1, extension: { src: $user } } }]',
    'records.ndjson': ndjson(logins('ana', 'ben')).toString(),
  });
});
afterAll(() => folder.remove());

/** Tries records against a destination, from stdin unless the arguments name a file. */
function tryWith(destination: string, input: string | Buffer, ...args: string[]): Promise<Result> {
  return run(folder.path, ['try', '--destination', destination, ...args], input);
}

test('records on stdin become the lines that the SIEM gets', async () => {
  const { code, stdout, stderr } = await tryWith('arcsight', ndjson(logins('ana', 'ben')));
  expect([code, stderr]).toEqual([0, '']);
  expect(linesOf(stdout)).toEqual([cefLine('ana'), cefLine('ben')]);
});

test('records may be in a file', async () => {
  const { code, stdout } = await tryWith('arcsight', '', 'records.ndjson');
  expect([code, linesOf(stdout)]).toEqual([0, [cefLine('ana'), cefLine('ben')]]);
});

test('- is stdin', async () => {
  const { code, stdout } = await tryWith('arcsight', ndjson(logins('ana')), '-');
  expect([code, linesOf(stdout)]).toEqual([0, [cefLine('ana')]]);
});

test('JSON destinations give one object a line', async () => {
  const { stdout } = await tryWith('archive', ndjson(logins('ana')));
  expect(linesOf(stdout).map((line) => JSON.parse(line))).toEqual([
    { time: expect.any(String), eventClass: 'Auth', eventName: 'login', severity: 3, suser: 'ana' },
  ]);
});

test('what is cut to fit is said', async () => {
  const { code, stdout, stderr } = await tryWith('arcsight', ndjson(logins('x'.repeat(2000))));
  expect([code, linesOf(stdout)]).toEqual([0, [cefLine('x'.repeat(1023))]]);
  expect(stderr).toBe('line 1: 1 value cut to the length that may be\n');
});

test('what is not of its type is said', async () => {
  const { stderr } = await tryWith('typed', ndjson(logins('ana')));
  expect(stderr).toBe('line 1: 1 value not of the type that the key is for\n');
});

test('a record that gives no line gives a note with its line number, and is no failure', async () => {
  const records = [{ operation: 'heartbeat' }, ...logins('ana'), { operation: 'other' }];
  const { code, stdout, stderr } = await tryWith('arcsight', ndjson(records));
  expect([code, linesOf(stdout)]).toEqual([0, [cefLine('ana')]]);
  expect(stderr).toBe('line 1: filtered out by a prefilter\nline 3: unmapped: no mapping is for it\n');
});

test('where unmapped records are passed they are lines', async () => {
  const { stdout, stderr } = await tryWith('archive', '{"operation":"other","id":12345678901234567890}');
  expect(linesOf(stdout)[0]).toContain('"operation":"other","id":12345678901234567890');
  expect(stderr).toBe('');
});

test('--tag decides which mapping files are tried', async () => {
  const record = ndjson(logins('ana'));
  expect(linesOf((await tryWith('arcsight', record, '--tag', 'audit')).stdout)).toHaveLength(1);
  const { code, stdout, stderr } = await tryWith('arcsight', record, '--tag', 'other');
  expect([code, stdout, stderr]).toEqual([0, '', 'line 1: unmapped: no mapping is for it\n']);
});

test('a line that is no record is exit code 1, and the others are lines', async () => {
  const [ana, ben] = logins('ana', 'ben').map((record) => JSON.stringify(record));
  const { code, stdout, stderr } = await tryWith('arcsight', `${ana}\noops\n\n[1]\n${ben}`);
  expect([code, linesOf(stdout)]).toEqual([1, [cefLine('ana'), cefLine('ben')]]);
  expect(stderr).toBe('line 2: no JSON object\nline 4: no JSON object\n');
});

test('a byte-order mark and CRLF are what Windows makes of records', async () => {
  const [ana, ben] = logins('ana', 'ben').map((record) => JSON.stringify(record));
  const { code, stdout } = await tryWith('arcsight', `\ufeff${ana}\r\n${ben}\r\n`);
  expect([code, linesOf(stdout)]).toEqual([0, [cefLine('ana'), cefLine('ben')]]);
});

test('U+2028 inside a record ends no line', async () => {
  const { code, stdout } = await tryWith('arcsight', ndjson(logins('a\u2028b', 'c')));
  expect([code, linesOf(stdout)]).toEqual([0, [cefLine('a b'), cefLine('c')]]);
});

test('thousands of records keep their order', async () => {
  const { code, stdout } = await tryWith('arcsight', ndjson(logins(...numbers(20_000))));
  expect(code).toBe(0);
  expect(linesOf(stdout)).toEqual(numbers(20_000).map((number) => cefLine(String(number))));
});

test('a reader that has seen enough (| head -1) ends it, without a word', async () => {
  writeFileSync(join(folder.path, 'many.ndjson'), ndjson(logins(...numbers(50_000))));
  const child = start(folder.path, ['try', '--destination', 'arcsight', 'many.ndjson']);
  await once(child.stdout, 'data');
  child.stdout.destroy();
  expect(await ended(child)).toMatchObject({ code: 0, stderr: '' });
});

describe('wrong use is told on stderr and is no exit code 0:', () => {
  test('an unknown destination, with the name that may have been meant', async () => {
    const { code, stdout, stderr } = await tryWith('arcsigth', '{}');
    expect([code, stdout]).toEqual([2, '']);
    expect(stderr).toContain("there is no destination 'arcsigth': did you mean 'arcsight'?");
  });

  test('a destination that is like none of them: all are named', async () => {
    expect((await tryWith('qradar', '{}')).stderr).toContain('allowed here: arcsight, archive');
  });

  test('no destination', async () => {
    const { code, stderr } = await run(folder.path, ['try']);
    expect([code, stderr.split('\n')[0]]).toEqual([2, 'fluent-bit-siem try: --destination is missing']);
  });

  test('two files', async () => {
    expect((await tryWith('arcsight', '', 'a', 'b')).code).toBe(2);
  });

  test.each([
    ['that is not there', 'none.ndjson', 'none.ndjson'],
    ['that is a folder', '.', 'directory'],
  ])('a file %s', async (_what, file, message) => {
    const { code, stdout, stderr } = await tryWith('arcsight', '', file);
    expect([code === 0, stdout]).toEqual([false, '']);
    expect(stderr).toContain(message);
    expect(stderr).not.toMatch(/ {4}at |node:|errno/);
  });
});

test('mappings with a mistake are exit code 1, with the findings on stderr', async () => {
  const broken = new Folder({ ...files, 'mappings/audit.yaml': 'mapings: []\n' });
  const { code, stdout, stderr } = await run(broken.path, ['try', '--destination', 'arcsight'], '{}');
  broken.remove();
  expect([code, stdout]).toEqual([1, '']);
  expect(stderr).toContain("mappings/audit.yaml:1:1: error M003: unknown key 'mapings'");
});

test('a note stands behind the lines of the records before it', async () => {
  const both = join(folder.path, 'both.txt');
  const records = ['login', 'heartbeat', 'login', 'other', 'login'].map((operation) =>
    JSON.stringify({ operation }),
  );
  writeFileSync(join(folder.path, 'mixed.ndjson'), records.join('\n'));
  const file = openSync(both, 'w');
  const args = ['try', '--destination', 'arcsight', 'mixed.ndjson'];
  spawnSync(process.execPath, [join(packageRoot, 'dist', 'main.js'), ...args], {
    cwd: folder.path,
    stdio: ['ignore', file, file],
  });
  closeSync(file);
  const text = readFileSync(both, 'utf8');
  collect('try.both', text);
  const shown = text.trim().split('\n');
  expect(shown.map((line) => line.slice(0, 7))).toEqual([
    'CEF:0|F',
    'line 2:',
    'CEF:0|F',
    'line 4:',
    'CEF:0|F',
  ]);
});
