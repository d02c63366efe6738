import { memory, memoryView, scan } from './assembly.ts';
import type { KeyTable, Slot } from './key-table.ts';

/** What can't be told from the bytes alone: the record is to be decoded. */
export const unclear = -1;

/** Nothing is there. */
export const nothing = 0;

/** Containers in containers that are followed. */
const deepest = 32;

/** The memory that holds the records. */
export interface Body {
  readonly bytes: Buffer;
  /** The same bytes. */
  readonly view: DataView;
}

/**
 * One pass over the bytes of a record that notes where the values of the wanted keys lie. No value is decoded, and
 * what is not plain (an ext type, a key that is no text, deep nesting, bytes that break off) is `unclear`.
 */
export class RecordScan implements Body {
  readonly bytes: Buffer = memory;
  readonly view: DataView = memoryView;
  /** A value that was asked for since the last `read` can't be told from the bytes alone. */
  isUnclear = false;
  readonly keys: KeyTable;

  constructor(keys: KeyTable) {
    this.keys = keys;
  }

  /** Keys at the top of the record. */
  get length(): number {
    return this.keys.length;
  }

  /** Address of a key's value, the last one's if it repeats; `nothing` when the record has no such key. */
  at(slot: Slot): number {
    return this.keys.starts[slot]!;
  }

  /**
   * Scans the record at an address.
   *
   * @returns the address behind it; `nothing` when it is not plain, and a greater one than `end` when it goes on behind that
   */
  read(start: number, end: number): number {
    this.isUnclear = false;
    return scan(this.keys.address, start, end) >>> 0;
  }
}

/**
 * The value of a key in the map at an offset.
 *
 * @returns its offset, `nothing`, or `unclear` when what stands at the offset is no small map
 */
export function valueIn(bytes: Buffer, map: number, key: Buffer): number {
  const pairs = pairsAt(bytes, map);
  if (pairs === unclear) return unclear;
  let found = nothing;
  let at = firstPair(bytes, map);
  for (let pair = 0; pair < pairs; pair++) {
    const length = keyLength(bytes, at);
    const start = firstOfText(bytes, at);
    at = start + length;
    // The last one wins, as in an object.
    if (length === key.length && isAt(key, bytes, start)) found = at;
    at = skip(bytes, at, 0);
  }
  return found;
}

function isAt(key: Buffer, bytes: Buffer, start: number): boolean {
  for (let index = 0; index < key.length; index++) if (key[index] !== bytes[start + index]) return false;
  return true;
}

/**
 * Where the value at an offset ends. fluent/msgpack-scan.ts walks any value and says what is wrong with it; this knows
 * only what is plain, and is several times faster.
 *
 * @returns `unclear` for what is not plain
 */
export function skip(bytes: Buffer, at: number, depth: number): number {
  const type = bytes[at]!;
  if (type <= 0x7f || type >= 0xe0) return at + 1;
  if (type >= 0xa0 && type <= 0xbf) return at + 1 + (type & 0x1f);
  if (type <= 0x8f || type === 0xde) return skipMap(bytes, at, depth);
  if (type <= 0x9f) return skipItems(bytes, at + 1, type & 0x0f, depth);
  switch (type) {
    case 0xc0: // nil
    case 0xc2: // false
    case 0xc3: // true
      return at + 1;
    case 0xcc: // uint 8
    case 0xd0:
      return at + 2;
    case 0xcd:
    case 0xd1:
      return at + 3;
    case 0xca: // float 32
    case 0xce:
    case 0xd2:
      return at + 5;
    case 0xcb:
    case 0xcf:
    case 0xd3:
      return at + 9;
    case 0xc4: // bin 8
    case 0xd9: // str 8
      return at + 2 + bytes[at + 1]!;
    case 0xc5:
    case 0xda:
      return at + 3 + ((bytes[at + 1]! << 8) | bytes[at + 2]!);
    case 0xc6:
    case 0xdb:
      return (
        at +
        5 +
        bytes[at + 1]! * 0x1000000 +
        ((bytes[at + 2]! << 16) | (bytes[at + 3]! << 8) | bytes[at + 4]!)
      );
    case 0xdc: // array 16
      return skipItems(bytes, at + 3, (bytes[at + 1]! << 8) | bytes[at + 2]!, depth);
    default:
      return unclear;
  }
}

function skipItems(bytes: Buffer, first: number, count: number, depth: number): number {
  if (depth >= deepest) return unclear;
  let at = first;
  for (let item = 0; item < count; item++) {
    at = skip(bytes, at, depth + 1);
    if (at === unclear || at > bytes.length) return unclear;
  }
  return at;
}

function skipMap(bytes: Buffer, start: number, depth: number): number {
  if (depth >= deepest) return unclear;
  const pairs = pairsAt(bytes, start);
  let at = firstPair(bytes, start);
  for (let pair = 0; pair < pairs; pair++) {
    const length = keyLength(bytes, at);
    if (length === unclear) return unclear;
    at = skip(bytes, firstOfText(bytes, at) + length, depth + 1);
    if (at === unclear || at > bytes.length) return unclear;
  }
  return at;
}

/** Pairs of the map at an offset; `unclear` when there is none, or one too large to be a record. */
function pairsAt(bytes: Buffer, at: number): number {
  const type = bytes[at]!;
  if (type >= 0x80 && type <= 0x8f) return type & 0x0f;
  return type === 0xde ? (bytes[at + 1]! << 8) | bytes[at + 2]! : unclear;
}

function firstPair(bytes: Buffer, map: number): number {
  return bytes[map] === 0xde ? map + 3 : map + 1;
}

/** Bytes of the key at an offset; `unclear` when it is no short text. */
function keyLength(bytes: Buffer, at: number): number {
  const type = bytes[at]!;
  if (type >= 0xa0 && type <= 0xbf) return type & 0x1f;
  return type === 0xd9 ? bytes[at + 1]! : unclear;
}

function firstOfText(bytes: Buffer, at: number): number {
  return bytes[at] === 0xd9 ? at + 2 : at + 1;
}
