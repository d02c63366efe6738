import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type Event, noProblems } from '../../plugin/compile/event.ts';
import type { OutgoingRecord } from '../../plugin/format/render.ts';
import { compileSentinel } from '../../plugin/format/sentinel.ts';
import { sentinelSchema } from '../../plugin/format/sentinel-schema.ts';
import { columnName, commonSecurityLogColumns } from '../../plugin/mapping/cef-columns.ts';
import { destination, eventOf, mappingSets } from '../helpers.ts';
import { anyText } from './arbitraries.ts';

const common = 'sentinel, sentinel: { table: CommonSecurityLog }';
const render = (settings: string, more: Partial<Event>, problems = noProblems()): OutgoingRecord =>
  compileSentinel(destination(settings))(eventOf(more), problems);
const at = '2026-03-02T08:00:00.000Z';

describe("a row of the administrator's own table", () => {
  test('has a column of a declared type for each key', () => {
    const extension: Event['extension'] = [
      ['suser', 'ana'],
      ['fsize', '5368709120'],
      ['spt', 443],
      ['cfp1', '1.5'],
      ['start', 1772438400],
      ['cs1', { pii: true }],
      ['own key', 5],
    ];
    expect(render('sentinel', { extension, severity: 'High', externalId: 'r1' })).toEqual({
      TimeGenerated: at,
      EventClass: 'c',
      EventName: 'n',
      Severity: 8,
      suser: 'ana',
      fsize: 5368709120n,
      spt: 443,
      cfp1: 1.5,
      start: at,
      cs1: '{"pii":true}',
      own_key: '5',
      externalId: 'r1',
    });
  });
  test('what does not fit its column goes to AdditionalFields, and is counted', () => {
    const problems = noProblems();
    const extension: Event['extension'] = [
      ['fsize', '12 MB'],
      ['spt', 'http'],
      ['end', 'soon'],
      ['a.b', 1],
      ['a b', 2],
      ['EventName', 'other'],
    ];
    expect(render('sentinel', { extension }, problems)).toEqual({
      TimeGenerated: at,
      EventClass: 'c',
      EventName: 'n',
      Severity: 2,
      a_b: '1',
      AdditionalFields: { fsize: '12 MB', spt: 'http', end: 'soon', 'a b': 2, EventName: 'other' },
    });
    expect(problems.mistypedValues).toBe(5);
  });
  test('a text is cut at 64,000 bytes, and counted', () => {
    const problems = noProblems();
    const { msg } = render('sentinel', { extension: [['msg', 'é'.repeat(40_000)]] }, problems) as {
      msg: string;
    };
    expect(Buffer.byteLength(msg)).toBeLessThanOrEqual(64_000);
    expect(msg).toMatch(/é\.\.\.$/);
    expect(problems.shortenedValues).toBe(1);
  });
  test.each([
    ['type', 'type_'],
    ['Id', 'Id_'],
    ['TimeGenerated', 'TimeGenerated_'],
    ['_x', 'c_x'],
    ['1st', 'c1st'],
    ['a-b.c d', 'a_b_c_d'],
    ['x'.repeat(50), 'x'.repeat(45)],
    ['', 'c'],
  ])('the column of %s is %s', (key, name) => {
    expect(columnName(key)).toBe(name);
  });
});

test('a record as it came has its own keys as columns, in the types they come in', () => {
  const record = {
    user: 'ana',
    n: 5,
    ok: false,
    deep: { a: [1] },
    none: null,
    empty: '',
    type: 'x',
    Type: 'y',
    'Type!': 'z',
    Type_: 'w',
  };
  expect(render('sentinel, event: record', { record })).toEqual({
    TimeGenerated: at,
    user: 'ana',
    n: 5,
    ok: false,
    deep: { a: [1] },
    type_: 'x',
    Type_: 'y',
    AdditionalFields: { 'Type!': 'z', Type_: 'w' },
  });
});

describe('a row of CommonSecurityLog', () => {
  test('has the columns of the CEF keys, and AdditionalExtensions for the others', () => {
    const extension: Event['extension'] = [
      ['suser', 'ana'],
      ['src', '192.0.2.1'],
      ['fsize', 100],
      ['cn1', 7],
      ['cn1Label', 'Size'],
      ['outcome', 'success'],
      ['recordId', 'r1'],
      ['note', 'a;b=c\nd'],
    ];
    expect(render(common, { extension, externalId: 'r1', severity: 'High' })).toEqual({
      TimeGenerated: at,
      DeviceVendor: 'FileCloud',
      DeviceProduct: 'FileCloud',
      DeviceVersion: '23.1',
      DeviceEventClassID: 'c',
      Activity: 'n',
      LogSeverity: 'High',
      SourceUserName: 'ana',
      SourceIP: '192.0.2.1',
      FileSize: 100,
      FieldDeviceCustomNumber1: 7,
      DeviceCustomNumber1Label: 'Size',
      EventOutcome: 'success',
      ExtID: 'r1',
      AdditionalExtensions: 'recordId=r1;note=a\\;b\\=c\\nd',
    });
  });
  test('what does not fit its column is an additional extension', () => {
    const problems = noProblems();
    const row = render(
      common,
      {
        extension: [
          ['fsize', 5368709120],
          ['end', 'soon'],
        ],
      },
      problems,
    );
    expect(row.AdditionalExtensions).toBe('fsize=5368709120;end=soon');
    expect(problems.mistypedValues).toBe(2);
  });
  test('no two keys share a column', () => {
    const names = [...commonSecurityLogColumns.values()].map(({ name }) => name);
    expect(new Set(names).size).toBe(names.length);
  });
});

describe('the schema', () => {
  const sets = mappingSets(`
mappings:
  - id: login
    map: { eventClass: a, eventName: b, severity: 1, extension: { suser: $user, fsize: $size, 'own key': $x } }
  - id: '*'
    map: { eventClass: a, eventName: b, severity: 1, extension: { suser: $user, start: $t, externalId: $i } }
`);
  test('of an own table has a column for every key of the mappings', () => {
    expect(sentinelSchema(destination('sentinel, sentinel: { table: Audit_CL }'), sets, [])).toEqual({
      table: {
        properties: {
          schema: {
            name: 'Audit_CL',
            columns: [
              { name: 'TimeGenerated', type: 'dateTime' },
              { name: 'EventClass', type: 'string' },
              { name: 'EventName', type: 'string' },
              { name: 'Severity', type: 'int' },
              { name: 'AdditionalFields', type: 'dynamic' },
              { name: 'suser', type: 'string' },
              { name: 'fsize', type: 'long' },
              { name: 'own_key', type: 'string' },
              { name: 'start', type: 'dateTime' },
              { name: 'externalId', type: 'string' },
            ],
          },
        },
      },
      rule: {
        streamDeclarations: {
          'Custom-Audit_CL': { columns: expect.arrayContaining([{ name: 'start', type: 'datetime' }]) },
        },
        dataFlows: [
          {
            streams: ['Custom-Audit_CL'],
            destinations: ['workspace'],
            transformKql: 'source',
            outputStream: 'Custom-Audit_CL',
          },
        ],
      },
    });
  });
  test('of CommonSecurityLog declares the columns that may come, and makes no table', () => {
    const { table, rule } = sentinelSchema(destination(common), sets, []);
    expect(table).toBeUndefined();
    expect(rule).toMatchObject({ dataFlows: [{ outputStream: 'Microsoft-CommonSecurityLog' }] });
    expect(JSON.stringify(rule)).toContain('{"name":"SourceUserName","type":"string"}');
    expect(JSON.stringify(rule)).toContain('{"name":"StartTime","type":"datetime"}');
  });
  test('has a column for the own time of events that the gate restamps', () => {
    const one = destination("sentinel, deliver: { to: 'https://x/', oldest_event: 2d }");
    expect(JSON.stringify(sentinelSchema(one, sets, []).rule)).toContain(
      '{"name":"OriginalTime","type":"datetime"}',
    );
    const other = destination("sentinel, deliver: { to: 'https://x/' }");
    expect(JSON.stringify(sentinelSchema(other, sets, []).rule)).not.toContain('OriginalTime');
  });
  test('of records as they come is told from samples', () => {
    const rows = [
      { TimeGenerated: at, n: 1, x: 1, when: at, mixed: 1, deep: {} },
      { TimeGenerated: at, n: 2n ** 60n, x: 1.5, when: at, mixed: 'a', ok: true, word: 'a' },
    ];
    const { table } = sentinelSchema(destination('sentinel, event: record'), [], rows);
    const columns = Object.fromEntries(
      (
        table as { properties: { schema: { columns: { name: string; type: string }[] } } }
      ).properties.schema.columns.map(({ name, type }) => [name, type]),
    );
    expect(columns).toEqual({
      TimeGenerated: 'dateTime',
      n: 'long',
      x: 'real',
      when: 'dateTime',
      mixed: 'dynamic',
      deep: 'dynamic',
      ok: 'boolean',
      word: 'string',
      AdditionalFields: 'dynamic',
    });
  });
});

test('whatever the values, every row fits its declared columns', () => {
  const sets = mappingSets(`
mappings:
  - id: '*'
    map: { eventClass: a, eventName: b, severity: 1, extension: { suser: $a, fsize: $a, spt: $a, cfp1: $a, end: $a, x: $a } }
`);
  const value = fc.oneof(
    anyText(),
    fc.integer(),
    fc.bigInt(),
    fc.double(),
    fc.boolean(),
    fc.object({ maxDepth: 1 }),
  );
  const extension = fc.array(fc.tuple(fc.constantFrom('suser', 'fsize', 'spt', 'cfp1', 'end', 'x'), value));
  for (const settings of ['sentinel', common]) {
    const { rule } = sentinelSchema(destination(settings), sets, []);
    const [{ columns }] = Object.values(
      (rule as { streamDeclarations: Record<string, { columns: { name: string; type: string }[] }> })
        .streamDeclarations,
    ) as [{ columns: { name: string; type: string }[] }];
    const types = new Map(columns.map(({ name, type }) => [name, type]));
    fc.assert(
      fc.property(extension, anyText(), (pairs, externalId) => {
        const row = render(settings, { extension: pairs, externalId, severity: externalId });
        for (const [name, one] of Object.entries(row)) {
          const type = types.get(name);
          expect([name, type, one]).toSatisfy(() => fitsColumn(type, one));
        }
      }),
    );
  }
});

function fitsColumn(type: string | undefined, value: unknown): boolean {
  switch (type) {
    case 'string':
      return typeof value === 'string';
    case 'int':
      return Number.isInteger(value) && Math.abs(value as number) <= 2 ** 31;
    case 'long':
      return Number.isInteger(value) || typeof value === 'bigint';
    case 'real':
      return typeof value === 'number';
    case 'datetime':
      return typeof value === 'string' && !Number.isNaN(Date.parse(value));
    case 'dynamic':
      return true;
    default:
      return false;
  }
}
