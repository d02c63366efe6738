import { unpackValue } from '../fluent/msgpack-body.ts';
import { memory, skip } from './assembly.ts';

/** Where the text at an offset starts; 0 when what stands there is no text. */
export function startOfText(bytes: Buffer, at: number): number {
  const type = bytes[at]!;
  if (type >= 0xa0 && type <= 0xbf) return at + 1;
  if (type === 0xd9) return at + 2;
  if (type === 0xda) return at + 3;
  return type === 0xdb ? at + 5 : 0;
}

/** Bytes of the text at an offset. */
export function lengthOfText(bytes: Buffer, at: number): number {
  const type = bytes[at]!;
  if (type === 0xd9) return bytes[at + 1]!;
  if (type === 0xda) return (bytes[at + 1]! << 8) | bytes[at + 2]!;
  return type === 0xdb ? bytes.readUInt32BE(at + 1) : type & 0x1f;
}

/** The whole number from 0 to 2^32 - 1 at an offset; -1 when what stands there is none. */
export function smallNumber(bytes: Buffer, at: number): number {
  const type = bytes[at]!;
  if (type <= 0x7f) return type;
  switch (type) {
    case 0xcc:
      return bytes[at + 1]!;
    case 0xcd:
      return (bytes[at + 1]! << 8) | bytes[at + 2]!;
    case 0xce:
      return bytes[at + 1]! * 0x1000000 + ((bytes[at + 2]! << 16) | (bytes[at + 3]! << 8) | bytes[at + 4]!);
    default:
      return -1;
  }
}

/** Whether the value at an offset is empty: nil, or a text, bytes, a list or a map without anything in it. */
export function isEmptyAt(bytes: Buffer, at: number): boolean {
  switch (bytes[at]) {
    case 0xc0:
    case 0xa0:
    case 0x80:
    case 0x90:
      return true;
    case 0xc4:
    case 0xd9:
      return bytes[at + 1] === 0;
    case 0xc5:
    case 0xda:
    case 0xdc:
    case 0xde:
      return bytes[at + 1] === 0 && bytes[at + 2] === 0;
    case 0xc6:
    case 0xdb:
      return bytes.readUInt32BE(at + 1) === 0;
    default:
      return false;
  }
}

/** The value at an offset, decoded as the objects path decodes it. */
export function decodeAt(bytes: Buffer, at: number): unknown {
  const start = startOfText(bytes, at);
  const end = endOf(at);
  if (start > 0) return bytes.toString('utf8', start, end);
  return unpackValue(bytes, at, end);
}

/**
 * Where the value at an address ends. fluent/msgpack-scan.ts walks any value and says what is wrong with it; this knows
 * only what is plain, and is several times faster.
 *
 * @returns `nothing` for what is not plain, and a greater address than `end` for what goes on behind that
 */
export function endOf(at: number, end: number = memory.length): number {
  return skip(at, end, 0) >>> 0;
}
