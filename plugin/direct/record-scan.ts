import type { AuditRecord } from '../compile/event.ts';
import { isRecord } from '../fluent/entry.ts';
import { unpackValue } from '../fluent/msgpack-body.ts';
import { isAscii, memory, memoryView, scan, unlessBroken } from './assembly.ts';
import type { KeyTable, Slot } from './key-table.ts';
import { endOf, lengthOfText, smallNumber, startOfText } from './packed-value.ts';

/** What can't be told from the bytes alone: the record is to be decoded. */
export const unclear = -1;

/** Nothing is there. */
export const nothing = 0;

/** Bytes. */
const longestText = 4096;

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
  #start = 0;
  #end = 0;
  #record: AuditRecord | undefined;
  /** The bytes of the record as characters, which says something where they are ASCII; '' where there are too many. */
  #text: string | undefined;
  #isAscii = false;

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
    const behind = unlessBroken(() => scan(this.keys.address, start, end), nothing) >>> 0;
    this.attach(start, behind);
    return behind;
  }

  /** The record between two addresses was scanned by other means. */
  attach(start: number, end: number): void {
    this.isUnclear = false;
    this.#record = undefined;
    this.#text = undefined;
    this.#start = start;
    this.#end = end;
  }

  /** The value at an address in the record, decoded as the objects path decodes it. */
  value(at: number): unknown {
    const { bytes } = this;
    const start = startOfText(bytes, at);
    if (start > 0) return this.#textAt(start, start + lengthOfText(bytes, at));
    const number = smallNumber(bytes, at);
    return number >= 0 ? number : unpackValue(bytes, at, endOf(at));
  }

  /**
   * A piece of the record's text: to cut it out takes a fifth of the time that a string of its own takes. The whole stays in
   * memory as long as a piece is used, so it must be small.
   */
  #textAt(start: number, end: number): string {
    const { bytes } = this;
    if (this.#text === undefined) {
      const isShort = this.#end - this.#start <= longestText;
      this.#text = isShort ? bytes.toString('latin1', this.#start, this.#end) : '';
      this.#isAscii = isShort && isAscii(this.#start, this.#end) !== 0;
    }
    const isPiece = this.#isAscii || (this.#text !== '' && isAscii(start, end) !== 0);
    return isPiece
      ? this.#text.slice(start - this.#start, end - this.#start)
      : bytes.toString('utf8', start, end);
  }

  /** All of the record, decoded; `isUnclear` when it can't be. */
  get record(): AuditRecord {
    if (this.#record) return this.#record;
    const record = unpackValue(this.bytes, this.#start, this.#end);
    if (!isRecord(record)) this.isUnclear = true;
    this.#record = isRecord(record) ? record : {};
    return this.#record;
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
