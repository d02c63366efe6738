import { createHmac } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { Diagnostics } from '../../../plugin/mapping/diagnostic.ts';
import { builtInFunctions } from '../../../plugin/mapping/functions/index.ts';
import { readMappingFile } from '../../../plugin/mapping/mapping-file.ts';
import { firstLines, secretsOf } from '../../helpers.ts';

/** Calls a built-in function. */
const run = (name: string, ...args: unknown[]): unknown => builtInFunctions.get(name)!.call(...args);

/** The findings about a value that stands in line 3, with these variables in the environment. */
function findingsOf(value: string, environment: Record<string, string> = {}): string[] {
  const diagnostics = new Diagnostics();
  const text = `mappings:\n- id: a\n  map: { eventClass: c, eventName: ${value}, severity: 1 }\n`;
  const context = { functions: builtInFunctions, secrets: secretsOf(environment, { '/key': 'k2' }) };
  readMappingFile('map.yaml', text, diagnostics, {}, context);
  return firstLines(diagnostics).map((line) => line.replace(/^map\.yaml:\d+:\d+: /, ''));
}

describe('number', () => {
  test.each<[value: unknown, result: unknown]>([
    [' 48211 ', 48211],
    ['-3', -3],
    ['+3', 3],
    ['1.50', 1.5],
    ['1e3', 1000],
    ['9007199254740993', 9007199254740993n],
    ['-12345678901234567890', -12345678901234567890n],
    ['+12345678901234567890', 12345678901234567890n],
    [7, 7],
    [7n, 7n],
    ['', undefined],
    [' ', undefined],
    ['12 MB', undefined],
    ['0x10', undefined],
    ['Infinity', undefined],
    [true, undefined],
    [undefined, undefined],
    [null, undefined],
    [['5'], undefined],
    [{}, undefined],
  ])('of %s is %s', (value, result) => {
    expect(run('number', value)).toBe(result);
  });

  test.each([[Number.NaN], [Number.POSITIVE_INFINITY], ['1e999']])('%s is none', (value) => {
    expect(run('number', value)).toBeUndefined();
  });
});

describe('bool', () => {
  test.each<[args: unknown[], result: unknown]>([
    [['1'], 'true'],
    [[1], 'true'],
    [[true], 'true'],
    [[' YES '], 'true'],
    [['on'], 'true'],
    [['0'], 'false'],
    [[0n], 'false'],
    [[false], 'false'],
    [['No'], 'false'],
    [['off'], 'false'],
    [[1, 'success', 'failure'], 'success'],
    [[0, 'success', 'failure'], 'failure'],
    [[1, 'success'], 'success'],
    [[0, 'success'], 'false'],
    [[1, undefined, 'failure'], 'true'],
    [['2'], undefined],
    [['maybe', 'a', 'b'], undefined],
    [[''], undefined],
    [[undefined], undefined],
    [[null], undefined],
    [[[1]], undefined],
  ])('%s is %s', (args, result) => {
    expect(run('bool', ...args)).toBe(result);
  });
});

describe('lookup', () => {
  const table = new Map<string, unknown>([
    ['1', 'success'],
    ['true', 'yes'],
    ['zero', 0],
    ['no', false],
    ['["a"]', 'list'],
  ]);

  test.each<[value: unknown, otherwise: unknown[], result: unknown]>([
    ['1', [], 'success'],
    [1, [], 'success'],
    [1n, [], 'success'],
    [true, [], 'yes'],
    ['zero', [5], 0],
    ['no', [5], false],
    [['a'], [], 'list'],
    ['2', ['other'], 'other'],
    ['2', [], undefined],
    [undefined, ['other'], 'other'],
    ['', ['other'], 'other'],
    ['constructor', [], undefined],
    ['__proto__', ['other'], 'other'],
  ])('of %s, else %s, is %s', (value, otherwise, result) => {
    expect(run('lookup', value, table, ...otherwise)).toBe(result);
  });

  test.each(['success', '[a, b]', '5', '$table', '{}', '{ a: { b: 1 } }', '{ a: [1] }', '{ a: null }'])(
    '%s is no table',
    (written) => {
      expect(findingsOf(`{ call: lookup, args: [$a, ${written}] }`)).toEqual([
        'error M005: this is no table',
      ]);
    },
  );
  test('takes two arguments or three', () => {
    expect(findingsOf('{ call: lookup, args: [$a, { a: 1 }, $b > 5] }')).toHaveLength(1);
    expect(findingsOf('{ call: lookup, args: [$a, { a: 1 }, $b] }')).toEqual([]);
    expect(findingsOf('{ call: lookup, args: [$a] }')).toEqual([
      'error M012: lookup(value, table, [default]) takes 2 to 3 arguments, not 1',
    ]);
  });
});

describe('the time functions', () => {
  test.each<[time: unknown, milliseconds: unknown, seconds: unknown, iso: unknown]>([
    [1772446830, 1772446830000, 1772446830, '2026-03-02T10:20:30.000Z'],
    ['1772446830500', 1772446830500, 1772446830, '2026-03-02T10:20:30.500Z'],
    [1772446830500n, 1772446830500, 1772446830, '2026-03-02T10:20:30.500Z'],
    ['2026-03-02T11:20:30+01:00', 1772446830000, 1772446830, '2026-03-02T10:20:30.000Z'],
    [-1.5, -1500, -2, '1969-12-31T23:59:58.500Z'],
    [0, 0, 0, '1970-01-01T00:00:00.000Z'],
    [new Date(1772446830500), 1772446830500, 1772446830, '2026-03-02T10:20:30.500Z'],
    ['yesterday', undefined, undefined, undefined],
    ['', undefined, undefined, undefined],
    [undefined, undefined, undefined, undefined],
    [null, undefined, undefined, undefined],
    [true, undefined, undefined, undefined],
    [[1], undefined, undefined, undefined],
    [1e300, undefined, undefined, undefined],
    [Number.NaN, undefined, undefined, undefined],
    [new Date(Number.NaN), undefined, undefined, undefined],
  ])('of %s', (time, milliseconds, seconds, iso) => {
    expect([run('epochMilliseconds', time), run('epochSeconds', time), run('isoTime', time)]).toEqual([
      milliseconds,
      seconds,
      iso,
    ]);
  });
});

describe('hash', () => {
  const hmac = (text: string | Uint8Array): string => createHmac('sha256', 'k').update(text).digest('hex');

  test.each<[value: unknown, text: string]>([
    ['ana', 'ana'],
    [5, '5'],
    [12345678901234567890n, '12345678901234567890'],
    [0, '0'],
    [false, 'false'],
    [['a'], '["a"]'],
    ['Größe', 'Größe'],
    [new TextEncoder().encode('Größe'), 'Größe'],
  ])('of %s is that of its text', (value, text) => {
    expect(run('hash', value, 'k')).toBe(hmac(text));
  });
  test.each([[undefined], [null], [''], [[]], [{}]])(
    'of %s is no value: it would tell that there was none',
    (value) => {
      expect(run('hash', value, 'k')).toBeUndefined();
    },
  );
  test('takes its secret from the environment or a file', () => {
    expect(findingsOf("{ call: hash, args: [$a, '${KEY}'] }", { KEY: 'k' })).toEqual([]);
    expect(findingsOf("{ call: hash, args: [$a, '${file:/key}'] }")).toEqual([]);
  });
  test.each([
    'secret',
    "'x${KEY}'",
    "'${KEY}x'",
    "'${}'",
    '5',
    '$key',
    '[a]',
    "{ call: lower, args: ['${KEY}'] }",
  ])('and never from the mapping file: %s', (written) => {
    expect(findingsOf(`{ call: hash, args: [$a, ${written}] }`, { KEY: 'k' })).toEqual([
      'error M020: a secret does not stand in a mapping file',
    ]);
  });
  test('a secret that is not there is an error', () => {
    expect(findingsOf("{ call: hash, args: [$a, '${KEY}'] }")).toEqual([
      'error M015: the environment has no KEY',
    ]);
    expect(findingsOf("{ call: hash, args: [$a, '${file:/none}'] }")).toEqual([
      "error M015: the file /none can't be read",
    ]);
  });
});

describe('the number of arguments', () => {
  test.each([
    ['{ call: lower }', 'lower(text) takes 1 argument, not 0'],
    ['{ call: lower, args: [] }', 'lower(text) takes 1 argument, not 0'],
    ['{ call: truncate, args: [$a] }', 'truncate(text, length) takes 2 arguments, not 1'],
    ['{ call: bool, args: [] }', 'bool(value, [whenTrue], [whenFalse]) takes 1 to 3 arguments, not 0'],
    [
      '{ call: bool, args: [$a, b, c, d] }',
      'bool(value, [whenTrue], [whenFalse]) takes 1 to 3 arguments, not 4',
    ],
    ['{ call: format, args: [] }', 'format(template, ...values) takes 1 or more arguments, not 0'],
  ])('of %s', (value, message) => {
    expect(findingsOf(value)).toEqual([`error M012: ${message}`]);
  });
  test.each([
    '{ call: bool, args: [$a] }',
    '{ call: bool, args: [$a, yes, no] }',
    "{ call: format, args: ['{0}'] }",
    "{ call: format, args: ['{0}{1}{2}{3}', $a, $b, $c, $d] }",
  ])('%s is right', (value) => {
    expect(findingsOf(value)).toEqual([]);
  });
});
