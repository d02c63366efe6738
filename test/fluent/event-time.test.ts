import fc from 'fast-check';
import { describe, expect, test, vi } from 'vitest';
import {
  fromMilliseconds,
  isGroupMark,
  readEventTime,
  toMilliseconds,
  writeEventTime,
} from '../../plugin/fluent/event-time.ts';
import { eventTime, time } from './samples.ts';

// Properties are tried with hundreds of values: a busy machine takes its time.
vi.setConfig({ testTimeout: 60_000 });

/** Reads a time given as hex. */
const read = (hex: string) => readEventTime(Buffer.from(hex.replaceAll(' ', ''), 'hex'), 0);

describe('a time is read from', () => {
  test.each([
    ['EventTime as fixext 8', 'd7 00 69a543a5 075bcd15', time],
    ['EventTime as ext 8', 'c7 08 00 69a543a5 075bcd15', time],
    ['a fixint', '7f', { seconds: 127, nanoseconds: 0 }],
    ['a uint 8', 'cc ff', { seconds: 255, nanoseconds: 0 }],
    ['a uint 16', 'cd ffff', { seconds: 65535, nanoseconds: 0 }],
    ['a uint 32', 'ce 69a543a5', { seconds: time.seconds, nanoseconds: 0 }],
    ['a uint 64', 'cf 00000000 69a543a5', { seconds: time.seconds, nanoseconds: 0 }],
    ['an int 8', 'd0 05', { seconds: 5, nanoseconds: 0 }],
    ['an int 16', 'd1 0005', { seconds: 5, nanoseconds: 0 }],
    ['an int 32', 'd2 69a543a5', { seconds: time.seconds, nanoseconds: 0 }],
    ['an int 64', 'd3 00000000 69a543a5', { seconds: time.seconds, nanoseconds: 0 }],
    ['a float 32', 'ca 3fc00000', { seconds: 1, nanoseconds: 500_000_000 }],
    ['a float 64, in microseconds', 'cb 41da6950e947e6b4', { seconds: 1772438437, nanoseconds: 123_456_000 }],
  ])('%s', (_form, hex, expected) => {
    expect(read(hex)).toEqual(expected);
  });
});

describe('no time is', () => {
  test.each([
    ['a negative integer', 'ff'],
    ['a negative int 64', 'd3 ffffffff ffffffff'],
    ['more seconds than 32 bits hold', 'cf 00000001 00000000'],
    ['NaN', 'cb 7ff80000 00000000'],
    ['infinity', 'cb 7ff00000 00000000'],
    ['an ext of another type', 'd7 01 69a543a5 075bcd15'],
    ['EventTime of another length', 'd6 00 69a543a5'],
    ['a text', 'a1 31'],
    ['nil', 'c0'],
  ])('%s', (_what, hex) => {
    expect(read(hex)).toBeUndefined();
  });
});

test('a float is never rounded up to a second more', () => {
  const bytes = Buffer.alloc(9, 0xcb);
  bytes.writeDoubleBE(1.9999999, 1);
  expect(readEventTime(bytes, 0)).toEqual({ seconds: 1, nanoseconds: 999_999_000 });
});

test('a time is written in its fixext 8 form', () => {
  const bytes = Buffer.alloc(12, 0xaa);
  writeEventTime(time, new DataView(bytes.buffer, bytes.byteOffset), 1);
  expect(bytes).toEqual(Buffer.concat([Buffer.of(0xaa), eventTime, Buffer.of(0xaa)]));
});

test('what is written is read again', () => {
  const part = fc.integer({ min: 0, max: 0xffffffff });
  fc.assert(
    fc.property(part, part, (seconds, nanoseconds) => {
      const bytes = Buffer.alloc(10);
      writeEventTime({ seconds, nanoseconds }, new DataView(bytes.buffer), 0);
      expect(readEventTime(bytes, 0)).toEqual({ seconds, nanoseconds });
    }),
  );
});

test('milliseconds are rounded down', () => {
  expect(toMilliseconds({ seconds: 1772438437, nanoseconds: 123_999_999 })).toBe(1772438437123);
});

test('milliseconds become a time and the same milliseconds again', () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 0xffffffff * 1000 }), (milliseconds) => {
      expect(toMilliseconds(fromMilliseconds(milliseconds))).toBe(milliseconds);
    }),
  );
});

test('before 1970 there is no time: it becomes the first moment', () => {
  expect(fromMilliseconds(-1)).toEqual({ seconds: 0, nanoseconds: 0 });
});

test('2^32 - 1 and 2^32 - 2 seconds are marks of a group', () => {
  expect(
    [0xffffffff, 0xfffffffe, 0xfffffffd].map((seconds) => isGroupMark({ seconds, nanoseconds: 0 })),
  ).toEqual([true, true, false]);
});
