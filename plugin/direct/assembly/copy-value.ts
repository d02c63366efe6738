import { isUsualKey, mostPairs } from './json';
import { addSize, sizeOfFraction, sizeOfWhole, writeHeader, writeLong, writeText } from './packed';
import { load16, load32 } from './skip';
import { lengthOfText, startOfText } from './text';

// As Fluent Bit gives each value its shortest form too, most are copied as they lie in the record; what is not in the form that
// format/json-value.ts and msgpackr would give it is for the code outside.

/** Levels that are followed. */
const deepest: u32 = 8;

/** Where the last value was written to the end. */
let written: usize = 0;

/** Where the value that `copyValue` copied ends. */
export function writtenTo(): usize {
  return written;
}

/**
 * Copies the value at an address. Up to 31 bytes more are written.
 *
 * @param end of the room for it
 * @returns the address behind the value, or 0 when only the code outside can tell how to write it
 */
export function copyValue(at: usize, to: usize, end: usize, depth: u32): usize {
  if (to + 64 > end) return 0;
  const type = <u32>load<u8>(at);
  if (type <= 0x7f || type >= 0xe0) {
    store<u8>(to, <u8>type);
    return number(1, sizeOfWhole, at, to);
  }
  if (startOfText(at) > 0) return copyText(at, to, end);
  if (type <= 0x8f) return copyMap(at + 1, type & 0x0f, to, end, depth);
  if (type <= 0x9f) return copyList(at + 1, type & 0x0f, to, end, depth);
  switch (type) {
    case 0xc0:
    case 0xc2:
    case 0xc3:
      store<u8>(to, <u8>type);
      return number(1, type === 0xc0 ? 4 : 5, at, to);
    case 0xcc:
      return load<u8>(at + 1) < 0x80 ? 0 : copyNumber(2, at, to);
    case 0xcd:
      return load16(at + 1) < 0x100 ? 0 : copyNumber(3, at, to);
    case 0xce:
      return load32(at + 1) < 0x10000 ? 0 : copyNumber(5, at, to);
    case 0xd0:
      return <i32>load<i8>(at + 1) >= -0x20 ? 0 : copyNumber(2, at, to);
    case 0xd1:
      return <i32>(<i16>load16(at + 1)) >= -0x80 ? 0 : copyNumber(3, at, to);
    case 0xd2:
      return <i32>load32(at + 1) >= -0x8000 ? 0 : copyNumber(5, at, to);
    case 0xcb:
      return copyFraction(at, to);
    case 0xcf:
    case 0xd3:
      return copyLong(at, to);
    case 0xdc:
      return load16(at + 1) < 16 ? 0 : copyList(at + 3, load16(at + 1), to, end, depth);
    case 0xde:
      return load16(at + 1) < 16 ? 0 : copyMap(at + 3, load16(at + 1), to, end, depth);
    default:
      return 0;
  }
}

/** A number of so many bytes was written, or another value without any inside. */
// @inline
function number(length: u32, jsonSize: u32, at: usize, to: usize): usize {
  addSize(jsonSize);
  written = to + length;
  return at + length;
}

/** Copies a whole number of two to five bytes. */
function copyNumber(length: u32, at: usize, to: usize): usize {
  store<u64>(to, load<u64>(at));
  return number(length, sizeOfWhole, at, to);
}

/** Copies a number that has a fraction: one without is packed as a whole number. */
function copyFraction(at: usize, to: usize): usize {
  const value = reinterpret<f64>(bswap<u64>(load<u64>(at + 1)));
  // Of what is no finite number, this is none either.
  if (!(value - Math.floor(value) > 0)) return 0;
  v128.store(to, v128.load(at));
  return number(9, sizeOfFraction, at, to);
}

/** Copies a whole number that takes 64 bits; beyond those of a signed one it has another form. */
function copyLong(at: usize, to: usize): usize {
  const value = <i64>bswap<u64>(load<u64>(at + 1));
  if (value < 0 && (load<u8>(at) === 0xcf || value >= -0x80000000)) return 0;
  if (value >= 0 && value <= 0xffffffff) return 0;
  written = writeLong(value, to);
  return at + 9;
}

function copyText(at: usize, to: usize, end: usize): usize {
  const start = startOfText(at);
  const length = lengthOfText(at);
  written = writeText(start, length, to, end);
  return written === 0 ? 0 : start + length;
}

function copyList(first: usize, count: u32, to: usize, end: usize, depth: u32): usize {
  if (depth === deepest) return 0;
  let next = writeHeader(count, 0x90, 0xdc, to);
  let at = first;
  addSize(2 + count);
  for (let item: u32 = 0; item < count; item++) {
    at = copyValue(at, next, end, depth + 1);
    if (at === 0) return 0;
    next = written;
  }
  written = next;
  return at;
}

function copyMap(first: usize, count: u32, to: usize, end: usize, depth: u32): usize {
  addSize(2);
  return copyPairs(first, count, writeHeader(count, 0x80, 0xde, to), end, depth);
}

/** Copies the pairs of a map. @returns the address behind them, or 0 */
export function copyPairs(first: usize, count: u32, to: usize, end: usize, depth: u32): usize {
  if (depth === deepest || count > mostPairs) return 0;
  let next = to;
  let at = first;
  for (let pair: u32 = 0; pair < count; pair++) {
    if (!isUsualKey(at, depth, pair)) return 0;
    at = copyText(at, next, end);
    if (at === 0) return 0;
    addSize(2);
    at = copyValue(at, written, end, depth + 1);
    if (at === 0) return 0;
    next = written;
  }
  written = next;
  return at;
}
