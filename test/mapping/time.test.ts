import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseTime } from '../../plugin/mapping/time.ts';

describe('a time is read as epoch seconds or milliseconds, or as ISO 8601', () => {
  test.each<[value: unknown, time: string]>([
    [1772438437, '2026-03-02T08:00:37.000Z'],
    [1772438437.5, '2026-03-02T08:00:37.500Z'],
    [1772438437123, '2026-03-02T08:00:37.123Z'],
    [1772438437123.6, '2026-03-02T08:00:37.124Z'],
    [1772438437n, '2026-03-02T08:00:37.000Z'],
    ['1772438437', '2026-03-02T08:00:37.000Z'],
    ['1772438437.25', '2026-03-02T08:00:37.250Z'],
    [' 1772438437123 ', '2026-03-02T08:00:37.123Z'],
    [0, '1970-01-01T00:00:00.000Z'],
    [-1, '1969-12-31T23:59:59.000Z'],
    ['2026-03-02T08:00:37Z', '2026-03-02T08:00:37.000Z'],
    ['2026-03-02T08:00:37.123Z', '2026-03-02T08:00:37.123Z'],
    ['2026-03-02T08:00:37.123456789Z', '2026-03-02T08:00:37.123Z'],
    ['2026-03-02T08:00:37,5Z', '2026-03-02T08:00:37.500Z'],
    ['2026-03-02t08:00:37z', '2026-03-02T08:00:37.000Z'],
    ['2026-03-02 08:00:37', '2026-03-02T08:00:37.000Z'],
    ['2026-03-02 08:00', '2026-03-02T08:00:00.000Z'],
    ['2026-03-02', '2026-03-02T00:00:00.000Z'],
    ['2026-03-02T10:00:37+02:00', '2026-03-02T08:00:37.000Z'],
    ['2026-03-02T10:00:37+0200', '2026-03-02T08:00:37.000Z'],
    ['2026-03-02T10:00:37+02', '2026-03-02T08:00:37.000Z'],
    ['2026-03-02 03:00:37 -05:00', '2026-03-02T08:00:37.000Z'],
    ['2028-02-29T00:00:00Z', '2028-02-29T00:00:00.000Z'],
    [new Date(1772438437123), '2026-03-02T08:00:37.123Z'],
  ])('%s is %s', (value, time) => {
    const milliseconds = parseTime(value);
    expect(milliseconds).toBeTypeOf('number');
    expect(new Date(milliseconds!).toISOString()).toBe(time);
  });
});

test('the usual form is read as the others are', () => {
  const digits = (count: number, most: number): fc.Arbitrary<string> =>
    fc.nat(most).map((number) => String(number).padStart(count, '0'));
  const parts = [
    digits(4, 9999),
    digits(2, 13),
    digits(2, 32),
    digits(2, 25),
    digits(2, 61),
    digits(2, 61),
  ] as const;
  fc.assert(
    fc.property(
      fc.tuple(...parts),
      fc.constantFrom('', '.000', '.007', '.999'),
      ([year, month, day, ...clock], rest) => {
        const text = `${year}-${month}-${day}T${clock.join(':')}${rest}`;
        expect(parseTime(`${text}Z`)).toBe(parseTime(`${text}+00:00`));
      },
    ),
    { numRuns: 3000 },
  );
});

describe('what is no time gives none, and never a guess', () => {
  test.each<[value: unknown]>([
    [undefined],
    [null],
    [''],
    [' '],
    [true],
    [{}],
    [[1772438437]],
    [Number.NaN],
    [Number.POSITIVE_INFINITY],
    [1e300],
    [2n ** 80n],
    [1772438437123456],
    [253402300800000],
    [-62135596800001],
    [new Date(Number.NaN)],
    ['now'],
    ['NaN'],
    ['1e9'],
    ['0x10'],
    ['1772438437abc'],
    ['9'.repeat(400)],
    ['02/03/2026'],
    ['Mar 02 2026 08:00:37'],
    ['2026-13-01'],
    ['2026-03-32'],
    ['2026-02-30'],
    ['2026-03-02T25:00:00Z'],
    ['2026-03-02T08:60:00Z'],
    ['2026-03-02T'],
    ['2026-03-02Z'],
    ['2026-03-02T08:00:37Europe/Berlin'],
  ])('%s', (value) => {
    expect(parseTime(value)).toBeUndefined();
  });
});
