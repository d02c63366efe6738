import type { Problems } from '../compile/event.ts';
import type { EventBuffer } from '../fluent/event-buffer.ts';
import type { Answering } from './asked.ts';
import {
  type Image,
  lineStart,
  memory,
  scratchSize,
  scratchStart,
  unlessBroken,
  unlessFull,
} from './assembly.ts';
import { hashOfEnds } from './key-table.ts';
import { putSource } from './layout.ts';
import type { Source } from './source.ts';

/** As assembly/program.ts has them. */
const kinds = { line: 0, object: 1 };

/** What a program needs of the code outside. */
export interface ProgramNeeds {
  /** What a head depends on, where that is one source or none. */
  readonly headBy: Source | undefined;
  readonly canKnowHeads: boolean;
  /** Functions are to be called for each event. */
  readonly computes: boolean;
}

/** Heads that a program knows by itself at most. */
const mostHeads = 32;

/** Words of a program, as assembly/program.ts has them. */
const maskAt = 12;
const headsAt = 16;

/** Writes the events of a mapping in WebAssembly. */
export class Program implements Answering {
  readonly address: number;
  /** How often it has written an event in a `run`. */
  readonly hits: Int32Array;
  prepare: Answering['prepare'] = () => 0;
  readonly #image: Image;
  readonly #canKnowHeads: boolean;
  /** Numbers of 32 bits in a head. */
  readonly #wordsOfHead: number;
  /** The heads that it knows by itself. */
  #known: readonly { readonly hash: number; readonly words: readonly number[] }[] = [];
  #places = 2;
  #heads: number;
  readonly #addresses = new Map<unknown, number>();

  /**
   * @param wordsOfHead numbers of 32 bits in a head, its text included
   * @param fields what the kind has behind what all programs have
   * @throws ImageFull
   */
  constructor(
    kind: keyof typeof kinds,
    { headBy, canKnowHeads, computes }: ProgramNeeds,
    wordsOfHead: number,
    fields: readonly number[],
    image: Image,
  ) {
    const hits = image.putWords([0]);
    const by = headBy ? putSource(headBy, image) : 0;
    this.hits = hits.now;
    this.#image = image;
    this.#canKnowHeads = canKnowHeads;
    this.#wordsOfHead = wordsOfHead;
    this.#heads = image.allocate(this.#places * wordsOfHead * 4);
    const heads = [this.#places - 1, this.#heads, wordsOfHead * 4];
    const shared = [kinds[kind], hits.address, by, ...heads, computes ? 1 : 0];
    this.address = image.putWords([...shared, ...fields]).address;
    image.programs.set(this.address, this);
  }

  render(_pair: number, _at: number, _problems: Problems): number {
    return 0;
  }

  /**
   * Makes a head known, for the events of records with the same text where it depends on one.
   *
   * @param put gives the words of the head behind its text
   */
  protected knowHead(text: Uint8Array, head: unknown, put: (image: Image) => readonly number[]): void {
    if (!this.#canKnowHeads || this.#known.length === mostHeads) return;
    unlessFull(() => {
      const image = this.#image;
      const own = { hash: hashOfEnds(text), words: [image.put(text), text.length, ...put(image)] };
      const known = [...this.#known, own];
      // Half of the places are always free.
      if (known.length * 2 > this.#places) {
        const places = this.#places * 2;
        this.#heads = image.allocate(places * this.#wordsOfHead * 4);
        this.#places = places;
        image.setWord(this.address + headsAt, this.#heads);
        image.setWord(this.address + maskAt, places - 1);
      }
      this.#known = known;
      const taken = new Set<number>();
      let at = 0;
      for (const { hash, words } of known) {
        let place = hash & (this.#places - 1);
        while (taken.has(place)) place = (place + 1) & (this.#places - 1);
        taken.add(place);
        at = this.#heads + place * this.#wordsOfHead * 4;
        for (const [index, word] of words.entries()) image.setWord(at + index * 4, word);
      }
      // It stays there, for when there are more of them all go elsewhere.
      this.#addresses.set(head, at);
    });
  }

  /** Where a head is that it knows. */
  protected addressOf(head: unknown): number | undefined {
    return this.#addresses.get(head);
  }
}

/** Where the head of an event is put whose head its program does not know. */
export const otherHead = scratchStart + scratchSize - 64;

/** What a program says when it can't tell how to write an event, and when there is no room left for it. */
const unfit = 0;
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
    const writeAt = (target: number): number => unlessBroken(() => write(target), unfit) >>> 0;
    let start = this.begin(out);
    let end = writeAt(start);
    if (end === full && start > lineStart) {
      out.settle();
      start = this.begin(out);
      end = writeAt(start);
    }
    if (end <= full) return false;
    this.end(end);
    out.addWritten(memory, start, end, sizeOf ? sizeOf() : end - start);
    return true;
  }
}

export const lines = new Lines();
