import type { EventBuffer } from '../fluent/event-buffer.ts';
import {
  type Image,
  lineStart,
  memory,
  scratchSize,
  scratchStart,
  unlessFull,
  type Words,
} from './assembly.ts';
import { hashOfEnds } from './key-table.ts';
import { putSource } from './layout.ts';
import type { Source } from './source.ts';

/** What the events of a mapping are written by in WebAssembly. */
export interface Program {
  readonly address: number;
  /** How often it has written an event in a `run`. */
  readonly hits: Int32Array;
}

/** As assembly/program.ts has them. */
export const kinds = { line: 0, object: 1 };

/** What a head depends on. */
export interface HeadBy {
  /** Where that is one source or none. */
  readonly headBy: Source | undefined;
  readonly canKnowHeads: boolean;
}

/** Places for the heads that a program knows by itself, a power of two; and how many of them are taken at most. */
const headPlaces = 64;
const mostHeads = 32;

/** What all programs begin with: where it is counted, and the heads that it knows by itself. */
export class ProgramStart {
  /** Words of the program, as assembly/program.ts has them. */
  readonly words: readonly number[];
  readonly hits: Int32Array;
  readonly #image: Image;
  readonly #heads: Words;
  readonly #canKnowHeads: boolean;
  readonly #headSize: number;
  #headCount = 0;
  readonly #taken: boolean[] = [];

  /**
   * @param wordsOfHead numbers of 32 bits in a head, its text included
   * @throws ImageFull
   */
  constructor(kind: number, { headBy, canKnowHeads }: HeadBy, wordsOfHead: number, image: Image) {
    const hits = image.putWords([0]);
    this.#heads = image.putWords(new Array<number>(headPlaces * wordsOfHead).fill(0));
    this.#headSize = wordsOfHead * 4;
    const by = headBy ? putSource(headBy, image) : 0;
    this.words = [kind, hits.address, by, headPlaces - 1, this.#heads.address, this.#headSize];
    this.hits = hits.now;
    this.#image = image;
    this.#canKnowHeads = canKnowHeads;
  }

  /**
   * Makes a head known, for the events of records with the same text where it depends on one.
   *
   * @param put gives the words of the head behind its text
   */
  know(text: Uint8Array, put: (image: Image) => readonly number[]): void {
    if (!this.#canKnowHeads || this.#headCount === mostHeads) return;
    unlessFull(() => {
      const words = [this.#image.put(text), text.length, ...put(this.#image)];
      let place = hashOfEnds(text) & (headPlaces - 1);
      while (this.#taken[place]) place = (place + 1) & (headPlaces - 1);
      this.#taken[place] = true;
      this.#headCount++;
      const at = this.#heads.address + place * this.#headSize;
      for (const [index, word] of words.entries()) this.#image.setWord(at + index * 4, word);
    });
  }
}

/** Where the head of an event is put whose head its program does not know. */
export const otherHead = scratchStart + scratchSize - 64;

/** What a program says when there is no room left for an event; less when it can't tell how to write it. */
const full = 1;

/** The memory that events are written to, one behind the other, until they are copied. It is one buffer's at a time. */
class Lines {
  #owner: EventBuffer | undefined;
  #at = lineStart;

  /** Where the next event of a buffer goes. */
  begin(out: EventBuffer): number {
    if (out !== this.#owner) {
      this.#owner?.settle();
      this.#owner = out;
    }
    if (out.isSettled) this.#at = lineStart;
    return this.#at;
  }

  end(at: number): void {
    this.#at = at;
  }

  /**
   * Adds one event.
   *
   * @param write from an address on, to where it ends
   * @param sizeOf bytes it has in the request to the SIEM
   * @returns false when it is to be written otherwise
   */
  add(out: EventBuffer, write: (target: number) => number, sizeOf?: () => number): boolean {
    let start = this.begin(out);
    let end = write(start) >>> 0;
    if (end === full && start > lineStart) {
      out.settle();
      start = this.begin(out);
      end = write(start) >>> 0;
    }
    if (end <= full) return false;
    this.end(end);
    out.addWritten(memory, start, end, sizeOf ? sizeOf() : end - start);
    return true;
  }
}

export const lines = new Lines();
