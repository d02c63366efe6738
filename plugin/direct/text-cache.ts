import type { Body } from './record-scan.ts';
import { areSame, hashOf, viewOf } from './words.ts';

const usualSlots = 1024;
const longest = 200;

interface Known<Made> {
  readonly text: DataView;
  readonly length: number;
  readonly made: Made;
}

/**
 * What was made of a text, found again by the text's bytes: the same few names come again and again. Each text has
 * one place, which it shares with others and the last one has: memory is bounded, whatever a sender makes up.
 */
export class TextCache<Made> {
  readonly #slots: number;
  /** Of most mappings no record ever comes. */
  #known: (Known<Made> | undefined)[] = [];

  /** @param slots a power of two */
  constructor(slots = usualSlots) {
    this.#slots = slots;
  }

  find(bytes: DataView, start: number, end: number): Made | undefined {
    const length = end - start;
    if (length > longest || this.#known.length === 0) return undefined;
    const known = this.#known[hashOf(bytes, start, length) & (this.#slots - 1)];
    return known && known.length === length && areSame(known.text, 0, bytes, start, length)
      ? known.made
      : undefined;
  }

  keep(bytes: DataView, start: number, end: number, made: Made): void {
    const length = end - start;
    if (length > longest) return;
    if (this.#known.length === 0) this.#known = new Array(this.#slots).fill(undefined);
    const text = Uint8Array.from({ length }, (_, index) => bytes.getUint8(start + index));
    this.#known[hashOf(bytes, start, length) & (this.#slots - 1)] = { text: viewOf(text), length, made };
  }
}

/** What depends on a text alone, and is computed once for each of the texts that come often. */
export class OfText<Made> {
  readonly #known = new TextCache<{ readonly made: Made }>();
  readonly compute: (text: string) => Made;

  constructor(compute: (text: string) => Made) {
    this.compute = compute;
  }

  get({ bytes, view }: Body, start: number, end: number): Made {
    const known = this.#known.find(view, start, end);
    if (known) return known.made;
    const made = this.compute(bytes.toString('utf8', start, end));
    this.#known.keep(view, start, end, { made });
    return made;
  }
}
