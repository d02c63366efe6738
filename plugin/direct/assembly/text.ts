import { load16, load32 } from './skip';

/** What a byte of a value needs: nothing, a backslash before it, or more than can be told from the byte alone. As in ../lines/copy.ts. */
export const backslash: u8 = 1;
const otherwise: u8 = 2;

/** Where the text at an address starts; 0 when what stands there is no text. */
export function startOfText(at: usize): usize {
  const type = <u32>load<u8>(at);
  if (type >= 0xa0 && type <= 0xbf) return at + 1;
  if (type === 0xd9) return at + 2;
  if (type === 0xda) return at + 3;
  return type === 0xdb ? at + 5 : 0;
}

/** Bytes of the text at an address. */
export function lengthOfText(at: usize): u32 {
  const type = <u32>load<u8>(at);
  if (type === 0xd9) return load<u8>(at + 1);
  if (type === 0xda) return load16(at + 1);
  return type === 0xdb ? load32(at + 1) : type & 0x1f;
}

/** Whether no byte from one address to another is beyond ASCII. Sixteen behind the last may be read. */
export function isAscii(start: usize, end: usize): bool {
  let bits = i8x16.splat(0);
  let at = start;
  for (; at + 16 <= end; at += 16) bits = v128.or(bits, v128.load(at));
  // Of the last sixteen those count that are no more.
  const rest = <u32>(end - at);
  const mask = (1 << rest) - 1;
  return i8x16.bitmask(bits) === 0 && (i8x16.bitmask(v128.load(at)) & mask) === 0;
}

/** Whether the value at an address is empty: nil, or a text, bytes, a list or a map without anything in it. */
// @inline
export function isEmpty(at: usize): bool {
  const type = <u32>load<u8>(at);
  // Most are texts, or numbers.
  return (type >= 0xa1 && type <= 0xbf) || type <= 0x7f ? false : isEmptyOther(at);
}

function isEmptyOther(at: usize): bool {
  switch (<u32>load<u8>(at)) {
    case 0xc0:
    case 0xa0:
    case 0x80:
    case 0x90:
      return true;
    case 0xc4:
    case 0xd9:
      return load<u8>(at + 1) === 0;
    case 0xc5:
    case 0xda:
    case 0xdc:
    case 0xde:
      return load16(at + 1) === 0;
    case 0xc6:
    case 0xdb:
      return load32(at + 1) === 0;
    default:
      return false;
  }
}

/**
 * Copies a text, escaped. There is room for twice its length, and 32 bytes; as many behind the text may be read.
 *
 * @param care what each byte needs
 * @returns where the copy ends, or 0 when some of it needs more
 */
export function copyText(start: usize, end: usize, target: usize, care: usize, special: u32): usize {
  const one = i8x16.splat(<i8>(special & 0xff));
  const other = i8x16.splat(<i8>(special >> 8));
  let from = start;
  let to = target;
  while (true) {
    // Thirty-two at a time; what is copied too much is overwritten.
    const bytes = v128.load(from);
    const more = v128.load(from, 16);
    v128.store(to, bytes);
    v128.store(to, more, 16);
    const rest = <u32>(end - from);
    let odd = i8x16.bitmask(areOdd(bytes, one, other)) | (i8x16.bitmask(areOdd(more, one, other)) << 16);
    if (rest < 32) odd &= (1 << rest) - 1;
    if (odd === 0) {
      if (rest <= 32) return to + rest;
      from += 32;
      to += 32;
      continue;
    }
    const plain = <u32>ctz(odd);
    from += plain;
    to += plain;
    const byte = load<u8>(from);
    const need = load<u8>(care + byte);
    if (need === otherwise) {
      const length: u32 = byte < 0x80 ? 0 : characterAt(from, end);
      if (length === 0) return 0;
      for (let copied: u32 = 0; copied < length; copied++) store<u8>(to++, load<u8>(from++));
      continue;
    }
    if (need === backslash) store<u8>(to++, 0x5c);
    store<u8>(to++, byte);
    from++;
  }
}

/** Which bytes are no printable ASCII, or one of the two. Bytes beyond ASCII are negative. */
// @inline
function areOdd(bytes: v128, one: v128, other: v128): v128 {
  return v128.or(
    v128.or(i8x16.lt_s(bytes, i8x16.splat(0x20)), i8x16.gt_s(bytes, i8x16.splat(0x7e))),
    v128.or(i8x16.eq(bytes, one), i8x16.eq(bytes, other)),
  );
}

/**
 * As `lengthOfCharacter`, and 0 for the controls and line separators that no line may hold: U+0080 to U+009F, U+2028 and U+2029.
 */
export function characterAt(at: usize, end: usize): u32 {
  const first = <u32>load<u8>(at);
  if (first === 0xc2 && load<u8>(at + 1) < 0xa0) return 0;
  const isSeparator = first === 0xe2 && load<u8>(at + 1) === 0x80 && (load<u8>(at + 2) & 0xfe) === 0xa8;
  return isSeparator ? 0 : lengthOfCharacter(at, end);
}

/** Bytes of the character beyond ASCII at an address (RFC 3629, section 4); 0 for what is none. */
export function lengthOfCharacter(at: usize, end: usize): u32 {
  const first = <u32>load<u8>(at);
  const second = at + 1 < end ? <u32>load<u8>(at + 1) : 0;
  if (first < 0xc2 || !isRest(second)) return 0;
  if (first < 0xe0) return 2;
  const third = at + 2 < end ? <u32>load<u8>(at + 2) : 0;
  if (!isRest(third)) return 0;
  if (first < 0xf0) {
    const isSurrogate = first === 0xed && second > 0x9f;
    return (first === 0xe0 && second < 0xa0) || isSurrogate ? 0 : 3;
  }
  const isTooHigh = first > 0xf4 || (first === 0xf4 && second > 0x8f);
  if (isTooHigh || (first === 0xf0 && second < 0x90)) return 0;
  return at + 3 < end && isRest(load<u8>(at + 3)) ? 4 : 0;
}

function isRest(byte: u32): bool {
  return (byte & 0xc0) === 0x80;
}
