import type { Image, Words } from './assembly.ts';
import { viewOf } from './words.ts';

/** A key's place in a table; -1 for none. */
export type Slot = number;

/** A key that is looked for, and those that are just below it. */
export interface Wanted {
  readonly key: string;
  readonly slot: Slot;
  readonly below: readonly Wanted[];
}

/** Gives each key that is looked for a slot. */
export class Slots {
  /** How many there are. */
  count = 0;
  readonly #top = new Map<string, { slot: Slot; below: Map<string, Slot> }>();

  of(key: string, below?: string): Slot {
    const known = this.#top.get(key) ?? { slot: this.count++, below: new Map() };
    this.#top.set(key, known);
    if (below === undefined) return known.slot;
    const slot = known.below.get(below) ?? this.count++;
    known.below.set(below, slot);
    return slot;
  }

  /** A place for what is no key's: the value that a function gives. */
  spare(): Slot {
    return this.count++;
  }

  get wanted(): Wanted[] {
    return [...this.#top].map(([key, { slot, below }]) => ({
      key,
      slot,
      below: [...below].map(([inner, innerSlot]) => ({ key: inner, slot: innerSlot, below: [] })),
    }));
  }
}

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
   * @param wanted each once
   * @param count of slots
   * @throws ImageFull
   */
  constructor(wanted: readonly Wanted[], count: number, image: Image) {
    const starts = image.putWords(new Array<number>((count + 3) & ~3).fill(0));
    const { address, now } = putTable(wanted, starts, image);
    this.address = address;
    this.starts = starts.now;
    this.#fields = now;
  }

  /** Keys at the top of the last record. */
  get length(): number {
    return this.#fields[lengthAt]!;
  }
}

function putTable(wanted: readonly Wanted[], starts: Words, image: Image): Words {
  const buckets = 2 ** Math.ceil(Math.log2(Math.max(wanted.length, 1) * 4));
  const first = new Array<number>(buckets).fill(0);
  for (const { key, slot, below } of wanted) {
    const text = Buffer.from(key);
    const bucket = hashOfEnds(text) & (buckets - 1);
    const inside = below.length > 0 ? putTable(below, starts, image).address : 0;
    const words = Int32Array.of(first[bucket]!, text.length, slot, inside);
    first[bucket] = image.put(Buffer.concat([Buffer.from(words.buffer), text]));
  }
  const guesses = image.putWords(new Array<number>(mostGuesses).fill(0));
  return image.putWords([
    ...[buckets - 1, image.putWords(first).address],
    ...[starts.address, starts.now.byteLength, 0, guesses.address],
  ]);
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
