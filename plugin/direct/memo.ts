import { endOf, lengthOfText, startOfText } from './packed-value.ts';
import { type RecordScan, unclear } from './record-scan.ts';
import { TextCache } from './text-cache.ts';
import { viewOf } from './words.ts';

/** Finds a value that a function is given. */
export type Leaf = (scan: RecordScan) => number;

/** Stands for a value that is not there: no msgpack begins so. */
const notThere = 0xc1;

/**
 * Writes the values that something depends on, as they are packed.
 *
 * @returns where they end; -1 when they are too long, or can't be told from the bytes alone
 */
export function writeLeaves(leaves: readonly Leaf[], scan: RecordScan, key: Buffer, start: number): number {
  let to = start;
  for (let index = 0; index < leaves.length && to >= 0; index++) {
    const at = leaves[index]!(scan);
    to = at === unclear ? -1 : writePacked(at, scan, key, to);
  }
  return to;
}

/**
 * Writes the value at an address as it is packed, which says by itself where it ends; a mark where none of the record's is.
 *
 * @returns where it ends; -1 when it is too long
 */
export function writePacked(at: number, { bytes }: RecordScan, key: Buffer, start: number): number {
  let to = start;
  if (at <= 0) {
    if (to === key.length) return -1;
    key[to] = notThere;
    return to + 1;
  }
  const text = startOfText(bytes, at);
  const end = text > 0 ? text + lengthOfText(bytes, at) : endOf(at);
  if (to + end - at > key.length) return -1;
  for (let from = at; from < end; from++) key[to++] = bytes[from]!;
  return to;
}

/** Asked so often, at least half of the time it is to know. */
const trial = 1024;
/** Else it is not asked for as many times. */
const pause = 64 * trial;

/**
 * Bytes that were made of values, known again by the bytes of these. Where the same values seldom come again, it stops looking
 * for a while.
 */
export class Memo {
  readonly #leaves: readonly Leaf[];
  #known = new TextCache<Uint8Array>(few);
  readonly #key = Buffer.alloc(192);
  readonly #view = viewOf(this.#key);
  /** Of the key that was looked for last; -1 for none. */
  #length = -1;
  #looks = 0;
  #found = 0;

  /** @param leaves all that the result depends on */
  constructor(leaves: readonly Leaf[]) {
    this.#leaves = leaves;
  }

  find(scan: RecordScan): Uint8Array | undefined {
    this.#length = -1;
    if (++this.#looks <= 0) return undefined;
    if (this.#looks === trial) this.#judge();
    this.#length = writeLeaves(this.#leaves, scan, this.#key, 0);
    const made = this.#length < 0 ? undefined : this.#known.find(this.#view, 0, this.#length);
    if (made !== undefined) this.#found++;
    return made;
  }

  #judge(): void {
    const isWorthIt = this.#found * 2 >= trial;
    this.#looks = isWorthIt ? 0 : -pause;
    this.#found = 0;
    if (!isWorthIt) this.#known = new TextCache(few);
  }

  /** Keeps what was made of the values that were looked for last: the bytes between two offsets, if they are not many. */
  keep(bytes: Buffer, start: number, end: number): void {
    if (this.#length < 0 || end - start > longest) return;
    this.#known.keep(this.#view, 0, this.#length, Uint8Array.prototype.slice.call(bytes, start, end));
  }
}

/** Results that are kept, and bytes of each: there are thousands of functions in mappings, and a sender makes texts up. */
const few = 64;
const longest = 256;
