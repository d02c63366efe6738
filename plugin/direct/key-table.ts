import type { Image } from './assembly.ts';
import { viewOf } from './words.ts';

/** A key's place in a table; -1 for none. */
export type Slot = number;

/** Words of a table: see assembly/key-table.ts. */
const lengthAt = 6;

/** The keys that are looked for in a record, laid out for assembly/key-table.ts, which finds them by their bytes. */
export class KeyTable {
  /** Of the table in the image. */
  readonly address: number;
  /** For each slot the address of its value in the last record, 0 for none. */
  readonly starts: Int32Array;
  readonly #fields: Int32Array;

  /**
   * @param keys each once; its index is its slot
   * @throws ImageFull
   */
  constructor(keys: readonly string[], image: Image) {
    const texts = keys.map((key) => Buffer.from(key));
    const buckets = 2 ** Math.ceil(Math.log2(Math.max(keys.length, 1) * 4));
    const first = new Array<number>(buckets).fill(-1);
    const next = new Array<number>(keys.length).fill(-1);
    for (const [slot, text] of texts.entries()) {
      const bucket = hashOfEnds(text) & (buckets - 1);
      next[slot] = first[bucket]!;
      first[bucket] = slot;
    }
    const places = image.putWords(texts.flatMap((text) => [image.put(text), text.length]));
    const starts = image.putWords(keys.map(() => 0));
    const [firsts, nexts] = [image.putWords(first), image.putWords(next)];
    const addresses = [firsts, nexts, places, starts].map(({ address }) => address);
    const fields = image.putWords([keys.length, buckets - 1, ...addresses, 0]);
    this.address = fields.address;
    this.starts = starts.now;
    this.#fields = fields.now;
  }

  /** Keys at the top of the last record. */
  get length(): number {
    return this.#fields[lengthAt]!;
  }
}

/** As assembly/key-table.ts has it. */
export function hashOfEnds(text: Uint8Array): number {
  const { length } = text;
  if (length < 4) return length === 0 ? 0 : text[0]! * 7 + text[length - 1]! * 31;
  const view = viewOf(text);
  const ends = view.getInt32(0, true) ^ Math.imul(view.getInt32(length - 4, true), 31);
  const hash = Math.imul((ends + length) | 0, 0x9e3779b1);
  return hash ^ (hash >>> 15);
}
