import { describe, expect, test } from 'vitest';
import { noProblems } from '../../plugin/compile/event.ts';
import { compileValue } from '../../plugin/compile/value.ts';
import { parseText } from '../../plugin/mapping/expression.ts';
import type { MappingFunction } from '../../plugin/mapping/functions/types.ts';
import type { Value } from '../../plugin/mapping/model.ts';

const evaluate = (text: string, record: Record<string, unknown>): unknown =>
  compileValue(parseText(text))(record, noProblems());

test.each<[text: string, record: Record<string, unknown>, value: unknown]>([
  ['login', {}, 'login'],
  ['\\$a', { a: 1 }, '$a'],
  ['$a', { a: 1 }, 1],
  ['$a', {}, undefined],
  ['$a > $b', { a: '', b: 'x' }, 'x'],
  ['$a > $b', { a: null, b: 'x' }, 'x'],
  ['$a > $b', { a: [], b: 'x' }, 'x'],
  ['$a > $b', { a: {}, b: 'x' }, 'x'],
  ['$a > $b', { a: 0, b: 'x' }, 0],
  ['$a > $b', { a: '0', b: 'x' }, '0'],
  ['$a > $b', { a: false, b: 'x' }, false],
  ['$a > $b', { a: ' ', b: 'x' }, ' '],
  ['$a.c > $b', { a: { c: '' }, b: 'x' }, 'x'],
  ["$a > 'none'", {}, 'none'],
  ["$a > 'none'", { a: 'x' }, 'x'],
  ["$a > '' > $b", { b: 'x' }, 'x'],
  ['$a > $b', {}, undefined],
])('%s of %j is %j', (text, record, value) => {
  expect(evaluate(text, record)).toBe(value);
});

describe('a function call', () => {
  const call = (run: MappingFunction['call'], ...args: Value[]): Value => ({
    kind: 'call',
    function: { name: 'f', description: '', parameters: [], example: { args: [], result: '' }, call: run },
    args,
  });

  test('gets the values of its arguments', () => {
    const join = call(
      (...args) => args.join('-'),
      parseText('$a'),
      parseText("$b > 'none'"),
      parseText('text'),
    );
    expect(compileValue(join)({ a: 1 }, noProblems())).toBe('1-none-text');
  });
  test('gives no value when it throws, and is counted', () => {
    const problems = noProblems();
    const broken = call(() => {
      throw new Error('broken');
    });
    expect(compileValue(broken)({}, problems)).toBeUndefined();
    expect(problems.failedValues).toBe(1);
  });
});
