import { areSame, viewOf } from './words.ts';

/** A key's place in a table; -1 for none. */
export type Slot = number;

/** Finds keys by their bytes as they stand in a record, without making a string of them. */
export class KeyTable {
  readonly #keys: readonly DataView[];
  readonly #lengths: Uint32Array;
  /** For each hash the first slot, and for each slot the next with the same hash. */
  readonly #first: Int32Array;
  readonly #next: Int32Array;
  readonly #mask: number;

  /** @param keys each once; its index is its slot */
  constructor(keys: readonly string[]) {
    this.#keys = keys.map((key) => viewOf(Buffer.from(key)));
    this.#lengths = Uint32Array.from(this.#keys, (key) => key.byteLength);
    const buckets = 2 ** Math.ceil(Math.log2(Math.max(keys.length, 1) * 4));
    this.#mask = buckets - 1;
    this.#first = new Int32Array(buckets).fill(-1);
    this.#next = new Int32Array(keys.length).fill(-1);
    for (const [slot, key] of this.#keys.entries()) {
      const bucket = hashOfEnds(key, 0, key.byteLength) & this.#mask;
      this.#next[slot] = this.#first[bucket]!;
      this.#first[bucket] = slot;
    }
  }

  get size(): number {
    return this.#keys.length;
  }

  find(bytes: DataView, start: number, length: number): Slot {
    let slot = this.#first[hashOfEnds(bytes, start, length) & this.#mask]!;
    while (slot >= 0) {
      if (this.#lengths[slot] === length && areSame(this.#keys[slot]!, 0, bytes, start, length)) return slot;
      slot = this.#next[slot]!;
    }
    return slot;
  }
}

/** Keys of one record differ in length or at an end; a sender that makes them collide costs himself time. */
function hashOfEnds(bytes: DataView, start: number, length: number): number {
  if (length < 4)
    return length === 0 ? 0 : bytes.getUint8(start) * 7 + bytes.getUint8(start + length - 1) * 31;
  const ends = bytes.getInt32(start, true) ^ Math.imul(bytes.getInt32(start + length - 4, true), 31);
  const hash = Math.imul(ends + length, 0x9e3779b1);
  return hash ^ (hash >>> 15);
}
