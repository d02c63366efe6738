import { writeDigits } from './number';
import { copyPiece } from './program';

/** No time of a syslog header; RFC 5424's, section 6.2.3; RFC 3164's, section 4.1.2. */
export const noStamp: u32 = 0;
export const isoStamp: u32 = 1;

/** A year has four digits. */
export const earliestStamp: f64 = 0;
export const latestStamp: f64 = 253402300799999;

const millisecondsADay: f64 = 86_400_000;

const months = 'JanFebMarAprMayJunJulAugSepOctNovDec';

/** Of a day, 1970-01-01 being 0. */
let year: u32 = 0;
let month: u32 = 0;
let day: u32 = 0;

/** The calendar repeats itself every 400 years, and years that begin in March have the odd day at their end. */
function setDate(days: u32): void {
  const fromMarch = days + 719_468;
  const era = fromMarch / 146_097;
  const dayOfEra = fromMarch - era * 146_097;
  const yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365;
  const dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100);
  const monthFromMarch = (5 * dayOfYear + 2) / 153;
  day = dayOfYear - (153 * monthFromMarch + 2) / 5 + 1;
  month = monthFromMarch < 10 ? monthFromMarch + 3 : monthFromMarch - 9;
  year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0);
}

/**
 * Writes a time in UTC: `2026-03-02T08:01:14.123Z`, or `Mar  2 08:01:14`.
 *
 * @param time epoch milliseconds, from `earliestStamp` to `latestStamp`
 * @returns where it ends
 */
function writeStamp(kind: u32, time: f64, to: usize): usize {
  const days = <u32>(time / millisecondsADay);
  const rest = <u32>(time - <f64>days * millisecondsADay);
  setDate(days);
  if (kind === isoStamp) {
    const end = writeClock(rest, writeDay(to));
    store<u8>(end, 0x2e);
    store<u8>(writeDigits(rest % 1000, 3, end + 1), 0x5a);
    return end + 5;
  }
  const name = changetype<usize>(months) + <usize>(month - 1) * 6;
  for (let letter: usize = 0; letter < 3; letter++) store<u8>(to + letter, load<u8>(name + letter * 2));
  store<u8>(to + 3, 0x20);
  writeDigits(day, 2, to + 4);
  if (day < 10) store<u8>(to + 4, 0x20);
  store<u8>(to + 6, 0x20);
  return writeClock(rest, to + 7);
}

/** The one that was written last: neighbours often have the same. */
let lastKind: u32 = noStamp;
let lastTime: f64 = -1;
let lastLength: u32 = 0;
const lastText = memory.data(32, 16);

/** As `writeStamp`. */
export function writeLastStamp(kind: u32, time: f64, to: usize): usize {
  if (time !== lastTime || kind !== lastKind) {
    lastKind = kind;
    lastTime = time;
    lastLength = <u32>(writeStamp(kind, time, lastText) - lastText);
  }
  return copyPiece(lastText, lastLength, to);
}

/** `2026-03-02T` */
function writeDay(to: usize): usize {
  store<u8>(writeDigits(year, 4, to), 0x2d);
  store<u8>(writeDigits(month, 2, to + 5), 0x2d);
  store<u8>(writeDigits(day, 2, to + 8), 0x54);
  return to + 11;
}

/** `08:01:14` */
function writeClock(milliseconds: u32, to: usize): usize {
  store<u8>(writeDigits(milliseconds / 3_600_000, 2, to), 0x3a);
  store<u8>(writeDigits((milliseconds / 60_000) % 60, 2, to + 3), 0x3a);
  return writeDigits((milliseconds / 1000) % 60, 2, to + 6);
}
