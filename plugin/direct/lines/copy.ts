import type { EventBuffer } from '../../fluent/event-buffer.ts';
import type { Body } from '../record-scan.ts';
import { copyPiece, type Piece } from '../words.ts';

/** What a byte of a value needs: nothing, a backslash before it, or more than can be told from the byte alone. */
const asIs = 0;
const backslash = 1;
const more = 2;

/** What the characters of a value need. */
export interface Care {
  readonly ofByte: Uint8Array;
  /** The printable ASCII characters that are not copied as they are, four times each; zeros where there are fewer. */
  readonly special: number;
  readonly otherSpecial: number;
}

/**
 * @param escaped characters that get a backslash
 * @param kept controls that may stand as they are; any other needs more
 * @param refused other characters that need more
 * @throws RangeError when more than two printable characters are special
 */
export function careFor(escaped: string, kept: string, refused = ''): Care {
  const ofByte = new Uint8Array(256).fill(more);
  for (let byte = 0x20; byte < 0x7f; byte++) ofByte[byte] = asIs;
  for (const character of kept) ofByte[character.charCodeAt(0)] = asIs;
  for (const character of escaped) ofByte[character.charCodeAt(0)] = backslash;
  for (const character of refused) ofByte[character.charCodeAt(0)] = more;
  const special = [...ofByte.keys()].filter((byte) => byte >= 0x20 && byte < 0x7f && ofByte[byte] !== asIs);
  if (special.length > 2) throw new RangeError('no more than two characters can be looked for at once');
  const [first = 0, second = 0] = special;
  return { ofByte, special: first * 0x01010101, otherSpecial: second * 0x01010101 };
}

/**
 * Copies a text of the body into the line that is being written, escaped.
 *
 * @returns false, and nothing written, when some of it needs more care
 */
export function copyText(
  out: EventBuffer,
  { bytes: source, view: words }: Body,
  start: number,
  end: number,
  { ofByte, special, otherSpecial }: Care,
): boolean {
  out.reserve((end - start) * 2);
  const { bytes: target, view: targetWords } = out;
  let to = out.at;
  for (let from = start; from < end; from++) {
    // Four at a time, as long as they are all copied as they are.
    for (; from + 4 <= end; from += 4) {
      const word = words.getInt32(from, true);
      if (!isPlain(word, special, otherSpecial)) break;
      targetWords.setInt32(to, word, true);
      to += 4;
    }
    if (from === end) break;
    const byte = source[from]!;
    const need = ofByte[byte]!;
    if (need === more) {
      const length = byte < 0x80 ? 0 : characterAt(source, from, end);
      if (length === 0) return false;
      for (let rest = 1; rest < length; rest++) target[to++] = source[from++]!;
      target[to++] = source[from]!;
      continue;
    }
    if (need === backslash) target[to++] = 0x5c;
    target[to++] = byte;
  }
  out.at = to;
  return true;
}

/**
 * Whether a word holds four bytes from 0x20 to 0x7e without the special ones. Each term sets a byte's highest bit where
 * it must not pass: of one beyond ASCII, below 0x20, of DEL, and of one that is special, which less itself is 0. What a byte
 * borrows from the next one can only make that one look odd too.
 */
function isPlain(word: number, special: number, otherSpecial: number): boolean {
  const odd =
    word |
    (word - 0x20202020) |
    (word + 0x01010101) |
    ((word ^ special) - 0x01010101) |
    ((word ^ otherSpecial) - 0x01010101);
  return (odd & 0x80808080) === 0;
}

/**
 * Bytes of the character beyond ASCII at an offset (RFC 3629, section 4); 0 for what is none, and for the controls
 * and line separators that no line may hold: U+0080 to U+009F, U+2028 and U+2029.
 */
function characterAt(bytes: Buffer, at: number, end: number): 0 | 2 | 3 | 4 {
  const first = bytes[at]!;
  const second = at + 1 < end ? bytes[at + 1]! : 0;
  if (first < 0xc2 || !isRest(second)) return 0;
  if (first < 0xe0) return first === 0xc2 && second < 0xa0 ? 0 : 2;
  const third = at + 2 < end ? bytes[at + 2]! : 0;
  if (!isRest(third)) return 0;
  if (first < 0xf0) {
    const isSurrogate = first === 0xed && second > 0x9f;
    const isSeparator = first === 0xe2 && second === 0x80 && (third === 0xa8 || third === 0xa9);
    return (first === 0xe0 && second < 0xa0) || isSurrogate || isSeparator ? 0 : 3;
  }
  const isTooHigh = first > 0xf4 || (first === 0xf4 && second > 0x8f);
  if (isTooHigh || (first === 0xf0 && second < 0x90)) return 0;
  return at + 3 < end && isRest(bytes[at + 3]!) ? 4 : 0;
}

function isRest(byte: number): boolean {
  return (byte & 0xc0) === 0x80;
}

/** Writes bytes that are as they must be. */
export function writePiece(out: EventBuffer, piece: Piece): void {
  out.reserve(piece.length + 3);
  copyPiece(piece, out.view, out.at);
  out.at += piece.length;
}

/** Writes bytes that are escaped already. */
export function writeBytes(out: EventBuffer, bytes: Buffer, start: number, end: number): void {
  out.reserve(end - start);
  bytes.copy(out.bytes, out.at, start, end);
  out.at += end - start;
}

/** Writes a text that is escaped already. */
export function writeText(out: EventBuffer, text: string): void {
  out.reserve(text.length * 3);
  out.at += out.bytes.write(text, out.at);
}

/** Writes a whole number from 0 to 2^53 in decimal. */
export function writeNumber(out: EventBuffer, number: number): void {
  out.reserve(20);
  if (number < 1e9) {
    writeDigits(out, number | 0, digitsOf(number | 0));
    return;
  }
  // Each half has room in 32 bits, in which to divide is fast.
  const high = Math.floor(number / 1e9);
  writeDigits(out, high | 0, digitsOf(high | 0));
  writeDigits(out, (number - high * 1e9) | 0, 9);
}

function digitsOf(number: number): number {
  let digits = 1;
  for (let power = 10; power <= 1e9 && number >= power; power *= 10) digits++;
  return digits;
}

function writeDigits(out: EventBuffer, number: number, digits: number): void {
  const { bytes, at } = out;
  let rest = number;
  for (let index = at + digits - 1; index >= at; index--) {
    const next = (rest / 10) | 0;
    bytes[index] = 0x30 + (rest - next * 10);
    rest = next;
  }
  out.at = at + digits;
}
