import { expect, test } from 'vitest';
import { readIsoTime } from './iso-time.ts';

test.each([
  ['2026-03-02T08:00:00Z', 1772438400000],
  ['2026-03-02T08:00:00.125Z', 1772438400125],
  ['2026-03-02 08:00:00.125456789Z', 1772438400125],
  ['2026-03-02T09:00:00+01:00', 1772438400000],
  ['2026-03-01T18:00:00-14:00', 1772438400000],
])('%s is a time', (text, time) => {
  expect(readIsoTime(text)).toBe(time);
});

test('a time without a zone is one only where it may be', () => {
  expect(readIsoTime('2026-03-02T08:00:00')).toBeUndefined();
  expect(readIsoTime('2026-03-02T08:00:00', 'optional')).toBe(1772438400000);
});

test.each([
  '2026-03-02',
  '2026-03-02T08:00Z',
  '2026-02-30T08:00:00Z',
  '2026-13-02T08:00:00Z',
  '2026-03-02T24:00:00Z',
  '2026-03-02T08:60:00Z',
  '2026-03-02T08:00:60Z',
  '2026-03-02T08:00:00+0100',
  '2026-03-02T08:00:00+15:00',
  '2026-03-02T08:00:00z',
  ' 2026-03-02T08:00:00Z',
  '1772438400000',
  1772438400000,
  null,
  undefined,
])('%s is none', (text) => {
  expect(readIsoTime(text, 'optional')).toBeUndefined();
});
