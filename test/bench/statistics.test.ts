import { describe, expect, test } from 'vitest';
import { changeOf, quantile, spread, summarise } from './statistics.ts';

test('a sample is its median, lowest and highest, in whatever order the runs were', () => {
  expect(summarise([5, 1, 3])).toEqual({ median: 3, low: 1, high: 5 });
  expect(summarise([4, 2])).toEqual({ median: 3, low: 2, high: 4 });
  expect(() => summarise([])).toThrow(RangeError);
});

test('a quantile lies between its neighbours', () => {
  expect(quantile([10, 20, 30, 40, 50], 0.99)).toBeCloseTo(49.6);
  expect(quantile([10], 0.99)).toBe(10);
  expect(quantile([1, 2, 3], 1)).toBe(3);
});

test('spread is a share of the median', () => {
  expect(spread({ median: 10, low: 9, high: 12 })).toBeCloseTo(0.3);
});

describe('a change', () => {
  const before = { median: 10, low: 9, high: 11 };

  test('lies beyond the spread when the two ranges are apart', () => {
    expect(changeOf(before, { median: 8, low: 7.5, high: 8.9 })).toEqual({
      share: expect.closeTo(-0.2),
      isBeyondSpread: true,
    });
    expect(changeOf(before, { median: 12, low: 11.1, high: 13 }).isBeyondSpread).toBe(true);
  });

  test('lies within it when they overlap, however far apart the medians are', () => {
    expect(changeOf(before, { median: 15, low: 11, high: 20 }).isBeyondSpread).toBe(false);
    expect(changeOf(before, before)).toEqual({ share: 0, isBeyondSpread: false });
  });
});
