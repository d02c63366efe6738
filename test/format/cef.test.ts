import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type Event, noProblems } from '../../plugin/compile/event.ts';
import { cefKey, compileCef, escapeValue, headerField } from '../../plugin/format/cef.ts';
import { destination, eventOf, received } from '../helpers.ts';
import { anyText } from './arbitraries.ts';
import { parseCef } from './parse-cef.ts';

const settings = destination('cef');
const event = (more: Partial<Event> = {}): Event =>
  eventOf({ eventClass: 'login', eventName: 'Login', ...more });
const line = (more: Partial<Event>, problems = noProblems()): string =>
  String(compileCef(settings)(event(more), problems).message);
/** The extension of an event with these pairs, without the `rt` in front. */
const extension = (...pairs: [string, unknown][]): string =>
  line({ extension: pairs }).slice(`CEF:0|FileCloud|FileCloud|23.1|login|Login|2|rt=${received} `.length);

describe('a CEF line', () => {
  test('has seven header fields, then rt and the extension in its order', () => {
    expect(
      line({
        extension: [
          ['suser', 'john.doe'],
          ['act', 'x y'],
          ['cn1', 5],
        ],
      }),
    ).toBe('CEF:0|FileCloud|FileCloud|23.1|login|Login|2|rt=1772438400000 suser=john.doe act=x y cn1=5');
  });
  test('stands alone under `message`', () => {
    expect(Object.keys(compileCef(settings)(event(), noProblems()))).toEqual(['message']);
  });
  test('keeps the bar after the severity when a mapping sets nothing', () => {
    expect(line({})).toBe('CEF:0|FileCloud|FileCloud|23.1|login|Login|2|rt=1772438400000');
  });
  test('says the version and the device of the destination', () => {
    const device = { vendor: 'A|B', product: 'C\\D', version: 'E\nF' };
    const render = compileCef({ ...settings, cef: { version: 1, mistyped: 'keep' }, device });
    expect(render(event(), noProblems()).message).toMatch(/^CEF:1\|A\\\|B\|C\\\\D\|E F\|login\|/);
  });
});

describe('rt is the time of the event in epoch milliseconds, in front', () => {
  test('unless the mapping sets it', () => {
    expect(
      line({
        extension: [
          ['a', 1],
          ['rt', 1700000000000],
        ],
      }),
    ).toMatch(/\|2\|a=1 rt=1700000000000$/);
  });
  test('also when what the mapping sets can not be rendered', () => {
    expect(
      line({
        extension: [
          ['rt', new Date(Number.NaN)],
          ['a', 1],
        ],
      }),
    ).toMatch(/\|2\|rt=1772438400000 a=1$/);
  });
});

describe("externalId is the record's id, behind rt", () => {
  test('unless the mapping sets it', () => {
    expect(line({ externalId: 'r1', extension: [['a', 1]] })).toMatch(
      /\|2\|rt=1772438400000 externalId=r1 a=1$/,
    );
    expect(line({ externalId: 7n })).toMatch(/ externalId=7$/);
    expect(line({ externalId: 'r1', extension: [['externalId', 'own']] })).toMatch(/\d externalId=own$/);
  });
  test.each([[undefined], [null], [''], [{}]])('and is left out when it is %s', (externalId) => {
    expect(line({ externalId })).not.toContain('externalId');
  });
  test('escaped and cut to 40 characters like any other', () => {
    const problems = noProblems();
    expect(line({ externalId: `a=${'x'.repeat(50)}` }, problems)).toContain(
      `externalId=a\\=${'x'.repeat(38)}`,
    );
    expect(problems.shortenedValues).toBe(1);
  });
});

describe('a value that is not what its key is for', () => {
  const moving = compileCef({ ...settings, cef: { version: 0, mistyped: 'move' } });
  test.each<[key: string, value: unknown]>([
    ['src', 'unknown'],
    ['src', '10.0.0.256'],
    ['src', '10.0.0.1, 10.0.0.2'],
    ['src', '10.0.0.1:443'],
    ['dst', 'fe80::1%eth0'],
    ['fsize', '12 MB'],
    ['fsize', 1.5],
    ['cn1', '9223372036854775808'],
    ['cn1', true],
    ['spt', 65536],
    ['spt', -1],
    ['cfp1', '1,5'],
    ['smac', '00:11:22:33:44'],
    ['end', 'yesterday'],
  ])('%s: %s is counted, and sent as it is or under a key of its own', (key, value) => {
    const problems = noProblems();
    const text = String(value).replace('=', '\\=');
    expect(line({ extension: [[key, value]] }, problems)).toMatch(new RegExp(` ${key}=.+$`));
    expect(extension([key, value])).toBe(`${key}=${text}`);
    expect(String(moving(event({ extension: [[key, value]] }), problems).message)).toContain(
      ` ${key}Text=${text}`,
    );
    expect(problems.mistypedValues).toBe(2);
  });

  test.each<[key: string, value: unknown, written: string]>([
    ['src', '2001:db8::1', '2001:db8::1'],
    ['src', ' 192.0.2.1 ', '192.0.2.1'],
    ['src', '::ffff:192.0.2.1', '::ffff:192.0.2.1'],
    ['fsize', 9223372036854775807n, '9223372036854775807'],
    ['fsize', '-5', '-5'],
    ['spt', '0', '0'],
    ['cfp1', '1e5', '1e5'],
    ['smac', '00-11-22-AA-bb-cc', '00:11:22:AA:bb:cc'],
    ['end', '2026-03-02T08:00:00Z', '1772438400000'],
    ['start', 'Mar 02 2026 08:00:00.123 UTC', 'Mar 02 2026 08:00:00.123 UTC'],
    ['own', 'anything', 'anything'],
  ])('%s: %s is what its key holds', (key, value, written) => {
    const problems = noProblems();
    expect(line({ extension: [[key, value]] }, problems)).toMatch(new RegExp(`${key}=(.*)$`));
    expect(extension([key, value])).toBe(`${key}=${written}`);
    expect(problems).toEqual(noProblems());
  });
});

describe('no header field is empty', () => {
  test.each([[undefined], [null], [''], [[]], [{}], [new Date(Number.NaN)]])(
    'event class %s',
    (eventClass) => {
      expect(parseCef(line({ eventClass })).eventClass).toBe('unknown');
    },
  );
  test.each([[undefined], [null], [''], [[]], [{}]])('event name %s', (eventName) => {
    expect(parseCef(line({ eventName })).eventName).toBe('login');
  });
  test('both', () => {
    expect(line({ eventClass: '', eventName: '' })).toContain('|unknown|unknown|2|');
  });
});

describe('an extension value is escaped', () => {
  test.each<[what: string, value: string, escaped: string]>([
    ['an equals sign', 'a=b', 'a\\=b'],
    ['a backslash', 'C:\\x', 'C:\\\\x'],
    ['text that would be a key', 'bob dst=6.6.6.6', 'bob dst\\=6.6.6.6'],
    ['a backslash at the end', 'C:\\dir\\', 'C:\\\\dir\\\\'],
    ['text that looks escaped', '\\=', '\\\\\\='],
    ['a backslash and an n', '\\n', '\\\\n'],
    ['a bar, which needs none', 'a|b', 'a|b'],
    ['LF', 'a\nb', 'a\\nb'],
    ['CR', 'a\rb', 'a\\rb'],
    ['CRLF', 'a\r\nb', 'a\\r\\nb'],
    [
      'a line that would be an event',
      'x\nCEF:0|a|b|1|c|n|10|src=1.1.1.1',
      'x\\nCEF:0|a|b|1|c|n|10|src\\=1.1.1.1',
    ],
    ['a tab, which stays', 'a\tb', 'a\tb'],
    ['NUL', 'a\0b', 'a b'],
    ['ESC', '\x1b[31mred', ' [31mred'],
    ['vertical tab and form feed', 'a\x0b\x0cb', 'a  b'],
    ['DEL and NEL', 'a\x7f\x85b', 'a  b'],
    ['the line separators of Unicode', 'a\u2028\u2029b', 'a  b'],
    ['a lone high surrogate', 'a\ud83db', 'a\ufffdb'],
    ['a lone low surrogate', '\udc00', '\ufffd'],
    ['a whole pair, which stays', '😀=', '😀\\='],
    ['quotes and percent signs, which need none', '"%41"', '"%41"'],
    ['nothing', '', ''],
  ])('%s', (_, value, escaped) => {
    expect(escapeValue(value)).toBe(escaped);
    if (value !== '') expect(extension(['k', value])).toBe(`k=${escaped}`);
  });
});

describe('a header field is escaped', () => {
  test.each<[what: string, value: string, escaped: string]>([
    ['a bar', 'a|b', 'a\\|b'],
    ['a backslash', 'a\\b', 'a\\\\b'],
    ['a backslash at the end', 'a\\', 'a\\\\'],
    ['an equals sign, which needs none', 'a=b', 'a=b'],
    ['a line break', 'a\nb', 'a b'],
    ['CRLF, which is one', 'a\r\nb', 'a b'],
    ['a tab', 'a\tb', 'a b'],
    ['NUL, ESC, NEL and U+2028', 'a\0\x1b\x85\u2028b', 'a    b'],
    ['a lone surrogate', 'a\udfffb', 'a\ufffdb'],
    ['a line that would be an event', 'n\nCEF:0|a|b', 'n CEF:0\\|a\\|b'],
  ])('%s', (_, value, escaped) => {
    expect(headerField(value, 512)).toBe(escaped);
    expect(line({ eventName: value })).toContain(`|login|${escaped}|2|`);
  });
});

describe('a header field is cut', () => {
  test.each<[text: string, maxBytes: number, cut: string]>([
    ['abcdef', 6, 'abcdef'],
    ['abcdef', 5, 'abcde'],
    ['äöü', 5, 'äö'],
    ['日本', 5, '日'],
    ['a😀', 4, 'a'],
    ['ab|', 3, 'ab'],
    ['ab\\', 3, 'ab'],
    ['a||', 4, 'a\\|'],
    ['\\\\\\', 5, '\\\\\\\\'],
    ['a\nb', 2, 'a '],
  ])('%j to %d bytes', (text, maxBytes, cut) => {
    expect(headerField(text, maxBytes)).toBe(cut);
  });
  test("at the standard's lengths", () => {
    const long = 'x'.repeat(2000);
    const render = compileCef({ ...settings, device: { vendor: long, product: long, version: long } });
    const parsed = parseCef(
      String(render(event({ eventClass: long, eventName: long }), noProblems()).message),
    );
    const { vendor, product, deviceVersion, eventClass, eventName } = parsed;
    expect([vendor, product, deviceVersion, eventClass, eventName].map((field) => field.length)).toEqual([
      63, 63, 31, 1023, 512,
    ]);
  });
  test('at a whole character, never inside an escape, and no earlier than it must', () => {
    fc.assert(
      fc.property(anyText(), fc.integer({ min: 1, max: 60 }), (text, maxBytes) => {
        const whole = headerField(text, 10_000);
        const cut = headerField(text, maxBytes);
        const [next = ''] = /^(?:\\.|.)/su.exec(whole.slice(cut.length)) ?? [];
        expect(whole.startsWith(cut)).toBe(true);
        expect(cut).toMatch(/^(?:\\[\\|]|[^\\|])*$/u);
        expect(cut.isWellFormed()).toBe(true);
        expect(Buffer.byteLength(cut)).toBeLessThanOrEqual(maxBytes);
        if (next !== '') expect(Buffer.byteLength(cut + next)).toBeGreaterThan(maxBytes);
      }),
    );
  });
});

describe('a key is one alphanumeric word', () => {
  test.each([
    ['suser', 'suser'],
    ['cs1Label', 'cs1Label'],
    ['user name', 'username'],
    ['a=b|c\\d\n', 'abcd'],
    ['größe', 'gre'],
    ['日本', ''],
  ])('%j becomes %j', (key, word) => {
    expect(cefKey(key)).toBe(word);
  });
  test('one of which nothing is left goes with its value, and is counted', () => {
    const problems = noProblems();
    expect(
      line(
        {
          extension: [
            ['日本', 1],
            ['a', 2],
          ],
        },
        problems,
      ),
    ).toMatch(/ a=2$/);
    expect(problems.failedValues).toBe(1);
  });
  test('two that become the same word do not appear twice', () => {
    const keys = parseCef(
      line({
        extension: [
          ['user-name', 'a'],
          ['user', 'b'],
          ['username', 'c'],
        ],
      }),
    ).extension;
    expect(keys.map(([key]) => key)).toEqual(expect.arrayContaining(['rt', 'user', 'username']));
  });
});

describe('values of other types', () => {
  test.each<[value: unknown, text: string]>([
    [0, '0'],
    [false, 'false'],
    [9007199254740993n, '9007199254740993'],
    [{ a: 'b=c\\' }, '{"a":"b\\=c\\\\\\\\"}'],
    [['a', 1], '["a",1]'],
    [{ a: 'x\ny' }, '{"a":"x\\\\ny"}'],
    [new Date(0), '1970-01-01T00:00:00.000Z'],
    [Buffer.from('a=b'), 'a\\=b'],
  ])('%s', (value, text) => {
    expect(extension(['k', value])).toBe(`k=${text}`);
  });
  test('one that has no text is left out with its label, and counted', () => {
    const problems = noProblems();
    const pairs: [string, unknown][] = [
      ['cs1', new Date(Number.NaN)],
      ['cs1Label', 'When'],
      ['a', 1],
    ];
    expect(line({ extension: pairs }, problems)).toMatch(/\|2\|rt=1772438400000 a=1$/);
    expect(problems.failedValues).toBe(1);
  });
});

describe('a value is fitted to what the dictionary says of its key', () => {
  const sent = (key: string, value: unknown, problems = noProblems()): string => {
    const { extension } = parseCef(
      String(compileCef(settings)(event({ extension: [[key, value]] }), problems).message),
    );
    return extension.find(([name]) => name === key)![1];
  };

  test.each([
    ['msg', 1023],
    ['cs1', 4000],
    ['act', 63],
  ])('%s holds %i characters; what is cut is counted', (key, length) => {
    const problems = noProblems();
    expect(sent(key, '=\u{1f4c4}'.repeat(length), problems)).toBe(
      [...'=\u{1f4c4}'.repeat(length)].slice(0, length).join(''),
    );
    expect(problems.shortenedValues).toBe(1);
    expect(sent(key, '\u{1f4c4}'.repeat(length))).toHaveLength(length * 2);
  });

  test('a key of your own holds any length', () => {
    expect(sent('recordId', 'x'.repeat(10_000))).toHaveLength(10_000);
  });

  test.each([
    ['2026-03-02T08:00:00Z', '1772438400000'],
    [1772438400, '1772438400000'],
    ['1772438400000', '1772438400000'],
    ['some day', 'some day'],
  ])('the time %s is %s', (value, expected) => {
    expect(sent('deviceCustomDate1', value)).toBe(expected);
  });
});

describe('whatever an event holds, the line is one line that reads back as the event', () => {
  // The documented loss: lone surrogates are replaced, and what CEF has no escape for becomes a space.
  const readBack = (text: string): string =>
    text.toWellFormed().replace(/[\0-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u2028\u2029]/g, ' ');
  const readBackHeader = (text: string): string =>
    text.toWellFormed().replace(/\r\n|[\0-\x1f\x7f-\x9f\u2028\u2029]/g, ' ');
  const word = fc.string({ unit: fc.constantFrom(...'abcXYZ019'), minLength: 1, maxLength: 6 });
  const filled = (maxLength: number) => anyText(maxLength).filter((text) => text !== '');
  const pairs = fc.uniqueArray(fc.tuple(word, filled(40)), { selector: ([key]) => key, maxLength: 6 });

  test('in its header and values', () => {
    fc.assert(
      fc.property(
        filled(15),
        filled(15),
        filled(7),
        filled(60),
        filled(60),
        pairs,
        (vendor, product, version, eventClass, eventName, extension) => {
          const render = compileCef({ ...settings, device: { vendor, product, version } });
          const message = String(render(event({ eventClass, eventName, extension }), noProblems()).message);
          expect(message).not.toMatch(/[\0-\x08\n-\x1f\x7f-\x9f\u2028\u2029]/);
          const orElse = (text: string, other: string): string => (text.trim() === '' ? other : text);
          const readClass = orElse(readBackHeader(eventClass), 'unknown');
          expect(parseCef(message)).toEqual({
            version: 'CEF:0',
            vendor: readBackHeader(vendor),
            product: readBackHeader(product),
            deviceVersion: readBackHeader(version),
            eventClass: readClass,
            eventName: orElse(readBackHeader(eventName), readClass),
            severity: '2',
            extension: [['rt', String(received)], ...extension.map(([key, value]) => [key, readBack(value)])],
          });
        },
      ),
      { numRuns: 1000 },
    );
  });
  test('in its keys', () => {
    const anyPairs = fc.uniqueArray(fc.tuple(anyText(10), filled(20)), {
      selector: ([key]) => cefKey(key),
      maxLength: 6,
    });
    fc.assert(
      fc.property(anyPairs, (extension) => {
        const words = extension.map(([key]) => key.replace(/[^a-zA-Z0-9]/g, '')).filter((key) => key !== '');
        expect(parseCef(line({ extension })).extension.map(([key]) => key)).toEqual(['rt', ...words]);
      }),
      { numRuns: 500 },
    );
  });
  test('in its severity', () => {
    fc.assert(
      fc.property(fc.oneof(anyText(), fc.double(), fc.bigInt(), fc.boolean()), (severity) => {
        parseCef(line({ severity }));
      }),
    );
  });
});
