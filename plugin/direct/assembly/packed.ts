import { lengthOfCharacter } from './text';

// Writes msgpack as msgpackr packs what the objects path makes of the same value: each in the shortest form there is.

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
export const sizeOfWhole: u32 = 17;
export const sizeOfFraction: u32 = 25;

/** Writes a number that takes more than 32 bits, as a bigint is packed. @returns where it ends */
export function writeLong(value: i64, to: usize): usize {
  store<u8>(to, 0xd3);
  store<u64>(to + 1, bswap<u64>(value));
  let digits: u32 = value < 0 ? 2 : 1;
  for (let rest = <u64>(value < 0 ? -value : value); rest >= 10; rest /= 10) digits++;
  size += digits + 2;
  return to + 9;
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

/** Writes a number from 0 on, with a fraction or without. @returns where it ends */
export function writeNumber(value: f64, to: usize): usize {
  const whole = Math.floor(value);
  if (whole === value && whole <= 4_294_967_295) return writeWhole(<u32>whole, to);
  store<u8>(to, 0xcb);
  store<u64>(to + 1, bswap<u64>(reinterpret<u64>(value)));
  size += whole === value ? sizeOfWhole : sizeOfFraction;
  return to + 9;
}

/** Writes 64 bits behind the byte that says what they are. @returns where they end */
export function writeLongest(type: u8, bits: u64, to: usize): usize {
  store<u8>(to, type);
  store<u64>(to + 1, bswap<u64>(bits));
  return to + 9;
}

/** Writes a whole number below zero, of which nobody counts the bytes. @returns where it ends */
export function writeNegative(value: i64, to: usize): usize {
  if (value >= -0x20) {
    store<i8>(to, <i8>value);
    return to + 1;
  }
  if (value >= -0x80) {
    store<u8>(to, 0xd0);
    store<i8>(to + 1, <i8>value);
    return to + 2;
  }
  if (value >= -0x8000) {
    store<u8>(to, 0xd1);
    store<u16>(to + 1, bswap<u16>(<u16>value));
    return to + 3;
  }
  if (value >= -0x80000000) {
    store<u8>(to, 0xd2);
    store<u32>(to + 1, bswap<u32>(<u32>value));
    return to + 5;
  }
  return writeLongest(0xd3, <u64>value, to);
}

/** Writes a character as UTF-8 (RFC 3629, section 3). @returns where it ends */
export function writeCharacter(code: u32, to: usize): usize {
  if (code < 0x80) {
    store<u8>(to, <u8>code);
    return to + 1;
  }
  if (code < 0x800) {
    store<u8>(to, <u8>(0xc0 | (code >> 6)));
    store<u8>(to + 1, <u8>(0x80 | (code & 0x3f)));
    return to + 2;
  }
  if (code < 0x10000) {
    store<u8>(to, <u8>(0xe0 | (code >> 12)));
    store<u8>(to + 1, <u8>(0x80 | ((code >> 6) & 0x3f)));
    store<u8>(to + 2, <u8>(0x80 | (code & 0x3f)));
    return to + 3;
  }
  store<u8>(to, <u8>(0xf0 | (code >> 18)));
  store<u8>(to + 1, <u8>(0x80 | ((code >> 12) & 0x3f)));
  store<u8>(to + 2, <u8>(0x80 | ((code >> 6) & 0x3f)));
  store<u8>(to + 3, <u8>(0x80 | (code & 0x3f)));
  return to + 4;
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
