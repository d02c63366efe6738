import { describe, expect, test } from 'vitest';
import { describeJsonError, parseJson, toJsonText } from '../../plugin/mapping/json.ts';

describe('JSON is read without rounding', () => {
  test.each([
    ['1', 1],
    ['9007199254740991', 9007199254740991],
    ['9007199254740993', 9007199254740993n],
    ['-1234567890123456789', -1234567890123456789n],
    ['0.1234567890123456789', 0.12345678901234568],
    ['1e20', 1e20],
    ['"9007199254740993"', '9007199254740993'],
    ['{"a":[9007199254740993,{"b":null}]}', { a: [9007199254740993n, { b: null }] }],
    ['{"a":1,"a":2}', { a: 2 }],
    ['{"a":1,"a":9007199254740993}', { a: 9007199254740993n }],
  ])('%s', (text, value) => {
    expect(parseJson(text)).toEqual(value);
  });

  test.each(['{"__proto__":{"admin":1}}', '{"__proto__":{"admin":1},"id":9007199254740993}'])(
    '__proto__ is a key like any other: %s',
    (text) => {
      const value = parseJson(text) as Record<string, unknown>;
      expect(Object.hasOwn(value, '__proto__')).toBe(true);
      expect(value.admin).toBeUndefined();
    },
  );

  test.each(['', '{', '{"a":}', '[1234567890123456789', 'nope'])('%j is none', (text) => {
    expect(() => parseJson(text)).toThrow(SyntaxError);
  });
});

test.each([
  ['{"a":1,}', 7],
  ['{"a"', 4],
  ['', 0],
])('the place where %j stops being JSON is %d', (text, offset) => {
  expect(describeJsonError(text).offset).toBe(offset);
});

describe('JSON text', () => {
  test.each([
    [{ a: 1, b: [true, null, 'x'] }, '{"a":1,"b":[true,null,"x"]}'],
    [{ id: 9007199254740993n }, '{"id":9007199254740993}'],
    [
      { id: 1n, at: new Date(0), none: undefined, bad: Number.NaN },
      '{"id":1,"at":"1970-01-01T00:00:00.000Z","bad":null}',
    ],
    [{ toJSON: 'a key', id: 1n }, '{"toJSON":"a key","id":1}'],
    [JSON.parse('{"__proto__":1}'), '{"__proto__":1}'],
  ])('%s', (value, text) => {
    expect(toJsonText(value)).toBe(text);
  });
});
