/** A key's place in a table; -1 for none. */
export type Slot = number;

/** Finds keys by their bytes as they stand in a record, without making a string of them. */
export class KeyTable {
  readonly #keys: readonly Buffer[];
  /** For each hash the first slot, and for each slot the next with the same hash. */
  readonly #first: Int32Array;
  readonly #next: Int32Array;
  readonly #mask: number;

  /** @param keys each once; its index is its slot */
  constructor(keys: readonly string[]) {
    this.#keys = keys.map((key) => Buffer.from(key));
    const buckets = 2 ** Math.ceil(Math.log2(Math.max(keys.length, 1) * 4));
    this.#mask = buckets - 1;
    this.#first = new Int32Array(buckets).fill(-1);
    this.#next = new Int32Array(keys.length).fill(-1);
    for (const [slot, key] of this.#keys.entries()) {
      const bucket = this.#bucket(key, 0, key.length);
      this.#next[slot] = this.#first[bucket]!;
      this.#first[bucket] = slot;
    }
  }

  get size(): number {
    return this.#keys.length;
  }

  find(bytes: Uint8Array, start: number, length: number): Slot {
    let slot = this.#first[this.#bucket(bytes, start, length)]!;
    while (slot >= 0 && !this.#isAt(slot, bytes, start, length)) slot = this.#next[slot]!;
    return slot;
  }

  #isAt(slot: Slot, bytes: Uint8Array, start: number, length: number): boolean {
    const key = this.#keys[slot]!;
    if (key.length !== length) return false;
    for (let index = 0; index < length; index++) if (key[index] !== bytes[start + index]) return false;
    return true;
  }

  /** Keys of one record differ in length, ends or middle; a sender that makes them collide costs himself time. */
  #bucket(bytes: Uint8Array, start: number, length: number): number {
    if (length === 0) return 0;
    const ends = bytes[start]! * 7 + bytes[start + length - 1]! * 31;
    return (length * 131 + ends + bytes[start + (length >> 1)]! * 17) & this.#mask;
  }
}
