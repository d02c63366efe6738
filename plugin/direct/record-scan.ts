import { memory, memoryView, scan, skip, unlessBroken } from './assembly.ts';
import type { KeyTable, Slot } from './key-table.ts';

/** What can't be told from the bytes alone: the record is to be decoded. */
export const unclear = -1;

/** Nothing is there. */
export const nothing = 0;

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

  /** Says where a value is that is none of the record's: until the next `read`. */
  put(slot: Slot, address: number): void {
    this.keys.starts[slot] = address;
  }

  /**
   * Scans the record at an address.
   *
   * @returns the address behind it; `nothing` when it is not plain, and a greater one than `end` when it goes on behind that
   */
  read(start: number, end: number): number {
    this.isUnclear = false;
    return unlessBroken(() => scan(this.keys.address, start, end), nothing) >>> 0;
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
    at = endOf(at);
  }
  return found;
}

function isAt(key: Buffer, bytes: Buffer, start: number): boolean {
  for (let index = 0; index < key.length; index++) if (key[index] !== bytes[start + index]) return false;
  return true;
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
