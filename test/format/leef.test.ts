import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type Event, noProblems } from '../../plugin/compile/event.ts';
import { formats } from '../../plugin/format/index.ts';
import { formatNames } from '../../plugin/mapping/format-settings.ts';
import { destination, eventOf, received } from '../helpers.ts';
import { anyText } from './arbitraries.ts';
import { parseLeef } from './parse-leef.ts';

/** Renders events for a destination of these settings. */
function renderer(settings: string): (more: Partial<Event>) => string {
  const one = destination(settings);
  const render = formats.get(one.format)!.compile(one);
  const event = eventOf({ eventClass: 'Logins', eventName: 'login', severity: 3 });
  return (more) => String(render({ ...event, ...more }, noProblems()).message);
}

const leef = (extension: Event['extension'], settings = ''): string =>
  renderer(`leef${settings && `, ${settings}`}`)({ extension });

describe('the same record', () => {
  const record = [
    ['suser', 'ana'],
    ['src', '192.0.2.1'],
    ['msg', 'a=b'],
  ] as const;

  test('in LEEF 2.0, with the delimiter written as hex where it can not be seen', () => {
    expect(leef(record)).toBe(
      `LEEF:2.0|FileCloud|FileCloud|23.1|login|0x09|devTime=${received}\tcat=Logins\tsev=3\tusrName=ana\tsrc=192.0.2.1\tmsg=a=b`,
    );
  });

  test("with IBM's favourite delimiter", () => {
    expect(leef(record, "leef: { delimiter: '^' }")).toContain(
      `|login|^|devTime=${received}^cat=Logins^sev=3^usrName=ana^`,
    );
    expect(leef(record, 'leef: { delimiter: x5E }')).toBe(leef(record, "leef: { delimiter: '^' }"));
  });

  test('in LEEF 1.0, which has no delimiter field', () => {
    expect(leef(record, "leef: { version: '1.0' }")).toContain(`|23.1|login|devTime=${received}\tcat=Logins`);
  });

  test("with FileCloud's white space between attributes", () => {
    const line = leef(
      [
        ['suser', 'ana b'],
        ['src', '192.0.2.1'],
      ],
      "leef: { delimiter: ' ' }",
    );
    expect(line).toContain('|0x20|');
    expect(line).toMatch(/ usrName=ana_b src=192\.0\.2\.1$/);
  });

  test('with the keys as the mapping has them', () => {
    expect(leef(record, 'leef: { keys: as-is }')).toContain('suser=ana');
  });
});

test.each([
  ['5', '5'],
  ['0', '1'],
  ['11', '10'],
  ['Low', '3'],
  ['Very-High', '10'],
  ['nonsense', '1'],
])('severity %s is sev=%s', (severity, sev) => {
  expect(`${renderer('leef')({ severity })}\t`).toContain(`\tsev=${sev}\t`);
});

test('what would end a field of the header is replaced: LEEF has no escape', () => {
  const render = renderer('leef');
  const line = render({ eventName: 'a|b\nc', extension: [['msg', 'x|y\r\nLEEF:1.0|']] });
  expect(line).toContain('|a/b c|0x09|');
  expect(line).toContain('msg=x|y LEEF:1.0|');
});

test("a mapping's own devTime, cat and sev win", () => {
  const render = renderer('leef');
  const extension = [
    ['devTime', 'Mar 02 2026'],
    ['devTimeFormat', 'MMM dd yyyy'],
    ['cat', 'own'],
    ['sev', 7],
  ] as const;
  const { attributes } = parseLeef(render({ extension }));
  expect(attributes).toEqual([
    ['devTime', 'Mar 02 2026'],
    ['devTimeFormat', 'MMM dd yyyy'],
    ['cat', 'own'],
    ['sev', '7'],
  ]);
});

test('a time that is no 13 digits says its format', () => {
  const render = renderer('leef');
  const { attributes } = parseLeef(render({ time: 0 }));
  expect(attributes.slice(0, 2)).toEqual([
    ['devTime', '1970-01-01T00:00:00.000Z'],
    ['devTimeFormat', "yyyy-MM-dd'T'HH:mm:ss.SSSX"],
  ]);
});

test.each(["leef: { delimiter: '^' }", 'leef: {}', "leef: { delimiter: ' ' }", "leef: { version: '1.0' }"])(
  'whatever an event holds, the line is one line that reads back (%s)',
  (settings) => {
    const render = renderer(`leef, ${settings}`);
    const word = fc.string({ unit: fc.constantFrom(...'abcXYZ019'), minLength: 1, maxLength: 6 });
    const pairs = fc.uniqueArray(fc.tuple(word, anyText(40)), { selector: ([key]) => key, maxLength: 6 });
    fc.assert(
      fc.property(anyText(40), anyText(40), pairs, (eventName, eventClass, extension) => {
        const line = render({ eventName, eventClass, extension });
        expect(line).not.toMatch(/[\0-\x08\n-\x1f\x7f-\x9f\u2028\u2029]/);
        if (settings.includes('1.0') && settings.includes("' '")) return;
        const { attributes } = parseLeef(line);
        const own = ['devTime', 'cat', 'sev'].filter((key) => !extension.some(([other]) => other === key));
        expect(attributes.map(([key]) => key)).toEqual([...own, ...extension.map(([key]) => key)]);
      }),
      { numRuns: 500 },
    );
  },
);

test("the record's id is an attribute, unless the mapping sets it", () => {
  const render = renderer('leef');
  const idOf = (more: Partial<Event>): string | undefined =>
    new Map(parseLeef(render(more)).attributes).get('externalId');
  expect(idOf({ externalId: 'r\t1' })).toBe('r 1');
  expect(idOf({ externalId: 'r1', extension: [['externalId', 'own']] })).toBe('own');
  expect(idOf({})).toBeUndefined();
});

describe('the syslog header', () => {
  const time = Date.parse('2026-03-02T08:00:37.123Z');
  const header = (settings: string, severity: unknown): string => {
    const render = renderer(`cef, syslog: { ${settings} }`);
    return render({ time, severity }).split('CEF:')[0]!;
  };

  test.each([
    ['format: rfc5424', 2, '<110>1 2026-03-02T08:00:37.123Z gw1 fluent-bit-siem - - - '],
    ['format: rfc5424, facility: 4, hostname: h, appname: a', 5, '<36>1 2026-03-02T08:00:37.123Z h a - - - '],
    ['format: rfc3164', 8, '<107>Mar  2 08:00:37 gw1 '],
    ['format: rfc3164', 'Very-High', '<106>Mar  2 08:00:37 gw1 '],
    ['format: rfc5424, hostname: "a b\\tc", appname: "|"', 2, '<110>1 2026-03-02T08:00:37.123Z abc | - - - '],
  ])('%s, severity %s: %s', (settings, severity, expected) => {
    expect(header(settings, severity)).toBe(expected);
  });

  test('stands in front of LEEF as well', () => {
    expect(leef([], 'syslog: { format: rfc3164 }')).toMatch(
      /^<110>[A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d gw1 LEEF:2\.0\|/,
    );
  });

  test('every format of the list has a renderer', () => {
    expect([...formats.keys()].sort()).toEqual([...formatNames].sort());
  });
});
