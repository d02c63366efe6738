import type { Image } from './assembly.ts';
import { viewOf } from './words.ts';

/** A key's place in a table; -1 for none. */
export type Slot = number;

/** As assembly/key-table.ts has them. */
const lengthAt = 4;
const mostGuesses = 32;

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
    const buckets = 2 ** Math.ceil(Math.log2(Math.max(keys.length, 1) * 4));
    const first = new Array<number>(buckets).fill(0);
    for (const [slot, key] of keys.entries()) {
      const text = Buffer.from(key);
      const bucket = hashOfEnds(text) & (buckets - 1);
      const words = Int32Array.of(first[bucket]!, text.length, slot);
      first[bucket] = image.put(Buffer.concat([Buffer.from(words.buffer), text]));
    }
    const starts = image.putWords(new Array<number>((keys.length + 3) & ~3).fill(0));
    const guesses = image.putWords(new Array<number>(mostGuesses).fill(0));
    const fields = image.putWords([
      ...[buckets - 1, image.putWords(first).address],
      ...[starts.address, starts.now.byteLength, 0, guesses.address],
    ]);
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
