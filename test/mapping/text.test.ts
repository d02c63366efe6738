import { expect, test } from 'vitest';
import { toText } from '../../plugin/mapping/text.ts';

/** Lists in lists, so many. */
const nested = (depth: number): unknown => JSON.parse(`${'['.repeat(depth)}${']'.repeat(depth)}`);

test.each<[value: unknown, text: string | undefined]>([
  ['text', 'text'],
  ['', ''],
  [5, '5'],
  [1.5, '1.5'],
  [1e21, '1e+21'],
  [9007199254740993n, '9007199254740993'],
  [false, 'false'],
  [Number.NaN, 'NaN'],
  [null, ''],
  [undefined, undefined],
  [{ a: [1, 'x', null] }, '{"a":[1,"x",null]}'],
  [{ id: 9007199254740993n }, '{"id":9007199254740993}'],
  [[], '[]'],
  [new Date(0), '1970-01-01T00:00:00.000Z'],
  [new Date(Number.NaN), undefined],
  [Buffer.from('bytes ü'), 'bytes ü'],
  [new Uint8Array([104, 105]), 'hi'],
  [{ raw: Buffer.from('bytes ü') }, '{"raw":"bytes ü"}'],
  [{ toJSON: 'a key' }, '{"toJSON":"a key"}'],
  [{ constructor: 1, hasOwnProperty: 2 }, '{"constructor":1,"hasOwnProperty":2}'],
])('%s has the text %j', (value, text) => {
  expect(toText(value)).toBe(text);
});

test('nesting beyond the stack has no text where Node.js runs out of it (before 26), and does not throw', () => {
  const textOf = (depth: number): string => '['.repeat(depth) + ']'.repeat(depth);
  expect(toText(nested(1000))).toBe(textOf(1000));
  const deep = toText(nested(200_000));
  expect(deep === undefined || deep === textOf(200_000)).toBe(true);
});
