import { describe, expect, test } from 'vitest';
import { builtInFunctions } from '../../../plugin/mapping/functions/index.ts';

/** Calls a built-in function. */
const run = (name: string, ...args: unknown[]): unknown => builtInFunctions.get(name)!.call(...args);

const bytes = new TextEncoder().encode('Größe');

describe('lower and upper', () => {
  test.each<[value: unknown, lower: unknown, upper: unknown]>([
    ['MiXed', 'mixed', 'MIXED'],
    ['ÄÖÜ é', 'äöü é', 'ÄÖÜ É'],
    ['', '', ''],
    [12, '12', '12'],
    [12345678901234567890n, '12345678901234567890', '12345678901234567890'],
    [true, 'true', 'TRUE'],
    [['A', 'b'], '["a","b"]', '["A","B"]'],
    [{ K: 'V' }, '{"k":"v"}', '{"K":"V"}'],
    [bytes, 'größe', 'GRÖSSE'],
    [undefined, undefined, undefined],
    [null, '', ''],
  ])('of %s', (value, lower, upper) => {
    expect([run('lower', value), run('upper', value)]).toEqual([lower, upper]);
  });
});

describe('join', () => {
  test.each<[list: unknown, separator: unknown, result: unknown]>([
    [['a', 'b'], ', ', 'a, b'],
    [['a', '', null, undefined, [], 'b'], ',', 'a,b'],
    [[0, false, 12345678901234567890n], ' ', '0 false 12345678901234567890'],
    [[{ k: 1 }, ['x', 'y']], ';', '{"k":1};["x","y"]'],
    [['a'], ',', 'a'],
    [[], ',', ''],
    ['a,b', '; ', 'a,b'],
    [5, ',', '5'],
    [{ k: 1 }, ',', '{"k":1}'],
    [undefined, ',', ''],
    [null, ',', ''],
    [['a', 'b'], '', 'ab'],
    [['a', 'b'], 0, 'a0b'],
  ])('%s with %s', (list, separator, result) => {
    expect(run('join', list, separator)).toBe(result);
  });
});

describe('format', () => {
  test.each<[args: unknown[], result: unknown]>([
    [['{0} by {1}', 'upload', 'ana'], 'upload by ana'],
    [['{1}{0}{1}', 'a', 'b'], 'bab'],
    [['{0} by {1}', 'upload', undefined], 'upload by '],
    [['{0} by {1}', 0, false], '0 by false'],
    [['{0} by {1}', '', null], undefined],
    [['{0}', undefined], undefined],
    [['{0}{7}', 'a'], 'a'],
    [['{x} {} {-1} {0}', 'a'], '{x} {} {-1} a'],
    [['{0}', '{1}', 'b'], '{1}'],
    [['{0}', '$& $1'], '$& $1'],
    [['{0}', ['x']], '["x"]'],
    [['{0}', 12345678901234567890n], '12345678901234567890'],
    [['no place', 'a'], 'no place'],
    [['only a text'], 'only a text'],
    [[undefined, 'a'], undefined],
  ])('%s', (args, result) => {
    expect(run('format', ...args)).toBe(result);
  });
});

describe('basename and dirname', () => {
  test.each<[path: unknown, base: unknown, dir: unknown]>([
    ['/john/docs/report.pdf', 'report.pdf', '/john/docs'],
    ['C:\\Users\\ana\\a.txt', 'a.txt', 'C:\\Users\\ana'],
    ['\\\\server\\share/mixed\\a.txt', 'a.txt', '\\\\server\\share/mixed'],
    ['/john/docs/', 'docs', '/john'],
    ['/john/docs///', 'docs', '/john'],
    ['report.pdf', 'report.pdf', undefined],
    ['/report.pdf', 'report.pdf', ''],
    ['', '', undefined],
    ['/a/new\nline', 'new\nline', '/a'],
    [undefined, undefined, undefined],
    [5, '5', undefined],
  ])('of %s', (path, base, dir) => {
    expect([run('basename', path), run('dirname', path)]).toEqual([base, dir]);
  });
});

describe('truncate', () => {
  test.each<[text: unknown, length: unknown, result: unknown]>([
    ['report.pdf', 6, 'report'],
    ['report.pdf', '6', 'report'],
    ['report.pdf', 10, 'report.pdf'],
    ['report.pdf', 100, 'report.pdf'],
    ['report.pdf', 0, ''],
    ['a😀b', 2, 'a😀'],
    ['😀😀😀', 2, '😀😀'],
    ['😀😀😀', 1, '😀'],
    ['a😀', 3, 'a😀'],
    ['abc', 'many', undefined],
    ['abc', undefined, undefined],
    [undefined, 3, undefined],
    [12345678901234567890n, 3, '123'],
    [['abc'], 3, '["a'],
    [bytes, 3, 'Grö'],
  ])('%s to %s', (text, length, result) => {
    expect(run('truncate', text, length)).toBe(result);
  });

  test.each([-1, 2.5])('to %d never gives more than was asked for, and never throws', (length) => {
    expect(String(run('truncate', 'abcdef', length)).length).toBeLessThanOrEqual(Math.max(0, length));
  });

  test('a character is never cut in two, wherever the cut is', () => {
    const text = 'a😀é漢😀'.repeat(50);
    for (let length = 0; length < 260; length++) {
      expect(String(run('truncate', text, length))).not.toMatch(/[\ud800-\udbff](?![\udc00-\udfff])/);
    }
  });
});
