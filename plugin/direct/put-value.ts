import { memory } from './assembly.ts';
import { packValue } from './objects/part.ts';

/** So many bytes behind a text may be read. */
export const readBehind = 32;

/**
 * Puts a value at an address, packed.
 *
 * @returns where it ends, or 0 when that would be behind the last end
 */
export function putPacked(value: unknown, at: number, lastEnd: number): number {
  const shortEnd = typeof value === 'string' ? putShortText(value, at, lastEnd) : 0;
  return shortEnd > 0 ? shortEnd : copyTo(packValue(value), at, lastEnd);
}

/** Bytes of a text whose header is one byte. */
const longestShort = 31;

/** Puts a short text of ASCII, as most are. @returns where it ends, or 0 when it is another */
function putShortText(text: string, at: number, lastEnd: number): number {
  const { length } = text;
  if (length > longestShort || at + length >= lastEnd) return 0;
  for (let index = 0; index < length; index++) {
    const code = text.charCodeAt(index);
    if (code > 0x7f) return 0;
    memory[at + 1 + index] = code;
  }
  memory[at] = 0xa0 | length;
  return at + 1 + length;
}

/** So few bytes are copied faster one by one. */
const few = 48;

/** @returns where they end, or 0 when that would be behind the last end */
export function copyTo(bytes: Uint8Array, at: number, lastEnd: number): number {
  const { length } = bytes;
  if (at + length > lastEnd) return 0;
  if (length > few) memory.set(bytes, at);
  else for (let index = 0; index < length; index++) memory[at + index] = bytes[index]!;
  return at + length;
}
