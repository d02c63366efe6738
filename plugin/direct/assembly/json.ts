import { writeSmall } from './number';
import { lengthOfText, startOfText } from './text';

/** Bytes of JSON that are written at most; a longer text is for the code outside. */
const longest: usize = 4096;

/** Levels, and pairs of a map, that are followed. */
const deepest: u32 = 8;
export const mostPairs: u32 = 64;

/** Sixteen bytes at a time are copied. */
const room = memory.data(4096 + 64, 16);
/** For each level the addresses and the lengths of a map's keys. */
const keys = memory.data(4096, 4);

/** Where the text that `writeJson` makes starts. */
export const jsonStart = room;

/**
 * Writes the list, the map, `true` or `false` at an address as JSON text, as JSON.stringify has it (ECMA-262, 25.5.2).
 *
 * @returns where the text ends, or 0 when only the code outside can write it
 */
export function writeJson(at: usize): usize {
  const type = <u32>load<u8>(at);
  if ((type < 0x80 || type > 0x9f) && type !== 0xc2 && type !== 0xc3) return 0;
  return writeValue(at, room, 0) === 0 ? 0 : written;
}

/** Where the last value was written to the end. */
let written: usize = 0;

/** @returns the address behind the value, or 0 */
function writeValue(at: usize, to: usize, depth: u32): usize {
  if (to > room + longest) return 0;
  const type = <u32>load<u8>(at);
  if (type >= 0x80 && type <= 0x8f) return writeMap(at + 1, type & 0x0f, to, depth);
  if (type >= 0x90 && type <= 0x9f) return writeList(at + 1, type & 0x0f, to, depth);
  if (type === 0xc0) return word(at, 0x6c6c756e, to);
  if (type === 0xc3) return word(at, 0x65757274, to);
  if (type === 0xc2) {
    store<u8>(to + 4, 0x65);
    word(at, 0x736c6166, to);
    written = to + 5;
    return at + 1;
  }
  if (startOfText(at) > 0) return writeText(at, to);
  written = writeSmall(at, to);
  return written === 0 ? 0 : at + (type <= 0x7f ? 1 : type === 0xcc ? 2 : type === 0xcd ? 3 : 5);
}

function word(at: usize, letters: u32, to: usize): usize {
  store<u32>(to, letters);
  written = to + 4;
  return at + 1;
}

function writeList(first: usize, count: u32, to: usize, depth: u32): usize {
  if (depth === deepest) return 0;
  let at = first;
  store<u8>(to, 0x5b);
  let next = to + 1;
  for (let item: u32 = 0; item < count; item++) {
    if (item > 0) store<u8>(next++, 0x2c);
    at = writeValue(at, next, depth + 1);
    if (at === 0) return 0;
    next = written;
  }
  store<u8>(next, 0x5d);
  written = next + 1;
  return at;
}

function writeMap(first: usize, count: u32, to: usize, depth: u32): usize {
  if (depth === deepest) return 0;
  let at = first;
  store<u8>(to, 0x7b);
  let next = to + 1;
  for (let pair: u32 = 0; pair < count; pair++) {
    if (pair > 0) store<u8>(next++, 0x2c);
    if (!isUsualKey(at, depth, pair)) return 0;
    at = writeText(at, next);
    if (at === 0) return 0;
    store<u8>(written, 0x3a);
    at = writeValue(at, written + 1, depth + 1);
    if (at === 0) return 0;
    next = written;
  }
  store<u8>(next, 0x7d);
  written = next + 1;
  return at;
}

/**
 * Whether the key of a pair stands in an object where it stands here: it is no number, not `__proto__`, and none before is the
 * same. Pairs are asked about in their order.
 */
export function isUsualKey(at: usize, depth: u32, pair: u32): bool {
  const own = keys + <usize>depth * mostPairs * 8;
  const start = startOfText(at);
  const length = lengthOfText(at);
  if (length === 0) return false;
  const first = <u32>load<u8>(start);
  if ((first >= 0x30 && first <= 0x39) || (length === 9 && load<u16>(start) === 0x5f5f)) return false;
  for (let other: u32 = 0; other < pair; other++) {
    const entry = own + ((<usize>other) << 3);
    if (load<u32>(entry + 4) === length && memory.compare(load<u32>(entry), start, length) === 0)
      return false;
  }
  store<u32>(own + ((<usize>pair) << 3), <u32>start);
  store<u32>(own + ((<usize>pair) << 3) + 4, length);
  return true;
}

/** A text in quotes. What is not Unicode is found when the JSON text is copied. */
function writeText(at: usize, to: usize): usize {
  const start = startOfText(at);
  const length = lengthOfText(at);
  if (to > room + longest || length > <u32>(room + longest - to) / 2) return 0;
  const end = start + length;
  store<u8>(to, 0x22);
  let next = to + 1;
  for (let from = start; from < end; from++) {
    const byte = <u32>load<u8>(from);
    if (byte < 0x20) return 0;
    if (byte === 0x22 || byte === 0x5c) store<u8>(next++, 0x5c);
    store<u8>(next++, <u8>byte);
  }
  store<u8>(next, 0x22);
  written = next + 1;
  return end;
}
