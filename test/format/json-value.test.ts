import { describe, expect, test } from 'vitest';
import { noProblems } from '../../plugin/compile/event.ts';
import { mappedFields, toJsonValue } from '../../plugin/format/json-value.ts';
import { eventOf } from '../helpers.ts';
import { packAndUnpack } from './unpack-event.ts';

/** Objects in objects, so many. */
const nested = (depth: number): unknown => (depth === 0 ? 'end' : { a: nested(depth - 1) });

describe('a decoded value becomes one that every JSON reader takes', () => {
  test.each<[what: string, value: unknown, expected: unknown]>([
    ['text', 'a', 'a'],
    ['text with a lone surrogate', 'a\ud800', 'a\ufffd'],
    ['a number', 1.5, 1.5],
    ['a bigint', 9007199254740993n, 9007199254740993n],
    ['NaN', Number.NaN, 'NaN'],
    ['infinity', Number.NEGATIVE_INFINITY, '-Infinity'],
    ['a truth value', false, false],
    ['null', null, null],
    ['nothing', undefined, null],
    ['a date', new Date(0), '1970-01-01T00:00:00.000Z'],
    ['bytes', Buffer.from('ü'), 'ü'],
    ['bytes that are no UTF-8', Buffer.of(0xff), '\ufffd'],
    ['an object', { a: { b: Buffer.from('x') } }, { a: { b: 'x' } }],
    ['a list', [1, [new Date(0)]], [1, ['1970-01-01T00:00:00.000Z']]],
    ['a key with a lone surrogate', { 'k\udc00': 1 }, { 'k\ufffd': 1 }],
    ['nesting 100 deep', nested(100), nested(100)],
  ])('%s', (_, value, expected) => {
    expect(toJsonValue(value)).toStrictEqual(expected);
  });

  test.each<[what: string, value: unknown]>([
    ['nesting 101 deep', nested(101)],
    ['nesting 5,000 deep', nested(5000)],
    ['an invalid date', new Date(Number.NaN)],
    ['an invalid date in a list', [new Date(Number.NaN)]],
  ])('%s has none', (_, value) => {
    expect(toJsonValue(value)).toBeUndefined();
  });

  test('keys that mean something to JavaScript are keys like any other', () => {
    const value = toJsonValue(JSON.parse('{"__proto__":{"a":1},"constructor":2,"toJSON":3}'));
    expect(Object.keys(value as object)).toEqual(['__proto__', 'constructor', 'toJSON']);
    expect((value as { a?: number }).a).toBeUndefined();
  });
});

describe('an integer reaches Fluent Bit as an integer', () => {
  test.each<[value: number | bigint]>([
    [0],
    [-1],
    [255],
    [2 ** 31],
    [-(2 ** 31)],
    [-(2 ** 31) - 1],
    [-3_000_000_000],
    [2 ** 32 - 1],
    [-(2 ** 32) + 1],
    [2 ** 32],
    [-(2 ** 32)],
    [1772438437123],
    [-1772438437123],
    [Number.MAX_SAFE_INTEGER],
    [Number.MIN_SAFE_INTEGER],
    [9007199254740993n],
    [2n ** 63n - 1n],
    [-(2n ** 63n)],
    [2n ** 64n - 1n],
  ])('%s', (value) => {
    const { n, list } = Object.fromEntries(
      packAndUnpack(
        mappedFields(
          event([
            ['n', value],
            ['list', [value]],
          ]),
          noProblems(),
        ),
      ),
    ) as { n: number | bigint; list: (number | bigint)[] };
    const small =
      BigInt.asIntN(32, BigInt(value)) === BigInt(value) ||
      BigInt.asUintN(32, BigInt(value)) === BigInt(value);
    expect(n).toBe(small ? Number(value) : BigInt(value));
    expect(list).toEqual([n]);
  });
  test('beyond 64 bits it is text, for msgpack has no form for it', () => {
    const fields = mappedFields(event([['n', 2n ** 64n]]), noProblems());
    expect(packAndUnpack(fields).get('n')).toBe('18446744073709551616');
  });
  test('a fraction stays a fraction', () => {
    const fields = mappedFields(event([['n', 1.5]]), noProblems());
    expect(packAndUnpack(fields).get('n')).toBe(1.5);
  });
});

describe('the fields of an event', () => {
  test('are the three that every event has, then the extension in its order', () => {
    const fields = mappedFields(
      event([
        ['b', 1],
        ['a', { c: 2 }],
      ]),
      noProblems(),
    );
    expect(Object.entries(fields)).toEqual([
      ['eventClass', 'c'],
      ['eventName', 'n'],
      ['severity', 3],
      ['b', 1],
      ['a', { c: 2 }],
    ]);
  });
  test('without the ones that have no value', () => {
    const bare = { ...event([]), eventClass: undefined, eventName: undefined, severity: undefined };
    expect(mappedFields(bare, noProblems())).toEqual({});
  });
  test('the extension may say one of the three anew', () => {
    expect(mappedFields(event([['severity', 'high']]), noProblems()).severity).toBe('high');
  });
  test('one that can not be said goes with its label, and is counted', () => {
    const problems = noProblems();
    const fields = mappedFields(
      event([
        ['cs1', nested(200)],
        ['cs1Label', 'Deep'],
        ['a', 1],
      ]),
      problems,
    );
    expect(fields).toEqual({ eventClass: 'c', eventName: 'n', severity: 3, a: 1 });
    expect(problems.failedValues).toBe(1);
  });
  test('__proto__ is a field like any other', () => {
    const fields = mappedFields(event([['__proto__', { admin: true }]]), noProblems());
    expect(Object.hasOwn(fields, '__proto__')).toBe(true);
    expect(fields.admin).toBeUndefined();
    expect(packAndUnpack(fields).get('__proto__')).toEqual(new Map([['admin', true]]));
  });
});

const event = (extension: [string, unknown][]) => eventOf({ severity: 3, extension });
