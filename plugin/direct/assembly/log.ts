import { writeCharacter, writeLongest, writeNegative, writeTextHeader, writeWhole } from './packed';
import { lengthOfText, startOfText } from './text';

// Fluent Bit's tail without a parser gives `{"log": "<the line>"}`. Where the line is a JSON object, that is the record
// (fluent/decode.ts): here it is packed, so that what follows reads it as any other. What is unusual in JSON is left to the code
// outside, and to JSON.parse.

/** Bytes of msgpack that a line may become. */
const size: usize = 262_144;

/** Room behind them: headers of lists and maps may grow when these end, and some bytes behind the last are read. */
const margin: usize = 128;

/** Where the record of a line is put. */
export const openedStart = memory.data(262144, 16);
const limit = openedStart + size - margin;

/** For the code outside. */
export function openedAt(): usize {
  return openedStart;
}

/** Lists and maps in each other, the record itself included. */
const deepest: u32 = 24;

/** The line is no record: what holds it is. */
export const asItIs: usize = 1;
/** Only the code outside can tell. */
export const unclear: usize = 0;

/** What is read next of the line, and where it ends. */
let at: usize = 0;
let end: usize = 0;

/**
 * Opens a value that stands alone under `log`.
 *
 * @returns where the record ends that is now at `openedStart`, `asItIs` or `unclear`
 */
export function openLog(log: usize): usize {
  at = startOfText(log);
  if (at === 0) return asItIs;
  end = at + lengthOfText(log);
  skipSpace();
  if (at === end) return asItIs;
  const first = <u32>load<u8>(at);
  // JavaScript knows more spaces than JSON.
  if (first !== 0x7b) return first > 0x20 && first < 0x7f ? asItIs : unclear;
  const opened = packValue(openedStart, 0);
  if (opened === 0) return unclear;
  skipSpace();
  return at === end ? opened : unclear;
}

function skipSpace(): void {
  while (at < end) {
    const byte = <u32>load<u8>(at);
    if (byte !== 0x20 && byte !== 0x0a && byte !== 0x0d && byte !== 0x09) return;
    at++;
  }
}

/** Packs the value that comes next. @returns where it ends, or 0 when it is unusual, or none */
function packValue(to: usize, depth: u32): usize {
  if (at >= end || to > limit) return 0;
  const first = <u32>load<u8>(at);
  if (first === 0x22) return packText(to);
  if (first === 0x7b) return packItems(to, depth, true);
  if (first === 0x5b) return packItems(to, depth, false);
  if (first === 0x2d || first - 0x30 <= 9) return packNumber(to);
  const word = load<u32>(at);
  if (word === 0x6c6c756e) return packWord(0xc0, 4, to); // null
  if (word === 0x65757274) return packWord(0xc3, 4, to); // true
  if (word === 0x736c6166 && load<u8>(at + 4) === 0x65) return packWord(0xc2, 5, to); // false
  return 0;
}

function packWord(byte: u8, length: usize, to: usize): usize {
  if (at + length > end) return 0;
  at += length;
  store<u8>(to, byte);
  return to + 1;
}

/** A list, or a map. */
function packItems(to: usize, depth: u32, isMap: bool): usize {
  if (depth === deepest) return 0;
  const last: u32 = isMap ? 0x7d : 0x5d;
  at++;
  skipSpace();
  let count: u32 = 0;
  let next = to + 1;
  if (at < end && load<u8>(at) === last) at++;
  else
    while (true) {
      if (isMap) {
        next = packKey(next);
        if (next === 0) return 0;
      }
      next = packValue(next, depth + 1);
      if (next === 0) return 0;
      count++;
      skipSpace();
      if (at >= end) return 0;
      const byte = <u32>load<u8>(at++);
      if (byte === last) break;
      if (byte !== 0x2c) return 0;
      skipSpace();
    }
  if (count < 16) {
    store<u8>(to, <u8>((isMap ? 0x80 : 0x90) | count));
    return next;
  }
  if (count > 0xffff) return 0;
  memory.copy(to + 3, to + 1, next - to - 1);
  store<u8>(to, isMap ? 0xde : 0xdc);
  store<u16>(to + 1, bswap<u16>(<u16>count));
  return next + 2;
}

/** A key and its colon. */
function packKey(to: usize): usize {
  if (at >= end || load<u8>(at) !== 0x22 || to > limit) return 0;
  const next = packText(to);
  // msgpackr calls `__proto__` otherwise, JSON.parse does not.
  if (next === 0 || (load<u32>(to + 1) === 0x72705f5f && load<u8>(to) >= 0xa4)) return 0;
  skipSpace();
  if (at >= end || load<u8>(at) !== 0x3a) return 0;
  at++;
  skipSpace();
  return next;
}

/** A whole number that JavaScript has exactly. Any other is for the code outside. */
function packNumber(to: usize): usize {
  const isNegative = load<u8>(at) === 0x2d;
  if (isNegative) at++;
  const first = at;
  let number: u64 = 0;
  while (at < end) {
    const digit = <u32>load<u8>(at) - 0x30;
    if (digit > 9) break;
    number = number * 10 + digit;
    at++;
    if (at - first > 15) return 0;
  }
  if (at === first || (at - first > 1 && load<u8>(first) === 0x30)) return 0;
  const behind: u32 = at < end ? load<u8>(at) : 0;
  // A fraction, or an exponent.
  if (behind === 0x2e || (behind | 0x20) === 0x65) return 0;
  // JavaScript has a zero of its own for `-0`.
  if (isNegative) return number === 0 ? 0 : writeNegative(-(<i64>number), to);
  return number <= 0xffffffff ? writeWhole(<u32>number, to) : writeLongest(0xcf, number, to);
}

/** A text, from its first quote. */
function packText(to: usize): usize {
  const start = at + 1;
  at = start;
  if (!findSpecial()) return 0;
  if (load<u8>(at) !== 0x22) return packEscaped(start, to);
  const length = <u32>(at - start);
  at++;
  if (to + length > limit) return 0;
  const first = writeTextHeader(length, to);
  memory.copy(first, start, length);
  return first + length;
}

/** Goes on to the next quote, backslash or control. @returns false when there is none */
function findSpecial(): bool {
  const quote = i8x16.splat(0x22);
  const backslash = i8x16.splat(0x5c);
  const space = i8x16.splat(0x20);
  while (at < end) {
    const bytes = v128.load(at);
    const special = v128.or(
      v128.or(i8x16.eq(bytes, quote), i8x16.eq(bytes, backslash)),
      i8x16.lt_u(bytes, space),
    );
    const mask = i8x16.bitmask(special);
    if (mask !== 0) {
      at += ctz(mask);
      return at < end;
    }
    at += 16;
  }
  return false;
}

/** The longest header of a text. */
const mostHeader: usize = 5;

/** A text that has something special where it is read now. */
function packEscaped(start: usize, to: usize): usize {
  const text = to + mostHeader;
  if (text + (at - start) > limit) return 0;
  memory.copy(text, start, at - start);
  let next = text + (at - start);
  while (load<u8>(at) !== 0x22) {
    // A control may not stand in JSON.
    if (load<u8>(at) !== 0x5c) return 0;
    next = packEscape(next);
    if (next === 0) return 0;
    const from = at;
    if (!findSpecial()) return 0;
    const length = at - from;
    if (next + length > limit) return 0;
    memory.copy(next, from, length);
    next += length;
  }
  at++;
  const length = <u32>(next - text);
  const first = writeTextHeader(length, to);
  if (first < text) memory.copy(first, text, length);
  return first + length;
}

/** What stands behind a backslash. */
function packEscape(to: usize): usize {
  if (at + 1 >= end) return 0;
  const letter = <u32>load<u8>(at + 1);
  at += 2;
  switch (letter) {
    case 0x22:
    case 0x5c:
    case 0x2f:
      store<u8>(to, <u8>letter);
      return to + 1;
    case 0x62:
      store<u8>(to, 0x08);
      return to + 1;
    case 0x66:
      store<u8>(to, 0x0c);
      return to + 1;
    case 0x6e:
      store<u8>(to, 0x0a);
      return to + 1;
    case 0x72:
      store<u8>(to, 0x0d);
      return to + 1;
    case 0x74:
      store<u8>(to, 0x09);
      return to + 1;
    case 0x75:
      return packUnit(to);
    default:
      return 0;
  }
}

/** The character of four hexadecimal digits, or of eight with `\u` between them. Half of one is for the code outside. */
function packUnit(to: usize): usize {
  const unit = hexadecimal();
  if (unit > 0xffff || (unit >= 0xdc00 && unit <= 0xdfff)) return 0;
  if (unit < 0xd800 || unit > 0xdfff) return writeCharacter(unit, to);
  if (at + 2 > end || load<u16>(at) !== 0x755c) return 0;
  at += 2;
  const low = hexadecimal();
  if (low < 0xdc00 || low > 0xdfff) return 0;
  return writeCharacter(0x10000 + ((unit - 0xd800) << 10) + low - 0xdc00, to);
}

/** @returns more than any unit has when there are no four digits */
function hexadecimal(): u32 {
  if (at + 4 > end) return 0xffffffff;
  let unit: u32 = 0;
  for (let index = 0; index < 4; index++) {
    const byte = <u32>load<u8>(at++);
    const digit = byte - 0x30;
    const letter = (byte | 0x20) - 0x61;
    if (digit <= 9) unit = (unit << 4) | digit;
    else if (letter <= 5) unit = (unit << 4) | (letter + 10);
    else return 0xffffffff;
  }
  return unit;
}
