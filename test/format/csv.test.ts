import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { noProblems } from '../../plugin/compile/event.ts';
import { compileCsv } from '../../plugin/format/csv.ts';
import { destination, eventOf } from '../helpers.ts';
import { anyText } from './arbitraries.ts';
import { parseCsv } from './parse-csv.ts';

const columns = 'csv, csv: { columns: [time, eventName, suser, fname] }';
const line = (extension: [string, unknown][], more = {}): string =>
  String(compileCsv(destination(columns))(eventOf({ extension, ...more }), noProblems()).message);

describe('a CSV line', () => {
  test('has the columns of the destination in their order, and the rest as JSON', () => {
    const extension: [string, unknown][] = [
      ['fname', 'a.txt'],
      ['suser', 'ana'],
      ['cn1', 5],
    ];
    expect(parseCsv(line(extension, { externalId: 'r1' }))).toEqual([
      '2026-03-02T08:00:00.000Z',
      'n',
      'ana',
      'a.txt',
      '{"externalId":"r1","eventClass":"c","severity":2,"cn1":5}',
    ]);
  });
  test('has every column, empty where there is no value', () => {
    const bare = eventOf({ eventClass: undefined, eventName: undefined, severity: undefined });
    const { message } = compileCsv(destination(columns))(bare, noProblems());
    expect(message).toBe('"2026-03-02T08:00:00.000Z","","","",""');
  });
  test('has usual columns when the destination names none', () => {
    const { message } = compileCsv(destination('csv'))(
      eventOf({ extension: [['src', '192.0.2.1']] }),
      noProblems(),
    );
    expect(message).toBe('"2026-03-02T08:00:00.000Z","c","n","2","","","192.0.2.1","","","","","",""');
  });
  test("a mapping's own time goes to the rest", () => {
    expect(parseCsv(line([['time', 'noon']])).at(-1)).toContain('"time_":"noon"');
  });
  test('may hold the record as it came', () => {
    const render = compileCsv(destination('csv, event: record, csv: { columns: [time, user, n] }'));
    const { message } = render(eventOf({ record: { user: 'ana', n: 2n ** 60n, x: { y: 1 } } }), noProblems());
    expect(message).toBe('"2026-03-02T08:00:00.000Z","ana","1152921504606846976","{""x"":{""y"":1}}"');
  });
});

test('any value comes back, but for line breaks and control characters', () => {
  fc.assert(
    fc.property(anyText(), anyText(), (suser, fname) => {
      const fields = parseCsv(
        line([
          ['suser', suser],
          ['fname', fname],
        ]),
      );
      const clean = (text: string): string =>
        text.toWellFormed().replace(/\r\n|[\0-\x1f\x7f-\x9f\u2028\u2029]/g, ' ');
      expect(fields.slice(2, 4)).toEqual([clean(suser), clean(fname)]);
    }),
  );
});
