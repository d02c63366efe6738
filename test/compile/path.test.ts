import { describe, expect, test } from 'vitest';
import { compilePath } from '../../plugin/compile/path.ts';
import { parseProperty } from '../../plugin/mapping/expression.ts';

const at = (path: string, record: Record<string, unknown>): unknown =>
  compilePath(parseProperty(path))(record);

test.each<[path: string, record: Record<string, unknown>, value: unknown]>([
  ['$a', { a: 1 }, 1],
  ['$a', { a: '{"b":1}' }, '{"b":1}'],
  ['$a.b.c', { a: { b: { c: null } } }, null],
  ['$a.0', { a: ['x', 'y'] }, 'x'],
  ['$a[1].b', { a: [0, { b: 2 }] }, 2],
  ["$['a.b']", { 'a.b': 3, a: { b: 4 } }, 3],
  ["$a['odd key']", { a: { 'odd key': 5 } }, 5],
  ["$a['']", { a: { '': 6 } }, 6],
])('%s of %j is %j', (path, record, value) => {
  expect(at(path, record)).toBe(value);
});

test.each<[path: string, record: Record<string, unknown>]>([
  ['$b', { a: 1 }],
  ['$a.b', { a: null }],
  ['$a.b', { a: 5 }],
  ['$a.b', { a: false }],
  ['$a.b.c', { a: { b: undefined } }],
  ['$a.2', { a: ['x', 'y'] }],
  ['$a.-1', { a: ['x'] }],
  ['$a.0', { a: 'text' }],
  ['$a.0', { a: Buffer.from('bytes') }],
])('%s of %j is nothing', (path, record) => {
  expect(at(path, record)).toBeUndefined();
});

describe('text that holds JSON is opened when the path goes into it', () => {
  test.each<[path: string, a: string, value: unknown]>([
    ['$a.b', '{"b":"x"}', 'x'],
    ['$a.1', '["x","y"]', 'y'],
    ['$a.b', ' \n{"b":1}', 1],
    ['$a.b.c', '{"b":"{\\"c\\":2}"}', 2],
    ['$a.id', '{"id":9007199254740993}', 9007199254740993n],
    ['$a.__proto__', '{"__proto__":1}', 1],
  ])('%s of %j', (path, a, value) => {
    expect(at(path, { a })).toBe(value);
  });
  test.each(['', '{', '{b:1}', '{"b":1} x', '"b"', '5', 'null', '[1', `${'['.repeat(100_000)}`])(
    'not %j',
    (a) => {
      expect(at('$a.b', { a })).toBeUndefined();
    },
  );
  test('own properties of it only', () => {
    expect(at('$a.constructor', { a: '{}' })).toBeUndefined();
    expect(at('$a.length', { a: '[1]' })).toBeUndefined();
    expect(at('$a.admin', { a: '{"__proto__":{"admin":1}}' })).toBeUndefined();
    expect(at('$a.admin', { a: '{"__proto__":{"admin":1},"id":9007199254740993}' })).toBeUndefined();
  });
});

describe('own properties only, never the prototype', () => {
  test.each(['__proto__', 'constructor', 'hasOwnProperty', 'toString', 'length'])('%s', (key) => {
    expect(at(key, {})).toBeUndefined();
    expect(at(`a.${key}`, { a: {} })).toBeUndefined();
    expect(at(`a.${key}`, { a: ['x'] })).toBeUndefined();
    expect(at(`a.${key}`, { a: 'text' })).toBeUndefined();
    expect(at(`a.${key}.name`, { a: 5 })).toBeUndefined();
  });
  test.each(['__proto__', 'constructor', 'hasOwnProperty', 'length'])(
    'unless the record has a %s of its own',
    (key) => {
      expect(at(key, JSON.parse(`{"${key}":"own"}`))).toBe('own');
      expect(at(`a.${key}`, JSON.parse(`{"a":{"${key}":"own"}}`))).toBe('own');
    },
  );
});
