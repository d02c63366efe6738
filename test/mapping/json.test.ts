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

describe('however deep it is', () => {
  const nested = (levels: number, inside = '9007199254740993'): string =>
    `${'['.repeat(levels)}${inside}${']'.repeat(levels)}`;
  const innermost = (value: unknown): unknown => {
    let at = value;
    while (Array.isArray(at)) [at] = at;
    return at;
  };

  // How deep a function can call itself changes while it is compiled: the first time is not like the tenth.
  test.each([5000, 9000, 20_000, 100_000])('%d levels are read, the first time as the last', (levels) => {
    for (let time = 0; time < 3; time++)
      expect(innermost(parseJson(nested(levels)))).toBe(9_007_199_254_740_992);
  });
  test('a number keeps its digits in what a record may have', () => {
    expect(innermost(parseJson(nested(1000)))).toBe(9007199254740993n);
    const brackets = `{"text":"${'[{'.repeat(5000)}\\"[","id":9007199254740993}`;
    expect(parseJson(brackets)).toMatchObject({ id: 9007199254740993n });
  });
  test.each([5000, 100_000])('%d levels without an end have the same reason each time', (levels) => {
    for (let time = 0; time < 3; time++)
      expect(describeJsonError('['.repeat(levels))).toEqual({
        offset: 0,
        reason: 'not JSON, and nested too deeply to say where',
      });
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
