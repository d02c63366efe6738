import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { parseCsv } from '../format/parse-csv.ts';
import { Folder, type Result, run } from './helpers.ts';

vi.setConfig({ testTimeout: 60_000 });

const mapping = (match: string, operation: string): string => `match: ${match}
time: $at
mappings:
  - id: ${operation}
    map: { eventClass: Audit, eventName: ${operation}, severity: 3, extension: { suser: $user, fsize: $size } }
    examples:
      - record: { operation: ${operation}, at: '2026-03-02T08:00:00Z', user: ana, size: 5 }
        cef: Audit|${operation}|3|rt=1772438400000 suser=ana fsize=5
`;

let folder: Folder;
beforeAll(() => {
  folder = new Folder({
    'mappings/login.yaml': mapping('app.login', 'login'),
    'mappings/upload.yaml': mapping('app.upload', 'upload'),
    'mappings/bare.yaml': 'mappings: [{ id: a, map: { eventClass: a, eventName: b, severity: 1 } }]',
    'mappings/destinations.yaml': `destinations:
  cef: { format: cef, mappings: [login.yaml, upload.yaml] }
  csv: { format: csv, csv: { columns: [time, suser] }, mappings: [login.yaml] }
  datadog: { format: datadog, mappings: [login.yaml, upload.yaml] }
  sentinel: { format: sentinel, mappings: [login.yaml, upload.yaml] }
  common: { format: sentinel, sentinel: { table: CommonSecurityLog }, mappings: [login.yaml] }
  bare: { format: json, mappings: [bare.yaml] }
  raw: { format: json, event: record, unmapped: pass, mappings: [login.yaml] }
`,
    'records.ndjson':
      '{"operation":"login","user":"eva"}\nno json\n\n{"operation":"other","n":12345678901234567890}\n',
  });
});
afterAll(() => folder.remove());

const sample = (destination: string, ...args: string[]): Promise<Result> =>
  run(folder.path, ['sample', '--destination', destination, ...args]);

describe('samples from the examples of the mapping files', () => {
  test('are lines in a text format', async () => {
    const { code, stdout, stderr } = await sample('cef');
    expect([code, stderr]).toEqual([0, '']);
    const lines = stdout.trimEnd().split('\n');
    expect(lines).toHaveLength(2);
    expect(lines[1]).toMatch(/\|Audit\|upload\|3\|rt=1772438400000 suser=ana fsize=5$/);
  });
  test('have the names of the columns in front in CSV', async () => {
    const { stdout } = await sample('csv');
    const [header, line, ...rest] = stdout.trimEnd().split('\n').map(parseCsv);
    expect(header).toEqual(['time', 'suser', 'rest']);
    expect(line!.slice(0, 2)).toEqual(['2026-03-02T08:00:00.000Z', 'ana']);
    expect(rest).toEqual([]);
  });
  test('are one JSON array in a JSON shape', async () => {
    const { stdout } = await sample('datadog');
    expect(JSON.parse(stdout)).toMatchObject([
      { timestamp: 1772438400000, message: 'login', ddsource: 'app' },
      { timestamp: 1772438400000, message: 'upload' },
    ]);
  });
  test('may be of one log type, by its tag or the last part of it', async () => {
    for (const type of ['app.upload', 'upload']) {
      const { stdout } = await sample('datadog', '--log-type', type);
      expect(JSON.parse(stdout)).toMatchObject([{ message: 'upload' }]);
    }
  });
});

describe('for Sentinel', () => {
  test('come with the table and the data collection rule', async () => {
    const { stdout } = await sample('sentinel', '--log-type', 'login');
    const { records, table, rule } = JSON.parse(stdout);
    expect(records).toMatchObject([{ TimeGenerated: '2026-03-02T08:00:00.000Z', suser: 'ana', fsize: 5 }]);
    expect(table.properties.schema.name).toBe('FluentBitSiem_CL');
    const [{ columns }] = Object.values(rule.streamDeclarations) as [{ columns: { name: string }[] }];
    expect(columns.map(({ name }) => name)).toEqual(expect.arrayContaining(Object.keys(records[0])));
  });
  test('each part may be had alone', async () => {
    expect(JSON.parse((await sample('sentinel', '--only', 'records')).stdout)).toHaveLength(2);
    expect(JSON.parse((await sample('sentinel', '--only', 'table')).stdout)).toHaveProperty('properties');
    expect(JSON.parse((await sample('sentinel', '--only', 'rule')).stdout)).toHaveProperty('dataFlows');
    expect(JSON.parse((await sample('common', '--only', 'table')).stdout)).toBeNull();
  });
});

describe('samples from a file of records', () => {
  test('are what the destination makes of them; a line that is no record is said', async () => {
    const { code, stdout, stderr } = await sample('raw', 'records.ndjson');
    expect([code, stderr]).toEqual([0, 'line 2: no JSON object\n']);
    expect(stdout).toContain('{"operation":"login","user":"eva"}');
    expect(stdout).toContain('12345678901234567890');
  });
  test('a file that is not there is an error', async () => {
    const { code, stderr } = await sample('raw', 'none.ndjson');
    expect([code, stderr]).toEqual([1, expect.stringMatching(/^fluent-bit-siem sample: ENOENT/)]);
  });
});

test('without examples it asks for a file', async () => {
  const { code, stdout, stderr } = await sample('bare');
  expect([code, stdout]).toEqual([1, '']);
  expect(stderr).toContain('give a FILE with records');
});

test.each([
  [[], '--destination is missing'],
  [['--destination', 'x'], "there is no destination 'x'"],
  [
    ['--destination', 'cef', '--log-type', 'logn'],
    "no mapping file is for the log type 'logn': did you mean 'login'?",
  ],
  [['--destination', 'cef', '--only', 'half'], "--only is records, table or rule, not 'half'"],
  [['--destination', 'cef', 'a', 'b'], 'one FILE at most, not 2'],
])('wrong use: %j', async (args, message) => {
  const { code, stderr } = await run(folder.path, ['sample', ...args]);
  expect(code).toBe(2);
  expect(stderr).toContain(message);
});
