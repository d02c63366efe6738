import { isUsualKey, mostPairs } from './json';
import { load16, load32 } from './skip';
import { lengthOfCharacter, lengthOfText, startOfText } from './text';

// Writes msgpack as msgpackr packs what the objects path makes of the same value (format/json-value.ts): each in the
// shortest form there is. As Fluent Bit does so too, most values are copied.

/** Bytes that it all has as JSON text, as format/json-limit.ts counts them. */
let size: u32 = 0;

export function sizeAsJson(): u32 {
  return size;
}

export function setSize(bytes: u32): void {
  size = bytes;
}

export function addSize(bytes: u32): void {
  size += bytes;
}

/** Bytes of JSON text that a number is counted with: a whole one, and any other. */
const sizeOfWhole: u32 = 17;
export const sizeOfFraction: u32 = 25;

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
  const type = <u32>load<u8>(at);
  if (type <= 0x7f || type >= 0xe0) {
    store<u8>(to, <u8>type);
    return number(1, sizeOfWhole, at, to);
  }
  if (startOfText(at) > 0) return copyText(at, to, end);
  if (to + 64 > end) return 0;
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
  size += jsonSize;
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
  writeLong(value, to);
  return at + 9;
}

/** Writes a number that takes more than 32 bits, as a bigint is packed. */
export function writeLong(value: i64, to: usize): usize {
  store<u8>(to, 0xd3);
  store<u64>(to + 1, bswap<u64>(value));
  let digits: u32 = value < 0 ? 2 : 1;
  for (let rest = <u64>(value < 0 ? -value : value); rest >= 10; rest /= 10) digits++;
  size += digits + 2;
  written = to + 9;
  return written;
}

/** Writes a whole number of 32 bits. @returns where it ends */
export function writeWhole(value: u32, to: usize): usize {
  size += sizeOfWhole;
  if (value < 0x80) {
    store<u8>(to, <u8>value);
    return to + 1;
  }
  if (value < 0x100) {
    store<u16>(to, <u16>(0xcc | (value << 8)));
    return to + 2;
  }
  if (value < 0x10000) {
    store<u8>(to, 0xcd);
    store<u16>(to + 1, bswap<u16>(<u16>value));
    return to + 3;
  }
  store<u8>(to, 0xce);
  store<u32>(to + 1, bswap<u32>(value));
  return to + 5;
}

/** Writes the header of a text. @returns where it ends */
export function writeTextHeader(length: u32, to: usize): usize {
  if (length < 0x20) {
    store<u8>(to, <u8>(0xa0 | length));
    return to + 1;
  }
  if (length < 0x100) {
    store<u16>(to, <u16>(0xd9 | (length << 8)));
    return to + 2;
  }
  if (length < 0x10000) {
    store<u8>(to, 0xda);
    store<u16>(to + 1, bswap<u16>(<u16>length));
    return to + 3;
  }
  store<u8>(to, 0xdb);
  store<u32>(to + 1, bswap<u32>(length));
  return to + 5;
}

function copyText(at: usize, to: usize, end: usize): usize {
  const start = startOfText(at);
  const length = lengthOfText(at);
  written = writeText(start, length, to, end);
  return written === 0 ? 0 : start + length;
}

/** Writes a text. @returns where it ends, or 0 when it is no Unicode or has no room */
export function writeText(start: usize, length: u32, to: usize, end: usize): usize {
  if (to + 64 > end || length > <u32>(end - to - 64)) return 0;
  size += length + 2;
  return copyUnicode(start, start + length, writeTextHeader(length, to));
}

/**
 * Copies UTF-8, and counts what its characters have more in JSON text, where some are escaped (ECMA-262, 25.5.2.3).
 *
 * @returns where the copy ends, or 0
 */
function copyUnicode(start: usize, end: usize, target: usize): usize {
  let from = start;
  let to = target;
  while (from < end) {
    const bytes = v128.load(from);
    v128.store(to, bytes);
    const rest = <u32>(end - from);
    let odd = i8x16.bitmask(areOdd(bytes));
    if (rest < 16) odd &= (1 << rest) - 1;
    if (odd === 0) {
      if (rest <= 16) return to + rest;
      from += 16;
      to += 16;
      continue;
    }
    const plain = <u32>ctz(odd);
    from += plain;
    to += plain;
    const byte = <u32>load<u8>(from);
    const length = byte < 0x80 ? 1 : lengthOfCharacter(from, end);
    if (length === 0) return 0;
    if (length === 1) size += moreOf(byte);
    // It is there already where it was in the same sixteen bytes.
    store<u32>(to, load<u32>(from));
    from += length;
    to += length;
  }
  return to;
}

/** Which bytes are escaped in JSON text, or beyond ASCII, which is negative. */
// @inline
function areOdd(bytes: v128): v128 {
  return v128.or(
    i8x16.lt_s(bytes, i8x16.splat(0x20)),
    v128.or(i8x16.eq(bytes, i8x16.splat(0x22)), i8x16.eq(bytes, i8x16.splat(0x5c))),
  );
}

/** Bytes that a character has more in JSON text. */
function moreOf(byte: u32): u32 {
  if (byte >= 0x20) return byte === 0x22 || byte === 0x5c ? 1 : 0;
  // \b, \t, \n, \f and \r; others are \u00xx.
  return byte >= 0x08 && byte <= 0x0d && byte !== 0x0b ? 1 : 5;
}

/** Bytes that a text has more in JSON text. */
export function moreOfText(start: usize, end: usize): u32 {
  let more: u32 = 0;
  for (let at = start; at < end; ) {
    let odd = i8x16.bitmask(areOdd(v128.load(at)));
    const rest = <u32>(end - at);
    if (rest < 16) odd &= (1 << rest) - 1;
    for (; odd !== 0; odd &= odd - 1) more += moreOf(load<u8>(at + <usize>ctz(odd)));
    at += 16;
  }
  return more;
}

function copyList(first: usize, count: u32, to: usize, end: usize, depth: u32): usize {
  if (depth === deepest) return 0;
  let next = writeHeader(count, 0x90, 0xdc, to);
  let at = first;
  size += 2 + count;
  for (let item: u32 = 0; item < count; item++) {
    at = copyValue(at, next, end, depth + 1);
    if (at === 0) return 0;
    next = written;
  }
  written = next;
  return at;
}

function copyMap(first: usize, count: u32, to: usize, end: usize, depth: u32): usize {
  size += 2;
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
    size += 2;
    at = copyValue(at, written, end, depth + 1);
    if (at === 0) return 0;
    next = written;
  }
  written = next;
  return at;
}

/** Writes the header of a list or map of less than 65,536. @returns where it ends */
export function writeHeader(count: u32, short: u32, long: u32, to: usize): usize {
  if (count < 16) {
    store<u8>(to, <u8>(short | count));
    return to + 1;
  }
  store<u8>(to, <u8>long);
  store<u16>(to + 1, bswap<u16>(<u16>count));
  return to + 3;
}
