import { describe, expect, test } from 'vitest';
import { cefSeverity } from '../../plugin/format/severity.ts';

/** The severity, and how often it was clamped. */
function severity(value: unknown): [text: string, clamped: number] {
  let clamped = 0;
  const text = cefSeverity(value, () => {
    clamped++;
  });
  return [text, clamped];
}

describe('a number from 0 to 10 stays, as number or text', () => {
  test.each<[value: unknown, text: string]>([
    [0, '0'],
    [10, '10'],
    [7n, '7'],
    ['5', '5'],
    [' 5 ', '5'],
    ['05', '5'],
    [6.5, '7'],
    [-0, '0'],
    [-0.4, '0'],
    [10.4, '10'],
  ])('%s is %s', (value, text) => {
    expect(severity(value)).toEqual([text, 0]);
  });
});

describe('a word of CEF stays, in its own spelling', () => {
  test.each([
    ['High', 'High'],
    ['very-high', 'Very-High'],
    ['UNKNOWN', 'Unknown'],
    [' low ', 'Low'],
  ])('%s is %s', (value, text) => {
    expect(severity(value)).toEqual([text, 0]);
  });
});

describe('a number outside the range is clamped and counted', () => {
  test.each<[value: unknown, text: string]>([
    [11, '10'],
    ['100', '10'],
    [-1, '0'],
    [10.5, '10'],
    [1e300, '10'],
    [-(2n ** 80n), '0'],
    [Number.POSITIVE_INFINITY, '10'],
  ])('%s is %s', (value, text) => {
    expect(severity(value)).toEqual([text, 1]);
  });
});

describe('anything else counts as 0', () => {
  test.each([
    [undefined],
    [null],
    [''],
    [' '],
    ['severe'],
    ['very high'],
    [true],
    [{}],
    [[5]],
    [Number.NaN],
    ['5|'],
  ])('%s', (value) => {
    expect(severity(value)).toEqual(['0', 0]);
  });
});
