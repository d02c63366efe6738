import { expect, test } from 'vitest';
import { isEmpty } from '../../plugin/mapping/empty.ts';

test.each([[undefined], [null], [''], [[]], [{}], [Buffer.alloc(0)], [Object.create(null)]])(
  '%s is empty',
  (value) => {
    expect(isEmpty(value)).toBe(true);
  },
);

test.each([
  [0],
  [0n],
  ['0'],
  [false],
  [' '],
  [Number.NaN],
  [[null]],
  [{ a: null }],
  [new Date(Number.NaN)],
  [Buffer.from('x')],
  [JSON.parse('{"__proto__":null}')],
])('%s is a value', (value) => {
  expect(isEmpty(value)).toBe(false);
});
