import { lengthOfText, startOfText } from './text';

/** No time, or one that is written otherwise. */
const unknown: f64 = -1;

/** The number that so many digits are; a large one where one of them is none. */
function digits(at: usize, count: u32): u32 {
  let number: u32 = 0;
  let isNumber = true;
  for (let index: u32 = 0; index < count; index++) {
    const digit = <u32>load<u8>(at + index) - 0x30;
    if (digit > 9) isNumber = false;
    number = number * 10 + digit;
  }
  return isNumber ? number : 0xffff;
}

/** Days from 1970-01-01 to a day of the calendar. */
function daysTo(year: u32, month: u32, day: u32): i32 {
  // A year that begins in March has the odd day at its end.
  const fromMarch = month > 2 ? month - 3 : month + 9;
  const own = month > 2 ? year : year - 1;
  const dayOfYear = (153 * fromMarch + 2) / 5 + day - 1;
  return <i32>(own * 365 + own / 4 - own / 100 + own / 400 + dayOfYear) - 719_468;
}

/**
 * The time that a text says in the form that most have, `2026-03-02T08:01:14.123Z` with or without a fraction, as
 * mapping/time.ts reads it first.
 *
 * @param at address of any value
 * @returns epoch milliseconds; -1 for anything else, which may be a time all the same
 */
export function isoTime(at: usize): f64 {
  const start = startOfText(at);
  const length = start === 0 ? 0 : lengthOfText(at);
  const hasFraction = length === 24;
  if (!hasFraction && length !== 20) return unknown;
  const isMarked =
    load<u8>(start + 4) === 0x2d &&
    load<u8>(start + 7) === 0x2d &&
    load<u8>(start + 10) === 0x54 &&
    load<u8>(start + 13) === 0x3a &&
    load<u8>(start + 16) === 0x3a &&
    load<u8>(start + length - 1) === 0x5a;
  if (!isMarked || (hasFraction && load<u8>(start + 19) !== 0x2e)) return unknown;
  const year = digits(start, 4);
  const month = digits(start + 5, 2);
  const day = digits(start + 8, 2);
  const hours = digits(start + 11, 2);
  const minutes = digits(start + 14, 2);
  const seconds = digits(start + 17, 2);
  const fraction = hasFraction ? digits(start + 20, 3) : 0;
  // Every month has 28 days; for more it takes a calendar.
  if (year < 1970 || year > 9999 || month < 1 || month > 12 || day < 1 || day > 28) return unknown;
  if (hours > 23 || minutes > 59 || seconds > 59 || fraction > 999) return unknown;
  const clock = hours * 3_600_000 + minutes * 60_000 + seconds * 1000 + fraction;
  return <f64>daysTo(year, month, day) * 86_400_000 + <f64>clock;
}
